"""What holds for whatever an inbox is told, in whatever order."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from campaign_core import DisableInbox, PauseInbox, RemoveInbox, ResumeInbox, VerifyInbox
from campaign_core.inbox.decisions import INBOX_DECIDER, InboxFacts
from campaign_core.inbox.lifecycle import INBOX
from campaign_core.recorded import Recorded
from campaign_core.testing.scenario import Decided, recorded, scenario
from tests.inbox.given import INBOX_ID, REGISTER

COMMANDS = st.sampled_from(
    [REGISTER, *(kind(INBOX_ID) for kind in (VerifyInbox, PauseInbox, ResumeInbox, DisableInbox, RemoveInbox))]
)
STEPS = st.lists(COMMANDS, max_size=12)
TRIGGERS = {
    "inbox.verified": "verify",
    "inbox.paused": "pause",
    "inbox.resumed": "resume",
    "inbox.disabled": "disable",
    "inbox.removed": "remove",
}


def decided(history: list[Recorded], command: Any) -> Decided:
    return scenario(INBOX_DECIDER).given(*history).when(command, InboxFacts())


def history_of(steps: list[Any]) -> list[Recorded]:
    """What an inbox records while it is told these things one after the other."""
    history: list[Recorded] = []
    for command in steps:
        proposed = decided(history, command).proposed
        history += [recorded(each.event, len(history) + place) for place, each in enumerate(proposed, start=1)]
    return history


@given(STEPS, COMMANDS)
def test_deciding_is_deterministic(steps: list[Any], command: Any) -> None:
    """The same command and history give the same events, or the same refusal."""
    first, second = decided(history_of(steps), command), decided(history_of(steps), command)
    assert first.proposed == second.proposed
    assert (type(first.refusal), getattr(first.refusal, "args", None)) == (
        type(second.refusal),
        getattr(second.refusal, "args", None),
    )


@given(STEPS, st.data())
def test_a_history_folds_in_parts_as_it_does_at_once(steps: list[Any], data: st.DataObject) -> None:
    """fold(a + b) = fold(b, fold(a)), wherever it is cut."""
    history = history_of(steps)
    cut = data.draw(st.integers(0, len(history)))
    assert INBOX_DECIDER.fold(history[cut:], INBOX_DECIDER.fold(history[:cut])) == INBOX_DECIDER.fold(history)


@given(STEPS)
def test_the_machine_allows_every_move_that_was_recorded(steps: list[Any]) -> None:
    """Each event was legal where it happened and landed where the machine leads."""
    state = INBOX_DECIDER.initial
    for each in history_of(steps):
        before, state = state, INBOX_DECIDER.evolve(state, each)
        if each.name in TRIGGERS:
            assert INBOX.ask(TRIGGERS[each.name], str(before.status)) == state.status
