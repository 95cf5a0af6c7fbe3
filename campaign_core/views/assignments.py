"""One row for each inbox that a campaign holds. Archived and deleted campaigns hold none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from attrs import frozen

from campaign_core.campaign import events
from campaign_core.campaign.events import campaign_of
from campaign_core.recorded import Recorded, Row
from campaign_core.views.view import Drop, Key, View


@frozen(kw_only=True)
class AssignmentRow:
    """A campaign holds an inbox."""

    workspace: str
    campaign_id: UUID
    inbox_id: UUID


_FREES = {events.Archived.stored_name, events.Deleted.stored_name}


def _expand(recorded: Recorded, content: Iterable[Row | None]) -> Iterator[tuple[Key, Any] | Drop]:
    assigned = recorded.event if isinstance(recorded.event, events.InboxesAssigned) else None
    if recorded.name not in _FREES and assigned is None:
        return
    holder = (recorded.workspace, campaign_of(recorded.stream))
    yield Drop(holder)
    for inbox_id in assigned.inbox_ids if assigned else ():
        row = AssignmentRow(workspace=recorded.workspace, campaign_id=holder[1], inbox_id=inbox_id)
        yield (*holder, inbox_id), row


ASSIGNMENTS: View[AssignmentRow] = View(
    name="assignments",
    version=1,
    row=AssignmentRow,
    key=("workspace", "campaign_id", "inbox_id"),
    expand=_expand,
    fold=None,
    indexes=(("workspace", "inbox_id"),),
)
