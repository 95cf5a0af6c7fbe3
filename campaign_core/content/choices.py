"""Which option does a mail get? A keyed hash, so that the same mail always reads the same.

The key belongs to one mail: campaign, address and step. What is hashed under it is the text of the alternatives and how
many equal ones stand before them, so editing one leaves all others as they were, and equal ones choose independently.
What was sent is rendered again from this, so it is part of what the log promises: it may never change.
"""

from __future__ import annotations

from hashlib import blake2b
from uuid import UUID

_KEY_BYTES = 32
_DRAW_BYTES = 8


def mail_key(campaign_id: UUID, address: str, step: int) -> bytes:
    """The key of one mail: 32 bytes.

    They are BLAKE2b, personalised with `mail`, over the campaign's 16 bytes, the step in 4 bytes (big-endian) and the
    address in lower case as UTF-8. A lead is known by its address within its campaign, in whatever case.

    Args:
        campaign_id: the campaign's id.
        address: the lead's address.
        step: 1 for the first mail, up to 2**32 - 1.
    """
    named = address.lower().encode("utf-8", "surrogatepass")
    return blake2b(campaign_id.bytes + step.to_bytes(4, "big") + named, digest_size=_KEY_BYTES, person=b"mail").digest()


def message_of(content: str, occurrence: int) -> bytes:
    """What is hashed for alternatives: their occurrence (from 0) in 4 bytes (big-endian) and their content as UTF-8."""
    return occurrence.to_bytes(4, "big") + content.encode("utf-8", "surrogatepass")


def choose(message: bytes, key: bytes, options: int) -> int:
    """The number of the option, from 0: the 8 bytes of keyed BLAKE2b as a big-endian number, modulo `options`.

    No option is favoured by more than `options` in 2**64.
    """
    return int.from_bytes(blake2b(message, digest_size=_DRAW_BYTES, key=key).digest(), "big") % options
