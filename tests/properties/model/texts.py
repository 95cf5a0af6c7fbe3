"""What a mail says to one lead, for the few templates these tests use: text, `{{name}}` and `{{name|other}}`.

What `{{name|other}}` means depends on whether `name` is a field; none of these names is one of some campaigns only.
"""

from __future__ import annotations

import re
from typing import Any

_BRACES = re.compile(r"\{\{([^{}|]*)(?:\|([^{}|]*))?\}\}")
#: Names that are fields whatever leads are there.
_FIELDS = ("email", "first_name", "last_name", "company")
_WITHOUT_WIDTH = "\u200b\u200c\u200d\u2060\ufeff"


def broken(template: str) -> bool:
    """Whether braces are left open."""
    return template.count("{{") != template.count("}}")


def said(template: str, values: dict[str, str]) -> str:
    """What is put out; of a choice the first text, since all of them show alike."""

    def one(found: re.Match[str]) -> str:
        name, other = found[1], found[2]
        if other is not None and name not in _FIELDS:
            return name
        value = values.get(name, "")
        return value if value.strip() else other or ""

    return _BRACES.sub(one, template)


def gaps(template: str) -> set[str]:
    """The names that are put out with nothing in their place."""
    return {found[1] for found in _BRACES.finditer(template) if found[2] is None}


def readings(template: str) -> list[str]:
    """Codes of how the braces with a bar are read, in the order of the source."""
    found = [
        (each.start(), each.end(), "fallback" if each[1] in _FIELDS else "spintax")
        for each in _BRACES.finditer(template)
        if each[2] is not None
    ]
    wordings = [(0, len(template), "combinations")] if found else []
    return [code for _, _, code in sorted([*found, *wordings], key=lambda each: each[:2])]


def troubles(mail: dict[str, Any], values: dict[str, str]) -> set[str]:
    """Why a mail could not go to a lead."""
    found = set()
    if mail["subject_template"] is not None:
        subject = said(mail["subject_template"], values).strip()
        if not _shows(subject):
            found.add("blank_subject")
        elif any(_breaks(letter) for letter in subject):
            found.add("subject_line_break")
    if not _shows(said(mail["email_content"], values)):
        found.add("blank_content")
    return found


def _shows(text: str) -> bool:
    return any(not letter.isspace() and letter not in _WITHOUT_WIDTH for letter in text)


def _breaks(letter: str) -> bool:
    """Whether it is a line break or another control character but the tab."""
    return len(f"a{letter}b".splitlines()) > 1 or (letter != "\t" and (letter < " " or letter == "\x7f"))
