"""Leads that come while a campaign is running and to whom some mail of it could not go."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import pytest

from campaign_core import (
    LEADS,
    ActivateCampaign,
    AddLead,
    DuplicateAction,
    Kernel,
    PauseCampaign,
    UnfitLead,
    UpdateCampaign,
    UploadLeads,
)
from tests.campaign.given import follow_up, follow_up_variant
from tests.kernel.mails import HELLO, drafted, lead_file, lead_id, mail

ANN: Final = lead_file([("ann@leads.org", "Ulm")], "city")
RUNNING: Final = ["ACTIVE", "PAUSED"]


def running(kernel: Kernel, status: str, *variants: Any, **others: Any) -> UUID:
    """A campaign in that status with one lead, Ann of Ulm, whose subject is her city unless said otherwise."""
    campaign_id = drafted(kernel, *(variants or (mail("{{city}}"),)), **({"leads": ANN} | others))
    assert kernel.handle(ActivateCampaign(campaign_id)).status == "ACTIVE"
    if status == "PAUSED":
        kernel.handle(PauseCampaign(campaign_id))
    return campaign_id


def values(kernel: Kernel, campaign_id: UUID) -> list[Any]:
    rows = kernel.view(LEADS).find({"campaign_id": campaign_id}, order_by="number")
    return kernel.lead_values(rows)


@pytest.mark.parametrize("status", RUNNING)
def test_rows_that_some_mail_could_not_go_to_are_skipped_with_the_reason(kernel: Kernel, status: str) -> None:
    """Counted beside the reasons of the file, and every row is accounted for; the others are leads."""
    campaign_id = running(
        kernel, status, sequences=(follow_up(2, variants=(follow_up_variant(email_content="{{b}}-" * 2 + "{{b}}"),)),)
    )
    rows = [
        ("bob@leads.org", "Bonn"),
        ("cid@leads.org", ""),
        ("dan@leads.org", "New\nUlm"),
        ("no address", "x"),
        ("ann@leads.org", ""),
        ("eve@leads.org", " "),
    ]
    answer = kernel.handle(UploadLeads(campaign_id, lead_file(rows, "city")))
    report = answer.report
    assert report is not None
    assert (report.rows, report.imported, report.duplicates) == (6, 1, 1)
    assert report.skipped == {"invalid_email": 1, "blank_subject": 2, "subject_line_break": 1}
    assert report.balances
    assert [each["email"] for each in values(kernel, campaign_id)] == ["ann@leads.org", "bob@leads.org"]
    assert kernel.history(campaign_id)[-1].event.skipped == report.skipped  # type: ignore[union-attr]


@pytest.mark.parametrize("status", RUNNING)
def test_a_row_for_which_only_a_follow_up_would_be_blank_is_skipped(kernel: Kernel, status: str) -> None:
    blank = follow_up(2, variants=(follow_up_variant(email_content="{{city}}    "),))
    campaign_id = running(kernel, status, mail(), sequences=(blank,))
    report = kernel.handle(UploadLeads(campaign_id, b"email\nbob@leads.org\n")).report
    assert report is not None
    assert (report.imported, report.skipped) == (0, {"blank_content": 1})


def test_a_repeated_upload_answers_the_same_counts(kernel: Kernel) -> None:
    """What is remembered accounts for every row too."""
    campaign_id = running(kernel, "ACTIVE")
    upload = UploadLeads(campaign_id, b"email\nbob@leads.org\n")
    first = kernel.handle(upload, command_id="upload")
    again = kernel.handle(upload, command_id="upload")
    assert again.report is not None
    assert again.report.balances
    assert again == first.without_personal_data()


@pytest.mark.parametrize("status", RUNNING)
@pytest.mark.parametrize(
    ("action", "given", "taken", "city"),
    [
        pytest.param("update", {"city": "Bonn"}, 1, "Bonn", id="updated"),
        pytest.param("update", {"company": "Firm"}, 1, "Ulm", id="updated with less"),
        pytest.param("update", {"city": "New\nUlm"}, 0, "Ulm", id="updated with a line break"),
        pytest.param("replace", {"city": "Bonn"}, 1, "Bonn", id="replaced"),
        pytest.param("replace", {"company": "Firm"}, 0, "Ulm", id="replaced with less"),
        pytest.param("skip", {"city": "New\nUlm"}, None, "Ulm", id="left as it is"),
    ],
)
def test_what_a_lead_would_have_afterwards_decides(
    kernel: Kernel, status: str, action: str, given: dict[str, str], taken: int | None, city: str
) -> None:
    """The values merged, or the new ones alone; a row that changes nothing is a duplicate and nothing else."""
    campaign_id = running(kernel, status)
    file = lead_file([("ANN@leads.org", *given.values())], *given)
    report = kernel.handle(UploadLeads(campaign_id, file, duplicate_action=DuplicateAction(action))).report
    assert report is not None
    assert report.balances
    assert (report.updated, report.duplicates) == ((0, 1) if taken is None else (taken, 0))
    assert sum(report.skipped.values()) == (taken == 0)
    assert [each["city"] for each in values(kernel, campaign_id)] == [city]


def test_a_row_for_a_lead_that_is_removed_first_counts_by_itself(kernel: Kernel) -> None:
    """Where an upload replaces the leads, nothing of the old one is left to fill a gap."""
    campaign_id = running(kernel, "PAUSED")
    upload = UploadLeads(
        campaign_id,
        lead_file([("ann@leads.org", "Firm"), ("bob@leads.org", "Firm")], "company"),
        duplicate_action=DuplicateAction.UPDATE,
        delete_existing=True,
    )
    answer = kernel.handle(upload)
    assert answer.report is not None
    assert (answer.removed, answer.report.imported, dict(answer.report.skipped)) == (1, 0, {"blank_subject": 2})
    assert values(kernel, campaign_id) == []


@pytest.mark.parametrize("status", RUNNING)
def test_a_lead_added_by_hand_that_some_mail_could_not_go_to_is_refused(kernel: Kernel, status: str) -> None:
    """With the reason and without its values; nothing is recorded. With a city it is taken."""
    campaign_id = running(kernel, status)
    before = kernel.history(campaign_id)
    with pytest.raises(UnfitLead, match="a subject would be blank") as refused:
        kernel.handle(AddLead(campaign_id, "bob@leads.org", first_name="Bob"))
    assert "Bob" not in str(refused.value)
    assert kernel.history(campaign_id) == before
    assert kernel.handle(AddLead(campaign_id, "bob@leads.org", custom_fields={"City": "Bonn"})).lead_id is not None


@pytest.mark.parametrize("status", ["DRAFT", "FAILED"])
def test_a_campaign_that_is_not_running_takes_any_row(kernel: Kernel, status: str) -> None:
    """Its next launch will say what is wrong."""
    campaign_id = drafted(kernel, mail("{{city}}"), leads=b"email\nann@leads.org\n")
    if status == "FAILED":
        assert kernel.handle(ActivateCampaign(campaign_id)).status == "FAILED"
    report = kernel.handle(UploadLeads(campaign_id, b"email\nbob@leads.org\n")).report
    assert report is not None
    assert (report.imported, report.skipped) == (1, {})
    assert kernel.handle(AddLead(campaign_id, "cid@leads.org")).status == status
    assert [each.count for each in kernel.handle(ActivateCampaign(campaign_id)).faults] == [3]


def test_texts_saved_while_paused_are_the_ones_new_rows_are_held_to(kernel: Kernel) -> None:
    """The leads that are there already are not: the resume will look at them."""
    campaign_id = running(kernel, "PAUSED", mail("Hello"))
    kernel.handle(UpdateCampaign(campaign_id, variants=(mail("{{company}}"),)))
    file = lead_file([("bob@leads.org", "Firm"), ("cid@leads.org", "")], "company")
    report = kernel.handle(UploadLeads(campaign_id, file)).report
    assert report is not None
    assert (report.imported, report.skipped) == (1, {"blank_subject": 1})
    answer = kernel.handle(UpdateCampaign(campaign_id, launch=True))
    assert [each.examples for each in answer.faults] == [
        (f"step 1 variant A for lead {lead_id(kernel, campaign_id, 1)}",)
    ]


def test_braces_are_read_for_new_rows_as_they_were_at_the_start(kernel: Kernel) -> None:
    """`{{nick|}}` is a choice of `nick` and nothing where no lead had a nick: about half of the rows draw nothing.

    As a fallback it would be blank for each of them. After a resume with the new field it is one.
    """
    campaign_id = running(kernel, "ACTIVE", mail("{{company|}}{{nick|nick}}", HELLO))
    assert kernel.handle(UploadLeads(campaign_id, b"email,nick\nbob@leads.org,B\n")).report.imported == 1  # type: ignore[union-attr]
    kernel.handle(PauseCampaign(campaign_id))
    kernel.handle(UpdateCampaign(campaign_id, variants=(mail("{{nick|}}"),)))
    rows = [(f"lead{number}@leads.org",) for number in range(40)]
    skipped = kernel.handle(UploadLeads(campaign_id, lead_file(rows))).report.skipped  # type: ignore[union-attr]
    assert 5 < skipped["blank_subject"] < 35
    kernel.handle(UpdateCampaign(campaign_id, variants=(mail("{{nick|x}}"),), launch=True))
    kernel.handle(PauseCampaign(campaign_id))
    kernel.handle(UpdateCampaign(campaign_id, variants=(mail("{{nick|}}"),)))
    rows = [(f"more{number}@leads.org",) for number in range(40)]
    assert kernel.handle(UploadLeads(campaign_id, lead_file(rows))).report.skipped == {"blank_subject": 40}  # type: ignore[union-attr]
