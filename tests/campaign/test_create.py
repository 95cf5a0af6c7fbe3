"""Creating a campaign."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from campaign_core import AlreadyExists, CreateCampaign, Settings, Status, UpdateCampaign
from campaign_core.campaign.decisions import CAMPAIGN_DECIDER
from campaign_core.campaign.events import Created
from campaign_core.testing.scenario import scenario
from tests.campaign.given import CAMPAIGN_ID, CREATED, HISTORIES, when

CREATE = CreateCampaign("Spring launch", campaign_id=CAMPAIGN_ID, seed=7)

#: Every setting with its default, and a value that is another. Source: reference 5.2.
SETTINGS: dict[str, tuple[Any, Any]] = {
    "timezone": ("America/New_York", "Europe/Berlin"),
    "sending_days": ((1, 2, 3, 4, 5), (6, 7)),
    "sending_window_start": (9, 8),
    "sending_window_start_minute": (0, 30),
    "sending_window_end": (17, 20),
    "sending_window_end_minute": (0, 15),
    "daily_limit_per_inbox": (None, 50),
    "start_date": (None, datetime(2030, 6, 1, 9, tzinfo=UTC)),
    "enable_tracking": (False, True),
    "enable_unsubscribe": (True, False),
    "enable_click_tracking": (False, True),
    "ramp_up_enabled": (False, True),
    "ramp_up_increment": (None, 5),
    "ramp_up_max_limit": (None, 500),
    "reply_to": (None, "answers@example.com"),
    "postal_address": (None, "1 High Street, Exampleton"),
}


def test_a_new_campaign_is_a_draft_with_nothing_in_it() -> None:
    """Created is all that is recorded; the seed comes with the command."""
    when((), CREATE).then(Created(settings=Settings("Spring launch"), seed=7))
    state = scenario(CAMPAIGN_DECIDER).given(CREATED).state
    assert (state.status, state.inbox_ids, state.variants, state.leads_added) == (Status.DRAFT, (), (), 0)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_that_is_not_given_has_its_documented_default(name: str) -> None:
    """And it is recorded, so that a later change of defaults changes no campaign."""
    (created,) = when((), CREATE).proposed
    assert getattr(created.event.settings, name) == SETTINGS[name][0]


def test_every_setting_is_kept() -> None:
    """Each setting that is given is the one recorded, and no setting is missing here."""
    given = {name: other for name, (_, other) in SETTINGS.items()}
    (created,) = when((), CreateCampaign("Spring launch", campaign_id=CAMPAIGN_ID, seed=7, **given)).proposed
    assert created.event.settings == Settings("Spring launch", **given)
    assert {"name", *SETTINGS} == {each.name for each in Settings.__attrs_attrs__}


def test_sending_days_are_sorted_and_each_kept_once() -> None:
    """Giving a day twice or in another order is harmless."""
    command = CreateCampaign("Spring launch", campaign_id=CAMPAIGN_ID, seed=7, sending_days=(5, 1, 5))
    when((), command).then(Created(settings=Settings("Spring launch", sending_days=(1, 5)), seed=7))


@pytest.mark.parametrize("given", [" Answers@EXAMPLE.com\n", "Answers@example.com"], ids=ascii)
def test_the_address_for_answers_is_kept_as_addresses_are_stored(given: str) -> None:
    """Blanks and line breaks around it would be in the header of every mail."""
    command = CreateCampaign("Spring launch", campaign_id=CAMPAIGN_ID, seed=7, reply_to=given)
    when((), command).then(Created(settings=Settings("Spring launch", reply_to="Answers@example.com"), seed=7))
    assert UpdateCampaign(CAMPAIGN_ID, reply_to=given).reply_to == "Answers@example.com"


@pytest.mark.parametrize("status", Status)
def test_an_id_is_used_once_ever(status: Status) -> None:
    """That of a deleted campaign is not free again, though nothing but the envelope is left of it."""
    refusal = when(HISTORIES[status], CREATE).then_rejected(AlreadyExists, noun="campaign", given=CAMPAIGN_ID)
    assert str(refusal) == (f"There already is a campaign {CAMPAIGN_ID}; choose another or use that one.")
