"""Which step comes next: behind the last one that is done, in the chain as it is now, however it was edited meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign_core.lead.decisions import LEAD_DECIDER, pass_over
from campaign_core.lead.events import Finished, Opened, Replied, Skipped
from campaign_core.lead.state import LeadState
from campaign_core.lead.walk import ChainStep, due_at, holds, next_step
from campaign_core.testing.scenario import AT, recorded
from tests.lead.given import ACCEPTED, DAY, FOURTH, SECOND, THIRD, chain_step, claimed, deferred, facts, history

#: Ids of follow-ups that are in the chain, were, or will be.
IDS = [UUID(int=number) for number in range(100, 106)]


def chain(*ids: UUID, wait_days: int = 1, trigger: str = "NOT_REPLIED") -> tuple[ChainStep, ...]:
    return tuple(chain_step(each, number, wait_days, trigger) for number, each in enumerate(ids, 2))


#: Two different orders of some follow-ups, and what a lead has behind it: the first mail and some more.
CHAINS = st.lists(st.sampled_from(IDS), unique=True, max_size=5).map(lambda ids: chain(*ids))
DONE = st.lists(st.sampled_from(IDS), unique=True, max_size=4).map(lambda ids: (None, *ids))


def follows(done: tuple[UUID | None, ...], steps: tuple[ChainStep, ...]) -> UUID | None:
    step = next_step(done, steps)
    return None if step is None else step.sequence_id


@given(done=DONE, steps=CHAINS)
def test_the_next_step_is_the_first_behind_every_one_that_is_done(
    done: tuple[UUID | None, ...], steps: tuple[ChainStep, ...]
) -> None:
    """It was not done, nothing behind it was, and right before it is one that was, or the beginning."""
    ids = [step.sequence_id for step in steps]
    found = follows(done, steps)
    place = len(ids) if found is None else ids.index(found)
    assert not set(ids[place:]) & set(done)
    assert place == 0 or ids[place - 1] in done


@given(done=DONE, steps=CHAINS, data=st.data())
def test_a_deleted_step_that_was_not_done_is_passed_and_the_rest_stay(
    done: tuple[UUID | None, ...], steps: tuple[ChainStep, ...], data: st.DataObject
) -> None:
    """Without the next step the one behind it is next; without any other that was not done, nothing changes."""
    expected = follows(done, steps)
    undone = [step for step in steps if step.sequence_id not in done]
    if undone:
        gone = data.draw(st.sampled_from(undone))
        left = tuple(step for step in steps if step is not gone)
        ids = [step.sequence_id for step in steps]
        behind = ids[ids.index(gone.sequence_id) + 1 :]
        assert follows(done, left) == (behind[0] if gone.sequence_id == expected and behind else None) or (
            gone.sequence_id != expected and follows(done, left) == expected
        )


@given(steps=CHAINS, data=st.data())
def test_steps_put_in_before_the_last_one_done_are_not_made_up_for(
    steps: tuple[ChainStep, ...], data: st.DataObject
) -> None:
    """A lead that was told the later step does not get the earlier one; put in behind it, the new step is next."""
    ids = [step.sequence_id for step in steps]
    done = ids[: data.draw(st.integers(0, len(ids)))]
    new = UUID(int=999)
    place = data.draw(st.integers(0, len(ids)))
    edited = chain(*ids[:place], new, *ids[place:])
    expected = follows((None, *done), steps)
    if place < len(done):
        assert follows((None, *done), edited) == expected
    elif place == len(done):
        assert follows((None, *done), edited) == new
    else:
        assert follows((None, *done), edited) == expected


@given(done=DONE, steps=CHAINS, numbers=st.lists(st.integers(2, 9), min_size=5, max_size=5))
def test_renumbering_changes_nothing(
    done: tuple[UUID | None, ...], steps: tuple[ChainStep, ...], numbers: list[int]
) -> None:
    """The place in the chain counts; nor does it matter in which order the steps were done."""
    renumbered = tuple(attrs.evolve(step, step_number=number) for step, number in zip(steps, numbers, strict=False))
    assert follows(done, renumbered) == follows(done, steps) == follows(done[::-1], steps)


@given(steps=CHAINS)
def test_a_chain_that_stays_as_it_is_is_gone_through_once_in_order(steps: tuple[ChainStep, ...]) -> None:
    done: tuple[UUID | None, ...] = (None,)
    while (found := follows(done, steps)) is not None:
        done = (*done, found)
    assert done == (None, *(step.sequence_id for step in steps))


@pytest.mark.parametrize(
    ("done", "ids", "expected"),
    [
        pytest.param((None,), (), None, id="no follow-ups"),
        pytest.param((None, SECOND), (THIRD, FOURTH), THIRD, id="all that was done is gone"),
        pytest.param((None, SECOND, THIRD), (SECOND, FOURTH), FOURTH, id="the last done is gone"),
        pytest.param((None, THIRD), (THIRD, SECOND), SECOND, id="the order was turned round"),
        pytest.param((None, SECOND, THIRD), (THIRD, SECOND), None, id="all was done in another order"),
    ],
)
def test_what_comes_next_in_an_edited_chain(
    done: tuple[UUID | None, ...], ids: tuple[UUID, ...], expected: UUID | None
) -> None:
    assert follows(done, chain(*ids)) == expected


@pytest.mark.parametrize("days", [1, 30], ids=str)
def test_a_wait_is_so_many_times_24_hours(days: int) -> None:
    """Whatever the clocks of the campaign's zone do meanwhile."""
    assert due_at(AT, chain_step(SECOND, 2, days)) - AT == timedelta(hours=24 * days)


#: Opened, replied, tracked: whether NOT_OPENED, NOT_REPLIED, OPENED_BUT_NOT_REPLIED hold. Source: reference 9.2, 20.4.
CONDITIONS = {
    (False, False, True): (True, True, False),
    (True, False, True): (False, True, True),
    (False, True, True): (True, False, False),
    (True, True, True): (False, False, False),
    (False, False, False): (True, True, False),
    (True, False, False): (True, True, False),
    (False, True, False): (True, False, False),
    (True, True, False): (True, False, False),
}


@pytest.mark.parametrize("known", CONDITIONS, ids=str)
def test_a_condition_is_asked_over_all_earlier_mails(known: tuple[bool, bool, bool]) -> None:
    """Where opens are not tracked nothing counts as opened."""
    opened, replied, tracked = known
    triggers = ("NOT_OPENED", "NOT_REPLIED", "OPENED_BUT_NOT_REPLIED")
    state = LeadState(opened=opened, replied=replied)
    steps = [chain_step(SECOND, 2, 1, trigger) for trigger in triggers]
    assert tuple(holds(step, state, tracks_opens=tracked) for step in steps) == CONDITIONS[known]


def after(*events: Any) -> LeadState:
    return LEAD_DECIDER.fold(history(*events))


def passed(state: LeadState, steps: tuple[ChainStep, ...], days: float, **others: Any) -> list[Any]:
    """What a tick so many days after the first mail passes over."""
    return [each.event for each in pass_over(state, facts(steps, at=AT + days * DAY, **others))]


SENT = (claimed(), ACCEPTED)
UNMET = "OPENED_BUT_NOT_REPLIED"


def skipped(sequence_id: UUID, number: int, days: int) -> Skipped:
    return Skipped(step_number=number, sequence_id=sequence_id, due_at=AT + days * DAY)


def test_nothing_is_passed_over_before_it_is_due() -> None:
    """Nor what is due and holds, nor before the first mail went."""
    steps = chain(SECOND, THIRD, wait_days=2, trigger=UNMET)
    assert passed(after(*SENT), steps, 1.999) == []
    assert passed(after(*SENT), chain(SECOND, wait_days=2), 9) == []
    assert passed(after(), steps, 9) == []
    assert passed(after(claimed(), deferred()), (), 9) == []


def test_a_step_that_does_not_hold_is_skipped_when_it_is_due() -> None:
    """The wait of the next one counts from when the skipped one was due, not from the tick that noticed."""
    steps = (*chain(SECOND, wait_days=2, trigger=UNMET), chain_step(THIRD, 3, 3, "NOT_REPLIED"))
    assert passed(after(*SENT), steps, 2) == [skipped(SECOND, 2, 2)]
    assert passed(after(*SENT), steps, 4.5) == [skipped(SECOND, 2, 2)]
    assert passed(after(*SENT), steps, 5) == [skipped(SECOND, 2, 2)]
    assert passed(after(*SENT, skipped(SECOND, 2, 2)), steps, 9) == []


def test_all_that_became_due_meanwhile_is_skipped_at_once() -> None:
    """Up to the first that holds or is not due; past the last the walk is finished."""
    steps = chain(SECOND, THIRD, FOURTH, wait_days=2, trigger=UNMET)
    two = [skipped(SECOND, 2, 2), skipped(THIRD, 3, 4)]
    assert passed(after(*SENT), steps, 5.9) == two
    assert passed(after(*SENT), steps, 6) == [*two, skipped(FOURTH, 4, 6), Finished()]
    assert passed(after(*SENT), (), 0) == [Finished()]


def test_opens_and_replies_decide_what_is_skipped() -> None:
    opened, replied = Opened(by_machine=False, first=True), Replied(by_machine=True, first=False)
    steps = chain(SECOND, trigger="NOT_OPENED")
    assert passed(after(*SENT, opened), steps, 1) == [skipped(SECOND, 2, 1), Finished()]
    assert passed(after(*SENT, opened), steps, 1, tracks_opens=False) == []
    assert passed(after(*SENT, replied), chain(SECOND), 1) == []


def test_a_mail_put_off_is_skipped_once_its_condition_fails() -> None:
    """And with it go its tries and its retry: the next mail has its own."""
    state = after(*SENT, claimed(SECOND, 2), deferred(), Opened(by_machine=False, first=True))
    steps = (chain_step(SECOND, 2, 1, "NOT_OPENED"), chain_step(THIRD, 3, 1))
    (skip,) = passed(state, steps, 1.5)
    then = LEAD_DECIDER.evolve(state, recorded(skip, state.version + 1))
    assert (then.deferrals, then.retry_at) == (0, None)


@given(
    triggers=st.lists(st.sampled_from(["NOT_OPENED", "NOT_REPLIED", UNMET]), max_size=3),
    waits=st.lists(st.integers(1, 3), min_size=3, max_size=3),
    days=st.integers(0, 12),
    opened=st.booleans(),
    tracked=st.booleans(),
)
def test_a_walk_finishes_exactly_when_nothing_can_become_due(
    triggers: list[str], waits: list[int], days: int, opened: bool, tracked: bool
) -> None:
    """However many ticks came before: looked at daily, or once, a lead stands at the same place."""
    steps = tuple(chain_step(IDS[place], place + 2, waits[place], each) for place, each in enumerate(triggers))
    events = (*SENT, Opened(by_machine=False, first=True)) if opened else SENT
    once = passed(after(*events), steps, days, tracks_opens=tracked)
    state, daily = after(*events), list[Any]()
    for day in range(days + 1):
        if Finished() not in daily:
            daily += passed(state, steps, day, tracks_opens=tracked)
            state = after(*events, *daily)
    assert once == daily
    met = [step.trigger_type == "NOT_REPLIED" or (step.trigger_type == UNMET) == (opened and tracked) for step in steps]
    nothing_left = not any(met) and sum(waits[: len(steps)]) <= days
    assert (Finished() in once) is nothing_left
