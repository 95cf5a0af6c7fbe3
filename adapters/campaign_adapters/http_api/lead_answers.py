"""How is a lead told to a client? From rows, values and events to the answers' shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from campaign_adapters.http_api.lead_models import DeliveryStatus, EmailInteraction, LeadInFull, LeadTold, ReplyTold
from campaign_core import INBOXES, RESULTS, Answer, Kernel, LeadRow, LeadStatus, Recorded, ResultRow
from campaign_core.fields import EMAIL, STANDARD_FIELDS
from campaign_core.kernel.interactions import Interaction
from campaign_core.lead.events import Replied
from campaign_core.recorded import Row


def leads_told(kernel: Kernel, rows: Sequence[LeadRow]) -> list[LeadTold]:
    """Leads with their values."""
    results = [kernel.view(RESULTS).get(row.campaign_id, row.number) for row in rows]
    values = kernel.lead_values(rows)
    return [LeadTold(**_lead(*each)) for each in zip(rows, values, results, strict=True)]


def lead_in_full(kernel: Kernel, row: LeadRow) -> LeadInFull:
    """A lead with its values, its mails and its answers."""
    (values,) = kernel.lead_values([row])
    mails = kernel.interactions(row.campaign_id, row.lead_id)
    history = kernel.lead_history(row.campaign_id, row.lead_id)
    return LeadInFull(
        **_lead(row, values, kernel.view(RESULTS).get(row.campaign_id, row.number)),
        email_interactions=[_interaction(kernel, row.lead_id, each) for each in mails],
        replies=[_reply(row.lead_id, each) for each in history if isinstance(each.event, Replied)],
    )


def lead_added(lead_id: UUID, batch_id: UUID, values: Row, at: datetime) -> LeadTold:
    """A lead as it was when it was added."""
    return LeadTold(
        lead_id=lead_id,
        batch_id=batch_id,
        **_values(values),
        status=LeadStatus.PENDING,
        last_contacted_at=None,
        opened_at=None,
        replied_at=None,
        created_at=at,
        sequence_step=0,
        email_opened=False,
        email_replied=False,
        unsubscribed=False,
        delivery_status=None,
    )


def _lead(row: LeadRow, values: Row | None, result: ResultRow | None) -> dict[str, Any]:
    return {
        "lead_id": row.lead_id,
        "batch_id": row.batch_id,
        **_values({} if values is None else values),
        "status": row.status,
        "last_contacted_at": row.last_sent_at,
        "opened_at": row.opened_at,
        "replied_at": row.replied_at,
        "created_at": row.created_at,
        "sequence_step": result.mails[-1].step_number if result is not None and result.mails else 0,
        "email_opened": row.opened_at is not None,
        "email_replied": row.replied_at is not None,
        "unsubscribed": row.unsubscribed_at is not None,
        "delivery_status": None if result is None else _delivery(result),
    }


def _values(values: Mapping[str, str]) -> dict[str, Any]:
    standard = {name: values.get(name) for name in STANDARD_FIELDS}
    custom = {name: value for name, value in values.items() if name not in STANDARD_FIELDS}
    return {EMAIL: values.get(EMAIL), **standard, "custom_fields": custom}


def _delivery(result: ResultRow) -> DeliveryStatus | None:
    if result.under_way is not None:
        return DeliveryStatus.SENDING
    if not result.mails:
        return None
    return DeliveryStatus.BOUNCED if Answer.BOUNCED in result.mails[-1].answers else DeliveryStatus.SENT


def _interaction(kernel: Kernel, lead_id: UUID, mail: Interaction) -> EmailInteraction:
    inbox = kernel.view(INBOXES).get(mail.inbox_id)
    return EmailInteraction(
        email_id=str(uuid5(lead_id, str(mail.claim))) if mail.message_id is None else mail.message_id.strip("<>"),
        sequence_step=mail.step_number,
        variant_name=mail.variant_name,
        subject=mail.subject,
        sent_at=mail.sent_at,
        opened_at=mail.opened_at,
        replied_at=mail.replied_at,
        inbox_email=None if inbox is None else inbox.email_address,
        sent=mail.is_sure,
        opened=mail.opened_at is not None,
        bounced=mail.bounced,
    )


def _reply(lead_id: UUID, recorded: Recorded) -> ReplyTold:
    return ReplyTold(
        reply_id=uuid5(lead_id, f"reply-{recorded.version}"),
        subject=None,
        received_at=recorded.occurred_at,
        body_preview=None,
        is_auto_reply=recorded.event.by_machine,
        is_unsubscribe=False,
    )
