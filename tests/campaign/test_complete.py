"""Completing a campaign: every lead has reached an end."""

from __future__ import annotations

from typing import Any

import pytest

from campaign_core import CompleteCampaign, IllegalTransition, LeadsStillOpen, Status, UnknownCampaign
from campaign_core.campaign.events import Completed
from tests.campaign.given import ACTIVE, ALL_ENDED, CAMPAIGN_ID, DELETED, HISTORIES, facts, when

COMPLETE = CompleteCampaign(CAMPAIGN_ID)


def test_a_campaign_whose_leads_have_all_ended_is_complete() -> None:
    """Completed is recorded."""
    when(ACTIVE, COMPLETE, facts(ALL_ENDED)).then(Completed())


def test_a_campaign_with_an_open_lead_is_not_complete() -> None:
    """One open lead is enough."""
    refusal = when(ACTIVE, COMPLETE).then_rejected(LeadsStillOpen)
    assert str(refusal) == "The campaign is not complete: some leads have not reached an end."


@pytest.mark.parametrize("status", [each for each in Status if each not in (Status.ACTIVE, Status.DELETED)])
def test_only_a_running_campaign_can_be_completed(status: Status) -> None:
    """A paused one is resumed first; completing twice is refused, for nobody asks for it by mistake."""
    refusal = when(HISTORIES[status], COMPLETE, facts(ALL_ENDED)).then_rejected(IllegalTransition, status=status)
    assert str(refusal).startswith(f"A campaign that is {status} cannot be completed. What it allows now: ")


@pytest.mark.parametrize("history", [(), DELETED], ids=["never created", "deleted"])
def test_an_unknown_campaign_cannot_be_completed(history: tuple[Any, ...]) -> None:
    """One that was deleted is as unknown as one that never was."""
    when(history, COMPLETE).then_rejected(UnknownCampaign, given=CAMPAIGN_ID)
