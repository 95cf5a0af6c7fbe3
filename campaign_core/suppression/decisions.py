"""Every rule about addresses that must not be written to."""

from __future__ import annotations

from typing import assert_never

from attrs import frozen

from campaign_core.decider import Decider
from campaign_core.recorded import Proposed, Recorded
from campaign_core.suppression import commands, events
from campaign_core.suppression.commands import SuppressionCommand


@frozen(kw_only=True)
class SuppressionState:
    """An address as its decisions see it."""

    suppressed: bool = False


def decide(command: SuppressionCommand, state: SuppressionState, facts: None) -> tuple[Proposed, ...]:
    """Which events the command causes; empty where it is so already."""
    match command:
        case commands.Suppress(reason=reason):
            return () if state.suppressed else (Proposed(events.Suppressed(reason=reason)),)
        case commands.Lift():
            return (Proposed(events.Lifted()),) if state.suppressed else ()
        case _:
            assert_never(command)


def evolve(state: SuppressionState, recorded: Recorded) -> SuppressionState:
    """The state after an event."""
    return SuppressionState(suppressed=recorded.name == events.Suppressed.stored_name)


SUPPRESSION_DECIDER: Decider[SuppressionCommand, SuppressionState, None, Proposed, Recorded] = Decider(
    SuppressionState(), decide, evolve
)
