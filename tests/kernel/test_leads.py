"""Leads one by one: added by hand, revised, removed. Source: reference 7.5, 7.8, 7.9, facts 15 and 16 of section 19."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from campaign_core import (
    CAMPAIGNS,
    LEADS,
    AddLead,
    AlreadyExists,
    ArchiveCampaign,
    CreateCampaign,
    DuplicateAction,
    IllegalTransition,
    InvalidMessage,
    Kernel,
    LeadRow,
    LeadStatus,
    RemoveLeads,
    ReviseLead,
    UnknownCampaign,
    UnknownLead,
    UploadLeads,
    open_kernel,
)
from campaign_core.kernel.stores import open_store
from campaign_core.lead.identity import lead_id_of
from tests.conftest import AT
from tests.kernel.given import Made, active, archived, complete, draft, failed, paused

NOBODY = UUID(int=99)


@pytest.fixture
def campaign_id(kernel: Kernel) -> UUID:
    """A draft with Anna and Bert as leads 1 and 2."""
    return draft(kernel).campaign_id


def lead(kernel: Kernel, campaign_id: UUID, number: int) -> LeadRow:
    row = kernel.view(LEADS).get(campaign_id, number)
    assert row is not None
    return row


def values(kernel: Kernel, campaign_id: UUID) -> dict[int, Any]:
    """The values of every lead of a campaign, by number."""
    rows = kernel.view(LEADS).find({"campaign_id": campaign_id})
    return dict(zip((row.number for row in rows), kernel.lead_values(rows), strict=True))


def total(kernel: Kernel, campaign_id: UUID) -> int:
    row = kernel.view(CAMPAIGNS).get(campaign_id)
    assert row is not None
    return row.total_leads


def test_a_lead_is_added_by_hand(kernel: Kernel, campaign_id: UUID) -> None:
    """As an upload of one: with a batch of its own, its values trimmed, blanks left out, names read as headers are."""
    command = AddLead(
        campaign_id,
        " Carl@EXAMPLE.com",
        first_name=" Carl ",
        last_name="",
        company=None,
        custom_fields={"Favourite Tea": "Assam", "custom_city": " ", "age": None},
    )
    answer = kernel.handle(command)
    assert (answer.status, answer.events, answer.report) == ("DRAFT", ("campaign.leads_uploaded",), None)
    row = lead(kernel, campaign_id, 3)
    assert (row.lead_id, row.batch_id, row.status) == (answer.lead_id, answer.batch_id, LeadStatus.PENDING)
    assert (row.email, row.address) == ("Carl@example.com", "carl@example.com")
    assert values(kernel, campaign_id)[3] == {
        "email": "Carl@example.com",
        "first_name": "Carl",
        "favourite_tea": "Assam",
    }
    assert total(kernel, campaign_id) == 3


@pytest.mark.parametrize("address", ["anna@example.com", " ANNA@Example.COM "])
def test_a_lead_that_is_there_is_not_added_again(kernel: Kernel, campaign_id: UUID, address: str) -> None:
    """The refusal names the address; once the lead is removed it may come again, under a number of its own."""
    with pytest.raises(AlreadyExists) as caught:
        kernel.handle(AddLead(campaign_id, address))
    assert (caught.value.noun, caught.value.given) == ("lead", "anna@example.com")
    kernel.handle(RemoveLeads(campaign_id, (lead(kernel, campaign_id, 1).lead_id,)))
    kernel.handle(AddLead(campaign_id, address))
    assert lead(kernel, campaign_id, 3).address == "anna@example.com"


def test_the_same_address_may_be_a_lead_of_two_campaigns(kernel: Kernel, campaign_id: UUID) -> None:
    other = kernel.handle(CreateCampaign("Another launch")).id
    kernel.handle(AddLead(other, "anna@example.com"))
    assert (total(kernel, campaign_id), total(kernel, other)) == (2, 1)


def test_a_lead_added_twice_under_one_command_id_is_added_once(kernel: Kernel, campaign_id: UUID) -> None:
    command = AddLead(campaign_id, "carl@example.com")
    first = kernel.handle(command, command_id="add-1")
    assert kernel.handle(command, command_id="add-1") == first
    assert total(kernel, campaign_id) == 3


def test_a_lead_is_revised(kernel: Kernel, campaign_id: UUID) -> None:
    """Only what is sent changes; its address, status, number and batch stay; the campaign's stream does not move."""
    before, version = lead(kernel, campaign_id, 1), len(kernel.history(campaign_id))
    command = ReviseLead(campaign_id, before.lead_id, company="Ash", custom_fields={"City": "Ulm"})
    answer = kernel.handle(command)
    assert (answer.id, answer.status, answer.version) == (before.lead_id, "PENDING", 1)
    assert answer.events == ("lead.details_revised",)
    anna = {
        "email": "anna@example.com",
        "first_name": "Anna",
        "favourite_tea": "Assam",
        "company": "Ash",
        "city": "Ulm",
    }
    assert values(kernel, campaign_id)[1] == anna
    after = lead(kernel, campaign_id, 1)
    assert (after.number, after.email, after.status, after.batch_id, after.created_at) == (
        before.number,
        before.email,
        before.status,
        before.batch_id,
        before.created_at,
    )
    assert len(kernel.history(campaign_id)) == version


def test_fact_15_a_null_removes_a_custom_field(kernel: Kernel, campaign_id: UUID) -> None:
    """And nothing else; so does a blank."""
    lead_id = lead(kernel, campaign_id, 1).lead_id
    kernel.handle(ReviseLead(campaign_id, lead_id, custom_fields={"favourite_tea": None}))
    assert values(kernel, campaign_id)[1] == {"email": "anna@example.com", "first_name": "Anna"}
    kernel.handle(ReviseLead(campaign_id, lead_id, first_name="  "))
    assert values(kernel, campaign_id)[1] == {"email": "anna@example.com"}


def test_revisions_stand_on_each_other(kernel: Kernel, campaign_id: UUID) -> None:
    """Each starts from what the one before left; an upload that updates starts from the last of them."""
    lead_id = lead(kernel, campaign_id, 2).lead_id
    for number in (1, 2, 3):
        answer = kernel.handle(ReviseLead(campaign_id, lead_id, custom_fields={f"field {number}": f"value {number}"}))
        assert answer.version == number
    update = b"email,first_name,field 2\nbert@example.com,Berta,another\n"
    kernel.handle(UploadLeads(campaign_id, update, duplicate_action=DuplicateAction.UPDATE))
    kernel.handle(ReviseLead(campaign_id, lead_id, custom_fields={"field 1": None}))
    assert values(kernel, campaign_id)[2] == {
        "email": "bert@example.com",
        "first_name": "Berta",
        "field_2": "another",
        "field_3": "value 3",
    }


def test_a_revision_that_changes_nothing_records_nothing(kernel: Kernel, campaign_id: UUID) -> None:
    lead_id = lead(kernel, campaign_id, 1).lead_id
    events = kernel.verify().events
    answer = kernel.handle(ReviseLead(campaign_id, lead_id, first_name="Anna", custom_fields={"tea": None}))
    assert (answer.events, answer.version, answer.position) == ((), 0, None)
    assert kernel.verify().events == events


@pytest.mark.parametrize("given", [active, paused, failed])
def test_leads_are_revised_until_the_campaign_is_over(kernel: Kernel, given: Callable[[Kernel], Made]) -> None:
    """A failed campaign stays FAILED."""
    made = given(kernel)
    before = kernel.view(CAMPAIGNS).get(made.campaign_id)
    kernel.handle(ReviseLead(made.campaign_id, lead(kernel, made.campaign_id, 1).lead_id, company="Ash"))
    assert kernel.view(CAMPAIGNS).get(made.campaign_id) == before


def test_leads_of_a_campaign_that_is_over_stay_as_they_are(location: str) -> None:
    """COMPLETED and ARCHIVED: the refusal comes before the question whether there is such a lead."""
    store = open_store(location)
    with open_kernel(store, clock=lambda: AT) as kernel:
        completed = active(kernel).campaign_id
        complete(store, completed)
        viewed = archived(kernel, address="other@example.com").campaign_id
        for campaign_id, status in ((completed, "COMPLETED"), (viewed, "ARCHIVED")):
            for lead_id in (lead(kernel, campaign_id, 1).lead_id, NOBODY):
                with pytest.raises(IllegalTransition, match="cannot have its leads revised") as caught:
                    kernel.handle(ReviseLead(campaign_id, lead_id, company="Ash"))
                assert (caught.value.status, caught.value.trigger) == (status, "revise_lead")


def test_a_lead_is_unknown_where_it_is_not(kernel: Kernel, campaign_id: UUID) -> None:
    """Another campaign's lead, one that was removed, and ids at random; an unknown campaign comes first."""
    other = draft(kernel, address="other@example.com").campaign_id
    gone = lead(kernel, campaign_id, 2).lead_id
    kernel.handle(RemoveLeads(campaign_id, (gone,)))
    strangers = [lead(kernel, other, 1).lead_id, gone, NOBODY, campaign_id, *(uuid4() for _ in range(20))]
    for lead_id in strangers:
        with pytest.raises(UnknownLead) as caught:
            kernel.handle(ReviseLead(campaign_id, lead_id, company="Ash"))
        assert caught.value.given == lead_id
    with pytest.raises(UnknownCampaign):
        kernel.handle(ReviseLead(NOBODY, lead(kernel, campaign_id, 1).lead_id, company="Ash"))
    assert kernel.verify().holds


@pytest.mark.parametrize("more", [1, 2**47], ids=["the next number", "a far one"])
def test_the_id_of_a_lead_that_never_was_is_unknown(kernel: Kernel, campaign_id: UUID, more: int) -> None:
    """Though it is the id a lead of this campaign would have."""
    with pytest.raises(UnknownLead):
        kernel.handle(ReviseLead(campaign_id, lead_id_of(campaign_id, 2 + more), company="Ash"))


@pytest.mark.parametrize(
    "bad",
    [
        {"first_name": 7},
        {"company": "x" * 32_768},
        {"custom_fields": {"email": "other@example.com"}},
        {"custom_fields": {"first_name": "Anne"}},
        {"custom_fields": {"city": "Ulm", "City ": "Bonn"}},
        {"custom_fields": {"city": "a\0b"}},
        {"custom_fields": {"city": "\ud800"}},
    ],
    ids=["a number", "too long", "the address", "a standard field", "a field twice", "a NUL", "half a surrogate pair"],
)
def test_what_could_not_be_in_a_file_is_no_value(kernel: Kernel, campaign_id: UUID, bad: dict[str, Any]) -> None:
    """Added by hand or revised: nothing is stored."""
    events = kernel.verify().events
    for command in (
        AddLead(campaign_id, "carl@example.com", **bad),
        ReviseLead(campaign_id, lead(kernel, campaign_id, 1).lead_id, **bad),
    ):
        with pytest.raises(InvalidMessage) as caught:
            kernel.handle(command)
        assert [each.path for each in caught.value.problems] == [f"$.{next(iter(bad))}"]
    assert kernel.verify().events == events


def test_leads_are_removed(kernel: Kernel, campaign_id: UUID) -> None:
    """The answer counts; ids that are no lead's of the campaign are unknown, repeated ones count once."""
    other = draft(kernel, address="other@example.com").campaign_id
    first, stranger = lead(kernel, campaign_id, 1).lead_id, lead(kernel, other, 1).lead_id
    answer = kernel.handle(RemoveLeads(campaign_id, (first, first, stranger, stranger, NOBODY)))
    assert answer.events == ("campaign.leads_removed",)
    assert (answer.removed, answer.kept, answer.unknown) == (1, 0, 2)
    assert list(values(kernel, campaign_id)) == [2]
    assert (total(kernel, campaign_id), total(kernel, other)) == (1, 2)
    again = kernel.handle(RemoveLeads(campaign_id, (first,)))
    assert (again.events, again.removed, again.kept, again.unknown) == ((), 0, 0, 1)


def test_a_campaign_without_its_leads_lacks_them_again(kernel: Kernel, campaign_id: UUID) -> None:
    """At a launch, and at a resume: a paused campaign may lose all its leads."""
    ids = tuple(row.lead_id for row in kernel.view(LEADS).find({"campaign_id": campaign_id}))
    kernel.handle(RemoveLeads(campaign_id, ids))
    assert kernel.readiness(campaign_id).missing_requirements == ("leads",)
    made = paused(kernel, address="other@example.com").campaign_id
    kernel.handle(RemoveLeads(made, tuple(row.lead_id for row in kernel.view(LEADS).find({"campaign_id": made}))))
    assert kernel.readiness(made).missing_requirements == ("leads",)


def test_an_archived_campaign_takes_no_leads_out(kernel: Kernel) -> None:
    made = paused(kernel)
    kernel.handle(ArchiveCampaign(made.campaign_id))
    with pytest.raises(IllegalTransition):
        kernel.handle(RemoveLeads(made.campaign_id, (lead(kernel, made.campaign_id, 1).lead_id,)))


def test_rows_of_leads_are_rebuilt_as_they_were(kernel: Kernel, campaign_id: UUID) -> None:
    """After additions, updates, revisions and removals, and after removed leads were revised before."""
    one, two = (lead(kernel, campaign_id, number).lead_id for number in (1, 2))
    kernel.handle(ReviseLead(campaign_id, one, company="Ash"))
    kernel.handle(ReviseLead(campaign_id, two, company="Birch"))
    kernel.handle(RemoveLeads(campaign_id, (two,)))
    kernel.handle(AddLead(campaign_id, "bert@example.com", company="Cedar"))
    kernel.handle(ReviseLead(campaign_id, one, company="Dogwood"))
    rows, held = kernel.view(LEADS).find(), values(kernel, campaign_id)
    assert held == {
        1: {"email": "anna@example.com", "first_name": "Anna", "favourite_tea": "Assam", "company": "Dogwood"},
        3: {"email": "bert@example.com", "company": "Cedar"},
    }
    campaigns = kernel.view(CAMPAIGNS).find()
    kernel.rebuild()
    assert (kernel.view(LEADS).find(), values(kernel, campaign_id)) == (rows, held)
    assert kernel.view(CAMPAIGNS).find() == campaigns
    assert kernel.verify().holds
