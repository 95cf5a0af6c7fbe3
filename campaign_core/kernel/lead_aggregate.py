"""Leads, and addresses that are not written to, as the kernel runs them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from campaign_core.campaign.lifecycle import CAMPAIGN
from campaign_core.decider import Decider
from campaign_core.errors import UnknownCampaign
from campaign_core.kernel.preflight import Ahead
from campaign_core.kernel.registers import address_hash
from campaign_core.kernel.settling import settle
from campaign_core.lead import events
from campaign_core.lead.commands import LeadCommand, ReviseLead
from campaign_core.lead.decisions import LEAD_DECIDER, LeadFacts
from campaign_core.lead.events import Claimed, lead_of
from campaign_core.lead.events import stream_of as lead_stream
from campaign_core.lead.identity import lead_number_of
from campaign_core.lead.state import LeadState
from campaign_core.lead.walk import ChainStep
from campaign_core.log.transaction import Reading, Writing
from campaign_core.recorded import Metadata, Proposed, Recorded
from campaign_core.suppression.commands import Suppress, SuppressionCommand
from campaign_core.suppression.decisions import SUPPRESSION_DECIDER, SuppressionState
from campaign_core.suppression.events import SuppressionReason
from campaign_core.suppression.events import stream_of as suppression_stream
from campaign_core.views.campaigns import CAMPAIGNS, CampaignRow
from campaign_core.views.leads import LEADS

#: Events after which nobody in the workspace writes to the address any more.
_SUPPRESSES: Final = {
    events.Unsubscribed.stored_name: SuppressionReason.UNSUBSCRIBED,
    events.Complained.stored_name: SuppressionReason.COMPLAINED,
    events.Bounced.stored_name: SuppressionReason.BOUNCED,
    events.Rejected.stored_name: SuppressionReason.BOUNCED,
}
#: Events after which a campaign may be complete, or has to pause.
_SETTLES: Final = (
    events.Rejected, events.Stopped, events.Finished, events.Bounced, events.Complained, events.Accepted, events.Resolved
)  # fmt: skip


class Leads:
    """Leads, as the kernel runs them."""

    decider: Decider[Any, Any, Any, Proposed, Recorded] = LEAD_DECIDER

    def id_of(self, command: LeadCommand) -> UUID:
        return command.lead_id

    def stream_of(self, command: LeadCommand) -> str:
        number = lead_number_of(command.campaign_id, command.lead_id)
        return lead_stream(command.campaign_id, number or 0)

    def look_ahead(
        self, snapshot: Reading, workspace: str, command: LeadCommand, state: LeadState, at: datetime
    ) -> None:
        """Nothing takes long."""

    def facts(
        self,
        snapshot: Reading,
        workspace: str,
        command: LeadCommand,
        state: LeadState,
        at: datetime,
        ahead: Ahead | None,
    ) -> LeadFacts:
        """What the lead has, and the steps of its campaign; a revision asks whether the campaign allows it."""
        campaign = snapshot.get(CAMPAIGNS, (workspace, command.campaign_id))
        revises = isinstance(command, ReviseLead)
        if campaign is None and (revises or not state.version):
            raise UnknownCampaign(command.campaign_id)
        if revises and campaign is not None:
            CAMPAIGN.ask("revise_lead", campaign.status)
        number = lead_number_of(command.campaign_id, command.lead_id)
        row = snapshot.get(LEADS, (workspace, command.campaign_id, number)) if number else None
        return LeadFacts(
            at=at,
            exists=row is not None or bool(state.version),
            values=snapshot.content_row(row.position, row.place) if row is not None and revises else None,
            chain=chain_of(campaign),
            tracks_opens=campaign is not None and campaign.settings.enable_tracking,
        )

    def finish(self, writing: Writing, workspace: str, stream: str, recorded: Sequence[Recorded]) -> None:
        """What came back may suppress the address, end the campaign, or pause it."""
        campaign_id, number = lead_of(stream)
        for each in recorded:
            reason = _suppresses(each)
            hashed = _hash_for(writing, workspace, campaign_id, number, stream) if reason is not None else None
            if reason is not None and hashed is not None:
                suppress(writing, each.metadata, hashed, reason)
        if any(isinstance(each.event, _SETTLES) for each in recorded):
            settle(writing, recorded[-1].metadata, campaign_id)

    def answer(
        self, command: LeadCommand, state: LeadState, facts: LeadFacts, recorded: Sequence[Recorded]
    ) -> dict[str, Any]:
        return {"status": state.status.value}


def chain_of(campaign: CampaignRow | None) -> tuple[ChainStep, ...]:
    """The follow-ups of a campaign, as the walk of a lead sees them."""
    return tuple(
        ChainStep(
            sequence_id=step.sequence_id,
            step_number=step.step_number,
            wait_days=step.wait_days,
            trigger_type=step.trigger_type.value,
        )
        for step in (campaign.steps if campaign is not None else ())
    )


def _suppresses(recorded: Recorded) -> SuppressionReason | None:
    event = recorded.event
    passes = (isinstance(event, events.Bounced) and not event.hard) or (
        isinstance(event, events.Rejected) and not event.about_address
    )
    return None if passes else _SUPPRESSES.get(recorded.name)


def _hash_for(writing: Writing, workspace: str, campaign_id: UUID, number: int, stream: str) -> str | None:
    """The hash of a lead's address: from its last claim, which outlives its values, else from its values."""
    claims = [each.event for each in writing.read_stream(workspace, stream) if isinstance(each.event, Claimed)]
    if claims:
        return claims[-1].address_hash
    row = writing.get(LEADS, (workspace, campaign_id, number))
    address = None if row is None else row.address
    return None if address is None else address_hash(writing.tables, workspace, address)


def suppress(writing: Writing, metadata: Metadata, hashed: str, reason: SuppressionReason) -> None:
    """Puts an address on the list of its workspace, unless it is there."""
    stream = suppression_stream(hashed)
    state = SUPPRESSION_DECIDER.fold(writing.read_stream(metadata.workspace, stream))
    proposed = SUPPRESSION_DECIDER.decide(Suppress(hashed, reason), state, None)
    if proposed:
        writing.append(stream, proposed, metadata)


class Suppressions:
    """Addresses that are not written to, as the kernel runs them."""

    decider: Decider[Any, Any, Any, Proposed, Recorded] = SUPPRESSION_DECIDER

    def id_of(self, command: SuppressionCommand) -> UUID:
        """The first half of the hash: outcomes name what they are about by a UUID."""
        return UUID(hex=command.address_hash[:32])

    def stream_of(self, command: SuppressionCommand) -> str:
        return suppression_stream(command.address_hash)

    def look_ahead(
        self, snapshot: Reading, workspace: str, command: SuppressionCommand, state: SuppressionState, at: datetime
    ) -> None:
        """Nothing takes long."""

    def facts(
        self,
        snapshot: Reading,
        workspace: str,
        command: SuppressionCommand,
        state: SuppressionState,
        at: datetime,
        ahead: Ahead | None,
    ) -> None:
        """Nothing else bears on it."""

    def finish(self, writing: Writing, workspace: str, stream: str, recorded: Sequence[Recorded]) -> None:
        """Nothing else belongs into the transaction."""

    def answer(
        self, command: SuppressionCommand, state: SuppressionState, facts: None, recorded: Sequence[Recorded]
    ) -> dict[str, Any]:
        return {"status": "SUPPRESSED" if state.suppressed else "LIFTED"}
