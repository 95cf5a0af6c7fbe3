"""What is a reason for a mail not to go, and when do reasons together hold it back?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from attrs import field, frozen


@frozen(kw_only=True)
class Reason:
    """One rule that was asked."""

    #: A stable word, one of those in `docs/why.md`.
    rule: str
    allows: bool
    #: For people.
    sentence: str
    #: What was compared.
    numbers: Mapping[str, object] = field(factory=dict)
    #: Of which campaign and inbox it was asked; None: of none in particular, or of the one the question is about.
    campaign_id: UUID | None = None
    inbox_id: UUID | None = None
    #: From when on it no longer stands in the way, if nobody acts, as an aware instant; None where it does not now, and
    #: where only somebody's action, or another rule, could change it.
    frees_at: datetime | None = None


@frozen(kw_only=True)
class Why:
    """Why a campaign, an inbox or a lead does or does not send at an instant."""

    at: datetime
    #: When its next mail goes if nobody acts, as an aware instant; None: none does.
    goes_at: datetime | None
    #: Every rule that was asked, in the order in which they are asked.
    reasons: tuple[Reason, ...]
    #: What can stand in for one another: a campaign may send from any of its inboxes, an inbox for any of its campaigns.
    among: Literal["campaign_id", "inbox_id"] = "inbox_id"

    @property
    def held_back_by(self) -> tuple[Reason, ...]:
        """The rules that stand in the way now; none of them exactly where a mail goes now.

        What stops one inbox counts only where every other is stopped as well.
        """
        stops = [each for each in self.reasons if not each.allows]
        ways = {getattr(each, self.among) for each in self.reasons} - {None}
        is_free = bool(ways - {getattr(each, self.among) for each in stops})
        return tuple(each for each in stops if not is_free or getattr(each, self.among) is None)
