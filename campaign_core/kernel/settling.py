"""What follows from what happened to leads, in the same transaction: a campaign that is complete, or has to pause."""

from __future__ import annotations

from uuid import UUID

from campaign_core.campaign.commands import CompleteCampaign, PauseCampaign
from campaign_core.campaign.decisions import CAMPAIGN_DECIDER
from campaign_core.campaign.events import PauseReason, stream_of
from campaign_core.campaign.facts import CampaignFacts
from campaign_core.campaign.guard import guard
from campaign_core.campaign.lifecycle import CAMPAIGN
from campaign_core.kernel.campaign_leads import CampaignLeads
from campaign_core.log.transaction import Writing
from campaign_core.recorded import Metadata, Recorded
from campaign_core.views.campaigns import CAMPAIGNS, CampaignRow


def settle(writing: Writing, metadata: Metadata, campaign_id: UUID) -> list[Recorded]:
    """Pauses a running campaign whose mails come back too often, and completes one all of whose leads have ended."""
    row = writing.get(CAMPAIGNS, (metadata.workspace, campaign_id))
    if row is None or not CAMPAIGN.knows("complete", row.status):
        return []
    reason = guard(row.guarded_sent, row.guarded_bounces, row.guarded_complaints)
    if reason is not None:
        return pause(writing, metadata, row, reason)
    leads = CampaignLeads(writing, metadata.workspace, campaign_id).standing()
    if leads.any_open:
        return []
    return _told(
        writing, metadata, row, CompleteCampaign(campaign_id), CampaignFacts(at=metadata.recorded_at, leads=leads)
    )


def pause(writing: Writing, metadata: Metadata, row: CampaignRow, reason: PauseReason) -> list[Recorded]:
    """Pauses a running campaign for a reason of the kernel's."""
    command = PauseCampaign(row.campaign_id, reason=reason)
    return _told(writing, metadata, row, command, CampaignFacts(at=metadata.recorded_at))


def _told(
    writing: Writing,
    metadata: Metadata,
    row: CampaignRow,
    command: CompleteCampaign | PauseCampaign,
    facts: CampaignFacts,
) -> list[Recorded]:
    stream = stream_of(row.campaign_id)
    state = CAMPAIGN_DECIDER.fold(writing.read_stream(metadata.workspace, stream))
    proposed = CAMPAIGN_DECIDER.decide(command, state, facts)
    return writing.append(stream, proposed, metadata, row.version) if proposed else []
