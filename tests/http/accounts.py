"""What tests of sender accounts start from: the API, an SMTP server with an account, and what a client sends of it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from attrs import Factory, define

from campaign_adapters.cli.serving import sealed_servers
from campaign_adapters.http_api.app import create_app
from campaign_adapters.http_api.keys import ApiKeys
from campaign_adapters.http_api.ports import Accounts, MailServer
from campaign_adapters.smtp import SmtpTransport
from campaign_adapters.smtp.secrets import SMTP_SETTINGS, SmtpSecrets
from campaign_core import INBOXES, Kernel, open_kernel
from campaign_core.kernel.worker import VirtualClock
from tests.http.given import Client
from tests.http.serving import SECRET, logged, serve
from tests.transports.servers import HOST, Post, serving

PASSWORD: Final = "s3nders-Öwn-w0rd"
IMAP_PASSWORD: Final = "r3aders-Öwn-w0rd"
ADDRESS: Final = "mara@acme.example"
NOBODY: Final = "00000000-0000-4000-8000-000000000000"
ONCE: Final = {"Idempotency-Key": "order-17"}
_MANY: Final = 1_000_000
#: A Monday at nine in New York, when campaigns may send.
_MORNING: Final = datetime(2030, 1, 7, 14, tzinfo=UTC)


@define
class Told:
    """A check that says what it is told to say, and counts how often it is asked."""

    answer: str | None = None
    asked: list[MailServer] = Factory(list)

    def check(self, server: MailServer) -> str | None:
        self.asked.append(server)
        return self.answer


@define
class Place:
    """A server over a file, the SMTP server its accounts are at, and a client that may do everything."""

    path: Path
    kernel: Kernel
    post: Post
    client: Client
    url: str
    clock: VirtualClock
    log: io.StringIO

    def body(self, address: str = ADDRESS, **changes: Any) -> dict[str, Any]:
        """A new account that works, but for the changes."""
        account = {
            "email_address": address,
            "display_name": "Mara Lind",
            "inbox_type": "CUSTOM_SMTP",
            "smtp_host": HOST,
            "smtp_port": self.post.port,
            "smtp_username": "mara",
            "smtp_password": PASSWORD,
            "smtp_use_tls": False,
            "imap_host": "imap.acme.example",
            "imap_port": 993,
            "imap_username": "mara",
            "imap_password": IMAP_PASSWORD,
        }
        return account | changes

    def create(self, address: str = ADDRESS, status: int = 201, **changes: Any) -> Any:
        """The answer to a new account."""
        return self.client.body(status, "POST", "/sender-accounts/smtp", self.body(address, **changes))

    def addresses(self) -> list[str]:
        """Those of the inboxes there are, sorted."""
        return sorted(row.email_address for row in self.kernel.view(INBOXES).find())

    def stored(self) -> bytes:
        """Every byte of the database's files."""
        return b"".join(each.read_bytes() for each in self.path.parent.glob("campaigns.db*"))

    def holding(self, *inbox_ids: str) -> str:
        """The id of a draft that holds these inboxes."""
        campaign_id = self.client.create()
        self.client.update(campaign_id, inbox_ids=list(inbox_ids))
        return campaign_id


def accounts_with(check: Any) -> Accounts:
    """What stands behind the accounts: that check, everything else as `campaign serve` has it."""
    return Accounts(
        check=check,
        secrets_of=lambda kernel: sealed_servers(kernel, SECRET),
        transport_of=lambda kernel: SmtpTransport(SmtpSecrets(kernel.shelf(SMTP_SETTINGS), SECRET).settings_of),
    )


@contextmanager
def opened(path: Path, accounts: Accounts) -> Iterator[Place]:
    """The API over a file, with what stands behind it, on a clock that stands still."""
    clock, log = VirtualClock(_MORNING), io.StringIO()
    with logged(log), _serving(path, accounts, clock, log) as place:
        yield place


@contextmanager
def _serving(path: Path, accounts: Accounts, clock: VirtualClock, log: io.StringIO) -> Iterator[Place]:
    with serving(Post(accounts={"mara": PASSWORD})) as post, open_kernel(path, clock=clock.now) as kernel:
        app = create_app(kernel, secret=SECRET, accounts=accounts, per_minute=_MANY, per_hour=_MANY)
        _, token = ApiKeys(kernel, SECRET).create("A key of the test", ("*",), "default")
        with serve(app) as url:
            yield Place(path, kernel, post, Client(url, token), url, clock, log)


class Broken:
    """A safe place that cannot be written once."""

    def __init__(self, real: Any, breaks: list[bool]) -> None:
        self._real, self._breaks = real, breaks

    def keep(self, inbox_id: UUID, smtp: MailServer, imap: MailServer) -> None:
        if self._breaks:
            self._breaks.clear()
            raise OSError("the power went out")
        self._real.keep(inbox_id, smtp, imap)

    def forget(self, inbox_id: UUID) -> None:
        self._real.forget(inbox_id)
