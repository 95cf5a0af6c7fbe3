"""How do many inboxes send over SMTP, each through a server of its own?

A connection is kept for the next mail of the same inbox: to connect, to agree on keys and to log in takes longer than the
mail. It is closed after a number of mails, when it was idle for long, and when its settings change.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from functools import cache
from typing import Final
from uuid import UUID

from campaign_adapters.smtp.session import Session, connect
from campaign_adapters.smtp.settings import SmtpSettings
from campaign_adapters.smtp.signing import signed
from campaign_core.checks import check
from campaign_core.errors import CampaignError
from campaign_core.sending.transport import Answer, InboxRefused, Outgoing, TryLater

#: Servers count mails by connection too; after so many a new one is made.
MAILS_PER_CONNECTION: Final = 50
#: Servers may hang up after five minutes (RFC 5321, section 4.5.3.2.7), many do so much sooner.
IDLE_SECONDS: Final = 60.0


class SmtpTransport:
    """Sends each mail through the server of its inbox. One thread at a time may use it."""

    def __init__(
        self,
        settings_of: Callable[[UUID], SmtpSettings],
        *,
        tls: ssl.SSLContext | None = None,
        mails_per_connection: int = MAILS_PER_CONNECTION,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        """Connects to nobody yet.

        Args:
            settings_of: the settings of an inbox, asked anew for every mail. A CampaignError it raises is answered as
                `TryLater` if it is retryable, else as `InboxRefused`.
            tls: whose certificates to trust; None: those the machine trusts.
            mails_per_connection: after so many mails a connection is closed, at least 1.
            idle_seconds: a connection that was idle for so long is closed when the next mail is sent, by whatever inbox.
        """
        self._settings_of = settings_of
        # Made when first needed: to read the certificates that the machine trusts takes longer than a mail.
        self._tls = cache(lambda: tls or ssl.create_default_context())
        self._most, self._idle = mails_per_connection, idle_seconds
        self._sessions: dict[UUID, Session] = {}

    def signed(self, inbox_id: UUID, outgoing: Outgoing) -> Outgoing:
        """The mail with the DKIM signature of its inbox, if that has a key: to be called once, before `send`.

        Raises:
            CampaignError: what `settings_of` raises, or the key cannot sign.
        """
        return signed(outgoing, self._settings_of(inbox_id))

    def send(self, inbox_id: UUID, outgoing: Outgoing) -> Answer:
        """Hands over one mail, exactly its wire bytes, at most once."""
        try:
            settings = self._settings_of(inbox_id)
            found = self._session(inbox_id, settings)
        except CampaignError as wrong:
            return TryLater(None, wrong.sentence) if wrong.retryable else InboxRefused(None, wrong.sentence)
        if not isinstance(found, Session):
            return found
        answer = found.send(outgoing)
        if not found.open or found.mails >= self._most:
            self._hang_up(inbox_id)
        return answer

    def close(self) -> None:
        """Closes every connection."""
        for inbox_id in list(self._sessions):
            self._hang_up(inbox_id)

    def _session(self, inbox_id: UUID, settings: SmtpSettings) -> Session | Answer:
        """The inbox's connection, if it is still good, else a new one."""
        now = time.monotonic()
        for each in [each for each, session in self._sessions.items() if now - session.used >= self._idle]:
            self._hang_up(each)
        kept = self._sessions.get(inbox_id)
        if kept is not None:
            if kept.settings == settings and kept.ready():
                return kept
            self._hang_up(inbox_id)
        check(settings)
        made = connect(settings, self._tls)
        if isinstance(made, Session):
            self._sessions[inbox_id] = made
        return made

    def _hang_up(self, inbox_id: UUID) -> None:
        self._sessions.pop(inbox_id).close()
