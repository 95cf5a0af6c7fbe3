"""Is sending right when everything goes wrong? Workers on one log and one virtual clock, interrupted at every point.

`simulate(seed)` makes inboxes and campaigns, lets several workers send them, and interrupts: a worker is killed where it
stands or inside a transaction, the log is busy, time leaps while a mail is on its way, campaigns are paused and resumed,
inboxes disabled, addresses suppressed; people answer, and an operator says of unknown mails what the receivers have. Then
it grows calm: whatever was stopped is resumed, whatever is unknown resolved, and all campaigns must complete. What is
answered is everything that can be asked afterwards; `campaign_core.testing.judgement` knows what to ask.

    simulated = simulate(7)
    assert problems(simulated) == []

Everything follows from the seed, so a seed that fails once fails always.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event
from typing import Any, Final, cast
from uuid import UUID

from attrs import frozen

from campaign_core.campaign.commands import ActivateCampaign, PauseCampaign
from campaign_core.campaign.lifecycle import CAMPAIGN, Status
from campaign_core.errors import CampaignError, IllegalTransition, LogBusy
from campaign_core.inbox.commands import DisableInbox, ResumeInbox, VerifyInbox
from campaign_core.inbox.lifecycle import INBOX, can_send
from campaign_core.kernel.kernel import Kernel, open_kernel
from campaign_core.kernel.suppressing import SuppressAddress
from campaign_core.kernel.worker import VirtualClock, Worker
from campaign_core.lead.commands import RecordBounce, RecordOpen, RecordReply, RecordUnsubscribe, ResolveUnknown
from campaign_core.lead.identity import lead_id_of
from campaign_core.log.memory import MemoryStore
from campaign_core.log.ports import Store, Tables
from campaign_core.sending.transport import Answer, Outgoing
from campaign_core.testing.actors import Actor, Dice
from campaign_core.testing.simulated_campaigns import begin_of, edit_campaign, make_campaigns
from campaign_core.testing.transport import CALM, ROUGH, Died, Handed, SimulatedTransport
from campaign_core.views.campaigns import CAMPAIGNS
from campaign_core.views.due import DUE, DueState
from campaign_core.views.inboxes import INBOXES
from campaign_core.views.leads import LEADS

WORKERS: Final = 4
#: How often the scheduler acts while things go wrong.
_ROUGH_TURNS: Final = 150
#: So many turns are enough for everything to complete; more means that it never will.
_CALM_TURNS: Final = 5000
_LEAPS: Final = (
    timedelta(seconds=1), timedelta(minutes=4), timedelta(minutes=6), timedelta(minutes=20), timedelta(hours=7)
)  # fmt: skip
_ANSWERS: Final[tuple[Callable[..., Any], ...]] = (RecordOpen, RecordReply, RecordBounce, RecordUnsubscribe)


@frozen(kw_only=True)
class Simulated:
    """A simulation that has ended, for questions."""

    seed: int
    kernel: Kernel
    #: Every mail handed over, each with the newest position of the log at that moment.
    handed: tuple[tuple[Handed, int], ...]
    #: At how many points workers were killed, by the name of the point.
    killed: dict[str, int]


def simulate(seed: int, store: Store | None = None, *, workers: int = WORKERS) -> Simulated:
    """One simulation from its beginning to its end.

    Args:
        seed: everything follows from it.
        store: an empty store to keep the log in; None: one in memory. It stays open.
        workers: how many send at once, 1 or more.
    """
    return _Simulation(seed, store or MemoryStore(), workers).run()


class _Store:
    """A store as one worker sees it: its process may die just before it commits."""

    def __init__(self, store: Store, dies: Callable[[], bool]) -> None:
        self._store, self._dies = store, dies
        self.reading, self.scrub, self.close = store.reading, store.scrub, store.close

    @contextmanager
    def writing(self) -> Iterator[Tables]:
        with self._store.writing() as tables:
            yield tables
            if self._dies():
                raise Died("commit")


class _Process:
    """A worker's process: a kernel of its own, and a stop before everything others could come between."""

    def __init__(self, simulation: _Simulation, name: str) -> None:
        self._simulation = simulation
        #: Until when it sleeps; None while it is awake.
        self.asleep_until: datetime | None = None
        self.dies_at_commit = False
        self.kernel = open_kernel(_Store(simulation.store, self._dies), clock=simulation.clock.now)
        watched = cast(Kernel, _Watched(self, simulation))
        worker = Worker(watched, _Carrier(self, simulation), name=name, clock=self)
        self.actor = Actor(lambda _: self._play(worker))

    def _play(self, worker: Worker) -> None:
        try:
            worker.run()
        except LogBusy:
            raise Died("busy") from None

    def _dies(self) -> bool:
        return self.dies_at_commit

    def awake(self, now: datetime) -> bool:
        """Whether it can go on."""
        return self.asleep_until is None or self.asleep_until <= now

    def now(self) -> datetime:
        """The simulation's time."""
        return self._simulation.clock.now()

    def sleep_until(self, at: datetime, stopped: Event) -> None:
        """Stands still, and is not woken before."""
        self.asleep_until = at
        self.actor.stand("asleep")
        self.asleep_until = None


class _Watched:
    """A worker's kernel: whatever is asked of it, its process stands still first, and the log may be busy."""

    def __init__(self, process: _Process, simulation: _Simulation) -> None:
        self._process, self._simulation = process, simulation

    def __getattr__(self, name: str) -> Any:
        asked = getattr(self._process.kernel, name)

        def call(*given: Any, **named: Any) -> Any:
            self._process.actor.stand(name)
            if self._simulation.busy(name):
                raise LogBusy("Another process holds the log.")
            return asked(*given, **named)

        return call


class _Carrier:
    """A worker's transport: its process may be interrupted before a mail goes, and after."""

    def __init__(self, process: _Process, simulation: _Simulation) -> None:
        self._process, self._simulation = process, simulation

    def send(self, inbox_id: UUID, outgoing: Outgoing) -> Answer:
        self._process.actor.stand("send")
        answer = self._simulation.send(inbox_id, outgoing)
        self._process.actor.stand("sent")
        return answer

    def close(self) -> None:
        """Nothing is held open."""


class _Simulation:
    """A simulation under way."""

    def __init__(self, seed: int, store: Store, workers: int) -> None:
        self.store, self._seed, self._dice = store, seed, Dice(seed)
        self.clock = VirtualClock(begin_of(self._dice))
        self._operator = open_kernel(store, clock=self.clock.now, ids=lambda: UUID(int=self._dice.below(2**63)))
        self._transport = SimulatedTransport(seed, self.clock, odds=ROUGH)
        self._positions: list[int] = []
        self._killed: dict[str, int] = {}
        self._rough = True
        make_campaigns(self._operator, self._dice, self.clock.now())
        self._processes = [_Process(self, f"worker {each}") for each in range(workers)]

    def run(self) -> Simulated:
        """Rough, then calm."""
        try:
            for _ in range(_ROUGH_TURNS):
                self._turn()
            self._rough, self._transport.odds = False, CALM
            for _ in range(_CALM_TURNS):
                if self._completed():
                    break
                self._calm_turn()
        finally:
            for each in self._processes:
                each.actor.kill()
        handed = tuple(zip(self._transport.handed, self._positions, strict=True))
        return Simulated(seed=self._seed, kernel=self._operator, handed=handed, killed=self._killed)

    def busy(self, asked: str) -> bool:
        """Whether the log is busy for longer than the kernel tries; rarely for a report, whose worker waits in real time."""
        return self._rough and self._dice.below(1000) < (2 if asked == "handle" else 20)

    def send(self, inbox_id: UUID, outgoing: Outgoing) -> Answer:
        """Hands a mail over to the simulated servers."""
        with self.store.reading() as tables:
            self._positions.append(tables.events.last_position())
        return self._transport.send(inbox_id, outgoing)

    def _turn(self) -> None:
        thrown = self._dice.below(100)
        if thrown < 6:
            self._kill(self._dice.pick(self._in_hand() or self._processes))
        elif thrown < 8:
            self._dice.pick(self._processes).dies_at_commit = True
        elif thrown < 13:
            self._leap(self._dice.pick(_LEAPS if self._in_hand() else _LEAPS[-2:]))
        elif thrown < 22:
            self._operate(self._dice.below(9))
        else:
            self._step()

    def _in_hand(self) -> list[_Process]:
        """The workers that have a mail in hand."""
        return [each for each in self._processes if each.actor.point in ("may_send", "send", "sent", "handle")]

    def _step(self) -> None:
        """One worker goes on; where all sleep, time does."""
        ready = [each for each in self._processes if each.awake(self.clock.now())]
        if not ready:
            self.clock.sleep_until(min(each.asleep_until or self.clock.now() for each in self._processes), Event())
            return
        process = self._dice.pick(ready)
        process.actor.step()
        if process.actor.ended:
            self._replace(process, "commit" if process.dies_at_commit else "inside")

    def _kill(self, process: _Process) -> None:
        point = process.actor.point
        process.actor.kill()
        self._replace(process, point)

    def _replace(self, process: _Process, point: str) -> None:
        """Another process takes the place of one that ended."""
        self._killed[point] = self._killed.get(point, 0) + 1
        place = self._processes.index(process)
        self._processes[place] = _Process(self, f"worker {place}")

    def _leap(self, time: timedelta) -> None:
        self.clock.sleep_until(self.clock.now() + time, Event())

    def _operate(self, what: int) -> None:
        """Somebody does something; what is not legal just now is not done."""
        try:
            if what == 0:
                self._tell(PauseCampaign(self._dice.pick(self._campaigns())))
            elif what == 1:
                self._tell(ActivateCampaign(self._dice.pick(self._campaigns())))
            elif what == 2 and self._dice.chance(30):
                self._tell(DisableInbox(self._dice.pick(self._operator.view(INBOXES).find()).inbox_id))
            elif what == 3:
                self._restore_inboxes()
            elif what == 4 and self._dice.chance(15):
                self._tell(SuppressAddress(self._dice.pick(self._operator.view(LEADS).find()).email or ""))
            elif what == 5:
                self._resolve()
            elif what == 6 and self._dice.chance(50):
                edit_campaign(self._operator, self._dice, self._dice.pick(self._campaigns()))
            else:
                self._answer()
        except CampaignError:
            return

    def _answer(self) -> None:
        """Somebody who has a mail answers it."""
        rows = {row.address: row for row in self._operator.view(LEADS).find()}
        gone = [rows[each.outgoing.to] for each in self._transport.went if each.outgoing.to in rows]
        if gone:
            row = self._dice.pick(gone)
            self._tell(self._dice.pick(_ANSWERS)(row.campaign_id, row.lead_id))

    def _resolve(self) -> None:
        """An operator says of each unknown mail what its receiver has."""
        for row in self._operator.view(DUE).find({"state": DueState.UNKNOWN}):
            lead_id = lead_id_of(row.campaign_id, row.number)
            mail = self._operator.sent_mails(row.campaign_id, lead_id)[-1]
            sent = any(mail.outgoing == each.outgoing for each in self._transport.went)
            self._tell(ResolveUnknown(row.campaign_id, lead_id, sent))

    def _restore_inboxes(self) -> None:
        for row in self._operator.view(INBOXES).find():
            if not can_send(row.status):
                self._tell((ResumeInbox if INBOX.knows("resume", row.status) else VerifyInbox)(row.inbox_id))

    def _calm_turn(self) -> None:
        """Nothing goes wrong any more, and what did is put right."""
        if all(each.asleep_until is not None for each in self._processes):
            self._restore_inboxes()
            for campaign_id in self._campaigns():
                row = self._operator.view(CAMPAIGNS).get(campaign_id)
                if row is not None and CAMPAIGN.knows("edit_sequences", row.status):
                    self._tell(ActivateCampaign(campaign_id))
            self._resolve()
        self._step()

    def _campaigns(self) -> list[UUID]:
        return [row.campaign_id for row in self._operator.view(CAMPAIGNS).find()]

    def _completed(self) -> bool:
        return all(row.status is Status.COMPLETED for row in self._operator.view(CAMPAIGNS).find())

    def _tell(self, command: Any) -> None:
        try:
            self._operator.handle(command)
        except IllegalTransition:
            return
