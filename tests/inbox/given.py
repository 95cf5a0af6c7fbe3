"""What scenarios of inboxes start from: a history for each status, and the address."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from campaign_core import InboxStatus, InboxType, RegisterInbox
from campaign_core.inbox.decisions import INBOX_DECIDER, InboxFacts
from campaign_core.inbox.events import Disabled, Paused, Registered, Removed, Verified
from campaign_core.testing.scenario import Decided, scenario

INBOX_ID: Final = UUID(int=21)
ADDRESS: Final = "anna@outreach.example.com"
REGISTER: Final = RegisterInbox(ADDRESS, inbox_id=INBOX_ID)
REGISTERED: Final = Registered(
    email_address=ADDRESS, display_name=ADDRESS, inbox_type=InboxType.CUSTOM_SMTP, daily_limit=100
)

#: A history for each status; None before the inbox is registered.
HISTORIES: Final[dict[InboxStatus | None, tuple[Any, ...]]] = {
    None: (),
    InboxStatus.PENDING: (REGISTERED,),
    InboxStatus.ACTIVE: (REGISTERED, Verified()),
    InboxStatus.PAUSED: (REGISTERED, Verified(), Paused()),
    InboxStatus.DISABLED: (REGISTERED, Verified(), Disabled()),
    InboxStatus.REMOVED: (REGISTERED, Verified(), Removed()),
}


def when(status: InboxStatus | None, command: Any, known: InboxFacts | None = None) -> Decided:
    """The decision on a command in a status."""
    return scenario(INBOX_DECIDER).given(*HISTORIES[status]).when(command, known or InboxFacts())
