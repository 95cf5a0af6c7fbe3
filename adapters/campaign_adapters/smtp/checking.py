"""Do the settings of an inbox work? Found out by logging in, and sending nothing."""

from __future__ import annotations

import ssl
from typing import Final

import attrs

from campaign_adapters.smtp.session import Session, connect
from campaign_adapters.smtp.settings import SmtpSettings

#: The longest wait for a connection and for each answer, in seconds: somebody waits for the outcome.
CHECK_SECONDS: Final = 15.0


def check_login(settings: SmtpSettings, *, tls: ssl.SSLContext | None = None) -> str | None:
    """Connects, protects the connection as the settings say, logs in and says goodbye; no mail is begun.

    Args:
        settings: those to try; they have been checked for their shape.
        tls: whose certificates to trust; None: those the machine trusts.

    Returns:
        None where it worked; else what went wrong, in a few words, as the server or the network put it.
    """
    hurried = attrs.evolve(settings, timeout_seconds=min(settings.timeout_seconds, CHECK_SECONDS))
    found = connect(hurried, lambda: tls or ssl.create_default_context())
    if not isinstance(found, Session):
        return found.response
    found.close()
    return None
