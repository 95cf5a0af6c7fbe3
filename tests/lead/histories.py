"""Histories of leads as they could have come about: each step decided, as ticks, workers, readers and operators would."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import attrs
from attrs import frozen
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from campaign_core import (
    CampaignError,
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
    StopReason,
)
from campaign_core.lead import decisions
from campaign_core.lead.decisions import LEAD_DECIDER, LeadFacts
from campaign_core.lead.events import Claimed, Reservation, stream_of
from campaign_core.lead.lifecycle import Walk
from campaign_core.lead.state import LeadState
from campaign_core.lead.walk import ChainStep, due_at, next_step
from campaign_core.recorded import Proposed, Recorded
from campaign_core.testing.scenario import AT, recorded
from tests.lead.given import CAMPAIGN_ID, LEAD_ID, SECOND, THIRD, WIRE, chain_step, claimed

#: The inboxes that send.
INBOXES: Final = (UUID(int=21), UUID(int=22))
#: Chains that edits of a paused campaign lead to: longer, shorter, another order, other conditions, none.
CHAINS: Final[tuple[tuple[ChainStep, ...], ...]] = (
    (chain_step(SECOND, 2, 1), chain_step(THIRD, 3, 1)),
    (chain_step(SECOND, 2, 1, "NOT_OPENED"), chain_step(THIRD, 3, 2, "OPENED_BUT_NOT_REPLIED")),
    (chain_step(THIRD, 2, 1), chain_step(SECOND, 3, 1)),
    (chain_step(THIRD, 2, 3),),
    (),
)
Move = Callable[[LeadState, LeadFacts], Sequence[Proposed]]


@frozen
class Step:
    """What happened to one lead at one instant."""

    number: int
    at: datetime
    proposed: tuple[Proposed, ...]


def _claim(inbox_id: UUID) -> Move:
    """What a tick does about a lead: skips, finishes or claims, as far as it is due."""

    def tick(state: LeadState, known: LeadFacts) -> Sequence[Proposed]:
        if state.walk is not Walk.WAITING or (state.retry_at is not None and state.retry_at > known.at):
            return ()
        step = None
        if state.since is not None:
            passed = decisions.pass_over(state, known)
            step = next_step(state.done, known.chain)
            if passed or step is None or due_at(state.since, step) > known.at:
                return passed
        return decisions.claim(state, _claimed(step, inbox_id, known.at))

    return tick


def _claimed(step: ChainStep | None, inbox_id: UUID, at: datetime) -> Claimed:
    event = claimed() if step is None else claimed(step.sequence_id, step.step_number)
    local = (at - timedelta(hours=9)).date().isoformat()
    reserved = Reservation(inbox_id=inbox_id, utc_day=at.date().isoformat(), local_day=local)
    return attrs.evolve(event, reserved=reserved, deadline=at + timedelta(minutes=10))


def _lose(state: LeadState, known: LeadFacts) -> Sequence[Proposed]:
    return decisions.lose(state)


def _stop(state: LeadState, known: LeadFacts) -> Sequence[Proposed]:
    return decisions.stop(state, StopReason.SUPPRESSED)


def _report(kind: Callable[..., Any], behind: int, *given: Any, **more: Any) -> Move:
    """A report about the newest claim, or about an older version of the stream."""
    return lambda state, known: LEAD_DECIDER.decide(
        kind(CAMPAIGN_ID, LEAD_ID, max(state.claim_version - behind, 1), *given, **more), state, known
    )


def _said(command: Any) -> Move:
    return lambda state, known: LEAD_DECIDER.decide(command, state, known)


_ABOUT: Final = (CAMPAIGN_ID, LEAD_ID)
_TICKS: Final = (*map(_claim, INBOXES), _claim(INBOXES[0]))
_ACCEPT: Final = _report(ReportAccepted, 0, WIRE)
_OTHER_REPORTS: Final = (
    _report(ReportDeferred, 0, reply_code=451),
    _report(ReportDeferred, 0),
    _report(ReportRejected, 0, reply_code=550, about_address=True),
    _report(ReportRejected, 0, reply_code=554, about_address=False),
    _report(ReleaseClaim, 0, reason=ReleaseReason.PAUSED),
)
#: About a claim that is closed, or about what never was one.
_STALE: Final = (_report(ReportAccepted, 2, WIRE), _report(ReleaseClaim, 2, reason=ReleaseReason.STOPPING))
_RESOLVE: Final = tuple(_said(ResolveUnknown(*_ABOUT, sent=sent)) for sent in (True, False))
#: Answers that end nothing come twice as often as those that do.
_ANSWERS: Final = (
    *2 * (_said(RecordOpen(*_ABOUT)), _said(RecordClick(*_ABOUT)), _said(RecordReply(*_ABOUT, by_machine=True))),
    *(_said(RecordOpen(*_ABOUT, by_machine=True)), _said(RecordClick(*_ABOUT, by_machine=True))),
    _said(RecordReply(*_ABOUT)),
    _said(RecordBounce(*_ABOUT, hard=False)),
    _said(RecordBounce(*_ABOUT)),
    _said(RecordComplaint(*_ABOUT)),
    _said(RecordUnsubscribe(*_ABOUT)),
)
#: What may happen in each place on the walk, what brings a lead on more often than the rest.
_MOVES: Final[dict[Walk, tuple[Move, ...]]] = {
    Walk.WAITING: (*6 * _TICKS, *_ANSWERS, *_STALE, _stop),
    Walk.CLAIMED: (*10 * (_ACCEPT,), *2 * _OTHER_REPORTS, *3 * (_lose,), *_STALE, *_ANSWERS),
    Walk.UNKNOWN: (*5 * _RESOLVE, _ACCEPT, *_OTHER_REPORTS, *_STALE, *_ANSWERS),
    Walk.ENDED: (*_TICKS, _ACCEPT, *_STALE, *_RESOLVE, *_ANSWERS),
}
_WAITS: Final = (timedelta(), timedelta(minutes=20), timedelta(hours=14), *3 * (timedelta(days=1),), timedelta(days=3))


@st.composite
def scripts(draw: st.DrawFn, leads: int = 1, longest: int = 20) -> list[Step]:
    """What happened to leads 1 to `leads`, oldest first; what was refused, or came to nothing, is left out."""
    at, chain = AT, draw(st.sampled_from(CHAINS))
    edits = draw(st.dictionaries(st.integers(0, longest), st.sampled_from(CHAINS), max_size=2))
    states = {number: LeadState() for number in range(1, leads + 1)}
    steps: list[Step] = []
    for place in range(draw(st.integers(0, longest))):
        number = draw(st.integers(1, leads))
        at, chain = at + draw(st.sampled_from(_WAITS)), edits.get(place, chain)
        move = draw(st.sampled_from(_MOVES[states[number].walk]))
        try:
            proposed = tuple(move(states[number], LeadFacts(at=at, chain=chain, tracks_opens=True)))
        except CampaignError:
            continue
        if proposed:
            steps.append(Step(number, at, proposed))
            states[number] = _after(states[number], steps[-1])
    return steps


def _after(state: LeadState, step: Step) -> LeadState:
    return LEAD_DECIDER.fold(_recorded(step, state.version), state)


def _recorded(step: Step, version: int) -> list[Recorded]:
    stream = stream_of(CAMPAIGN_ID, step.number)
    return [
        recorded(each.event, place, stream=stream, at=each.occurred_at or step.at)
        for place, each in enumerate(step.proposed, version + 1)
    ]


def histories() -> SearchStrategy[list[Recorded]]:
    """The history of one lead."""
    return scripts().map(history_of)


def history_of(script: Sequence[Step]) -> list[Recorded]:
    """The events of a script of one lead, as they are recorded."""
    found: list[Recorded] = []
    for step in script:
        found += _recorded(step, len(found))
    return found


def states_of(history: Sequence[Recorded]) -> list[LeadState]:
    """The state before the first event, and after each."""
    states = [LEAD_DECIDER.initial]
    for each in history:
        states.append(LEAD_DECIDER.evolve(states[-1], each))
    return states
