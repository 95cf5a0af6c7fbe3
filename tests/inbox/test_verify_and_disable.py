"""Vouching for an inbox, and forbidding it to send."""

from __future__ import annotations

from typing import Any

import pytest

from campaign_core import DisableInbox, IllegalTransition, InboxStatus, InvalidMessage, UnknownInbox, VerifyInbox
from campaign_core.checks import check
from campaign_core.inbox.events import Disabled, Verified
from campaign_core.inbox.lifecycle import can_send
from tests.inbox.given import INBOX_ID, when

VERIFY, DISABLE = VerifyInbox(INBOX_ID), DisableInbox(INBOX_ID)


@pytest.mark.parametrize("status", [InboxStatus.PENDING, InboxStatus.DISABLED])
def test_an_inbox_that_cannot_send_can_be_verified(status: InboxStatus) -> None:
    """One that was disabled is vouched for anew."""
    when(status, VERIFY).then(Verified())


@pytest.mark.parametrize("status", [InboxStatus.PENDING, InboxStatus.ACTIVE])
def test_an_inbox_that_is_not_disabled_can_be(status: InboxStatus) -> None:
    """Verified or not."""
    when(status, DISABLE).then(Disabled())


def test_an_active_inbox_cannot_be_verified_again() -> None:
    """A word about a change, where there was none; the refusal says what would be legal."""
    refusal = when(InboxStatus.ACTIVE, VERIFY).then_rejected(IllegalTransition, trigger="verify", legal=("disable",))
    assert str(refusal) == "An inbox that is ACTIVE cannot be verified. What it allows now: disable."


def test_a_disabled_inbox_cannot_be_disabled_again() -> None:
    """The same the other way round."""
    refusal = when(InboxStatus.DISABLED, DISABLE).then_rejected(IllegalTransition, trigger="disable", legal=("verify",))
    assert str(refusal) == "An inbox that is DISABLED cannot be disabled. What it allows now: verify."


@pytest.mark.parametrize("command", [VERIFY, DISABLE], ids=["verify", "disable"])
def test_an_unknown_inbox_is_refused(command: Any) -> None:
    """By its id."""
    refusal = when(None, command).then_rejected(UnknownInbox, given=INBOX_ID)
    assert str(refusal) == f"There is no inbox {INBOX_ID} in this workspace."


@pytest.mark.parametrize("status", list(InboxStatus))
def test_only_an_active_inbox_can_send(status: InboxStatus) -> None:
    """The one question campaigns ask about it."""
    assert can_send(status) is (status == "ACTIVE")


@pytest.mark.parametrize("kind", [VerifyInbox, DisableInbox])
def test_an_inbox_is_named_by_a_uuid(kind: Any) -> None:
    """Its text is not enough."""
    with pytest.raises(InvalidMessage, match=r"\$\.inbox_id: must be a UUID, not str"):
        check(kind(str(INBOX_ID)))
