"""What does it take to send: which clock and transport are meant, what was done so far, and how is it told to stop?"""

from __future__ import annotations

import _thread
import os
import signal
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType
from typing import Any, Final
from uuid import UUID

import typer

from campaign_adapters.cli import typed_values
from campaign_adapters.cli.ids import short
from campaign_adapters.cli.plain_text import plain
from campaign_adapters.cli.wording import when
from campaign_core import CAMPAIGNS, USAGE, InvalidMessage, Kernel, Problem
from campaign_core.checks import instant, sentence_for
from campaign_core.kernel.worker import Clock, RealClock, Step, VirtualClock
from campaign_core.sending.tracking import PUBLIC_URL
from campaign_core.sending.transport import InboxRefused, Silence, Taken, Transport, TryLater, Turned

MAILDIR: Final = "maildir:"
SMTP: Final = "smtp"
REAL, VIRTUAL = "real", "virtual"
#: What can become of a mail, in the words of `--json`; the first is told as a number of its own.
SENT, GIVEN_BACK = "sent", "given_back"
_WORDS: Final = {
    Taken: SENT,
    TryLater: "put_off",
    Turned: "rejected",
    InboxRefused: "inbox_refused",
    Silence: "unknown",
    type(None): GIVEN_BACK,
}


class Tally:
    """What became of the mails a worker dealt with, counted, and shown while it is at work."""

    def __init__(self, kernel: Kernel, began: datetime, show: Callable[[str], None] | None = None) -> None:
        """Counts from nothing.

        Args:
            kernel: knows the names of campaigns.
            began: when the worker began, by its clock.
            show: takes a line whenever it changes; None: nobody looks.
        """
        self._kernel, self._show, self.began = kernel, show, began
        #: Word to number of mails, every word among them.
        self.outcomes: dict[str, int] = dict.fromkeys(_WORDS.values(), 0)
        #: Campaign to number of mails sent; campaigns of which a mail was dealt with at all are among them.
        self.sent: Counter[UUID] = Counter()
        self._names: dict[UUID, str] = {}

    def add(self, step: Step) -> None:
        """Counts a mail that was dealt with."""
        word = _WORDS[type(step.answer)]
        self.outcomes[word] += 1
        self.sent[step.task.campaign_id] += word == SENT
        self._tell("sending")

    def sleeps(self, until: datetime) -> None:
        """Hears that there is nothing to do before that instant."""
        self._tell(f"next at {when(until)} UTC")

    def _tell(self, doing: str) -> None:
        if self._show is not None:
            campaigns = [f"{self._name(each)} {count:,}" for each, count in self.sent.items()]
            self._show(" · ".join([f"{self.outcomes[SENT]:,} sent", *campaigns, doing]))

    def _name(self, campaign_id: UUID) -> str:
        if campaign_id not in self._names:
            row = self._kernel.view(CAMPAIGNS).get(campaign_id)
            self._names[campaign_id] = short(campaign_id) if row is None else plain(row.name)
        return self._names[campaign_id]


class Watched:
    """A clock that says until when it sleeps before it does."""

    def __init__(self, clock: Clock, told: Callable[[datetime], None]) -> None:
        self._clock, self._told = clock, told

    def now(self) -> datetime:
        """The instant; aware."""
        return self._clock.now()

    def sleep_until(self, at: datetime, stopped: threading.Event) -> None:
        """Says so, and sleeps."""
        self._told(at)
        self._clock.sleep_until(at, stopped)


def clock_named(given: str, start: str | None) -> RealClock | VirtualClock:
    """The clock that `--clock` and `--start` mean; a virtual one begins now if nothing else is said.

    Raises:
        typer.BadParameter: it is no such word, or a start is given to the real clock.
        InvalidMessage: the start is out of range.
    """
    if typed_values.one_of((REAL, VIRTUAL), given, "--clock") == REAL:
        if start is not None:
            raise typer.BadParameter("it sets the virtual clock; give --clock virtual too.", param_hint="--start")
        return RealClock()
    at = datetime.now(UTC) if start is None else typed_values.instant(start, "--start")
    wrong = sentence_for(instant(), at)
    if wrong is not None:
        raise InvalidMessage((Problem("--start", wrong),))
    return VirtualClock(at.replace(tzinfo=UTC) if at.tzinfo is None else at)


def catch_up(kernel: Kernel, clock: VirtualClock) -> None:
    """Has a virtual clock begin no earlier than the last mail that was claimed: an earlier run may have been ahead."""
    last = kernel.view(USAGE).find(order_by="last_claimed_at", direction="descending", limit=1)
    if last:
        clock.sleep_until(last[0].last_claimed_at, threading.Event())


def check_transport(given: str, clock: RealClock | VirtualClock) -> None:
    """Looks at what `--transport` says before anything is opened.

    Raises:
        typer.BadParameter: it is no transport, or not one for the virtual clock.
    """
    if given == SMTP:
        if isinstance(clock, VirtualClock):
            sentence = f"weeks of mail would go to people within seconds; the virtual clock needs {MAILDIR}PATH."
            raise typer.BadParameter(sentence, param_hint="--transport")
    elif not (given.startswith(MAILDIR) and given.removeprefix(MAILDIR).strip()):
        raise typer.BadParameter(f"it must be {MAILDIR}PATH or {SMTP}, is {given!r}.", param_hint="--transport")


def check_public_url(given: str | None) -> None:
    """Looks at what `--public-url` says before anything is opened.

    Raises:
        InvalidMessage: it is no URL that links can begin with.
    """
    wrong = None if given is None else sentence_for(PUBLIC_URL, given)
    if wrong is not None:
        raise InvalidMessage((Problem("--public-url", wrong),))


@contextmanager
def transport_named(given: str, kernel: Kernel) -> Iterator[Transport]:
    """The transport that `--transport` means, closed again afterwards.

    Raises:
        MisuseError: the Maildir cannot be made; or there is no key for SMTP settings, or not the one they were kept with.
    """
    transport = open_transport(given, kernel)
    try:
        yield transport
    finally:
        transport.close()


def open_transport(given: str, kernel: Kernel) -> Transport:
    """The transport that `--transport` means, for the inboxes of the kernel's workspace; to be closed afterwards.

    Raises:
        MisuseError: the Maildir cannot be made; or there is no key for SMTP settings, or not the one they were kept with.
    """
    return _maildir(given.removeprefix(MAILDIR)) if given != SMTP else _smtp(kernel)


def _maildir(path: str) -> Transport:
    from campaign_adapters.maildir import MaildirTransport

    return MaildirTransport(path)


def _smtp(kernel: Kernel) -> Transport:
    from campaign_adapters.cli.smtp_secrets import secrets_of

    secrets = secrets_of(kernel)
    secrets.check_key()
    from campaign_adapters.smtp import SmtpTransport  # whose packages are there: the secrets needed them too

    return SmtpTransport(secrets.settings_of)


def worker_name(given: str | None) -> str:
    """The name given, else one of this machine and process."""
    return given if given is not None else f"{socket.gethostname()}-{os.getpid()}"


@contextmanager
def stopped_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """While the block runs, the first SIGINT or SIGTERM calls `stop`; a second one ends the process at once.

    Only the main thread hears signals; in any other, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def hear(number: int, frame: FrameType | None) -> None:
        _restore(before)
        # In a thread of its own: the signal may have come while this one holds the lock that `stop` needs.
        _thread.start_new_thread(stop, ())

    try:
        for number in before:
            signal.signal(number, hear)
        yield
    finally:
        _restore(before)


def _restore(handlers: Mapping[signal.Signals, Any]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, handler)
