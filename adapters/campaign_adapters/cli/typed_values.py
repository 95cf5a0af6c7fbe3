"""What does a value mean that was typed as text? What cannot be understood is a mistake in the command line.

Whether a value is allowed is for the kernel to say; here it is only read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, Final, TypeVar

import typer

E = TypeVar("E", bound=Enum)
#: What clears a setting that may be absent.
NONE: Final = "none"
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WINDOW: Final = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")


def weekdays(given: str, option: str) -> tuple[int, ...]:
    """Days as numbers: `1,2,3`, `mon,wed`, `mon-fri`, or a mix of them.

    Raises:
        typer.BadParameter: a part of it is no day.
    """
    days: list[int] = []
    for part in given.split(","):
        first, dash, last = (each.strip() for each in part.partition("-"))
        start = _day(first, option)
        end = _day(last, option) if dash else start
        if end < start:
            raise _wrong(option, f"must name the earlier day first; {part.strip()!r} does not")
        days += range(start, end + 1)
    return tuple(days)


def _day(given: str, option: str) -> int:
    if given.isascii() and given.isdecimal() and len(given) <= 2:
        return int(given)
    if given.lower()[:3] in _DAYS and len(given) == 3:
        return _DAYS.index(given.lower()) + 1
    raise _wrong(option, f"must be days such as 1,2,3 or mon-fri; {given!r} is none")


def window(given: str, option: str) -> dict[str, int]:
    """The four settings of a sending window: `09:00-17:30`.

    Raises:
        typer.BadParameter: it is no such text.
    """
    found = _WINDOW.fullmatch(given.strip())
    if found is None:
        raise _wrong(option, f"must be two times such as 09:00-17:30, is {given!r}")
    names = ("start", "start_minute", "end", "end_minute")
    return {f"sending_window_{name}": int(number) for name, number in zip(names, found.groups(), strict=True)}


def text_or_none(given: str) -> str | None:
    """The text, or None for `none`."""
    return None if given.strip().lower() == NONE else given


def number_or_none(given: str, option: str) -> int | None:
    """A whole number, or None for `none`.

    Raises:
        typer.BadParameter: it is neither.
    """
    if text_or_none(given) is None:
        return None
    try:
        return int(given)
    except ValueError:
        raise _wrong(option, f"must be a whole number or {NONE}, is {given!r}") from None


def instant(given: str, option: str) -> datetime:
    """A date and time in ISO 8601, with or without an offset; a date alone is its midnight.

    Raises:
        typer.BadParameter: it is no such text.
    """
    try:
        return datetime.fromisoformat(given.strip())
    except ValueError:
        raise _wrong(option, f"must be a date and time such as 2030-01-31T09:00, is {given!r}") from None


def version_or_instant(given: str, option: str) -> int | datetime:
    """A version, or an instant that is in UTC where it says nothing else.

    Raises:
        typer.BadParameter: it is neither.
    """
    if given.isascii() and given.isdecimal() and len(given) < 8:
        return int(given)
    at = instant(given, option)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def json_value(given: str, option: str) -> Any:
    """What JSON text stands for.

    Raises:
        typer.BadParameter: it is no JSON.
    """
    try:
        return json.loads(given)
    except (ValueError, RecursionError):
        raise _wrong(option, """must be JSON such as '{"email": "E-Mail"}'""") from None


def member(kind: type[E], given: str, option: str) -> E:
    """The member of an enumeration with that value, however its case and its hyphens are written.

    Raises:
        typer.BadParameter: there is none.
    """
    folded = given.strip().casefold().replace("-", "_")
    for each in kind:
        if each.value.casefold() == folded:
            return each
    raise _wrong(option, f"must be one of {', '.join(each.value for each in kind)}, is {given!r}")


def one_of(choices: Sequence[str], given: str, option: str) -> str:
    """One of some words, however its case is written.

    Raises:
        typer.BadParameter: it is none of them.
    """
    if given.strip().lower() in choices:
        return given.strip().lower()
    raise _wrong(option, f"must be one of {', '.join(choices)}, is {given!r}")


def days_ago(days: int) -> datetime:
    """The instant so many days of 24 hours ago."""
    return datetime.now(UTC) - timedelta(days=days)


def character(given: str | None) -> str | None:
    """A character as it was typed, or the tab that `tab` and `\\t` stand for."""
    return {"tab": "\t", "\\t": "\t"}.get(given, given) if given is not None else None


def pairs(given: Sequence[str], option: str, example: str) -> dict[str, str]:
    """`NAME=VALUE` texts as a mapping.

    Raises:
        typer.BadParameter: one of them is no pair, or a name is given twice.
    """
    parts = [each.partition("=") for each in given]
    for name, equals, _ in parts:
        if not (name.strip() and equals):
            raise _wrong(option, f"must be a name and a value, as in {example}")
    if len({name for name, _, _ in parts}) < len(parts):
        raise _wrong(option, "a name is given twice")
    return {name: value for name, _, value in parts}


def values_of_a_lead(given: Sequence[str], option: str) -> dict[str, str]:
    """`NAME=VALUE` texts as the values of a lead, by the names its fields have; an address is written as leads have it.

    Raises:
        typer.BadParameter: one of them is no pair, names no field, or is no text; a field is given twice; the address is none.
    """
    from campaign_core.checks import encodable
    from campaign_core.fields import EMAIL, field_name
    from campaign_core.intake.addresses import normalised

    values: dict[str, str] = {}
    for name, value in pairs(given, option, "first_name=Ada").items():
        field = field_name(name)
        if not field:
            raise _wrong(option, f"must name a field; {name!r} is none")
        if field in values:
            raise _wrong(option, f"a name is given twice: {field}")
        if not encodable(field + value):
            raise _wrong(option, "must be text that can be written as UTF-8; it holds half of a surrogate pair")
        values[field] = value
    if EMAIL in values:
        try:
            values[EMAIL] = normalised(values[EMAIL])
        except ValueError as wrong:
            raise _wrong(option, f"must give an e-mail address as email: {str(wrong).rstrip('.')}") from wrong
    return values


def _wrong(option: str, sentence: str) -> typer.BadParameter:
    told = sentence if sentence.startswith("a name") else f"it {sentence}"
    return typer.BadParameter(f"{told}.", param_hint=option)
