"""What each inbox has sent: a row for each UTC day, and one for each campaign and each day in its zone.

Claims count, from the moment they are recorded, until it is known that the mail did not go: a claim that was given back or
put off no longer counts; an unknown one does. The rows outlive the campaigns they counted for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import attrs
from attrs import frozen

from campaign_core.lead import events
from campaign_core.lead.events import Reservation, lead_of
from campaign_core.recorded import Recorded, Row
from campaign_core.views.view import Drop, Key, View


@frozen(kw_only=True)
class UsageRow:
    """How many mails of an inbox count against one limit of one day."""

    workspace: str
    inbox_id: UUID
    #: The campaign whose limit it is, as text; empty for the inbox's own limit over all campaigns.
    scope: str
    #: A date such as 2030-01-31: in UTC for the inbox's own limit, in the campaign's zone for a campaign's.
    day: str
    count: int
    #: When the inbox was claimed last that day.
    last_claimed_at: datetime


#: The scope of an inbox's own limit.
ALL_CAMPAIGNS: Final = ""


@frozen
class _Change:
    """A mail more or a mail less."""

    key: Key
    by: int
    at: datetime


def _expand(recorded: Recorded, content: Iterable[Row | None]) -> Iterator[tuple[Key, Any] | Drop]:
    by, reserved = _of(recorded)
    if reserved is not None:
        campaign_id, _ = lead_of(recorded.stream)
        for scope, day in ((ALL_CAMPAIGNS, reserved.utc_day), (str(campaign_id), reserved.local_day)):
            key = (recorded.workspace, reserved.inbox_id, scope, day)
            yield key, _Change(key, by, recorded.occurred_at)


def _of(recorded: Recorded) -> tuple[int, Reservation | None]:
    match recorded.event:
        case events.Claimed(reserved=reserved):
            return 1, reserved
        case events.Released(freed=freed) | events.Deferred(freed=freed) | events.Resolved(freed=freed):
            return -1, freed
        case _:
            return 0, None


def _fold(row: UsageRow | None, change: _Change) -> UsageRow | None:
    if row is None:
        workspace, inbox_id, scope, day = change.key
        return UsageRow(
            workspace=workspace, inbox_id=inbox_id, scope=scope, day=day, count=change.by, last_claimed_at=change.at
        )
    last = max(row.last_claimed_at, change.at) if change.by > 0 else row.last_claimed_at
    return attrs.evolve(row, count=row.count + change.by, last_claimed_at=last)


USAGE: View[UsageRow] = View(
    name="usage",
    version=1,
    row=UsageRow,
    key=("workspace", "inbox_id", "scope", "day"),
    expand=_expand,
    fold=_fold,
)


def utc_day(at: datetime) -> str:
    """The date of an instant in UTC."""
    return at.astimezone(UTC).date().isoformat()
