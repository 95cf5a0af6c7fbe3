"""What happened to each campaign on each day in UTC: one row for each campaign that was not deleted.

A day counts as the row of the campaign counts, by when a thing happened: mails that went, and leads that opened, answered,
bounced and unsubscribed for the first time. So the sums over all days are that row's counts.

All days of a campaign are in one row. Answers are still recorded after a campaign is deleted, and a row of their own day
would begin anew then; the row of a campaign begins with the campaign, and only once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import Any, Final
from uuid import UUID

import attrs
from attrs import frozen

from campaign_core.campaign.events import Created, Deleted, campaign_of
from campaign_core.lead import events
from campaign_core.lead.events import lead_of
from campaign_core.recorded import Recorded, Row
from campaign_core.views.view import Drop, Key, View


@frozen
class DayCounts:
    """What happened on one day."""

    #: Mails that a server took. One whose outcome was unknown counts on the day on which it was said to have gone.
    sent: int = 0
    #: Leads of whom a person opened a mail for the first time.
    opened: int = 0
    #: Leads of whom a person answered for the first time.
    replied: int = 0
    #: Mails that came back for good, or were refused because the address does not work.
    bounced: int = 0
    #: Leads that want no more mails.
    unsubscribed: int = 0

    def __add__(self, other: DayCounts) -> DayCounts:
        return DayCounts(
            self.sent + other.sent,
            self.opened + other.opened,
            self.replied + other.replied,
            self.bounced + other.bounced,
            self.unsubscribed + other.unsubscribed,
        )


@frozen(kw_only=True)
class TimelineRow:
    """The days of a campaign."""

    workspace: str
    campaign_id: UUID
    #: A line for each day on which anything happened, by day: `2030-01-31 12 3 0 1 0`. Nearly every event is about the
    #: last one; as text the others need not be read for it.
    lines: str = ""

    @property
    def days(self) -> dict[str, DayCounts]:
        """The days on which anything happened, such as 2030-01-31, rising."""
        return dict(map(_read, self.lines.splitlines()))


def _read(line: str) -> tuple[str, DayCounts]:
    day, *counts = line.split(" ")
    return day, DayCounts(*map(int, counts))


def _written(day: str, counts: DayCounts) -> str:
    return " ".join((day, *map(str, attrs.astuple(counts))))


@frozen
class _Change:
    """Something more on a day."""

    day: str
    counts: DayCounts


_SENT: Final = DayCounts(sent=1)
_BOUNCED: Final = DayCounts(bounced=1)


def _expand(recorded: Recorded, content: Iterable[Row | None]) -> Iterator[tuple[Key, Any] | Drop]:
    if recorded.name == Deleted.stored_name:
        yield Drop((recorded.workspace, campaign_of(recorded.stream)))
    elif recorded.name == Created.stored_name:
        campaign_id = campaign_of(recorded.stream)
        yield (recorded.workspace, campaign_id), TimelineRow(workspace=recorded.workspace, campaign_id=campaign_id)
    else:
        counts = _counts_of(recorded.event)
        if counts is not None:
            day = recorded.occurred_at.astimezone(UTC).date().isoformat()
            yield (recorded.workspace, lead_of(recorded.stream)[0]), _Change(day, counts)


def _counts_of(event: Any) -> DayCounts | None:
    match event:
        case events.Accepted() | events.Resolved(sent=True):
            return _SENT
        case events.Opened(first=True):
            return DayCounts(opened=1)
        case events.Replied(first=True):
            return DayCounts(replied=1)
        case events.Bounced(hard=True) | events.Rejected(about_address=True):
            return _BOUNCED
        case events.Unsubscribed():
            return DayCounts(unsubscribed=1)
        case _:
            return None


def _fold(row: TimelineRow | None, change: _Change) -> TimelineRow | None:
    """What is told of a campaign that is gone is passed over."""
    if row is None:
        return None
    earlier, _, last = row.lines.rpartition("\n")
    if last.startswith(change.day):
        line = _written(change.day, _read(last)[1] + change.counts)
        return attrs.evolve(row, lines=f"{earlier}\n{line}" if earlier else line)
    days = row.days
    days[change.day] = days.get(change.day, DayCounts()) + change.counts
    return attrs.evolve(row, lines="\n".join(_written(day, days[day]) for day in sorted(days)))


TIMELINE: View[TimelineRow] = View(
    name="timeline",
    version=1,
    row=TimelineRow,
    key=("workspace", "campaign_id"),
    expand=_expand,
    fold=_fold,
)
