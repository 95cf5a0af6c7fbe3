"""What do the views say about one campaign?"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from campaign_adapters.cli.screens import Sight
from campaign_core import CAMPAIGNS, INBOXES, LEADS, Finding, Kernel, LeadStatus, Recorded, UnknownCampaign
from campaign_core.campaign.events import Failed, Launched, Revised

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


def _faults(history: Sequence[Recorded]) -> tuple[Finding, ...]:
    """Why the last launch failed, unless the campaign was changed or launched since."""
    about = [each.event for each in history if each.name in _ABOUT_LAUNCHING]
    last = about[-1] if about else None
    return last.faults if isinstance(last, Failed) else ()
