"""What happened on which day? One entry for every day of a range, those on which nothing happened among them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from attrs import frozen

from campaign_core.errors import InvalidMessage, Problem, UnknownCampaign
from campaign_core.log.transaction import Reading
from campaign_core.views.campaigns import CAMPAIGNS
from campaign_core.views.timeline import TIMELINE, DayCounts, TimelineRow
from campaign_core.views.view import Query

#: Days of a timeline where no first day is given, the last one included; and at most.
USUAL_DAYS: Final = 90
MOST_DAYS: Final = 3660


@frozen
class Day:
    """What happened on one day in UTC."""

    date: date
    counts: DayCounts


def timeline_of(
    snapshot: Reading, workspace: str, campaign_id: UUID | None, today: date, from_day: date | None, to_day: date | None
) -> list[Day]:
    """Every day from one day to another, both included; of one campaign, or of all together.

    Raises:
        UnknownCampaign: there is none, or it was deleted.
        InvalidMessage: the first day is behind the last, or there are more than `MOST_DAYS`.
    """
    first, last = _range(today, from_day, to_day)
    found = [row.days for row in _timelines(snapshot, workspace, campaign_id)]
    days = map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
    return [Day(day, _together(found, day.isoformat())) for day in days]


def _together(found: Sequence[dict[str, DayCounts]], day: str) -> DayCounts:
    return sum((days[day] for days in found if day in days), DayCounts())


def _timelines(snapshot: Reading, workspace: str, campaign_id: UUID | None) -> list[TimelineRow]:
    where: dict[str, Any] = {"workspace": workspace}
    if campaign_id is not None:
        if snapshot.get(CAMPAIGNS, (workspace, campaign_id)) is None:
            raise UnknownCampaign(campaign_id)
        where["campaign_id"] = campaign_id
    return snapshot.find(TIMELINE, Query(where=where))


def _range(today: date, from_day: date | None, to_day: date | None) -> tuple[date, date]:
    """The first and the last day; what is not given ends today, and begins as many days before as are usual."""
    last = today if to_day is None else to_day
    first = date.fromordinal(max(1, last.toordinal() - USUAL_DAYS + 1)) if from_day is None else from_day
    if first > last:
        raise InvalidMessage((Problem("$.from_day", f"must not be behind the last day, {last}; it is {first}"),))
    if (last - first).days >= MOST_DAYS:
        raise InvalidMessage(
            (Problem("$.from_day", f"must be less than {MOST_DAYS:,} days before {last}, is {first}"),)
        )
    return first, last
