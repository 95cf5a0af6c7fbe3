"""Pausing a campaign."""

from __future__ import annotations

from typing import Any

import pytest

from campaign_core import IllegalTransition, PauseCampaign, Status, UnknownCampaign
from campaign_core.campaign.events import Paused, PauseReason
from tests.campaign.given import ACTIVE, CAMPAIGN_ID, DELETED, HISTORIES, PAUSED, facts, when

PAUSE = PauseCampaign(CAMPAIGN_ID)


def test_a_running_campaign_is_paused_on_request() -> None:
    """The reason is recorded: somebody asked for it."""
    when(ACTIVE, PAUSE).then(Paused(reason=PauseReason.REQUESTED))


def test_pausing_asks_for_nothing_else() -> None:
    """A campaign whose inboxes are all down is paused like any other."""
    when(ACTIVE, PAUSE, facts(usable=False)).then(Paused())


def test_pausing_twice_records_nothing() -> None:
    """Repeating is harmless."""
    when(PAUSED, PAUSE).then_nothing()


@pytest.mark.parametrize("status", [Status.DRAFT, Status.COMPLETED, Status.FAILED, Status.ARCHIVED])
def test_only_a_running_campaign_can_be_paused(status: Status) -> None:
    """The refusal says where the campaign is and what it allows there."""
    refusal = when(HISTORIES[status], PAUSE).then_rejected(IllegalTransition, trigger="pause", status=status)
    assert str(refusal).startswith(f"A campaign that is {status} cannot be paused. What it allows now: ")
    assert str(refusal).endswith(f"{', '.join(refusal.legal)}.")


@pytest.mark.parametrize("history", [(), DELETED], ids=["never created", "deleted"])
def test_an_unknown_campaign_cannot_be_paused(history: tuple[Any, ...]) -> None:
    """One that was deleted is as unknown as one that never was."""
    when(history, PAUSE).then_rejected(UnknownCampaign, given=CAMPAIGN_ID)
