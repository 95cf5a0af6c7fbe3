"""Reading: views, readiness, the values of leads, histories."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from campaign_core import (
    CAMPAIGNS,
    INBOXES,
    LEADS,
    AlreadyExists,
    CreateCampaign,
    DisableInbox,
    InboxRow,
    InboxType,
    Kernel,
    LeadStatus,
    MisuseError,
    PauseCampaign,
    RegisterInbox,
    Settings,
    Status,
    UnknownCampaign,
    UpdateCampaign,
    UploadLeads,
)
from campaign_core.views.campaigns import CampaignRow
from tests.conftest import AT
from tests.kernel.given import LEADS_CSV, VARIANT, active, draft, new_inbox, paused

NOBODY = UUID(int=99)


def test_a_campaign_is_one_row(kernel: Kernel) -> None:
    """With everything a reader needs and no text of a mail."""
    made = active(kernel)
    kernel.handle(PauseCampaign(made.campaign_id))
    assert kernel.view(CAMPAIGNS).get(made.campaign_id) == CampaignRow(
        workspace="default",
        campaign_id=made.campaign_id,
        name="Spring launch",
        name_folded="spring launch",
        status=Status.PAUSED,
        version=6,
        created_at=AT,
        created_by="application",
        updated_at=AT,
        launched_at=AT,
        total_leads=2,
        settings=Settings("Spring launch"),
        inbox_ids=(made.inbox_id,),
        variants=(VARIANT.split,),
    )


def test_an_inbox_is_one_row(kernel: Kernel) -> None:
    """Its address as it is stored and as it is compared."""
    command = RegisterInbox("Sales@Example.com", inbox_type=InboxType.OUTLOOK_365, daily_limit=40, display_name="Sales")
    inbox_id = kernel.handle(command).id
    assert kernel.view(INBOXES).get(inbox_id) == InboxRow(
        workspace="default",
        inbox_id=inbox_id,
        email_address="Sales@example.com",
        address="sales@example.com",
        display_name="Sales",
        inbox_type=InboxType.OUTLOOK_365,
        status="PENDING",  # type: ignore[arg-type]
        daily_limit=40,
        created_at=AT,
    )


@pytest.mark.parametrize("again", ["sales@example.com", "SALES@Example.COM", " sales@example.com "])
def test_an_address_belongs_to_one_inbox_whatever_its_case(kernel: Kernel, again: str) -> None:
    """A disabled inbox keeps its address."""
    kernel.handle(DisableInbox(new_inbox(kernel, "Sales@example.com")))
    with pytest.raises(AlreadyExists):
        kernel.handle(RegisterInbox(again))
    assert kernel.view(INBOXES).count() == 1


def test_leads_are_rows_in_upload_order_and_their_values_are_apart(kernel: Kernel) -> None:
    """Values come in the order asked for; a blank cell is an absent value."""
    campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
    kernel.handle(UploadLeads(campaign_id, LEADS_CSV))
    kernel.handle(UploadLeads(campaign_id, b"email,first_name\nANNA@example.com,Again\ncarl@example.com,Carl\n"))
    leads = kernel.view(LEADS).find({"campaign_id": campaign_id})
    assert [(lead.number, lead.email, lead.status) for lead in leads] == [
        (1, "anna@example.com", LeadStatus.PENDING),
        (2, "bert@example.com", LeadStatus.PENDING),
        (3, "carl@example.com", LeadStatus.PENDING),
    ]
    assert kernel.lead_values(leads[::-1]) == [
        {"email": "carl@example.com", "first_name": "Carl"},
        {"email": "bert@example.com", "first_name": "Bert"},
        {"email": "anna@example.com", "first_name": "Anna", "favourite_tea": "Assam"},
    ]
    assert kernel.lead_values([]) == []
    assert len({lead.lead_id for lead in leads}) == 3
    assert kernel.view(LEADS).get(campaign_id, 3) == leads[2]
    assert kernel.view(LEADS).get(campaign_id, 4) is None


def test_readiness_is_computed_when_asked(kernel: Kernel) -> None:
    """It follows the leads, the inboxes and the content, and says what it warns of."""
    campaign_id = kernel.handle(CreateCampaign("Spring launch", postal_address="1 High Street")).id
    assert kernel.readiness(campaign_id).missing_requirements == ("leads", "inboxes", "email_content")
    kernel.handle(UploadLeads(campaign_id, LEADS_CSV))
    assert kernel.readiness(campaign_id).missing_requirements == ("inboxes", "email_content")
    first, second = new_inbox(kernel), new_inbox(kernel, "other@example.com")
    kernel.handle(UpdateCampaign(campaign_id, inbox_ids=(first, second), variants=(VARIANT,)))
    assert kernel.readiness(campaign_id).is_launch_ready
    lacking = ("variable_lacking", ("favourite_tea (1 of 2 leads)",))
    assert [(each.code, each.examples) for each in kernel.readiness(campaign_id).warnings] == [lacking]
    kernel.handle(DisableInbox(second))
    found = kernel.readiness(campaign_id)
    assert [(each.code, each.examples) for each in found.warnings] == [("inbox_unusable", (str(second),)), lacking]
    assert found.is_launch_ready


def test_an_unknown_campaign_has_no_readiness_and_no_history(kernel: Kernel) -> None:
    """An inbox is no campaign."""
    for identity in (NOBODY, new_inbox(kernel)):
        with pytest.raises(UnknownCampaign) as caught:
            kernel.readiness(identity)
        assert caught.value.given == identity
    with pytest.raises(UnknownCampaign):
        kernel.history(NOBODY)


@pytest.fixture
def named(kernel: Kernel) -> dict[str, UUID]:
    """Four campaigns by name; the second is ACTIVE, the third PAUSED."""
    return {
        "Alpha launch": kernel.handle(CreateCampaign("Alpha launch")).id,
        "Bravo launch": active(kernel, name="Bravo launch", address="bravo@example.com").campaign_id,
        "Charlie sale": paused(kernel, name="Charlie sale", address="charlie@example.com").campaign_id,
        "Delta launch": draft(kernel, name="Delta launch", address="delta@example.com").campaign_id,
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        pytest.param({"order_by": "name"}, "ABCD", id="in order"),
        pytest.param({"order_by": "name", "direction": "descending"}, "DCBA", id="in descending order"),
        pytest.param({"order_by": "name", "limit": 2}, "AB", id="the first two"),
        pytest.param({"order_by": "name", "limit": 2, "offset": 1}, "BC", id="the next two"),
        pytest.param({"order_by": "name", "offset": 3}, "D", id="all but three"),
        pytest.param({"order_by": "name", "limit": 0}, "", id="none"),
        pytest.param({"where": {"status": Status.DRAFT}, "order_by": "name"}, "AD", id="by status"),
        pytest.param({"where": {"status": Status.DRAFT, "total_leads": 2}}, "D", id="by two fields"),
        pytest.param({"where": {"launched_at": None}, "order_by": "name"}, "AD", id="by what is not there"),
        pytest.param({"where": {"status": Status.ARCHIVED}}, "", id="by what no row has"),
        pytest.param({"contains": {"name_folded": "launch"}, "order_by": "name"}, "ABD", id="by a part of a text"),
        pytest.param({"contains": {"name": "LAUNCH"}}, "", id="as it is stored"),
        pytest.param({"order_by": "total_leads", "where": {"total_leads": 0}}, "A", id="by a number"),
        pytest.param(
            {"where": {"status": Status.DRAFT}, "contains": {"name": "Delta"}, "limit": 5}, "D", id="everything at once"
        ),
    ],
)
def test_a_view_finds_and_counts(kernel: Kernel, named: dict[str, UUID], query: dict[str, Any], names: str) -> None:
    """The rows asked for in the order asked for; a count passes over order and limit."""
    found = kernel.view(CAMPAIGNS).find(**query)
    assert "".join(row.name[0] for row in found) == names
    if "limit" not in query and "offset" not in query:
        filters = {key: query[key] for key in ("where", "contains") if key in query}
        assert kernel.view(CAMPAIGNS).count(**filters) == len(names)


def test_a_limit_does_not_change_a_count(kernel: Kernel, named: dict[str, UUID]) -> None:
    """Four campaigns, whatever a page shows of them."""
    assert kernel.view(CAMPAIGNS).count() == 4
    assert len(kernel.view(CAMPAIGNS).find(limit=1)) == 1


def test_a_reader_sees_its_own_workspace_only(kernel: Kernel, named: dict[str, UUID]) -> None:
    """Asking for another one does not help."""
    assert len(kernel.view(CAMPAIGNS).find({"workspace": "somebody else's"})) == 4


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        pytest.param(
            lambda view: view.get(), "A row of the view 'leads' is named by campaign_id, number.", id="no key"
        ),
        pytest.param(lambda view: view.get(NOBODY), "A row of the view 'leads' is named by", id="half a key"),
        pytest.param(
            lambda view: view.get(NOBODY, 1, 2), "A row of the view 'leads' is named by", id="too much of a key"
        ),
        pytest.param(
            lambda view: view.find({"age": 7}), "The view 'leads' cannot be queried by 'age'", id="no such field"
        ),
        pytest.param(lambda view: view.count({"age": 7}), "The view 'leads' cannot be queried by 'age'", id="counted"),
        pytest.param(
            lambda view: view.find(order_by="age"),
            "The view 'leads' cannot be queried by 'age'",
            id="sorted by no field",
        ),
        pytest.param(
            lambda view: view.find(contains={"age": "7"}),
            "The view 'leads' cannot be searched in 'age'",
            id="searched in no field",
        ),
        pytest.param(lambda view: view.find(limit=-1), "A limit and an offset are at least 0", id="a negative limit"),
        pytest.param(lambda view: view.find(offset=-1), "A limit and an offset are at least 0", id="a negative offset"),
        pytest.param(
            lambda view: view.find({"status": "PENDING"}),
            "The view 'leads' compares 'status' with LeadStatus values only, not with 'PENDING'.",
            id="a text for a member",
        ),
        pytest.param(
            lambda view: view.find({"status": Status.DRAFT}),
            "The view 'leads' compares 'status' with LeadStatus",
            id="another's member",
        ),
        pytest.param(
            lambda view: view.count({"campaign_id": str(NOBODY)}),
            "The view 'leads' compares 'campaign_id' with UUID",
            id="a text for a UUID",
        ),
        pytest.param(
            lambda view: view.get(str(NOBODY), 1),
            "The view 'leads' compares 'campaign_id' with UUID",
            id="a text in a key",
        ),
        pytest.param(
            lambda view: view.get(NOBODY, True), "The view 'leads' compares 'number' with int", id="True for 1"
        ),
        pytest.param(
            lambda view: view.find({"created_at": AT.replace(tzinfo=None)}),
            "The view 'leads' compares 'created_at' with datetime",
            id="a time without a zone",
        ),
        pytest.param(
            lambda view: view.find(contains={"number": "7"}),
            "The view 'leads' cannot be searched in 'number'",
            id="searched in a number",
        ),
    ],
)
def test_a_question_a_view_cannot_answer_is_misuse(kernel: Kernel, ask: Any, sentence: str) -> None:
    """Although there are no rows: it is never answered with nothing."""
    with pytest.raises(MisuseError) as caught:
        ask(kernel.view(LEADS))
    assert str(caught.value).startswith(sentence)


def test_what_is_kept_as_a_whole_cannot_be_queried(kernel: Kernel) -> None:
    """The settings are one value."""
    with pytest.raises(MisuseError, match="cannot be queried by 'settings'; it can by: workspace, campaign_id, name"):
        kernel.view(CAMPAIGNS).find({"settings": Settings("Spring launch")})
