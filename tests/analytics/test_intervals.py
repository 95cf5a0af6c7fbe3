"""The Wilson interval is the one that the literature and scipy know, and keeps what it promises for every count."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from campaign_core.analytics.intervals import wilson
from campaign_core.errors import MisuseError

TRIALS = st.integers(1, 10_000_000)
CONFIDENCE = st.floats(0.01, 0.9999)


@st.composite
def counted(draw: st.DrawFn) -> tuple[int, int]:
    """Some successes among some trials."""
    trials = draw(TRIALS)
    return draw(st.integers(0, trials) | st.sampled_from([0, 1, trials - 1, trials])), trials


@given(counted(), CONFIDENCE)
def test_it_is_what_scipy_computes(count: tuple[int, int], confidence: float) -> None:
    """Another hand's interval is the same, to twelve digits."""
    told = binomtest(*count).proportion_ci(confidence, method="wilson")
    assert wilson(*count, confidence) == pytest.approx((told.low, told.high), rel=1e-9, abs=1e-12)


@given(counted(), CONFIDENCE)
def test_its_ends_are_the_rates_that_a_score_test_just_refuses(count: tuple[int, int], confidence: float) -> None:
    """Seen from either end, the rate that was seen lies exactly the quantile away; that is its definition."""
    successes, trials = count
    for end in wilson(*count, confidence):
        away = abs(successes / trials - end) * sqrt(trials)
        assert end in (0, 1) or away == pytest.approx(
            NormalDist().inv_cdf((1 + confidence) / 2) * sqrt(end * (1 - end)), rel=1e-4, abs=1e-9
        )


@given(counted(), CONFIDENCE)
def test_it_lies_between_0_and_1_and_holds_the_rate(count: tuple[int, int], confidence: float) -> None:
    low, high = wilson(*count, confidence)
    assert 0 <= low <= count[0] / count[1] <= high <= 1
    assert low < high


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.99], ids=lambda confidence: f"confidence {confidence}")
def test_where_all_or_none_succeed_it_ends_exactly_at_the_rate(confidence: float) -> None:
    """Not a rounding error beside it."""
    for trials in range(1, 1000):
        assert wilson(0, trials, confidence)[0] == 0
        assert wilson(trials, trials, confidence)[1] == 1


@given(counted(), CONFIDENCE)
def test_failures_are_its_mirror_image(count: tuple[int, int], confidence: float) -> None:
    """The interval of the failures is the interval of the successes, turned over."""
    successes, trials = count
    low, high = wilson(*count, confidence)
    assert wilson(trials - successes, trials, confidence) == pytest.approx((1 - high, 1 - low), abs=1e-12)


@given(counted(), st.integers(2, 9), CONFIDENCE)
def test_more_mails_and_more_confidence_move_its_ends_as_they_should(
    count: tuple[int, int], times: int, confidence: float
) -> None:
    """The same rate among more mails is known more closely; to be surer takes a wider interval."""
    low, high = wilson(*count, confidence)
    closer, wider = wilson(count[0] * times, count[1] * times, confidence), wilson(*count, (1 + confidence) / 2)
    assert closer[1] - closer[0] < high - low
    assert wider[0] <= low <= high <= wider[1]


def test_it_holds_the_true_rate_about_as_often_as_it_says() -> None:
    """Among 300 mails, averaged over rates of 1 to 99 percent, it holds the true one with a chance of 94 to 96 percent."""
    held = []
    for percent in range(1, 100):
        rate = percent / 100
        ends = [wilson(successes, 300) for successes in range(301)]
        held.append(sum(binom.pmf(k, 300, rate) for k, (low, high) in enumerate(ends) if low <= rate <= high))
    assert sum(held) / len(held) == pytest.approx(0.95, abs=0.01)


def test_it_is_the_interval_of_a_known_table() -> None:
    """81 of 263 gives 0.2553 to 0.3662. Source: R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=0.00005)
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=0.00005)


def test_of_nothing_nothing_is_known() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("successes", "trials", "confidence"),
    [
        pytest.param(2, 1, 0.95, id="more successes than trials"),
        pytest.param(-1, 1, 0.95, id="less than no success"),
        pytest.param(0, -1, 0.95, id="less than no trial"),
        pytest.param(1, 2, 1.0, id="certainty"),
        pytest.param(1, 2, 0.0, id="no confidence"),
    ],
)
def test_what_cannot_be_is_refused(successes: int, trials: int, confidence: float) -> None:
    with pytest.raises(MisuseError):
        wilson(successes, trials, confidence)
