"""The routes about campaigns: C1 to C8 of the reference, section 5."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from campaign_adapters.http_api.bodies import (
    DIRECTIONS,
    PageLimit,
    PageNumber,
    Pagination,
    Search,
    SortOrder,
    answers,
)
from campaign_adapters.http_api.caller import Caller, needs
from campaign_adapters.http_api.campaign_answers import campaign_told, findings_told, listed
from campaign_adapters.http_api.campaign_models import (
    CampaignActivated,
    CampaignCreate,
    CampaignCreated,
    CampaignDeleted,
    CampaignList,
    CampaignMoved,
    CampaignTold,
    CampaignUpdate,
    CampaignUpdated,
)
from campaign_core import (
    CAMPAIGNS,
    ActivateCampaign,
    ArchiveCampaign,
    CampaignRow,
    CreateCampaign,
    DeleteCampaign,
    Outcome,
    PauseCampaign,
    Status,
    UnknownCampaign,
    UpdateCampaign,
)

router: Final = APIRouter(tags=["campaigns"])
#: What a list may be sorted by, and the field of the view that sorts so.
_ORDERS: Final = {
    "name": "name_folded",
    "status": "status",
    "created_at": "created_at",
    "launched_at": "launched_at",
    "sent_count": "sent_count",
    "reply_count": "reply_count",
}
SortBy = Literal["name", "status", "created_at", "launched_at", "sent_count", "reply_count"]
Creating = Annotated[Caller, Depends(needs("campaigns:create"))]
Reading = Annotated[Caller, Depends(needs("campaigns:read"))]
Updating = Annotated[Caller, Depends(needs("campaigns:update"))]
Deleting = Annotated[Caller, Depends(needs("campaigns:delete"))]
Pausing = Annotated[Caller, Depends(needs("campaigns:pause"))]
Activating = Annotated[Caller, Depends(needs("campaigns:activate"))]


@router.post("/campaigns", status_code=201, responses=answers(409), summary="Create a campaign")
def create(caller: Creating, body: CampaignCreate) -> CampaignCreated:
    """Makes a campaign, a DRAFT, from a name and any settings."""
    outcome = caller.handle(CreateCampaign(**body.settings()))
    assert outcome.recorded_at is not None
    return CampaignCreated(
        message="Campaign created successfully",
        campaign_id=outcome.id,
        name=body.name,
        status=Status(outcome.status),
        created_at=outcome.recorded_at,
    )


@router.get("/campaigns", responses=answers(), summary="List campaigns")
def list_(
    caller: Reading,
    page: PageNumber = 1,
    limit: PageLimit = 20,
    status: Status | None = None,
    status_filter: Annotated[Status | None, Query(description="The same as status.")] = None,
    search: Search = None,
    sort_by: SortBy = "created_at",
    sort_order: SortOrder = "desc",
    days: Annotated[int | None, Query(ge=1, le=36500, description="Created within so many days.")] = None,
) -> CampaignList:
    """A page of the campaigns that were not deleted."""
    wanted = status or status_filter
    query: dict[str, Any] = {
        "where": {} if wanted is None else {"status": wanted},
        "contains": {} if search is None else {"name_folded": search.casefold()},
        "at_least": {} if days is None else {"created_at": caller.kernel.now() - timedelta(days=days)},
    }
    found = caller.kernel.view(CAMPAIGNS).page(
        page, limit, **query, order_by=_ORDERS[sort_by], direction=DIRECTIONS[sort_order]
    )
    return CampaignList(
        message="Campaigns retrieved successfully",
        campaigns=[listed(row) for row in found.rows],
        pagination=Pagination.of(found),
    )


@router.get("/campaigns/{campaign_id}", responses=answers(404), summary="Get a campaign")
def get(caller: Reading, campaign_id: UUID) -> CampaignTold:
    """Everything about one campaign."""
    return campaign_told(caller.kernel, row_of(caller, campaign_id))


def row_of(caller: Caller, campaign_id: UUID) -> CampaignRow:
    """The campaign's row.

    Raises:
        UnknownCampaign: there is none, it was deleted, or it is another workspace's.
    """
    row = caller.kernel.view(CAMPAIGNS).get(campaign_id)
    if row is None:
        raise UnknownCampaign(campaign_id)
    return row


@router.put("/campaigns/{campaign_id}", responses=answers(404, 409), summary="Update a campaign")
def update(caller: Updating, campaign_id: UUID, body: CampaignUpdate) -> CampaignUpdated:
    """Saves any mix of changes, then launches or resumes if asked to, in one transaction.

    What is missing or at fault keeps it from starting; the changes are kept all the same.
    """
    outcome = caller.handle(UpdateCampaign(campaign_id, **body.changes()))
    assert outcome.is_launch_ready is not None
    return CampaignUpdated(
        message=_told(outcome, asked=bool(body.launch)),
        is_launch_ready=outcome.is_launch_ready,
        missing_requirements=list(outcome.missing_requirements),
        warnings=findings_told(outcome.warnings),
        faults=findings_told(outcome.faults),
        **_moved(caller, outcome),
    )


def _told(outcome: Outcome, *, asked: bool) -> str:
    if asked and outcome.missing_requirements:
        return f"Campaign updated; to launch it still needs: {', '.join(outcome.missing_requirements)}"
    if asked and outcome.faults:
        return "Campaign updated; it cannot run, see faults"
    return "Campaign updated and launched successfully" if asked else "Campaign updated successfully"


def _moved(caller: Caller, outcome: Outcome) -> dict[str, Any]:
    """The campaign as it was behind an outcome, whatever happened to it since."""
    row = caller.kernel.view(CAMPAIGNS).get(outcome.id)
    if row is None or row.version != outcome.version:
        row = caller.kernel.as_of(outcome.id, version=outcome.version)
    return {"campaign_id": row.campaign_id, "name": row.name, "status": row.status, "updated_at": row.updated_at}


@router.post("/campaigns/{campaign_id}/pause", responses=answers(404, 409), summary="Pause a campaign")
def pause(caller: Pausing, campaign_id: UUID) -> CampaignMoved:
    """Stops sending at once. A paused campaign stays as it is."""
    outcome = caller.handle(PauseCampaign(campaign_id))
    return CampaignMoved(message="Campaign paused successfully", **_moved(caller, outcome))


@router.post("/campaigns/{campaign_id}/activate", responses=answers(404, 409), summary="Activate a campaign")
def activate(caller: Activating, campaign_id: UUID) -> CampaignActivated:
    """Starts a draft, or goes on with a paused campaign. An active one stays as it is."""
    outcome = caller.handle(ActivateCampaign(campaign_id))
    assert outcome.is_launch_ready is not None
    return CampaignActivated(
        message="Campaign cannot run, see faults" if outcome.faults else "Campaign activated successfully",
        is_launch_ready=outcome.is_launch_ready,
        missing_requirements=list(outcome.missing_requirements),
        faults=findings_told(outcome.faults),
        **_moved(caller, outcome),
    )


@router.post("/campaigns/{campaign_id}/archive", responses=answers(404, 409), summary="Archive a campaign")
def archive(caller: Updating, campaign_id: UUID) -> CampaignMoved:
    """Makes a paused or completed campaign view-only, one way."""
    outcome = caller.handle(ArchiveCampaign(campaign_id))
    return CampaignMoved(message="Campaign archived successfully", **_moved(caller, outcome))


@router.delete("/campaigns/{campaign_id}", responses=answers(404, 409), summary="Delete a campaign")
def delete(caller: Deleting, campaign_id: UUID) -> CampaignDeleted:
    """Erases a draft, paused or archived campaign with its leads, mails and analytics, for good."""
    outcome = caller.handle(DeleteCampaign(campaign_id))
    return CampaignDeleted(message="Campaign deleted successfully", campaign_id=outcome.id)
