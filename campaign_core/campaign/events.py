"""What happens to a campaign. The stored names below are the storage format: renaming a class changes nothing, changing
a name or a field needs a new schema version and an upcaster.

An event does not repeat the campaign's id (the stream has it), the time (the envelope has it), or anything that follows
from earlier events (totals, the resulting status).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from attrs import field, frozen

from campaign_core.campaign.findings import Finding
from campaign_core.campaign.sequences import Step
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
    """Leads were added, and some that were there took over new values, all or nothing.

    Row i of the private content holds the values of lead `first_number + i`; behind the rows of the leads imported come
    those of the leads updated, in the order of `updated`, each with all the values the lead has now.
    rows of the file = imported + updated + duplicates + the sum of skipped.
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
    #: Numbers of leads of the campaign that took over values, in the order of the file.
    updated: tuple[int, ...] = ()
    #: Rows whose address came earlier in the file, or is a lead of the campaign that was left as it is.
    duplicates: int
    #: Rows left out, by reason.
    skipped: Mapping[str, int] = field(factory=dict)
    #: Names of the columns imported, in the order of the file.
    fields: tuple[str, ...] = ()


@frozen(kw_only=True)
class NumberRange:
    """Leads from one number to another, both included."""

    first: int
    last: int


def ranges_of(numbers: Iterable[int]) -> tuple[NumberRange, ...]:
    """The fewest ranges that hold exactly these numbers."""
    ranges: list[NumberRange] = []
    for number in sorted(numbers):
        if ranges and number == ranges[-1].last + 1:
            ranges[-1] = NumberRange(first=ranges[-1].first, last=number)
        else:
            ranges.append(NumberRange(first=number, last=number))
    return tuple(ranges)


@frozen(kw_only=True)
class LeadsRemoved:
    """Leads that were never contacted were taken out. Their numbers are not used again, their addresses may be."""

    stored_name: ClassVar[str] = "campaign.leads_removed"
    schema: ClassVar[int] = 1

    #: In rising order, at least one.
    ranges: tuple[NumberRange, ...]

    @property
    def numbers(self) -> Iterator[int]:
        """Every lead removed, by number."""
        for each in self.ranges:
            yield from range(each.first, each.last + 1)


@frozen(kw_only=True)
class LeadMappingSet:
    """Lead files are read by this mapping from now on, unless an upload brings its own."""

    stored_name: ClassVar[str] = "campaign.lead_mapping_set"
    schema: ClassVar[int] = 1

    #: Field name to the header of its column.
    mapping: Mapping[str, str]


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


@frozen(kw_only=True)
class SequencesSet:
    """The follow-ups changed; these are all of them now.

    The private content holds the texts that are new: for each follow-up of `rewritten`, in that order, one row for each of
    its variants. The others keep the text they had.
    """

    stored_name: ClassVar[str] = "campaign.sequences_set"
    schema: ClassVar[int] = 1

    #: Steps 2, 3, 4, without a gap.
    steps: tuple[Step, ...]
    #: Ids of the follow-ups whose texts come with this event.
    rewritten: tuple[UUID, ...]


@frozen(kw_only=True)
class Launched:
    """The campaign began to send. Everything it needs was there and preflight found no fault."""

    stored_name: ClassVar[str] = "campaign.launched"
    schema: ClassVar[int] = 1

    #: The field names its leads declare, sorted: they bind how its texts are read until it is resumed.
    fields: tuple[str, ...] = ()


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
    #: None of its inboxes can send.
    NO_USABLE_INBOX = "no_usable_inbox"
    #: Too many of its mails bounced hard since it was started last.
    BOUNCES = "bounces"
    #: Too many readers reported its mails as spam since it was started last.
    COMPLAINTS = "complaints"


@frozen(kw_only=True)
class Paused:
    """Sending stopped for now. Mails already claimed may still go out; none is claimed any more."""

    stored_name: ClassVar[str] = "campaign.paused"
    schema: ClassVar[int] = 1

    reason: PauseReason = PauseReason.REQUESTED


@frozen(kw_only=True)
class Resumed:
    """A paused campaign goes on where it stopped."""

    stored_name: ClassVar[str] = "campaign.resumed"
    schema: ClassVar[int] = 1

    #: The field names its leads declare by now, sorted: its texts are bound to them anew.
    fields: tuple[str, ...] = ()


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
    | LeadMappingSet
    | LeadsUploaded
    | LeadsRemoved
    | InboxesAssigned
    | VariantsSet
    | SequencesSet
    | Launched
    | Failed
    | Revised
    | Paused
    | Resumed
    | Completed
    | Archived
    | Deleted
)
