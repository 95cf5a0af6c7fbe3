"""The job of looking ahead: a forecast of many leads with three follow-ups each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from benchmarks.measure import Result, interleaved, timed
from campaign_core.sending.calendar import Schedule
from campaign_core.sending.forecast import CampaignAhead, Forecast, StepAhead, forecast
from campaign_core.sending.planner import InboxLedger

AT = datetime(2030, 1, 7, 8, tzinfo=UTC)
#: Working hours in Berlin.
SCHEDULE = Schedule(timezone="Europe/Berlin", sending_days=(1, 2, 3, 4, 5), start_minute=540, end_minute=1020)


def forecasts(leads: int) -> Iterator[Result]:
    """So many leads, 50 inboxes of 100 mails a day, beside a tenth of the leads: a mail should cost the same."""
    found = _forecast(leads)
    assert (len(found.mails), sum(found.left.values())) == (4 * leads, 0)
    took = interleaved(
        {
            "ours": lambda: timed(lambda: _forecast(leads)),
            "a tenth": lambda: timed(lambda: _forecast(leads // 10)) * 10,
        },
        turns=1,
        units=4 * leads,
    )
    yield Result(
        job=f"forecast of {leads:,} leads, 3 follow-ups, 50 inboxes",
        unit="mail",
        took=took,
        reach={"a tenth": 1.5},
        note=f"{took['ours'] * 4 * leads / 1e6:.1f} s, {len(found.mails):,} mails, {found.planner_calls:,} planner calls",
    )


def _forecast(leads: int) -> Forecast:
    inboxes = [UUID(int=10_000 + 7919 * each) for each in range(50)]
    chain = [
        StepAhead(
            sequence_id=UUID(int=number),
            step_number=number,
            wait=timedelta(days=3),
            goes_to_opened=True,
            goes_to_unopened=True,
        )
        for number in (2, 3, 4)
    ]
    campaign = CampaignAhead(
        campaign_id=UUID(int=1),
        schedule=SCHEDULE,
        limit_per_inbox=None,
        launched_at=AT,
        inbox_ids=tuple(inboxes),
        chain=tuple(chain),
        first_mails=range(1, leads + 1),
    )
    ledgers = [
        InboxLedger(inbox_id=each, can_send=True, daily_limit=100, sent_today=0, last_claimed_at=None)
        for each in inboxes
    ]
    return forecast(AT, [campaign], ledgers)
