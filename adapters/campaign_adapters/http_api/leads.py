"""The routes about leads: L3 to L8 of the reference, section 7."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Query
from fastapi.responses import StreamingResponse

from campaign_adapters.http_api.bodies import Id, PageLimit, PageNumber, Pagination, Search, answers
from campaign_adapters.http_api.caller import Caller, needs
from campaign_adapters.http_api.campaigns import row_of
from campaign_adapters.http_api.lead_answers import lead_added, lead_in_full, leads_told
from campaign_adapters.http_api.lead_models import (
    LeadCreate,
    LeadInFull,
    LeadList,
    LeadsDeleted,
    LeadTold,
    LeadUpdate,
)
from campaign_core import LEADS, AddLead, LeadRow, LeadStatus, RemoveLeads, ReviseLead, UnknownLead
from campaign_core.lead.identity import lead_number_of

router: Final = APIRouter(tags=["leads"], prefix="/campaigns/{campaign_id}/leads")
Adding = Annotated[Caller, Depends(needs("leads:create"))]
Reading = Annotated[Caller, Depends(needs("leads:read"))]
Updating = Annotated[Caller, Depends(needs("leads:update"))]
Deleting = Annotated[Caller, Depends(needs("leads:delete"))]
#: The most leads that one request deletes.
_MOST_AT_ONCE: Final = 10_000
_SOME_ID: Final = "0b9c2f4e-5d1a-8c3b-9e7f-2a6d4c8b1e05"
_SPOOLED_BYTES: Final = 1 << 20
_CHUNK_BYTES: Final = 1 << 16
_CSV: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "All leads."}
}


@router.post("/manual", status_code=201, responses=answers(404, 409), summary="Add a lead")
def add(caller: Adding, campaign_id: UUID, body: LeadCreate) -> LeadTold:
    """Adds one lead. An address that the campaign has already is 409."""
    command = AddLead(campaign_id, body.email, **body.values())
    outcome = caller.handle(command)
    assert outcome.lead_id is not None
    assert outcome.batch_id is not None
    assert outcome.recorded_at is not None
    (values,) = command.leads(outcome.batch_id).content
    assert values is not None
    return lead_added(outcome.lead_id, outcome.batch_id, values, outcome.recorded_at)


@router.get("", responses=answers(404), summary="List leads")
def list_(
    caller: Reading,
    campaign_id: UUID,
    page: PageNumber = 1,
    limit: PageLimit = 20,
    status: LeadStatus | None = None,
    status_filter: Annotated[LeadStatus | None, Query(description="The same as status.")] = None,
    search: Search = None,
    batch_id: UUID | None = None,
) -> LeadList:
    """A page of a campaign's leads, in the order they were added."""
    row_of(caller, campaign_id)
    given = {"campaign_id": campaign_id, "status": status or status_filter, "batch_id": batch_id}
    query: dict[str, Any] = {
        "where": {name: value for name, value in given.items() if value is not None},
        "contains": {} if search is None else {"address": search.lower()},
    }
    found = caller.kernel.view(LEADS).page(page, limit, **query)
    return LeadList(
        message="Leads retrieved successfully",
        leads=leads_told(caller.kernel, found.rows),
        pagination=Pagination.of(found),
    )


# Before the routes that take the id of a lead: `export` is none.
@router.get("/export", responses={**answers(404), **_CSV}, response_class=StreamingResponse, summary="Export leads")
def export(caller: Reading, campaign_id: UUID) -> StreamingResponse:
    """All leads as CSV that an upload takes back; no cell is one that a spreadsheet would run."""
    written = _written(caller.kernel.export_leads(campaign_id))
    headers = {
        "Content-Disposition": f'attachment; filename="leads-{campaign_id}.csv"',
        "Content-Length": str(written.tell()),
    }
    written.seek(0)
    return StreamingResponse(_chunks(written), media_type="text/csv; charset=utf-8", headers=headers)


def _written(lines: Iterable[str]) -> IO[bytes]:
    """The lines in a file, all of them first: a snapshot stays open while they are made, and clients may be slow."""
    written = SpooledTemporaryFile(max_size=_SPOOLED_BYTES)  # noqa: SIM115 - closed once it is sent
    try:
        for line in lines:
            written.write(line.encode())
    except BaseException:
        written.close()
        raise
    return written


def _chunks(written: IO[bytes]) -> Iterator[bytes]:
    with written:
        while chunk := written.read(_CHUNK_BYTES):
            yield chunk


@router.get("/{lead_id}", responses=answers(404), summary="Get a lead")
def get(caller: Reading, campaign_id: UUID, lead_id: UUID) -> LeadInFull:
    """One lead, the mails that went to it, and what came back."""
    return lead_in_full(caller.kernel, _lead(caller, campaign_id, lead_id))


def _lead(caller: Caller, campaign_id: UUID, lead_id: UUID) -> LeadRow:
    row_of(caller, campaign_id)
    number = lead_number_of(campaign_id, lead_id)
    row = None if number is None else caller.kernel.view(LEADS).get(campaign_id, number)
    if row is None:
        raise UnknownLead(lead_id)
    return row


@router.put("/{lead_id}", responses=answers(404, 409), summary="Update a lead")
def update(caller: Updating, campaign_id: UUID, lead_id: UUID, body: LeadUpdate) -> LeadTold:
    """Changes what is sent of a lead; null takes a value away, and so it does in `custom_fields`."""
    caller.handle(ReviseLead(campaign_id, lead_id, **body.changes()))
    (told,) = leads_told(caller.kernel, [_lead(caller, campaign_id, lead_id)])
    return told


@router.delete("", responses=answers(404, 409), summary="Delete leads")
def delete(
    caller: Deleting,
    campaign_id: UUID,
    lead_ids: Annotated[list[Id], Body(min_length=1, max_length=_MOST_AT_ONCE, examples=[[_SOME_ID]])],
) -> LeadsDeleted:
    """Deletes those of these leads that were never contacted; the others stay, and are counted."""
    outcome = caller.handle(RemoveLeads(campaign_id, tuple(lead_ids)))
    return LeadsDeleted(
        message=f"{outcome.removed} leads deleted",
        deleted_count=outcome.removed or 0,
        skipped_count=outcome.kept or 0,
        not_found_count=outcome.unknown or 0,
    )
