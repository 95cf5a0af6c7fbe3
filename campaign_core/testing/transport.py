"""What can become of a mail on its way? A transport that carries nothing, answers anything, and keeps what really went.

The worker's side of sending is right if it is right for every answer a server may give, for every silence, and for a process
that dies with the mail already handed over. This transport gives all of them. What it does to a mail is a keyed hash of its
seed, the mail's Message-ID and how often that mail was handed over, so that it does not depend on which worker comes first
and a run can be repeated.

    transport = SimulatedTransport(7, clock, odds=ROUGH)
    Worker(kernel, transport, name="one", clock=clock).run(until_complete=True)
    assert len({each.outgoing.message_id for each in transport.went}) == len(transport.went)
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from threading import Event
from typing import Final, assert_never
from uuid import UUID

from attrs import define, field, frozen

from campaign_core.errors import MisuseError
from campaign_core.kernel.worker import Clock
from campaign_core.sending.transport import Answer, InboxRefused, Outgoing, Silence, Taken, TryLater, Turned

_CERTAIN: Final = 100


class Fate(StrEnum):
    """What becomes of one mail that is handed over."""

    #: It went, and the server said so.
    TAKEN = "taken"
    #: The server put it off (4xx); it did not go.
    PUT_OFF = "put off"
    #: The server refused the mail (5xx); it did not go.
    REFUSED = "refused"
    #: The server refused the receiver's address (5xx); it did not go.
    NO_SUCH_ADDRESS = "no such address"
    #: The server refused the inbox; it did not go.
    INBOX_REFUSED = "inbox refused"
    #: It went, and the answer was lost.
    SILENT_GONE = "silent, gone"
    #: It did not go, and nobody said so.
    SILENT_LOST = "silent, lost"
    #: It went, and the process died before it could say so: `send` raises `Died`.
    DIED = "died"


#: The fates in which the mail really went.
GONE: Final = frozenset({Fate.TAKEN, Fate.SILENT_GONE, Fate.DIED})


class Died(BaseException):
    """The process ends here, without a word. Not an `Exception`, so that nothing on the way catches it."""


@frozen(kw_only=True)
class Odds:
    """How often a mail meets a fate, in percent, 0 to 100, all together at most 100. What is left of 100 is taken."""

    put_off: int = 0
    refused: int = 0
    no_such_address: int = 0
    inbox_refused: int = 0
    silent_gone: int = 0
    silent_lost: int = 0
    died: int = 0
    #: The longest time a mail takes, in seconds; 0: none. Each takes a time of its own up to that.
    longest_seconds: int = 0

    def fate(self, drawn: int) -> Fate:
        """The fate a number from 0 to 99 stands for."""
        shares = (
            (Fate.PUT_OFF, self.put_off),
            (Fate.REFUSED, self.refused),
            (Fate.NO_SUCH_ADDRESS, self.no_such_address),
            (Fate.INBOX_REFUSED, self.inbox_refused),
            (Fate.SILENT_GONE, self.silent_gone),
            (Fate.SILENT_LOST, self.silent_lost),
            (Fate.DIED, self.died),
        )
        if min(share for _, share in shares) < 0 or sum(share for _, share in shares) > _CERTAIN:
            raise MisuseError("The odds of a simulated transport are percents, all together at most 100.")
        for fate, share in shares:
            if drawn < share:
                return fate
            drawn -= share
        return Fate.TAKEN


#: Everything goes.
CALM: Final = Odds()
#: A bit of everything.
ROUGH: Final = Odds(
    put_off=14,
    refused=4,
    no_such_address=4,
    inbox_refused=4,
    silent_gone=8,
    silent_lost=8,
    died=8,
    longest_seconds=90,
)


@frozen(kw_only=True)
class Handed:
    """A mail that was handed over."""

    inbox_id: UUID
    outgoing: Outgoing = field(repr=False)
    #: When its fate was decided: at the end of the time it took.
    at: datetime
    fate: Fate


@define
class SimulatedTransport:
    """Carries nothing and keeps everything. Workers of one simulation may share it, one at a time."""

    #: Another seed, other fates.
    seed: int
    #: Tells the time; a mail that takes time lets it pass here.
    clock: Clock
    #: May be changed at any time; holds for mails handed over from then on.
    odds: Odds = field(default=CALM, kw_only=True)
    #: Every mail that was handed over, in order, whatever became of it.
    handed: list[Handed] = field(factory=list, init=False)

    @property
    def went(self) -> list[Handed]:
        """The mails that really went, in order: what the receivers have."""
        return [each for each in self.handed if each.fate in GONE]

    def send(self, inbox_id: UUID, outgoing: Outgoing) -> Answer:
        """Decides what becomes of a mail.

        Raises:
            Died: the mail went, and the process that handed it over is no more.
            MisuseError: the odds are no odds.
        """
        tries = sum(each.outgoing.message_id == outgoing.message_id for each in self.handed)
        fate = self.odds.fate(self._draw("fate", outgoing, tries) % _CERTAIN)
        if self.odds.longest_seconds:
            seconds = self._draw("time", outgoing, tries) % (self.odds.longest_seconds + 1)
            self.clock.sleep_until(self.clock.now() + timedelta(seconds=seconds), Event())
        self.handed.append(Handed(inbox_id=inbox_id, outgoing=outgoing, at=self.clock.now(), fate=fate))
        return _answer(fate)

    def close(self) -> None:
        """Nothing is held open."""

    def _draw(self, about: str, outgoing: Outgoing, tries: int) -> int:
        said = f"{self.seed}/{about}/{outgoing.message_id}/{tries}".encode()
        return int.from_bytes(blake2b(said, digest_size=8).digest(), "big")


def _answer(fate: Fate) -> Answer:
    """What the worker hears of a fate."""
    match fate:
        case Fate.TAKEN:
            return Taken("250 2.0.0 taken")
        case Fate.PUT_OFF:
            return TryLater(451, "451 4.3.0 not now")
        case Fate.REFUSED:
            return Turned(554, "554 5.6.0 not this mail", False)
        case Fate.NO_SUCH_ADDRESS:
            return Turned(550, "550 5.1.1 no such address", True)
        case Fate.INBOX_REFUSED:
            return InboxRefused(535, "535 5.7.8 not this inbox")
        case Fate.SILENT_GONE | Fate.SILENT_LOST:
            return Silence("the connection broke behind the last line")
        case Fate.DIED:
            raise Died(fate)
        case _:
            assert_never(fate)
