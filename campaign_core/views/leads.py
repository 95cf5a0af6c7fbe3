"""One row for each lead: what is queried. Its values are private content, found by `position` and `place`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import frozen

from campaign_core.campaign import events
from campaign_core.campaign.events import campaign_of
from campaign_core.lead.identity import lead_id_of
from campaign_core.lead.status import LeadStatus
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
    #: Place in the log of the upload that holds its values.
    position: int
    #: Place of its values in that upload's content, from 0.
    place: int
    created_at: datetime

    @property
    def lead_id(self) -> UUID:
        """Its public id, computed from the campaign and the number."""
        return lead_id_of(self.campaign_id, self.number)


def _expand(recorded: Recorded, content: Sequence[Row | None]) -> Iterator[tuple[Key, Any] | Drop]:
    if recorded.name == events.Deleted.stored_name:
        yield Drop((recorded.workspace, campaign_of(recorded.stream)))
    event = recorded.event
    if not isinstance(event, events.LeadsUploaded):
        return
    campaign_id = campaign_of(recorded.stream)
    for place, values in enumerate(content):
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


LEADS: View[LeadRow] = View(
    name="leads",
    version=1,
    row=LeadRow,
    key=("workspace", "campaign_id", "number"),
    expand=_expand,
    fold=None,
    indexes=(
        ("workspace", "campaign_id", "address"),
        ("workspace", "campaign_id", "status"),
    ),
)
