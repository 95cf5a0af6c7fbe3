"""Somebody who reads mails that lead to a server of ours."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import requests
from attrs import frozen

from campaign_adapters.maildir import MaildirTransport
from campaign_core import ContentType, Counts, Purpose, Variant
from campaign_core.kernel.worker import Worker
from campaign_core.lead.identity import lead_id_of
from tests.sending.world import NO_GAP, World

#: Where mails say that the server is; a proxy in front of it would take the path away.
PUBLIC_URL: Final = "https://mail.firm.org/reached"
TARGET: Final = "https://firm.org/a?b=1&c=2"
BROWSER: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.0"
ALWAYS: Final[dict[str, Any]] = {
    "sending_window_start": 0, "sending_window_end": 24, "sending_days": (1, 2, 3, 4, 5, 6, 7),
    "enable_tracking": True, "enable_click_tracking": True,
}  # fmt: skip
MAIL: Final = Variant(
    subject_template="Hello {{first_name}}",
    email_content='<html><body><p>See <a href="https://firm.org/a?b=1&amp;c=2">us</a>.</p></body></html>',
    content_type=ContentType.HTML,
)


@frozen
class Mailed:
    """A mail as it lies in the Maildir."""

    file: bytes
    message: Any
    lead_id: UUID

    @classmethod
    def of(cls, wire: bytes, lead_id: UUID) -> Mailed:
        """The mail that these bytes are."""
        return cls(wire, message_from_bytes(wire, policy=policy.default), lead_id)

    def body(self, kind: str) -> str:
        """Its text (`plain`) or its HTML (`html`)."""
        return str(self.message.get_body((kind,)).get_content())

    def url(self, purpose: Purpose) -> str:
        """The URL of its picture, its link, or its page to unsubscribe."""
        found = re.findall(rf'"({re.escape(PUBLIC_URL)}/t/{purpose}/[^"]+)"', self.body("html"))
        assert len(found) == 1
        return str(found[0])


class Reader:
    """Somebody with a mail program: fetches what the mails of one world lead to."""

    def __init__(self, world: World, server: str, mails: Path) -> None:
        self.world, self.server, self.mails = world, server, mails
        self._sent = set[Path]()

    def receive(self, campaign_id: UUID, number: int = 1, *, after: timedelta = timedelta(minutes=1)) -> Mailed:
        """Has the next mail sent, to that lead; so long after that it is read."""
        kernel, clock, transport = self.world.kernel, self.world.clock, MaildirTransport(self.mails)
        Worker(kernel, transport, name="one", clock=clock, pacing=NO_GAP, public_url=PUBLIC_URL).tick()
        (path,) = set((self.mails / "new").iterdir()) - self._sent
        self._sent.add(path)
        self.world.wait_until(self.world.clock.now() + after)
        return Mailed.of(path.read_bytes(), lead_id_of(campaign_id, number))

    def ask(self, url: str, method: str = "GET", agent: str | None = BROWSER, **others: Any) -> requests.Response:
        """What the server answers; redirects are not followed, nor is anything logged in."""
        headers = {"User-Agent": agent, **others.pop("headers", {})}
        return requests.request(
            method, url.replace(PUBLIC_URL, self.server), headers=headers, allow_redirects=False, timeout=30, **others
        )

    def counts(self, campaign_id: UUID) -> Counts:
        """What the campaign brought so far."""
        return self.world.kernel.results(campaign_id).total.counts
