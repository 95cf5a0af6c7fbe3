"""The loop that sends: ask the kernel what may go, send it once, report what became of it, sleep until there is more.

A worker holds nothing that matters. Killed at any point it leaves a claim with a deadline, and the mail of that claim is not
sent again by itself.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol, assert_never

import attrs
from attrs import frozen

from campaign_core.campaign.lifecycle import CAMPAIGN, Status
from campaign_core.errors import IllegalTransition, LogBusy, MisuseError, StaleClaim
from campaign_core.inbox.commands import PauseInbox
from campaign_core.kernel.dispatch import Dispatched, Task
from campaign_core.kernel.kernel import LEASE, Kernel
from campaign_core.lead.commands import LeadReport, ReleaseClaim, ReportAccepted, ReportDeferred, ReportRejected
from campaign_core.lead.events import ReleaseReason
from campaign_core.sending.pacing import PACING, Pacing
from campaign_core.sending.tracking import public_url_of
from campaign_core.sending.transport import (
    Answer,
    InboxRefused,
    Silence,
    Taken,
    Transport,
    TryLater,
    Turned,
    hand_over,
)
from campaign_core.views.campaigns import CAMPAIGNS

#: How often a report is tried again while others keep the log busy, and the pause before each time.
_REPORTS: Final = 20
_PAUSE_SECONDS: Final = 0.5
#: A worker looks again after at most this long, whatever it was told: somebody may have launched a campaign meanwhile.
LONGEST_SLEEP: Final = timedelta(seconds=30)


class Clock(Protocol):
    """What a worker needs of time."""

    def now(self) -> datetime:
        """The instant; aware."""
        ...

    def sleep_until(self, at: datetime, stopped: threading.Event) -> None:
        """Returns at that instant, or as soon as `stopped` is set."""
        ...


class RealClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The instant, in UTC."""
        return datetime.now(UTC)

    def sleep_until(self, at: datetime, stopped: threading.Event) -> None:
        """Sleeps until then, at most `LONGEST_SLEEP`."""
        stopped.wait(min(max((at - self.now()).total_seconds(), 0), LONGEST_SLEEP.total_seconds()))


class VirtualClock:
    """A clock that stands still while there is work and jumps where it is told: weeks of sending in seconds.

    Open the kernel with its `now`.
    """

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise MisuseError("A virtual clock starts at an instant with its zone.")
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The instant, in UTC."""
        return self._now

    def sleep_until(self, at: datetime, stopped: threading.Event) -> None:
        """Jumps there; never back."""
        self._now = max(self._now, at)


class Ending(StrEnum):
    """Why a worker ended."""

    #: No campaign is ACTIVE any more.
    COMPLETE = "complete"
    #: It was told to stop.
    STOPPED = "stopped"
    #: Campaigns are ACTIVE, and nothing will happen to them without somebody's action.
    STUCK = "stuck"


@frozen(kw_only=True)
class Step:
    """One mail that was dealt with."""

    task: Task
    #: What the transport answered; None where the claim was given back unsent.
    answer: Answer | None


class Worker:
    """Sends what one kernel's workspace has to send. Run as many as you like, each with a name of its own."""

    def __init__(
        self,
        kernel: Kernel,
        transport: Transport,
        *,
        name: str,
        clock: Clock | None = None,
        lease: timedelta = LEASE,
        pacing: Pacing = PACING,
        public_url: str | None = None,
        told: Callable[[Step], None] | None = None,
    ) -> None:
        """Sets the worker up; nothing is sent yet.

        Args:
            kernel: where claims come from and reports go; opened with the same clock.
            transport: what carries the mail.
            name: kept with each claim.
            clock: the machine's if None.
            lease: how long it has to report a mail.
            pacing: the gap between two mails of one inbox.
            public_url: where readers reach the web server that hears of opens, clicks and unsubscribes; None: no mail
                leads to one.
            told: hears of each mail that was dealt with.

        Raises:
            InvalidMessage: the public URL is none.
        """
        self._kernel, self._transport, self._name = kernel, transport, name
        self._clock, self._lease, self._pacing, self._told = clock or RealClock(), lease, pacing, told
        self._public_url = public_url_of(public_url)
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Has the worker end once the mail in hand is reported. Call it from any thread, but from none a signal interrupted."""
        self._stopped.set()

    def tick(self) -> Dispatched:
        """One round: what may go now is claimed, sent and reported.

        Where a mail did not go as claimed, there may be something to do again at once, whatever was known before.
        """
        dispatched = self._kernel.dispatch(
            self._name, lease=self._lease, pacing=self._pacing, public_url=self._public_url
        )
        went = True
        for task in dispatched.tasks:
            answer = self._deal_with(task)
            went = went and isinstance(answer, Taken)
            if self._told is not None:
                self._told(Step(task=task, answer=answer))
        return dispatched if went else attrs.evolve(dispatched, wake_at=self._clock.now())

    def run(self, *, until_complete: bool = False) -> Ending:
        """Goes round until it is told to stop or, if asked, until no campaign of the workspace is ACTIVE."""
        while not self._stopped.is_set():
            # What it says of the time after its own claims holds for the mails just sent, so it is not asked twice.
            dispatched = self.tick()
            if until_complete and not self._any_active():
                return Ending.COMPLETE
            if until_complete and dispatched.wake_at is None:
                return Ending.STUCK
            self._clock.sleep_until(dispatched.wake_at or self._clock.now() + LONGEST_SLEEP, self._stopped)
        return Ending.STOPPED

    def _any_active(self) -> bool:
        view = self._kernel.view(CAMPAIGNS)
        return any(view.find({"status": status}, limit=1) for status in Status if CAMPAIGN.knows("complete", status))

    def _deal_with(self, task: Task) -> Answer | None:
        """Sends one mail, unless it must not go any more, and reports."""
        if self._stopped.is_set():
            self._report(self._released(task, ReleaseReason.STOPPING))
            return None
        if not self._kernel.may_send(task):
            self._report(self._released(task, ReleaseReason.PAUSED))
            return None
        went, answer = hand_over(self._transport, task.inbox_id, task.outgoing)
        match answer:
            case Taken():
                self._report(ReportAccepted(task.campaign_id, task.lead_id, task.claim, went.digest.hex()))
            case TryLater(code=code):
                self._report(ReportDeferred(task.campaign_id, task.lead_id, task.claim, reply_code=code))
            case Turned(code=code, about_address=about_address):
                self._report(
                    ReportRejected(
                        task.campaign_id, task.lead_id, task.claim, reply_code=code, about_address=about_address
                    )
                )
            case InboxRefused():
                self._report(self._released(task, ReleaseReason.INBOX_REFUSED))
                self._pause(task)
            case Silence():
                pass  # the claim runs out and its outcome becomes unknown
            case _:
                assert_never(answer)
        return answer

    def _released(self, task: Task, reason: ReleaseReason) -> ReleaseClaim:
        return ReleaseClaim(task.campaign_id, task.lead_id, task.claim, reason=reason)

    def _report(self, report: LeadReport) -> None:
        """Reports under the worker's name, trying again while others keep the log busy: the mail has gone.

        A report that comes after an operator's word on the same mail changes nothing.
        """
        with contextlib.suppress(StaleClaim, IllegalTransition):
            for _ in range(_REPORTS):
                try:
                    self._kernel.handle(report, actor=self._name)
                    return
                except LogBusy:
                    self._stopped.wait(_PAUSE_SECONDS)
            self._kernel.handle(report, actor=self._name)

    def _pause(self, task: Task) -> None:
        """Holds the inbox back until somebody has seen to it."""
        with contextlib.suppress(IllegalTransition):
            self._kernel.handle(PauseInbox(task.inbox_id), actor=self._name)
