"""What the contenders write and read: the same information for all of them."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

from eventsourcing.domain import DomainEvent as PeerEvent

from campaign_core.campaign.events import LeadsUploaded, Source
from campaign_core.recorded import Metadata, Proposed

AT = datetime(2030, 1, 1, 12, 30, 15, 123456, tzinfo=UTC)
METADATA = Metadata(workspace="default", actor="ana", command="c-1", recorded_at=AT)
BATCH = UUID("6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b")


class PeerUploaded(PeerEvent):
    """The peer's event, with the fields of ours."""

    batch_id: UUID
    source: str
    first_number: int
    imported: int
    duplicates: int
    skipped: dict[str, int]
    fields: list[str]


def event(number: int) -> LeadsUploaded:
    """An event with a bit of everything, and no private content."""
    return LeadsUploaded(
        batch_id=BATCH,
        source=Source.FILE,
        first_number=number,
        imported=0,
        duplicates=3,
        skipped={"invalid_email": 2},
        fields=("email", "first_name", "company"),
    )


def proposed(count: int) -> list[Proposed]:
    """That many of our events."""
    return [Proposed(event(number)) for number in range(1, count + 1)]


def peer_events(stream: UUID, first_version: int, count: int) -> list[PeerUploaded]:
    """That many events of the peer's, with the same information."""
    return [
        PeerUploaded(
            originator_id=stream,
            originator_version=version,
            timestamp=AT,
            batch_id=BATCH,
            source="file",
            first_number=version,
            imported=0,
            duplicates=3,
            skipped={"invalid_email": 2},
            fields=["email", "first_name", "company"],
        )
        for version in range(first_version, first_version + count)
    ]


def new_stream() -> UUID:
    """A stream nobody has."""
    return uuid4()
