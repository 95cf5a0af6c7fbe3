"""Who reads the mails of the demo? Readers who open, follow links, answer, bounce and leave, by a rule without chance.

What somebody does depends on the number of the lead and of the step alone, so that the same file of leads is always read
in the same way. Each deed happens at its own instant on the virtual clock, and reaches the kernel as a command.
"""

from __future__ import annotations

import heapq
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

from attrs import field, frozen

from campaign_core import Kernel, RecordBounce, RecordClick, RecordOpen, RecordReply, RecordUnsubscribe
from campaign_core.kernel.worker import Step, VirtualClock
from campaign_core.lead.identity import lead_number_of
from campaign_core.sending.transport import Taken

SEED: Final = b"the readers of the demo"
ACTOR: Final = "readers"
#: How much of all mails share each fate. The rest are read by nobody.
_BOUNCED, _SOFT, _UNSUBSCRIBED, _AWAY, _REPLIED, _CLICKED, _OPENED = 0.008, 0.015, 0.03, 0.045, 0.11, 0.16, 0.5


@frozen(order=True)
class Deed:
    """Something a reader, or a reader's server, is going to do."""

    at: datetime
    #: Settles the order of deeds of one instant.
    place: int
    #: One of the words that the totals are told in.
    word: str = field(order=False)
    command: Any = field(order=False)


class Readers:
    """Readers of one campaign, and the clock they live by. A worker that sleeps on that clock lets them act."""

    def __init__(self, kernel: Kernel, clock: VirtualClock) -> None:
        self._kernel, self._clock = kernel, clock
        self._ahead: list[Deed] = []
        #: Word to number of deeds done.
        self.done: Counter[str] = Counter()

    def now(self) -> datetime:
        """The instant; aware."""
        return self._clock.now()

    def sleep_until(self, at: datetime, stopped: threading.Event) -> None:
        """Jumps there, from deed to deed of those that are due by then."""
        while self._ahead and self._ahead[0].at <= at:
            deed = heapq.heappop(self._ahead)
            self._clock.sleep_until(deed.at, stopped)
            self._do(deed)
        self._clock.sleep_until(at, stopped)

    def receive(self, step: Step) -> None:
        """A mail arrived: whoever got it makes up their mind."""
        task = step.task
        if isinstance(step.answer, Taken):
            number = lead_number_of(task.campaign_id, task.lead_id) or 0
            for after, word, command in deeds(task.campaign_id, task.lead_id, number, task.step_number):
                heapq.heappush(self._ahead, Deed(self.now() + after, number, word, command))

    def finish(self) -> None:
        """What was still to come when the last mail had gone."""
        while self._ahead:
            self.sleep_until(self._ahead[0].at, threading.Event())

    def _do(self, deed: Deed) -> None:
        if self._kernel.handle(deed.command, actor=ACTOR).events:
            self.done[deed.word] += 1


def deeds(campaign_id: UUID, lead_id: UUID, number: int, step: int) -> Iterator[tuple[timedelta, str, Any]]:
    """What comes back about the mail of a step: how long after it, the word for it, and the command."""
    fate, hurry = _drawn(number, step)
    soon, later = timedelta(minutes=1 + 20 * hurry), timedelta(minutes=30 + 3000 * hurry)
    if fate < _BOUNCED:
        yield soon, "bounced", RecordBounce(campaign_id, lead_id)
        return
    if fate < _SOFT:
        yield soon, "soft bounces", RecordBounce(campaign_id, lead_id, hard=False)
        return
    if fate < _OPENED:
        yield soon, "opened", RecordOpen(campaign_id, lead_id)
    if fate < _UNSUBSCRIBED:
        yield later, "unsubscribed", RecordUnsubscribe(campaign_id, lead_id)
    elif fate < _AWAY:
        yield soon * 2, "absence notes", RecordReply(campaign_id, lead_id, by_machine=True)
    elif fate < _REPLIED:
        yield later, "replied", RecordReply(campaign_id, lead_id)
    elif fate < _CLICKED:
        yield soon * 2, "clicked", RecordClick(campaign_id, lead_id)


def _drawn(number: int, step: int) -> tuple[float, float]:
    """Two numbers from 0 to 1 that look random and are not."""
    drawn = blake2b(f"{number}/{step}".encode(), digest_size=8, key=SEED).digest()
    return int.from_bytes(drawn[:4], "big") / 2**32, int.from_bytes(drawn[4:], "big") / 2**32
