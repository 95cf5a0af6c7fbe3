"""Campaigns whose mails are looked at: leads of whom some lack what a mail says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from campaign_core import LEADS, ContentType, CreateCampaign, Kernel, UpdateCampaign, UploadLeads, Variant
from tests.kernel.given import new_inbox

HELLO: Final = "Good morning to you."


def lead_file(rows: Sequence[tuple[str, ...]], *header: str) -> bytes:
    return "\n".join(",".join(f'"{cell}"' for cell in row) for row in [("email", *header), *rows]).encode()


#: Ten leads, of whom the fourth and the eighth have no city.
TEN: Final = lead_file(
    [(f"lead{number}@leads.org", "" if number in (4, 8) else f"Town {number}") for number in range(1, 11)], "city"
)


def mail(subject: str = "Hello", body: str = HELLO, kind: ContentType = ContentType.PLAINTEXT) -> Variant:
    return Variant(subject_template=subject, email_content=body, content_type=kind)


def drafted(kernel: Kernel, *variants: Variant, leads: bytes = TEN, **others: Any) -> UUID:
    """A draft with every part and these variants."""
    campaign_id = kernel.handle(CreateCampaign("Spring launch", postal_address="1 High Street")).id
    kernel.handle(UploadLeads(campaign_id, leads))
    inbox_id = new_inbox(kernel, f"{campaign_id}@firm.org")
    kernel.handle(UpdateCampaign(campaign_id, inbox_ids=(inbox_id,), variants=variants or (mail(),), **others))
    return campaign_id


def lead_id(kernel: Kernel, campaign_id: UUID, number: int) -> UUID:
    row = kernel.view(LEADS).get(campaign_id, number)
    assert row is not None
    return row.lead_id
