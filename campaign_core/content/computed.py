"""What do the computed variables say? Greetings and day names by the clock on the wall, and dates to come.

Every name of a day or month is English and stands in this file, so the machine's locale has no say. Patterns are written
in the date tokens of moment.js. Source: reference section 11.2; the hours of the day: 20.5.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final

from attrs import frozen

from campaign_core.errors import MisuseError

#: The variable that greets by the time of day.
TIME_OF_DAY: Final = "dn_time_of_day"
#: The variables that name the day of the week; they are synonyms.
DAY_NAMES: Final = ("dn_day_of_week", "dn_day_name")
#: The word that opens a date to come; it takes a number of days and a pattern, so it is no variable by itself.
DATE: Final = "dn_date"
#: The variables that `computed` knows.
COMPUTED: Final = frozenset({TIME_OF_DAY, *DAY_NAMES})

_NOON_HOUR: Final = 12
_EVENING_HOUR: Final = 17
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
#: The Gregorian calendar repeats after 400 years, days of the week included: 146,097 days are 20,871 whole weeks.
_CYCLE_YEARS: Final = 400
_CYCLE_DAYS: Final = 146_097


@frozen
class _Day:
    """A day of a calendar that goes on after the year 9999, where `date` ends."""

    #: The same day in the first cycle of 400 years: right in everything but the year.
    twin: date
    year: int

    @property
    def of_year(self) -> int:
        """1 to 366."""
        return self.twin.timetuple().tm_yday

    @property
    def of_week(self) -> int:
        """0 for Sunday to 6 for Saturday, as moment.js counts."""
        return self.twin.isoweekday() % 7

    @property
    def month_name(self) -> str:
        return _MONTHS[self.twin.month - 1]

    @property
    def day_name(self) -> str:
        return _DAYS[self.twin.weekday()]

    @property
    def quarter(self) -> int:
        """1 to 4."""
        return (self.twin.month + 2) // 3


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{({1: 'st', 2: 'nd', 3: 'rd'}).get(number % 10, 'th')}"


_TOKENS: Final[Mapping[str, Callable[[_Day], str]]] = {
    "YYYY": lambda day: f"{day.year:04}",
    "YY": lambda day: f"{day.year % 100:02}",
    "MMMM": lambda day: day.month_name,
    "MMM": lambda day: day.month_name[:3],
    "MM": lambda day: f"{day.twin.month:02}",
    "Mo": lambda day: _ordinal(day.twin.month),
    "M": lambda day: str(day.twin.month),
    "DDDD": lambda day: f"{day.of_year:03}",
    "DDDo": lambda day: _ordinal(day.of_year),
    "DDD": lambda day: str(day.of_year),
    "DD": lambda day: f"{day.twin.day:02}",
    "Do": lambda day: _ordinal(day.twin.day),
    "D": lambda day: str(day.twin.day),
    "dddd": lambda day: day.day_name,
    "ddd": lambda day: day.day_name[:3],
    "dd": lambda day: day.day_name[:2],
    "do": lambda day: _ordinal(day.of_week),
    "d": lambda day: str(day.of_week),
    "E": lambda day: str(day.twin.isoweekday()),
    "Qo": lambda day: _ordinal(day.quarter),
    "Q": lambda day: str(day.quarter),
}
#: A piece of a pattern that is not taken as it is, longest token first. Five Y and more are a token of moment.js that may
#: write a sign; we have no such token and refuse it, lest it be read as two years side by side.
_PIECE: Final = re.compile(
    r"\[(?P<literal>[^\[\]]*)\]|(?P<open>\[)|(?P<unknown>Y{5,})"
    rf"|(?P<token>{'|'.join(sorted(_TOKENS, key=len, reverse=True))})"
    r"|(?P<letter>[A-Za-z])"
)
#: How many wrong words of a pattern are named, so that a sentence stays one.
_MOST_WORDS_NAMED: Final = 5
_WORD: Final = re.compile("[A-Za-z]+")


def computed(name: str, moment: datetime) -> str:
    """The value of a computed variable.

    Args:
        name: a member of `COMPUTED`.
        moment: wall time in the campaign's zone.

    Returns:
        Good morning before 12:00, Good afternoon before 17:00, Good evening after that; or the English name of the day.

    Raises:
        MisuseError: no computed variable has that name.
    """
    if name == TIME_OF_DAY:
        if moment.hour < _NOON_HOUR:
            return "Good morning"
        return "Good afternoon" if moment.hour < _EVENING_HOUR else "Good evening"
    if name in DAY_NAMES:
        return _DAYS[moment.weekday()]
    raise MisuseError(f"{name!r} is no computed variable; these are: {', '.join(sorted(COMPUTED))}.")


def pattern_problem(pattern: str) -> str | None:
    """What is wrong with the pattern of a date; None where it is right.

    A pattern is made of the tokens YYYY YY, MMMM MMM MM Mo M, DDDD DDDo DDD (day of the year), DD Do D, dddd ddd dd do d
    (day of the week; d counts from 0 for Sunday), E (1 for Monday to 7 for Sunday), Qo Q (quarter), of `[plain words]` in
    brackets, which cannot be nested, and of any characters but the letters A to Z, which stand for themselves.

    Returns:
        A sentence without its subject, which begins with "must".
    """
    if not pattern.strip():
        return "must say how to write the date, for instance dddd, MMMM Do"
    if any(piece["open"] for piece in _PIECE.finditer(pattern)):
        return "must close each [ with ] before the next ["
    # A word is named whole: of "Today", "T, o, a, y" would be no help.
    words = _WORD.findall(_PIECE.sub(lambda piece: " " if piece["literal"] is not None else piece[0], pattern))
    wrong = [word for word in dict.fromkeys(words) if not _is_tokens(word)]
    if wrong:
        named = ", ".join(wrong[:_MOST_WORDS_NAMED])
        return f"must hold date tokens only, not {named}: no times, and plain words go into [brackets]"
    return None


def _is_tokens(word: str) -> bool:
    return all(piece["token"] for piece in _PIECE.finditer(word))


def date_text(moment: datetime, days: int, pattern: str) -> str:
    """The date that lies so many days after a moment, written after a pattern.

    The days are those of the calendar on the wall: a clock that is put forward or back moves no date. The calendar goes on
    after the year 9999, the last that `datetime` has: the day after is 10000-01-01, a Saturday.

    Args:
        moment: wall time in the campaign's zone.
        days: 0 to 3650.
        pattern: one that `pattern_problem` finds right; in any other, what is no token stands for itself.
    """
    cycles, place = divmod(moment.toordinal() + days - 1, _CYCLE_DAYS)
    twin = date.fromordinal(place + 1)
    day = _Day(twin, twin.year + cycles * _CYCLE_YEARS)
    return _PIECE.sub(lambda piece: _written(piece, day), pattern)


def _written(piece: re.Match[str], day: _Day) -> str:
    token, literal = piece["token"], piece["literal"]
    if token is not None:
        return _TOKENS[token](day)
    return piece[0] if literal is None else literal
