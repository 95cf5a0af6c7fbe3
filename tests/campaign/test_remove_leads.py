"""Taking leads out: only those never contacted; the others, and ids that are no lead's, are passed over."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from campaign_core import IllegalTransition, RemoveLeads, Status, UnknownCampaign
from campaign_core.campaign.decisions import CAMPAIGN_DECIDER
from campaign_core.campaign.events import LeadsRemoved, NumberRange
from campaign_core.campaign.facts import CampaignFacts, LeadFound
from campaign_core.lead.identity import lead_id_of
from campaign_core.testing.scenario import scenario
from tests.campaign.given import CAMPAIGN_ID, DELETED, HISTORIES, PAUSED, READY, facts, when


def ids(*numbers: int) -> tuple[UUID, ...]:
    return tuple(lead_id_of(CAMPAIGN_ID, number) for number in numbers)


def known(pending: tuple[int, ...], contacted: tuple[int, ...] = ()) -> CampaignFacts:
    """Facts that know these leads."""
    found = {number: LeadFound(number=number, is_pending=number in pending) for number in (*pending, *contacted)}
    return facts(named={lead_id_of(CAMPAIGN_ID, number): lead for number, lead in found.items()})


def removed(*ranges: tuple[int, int]) -> LeadsRemoved:
    return LeadsRemoved(ranges=tuple(NumberRange(first=first, last=last) for first, last in ranges))


def test_leads_never_contacted_are_removed() -> None:
    """In the fewest ranges, in rising order, whatever order they were named in."""
    command = RemoveLeads(CAMPAIGN_ID, ids(7, 2, 1, 3, 6))
    when(READY, command, known((1, 2, 3, 6, 7))).then(removed((1, 3), (6, 7)))


def test_leads_that_were_contacted_stay() -> None:
    """The rest is removed: a batch is not refused for one of its leads."""
    command = RemoveLeads(CAMPAIGN_ID, ids(1, 2, 3))
    when(PAUSED, command, known((1, 3), contacted=(2,))).then(removed((1, 1), (3, 3)))


@pytest.mark.parametrize(
    "facts_",
    [pytest.param(known((), contacted=(1,)), id="contacted"), pytest.param(facts(), id="no lead")],
)
def test_where_no_lead_can_be_removed_nothing_is_recorded(facts_: CampaignFacts) -> None:
    when(READY, RemoveLeads(CAMPAIGN_ID, ids(1)), facts_).then_nothing()


def test_a_lead_named_twice_is_removed_once() -> None:
    when(READY, RemoveLeads(CAMPAIGN_ID, ids(1, 1, 1)), known((1,))).then(removed((1, 1)))


def test_numbers_of_removed_leads_are_not_used_again() -> None:
    assert scenario(CAMPAIGN_DECIDER).given(*READY, removed((1, 2))).state.leads_added == 2


@pytest.mark.parametrize("status", [Status.DRAFT, Status.ACTIVE, Status.PAUSED, Status.COMPLETED, Status.FAILED])
def test_leads_are_removed_until_the_campaign_is_archived(status: Status) -> None:
    """A failed campaign stays FAILED: leads are no edit of it."""
    when(HISTORIES[status], RemoveLeads(CAMPAIGN_ID, ids(1)), known((1,))).then(removed((1, 1)))


def test_an_archived_campaign_keeps_its_leads() -> None:
    refusal = when(HISTORIES[Status.ARCHIVED], RemoveLeads(CAMPAIGN_ID, ids(1)), known((1,))).then_rejected(
        IllegalTransition, trigger="remove_leads"
    )
    assert str(refusal).startswith("A campaign that is ARCHIVED cannot have leads removed.")


@pytest.mark.parametrize("history", [(), DELETED], ids=["never created", "deleted"])
def test_an_unknown_campaign_has_no_leads_to_remove(history: tuple[Any, ...]) -> None:
    when(history, RemoveLeads(CAMPAIGN_ID, ids(1)), known((1,))).then_rejected(UnknownCampaign, given=CAMPAIGN_ID)
