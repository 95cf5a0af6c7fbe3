"""What a campaign would send from now on: its queues read once from a snapshot, then the planner on a virtual clock.

Every campaign that runs and competes for the same inboxes takes part. Nothing is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import attrs
from attrs import field, frozen

from campaign_core.campaign.decisions import CAMPAIGN_DECIDER, starts_in_time
from campaign_core.campaign.events import stream_of
from campaign_core.campaign.facts import CampaignFacts
from campaign_core.campaign.lifecycle import CAMPAIGN
from campaign_core.campaign.mails import CampaignMails, local_time
from campaign_core.campaign.readiness import readiness
from campaign_core.campaign.schedule import schedule_of
from campaign_core.campaign.settings import SettingsChange
from campaign_core.checks import check
from campaign_core.content.names import value_of
from campaign_core.errors import MisuseError, NotLaunchReady, UnknownCampaign, UnusableInboxes
from campaign_core.inbox.lifecycle import can_send, keeps_leads
from campaign_core.kernel.campaign_leads import CampaignLeads
from campaign_core.kernel.dispatch import variant_of
from campaign_core.kernel.lead_aggregate import chain_of
from campaign_core.kernel.preflight import bound_mails
from campaign_core.kernel.queues import Queues, Running, active_campaigns
from campaign_core.kernel.warm import Loaded
from campaign_core.lead.decisions import LEAD_DECIDER
from campaign_core.lead.events import stream_of as lead_stream
from campaign_core.lead.state import LeadState
from campaign_core.lead.status import LeadStatus
from campaign_core.lead.walk import ChainStep, holds, next_step
from campaign_core.log.transaction import Reading
from campaign_core.sending.calendar import local_day
from campaign_core.sending.forecast import (
    Assumed,
    CampaignAhead,
    LeadAhead,
    MailAhead,
    StepAhead,
    forecast,
)
from campaign_core.sending.pacing import PACING, Pacing
from campaign_core.sending.planner import CampaignSending, InboxLedger
from campaign_core.views.campaigns import CAMPAIGNS, CampaignRow
from campaign_core.views.due import DUE, FIRST, DueRow, DueState
from campaign_core.views.inboxes import INBOXES
from campaign_core.views.leads import LEADS, LeadRow
from campaign_core.views.usage import USAGE
from campaign_core.views.view import Query

_PAGE: Final = 1000
#: Why a lead gets no mail any more unless somebody acts, beside the faults of mails.
SUPPRESSED, UNKNOWN = "suppressed", "outcome_unknown"
_NOTHING: Final = SettingsChange()


@frozen(kw_only=True)
class WhatIf:
    """What to suppose about a campaign before it is so."""

    #: Settings to put over the campaign's.
    settings: SettingsChange = _NOTHING
    #: Inboxes beside those it has.
    add_inboxes: tuple[UUID, ...] = ()
    #: Nothing goes before this instant.
    pause_until: datetime | None = None
    #: How readers behave.
    assumed: Assumed = field(factory=Assumed)


#: Nothing supposed.
AS_IT_IS: Final = WhatIf()


@frozen(kw_only=True)
class Outlook:
    """What a campaign would send."""

    campaign_id: UUID
    #: Its mails, in order; those of the campaigns it competes with are left out.
    mails: tuple[MailAhead, ...] = field(repr=False)
    #: When the last of them goes; None where none does.
    finishes_at: datetime | None
    #: Leads that get no further mail without somebody's action, by reason, each with the numbers of the first.
    unreachable: Mapping[str, tuple[int, ...]]
    #: Mails that find no time or no inbox.
    left: int
    #: The zone its days are counted in.
    timezone: str
    planner_calls: int

    def days(self) -> dict[date, Counter[tuple[UUID, int]]]:
        """Mails of each day in the campaign's zone, by inbox and step."""
        found: dict[date, Counter[tuple[UUID, int]]] = {}
        for mail in self.mails:
            day = local_time(mail.at, self.timezone).date()
            found.setdefault(day, Counter())[mail.inbox_id, mail.step_number] += 1
        return found


Load = Callable[[Reading, str, str, Any], Loaded]


class Forecasting:
    """Reads what a forecast starts from, out of one snapshot."""

    def __init__(self, snapshot: Reading, workspace: str, load: Load, at: datetime) -> None:
        self._snapshot, self._workspace, self._load, self._at = snapshot, workspace, load, at
        self._unreachable: dict[str, dict[int, None]] = {}

    def outlook(
        self,
        campaign_id: UUID,
        what_if: WhatIf,
        pacing: Pacing = PACING,
        until: Callable[[MailAhead], bool] | None = None,
    ) -> Outlook:
        """The outlook of a campaign, up to the first mail for which `until` is true.

        One that does not run is supposed to be started now.

        Raises:
            UnknownCampaign: there is none.
            IllegalTransition: it cannot be started any more.
            InvalidMessage: the supposed settings do not fit together.
            UnusableInboxes: an inbox to add does not exist or is not ACTIVE.
            NotLaunchReady: it does not run, and parts it needs for that are missing.
        """
        row = self._snapshot.get(CAMPAIGNS, (self._workspace, campaign_id))
        if row is None:
            raise UnknownCampaign(campaign_id)
        target = self._supposed(row, what_if)
        inbox_ids = set(target.row.inbox_ids)
        running = [target, *self._rivals(row, inbox_ids)]
        ahead = [self._ahead(each, is_target=each is target, what_if=what_if) for each in running]
        ledgers = self._ledgers(running)
        found = forecast(self._at, ahead, ledgers, assumed=what_if.assumed, pacing=pacing, until=until)
        mails = tuple(each for each in found.mails if each.campaign_id == campaign_id)
        return Outlook(
            campaign_id=campaign_id,
            mails=mails,
            finishes_at=mails[-1].at if mails else None,
            unreachable={reason: tuple(numbers) for reason, numbers in self._unreachable.items()},
            left=found.left[campaign_id],
            timezone=target.row.settings.timezone,
            planner_calls=found.planner_calls,
        )

    def running(self) -> list[Running]:
        """Every campaign that runs."""
        return [self._running(row) for row in active_campaigns(self._snapshot, self._workspace)]

    def sending(self) -> tuple[list[CampaignSending], list[InboxLedger]]:
        """What every campaign that runs could send, and what its inboxes have sent: what a tick would plan with."""
        running, queues = self.running(), Queues(self._snapshot, self._workspace, self._at)
        return [queues.sending(each, ()) for each in running], queues.ledgers(running)

    def _supposed(self, row: CampaignRow, what_if: WhatIf) -> Running:
        """The campaign as it would run."""
        starts = "launch" if CAMPAIGN.knows("launch", row.status) else "resume"
        CAMPAIGN.ask(starts, row.status)
        if what_if.pause_until is not None and what_if.pause_until.tzinfo is None:
            raise MisuseError("An instant needs its zone, such as datetime(2030, 1, 31, 9, 0, tzinfo=UTC).")
        check(what_if.settings)
        settings = what_if.settings.applied_to(row.settings).resolved()
        check(settings)
        starts_in_time(settings, CampaignFacts(at=self._at))
        added = {each: self._snapshot.get(INBOXES, (self._workspace, each)) for each in what_if.add_inboxes}
        unusable = [each for each, inbox in added.items() if inbox is None or not can_send(inbox.status)]
        if unusable:
            raise UnusableInboxes(unusable)
        inbox_ids = tuple(dict.fromkeys((*row.inbox_ids, *what_if.add_inboxes)))
        running = self._running(attrs.evolve(row, settings=settings, inbox_ids=inbox_ids))
        self._has_every_part(running)
        return running

    def _has_every_part(self, running: Running) -> None:
        """A campaign that lacks a part cannot be supposed to run."""
        leads = CampaignLeads(self._snapshot, self._workspace, running.campaign_id).standing()
        state = attrs.evolve(running.state, inbox_ids=running.row.inbox_ids)
        missing = readiness(state, CampaignFacts(at=self._at, leads=leads)).missing_requirements
        if missing and not CAMPAIGN.knows("complete", running.row.status):
            raise NotLaunchReady(missing)

    def _running(self, row: CampaignRow) -> Running:
        loaded = self._load(self._snapshot, self._workspace, stream_of(row.campaign_id), CAMPAIGN_DECIDER)
        found = [self._snapshot.get(INBOXES, (self._workspace, each)) for each in row.inbox_ids]
        inboxes = tuple(each for each in found if each is not None)
        return Running(row, loaded.state, loaded.version, schedule_of(row.settings), chain_of(row), inboxes)

    def _rivals(self, row: CampaignRow, wanted: set[UUID]) -> Iterator[Running]:
        """Every running campaign that competes for an inbox with this one, or with one that does."""
        left = [
            each for each in active_campaigns(self._snapshot, self._workspace) if each.campaign_id != row.campaign_id
        ]
        while found := next((each for each in left if wanted & set(each.inbox_ids)), None):
            left.remove(found)
            wanted |= set(found.inbox_ids)
            yield self._running(found)

    def _ledgers(self, running: Sequence[Running]) -> list[InboxLedger]:
        return Queues(self._snapshot, self._workspace, self._at).ledgers(running)

    def _ahead(self, running: Running, *, is_target: bool, what_if: WhatIf) -> CampaignAhead:
        """The queues of a campaign, as the forecast takes them."""
        settings = running.row.settings
        schedule = running.schedule
        if is_target and what_if.pause_until is not None:
            schedule = attrs.evolve(schedule, not_before=max(what_if.pause_until, schedule.not_before or self._at))
        leads = CampaignLeads(self._snapshot, self._workspace, running.campaign_id)
        mails = bound_mails(leads, running.state)
        unfit = self._unfit(running, leads, mails, told=is_target)
        ramps = settings.ramp_up_enabled
        return CampaignAhead(
            campaign_id=running.campaign_id,
            schedule=schedule,
            limit_per_inbox=settings.daily_limit_per_inbox,
            ramp_up_increment=settings.ramp_up_increment if ramps else None,
            ramp_up_max_limit=settings.ramp_up_max_limit if ramps else None,
            launched_at=running.row.launched_at or self._at,
            inbox_ids=tuple(inbox.inbox_id for inbox in running.inboxes if can_send(inbox.status)),
            used=self._used(running, local_day(schedule, self._at)),
            chain=tuple(self._step(each, tracks_opens=settings.enable_tracking) for each in running.chain),
            first_mails=[row.number for row in self._pending(running)],
            on_their_way=list(self._on_their_way(running, told=is_target)),
            stops_at=_by_place(unfit, running.chain),
        )

    def _used(self, running: Running, today: date) -> dict[tuple[UUID, date], int]:
        """What counts against the campaign's limit from today on: in another zone a mail of today counts tomorrow."""
        where = {"workspace": self._workspace, "scope": str(running.campaign_id)}
        return {
            (inbox.inbox_id, date.fromisoformat(row.day)): row.count
            for inbox in running.inboxes
            for row in self._snapshot.find(
                USAGE, Query(where={**where, "inbox_id": inbox.inbox_id}, at_least={"day": today.isoformat()})
            )
        }

    def _step(self, step: ChainStep, *, tracks_opens: bool) -> StepAhead:
        return StepAhead(
            sequence_id=step.sequence_id,
            step_number=step.step_number,
            wait=timedelta(days=step.wait_days),
            goes_to_opened=holds(step, LeadState(opened=True), tracks_opens=tracks_opens),
            goes_to_unopened=holds(step, LeadState(), tracks_opens=tracks_opens),
        )

    def _pending(self, running: Running) -> Iterator[LeadRow]:
        """The leads never contacted, by number; a page of them is held at a time."""
        where = {"workspace": self._workspace, "campaign_id": running.campaign_id, "status": LeadStatus.PENDING}
        next_number = 1
        while page := self._snapshot.find(LEADS, Query(where=where, at_least={"number": next_number}, limit=_PAGE)):
            yield from page
            next_number = page[-1].number + 1

    def _unfit(
        self, running: Running, leads: CampaignLeads, mails: CampaignMails, *, told: bool
    ) -> set[tuple[int, UUID | None]]:
        """Lead and step of every mail that must not, or could not, go; a suppressed lead has its first step here."""
        unfit: set[tuple[int, UUID | None]] = set()
        moment = local_time(self._at, running.row.settings.timezone)
        steps: list[ChainStep | None] = [None, *running.chain]
        by_place = {(each.sequence_id, each.variant_name): each for each in mails.mails}
        rows: list[tuple[LeadRow, Mapping[str, str]]] = []
        on_the_walk = {row.number for row in self._pending(running)} | {row.number for row in self._due_rows(running)}

        def look() -> None:
            listed = leads.suppressed([value_of(values, "email").lower() for _, values in rows])
            for row, values in rows:
                if value_of(values, "email").lower() in listed:
                    unfit.update((row.number, None if step is None else step.sequence_id) for step in steps)
                    self._note(told, SUPPRESSED, row.number)
                    continue
                for step in steps:
                    sequence_id = None if step is None else step.sequence_id
                    mail = by_place.get((sequence_id, variant_of(running.state, step, row.number)))
                    faults = {"unreadable_template"} if mail is None else mails.faults(mail, values, moment)
                    if faults:
                        unfit.add((row.number, sequence_id))
                        self._note(told, min(faults), row.number)

        for pair in leads.each():
            if pair[0].number not in on_the_walk:
                continue
            rows.append(pair)
            if len(rows) == _PAGE:
                look()
                rows.clear()
        look()
        return unfit

    def _note(self, told: bool, reason: str, number: int) -> None:
        if told:
            self._unreachable.setdefault(reason, {})[number] = None

    def _on_their_way(self, running: Running, *, told: bool) -> Iterator[LeadAhead]:
        """The leads that wait for a follow-up; a mail that is claimed counts as gone when it was claimed."""
        kept = {inbox.inbox_id for inbox in running.inboxes if keeps_leads(inbox.status)}
        for row in self._due_rows(running):
            ran_out = row.state is DueState.CLAIMED and row.at <= self._at
            if row.state is DueState.UNKNOWN or ran_out:
                self._note(told, UNKNOWN, row.number)
                continue
            lead = self._lead_ahead(running, row)
            if lead is not None:
                yield lead if row.inbox_id in kept else attrs.evolve(lead, inbox_id=None)

    def _due_rows(self, running: Running) -> Iterator[DueRow]:
        """The leads on their way, by number; a page of them is held at a time."""
        where = {"workspace": self._workspace, "campaign_id": running.campaign_id}
        next_number = 1
        while page := self._snapshot.find(DUE, Query(where=where, at_least={"number": next_number}, limit=_PAGE)):
            yield from page
            next_number = page[-1].number + 1

    def _lead_ahead(self, running: Running, row: DueRow) -> LeadAhead | None:
        history = self._snapshot.read_stream(self._workspace, lead_stream(row.campaign_id, row.number))
        state = LEAD_DECIDER.fold(history)
        claimed = row.state is DueState.CLAIMED
        done = (*state.done, None if row.step == FIRST else UUID(row.step)) if claimed else state.done
        places = {step.sequence_id: place for place, step in enumerate(running.chain)}
        if row.state is DueState.DEFERRED and state.since is None:
            return LeadAhead(number=row.number, inbox_id=row.inbox_id, next_place=None, since=row.at, retry_at=row.at)
        step = next_step(done, running.chain)
        if step is None:
            return None
        since = row.claimed_at if claimed else row.since or row.at
        return LeadAhead(
            number=row.number,
            inbox_id=row.inbox_id,
            next_place=places[step.sequence_id],
            since=since,
            opened=state.opened,
            retry_at=row.at if row.state is DueState.DEFERRED else None,
        )


def _by_place(unfit: set[tuple[int, UUID | None]], chain: Sequence[ChainStep]) -> dict[int, set[int]]:
    """Numbers of leads by the place of the step that stops them, -1 for the first mail."""
    places: dict[UUID | None, int] = {None: -1} | {step.sequence_id: place for place, step in enumerate(chain)}
    found: dict[int, set[int]] = {}
    for number, sequence_id in unfit:
        found.setdefault(places[sequence_id], set()).add(number)
    return found
