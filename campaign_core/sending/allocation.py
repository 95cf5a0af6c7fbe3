"""Which variant does a lead get? A pure function of the seed, the shares and the lead's number.

Each lead goes to the variant that lacks most: with the largest deficit, its exact share of all leads up to this one less
those it was given. The seed breaks ties, anew at each place. So after any number of leads, each variant has less than one
lead more or less than its exact share.

That holds for up to four variants, which is all a campaign may have: shown by trying every split of 100 percent and every
way to break its ties. It does not for many more (25, 15, 11, 10, 10, 5, 5 and ten small shares can leave one a whole lead off).

Shares are whole percents, so after 100 leads all counts are exact and everything begins again.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

from campaign_core.errors import MisuseError

#: After so many leads every share is exact. Also what the shares add up to.
PERIOD = 100
#: For how many variants the counts are known to stay within one lead of the shares.
_MOST_VARIANTS = 4


def variant_for(seed: int, shares: tuple[tuple[str, int], ...], number: int) -> str:
    """The name of the variant of a lead.

    Args:
        seed: breaks ties; another seed may give another order, with the same counts after each `PERIOD` leads.
        shares: each variant's name and its percent, 0 to 100, all together 100, at most four above 0. One with 0 is never
            chosen. Their order means nothing.
        number: the lead's number in its campaign, from 1.

    Raises:
        MisuseError: the shares are not such, or the number is less than 1.
    """
    if number < 1:
        raise MisuseError(f"A lead's number is 1 or more, not {number}.")
    return _period(seed, shares)[(number - 1) % PERIOD]


@lru_cache(maxsize=1024)
def _period(seed: int, shares: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    """The variants of the leads 1 to 100."""
    percents = {name: percent for name, percent in shares if percent}
    if sum(percents.values()) != PERIOD or min(percents.values()) < 0 or len(percents) > _MOST_VARIANTS:
        raise MisuseError("The shares of at most four variants must add up to exactly 100 percent, none below 0.")
    given = dict.fromkeys(percents, 0)
    order = []
    for place in range(1, PERIOD + 1):
        deficits = {name: place * percent - PERIOD * given[name] for name, percent in percents.items()}
        largest = max(deficits.values())
        tied = [name for name, deficit in deficits.items() if deficit == largest]
        chosen = tied[0] if len(tied) == 1 else min(tied, key=lambda name: (_draw(seed, place, name), name))
        given[chosen] += 1
        order.append(chosen)
    return tuple(order)


def _draw(seed: int, place: int, name: str) -> bytes:
    """What breaks a tie: the smallest goes first."""
    return blake2b(f"{seed}/{place}/{name}".encode(), digest_size=8, person=b"variant").digest()
