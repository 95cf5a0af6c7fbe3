"""What can be said about an address, which is known here by its hash alone."""

from __future__ import annotations

from attrs import field, frozen

from campaign_core.checks import choice, hex_digest
from campaign_core.suppression.events import SuppressionReason

_HASH = hex_digest()


@frozen
class Suppress:
    """Nobody in the workspace writes to the address any more. Said again, nothing happens."""

    #: HMAC of the normalised address, 64 hexadecimal digits in lower case.
    address_hash: str = field(metadata=_HASH)
    reason: SuppressionReason = field(metadata=choice(SuppressionReason))


@frozen
class Lift:
    """The address may be written to again; where it was not suppressed, nothing happens. Walks that ended stay ended."""

    #: HMAC of the normalised address, 64 hexadecimal digits in lower case.
    address_hash: str = field(metadata=_HASH)


SuppressionCommand = Suppress | Lift
