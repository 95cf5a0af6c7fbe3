"""What the contenders write and read: the same information for all of them."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

from eventsourcing.domain import Aggregate
from eventsourcing.domain import event as peer_event

from campaign_core.campaign.events import LeadsUploaded, Source
from campaign_core.recorded import Metadata, Proposed

AT = datetime(2030, 1, 1, 12, 30, 15, 123456, tzinfo=UTC)
METADATA = Metadata(workspace="default", actor="ana", command="c-1", recorded_at=AT)
BATCH = UUID("6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b")


class PeerCampaign(Aggregate):
    """A campaign as the peer's users write one: an aggregate whose methods trigger events with the fields of ours."""

    def __init__(self) -> None:
        self.leads = 0

    @peer_event("Uploaded")
    def upload(
        self,
        batch_id: UUID,
        source: str,
        first_number: int,
        imported: int,
        duplicates: int,
        skipped: dict[str, int],
        fields: list[str],
    ) -> None:
        """Adds leads."""
        self.leads = first_number + imported - 1


def peer_upload(campaign: PeerCampaign, number: int) -> None:
    """One event of the peer's, with the same information as `event(number)`."""
    campaign.upload(
        batch_id=BATCH,
        source="file",
        first_number=number,
        imported=0,
        duplicates=3,
        skipped={"invalid_email": 2},
        fields=["email", "first_name", "company"],
    )


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


def new_stream() -> UUID:
    """A stream nobody has."""
    return uuid4()
