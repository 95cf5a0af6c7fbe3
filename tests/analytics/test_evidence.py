"""Under equality the e-value is 1 or less on average, for whoever stops whenever they like: summed up, not simulated."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import product
from math import comb, exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import binom

from campaign_core.analytics.evidence import FACTORS, log_e_value, log_stakes

#: Common rates, from never to always.
RATES = [0.0, 0.003, 0.02, 0.1, 0.3, 0.5, 0.8, 1.0]
each_rate = pytest.mark.parametrize("rate", RATES, ids=lambda rate: f"rate {rate}")
#: Sums of floating-point numbers may exceed what they stand for by this much.
ROUNDING = 1e-12


@st.composite
def counted(draw: st.DrawFn, most: int = 5000) -> tuple[int, int]:
    """Some successes among some trials."""
    trials = draw(st.integers(0, most))
    return draw(st.integers(0, trials)), trials


@cache
def e_value(better: tuple[int, int], other: tuple[int, int]) -> float:
    """The e-value itself."""
    return exp(log_e_value(better, other))


def pooled_stakes(better: tuple[int, int], other: tuple[int, int]) -> float:
    """What the bets would be worth if the rate seen over both variants were the true one: no e-value."""
    trials = better[1] + other[1]
    return exp(log_stakes(better, other, (better[0] + other[0]) / trials)) if trials else 1.0


def chances(trials: int, rate: float) -> list[float]:
    """The chance of each number of successes."""
    return [comb(trials, k) * rate**k * (1 - rate) ** (trials - k) for k in range(trials + 1)]


@each_rate
def test_its_expectation_is_at_most_1_for_every_small_number_of_mails(rate: float) -> None:
    """For 0 to 7 mails of each variant, over every outcome with its chance."""
    for first, second in product(range(8), range(8)):
        outcomes = product(enumerate(chances(first, rate)), enumerate(chances(second, rate)))
        expectation = sum(p * q * e_value((s, first), (t, second)) for (s, p), (t, q) in outcomes)
        assert expectation <= 1 + ROUNDING, f"{first} and {second} mails"


@pytest.mark.parametrize(
    ("rate", "higher"), [(0.0, 0.1), (0.1, 0.12), (0.3, 0.6), (0.5, 1.0)], ids=lambda rate: f"{rate}"
)
def test_its_expectation_is_at_most_1_where_the_other_variant_is_the_better_one(rate: float, higher: float) -> None:
    """So it speaks for better, not merely for different."""
    outcomes = product(enumerate(chances(7, rate)), enumerate(chances(9, higher)))
    assert sum(p * q * e_value((s, 7), (t, 9)) for (s, p), (t, q) in outcomes) <= 1 + ROUNDING


def test_it_grows_where_the_variant_is_better() -> None:
    """The bound is one for equal variants; at three times the rate the expectation is far above it."""
    outcomes = product(enumerate(chances(20, 0.6)), enumerate(chances(20, 0.2)))
    assert sum(p * q * e_value((s, 20), (t, 20)) for (s, p), (t, q) in outcomes) > 20


#: What the counts of two variants are worth.
Worth = Callable[[tuple[int, int], tuple[int, int]], float]

#: In which order the mails of two variants are sent.
ORDERS = {
    "in turns": "ab" * 11,
    "one after the other": "a" * 11 + "b" * 11,
    "the other way round": "b" * 11 + "a" * 11,
    "three to one": "aaab" * 5 + "aa",
    "without any pattern": "abbabaaabbbbaababbabaa",
}
each_order = pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS.keys())


def best_stopping(order: str, rate: float, worth: Worth) -> float:
    """What the cleverest rule for stopping makes of it on average: from the last mail backwards, whichever of going on and
    stopping is worth more."""
    first, second = order.count("a"), order.count("b")
    going_on = [[0.0] * (second + 2) for _ in range(first + 2)]
    for sent in range(len(order), -1, -1):
        first, second = order[:sent].count("a"), order[:sent].count("b")
        succeeds = (1, 0) if order[sent : sent + 1] == "a" else (0, 1)
        now = [[0.0] * len(row) for row in going_on]
        for s, t in product(range(first + 1), range(second + 1)):
            on = rate * going_on[s + succeeds[0]][t + succeeds[1]] + (1 - rate) * going_on[s][t]
            now[s][t] = max(worth((s, first), (t, second)), on if sent < len(order) else 0.0)
        going_on = now
    return going_on[0][0]


@each_order
def test_no_rule_for_stopping_brings_its_expectation_above_1(order: str) -> None:
    """Looking after each of 22 mails, whatever their order, and stopping whenever it seems best: exact, for every rate."""
    for rate in RATES:
        assert best_stopping(order, rate, e_value) <= 1 + ROUNDING, f"rate {rate}"


def test_a_test_that_only_seems_to_be_one_is_found_out() -> None:
    """The same sum goes beyond 1 for bets against the pooled rate, so it can tell."""
    assert max(best_stopping(ORDERS["in turns"], rate, pooled_stakes) for rate in RATES) > 1.01


@pytest.mark.parametrize("bound", [4, 10, 40], ids=lambda bound: f"bound {bound}")
def test_the_chance_of_ever_reaching_a_bound_is_at_most_one_in_it(bound: int) -> None:
    """Looking after every single one of 40 mails sent in turns, at rates of 10 to 80 percent: exact."""
    for rate in (0.1, 0.3, 0.5, 0.8):
        reached, alive = 0.0, {(0, 0): 1.0}
        for sent in range(1, 41):
            first, second = (sent + 1) // 2, sent // 2
            after: dict[tuple[int, int], float] = {}
            for (s, t), chance in alive.items():
                for succeeds, p in ((1, rate), (0, 1 - rate)):
                    state = (s + succeeds, t) if sent % 2 else (s, t + succeeds)
                    after[state] = after.get(state, 0.0) + chance * p
            reached += sum(p for (s, t), p in after.items() if e_value((s, first), (t, second)) >= bound)
            alive = {(s, t): p for (s, t), p in after.items() if e_value((s, first), (t, second)) < bound}
        assert reached <= 1 / bound, f"rate {rate}"
        assert reached + sum(alive.values()) == pytest.approx(1)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_chances_that_differ_from_mail_to_mail_alike_for_both_do_no_harm(each: list[float]) -> None:
    """The expectation stays at most 1, over every outcome: so answers that are still to come are no advantage."""
    spread = [1.0]
    for p in each:
        spread = [a * (1 - p) + b * p for a, b in zip([*spread, 0.0], [0.0, *spread], strict=True)]
    trials, outcomes = len(each), product(enumerate(spread), enumerate(spread))
    assert sum(p * q * e_value((s, trials), (t, trials)) for (s, p), (t, q) in outcomes) <= 1 + 1e-9


@given(counted(200), counted(200), st.floats(0.001, 0.999))
def test_the_stakes_at_a_rate_are_mixtures_of_binomial_likelihoods(
    better: tuple[int, int], other: tuple[int, int], rate: float
) -> None:
    """scipy's binomial distribution gives the same: likelihoods at other odds, over the likelihood at the common rate."""
    odds, expected = rate / (1 - rate), 0.0
    for (successes, trials), turned in ((better, False), (other, True)):
        mixture = []
        for factor, share in FACTORS:
            there = odds / factor if turned else odds * factor
            likelihoods = binom.logpmf(successes, trials, [there / (1 + there), rate])
            mixture.append(share * exp(likelihoods[0] - likelihoods[1]))
        expected += log(sum(mixture))
    assert log_stakes(better, other, rate) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_the_whole_stake_is_spread() -> None:
    assert sum(share for _, share in FACTORS) == 1
    assert all(factor > 1 for factor, _ in FACTORS)


@given(counted(), counted(), st.floats(0, 1))
def test_it_is_never_above_the_stakes_at_any_rate(better: tuple[int, int], other: tuple[int, int], rate: float) -> None:
    """Which is what makes it valid: not even by an error of the search."""
    found = log_e_value(better, other)
    assert found <= log_stakes(better, other, rate) + 1e-9 * max(1, abs(found))


@given(counted(), counted())
def test_it_is_as_large_as_the_smallest_stakes(better: tuple[int, int], other: tuple[int, int]) -> None:
    """Another hand's search for the minimum finds nothing lower, and nothing is given away."""
    told = minimize_scalar(
        lambda rate: log_stakes(better, other, rate), bounds=(0, 1), method="bounded", options={"xatol": 1e-10}
    )
    lowest = min(told.fun, log_stakes(better, other, 0), log_stakes(better, other, 1))
    assert log_e_value(better, other) == pytest.approx(lowest, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("trials", [10**6, 10**9], ids=["a million mails", "a thousand million"])
def test_it_is_found_for_very_many_mails(trials: int) -> None:
    """At counts that no campaign has, the search still ends where the stakes are lowest."""
    better, other = (trials * 3 // 100, trials), (trials * 29 // 1000, trials)
    told = minimize_scalar(
        lambda rate: log_stakes(better, other, rate), bounds=(0.02, 0.04), method="bounded", options={"xatol": 1e-14}
    )
    assert log_e_value(better, other) == pytest.approx(told.fun, rel=1e-4)


@given(counted(), counted())
def test_there_is_none_for_a_variant_whose_rate_is_not_higher(better: tuple[int, int], other: tuple[int, int]) -> None:
    if better[0] * other[1] <= other[0] * better[1]:
        assert log_e_value(better, other) <= 1e-9


def test_before_any_mail_it_is_exactly_1() -> None:
    assert log_e_value((0, 0), (0, 0)) == 0


@given(counted(), counted())
def test_what_speaks_for_a_variant_never_lowers_its_e_value(better: tuple[int, int], other: tuple[int, int]) -> None:
    """One more success of it, one failure of it less; the contrary for the other."""
    (s, n), (t, m), here = better, other, log_e_value(better, other) - 1e-8
    assert log_e_value((s + 1, n + 1), other) >= here
    assert log_e_value(better, (t, m + 1)) >= here
    if s < n:
        assert log_e_value((s + 1, n), other) >= here
        assert log_e_value((s, n - 1), other) >= here
    if t > 0:
        assert log_e_value(better, (t - 1, m)) >= here
        assert log_e_value(better, (t - 1, m - 1)) >= here


@given(counted(1000), counted(1000), st.integers(2, 50))
def test_the_same_again_is_at_least_as_much_evidence_again(
    better: tuple[int, int], other: tuple[int, int], times: int
) -> None:
    """Where there is evidence, so many times the counts have at least so many times its logarithm."""
    once = log_e_value(better, other)
    if once > 0:
        many = log_e_value((better[0] * times, better[1] * times), (other[0] * times, other[1] * times))
        assert many >= times * once * (1 - 1e-6) - 1e-6
