"""Archiving a campaign."""

from __future__ import annotations

from typing import Any

import pytest

from campaign_core import ArchiveCampaign, IllegalTransition, PauseCampaign, Status, UnknownCampaign
from campaign_core.campaign.events import Archived
from tests.campaign.given import ARCHIVED, CAMPAIGN_ID, COMPLETED, DELETED, HISTORIES, PAUSED, when

ARCHIVE = ArchiveCampaign(CAMPAIGN_ID)


@pytest.mark.parametrize("history", [PAUSED, COMPLETED], ids=["PAUSED", "COMPLETED"])
def test_a_campaign_that_does_not_run_any_more_is_archived(history: tuple[Any, ...]) -> None:
    """One way: nothing but deletion is left."""
    when(history, ARCHIVE).then(Archived())


def test_archiving_twice_records_nothing() -> None:
    """Repeating is harmless."""
    when(ARCHIVED, ARCHIVE).then_nothing()


@pytest.mark.parametrize("status", [Status.DRAFT, Status.ACTIVE, Status.FAILED])
def test_nothing_else_can_be_archived(status: Status) -> None:
    """A running campaign is paused first; a draft and a failed one have no results to keep."""
    refusal = when(HISTORIES[status], ARCHIVE).then_rejected(IllegalTransition, trigger="archive", status=status)
    assert str(refusal).startswith(f"A campaign that is {status} cannot be archived. What it allows now: ")


def test_an_archived_campaign_allows_only_deletion() -> None:
    """And archiving again, which changes nothing; every refusal there says so."""
    refusal = when(ARCHIVED, PauseCampaign(CAMPAIGN_ID)).then_rejected(IllegalTransition)
    assert set(refusal.legal) == {"delete", "archive"}


@pytest.mark.parametrize("history", [(), DELETED], ids=["never created", "deleted"])
def test_an_unknown_campaign_cannot_be_archived(history: tuple[Any, ...]) -> None:
    """One that was deleted is as unknown as one that never was."""
    when(history, ARCHIVE).then_rejected(UnknownCampaign, given=CAMPAIGN_ID)
