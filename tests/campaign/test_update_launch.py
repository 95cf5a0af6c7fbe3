"""An update that launches or resumes: saved first, then checked, in one decision."""

from __future__ import annotations

from typing import Any

import pytest

from campaign_core import Finding, UnusableInboxes, UpdateCampaign
from campaign_core.campaign.events import (
    Completed,
    Failed,
    InboxesAssigned,
    Launched,
    Resumed,
    Revised,
    SettingsRevised,
)
from campaign_core.campaign.settings import SettingsChange
from tests.campaign.given import (
    ALL_ENDED,
    ALL_OPEN,
    CAMPAIGN_ID,
    CREATED,
    DISABLED_INBOX,
    FAILED,
    INBOX,
    NO_LEADS,
    NO_USABLE_INBOX,
    OTHER_INBOX,
    PAUSED,
    READY,
    facts,
    launch,
    uploaded,
    variant,
    variants_set,
    when,
)

RENAMED = SettingsRevised(change=SettingsChange(name="Summer launch"))


def test_one_update_carries_everything_and_the_launch() -> None:
    """Settings, inboxes and variants are recorded in that order, then the launch."""
    command = launch(variants=(variant("B"),), inbox_ids=(INBOX,), name="Summer launch")
    when((CREATED, uploaded(2)), command).then(
        RENAMED, InboxesAssigned(inbox_ids=(INBOX,)), variants_set(variant("B")), Launched()
    )


def test_what_came_along_counts_for_the_launch() -> None:
    """The campaign's own inbox cannot send; the one assigned by this very update can."""
    known = facts(inboxes={INBOX: False, OTHER_INBOX: True})
    when(READY, launch(inbox_ids=(OTHER_INBOX,)), known).then(InboxesAssigned(inbox_ids=(OTHER_INBOX,)), Launched())


@pytest.mark.parametrize(
    ("history", "known"),
    [
        pytest.param(READY, facts(NO_LEADS), id="no leads"),
        pytest.param(READY, facts(ALL_ENDED), id="no lead that was never contacted"),
        pytest.param((CREATED, uploaded(1), variants_set(variant())), facts(), id="no inboxes"),
        pytest.param((CREATED, uploaded(1), InboxesAssigned(inbox_ids=(INBOX,))), facts(), id="no content"),
        pytest.param((CREATED,), facts(NO_LEADS), id="nothing at all"),
    ],
)
def test_a_launch_that_lacks_a_part_keeps_the_draft_and_its_edits(history: tuple[Any, ...], known: Any) -> None:
    """It is no failure: nothing but the edit is recorded."""
    when(history, launch(), known).then_nothing()
    when(history, launch(name="Summer launch"), known).then(RENAMED)


def test_a_launch_with_a_fault_records_the_failure_after_the_edits() -> None:
    """With the fault, how often it occurs, and its examples."""
    when(READY, launch(name="Summer launch"), facts(usable=False)).then(RENAMED, Failed(faults=(NO_USABLE_INBOX,)))


def test_a_fault_names_three_examples_and_counts_all() -> None:
    """Four inboxes, none of which can send any more."""
    inboxes = (INBOX, OTHER_INBOX, DISABLED_INBOX, CAMPAIGN_ID)
    history = (*READY, InboxesAssigned(inbox_ids=inboxes))
    examples = (str(INBOX), str(OTHER_INBOX), str(DISABLED_INBOX))
    fault = Finding(code="no_usable_inbox", count=4, examples=examples)
    when(history, launch(), facts(usable=False)).then(Failed(faults=(fault,)))
    assert fault.sentence == (
        f"None of its assigned inboxes is ACTIVE (4 assigned: {', '.join(examples)}); "
        "verify one of them or assign another."
    )


def test_one_usable_inbox_is_enough() -> None:
    """The others are a warning, not a fault."""
    history = (*READY, InboxesAssigned(inbox_ids=(DISABLED_INBOX, INBOX)))
    when(history, launch()).then(Launched())


def test_a_missing_part_comes_before_a_fault() -> None:
    """Only a campaign that has every part can fail."""
    when(READY, launch(), facts(NO_LEADS, usable=False)).then_nothing()


def test_a_failed_campaign_is_launched_again_as_it_is() -> None:
    """Without a change it goes straight to ACTIVE: somebody verified the inbox."""
    when(FAILED, launch()).then(Launched())


def test_a_failed_campaign_may_fail_again() -> None:
    """Each try is recorded."""
    when(FAILED, launch(), facts(usable=False)).then(Failed(faults=(NO_USABLE_INBOX,)))


def test_a_failed_campaign_that_is_changed_is_a_draft_before_it_is_launched() -> None:
    """Revised, the change, and then the launch or the failure, with the fault of the inboxes as they are now."""
    when(FAILED, launch(inbox_ids=(OTHER_INBOX,))).then(
        Revised(), InboxesAssigned(inbox_ids=(OTHER_INBOX,)), Launched()
    )
    when(FAILED, launch(name="Summer launch"), facts(usable=False)).then(
        Revised(), RENAMED, Failed(faults=(NO_USABLE_INBOX,))
    )


def test_a_failed_campaign_that_lost_its_leads_stays_failed_unless_it_is_changed() -> None:
    """A launch without edits records nothing; one with an edit leaves a draft."""
    when(FAILED, launch(), facts(NO_LEADS)).then_nothing()
    when(FAILED, launch(name="Summer launch"), facts(NO_LEADS)).then(Revised(), RENAMED)


def test_a_launch_of_a_paused_campaign_resumes_it() -> None:
    """The same intent; the edits are merged first."""
    command = launch(name="Summer launch", variants=(variant("A", variant_label="New"),))
    when(PAUSED, command).then(RENAMED, variants_set(variant("A", variant_label="New"), replaces=False), Resumed())


def test_a_paused_campaign_all_of_whose_leads_ended_resumes_and_completes() -> None:
    """Both are recorded, so that a paused campaign is never stuck."""
    when(PAUSED, launch(), facts(ALL_ENDED)).then(Resumed(), Completed())
    when(PAUSED, launch(), facts(ALL_OPEN)).then(Resumed())


@pytest.mark.parametrize(
    "known",
    [pytest.param(facts(usable=False), id="a fault"), pytest.param(facts(NO_LEADS), id="a missing part")],
)
def test_a_resume_that_cannot_be_keeps_the_edits(known: Any) -> None:
    """The campaign stays PAUSED and nothing is recorded but the edit: it did send, so it never becomes FAILED."""
    when(PAUSED, launch(), known).then_nothing()
    when(PAUSED, launch(name="Summer launch"), known).then(RENAMED)


def test_a_refused_edit_takes_the_launch_with_it() -> None:
    """Even though the campaign, as it was, could have been launched."""
    when(READY, launch(inbox_ids=(DISABLED_INBOX,))).then_rejected(UnusableInboxes, inbox_ids=(DISABLED_INBOX,))


def test_not_asking_for_a_launch_launches_nothing() -> None:
    """`launch=False` is the default and means nothing."""
    when(READY, UpdateCampaign(CAMPAIGN_ID, launch=False)).then_nothing()
    when(READY, UpdateCampaign(CAMPAIGN_ID)).then_nothing()
