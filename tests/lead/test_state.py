"""What a history adds up to, where no decision shows it at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from campaign_core.lead.decisions import LEAD_DECIDER
from campaign_core.lead.events import OutcomeUnknown, Resolved, Skipped
from campaign_core.lead.lifecycle import Walk
from campaign_core.lead.state import LeadState, Sent
from campaign_core.testing.scenario import AT, recorded
from tests.lead.given import ACCEPTED, DAY, HISTORIES, INBOX_ID, RELEASED, SECOND, claimed, deferred

HOUR = timedelta(hours=1)


def after(*events: Any) -> LeadState:
    """The state after events an hour apart, the first at the instant of the scenario."""
    history = [recorded(each, place + 1, at=AT + place * HOUR) for place, each in enumerate(events)]
    return LEAD_DECIDER.fold(history)


def test_the_wait_runs_from_the_mail_that_went() -> None:
    """From when a server took it; where only an operator says so, from when it was claimed."""
    assert after(claimed(), ACCEPTED).since == AT + HOUR
    state = after(claimed(), OutcomeUnknown(), Resolved(sent=True, freed=None))
    assert state.since == AT
    assert state.sent == (Sent(sequence_id=None, inbox_id=INBOX_ID, at=AT, claim=1),)


def test_a_claim_ends_the_wait_for_a_retry() -> None:
    """Given back, the lead waits for nothing; how often it was put off is not forgotten."""
    put_off = after(claimed(), deferred(AT + DAY))
    assert (put_off.retry_at, put_off.deferrals) == (AT + DAY, 1)
    state = after(claimed(), deferred(AT + DAY), claimed(), RELEASED)
    assert (state.retry_at, state.deferrals) == (None, 1)


def test_what_is_done_are_steps_sent_or_skipped_in_their_order() -> None:
    """A mail that did not go is not among them; the wait runs from when the skipped step was due."""
    skip = Skipped(step_number=2, sequence_id=SECOND, due_at=AT + DAY)
    state = after(claimed(), ACCEPTED, skip)
    assert (state.done, state.since) == ((None, SECOND), AT + DAY)
    assert after(claimed(), ACCEPTED, claimed(SECOND, 2), deferred()).done == (None,)


def test_a_claim_is_known_by_its_version() -> None:
    state = after(claimed(), RELEASED, claimed())
    assert (state.claim_version, state.version, state.claim) == (3, 3, claimed())


def test_the_place_on_the_walk_survives_an_erasure() -> None:
    """It is read from the names of events."""
    for walk, events in HISTORIES.items():
        erased = [recorded(each, place, erased=True) for place, each in enumerate(events, 1)]
        assert LEAD_DECIDER.fold(erased).walk is walk
    assert set(HISTORIES) == set(Walk)
