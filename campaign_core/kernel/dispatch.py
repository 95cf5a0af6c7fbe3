"""What may be sent now: one write transaction that looks at what is due, claims it, and answers the mails to send.

A tick costs what is due. It asks the indexes for the head of each queue and never goes through leads that wait; an inbox
takes at most one mail a tick, because its gap has to pass before the next. Everything a crash can leave behind is a claim
with a deadline, recorded before a byte goes out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from attrs import field, frozen

from campaign_core.campaign.decisions import CAMPAIGN_DECIDER
from campaign_core.campaign.events import PauseReason
from campaign_core.campaign.events import stream_of as campaign_stream
from campaign_core.campaign.mails import local_time
from campaign_core.campaign.schedule import schedule_of
from campaign_core.campaign.state import CampaignState, split_for
from campaign_core.campaign.variants import Split
from campaign_core.fields import EMAIL
from campaign_core.inbox.lifecycle import can_send
from campaign_core.kernel.lead_aggregate import chain_of
from campaign_core.kernel.mails_sent import CampaignThen, Messages, mails_before
from campaign_core.kernel.queues import Queues, Running, active_campaigns
from campaign_core.kernel.registers import address_hash
from campaign_core.kernel.settling import pause, settle
from campaign_core.kernel.warm import Kept, Loaded
from campaign_core.lead import decisions
from campaign_core.lead.decisions import LEAD_DECIDER, LeadFacts
from campaign_core.lead.events import Claimed, Reservation, StopReason
from campaign_core.lead.events import stream_of as lead_stream
from campaign_core.lead.identity import lead_id_of
from campaign_core.lead.state import LeadState
from campaign_core.lead.walk import ChainStep, due_at, next_step
from campaign_core.log.transaction import Reading, Writing
from campaign_core.recorded import Metadata, Proposed, Recorded
from campaign_core.sending.allocation import variant_for
from campaign_core.sending.calendar import local_day
from campaign_core.sending.pacing import PACING, Pacing
from campaign_core.sending.planner import Asked, Claim, Plan, plan
from campaign_core.sending.transport import Outgoing
from campaign_core.views.campaigns import CampaignRow
from campaign_core.views.due import DUE, DueState
from campaign_core.views.inboxes import INBOXES
from campaign_core.views.leads import LEADS, LeadRow
from campaign_core.views.suppressions import SUPPRESSIONS
from campaign_core.views.usage import utc_day
from campaign_core.views.view import Query

#: How many leads one tick looks at beside those it claims: skipped, stopped, finished, lost. The rest wait for the next.
_LOOKED_AT: Final = 500


@frozen(kw_only=True)
class Task:
    """A mail that was claimed: send it once, then report under `claim`."""

    campaign_id: UUID
    lead_id: UUID
    #: The version of the claim in the lead's stream; reports name it.
    claim: int
    #: 1 to 4.
    step_number: int
    sequence_id: UUID | None
    variant_name: str
    inbox_id: UUID
    #: Report by then; past it the outcome counts as unknown.
    deadline: datetime
    outgoing: Outgoing = field(repr=False)


@frozen(kw_only=True)
class Dispatched:
    """What a tick did."""

    tasks: tuple[Task, ...] = ()
    #: When there may be something to do again; None: not without somebody's action.
    wake_at: datetime | None = None
    #: Every rule that was asked.
    trace: tuple[Asked, ...] = field(default=(), repr=False)


Load = Callable[[Reading, str, str, Any], Loaded]
#: How many claims are expired at once.
_AT_ONCE: Final = 100


def dispatch(
    writing: Writing,
    metadata: Metadata,
    load: Load,
    kept: Kept,
    lease: timedelta,
    pacing: Pacing = PACING,
    public_url: str | None = None,
) -> Dispatched:
    """Carries out one tick for a workspace.

    Args:
        writing: the transaction it happens in.
        metadata: names the worker as its actor, and the instant.
        load: the state of a stream, warm where it is.
        kept: campaigns with their mails compiled, from tick to tick.
        lease: how long a worker has to report.
        pacing: the gap between two mails of one inbox.
        public_url: kept with each claim, as `public_url_of` answers it.
    """
    return _Tick(writing, metadata, load, kept, lease, pacing, public_url).run()


@frozen
class _Ready:
    """A lead whose next mail may go."""

    state: LeadState
    history: Sequence[Recorded]
    variant_name: str
    lead: LeadRow
    address_hash: str


class _Tick:
    """One tick. Everything it learns holds for the transaction it runs in."""

    def __init__(
        self,
        writing: Writing,
        metadata: Metadata,
        load: Load,
        kept: Kept,
        lease: timedelta,
        pacing: Pacing,
        public_url: str | None,
    ) -> None:
        self._writing, self._metadata, self._load = writing, metadata, load
        self._lease, self._pacing, self._public_url = lease, pacing, public_url
        self._at, self._workspace = metadata.recorded_at, metadata.workspace
        self._messages = Messages(writing, metadata.workspace, kept)
        self._queues = Queues(writing, metadata.workspace, metadata.recorded_at)
        self._looked_at = 0
        #: Leads offered whose step turned out not to be due yet, with the instant at which it is.
        self._not_yet: dict[tuple[UUID, int], datetime] = {}

    def run(self) -> Dispatched:
        """Expire, then gather, plan and claim until nothing more moves, then settle.

        A lead that was planned may turn out not to go: its condition does not hold, its address is suppressed. That is
        recorded, and it is planned again without it.
        """
        deadline = self._expire()
        running = [
            each for row in active_campaigns(self._writing, self._workspace) if (each := self._running(row)) is not None
        ]
        by_id = {each.campaign_id: each for each in running}
        tasks: list[Task] = []
        while True:
            planned = self._plan(running)
            claimed = [self._claim(by_id[each.campaign_id], each) for each in planned.claims]
            tasks += [task for task in claimed if task is not None]
            if None not in claimed or self._looked_at >= _LOOKED_AT:
                break
        for each in running:
            settle(self._writing, self._metadata, each.campaign_id)
        # A plan knows one lead of each queue; who stands behind those that were claimed, only the next one knows.
        left = self._plan(running) if tasks else planned
        wakes = [left.wake_at, deadline, *(task.deadline for task in tasks), *self._not_yet.values()]
        wake_at = min((each for each in wakes if each is not None), default=None)
        more = left.claims or self._looked_at >= _LOOKED_AT
        if more and len(self._not_yet) < self._looked_at:
            # Some of what it looked at moved; where nothing did, looking again at once would find the same.
            wake_at = self._at
        return Dispatched(tasks=tuple(tasks), wake_at=wake_at, trace=planned.trace)

    def _plan(self, running: Sequence[Running]) -> Plan:
        sending = [self._queues.sending(each, self._not_yet) for each in running]
        return plan(self._at, sending, self._queues.ledgers(running), self._pacing)

    def _expire(self) -> datetime | None:
        """Declares the outcome of every claim unknown whose time ran out; answers the next deadline."""
        while True:
            where = {"workspace": self._workspace, "state": DueState.CLAIMED}
            rows = self._writing.find(DUE, Query(where=where, order_by="at", limit=_AT_ONCE))
            late = [row for row in rows if row.at <= self._at]
            for row in late:
                state, _ = self._lead(row.campaign_id, row.number)
                self._append(row.campaign_id, row.number, decisions.lose(state), state.version)
            if len(late) < _AT_ONCE:
                return rows[len(late)].at if len(late) < len(rows) else None

    def _running(self, row: CampaignRow) -> Running | None:
        """The campaign, unless none of its inboxes can send: then it pauses."""
        found = [self._writing.get(INBOXES, (self._workspace, each)) for each in row.inbox_ids]
        inboxes = tuple(each for each in found if each is not None)
        if not any(can_send(each.status) for each in inboxes):
            pause(self._writing, self._metadata, row, PauseReason.NO_USABLE_INBOX)
            return None
        stream = campaign_stream(row.campaign_id)
        loaded = self._load(self._writing, self._workspace, stream, CAMPAIGN_DECIDER)
        return Running(row, loaded.state, loaded.version, schedule_of(row.settings), chain_of(row), inboxes)

    def _claim(self, running: Running, claim: Claim) -> Task | None:
        """Claims the next mail of a lead and makes its message; None where it may not go, and that is recorded."""
        self._looked_at += 1
        state, history = self._lead(claim.campaign_id, claim.number)
        if self._moved_on(running, claim, state):
            return None
        step = None if state.since is None else next_step(state.done, running.chain)
        ready = self._ready(running, claim.number, step, state, history)
        return None if ready is None else self._claimed(running, claim, step, ready)

    def _moved_on(self, running: Running, claim: Claim, state: LeadState) -> bool:
        """Whether the lead's step is skipped, its walk finished, or its turn has not come after all."""
        if state.since is None:
            return False
        facts = LeadFacts(at=self._at, chain=running.chain, tracks_opens=running.row.settings.enable_tracking)
        passed = decisions.pass_over(state, facts)
        if passed:
            self._append(claim.campaign_id, claim.number, passed, state.version)
            return True
        step = next_step(state.done, running.chain)
        due = self._at if step is None else due_at(state.since, step)
        if due > self._at:
            self._not_yet[claim.campaign_id, claim.number] = due
        return due > self._at

    def _ready(
        self,
        running: Running,
        number: int,
        step: ChainStep | None,
        state: LeadState,
        history: Sequence[Recorded],
    ) -> _Ready | None:
        """The lead, if its address is not suppressed and its mail says something; else its walk ends."""
        lead = self._writing.get(LEADS, (self._workspace, running.campaign_id, number))
        values = None if lead is None else self._writing.content_row(lead.position, lead.place)
        if lead is None or values is None:
            self._stop(running, number, state, StopReason.UNFIT)
            return None
        hashed = address_hash(self._writing.tables, self._workspace, values[EMAIL])
        if self._writing.get(SUPPRESSIONS, (self._workspace, hashed)) is not None:
            self._stop(running, number, state, StopReason.SUPPRESSED)
            return None
        then = self._then(running)
        variant = variant_of(running.state, step, number)
        mail = then.mail(None if step is None else step.sequence_id, variant)
        moment = local_time(self._at, running.row.settings.timezone)
        if mail is None or then.mails.faults(mail, values, moment):
            self._stop(running, number, state, StopReason.UNFIT)
            return None
        return _Ready(state, history, variant, lead, hashed)

    def _stop(self, running: Running, number: int, state: LeadState, reason: StopReason) -> None:
        self._append(running.campaign_id, number, decisions.stop(state, reason), state.version)

    def _then(self, running: Running) -> CampaignThen:
        return self._messages.campaign_at(running.campaign_id, running.version, running.state)

    def _claimed(self, running: Running, claim: Claim, step: ChainStep | None, ready: _Ready) -> Task:
        event = Claimed(
            step_number=1 if step is None else step.step_number,
            sequence_id=None if step is None else step.sequence_id,
            variant_name=ready.variant_name,
            reserved=Reservation(
                inbox_id=claim.inbox_id,
                utc_day=utc_day(self._at),
                local_day=local_day(running.schedule, self._at).isoformat(),
            ),
            worker=self._metadata.actor,
            deadline=self._at + self._lease,
            address_hash=ready.address_hash,
            campaign_version=running.version,
            values_position=ready.lead.position,
            values_place=ready.lead.place,
            public_url=self._public_url,
        )
        proposed = decisions.claim(ready.state, event)
        (recorded,) = self._append(claim.campaign_id, claim.number, proposed, ready.state.version)
        earlier = mails_before(ready.state, ready.history)
        outgoing = self._messages.of_claim(claim.campaign_id, claim.number, recorded, earlier)
        assert outgoing is not None, "the mail was rendered a moment ago"
        return Task(
            campaign_id=claim.campaign_id,
            lead_id=lead_id_of(claim.campaign_id, claim.number),
            claim=recorded.version,
            step_number=event.step_number,
            sequence_id=event.sequence_id,
            variant_name=ready.variant_name,
            inbox_id=claim.inbox_id,
            deadline=event.deadline,
            outgoing=outgoing,
        )

    def _lead(self, campaign_id: UUID, number: int) -> tuple[LeadState, list[Recorded]]:
        history = self._writing.read_stream(self._workspace, lead_stream(campaign_id, number))
        return LEAD_DECIDER.fold(history), history

    def _append(self, campaign_id: UUID, number: int, proposed: Sequence[Proposed], version: int) -> list[Recorded]:
        return self._writing.append(lead_stream(campaign_id, number), proposed, self._metadata, version)


def variant_of(state: CampaignState, step: ChainStep | None, number: int) -> str:
    """The variant a lead gets: of the first mail by the split that holds for it, of a follow-up by the step's own."""
    if step is None:
        return variant_for(state.seed, _shares(split_for(state, number)), number)
    of_step = next(each for each in state.steps if each.sequence_id == step.sequence_id)
    return variant_for(state.seed ^ step.sequence_id.int, _shares(of_step.variants), number)


def _shares(variants: Sequence[Split]) -> tuple[tuple[str, int], ...]:
    return tuple((variant.variant_name, variant.distribution_percent) for variant in variants)
