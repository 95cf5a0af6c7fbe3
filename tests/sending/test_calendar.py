"""A schedule is open exactly where an independent library of time says so, and its next opening is the first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import timezone as fixed
from importlib.resources import files
from random import Random

import pytest
from attrs import evolve
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from whenever import Instant, PlainDateTime, ZonedDateTime, clear_tzcache, reset_tzpath

from campaign_core.errors import MisuseError
from campaign_core.sending.calendar import HORIZON, Schedule, closes_at, is_open, local_day, next_local_day, next_open

ZONES = files("tzdata").joinpath("zones").read_text(encoding="ascii").split()
YEARS = range(2024, 2033)
SOAKS = settings.get_current_profile_name() == "soak"
INSTANT = timedelta(microseconds=1)
ALL_DAYS = (1, 2, 3, 4, 5, 6, 7)
MINUTES_OF_DAY = 1440


@pytest.fixture(autouse=True, scope="module")
def same_zones() -> Iterator[None]:
    """The oracle reads the zones of the same package, not those of the machine."""
    reset_tzpath([str(files("tzdata").joinpath("zoneinfo"))])
    clear_tzcache()
    yield
    reset_tzpath()
    clear_tzcache()


# The oracle.


def opened(schedule: Schedule, at: datetime) -> bool:
    """Whether the schedule is open, by its definition."""
    wall = Instant(at).to_tz(schedule.timezone)
    return (
        not (wall.is_repeated() and wall != wall.to_plain().assume_tz(schedule.timezone, disambiguation="earlier"))
        and wall.date().day_of_week().value in schedule.sending_days
        and schedule.start_minute <= wall.hour * 60 + wall.minute < schedule.end_minute
        and (schedule.not_before is None or at >= schedule.not_before)
    )


def changes(timezone: str, since: datetime, until: datetime) -> list[datetime]:
    """The instants between two at which the zone's clock changes."""
    found: list[datetime] = []
    wall: ZonedDateTime | None = Instant(since).to_tz(timezone)
    while (wall := wall.next_transition() if wall else None) is not None and wall.to_instant() < Instant(until):
        found.append(wall.to_instant().to_stdlib())
    return found


def offset_at(timezone: str, at: datetime) -> timedelta:
    """How far the zone's clock is ahead of UTC."""
    wall = Instant(at).to_tz(timezone).to_plain().to_stdlib()
    return wall.replace(tzinfo=UTC) - at


def edges(schedule: Schedule, since: datetime, days: int) -> list[datetime]:
    """In order, every instant from one on, for so many days, at which the schedule may open or close: no others can."""
    until = since + timedelta(days=days)
    found = {since, *changes(schedule.timezone, since, until)}
    # Where the clock went back, what it repeats ends as long after as it went back.
    for change in changes(schedule.timezone, since - timedelta(days=2), until):
        found.add(change + abs(offset_at(schedule.timezone, change - INSTANT) - offset_at(schedule.timezone, change)))
    first = Instant(since).to_tz(schedule.timezone).date().to_stdlib()
    for ahead in range(-1, days + 2):
        for minute in (schedule.start_minute, schedule.end_minute):
            wall = datetime(first.year, first.month, first.day) + timedelta(days=ahead, minutes=minute)
            found.add(
                PlainDateTime(wall).assume_tz(schedule.timezone, disambiguation="earlier").to_instant().to_stdlib()
            )
    if schedule.not_before is not None:
        found.add(schedule.not_before)
    return sorted(each.astimezone(UTC) for each in found if since <= each < until)


def drawn(random: Random, timezone: str) -> Schedule:
    """Some schedule with at least one minute a week; the hours about midnight as often as all others."""
    start = random.choice([0, 0, random.randrange(180), random.randrange(MINUTES_OF_DAY)])
    end = random.choice([start + 1, MINUTES_OF_DAY, random.randint(start + 1, MINUTES_OF_DAY)])
    days = tuple(random.sample(ALL_DAYS, random.choice([1, 3, 7])))
    return Schedule(timezone=timezone, sending_days=days, start_minute=start, end_minute=end)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """A schedule of any zone with at least one minute a week."""
    start = draw(st.integers(0, MINUTES_OF_DAY - 1))
    return Schedule(
        timezone=draw(st.sampled_from(ZONES)),
        sending_days=tuple(draw(st.lists(st.sampled_from(ALL_DAYS), min_size=1, unique=True))),
        start_minute=start,
        end_minute=draw(st.integers(start + 1, MINUTES_OF_DAY)),
    )


INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2032, 12, 31), timezones=st.just(UTC))


# Every zone.


def agrees(schedule: Schedule, instants: list[datetime]) -> None:
    """At every instant the calendar has the oracle's word; an opening and a closing are where it changes its word."""
    for at in instants:
        assert is_open(schedule, at) == opened(schedule, at), f"{schedule} {at}"
    for at in instants[:: 1 if SOAKS else 9]:
        opening = next_open(schedule, at)
        assert opening is not None, f"{schedule} {at}"
        assert opened(schedule, opening), f"{schedule} {at}"
        assert opening == at or not opened(schedule, opening - INSTANT), f"{schedule} {at}"
        closing = closes_at(schedule, opening)
        if closing < opening + HORIZON:
            assert not opened(schedule, closing), f"{schedule} {at}"
        assert opened(schedule, closing - INSTANT), f"{schedule} {at}"


def about(random: Random, timezone: str, year: int) -> list[datetime]:
    """Instants of a year: close about every clock change, every quarter of an hour for a day, and anywhere."""
    begin, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    found = [begin + random.random() * (end - begin) for _ in range(300 if SOAKS else 20)]
    for change in changes(timezone, begin, end):
        found += [change - INSTANT, change, change + INSTANT]
        found += [change + timedelta(minutes=minutes) for minutes in range(-1500, 1501, 5 if SOAKS else 75)]
    return found


@pytest.mark.parametrize("part", range(8), ids=lambda part: f"every eighth zone from {part}")
def test_in_every_zone_a_schedule_is_open_where_the_oracle_says_so_and_finds_its_next_slot(part: int) -> None:
    for place in range(part, len(ZONES), 8):
        # In a short run, each zone has one of the years, and each year a ninth of the zones.
        for year in YEARS if SOAKS else [YEARS[place // 8 % len(YEARS)]]:
            random = Random(f"{ZONES[place]} {year}")
            agrees(drawn(random, ZONES[place]), about(random, ZONES[place], year))


@given(schedules(), INSTANTS, st.none() | st.floats(0, 730))
def test_the_next_opening_is_the_first_edge_at_which_the_oracle_is_open(
    schedule: Schedule, at: datetime, starts: float | None
) -> None:
    if starts is not None:
        schedule = evolve(schedule, not_before=at + timedelta(days=starts))
    since = max(at, schedule.not_before or at)
    # A sending day comes every week; clock changes may take two windows in a row.
    first = next((edge for edge in edges(schedule, since, 22) if opened(schedule, edge)), None)
    assert next_open(schedule, at) == first
    assert first is not None


@given(schedules(), INSTANTS)
def test_it_closes_at_the_first_edge_at_which_the_oracle_is_not_open(schedule: Schedule, at: datetime) -> None:
    opening = next_open(schedule, at)
    assert opening is not None
    first = next((edge for edge in edges(schedule, opening, 22) if not opened(schedule, edge)), None)
    assume(first is not None)
    assert closes_at(schedule, opening) == first


@given(schedules(), INSTANTS, st.timedeltas(timedelta(hours=-14), timedelta(hours=14)))
def test_the_offset_an_instant_is_given_in_means_nothing(schedule: Schedule, at: datetime, offset: timedelta) -> None:
    elsewhere = at.astimezone(fixed(offset))
    assert is_open(schedule, elsewhere) == is_open(schedule, at)
    found = next_open(schedule, elsewhere)
    assert found == next_open(schedule, at)
    assert found is not None
    assert found.utcoffset() == timedelta(0)
    assert local_day(schedule, elsewhere) == local_day(schedule, at)


@given(schedules(), INSTANTS)
def test_the_local_day_is_the_oracles_and_the_next_begins_at_its_first_instant(
    schedule: Schedule, at: datetime
) -> None:
    def day(instant: datetime) -> date:
        return Instant(instant).to_tz(schedule.timezone).date().to_stdlib()

    begins = next_local_day(schedule, at)
    assert local_day(schedule, at) == day(at)
    assert at < begins <= at + timedelta(hours=26)
    assert day(begins) > day(at) == day(begins - INSTANT)


# Examples.


def daily(timezone: str, start: str, end: str) -> Schedule:
    """Every day from one wall time to another, each as HH:MM."""
    start_minute, end_minute = (int(each[:2]) * 60 + int(each[3:]) for each in (start, end))
    return Schedule(timezone=timezone, sending_days=ALL_DAYS, start_minute=start_minute, end_minute=end_minute)


def windows(schedule: Schedule, since: str, until: str) -> list[tuple[str, str]]:
    """The windows between two instants in UTC, each as month-day hour:minute in UTC."""
    at, end, found = (*(datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (since, until)), [])
    while (opening := next_open(schedule, at)) is not None and opening < end:
        at = closes_at(schedule, opening)
        found.append((f"{opening:%m-%d %H:%M}", f"{at:%m-%d %H:%M}"))
    return found


@pytest.mark.parametrize(
    ("schedule", "since", "until", "expected"),
    [
        pytest.param(
            daily("America/Santiago", "00:00", "02:00"),
            "2024-09-08",
            "2024-09-09T12:00",
            [("09-08 04:00", "09-08 05:00"), ("09-09 03:00", "09-09 05:00")],
            id="Santiago skips the first hour of a day",
        ),
        pytest.param(
            daily("America/Santiago", "00:00", "00:45"),
            "2024-09-07T12:00",
            "2024-09-09T12:00",
            [("09-09 03:00", "09-09 03:45")],
            id="a window that Santiago skips is empty",
        ),
        pytest.param(
            daily("America/Santiago", "23:00", "24:00"),
            "2024-04-06T12:00",
            "2024-04-08T12:00",
            [("04-07 02:00", "04-07 03:00"), ("04-08 03:00", "04-08 04:00")],
            id="Santiago repeats the last hour of a day: the first counts",
        ),
        pytest.param(
            daily("America/Havana", "00:30", "01:30"),
            "2024-03-10",
            "2024-03-11T12:00",
            [("03-10 05:00", "03-10 05:30"), ("03-11 04:30", "03-11 05:30")],
            id="Havana skips its midnight",
        ),
        pytest.param(
            daily("America/Havana", "00:30", "01:30"),
            "2024-11-03",
            "2024-11-03T12:00",
            [("11-03 04:30", "11-03 05:00"), ("11-03 06:00", "11-03 06:30")],
            id="Havana repeats the hour after midnight: a window over its end has a hole",
        ),
        pytest.param(
            daily("Pacific/Apia", "10:00", "11:00"),
            "2011-12-29",
            "2012-01-01",
            [("12-29 20:00", "12-29 21:00"), ("12-30 20:00", "12-30 21:00"), ("12-31 20:00", "12-31 21:00")],
            id="Apia skips 2011-12-30",
        ),
        pytest.param(
            evolve(daily("Pacific/Apia", "10:00", "11:00"), sending_days=(5,)),
            "2011-12-24",
            "2012-01-07",
            [("01-05 20:00", "01-05 21:00")],
            id="Apia's missing day was a Friday",
        ),
        pytest.param(
            daily("Australia/Lord_Howe", "01:00", "03:00"),
            "2026-04-04T12:00",
            "2026-04-05T12:00",
            [("04-04 14:00", "04-04 15:00"), ("04-04 15:30", "04-04 16:30")],
            id="Lord Howe repeats half an hour",
        ),
        pytest.param(
            daily("Australia/Lord_Howe", "02:00", "03:00"),
            "2026-10-03T12:00",
            "2026-10-04T12:00",
            [("10-03 15:30", "10-03 16:00")],
            id="Lord Howe skips half an hour",
        ),
        pytest.param(
            daily("Antarctica/Troll", "00:30", "03:30"),
            "2026-03-29",
            "2026-03-29T12:00",
            [("03-29 00:30", "03-29 01:30")],
            id="Troll skips two hours",
        ),
        pytest.param(
            daily("Antarctica/Troll", "00:30", "03:30"),
            "2026-10-24T12:00",
            "2026-10-25T12:00",
            [("10-24 22:30", "10-25 01:00"), ("10-25 03:00", "10-25 03:30")],
            id="Troll repeats two hours",
        ),
        pytest.param(
            daily("Europe/Berlin", "02:00", "03:00"),
            "2026-10-24T12:00",
            "2026-10-25T12:00",
            [("10-25 00:00", "10-25 01:00")],
            id="a repeated hour counts once",
        ),
    ],
)
def test_clock_changes_cut_windows(schedule: Schedule, since: str, until: str, expected: list[tuple[str, str]]) -> None:
    assert windows(schedule, since, until) == expected


def test_what_is_open_day_and_night_closes_for_a_repeated_hour_only() -> None:
    opening = datetime(2025, 10, 26, 2, tzinfo=UTC)
    schedule = daily("Europe/Berlin", "00:00", "24:00")
    assert closes_at(schedule, opening) == datetime(2026, 10, 25, 1, tzinfo=UTC)
    assert next_open(schedule, datetime(2026, 10, 25, 1, tzinfo=UTC)) == datetime(2026, 10, 25, 2, tzinfo=UTC)


def test_what_never_closes_gives_the_horizon() -> None:
    at = datetime(2026, 1, 1, 5, tzinfo=UTC)
    assert closes_at(daily("Asia/Tokyo", "00:00", "24:00"), at) == at + HORIZON


def test_windows_count_to_the_microsecond() -> None:
    schedule = daily("UTC", "09:00", "17:00")
    nine, five = datetime(2026, 5, 4, 9, tzinfo=UTC), datetime(2026, 5, 4, 17, tzinfo=UTC)
    assert [is_open(schedule, nine - INSTANT), is_open(schedule, nine)] == [False, True]
    assert [is_open(schedule, five - INSTANT), is_open(schedule, five)] == [True, False]
    assert next_open(schedule, five - INSTANT) == five - INSTANT
    assert next_open(schedule, five) == nine + timedelta(days=1)


def test_a_start_date_opens_a_window_in_its_middle() -> None:
    starts = datetime(2026, 5, 4, 11, 30, 0, 7, tzinfo=UTC)
    schedule = evolve(daily("UTC", "09:00", "17:00"), not_before=starts)
    assert next_open(schedule, datetime(2026, 1, 1, tzinfo=UTC)) == starts
    assert [is_open(schedule, starts - INSTANT), is_open(schedule, starts)] == [False, True]
    assert next_open(schedule, starts + timedelta(hours=1)) == starts + timedelta(hours=1)


def test_what_opens_after_the_horizon_is_not_found_and_what_opens_at_it_is() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    schedule = evolve(daily("UTC", "00:00", "24:00"), not_before=at + HORIZON)
    assert next_open(schedule, at) == at + HORIZON
    assert next_open(schedule, at - INSTANT) is None


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"sending_days": ()}, id="no day"),
        pytest.param({"start_minute": 600, "end_minute": 600}, id="no minute"),
        pytest.param({"start_minute": 601, "end_minute": 600}, id="ends before it starts"),
    ],
)
def test_a_schedule_without_a_window_never_opens(change: dict[str, object]) -> None:
    schedule = evolve(daily("Europe/Berlin", "09:00", "17:00"), **change)
    at = datetime(2026, 5, 4, 10, tzinfo=UTC)
    assert (next_open(schedule, at), is_open(schedule, at)) == (None, False)


@pytest.mark.parametrize(
    ("timezone", "at", "day", "begins"),
    [
        pytest.param("Pacific/Apia", "2011-12-29T12:00", "2011-12-29", "2011-12-30T10:00", id="Apia has no 30th"),
        pytest.param("America/Santiago", "2024-09-08T03:00", "2024-09-07", "2024-09-08T04:00", id="no midnight"),
        pytest.param("America/Santiago", "2024-04-07T03:30", "2024-04-06", "2024-04-07T04:00", id="repeated hour"),
        pytest.param(
            "America/Havana", "2024-11-03T03:59", "2024-11-02", "2024-11-03T04:00", id="two midnights: the first"
        ),
        pytest.param(
            "America/St_Johns", "2006-10-29T02:29", "2006-10-28", "2006-10-29T02:30", id="before the first of two"
        ),
        pytest.param(
            "America/St_Johns", "2006-10-29T03:00", "2006-10-28", "2006-10-29T03:30", id="back in the day before"
        ),
        pytest.param(
            "America/Toronto", "1919-03-31T04:00", "1919-03-30", "1919-03-31T04:30", id="midnight amid the skipped"
        ),
    ],
)
def test_a_local_day_ends_where_the_next_date_begins(timezone: str, at: str, day: str, begins: str) -> None:
    schedule, instant = daily(timezone, "09:00", "17:00"), datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert local_day(schedule, instant) == date.fromisoformat(day)
    assert next_local_day(schedule, instant) == datetime.fromisoformat(begins).replace(tzinfo=UTC)


def test_to_ask_when_it_closes_while_it_is_closed_is_refused() -> None:
    with pytest.raises(MisuseError, match="not open at 2026-05-04T08:00"):
        closes_at(daily("UTC", "09:00", "17:00"), datetime(2026, 5, 4, 8, tzinfo=UTC))


@pytest.mark.parametrize(
    "ask", [is_open, next_open, closes_at, local_day, next_local_day], ids=lambda ask: ask.__name__
)
@pytest.mark.parametrize(
    ("timezone", "at", "sentence"),
    [
        pytest.param("UTC", datetime(2026, 5, 4, 10), "needs an offset", id="naive instant"),
        pytest.param(
            "Mars/Phobos", datetime(2026, 5, 4, 10, tzinfo=UTC), "no time zone 'Mars/Phobos'", id="no such zone"
        ),
    ],
)
def test_what_means_no_instant_is_refused(ask: object, timezone: str, at: datetime, sentence: str) -> None:
    assert callable(ask)
    with pytest.raises(MisuseError, match=sentence):
        ask(daily(timezone, "09:00", "17:00"), at)
