"""One row for each inbox."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs
from attrs import frozen

from campaign_core.inbox import events
from campaign_core.inbox.events import InboxType, inbox_of
from campaign_core.inbox.lifecycle import LANDING, InboxStatus
from campaign_core.recorded import Recorded, Row
from campaign_core.views.view import Drop, Key, View


@frozen(kw_only=True)
class InboxRow:
    """An inbox as readers see it."""

    workspace: str
    inbox_id: UUID
    email_address: str
    #: The address in lower case, to compare and search.
    address: str
    display_name: str
    inbox_type: InboxType
    status: InboxStatus
    #: Mails a UTC day over all campaigns.
    daily_limit: int
    created_at: datetime


def _expand(recorded: Recorded, content: Iterable[Row | None]) -> Iterator[tuple[Key, Any] | Drop]:
    if recorded.name.startswith("inbox."):
        yield (recorded.workspace, inbox_of(recorded.stream)), recorded


def _fold(row: InboxRow | None, recorded: Recorded) -> InboxRow | None:
    event = recorded.event
    if isinstance(event, events.Registered):
        return InboxRow(
            workspace=recorded.workspace,
            inbox_id=inbox_of(recorded.stream),
            email_address=event.email_address,
            address=event.email_address.lower(),
            display_name=event.display_name,
            inbox_type=event.inbox_type,
            status=LANDING[recorded.name],
            daily_limit=event.daily_limit,
            created_at=recorded.metadata.recorded_at,
        )
    if isinstance(event, events.Removed):
        return None
    return None if row is None else attrs.evolve(row, status=LANDING.get(recorded.name, row.status))


INBOXES: View[InboxRow] = View(
    name="inboxes",
    version=1,
    row=InboxRow,
    key=("workspace", "inbox_id"),
    expand=_expand,
    fold=_fold,
    indexes=(("workspace", "address"),),
)
