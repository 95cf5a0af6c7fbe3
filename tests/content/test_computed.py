"""The computed variables: what they say at a moment, and which patterns of dates are right."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign_core.content.computed import COMPUTED, DAY_NAMES, TIME_OF_DAY, computed, date_text, pattern_problem
from campaign_core.errors import MisuseError

LONGEST_DAYS = 3650
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9989, 1, 1))
DAYS = st.integers(0, LONGEST_DAYS)


def ordinal(number: int) -> str:
    """An English ordinal by the last two digits, spelled out as a table."""
    endings = ["th"] * 100
    for tens in (0, 20, 30, 40, 50, 60, 70, 80, 90):
        endings[tens + 1 : tens + 4] = ["st", "nd", "rd"]
    return str(number) + endings[number % 100]


def expected(day: date) -> dict[str, str]:
    """What each token writes, by `strftime` and `calendar`."""
    month, of_month, of_year, of_week = day.month, day.day, int(f"{day:%j}"), int(f"{day:%w}")
    quarter = {1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 2, 7: 3, 8: 3, 9: 3, 10: 4, 11: 4, 12: 4}[month]
    return {
        "YYYY": f"{day:%Y}".zfill(4),
        "YY": f"{day:%y}",
        "MMMM": f"{day:%B}",
        "MMM": f"{day:%b}",
        "MM": f"{day:%m}",
        "Mo": ordinal(month),
        "M": str(month),
        "DDDD": f"{day:%j}",
        "DDDo": ordinal(of_year),
        "DDD": str(of_year),
        "DD": f"{day:%d}",
        "Do": ordinal(of_month),
        "D": str(of_month),
        "dddd": f"{day:%A}",
        "ddd": f"{day:%a}",
        "dd": calendar.day_abbr[day.weekday()][:2],
        "do": ordinal(of_week),
        "d": str(of_week),
        "E": f"{day:%u}",
        "Qo": ordinal(quarter),
        "Q": str(quarter),
    }


TOKENS = tuple(expected(date(2030, 1, 1)))
PLAIN = st.text(st.characters(exclude_characters="[]", exclude_categories=("Cs",)), max_size=8)


@given(MOMENTS, DAYS)
def test_every_token_agrees_with_strftime(moment: datetime, days: int) -> None:
    wanted = expected(moment.date() + timedelta(days=days))
    assert {token: date_text(moment, days, token) for token in TOKENS} == wanted


@given(MOMENTS, DAYS, st.lists(st.sampled_from(TOKENS) | PLAIN.map(lambda words: f"[{words}]"), min_size=1))
def test_a_pattern_is_written_token_by_token_and_what_stands_in_brackets_as_it_is(
    moment: datetime, days: int, parts: list[str]
) -> None:
    wanted = expected(moment.date() + timedelta(days=days))
    pattern = ", ".join(parts)
    assert pattern_problem(pattern) is None
    assert date_text(moment, days, pattern) == ", ".join(wanted.get(part, part[1:-1]) for part in parts)


@given(
    st.text() | st.text("DMYdQoE[]Hm ,") | st.lists(st.sampled_from([*TOKENS, "[a]", "[", "]", "H", " "])).map("".join)
)
def test_a_pattern_is_right_when_no_letter_and_no_bracket_is_left_of_it_without_its_tokens(pattern: str) -> None:
    """Tokens are taken out from the left, the longest first."""
    left, rest = "", re.sub(r"\[[^\[\]]*\]", " ", pattern)
    while rest:
        token = next((token for token in sorted(TOKENS, key=len, reverse=True) if rest.startswith(token)), None)
        left, rest = (left, rest[len(token) :]) if token else (left + rest[0], rest[1:])
    right = bool(pattern.strip()) and not re.search(r"[A-Za-z\[]", left) and "YYYYY" not in pattern
    problem = pattern_problem(pattern)
    assert (problem is None) == right
    assert problem is None or problem.startswith("must ")


@given(st.datetimes() | st.just(datetime.max), DAYS, st.text() | st.text("DMYdQo[]H"))
def test_a_date_is_written_after_any_pattern_at_any_moment(moment: datetime, days: int, pattern: str) -> None:
    assert isinstance(date_text(moment, days, pattern), str)


@pytest.mark.parametrize(
    "token",
    ["H", "HH", "h", "hh", "k", "kk", "m", "mm", "s", "ss", "S", "a", "A", "Z", "z", "X", "x", "W", "YYYYY", "YYYYYY"],
)
def test_a_token_of_times_or_an_unknown_one_is_refused_by_its_name(token: str) -> None:
    problem = pattern_problem(f"D {token}")
    assert problem is not None
    assert f"not {token}:" in problem
    assert "[brackets]" in problem


def test_a_plain_word_is_refused_whole_and_once() -> None:
    assert pattern_problem("dddd [or] Today, Today at D") == (
        "must hold date tokens only, not Today, at: no times, and plain words go into [brackets]"
    )


def test_a_pattern_of_many_wrong_words_names_five_of_them() -> None:
    problem = pattern_problem(" ".join(f"x{'y' * length}" for length in range(50)))
    assert problem is not None
    assert problem.count("x") == 5


@pytest.mark.parametrize("pattern", ["", " \t"], ids=["empty", "blanks"])
def test_a_pattern_says_something(pattern: str) -> None:
    assert pattern_problem(pattern) == "must say how to write the date, for instance dddd, MMMM Do"


@given(st.integers(1, LONGEST_DAYS))
def test_the_calendar_goes_on_after_the_year_9999(days: int) -> None:
    year, month, left = 10_000, 1, days
    # January has 31 days in every year, February of a leap year 29.
    while left > (length := calendar.monthrange(2000 + year % 400, month)[1]):
        year, month, left = (year, month + 1, left - length) if month < 12 else (year + 1, 1, left - length)
    weekday = calendar.day_name[calendar.weekday(year, month, left)]
    assert date_text(datetime(9999, 12, 31), days, "YYYY-MM-DD dddd") == f"{year}-{month:02}-{left:02} {weekday}"


def test_days_are_those_of_the_calendar_where_a_clock_is_put_forward() -> None:
    """In Berlin the night to 31 March 2030 is an hour short, and 27 October an hour long."""
    berlin = ZoneInfo("Europe/Berlin")
    assert date_text(datetime(2030, 3, 30, 23, 30, tzinfo=berlin), 1, "MMMM Do") == "March 31st"
    assert date_text(datetime(2030, 10, 27, 0, 30, tzinfo=berlin), 1, "MMMM Do") == "October 28th"


def test_the_pattern_of_the_product_s_own_example() -> None:
    assert date_text(datetime(2026, 3, 30), 2, "dddd, MMMM Do") == "Wednesday, April 1st"


@given(st.datetimes())
def test_the_greeting_turns_at_noon_and_at_five(moment: datetime) -> None:
    wanted = (
        "morning" if moment.strftime("%H:%M") < "12:00" else "afternoon" if f"{moment:%H:%M}" < "17:00" else "evening"
    )
    assert computed(TIME_OF_DAY, moment) == f"Good {wanted}"


@pytest.mark.parametrize(
    ("hour", "minute", "greeting"),
    [(0, 0, "morning"), (11, 59, "morning"), (12, 0, "afternoon"), (16, 59, "afternoon"), (17, 0, "evening")],
    ids=["midnight", "before_noon", "noon", "before_five", "five"],
)
def test_the_greeting_on_both_sides_of_each_turn(hour: int, minute: int, greeting: str) -> None:
    assert computed(TIME_OF_DAY, datetime(2030, 1, 1, hour, minute, 59)) == f"Good {greeting}"


@given(st.datetimes())
def test_both_names_of_the_day_are_its_english_name(moment: datetime) -> None:
    assert {computed(name, moment) for name in DAY_NAMES} == {calendar.day_name[moment.weekday()]}


def test_the_computed_variables_are_these_three_and_any_other_name_is_misuse() -> None:
    assert {"dn_time_of_day", "dn_day_of_week", "dn_day_name"} == COMPUTED
    with pytest.raises(MisuseError, match="'dn_date' is no computed variable"):
        computed("dn_date", datetime(2030, 1, 1))
