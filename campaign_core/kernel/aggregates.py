"""Campaigns and inboxes as the kernel runs them, and which aggregate a command belongs to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import attrs

from campaign_core.campaign import commands as campaign_commands
from campaign_core.campaign.commands import CampaignCommand
from campaign_core.campaign.decisions import CAMPAIGN_DECIDER, texts_brought
from campaign_core.campaign.events import Deleted, Failed, LeadsUploaded, Source, campaign_of
from campaign_core.campaign.events import stream_of as campaign_stream
from campaign_core.campaign.facts import CampaignFacts
from campaign_core.campaign.readiness import preflight, readiness
from campaign_core.campaign.state import CampaignState
from campaign_core.decider import Decider
from campaign_core.inbox.commands import InboxCommand, RegisterInbox, RemoveInbox
from campaign_core.inbox.decisions import INBOX_DECIDER, InboxFacts, InboxState
from campaign_core.inbox.events import stream_of as inbox_stream
from campaign_core.inbox.lifecycle import can_send
from campaign_core.intake.addresses import key_of, normalised
from campaign_core.kernel.aggregate import Aggregate
from campaign_core.kernel.campaign_leads import CampaignLeads
from campaign_core.kernel.jobs import forget_jobs
from campaign_core.kernel.lead_aggregate import Leads, Suppressions
from campaign_core.kernel.preflight import Ahead, look_ahead, looks_ahead, still_holds
from campaign_core.lead.commands import LeadCommand
from campaign_core.lead.events import streams_of as lead_streams
from campaign_core.lead.identity import lead_id_of
from campaign_core.log.transaction import Reading, Writing
from campaign_core.recorded import Proposed, Recorded
from campaign_core.suppression.commands import SuppressionCommand
from campaign_core.views.assignments import ASSIGNMENTS
from campaign_core.views.inboxes import INBOXES
from campaign_core.views.view import Query

_SEED_MASK: Final = 2**63 - 1


class Campaigns:
    """Campaigns, as the kernel runs them."""

    decider: Decider[Any, Any, Any, Proposed, Recorded] = CAMPAIGN_DECIDER

    def id_of(self, command: CampaignCommand) -> UUID:
        assert command.campaign_id is not None
        return command.campaign_id

    def stream_of(self, command: CampaignCommand) -> str:
        return campaign_stream(self.id_of(command))

    def look_ahead(
        self, snapshot: Reading, workspace: str, command: CampaignCommand, state: CampaignState, at: datetime
    ) -> Ahead | None:
        leads = CampaignLeads(snapshot, workspace, self.id_of(command))
        return look_ahead(leads, command, state, lambda: self._read(leads, command, state, at))

    def facts(
        self,
        snapshot: Reading,
        workspace: str,
        command: CampaignCommand,
        state: CampaignState,
        at: datetime,
        ahead: Ahead | None,
    ) -> CampaignFacts:
        leads = CampaignLeads(snapshot, workspace, self.id_of(command))
        facts = self._read(leads, command, state, at)
        if looks_ahead(command) and (ahead is None or not still_holds(ahead, leads)):
            ahead = look_ahead(leads, command, state, lambda: facts)
        if isinstance(command, campaign_commands.AddLeads):
            unfit = {} if ahead is None else ahead.unfit
            return attrs.evolve(facts, unfit={**unfit, **leads.suppressed(command.addresses)})
        return facts if ahead is None else attrs.evolve(facts, mails=ahead.mails)

    def _read(
        self, leads: CampaignLeads, command: CampaignCommand, state: CampaignState, at: datetime
    ) -> CampaignFacts:
        match command:
            case campaign_commands.AddLeads():
                with_values = command.duplicate_action is campaign_commands.DuplicateAction.UPDATE
                pending = leads.pending() if command.delete_existing else ()
                return CampaignFacts(
                    at=at,
                    taken=leads.having(command.addresses, with_values=with_values) if state.leads_added else {},
                    pending=pending,
                    contacted=leads.count() - len(pending) if command.delete_existing else 0,
                )
            case campaign_commands.RemoveLeads():
                return CampaignFacts(at=at, named=leads.named(command.lead_ids))
            case campaign_commands.UpdateCampaign():
                inbox_ids = (*state.inbox_ids, *(command.inbox_ids or ()))
                return campaign_facts(leads, state, inbox_ids, at)
            case _:
                return campaign_facts(leads, state, state.inbox_ids, at)

    def finish(self, writing: Writing, workspace: str, stream: str, recorded: Sequence[Recorded]) -> None:
        """With a deletion goes what the campaign and its leads keep: payloads, texts, values, jobs."""
        if any(each.name == Deleted.stored_name for each in recorded):
            campaign_id = campaign_of(stream)
            forget_jobs(writing.tables, workspace, campaign_id, writing.read_stream(workspace, stream))
            writing.erase_stream(workspace, stream)
            writing.erase_contents(workspace, lead_streams(campaign_id))

    def answer(
        self, command: CampaignCommand, state: CampaignState, facts: CampaignFacts, recorded: Sequence[Recorded]
    ) -> dict[str, Any]:
        status = {"status": state.status.value}
        if not state.exists:
            return status
        match command:
            case campaign_commands.AddLeads():
                return status | _leads_added(command, facts, recorded)
            case campaign_commands.RemoveLeads():
                return status | _leads_removed(command, facts)
        parts = readiness(state, facts)
        faults = tuple(fault for each in recorded if isinstance(each.event, Failed) for fault in each.event.faults)
        held_back = isinstance(command, campaign_commands.UpdateCampaign) and command.launch and not faults
        if held_back and parts.is_launch_ready:
            faults = preflight(state, facts)
        return status | {
            "is_launch_ready": parts.is_launch_ready,
            "missing_requirements": parts.missing_requirements,
            "warnings": (*parts.warnings, *(facts.mails.readings if texts_brought(command) else ())),
            "faults": faults,
        }


def _leads_added(
    command: campaign_commands.AddLeads, facts: CampaignFacts, recorded: Sequence[Recorded]
) -> dict[str, Any]:
    by_hand = command.source is Source.MANUAL
    number = next(each.event.first_number for each in recorded if isinstance(each.event, LeadsUploaded))
    return {
        "batch_id": command.batch_id,
        "lead_id": lead_id_of(command.campaign_id, number) if by_hand else None,
        "removed": len(facts.pending) if command.delete_existing else None,
        "kept": facts.contacted if command.delete_existing else None,
    }


def _leads_removed(command: campaign_commands.RemoveLeads, facts: CampaignFacts) -> dict[str, Any]:
    removed = sum(lead.is_pending for lead in facts.named.values())
    return {
        "removed": removed,
        "kept": len(facts.named) - removed,
        "unknown": len(set(command.lead_ids)) - len(facts.named),
    }


class Inboxes:
    """Inboxes, as the kernel runs them."""

    decider: Decider[Any, Any, Any, Proposed, Recorded] = INBOX_DECIDER

    def id_of(self, command: InboxCommand) -> UUID:
        assert command.inbox_id is not None
        return command.inbox_id

    def stream_of(self, command: InboxCommand) -> str:
        return inbox_stream(self.id_of(command))

    def look_ahead(
        self, snapshot: Reading, workspace: str, command: InboxCommand, state: InboxState, at: datetime
    ) -> None:
        """Nothing takes long."""

    def facts(
        self,
        snapshot: Reading,
        workspace: str,
        command: InboxCommand,
        state: InboxState,
        at: datetime,
        ahead: Ahead | None,
    ) -> InboxFacts:
        match command:
            case RegisterInbox():
                taken = {"workspace": workspace, "address": key_of(normalised(command.email_address))}
                return InboxFacts(address_taken=bool(snapshot.find(INBOXES, Query(where=taken, limit=1))))
            case RemoveInbox():
                held = {"workspace": workspace, "inbox_id": command.inbox_id}
                holders = snapshot.find(ASSIGNMENTS, Query(where=held))
                return InboxFacts(held_by=tuple(row.campaign_id for row in holders))
            case _:
                return InboxFacts()

    def finish(self, writing: Writing, workspace: str, stream: str, recorded: Sequence[Recorded]) -> None:
        """Nothing else belongs into the transaction."""

    def answer(
        self, command: InboxCommand, state: InboxState, facts: InboxFacts, recorded: Sequence[Recorded]
    ) -> dict[str, Any]:
        assert state.status is not None
        return {"status": state.status.value}


def campaign_facts(
    leads: CampaignLeads, state: CampaignState, inbox_ids: Sequence[UUID], at: datetime
) -> CampaignFacts:
    """What leads and inboxes say about a campaign."""
    snapshot, workspace = leads.snapshot, leads.workspace
    rows = {each: snapshot.get(INBOXES, (workspace, each)) for each in dict.fromkeys(inbox_ids)}
    return CampaignFacts(
        at=at,
        inboxes={each: can_send(row.status) for each, row in rows.items() if row is not None},
        leads=leads.standing(),
    )


_CAMPAIGNS, _INBOXES, _LEADS, _SUPPRESSIONS = Campaigns(), Inboxes(), Leads(), Suppressions()


def aggregate_of(command: object) -> Aggregate | None:
    """The aggregate that handles a command; None if it is no command."""
    if isinstance(command, CampaignCommand):
        return _CAMPAIGNS
    if isinstance(command, InboxCommand):
        return _INBOXES
    if isinstance(command, SuppressionCommand):
        return _SUPPRESSIONS
    return _LEADS if isinstance(command, LeadCommand) else None


def with_new_ids(command: Any, new_id: Callable[[], UUID]) -> Any:
    """The command with the ids and the seed that the caller left open."""
    match command:
        case campaign_commands.CreateCampaign():
            seed = new_id().int & _SEED_MASK if command.seed is None else command.seed
            return attrs.evolve(command, campaign_id=command.campaign_id or new_id(), seed=seed)
        case RegisterInbox():
            return attrs.evolve(command, inbox_id=command.inbox_id or new_id())
        case campaign_commands.UpdateCampaign(sequences=sequences, sequence_edits=edits):
            if sequences is not None:
                sequences = tuple(attrs.evolve(each, sequence_id=each.sequence_id or new_id()) for each in sequences)
            if edits is not None:
                edits = tuple(attrs.evolve(each, sequence_id=each.sequence_id or new_id()) for each in edits)
            return attrs.evolve(command, sequences=sequences, sequence_edits=edits)
        case _:
            return command
