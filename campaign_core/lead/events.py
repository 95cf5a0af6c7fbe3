"""What happens to a lead. The stored names are the storage format.

A mail is known by its step: the id of its follow-up, None for the first mail. None of these events holds anything about a
person: values are private content, and the address is there only as the workspace's HMAC of it.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
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


@frozen(kw_only=True)
class Reservation:
    """What a claim takes from the limits: one mail of an inbox, on a day by either clock, as 2030-01-31."""

    inbox_id: UUID
    #: The date in UTC, against the inbox's own limit.
    utc_day: str
    #: The date in the campaign's zone, against the campaign's limit per inbox.
    local_day: str


@frozen(kw_only=True)
class Claimed:
    """A worker took the next mail of the lead, before a byte of it went out. What it says can be rendered again from this.

    The mail is rendered for the instant at which it was claimed, from the texts, settings and fields of the campaign at
    `campaign_version` and from the lead's values at `values_position` and `values_place`; its tracked links lead to
    `public_url`.
    """

    stored_name: ClassVar[str] = "lead.claimed"
    schema: ClassVar[int] = 1

    #: 1 to 4, as the step was numbered then.
    step_number: int
    #: The follow-up; None for the first mail.
    sequence_id: UUID | None
    variant_name: str
    reserved: Reservation
    #: The name the worker gave itself.
    worker: str
    #: By when the worker reports; past it the outcome is unknown.
    deadline: datetime
    #: HMAC of the normalised address, in hex.
    address_hash: str
    campaign_version: int
    values_position: int
    values_place: int
    #: Where readers reach the web server that hears of opens, clicks and unsubscribes; None: the mail leads to none.
    public_url: str | None

    @property
    def inbox_id(self) -> UUID:
        """The inbox it goes from."""
        return self.reserved.inbox_id


class ReleaseReason(StrEnum):
    """Why a worker gave a claim back without having sent anything."""

    #: The campaign is not ACTIVE any more.
    PAUSED = "paused"
    #: The worker was told to stop.
    STOPPING = "stopping"
    #: The inbox itself was refused; it is paused.
    INBOX_REFUSED = "inbox_refused"


@frozen(kw_only=True)
class Released:
    """A worker gave its claim back; nothing was sent. The lead waits as it did before."""

    stored_name: ClassVar[str] = "lead.released"
    schema: ClassVar[int] = 1

    reason: ReleaseReason
    #: What counts against the limits no longer.
    freed: Reservation


@frozen(kw_only=True)
class Accepted:
    """A server took responsibility for the mail. The event happened when it did."""

    stored_name: ClassVar[str] = "lead.accepted"
    schema: ClassVar[int] = 1

    #: SHA-256 of the message as it went over the wire, in hex.
    wire_digest: str


@frozen(kw_only=True)
class Deferred:
    """The mail could not go for a reason that may pass; nothing was sent. It is tried again later."""

    stored_name: ClassVar[str] = "lead.deferred"
    schema: ClassVar[int] = 1

    #: The server's reply code; None where there was no server to reply.
    code: int | None
    #: When it may be claimed again.
    retry_at: datetime
    #: What counts against the limits no longer.
    freed: Reservation


@frozen(kw_only=True)
class Rejected:
    """A server refused the mail for good. The walk of the lead ends."""

    stored_name: ClassVar[str] = "lead.rejected"
    schema: ClassVar[int] = 1

    code: int
    #: The receiver's address is the reason: the address is bad, not the mail.
    about_address: bool


@frozen
class OutcomeUnknown:
    """The claim ran out without a report: the mail may have gone or not. It counts as sent against every limit."""

    stored_name: ClassVar[str] = "lead.outcome_unknown"
    schema: ClassVar[int] = 1


@frozen(kw_only=True)
class Resolved:
    """An operator said what became of a mail whose outcome was unknown."""

    stored_name: ClassVar[str] = "lead.resolved"
    schema: ClassVar[int] = 1

    #: False: it never went, so it may be claimed again.
    sent: bool
    #: What counts against the limits no longer; None where it was sent.
    freed: Reservation | None


@frozen(kw_only=True)
class Skipped:
    """A follow-up was due and its condition did not hold. The wait for the next one runs from here."""

    stored_name: ClassVar[str] = "lead.skipped"
    schema: ClassVar[int] = 1

    step_number: int
    sequence_id: UUID
    #: When it was due.
    due_at: datetime


@frozen(kw_only=True)
class Opened:
    """Somebody, or something, loaded the picture in a mail."""

    stored_name: ClassVar[str] = "lead.opened"
    schema: ClassVar[int] = 1

    #: A program that loads every picture did it, as far as can be told; it does not count as an open.
    by_machine: bool
    #: No open by a person was recorded before.
    first: bool


@frozen(kw_only=True)
class Clicked:
    """A link in a mail was followed."""

    stored_name: ClassVar[str] = "lead.clicked"
    schema: ClassVar[int] = 1

    #: Place of the link in the mail, from 1.
    link: int
    by_machine: bool
    #: No click by a person was recorded before.
    first: bool


@frozen(kw_only=True)
class Replied:
    """An answer came."""

    stored_name: ClassVar[str] = "lead.replied"
    schema: ClassVar[int] = 1

    #: A program wrote it (an absence note): it does not end the walk.
    by_machine: bool
    #: No answer by a person was recorded before.
    first: bool


@frozen(kw_only=True)
class Bounced:
    """The mail came back."""

    stored_name: ClassVar[str] = "lead.bounced"
    schema: ClassVar[int] = 1

    #: The address does not work at all; a soft bounce (a full mailbox) may pass and ends nothing.
    hard: bool


@frozen
class Complained:
    """The reader reported the mail as spam."""

    stored_name: ClassVar[str] = "lead.complained"
    schema: ClassVar[int] = 1


@frozen
class Unsubscribed:
    """The reader wants no more mails."""

    stored_name: ClassVar[str] = "lead.unsubscribed"
    schema: ClassVar[int] = 1


class StopReason(StrEnum):
    """Why a walk ended before its last step."""

    REPLIED = "replied"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    #: The address must not be written to by anybody in the workspace.
    SUPPRESSED = "suppressed"
    #: A server put the mail off too often.
    DEFERRED = "deferred"
    #: The mail could not go: what it would say is blank or breaks its header.
    UNFIT = "unfit"


@frozen(kw_only=True)
class Stopped:
    """The walk ended before its last step; no further mail goes to the lead."""

    stored_name: ClassVar[str] = "lead.stopped"
    schema: ClassVar[int] = 1

    reason: StopReason


@frozen
class Finished:
    """The walk ended: the lead was sent, or skipped, every step."""

    stored_name: ClassVar[str] = "lead.finished"
    schema: ClassVar[int] = 1


LeadEvent = (
    DetailsRevised
    | Claimed
    | Released
    | Accepted
    | Deferred
    | Rejected
    | OutcomeUnknown
    | Resolved
    | Skipped
    | Opened
    | Clicked
    | Replied
    | Bounced
    | Complained
    | Unsubscribed
    | Stopped
    | Finished
)
