"""What the leads of one campaign say, read inside a transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from attrs import frozen

from campaign_core.campaign.facts import LeadFacts, LeadFound
from campaign_core.lead.identity import lead_number_of
from campaign_core.lead.status import OPEN, LeadStatus
from campaign_core.log.transaction import Reading
from campaign_core.recorded import Row
from campaign_core.views.leads import LEADS, LeadRow
from campaign_core.views.view import Query

#: Contents held unpacked while all leads are read: they come nearly in the order of the uploads.
_UNPACKED: Final = 8
#: So few leads are looked for one by one; more than these, where they are one in four of all, by reading all once.
_FEW: Final = 100
_ONE_PASS: Final = 4


@frozen
class CampaignLeads:
    """The leads of a campaign as its decisions may ask for them."""

    snapshot: Reading
    workspace: str
    campaign_id: UUID

    def standing(self) -> LeadFacts:
        """Whether there are any, any never contacted, and any not at an end."""
        return LeadFacts(
            any_lead=self._any(*LeadStatus), any_pending=self._any(LeadStatus.PENDING), any_open=self._any(*OPEN)
        )

    def count(self) -> int:
        """How many leads there are."""
        return self.snapshot.count(LEADS, Query(where=self._mine()))

    def pending(self) -> tuple[int, ...]:
        """The numbers of every lead that was never contacted, rising."""
        rows = self.snapshot.find(LEADS, Query(where=self._mine(status=LeadStatus.PENDING)))
        return tuple(row.number for row in rows)

    def all_values(self) -> Iterator[Row]:
        """The values of every lead that still has some, by number; each upload is unpacked once."""
        content = lru_cache(maxsize=_UNPACKED)(self.snapshot.content)
        for row in self.snapshot.find(LEADS, Query(where=self._mine())):
            values = content(row.position)[row.place]
            if values is not None:
                yield values

    def having(self, addresses: Sequence[str], *, with_values: bool) -> dict[str, LeadFound]:
        """The leads that have one of these addresses, given in lower case."""
        taken = self.snapshot.present(LEADS, "address", addresses, self._mine())
        if len(taken) > _FEW and _ONE_PASS * len(taken) > self.count():
            content = lru_cache(maxsize=_UNPACKED)(self.snapshot.content)
            rows = self.snapshot.find(LEADS, Query(where=self._mine()))
            return {
                row.address: self._found(row, content(row.position)[row.place] if with_values else _only_address(row))
                for row in rows
                if row.address is not None and row.address in taken
            }
        found = {}
        for address in taken:
            (row,) = self.snapshot.find(LEADS, Query(where=self._mine(address=address)))
            values = self.snapshot.content_row(row.position, row.place) if with_values else _only_address(row)
            found[address] = self._found(row, values)
        return found

    def named(self, lead_ids: Sequence[UUID]) -> dict[UUID, LeadFound]:
        """The leads with these public ids; an id that is no lead's is left out."""
        found = {}
        for lead_id in lead_ids:
            number = lead_number_of(self.campaign_id, lead_id)
            row = self.snapshot.get(LEADS, (self.workspace, self.campaign_id, number)) if number else None
            if row is not None:
                found[lead_id] = self._found(row, None)
        return found

    def _found(self, row: LeadRow, values: Row | None) -> LeadFound:
        return LeadFound(number=row.number, is_pending=row.status is LeadStatus.PENDING, values=values)

    def _any(self, *statuses: LeadStatus) -> bool:
        return any(self.snapshot.find(LEADS, Query(where=self._mine(status=each), limit=1)) for each in statuses)

    def _mine(self, **where: Any) -> dict[str, Any]:
        return {"workspace": self.workspace, "campaign_id": self.campaign_id, **where}


def _only_address(row: LeadRow) -> Row:
    """The address as it is written, for whoever needs no other value."""
    return {"email": row.email or ""}
