"""Which of the variants is the best, and is it too early to say? A verdict that may be asked for after every mail.

A variant is named when the evidence that it is better than each of the others reaches `needed`: 1 / alpha, times the number
of variants, since each might have been named by chance. Whatever the rates are, the chance of ever naming a variant that is
not better than all others is then at most alpha, however often and whenever one looks:

- one variant is the best: a wrong one would need evidence for being better than that one, which is false; at most one less
  than all variants can be wrong in this way, each with a chance of 1 / needed;
- several are equally best: none may be named, and each would need false evidence against an equal.

Only the variant with the highest rate so far can have evidence above 1, so only that one is looked at. Once named, a variant
stays named if all counts grow in proportion, if it succeeds more often, or if others do less. It may lose its place when
later mails tell otherwise; that was the one case in twenty, or the chances have changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, log

from attrs import frozen

from campaign_core.analytics.evidence import log_e_value
from campaign_core.errors import MisuseError

#: How many variants can be compared.
FEWEST, MOST = 2, 4
#: The chance of naming a variant wrongly that is accepted unless the caller says otherwise.
ALPHA = 0.05
#: Beyond so many times the mails that were sent, no number of further mails is told.
_HORIZON = 10_000
#: The largest power of e that is told; what is larger is told as this one.
_LARGEST_LOG = 700.0


@frozen
class Tally:
    """The mails of one variant.

    Raises:
        MisuseError: more successes than trials, or fewer than none.
    """

    name: str
    #: Mails that did what is asked for (a reply, say), 0 to `trials`.
    successes: int
    #: Mails that could have, 0 or more.
    trials: int

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.successes <= self.trials:
            raise MisuseError(f"Of {self.trials} mails of {self.name}, {self.successes} cannot have succeeded.")

    @property
    def rate(self) -> float:
        """The share that succeeded, 0 to 1; 0 where there was no mail."""
        return self.successes / self.trials if self.trials else 0.0


@frozen
class Evidence:
    """How strongly the counts speak for one variant being better than another."""

    better: str
    other: str
    #: 1: not at all. If `better` were not better, the chance of ever seeing this or more is at most 1 divided by it. What is
    #: above e to the power of 700 is told as that.
    e_value: float


@frozen
class Verdict:
    """Which variant is the best, and how that is known."""

    #: The variant that is better than all others; None: it is too early to say.
    winner: str | None
    #: For the variant with the highest rate, against each other in the order given; empty where several share the highest
    #: rate or not every variant was sent.
    evidence: tuple[Evidence, ...]
    #: What each e-value has to reach.
    needed: float
    #: The verdict in words.
    sentence: str
    #: About how many more mails, of all variants together, it takes until a winner is named, if each variant goes on at the
    #: rate and in the share seen so far: an estimate, which moves as mails come back. 0 where there is a winner. None where
    #: nothing can be said: no variant leads, or by too little to be told in 10,000 times the mails sent so far.
    more_mails: int | None


def verdict(tallies: Sequence[Tally], alpha: float = ALPHA) -> Verdict:
    """The verdict on two to four variants.

    Args:
        tallies: one for each variant that is sent, names unique. Which mails are in it must not depend on what is hoped for.
        alpha: the largest chance of ever naming a wrong one, above 0, below 1. Chosen once, before the first look.

    Raises:
        MisuseError: fewer or more variants, a name twice, or no such chance.
    """
    _check(tallies, alpha)
    needed = len(tallies) / alpha
    highest = max(tally.rate for tally in tallies)
    leading = [tally for tally in tallies if tally.rate == highest]
    if not all(tally.trials for tally in tallies):
        return Verdict(None, (), needed, "No winner yet: not every variant was sent.", None)
    if len(leading) > 1:
        names = " and ".join((", ".join(tally.name for tally in leading[:-1]), leading[-1].name))
        return Verdict(None, (), needed, f"No winner yet: {names} lead together with {_percent(leading[0])}.", None)
    leader = leading[0]
    others = [tally for tally in tallies if tally is not leader]
    logs = [_log_evidence(leader, other, 1.0) for other in others]
    more = _more_mails(leader, others, log(needed))
    evidence = tuple(
        Evidence(leader.name, other.name, exp(min(each, _LARGEST_LOG)))
        for other, each in zip(others, logs, strict=True)
    )
    sentence = _sentence(leader, max(others, key=lambda other: other.rate), more, alpha)
    return Verdict(leader.name if more == 0 else None, evidence, needed, sentence, more)


def _check(tallies: Sequence[Tally], alpha: float) -> None:
    if not FEWEST <= len(tallies) <= MOST:
        raise MisuseError(f"A verdict is about {FEWEST} to {MOST} variants, not {len(tallies)}.")
    if len({tally.name for tally in tallies}) < len(tallies):
        raise MisuseError("Each variant needs a name of its own.")
    if not 0 < alpha < 1:
        raise MisuseError(f"A chance of naming a wrong variant lies between 0 and 1, both excluded; {alpha} does not.")


def _log_evidence(leader: Tally, other: Tally, times: float) -> float:
    """The evidence for the leader when there are so many times as many mails at the same rates."""
    return log_e_value(
        (leader.successes * times, leader.trials * times), (other.successes * times, other.trials * times)
    )


def _more_mails(leader: Tally, others: Sequence[Tally], needed_log: float) -> int | None:
    """The fewest further mails, in proportion to those sent, with which the evidence against each other is enough.

    Evidence above 1 at least doubles its logarithm when all counts double: so it stays enough, and halving finds the place.
    """
    sent = leader.trials + sum(other.trials for other in others)

    def enough(more: int) -> bool:
        return all(_log_evidence(leader, other, 1 + more / sent) >= needed_log for other in others)

    if enough(0):
        return 0
    if not enough(sent * _HORIZON):
        return None
    return _first(enough, sent * _HORIZON)


def _first(holds: Callable[[int], bool], known: int) -> int:
    """The smallest number above 0 for which a statement holds that goes on holding once it does, as it does for `known`."""
    short, long = 0, 1
    while long < known and not holds(long):
        short, long = long, long * 2
    long = min(long, known)
    while long - short > 1:
        middle = (short + long) // 2
        short, long = (short, middle) if holds(middle) else (middle, long)
    return long


def _sentence(leader: Tally, next_best: Tally, more: int | None, alpha: float) -> str:
    best, second = f"{_percent(leader)} of {leader.trials:,} mails", f"{_percent(next_best)} of {next_best.trials:,}"
    if more == 0:
        return (
            f"{leader.name} wins with {best}, before {next_best.name} with {second}. Among variants that are equally good, "
            f"one would be named in at most {alpha * 100:g} % of tests, however often one looks."
        )
    start = f"No winner yet: {leader.name} leads with {best}, before {next_best.name} with {second}"
    if more is None:
        return f"{start}; the difference is too small to say how many more mails it takes."
    return f"{start}; at these rates it takes about {_rounded(more):,} more {'mail' if more == 1 else 'mails'}."


def _percent(tally: Tally) -> str:
    return f"{tally.rate * 100:.2f} %"


def _rounded(number: int) -> int:
    """Up to two digits that count: more would pretend to be exact."""
    unit: int = 10 ** max(0, len(str(number)) - 2)
    return -(-number // unit) * unit
