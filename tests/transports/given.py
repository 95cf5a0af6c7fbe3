"""Mails and settings to try transports with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from campaign_adapters.smtp import Security, SmtpSettings, SmtpTransport
from campaign_core.content.mail import Mail
from campaign_core.sending.message import ascii_address, message_bytes
from campaign_core.sending.transport import Outgoing
from tests.transports.servers import HOST, Post

INBOX, OTHER = UUID(int=1), UUID(int=2)


def outgoing(
    text: str = "Hi Bob\n", *, to: str = "bob@example.com", sender: str = "ann@acme.com", number: int = 1
) -> Outgoing:
    """A mail with this text."""
    mail, message_id = Mail(sender, to, None, "Hello", text, None), f"<{number}@acme.com>"
    wire = message_bytes(mail, message_id=message_id, date=datetime(2030, 1, 1, tzinfo=UTC), sender_name="Ann")
    return Outgoing(message_id=message_id, sender=ascii_address(sender), to=ascii_address(to), wire=wire)


def settings(post: Post, **changes: Any) -> SmtpSettings:
    """Settings for a server, without TLS and login, and quick to give up, but for the changes."""
    given = {
        "host": HOST,
        "port": post.port,
        "security": Security.NONE,
        "timeout_seconds": 5.0,
        "final_timeout_seconds": 5.0,
    }
    return SmtpSettings(**(given | changes))


def transport(
    post: Post, *, tls: Any = None, mails_per_connection: int = 50, idle_seconds: float = 60.0, **changes: Any
) -> SmtpTransport:
    """A transport with the same settings for every inbox."""
    known = settings(post, **changes)
    return SmtpTransport(lambda _: known, tls=tls, mails_per_connection=mails_per_connection, idle_seconds=idle_seconds)
