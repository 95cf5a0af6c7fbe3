"""Every rule a lead answers for."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from campaign_core.decider import Decider
from campaign_core.errors import UnknownLead
from campaign_core.lead.commands import LeadCommand
from campaign_core.lead.events import DetailsRevised
from campaign_core.recorded import Proposed, Recorded, Rows


@frozen
class LeadState:
    """A lead as its decisions see it: nothing that happened to it so far bears on them."""


@frozen(kw_only=True)
class LeadFacts:
    """What a lead's decisions need to know and its own stream does not tell."""

    #: All its values; None where the campaign has no such lead, or they were erased.
    values: Mapping[str, str] | None = None


def decide(command: LeadCommand, state: LeadState, facts: LeadFacts) -> tuple[Proposed, ...]:
    """Which events the command causes; empty where nothing would change.

    Raises:
        UnknownLead: the campaign has no such lead, or its values were erased.
    """
    if facts.values is None:
        raise UnknownLead(command.lead_id)
    after = dict(facts.values)
    for name, value in command.changes():
        trimmed = "" if value is None else value.strip()
        if trimmed:
            after[name] = trimmed
        else:
            after.pop(name, None)
    names = sorted(name for name in facts.values.keys() | after.keys() if facts.values.get(name) != after.get(name))
    return (Proposed(DetailsRevised(fields=tuple(names)), Rows((after,))),) if names else ()


def evolve(state: LeadState, recorded: Recorded) -> LeadState:
    """The state after an event."""
    return state


LEAD_DECIDER: Decider[LeadCommand, LeadState, LeadFacts, Proposed, Recorded] = Decider(LeadState(), decide, evolve)
