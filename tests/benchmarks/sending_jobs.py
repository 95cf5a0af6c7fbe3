"""The jobs about sending: the calendar, a plan, a claim, and a tick with few and with very many leads that are not due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from uuid import UUID
from zoneinfo import ZoneInfo

from benchmarks.measure import Result, folder, interleaved, timed
from campaign_core import (
    CreateCampaign,
    FollowUp,
    FollowUpVariant,
    Kernel,
    Metadata,
    RegisterInbox,
    TriggerType,
    UpdateCampaign,
    UploadLeads,
    Variant,
    VerifyInbox,
    open_kernel,
)
from campaign_core.kernel.kernel import VIEWS
from campaign_core.kernel.worker import VirtualClock
from campaign_core.lead.events import Accepted, Claimed, Reservation
from campaign_core.lead.events import stream_of as lead_stream
from campaign_core.log.entries import Append
from campaign_core.log.log import EventLog
from campaign_core.log.sqlite import SqliteStore
from campaign_core.recorded import Proposed
from campaign_core.sending.calendar import Schedule, next_open
from campaign_core.sending.pacing import Pacing
from campaign_core.sending.planner import CampaignSending, Candidate, InboxLedger, plan

AT = datetime(2030, 1, 7, 9, tzinfo=UTC)
_WEEKDAYS = (1, 2, 3, 4, 5)
#: Leads of one upload, and of one transaction that sends to them.
_AT_ONCE = 10_000


def calendar() -> Iterator[Result]:
    """The next instant at which a mail may go, from instants all over a year."""
    schedule = Schedule(timezone="Europe/Berlin", sending_days=_WEEKDAYS, start_minute=9 * 60 + 30, end_minute=17 * 60)
    instants = [AT + timedelta(hours=7 * each, minutes=13) for each in range(1000)]
    few = instants[:50]
    found = [next_open(schedule, each) for each in instants]
    assert found == [_by_days(schedule, each) for each in instants]
    assert found[: len(few)] == [_by_minutes(schedule, each) for each in few]
    took = interleaved(
        {
            "ours": lambda: timed(lambda: [next_open(schedule, each) for each in instants]),
            "naive zoneinfo": lambda: timed(lambda: [_by_minutes(schedule, each) for each in few]) * 20,
            "zoneinfo, day by day": lambda: timed(lambda: [_by_days(schedule, each) for each in instants]),
        },
        turns=9,
        units=len(instants),
    )
    note = "naive: the next open minute; day by day: wrong where a clock change meets the window"
    yield Result(job="next send time", unit="question", took=took, reach={"naive zoneinfo": 0.05}, note=note)


def _is_open(schedule: Schedule, local: datetime) -> bool:
    minute = 60 * local.hour + local.minute
    in_window = schedule.start_minute <= minute < schedule.end_minute
    return in_window and local.fold == 0 and local.isoweekday() in schedule.sending_days


def _by_minutes(schedule: Schedule, at: datetime) -> datetime:
    """What is right in every zone without further thought: each minute is asked for its time on the zone's clock."""
    zone = ZoneInfo(schedule.timezone)
    while not _is_open(schedule, at.astimezone(zone)):
        at = at.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return at


def _by_days(schedule: Schedule, at: datetime) -> datetime | None:
    """What one writes next: the window of each day on the zone's clock, until one ends after the instant."""
    zone = ZoneInfo(schedule.timezone)
    local = at.astimezone(zone)
    for days in range(1000):
        day = (local + timedelta(days=days)).date()
        if day.isoweekday() in schedule.sending_days:
            midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
            begins = (midnight + timedelta(minutes=schedule.start_minute)).astimezone(UTC)
            ends = (midnight + timedelta(minutes=schedule.end_minute)).astimezone(UTC)
            if at < ends:
                return max(begins, at)
    return None


def plans() -> Iterator[Result]:
    """A plan over many campaigns that share many inboxes, each with something to send."""

    def turn(campaigns: int, inboxes: int) -> float:
        ids = tuple(UUID(int=each + 1) for each in range(inboxes))
        schedule = Schedule(timezone="UTC", sending_days=_WEEKDAYS, start_minute=0, end_minute=1440)
        due = [Candidate(number=each, step_number=2, sequence_id=None, inbox_id=None, due_at=AT) for each in range(5)]
        sending = [
            CampaignSending(
                campaign_id=UUID(int=1000 + each),
                schedule=schedule,
                limit_per_inbox=50,
                inbox_ids=ids,
                sent_today={},
                follow_ups=tuple(due),
                first_mails=tuple(range(10, 10 + inboxes)),
                next_due_at=None,
            )
            for each in range(campaigns)
        ]
        ledgers = [
            InboxLedger(inbox_id=each, can_send=True, daily_limit=100, sent_today=0, last_claimed_at=None)
            for each in ids
        ]
        assert len(plan(AT, sending, ledgers).claims) == inboxes
        return timed(lambda: [plan(AT, sending, ledgers) for _ in range(20)])

    took = interleaved({"ours": lambda: turn(20, 50), "1 campaign, 1 inbox": lambda: turn(1, 1)}, turns=5, units=20)
    yield Result(job="a plan: 20 campaigns on 50 inboxes", unit="plan", took=took)


def claim() -> Iterator[Result]:
    """One tick that claims one mail and makes its message, durably, beside one durable event."""
    with folder() as path:
        clock = VirtualClock(AT)
        kernel = open_kernel(path / "claims.db", clock=clock.now)
        _campaign(kernel, 3000)
        log = EventLog(SqliteStore(path / "bare.db"), ())
        streams = iter(range(1, 1_000_000))
        event = _sent(UUID(int=7), AT)[0]

        def ours() -> float:
            def work() -> None:
                for _ in range(20):
                    assert len(kernel.dispatch("bench", pacing=Pacing(0, 0)).tasks) == 1

            return timed(work)

        def bare() -> float:
            def work() -> None:
                for _ in range(20):
                    log.append(lead_stream(UUID(int=1), next(streams)), [event], _metadata(AT), 0)

            return timed(work)

        took = interleaved({"ours": ours, "an event, no views": bare}, turns=9, units=20)
        kernel.close()
        yield Result(job="a claim, FULL: plan, claim, render the message", unit="claim", took=took)


def ticks(leads: int) -> Iterator[Result]:
    """A tick in which nothing is due, with so many leads waiting for a follow-up, beside 1,000."""
    with folder() as path:
        few, many = _waiting(path / "few.db", 1000), _waiting(path / "many.db", leads)

        def turn(kernel: Kernel) -> float:
            def work() -> None:
                for _ in range(50):
                    assert kernel.dispatch("bench").tasks == ()

            return timed(work)

        took = interleaved(
            {"ours": lambda: turn(many), "1,000 leads not due": lambda: turn(few)},
            turns=9,
            units=50,
        )
        for each in (few, many):
            each.close()
        yield Result(job=f"a tick, {leads:,} leads not due", unit="tick", took=took, reach={"1,000 leads not due": 1.5})


def _campaign(kernel: Kernel, leads: int) -> tuple[UUID, UUID]:
    """An ACTIVE campaign of two steps, always open; answers it and its inbox."""
    inbox = kernel.handle(RegisterInbox("ana@example.com", daily_limit=100_000)).id
    kernel.handle(VerifyInbox(inbox))
    window = {"sending_window_start": 0, "sending_window_end": 24, "sending_days": (1, 2, 3, 4, 5, 6, 7)}
    made = kernel.handle(CreateCampaign("Sending campaign", timezone="UTC", **window)).id
    for first in range(0, leads, _AT_ONCE):
        rows = "".join(f"a{number}@example.com\n" for number in range(first, min(first + _AT_ONCE, leads)))
        kernel.handle(UploadLeads(made, f"email\n{rows}".encode()))
    again = (FollowUpVariant(email_content="Once more, with kind regards."),)
    step = FollowUp(
        sequence_id=UUID(int=2), step_number=2, trigger_type=TriggerType.NOT_REPLIED, wait_days=30, variants=again
    )
    mail = Variant(subject_template="Hello", email_content="Good morning to you.")
    change = UpdateCampaign(made, inbox_ids=(inbox,), variants=(mail,), sequences=(step,), launch=True)
    assert kernel.handle(change).status == "ACTIVE"
    return made, inbox


def _sent(inbox: UUID, at: datetime) -> list[Proposed]:
    """What the first mail of a lead leaves in its stream."""
    day = at.date().isoformat()
    claimed = Claimed(
        step_number=1,
        sequence_id=None,
        variant_name="A",
        reserved=Reservation(inbox_id=inbox, utc_day=day, local_day=day),
        worker="bench",
        deadline=at + timedelta(minutes=5),
        address_hash="a" * 64,
        campaign_version=1,
        values_position=1,
        values_place=0,
        public_url=None,
    )
    return [Proposed(claimed), Proposed(Accepted(wire_digest="0" * 64))]


def _metadata(at: datetime) -> Metadata:
    return Metadata(workspace="default", actor="bench", recorded_at=at)


def _waiting(path: Path, leads: int) -> Kernel:
    """A kernel on a log in which so many leads were sent the first mail, a minute's worth each minute, and none is due."""
    clock = VirtualClock(AT)
    store = SqliteStore(path, may_lose_last_commits=True)
    kernel = open_kernel(store, clock=clock.now)
    campaign_id, inbox = _campaign(kernel, leads)
    log = EventLog(store, VIEWS)
    for first in range(1, leads + 1, _AT_ONCE):
        at = AT + timedelta(minutes=first // _AT_ONCE)
        numbers = range(first, min(first + _AT_ONCE, leads + 1))
        with log.write() as writing:
            writing.append_all(
                [Append(lead_stream(campaign_id, number), _sent(inbox, at)) for number in numbers], _metadata(at)
            )
    clock.sleep_until(AT + timedelta(days=1), Event())
    return kernel
