"""What each command, and each step of a tick, comes to in each place on the walk, written out by hand.

Nothing here is derived from the lifecycle: a row that is taken away, or put in, shows as a cell that comes out differently.
Source: DESIGN sections 3 and 8.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest

from campaign_core import (
    CampaignError,
    IllegalTransition,
    RecordBounce,
    RecordClick,
    RecordComplaint,
    RecordOpen,
    RecordReply,
    RecordUnsubscribe,
    ReleaseClaim,
    ReleaseReason,
    ReportAccepted,
    ReportDeferred,
    ReportRejected,
    ResolveUnknown,
    ReviseLead,
    StaleClaim,
    StopReason,
)
from campaign_core.lead import decisions
from campaign_core.lead.decisions import LEAD_DECIDER, LeadFacts
from campaign_core.lead.lifecycle import LEAD, TABLE, Walk
from campaign_core.lead.state import LeadState
from campaign_core.lifecycle import Move
from campaign_core.recorded import Proposed
from campaign_core.testing.scenario import AT, recorded, scenario
from tests.lead.given import (
    CAMPAIGN_ID,
    CHAIN,
    DAY,
    HISTORIES,
    LEAD_ID,
    SECOND,
    WIRE,
    chain_step,
    claimed,
    facts,
)
from tests.lifecycle.narrowing import put_in_place, without

Cell = str | type[CampaignError]
#: The version of the newest claim in each history.
CLAIM: Final = {Walk.WAITING: 1, Walk.CLAIMED: 3, Walk.UNKNOWN: 3, Walk.ENDED: 1}
#: A follow-up that is due a day later and whose condition does not hold, as nothing was opened.
UNMET: Final = (chain_step(SECOND, 2, 1, "OPENED_BUT_NOT_REPLIED"), *CHAIN[1:])


def _told(known: LeadFacts, make: Callable[[int], Any]) -> Callable[[LeadState, int], tuple[Proposed, ...]]:
    """A command that is made with the version of the newest claim."""
    return lambda state, claim: tuple(LEAD_DECIDER.decide(make(claim), state, known))


def _about(kind: Callable[..., Any], **more: Any) -> Callable[[LeadState, int], tuple[Proposed, ...]]:
    return _told(facts(values={"email": "anna@example.com"}), lambda claim: kind(CAMPAIGN_ID, LEAD_ID, **more))


def _report(kind: Callable[..., Any], *given: Any, **more: Any) -> Callable[[LeadState, int], tuple[Proposed, ...]]:
    return _told(facts(), lambda claim: kind(CAMPAIGN_ID, LEAD_ID, claim, *given, **more))


#: Each action, given the state and the version of its newest claim.
ACTIONS: Final[dict[str, Callable[[LeadState, int], tuple[Proposed, ...]]]] = {
    "report accepted": _report(ReportAccepted, WIRE),
    "report deferred": _report(ReportDeferred, reply_code=451),
    "report rejected": _report(ReportRejected, reply_code=550, about_address=False),
    "release the claim": _report(ReleaseClaim, reason=ReleaseReason.STOPPING),
    "resolve: it went": _about(ResolveUnknown, sent=True),
    "resolve: it did not go": _about(ResolveUnknown, sent=False),
    "record an open": _about(RecordOpen),
    "record a click": _about(RecordClick),
    "record an automatic reply": _about(RecordReply, by_machine=True),
    "record a reply": _about(RecordReply),
    "record a soft bounce": _about(RecordBounce, hard=False),
    "record a hard bounce": _about(RecordBounce),
    "record a complaint": _about(RecordComplaint),
    "record an unsubscribe": _about(RecordUnsubscribe),
    "revise": _about(ReviseLead, company="Ash"),
    "claim": lambda state, claim: decisions.claim(state, claimed(SECOND, 2)),
    "lose the claim": lambda state, claim: decisions.lose(state),
    "stop": lambda state, claim: decisions.stop(state, StopReason.SUPPRESSED),
    "pass over, nothing due": lambda state, claim: decisions.pass_over(state, facts()),
    "pass over what does not hold": lambda state, claim: decisions.pass_over(state, facts(UNMET, at=AT + DAY)),
    "pass over the last": lambda state, claim: decisions.pass_over(state, facts(())),
}
NO, STALE = IllegalTransition, StaleClaim
# fmt: off
#: Columns: WAITING, CLAIMED, UNKNOWN, ENDED. The place afterwards and the events, or the class of the refusal.
MATRIX: Final[dict[str, tuple[Cell, ...]]] = {
    "report accepted":        ("WAITING", "WAITING accepted", "WAITING accepted", "ENDED"),
    "report deferred":        (STALE, "WAITING deferred", "WAITING deferred", STALE),
    "report rejected":        (STALE, "ENDED rejected", "ENDED rejected", STALE),
    "release the claim":      (STALE, "WAITING released", "WAITING released", STALE),
    "resolve: it went":       (NO, NO, "WAITING resolved", NO),
    "resolve: it did not go": (NO, NO, "WAITING resolved", NO),
    "record an open":         ("WAITING opened", "CLAIMED opened", "UNKNOWN opened", "ENDED opened"),
    "record a click":         ("WAITING clicked", "CLAIMED clicked", "UNKNOWN clicked", "ENDED clicked"),
    "record an automatic reply": ("WAITING replied", "CLAIMED replied", "UNKNOWN replied", "ENDED replied"),
    "record a reply":         ("ENDED replied stopped", "CLAIMED replied", "UNKNOWN replied", "ENDED replied"),
    "record a soft bounce":   ("WAITING bounced", "CLAIMED bounced", "UNKNOWN bounced", "ENDED bounced"),
    "record a hard bounce":   ("ENDED bounced stopped", "CLAIMED bounced", "UNKNOWN bounced", "ENDED bounced"),
    "record a complaint":     ("ENDED complained stopped", "CLAIMED complained", "UNKNOWN complained", "ENDED complained"),
    "record an unsubscribe":  (
        "ENDED unsubscribed stopped", "CLAIMED unsubscribed", "UNKNOWN unsubscribed", "ENDED unsubscribed"),
    "revise": (
        "WAITING details_revised", "CLAIMED details_revised", "UNKNOWN details_revised", "ENDED details_revised"),
    "claim":                  ("CLAIMED claimed", NO, NO, NO),
    "lose the claim":         (NO, "UNKNOWN outcome_unknown", NO, NO),
    "stop":                   ("ENDED stopped", NO, NO, NO),
    "pass over, nothing due": ("WAITING", "CLAIMED", "UNKNOWN", "ENDED"),
    "pass over what does not hold": ("WAITING skipped", NO, NO, NO),
    "pass over the last":     ("ENDED finished", NO, NO, NO),
}
# fmt: on
WALKS: Final = ("WAITING", "CLAIMED", "UNKNOWN", "ENDED")


def _answer(action: str, walk: str) -> Cell:
    """What an action comes to, in the words of the matrix."""
    given = scenario(LEAD_DECIDER).given(*HISTORIES[Walk(walk)])
    try:
        proposed = ACTIONS[action](given.state, CLAIM[Walk(walk)])
    except CampaignError as refusal:
        return type(refusal)
    versions = range(given.state.version + 1, given.state.version + 1 + len(proposed))
    after = [recorded(each.event, version) for each, version in zip(proposed, versions, strict=True)]
    state = LEAD_DECIDER.fold(after, given.state)
    return " ".join([state.walk, *(each.event.stored_name.partition(".")[2] for each in proposed)])


@pytest.mark.parametrize("walk", WALKS)
def test_each_history_reaches_its_place(walk: str) -> None:
    """The columns of the matrix are the places they say they are, all of them, with the claim they say."""
    state = scenario(LEAD_DECIDER).given(*HISTORIES[Walk(walk)]).state
    assert (state.walk, state.claim_version) == (walk, CLAIM[Walk(walk)])
    assert set(WALKS) == set(Walk)
    assert set(MATRIX) == set(ACTIONS)


@pytest.mark.parametrize(
    ("action", "walk", "cell"),
    [
        pytest.param(action, walk, cell, id=f"{action} in {walk}")
        for action, line in MATRIX.items()
        for walk, cell in zip(WALKS, line, strict=True)
    ],
)
def test_an_action_on_a_lead_comes_to_what_the_matrix_says(action: str, walk: str, cell: Cell) -> None:
    """The place on the walk and the events decided, or exactly the class of the refusal."""
    assert _answer(action, walk) == cell


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.trigger} in {row.source}")
def test_a_row_taken_away_shows(row: Move, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any one row of the table at least one cell comes out differently."""
    put_in_place(monkeypatch, LEAD, without(LEAD, row))
    assert any(
        _answer(action, walk) != cell for action, line in MATRIX.items() for walk, cell in zip(WALKS, line, strict=True)
    )


def test_the_whole_table_put_in_place_again_changes_no_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the test above: it is the missing row that shows, not the exchange."""
    put_in_place(monkeypatch, LEAD, without(LEAD))
    for action, line in MATRIX.items():
        assert [_answer(action, walk) for walk in WALKS] == list(line)
