"""One row for each lead: what is queried. Its values are private content, found by `position` and `place`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs
from attrs import frozen

from campaign_core.campaign import events as campaign_events
from campaign_core.campaign.events import campaign_of
from campaign_core.lead import events as lead_events
from campaign_core.lead.events import lead_of
from campaign_core.lead.identity import lead_id_of
from campaign_core.lead.status import LeadStatus, status_after
from campaign_core.recorded import Recorded, Row
from campaign_core.views.view import Drop, Key, View


@frozen(kw_only=True)
class LeadRow:
    """A lead as readers see it."""

    workspace: str
    campaign_id: UUID
    #: 1, 2, 3 in upload order.
    number: int
    #: The address as it is written; None once erased.
    email: str | None
    #: The address in lower case, to compare and search; None once erased.
    address: str | None
    status: LeadStatus
    batch_id: UUID
    #: Place in the log of the event that holds its values: its upload, or the last change of them.
    position: int
    #: Place of its values in that event's content, from 0.
    place: int
    created_at: datetime
    #: The inbox that wrote to it last, or is about to.
    inbox_id: UUID | None = None
    #: How many mails went to it.
    sent_count: int = 0
    last_sent_at: datetime | None = None
    #: When a person first opened, followed a link, answered.
    opened_at: datetime | None = None
    clicked_at: datetime | None = None
    replied_at: datetime | None = None
    #: When it first asked for no more mails.
    unsubscribed_at: datetime | None = None

    @property
    def lead_id(self) -> UUID:
        """Its public id, computed from the campaign and the number."""
        return lead_id_of(self.campaign_id, self.number)


@frozen
class _Values:
    """A lead's values are found elsewhere from now on."""

    position: int
    place: int


def _expand(recorded: Recorded, content: Iterable[Row | None]) -> Iterator[tuple[Key, Any] | Drop]:
    event = recorded.event
    if recorded.name == campaign_events.Deleted.stored_name:
        yield Drop((recorded.workspace, campaign_of(recorded.stream)))
    elif isinstance(event, campaign_events.LeadsUploaded):
        yield from _uploaded(recorded, event, content)
    elif isinstance(event, campaign_events.LeadsRemoved):
        campaign_id = campaign_of(recorded.stream)
        for number in event.numbers:
            yield Drop((recorded.workspace, campaign_id, number))
    elif isinstance(event, lead_events.DetailsRevised):
        yield (recorded.workspace, *lead_of(recorded.stream)), _Values(recorded.position, 0)
    elif recorded.name.startswith("lead.") and event is not None:
        yield (recorded.workspace, *lead_of(recorded.stream)), recorded


def _uploaded(
    recorded: Recorded, event: campaign_events.LeadsUploaded, content: Iterable[Row | None]
) -> Iterator[tuple[Key, Any]]:
    campaign_id = campaign_of(recorded.stream)
    for place, values in zip(range(event.imported), content, strict=False):
        number = event.first_number + place
        email = None if values is None else values["email"]
        row = LeadRow(
            workspace=recorded.workspace,
            campaign_id=campaign_id,
            number=number,
            email=email,
            address=None if email is None else email.lower(),
            status=LeadStatus.PENDING,
            batch_id=event.batch_id,
            position=recorded.position,
            place=place,
            created_at=recorded.metadata.recorded_at,
        )
        yield (recorded.workspace, campaign_id, number), row
    for place, number in enumerate(event.updated, event.imported):
        yield (recorded.workspace, campaign_id, number), _Values(recorded.position, place)


def _fold(row: LeadRow | None, part: _Values | Recorded) -> LeadRow | None:
    """What belongs to a lead that is gone is passed over."""
    if row is None:
        return None
    if isinstance(part, _Values):
        return attrs.evolve(row, position=part.position, place=part.place)
    status = status_after(row.status, part.event, sent=row.sent_count > 0, opened=row.opened_at is not None)
    return attrs.evolve(_with_event(row, part), status=status)


def _with_event(row: LeadRow, recorded: Recorded) -> LeadRow:
    event, at = recorded.event, recorded.occurred_at
    match event:
        case lead_events.Claimed():
            return attrs.evolve(row, inbox_id=event.inbox_id)
        case lead_events.Accepted() | lead_events.Resolved(sent=True):
            return attrs.evolve(row, sent_count=row.sent_count + 1, last_sent_at=at)
        case lead_events.Opened(first=True):
            return attrs.evolve(row, opened_at=at)
        case lead_events.Clicked(first=True):
            return attrs.evolve(row, clicked_at=at)
        case lead_events.Replied(first=True):
            return attrs.evolve(row, replied_at=at)
        case lead_events.Unsubscribed():
            return attrs.evolve(row, unsubscribed_at=at)
        case _:
            return row


LEADS: View[LeadRow] = View(
    name="leads",
    version=2,
    row=LeadRow,
    key=("workspace", "campaign_id", "number"),
    expand=_expand,
    fold=_fold,
    indexes=(
        ("workspace", "campaign_id", "address"),
        ("workspace", "campaign_id", "status"),
        ("workspace", "campaign_id", "batch_id"),
    ),
)
