"""What the fields of a message may hold.

A field carries its rule as metadata (`name: str = field(metadata=text(8, 255))`), so the rule stands where the field is
declared. `problems_in` walks a message and answers everything that is wrong with it; a class whose fields must agree
with each other adds a method `disagreements()`. Rules look at shape and range only: whatever depends on state is a
decision's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from enum import Enum
from typing import Any, Final, Literal
from uuid import UUID

import attrs

from campaign_core.errors import InvalidMessage, Problem

Rule = Callable[[Any], str | None]
_RULE = "campaign_core.rule"
_OPTIONAL = "campaign_core.optional"


class Unset(Enum):
    """The mark of a field that the caller did not give, where None already has a meaning."""

    UNSET = "unset"

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final[Literal[Unset.UNSET]] = Unset.UNSET


def ruled(rule: Rule, *, optional: bool = False) -> dict[str, Any]:
    """Field metadata for a rule that answers a sentence, or None where the value is right."""
    return {_RULE: rule, _OPTIONAL: optional}


def sentence_for(metadata: dict[str, Any], value: object) -> str | None:
    """What the rule in a field's metadata says of a value; None where the value is right."""
    rule: Rule = metadata[_RULE]
    return rule(value)


def text(shortest: int, longest: int, *, optional: bool = False) -> dict[str, Any]:
    """A string of that many characters, both ends included."""

    def rule(value: Any) -> str | None:
        if not isinstance(value, str):
            return f"must be text, not {_kind(value)}"
        if not shortest <= len(value) <= longest:
            return f"must have {shortest} to {longest} characters, has {len(value)}"
        if not encodable(value):
            return "must be text that can be written as UTF-8; it holds half of a surrogate pair"
        return None

    return ruled(rule, optional=optional)


def hex_digest() -> dict[str, Any]:
    """A digest of 32 bytes in hexadecimal."""

    def rule(value: Any) -> str | None:
        right = isinstance(value, str) and len(value) == 64 and all(each in "0123456789abcdef" for each in value)
        return None if right else "must be a digest of 64 hexadecimal digits in lower case"

    return ruled(rule)


def whole(lowest: int, highest: int, *, optional: bool = False) -> dict[str, Any]:
    """An integer in that range, both ends included."""

    def rule(value: Any) -> str | None:
        if type(value) is not int:
            return f"must be a whole number, not {_kind(value)}"
        return None if lowest <= value <= highest else f"must be {lowest} to {highest}, is {value}"

    return ruled(rule, optional=optional)


def _of_type(kind: type, words: str, optional: bool) -> dict[str, Any]:
    return ruled(
        lambda value: None if isinstance(value, kind) else f"must be {words}, not {_kind(value)}", optional=optional
    )


def flag(*, optional: bool = False) -> dict[str, Any]:
    """True or false."""
    return _of_type(bool, "true or false", optional)


def identity(*, optional: bool = False) -> dict[str, Any]:
    """A UUID."""
    return _of_type(UUID, "a UUID", optional)


def choice(kind: type[Enum], *, optional: bool = False) -> dict[str, Any]:
    """A member of an enumeration."""
    return _of_type(kind, "one of " + ", ".join(str(each.value) for each in kind), optional)


def instant(*, optional: bool = False, zoned: bool = False) -> dict[str, Any]:
    """A date with a time that every zone of the world can express; `zoned`: with its offset, else with or without."""

    def rule(value: Any) -> str | None:
        if not isinstance(value, datetime):
            return f"must be a date and time, not {_kind(value)}"
        if zoned and value.utcoffset() is None:
            return "must have its zone, such as datetime(2030, 1, 31, 9, 0, tzinfo=UTC)"
        return None if 2 <= value.year <= 9998 else f"must lie in the years 2 to 9998, is {value.isoformat()}"

    return ruled(rule, optional=optional)


def several(kind: type, fewest: int, most: int | None, words: str, *, optional: bool = False) -> dict[str, Any]:
    """A tuple of so many items of one type; the items' own fields are walked as well."""

    def rule(value: Any) -> str | None:
        if not isinstance(value, tuple):
            return f"must be a tuple of {words}, not {_kind(value)}"
        if any(not isinstance(each, kind) or (kind is int and isinstance(each, bool)) for each in value):
            return f"must hold {words} only"
        if len(value) < fewest:
            return f"must hold at least {fewest} of {words}, holds {len(value)}"
        if most is not None and len(value) > most:
            return f"must hold at most {most} of {words}, holds {len(value)}"
        return None

    return ruled(rule, optional=optional)


def problems_in(message: object, path: str = "$") -> Iterator[Problem]:
    """Everything wrong with a message, in the order of its fields; then what its fields disagree on."""
    found = False
    kind: Any = type(message)
    for attribute in attrs.fields(kind):
        rule: Rule | None = attribute.metadata.get(_RULE)
        value = getattr(message, attribute.name)
        if rule is None or value is UNSET or (value is None and attribute.metadata[_OPTIONAL]):
            continue
        here = f"{path}.{attribute.name}"
        sentence = rule(value)
        nested = [] if sentence is not None else list(_nested(value, here))
        if sentence is not None:
            nested = [Problem(here, sentence)]
        found = found or bool(nested)
        yield from nested
    disagreements = getattr(message, "disagreements", None)
    if disagreements is not None and not found:
        for name, sentence in disagreements():
            yield Problem(f"{path}.{name}" if name else path, sentence, disagreement=True)


def check(message: object) -> None:
    """Raises InvalidMessage with every problem of the message, if there is one."""
    problems = tuple(problems_in(message))
    if problems:
        raise InvalidMessage(problems)


def encodable(value: str) -> bool:
    """Whether the text can be written as UTF-8 (no lone surrogates)."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _nested(value: object, path: str) -> Iterator[Problem]:
    if isinstance(value, tuple):
        for place, item in enumerate(value):
            if attrs.has(type(item)):
                yield from problems_in(item, f"{path}[{place}]")
    elif attrs.has(type(value)):
        yield from problems_in(value, path)


def _kind(value: object) -> str:
    return "nothing" if value is None else type(value).__name__
