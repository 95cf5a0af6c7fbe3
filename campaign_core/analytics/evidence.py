"""How strongly do the counts speak for one variant being better than another? An e-value that may be looked at at any time.

**The claim to be refuted** is that the first variant is not better: there is a rate p such that the first succeeds with a
chance of at most p and the second with a chance of at least p. Nobody knows p.

**The bet.** Take some p as if it were known, and a factor k above 1. Whoever believes that the first variant's odds are k
times those of p multiplies a stake of 1, for each of its mails, by k / (1 + p (k - 1)) if it succeeds and by
1 / (1 + p (k - 1)) if it does not. If its chance is p or less, the stake does not grow on average, whatever happened before.
After s successes among n mails the stake is k^s / (1 + p (k - 1))^n: the counts are enough. The same with 1/k is a bet that
the second variant is worse than p. The stake is spread over a few factors (`FACTORS`), because the true one is not known: a
mixture of bets is a bet. The product of the stakes on both variants is again one that does not grow on average: for this p.
The e-value is the smallest such product over every p from 0 to 1. So it is never more than the fair bet of the true p.

**What follows.** Under the claim, whoever stops whenever they like, after any mail, holds an e-value of 1 or less on average,
and the chance that it ever reaches a bound b is at most 1 / b (Ville's inequality).

**What it assumes.** Each variant's mails succeed independently with one chance. The order in which the variants' mails come,
and how many each has, may be anything that is fixed without knowing outcomes still to come. Where chances differ from mail to
mail (older mails had more time to be answered) but on average alike for both variants, the e-value is still 1 or less on
average at every number of mails fixed beforehand, because the geometric mean of 1 + p x over several p is at most its value
at their mean. To be exact for stopping as well, count a mail when the time for its answer is over.

**Why it is computed safely.** The logarithm of each factor's stake is convex in p, so that of a mixture and of the product is
as well; a tangent therefore lies below it, and the answer is a bound from below that is near to the minimum.

Sources: R. Turner, A. Ly, P. Grünwald, Generic E-variables for exact sequential k-sample tests that allow for optional
stopping (arXiv 2106.02693), for e-values of two proportions; A. Ramdas, P. Grünwald, V. Vovk, G. Shafer, Game-theoretic
statistics and safe anytime-valid inference (Statistical Science 38, 2023), for the smallest of one bet for each member of
a composite claim; J. Ville, Étude critique de la notion de collectif (1939). The factors are our own choice.
"""

from __future__ import annotations

from math import exp, log

#: By what the odds of the better variant may exceed the common ones, and the odds of the worse fall short; with the share of
#: the stake on each. Odds that differ by a factor f are found fastest by the root of f: 3 against 6 percent by 1.45, which lies
#: between the third and the fourth. The first is there so that small differences are found at all, however late; odds that
#: differ by less than about 3 percent never are.
FACTORS = ((1.03, 1 / 16), (1.1, 3 / 16), (1.25, 4 / 16), (1.6, 4 / 16), (2.5, 4 / 16))

#: Each factor's logarithm, the factor less 1, and the logarithm of its share.
_Bets = tuple[tuple[float, float, float], ...]
_ABOVE: _Bets = tuple((log(factor), factor - 1, log(share)) for factor, share in FACTORS)
_BELOW: _Bets = tuple((-log(factor), 1 / factor - 1, log(share)) for factor, share in FACTORS)

#: The answer may fall short of the true logarithm by this much, and never exceeds it.
_TOLERANCE = 1e-9
#: Newton's steps before the search falls back to halving, and steps in all.
_NEWTON_STEPS, _STEPS = 12, 80


def log_e_value(better: tuple[float, float], other: tuple[float, float]) -> float:
    """The natural logarithm of the e-value for the first variant being better than the second; 0 before any mail.

    Args:
        better: successes and trials of the variant said to be better, 0 <= successes <= trials. Fractions are fine: they
            are the counts that one expects.
        other: those of the variant it is compared to.
    """
    trials = better[1] + other[1]
    if trials == 0:
        return 0.0
    low, high, rate = 0.0, 1.0, (better[0] + other[0]) / trials
    best = -float("inf")
    for step in range(_STEPS):
        value, slope, curvature = _stakes(better, other, rate)
        towards = high if slope < 0 else low
        # The tangent at its lowest between here and the end of what is left to search.
        bound = value + slope * (towards - rate)
        best = max(best, bound)
        if value - bound <= _TOLERANCE:
            break
        low, high = (rate, high) if slope < 0 else (low, rate)
        rate = min(max(rate - slope / curvature, 0.0), 1.0) if step < _NEWTON_STEPS and curvature else (low + high) / 2
        if not low < rate < high and rate not in (0.0, 1.0):
            rate = (low + high) / 2
    return best


def log_stakes(better: tuple[float, float], other: tuple[float, float], rate: float) -> float:
    """The logarithm of what the bets are worth if the common rate is this one, 0 to 1: never below the e-value's."""
    return _stakes(better, other, rate)[0]


def _stakes(better: tuple[float, float], other: tuple[float, float], rate: float) -> tuple[float, float, float]:
    """The logarithm of both stakes together at a common rate, and its first and second derivative by the rate."""
    above, below = _stake(_ABOVE, *better, rate), _stake(_BELOW, *other, rate)
    return above[0] + below[0], above[1] + below[1], above[2] + below[2]


def _stake(bets: _Bets, successes: float, trials: float, rate: float) -> tuple[float, float, float]:
    """The logarithm of the stake on one variant, and its first and second derivative by the rate."""
    if trials == 0:
        return 0.0, 0.0, 0.0
    logs, slopes = [], []
    for gain, excess, share in bets:
        mean = 1 + rate * excess
        logs.append(share + successes * gain - trials * log(mean))
        slopes.append(-trials * excess / mean)
    largest = max(logs)
    parts = [exp(each - largest) for each in logs]
    total = sum(parts)
    slope = sum(part * each for part, each in zip(parts, slopes, strict=True)) / total
    square = sum(part * each * each for part, each in zip(parts, slopes, strict=True)) / total
    # Of each bet the second derivative is the square of the first over the trials; of the mixture, the mean of these and
    # the variance of the first derivatives.
    return largest + log(total), slope, square / trials + square - slope * slope
