"""How many mails has an inbox sent today, and how many may it still take?

Two days count at once. The inbox's own limit holds over all campaigns and a day of UTC; a campaign's limit holds for each of
its inboxes and a day of the campaign's zone. Claims count as in a tick of sending, so that what is left is what a tick
would still claim.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from attrs import frozen

from campaign_core.campaign.schedule import schedule_of
from campaign_core.errors import UnknownCampaign
from campaign_core.inbox.lifecycle import InboxStatus, can_send
from campaign_core.kernel.queues import days_since_launch, limit_today, taken_of_campaign
from campaign_core.log.transaction import Reading
from campaign_core.sending.calendar import Schedule, local_day, next_local_day
from campaign_core.views.campaigns import CAMPAIGNS, CampaignRow
from campaign_core.views.inboxes import INBOXES, InboxRow
from campaign_core.views.usage import ALL_CAMPAIGNS, USAGE, utc_day
from campaign_core.views.view import Query


@frozen(kw_only=True)
class InboxUsage:
    """What an inbox has sent over all campaigns, against its own limit."""

    inbox_id: UUID
    email_address: str
    status: InboxStatus
    #: Mails a day of UTC.
    daily_limit: int
    sent_today: int
    #: Since the first day of the month, in UTC.
    sent_this_month: int

    @property
    def remaining(self) -> int:
        """Mails its own limit still allows today."""
        return max(0, self.daily_limit - self.sent_today)


@frozen(kw_only=True)
class DayUsage:
    """What inboxes have sent in a day of UTC."""

    day: date
    #: When the next day begins.
    resets_at: datetime
    #: By address.
    inboxes: tuple[InboxUsage, ...]


@frozen(kw_only=True)
class RampUp:
    """How far a campaign's limit has grown."""

    #: 1 on the day of the launch, in the campaign's zone; also before it.
    day: int
    #: By how many mails it grows each day, and how far; None: it does not grow until both are set.
    increment: int | None
    max_limit: int | None


@frozen(kw_only=True)
class InboxQuota:
    """How many mails of a campaign an inbox may take today, and how many are left."""

    usage: InboxUsage
    #: Mails of the campaign and a day in its zone, as it is today; None: the campaign sets no limit.
    campaign_limit: int | None
    #: Mails of the campaign the inbox has taken today.
    campaign_sent_today: int

    @property
    def limit(self) -> int:
        """The lower of the two limits."""
        own = self.usage.daily_limit
        return own if self.campaign_limit is None else min(own, self.campaign_limit)

    @property
    def is_used_up(self) -> bool:
        """Whether nothing is left of one of the two limits."""
        return self._left() == 0

    @property
    def remaining(self) -> int:
        """Mails of the campaign it may still take before either day ends; 0 where the inbox cannot send."""
        return self._left() if can_send(self.usage.status) else 0

    def _left(self) -> int:
        own = self.usage.remaining
        return own if self.campaign_limit is None else min(own, max(0, self.campaign_limit - self.campaign_sent_today))


@frozen(kw_only=True)
class Quotas:
    """What the inboxes of a campaign may send today."""

    campaign_id: UUID
    #: The day of the inboxes' own limits, in UTC, and when the next one begins.
    day: date
    resets_at: datetime
    #: The day of the campaign's limit, in its zone, and when the next one begins.
    campaign_day: date
    campaign_resets_at: datetime
    #: None: the campaign's limit does not grow.
    ramp_up: RampUp | None
    #: In the campaign's order.
    inboxes: tuple[InboxQuota, ...]


def usage_of(snapshot: Reading, workspace: str, at: datetime, inbox_ids: Collection[UUID] | None = None) -> DayUsage:
    """What the inboxes of these ids, or all if None, have sent in the UTC day of an instant."""
    if inbox_ids is None:
        rows: Iterable[InboxRow] = snapshot.find(INBOXES, Query(where={"workspace": workspace}))
    else:
        rows = _rows(snapshot, workspace, inbox_ids)
    found = (_usage(snapshot, row, at) for row in rows)
    inboxes = tuple(sorted(found, key=lambda each: (each.email_address.lower(), each.inbox_id)))
    return DayUsage(day=_utc_date(at), resets_at=_next_utc_day(at), inboxes=inboxes)


def quotas_of(snapshot: Reading, workspace: str, at: datetime, campaign_id: UUID) -> Quotas:
    """What the inboxes of a campaign may send at an instant, whether it runs or not.

    Raises:
        UnknownCampaign: there is none, or it was deleted.
    """
    row = snapshot.get(CAMPAIGNS, (workspace, campaign_id))
    if row is None:
        raise UnknownCampaign(campaign_id)
    schedule = schedule_of(row.settings)
    limit, day = limit_today(row, schedule, at), local_day(schedule, at)
    return Quotas(
        campaign_id=campaign_id,
        day=_utc_date(at),
        resets_at=_next_utc_day(at),
        campaign_day=day,
        campaign_resets_at=next_local_day(schedule, at),
        ramp_up=_ramp_up(row, schedule, at),
        inboxes=tuple(
            InboxQuota(
                usage=_usage(snapshot, inbox, at),
                campaign_limit=limit,
                campaign_sent_today=taken_of_campaign(snapshot, row, inbox.inbox_id, day),
            )
            for inbox in _rows(snapshot, workspace, row.inbox_ids)
        ),
    )


def _rows(snapshot: Reading, workspace: str, inbox_ids: Collection[UUID]) -> list[InboxRow]:
    found = (snapshot.get(INBOXES, (workspace, each)) for each in dict.fromkeys(inbox_ids))
    return [each for each in found if each is not None]


def _usage(snapshot: Reading, row: InboxRow, at: datetime) -> InboxUsage:
    today = utc_day(at)
    where = {"workspace": row.workspace, "inbox_id": row.inbox_id, "scope": ALL_CAMPAIGNS}
    first = _utc_date(at).replace(day=1).isoformat()
    days = {each.day: each.count for each in snapshot.find(USAGE, Query(where=where, at_least={"day": first}))}
    return InboxUsage(
        inbox_id=row.inbox_id,
        email_address=row.email_address,
        status=row.status,
        daily_limit=row.daily_limit,
        sent_today=days.get(today, 0),
        sent_this_month=sum(count for day, count in days.items() if day <= today),
    )


def _ramp_up(row: CampaignRow, schedule: Schedule, at: datetime) -> RampUp | None:
    settings = row.settings
    if not settings.ramp_up_enabled:
        return None
    return RampUp(
        day=days_since_launch(row, schedule, at) + 1,
        increment=settings.ramp_up_increment,
        max_limit=settings.ramp_up_max_limit,
    )


def _utc_date(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _next_utc_day(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
