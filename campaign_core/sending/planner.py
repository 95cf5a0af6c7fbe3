"""What may be claimed now, why not more, and when to ask again.

Pure: the ledgers and what is due go in, a plan comes out, and with it every rule that was asked, what it compared and when
it would let go by itself. The rules, by their names in the trace:

    start_date            the campaign's start date has come
    window                the campaign's schedule is open
    nothing_due           the campaign has a mail to send: a follow-up that is due, or a lead never contacted
    inbox_can_send        the inbox exists, is usable, and is one of the campaign's
    inbox_daily_limit     the inbox's own limit, over all campaigns, by the day in UTC
    inbox_gap             the gap after the inbox's last mail is over; so an inbox takes one mail at a time
    campaign_daily_limit  the campaign's limit for each inbox, by the day in its own time zone

Due follow-ups go first, the oldest before all others; one that belongs to an inbox waits for it. Then leads never contacted
go to the inbox with most left to send today; where campaigns compete for one, that which used it least today goes first.
Nothing depends on the order of a set or on who asks first. Source: reference sections 14 and 20.6.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from attrs import define, field, frozen

from campaign_core.sending.calendar import Schedule, next_local_day, next_open
from campaign_core.sending.pacing import PACING, Pacing, free_at

_NEVER = datetime.min.replace(tzinfo=UTC)
_INSTANT = timedelta(microseconds=1)


@frozen(kw_only=True)
class InboxLedger:
    """What an inbox has sent, over all campaigns. Claimed mails count, whatever became of them."""

    inbox_id: UUID
    #: False where only somebody's action could make it usable.
    can_send: bool
    #: Its own limit, in mails per day of UTC; 0 or more.
    daily_limit: int
    #: Mails it claimed in the UTC day of `now`.
    sent_today: int
    #: When it last claimed one, as an aware instant; None: never.
    last_claimed_at: datetime | None


@frozen(kw_only=True)
class Candidate:
    """A follow-up that is due."""

    #: The lead's number in its campaign.
    number: int
    step_number: int
    sequence_id: UUID | None
    #: The inbox the lead was written from; None: whichever of the campaign.
    inbox_id: UUID | None
    #: Since when it is due, as an aware instant.
    due_at: datetime


@frozen(kw_only=True)
class CampaignSending:
    """What a campaign could send, and what it has sent today."""

    campaign_id: UUID
    schedule: Schedule
    #: Mails for each inbox and local day, as it is today; None: no limit.
    limit_per_inbox: int | None
    #: Its inboxes, in the campaign's order.
    inbox_ids: tuple[UUID, ...]
    #: Mails claimed in the campaign's local day of `now`, by inbox; 0 where not named.
    sent_today: Mapping[UUID, int]
    #: All follow-ups due at `now`, oldest first; one for each lead.
    follow_ups: tuple[Candidate, ...]
    #: The numbers of leads never contacted, in order: at least as many as there are inboxes, if there are so many.
    first_mails: tuple[int, ...]
    #: When the next follow-up becomes due that is not yet, as an aware instant; None: there is none.
    next_due_at: datetime | None


@frozen(kw_only=True)
class Claim:
    """A mail to claim now: step 1 is the first mail."""

    campaign_id: UUID
    number: int
    step_number: int
    sequence_id: UUID | None
    inbox_id: UUID


@frozen(kw_only=True)
class Asked:
    """One rule, asked once."""

    #: Its name, as in the list at the head of this file.
    rule: str
    #: Of which campaign, inbox and lead it was asked; None: of none in particular.
    campaign_id: UUID | None = None
    inbox_id: UUID | None = None
    number: int | None = None
    allows: bool
    #: What was compared.
    numbers: Mapping[str, object]
    #: When it would allow by itself; None where it does, or where only somebody's action could make it.
    frees_at: datetime | None = None


@frozen(kw_only=True)
class Plan:
    """What to claim now, in order, when to ask again, and every rule asked."""

    claims: tuple[Claim, ...]
    #: The instant, in UTC and after `now`, before which nothing more can be claimed than `claims`; None: not without
    #: somebody's action. It knows nothing of follow-ups to the mails of this very plan.
    wake_at: datetime | None
    trace: tuple[Asked, ...]


def plan(
    now: datetime,
    campaigns: Sequence[CampaignSending],
    inboxes: Sequence[InboxLedger],
    pacing: Pacing = PACING,
    *,
    traced: bool = True,
) -> Plan:
    """What may be claimed at `now`, an aware instant, by the campaigns given, which are those that are running.

    The gap after a mail of this plan is reckoned from `now`, so its claim must be recorded with that instant. Without
    `traced` the trace stays empty, and `wake_at` is None where there are claims: those who make thousands of plans in a
    row know what they claimed and ask again for the rest.

    Raises:
        MisuseError: `now` has no offset, or a schedule names no time zone.
    """
    draft = _Draft(
        now=now.astimezone(UTC), pacing=pacing, inboxes={each.inbox_id: each for each in inboxes}, traced=traced
    )
    ordered = sorted(campaigns, key=lambda each: each.campaign_id)
    ready = [each for each in ordered if draft.may_start(each)]
    for inbox_id in dict.fromkeys(inbox_id for each in ready for inbox_id in each.inbox_ids):
        draft.ask_inbox(inbox_id)
    orders = {each.campaign_id: draft.order_of(each) for each in ready}
    draft.claim_follow_ups(ready, orders)
    draft.claim_first_mails(ready, orders)
    if draft.claims and not traced:
        return Plan(claims=tuple(draft.claims.values()), wake_at=None, trace=())
    draft.tell_taken()
    rests = draft.rests()
    wakes = [wake for each in ordered if (wake := draft.wake_of(each, rests)) is not None]
    return Plan(claims=tuple(draft.claims.values()), wake_at=min(wakes, default=None), trace=tuple(draft.trace))


@define(kw_only=True)
class _Draft:
    """A plan in the making."""

    now: datetime
    pacing: Pacing
    inboxes: Mapping[UUID, InboxLedger]
    traced: bool
    #: The inboxes that may take a mail now, whichever campaign asks.
    usable: set[UUID] = field(factory=set)
    claims: dict[UUID, Claim] = field(factory=dict)  # by inbox, which takes one
    leads: set[tuple[UUID, int]] = field(factory=set)
    trace: list[Asked] = field(factory=list)

    def ask(
        self,
        rule: str,
        allows: bool,
        numbers: Mapping[str, object],
        frees_at: datetime | None = None,
        *,
        campaign_id: UUID | None = None,
        inbox_id: UUID | None = None,
    ) -> bool:
        """Writes into the trace that a rule was asked, and gives its answer."""
        if self.traced:
            self.trace.append(
                Asked(
                    rule=rule,
                    campaign_id=campaign_id,
                    inbox_id=inbox_id,
                    allows=allows,
                    numbers=numbers,
                    frees_at=None if allows else frees_at,
                )
            )
        return allows

    def may_start(self, campaign: CampaignSending) -> bool:
        """Whether the campaign may send now and has something to send."""
        mine, starts = campaign.campaign_id, campaign.schedule.not_before
        begun = starts is None or starts <= self.now
        if not self.ask("start_date", begun, {"start_date": starts}, starts, campaign_id=mine):
            return False
        opens = next_open(campaign.schedule, self.now)
        if not self.ask("window", opens == self.now, {"timezone": campaign.schedule.timezone}, opens, campaign_id=mine):
            return False
        due = {"follow_ups": len(campaign.follow_ups), "first_mails": len(campaign.first_mails)}
        return self.ask("nothing_due", any(due.values()), due, campaign.next_due_at, campaign_id=mine)

    def ask_inbox(self, inbox_id: UUID) -> None:
        """Whether the inbox may take a mail now."""
        ledger = self.inboxes.get(inbox_id)
        known = {"known": ledger is not None}
        if not self.ask("inbox_can_send", ledger is not None and ledger.can_send, known, inbox_id=inbox_id):
            return
        assert ledger is not None
        left = ledger.sent_today < ledger.daily_limit
        free = free_at(inbox_id, ledger.last_claimed_at, self.pacing)
        rested = free is None or free <= self.now
        if self.traced:
            day = {"sent_today": ledger.sent_today, "daily_limit": ledger.daily_limit}
            self.ask("inbox_daily_limit", left, day, self.day_turns(ledger), inbox_id=inbox_id)
            self.ask("inbox_gap", rested, {"last_claimed_at": ledger.last_claimed_at}, free, inbox_id=inbox_id)
        if left and rested:
            self.usable.add(inbox_id)

    def order_of(self, campaign: CampaignSending) -> dict[UUID, None]:
        """The inboxes that may take a mail of the campaign now, in the order in which it would use them."""
        ranked = []
        turns = next_local_day(campaign.schedule, self.now) if self.traced else None
        for place, inbox_id in enumerate(dict.fromkeys(campaign.inbox_ids)):
            sent, limit = campaign.sent_today.get(inbox_id, 0), campaign.limit_per_inbox
            left = limit is None or sent < limit
            if self.traced:
                day = {"sent_today": sent, "limit_per_inbox": limit}
                self.ask("campaign_daily_limit", left, day, turns, campaign_id=campaign.campaign_id, inbox_id=inbox_id)
            if left and inbox_id in self.usable:
                ledger = self.inboxes[inbox_id]
                capacity = ledger.daily_limit - ledger.sent_today
                capacity = capacity if limit is None else min(capacity, limit - sent)
                ranked.append((-capacity, ledger.last_claimed_at or _NEVER, place, inbox_id))
        if not campaign.inbox_ids:
            self.ask("inbox_can_send", False, {"assigned": False}, campaign_id=campaign.campaign_id)
        for wanted in dict.fromkeys(each.inbox_id for each in campaign.follow_ups if self.traced):
            if wanted is not None and wanted not in campaign.inbox_ids:
                unassigned = {"assigned": False}
                self.ask("inbox_can_send", False, unassigned, campaign_id=campaign.campaign_id, inbox_id=wanted)
        return {inbox_id: None for *_, inbox_id in sorted(ranked)}

    def claim_follow_ups(self, ready: Sequence[CampaignSending], orders: Mapping[UUID, dict[UUID, None]]) -> None:
        """Gives each follow-up its inbox, or the first free one of its campaign: the oldest first."""
        due = [
            (each.due_at, campaign.campaign_id, each.number, each) for campaign in ready for each in campaign.follow_ups
        ]
        for _, campaign_id, _, candidate in sorted(due, key=lambda each: each[:3]):
            if len(self.claims) == len(self.usable):
                return
            order, wanted = orders[campaign_id], candidate.inbox_id
            choice: Iterable[UUID] = order if wanted is None else (wanted,) if wanted in order else ()
            free = next((inbox_id for inbox_id in choice if inbox_id not in self.claims), None)
            if free is not None:
                self.claim(campaign_id, candidate.number, candidate.step_number, candidate.sequence_id, free)

    def claim_first_mails(self, ready: Sequence[CampaignSending], ranked: Mapping[UUID, Iterable[UUID]]) -> None:
        """Gives leads never contacted to the inboxes that are left.

        Each campaign asks for its best inboxes, one for each lead; an inbox takes the campaign that used it least today;
        who is turned away, or out, asks for its next best. So the outcome does not depend on who asks first: nobody with
        a lead to spare is kept from an inbox by a campaign that used it more (Gale and Shapley 1962).
        """
        if len(self.claims) == len(self.usable):
            return
        holders: dict[UUID, CampaignSending] = {}
        orders = {mine: [each for each in order if each not in self.claims] for mine, order in ranked.items()}
        left = {mine: iter(order) for mine, order in orders.items()}
        asking = [each for each in ready for _ in zip(each.first_mails, orders[each.campaign_id], strict=False)]
        while asking:
            campaign = asking.pop()
            for inbox_id in left[campaign.campaign_id]:
                holder = holders.get(inbox_id)
                if holder is None or _use(campaign, inbox_id) < _use(holder, inbox_id):
                    holders[inbox_id] = campaign
                    if holder is not None:
                        asking.append(holder)
                    break
        for campaign in ready:
            held = [each for each in orders[campaign.campaign_id] if holders.get(each) is campaign]
            for number, inbox_id in zip(campaign.first_mails, held, strict=False):
                self.claim(campaign.campaign_id, number, 1, None, inbox_id)

    def claim(self, campaign_id: UUID, number: int, step: int, sequence_id: UUID | None, inbox_id: UUID) -> None:
        """Takes the inbox for a lead, unless the plan has a mail for that lead already."""
        if (campaign_id, number) not in self.leads:
            self.leads.add((campaign_id, number))
            self.claims[inbox_id] = Claim(
                campaign_id=campaign_id, number=number, step_number=step, sequence_id=sequence_id, inbox_id=inbox_id
            )

    def tell_taken(self) -> None:
        """Why nothing else goes through an inbox of the plan: its gap after the mail that it takes."""
        for inbox_id, taken in self.claims.items():
            last = {"last_claimed_at": self.now, "campaign_id": taken.campaign_id, "number": taken.number}
            self.ask("inbox_gap", False, last, free_at(inbox_id, self.now, self.pacing), inbox_id=inbox_id)

    def day_turns(self, ledger: InboxLedger) -> datetime | None:
        """When the inbox's own limit counts from 0 again; None if it is 0 itself."""
        today = datetime(self.now.year, self.now.month, self.now.day, tzinfo=UTC)
        return today + timedelta(days=1) if ledger.daily_limit > 0 else None

    def rests(self) -> dict[UUID, datetime]:
        """From when on each inbox may take a mail, after this plan, whichever campaign asks.

        Without those that may take none unless somebody acts.
        """
        found = {}
        for inbox_id, ledger in self.inboxes.items():
            taken = inbox_id in self.claims
            rested = free_at(inbox_id, self.now if taken else ledger.last_claimed_at, self.pacing) or self.now
            turns = self.day_turns(ledger) if ledger.sent_today + taken >= ledger.daily_limit else rested
            if ledger.can_send and turns is not None:
                found[inbox_id] = max(rested, turns)
        return found

    def wake_of(self, campaign: CampaignSending, rests: Mapping[UUID, datetime]) -> datetime | None:
        """When the campaign might claim more, after this plan; None: not without somebody's action."""
        left = [each for each in campaign.follow_ups if (campaign.campaign_id, each.number) not in self.leads]
        inbox_ids = dict.fromkeys(campaign.inbox_ids)
        # Fewer first mails than inboxes are all there are; of more, the plan knows only the first.
        first = len(campaign.first_mails) >= len(inbox_ids) or any(
            (campaign.campaign_id, number) not in self.leads for number in campaign.first_mails
        )
        wanted = {each.inbox_id for each in left}
        rested = {each: rests[each] for each in inbox_ids if each in rests}
        spent = [each for each in rested if self.spent(campaign, each)]
        if spent:
            turns = next_local_day(campaign.schedule, self.now)
            rested |= {each: max(rested[each], turns) for each in spent}
        wakes = [at for each, at in rested.items() if first or None in wanted or each in wanted]
        if rested and campaign.next_due_at is not None:
            wakes.append(max(campaign.next_due_at, min(rested.values())))
        return next_open(campaign.schedule, max(min(wakes), self.now + _INSTANT)) if wakes else None

    def spent(self, campaign: CampaignSending, inbox_id: UUID) -> bool:
        """Whether the campaign's limit for an inbox is reached for today, after this plan."""
        taken = self.claims.get(inbox_id)
        sent = campaign.sent_today.get(inbox_id, 0) + (taken is not None and taken.campaign_id == campaign.campaign_id)
        return campaign.limit_per_inbox is not None and sent >= campaign.limit_per_inbox


def _use(campaign: CampaignSending, inbox_id: UUID) -> tuple[int, UUID]:
    """Which campaign an inbox takes before another: the smallest."""
    return campaign.sent_today.get(inbox_id, 0), campaign.campaign_id
