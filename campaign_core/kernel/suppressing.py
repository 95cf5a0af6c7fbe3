"""What callers say about an address; the hash it is kept under is computed before the decision."""

from __future__ import annotations

from attrs import field, frozen

from campaign_core.checks import choice, ruled
from campaign_core.intake.addresses import key_of, normalised, refusal
from campaign_core.suppression.commands import Lift, Suppress
from campaign_core.suppression.events import SuppressionReason


@frozen
class SuppressAddress:
    """Nobody in the workspace writes to the address any more, in any campaign. Said again, nothing happens."""

    email: str = field(metadata=ruled(refusal), repr=False)
    reason: SuppressionReason = field(
        default=SuppressionReason.REQUESTED, kw_only=True, metadata=choice(SuppressionReason)
    )

    def hashed(self, address_hash: str) -> Suppress:
        """The command under the hash of the address."""
        return Suppress(address_hash, self.reason)


@frozen
class LiftSuppression:
    """The address may be written to again; where it was not suppressed, nothing happens. Walks that ended stay ended."""

    email: str = field(metadata=ruled(refusal), repr=False)

    def hashed(self, address_hash: str) -> Lift:
        """The command under the hash of the address."""
        return Lift(address_hash)


def key_of_given(email: str) -> str:
    """The address as it is hashed: normalised, in lower case."""
    return key_of(normalised(email))
