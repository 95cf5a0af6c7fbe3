"""A verdict names a variant only when the evidence against each of the others is enough, and says what is missing."""

from __future__ import annotations

from math import isclose, log
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from campaign_core.analytics.evidence import log_e_value
from campaign_core.analytics.verdict import Tally, Verdict, verdict
from campaign_core.errors import MisuseError


@st.composite
def tallied(draw: st.DrawFn, most: int = 3000) -> tuple[Tally, ...]:
    """Two to four variants, each sent at least once; often with rates far apart, so that some have a winner."""
    found = []
    for name in "ABCD"[: draw(st.integers(2, 4))]:
        trials = draw(st.integers(1, most))
        found.append(Tally(name, min(trials, draw(st.integers(0, trials) | st.integers(0, 40))), trials))
    return tuple(found)


def times(tallies: tuple[Tally, ...], factor: int) -> tuple[Tally, ...]:
    """The same rates among so many times the mails."""
    return tuple(Tally(each.name, each.successes * factor, each.trials * factor) for each in tallies)


def judged(*counts: tuple[int, int]) -> Verdict:
    """The verdict on variants A, B and so on."""
    return verdict([Tally(name, *count) for name, count in zip("ABCDE", counts, strict=False)])


@given(tallied())
def test_a_variant_wins_exactly_if_the_evidence_against_each_other_is_enough(tallies: tuple[Tally, ...]) -> None:
    """Each variant is asked about, also those whose rate is not the highest; at most one can win."""
    needed = log(len(tallies) / 0.05)
    counts = {each.name: (each.successes, each.trials) for each in tallies}
    logs = {(one, two): log_e_value(counts[one], counts[two]) for one in counts for two in counts if one != two}
    assume(not any(isclose(each, needed, rel_tol=1e-6) for each in logs.values()))
    winners = [one for one in counts if all(logs[one, two] >= needed for two in counts if two != one)]
    assert [verdict(tallies).winner] == (winners or [None])


@given(tallied())
def test_the_winner_has_the_highest_rate_of_all(tallies: tuple[Tally, ...]) -> None:
    winner = verdict(tallies).winner
    if winner is not None:
        best = next(each for each in tallies if each.name == winner)
        assert all(each.successes * best.trials < best.successes * each.trials for each in tallies if each is not best)


@given(tallied(), st.randoms(use_true_random=False))
def test_the_order_of_the_variants_means_nothing(tallies: tuple[Tally, ...], random: Random) -> None:
    mixed = list(tallies)
    random.shuffle(mixed)
    one, two = verdict(tallies), verdict(mixed)
    assert (one.winner, one.more_mails, set(one.evidence)) == (two.winner, two.more_mails, set(two.evidence))


@given(tallied(300), st.integers(2, 40))
def test_more_of_the_same_evidence_never_takes_the_win_away(tallies: tuple[Tally, ...], factor: int) -> None:
    winner = verdict(tallies).winner
    if winner is not None:
        assert verdict(times(tallies, factor)).winner == winner


@given(tallied())
def test_one_more_success_never_takes_the_win_away(tallies: tuple[Tally, ...]) -> None:
    """Nor does one more failure of another."""
    winner = verdict(tallies).winner
    if winner is not None:
        for place, each in enumerate(tallies):
            more = Tally(each.name, each.successes + (each.name == winner), each.trials + 1)
            assert verdict((*tallies[:place], more, *tallies[place + 1 :])).winner == winner


@given(tallied(400), st.integers(2, 60))
def test_the_number_of_further_mails_is_right_if_the_rates_stay(tallies: tuple[Tally, ...], factor: int) -> None:
    """With so many times the counts there is a winner if, and only if, at least that many mails were added."""
    told = verdict(tallies)
    added = sum(each.trials for each in tallies) * (factor - 1)
    then = verdict(times(tallies, factor)).winner
    assert (then is not None) == (told.more_mails is not None and told.more_mails <= added)


@given(tallied())
def test_no_further_mail_is_needed_exactly_if_there_is_a_winner(tallies: tuple[Tally, ...]) -> None:
    told = verdict(tallies)
    assert (told.more_mails == 0) == (told.winner is not None)


def test_twice_the_rate_among_few_mails_is_no_winner_yet() -> None:
    told = judged((3, 100), (6, 100))
    assert (told.winner, told.more_mails) == (None, 1872)
    assert [(each.better, each.other, round(each.e_value, 2)) for each in told.evidence] == [("B", "A", 1.11)]
    assert told.sentence == (
        "No winner yet: B leads with 6.00 % of 100 mails, before A with 3.00 % of 100; at these rates it takes about 1,900 "
        "more mails."
    )


def test_what_an_ordinary_test_would_call_significant_is_too_early() -> None:
    """7 against 17 of 200 has a two-sided p-value of 0.035, which is worth little to somebody who looks every day."""
    assert judged((7, 200), (17, 200)).winner is None


def test_a_clear_difference_among_many_mails_has_a_winner() -> None:
    told = judged((24, 800), (55, 800))
    assert (told.winner, told.more_mails, told.needed) == ("B", 0, 40)
    assert [each.e_value > 40 for each in told.evidence] == [True]
    assert told.sentence == (
        "B wins with 6.88 % of 800 mails, before A with 3.00 % of 800. Among variants that are equally good, one would be "
        "named in at most 5 % of tests, however often one looks."
    )


def test_a_winner_has_to_be_better_than_each_of_the_others() -> None:
    """C is clearly better than A, but not than B."""
    told = judged((20, 1000), (75, 1000), (80, 1000))
    assert told.winner is None
    assert [(each.better, each.other) for each in told.evidence] == [("C", "A"), ("C", "B")]
    assert told.evidence[0].e_value > told.needed > told.evidence[1].e_value
    assert "before B with 7.50 %" in told.sentence


def test_the_more_variants_the_more_evidence_is_needed() -> None:
    """Each of them might be named by chance."""
    assert [judged(*[(0, 10)] * many).needed for many in (2, 3, 4)] == [40, 60, 80]


def test_who_accepts_fewer_wrong_verdicts_needs_more_evidence() -> None:
    tallies = [Tally("A", 24, 800), Tally("B", 55, 800)]
    assert verdict(tallies, alpha=0.01).winner is None
    assert verdict(tallies, alpha=0.01).needed == 200


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        pytest.param(((30, 1000), (3, 100)), "No winner yet: A and B lead together with 3.00 %.", id="two level"),
        pytest.param(
            ((1, 4), (1, 4), (1, 4)), "No winner yet: A, B and C lead together with 25.00 %.", id="three level"
        ),
        pytest.param(((0, 50), (0, 40)), "No winner yet: A and B lead together with 0.00 %.", id="no success at all"),
        pytest.param(((5, 50), (0, 0)), "No winner yet: not every variant was sent.", id="one not sent"),
        pytest.param(((0, 0), (0, 0)), "No winner yet: not every variant was sent.", id="none sent"),
    ],
)
def test_where_no_variant_leads_nothing_is_said_about_further_mails(
    counts: tuple[tuple[int, int], ...], sentence: str
) -> None:
    told = judged(*counts)
    assert (told.winner, told.evidence, told.more_mails, told.sentence) == (None, (), None, sentence)


def test_a_difference_that_is_hardly_there_is_never_decided() -> None:
    """30.1 against 30.0 percent: no number is better than one that means nothing."""
    told = judged((3010, 10_000), (3000, 10_000))
    assert (told.winner, told.more_mails) == (None, None)
    assert told.sentence.endswith("the difference is too small to say how many more mails it takes.")


def test_evidence_beyond_what_a_number_can_hold_is_told_as_a_number() -> None:
    assert judged((0, 10**6), (10**6, 10**6)).evidence[0].e_value < float("inf")


@pytest.mark.parametrize(
    ("tallies", "alpha"),
    [
        pytest.param(["A"], 0.05, id="one variant"),
        pytest.param(["A", "B", "C", "D", "E"], 0.05, id="five variants"),
        pytest.param(["A", "A"], 0.05, id="a name twice"),
        pytest.param(["A", "B"], 0.0, id="no error accepted"),
        pytest.param(["A", "B"], 1.0, id="every error accepted"),
    ],
)
def test_what_cannot_be_judged_is_refused(tallies: list[str], alpha: float) -> None:
    with pytest.raises(MisuseError):
        verdict([Tally(name, 1, 2) for name in tallies], alpha)


@pytest.mark.parametrize("count", [(2, 1), (-1, 1), (0, -1)], ids=["more than all", "less than none", "no such number"])
def test_counts_that_cannot_be_are_refused(count: tuple[int, int]) -> None:
    with pytest.raises(MisuseError):
        Tally("A", *count)
