"""Every rule an inbox answers for, and what its history adds up to."""

from __future__ import annotations

from typing import assert_never
from uuid import UUID

import attrs
from attrs import frozen

from campaign_core.decider import Decider
from campaign_core.errors import AlreadyExists, InboxInUse, UnknownInbox
from campaign_core.inbox import commands, events
from campaign_core.inbox.commands import InboxCommand
from campaign_core.inbox.events import InboxEvent
from campaign_core.inbox.lifecycle import INBOX, LANDING, InboxStatus
from campaign_core.intake.addresses import normalised
from campaign_core.recorded import Proposed, Recorded


@frozen(kw_only=True)
class InboxState:
    """An inbox as its decisions see it."""

    #: None until it is registered.
    status: InboxStatus | None = None

    @property
    def exists(self) -> bool:
        """Whether it was registered and not removed."""
        return self.status is not None and self.status is not InboxStatus.REMOVED


@frozen(kw_only=True)
class InboxFacts:
    """What an inbox's decisions need to know and its own stream does not tell."""

    #: Another inbox of the workspace has the address.
    address_taken: bool = False
    #: Campaigns, neither archived nor deleted, that the inbox is assigned to.
    held_by: tuple[UUID, ...] = ()


def decide(command: InboxCommand, state: InboxState, facts: InboxFacts) -> tuple[Proposed, ...]:
    """Which events the command causes, oldest first; empty where there is nothing to do.

    Raises:
        CommandRejected: a rule says no; the subclass says which.
    """
    if isinstance(command, commands.RegisterInbox):
        return _register(command, state, facts)
    if not state.exists or state.status is None:
        raise UnknownInbox(command.inbox_id)
    match command:
        case commands.VerifyInbox():
            return _move("verify", events.Verified(), state.status)
        case commands.PauseInbox():
            return _move("pause", events.Paused(), state.status)
        case commands.ResumeInbox():
            return _move("resume", events.Resumed(), state.status)
        case commands.DisableInbox():
            return _move("disable", events.Disabled(), state.status)
        case commands.RemoveInbox():
            return _remove(command, state.status, facts)
        case _:
            assert_never(command)


def _register(command: commands.RegisterInbox, state: InboxState, facts: InboxFacts) -> tuple[Proposed, ...]:
    """An address belongs to one inbox of the workspace, and an id to one inbox ever."""
    if state.status is not None:
        raise AlreadyExists("inbox", command.inbox_id)
    address = normalised(command.email_address)
    if facts.address_taken:
        raise AlreadyExists("inbox", address)
    event = events.Registered(
        email_address=address,
        display_name=command.display_name or address,
        inbox_type=command.inbox_type,
        daily_limit=command.daily_limit,
    )
    return (Proposed(event),)


def _remove(command: commands.RemoveInbox, status: InboxStatus, facts: InboxFacts) -> tuple[Proposed, ...]:
    """An inbox that a campaign may still send from is not taken away under it."""
    if facts.held_by:
        raise InboxInUse(command.inbox_id, facts.held_by)
    return _move("remove", events.Removed(), status)


def _move(trigger: str, event: InboxEvent, status: InboxStatus) -> tuple[Proposed, ...]:
    """A move that depends on the status alone."""
    INBOX.ask(trigger, status)
    return (Proposed(event),)


def evolve(state: InboxState, recorded: Recorded) -> InboxState:
    """The state after an event."""
    return attrs.evolve(state, status=LANDING.get(recorded.name, state.status))


INBOX_DECIDER: Decider[InboxCommand, InboxState, InboxFacts, Proposed, Recorded] = Decider(InboxState(), decide, evolve)
