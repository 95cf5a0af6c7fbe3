"""Follow-ups through the kernel: ids, texts where they are kept, and what a start finds in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from campaign_core import (
    CAMPAIGNS,
    LEADS,
    ActivateCampaign,
    CampaignRow,
    EditAction,
    FollowUp,
    IllegalTransition,
    Kernel,
    PauseCampaign,
    PreflightFailed,
    SequenceEdit,
    TriggerType,
    UnfitSequences,
    UnknownFollowUp,
    UpdateCampaign,
)
from tests.campaign.given import addition, follow_up, follow_up_variant, sequence_id
from tests.kernel.given import draft, failed, paused

BLANK = follow_up_variant(email_content=" " * 10)


def row(kernel: Kernel, campaign_id: UUID) -> CampaignRow:
    found = kernel.view(CAMPAIGNS).get(campaign_id)
    assert found is not None
    return found


def first_lead(kernel: Kernel, campaign_id: UUID) -> UUID:
    """The public id of the lead a fault is shown with."""
    return kernel.view(LEADS).find({"campaign_id": campaign_id}, order_by="number", limit=1)[0].lead_id


def change(which: UUID, **changes: Any) -> SequenceEdit:
    return SequenceEdit(action=EditAction.EDIT, sequence_id=which, **changes)


def delete(which: UUID) -> SequenceEdit:
    return SequenceEdit(action=EditAction.DELETE, sequence_id=which)


def edit(kernel: Kernel, campaign_id: UUID, *edits: SequenceEdit, **others: Any) -> Any:
    return kernel.handle(UpdateCampaign(campaign_id, sequence_edits=edits, **others))


def with_follow_ups(kernel: Kernel, *follow_ups: FollowUp) -> UUID:
    """A paused campaign that was launched with these follow-ups."""
    campaign_id = draft(kernel).campaign_id
    kernel.handle(UpdateCampaign(campaign_id, sequences=follow_ups, launch=True))
    kernel.handle(PauseCampaign(campaign_id))
    return campaign_id


def test_follow_ups_get_ids_that_stay(kernel: Kernel) -> None:
    """Where none is given the kernel makes one; it is the one to edit by."""
    campaign_id = with_follow_ups(kernel, follow_up(2, sequence_id=None), follow_up(3, sequence_id=None))
    second, third = (step.sequence_id for step in row(kernel, campaign_id).steps)
    assert second != third
    edit(kernel, campaign_id, change(third, wait_days=9), addition(2, sequence_id=None))
    new, *others = row(kernel, campaign_id).steps
    assert new.sequence_id not in (second, third)
    assert [(step.sequence_id, step.step_number, step.wait_days) for step in others] == [(second, 3, 3), (third, 4, 9)]


def test_a_repeated_command_makes_no_further_follow_ups(kernel: Kernel) -> None:
    """Although the kernel would give them other ids."""
    campaign_id = with_follow_ups(kernel)
    command = UpdateCampaign(campaign_id, sequence_edits=(addition(2, sequence_id=None),))
    first = kernel.handle(command, command_id="edit-1")
    steps = row(kernel, campaign_id).steps
    assert kernel.handle(command, command_id="edit-1") == first
    assert row(kernel, campaign_id).steps == steps
    assert len(steps) == 1


def test_a_launch_finds_the_fault_in_a_follow_up(kernel: Kernel) -> None:
    """And goes ahead once the follow-ups are replaced, which makes the campaign a draft in between."""
    campaign_id = draft(kernel).campaign_id
    spoiled = (follow_up(2), follow_up(3, variants=(BLANK,)))
    kernel.handle(UpdateCampaign(campaign_id, sequences=spoiled))
    answer = kernel.handle(ActivateCampaign(campaign_id))
    assert (answer.status, [(each.code, each.examples) for each in answer.faults]) == (
        "FAILED",
        [("blank_content", (f"step 3 variant A for lead {first_lead(kernel, campaign_id)}",))],
    )
    answer = kernel.handle(UpdateCampaign(campaign_id, sequences=(follow_up(2), follow_up(3)), launch=True))
    assert answer.events == ("campaign.revised", "campaign.sequences_set", "campaign.launched")


def test_a_resume_reads_each_text_where_it_is_kept(kernel: Kernel) -> None:
    """After edits that moved, rewrote and took out follow-ups: the blank one is named by the step it is now."""
    variants = (follow_up_variant("A", 50), follow_up_variant("B", 50))
    campaign_id = with_follow_ups(kernel, follow_up(2), follow_up(3, variants=variants), follow_up(4))
    second, third, fourth = (sequence_id(number) for number in (2, 3, 4))
    edit(kernel, campaign_id, change(fourth, variants=(BLANK,)))
    edit(kernel, campaign_id, delete(second), change(third, wait_days=1))
    edit(kernel, campaign_id, addition(2))
    blank = f"step 4 variant A for lead {first_lead(kernel, campaign_id)}"
    with pytest.raises(PreflightFailed, match=rf"Mails without anything to read: 2 \({blank}\)"):
        kernel.handle(ActivateCampaign(campaign_id))
    held_back = edit(kernel, campaign_id, change(third, wait_days=2), launch=True)
    assert (held_back.status, held_back.events) == ("PAUSED", ("campaign.sequences_set",))
    assert [each.examples for each in held_back.faults] == [(blank,)]
    resumed = edit(kernel, campaign_id, delete(fourth), launch=True)
    assert (resumed.status, resumed.faults) == ("ACTIVE", ())


def test_texts_are_read_alike_after_a_restart(open_sqlite: Callable[[], Kernel]) -> None:
    """From the log alone, without the state a running kernel keeps."""
    with open_sqlite() as kernel:
        campaign_id = with_follow_ups(kernel, follow_up(2), follow_up(3))
        edit(kernel, campaign_id, change(sequence_id(2), variants=(BLANK,)), addition(2))
    with open_sqlite() as kernel:
        with pytest.raises(PreflightFailed, match=r"2 \(step 3 variant A for lead "):
            kernel.handle(ActivateCampaign(campaign_id))
        edit(kernel, campaign_id, change(sequence_id(2), variants=(follow_up_variant(),)))
    with open_sqlite() as kernel:
        assert kernel.handle(ActivateCampaign(campaign_id)).status == "ACTIVE"


def test_a_refused_edit_leaves_everything_as_it_was(kernel: Kernel) -> None:
    """The edits before it in the command too, and the rest of the update."""
    campaign_id = with_follow_ups(kernel, follow_up(2))
    history = kernel.history(campaign_id)
    good = change(sequence_id(2), wait_days=9)
    for refusal, bad in ((UnknownFollowUp, delete(UUID(int=99))), (UnfitSequences, addition(4))):
        with pytest.raises(refusal):
            edit(kernel, campaign_id, good, bad, name="Summer launch")
    assert kernel.history(campaign_id) == history


def test_follow_ups_are_replaced_or_edited_by_status(kernel: Kernel) -> None:
    """Replaced in a draft and in a failed campaign, edited in a paused one, never the other way round."""
    paused_id, failed_id = paused(kernel).campaign_id, failed(kernel, address="other@example.com").campaign_id
    with pytest.raises(IllegalTransition, match="A campaign that is PAUSED cannot have its follow-ups replaced"):
        kernel.handle(UpdateCampaign(paused_id, sequences=(follow_up(2),)))
    with pytest.raises(IllegalTransition, match="A campaign that is FAILED cannot have single follow-ups edited"):
        edit(kernel, failed_id, addition(2))
    assert kernel.handle(UpdateCampaign(failed_id, sequences=(follow_up(2),))).status == "DRAFT"
    assert edit(kernel, paused_id, addition(2)).status == "PAUSED"


def test_waiting_on_opens_without_tracking_is_a_warning(kernel: Kernel) -> None:
    """In the answer and when asked; it holds nothing back."""
    campaign_id = draft(kernel, postal_address="1 High Street").campaign_id
    waiting = follow_up(2, trigger_type=TriggerType.OPENED_BUT_NOT_REPLIED)
    answer = kernel.handle(UpdateCampaign(campaign_id, sequences=(waiting,), launch=True))
    assert (answer.status, [each.code for each in answer.warnings]) == ("ACTIVE", ["tracking_off", "variable_lacking"])
    assert kernel.readiness(campaign_id).warnings == answer.warnings
