"""One row for each address that must not be written to, by its hash."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from attrs import frozen

from campaign_core.recorded import Recorded, Row
from campaign_core.suppression import events
from campaign_core.suppression.events import SuppressionReason, address_hash_of
from campaign_core.views.view import Drop, Key, View


@frozen(kw_only=True)
class SuppressionRow:
    """An address nobody in the workspace writes to."""

    workspace: str
    #: HMAC of the normalised address under the workspace's key, in hex.
    address_hash: str
    reason: SuppressionReason
    suppressed_at: datetime


def _expand(recorded: Recorded, content: Iterable[Row | None]) -> Iterator[tuple[Key, Any] | Drop]:
    event = recorded.event
    if isinstance(event, events.Suppressed):
        row = SuppressionRow(
            workspace=recorded.workspace,
            address_hash=address_hash_of(recorded.stream),
            reason=event.reason,
            suppressed_at=recorded.occurred_at,
        )
        yield (row.workspace, row.address_hash), row
    elif isinstance(event, events.Lifted):
        yield Drop((recorded.workspace, address_hash_of(recorded.stream)))


SUPPRESSIONS: View[SuppressionRow] = View(
    name="suppressions",
    version=1,
    row=SuppressionRow,
    key=("workspace", "address_hash"),
    expand=_expand,
    fold=None,
    indexes=(("workspace", "suppressed_at"),),
)
