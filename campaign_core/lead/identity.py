"""The public id of a lead: a UUID computed from its campaign and its number, reversible given the campaign.

Six bits of the UUID are taken by its version (8, free form) and variant; the first 74 bits that are left carry a
digest of the campaign's id, the last 48 the number, masked by more of that digest so that ids do not read as a
sequence. Source: RFC 9562 section 5.8.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from uuid import UUID

_NUMBER_BITS = 48
_NUMBER_MASK = (1 << _NUMBER_BITS) - 1


@lru_cache(maxsize=256)
def _parts(campaign_id: UUID) -> tuple[int, int]:
    digest = sha256(b"lead" + campaign_id.bytes).digest()
    head = int.from_bytes(digest[:10], "big") << _NUMBER_BITS
    head = head & ~(0xF << 76) | (8 << 76)
    head = head & ~(0x3 << 62) | (2 << 62)
    return head, int.from_bytes(digest[10:16], "big")


def lead_id_of(campaign_id: UUID, number: int) -> UUID:
    """The public id of lead `number` (1 to 2**48 - 1) of the campaign."""
    head, mask = _parts(campaign_id)
    return UUID(int=head | (number ^ mask))


def lead_number_of(campaign_id: UUID, lead_id: UUID) -> int | None:
    """The number behind a public id; None if it is no lead's id in this campaign."""
    head, mask = _parts(campaign_id)
    if lead_id.int >> _NUMBER_BITS != head >> _NUMBER_BITS:
        return None
    return ((lead_id.int & _NUMBER_MASK) ^ mask) or None
