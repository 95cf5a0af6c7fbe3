"""How many mails does a verdict take, beside a z-test that may be looked at only once?

Nothing is timed here: the figures are mails, and the seeds are fixed. The z-test has a two-sided level of 5 percent and mails
enough to find twice the rate with a chance of about 80 percent. It is looked at once, at that horizon. The verdict is asked
for 20 times until the horizon and as often in each further stretch of that length, four in all.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import accumulate
from math import ceil, comb, log, sqrt
from random import Random
from statistics import NormalDist

from benchmarks.measure import Result
from campaign_core.analytics.evidence import log_stakes
from campaign_core.analytics.verdict import ALPHA, Tally, verdict

TESTS, LOOKS, STRETCHES = 500, 20, 4
_Z, _POWER = NormalDist().inv_cdf(1 - ALPHA / 2), NormalDist().inv_cdf(0.8)


def mails_for_a_verdict() -> Iterator[Result]:
    """Twice the rate, at rates from 1 to 30 percent: mails of both variants together until one is named."""
    for rate in (0.01, 0.03, 0.1, 0.3):
        random = Random(f"verdicts at {rate}")
        batch = round(_horizon(rate, 2 * rate) / LOOKS)
        low, high = _draws(random, rate, batch), _draws(random, 2 * rate, batch)
        better = [_first(low, high, batch) for _ in range(TESTS)]
        equal = [_first(low, low, batch) for _ in range(TESTS)]
        once, ever = zip(*(_z_tests(low, low, batch) for _ in range(TESTS)), strict=True)
        found = [_z_tests(low, high, batch)[0] for _ in range(TESTS)]
        last = LOOKS * STRETCHES
        yield Result(
            job=f"mails until a verdict, {rate:.0%} against {2 * rate:.0%}",
            unit="mail",
            took={
                "ours": 2 * batch * sum(look or last for look in better) / TESTS,
                "one z-test": 2 * batch * LOOKS,
            },
            note=(
                f"mails, not microseconds; named at the horizon {_share(better, LOOKS)}, at twice {_share(better, 2 * LOOKS)}, "
                f"at four times {_share(better, last)}; z-test at the horizon {sum(found) / TESTS:.1%}. Equal rates, wrong by "
                f"the horizon: ours {_share(equal, LOOKS)} (four times: {_share(equal, last)}), z-test once "
                f"{sum(once) / TESTS:.1%}, z-test at every look {sum(ever) / TESTS:.1%}"
            ),
        )


def _horizon(low: float, high: float) -> int:
    """Mails of each variant that a z-test needs. Source: J. L. Fleiss, Statistical Methods for Rates and Proportions."""
    middle = (low + high) / 2
    spread = _Z * sqrt(2 * middle * (1 - middle)) + _POWER * sqrt(low * (1 - low) + high * (1 - high))
    return ceil((spread / (high - low)) ** 2)


def _draws(random: Random, rate: float, batch: int) -> Callable[[], int]:
    """Draws the successes among a batch of mails."""
    below = list(accumulate(comb(batch, k) * rate**k * (1 - rate) ** (batch - k) for k in range(batch)))
    return lambda: bisect_left(below, random.random())


def _first(one: Callable[[], int], two: Callable[[], int], batch: int) -> int | None:
    """The look at which a variant is named; None if none is."""
    first = second = 0
    for look in range(1, LOOKS * STRETCHES + 1):
        first, second, sent = first + one(), second + two(), look * batch
        counts = sorted(((first, sent), (second, sent)), reverse=True)
        # The e-value is never above this, so most verdicts need not be asked for.
        enough = log_stakes(*counts, (first + second) / (2 * sent)) >= log(2 / ALPHA)
        if enough and verdict([Tally("A", first, sent), Tally("B", second, sent)]).winner is not None:
            return look
    return None


def _z_tests(one: Callable[[], int], two: Callable[[], int], batch: int) -> tuple[bool, bool]:
    """Whether a z-test finds a difference at the horizon, and whether it does at any of the looks until then."""
    first = second = 0
    said = []
    for look in range(1, LOOKS + 1):
        first, second, sent = first + one(), second + two(), look * batch
        middle = (first + second) / (2 * sent)
        said.append(abs(first - second) / sent > _Z * sqrt(2 * middle * (1 - middle) / sent))
    return said[-1], any(said)


def _share(looks: list[int | None], until: int) -> str:
    return f"{sum(look is not None and look <= until for look in looks) / len(looks):.1%}"
