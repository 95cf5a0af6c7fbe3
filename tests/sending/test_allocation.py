"""After any number of leads, each variant has less than one lead more or less than its share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign_core.errors import MisuseError
from campaign_core.sending.allocation import PERIOD, variant_for

SOAKS = settings.get_current_profile_name() == "soak"
SEEDS = st.integers(-(2**70), 2**70)


def splits() -> Iterator[tuple[int, ...]]:
    """Every way to share 100 percent among one to four variants, whatever their order."""
    for first in range(1, 101):
        for second in range(min(first, 100 - first) + 1):
            for third in range(min(second, 100 - first - second) + 1):
                fourth = 100 - first - second - third
                if fourth <= third:
                    yield first, second, third, fourth


def orders(split: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """The split as it is; in a soak, in every order."""
    yield from sorted(set(permutations(split))) if SOAKS else [split]


def furthest(shares: tuple[tuple[str, int], ...], variants: list[str]) -> int:
    """How far the counts after any number of leads are from the shares at most, in hundredths of a lead."""
    worst = 0
    for name, percent in shares:
        ahead = 0
        for variant in variants:
            ahead += (PERIOD if variant == name else 0) - percent
            worst = max(worst, abs(ahead))
    return worst


@pytest.mark.parametrize("seed", [0, 1], ids=lambda seed: f"seed {seed}")
def test_every_split_is_kept_within_one_lead_at_every_prefix(seed: int) -> None:
    tried = 0
    for split in splits():
        # In a short run each seed takes half of the splits.
        if SOAKS or tried % 2 == seed:
            for order in orders(split):
                shares = tuple(zip("ABCD", order, strict=True))
                variants = [variant_for(seed, shares, number) for number in range(1, PERIOD + 1)]
                assert furthest(shares, variants) < PERIOD, f"{order}"
        tried += 1
    assert tried == 8037, "the ways to share 100 among one to four"


@st.composite
def drawn_shares(draw: st.DrawFn) -> tuple[tuple[str, int], ...]:
    """One to four shares, some perhaps 0."""
    cuts = sorted(draw(st.lists(st.integers(0, 100), max_size=3)))
    parts = [after - before for before, after in zip([0, *cuts], [*cuts, 100], strict=True)]
    return tuple(zip(draw(st.permutations("ABCD")), parts, strict=False))


@given(drawn_shares(), SEEDS, st.integers(1, 10**9))
def test_a_variant_with_no_share_is_never_chosen(shares: tuple[tuple[str, int], ...], seed: int, number: int) -> None:
    assert dict(shares)[variant_for(seed, shares, number)] > 0


@given(drawn_shares(), SEEDS, st.integers(0, 10**7))
def test_any_hundred_leads_in_a_row_have_the_exact_shares(
    shares: tuple[tuple[str, int], ...], seed: int, before: int
) -> None:
    counted = Counter(variant_for(seed, shares, before + number) for number in range(1, PERIOD + 1))
    assert counted == Counter({name: percent for name, percent in shares if percent})


@given(drawn_shares(), SEEDS, st.integers(1, 10**9))
def test_the_order_of_the_shares_means_nothing(shares: tuple[tuple[str, int], ...], seed: int, number: int) -> None:
    assert variant_for(seed, shares[::-1], number) == variant_for(seed, shares, number)


def test_the_seed_breaks_ties_and_nothing_else() -> None:
    """Halves tie at every odd lead, so the seed chooses there, anew each time; 60 to 40 never ties."""
    halves, uneven = (("A", 50), ("B", 50)), (("A", 60), ("B", 40))
    drawn = ["".join(variant_for(seed, halves, number) for number in range(1, 11)) for seed in range(50)]
    assert len(set(drawn)) > 20
    assert all({each[place : place + 2] for place in range(0, 10, 2)} <= {"AB", "BA"} for each in drawn)
    settled = {"".join(variant_for(seed, uneven, number) for number in range(1, 6)) for seed in range(50)}
    assert settled == {"ABABA"}


def test_a_seed_gives_the_same_variants_in_every_release() -> None:
    quarters = tuple((name, 25) for name in "ABCD")
    assert "".join(variant_for(7, quarters, number) for number in range(1, 13)) == "CADBBADCADCB"


@pytest.mark.parametrize(
    "shares",
    [
        pytest.param((), id="none"),
        pytest.param((("A", 50), ("B", 49)), id="less than 100"),
        pytest.param((("A", 50), ("B", 51)), id="more than 100"),
        pytest.param((("A", 120), ("B", -20)), id="below 0"),
        pytest.param((("A", 50), ("A", 50)), id="a name twice"),
        pytest.param(tuple((name, 20) for name in "ABCDE"), id="five"),
    ],
)
def test_shares_that_cannot_be_kept_are_refused(shares: tuple[tuple[str, int], ...]) -> None:
    with pytest.raises(MisuseError, match="100 percent"):
        variant_for(1, shares, 1)


def test_four_shares_and_any_number_of_zeros_are_taken() -> None:
    assert variant_for(1, (("A", 0), ("B", 0), ("C", 0), ("D", 0), ("E", 100)), 3) == "E"


def test_leads_are_counted_from_one() -> None:
    with pytest.raises(MisuseError, match="1 or more, not 0"):
        variant_for(1, (("A", 100),), 0)
