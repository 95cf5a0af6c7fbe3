"""Warnings: each of them where it is due, and not where it is not. They never block."""

from __future__ import annotations

from typing import Any

import pytest

from campaign_core import Finding, Settings, TriggerType
from campaign_core.campaign.decisions import CAMPAIGN_DECIDER
from campaign_core.campaign.events import Created, InboxesAssigned, Launched
from campaign_core.campaign.readiness import readiness
from campaign_core.testing.scenario import scenario
from tests.campaign.given import (
    ACTIVE,
    DISABLED_INBOX,
    INBOX,
    OTHER_INBOX,
    facts,
    follow_up,
    launch,
    sequences_set,
    uploaded,
    variant,
    variants_set,
    when,
)

NOT_OPENED, NOT_REPLIED = TriggerType.NOT_OPENED, TriggerType.NOT_REPLIED
OPENED = TriggerType.OPENED_BUT_NOT_REPLIED
#: Settings that nothing is to be warned of.
QUIET: dict[str, Any] = {"postal_address": "1 High Street, Exampleton"}


def history(*more: Any, **settings: Any) -> tuple[Any, ...]:
    """A draft with every part, with these settings beside the quiet ones."""
    made = Created(settings=Settings("Spring launch", **(QUIET | settings)), seed=7)
    return (made, uploaded(2), InboxesAssigned(inbox_ids=(INBOX,)), variants_set(variant()), *more)


def warnings(given: tuple[Any, ...]) -> list[str]:
    """The codes of everything warned of."""
    return [each.code for each in warned(given)]


def warned(given: tuple[Any, ...]) -> tuple[Finding, ...]:
    found = readiness(scenario(CAMPAIGN_DECIDER).given(*given).state, facts())
    assert found.is_launch_ready
    return found.warnings


def steps(*triggers: TriggerType, **others: Any) -> Any:
    """Follow-ups with these triggers."""
    return sequences_set(*(follow_up(number, trigger_type=each, **others) for number, each in enumerate(triggers, 2)))


def test_a_campaign_that_has_everything_is_warned_of_nothing() -> None:
    assert warnings(history()) == []


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        pytest.param(history(postal_address=None), ["no_postal_address"], id="no postal address"),
        pytest.param(history(enable_unsubscribe=False), ["no_unsubscribe"], id="no unsubscribe link"),
        pytest.param(history(steps(NOT_REPLIED, enable_unsubscribe=False)), ["no_unsubscribe"], id="none in a step"),
        pytest.param(
            history(steps(NOT_REPLIED, enable_unsubscribe=True), enable_unsubscribe=False),
            ["no_unsubscribe"],
            id="one in a step only",
        ),
        pytest.param(history(steps(NOT_REPLIED, enable_unsubscribe=True)), [], id="a link everywhere"),
        pytest.param(history(steps(NOT_REPLIED)), [], id="a step that inherits the link"),
        pytest.param(history(steps(NOT_OPENED)), ["tracking_off"], id="waiting for no open, tracking off"),
        pytest.param(history(steps(OPENED)), ["tracking_off"], id="waiting for an open, tracking off"),
        pytest.param(history(steps(NOT_OPENED, OPENED), enable_tracking=True), [], id="tracking on"),
        pytest.param(history(enable_tracking=False), [], id="tracking off, nothing waits on opens"),
        pytest.param(history(ramp_up_enabled=True), ["ramp_up_incomplete"], id="ramp-up with neither number"),
        pytest.param(
            history(ramp_up_enabled=True, ramp_up_increment=5), ["ramp_up_incomplete"], id="ramp-up without maximum"
        ),
        pytest.param(
            history(ramp_up_enabled=True, ramp_up_max_limit=50), ["ramp_up_incomplete"], id="ramp-up without increment"
        ),
        pytest.param(
            history(ramp_up_enabled=True, ramp_up_increment=5, ramp_up_max_limit=50), [], id="ramp-up with both numbers"
        ),
        pytest.param(history(ramp_up_increment=5), [], id="half a ramp-up that is off"),
        pytest.param(
            history(InboxesAssigned(inbox_ids=(DISABLED_INBOX, INBOX))), ["inbox_unusable"], id="an unusable inbox"
        ),
        pytest.param(history(InboxesAssigned(inbox_ids=(OTHER_INBOX, INBOX))), [], id="two usable inboxes"),
        pytest.param(
            history(
                InboxesAssigned(inbox_ids=(DISABLED_INBOX, INBOX)),
                steps(OPENED),
                postal_address=None,
                enable_unsubscribe=False,
                ramp_up_enabled=True,
            ),
            ["inbox_unusable", "tracking_off", "no_unsubscribe", "no_postal_address", "ramp_up_incomplete"],
            id="all at once",
        ),
    ],
)
def test_a_warning_is_given_where_it_is_due_and_nowhere_else(given: tuple[Any, ...], codes: list[str]) -> None:
    assert warnings(given) == codes


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        pytest.param(
            history(InboxesAssigned(inbox_ids=(DISABLED_INBOX, INBOX))),
            f"Assigned inboxes that cannot send now: 1 ({DISABLED_INBOX}).",
            id="inbox",
        ),
        pytest.param(
            history(steps(NOT_OPENED, NOT_REPLIED, OPENED)),
            "Opens are not tracked, so follow-ups that wait on them cannot tell: step 2, step 4.",
            id="tracking",
        ),
        pytest.param(history(enable_unsubscribe=False), "Its mails offer no way to unsubscribe.", id="unsubscribe"),
        pytest.param(history(postal_address=None), "Its mails carry no postal address of the sender.", id="address"),
        pytest.param(
            history(ramp_up_enabled=True),
            "Ramp-up is on without both its increment and its maximum; it will not hold anything back.",
            id="ramp-up",
        ),
    ],
)
def test_a_warning_says_what_it_is_about(given: tuple[Any, ...], sentence: str) -> None:
    """Which inboxes, which steps."""
    (warning,) = warned(given)
    assert warning.sentence == sentence


def test_warnings_never_keep_a_campaign_from_its_launch() -> None:
    """All of them at once."""
    given = history(steps(OPENED), postal_address=None, enable_unsubscribe=False, ramp_up_enabled=True)
    when(given, launch()).then(Launched())


def test_a_running_campaign_is_warned_as_well() -> None:
    """Of what it was launched without."""
    assert warnings(ACTIVE) == ["no_postal_address"]
