"""The routes about sender accounts: I1, I2 and I6 to I14 of the reference, section 12."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

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
from campaign_adapters.http_api.ports import Accounts
from campaign_adapters.http_api.sender_commands import NewAccount, remove, row_of, send_trial
from campaign_adapters.http_api.sender_jobs import create_accounts, delete_accounts, job_of
from campaign_adapters.http_api.sender_models import (
    AccountDeleted,
    AccountGot,
    AccountList,
    AccountMade,
    AccountsDelete,
    AccountTold,
    BulkCreated,
    BulkDeleted,
    CampaignQuotas,
    DailyUsage,
    ItemStatus,
    JobGot,
    QuotaTold,
    RampUpTold,
    SmtpAccountCreate,
    SmtpAccountsCreate,
    Trial,
    TrialSent,
    UsageTold,
)
from campaign_adapters.http_api.statuses import Rejection
from campaign_core import INBOXES, InboxRow, InboxStatus, InboxType
from campaign_core.kernel.quotas import InboxQuota, InboxUsage, Quotas

router: Final = APIRouter(prefix="/sender-accounts", tags=["sender accounts"])
#: What a list may be sorted by, and the field of the view that sorts so. Nothing here measures health: by address.
_ORDERS: Final = {
    "email_address": "address",
    "inbox_type": "inbox_type",
    "created_at": "created_at",
    "health_score": "address",
}
SortBy = Literal["email_address", "inbox_type", "created_at", "health_score"]
Creating = Annotated[Caller, Depends(needs("sender_accounts:create"))]
Reading = Annotated[Caller, Depends(needs("sender_accounts:read"))]
Deleting = Annotated[Caller, Depends(needs("sender_accounts:delete"))]


def sender_routes(accounts: Accounts) -> APIRouter:
    """The routes, with what stands behind sender accounts."""

    async def behind(request: Request) -> None:
        request.state.accounts = accounts

    routes = APIRouter(dependencies=[Depends(behind)])
    routes.include_router(router)
    return routes


async def _behind(request: Request) -> Accounts:
    found: Accounts = request.state.accounts
    return found


Behind = Annotated[Accounts, Depends(_behind)]


@router.get("", responses=answers(), summary="List sender accounts")
def list_(
    caller: Reading,
    page: PageNumber = 1,
    limit: PageLimit = 20,
    inbox_type: InboxType | None = None,
    status: InboxStatus | None = None,
    search: Search = None,
    sort_by: Annotated[SortBy, Query(description="By health_score: by address, nothing measures it.")] = "created_at",
    sort_order: SortOrder = "desc",
) -> AccountList:
    """A page of the accounts that were not removed."""
    wanted = {"inbox_type": inbox_type, "status": status}
    query: dict[str, Any] = {
        "where": {name: value for name, value in wanted.items() if value is not None},
        "contains": {} if search is None else {"address": search.lower()},
    }
    found = caller.kernel.view(INBOXES).page(
        page, limit, **query, order_by=_ORDERS[sort_by], direction=DIRECTIONS[sort_order]
    )
    return AccountList(
        message="Sender accounts retrieved successfully",
        sender_accounts=[AccountTold(**each) for each in _told(caller, found.rows)],
        pagination=Pagination.of(found),
    )


def _told(caller: Caller, rows: list[InboxRow]) -> list[dict[str, Any]]:
    """The fields of accounts, in the order of the rows."""
    usage = {each.inbox_id: each for each in caller.kernel.inbox_usage([row.inbox_id for row in rows]).inboxes}
    return [_account(row, usage[row.inbox_id]) for row in rows if row.inbox_id in usage]


def _account(row: InboxRow, usage: InboxUsage) -> dict[str, Any]:
    return {
        "inbox_id": row.inbox_id,
        "email_address": row.email_address,
        "display_name": row.display_name,
        "domain": row.email_address.rpartition("@")[2],
        "inbox_type": row.inbox_type,
        "overall_status": row.status,
        "health_score": None,
        "daily_limit": row.daily_limit,
        "sent_today": usage.sent_today,
        "remaining_today": usage.remaining,
        "sent_this_month": usage.sent_this_month,
        "created_at": row.created_at,
    }


@router.get("/daily-usage", responses=answers(), summary="What was sent today")
def daily_usage(caller: Reading) -> DailyUsage:
    """What each account sent of its own limit, over all campaigns, in the current day of UTC."""
    usage = caller.kernel.inbox_usage()
    return DailyUsage(
        message="Daily usage retrieved successfully",
        date=usage.day,
        reset_at_utc=usage.resets_at,
        inboxes=[
            UsageTold(
                inbox_id=each.inbox_id,
                email_address=each.email_address,
                sent_today=each.sent_today,
                daily_limit=each.daily_limit,
                remaining=each.remaining,
                is_rate_limited=each.remaining == 0,
            )
            for each in usage.inboxes
        ],
    )


@router.get("/quotas", responses=answers(404), summary="What is left today")
def quotas(caller: Reading, campaign_id: UUID) -> CampaignQuotas:
    """What each account of a campaign may still send of it today, by its own limit and by the campaign's."""
    found = caller.kernel.quotas(campaign_id)
    return CampaignQuotas(
        message="Quotas retrieved successfully",
        campaign_id=found.campaign_id,
        date=found.day,
        reset_at_utc=found.resets_at,
        campaign_date=found.campaign_day,
        campaign_reset_at_utc=found.campaign_resets_at,
        ramp_up=_ramp_up(found),
        inboxes=[_quota(each) for each in found.inboxes],
    )


def _ramp_up(found: Quotas) -> RampUpTold:
    ramp = found.ramp_up
    if ramp is None:
        return RampUpTold(enabled=False, day=None, increment=None, max_limit=None)
    return RampUpTold(enabled=True, day=ramp.day, increment=ramp.increment, max_limit=ramp.max_limit)


def _quota(each: InboxQuota) -> QuotaTold:
    return QuotaTold(
        inbox_id=each.usage.inbox_id,
        email_address=each.usage.email_address,
        overall_status=each.usage.status,
        daily_limit=each.usage.daily_limit,
        sent_today=each.usage.sent_today,
        campaign_daily_limit=each.campaign_limit,
        campaign_sent_today=each.campaign_sent_today,
        effective_daily_limit=each.limit,
        effective_remaining=each.remaining,
        is_rate_limited=each.is_used_up,
    )


@router.post("/smtp", status_code=201, responses=answers(409), summary="Connect an SMTP account")
def create(caller: Creating, accounts: Behind, body: SmtpAccountCreate) -> AccountMade:
    """Logs in at the account's SMTP server, and where that works registers the account, ACTIVE.

    Nothing is stored where it does not. The IMAP settings are kept, and not tried. Under an `Idempotency-Key` the repeated
    request answers the first account without another login; passwords are not compared.
    """
    account = NewAccount(caller, accounts, body)
    made = account.made_before()
    if made is not None:
        return made
    fault = account.fault()
    if fault is not None:
        raise Rejection(400, fault)
    return account.make()


@router.post("/smtp/bulk", responses=answers(409), summary="Connect several SMTP accounts")
def create_several(caller: Creating, accounts: Behind, body: SmtpAccountsCreate) -> BulkCreated:
    """Connects each account as if alone. What was wrong with one is told in its result; the others are made."""
    job = create_accounts(caller, accounts, body)
    made, failed = job.count(ItemStatus.CREATED), job.count(ItemStatus.FAILED)
    return BulkCreated(
        message=f"{made} of {len(job.items)} SMTP accounts created",
        total=len(job.items),
        success_count=made,
        failed_count=failed,
        job_id=job.job_id,
        results=job.results,
    )


@router.get("/smtp/bulk/{job_id}/progress", responses=answers(404), summary="What became of several new accounts")
def creation_progress(caller: Reading, job_id: UUID) -> JobGot:
    """The job of a bulk request; it is done as soon as it is there."""
    return JobGot(message="Job retrieved successfully", job=job_of(caller, "create", job_id).told)


@router.post("/bulk/delete", responses=answers(409), summary="Delete several sender accounts")
def delete_several(caller: Deleting, accounts: Behind, body: AccountsDelete) -> BulkDeleted:
    """Deletes each account that no campaign holds. Those in use and those unknown are passed over, with the reason."""
    job = delete_accounts(caller, accounts, body)
    deleted = job.count(ItemStatus.DELETED)
    return BulkDeleted(
        message=f"{deleted} of {len(job.items)} sender accounts deleted",
        total=len(job.items),
        deleted_count=deleted,
        failed_count=job.count(ItemStatus.FAILED),
        skipped_count=job.count(ItemStatus.SKIPPED),
        job_id=job.job_id,
        results=job.results,
    )


@router.get("/bulk/delete/{job_id}/progress", responses=answers(404), summary="What became of several deletions")
def deletion_progress(caller: Reading, job_id: UUID) -> JobGot:
    """The job of a bulk request; it is done as soon as it is there."""
    return JobGot(message="Job retrieved successfully", job=job_of(caller, "delete", job_id).told)


@router.get("/{inbox_id}", responses=answers(404), summary="Get a sender account")
def get(caller: Reading, inbox_id: UUID) -> AccountGot:
    """One account."""
    (fields,) = _told(caller, [row_of(caller, inbox_id)])
    return AccountGot(message="Sender account retrieved successfully", **fields)


@router.post("/{inbox_id}/test-email", responses=answers(404), summary="Send a test mail")
def test_email(caller: Creating, accounts: Behind, inbox_id: UUID, body: Trial) -> TrialSent:
    """Sends a mail from the account, whatever its status. It counts against no limit; a repeated request sends another."""
    return send_trial(caller, accounts, inbox_id, body.recipient_email)


@router.delete("/{inbox_id}", responses=answers(404, 409), summary="Delete a sender account")
def delete(caller: Deleting, accounts: Behind, inbox_id: UUID) -> AccountDeleted:
    """Deletes an account that no campaign holds, with its settings. What it sent stays in the analytics."""
    remove(caller, accounts, inbox_id)
    return AccountDeleted(message="Sender account deleted successfully", inbox_id=inbox_id)
