"""What will be sent, when and from where: the planner on a virtual clock, over queues held in memory.

Nothing is guessed. Where nobody answers, the forecast is what then happens, mail by mail. Shares of readers who open, answer
or whose mails bounce can be assumed; who they are is then drawn by a keyed hash, so a forecast asked twice says the same.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from heapq import heapify, heappop, heappush
from itertools import islice
from typing import Final
from uuid import UUID

from attrs import define, evolve, field, frozen

from campaign_core.errors import MisuseError
from campaign_core.sending.calendar import Schedule, local_day
from campaign_core.sending.pacing import PACING, Pacing, free_at, ramped
from campaign_core.sending.planner import CampaignSending, Candidate, InboxLedger, plan

#: A forecast ends after so many mails, or once so much time has passed, whatever is left.
MOST_MAILS: Final = 5_000_000
HORIZON: Final = timedelta(days=3 * 366)


@frozen(kw_only=True)
class StepAhead:
    """A follow-up, as far as the forecast needs it."""

    sequence_id: UUID
    step_number: int
    wait: timedelta
    #: Whether it goes to a lead that has, or has not, opened a mail, and has not answered.
    goes_to_opened: bool
    goes_to_unopened: bool


@frozen(kw_only=True)
class LeadAhead:
    """A lead on its way."""

    number: int
    #: The inbox it keeps; None where it is free to take another.
    inbox_id: UUID | None
    #: Place in the chain of the follow-up that comes next, from 0; None: its first mail, put off.
    next_place: int | None
    #: From when its wait runs; for a first mail that was put off, when it may be claimed again.
    since: datetime
    opened: bool = False
    #: When a mail that was put off may be claimed again.
    retry_at: datetime | None = None


@frozen(kw_only=True)
class CampaignAhead:
    """A campaign that runs, or is supposed to."""

    campaign_id: UUID
    schedule: Schedule
    limit_per_inbox: int | None
    ramp_up_increment: int | None = None
    ramp_up_max_limit: int | None = None
    launched_at: datetime
    inbox_ids: tuple[UUID, ...]
    #: Claimed mails by inbox and day of the campaign's zone, as far as they count today.
    used: Mapping[tuple[UUID, date], int] = field(factory=dict)
    chain: tuple[StepAhead, ...] = ()
    #: Leads never contacted, in order.
    first_mails: Sequence[int] = ()
    #: Leads whose walk ends where a mail must not, or could not, go to them: by place in the chain, -1 for the first mail.
    stops_at: Mapping[int, Collection[int]] = field(factory=dict)
    on_their_way: Sequence[LeadAhead] = ()


@frozen(kw_only=True)
class Assumed:
    """Shares of readers, 0 to 1, of each mail.

    Raises:
        MisuseError: a share below 0 or above 1, or answers and bounces that are more than all.
    """

    open_rate: float = 0.0
    reply_rate: float = 0.0
    bounce_rate: float = 0.0

    def __attrs_post_init__(self) -> None:
        shares = (self.open_rate, self.reply_rate, self.bounce_rate, self.reply_rate + self.bounce_rate)
        if not all(0 <= each <= 1 for each in shares):
            raise MisuseError("Assumed shares lie between 0 and 1, answers and bounces together as well.")


@frozen
class MailAhead:
    """One mail of a forecast."""

    at: datetime
    campaign_id: UUID
    number: int
    step_number: int
    inbox_id: UUID


@frozen(kw_only=True)
class Forecast:
    """What will be sent."""

    mails: tuple[MailAhead, ...] = field(repr=False)
    #: When the last mail of each campaign goes; campaigns that send nothing are left out.
    finishes: Mapping[UUID, datetime]
    #: Mails that never go without somebody's action, by campaign.
    left: Mapping[UUID, int]
    planner_calls: int


#: Readers who do nothing.
Nobody: Final = Assumed()


def forecast(
    now: datetime,
    campaigns: Sequence[CampaignAhead],
    inboxes: Sequence[InboxLedger],
    *,
    assumed: Assumed = Nobody,
    pacing: Pacing = PACING,
    until: Callable[[MailAhead], bool] | None = None,
) -> Forecast:
    """Every mail from `now` on, in order.

    Args:
        now: aware; campaigns are running from then on.
        campaigns: all that compete for the inboxes.
        inboxes: what they have sent so far; one that cannot send now never will.
        assumed: how readers behave.
        pacing: the gap between two mails of one inbox.
        until: ends the forecast with the first mail for which it is true.
    """
    return _Run(now.astimezone(UTC), campaigns, inboxes, assumed, pacing).run(until)


@define
class _Inbox:
    """An inbox during a forecast."""

    inbox_id: UUID
    daily_limit: int
    #: A day of UTC, and the mails of that day.
    sent: tuple[date, int]
    last_claimed_at: datetime | None


@define
class _Campaign:
    """A campaign during a forecast."""

    ahead: CampaignAhead
    first: deque[int]
    #: Follow-ups by the inbox they belong to, the one due first on top; None: whichever.
    queues: dict[UUID | None, list[tuple[datetime, int, LeadAhead]]]
    used: Counter[tuple[UUID, date]]
    #: Place of each inbox in the campaign's own order.
    places: Mapping[UUID, int]
    #: The local day of its launch.
    launched_on: date
    #: An instant, and the local day it is in.
    today: tuple[datetime, date]

    def day_of(self, now: datetime) -> date:
        """The date in the campaign's zone; asked of one instant again and again."""
        if self.today[0] != now:
            self.today = now, local_day(self.ahead.schedule, now)
        return self.today[1]


class _Run:
    """One forecast."""

    def __init__(
        self,
        now: datetime,
        campaigns: Sequence[CampaignAhead],
        inboxes: Sequence[InboxLedger],
        assumed: Assumed,
        pacing: Pacing,
    ) -> None:
        self._now, self._end, self._assumed, self._pacing = now, now + HORIZON, assumed, pacing
        usable = [each for each in inboxes if each.can_send]
        self._inboxes = {
            each.inbox_id: _Inbox(each.inbox_id, each.daily_limit, (now.date(), each.sent_today), each.last_claimed_at)
            for each in usable
        }
        #: When each inbox is looked at next.
        self._looks = [
            (max(now, free_at(each.inbox_id, each.last_claimed_at, pacing) or now), each.inbox_id) for each in usable
        ]
        heapify(self._looks)
        self._campaigns = {each.campaign_id: self._queued(each) for each in campaigns}
        self._mails: list[MailAhead] = []
        self._calls = 0

    def run(self, until: Callable[[MailAhead], bool] | None) -> Forecast:
        """Goes from one instant at which something can happen to the next.

        Each inbox is looked at again when its gap is over or, where it had nothing to do, when the plan says: an inbox
        gets work from its own mails and from leads never contacted, so nothing can come up for it in between.
        """
        while self._looks and len(self._mails) < MOST_MAILS:
            self._now = self._looks[0][0]
            looked_at = []
            while self._looks and self._looks[0][0] <= self._now:
                looked_at.append(heappop(self._looks)[1])
            if self._now > self._end:
                break
            went = self._tick(looked_at)
            if until is not None and any(map(until, went)):
                break
        finishes = {each.campaign_id: each.at for each in self._mails}
        left = {mine: len(each.first) + sum(map(len, each.queues.values())) for mine, each in self._campaigns.items()}
        return Forecast(mails=tuple(self._mails), finishes=finishes, left=left, planner_calls=self._calls)

    def _queued(self, ahead: CampaignAhead) -> _Campaign:
        campaign = _Campaign(
            ahead=ahead,
            first=deque(ahead.first_mails),
            queues=defaultdict(list),
            used=Counter(ahead.used),
            places={inbox_id: place for place, inbox_id in enumerate(ahead.inbox_ids)},
            launched_on=local_day(ahead.schedule, ahead.launched_at),
            today=(self._now, local_day(ahead.schedule, self._now)),
        )
        for lead in ahead.on_their_way:
            self._wait(campaign, lead)
        return campaign

    def _wait(self, campaign: _Campaign, lead: LeadAhead) -> None:
        """Puts a lead into the queue of its inbox; one behind the last step leaves."""
        chain, place = campaign.ahead.chain, lead.next_place
        if place is not None and place >= len(chain):
            return
        due = lead.retry_at or (lead.since if place is None else lead.since + chain[place].wait)
        heappush(campaign.queues[lead.inbox_id], (due, lead.number, lead))

    def _tick(self, looked_at: Sequence[UUID]) -> list[MailAhead]:
        """What goes now from these inboxes."""
        claimed: list[MailAhead] = []
        idle = list(looked_at)
        while idle:
            ledgers = [self._today(self._inboxes[each]) for each in idle]
            sending = [found for each in self._campaigns.values() if (found := self._sending(each, idle)) is not None]
            self._calls += 1
            planned = plan(self._now, sending, ledgers, self._pacing, traced=False)
            went = [self._claim(claim.campaign_id, claim.number, claim.inbox_id) for claim in planned.claims]
            claimed += [mail for mail in went if mail is not None]
            for mail in went:
                if mail is not None:
                    idle.remove(mail.inbox_id)
            if not went:
                if planned.wake_at is not None:
                    for each in idle:
                        heappush(self._looks, (planned.wake_at, each))
                break
        return claimed

    def _today(self, inbox: _Inbox) -> InboxLedger:
        """The ledger, counted from nothing again where a day of UTC has begun."""
        today = self._now.date()
        return InboxLedger(
            inbox_id=inbox.inbox_id,
            can_send=True,
            daily_limit=inbox.daily_limit,
            sent_today=inbox.sent[1] if inbox.sent[0] == today else 0,
            last_claimed_at=inbox.last_claimed_at,
        )

    def _sending(self, campaign: _Campaign, usable: Collection[UUID]) -> CampaignSending | None:
        ahead = campaign.ahead
        inbox_ids = tuple(each for each in usable if each in campaign.places)
        if len(inbox_ids) > 1:
            inbox_ids = tuple(sorted(inbox_ids, key=campaign.places.__getitem__))
        if not inbox_ids or not (campaign.first or any(campaign.queues.values())):
            return None
        heads: list[tuple[datetime, int, LeadAhead]] = []
        dues: list[datetime] = []
        for owner in (*inbox_ids, None):
            queue = campaign.queues[owner]
            if queue and queue[0][0] <= self._now:
                heads.append(queue[0])
            elif queue:
                dues.append(queue[0][0])
        if len(heads) > 1:
            heads.sort(key=lambda each: each[:2])
        day = campaign.day_of(self._now)
        days = (day - campaign.launched_on).days
        return CampaignSending(
            campaign_id=ahead.campaign_id,
            schedule=ahead.schedule,
            limit_per_inbox=ramped(
                ahead.limit_per_inbox, ahead.ramp_up_increment, ahead.ramp_up_max_limit, max(days, 0)
            ),
            inbox_ids=inbox_ids,
            sent_today={each: campaign.used[each, day] for each in inbox_ids},
            follow_ups=tuple([self._candidate(campaign, due, lead) for due, _, lead in heads]),
            first_mails=tuple(islice(campaign.first, len(inbox_ids))),
            next_due_at=min(dues, default=None),
        )

    def _goes(self, campaign: _Campaign, lead: LeadAhead) -> bool:
        assert lead.next_place is not None
        if lead.next_place >= len(campaign.ahead.chain):
            return False
        step = campaign.ahead.chain[lead.next_place]
        return step.goes_to_opened if lead.opened else step.goes_to_unopened

    def _candidate(self, campaign: _Campaign, due: datetime, lead: LeadAhead) -> Candidate:
        step = None if lead.next_place is None else campaign.ahead.chain[lead.next_place]
        return Candidate(
            number=lead.number,
            step_number=1 if step is None else step.step_number,
            sequence_id=None if step is None else step.sequence_id,
            inbox_id=lead.inbox_id,
            due_at=due,
        )

    def _claim(self, campaign_id: UUID, number: int, inbox_id: UUID) -> MailAhead | None:
        """The mail goes; its lead waits for the next, unless its reader ends the walk. None where the lead moves on instead."""
        campaign, inbox = self._campaigns[campaign_id], self._inboxes[inbox_id]
        due, lead = self._taken(campaign, number, inbox_id)
        if self._moves_on(campaign, lead, due):
            return None
        place = -1 if lead.next_place is None else lead.next_place
        step_number = 1 if place < 0 else campaign.ahead.chain[place].step_number
        mail = MailAhead(self._now, campaign_id, number, step_number, inbox_id)
        self._mails.append(mail)
        today = self._now.date()
        inbox.sent = (today, inbox.sent[1] + 1 if inbox.sent[0] == today else 1)
        inbox.last_claimed_at = self._now
        heappush(self._looks, (free_at(inbox_id, self._now, self._pacing) or self._now, inbox_id))
        campaign.used[inbox_id, campaign.day_of(self._now)] += 1
        if not self._ends(mail):
            rate = self._assumed.open_rate
            opened = lead.opened or (rate > 0 and self._drawn(mail, b"open") < rate)
            behind = LeadAhead(number=number, inbox_id=inbox_id, next_place=place + 1, since=self._now, opened=opened)
            self._wait(campaign, behind)
        return mail

    def _moves_on(self, campaign: _Campaign, lead: LeadAhead, due: datetime) -> bool:
        """Whether the lead skips the steps that are due and do not go, or its walk ends because its mail must not go."""
        place, chain = lead.next_place, campaign.ahead.chain
        if place is not None and not self._goes(campaign, lead):
            # A mail that was put off was due before; the wait of the next step runs from then.
            due = lead.since + chain[place].wait
            while due <= self._now and not self._goes(campaign, lead):
                place = (lead.next_place or 0) + 1
                if place >= len(chain):
                    return True
                lead = evolve(lead, next_place=place, since=due, retry_at=None)
                due += chain[place].wait
            self._wait(campaign, lead)
            return True
        return lead.number in campaign.ahead.stops_at.get(-1 if place is None else place, ())

    def _taken(self, campaign: _Campaign, number: int, inbox_id: UUID) -> tuple[datetime, LeadAhead]:
        """The lead, out of the queue it stood in, and since when it was due."""
        for owner in (inbox_id, None):
            queue = campaign.queues[owner]
            if queue and queue[0][1] == number:
                due, _, lead = heappop(queue)
                return due, lead
        campaign.first.remove(number)
        return self._now, LeadAhead(number=number, inbox_id=inbox_id, next_place=None, since=self._now)

    def _ends(self, mail: MailAhead) -> bool:
        ends = self._assumed.reply_rate + self._assumed.bounce_rate
        return ends > 0 and self._drawn(mail, b"end") < ends

    def _drawn(self, mail: MailAhead, what: bytes) -> float:
        """A number in [0, 1) that depends on the mail and on nothing else."""
        told = mail.campaign_id.bytes + mail.number.to_bytes(8, "big") + mail.step_number.to_bytes(1, "big")
        return int.from_bytes(blake2b(told, digest_size=7, person=what).digest(), "big") / (1 << 56)
