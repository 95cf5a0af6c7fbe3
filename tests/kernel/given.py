"""What tests of the kernel start from: campaigns and inboxes made through it."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from attrs import frozen

from campaign_core import (
    ActivateCampaign,
    ArchiveCampaign,
    CreateCampaign,
    DisableInbox,
    Kernel,
    Metadata,
    PauseCampaign,
    RegisterInbox,
    UpdateCampaign,
    UploadLeads,
    Variant,
    VerifyInbox,
)
from campaign_core.campaign.events import Completed, stream_of
from campaign_core.kernel.kernel import VIEWS
from campaign_core.log.log import EventLog
from campaign_core.log.ports import Store
from campaign_core.recorded import Proposed
from tests.conftest import AT

#: Two leads, with a column of their own.
LEADS_CSV: Final = b"email,first_name,favourite_tea\nanna@example.com,Anna,Assam\nbert@example.com,Bert,\n"
VARIANT: Final = Variant(subject_template="Hello {{first_name}}", email_content="A cup of {{favourite_tea}}?")


@frozen
class Made:
    """A campaign and the inbox assigned to it."""

    campaign_id: UUID
    inbox_id: UUID


def new_inbox(kernel: Kernel, address: str = "sales@example.com", *, verified: bool = True) -> UUID:
    """An inbox, ACTIVE unless said otherwise."""
    inbox_id = kernel.handle(RegisterInbox(address)).id
    if verified:
        kernel.handle(VerifyInbox(inbox_id))
    return inbox_id


def draft(kernel: Kernel, *, address: str = "sales@example.com", **settings: Any) -> Made:
    """A DRAFT that has every part."""
    made = Made(
        kernel.handle(CreateCampaign(settings.pop("name", "Spring launch"), **settings)).id, new_inbox(kernel, address)
    )
    kernel.handle(UploadLeads(made.campaign_id, LEADS_CSV))
    kernel.handle(UpdateCampaign(made.campaign_id, inbox_ids=(made.inbox_id,), variants=(VARIANT,)))
    return made


def active(kernel: Kernel, **others: Any) -> Made:
    """An ACTIVE campaign."""
    made = draft(kernel, **others)
    kernel.handle(ActivateCampaign(made.campaign_id))
    return made


def paused(kernel: Kernel, **others: Any) -> Made:
    """A PAUSED campaign."""
    made = active(kernel, **others)
    kernel.handle(PauseCampaign(made.campaign_id))
    return made


def archived(kernel: Kernel, **others: Any) -> Made:
    """An ARCHIVED campaign."""
    made = paused(kernel, **others)
    kernel.handle(ArchiveCampaign(made.campaign_id))
    return made


def failed(kernel: Kernel, **others: Any) -> Made:
    """A FAILED campaign: its only inbox was disabled before the launch."""
    made = draft(kernel, **others)
    kernel.handle(DisableInbox(made.inbox_id))
    kernel.handle(ActivateCampaign(made.campaign_id))
    return made


def complete(store: Store, campaign_id: UUID) -> None:
    """Records that every lead has reached an end, which no command can bring about yet."""
    metadata = Metadata(workspace="default", actor="test", recorded_at=AT)
    EventLog(store, VIEWS).append(stream_of(campaign_id), [Proposed(Completed())], metadata)
