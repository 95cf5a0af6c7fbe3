"""Facts about the product, through the kernel and on every store. Source: reference section 19, facts 1 to 13 and 16.

Fact 15 is in `test_leads`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from campaign_core import (
    CAMPAIGNS,
    LEADS,
    ActivateCampaign,
    CampaignError,
    CreateCampaign,
    DeleteCampaign,
    FollowUp,
    IllegalTransition,
    InvalidMessage,
    Kernel,
    LeadFileRefused,
    PauseCampaign,
    RemoveLeads,
    UnbalancedSplit,
    UnknownCampaign,
    UpdateCampaign,
    UploadLeads,
    Variant,
    open_kernel,
)
from campaign_core.kernel.stores import open_store
from tests.campaign.given import follow_up, variant
from tests.conftest import AT
from tests.kernel.given import LEADS_CSV, VARIANT, Made, active, archived, complete, draft, failed, new_inbox, paused


@pytest.mark.parametrize(("length", "fine"), [(7, False), (8, True), (255, True), (256, False)])
def test_fact_1_a_name_has_8_to_255_characters(kernel: Kernel, length: int, fine: bool) -> None:
    """A refused name stores nothing."""
    if fine:
        created = kernel.handle(CreateCampaign("n" * length))
        row = kernel.view(CAMPAIGNS).get(created.id)
        assert row is not None
        assert row.name == "n" * length
    else:
        with pytest.raises(InvalidMessage, match=rf"\$\.name: must have 8 to 255 characters, has {length}"):
            kernel.handle(CreateCampaign("n" * length))
        assert kernel.view(CAMPAIGNS).count() == 0


def test_fact_2_a_new_campaign_is_a_draft_and_the_answer_has_its_id(kernel: Kernel) -> None:
    """And the view finds it under that id."""
    created = kernel.handle(CreateCampaign("Spring launch"))
    assert created.status == "DRAFT"
    row = kernel.view(CAMPAIGNS).get(created.id)
    assert row is not None
    assert (row.campaign_id, row.status) == (created.id, "DRAFT")


def test_fact_3_variants_alone_leave_leads_and_inboxes_missing(kernel: Kernel) -> None:
    """Exactly these two, in this order, in the answer to the update."""
    campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
    updated = kernel.handle(UpdateCampaign(campaign_id, variants=(VARIANT,)))
    assert updated.is_launch_ready is False
    assert updated.missing_requirements == ("leads", "inboxes")


def test_fact_4_a_launch_that_lacks_parts_stays_a_draft(kernel: Kernel) -> None:
    """It is accepted and answers what is missing."""
    campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
    answer = kernel.handle(UpdateCampaign(campaign_id, launch=True))
    assert (answer.status, answer.events) == ("DRAFT", ())
    assert answer.missing_requirements == ("leads", "inboxes", "email_content")


def test_fact_5_a_launch_that_has_every_part_is_active(kernel: Kernel) -> None:
    """Ready, nothing missing."""
    campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
    kernel.handle(UploadLeads(campaign_id, LEADS_CSV))
    inbox_id = new_inbox(kernel)
    answer = kernel.handle(UpdateCampaign(campaign_id, inbox_ids=(inbox_id,), variants=(VARIANT,), launch=True))
    assert (answer.status, answer.is_launch_ready, answer.missing_requirements) == ("ACTIVE", True, ())
    row = kernel.view(CAMPAIGNS).get(campaign_id)
    assert row is not None
    assert (row.status, row.launched_at) == ("ACTIVE", AT)


def test_fact_6_pause_and_activate(kernel: Kernel) -> None:
    """From ACTIVE to PAUSED and back, as often as one likes; repeating records nothing."""
    campaign_id = active(kernel).campaign_id
    for _ in range(2):
        assert kernel.handle(PauseCampaign(campaign_id)).status == "PAUSED"
        assert kernel.handle(PauseCampaign(campaign_id)).events == ()
        assert kernel.handle(ActivateCampaign(campaign_id)).status == "ACTIVE"
        assert kernel.handle(ActivateCampaign(campaign_id)).events == ()


@pytest.mark.parametrize("given", [draft, paused, archived])
def test_fact_7_a_campaign_that_does_not_run_can_be_deleted(kernel: Kernel, given: Callable[[Kernel], Made]) -> None:
    """Its leads are gone with it."""
    campaign_id = given(kernel).campaign_id
    assert kernel.view(LEADS).count({"campaign_id": campaign_id}) == 2
    assert kernel.handle(DeleteCampaign(campaign_id)).status == "DELETED"
    assert kernel.view(LEADS).count({"campaign_id": campaign_id}) == 0
    assert kernel.view(CAMPAIGNS).get(campaign_id) is None


@pytest.mark.parametrize("given", [active, failed])
def test_fact_7_nothing_else_can_be_deleted(kernel: Kernel, given: Callable[[Kernel], Made]) -> None:
    """The refusal leaves everything as it was."""
    campaign_id = given(kernel).campaign_id
    before = kernel.view(CAMPAIGNS).get(campaign_id)
    with pytest.raises(IllegalTransition):
        kernel.handle(DeleteCampaign(campaign_id))
    assert kernel.view(CAMPAIGNS).get(campaign_id) == before
    assert kernel.view(LEADS).count({"campaign_id": campaign_id}) == 2


def test_fact_7_a_completed_campaign_cannot_be_deleted(location: str) -> None:
    """Nor edited or paused; it is archived first."""
    store = open_store(location)
    with open_kernel(store, clock=lambda: AT) as kernel:
        campaign_id = active(kernel).campaign_id
        complete(store, campaign_id)
        row = kernel.view(CAMPAIGNS).get(campaign_id)
        assert row is not None
        assert row.status == "COMPLETED"
        for command in (
            DeleteCampaign(campaign_id),
            PauseCampaign(campaign_id),
            UpdateCampaign(campaign_id),
            UploadLeads(campaign_id, LEADS_CSV),
        ):
            with pytest.raises(IllegalTransition) as caught:
                kernel.handle(command)
            assert caught.value.status == "COMPLETED"


def test_fact_8_a_running_campaign_cannot_be_updated(kernel: Kernel) -> None:
    """Pause it first: then it can."""
    campaign_id = active(kernel).campaign_id
    with pytest.raises(IllegalTransition, match="A campaign that is ACTIVE cannot be updated") as caught:
        kernel.handle(UpdateCampaign(campaign_id, name="Summer launch"))
    assert "pause" in caught.value.legal
    kernel.handle(PauseCampaign(campaign_id))
    assert kernel.handle(UpdateCampaign(campaign_id, name="Summer launch")).status == "PAUSED"


def shares(*percents: int) -> tuple[Variant, ...]:
    return tuple(variant("ABCDE"[place], percent) for place, percent in enumerate(percents))


def chain(*waits: int) -> tuple[FollowUp, ...]:
    return tuple(follow_up(number, days) for number, days in enumerate(waits, 2))


#: What an update brings, and whether it is accepted.
LIMITS: dict[str, tuple[dict[str, Any], bool]] = {
    "fact 9: four variants": ({"variants": shares(25, 25, 25, 25)}, True),
    "fact 9: five variants": ({"variants": shares(20, 20, 20, 20, 20)}, False),
    "fact 9: three follow-ups": ({"sequences": chain(1, 1, 1)}, True),
    "fact 9: four follow-ups": ({"sequences": chain(1, 1, 1, 1)}, False),
    "fact 9: a wait of 30 days": ({"sequences": chain(30)}, True),
    "fact 9: a wait of 31 days": ({"sequences": chain(31)}, False),
    "fact 9: waits of 45 days": ({"sequences": chain(30, 15)}, True),
    "fact 9: waits of 46 days": ({"sequences": chain(30, 16)}, False),
    "fact 9: 99 percent": ({"variants": shares(50, 49)}, False),
    "fact 9: 100 percent": ({"variants": shares(50, 50)}, True),
    "fact 9: 101 percent": ({"variants": shares(50, 51)}, False),
    "fact 10: a daily limit of 0": ({"daily_limit_per_inbox": 0}, False),
    "fact 10: a daily limit of 1": ({"daily_limit_per_inbox": 1}, True),
    "fact 10: a daily limit of 100": ({"daily_limit_per_inbox": 100}, True),
    "fact 10: a daily limit of 101": ({"daily_limit_per_inbox": 101}, False),
    "fact 10: a window from hour 24": ({"sending_window_start": 24}, False),
    "fact 10: a window to hour 0": ({"sending_window_end": 0}, False),
    "fact 10: a window to hour 25": ({"sending_window_end": 25}, False),
    "fact 10: no day": ({"sending_days": ()}, False),
    "fact 10: eight days": ({"sending_days": (1, 2, 3, 4, 5, 6, 7, 1)}, False),
    "fact 10: day 0": ({"sending_days": (0,)}, False),
    "fact 10: day 8": ({"sending_days": (8,)}, False),
    "fact 11: the end of the day": ({"sending_window_end": 24}, True),
    "fact 11: a minute past the end of the day": ({"sending_window_end": 24, "sending_window_end_minute": 1}, False),
    "fact 12: a name of letters and digits": ({"variants": (variant("A1"),)}, False),
    "fact 12: a name twice": ({"variants": (variant("a", 50), variant("A", 50))}, False),
}


@pytest.mark.parametrize("case", LIMITS)
def test_facts_9_to_12_a_limit_is_held(kernel: Kernel, case: str) -> None:
    """What is refused is not stored."""
    changes, fine = LIMITS[case]
    campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
    if fine:
        assert len(kernel.handle(UpdateCampaign(campaign_id, **changes)).events) == 1
    else:
        with pytest.raises(CampaignError) as caught:
            kernel.handle(UpdateCampaign(campaign_id, **changes))
        assert isinstance(caught.value, InvalidMessage | UnbalancedSplit)
        assert len(kernel.history(campaign_id)) == 1


def test_fact_12_a_variant_name_is_answered_in_upper_case(kernel: Kernel) -> None:
    campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
    kernel.handle(UpdateCampaign(campaign_id, variants=(variant("a"),)))
    row = kernel.view(CAMPAIGNS).get(campaign_id)
    assert row is not None
    assert [each.variant_name for each in row.variants] == ["A"]


def test_fact_16_only_a_pending_lead_is_removed(kernel: Kernel) -> None:
    """Whatever the status of its campaign; an id that is no lead's is passed over."""
    campaign_id = active(kernel).campaign_id
    ids = tuple(row.lead_id for row in kernel.view(LEADS).find({"campaign_id": campaign_id}))
    answer = kernel.handle(RemoveLeads(campaign_id, (*ids, campaign_id)))
    assert (answer.removed, answer.kept, answer.unknown) == (2, 0, 1)
    assert kernel.view(LEADS).count({"campaign_id": campaign_id}) == 0


def rows(count: int) -> bytes:
    """A lead file of that many rows."""
    return b"email\n" + b"".join(b"lead%d@example.com\n" % number for number in range(count))


def test_fact_13_ten_thousand_rows_are_accepted(kernel: Kernel) -> None:
    """All of them are leads."""
    campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
    report = kernel.handle(UploadLeads(campaign_id, rows(10_000))).report
    assert report is not None
    assert (report.rows, report.imported) == (10_000, 10_000)
    assert kernel.view(LEADS).count({"campaign_id": campaign_id}) == 10_000


def test_fact_13_one_row_more_is_refused(kernel: Kernel) -> None:
    """The whole file, with nothing stored."""
    campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
    with pytest.raises(LeadFileRefused, match=r"more than 10,000 leads; one upload takes at most that many\."):
        kernel.handle(UploadLeads(campaign_id, rows(10_001)))
    assert kernel.view(LEADS).count() == 0
    assert [each.name for each in kernel.history(campaign_id)] == ["campaign.created"]


@pytest.fixture
def fifty_megabytes(tmp_path: Path) -> Path:
    """A lead file of exactly 50 MB: some 1,600 leads with a long note each."""
    path = tmp_path / "leads.csv"
    with path.open("wb") as file:
        file.write(b"email,note\n")
        number = 0
        while file.tell() < 50 * 1024 * 1024 - 40_000:
            number += 1
            file.write(b"lead%d@example.com,%s\n" % (number, b"n" * 32_000))
        rest = 50 * 1024 * 1024 - file.tell()
        file.write(b"last@example.com,".ljust(min(rest, 32_000), b"n"))
        file.write(b"\n" * (rest - min(rest, 32_000)))
    return path


def test_fact_13_a_file_of_50_megabytes_is_accepted(kernel: Kernel, fifty_megabytes: Path) -> None:
    """To the byte."""
    campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
    assert fifty_megabytes.stat().st_size == 50 * 1024 * 1024
    report = kernel.handle(UploadLeads(campaign_id, fifty_megabytes, mapping={"email": "email"})).report
    assert report is not None
    assert report.imported == report.rows == kernel.view(LEADS).count()


def test_fact_13_one_byte_more_is_refused(kernel: Kernel, fifty_megabytes: Path) -> None:
    """Whether it comes as a path or as a stream that does not say how long it is; nothing is stored."""
    campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
    with fifty_megabytes.open("ab") as file:
        file.write(b"\n")
    with fifty_megabytes.open("rb") as stream:
        for given in (fifty_megabytes, stream):
            with pytest.raises(LeadFileRefused, match=r"^The file is larger than 50 MB; split it\.$"):
                kernel.handle(UploadLeads(campaign_id, given))
    assert kernel.view(LEADS).count() == 0
    assert [each.name for each in kernel.history(campaign_id)] == ["campaign.created"]


def test_an_unknown_campaign_takes_no_file(kernel: Kernel) -> None:
    """However good the file is."""
    campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
    kernel.handle(DeleteCampaign(campaign_id))
    with pytest.raises(UnknownCampaign):
        kernel.handle(UploadLeads(campaign_id, LEADS_CSV))
