"""The views of sending against a naive reading of the same events: of two campaigns, in a real log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, Final
from uuid import UUID

from hypothesis import given, settings

from campaign_core import (
    CAMPAIGNS,
    DUE,
    LEADS,
    RESULTS,
    SUPPRESSIONS,
    USAGE,
    Answer,
    LeadRow,
    MailResult,
    Metadata,
    Settings,
)
from campaign_core.campaign import events as campaign
from campaign_core.kernel.kernel import VIEWS
from campaign_core.kernel.stores import open_store
from campaign_core.lead import events
from campaign_core.lead.decisions import LEAD_DECIDER
from campaign_core.lead.events import stream_of
from campaign_core.lead.lifecycle import Walk
from campaign_core.log.log import EventLog
from campaign_core.recorded import Proposed, Recorded, Rows
from campaign_core.testing.scenario import AT
from campaign_core.views.due import DueRow, DueState
from campaign_core.views.view import Query
from tests.lead.given import CAMPAIGN_ID
from tests.lead.histories import Step, scripts

#: Each example is a whole log, rebuilt.
FEWER: Final = settings(max_examples=max(settings.default.max_examples // 2, 1))  # type: ignore[union-attr]
LEADS_OF_EACH: Final = 3
OTHER_ID: Final = UUID(int=2)
EVERYTHING: Final = Query(where={"workspace": "default"})


def metadata(at: datetime = AT) -> Metadata:
    return Metadata(workspace="default", actor="test", recorded_at=at)


def played(script: Sequence[Step]) -> EventLog:
    """A log of two campaigns; what the script says of leads 4 to 6 happens to leads 1 to 3 of the second."""
    log = EventLog(open_store("memory:"), VIEWS)
    for campaign_id in (CAMPAIGN_ID, OTHER_ID):
        numbers = range(1, LEADS_OF_EACH + 1)
        uploaded = campaign.LeadsUploaded(
            batch_id=campaign_id,
            source=campaign.Source.FILE,
            first_number=1,
            imported=LEADS_OF_EACH,
            duplicates=0,
            fields=("email",),
        )
        begun = [
            Proposed(campaign.Created(settings=Settings("Spring launch"), seed=1)),
            Proposed(uploaded, Rows(tuple({"email": f"lead{number}@example.com"} for number in numbers))),
            Proposed(campaign.Launched(fields=("email",))),
        ]
        log.append(campaign.stream_of(campaign_id), begun, metadata())
    with log.write() as writing:
        for step in script:
            stream = events.stream_of(*_lead(step.number))
            writing.append(stream, step.proposed, metadata(step.at), writing.head("default", stream))
    return log


def _lead(number: int) -> tuple[UUID, int]:
    return (CAMPAIGN_ID, number) if number <= LEADS_OF_EACH else (OTHER_ID, number - LEADS_OF_EACH)


def streams(log: EventLog) -> Iterator[tuple[UUID, int, list[Recorded]]]:
    """Campaign, number and history of every lead."""
    with log.read() as snapshot:
        for number in range(1, 2 * LEADS_OF_EACH + 1):
            campaign_id, place = _lead(number)
            yield campaign_id, place, snapshot.read_stream("default", events.stream_of(campaign_id, place))


def rows(log: EventLog, view: Any) -> list[Any]:
    with log.read() as snapshot:
        return snapshot.find(view, EVERYTHING)


@given(script=scripts(leads=2 * LEADS_OF_EACH, longest=24))
@FEWER
def test_views_say_what_a_naive_reading_says(script: list[Step]) -> None:
    """Who is on the way, what counts against limits, each lead's status, each campaign's counts; rebuilt, the same."""
    log = played(script)
    assert rows(log, DUE) == sorted(naive_due(log), key=DUE.key_of)
    assert {(row.inbox_id, row.scope, row.day): row.count for row in rows(log, USAGE)} == naive_usage(log)
    found = {(row.campaign_id, row.number): row.status for row in rows(log, LEADS)}
    assert found == {(each, number): LEAD_DECIDER.fold(history).status for each, number, history in streams(log)}
    for row in rows(log, CAMPAIGNS):
        assert {name: getattr(row, name) for name in COUNTS} == naive_counts(log, row.campaign_id)
    for row in rows(log, RESULTS):
        assert (row.mail_count, row.reached_count) == (len(row.mails), sum(map(_reached, row.mails)))
    for row in rows(log, LEADS):
        assert row.sent_count == len(LEAD_DECIDER.fold(_history(log, row)).sent)
    before = [rows(log, view) for view in VIEWS]
    log.rebuild()
    assert [rows(log, view) for view in VIEWS] == before
    assert rows(log, SUPPRESSIONS) == []


def _history(log: EventLog, row: LeadRow) -> list[Recorded]:
    return log.read_stream("default", stream_of(row.campaign_id, row.number))


def _reached(mail: MailResult) -> bool:
    return Answer.BOUNCED not in mail.answers


@given(script=scripts(leads=2, longest=16))
@FEWER
def test_a_lead_is_under_way_exactly_until_its_walk_ends(script: list[Step]) -> None:
    """A lead that has not ended is PENDING or has a row among those on their way, and one that has is neither."""
    log = played(script)
    on_the_way = {(row.campaign_id, row.number) for row in rows(log, DUE)}
    pending = {(row.campaign_id, row.number) for row in rows(log, LEADS) if row.status == "PENDING"}
    assert not on_the_way & pending
    for campaign_id, number, history in streams(log):
        ended = LEAD_DECIDER.fold(history).walk is Walk.ENDED
        assert ((campaign_id, number) in on_the_way | pending) is not ended


def naive_due(log: EventLog) -> Iterator[DueRow]:
    """A row for each lead that was claimed, has not ended and is not back at its beginning."""
    for campaign_id, number, history in streams(log):
        state = LEAD_DECIDER.fold(history)
        claims = [each for each in history if isinstance(each.event, events.Claimed)]
        under_way = state.claim is not None or state.sent or state.retry_at is not None
        if not under_way or state.walk is Walk.ENDED:
            continue
        if state.claim is not None:
            doing = DueState.CLAIMED if state.walk is Walk.CLAIMED else DueState.UNKNOWN
            at: Any = state.claim.deadline
        else:
            doing = DueState.WAITING if state.retry_at is None else DueState.DEFERRED
            at = state.retry_at or state.since
        yield DueRow(
            workspace="default",
            campaign_id=campaign_id,
            number=number,
            state=doing,
            inbox_id=claims[-1].event.inbox_id,
            behind=_name(state.done[-1]) if state.done else "",
            at=at,
            since=state.since,
            step=_name(claims[-1].event.sequence_id),
            claimed_at=claims[-1].occurred_at,
        )


def _name(sequence_id: UUID | None) -> str:
    return "first" if sequence_id is None else str(sequence_id)


def naive_usage(log: EventLog) -> dict[tuple[UUID, str, str], int]:
    """Claims less what was given back, by the days each claim names; a row that came to nothing stays at 0."""
    counts: Counter[tuple[UUID, str, str]] = Counter()
    for campaign_id, _, history in streams(log):
        for each in history:
            if each.name == "lead.claimed":
                taken, by = each.event.reserved, 1
            elif getattr(each.event, "freed", None) is not None:
                taken, by = each.event.freed, -1
            else:
                continue
            for scope, day in (("", taken.utc_day), (str(campaign_id), taken.local_day)):
                counts[taken.inbox_id, scope, day] += by
    assert min(counts.values(), default=0) >= 0
    return dict(counts)


def _bounced(recorded: Recorded) -> bool:
    """A mail came back, or was not taken, because the address does not work."""
    event = recorded.event
    return bool(getattr(event, "hard", False) or getattr(event, "about_address", False))


COUNTS: Final = (
    "total_leads", "sent_count", "reply_count", "open_count", "bounce_count", "unsubscribe_count", "complaint_count",
    "returned_count", "guarded_sent", "guarded_bounces", "guarded_complaints",
)  # fmt: skip


def naive_counts(log: EventLog, campaign_id: UUID) -> dict[str, int]:
    """Mails that went, and leads of whom something is true."""
    histories = [history for each, _, history in streams(log) if each == campaign_id]
    states = [LEAD_DECIDER.fold(history) for history in histories]
    sent, bounces = sum(len(state.sent) for state in states), sum(map(_bounced, chain.from_iterable(histories)))
    complaints = sum(state.complained for state in states)
    return {
        "total_leads": LEADS_OF_EACH,
        "sent_count": sent,
        "reply_count": sum(state.replied for state in states),
        "open_count": sum(state.opened for state in states),
        "bounce_count": bounces,
        "unsubscribe_count": sum(state.unsubscribed for state in states),
        "complaint_count": complaints,
        "returned_count": sum(isinstance(each.event, events.Bounced) and each.event.hard for each in chain(*histories)),
        "guarded_sent": sent,
        "guarded_bounces": bounces,
        "guarded_complaints": complaints,
    }
