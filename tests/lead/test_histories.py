"""Whatever happens to a lead, in whatever order: what holds of every history that decisions can bring about."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings

from campaign_core.lead.decisions import LEAD_DECIDER
from campaign_core.lead.events import Claimed, Deferred, Finished, Rejected, Released, Resolved, Stopped
from campaign_core.lead.lifecycle import LEAD, Walk
from campaign_core.lead.status import LeadStatus
from campaign_core.recorded import Recorded
from tests.lead.histories import histories, states_of
from tests.lifecycle.narrowing import put_in_place, without

#: Nine properties look at histories of one kind: together they see enough of them.
FEWER = settings(max_examples=max(settings.default.max_examples // 2, 1))  # type: ignore[union-attr]
#: What closes a claim.
CLOSES = {
    "lead.released",
    "lead.accepted",
    "lead.deferred",
    "lead.rejected",
    "lead.resolved",
}


@given(history=histories())
@FEWER
def test_there_is_at_most_one_open_claim(history: list[Recorded]) -> None:
    """Between two claims the first is always closed, and a claim is open exactly in CLAIMED and UNKNOWN."""
    open_claims = 0
    for each, state in zip(history, states_of(history)[1:], strict=True):
        open_claims += (each.name == "lead.claimed") - (each.name in CLOSES)
        assert open_claims in (0, 1)
        assert (state.claim is not None) == bool(open_claims)
        assert bool(open_claims) == (state.walk in (Walk.CLAIMED, Walk.UNKNOWN))


@given(history=histories())
@FEWER
def test_a_mail_that_went_is_never_forgotten(history: list[Recorded]) -> None:
    """What was sent only grows; it is the mails accepted, or resolved as sent, oldest first."""
    states = states_of(history)
    assert all(after.sent[: len(before.sent)] == before.sent for before, after in pairwise(states))
    claims = {each.version: each.event for each in history if isinstance(each.event, Claimed)}
    went = [
        each.version
        for each in history
        if each.name == "lead.accepted" or (isinstance(each.event, Resolved) and each.event.sent)
    ]
    newest = [max(version for version in claims if version < each) for each in went]
    assert [(mail.claim, mail.sequence_id, mail.inbox_id) for mail in states[-1].sent] == [
        (version, claims[version].sequence_id, claims[version].inbox_id) for version in newest
    ]


@given(history=histories())
@FEWER
def test_no_step_goes_twice(history: list[Recorded]) -> None:
    """However the chain is edited meanwhile: each follow-up at most once, the first mail before all others."""
    sent = [mail.sequence_id for mail in states_of(history)[-1].sent]
    assert len(sent) == len(set(sent))
    assert not sent or sent[0] is None


@given(history=histories())
@FEWER
def test_an_end_is_final(history: list[Recorded]) -> None:
    """Behind it there are answers only: no claim, no report, no second end."""
    ends = [place for place, state in enumerate(states_of(history)) if state.walk is Walk.ENDED]
    assert not ends or ends == list(range(ends[0], len(history) + 1))
    behind = history[ends[0] :] if ends else []
    answers = {"opened", "clicked", "replied", "bounced", "complained", "unsubscribed"}
    assert {each.name.removeprefix("lead.") for each in behind} <= answers


@given(history=histories())
@FEWER
def test_whoever_must_not_be_written_to_is_not_claimed(history: list[Recorded]) -> None:
    """After a reply by a person, a hard bounce, a complaint or an unsubscribe no claim follows."""
    for each, state in zip(history, states_of(history), strict=False):
        if each.name == "lead.claimed":
            assert True not in (state.replied, state.bounced, state.complained, state.unsubscribed)


@given(history=histories())
@FEWER
def test_a_walk_ends_by_one_event(history: list[Recorded]) -> None:
    """Rejected, stopped or finished, once; a stop for an answer comes as soon as no mail is under way."""
    ends = [each for each in history if isinstance(each.event, Rejected | Stopped | Finished)]
    final = states_of(history)[-1]
    assert len(ends) == (final.walk is Walk.ENDED)
    assert final.ends_with is None or final.walk is not Walk.WAITING


@given(history=histories())
@FEWER
def test_what_is_given_back_is_what_was_claimed(history: list[Recorded]) -> None:
    """The reservation freed is that of the claim it closes."""
    for each, state in zip(history, states_of(history), strict=False):
        if isinstance(each.event, Released | Deferred) or (isinstance(each.event, Resolved) and not each.event.sent):
            assert state.claim is not None
            assert each.event.freed == state.claim.reserved


@given(history=histories())
@FEWER
def test_a_lead_that_was_sent_nothing_and_waits_can_be_found_again(history: list[Recorded]) -> None:
    """It is PENDING, or QUEUED until its retry: nobody stays on the way unseen."""
    for state in states_of(history):
        if state.walk is Walk.WAITING and not state.sent and state.ends_with is None:
            wanted = LeadStatus.PENDING if state.retry_at is None else LeadStatus.QUEUED
            assert state.status is wanted


@given(history=histories())
@FEWER
def test_folding_asks_no_table(history: list[Recorded]) -> None:
    """With every row taken away each history folds to the same state, erased payloads to the same place."""
    wanted = states_of(history)
    with pytest.MonkeyPatch.context() as patched:
        put_in_place(patched, LEAD, without(LEAD, *LEAD.table))
        assert states_of(history) == wanted
    assert LEAD_DECIDER.fold(history) == wanted[-1]
