"""What sender accounts need that is no campaign's business: a try at the server, a safe place, and a way for mail to leave.

The API knows only these shapes; whoever starts it says what stands behind them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from attrs import field, frozen

from campaign_core import Kernel
from campaign_core.sending.transport import Transport


@frozen(kw_only=True)
class MailServer:
    """A server and a login there, for sending or for reading."""

    host: str
    port: int
    #: Whether the connection is encrypted. How, the port says: from the first byte, or by STARTTLS.
    tls: bool
    username: str
    password: str = field(repr=False)


class InboxCheck(Protocol):
    """Finds out whether an account works. Threads may share it."""

    def check(self, server: MailServer) -> str | None:
        """Logs in and sends nothing; None where that worked, else what went wrong, in a few words."""
        ...


class MailboxSecrets(Protocol):
    """How the inboxes of one workspace are reached: kept so that nobody reads it without the key."""

    def keep(self, inbox_id: UUID, smtp: MailServer, imap: MailServer) -> None:
        """Keeps the servers of an inbox, in place of earlier ones."""
        ...

    def forget(self, inbox_id: UUID) -> None:
        """Removes the servers of an inbox, if there are any."""
        ...


@frozen(kw_only=True)
class Accounts:
    """What stands behind sender accounts."""

    #: None: an account is taken to work on the operator's word.
    check: InboxCheck | None
    #: The safe place of the kernel's workspace.
    secrets_of: Callable[[Kernel], MailboxSecrets]
    #: A transport for the inboxes of the kernel's workspace, to be closed after use; None: no mail leaves from here.
    transport_of: Callable[[Kernel], Transport] | None
