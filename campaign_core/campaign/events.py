"""What happens to a campaign. The stored names below are the storage format: renaming a class changes nothing, changing
a name or a field needs a new schema version and an upcaster.

An event does not repeat the campaign's id (the stream has it), the time (the envelope has it), or anything that follows
from earlier events (totals, the resulting status).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from attrs import field, frozen

from campaign_core.campaign.findings import Finding
from campaign_core.campaign.settings import Settings, SettingsChange
from campaign_core.campaign.variants import Split

_PREFIX = "campaign-"


def stream_of(campaign_id: UUID) -> str:
    """The name of a campaign's stream."""
    return f"{_PREFIX}{campaign_id}"


def campaign_of(stream: str) -> UUID:
    """The campaign whose stream this is."""
    return UUID(stream.removeprefix(_PREFIX))


@frozen(kw_only=True)
class Created:
    """A campaign came into being, as a DRAFT without leads, inboxes or content."""

    stored_name: ClassVar[str] = "campaign.created"
    schema: ClassVar[int] = 1

    #: Every setting, defaults included, the start date as an instant.
    settings: Settings
    #: Decides ties when leads are shared out among variants; 0 to 2**63 - 1, never changed.
    seed: int


@frozen(kw_only=True)
class SettingsRevised:
    """Some settings got new values; the others stayed."""

    stored_name: ClassVar[str] = "campaign.settings_revised"
    schema: ClassVar[int] = 1

    change: SettingsChange


class Source(StrEnum):
    """Where leads come from."""

    FILE = "file"
    MANUAL = "manual"


@frozen(kw_only=True)
class LeadsUploaded:
    """Leads were added, all or nothing. Row i of the private content holds the values of lead `first_number + i`.

    rows = imported + duplicates + the sum of skipped.
    """

    stored_name: ClassVar[str] = "campaign.leads_uploaded"
    schema: ClassVar[int] = 1

    #: One id for each upload.
    batch_id: UUID
    source: Source
    #: The number of the first lead imported; leads are numbered 1, 2, 3 in upload order.
    first_number: int
    #: Leads added, at least 0.
    imported: int
    #: Rows whose address came earlier in the file or is a lead of the campaign already.
    duplicates: int
    #: Rows left out, by reason.
    skipped: Mapping[str, int] = field(factory=dict)
    #: Names of the columns imported, in the order of the file.
    fields: tuple[str, ...] = ()


@frozen(kw_only=True)
class InboxesAssigned:
    """The campaign sends from these inboxes from now on, and from no other."""

    stored_name: ClassVar[str] = "campaign.inboxes_assigned"
    schema: ClassVar[int] = 1

    #: In the order given, each once, at least one.
    inbox_ids: tuple[UUID, ...]


@frozen(kw_only=True)
class VariantsSet:
    """The first mail got new variants. Row i of the private content holds the text of variant i."""

    stored_name: ClassVar[str] = "campaign.variants_set"
    schema: ClassVar[int] = 1

    variants: tuple[Split, ...]
    #: True: these are all variants. False: they are put in by name, the others stay.
    replaces: bool


@frozen
class Launched:
    """The campaign began to send. Everything it needs was there and preflight found no fault."""

    stored_name: ClassVar[str] = "campaign.launched"
    schema: ClassVar[int] = 1


@frozen(kw_only=True)
class Failed:
    """A launch was tried and preflight found that the campaign cannot run. Nothing was sent."""

    stored_name: ClassVar[str] = "campaign.failed"
    schema: ClassVar[int] = 1

    #: At least one.
    faults: tuple[Finding, ...]


@frozen
class Revised:
    """A failed campaign was edited and is a draft again."""

    stored_name: ClassVar[str] = "campaign.revised"
    schema: ClassVar[int] = 1


class PauseReason(StrEnum):
    """Why a campaign was paused."""

    REQUESTED = "requested"


@frozen(kw_only=True)
class Paused:
    """Sending stopped for now. Mails already claimed may still go out; none is claimed any more."""

    stored_name: ClassVar[str] = "campaign.paused"
    schema: ClassVar[int] = 1

    reason: PauseReason = PauseReason.REQUESTED


@frozen
class Resumed:
    """A paused campaign goes on where it stopped."""

    stored_name: ClassVar[str] = "campaign.resumed"
    schema: ClassVar[int] = 1


@frozen
class Completed:
    """Every lead has reached an end; nothing more will be sent."""

    stored_name: ClassVar[str] = "campaign.completed"
    schema: ClassVar[int] = 1


@frozen
class Archived:
    """The campaign is view-only from now on and holds its inboxes no longer."""

    stored_name: ClassVar[str] = "campaign.archived"
    schema: ClassVar[int] = 1


@frozen
class Deleted:
    """The campaign is gone. Its content and the payloads of its earlier events were erased with this event."""

    stored_name: ClassVar[str] = "campaign.deleted"
    schema: ClassVar[int] = 1


CampaignEvent = (
    Created
    | SettingsRevised
    | LeadsUploaded
    | InboxesAssigned
    | VariantsSet
    | Launched
    | Failed
    | Revised
    | Paused
    | Resumed
    | Completed
    | Archived
    | Deleted
)
