"""The gap between two mails of an inbox is in its bounds, looks random and is none; a limit grows day by day."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from datetime import timezone as fixed
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign_core.sending.pacing import PACING, Pacing, free_at, gap_seconds, ramped

INBOX = UUID(int=1)
AT = datetime(2026, 5, 4, 10, tzinfo=UTC)
INSTANTS = st.datetimes(timezones=st.just(UTC))
COUNTS = st.integers(0, 1000)


@given(st.uuids(), INSTANTS, st.floats(0, 1e5), st.floats(0, 1e5))
def test_a_gap_lies_between_its_bounds(inbox_id: UUID, at: datetime, one: float, other: float) -> None:
    pacing = Pacing(shortest_seconds=min(one, other), longest_seconds=max(one, other))
    assert pacing.shortest_seconds <= gap_seconds(inbox_id, at, pacing) <= pacing.longest_seconds


def test_gaps_are_three_to_five_minutes_and_as_often_long_as_short() -> None:
    gaps = [gap_seconds(INBOX, AT + timedelta(seconds=seconds)) for seconds in range(12_000)]
    assert (PACING.shortest_seconds, PACING.longest_seconds) == (180, 300)
    tenths = Counter(int((gap - 180) / 12) for gap in gaps)
    assert sorted(tenths) == list(range(10))
    assert all(1_050 < count < 1_350 for count in tenths.values())


@given(st.uuids(), st.uuids(), INSTANTS, INSTANTS)
def test_another_inbox_or_another_instant_has_another_gap(
    one: UUID, other: UUID, at: datetime, later: datetime
) -> None:
    assert (gap_seconds(one, at) == gap_seconds(other, at)) == (one == other)
    assert (gap_seconds(one, at) == gap_seconds(one, later)) == (at == later)


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC)), st.integers(-14, 14))
def test_the_offset_an_instant_is_given_in_means_nothing(at: datetime, hours: int) -> None:
    elsewhere = at.astimezone(fixed(timedelta(hours=hours)))
    assert gap_seconds(INBOX, elsewhere) == gap_seconds(INBOX, at)
    found = free_at(INBOX, elsewhere)
    assert found == free_at(INBOX, at)
    assert found is not None
    assert found.utcoffset() == timedelta(0)


def test_a_gap_is_the_same_in_every_release() -> None:
    assert gap_seconds(INBOX, AT) == pytest.approx(192.62510531199885, abs=1e-9)


@given(st.uuids(), st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC)))
def test_an_inbox_is_free_a_gap_after_its_last_mail(inbox_id: UUID, at: datetime) -> None:
    assert free_at(inbox_id, at) == at + timedelta(seconds=gap_seconds(inbox_id, at))


def test_an_inbox_that_never_sent_is_free() -> None:
    assert free_at(INBOX, None) is None


@given(st.none() | COUNTS, COUNTS, COUNTS, st.integers(0, 400))
def test_a_ramp_grows_by_its_increment_and_never_beyond_its_maximum_and_the_limit(
    limit: int | None, increment: int, maximum: int, day: int
) -> None:
    bound = maximum if limit is None else min(limit, maximum)
    today, tomorrow = (ramped(limit, increment, maximum, each) for each in (day, day + 1))
    assert today is not None
    assert tomorrow == min(bound, max(today, increment * (day + 2)))
    assert ramped(limit, increment, maximum, 0) == min(bound, increment)


@pytest.mark.parametrize(
    ("limit", "increment", "maximum", "days", "expected"),
    [
        pytest.param(50, 5, 30, 0, 5, id="the day of the launch"),
        pytest.param(50, 5, 30, 3, 20, id="three days later"),
        pytest.param(50, 5, 30, 9, 30, id="the maximum"),
        pytest.param(12, 5, 30, 9, 12, id="the limit below the maximum"),
        pytest.param(None, 5, 30, 1, 10, id="no limit but the ramp's"),
        pytest.param(50, None, 30, 0, 50, id="no increment"),
        pytest.param(50, 5, None, 0, 50, id="no maximum"),
        pytest.param(None, None, None, 0, None, id="no limit at all"),
        pytest.param(50, 5, 30, -1, 5, id="a day before the launch, as after a change of zone"),
    ],
)
def test_the_limit_of_a_day(
    limit: int | None, increment: int | None, maximum: int | None, days: int, expected: int | None
) -> None:
    assert ramped(limit, increment, maximum, days) == expected
