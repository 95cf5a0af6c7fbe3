"""What happens to an inbox. The stored names are the storage format."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from attrs import frozen

_PREFIX = "inbox-"


def stream_of(inbox_id: UUID) -> str:
    """The name of an inbox's stream."""
    return f"{_PREFIX}{inbox_id}"


def inbox_of(stream: str) -> UUID:
    """The inbox whose stream this is."""
    return UUID(stream.removeprefix(_PREFIX))


class InboxType(StrEnum):
    """What kind of account it is. Source: reference section 12.2."""

    COLDSEND = "COLDSEND"
    GOOGLE_WORKSPACE = "GOOGLE_WORKSPACE"
    OUTLOOK_365 = "OUTLOOK_365"
    CUSTOM_SMTP = "CUSTOM_SMTP"


@frozen(kw_only=True)
class Registered:
    """An inbox became known, PENDING until somebody vouches for it."""

    stored_name: ClassVar[str] = "inbox.registered"
    schema: ClassVar[int] = 1

    #: The address mails are sent from, as email-validator normalises it; unique in the workspace, case ignored.
    email_address: str
    #: The name recipients see.
    display_name: str
    inbox_type: InboxType
    #: Mails a UTC day over all campaigns, at least 1.
    daily_limit: int


@frozen
class Verified:
    """Somebody vouched that the inbox can send; it is ACTIVE."""

    stored_name: ClassVar[str] = "inbox.verified"
    schema: ClassVar[int] = 1


@frozen
class Paused:
    """The inbox is held back for now."""

    stored_name: ClassVar[str] = "inbox.paused"
    schema: ClassVar[int] = 1


@frozen
class Resumed:
    """The inbox may send again."""

    stored_name: ClassVar[str] = "inbox.resumed"
    schema: ClassVar[int] = 1


@frozen
class Disabled:
    """The inbox may not send any more. Campaigns it is assigned to keep it."""

    stored_name: ClassVar[str] = "inbox.disabled"
    schema: ClassVar[int] = 1


@frozen
class Removed:
    """The inbox is gone. No campaign that is neither archived nor deleted held it."""

    stored_name: ClassVar[str] = "inbox.removed"
    schema: ClassVar[int] = 1


InboxEvent = Registered | Verified | Paused | Resumed | Disabled | Removed
