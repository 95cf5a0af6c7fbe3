"""The mapping by which a campaign's lead files are read."""

from __future__ import annotations

from typing import Any

import pytest

from campaign_core import InvalidMessage, Problem, UpdateCampaign
from campaign_core.campaign.decisions import CAMPAIGN_DECIDER
from campaign_core.campaign.events import InboxesAssigned, LeadMappingSet, Revised, SettingsRevised
from campaign_core.campaign.settings import SettingsChange
from campaign_core.checks import check
from campaign_core.testing.scenario import scenario
from tests.campaign.given import CAMPAIGN_ID, FAILED, OTHER_INBOX, PAUSED, READY, when

GERMAN = {"email": "E-Mail", "first_name": "Vorname"}


def update(mapping: Any, **others: Any) -> UpdateCampaign:
    return UpdateCampaign(CAMPAIGN_ID, lead_mapping=mapping, **others)


@pytest.mark.parametrize("history", [READY, PAUSED], ids=["DRAFT", "PAUSED"])
def test_a_mapping_is_set_as_a_whole(history: tuple[Any, ...]) -> None:
    """That of before is gone with it."""
    when(history, update(GERMAN)).then(LeadMappingSet(mapping=GERMAN))
    later = (*history, LeadMappingSet(mapping=GERMAN))
    when(later, update({"email": "Mail"})).then(LeadMappingSet(mapping={"email": "Mail"}))
    assert scenario(CAMPAIGN_DECIDER).given(*later).state.lead_mapping == GERMAN


@pytest.mark.parametrize("again", [GERMAN, None], ids=["the same", "nothing"])
def test_the_same_mapping_again_records_nothing(again: Any) -> None:
    when((*READY, LeadMappingSet(mapping=GERMAN)), update(again)).then_nothing()


def test_a_mapping_is_an_edit_of_a_failed_campaign() -> None:
    when(FAILED, update(GERMAN)).then(Revised(), LeadMappingSet(mapping=GERMAN))


def test_a_mapping_comes_behind_settings_and_before_inboxes() -> None:
    """In one update, in one order."""
    when(READY, update(GERMAN, name="Summer launch", inbox_ids=(OTHER_INBOX,))).then(
        SettingsRevised(change=SettingsChange(name="Summer launch")),
        LeadMappingSet(mapping=GERMAN),
        InboxesAssigned(inbox_ids=(OTHER_INBOX,)),
    )


def many(fields: int) -> dict[str, str]:
    return {"email": "E-Mail", **{f"field {place}": "x" for place in range(fields - 1)}}


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [
        pytest.param({"email": "E-Mail"}, None, id="the address alone"),
        pytest.param({" E-Mail ": "x", "custom_EMAIL": "E-Mail"}, None, id="field names as headers are read"),
        pytest.param(many(1000), None, id="1000 fields"),
        pytest.param(many(1001), "must name at most 1,000 fields, names 1,001", id="1001 fields"),
        pytest.param({"email": "x" * 255}, None, id="a header of 255 characters"),
        pytest.param(
            {"email": "x" * 256},
            "must hold names of at most 255 characters that can be written as UTF-8",
            id="a header of 256 characters",
        ),
        pytest.param({}, "must say which column holds the email address", id="nothing"),
        pytest.param({"first_name": "x"}, "must say which column holds the email address", id="no address"),
        pytest.param(
            {"email": "a", "custom_email": "b"},
            "must name each field once, and none by blanks only",
            id="a field twice",
        ),
        pytest.param(
            {"email": "a", " ": "b"}, "must name each field once, and none by blanks only", id="a blank field"
        ),
        pytest.param({"email": 7}, "must map field names to headers, both text", id="a header that is no text"),
        pytest.param([("email", "a")], "must map field names to headers, both text", id="a list"),
    ],
)
def test_a_mapping_is_held_to_its_limits(mapping: Any, sentence: str | None) -> None:
    if sentence is None:
        check(update(mapping))
        return
    with pytest.raises(InvalidMessage) as caught:
        check(update(mapping))
    assert caught.value.problems == (Problem("$.lead_mapping", sentence),)
