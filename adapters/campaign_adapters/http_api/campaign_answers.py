"""How is a campaign told to a client? From rows and texts to the answers' shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from campaign_adapters.http_api.campaign_models import (
    BatchTold,
    CampaignListed,
    CampaignTold,
    FindingTold,
    InboxTold,
    SequenceTold,
    VariantTold,
)
from campaign_core import BATCHES, INBOXES, RESULTS, CampaignRow, Finding, InboxRow, Kernel
from campaign_core.analytics.rates import percent
from campaign_core.campaign.events import Source
from campaign_core.campaign.settings import SETTING_NAMES
from campaign_core.campaign.variants import Split
from campaign_core.recorded import Row

_COUNTS: Final = ("sent_count", "reply_count", "open_count", "bounce_count", "unsubscribe_count")
#: How many lead files are told of a campaign.
_MOST_BATCHES: Final = 100
_Texts = Mapping[tuple[UUID | None, str], Row]


def findings_told(findings: Iterable[Finding]) -> list[FindingTold]:
    """Faults or warnings."""
    return [
        FindingTold(code=each.code, message=each.sentence, count=each.count, examples=list(each.examples))
        for each in findings
    ]


def listed(row: CampaignRow) -> CampaignListed:
    """A campaign in a list."""
    return CampaignListed(**_in_short(row))


def _in_short(row: CampaignRow) -> dict[str, Any]:
    return {
        "campaign_id": row.campaign_id,
        "name": row.name,
        "status": row.status,
        "created_at": row.created_at,
        "launched_at": row.launched_at,
        "total_leads": row.total_leads,
        **{name: getattr(row, name) for name in _COUNTS},
    }


def campaign_told(kernel: Kernel, row: CampaignRow) -> CampaignTold:
    """Everything about a campaign.

    Raises:
        UnknownCampaign: it was deleted meanwhile.
    """
    texts = kernel.texts(row.campaign_id)
    tried, reached = (
        kernel.view(RESULTS).count({"campaign_id": row.campaign_id}, at_least={field: 1})
        for field in ("mail_count", "reached_count")
    )
    inboxes = [kernel.view(INBOXES).get(each) for each in row.inbox_ids]
    settings: dict[str, Any] = {name: getattr(row.settings, name) for name in SETTING_NAMES}
    return CampaignTold(
        **_in_short(row),
        **{name: value for name, value in settings.items() if name not in ("name", "sending_days")},
        sending_days=list(row.settings.sending_days),
        lead_mapping=None if row.lead_mapping is None else dict(row.lead_mapping),
        variants=_variants(row.variants, None, texts),
        sequences=_sequences(row, texts),
        inboxes=[_inbox(each) for each in inboxes if each is not None],
        lead_batches=_batches(kernel, row.campaign_id),
        created_by=row.created_by,
        team_id=row.workspace,
        updated_at=row.updated_at,
        completion_rate=percent(tried, row.total_leads),
        success_rate=percent(reached, row.total_leads),
        open_to_reply_rate=percent(row.reply_count, row.open_count),
    )


def _variants(splits: Sequence[Split], sequence_id: UUID | None, texts: _Texts) -> list[VariantTold]:
    return [
        VariantTold(
            variant_name=each.variant_name,
            variant_label=each.variant_label,
            distribution_percent=each.distribution_percent,
            content_type=each.content_type,
            subject_template=texts.get((sequence_id, each.variant_name), {}).get("subject_template"),
            email_content=texts.get((sequence_id, each.variant_name), {}).get("email_content"),
        )
        for each in splits
    ]


def _sequences(row: CampaignRow, texts: _Texts) -> list[SequenceTold]:
    return [
        SequenceTold(
            sequence_id=step.sequence_id,
            step_number=step.step_number,
            trigger_type=step.trigger_type,
            wait_days=step.wait_days,
            enable_unsubscribe=step.enable_unsubscribe,
            variants=_variants(step.variants, step.sequence_id, texts),
        )
        for step in row.steps
    ]


def _inbox(row: InboxRow) -> InboxTold:
    return InboxTold(
        inbox_id=row.inbox_id,
        email_address=row.email_address,
        display_name=row.display_name,
        overall_status=row.status,
    )


def _batches(kernel: Kernel, campaign_id: UUID) -> list[BatchTold]:
    """The newest lead files; a lead that was added by hand is a batch of its own, and told with the leads."""
    files = kernel.view(BATCHES).find(
        {"campaign_id": campaign_id, "source": Source.FILE},
        order_by="created_at",
        direction="descending",
        limit=_MOST_BATCHES,
    )
    return [BatchTold(batch_id=each.batch_id, lead_count=each.lead_count, created_at=each.created_at) for each in files]
