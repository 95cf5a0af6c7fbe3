"""Assigning inboxes through an update."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from campaign_core import UnusableInboxes, UpdateCampaign
from campaign_core.campaign.events import InboxesAssigned, Revised
from tests.campaign.given import (
    CAMPAIGN_ID,
    CREATED,
    DISABLED_INBOX,
    FAILED,
    INBOX,
    OTHER_INBOX,
    PAUSED,
    READY,
    facts,
    variant,
    when,
)

UNKNOWN_INBOX = UUID(int=99)


def assign(*inbox_ids: UUID, **others: Any) -> UpdateCampaign:
    return UpdateCampaign(CAMPAIGN_ID, inbox_ids=inbox_ids, **others)


@pytest.mark.parametrize("history", [READY, PAUSED], ids=["DRAFT", "PAUSED"])
def test_inboxes_are_assigned_as_a_whole(history: tuple[Any, ...]) -> None:
    """In the order given; those of before are not kept beside them."""
    when(history, assign(OTHER_INBOX, INBOX)).then(InboxesAssigned(inbox_ids=(OTHER_INBOX, INBOX)))


def test_an_inbox_given_twice_is_assigned_once() -> None:
    """The first mention counts for the order."""
    when((CREATED,), assign(OTHER_INBOX, INBOX, OTHER_INBOX)).then(InboxesAssigned(inbox_ids=(OTHER_INBOX, INBOX)))


@pytest.mark.parametrize("history", [READY, PAUSED, FAILED], ids=["DRAFT", "PAUSED", "FAILED"])
@pytest.mark.parametrize("usable", [True, False], ids=["usable", "no longer usable"])
def test_the_same_inboxes_again_record_nothing(history: tuple[Any, ...], usable: bool) -> None:
    """Repeating is harmless, also where one of them cannot send any more."""
    when(history, assign(INBOX, INBOX), facts(usable=usable)).then_nothing()


def test_another_assignment_makes_a_failed_campaign_a_draft_first() -> None:
    """Revised comes before the change."""
    when(FAILED, assign(OTHER_INBOX)).then(Revised(), InboxesAssigned(inbox_ids=(OTHER_INBOX,)))


@pytest.mark.parametrize("history", [READY, PAUSED, FAILED], ids=["DRAFT", "PAUSED", "FAILED"])
def test_inboxes_that_do_not_exist_or_cannot_send_are_named(history: tuple[Any, ...]) -> None:
    """All of them, in the order given, and the usable ones not."""
    decided = when(history, assign(UNKNOWN_INBOX, INBOX, DISABLED_INBOX))
    refusal = decided.then_rejected(UnusableInboxes, inbox_ids=(UNKNOWN_INBOX, DISABLED_INBOX))
    assert str(refusal) == (
        f"Only inboxes that exist and are ACTIVE can be assigned; these cannot: {UNKNOWN_INBOX}, {DISABLED_INBOX}."
    )


def test_one_unusable_inbox_leaves_everything_else_of_the_update_undone() -> None:
    """Name, variants and launch came along; the refusal takes them all."""
    command = assign(INBOX, DISABLED_INBOX, name="Summer launch", variants=(variant("B"),), launch=True)
    when(READY, command).then_rejected(UnusableInboxes, inbox_ids=(DISABLED_INBOX,))
