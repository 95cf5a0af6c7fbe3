"""One row for each batch of leads: those of one file, or one that was added by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import frozen

from campaign_core.campaign.events import Deleted, LeadsUploaded, Source, campaign_of
from campaign_core.recorded import Recorded, Row
from campaign_core.views.view import Drop, Key, View


@frozen(kw_only=True)
class BatchRow:
    """Leads that were added together."""

    workspace: str
    campaign_id: UUID
    batch_id: UUID
    source: Source
    #: Leads it added; those removed since count too.
    lead_count: int
    created_at: datetime


def _expand(recorded: Recorded, content: Iterable[Row | None]) -> Iterator[tuple[Key, Any] | Drop]:
    event = recorded.event
    if recorded.name == Deleted.stored_name:
        yield Drop((recorded.workspace, campaign_of(recorded.stream)))
    elif isinstance(event, LeadsUploaded):
        row = BatchRow(
            workspace=recorded.workspace,
            campaign_id=campaign_of(recorded.stream),
            batch_id=event.batch_id,
            source=event.source,
            lead_count=event.imported,
            created_at=recorded.metadata.recorded_at,
        )
        yield BATCHES.key_of(row), row


BATCHES: View[BatchRow] = View(
    name="batches",
    version=1,
    row=BatchRow,
    key=("workspace", "campaign_id", "batch_id"),
    expand=_expand,
    fold=None,
    indexes=(("workspace", "campaign_id", "source", "created_at"),),
)
