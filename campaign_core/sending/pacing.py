"""How fast may an inbox send? The gap between two of its mails, and the limit of a campaign that grows day by day.

The gap looks random to whoever receives the mails and is none: it is a keyed hash of the inbox and of the instant of the
mail before, so every worker that reads the same log waits equally long. Source: reference section 14.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from uuid import UUID

from attrs import frozen

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
#: A float holds 53 bits exactly; of the 64 of a hash these are left away.
_LOWER_BITS = 11
_LARGEST = (1 << 53) - 1


@frozen
class Pacing:
    """The bounds of the gap between two mails of one inbox, over all campaigns."""

    #: The shortest gap, 0 or more.
    shortest_seconds: float = 180
    #: The longest gap, not less than the shortest.
    longest_seconds: float = 300


#: Three to five minutes, which is how the product paces.
PACING = Pacing()


def gap_seconds(inbox_id: UUID, claimed_at: datetime, pacing: Pacing = PACING) -> float:
    """The gap after the mail that the inbox claimed at that aware instant: uniform between the bounds, both included.

    It is BLAKE2b, personalised with `gap` and keyed with the inbox's 16 bytes, over the microseconds since 1970 in 8 bytes
    (big-endian, signed). Of the 8 bytes of the hash, the upper 53 bits say where between the bounds.
    """
    since = ((claimed_at - _EPOCH) // _MICROSECOND).to_bytes(8, "big", signed=True)
    drawn = blake2b(since, digest_size=8, key=inbox_id.bytes, person=b"gap").digest()
    share = (int.from_bytes(drawn, "big") >> _LOWER_BITS) / _LARGEST
    return pacing.shortest_seconds + share * (pacing.longest_seconds - pacing.shortest_seconds)


def free_at(inbox_id: UUID, last_claimed_at: datetime | None, pacing: Pacing = PACING) -> datetime | None:
    """The instant, in UTC, from which the inbox may take its next mail; None if it never took one and is free."""
    if last_claimed_at is None:
        return None
    return last_claimed_at.astimezone(UTC) + timedelta(seconds=gap_seconds(inbox_id, last_claimed_at, pacing))


def ramped(limit: int | None, increment: int | None, maximum: int | None, days: int) -> int | None:
    """The campaign's limit per inbox on a given day: it grows by the increment up to the maximum, never above the limit.

    Args:
        limit: mails per inbox and local day; None: no limit.
        increment: by how many mails it grows each day; None: it does not grow, the limit alone counts.
        maximum: how far it grows; None: it does not grow, the limit alone counts.
        days: local days since the launch: 0 on its day, which allows one increment. A day before it counts as its day.

    Returns:
        Mails per inbox on that day; None: no limit.
    """
    if increment is None or maximum is None:
        return limit
    grown = min(increment * (max(days, 0) + 1), maximum)
    return grown if limit is None else min(grown, limit)
