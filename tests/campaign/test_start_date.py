"""The start date: at most two years ahead, read in the campaign's zone, kept as an instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from campaign_core import CreateCampaign, Settings, StartTooFarAhead, UpdateCampaign
from campaign_core.campaign.events import Created, SettingsRevised
from campaign_core.campaign.settings import SettingsChange
from tests.campaign.given import CAMPAIGN_ID, facts, when

NOON = datetime(2030, 6, 15, 12, tzinfo=UTC)
TWO_YEARS_ON = datetime(2032, 6, 15, 12, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


def create(start_date: datetime | None, timezone: str = "UTC") -> CreateCampaign:
    return CreateCampaign("Spring launch", campaign_id=CAMPAIGN_ID, seed=7, start_date=start_date, timezone=timezone)


def created(start_date: datetime | None, timezone: str = "UTC") -> Created:
    return Created(settings=Settings("Spring launch", start_date=start_date, timezone=timezone), seed=7)


@pytest.mark.parametrize(
    ("at", "start", "fine"),
    [
        pytest.param(NOON, TWO_YEARS_ON, True, id="exactly two years"),
        pytest.param(NOON, TWO_YEARS_ON + MOMENT, False, id="a moment more"),
        pytest.param(NOON, NOON - timedelta(days=4000), True, id="long past"),
        pytest.param(NOON, datetime(2032, 6, 15, 14, tzinfo=timezone(timedelta(hours=2))), True, id="another offset"),
        pytest.param(
            datetime(2028, 2, 29, 12, tzinfo=UTC), datetime(2030, 2, 28, 23, 59, tzinfo=UTC), True, id="a leap day"
        ),
        pytest.param(datetime(2028, 2, 29, 12, tzinfo=UTC), datetime(2030, 3, 1, tzinfo=UTC), False, id="and after it"),
        pytest.param(NOON, datetime(9998, 12, 31, tzinfo=UTC), False, id="the far future"),
    ],
)
def test_a_campaign_starts_at_most_two_years_ahead(at: datetime, start: datetime, fine: bool) -> None:
    """Two years by the calendar, to the microsecond; at creation and in an update alike."""
    update = UpdateCampaign(CAMPAIGN_ID, start_date=start)
    for decided in (when((), create(start), facts(at=at)), when((created(None),), update, facts(at=at))):
        if fine:
            assert decided.refusal is None
        else:
            refusal = decided.then_rejected(StartTooFarAhead, start_date=start.isoformat())
            assert str(refusal) == f"A campaign starts at most two years ahead; {start.isoformat()} is later."


def test_a_start_date_that_stays_is_not_judged_again() -> None:
    """An update of something else is not refused for what was accepted before."""
    history = (created(TWO_YEARS_ON),)
    earlier = facts(at=NOON - timedelta(days=30))
    change = SettingsRevised(change=SettingsChange(name="Summer launch"))
    when(history, UpdateCampaign(CAMPAIGN_ID, name="Summer launch"), earlier).then(change)
    when(history, UpdateCampaign(CAMPAIGN_ID, start_date=TWO_YEARS_ON), earlier).then_nothing()


@pytest.mark.parametrize(
    ("local", "instant"),
    [
        pytest.param(datetime(2030, 1, 15, 9), datetime(2030, 1, 15, 8, tzinfo=UTC), id="winter"),
        pytest.param(datetime(2030, 7, 15, 9), datetime(2030, 7, 15, 7, tzinfo=UTC), id="summer"),
        pytest.param(datetime(2030, 3, 31, 1, 59), datetime(2030, 3, 31, 0, 59, tzinfo=UTC), id="before the gap"),
        pytest.param(datetime(2030, 3, 31, 2, 30), datetime(2030, 3, 31, 1, 30, tzinfo=UTC), id="in the gap"),
        pytest.param(datetime(2030, 3, 31, 3, 0), datetime(2030, 3, 31, 1, 0, tzinfo=UTC), id="after the gap"),
        pytest.param(datetime(2030, 10, 27, 2, 30), datetime(2030, 10, 27, 0, 30, tzinfo=UTC), id="the first of two"),
        pytest.param(
            datetime(2030, 10, 27, 2, 30, fold=1), datetime(2030, 10, 27, 0, 30, tzinfo=UTC), id="fold passed over"
        ),
        pytest.param(datetime(2030, 10, 27, 3, 0), datetime(2030, 10, 27, 2, 0, tzinfo=UTC), id="after both"),
    ],
)
def test_a_date_without_an_offset_is_read_in_the_campaigns_zone(local: datetime, instant: datetime) -> None:
    """In Berlin: an hour that the clock skips is the instant it would have been, one that it shows twice the first."""
    when((), create(local, "Europe/Berlin")).then(created(instant, "Europe/Berlin"))
    history = (created(None, "Europe/Berlin"),)
    change = SettingsRevised(change=SettingsChange(start_date=instant))
    when(history, UpdateCampaign(CAMPAIGN_ID, start_date=local)).then(change)


def test_a_date_with_an_offset_is_its_instant() -> None:
    """The campaign's zone has no say in it."""
    given = datetime(2030, 6, 1, 9, tzinfo=timezone(timedelta(hours=5)))
    when((), create(given, "Europe/Berlin")).then(created(datetime(2030, 6, 1, 4, tzinfo=UTC), "Europe/Berlin"))


def test_a_zone_that_comes_along_is_the_one_the_date_is_read_in() -> None:
    """One update carries both."""
    update = UpdateCampaign(CAMPAIGN_ID, timezone="Asia/Tokyo", start_date=datetime(2030, 6, 1, 9))
    when((created(None),), update).then(
        SettingsRevised(change=SettingsChange(timezone="Asia/Tokyo", start_date=datetime(2030, 6, 1, tzinfo=UTC)))
    )


def test_another_zone_alone_leaves_the_instant() -> None:
    """What was resolved stays resolved."""
    history = (created(datetime(2030, 6, 1, 9, tzinfo=UTC)),)
    update = UpdateCampaign(CAMPAIGN_ID, timezone="Asia/Tokyo")
    when(history, update).then(SettingsRevised(change=SettingsChange(timezone="Asia/Tokyo")))


def test_the_same_instant_in_other_words_changes_nothing() -> None:
    """Written in the campaign's zone, or with an offset."""
    history = (created(datetime(2030, 6, 1, 7, tzinfo=UTC), "Europe/Berlin"),)
    for start in (datetime(2030, 6, 1, 9), datetime(2030, 6, 1, 12, tzinfo=timezone(timedelta(hours=5)))):
        when(history, UpdateCampaign(CAMPAIGN_ID, start_date=start)).then_nothing()
