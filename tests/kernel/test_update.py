"""One update carries any mix of things, in one transaction; what its outcome says."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from campaign_core import (
    CAMPAIGNS,
    ActivateCampaign,
    CampaignError,
    CreateCampaign,
    DisableInbox,
    Finding,
    InvalidMessage,
    Kernel,
    NotLaunchReady,
    Outcome,
    PreflightFailed,
    StartTooFarAhead,
    TooManyVariants,
    UnbalancedSplit,
    UnusableInboxes,
    UpdateCampaign,
    UploadLeads,
    VerifyInbox,
)
from tests.campaign.given import variant
from tests.conftest import AT
from tests.kernel.given import LEADS_CSV, VARIANT, draft, failed, new_inbox, paused

UNKNOWN = UUID(int=99)


def test_a_mix_is_recorded_in_one_go(kernel: Kernel) -> None:
    """Settings, inboxes, variants and the launch: one outcome, one row of the view, consecutive versions."""
    campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
    kernel.handle(UploadLeads(campaign_id, LEADS_CSV))
    inbox_id = new_inbox(kernel)
    answer = kernel.handle(
        UpdateCampaign(
            campaign_id, name="Summer launch", timezone="UTC", inbox_ids=(inbox_id,), variants=(VARIANT,), launch=True
        )
    )
    assert answer.events == (
        "campaign.settings_revised",
        "campaign.inboxes_assigned",
        "campaign.variants_set",
        "campaign.launched",
    )
    row = kernel.view(CAMPAIGNS).get(campaign_id)
    assert row is not None
    assert (row.name, row.settings.timezone, row.inbox_ids) == ("Summer launch", "UTC", (inbox_id,))
    assert (row.variants, row.status, row.version, row.updated_at) == ((VARIANT.split,), "ACTIVE", 6, AT)
    assert [each.version for each in kernel.history(campaign_id)] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("bad", "refusal"),
    [
        pytest.param({"inbox_ids": (UNKNOWN,)}, UnusableInboxes, id="an inbox that does not exist"),
        pytest.param({"variants": (variant("A", 99),)}, UnbalancedSplit, id="shares that fall short"),
        pytest.param({"start_date": AT.replace(year=2033)}, StartTooFarAhead, id="a start too far ahead"),
        pytest.param({"sending_window_end": 9}, InvalidMessage, id="a window that does not fit"),
        pytest.param({"daily_limit_per_inbox": 101}, InvalidMessage, id="a limit out of range"),
    ],
)
def test_one_bad_part_leaves_everything_as_it_was(
    kernel: Kernel, bad: dict[str, Any], refusal: type[CampaignError]
) -> None:
    """Name, inboxes, variants and launch came along, each of them right by itself; nothing is recorded."""
    made = draft(kernel)
    other = new_inbox(kernel, "other@example.com")
    before, history = kernel.view(CAMPAIGNS).get(made.campaign_id), kernel.history(made.campaign_id)
    mix = {"name": "Summer launch", "inbox_ids": (other,), "variants": (variant("B"),), "launch": True} | bad
    with pytest.raises(refusal):
        kernel.handle(UpdateCampaign(made.campaign_id, **mix))
    assert kernel.view(CAMPAIGNS).get(made.campaign_id) == before
    assert kernel.history(made.campaign_id) == history
    assert kernel.verify().holds


def test_a_refused_merge_leaves_everything_as_it_was(kernel: Kernel) -> None:
    """A paused campaign that would have five variants keeps its one, and its name."""
    campaign_id = paused(kernel).campaign_id
    history = kernel.history(campaign_id)
    five = tuple(variant(name, 25) for name in "BCDE")
    with pytest.raises(TooManyVariants):
        kernel.handle(UpdateCampaign(campaign_id, name="Summer launch", variants=five))
    assert kernel.history(campaign_id) == history


def test_an_outcome_says_what_was_recorded_and_where(kernel: Kernel) -> None:
    """Id, status, version, events, and the place in the log of the last of them."""
    created = kernel.handle(CreateCampaign("Spring launch"))
    assert created == Outcome(
        id=created.id,
        status="DRAFT",
        version=1,
        events=("campaign.created",),
        position=created.position,
        recorded_at=AT,
        is_launch_ready=False,
        missing_requirements=("leads", "inboxes", "email_content"),
        warnings=(Finding(code="no_postal_address"),),
    )
    assert kernel.history(created.id)[-1].position == created.position


def test_an_outcome_of_nothing_to_do_says_so(kernel: Kernel) -> None:
    """No events, no position, no time, the version as it was."""
    made = draft(kernel)
    answer = kernel.handle(UpdateCampaign(made.campaign_id, name="Spring launch"))
    assert (answer.events, answer.position, answer.recorded_at, answer.version) == ((), None, None, 4)
    assert (answer.status, answer.is_launch_ready) == ("DRAFT", True)


def test_an_outcome_of_an_inbox_has_no_readiness(kernel: Kernel) -> None:
    """It is no campaign."""
    answer = kernel.handle(VerifyInbox(new_inbox(kernel, verified=False)))
    assert (answer.status, answer.events, answer.version) == ("ACTIVE", ("inbox.verified",), 2)
    assert (answer.is_launch_ready, answer.missing_requirements) == (None, ())


def test_an_outcome_counts_what_the_update_itself_changed(kernel: Kernel) -> None:
    """Readiness is that of the campaign afterwards: the inbox assigned by this very update is not missing."""
    campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
    answer = kernel.handle(UpdateCampaign(campaign_id, inbox_ids=(new_inbox(kernel),), enable_unsubscribe=False))
    assert answer.missing_requirements == ("leads", "email_content")
    assert answer.warnings == (Finding(code="no_unsubscribe"), Finding(code="no_postal_address"))


def test_a_launch_with_a_fault_is_accepted_and_answers_the_fault(kernel: Kernel) -> None:
    """FAILED, every part there, and why it cannot run; activating answers the same."""
    made = draft(kernel)
    kernel.handle(DisableInbox(made.inbox_id))
    fault = Finding(code="no_usable_inbox", count=1, examples=(str(made.inbox_id),))
    for command in (UpdateCampaign(made.campaign_id, launch=True), ActivateCampaign(made.campaign_id)):
        answer = kernel.handle(command)
        assert (answer.status, answer.events, answer.faults) == ("FAILED", ("campaign.failed",), (fault,))
        assert (answer.is_launch_ready, answer.missing_requirements) == (True, ())


def test_a_failed_campaign_lives_again_once_its_inbox_does(kernel: Kernel) -> None:
    """Verified and activated as it is; or edited first, which makes it a draft."""
    made = failed(kernel)
    kernel.handle(VerifyInbox(made.inbox_id))
    assert kernel.handle(ActivateCampaign(made.campaign_id)).events == ("campaign.launched",)
    other = failed(kernel, address="other@example.com")
    edited = kernel.handle(UpdateCampaign(other.campaign_id, name="Summer launch"))
    assert (edited.status, edited.events) == ("DRAFT", ("campaign.revised", "campaign.settings_revised"))


def test_a_resume_with_a_fault_keeps_the_fields_and_answers_the_fault(kernel: Kernel) -> None:
    """The update is accepted and the campaign stays PAUSED; a bare activation is rejected."""
    made = paused(kernel)
    kernel.handle(DisableInbox(made.inbox_id))
    answer = kernel.handle(UpdateCampaign(made.campaign_id, name="Summer launch", launch=True))
    assert (answer.status, answer.events) == ("PAUSED", ("campaign.settings_revised",))
    assert [fault.code for fault in answer.faults] == ["no_usable_inbox"]
    with pytest.raises(PreflightFailed):
        kernel.handle(ActivateCampaign(made.campaign_id))
    quiet = kernel.handle(UpdateCampaign(made.campaign_id))
    assert quiet.faults == ()


def test_a_bare_activation_that_lacks_a_part_is_rejected(kernel: Kernel) -> None:
    """Where an update with `launch` is accepted: it had fields to save."""
    campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
    with pytest.raises(NotLaunchReady) as caught:
        kernel.handle(ActivateCampaign(campaign_id))
    assert caught.value.missing == ("leads", "inboxes", "email_content")
    assert kernel.handle(UpdateCampaign(campaign_id, launch=True)).status == "DRAFT"


def test_a_wrong_message_is_refused_before_anything_is_asked(kernel: Kernel) -> None:
    """Even of a campaign that does not exist: the shape comes first."""
    with pytest.raises(InvalidMessage) as caught:
        kernel.handle(UpdateCampaign(UNKNOWN, name="short", sending_window_start=24))
    assert [each.path for each in caught.value.problems] == ["$.name", "$.sending_window_start"]
