"""One row for each lead on its way: contacted, and not at an end. What a tick of sending asks, and nothing else.

The index holds since when a lead waits behind which step, not when that will be over: editing a wait or a window touches no
row. Leads that were never contacted are not here; they are found by their status among the leads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import attrs
from attrs import frozen

from campaign_core.campaign.events import Deleted, campaign_of
from campaign_core.lead import events
from campaign_core.lead.events import lead_of
from campaign_core.recorded import Recorded, Row
from campaign_core.views.view import Drop, Key, View


class DueState(StrEnum):
    """What a lead on its way is doing."""

    #: For the next follow-up, since `at`.
    WAITING = "waiting"
    #: Put off by a server, until `at`.
    DEFERRED = "deferred"
    #: Claimed by a worker, who has until `at`.
    CLAIMED = "claimed"
    #: Claimed, and the time ran out at `at`.
    UNKNOWN = "unknown"


@frozen(kw_only=True)
class DueRow:
    """A lead on its way."""

    workspace: str
    campaign_id: UUID
    number: int
    state: DueState
    #: The inbox that wrote, or writes, to the lead.
    inbox_id: UUID
    #: The step that is done last: the id of a follow-up, `first` for the first mail, empty before that is sent.
    behind: str
    at: datetime
    #: From when the wait for the next step runs; None before the first mail is sent.
    since: datetime | None
    #: The step that is claimed, or was last, as in `behind`.
    step: str
    claimed_at: datetime


#: Stands for the first mail where a follow-up is named by its id.
FIRST: str = "first"


def step_name(sequence_id: UUID | None) -> str:
    """A step in the words of `behind` and `step`."""
    return FIRST if sequence_id is None else str(sequence_id)


_ENDS = (events.Rejected, events.Stopped, events.Finished)


def _expand(recorded: Recorded, content: Iterable[Row | None]) -> Iterator[tuple[Key, Any] | Drop]:
    if recorded.name == Deleted.stored_name:
        yield Drop((recorded.workspace, campaign_of(recorded.stream)))
    elif recorded.name.startswith("lead.") and recorded.event is not None:
        key = (recorded.workspace, *lead_of(recorded.stream))
        if isinstance(recorded.event, _ENDS):
            yield Drop(key)
        else:
            yield key, recorded


def _fold(row: DueRow | None, recorded: Recorded) -> DueRow | None:
    event, at = recorded.event, recorded.occurred_at
    if isinstance(event, events.Claimed):
        campaign_id, number = lead_of(recorded.stream)
        return DueRow(
            workspace=recorded.workspace,
            campaign_id=campaign_id,
            number=number,
            state=DueState.CLAIMED,
            inbox_id=event.inbox_id,
            behind="" if row is None else row.behind,
            at=event.deadline,
            since=None if row is None else row.since,
            step=step_name(event.sequence_id),
            claimed_at=at,
        )
    if row is None:
        return None
    match event:
        case events.Accepted():
            return attrs.evolve(row, state=DueState.WAITING, behind=row.step, at=at, since=at)
        case events.Resolved(sent=True):
            since = row.claimed_at
            return attrs.evolve(row, state=DueState.WAITING, behind=row.step, at=since, since=since)
        case events.Released() | events.Resolved():
            return None if row.since is None else attrs.evolve(row, state=DueState.WAITING, at=row.since)
        case events.Deferred(retry_at=retry_at):
            return attrs.evolve(row, state=DueState.DEFERRED, at=retry_at)
        case events.OutcomeUnknown():
            return attrs.evolve(row, state=DueState.UNKNOWN)
        case events.Skipped(sequence_id=sequence_id, due_at=due_at):
            return attrs.evolve(row, state=DueState.WAITING, behind=str(sequence_id), at=due_at, since=due_at)
        case _:
            return row


DUE: View[DueRow] = View(
    name="due",
    version=1,
    row=DueRow,
    key=("workspace", "campaign_id", "number"),
    expand=_expand,
    fold=_fold,
    indexes=(
        ("workspace", "campaign_id", "state", "inbox_id", "behind", "at"),
        ("workspace", "campaign_id", "state", "at"),
        ("workspace", "state", "at"),
    ),
)
