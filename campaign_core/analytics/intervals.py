"""How sure is a rate? The interval that goes with a number of successes among a number of trials."""

from __future__ import annotations

from functools import lru_cache
from math import sqrt
from statistics import NormalDist

from campaign_core.errors import MisuseError


def wilson(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """The Wilson score interval of a rate: its lower and its upper end, both from 0 to 1.

    It holds every rate that a two-sided score test at that confidence would not refuse. It never leaves 0 to 1, always holds
    the rate that was seen, and says something even where nothing succeeded; none of this is true of the rate plus or minus
    two standard errors. It is meant for one look: what may be looked at after every mail is the verdict.

    Args:
        successes: 0 to `trials`.
        trials: 0 or more; without any nothing is known, which is the interval (0.0, 1.0).
        confidence: above 0, below 1.

    Raises:
        MisuseError: a value out of its range.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, Journal of the American
    Statistical Association 22 (1927), pages 209 to 212.
    """
    if not 0 <= successes <= trials:
        raise MisuseError(f"Of {trials} trials, 0 to {trials} can succeed, not {successes}.")
    if not 0 < confidence < 1:
        raise MisuseError(f"A confidence lies between 0 and 1, both excluded; {confidence} does not.")
    if trials == 0:
        return 0.0, 1.0
    quantile = _quantile(confidence)
    rate, spread = successes / trials, quantile * quantile / trials
    middle = (rate + spread / 2) / (1 + spread)
    half = sqrt(spread * (rate * (1 - rate) + spread / 4)) / (1 + spread)
    # At no and at only successes one end is exactly 0 or 1, and the rate lies on it; rounding must not take it out.
    return min(max(0.0, middle - half), rate), max(min(1.0, middle + half), rate)


@lru_cache(maxsize=16)
def _quantile(confidence: float) -> float:
    """So many standard deviations on either side of its mean hold that share of a normal distribution."""
    # Asked of the lower tail, where a confidence very near to 1 does not round to 1.
    return -NormalDist().inv_cdf((1 - confidence) / 2)
