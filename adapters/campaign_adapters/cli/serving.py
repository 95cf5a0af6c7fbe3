"""What does it take to serve: what stands behind the API, where it listens, and how is it told to stop?"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

import uvicorn
from attrs import frozen

from campaign_adapters.cli import sending, typed_values
from campaign_adapters.http_api import logs
from campaign_adapters.http_api.app import create_app
from campaign_adapters.http_api.keys import ApiKeys
from campaign_adapters.http_api.ports import Accounts, MailServer
from campaign_adapters.mailbox import ImapSettings
from campaign_adapters.mailbox.secrets import IMAP_SETTINGS, ImapSecrets
from campaign_adapters.secret_key import secret_key
from campaign_adapters.smtp import Security, SmtpSettings, check_login
from campaign_adapters.smtp.secrets import SMTP_SETTINGS, SmtpSecrets
from campaign_core import InvalidMessage, Kernel, Problem

SMTP_CHECK, NO_CHECK = "smtp", "off"
#: How long requests that are under way may take once the server is told to stop.
GRACE_SECONDS: Final = 30
#: Where TLS is spoken from the first byte. Source: RFC 8314, section 3.3.
_IMPLICIT_TLS: Final = 465
_BACKLOG: Final = 512


class LoginCheck:
    """Tries an account by logging in at its SMTP server."""

    def check(self, server: MailServer) -> str | None:
        """None where that worked, else what went wrong, in a few words."""
        return check_login(smtp_settings(server))


def smtp_settings(server: MailServer) -> SmtpSettings:
    """A server as the transport needs it: encrypted from the first byte at port 465, at others by STARTTLS."""
    encrypted = Security.TLS if server.port == _IMPLICIT_TLS else Security.STARTTLS
    return SmtpSettings(
        host=server.host,
        port=server.port,
        security=encrypted if server.tls else Security.NONE,
        username=server.username,
        password=server.password,
    )


@frozen
class SealedServers:
    """How the inboxes of one workspace are reached, encrypted: to send, where `campaign run` finds it, and to read."""

    _smtp: SmtpSecrets
    _imap: ImapSecrets

    def keep(self, inbox_id: UUID, smtp: MailServer, imap: MailServer) -> None:
        """Keeps the servers of an inbox, in place of earlier ones."""
        self._smtp.keep(inbox_id, smtp_settings(smtp))
        reading = ImapSettings(
            host=imap.host, port=imap.port, tls=imap.tls, username=imap.username, password=imap.password
        )
        self._imap.keep(inbox_id, reading)

    def forget(self, inbox_id: UUID) -> None:
        """Removes the servers of an inbox, if there are any."""
        self._smtp.forget(inbox_id)
        self._imap.forget(inbox_id)


def sealed_servers(kernel: Kernel, secret: bytes) -> SealedServers:
    """The servers of the inboxes of the kernel's workspace, under that key."""
    return SealedServers(
        SmtpSecrets(kernel.shelf(SMTP_SETTINGS), secret), ImapSecrets(kernel.shelf(IMAP_SETTINGS), secret)
    )


@frozen(kw_only=True)
class Prepared:
    """Everything that serving needs but the log."""

    secret: bytes
    accounts: Accounts
    transport: str
    per_minute: int
    per_hour: int

    def server(self, kernel: Kernel) -> uvicorn.Server:
        """The API over a log, not started yet.

        Raises:
            MisuseError: the transport cannot be used, or the API keys were made under another secret.
        """
        ApiKeys(kernel, self.secret).check_secret()
        sending.open_transport(self.transport, kernel).close()
        logs.configure("INFO", sys.stderr)
        app = create_app(
            kernel,
            secret=self.secret,
            accounts=self.accounts,
            per_minute=self.per_minute,
            per_hour=self.per_hour,
        )
        return _Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=GRACE_SECONDS))


def prepared(inbox_check: str, transport: str, rates: tuple[int, int]) -> Prepared:
    """What serving needs, as the options say it.

    Raises:
        typer.BadParameter: `--inbox-check` is none.
        MisuseError: there is no key, or it is none.
    """
    checks = typed_values.one_of((SMTP_CHECK, NO_CHECK), inbox_check, "--inbox-check") == SMTP_CHECK
    secret = secret_key(reason="API keys and the passwords of inboxes are kept under a secret key")
    accounts = Accounts(
        check=LoginCheck() if checks else None,
        secrets_of=lambda kernel: sealed_servers(kernel, secret),
        transport_of=lambda kernel: sending.open_transport(transport, kernel),
    )
    return Prepared(secret=secret, accounts=accounts, transport=transport, per_minute=rates[0], per_hour=rates[1])


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Listens there while the block runs.

    Raises:
        InvalidMessage: nobody can listen there.
    """
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.create_server(place, family=family, backlog=_BACKLOG)
        # Answers leave in two pieces; while the system waits to join them, a client waits 40 ms for the second.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except (OSError, UnicodeError) as wrong:
        raise InvalidMessage((Problem("--port", f"{host}:{port} cannot be listened on: {_why(wrong)}"),)) from wrong
    with listener:
        yield listener


def _why(wrong: Exception) -> str:
    """A few words; what sockets add to those of the system repeats the address."""
    if not isinstance(wrong, OSError):
        return str(wrong)
    if wrong.errno is None or wrong.errno <= 0:  # errors of the DNS have numbers and words of their own
        return wrong.strerror or str(wrong)
    return os.strerror(wrong.errno)


def url_of(listener: socket.socket) -> str:
    """Where clients on this machine find it."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def announce(data: Mapping[str, Any]) -> None:
    """Prints the document of `--json` at once: whoever reads it waits for it, and not for the end."""
    print(json.dumps(data), flush=True)


class _Server(uvicorn.Server):
    """A server that leaves signals to whoever runs it: its own way raises them once more at the end."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none."""
        yield


def run(server: uvicorn.Server, listener: socket.socket) -> None:
    """Serves until a signal says to stop and every request that is under way is answered."""

    def stop() -> None:
        server.should_exit = True

    with sending.stopped_by_signals(stop):
        server.run([listener])
