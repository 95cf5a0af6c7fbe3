"""Whether a kernel runs on the store: one campaign from its beginning to its end."""

from __future__ import annotations

from campaign_core.campaign.commands import CreateCampaign, DeleteCampaign, PauseCampaign, UpdateCampaign
from campaign_core.campaign.variants import Variant
from campaign_core.inbox.commands import RegisterInbox, VerifyInbox
from campaign_core.kernel.kernel import Kernel, open_kernel
from campaign_core.kernel.uploads import UploadLeads
from campaign_core.log.ports import Store
from campaign_core.testing.samples import AT
from campaign_core.views.campaigns import CAMPAIGNS
from campaign_core.views.inboxes import INBOXES
from campaign_core.views.leads import LEADS


def _rows(kernel: Kernel) -> list[object]:
    return [*kernel.view(CAMPAIGNS).find(), *kernel.view(LEADS).find(), *kernel.view(INBOXES).find()]


class KernelContract:
    """`open_kernel` over the store."""

    def test_a_campaign_lives_and_is_erased(self, store: Store) -> None:
        """A command repeated under its id records nothing; rebuilt rows are equal; what is left checks."""
        kernel = open_kernel(store, clock=lambda: AT)
        inbox_id = kernel.handle(RegisterInbox("ada@example.com")).id
        kernel.handle(VerifyInbox(inbox_id))
        campaign_id = kernel.handle(CreateCampaign("Spring launch"), command_id="create").id
        assert kernel.handle(CreateCampaign("Spring launch"), command_id="create").id == campaign_id
        kernel.handle(UploadLeads(campaign_id, b"email\nzoe@example.com\nlin@example.com\n"))
        variant = Variant(subject_template="Hello", email_content="Good morning.")
        launched = kernel.handle(UpdateCampaign(campaign_id, inbox_ids=(inbox_id,), variants=(variant,), launch=True))
        assert launched.status == "ACTIVE"
        rows = _rows(kernel)
        assert len(rows) == 4
        values = kernel.lead_values(kernel.view(LEADS).find(order_by="number"))
        assert [each and each["email"] for each in values] == ["zoe@example.com", "lin@example.com"]
        kernel.rebuild()
        assert _rows(kernel) == rows
        kernel.handle(PauseCampaign(campaign_id))
        kernel.handle(DeleteCampaign(campaign_id))
        assert kernel.view(CAMPAIGNS).find() == []
        assert [each.event is None for each in kernel.history(campaign_id)] == [True] * 6 + [False]
        kernel.rebuild()
        assert [row.inbox_id for row in kernel.view(INBOXES).find()] == [inbox_id]
        assert kernel.verify().holds
