"""Rates are fractions over what was sent, as the product prints them, and averages are pooled."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign_core.analytics.rates import Counts, Rates, pooled, rates, shown
from campaign_core.errors import MisuseError

NAMES = [each.name for each in attrs.fields(Counts)]
COUNTS = st.builds(Counts, **{name: st.integers(0, 10**9) for name in NAMES})


def test_the_rates_of_the_product_s_own_example() -> None:
    """500 leads: 498 sent, 2 bounced, 169 opened, 40 replied."""
    got = rates(Counts(sent=498, bounced=2, opened=169, replied=40))
    assert [shown(each) for each in (got.open_rate, got.reply_rate, got.bounce_rate)] == [0.3394, 0.0803, 0.004]


def test_bounces_are_divided_by_all_mails_and_everything_else_by_those_that_did_not_bounce() -> None:
    counts = Counts(
        sent=80, bounced=20, opened=40, clicked=8, replied=4, unsubscribed=2, complained=1, opened_by_machine=16
    )
    assert rates(counts) == Rates(
        open_rate=0.5,
        click_rate=0.1,
        reply_rate=0.05,
        bounce_rate=0.2,
        unsubscribe_rate=0.025,
        complaint_rate=0.0125,
        machine_open_rate=0.2,
        open_to_reply_rate=0.1,
    )


def test_rates_keep_their_digits_until_they_are_shown() -> None:
    third = rates(Counts(sent=3, opened=1)).open_rate
    assert third == 1 / 3
    assert shown(third) == 0.3333


def test_a_rate_over_nothing_is_none_and_stays_none_when_shown() -> None:
    assert set(attrs.astuple(rates(Counts()))) == {None}
    assert shown(None) is None


def test_where_every_mail_bounced_only_the_bounce_rate_is_known() -> None:
    got = attrs.asdict(rates(Counts(bounced=3)))
    assert {name: rate for name, rate in got.items() if rate is not None} == {"bounce_rate": 1.0}


@given(COUNTS, COUNTS)
def test_counts_add_field_by_field(one: Counts, two: Counts) -> None:
    for name in NAMES:
        assert getattr(one + two, name) == getattr(one, name) + getattr(two, name)


@given(COUNTS, COUNTS, COUNTS)
def test_counts_can_be_added_in_any_order_and_nothing_adds_nothing(one: Counts, two: Counts, three: Counts) -> None:
    assert (one + two) + three == three + (two + one)
    assert one + Counts() == one


@given(st.lists(COUNTS, max_size=5))
def test_an_average_is_the_rate_of_all_mails_together(each: list[Counts]) -> None:
    """So it does not matter into how many campaigns the mails are divided."""
    assert pooled(each) == rates(sum(each, Counts()))
    assert pooled(iter(each)) == pooled([sum(each[:2], Counts()), sum(each[2:], Counts())])


def test_a_large_campaign_weighs_more_than_a_small_one() -> None:
    """Pooled, not the mean of the rates, which would be 0.5."""
    assert pooled([Counts(sent=1, replied=1), Counts(sent=99)]).reply_rate == 0.01


@given(st.lists(COUNTS.filter(lambda counts: counts.sent > 0), min_size=1, max_size=5))
def test_an_average_lies_between_the_smallest_and_the_largest_rate(each: list[Counts]) -> None:
    single = [rates(counts).reply_rate or 0.0 for counts in each]
    average = pooled(each).reply_rate
    assert average is not None
    assert min(single) * (1 - 1e-12) <= average <= max(single) * (1 + 1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_less_than_none_is_refused(name: str) -> None:
    with pytest.raises(MisuseError, match=name):
        Counts(**{name: -1})
