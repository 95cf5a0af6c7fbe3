"""Leads whose address the campaign has already: skipped, updated or replaced; and those removed beforehand."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from campaign_core import AddLeads, AlreadyExists, DuplicateAction, Status
from campaign_core.campaign.decisions import CAMPAIGN_DECIDER
from campaign_core.campaign.events import LeadsRemoved, LeadsUploaded, NumberRange, Source
from campaign_core.campaign.facts import CampaignFacts, LeadFound
from campaign_core.recorded import Proposed, Rows
from campaign_core.testing.scenario import scenario
from tests.campaign.given import BATCH_ID, CAMPAIGN_ID, HISTORIES, READY, facts, uploaded, when

SKIP, UPDATE, REPLACE = DuplicateAction.SKIP, DuplicateAction.UPDATE, DuplicateAction.REPLACE
#: A campaign with three leads; what it has of two of them.
HISTORY = (*READY[:1], uploaded(3), *READY[2:])
ANNA = LeadFound(
    number=1,
    is_pending=True,
    values={"email": "Anna@example.com", "first_name": "Anna", "company": "Ash", "city": "Ulm"},
)
CARL = LeadFound(number=3, is_pending=False, values={"email": "carl@example.com", "first_name": "Carl"})
KNOWN = facts(taken={"anna@example.com": ANNA, "carl@example.com": CARL})
#: What a file brings: a known lead in another spelling, a new one, another known one.
ROWS = (
    {"email": "ANNA@example.com", "first_name": "Anne", "city": "Bonn", "tea": "Assam"},
    {"email": "bert@example.com", "first_name": "Bert"},
    {"email": "carl@example.com"},
)


def upload(action: DuplicateAction, rows: tuple[dict[str, str], ...] = ROWS, **others: Any) -> AddLeads:
    return AddLeads(
        CAMPAIGN_ID,
        batch_id=BATCH_ID,
        source=others.pop("source", Source.FILE),
        addresses=tuple(row["email"].lower() for row in rows),
        content=Rows(rows),
        duplicate_action=action,
        **others,
    )


def added(imported: int, *updated: int, duplicates: int = 0, **others: Any) -> LeadsUploaded:
    return LeadsUploaded(
        batch_id=BATCH_ID,
        source=others.pop("source", Source.FILE),
        first_number=4,
        imported=imported,
        updated=updated,
        duplicates=duplicates,
        **others,
    )


def test_skipping_leaves_known_leads_as_they_are() -> None:
    """They count as duplicates, beside those of the file itself."""
    when(HISTORY, upload(SKIP, duplicates=5), KNOWN).then(Proposed(added(1, duplicates=7), Rows((ROWS[1],))))


def test_updating_takes_over_what_is_there_and_keeps_what_is_blank() -> None:
    """The address stays as it was written first; new leads come first, then the updated ones with all they have now."""
    anna = {"email": "Anna@example.com", "first_name": "Anne", "company": "Ash", "city": "Bonn", "tea": "Assam"}
    carl = {"email": "carl@example.com", "first_name": "Carl"}
    when(HISTORY, upload(UPDATE), KNOWN).then(Proposed(added(1, 1, 3), Rows((ROWS[1], anna, carl))))


def test_replacing_takes_over_the_row_and_nothing_else() -> None:
    """But for the address, which stays as it was written first."""
    anna = {"email": "Anna@example.com", "first_name": "Anne", "city": "Bonn", "tea": "Assam"}
    when(HISTORY, upload(REPLACE), KNOWN).then(
        Proposed(added(1, 1, 3), Rows((ROWS[1], anna, {"email": "carl@example.com"})))
    )


@pytest.mark.parametrize("action", DuplicateAction)
def test_numbers_go_on_behind_those_that_were_ever_added(action: DuplicateAction) -> None:
    """Leads that were updated use none."""
    (proposed,) = when(HISTORY, upload(action), KNOWN).proposed
    state = scenario(CAMPAIGN_DECIDER).given(*HISTORY, proposed.event).state
    assert (proposed.event.first_number, state.leads_added) == (4, 4)


@pytest.mark.parametrize("action", DuplicateAction)
def test_every_row_is_accounted_for(action: DuplicateAction) -> None:
    (proposed,) = when(HISTORY, upload(action, duplicates=2), KNOWN).proposed
    event = proposed.event
    assert event.imported + len(event.updated) + event.duplicates == len(ROWS) + 2


@pytest.mark.parametrize("action", DuplicateAction)
def test_a_lead_added_by_hand_must_be_new(action: DuplicateAction) -> None:
    """Whoever types one in wants to be told; the refusal names the address."""
    command = upload(action, (ROWS[0],), source=Source.MANUAL)
    when(HISTORY, command, KNOWN).then_rejected(AlreadyExists, noun="lead", given="anna@example.com")
    fresh = upload(action, (ROWS[1],), source=Source.MANUAL)
    when(HISTORY, fresh, facts()).then(added(1, source=Source.MANUAL))


def clearing(**changes: Any) -> CampaignFacts:
    """Facts for an upload that removes all leads never contacted: 1 and 2; 3 was contacted."""
    return attrs.evolve(KNOWN, **({"pending": (1, 2), "contacted": 1} | changes))


@pytest.mark.parametrize("action", DuplicateAction)
def test_leads_never_contacted_are_removed_before_an_upload(action: DuplicateAction) -> None:
    """Anna, who was removed, is imported anew under a number of her own; Carl, who was contacted, is a known lead."""
    decided = when(HISTORY, upload(action, delete_existing=True), clearing())
    removed = LeadsRemoved(ranges=(NumberRange(first=1, last=2),))
    if action is SKIP:
        decided.then(removed, Proposed(added(2, duplicates=1), Rows(ROWS[:2])))
    else:
        kept = {"email": "carl@example.com"} | ({"first_name": "Carl"} if action is UPDATE else {})
        decided.then(removed, Proposed(added(2, 3), Rows((*ROWS[:2], kept))))


def test_where_no_lead_is_left_to_remove_none_is() -> None:
    """No event says that nothing was removed."""
    when(HISTORY, upload(SKIP, delete_existing=True), clearing(pending=(), contacted=3)).then(added(1, duplicates=2))


def test_removed_leads_are_recorded_in_the_fewest_ranges() -> None:
    (removed, _) = when(HISTORY, upload(SKIP, delete_existing=True), clearing(pending=(9, 1, 2, 3, 7, 8))).proposed
    assert removed.event == LeadsRemoved(ranges=(NumberRange(first=1, last=3), NumberRange(first=7, last=9)))
    assert list(removed.event.numbers) == [1, 2, 3, 7, 8, 9]


def test_a_failed_campaign_stays_failed_when_its_leads_are_replaced() -> None:
    """Leads are no edit of it."""
    decided = when(HISTORIES[Status.FAILED], upload(SKIP, delete_existing=True), facts(pending=(1, 2)))
    assert [each.event.stored_name for each in decided.proposed] == [
        "campaign.leads_removed",
        "campaign.leads_uploaded",
    ]
