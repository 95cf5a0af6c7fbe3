"""Processes that send, to be killed, and one that receives. Runs in those processes; knows nothing of pytest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from threading import Event
from typing import TYPE_CHECKING, Any

from attrs import frozen

from campaign_adapters.maildir import MaildirTransport
from campaign_adapters.smtp import Security, SmtpSettings, SmtpTransport
from campaign_core import open_kernel
from campaign_core.kernel.worker import Step, Worker
from campaign_core.sending.pacing import Pacing
from campaign_core.sending.transport import Taken, Transport

if TYPE_CHECKING:
    from tests.storage.jobs import Line

HOST = "127.0.0.1"
#: A worker that has nothing to do looks again so soon.
_NAP_SECONDS = 0.005


@frozen
class ShiftedClock:
    """The machine's clock, so many seconds ahead: processes that are started later begin later by the clock, too."""

    seconds: float

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.seconds)

    def sleep_until(self, at: datetime, stopped: Event) -> None:
        stopped.wait(_NAP_SECONDS)


def transport_of(maildir: str | None, port: int | None) -> Transport:
    """A Maildir, or the server at a port of this machine."""
    if maildir is not None:
        return MaildirTransport(maildir)
    assert port is not None
    server = SmtpSettings(host=HOST, port=port, security=Security.NONE)
    return SmtpTransport(lambda _: server)


def send(line: Line, location: str, name: str, seconds: float, maildir: str | None, port: int | None) -> None:
    """Sends until it is killed; says of each mail that was taken and reported which it was."""
    clock = ShiftedClock(seconds)

    def told(step: Step) -> None:
        if isinstance(step.answer, Taken):
            line.say(step.task.outgoing.message_id)

    with open_kernel(location, clock=clock.now) as kernel:
        worker = Worker(kernel, transport_of(maildir, port), name=name, clock=clock, pacing=Pacing(0, 0), told=told)
        line.say("ready")
        line.hear()
        worker.run()


def receive(line: Line) -> None:
    """An SMTP server: says its port, then whatever Message-IDs it has taken each time it is asked, until it is told to end."""
    from aiosmtpd.smtp import SMTP

    class Box:
        def __init__(self) -> None:
            self.taken: list[str] = []

        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            self.taken.append(message_from_bytes(envelope.content)["Message-ID"])
            return "250 2.0.0 taken"

    async def serve() -> None:
        box, loop = Box(), asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(box, enable_SMTPUTF8=True), HOST, 0)
        line.say(server.sockets[0].getsockname()[1])
        while await asyncio.to_thread(line.hear) == "what came?":
            line.say(box.taken)
        server.close()

    asyncio.run(serve())


JOBS: dict[str, Callable[..., None]] = {each.__name__: each for each in (send, receive)}
