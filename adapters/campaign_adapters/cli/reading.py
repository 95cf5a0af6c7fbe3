"""What do the views say about one campaign, or one lead?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from campaign_adapters.cli.screens import Sight
from campaign_adapters.cli.sending_screens import Way
from campaign_core import (
    CAMPAIGNS,
    INBOXES,
    LEADS,
    USAGE,
    Finding,
    InboxRow,
    Kernel,
    LeadStatus,
    Recorded,
    UnknownCampaign,
    UnknownLead,
)
from campaign_core.campaign.events import Failed, Launched, Revised
from campaign_core.lead.identity import lead_number_of
from campaign_core.views.usage import ALL_CAMPAIGNS, utc_day

#: Events after which the faults of the launch before them are told, or are no longer of interest.
_ABOUT_LAUNCHING = {each.stored_name for each in (Failed, Launched, Revised)}


def sight_of(kernel: Kernel, campaign_id: UUID) -> Sight:
    """Everything that is shown of a campaign.

    Raises:
        UnknownCampaign: there is none, or it was deleted.
    """
    row = kernel.view(CAMPAIGNS).get(campaign_id)
    if row is None:
        raise UnknownCampaign(campaign_id)
    found = [kernel.view(INBOXES).get(each) for each in row.inbox_ids]
    leads = {
        status.value: kernel.view(LEADS).count({"campaign_id": campaign_id, "status": status}) for status in LeadStatus
    }
    return Sight(
        row=row,
        readiness=kernel.readiness(campaign_id),
        faults=_faults(kernel.history(campaign_id)),
        inboxes=[each for each in found if each is not None],
        leads={status: count for status, count in leads.items() if count},
    )


def way_of(kernel: Kernel, campaign_id: UUID, lead_id: UUID) -> Way:
    """Everything that is shown of a lead.

    Raises:
        UnknownLead: the campaign has no such lead.
    """
    number = lead_number_of(campaign_id, lead_id)
    row = None if number is None else kernel.view(LEADS).get(campaign_id, number)
    if row is None:
        raise UnknownLead(lead_id)
    (values,) = kernel.lead_values([row])
    addresses = {each.inbox_id: each.email_address for each in kernel.view(INBOXES).find()}
    return Way(row, values, kernel.lead_history(campaign_id, lead_id), addresses)


def sent_on(kernel: Kernel, inboxes: Sequence[InboxRow], at: datetime) -> dict[UUID, int]:
    """How many mails of each inbox count against its own limit on the UTC day of an instant."""
    rows = {each.inbox_id: kernel.view(USAGE).get(each.inbox_id, ALL_CAMPAIGNS, utc_day(at)) for each in inboxes}
    return {inbox_id: 0 if row is None else row.count for inbox_id, row in rows.items()}


def _faults(history: Sequence[Recorded]) -> tuple[Finding, ...]:
    """Why the last launch failed, unless the campaign was changed or launched since."""
    about = [each.event for each in history if each.name in _ABOUT_LAUNCHING]
    last = about[-1] if about else None
    return last.faults if isinstance(last, Failed) else ()
