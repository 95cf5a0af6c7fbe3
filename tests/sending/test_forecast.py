"""The forecast alone, over queues made by hand: limits, waits, conditions, what is left, and what is drawn."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from campaign_core.sending.calendar import Schedule
from campaign_core.sending.forecast import (
    HORIZON,
    Assumed,
    CampaignAhead,
    Forecast,
    LeadAhead,
    MailAhead,
    StepAhead,
    forecast,
)
from campaign_core.sending.pacing import PACING, Pacing, gap_seconds
from campaign_core.sending.planner import InboxLedger

#: A Monday, an hour before the window opens.
AT = datetime(2030, 1, 7, 8, tzinfo=UTC)
NINE = AT + timedelta(hours=1)
DAY = timedelta(days=1)
NO_GAP = Pacing(0, 0)
WORKDAYS = Schedule(timezone="UTC", sending_days=(1, 2, 3, 4, 5), start_minute=540, end_minute=1020)
ONE, TWO, CAMPAIGN, OTHER = (UUID(int=each) for each in (1, 2, 11, 12))


def inbox(inbox_id: UUID = ONE, **others: Any) -> InboxLedger:
    given = {"can_send": True, "daily_limit": 100, "sent_today": 0, "last_claimed_at": None}
    return InboxLedger(inbox_id=inbox_id, **(given | others))


def step(number: int, days: int = 1, *, opened: bool = True, unopened: bool = True) -> StepAhead:
    return StepAhead(
        sequence_id=UUID(int=100 + number),
        step_number=number,
        wait=days * DAY,
        goes_to_opened=opened,
        goes_to_unopened=unopened,
    )


def campaign(leads: int = 3, **others: Any) -> CampaignAhead:
    given = {
        "campaign_id": CAMPAIGN,
        "schedule": WORKDAYS,
        "limit_per_inbox": None,
        "launched_at": AT,
        "inbox_ids": (ONE,),
        "first_mails": range(1, leads + 1),
    }
    return CampaignAhead(**(given | others))


def told(found: Forecast) -> list[tuple[int, int]]:
    """Lead and step of each mail."""
    return [(each.number, each.step_number) for each in found.mails]


def test_the_next_mail_goes_when_the_gap_after_the_one_before_is_over() -> None:
    found = forecast(AT, [campaign()], [inbox()])
    times = [each.at for each in found.mails]
    assert times[0] == NINE
    for before, after in pairwise(times):
        assert after == before + timedelta(seconds=gap_seconds(ONE, before, PACING))


@pytest.mark.parametrize(
    ("limits", "days"),
    [
        pytest.param({"limit_per_inbox": 2}, [2, 2, 1], id="the campaign's"),
        pytest.param({"daily_limit": 3}, [3, 2], id="the inbox's"),
        pytest.param({"sent_today": 98}, [2, 3], id="what the inbox has sent today"),
        pytest.param({"limit_per_inbox": 2, "used": 1}, [1, 2, 2], id="what the campaign has sent today"),
        pytest.param({"ramp_up_increment": 1, "ramp_up_max_limit": 2}, [1, 2, 2], id="ramp-up"),
    ],
)
def test_limits_of_a_day_hold(limits: dict[str, Any], days: list[int]) -> None:
    of_inbox = {name: value for name, value in limits.items() if name in ("daily_limit", "sent_today")}
    others = {name: value for name, value in limits.items() if name not in of_inbox}
    if "used" in others:
        others["used"] = {(ONE, AT.date()): others["used"]}
    found = forecast(AT, [campaign(5, **others)], [inbox(**of_inbox)], pacing=NO_GAP)
    assert list(Counter(each.at.date() for each in found.mails).values()) == days


def test_follow_ups_go_before_first_mails_and_wait_from_the_mail_before() -> None:
    found = forecast(AT, [campaign(4, chain=(step(2),), limit_per_inbox=2)], [inbox()], pacing=NO_GAP)
    assert told(found) == [(1, 1), (2, 1), (1, 2), (2, 2), (3, 1), (4, 1), (3, 2), (4, 2)]
    assert {each.inbox_id for each in found.mails} == {ONE}


def test_a_step_that_does_not_go_is_passed_over_and_the_next_waits_from_when_it_was_due() -> None:
    chain = step(2, 1, unopened=False), step(3, 2), step(4, unopened=False)
    found = forecast(AT, [campaign(1, chain=chain)], [inbox()])
    assert [(each.step_number, each.at) for each in found.mails] == [(1, NINE), (3, NINE + 3 * DAY)]
    opened = LeadAhead(number=9, inbox_id=ONE, next_place=0, since=AT, opened=True)
    found = forecast(AT, [campaign(0, chain=chain, on_their_way=[opened])], [inbox()])
    assert told(found) == [(9, 2), (9, 3), (9, 4)]


def test_a_lead_whose_mail_must_not_go_ends_there() -> None:
    found = forecast(AT, [campaign(3, chain=(step(2),), stops_at={-1: {1}, 0: {2}})], [inbox()])
    assert sorted(told(found)) == [(2, 1), (3, 1), (3, 2)]


def test_a_lead_keeps_its_inbox_or_takes_any() -> None:
    """One that is no longer there keeps nobody: such a lead is free."""
    waits = [
        LeadAhead(number=each, inbox_id=place, next_place=0, since=AT - DAY) for each, place in ((1, TWO), (2, None))
    ]
    several = campaign(0, chain=(step(2),), inbox_ids=(ONE, TWO), on_their_way=waits)
    found = forecast(AT, [several], [inbox(ONE), inbox(TWO)])
    assert {each.number: each.inbox_id for each in found.mails} == {1: TWO, 2: ONE}


def test_inboxes_that_are_free_at_once_are_used_in_the_order_of_the_campaign() -> None:
    found = forecast(AT, [campaign(4, inbox_ids=(TWO, ONE))], [inbox(ONE), inbox(TWO)])
    assert [(each.number, each.inbox_id) for each in found.mails if each.at == NINE] == [(1, TWO), (2, ONE)]


def test_a_mail_that_was_put_off_goes_when_it_may_be_tried_again() -> None:
    """First mail or follow-up: its wait is over; and what comes behind it waits from when it went."""
    again = NINE + timedelta(hours=2)
    put_off = [
        LeadAhead(number=number, inbox_id=inbox_id, next_place=place, since=again, retry_at=again)
        for number, inbox_id, place in ((1, ONE, None), (2, TWO, 0))
    ]
    ahead = campaign(0, chain=(step(2),), inbox_ids=(ONE, TWO), on_their_way=put_off)
    found = forecast(AT, [ahead], [inbox(ONE), inbox(TWO)])
    assert [(each.number, each.step_number, each.at) for each in found.mails] == [
        (1, 1, again),
        (2, 2, again),
        (1, 2, again + DAY),
    ]


def test_what_finds_no_inbox_is_left() -> None:
    """An inbox that cannot send now never will, and a limit of nothing lets nothing through."""
    assert forecast(AT, [campaign()], [inbox(can_send=False)]).left == {CAMPAIGN: 3}
    found = forecast(AT, [campaign()], [inbox(daily_limit=0)])
    assert (found.mails, found.finishes, found.left) == ((), {}, {CAMPAIGN: 3})


def test_a_forecast_ends_after_three_years() -> None:
    found = forecast(AT, [campaign(2000, limit_per_inbox=1)], [inbox()])
    assert found.mails[-1].at <= AT + HORIZON < found.mails[-1].at + 4 * DAY
    assert found.left[CAMPAIGN] == 2000 - len(found.mails)


def test_a_forecast_can_be_ended_by_the_mail_that_was_waited_for() -> None:
    def is_second(mail: MailAhead) -> bool:
        return mail.number == 2

    assert told(forecast(AT, [campaign()], [inbox()], until=is_second)) == [(1, 1), (2, 1)]


def test_campaigns_take_turns_at_an_inbox() -> None:
    """The one that used it least today goes first, and both are told when they end."""
    both = campaign(2), campaign(2, campaign_id=OTHER)
    found = forecast(AT, both, [inbox()])
    assert [each.campaign_id for each in found.mails] == [CAMPAIGN, OTHER, CAMPAIGN, OTHER]
    assert found.finishes == {CAMPAIGN: found.mails[2].at, OTHER: found.mails[3].at}


rates = st.floats(0, 1)


@given(reply=rates, bounce=rates, opens=rates, more=rates)
def test_who_answers_at_a_rate_answers_at_every_higher_one(
    reply: float, bounce: float, opens: float, more: float
) -> None:
    """So more answers never mean another mail, and the same question has the same answer."""
    ahead = [campaign(20, chain=(step(2, unopened=False), step(3), step(4, opened=False)))]
    few = Assumed(open_rate=opens, reply_rate=reply / 2, bounce_rate=bounce / 2)
    many = evolve(few, reply_rate=max(reply, more) / 2)
    found = told(forecast(AT, ahead, [inbox()], assumed=few))
    assert found == told(forecast(AT, ahead, [inbox()], assumed=few))
    assert set(told(forecast(AT, ahead, [inbox()], assumed=many))) <= set(found)


def test_rates_mean_what_they_say() -> None:
    """Of many leads about so many answer, or open, as the rate says; at nobody none, at everybody all."""
    chain = (step(2, unopened=False),)
    ahead = [campaign(1000, chain=chain)]
    ledgers = [inbox(daily_limit=1000)]

    def followed(**assumed: float) -> int:
        return sum(number == 2 for _, number in told(forecast(AT, ahead, ledgers, assumed=Assumed(**assumed))))

    assert followed() == 0
    assert followed(open_rate=1.0) == 1000
    assert 250 <= followed(open_rate=0.3) <= 350
    assert 650 <= followed(open_rate=1.0, reply_rate=0.1, bounce_rate=0.2) <= 750
    assert followed(open_rate=1.0, bounce_rate=1.0) == 0
