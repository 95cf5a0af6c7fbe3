"""What may a variable be called, and which value does a name stand for?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from campaign_core.content.computed import COMPUTED, DATE
from campaign_core.fields import MAX_NAME_CHARACTERS, STANDARD_FIELDS, field_name

#: One field under two names: the product documents the first and stores the second. Either finds the other's value.
TWINS: Final[Mapping[str, str]] = {"job_title": "title", "title": "job_title"}
#: The names that are known in every campaign. Source: reference sections 11.1 and 11.2.
ALWAYS_KNOWN: Final = frozenset({*STANDARD_FIELDS, *TWINS, *COMPUTED})

_FORBIDDEN: Final = re.compile(r"""[{}|"'%\r\n]""")
_ACCESS: Final = re.compile(r"\w\.\w|\[")


def name_problem(text: str) -> str | None:
    """What keeps a text from being the name of a variable; None if nothing does."""
    if not text.strip():
        return "There is no name between the braces; write {{first_name}}."
    if len(text) > MAX_NAME_CHARACTERS + 2:  # a name and a space on either side
        return f"A name has at most {MAX_NAME_CHARACTERS} characters; is a closing }}}} missing?"
    if found := _FORBIDDEN.search(text.strip()):
        what = "line break" if found[0] in "\r\n" else found[0]
        return f"A name holds no {what}; for a choice of texts write {{{{one|two}}}}."
    if _ACCESS.search(text):
        return "A variable has no parts to ask for; write the name of one field, such as {{first_name}}."
    if not field_name(text):
        return "There is no name after custom_; write {{name_of_the_field}}."
    if field_name(text) == DATE:
        return "A date needs days and a pattern: write {{dn_date 2 days from now dddd, MMMM Do}}."
    return None


def is_known(name: str, known: frozenset[str]) -> bool:
    """True where the name is standard, computed or, itself or its twin, among the declared names."""
    return name in ALWAYS_KNOWN or name in known


def value_of(values: Mapping[str, str], name: str) -> str:
    """The value a lead has under this name or its twin; empty where it is absent or blank."""
    return next((value for each in names_for(name) if (value := values.get(each, "")).strip()), "")


def names_for(name: str) -> Iterator[str]:
    """The name and its twin, in the order in which their values count."""
    yield name
    if name in TWINS:
        yield TWINS[name]
