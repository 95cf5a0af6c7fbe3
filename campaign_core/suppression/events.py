"""What happens to an address that must not be written to. The stored names are the storage format.

The stream is named by the HMAC of the normalised address under the workspace's key: it says nothing about the address, and
stays when everything about the lead is erased.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from attrs import frozen

_PREFIX = "suppression-"


def stream_of(address_hash: str) -> str:
    """The name of an address's stream."""
    return f"{_PREFIX}{address_hash}"


def address_hash_of(stream: str) -> str:
    """The hash of the address whose stream this is."""
    return stream.removeprefix(_PREFIX)


class SuppressionReason(StrEnum):
    """Why an address is not written to."""

    UNSUBSCRIBED = "unsubscribed"
    COMPLAINED = "complained"
    BOUNCED = "bounced"
    #: Somebody put it on the list.
    REQUESTED = "requested"


@frozen(kw_only=True)
class Suppressed:
    """Nobody in the workspace writes to the address from now on."""

    stored_name: ClassVar[str] = "suppression.suppressed"
    schema: ClassVar[int] = 1

    reason: SuppressionReason


@frozen
class Lifted:
    """The address may be written to again."""

    stored_name: ClassVar[str] = "suppression.lifted"
    schema: ClassVar[int] = 1


SuppressionEvent = Suppressed | Lifted
