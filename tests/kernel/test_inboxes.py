"""Inboxes through the kernel: their whole life, and who may take one away."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from campaign_core import (
    CAMPAIGNS,
    INBOXES,
    AlreadyExists,
    ArchiveCampaign,
    CreateCampaign,
    DeleteCampaign,
    DisableInbox,
    InboxInUse,
    Kernel,
    PauseCampaign,
    PauseInbox,
    RegisterInbox,
    RemoveInbox,
    ResumeInbox,
    UnknownInbox,
    UnusableInboxes,
    UpdateCampaign,
    VerifyInbox,
    open_kernel,
)
from campaign_core.kernel.kernel import VIEWS
from campaign_core.kernel.stores import open_store
from campaign_core.views.assignments import ASSIGNMENTS, AssignmentRow
from tests.conftest import AT
from tests.kernel.given import Made, active, archived, complete, draft, failed, new_inbox, paused


def status(kernel: Kernel, inbox_id: UUID) -> str:
    row = kernel.view(INBOXES).get(inbox_id)
    assert row is not None
    return str(row.status)


def test_an_inbox_lives(kernel: Kernel) -> None:
    """Each command answers the status that the view shows; at the end there is none."""
    inbox_id = new_inbox(kernel, verified=False)
    for command, expected in (
        (VerifyInbox(inbox_id), "ACTIVE"),
        (PauseInbox(inbox_id), "PAUSED"),
        (ResumeInbox(inbox_id), "ACTIVE"),
        (PauseInbox(inbox_id), "PAUSED"),
        (DisableInbox(inbox_id), "DISABLED"),
        (VerifyInbox(inbox_id), "ACTIVE"),
    ):
        assert kernel.handle(command).status == expected == status(kernel, inbox_id)
    assert kernel.handle(RemoveInbox(inbox_id)).status == "REMOVED"
    assert kernel.view(INBOXES).get(inbox_id) is None
    with pytest.raises(UnknownInbox):
        kernel.handle(VerifyInbox(inbox_id))
    assert [each.name for each in kernel.history(inbox_id)][-2:] == ["inbox.verified", "inbox.removed"]


@pytest.mark.parametrize("given", [draft, active, paused, failed])
def test_an_inbox_that_a_campaign_holds_is_not_removed(kernel: Kernel, given: Callable[[Kernel], Made]) -> None:
    """The refusal names the campaign; nothing is recorded."""
    made = given(kernel)
    before = kernel.history(made.inbox_id)
    with pytest.raises(InboxInUse) as caught:
        kernel.handle(RemoveInbox(made.inbox_id))
    assert caught.value.campaign_ids == (made.campaign_id,)
    assert kernel.history(made.inbox_id) == before


def test_a_completed_campaign_holds_its_inboxes(location: str) -> None:
    """Until it is archived."""
    store = open_store(location)
    with open_kernel(store, clock=lambda: AT) as kernel:
        made = active(kernel)
        complete(store, made.campaign_id)
        with pytest.raises(InboxInUse):
            kernel.handle(RemoveInbox(made.inbox_id))
        kernel.handle(ArchiveCampaign(made.campaign_id))
        assert kernel.handle(RemoveInbox(made.inbox_id)).status == "REMOVED"


@pytest.mark.parametrize("free", ["archived", "deleted", "reassigned"])
def test_an_inbox_that_no_campaign_holds_any_more_is_removed(kernel: Kernel, free: str) -> None:
    """And its address is free again, for an inbox of another id; its own id is not."""
    made = archived(kernel) if free == "archived" else paused(kernel)
    if free == "deleted":
        kernel.handle(DeleteCampaign(made.campaign_id))
    if free == "reassigned":
        other = new_inbox(kernel, "other@example.com")
        kernel.handle(UpdateCampaign(made.campaign_id, inbox_ids=(other,)))
    kernel.handle(RemoveInbox(made.inbox_id))
    again = kernel.handle(RegisterInbox("SALES@example.com"))
    assert again.id != made.inbox_id
    with pytest.raises(AlreadyExists):
        kernel.handle(RegisterInbox("third@example.com", inbox_id=made.inbox_id))


def test_every_campaign_that_holds_an_inbox_is_named(kernel: Kernel) -> None:
    """Archiving one is not enough."""
    made = paused(kernel)
    other = kernel.handle(CreateCampaign("Another launch")).id
    kernel.handle(UpdateCampaign(other, inbox_ids=(made.inbox_id,)))
    with pytest.raises(InboxInUse) as caught:
        kernel.handle(RemoveInbox(made.inbox_id))
    assert set(caught.value.campaign_ids) == {made.campaign_id, other}
    kernel.handle(ArchiveCampaign(made.campaign_id))
    with pytest.raises(InboxInUse) as caught:
        kernel.handle(RemoveInbox(made.inbox_id))
    assert caught.value.campaign_ids == (other,)


@pytest.mark.parametrize("command", [PauseInbox, DisableInbox])
def test_an_inbox_that_is_held_back_keeps_its_campaigns(kernel: Kernel, command: type) -> None:
    """It cannot be assigned anew meanwhile; the campaign is warned."""
    made = draft(kernel)
    kernel.handle(command(made.inbox_id))
    row = kernel.view(CAMPAIGNS).get(made.campaign_id)
    assert row is not None
    assert row.inbox_ids == (made.inbox_id,)
    assert "inbox_unusable" in [each.code for each in kernel.readiness(made.campaign_id).warnings]
    other = kernel.handle(CreateCampaign("Another launch")).id
    with pytest.raises(UnusableInboxes):
        kernel.handle(UpdateCampaign(other, inbox_ids=(made.inbox_id,)))


def test_assignments_are_rows_and_are_rebuilt(kernel: Kernel) -> None:
    """Of campaigns that hold an inbox; those archived or deleted hold none."""
    made, gone = paused(kernel), paused(kernel, address="gone@example.com")
    other = new_inbox(kernel, "other@example.com")
    kernel.handle(UpdateCampaign(made.campaign_id, inbox_ids=(other, made.inbox_id)))
    kernel.handle(DeleteCampaign(gone.campaign_id))
    expected = {
        AssignmentRow(workspace="default", campaign_id=made.campaign_id, inbox_id=each)
        for each in (other, made.inbox_id)
    }
    assert set(kernel.view(ASSIGNMENTS).find()) == expected
    before = [kernel.view(view).find() for view in VIEWS]
    kernel.rebuild()
    assert [kernel.view(view).find() for view in VIEWS] == before
    kernel.handle(ArchiveCampaign(made.campaign_id))
    assert kernel.view(ASSIGNMENTS).find() == []


def test_a_removed_inbox_is_found_by_nobody(kernel: Kernel) -> None:
    """Neither in the list nor by its address, also after a rebuild."""
    inbox_id = new_inbox(kernel)
    new_inbox(kernel, "other@example.com")
    kernel.handle(RemoveInbox(inbox_id))
    for _ in range(2):
        assert [row.address for row in kernel.view(INBOXES).find()] == ["other@example.com"]
        assert kernel.view(INBOXES).count({"address": "sales@example.com"}) == 0
        kernel.rebuild()


def test_a_launch_without_an_inbox_that_can_send_fails(kernel: Kernel) -> None:
    """Paused is as good as disabled; resumed, the launch is tried again as it is."""
    made = draft(kernel)
    kernel.handle(PauseInbox(made.inbox_id))
    answer = kernel.handle(UpdateCampaign(made.campaign_id, launch=True))
    assert (answer.status, [each.code for each in answer.faults]) == ("FAILED", ["no_usable_inbox"])
    kernel.handle(ResumeInbox(made.inbox_id))
    assert kernel.handle(UpdateCampaign(made.campaign_id, launch=True)).status == "ACTIVE"
    assert kernel.handle(PauseCampaign(made.campaign_id)).status == "PAUSED"
