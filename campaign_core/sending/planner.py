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
go to the inbox with most left to send today. Nothing depends on the order of a set or on who asks. Source: reference
sections 14 and 20.6.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from attrs import field, frozen

from campaign_core.sending.calendar import Schedule, is_open, next_local_day, next_open
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
    now: datetime, campaigns: Sequence[CampaignSending], inboxes: Sequence[InboxLedger], pacing: Pacing = PACING
) -> Plan:
    """What may be claimed at `now`, an aware instant, by campaigns that are running.

    The gap after a mail of this plan is reckoned from `now`, so its claim must be recorded with that instant.

    Raises:
        MisuseError: `now` has no offset, or a schedule names no time zone.
    """
    draft = _Draft(now=now.astimezone(UTC), pacing=pacing, inboxes={each.inbox_id: each for each in inboxes})
    ordered = sorted(campaigns, key=lambda each: each.campaign_id)
    ready = [each for each in ordered if draft.may_start(each)]
    for inbox_id in dict.fromkeys(inbox_id for each in ready for inbox_id in each.inbox_ids):
        draft.ask_inbox(inbox_id)
    orders = {each.campaign_id: draft.order_of(each) for each in ready}
    draft.claim_follow_ups(ready, orders)
    draft.claim_first_mails(ready, orders)
    draft.tell_taken()
    wakes = [wake for each in ordered if (wake := draft.wake_of(each)) is not None]
    return Plan(claims=tuple(draft.claims), wake_at=min(wakes, default=None), trace=tuple(draft.trace))
