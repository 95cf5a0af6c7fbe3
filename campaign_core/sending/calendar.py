"""When may a campaign send? The instants at which its schedule is open, in its own time zone.

An instant is open where its local date is a sending day, its wall time lies in the window (start included, end not), it is
the first of two with that wall time, and the start date has come. So an hour that a clock change skips is missing from the
window, a skipped day has none, and a repeated hour counts once.

The year of a zone is a handful of stretches with one offset each. In every stretch only the wall times later than all before
it count: what a clock set back shows again is left out, what a clock set forward skips is in no stretch. The windows of one
year are computed from them once and kept, so that a question is a search in a sorted list.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from attrs import frozen

from campaign_core.errors import MisuseError
from campaign_core.sending.zones import zone

#: How far ahead an opening is looked for: two years and a half, half a year more than a start date may lie ahead.
HORIZON = timedelta(days=914)

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


@frozen(kw_only=True)
class Schedule:
    """The days and the hours of a campaign. One without days, or that ends before it starts, is never open."""

    #: The name of an IANA time zone, such as `Europe/Berlin`.
    timezone: str
    #: The days of the week on which it sends: 1 is Monday, 7 is Sunday.
    sending_days: tuple[int, ...]
    #: The first minute of the window, counted from 00:00 on the wall: 0 to 1439.
    start_minute: int
    #: The minute at which it ends, no longer part of it: 1 to 1440, which is the end of the day.
    end_minute: int
    #: The start date, as an aware instant: nothing before it is open. None: no such bound.
    not_before: datetime | None = None


def is_open(schedule: Schedule, at: datetime) -> bool:
    """Whether the schedule is open at that aware instant."""
    return next_open(schedule, at) == at


def next_open(schedule: Schedule, at: datetime) -> datetime | None:
    """The first open instant that is not before `at`, in UTC: `at` itself where it is open.

    None if there is none within `HORIZON`, two years and a half, of `at`.

    Raises:
        MisuseError: `at` has no offset, or there is no such time zone.
    """
    start = _utc(at)
    latest = start + HORIZON
    if schedule.not_before is not None and schedule.not_before > start:
        start = schedule.not_before.astimezone(UTC)
    # A local date is at most one day behind the date in UTC.
    for year in range((start - _DAY).year, (latest + _DAY).year + 1):
        opens, closes = _windows_of(schedule, year)
        place = bisect_right(closes, start)
        if place < len(opens):
            found = max(opens[place], start)
            return found if found <= latest else None
    return None


def closes_at(schedule: Schedule, at: datetime) -> datetime:
    """The first instant after `at`, which must be open, that is not open; in UTC.

    A schedule that stays open for longer than `HORIZON` gives the end of that time.

    Raises:
        MisuseError: the schedule is not open at `at`, `at` has no offset, or there is no such time zone.
    """
    if not is_open(schedule, at):
        raise MisuseError(f"The schedule is not open at {at.isoformat()}; ask only for an instant at which it is.")
    end = at.astimezone(UTC)
    latest = end + HORIZON
    for year in range((end - _DAY).year, (latest + _DAY).year + 1):
        opens, closes = _windows_of(schedule, year)
        place = bisect_right(closes, end)
        if place < len(opens):
            if opens[place] > end:
                break
            # What adjoins within a year is one window already; the next year may go on from here.
            end = closes[place]
            if place + 1 < len(opens):
                break
    return min(end, latest)


def local_day(schedule: Schedule, at: datetime) -> date:
    """The date in the schedule's time zone at that aware instant."""
    return _utc(at).astimezone(_zone(schedule.timezone)).date()


def next_local_day(schedule: Schedule, at: datetime) -> datetime:
    """The instant after `at`, in UTC, at which the next local date begins.

    It is midnight, or where a clock change skips midnight or the whole day, the first instant that is later on the wall.
    """
    now = _utc(at)
    local = now.astimezone(_zone(schedule.timezone))
    midnight = datetime(local.year, local.month, local.day) + _DAY
    begins = next(
        max(midnight, first) - offset
        for first, last, offset in _stretches(schedule.timezone, local.year)
        if last > midnight
    ).replace(tzinfo=UTC)
    # A clock set back across midnight, while it shows the old date again, has a second midnight to come.
    return begins if begins > now else midnight.replace(tzinfo=local.tzinfo, fold=1).astimezone(UTC)


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise MisuseError(f"An instant needs an offset; {at.isoformat()} has none.")
    return at.astimezone(UTC)


def _zone(name: str) -> tzinfo:
    found = zone(name)
    if found is None:
        raise MisuseError(f"There is no time zone {name!r}.")
    return found


def _windows_of(schedule: Schedule, year: int) -> tuple[list[datetime], list[datetime]]:
    return _windows(schedule.timezone, schedule.sending_days, schedule.start_minute, schedule.end_minute, year)


@lru_cache(maxsize=512)
def _windows(
    timezone: str, sending_days: tuple[int, ...], start_minute: int, end_minute: int, year: int
) -> tuple[list[datetime], list[datetime]]:
    """When the windows of the local dates of one year open, and when each closes: in UTC, rising, none touching the next."""
    opens: list[datetime] = []
    closes: list[datetime] = []
    start, end = timedelta(minutes=start_minute), timedelta(minutes=end_minute)
    for first, last, offset in _stretches(timezone, year):
        for day in _days(first, last):
            if day.year != year or day.isoweekday() not in sending_days:
                continue
            opening, closing = max(first, day + start), min(last, day + end)
            if opening >= closing:
                continue
            begins, ends = ((each - offset).replace(tzinfo=UTC) for each in (opening, closing))
            if closes and closes[-1] == begins:
                closes[-1] = ends
            else:
                opens.append(begins)
                closes.append(ends)
    return opens, closes


def _days(first: datetime, last: datetime) -> Iterator[datetime]:
    """Midnight of every date that has a wall time in this stretch."""
    day = datetime(first.year, first.month, first.day)
    while day < last:
        yield day
        day += _DAY


@lru_cache(maxsize=512)
def _stretches(timezone: str, year: int) -> list[tuple[datetime, datetime, timedelta]]:
    """The wall times that a zone shows for the first time in a year and the days about it: from, until, offset.

    Wall times are without a zone and rise; `from - offset` is the instant in UTC. There are two days more at either end, so
    that the year itself is whole in every zone: where it begins, it is known what the clock repeats.
    """
    rules = _zone(timezone)
    begin, end = datetime(year, 1, 1, tzinfo=UTC) - 3 * _DAY, datetime(year + 1, 1, 1, tzinfo=UTC) + 3 * _DAY
    found = []
    since, latest = begin, datetime.min
    for change in [*_changes(rules, begin, end), end]:
        offset = _offset(rules, since)
        first, last = (each.replace(tzinfo=None) + offset for each in (since, change))
        if max(first, latest) < last:
            found.append((max(first, latest), last, offset))
        since, latest = change, max(latest, last)
    return found


def _changes(rules: tzinfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    """The instants, to the second, at which the offset changes. No zone changes its offset twice within one day."""
    before = begin
    while before < end:
        after = min(before + _DAY, end)
        if _offset(rules, before) != _offset(rules, after):
            unchanged, changed = before, after
            while changed - unchanged > _SECOND:
                middle = unchanged + (changed - unchanged) // 2 // _SECOND * _SECOND
                if _offset(rules, middle) == _offset(rules, before):
                    unchanged = middle
                else:
                    changed = middle
            yield changed
        before = after


def _offset(rules: tzinfo, at: datetime) -> timedelta:
    offset = at.astimezone(rules).utcoffset()
    assert offset is not None
    return offset
