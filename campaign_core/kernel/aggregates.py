"""What the kernel does for each aggregate beside deciding: find its stream, read facts, word the answer.

Everything that happens inside the write transaction for one command is here or in the aggregate's own decisions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import attrs

from campaign_core.campaign import commands as campaign_commands
from campaign_core.campaign.commands import CampaignCommand
from campaign_core.campaign.decisions import CAMPAIGN_DECIDER
from campaign_core.campaign.events import Deleted, Failed
from campaign_core.campaign.events import stream_of as campaign_stream
from campaign_core.campaign.facts import CampaignFacts, LeadFacts
from campaign_core.campaign.readiness import preflight, readiness
from campaign_core.campaign.state import CampaignState
from campaign_core.decider import Decider
from campaign_core.inbox.commands import InboxCommand, RegisterInbox
from campaign_core.inbox.decisions import INBOX_DECIDER, InboxFacts, InboxState
from campaign_core.inbox.events import stream_of as inbox_stream
from campaign_core.inbox.lifecycle import can_send
from campaign_core.intake.addresses import key_of, normalised
from campaign_core.lead.status import OPEN, LeadStatus
from campaign_core.log.transaction import Reading, Writing
from campaign_core.recorded import Proposed, Recorded
from campaign_core.views.inboxes import INBOXES
from campaign_core.views.leads import LEADS
from campaign_core.views.view import Query


class Aggregate(Protocol):
    """One kind of aggregate, as the kernel runs it."""

    @property
    def decider(self) -> Decider[Any, Any, Any, Proposed, Recorded]:
        """Its three pure parts."""
        ...

    def id_of(self, command: Any) -> UUID:
        """The aggregate a command is about."""
        ...

    def stream_of(self, identity: UUID) -> str:
        """The name of its stream."""
        ...

    def facts(self, snapshot: Reading, workspace: str, command: Any, state: Any, at: datetime) -> Any:
        """What its decision needs to know beside its own stream."""
        ...

    def finish(self, writing: Writing, workspace: str, stream: str, recorded: Sequence[Recorded]) -> None:
        """What else belongs into the transaction once its events are recorded."""
        ...

    def answer(self, command: Any, state: Any, facts: Any, recorded: Sequence[Recorded]) -> dict[str, Any]:
        """What its outcome says beside id, version and events."""
        ...


class Campaigns:
    """Campaigns, as the kernel runs them."""

    decider: Decider[Any, Any, Any, Proposed, Recorded] = CAMPAIGN_DECIDER

    def id_of(self, command: CampaignCommand) -> UUID:
        assert command.campaign_id is not None
        return command.campaign_id

    def stream_of(self, identity: UUID) -> str:
        return campaign_stream(identity)

    def facts(
        self, snapshot: Reading, workspace: str, command: CampaignCommand, state: CampaignState, at: datetime
    ) -> CampaignFacts:
        campaign_id = self.id_of(command)
        if isinstance(command, campaign_commands.AddLeads):
            taken = taken_addresses(snapshot, workspace, campaign_id, command.addresses) if state.leads_added else set()
            return CampaignFacts(at=at, taken_addresses=frozenset(taken))
        inboxes = state.inbox_ids
        if isinstance(command, campaign_commands.UpdateCampaign):
            inboxes = (*inboxes, *(command.inbox_ids or ()))
        return campaign_facts(snapshot, workspace, campaign_id, inboxes, at)

    def finish(self, writing: Writing, workspace: str, stream: str, recorded: Sequence[Recorded]) -> None:
        if any(each.name == Deleted.stored_name for each in recorded):
            writing.erase_stream(workspace, stream)

    def answer(
        self, command: CampaignCommand, state: CampaignState, facts: CampaignFacts, recorded: Sequence[Recorded]
    ) -> dict[str, Any]:
        if isinstance(command, campaign_commands.AddLeads) or not state.exists:
            return {"status": state.status.value}
        parts = readiness(state, facts)
        faults = tuple(fault for each in recorded if isinstance(each.event, Failed) for fault in each.event.faults)
        held_back = isinstance(command, campaign_commands.UpdateCampaign) and command.launch and not faults
        if held_back and parts.is_launch_ready:
            faults = preflight(state, facts)
        return {
            "status": state.status.value,
            "is_launch_ready": parts.is_launch_ready,
            "missing_requirements": parts.missing_requirements,
            "warnings": parts.warnings,
            "faults": faults,
        }


class Inboxes:
    """Inboxes, as the kernel runs them."""

    decider: Decider[Any, Any, Any, Proposed, Recorded] = INBOX_DECIDER

    def id_of(self, command: InboxCommand) -> UUID:
        assert command.inbox_id is not None
        return command.inbox_id

    def stream_of(self, identity: UUID) -> str:
        return inbox_stream(identity)

    def facts(
        self, snapshot: Reading, workspace: str, command: InboxCommand, state: InboxState, at: datetime
    ) -> InboxFacts:
        if not isinstance(command, RegisterInbox):
            return InboxFacts()
        where = {"workspace": workspace, "address": key_of(normalised(command.email_address))}
        return InboxFacts(address_taken=bool(snapshot.find(INBOXES, Query(where=where, limit=1))))

    def finish(self, writing: Writing, workspace: str, stream: str, recorded: Sequence[Recorded]) -> None:
        """Nothing else belongs into the transaction."""

    def answer(
        self, command: InboxCommand, state: InboxState, facts: InboxFacts, recorded: Sequence[Recorded]
    ) -> dict[str, Any]:
        assert state.status is not None
        return {"status": state.status.value}


def campaign_facts(
    snapshot: Reading, workspace: str, campaign_id: UUID, inbox_ids: Sequence[UUID], at: datetime
) -> CampaignFacts:
    """What leads and inboxes say about a campaign."""
    inboxes = {}
    for inbox_id in dict.fromkeys(inbox_ids):
        row = snapshot.get(INBOXES, (workspace, inbox_id))
        if row is not None:
            inboxes[inbox_id] = can_send(row.status)
    leads = {"workspace": workspace, "campaign_id": campaign_id}

    def any_with(*statuses: LeadStatus) -> bool:
        return any(snapshot.find(LEADS, Query(where=leads | {"status": each}, limit=1)) for each in statuses)

    return CampaignFacts(
        at=at,
        inboxes=inboxes,
        leads=LeadFacts(
            any_lead=any_with(*LeadStatus), any_pending=any_with(LeadStatus.PENDING), any_open=any_with(*OPEN)
        ),
    )


def taken_addresses(snapshot: Reading, workspace: str, campaign_id: UUID, addresses: Sequence[str]) -> set[str]:
    """Which of these addresses, in lower case, the campaign has."""
    return snapshot.present(LEADS, "address", addresses, {"workspace": workspace, "campaign_id": campaign_id})


_CAMPAIGNS, _INBOXES = Campaigns(), Inboxes()


def aggregate_of(command: object) -> Aggregate | None:
    """The aggregate that handles a command; None if it is no command."""
    if isinstance(command, CampaignCommand):
        return _CAMPAIGNS
    return _INBOXES if isinstance(command, InboxCommand) else None


def with_new_ids(command: Any, new_id: UUID, seed: int) -> Any:
    """The command with the id and the seed that the caller left open."""
    if isinstance(command, campaign_commands.CreateCampaign):
        return attrs.evolve(
            command,
            campaign_id=command.campaign_id or new_id,
            seed=seed if command.seed is None else command.seed,
        )
    if isinstance(command, RegisterInbox):
        return attrs.evolve(command, inbox_id=command.inbox_id or new_id)
    return command
