"""Single facts about the rows of sending: days, times, what outlives what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from campaign_core import CAMPAIGNS, DUE, LEADS, SUPPRESSIONS, USAGE, SuppressionReason
from campaign_core.campaign.events import Archived, Deleted, Paused
from campaign_core.campaign.events import stream_of as campaign_stream
from campaign_core.lead.events import OutcomeUnknown, Resolved, Skipped, stream_of
from campaign_core.log.log import EventLog
from campaign_core.recorded import Proposed
from campaign_core.suppression import events as suppression
from campaign_core.testing.scenario import AT
from campaign_core.views.due import DueState
from tests.lead.given import (
    ACCEPTED,
    CAMPAIGN_ID,
    DAY,
    INBOX_ID,
    RELEASED,
    SECOND,
    claimed,
    deferred,
    reservation,
)
from tests.views.test_naive import OTHER_ID, metadata, played, rows

HOUR = timedelta(hours=1)


def recorded(log: EventLog, *events: Any, number: int = 1, campaign_id: UUID = CAMPAIGN_ID) -> None:
    """Appends events to a lead's stream, an hour apart from each other, the first at the instant of the scenario."""
    stream = stream_of(campaign_id, number)
    with log.write() as writing:
        for place, event in enumerate(events):
            head = writing.head("default", stream)
            writing.append(stream, [Proposed(event)], metadata(AT + place * HOUR), head)


def test_a_claim_counts_on_the_day_of_either_clock() -> None:
    """Against the inbox on the date in UTC, against the campaign on the date in its zone, which may be another."""
    log = played([])
    recorded(log, claimed())
    found = {(row.scope, row.day): row.count for row in rows(log, USAGE)}
    assert found == {("", "2030-01-01"): 1, (str(CAMPAIGN_ID), "2029-12-31"): 1}


def test_two_campaigns_share_the_count_of_an_inbox() -> None:
    log = played([])
    recorded(log, claimed())
    recorded(log, claimed(), ACCEPTED, campaign_id=OTHER_ID)
    found = {row.scope: row.count for row in rows(log, USAGE)}
    assert found == {"": 2, str(CAMPAIGN_ID): 1, str(OTHER_ID): 1}


@pytest.mark.parametrize(
    ("behind", "count"),
    [
        pytest.param((RELEASED,), 0, id="given back"),
        pytest.param((deferred(),), 0, id="put off"),
        pytest.param((OutcomeUnknown(),), 1, id="unknown"),
        pytest.param((OutcomeUnknown(), Resolved(sent=True, freed=None)), 1, id="resolved as sent"),
        pytest.param((OutcomeUnknown(), Resolved(sent=False, freed=reservation())), 0, id="resolved as not sent"),
        pytest.param((ACCEPTED,), 1, id="sent"),
    ],
)
def test_what_did_not_go_counts_no_longer(behind: tuple[Any, ...], count: int) -> None:
    """An unknown outcome counts as sent."""
    log = played([])
    recorded(log, claimed(), *behind)
    assert {row.count for row in rows(log, USAGE)} == {count}


def test_the_gap_of_an_inbox_runs_from_its_last_claim() -> None:
    """Giving one back does not move it, and neither does a claim that is told late."""
    log = played([])
    recorded(log, claimed(), RELEASED, claimed(), RELEASED)
    assert {row.last_claimed_at for row in rows(log, USAGE)} == {AT + 2 * HOUR}
    recorded(log, claimed(), number=2)
    assert {row.last_claimed_at for row in rows(log, USAGE)} == {AT + 2 * HOUR}


@pytest.mark.parametrize("end", [Archived(), Deleted()], ids=["archived", "deleted"])
def test_what_was_sent_counts_after_the_end_of_its_campaign(end: Any) -> None:
    """Or a limit could be had twice a day. Leads on the way of a deleted campaign are on no way any more."""
    log = played([])
    recorded(log, claimed(), ACCEPTED)
    log.append(campaign_stream(CAMPAIGN_ID), [Proposed(Paused()), Proposed(end)], metadata(), 3)
    assert {row.count for row in rows(log, USAGE)} == {1}
    assert len(rows(log, DUE)) == isinstance(end, Archived)
    recorded(log, Skipped(step_number=2, sequence_id=SECOND, due_at=AT + DAY))
    assert len(rows(log, DUE)) == isinstance(end, Archived)


def test_the_wait_for_the_next_step_runs_from_the_mail_that_went() -> None:
    """From when it was accepted; where only an operator knows, from when it was claimed."""
    log = played([])
    recorded(log, claimed(), ACCEPTED)
    recorded(log, claimed(), OutcomeUnknown(), Resolved(sent=True, freed=None), number=2)
    assert [(row.number, row.at, row.since, row.behind) for row in rows(log, DUE)] == [
        (1, AT + HOUR, AT + HOUR, "first"),
        (2, AT, AT, "first"),
    ]
    counts = {row.campaign_id: (row.sent_count, row.guarded_sent) for row in rows(log, CAMPAIGNS)}
    assert counts == {CAMPAIGN_ID: (2, 2), OTHER_ID: (0, 0)}


def test_a_skipped_step_is_behind_a_lead_from_when_it_was_due() -> None:
    """Also where its mail had been put off: the lead waits for the next one."""
    log = played([])
    recorded(log, claimed(), ACCEPTED, claimed(SECOND, 2), deferred())
    recorded(log, Skipped(step_number=2, sequence_id=SECOND, due_at=AT + DAY))
    (row,) = rows(log, DUE)
    assert (row.state, row.behind, row.at, row.since) == (DueState.WAITING, str(SECOND), AT + DAY, AT + DAY)


def test_an_event_of_a_lead_that_is_gone_makes_no_row() -> None:
    """Its campaign was deleted while its mail was under way."""
    log = played([])
    recorded(log, claimed())
    log.append(campaign_stream(CAMPAIGN_ID), [Proposed(Paused()), Proposed(Deleted())], metadata(), 3)
    recorded(log, ACCEPTED)
    assert rows(log, DUE) == []
    assert {row.campaign_id for row in rows(log, LEADS)} == {OTHER_ID}


def test_a_row_of_an_inbox_names_the_one_that_writes() -> None:
    """The inbox of the newest claim, in both views that tell it."""
    other = UUID(int=22)
    log = played([])
    recorded(log, claimed(), ACCEPTED, claimed(SECOND, 2, reserved=reservation(other)))
    (due,) = rows(log, DUE)
    (lead, *_) = rows(log, LEADS)
    assert (due.inbox_id, lead.inbox_id) == (other, other)
    assert {row.inbox_id for row in rows(log, USAGE)} == {INBOX_ID, other}


def test_a_suppressed_address_has_a_row_until_it_is_lifted() -> None:
    """With the reason and the time of the newest suppression."""
    log = played([])
    stream, hashed = suppression.stream_of("b" * 64), "b" * 64
    said = [
        suppression.Suppressed(reason=SuppressionReason.BOUNCED),
        suppression.Lifted(),
        suppression.Suppressed(reason=SuppressionReason.REQUESTED),
    ]
    for place, event in enumerate(said):
        log.append(stream, [Proposed(event)], metadata(AT + place * HOUR), place)
        assert [row.address_hash for row in rows(log, SUPPRESSIONS)] == [hashed] * (place != 1)
    (row,) = rows(log, SUPPRESSIONS)
    assert (row.reason, row.suppressed_at) == (SuppressionReason.REQUESTED, AT + 2 * HOUR)
