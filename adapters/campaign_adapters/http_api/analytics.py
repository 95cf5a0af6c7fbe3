"""The routes about results: A1 and A2 of the reference, section 15. Rates are fractions with four decimals."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query

from campaign_adapters.http_api.bodies import Instant, Success, Told, answers
from campaign_adapters.http_api.campaigns import Reading
from campaign_adapters.http_api.statuses import Rejection
from campaign_core import CAMPAIGNS, CampaignRow, Counts, Day, InvalidMessage, Status
from campaign_core.analytics.rates import pooled, rates, shown

router: Final = APIRouter(tags=["analytics"], prefix="/analytics/campaigns")
First = Annotated[date | None, Query(alias="from_date", description="The first day, as 2030-01-31.")]
Last = Annotated[date | None, Query(alias="to_date", description="The last day, as 2030-01-31.")]


class CampaignResult(Told):
    """What a campaign brought."""

    campaign_id: UUID
    campaign_name: str
    status: Status
    total_leads: int
    total_sent: int
    total_opened: int
    total_replied: int
    total_bounced: int
    open_rate: float
    reply_rate: float
    bounce_rate: float
    created_at: Instant


class Totals(Told):
    """What all of them brought together; each mail counts alike."""

    total_campaigns: int
    total_sends: int
    avg_open_rate: float
    avg_reply_rate: float
    avg_bounce_rate: float


class CampaignResults(Success):
    """What campaigns brought."""

    workspace_kpis: Totals
    campaigns: list[CampaignResult]


class DayResult(Told):
    """What happened on one day in UTC."""

    date: date
    sent: int
    opened: int
    replied: int
    bounced: int
    open_rate: float
    reply_rate: float
    bounce_rate: float


class Timeline(Success):
    """Every day of a range."""

    from_date: date
    to_date: date
    timeline: list[DayResult]


def _number(rate: float | None) -> float:
    return shown(rate) or 0.0


def _shares(counts: Counts) -> dict[str, float]:
    shares = rates(counts)
    return {name: _number(getattr(shares, name)) for name in ("open_rate", "reply_rate", "bounce_rate")}


@router.get("", responses=answers(), summary="Get the results of campaigns")
def campaigns(
    caller: Reading, status: Status | None = None, from_day: First = None, to_day: Last = None
) -> CampaignResults:
    """Counts and rates of every campaign, or of those that were launched within some days, both included."""
    _in_order(from_day, to_day)
    where = {} if status is None else {"status": status}
    since = {} if from_day is None else {"launched_at": datetime.combine(from_day, time(), UTC)}
    rows = [
        row
        for row in caller.kernel.view(CAMPAIGNS).find(
            where, at_least=since, order_by="created_at", direction="descending"
        )
        if _launched_by(row, to_day)
    ]
    counts = [_counts(row) for row in rows]
    together = pooled(counts)
    return CampaignResults(
        message="Analytics retrieved successfully",
        workspace_kpis=Totals(
            total_campaigns=len(rows),
            total_sends=sum(each.sent for each in counts),
            avg_open_rate=_number(together.open_rate),
            avg_reply_rate=_number(together.reply_rate),
            avg_bounce_rate=_number(together.bounce_rate),
        ),
        campaigns=[_result(row, each) for row, each in zip(rows, counts, strict=True)],
    )


def _counts(row: CampaignRow) -> Counts:
    """Mails sent that did not come back, and leads that opened, answered and bounced: the sums of the timeline's days."""
    return Counts(
        sent=row.sent_count - row.returned_count,
        opened=row.open_count,
        replied=row.reply_count,
        bounced=row.bounce_count,
    )


def _launched_by(row: CampaignRow, to_day: date | None) -> bool:
    """Whether it was launched on that day in UTC or before."""
    return to_day is None or (row.launched_at is not None and row.launched_at.date() <= to_day)


def _result(row: CampaignRow, counts: Counts) -> CampaignResult:
    return CampaignResult(
        campaign_id=row.campaign_id,
        campaign_name=row.name,
        status=row.status,
        total_leads=row.total_leads,
        total_sent=counts.sent,
        total_opened=counts.opened,
        total_replied=counts.replied,
        total_bounced=counts.bounced,
        **_shares(counts),
        created_at=row.created_at,
    )


@router.get("/timeline", responses=answers(), summary="Get the timeline")
def timeline(caller: Reading, from_day: First = None, to_day: Last = None) -> Timeline:
    """What happened on every day of a range, those on which nothing happened among them; 90 days until today if left out."""
    try:
        days = caller.kernel.timeline(None, from_day, to_day)
    except InvalidMessage as wrong:
        said = [{"loc": ["query", "from_date"], "msg": each.sentence, "type": "value_error"} for each in wrong.problems]
        raise Rejection(422, said) from wrong
    return Timeline(
        message="Timeline retrieved successfully",
        from_date=days[0].date,
        to_date=days[-1].date,
        timeline=[_day(each) for each in days],
    )


def _day(day: Day) -> DayResult:
    counts = day.counts
    return DayResult(
        date=day.date,
        sent=counts.sent,
        opened=counts.opened,
        replied=counts.replied,
        bounced=counts.bounced,
        **_shares(Counts(sent=counts.sent, opened=counts.opened, replied=counts.replied, bounced=counts.bounced)),
    )


def _in_order(from_day: date | None, to_day: date | None) -> None:
    if from_day is not None and to_day is not None and from_day > to_day:
        said = f"must not be behind the last day, {to_day}; it is {from_day}"
        raise Rejection(422, [{"loc": ["query", "from_date"], "msg": said, "type": "value_error"}])
