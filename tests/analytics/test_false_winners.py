"""Among variants that are equally good, hardly ever is one named, however often one looks; among others, the better one is.

The bound holds by the arithmetic of the e-value, which is tested exactly elsewhere. Here whole verdicts are simulated, with
fixed seeds, as a campaign would ask for them: 20 times while its mails go out. A test that was made for one look, looked at as
often, shows that the simulation can tell.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from math import comb, log, sqrt
from random import Random

import pytest

from campaign_core.analytics.evidence import log_stakes
from campaign_core.analytics.verdict import Tally, verdict

LOOKS = 20
#: Mails of each variant between two looks.
BATCH = 100


class Sender:
    """Draws how many of a batch of mails succeed."""

    def __init__(self, random: Random, rate: float, batch: int = BATCH) -> None:
        self.random, self.batch = random, batch
        self.below = list(accumulate(comb(batch, k) * rate**k * (1 - rate) ** (batch - k) for k in range(batch)))

    def __call__(self) -> int:
        return bisect_left(self.below, self.random.random())


def winner(counts: list[tuple[int, int]]) -> int | None:
    """The place of the variant that the verdict names.

    The e-value is never above the stakes at any one rate. Where these are not enough at the pooled rate, no verdict is asked
    for: it could not name anybody, and it takes longer.
    """
    best = max(counts, key=lambda count: count[0] / count[1])
    for other in counts:
        pooled = (best[0] + other[0]) / (best[1] + other[1])
        if other is not best and log_stakes(best, other, pooled) < log(len(counts) / 0.05):
            return None
    named = verdict([Tally(f"{place}", *count) for place, count in enumerate(counts)]).winner
    return None if named is None else int(named)


def first_winner(senders: list[Sender], looks: int = LOOKS) -> int | None:
    """Who is named first in one test that is looked at after each batch."""
    counts = [(0, 0)] * len(senders)
    for _ in range(looks):
        counts = [(s + sender(), n + sender.batch) for (s, n), sender in zip(counts, senders, strict=True)]
        named = winner(counts)
        if named is not None:
            return named
    return None


@pytest.mark.parametrize("rate", [0.01, 0.03, 0.1, 0.3], ids=lambda rate: f"rate {rate}")
def test_at_most_5_percent_of_equal_tests_have_a_winner(rate: float) -> None:
    """1,000 tests at each of four rates, 20 looks each."""
    random = Random(f"equal at {rate}")
    senders = [Sender(random, rate), Sender(random, rate)]
    assert sum(first_winner(senders) is not None for _ in range(1000)) <= 50


def test_a_test_made_for_one_look_names_far_more_of_them() -> None:
    """A z-test at 5 percent, looked at 20 times, is wrong in more than 15 percent of the same simulation."""
    draw, wrong = Sender(Random("a z-test"), 0.1), 0
    for _ in range(1000):
        one = two = 0
        for look in range(1, LOOKS + 1):
            one, two, n = one + draw(), two + draw(), look * BATCH
            pooled = (one + two) / (2 * n)
            if abs(one - two) / n > 1.96 * sqrt(2 * pooled * (1 - pooled) / n):
                wrong += 1
                break
    assert wrong > 150


def test_it_holds_for_four_variants() -> None:
    random = Random("four")
    senders = [Sender(random, 0.03) for _ in range(4)]
    assert sum(first_winner(senders) is not None for _ in range(500)) <= 25


def test_it_holds_for_shares_of_80_and_20_percent() -> None:
    random = Random("unequal shares")
    senders = [Sender(random, 0.05, 160), Sender(random, 0.05, 40)]
    assert sum(first_winner(senders) is not None for _ in range(500)) <= 25


def test_of_two_equal_ones_and_a_worse_one_none_is_named() -> None:
    """That one is worse does not make one of the others the best."""
    random = Random("a worse one")
    senders = [Sender(random, 0.06), Sender(random, 0.06), Sender(random, 0.03)]
    assert sum(first_winner(senders) is not None for _ in range(500)) <= 25


def test_it_holds_while_answers_are_still_to_come() -> None:
    """Half of the answers that are still to come arrive between two looks, and all mails sent count from the beginning."""
    random, wrong = Random("late answers"), 0
    draw = Sender(random, 0.06)
    for _ in range(1000):
        coming, arrived = [0, 0], [0, 0]
        for look in range(1, LOOKS + 1):
            for place in (0, 1):
                coming[place] += draw()
                now = sum(random.random() < 0.5 for _ in range(coming[place]))
                coming[place], arrived[place] = coming[place] - now, arrived[place] + now
            if winner([(arrived[0], look * BATCH), (arrived[1], look * BATCH)]) is not None:
                wrong += 1
                break
    assert wrong <= 50


def test_it_holds_while_the_common_rate_changes() -> None:
    """From 2 to 12 percent and back, alike for both."""
    random, wrong = Random("a rate that changes"), 0
    draws = [Sender(random, percent / 100) for percent in (*range(2, 12), *range(12, 2, -1))]
    for _ in range(500):
        one = two = 0
        for look, draw in enumerate(draws, 1):
            one, two = one + draw(), two + draw()
            if winner([(one, look * BATCH), (two, look * BATCH)]) is not None:
                wrong += 1
                break
    assert wrong <= 25


def test_a_variant_with_twice_the_rate_is_named_in_most_tests() -> None:
    """3 against 6 percent: within 2,000 mails of each, in at least 80 percent of 300 tests, and hardly ever the wrong one."""
    random = Random("twice the rate")
    senders = [Sender(random, 0.03), Sender(random, 0.06)]
    named = [first_winner(senders) for _ in range(300)]
    assert named.count(1) >= 240
    assert named.count(0) <= 1
