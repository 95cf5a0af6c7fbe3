"""What happens to a lead. The stored names are the storage format."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from attrs import frozen

_PREFIX = "lead-"


def stream_of(campaign_id: UUID, number: int) -> str:
    """The name of a lead's stream."""
    return f"{_PREFIX}{campaign_id}-{number}"


def streams_of(campaign_id: UUID) -> str:
    """What the names of all leads' streams of a campaign begin with."""
    return f"{_PREFIX}{campaign_id}-"


def lead_of(stream: str) -> tuple[UUID, int]:
    """The campaign and the number of the lead whose stream this is."""
    campaign_id, _, number = stream.removeprefix(_PREFIX).rpartition("-")
    return UUID(campaign_id), int(number)


@frozen(kw_only=True)
class DetailsRevised:
    """A lead has other values. The one row of the private content holds all of them as they are now."""

    stored_name: ClassVar[str] = "lead.details_revised"
    schema: ClassVar[int] = 1

    #: Names of the fields that were set, changed or taken away, sorted.
    fields: tuple[str, ...]


LeadEvent = DetailsRevised
