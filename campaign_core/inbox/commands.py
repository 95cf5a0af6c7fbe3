"""What an inbox can be told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from attrs import field, frozen

from campaign_core.checks import choice, identity, ruled, sentence_for, text, whole
from campaign_core.content.mail import header_problem
from campaign_core.inbox.events import InboxType
from campaign_core.intake.addresses import refusal

ADDRESS_CHARACTERS: Final = (5, 255)
DISPLAY_NAME_CHARACTERS: Final = (1, 255)
DEFAULT_DAILY_LIMIT: Final = 100
#: The most mails a UTC day by type. Source: reference section 12.4, contradictions 21 and 22 in section 21.
MAX_DAILY_LIMIT: Final = {
    InboxType.COLDSEND: 100_000,
    InboxType.GOOGLE_WORKSPACE: 2_000,
    InboxType.OUTLOOK_365: 5_000,
    InboxType.CUSTOM_SMTP: 100_000,
}


def _address(value: object) -> str | None:
    wrong = sentence_for(text(*ADDRESS_CHARACTERS), value)
    if wrong is not None:
        return wrong
    return refusal(str(value))


def _display_name(value: object) -> str | None:
    """It stands in a header of every mail."""
    wrong = sentence_for(text(*DISPLAY_NAME_CHARACTERS), value)
    return wrong if wrong is not None else header_problem(str(value))


@frozen
class RegisterInbox:
    """Makes an inbox known, PENDING until it is verified.

    Raises when handled: AlreadyExists, if the workspace has the address.
    """

    email_address: str = field(metadata=ruled(_address))
    #: The name recipients see, 1 to 255 characters on one line; the address if None.
    display_name: str | None = field(default=None, kw_only=True, metadata=ruled(_display_name, optional=True))
    inbox_type: InboxType = field(default=InboxType.CUSTOM_SMTP, kw_only=True, metadata=choice(InboxType))
    #: Mails a UTC day over all campaigns: 1 up to the most its type allows.
    daily_limit: int = field(default=DEFAULT_DAILY_LIMIT, kw_only=True, metadata=whole(1, 100_000))
    #: The id to give it; the kernel makes one if None.
    inbox_id: UUID | None = field(default=None, kw_only=True, metadata=identity(optional=True))

    def disagreements(self) -> Iterator[tuple[str, str]]:
        """What the fields disagree on: field name and sentence."""
        most = MAX_DAILY_LIMIT[self.inbox_type]
        if self.daily_limit > most:
            yield "daily_limit", f"must be at most {most:,} for {self.inbox_type.value}, is {self.daily_limit:,}"


@frozen
class VerifyInbox:
    """Vouches that the inbox can send; a PENDING or DISABLED one becomes ACTIVE.

    Raises when handled: UnknownInbox, IllegalTransition.
    """

    inbox_id: UUID = field(metadata=identity())


@frozen
class PauseInbox:
    """Holds an ACTIVE inbox back for now.

    Raises when handled: UnknownInbox, IllegalTransition.
    """

    inbox_id: UUID = field(metadata=identity())


@frozen
class ResumeInbox:
    """Lets a PAUSED inbox send again.

    Raises when handled: UnknownInbox, IllegalTransition.
    """

    inbox_id: UUID = field(metadata=identity())


@frozen
class RemoveInbox:
    """Takes an inbox out, in whatever status, unless a campaign that is neither archived nor deleted holds it.

    Raises when handled: UnknownInbox, InboxInUse.
    """

    inbox_id: UUID = field(metadata=identity())


@frozen
class DisableInbox:
    """Forbids a PENDING, ACTIVE or PAUSED inbox to send until it is verified again.

    Raises when handled: UnknownInbox, IllegalTransition.
    """

    inbox_id: UUID = field(metadata=identity())


InboxCommand = RegisterInbox | VerifyInbox | PauseInbox | ResumeInbox | DisableInbox | RemoveInbox
