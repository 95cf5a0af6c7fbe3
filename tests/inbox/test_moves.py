"""Vouching for an inbox, holding it back, forbidding it to send, taking it away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from campaign_core import (
    DisableInbox,
    IllegalTransition,
    InboxInUse,
    InboxStatus,
    InvalidMessage,
    PauseInbox,
    RemoveInbox,
    ResumeInbox,
    UnknownInbox,
    VerifyInbox,
)
from campaign_core.checks import check
from campaign_core.inbox.decisions import InboxFacts
from campaign_core.inbox.events import Disabled, Paused, Removed, Resumed, Verified
from campaign_core.inbox.lifecycle import can_send
from tests.inbox.given import HISTORIES, INBOX_ID, when

VERIFY, PAUSE, RESUME = VerifyInbox(INBOX_ID), PauseInbox(INBOX_ID), ResumeInbox(INBOX_ID)
DISABLE, REMOVE = DisableInbox(INBOX_ID), RemoveInbox(INBOX_ID)
COMMANDS = [VERIFY, PAUSE, RESUME, DISABLE, REMOVE]
HOLDERS = tuple(UUID(int=number) for number in (31, 32))


def named(command: object) -> str:
    return type(command).__name__


@pytest.mark.parametrize("status", [InboxStatus.PENDING, InboxStatus.DISABLED])
def test_an_inbox_nobody_vouches_for_can_be_verified(status: InboxStatus) -> None:
    """One that was disabled is vouched for anew."""
    when(status, VERIFY).then(Verified())


@pytest.mark.parametrize("status", [InboxStatus.PENDING, InboxStatus.ACTIVE, InboxStatus.PAUSED])
def test_an_inbox_that_is_not_disabled_can_be(status: InboxStatus) -> None:
    """Verified or not, held back or not."""
    when(status, DISABLE).then(Disabled())


def test_an_active_inbox_is_held_back_and_let_go_again() -> None:
    """Without a new verification."""
    when(InboxStatus.ACTIVE, PAUSE).then(Paused())
    when(InboxStatus.PAUSED, RESUME).then(Resumed())


@pytest.mark.parametrize("status", [InboxStatus.PENDING, InboxStatus.ACTIVE, InboxStatus.PAUSED, InboxStatus.DISABLED])
def test_an_inbox_that_no_campaign_holds_is_removed(status: InboxStatus) -> None:
    """In whatever status."""
    when(status, REMOVE).then(Removed())


@pytest.mark.parametrize("status", [InboxStatus.PENDING, InboxStatus.ACTIVE, InboxStatus.PAUSED, InboxStatus.DISABLED])
def test_an_inbox_that_campaigns_hold_is_not_removed(status: InboxStatus) -> None:
    """The refusal names them; it is not taken away under them."""
    refusal = when(status, REMOVE, InboxFacts(held_by=HOLDERS)).then_rejected(
        InboxInUse, inbox_id=INBOX_ID, campaign_ids=HOLDERS
    )
    assert str(HOLDERS[0]) in str(refusal)
    assert str(HOLDERS[1]) in str(refusal)


def test_a_removed_inbox_is_unknown_before_it_is_in_use() -> None:
    when(InboxStatus.REMOVED, REMOVE, InboxFacts(held_by=HOLDERS)).then_rejected(UnknownInbox, given=INBOX_ID)


REFUSED = [
    (InboxStatus.ACTIVE, VERIFY, "verify", ("pause", "disable", "remove"), "be verified"),
    (InboxStatus.PAUSED, VERIFY, "verify", ("resume", "disable", "remove"), "be verified"),
    (InboxStatus.PENDING, PAUSE, "pause", ("verify", "disable", "remove"), "be paused"),
    (InboxStatus.PAUSED, PAUSE, "pause", ("resume", "disable", "remove"), "be paused"),
    (InboxStatus.DISABLED, PAUSE, "pause", ("verify", "remove"), "be paused"),
    (InboxStatus.PENDING, RESUME, "resume", ("verify", "disable", "remove"), "be resumed"),
    (InboxStatus.ACTIVE, RESUME, "resume", ("pause", "disable", "remove"), "be resumed"),
    (InboxStatus.DISABLED, RESUME, "resume", ("verify", "remove"), "be resumed"),
    (InboxStatus.DISABLED, DISABLE, "disable", ("verify", "remove"), "be disabled"),
]


@pytest.mark.parametrize(
    ("status", "command", "trigger", "legal", "deed"), REFUSED, ids=[f"{row[2]} in {row[0]}" for row in REFUSED]
)
def test_a_word_about_a_change_where_there_was_none_is_refused(
    status: InboxStatus, command: Any, trigger: str, legal: tuple[str, ...], deed: str
) -> None:
    """The refusal says where the inbox is and what would be legal."""
    refusal = when(status, command).then_rejected(IllegalTransition, trigger=trigger, status=status, legal=legal)
    assert str(refusal) == f"An inbox that is {status} cannot {deed}. What it allows now: {', '.join(legal)}."


@pytest.mark.parametrize("status", [None, InboxStatus.REMOVED], ids=["never registered", "removed"])
@pytest.mark.parametrize("command", COMMANDS, ids=named)
def test_an_unknown_inbox_is_refused(status: InboxStatus | None, command: Any) -> None:
    """By its id; one that was removed is as unknown as one that never was."""
    refusal = when(status, command).then_rejected(UnknownInbox, given=INBOX_ID)
    assert str(refusal) == f"There is no inbox {INBOX_ID} in this workspace."


@pytest.mark.parametrize("status", list(InboxStatus))
def test_only_an_active_inbox_can_send(status: InboxStatus) -> None:
    """The one question campaigns ask about it."""
    assert can_send(status) is (status == "ACTIVE")


@pytest.mark.parametrize("command", COMMANDS, ids=named)
def test_an_inbox_is_named_by_a_uuid(command: Any) -> None:
    """Its text is not enough."""
    with pytest.raises(InvalidMessage, match=r"\$\.inbox_id: must be a UUID, not str"):
        check(type(command)(str(INBOX_ID)))


def test_there_is_a_history_for_every_status() -> None:
    assert set(HISTORIES) == {None, *InboxStatus}
