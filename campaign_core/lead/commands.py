"""What a lead can be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from attrs import field, frozen

from campaign_core.checks import UNSET, Unset, choice, flag, hex_digest, identity, instant, ruled, whole
from campaign_core.fields import EMAIL, MAX_NAME_CHARACTERS, STANDARD_FIELDS, field_name
from campaign_core.intake.columns import cell_rule
from campaign_core.lead.events import ReleaseReason

#: The rule of a value given by hand.
VALUE: Final = ruled(cell_rule, optional=True)


def custom_rule(value: Any) -> str | None:
    """What is wrong with custom fields; None where they are right."""
    if not isinstance(value, Mapping):
        return "must map names of custom fields to text"
    for name, cell in value.items():
        if not isinstance(name, str) or cell_rule(name) is not None or not _fits(name):
            return f"must name each field by 1 to {MAX_NAME_CHARACTERS} characters; {name!r} does not"
        if field_name(name) in STANDARD_FIELDS:
            return f"{field_name(name)!r} is no custom field; give it as the field of that name"
        wrong = None if cell is None else cell_rule(cell)
        if wrong is not None:
            return f"must be right for each field; {name!r} {wrong}"
    if len({field_name(name) for name in value}) != len(value):
        return "must name each field once"
    return None


def _fits(name: str) -> bool:
    return 1 <= len(field_name(name)) <= MAX_NAME_CHARACTERS >= len(name)


@frozen
class ReviseLead:
    """Changes values of one lead: what is given is set, None and blank text take a value away, the rest stays.

    The address of a lead never changes.

    Raises when handled: UnknownCampaign, UnknownLead, IllegalTransition.
    """

    campaign_id: UUID = field(metadata=identity())
    #: The lead's public id.
    lead_id: UUID = field(metadata=identity())
    first_name: str | Unset | None = field(default=UNSET, kw_only=True, metadata=VALUE)
    last_name: str | Unset | None = field(default=UNSET, kw_only=True, metadata=VALUE)
    company: str | Unset | None = field(default=UNSET, kw_only=True, metadata=VALUE)
    #: Name of a custom field to its value; names of fields are read as headers of a file are.
    custom_fields: Mapping[str, str | None] = field(factory=dict, kw_only=True, metadata=ruled(custom_rule))

    def changes(self) -> Iterator[tuple[str, str | None]]:
        """Field name and new value of everything given; None takes a value away."""
        for name in STANDARD_FIELDS:
            if name != EMAIL and not isinstance(getattr(self, name), Unset):
                yield name, getattr(self, name)
        for name, value in self.custom_fields.items():
            yield field_name(name), value


_CLAIM: Final = whole(1, 2**63 - 1)


@frozen
class ReportAccepted:
    """A worker says that a server took the mail of its claim. Said again, nothing happens.

    Raises when handled: UnknownLead, StaleClaim, IllegalTransition.
    """

    campaign_id: UUID = field(metadata=identity())
    lead_id: UUID = field(metadata=identity())
    #: The version of the claim, as the task says.
    claim: int = field(metadata=_CLAIM)
    #: SHA-256 of the message as it went, in hex.
    wire_digest: str = field(metadata=hex_digest())
    #: When the server took it; None: now.
    at: datetime | None = field(default=None, kw_only=True, metadata=instant(optional=True, zoned=True))


@frozen
class ReportDeferred:
    """A worker says that the mail of its claim did not go, for a reason that may pass. The third time ends the walk.

    Raises when handled: UnknownLead, StaleClaim, IllegalTransition.
    """

    campaign_id: UUID = field(metadata=identity())
    lead_id: UUID = field(metadata=identity())
    claim: int = field(metadata=_CLAIM)
    #: The server's reply code; None where there was no reply.
    reply_code: int | None = field(default=None, kw_only=True, metadata=whole(200, 599, optional=True))


@frozen
class ReportRejected:
    """A worker says that a server refused the mail of its claim for good.

    Raises when handled: UnknownLead, StaleClaim, IllegalTransition.
    """

    campaign_id: UUID = field(metadata=identity())
    lead_id: UUID = field(metadata=identity())
    claim: int = field(metadata=_CLAIM)
    reply_code: int = field(kw_only=True, metadata=whole(200, 599))
    #: The receiver's address was the reason.
    about_address: bool = field(kw_only=True, metadata=flag())


@frozen
class ReleaseClaim:
    """A worker gives its claim back before it sent anything.

    Raises when handled: UnknownLead, StaleClaim, IllegalTransition.
    """

    campaign_id: UUID = field(metadata=identity())
    lead_id: UUID = field(metadata=identity())
    claim: int = field(metadata=_CLAIM)
    reason: ReleaseReason = field(kw_only=True, metadata=choice(ReleaseReason))


@frozen
class ResolveUnknown:
    """An operator says what became of a mail whose outcome is unknown. Said not to have gone, it is sent again.

    Raises when handled: UnknownLead, IllegalTransition.
    """

    campaign_id: UUID = field(metadata=identity())
    lead_id: UUID = field(metadata=identity())
    sent: bool = field(metadata=flag())


@frozen
class _Answer:
    """Something came back about a mail to the lead.

    Raises when handled: UnknownLead; NothingSent where the lead was sent no mail.
    """

    campaign_id: UUID = field(metadata=identity())
    lead_id: UUID = field(metadata=identity())
    #: When it happened; None: now.
    at: datetime | None = field(default=None, kw_only=True, metadata=instant(optional=True, zoned=True))


@frozen
class RecordOpen(_Answer):
    """A mail was opened."""

    #: By a program that loads every picture, not by a person.
    by_machine: bool = field(default=False, kw_only=True, metadata=flag())


@frozen
class RecordClick(_Answer):
    """A link in a mail was followed."""

    #: Place of the link in the mail, from 1.
    link: int = field(default=1, kw_only=True, metadata=whole(1, 10_000))
    by_machine: bool = field(default=False, kw_only=True, metadata=flag())


@frozen
class RecordReply(_Answer):
    """An answer came. It ends the walk unless a program wrote it."""

    #: An absence note and the like.
    by_machine: bool = field(default=False, kw_only=True, metadata=flag())


@frozen
class RecordBounce(_Answer):
    """A mail came back. A hard bounce ends the walk and suppresses the address."""

    #: The address does not work at all; False: it may work later.
    hard: bool = field(default=True, kw_only=True, metadata=flag())


@frozen
class RecordComplaint(_Answer):
    """The reader reported a mail as spam. It ends the walk and suppresses the address."""


@frozen
class RecordUnsubscribe(_Answer):
    """The reader wants no more mails. It ends the walk and suppresses the address."""


LeadReport = ReportAccepted | ReportDeferred | ReportRejected | ReleaseClaim
LeadAnswer = RecordOpen | RecordClick | RecordReply | RecordBounce | RecordComplaint | RecordUnsubscribe
LeadCommand = ReviseLead | ResolveUnknown | LeadReport | LeadAnswer
