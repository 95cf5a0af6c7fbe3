"""What the leads of one campaign say, read inside a transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final
from uuid import UUID

from attrs import frozen

from campaign_core.campaign.facts import LeadFacts, LeadFound
from campaign_core.campaign.findings import SUPPRESSED
from campaign_core.kernel.registers import address_hashes
from campaign_core.lead.identity import lead_number_of
from campaign_core.lead.status import LeadStatus
from campaign_core.log.transaction import Reading
from campaign_core.recorded import Row
from campaign_core.views.due import DUE
from campaign_core.views.leads import LEADS, LeadRow
from campaign_core.views.suppressions import SUPPRESSIONS
from campaign_core.views.view import Query

#: Blocks held unpacked while all leads are read, one of each content: they come nearly in the order of the uploads.
_UNPACKED: Final = 16
#: Leads read at once.
_PAGE: Final = 1000
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
        pending = bool(self.snapshot.find(LEADS, Query(where=self._mine(status=LeadStatus.PENDING), limit=1)))
        return LeadFacts(
            any_lead=bool(self.snapshot.find(LEADS, Query(where=self._mine(), limit=1))),
            any_pending=pending,
            any_open=pending or bool(self.snapshot.find(DUE, Query(where=self._mine(), limit=1))),
        )

    def count(self) -> int:
        """How many leads there are."""
        return self.snapshot.count(LEADS, Query(where=self._mine()))

    def pending(self) -> tuple[int, ...]:
        """The numbers of every lead that was never contacted, rising."""
        rows = self.snapshot.find(LEADS, Query(where=self._mine(status=LeadStatus.PENDING)))
        return tuple(row.number for row in rows)

    def each(self) -> Iterator[tuple[LeadRow, Row]]:
        """Every lead that still has values, by number, with its values; a page of leads and some blocks are held at a time."""
        blocks: dict[int, tuple[int, list[Row | None]]] = {}
        for row in self.rows():
            first, rows = blocks.get(row.position, (0, []))
            if not 0 <= row.place - first < len(rows):
                if len(blocks) > _UNPACKED:
                    blocks.clear()
                first, rows = blocks[row.position] = self.snapshot.content_block(row.position, row.place)
            values = rows[row.place - first]
            if values is not None:
                yield row, values

    def identified(self) -> Iterator[tuple[UUID, Row]]:
        """The public id and the values of every lead that still has some, by number."""
        return ((row.lead_id, values) for row, values in self.each())

    def suppressed(self, addresses: Sequence[str]) -> dict[str, str]:
        """The addresses nobody in the workspace writes to, each with that for the reason."""
        here = {"workspace": self.workspace}
        if not self.snapshot.find(SUPPRESSIONS, Query(where=here, limit=1)):
            return {}
        hashes = list(address_hashes(self.snapshot.tables, self.workspace, addresses))
        listed = self.snapshot.present(SUPPRESSIONS, "address_hash", hashes, here)
        return {address: SUPPRESSED for address, hashed in zip(addresses, hashes, strict=True) if hashed in listed}

    def one(self, lead: UUID | str) -> tuple[UUID, Row] | None:
        """The lead with this public id or address, and its values; None if there is none, or its values were erased."""
        row = self.row_of(lead)
        values = None if row is None else self.snapshot.content_row(row.position, row.place)
        return None if row is None or values is None else (row.lead_id, values)

    def row_of(self, lead: UUID | str) -> LeadRow | None:
        """The lead with this public id or address; None if there is none."""
        if isinstance(lead, UUID):
            number = lead_number_of(self.campaign_id, lead)
            return self.snapshot.get(LEADS, (self.workspace, self.campaign_id, number)) if number else None
        found = self.snapshot.find(LEADS, Query(where=self._mine(address=lead.strip().lower()), limit=1))
        return found[0] if found else None

    def all_values(self) -> Iterator[Row]:
        """The values of every lead that still has some, by number."""
        return (values for _, values in self.each())

    def having(self, addresses: Sequence[str], *, with_values: bool) -> dict[str, LeadFound]:
        """The leads that have one of these addresses, given in lower case."""
        taken = self.snapshot.present(LEADS, "address", addresses, self._mine())
        if len(taken) > _FEW and _ONE_PASS * len(taken) > self.count():
            rows = self.each() if with_values else ((row, _only_address(row)) for row in self.rows())
            return {
                row.address: self._found(row, values)
                for row, values in rows
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

    def rows(self) -> Iterator[LeadRow]:
        """Every lead, by number; a page of them is held at a time."""
        next_number = 1
        while page := self.snapshot.find(
            LEADS, Query(where=self._mine(), at_least={"number": next_number}, limit=_PAGE)
        ):
            yield from page
            next_number = page[-1].number + 1

    def _found(self, row: LeadRow, values: Row | None) -> LeadFound:
        return LeadFound(number=row.number, is_pending=row.status is LeadStatus.PENDING, values=values)

    def _mine(self, **where: Any) -> dict[str, Any]:
        return {"workspace": self.workspace, "campaign_id": self.campaign_id, **where}


def _only_address(row: LeadRow) -> Row:
    """The address as it is written, for whoever needs no other value."""
    return {"email": row.email or ""}
