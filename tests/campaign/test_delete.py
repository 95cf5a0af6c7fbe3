"""Deleting a campaign: the decision. What is erased is the kernel's part."""

from __future__ import annotations

from typing import Any

import pytest

from campaign_core import DeleteCampaign, IllegalTransition, Status, UnknownCampaign
from campaign_core.campaign.decisions import CAMPAIGN_DECIDER
from campaign_core.campaign.events import Deleted
from campaign_core.testing.scenario import scenario
from tests.campaign.given import ARCHIVED, CAMPAIGN_ID, DELETED, HISTORIES, PAUSED, READY, when

DELETE = DeleteCampaign(CAMPAIGN_ID)


@pytest.mark.parametrize("history", [READY, PAUSED, ARCHIVED], ids=["DRAFT", "PAUSED", "ARCHIVED"])
def test_a_campaign_that_does_not_run_can_be_deleted(history: tuple[Any, ...]) -> None:
    """Deleted is recorded as any other move."""
    when(history, DELETE).then(Deleted())


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.COMPLETED, Status.FAILED])
def test_nothing_else_can_be_deleted(status: Status) -> None:
    """Pause it, archive it, or edit it first; the refusal names what the status allows."""
    refusal = when(HISTORIES[status], DELETE).then_rejected(IllegalTransition, trigger="delete", status=status)
    assert str(refusal).startswith(f"A campaign that is {status} cannot be deleted. What it allows now: ")
    way_out = {Status.ACTIVE: "pause", Status.COMPLETED: "archive", Status.FAILED: "update"}[status]
    assert way_out in refusal.legal


@pytest.mark.parametrize("history", [(), DELETED], ids=["never created", "deleted"])
def test_an_unknown_campaign_cannot_be_deleted(history: tuple[Any, ...]) -> None:
    """Deleting twice is refused: the campaign is unknown from the first time on."""
    when(history, DELETE).then_rejected(UnknownCampaign, given=CAMPAIGN_ID)


def test_the_status_survives_the_erased_payloads() -> None:
    """A fold reads it from the events' names; nothing else is left of the campaign."""
    state = scenario(CAMPAIGN_DECIDER).given(*DELETED).state
    assert state.status is Status.DELETED
    assert not state.exists
    assert (state.settings, state.inbox_ids, state.variants, state.leads_added) == (None, (), (), 0)
