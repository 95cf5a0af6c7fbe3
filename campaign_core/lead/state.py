"""What a lead's history adds up to: where it is on its walk, what it was sent, and what came back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from attrs import frozen

from campaign_core.decider import changed
from campaign_core.lead import events
from campaign_core.lead.events import Claimed, LeadEvent, StopReason
from campaign_core.lead.lifecycle import LANDING, Walk
from campaign_core.lead.status import LeadStatus, status_after
from campaign_core.recorded import Recorded


@frozen(kw_only=True)
class Sent:
    """A mail that went, or that counts as gone because nobody knows better."""

    #: The follow-up; None for the first mail.
    sequence_id: UUID | None
    inbox_id: UUID
    at: datetime
    #: The version of the claim under which it went.
    claim: int


@frozen(kw_only=True, slots=False)
class LeadState:
    """A lead as its decisions see it. Readers use views instead."""

    #: The version of the newest event.
    version: int = 0
    walk: Walk = Walk.WAITING
    #: The one word for it that readers see.
    status: LeadStatus = LeadStatus.PENDING
    #: The claim that is open, or whose outcome is unknown.
    claim: Claimed | None = None
    #: The version of that claim in the lead's stream: what a worker's report names.
    claim_version: int = 0
    claimed_at: datetime | None = None
    sent: tuple[Sent, ...] = ()
    #: Steps sent or skipped, oldest first; None stands for the first mail.
    done: tuple[UUID | None, ...] = ()
    #: From when the wait for the next step runs; None before the first mail.
    since: datetime | None = None
    #: Until when a mail that was put off waits.
    retry_at: datetime | None = None
    #: How often the next mail was put off.
    deferrals: int = 0
    #: The outcome of a mail was once unknown: it may have gone, whatever an operator said.
    was_unknown: bool = False
    opened: bool = False
    clicked: bool = False
    replied: bool = False
    bounced: bool = False
    complained: bool = False
    unsubscribed: bool = False

    @property
    def ends_with(self) -> StopReason | None:
        """What ends the walk as soon as no mail is under way; None where nothing does."""
        ends = {
            StopReason.UNSUBSCRIBED: self.unsubscribed,
            StopReason.COMPLAINED: self.complained,
            StopReason.BOUNCED: self.bounced,
            StopReason.REPLIED: self.replied,
        }
        return next((reason for reason, came in ends.items() if came), None)


def evolve(state: LeadState, recorded: Recorded) -> LeadState:
    """The state after an event. The place on the walk comes from the event's name."""
    state = after(state, recorded.name, recorded.event, recorded.occurred_at)
    return changed(state, version=recorded.version)


def after(state: LeadState, name: str, event: LeadEvent | None, at: datetime) -> LeadState:
    """The state after an event of that stored name that happened at `at`."""
    walk = LANDING.get(name)
    if walk is not None and walk is not state.walk:
        state = changed(state, walk=walk)
    if event is not None:
        state = changed(state, status=status_after(state.status, event, sent=bool(state.sent), opened=state.opened))
    match event:
        case events.Claimed():
            return changed(state, claim=event, claim_version=state.version + 1, claimed_at=at, retry_at=None)
        case events.Accepted():
            return _sent(state, at)
        case events.OutcomeUnknown():
            return changed(state, was_unknown=True)
        case events.Resolved(sent=True):
            return _sent(state, state.claimed_at or at)
        case events.Released() | events.Resolved():
            return changed(state, claim=None)
        case events.Deferred(retry_at=retry_at):
            return changed(state, claim=None, retry_at=retry_at, deferrals=state.deferrals + 1)
        case events.Rejected(about_address=about_address):
            return changed(state, claim=None, bounced=state.bounced or about_address)
        case events.Skipped(sequence_id=sequence_id, due_at=due_at):
            return changed(state, done=(*state.done, sequence_id), since=due_at, deferrals=0, retry_at=None)
        case events.Opened(by_machine=False):
            return changed(state, opened=True)
        case events.Clicked(by_machine=False):
            return changed(state, clicked=True)
        case events.Replied(by_machine=False):
            return changed(state, replied=True)
        case events.Bounced(hard=True):
            return changed(state, bounced=True)
        case events.Complained():
            return changed(state, complained=True)
        case events.Unsubscribed():
            return changed(state, unsubscribed=True)
        case _:
            return state


def _sent(state: LeadState, at: datetime) -> LeadState:
    """The open claim became a mail that went at `at`."""
    if state.claim is None:
        return state
    claim = state.claim
    mail = Sent(sequence_id=claim.sequence_id, inbox_id=claim.inbox_id, at=at, claim=state.claim_version)
    done = (*state.done, mail.sequence_id)
    return changed(state, claim=None, sent=(*state.sent, mail), done=done, since=at, deferrals=0, retry_at=None)
