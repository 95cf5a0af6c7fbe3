"""Updating settings: what is recorded, what is cleared, what must fit together once merged."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from campaign_core import IllegalTransition, InvalidMessage, Problem, Settings, Status, UnknownCampaign, UpdateCampaign
from campaign_core.campaign.events import Created, Revised, SettingsRevised
from campaign_core.campaign.settings import SettingsChange
from campaign_core.checks import check
from tests.campaign.given import CAMPAIGN_ID, DELETED, FAILED, HISTORIES, PAUSED, READY, when

#: A campaign that has a value in every field that may be cleared.
FILLED = Created(
    settings=Settings(
        "Spring launch",
        daily_limit_per_inbox=50,
        start_date=datetime(2030, 6, 1, 9, tzinfo=UTC),
        ramp_up_increment=5,
        ramp_up_max_limit=500,
        reply_to="answers@example.com",
        postal_address="1 High Street, Exampleton",
    ),
    seed=7,
)


def update(**changes: Any) -> UpdateCampaign:
    return UpdateCampaign(CAMPAIGN_ID, **changes)


@pytest.mark.parametrize("history", [READY, PAUSED], ids=["DRAFT", "PAUSED"])
def test_only_what_differs_is_recorded(history: tuple[Any, ...]) -> None:
    """A field sent with the value it has is not part of the change."""
    decided = when(history, update(name="Spring launch", timezone="Europe/Berlin", sending_days=(2, 1, 2)))
    decided.then(SettingsRevised(change=SettingsChange(timezone="Europe/Berlin", sending_days=(1, 2))))


@pytest.mark.parametrize("history", [READY, PAUSED, FAILED], ids=["DRAFT", "PAUSED", "FAILED"])
@pytest.mark.parametrize(
    "command",
    [
        pytest.param(update(), id="nothing in it"),
        pytest.param(update(name="Spring launch"), id="the same name"),
        pytest.param(update(sending_days=(5, 4, 3, 2, 1, 1)), id="the same days in another order"),
        pytest.param(update(daily_limit_per_inbox=None, start_date=None), id="cleared what was not there"),
    ],
)
def test_an_update_that_changes_nothing_records_nothing(history: tuple[Any, ...], command: UpdateCampaign) -> None:
    """A FAILED campaign stays FAILED: it was not revised."""
    when(history, command).then_nothing()


def test_a_real_change_makes_a_failed_campaign_a_draft_first() -> None:
    """Revised comes before the change."""
    when(FAILED, update(name="Summer launch")).then(
        Revised(), SettingsRevised(change=SettingsChange(name="Summer launch"))
    )


@pytest.mark.parametrize(
    "name",
    [
        "daily_limit_per_inbox",
        "start_date",
        "ramp_up_increment",
        "ramp_up_max_limit",
        "reply_to",
        "postal_address",
    ],
)
def test_none_clears_a_field_whose_absence_means_something(name: str) -> None:
    """And leaving it out does not."""
    when((FILLED,), update(**{name: None})).then(SettingsRevised(change=SettingsChange(**{name: None})))
    when((FILLED,), update()).then_nothing()


@pytest.mark.parametrize(
    "name",
    [
        "name",
        "timezone",
        "sending_days",
        "sending_window_start",
        "sending_window_start_minute",
        "sending_window_end",
        "sending_window_end_minute",
        "enable_tracking",
        "enable_unsubscribe",
        "enable_click_tracking",
        "ramp_up_enabled",
    ],
)
def test_every_other_field_has_no_none(name: str) -> None:
    """None there is an invalid message, not a wish to clear."""
    with pytest.raises(InvalidMessage) as caught:
        check(update(**{name: None}))
    assert [problem.path for problem in caught.value.problems] == [f"$.{name}"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        pytest.param(
            {"sending_window_start": 17},
            Problem("$.sending_window_end", "the sending window must end after it starts; 17:00 is not after 17:00"),
            id="a start not before the end that is there",
        ),
        pytest.param(
            {"sending_window_end": 9},
            Problem("$.sending_window_end", "the sending window must end after it starts; 09:00 is not after 09:00"),
            id="an end not after the start that is there",
        ),
        pytest.param(
            {"sending_window_end": 24, "sending_window_end_minute": 1},
            Problem("$.sending_window_end_minute", "must be 0 when the window ends at hour 24"),
            id="past midnight",
        ),
    ],
)
def test_the_window_must_fit_together_once_merged(changes: dict[str, int], problem: Problem) -> None:
    """Each number is right by itself; otherwise an invalid window could be built in two updates."""
    check(update(**changes))
    when(READY, update(**changes)).then_rejected(InvalidMessage, problems=(problem,))


def test_both_ends_of_the_window_may_move_at_once() -> None:
    """Only the merged result counts: 18 to 20 is fine although 18 is after the old end."""
    when(READY, update(sending_window_start=18, sending_window_end=20)).then(
        SettingsRevised(change=SettingsChange(sending_window_start=18, sending_window_end=20))
    )


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.COMPLETED, Status.ARCHIVED])
def test_an_update_is_refused_where_the_campaign_may_not_be_edited(status: Status) -> None:
    """Whatever it carries, nothing at all included; the refusal says where the campaign is."""
    for command in (update(), update(name="Summer launch"), update(launch=True)):
        refusal = when(HISTORIES[status], command).then_rejected(IllegalTransition, trigger="update", status=status)
        assert str(refusal).startswith(f"A campaign that is {status} cannot be updated. What it allows now: ")


def test_a_running_campaign_says_how_it_could_be_edited() -> None:
    """The way to an edit is among what the status allows: pause."""
    refusal = when(HISTORIES[Status.ACTIVE], update()).then_rejected(IllegalTransition)
    assert "pause" in refusal.legal


@pytest.mark.parametrize("history", [(), DELETED], ids=["never created", "deleted"])
def test_an_unknown_campaign_cannot_be_updated(history: tuple[Any, ...]) -> None:
    """One that was deleted is as unknown as one that never was."""
    refusal = when(history, update(name="Summer launch")).then_rejected(UnknownCampaign, given=CAMPAIGN_ID)
    assert str(refusal) == f"There is no campaign {CAMPAIGN_ID} in this workspace."
