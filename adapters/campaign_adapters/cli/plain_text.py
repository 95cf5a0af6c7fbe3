"""How is text shown in a terminal: on lines that fit, and without letting text from outside steer it?"""

from __future__ import annotations

import re

_INDENT = re.compile(r" *")


def plain(text: str) -> str:
    """The text with line breaks and tabs as spaces, and other control and direction marks written out."""
    return "".join(each if _harmless(each) else _written_out(each) for each in text)


def _harmless(char: str) -> bool:
    return not (char < " " or "\x7f" <= char <= "\x9f" or "\u202a" <= char <= "\u202e" or "\u2066" <= char <= "\u2069")


def _written_out(char: str) -> str:
    return " " if char in "\r\n\t" else repr(char)[1:-1]


def wrapped(text: str, width: int) -> str:
    """The text with its long lines broken between words; command lines, which are there to be copied, stay whole."""
    lines = text.split("\n")
    return "\n".join(line if line.lstrip().startswith("$ ") else folded(line, width) for line in lines)


def folded(line: str, width: int, *, hanging: int = 2) -> str:
    """One line broken between words where it is too long; what follows stands `hanging` further in than its beginning."""
    if len(line) <= width:
        return line
    import textwrap

    found = _INDENT.match(line)
    indent = f"{found[0] if found else ''}{' ' * hanging}"
    return "\n".join(
        textwrap.wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    )
