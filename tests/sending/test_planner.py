"""A plan keeps every rule, leaves nothing out without saying why, and says when to ask again, never too late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from campaign_core.sending.calendar import Schedule
from campaign_core.sending.pacing import Pacing, gap_seconds
from campaign_core.sending.planner import Asked, CampaignSending, Candidate, Claim, InboxLedger, Plan, plan
from campaign_core.sending.zones import zone

INBOXES = [UUID(int=number) for number in range(1, 5)]
CAMPAIGNS = [UUID(int=number) for number in range(101, 104)]
ZONES = ["UTC", "America/New_York", "Asia/Tokyo", "America/Santiago", "Australia/Lord_Howe", "Pacific/Kiritimati"]
PACINGS = [Pacing(), Pacing(shortest_seconds=20_000, longest_seconds=50_000)]
#: A Wednesday morning in UTC.
NOON = datetime(2027, 3, 10, 12, tzinfo=UTC)
ALWAYS = Schedule(timezone="UTC", sending_days=(1, 2, 3, 4, 5, 6, 7), start_minute=0, end_minute=1440)


def ledger(number: int, **changes: object) -> InboxLedger:
    """An inbox that may send now, but for what is changed."""
    fresh = InboxLedger(inbox_id=INBOXES[number], can_send=True, daily_limit=50, sent_today=0, last_claimed_at=None)
    return evolve(fresh, **changes)


def campaign(number: int = 0, **changes: object) -> CampaignSending:
    """A campaign that may send now through the first two inboxes but has nothing to send, but for what is changed."""
    idle = CampaignSending(
        campaign_id=CAMPAIGNS[number],
        schedule=ALWAYS,
        limit_per_inbox=None,
        inbox_ids=(INBOXES[0], INBOXES[1]),
        sent_today={},
        follow_ups=(),
        first_mails=(),
        next_due_at=None,
    )
    return evolve(idle, **changes)


def follow_up(number: int, inbox: int | None = None, *, hours: int = 1) -> Candidate:
    """A second mail to a lead, due for so many hours."""
    return Candidate(
        number=number,
        step_number=2,
        sequence_id=UUID(int=7),
        inbox_id=None if inbox is None else INBOXES[inbox],
        due_at=NOON - timedelta(hours=hours),
    )


def claimed(made: Plan) -> list[tuple[int, int, int]]:
    """Campaign, lead and inbox of each claim, campaign and inbox by their place in the lists above."""
    return [(CAMPAIGNS.index(each.campaign_id), each.number, INBOXES.index(each.inbox_id)) for each in made.claims]


def refusals(made: Plan) -> list[tuple[str, datetime | None]]:
    """The rules that did not allow, and when each would."""
    return [(each.rule, each.frees_at) for each in made.trace if not each.allows]


# The rules once more, as naively as they can be said.


def opened(schedule: Schedule, at: datetime) -> bool:
    wall = at.astimezone(zone(schedule.timezone))
    minute = wall.hour * 60 + wall.minute
    return (
        wall.fold == 0
        and wall.isoweekday() in schedule.sending_days
        and schedule.start_minute <= minute < schedule.end_minute
        and (schedule.not_before is None or at >= schedule.not_before)
    )


def allowed(campaign: CampaignSending, ledger: InboxLedger | None, at: datetime, pacing: Pacing) -> bool:
    """Whether the campaign may claim a mail of this inbox at that instant."""
    if ledger is None or not ledger.can_send or ledger.inbox_id not in campaign.inbox_ids:
        return False
    if ledger.last_claimed_at is not None:
        gap = timedelta(seconds=gap_seconds(ledger.inbox_id, ledger.last_claimed_at, pacing))
        if at < ledger.last_claimed_at + gap:
            return False
    used, limit = campaign.sent_today.get(ledger.inbox_id, 0), campaign.limit_per_inbox
    return opened(campaign.schedule, at) and ledger.sent_today < ledger.daily_limit and (limit is None or used < limit)


def mails(campaign: CampaignSending) -> Iterator[tuple[tuple[datetime, UUID, int], UUID | None]]:
    """Every mail that the campaign could send: what it is ordered by and the inbox it belongs to."""
    for each in campaign.follow_ups:
        yield (each.due_at, campaign.campaign_id, each.number), each.inbox_id
    for number in campaign.first_mails:
        yield (datetime.max.replace(tzinfo=UTC), campaign.campaign_id, number), None


# What the kernel would give the planner next.


def told_all(campaigns: list[CampaignSending]) -> list[CampaignSending]:
    """The same campaigns with one more first mail, where the planner was perhaps not told all."""
    return [
        evolve(each, first_mails=(*each.first_mails, 998)) if len(each.first_mails) >= len(each.inbox_ids) else each
        for each in campaigns
    ]


def applied(
    made: Plan, now: datetime, campaigns: list[CampaignSending], inboxes: list[InboxLedger]
) -> tuple[list[CampaignSending], list[InboxLedger]]:
    """The same campaigns and inboxes after the plan was carried out."""
    taken = {each.inbox_id: each for each in made.claims}
    gone = {(each.campaign_id, each.number) for each in made.claims}
    after = []
    for each in campaigns:
        sent = dict(each.sent_today)
        for claim in made.claims:
            if claim.campaign_id == each.campaign_id:
                sent[claim.inbox_id] = sent.get(claim.inbox_id, 0) + 1
        after.append(
            evolve(
                each,
                sent_today=sent,
                follow_ups=tuple(x for x in each.follow_ups if (each.campaign_id, x.number) not in gone),
                first_mails=tuple(x for x in each.first_mails if (each.campaign_id, x) not in gone),
            )
        )
    ledgers = [
        evolve(each, sent_today=each.sent_today + 1, last_claimed_at=now) if each.inbox_id in taken else each
        for each in inboxes
    ]
    return after, ledgers


def later(
    at: datetime, now: datetime, campaigns: list[CampaignSending], inboxes: list[InboxLedger]
) -> tuple[list[CampaignSending], list[InboxLedger]]:
    """The same campaigns and inboxes at a later instant: days turn over, follow-ups become due."""
    after = []
    for each in campaigns:
        rules = zone(each.schedule.timezone)
        same_day = at.astimezone(rules).date() == now.astimezone(rules).date()
        due = each.next_due_at is not None and each.next_due_at <= at
        more = (Candidate(number=999, step_number=3, sequence_id=None, inbox_id=None, due_at=at),) if due else ()
        after.append(
            evolve(
                each,
                sent_today=each.sent_today if same_day else {},
                follow_ups=each.follow_ups + more,
                next_due_at=None if due else each.next_due_at,
            )
        )
    return after, [x if at.date() == now.date() else evolve(x, sent_today=0) for x in inboxes]


NOWS = st.builds(
    lambda day, seconds: day + timedelta(seconds=seconds),
    st.sampled_from([NOON, datetime(2027, 4, 4, tzinfo=UTC), datetime(2027, 11, 6, tzinfo=UTC)]),
    st.one_of(st.integers(0, 3 * 86_400), st.integers(0, 3 * 24).map(lambda hours: hours * 3600)),
)


@st.composite
def schedules(draw: st.DrawFn, now: datetime) -> Schedule:
    """A schedule that is open at `now` as often as not."""
    wide = draw(st.booleans())
    start = 0 if wide else draw(st.integers(0, 1439))
    return Schedule(
        timezone=draw(st.sampled_from(ZONES)),
        sending_days=(1, 2, 3, 4, 5, 6, 7) if wide else tuple(draw(st.sets(st.integers(1, 7), min_size=1))),
        start_minute=start,
        end_minute=1440 if wide else draw(st.integers(start + 1, 1440)),
        not_before=now + timedelta(minutes=draw(st.integers(-600, 600))) if draw(st.integers(0, 5)) == 0 else None,
    )


@st.composite
def sendings(draw: st.DrawFn, campaign_id: UUID, now: datetime) -> CampaignSending:
    leads = draw(st.integers(0, 5))
    inbox_ids = tuple(draw(st.lists(st.sampled_from(INBOXES), unique=True)))
    follow_ups = [
        Candidate(
            number=number,
            step_number=draw(st.integers(2, 4)),
            sequence_id=None,
            inbox_id=draw(st.sampled_from([None, *INBOXES])),
            due_at=now - timedelta(minutes=draw(st.integers(0, 3))),
        )
        for number in range(1, leads + 1)
    ]
    return CampaignSending(
        campaign_id=campaign_id,
        schedule=draw(schedules(now)),
        limit_per_inbox=draw(st.sampled_from([None, None, 0, 1, 3, 4])),
        inbox_ids=inbox_ids,
        sent_today=draw(st.dictionaries(st.sampled_from(INBOXES), st.integers(0, 3))),
        follow_ups=tuple(sorted(follow_ups, key=lambda each: each.due_at)),
        first_mails=tuple(range(leads + 1, leads + 1 + draw(st.sampled_from([0, 0, 0, 1, 2, 5])))),
        next_due_at=draw(st.none() | st.integers(1, 100_000).map(lambda seconds: now + timedelta(seconds=seconds))),
    )


@st.composite
def situations(draw: st.DrawFn) -> tuple[datetime, list[CampaignSending], list[InboxLedger], Pacing]:
    now = draw(NOWS)
    campaigns = [draw(sendings(each, now)) for each in CAMPAIGNS[: draw(st.integers(0, 3))]]
    inboxes = [
        InboxLedger(
            inbox_id=each,
            can_send=draw(st.integers(0, 9)) > 0,
            daily_limit=draw(st.sampled_from([0, 2, 3, 50, 50])),
            sent_today=draw(st.integers(0, 3)),
            last_claimed_at=draw(
                st.none()
                | st.sampled_from([0, 181, 250, 400, 40_000]).map(lambda seconds: now - timedelta(seconds=seconds))
            ),
        )
        for each in INBOXES[: draw(st.integers(2, 4))]
    ]
    return now, campaigns, inboxes, draw(st.sampled_from(PACINGS))


Situation = tuple[datetime, list[CampaignSending], list[InboxLedger], Pacing]


@given(situations())
def test_no_claim_breaks_a_rule(situation: Situation) -> None:
    now, campaigns, inboxes, pacing = situation
    made = plan(now, campaigns, inboxes, pacing)
    ledgers = {each.inbox_id: each for each in inboxes}
    known = {each.campaign_id: each for each in campaigns}
    for claim in made.claims:
        sending = known[claim.campaign_id]
        assert allowed(sending, ledgers.get(claim.inbox_id), now, pacing)
        given_as = [
            (each.step_number, each.sequence_id, each.inbox_id or claim.inbox_id)
            for each in sending.follow_ups
            if each.number == claim.number
        ] or [(1, None, claim.inbox_id)]
        assert given_as == [(claim.step_number, claim.sequence_id, claim.inbox_id)]
        assert claim.step_number > 1 or claim.number in sending.first_mails
    assert len({each.inbox_id for each in made.claims}) == len(made.claims), "an inbox takes one mail"
    assert len({(each.campaign_id, each.number) for each in made.claims}) == len(made.claims), "a lead gets one mail"


@given(situations())
def test_a_mail_is_left_out_only_where_a_rule_that_was_asked_says_why(situation: Situation) -> None:
    now, campaigns, inboxes, pacing = situation
    made = plan(now, campaigns, inboxes, pacing)
    gone = {(each.campaign_id, each.number) for each in made.claims}

    def denied(campaign_id: UUID, inbox_id: UUID | None) -> bool:
        return any(
            not each.allows and each.inbox_id == inbox_id and each.campaign_id in (campaign_id, None)
            for each in made.trace
        )

    for sending in campaigns:
        mine = sending.campaign_id
        for (_, _, number), wanted in mails(sending):
            if (mine, number) not in gone and not denied(mine, None):
                ways = sending.inbox_ids if wanted is None else (wanted,)
                assert ways
                assert all(denied(mine, each) for each in ways)


@given(situations())
def test_a_rule_is_said_to_refuse_only_where_it_does(situation: Situation) -> None:
    now, campaigns, inboxes, pacing = situation
    made = plan(now, campaigns, inboxes, pacing)
    ledgers = {each.inbox_id: each for each in inboxes}
    taken = {each.inbox_id for each in made.claims}
    known = {each.campaign_id: each for each in campaigns}
    for asked in made.trace:
        if asked.rule in ("start_date", "window") and asked.campaign_id is not None:
            assert asked.allows or not opened(known[asked.campaign_id].schedule, now)
        if asked.rule == "inbox_daily_limit" and asked.inbox_id is not None:
            row = ledgers[asked.inbox_id]
            assert asked.allows == (row.sent_today < row.daily_limit)
        if asked.rule == "campaign_daily_limit" and asked.campaign_id is not None and asked.inbox_id is not None:
            sending = known[asked.campaign_id]
            assert asked.allows == (
                sending.limit_per_inbox is None or sending.sent_today.get(asked.inbox_id, 0) < sending.limit_per_inbox
            )
        if asked.rule == "inbox_gap" and not asked.allows and asked.inbox_id not in taken:
            assert asked.frees_at is not None
            assert asked.frees_at > now
        assert asked.frees_at is None or (asked.frees_at > now and not asked.allows)


@given(situations())
def test_no_mail_takes_an_inbox_before_an_older_one_that_could_have_it(situation: Situation) -> None:
    now, campaigns, inboxes, pacing = situation
    made = plan(now, campaigns, inboxes, pacing)
    ledgers = {each.inbox_id: each for each in inboxes}
    gone = {(each.campaign_id, each.number): each for each in made.claims}
    order = {key[1:]: key for sending in campaigns for key, _ in mails(sending)}
    for sending in campaigns:
        for key, wanted in mails(sending):
            if key[1:] in gone:
                continue
            for claim in made.claims:
                if wanted in (None, claim.inbox_id) and allowed(sending, ledgers[claim.inbox_id], now, pacing):
                    older = order[claim.campaign_id, claim.number]
                    # Among first mails of several campaigns it is not age that counts.
                    assert older < key or older[0] == key[0] == datetime.max.replace(tzinfo=UTC)


@given(situations())
def test_an_inbox_goes_to_the_campaign_that_used_it_least_of_those_with_a_lead_to_spare(situation: Situation) -> None:
    now, campaigns, inboxes, pacing = situation
    made = plan(now, campaigns, inboxes, pacing)
    ledgers = {each.inbox_id: each for each in inboxes}
    gone = {(each.campaign_id, each.number) for each in made.claims}
    known = {each.campaign_id: each for each in campaigns}
    for sending in campaigns:
        to_spare = any((sending.campaign_id, number) not in gone for number in sending.first_mails)
        for claim in made.claims:
            if to_spare and claim.step_number == 1 and allowed(sending, ledgers[claim.inbox_id], now, pacing):
                holder = known[claim.campaign_id]
                assert (holder.sent_today.get(claim.inbox_id, 0), holder.campaign_id) <= (
                    sending.sent_today.get(claim.inbox_id, 0),
                    sending.campaign_id,
                )


@given(situations(), st.lists(st.floats(0, 1, exclude_max=True), min_size=4, max_size=4))
def test_nothing_more_can_be_claimed_before_it_wakes(situation: Situation, samples: list[float]) -> None:
    now, campaigns, inboxes, pacing = situation
    made = plan(now, campaigns, inboxes, pacing)
    assert made.wake_at is None or made.wake_at > now
    after = applied(made, now, told_all(campaigns), inboxes)
    # Where it never wakes, a fortnight has every window of every schedule twice.
    until = made.wake_at or now + timedelta(days=14)
    edges = [until - timedelta(microseconds=1), now, *(each.next_due_at for each in campaigns if each.next_due_at)]
    midnights = [
        datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1, hours=hour) for hour in range(-14, 13)
    ]
    for at in [*(now + (until - now) * share for share in samples), *edges, *midnights]:
        if now <= at < until:
            assert plan(at, *later(at, now, *after), pacing).claims == ()


@given(situations())
def test_the_order_in_which_campaigns_and_inboxes_are_given_means_nothing(situation: Situation) -> None:
    now, campaigns, inboxes, pacing = situation
    made = plan(now, campaigns, inboxes, pacing)
    assert plan(now, campaigns[::-1], inboxes[::-1], pacing) == made


@given(situations())
def test_carrying_out_plans_whenever_they_wake_keeps_every_limit(situation: Situation) -> None:
    now, campaigns, inboxes, pacing = situation
    limits = {each.inbox_id: each.daily_limit for each in inboxes}
    for _ in range(12):
        made = plan(now, campaigns, inboxes, pacing)
        begun = {each.inbox_id: each.sent_today for each in inboxes}
        campaigns, inboxes = applied(made, now, campaigns, inboxes)
        for each in inboxes:
            assert each.sent_today <= max(limits[each.inbox_id], begun[each.inbox_id])
        if made.wake_at is None:
            return
        campaigns, inboxes = later(made.wake_at, now, campaigns, inboxes)
        now = made.wake_at


# Examples.


def test_a_due_follow_up_goes_before_a_first_mail() -> None:
    made = plan(NOON, [campaign(first_mails=(5, 6), follow_ups=(follow_up(1),), inbox_ids=(INBOXES[0],))], [ledger(0)])
    assert made.claims == (
        Claim(campaign_id=CAMPAIGNS[0], number=1, step_number=2, sequence_id=UUID(int=7), inbox_id=INBOXES[0]),
    )


def test_the_oldest_follow_up_goes_first_whichever_campaign_it_is_of() -> None:
    sendings = [
        campaign(0, follow_ups=(follow_up(1, 0, hours=1),)),
        campaign(1, follow_ups=(follow_up(2, 0, hours=2),)),
    ]
    assert claimed(plan(NOON, sendings, [ledger(0)])) == [(1, 2, 0)]


def test_a_follow_up_waits_for_its_inbox_though_another_is_free() -> None:
    made = plan(NOON, [campaign(follow_ups=(follow_up(1, 0),))], [ledger(0, last_claimed_at=NOON), ledger(1)])
    assert made.claims == ()
    assert made.wake_at == NOON + timedelta(seconds=gap_seconds(INBOXES[0], NOON))
    assert refusals(made) == [("inbox_gap", made.wake_at)]


def test_of_two_follow_ups_that_wait_for_an_inbox_the_older_takes_it() -> None:
    waiting = (follow_up(1, 0, hours=2), follow_up(2, 0))
    assert claimed(plan(NOON, [campaign(follow_ups=waiting)], [ledger(0), ledger(1)])) == [(0, 1, 0)]


def test_an_inbox_is_free_at_the_very_end_of_its_gap() -> None:
    last = NOON - timedelta(minutes=4)
    rows = [ledger(0, last_claimed_at=last)]
    ends = last + timedelta(seconds=gap_seconds(INBOXES[0], last))
    one = campaign(first_mails=(1,))
    assert claimed(plan(ends, [one], rows)) == [(0, 1, 0)]
    assert plan(ends - timedelta(microseconds=1), [one], rows).wake_at == ends


def test_a_follow_up_without_an_inbox_takes_any() -> None:
    made = plan(NOON, [campaign(follow_ups=(follow_up(1),))], [ledger(0, last_claimed_at=NOON), ledger(1)])
    assert claimed(made) == [(0, 1, 1)]


def test_a_follow_up_whose_inbox_left_the_campaign_is_said_to_wait_for_somebody() -> None:
    made = plan(NOON, [campaign(follow_ups=(follow_up(1, 2),))], [ledger(0), ledger(1), ledger(2)])
    assert (made.claims, made.wake_at) == ((), None)
    assert refusals(made) == [("inbox_can_send", None)]


@pytest.mark.parametrize(
    ("limit", "used", "rows", "expected"),
    [
        pytest.param(None, {}, [ledger(0, sent_today=2), ledger(1, sent_today=1)], 1, id="the inbox's own limit"),
        pytest.param(10, {INBOXES[0]: 2, INBOXES[1]: 1}, [ledger(0), ledger(1)], 1, id="the campaign's limit"),
        pytest.param(10, {INBOXES[0]: 2}, [ledger(0), ledger(1, sent_today=43)], 0, id="the smaller of both"),
        pytest.param(None, {}, [ledger(0, last_claimed_at=NOON - timedelta(days=9)), ledger(1)], 1, id="never used"),
        pytest.param(
            None,
            {},
            [ledger(0, last_claimed_at=NOON - timedelta(days=2)), ledger(1, last_claimed_at=NOON - timedelta(days=3))],
            1,
            id="longest idle",
        ),
        pytest.param(None, {}, [ledger(1), ledger(0)], 0, id="place in the campaign's list"),
    ],
)
def test_a_new_lead_goes_to_the_inbox_with_most_left_then_longest_idle_then_first_in_the_list(
    limit: int | None, used: dict[UUID, int], rows: list[InboxLedger], expected: int
) -> None:
    sending = campaign(first_mails=(1,), limit_per_inbox=limit, sent_today=used)
    assert claimed(plan(NOON, [sending], rows)) == [(0, 1, expected)]


def test_of_campaigns_that_compete_for_an_inbox_the_one_that_used_it_least_goes_first_then_by_id() -> None:
    tied = [campaign(number, first_mails=(1,), inbox_ids=(INBOXES[0],)) for number in range(2)]
    assert claimed(plan(NOON, tied, [ledger(0)])) == [(0, 1, 0)]
    used = [evolve(tied[0], sent_today={INBOXES[0]: 1}), tied[1]]
    assert claimed(plan(NOON, used, [ledger(0)])) == [(1, 1, 0)]


def test_a_campaign_turned_away_from_its_best_inbox_takes_its_next_best() -> None:
    sendings = [campaign(number, first_mails=(1,), limit_per_inbox=50) for number in range(2)]
    assert claimed(plan(NOON, sendings, [ledger(0), ledger(1, sent_today=1)])) == [(0, 1, 0), (1, 1, 1)]


def test_new_leads_go_in_the_order_of_their_numbers() -> None:
    made = plan(NOON, [campaign(first_mails=(4, 7, 9))], [ledger(0, sent_today=1), ledger(1)])
    assert claimed(made) == [(0, 4, 1), (0, 7, 0)]


@pytest.mark.parametrize(
    ("change", "rows", "rule", "wake_at"),
    [
        pytest.param(
            {"schedule": evolve(ALWAYS, not_before=NOON + timedelta(days=1))},
            [ledger(0)],
            "start_date",
            NOON + timedelta(days=1),
            id="start date",
        ),
        pytest.param(
            {"schedule": evolve(ALWAYS, sending_days=(1,), start_minute=90)},
            [ledger(0)],
            "window",
            datetime(2027, 3, 15, 1, 30, tzinfo=UTC),
            id="window",
        ),
        pytest.param({}, [ledger(0, can_send=False)], "inbox_can_send", None, id="inbox cannot send"),
        pytest.param({}, [], "inbox_can_send", None, id="unknown inbox"),
        pytest.param({"inbox_ids": ()}, [ledger(0)], "inbox_can_send", None, id="no inbox"),
        pytest.param(
            {},
            [ledger(0, sent_today=50)],
            "inbox_daily_limit",
            datetime(2027, 3, 11, tzinfo=UTC),
            id="inbox's own limit, until midnight in UTC",
        ),
        pytest.param({}, [ledger(0, daily_limit=0)], "inbox_daily_limit", None, id="inbox's own limit of none"),
        pytest.param(
            {"limit_per_inbox": 3, "sent_today": {INBOXES[0]: 3}, "schedule": evolve(ALWAYS, timezone="Asia/Tokyo")},
            [ledger(0)],
            "campaign_daily_limit",
            datetime(2027, 3, 10, 15, tzinfo=UTC),
            id="campaign's limit, until midnight in its zone",
        ),
        pytest.param(
            {
                "limit_per_inbox": 3,
                "sent_today": {INBOXES[0]: 3},
                "schedule": evolve(ALWAYS, timezone="Asia/Tokyo", start_minute=540),
            },
            [ledger(0)],
            "campaign_daily_limit",
            datetime(2027, 3, 11, 0, tzinfo=UTC),
            id="campaign's limit, until the window of the next day",
        ),
    ],
)
def test_each_rule_that_refuses_is_named_and_says_when_to_ask_again(
    change: dict[str, object], rows: list[InboxLedger], rule: str, wake_at: datetime | None
) -> None:
    made = plan(NOON, [campaign(**{"first_mails": (1,), "inbox_ids": (INBOXES[0],)} | change)], rows)
    assert (made.claims, made.wake_at) == ((), wake_at)
    assert [name for name, _ in refusals(made)] == [rule]


def test_a_campaign_with_nothing_due_wakes_when_its_next_follow_up_is_due_in_its_window() -> None:
    office = evolve(ALWAYS, start_minute=480, end_minute=780)
    due = datetime(2027, 3, 10, 20, tzinfo=UTC)
    made = plan(NOON, [campaign(schedule=office, next_due_at=due)], [ledger(0)])
    assert made.wake_at == datetime(2027, 3, 11, 8, tzinfo=UTC)
    assert refusals(made) == [("nothing_due", due)]


def test_a_campaign_with_nothing_to_come_never_wakes() -> None:
    assert plan(NOON, [campaign()], [ledger(0)]).wake_at is None


def test_a_plan_that_takes_the_last_lead_never_wakes() -> None:
    made = plan(NOON, [campaign(first_mails=(1,))], [ledger(0), ledger(1)])
    assert (claimed(made), made.wake_at) == ([(0, 1, 0)], None)


def test_a_plan_that_takes_the_last_follow_up_never_wakes() -> None:
    made = plan(NOON, [campaign(follow_ups=(follow_up(1),))], [ledger(0), ledger(1)])
    assert (claimed(made), made.wake_at) == ([(0, 1, 0)], None)


def test_a_plan_that_takes_as_many_leads_as_there_are_inboxes_wakes_for_more() -> None:
    made = plan(NOON, [campaign(first_mails=(1, 2))], [ledger(0), ledger(1)])
    assert len(made.claims) == 2
    assert made.wake_at == min(NOON + timedelta(seconds=gap_seconds(each, NOON)) for each in INBOXES[:2])


@pytest.mark.parametrize(
    "waits",
    [
        pytest.param({"follow_ups": (follow_up(1),)}, id="a follow-up without an inbox"),
        pytest.param({"follow_ups": (follow_up(1, 1),)}, id="a follow-up of the first to rest"),
        pytest.param({"first_mails": (1,)}, id="a lead never contacted"),
        pytest.param({"next_due_at": NOON + timedelta(seconds=1)}, id="a follow-up due before any inbox has rested"),
    ],
)
def test_it_wakes_when_the_first_inbox_that_will_do_has_rested(waits: dict[str, object]) -> None:
    rows = [
        ledger(0, last_claimed_at=NOON - timedelta(seconds=1)),
        ledger(1, last_claimed_at=NOON - timedelta(seconds=170)),
    ]
    made = plan(NOON, [campaign(**waits)], rows)
    last = NOON - timedelta(seconds=170)
    assert (made.claims, made.wake_at) == ((), last + timedelta(seconds=gap_seconds(INBOXES[1], last)))


MIDNIGHT = datetime(2027, 3, 11, tzinfo=UTC)
BEFORE_MIDNIGHT = MIDNIGHT - timedelta(seconds=1)


@pytest.mark.parametrize(
    ("now", "change", "sent", "rests"),
    [
        pytest.param(NOON, {}, 49, False, id="the inbox's last mail of the day"),
        pytest.param(NOON, {"limit_per_inbox": 1}, 0, False, id="the campaign's last mail of the day"),
        pytest.param(BEFORE_MIDNIGHT, {}, 49, True, id="the inbox's last mail, just before midnight"),
        pytest.param(
            BEFORE_MIDNIGHT, {"limit_per_inbox": 1}, 0, True, id="the campaign's last mail, just before midnight"
        ),
    ],
)
def test_after_the_last_mail_of_a_day_it_wakes_at_midnight_or_when_the_inbox_has_rested(
    now: datetime, change: dict[str, object], sent: int, rests: bool
) -> None:
    sending = campaign(**{"first_mails": (1, 2), "inbox_ids": (INBOXES[0],)} | change)
    made = plan(now, [sending], [ledger(0, sent_today=sent)])
    assert len(made.claims) == 1
    assert made.wake_at == (now + timedelta(seconds=gap_seconds(INBOXES[0], now)) if rests else MIDNIGHT)


def test_a_mail_of_one_campaign_does_not_count_towards_the_limit_of_another() -> None:
    one, other = (campaign(each, follow_ups=(follow_up(1, 0),), limit_per_inbox=1) for each in range(2))
    made = plan(NOON, [one, other], [ledger(0)])
    assert claimed(made) == [(0, 1, 0)]
    assert made.wake_at == NOON + timedelta(seconds=gap_seconds(INBOXES[0], NOON))


def test_a_lead_given_twice_gets_one_mail() -> None:
    twice = campaign(follow_ups=(follow_up(1, 0, hours=2), follow_up(1, 1)), first_mails=(1,))
    assert claimed(plan(NOON, [twice], [ledger(0), ledger(1)])) == [(0, 1, 0)]


def test_a_follow_up_said_to_come_that_is_due_already_wakes_it_at_once_but_later_than_now() -> None:
    made = plan(NOON, [campaign(next_due_at=NOON - timedelta(hours=1))], [ledger(0)])
    assert made.wake_at == NOON + timedelta(microseconds=1)


def test_the_offset_now_is_given_in_means_nothing() -> None:
    """Where it is tomorrow already, an inbox that sent all of today still waits for midnight in UTC."""
    sendings, rows = [campaign(first_mails=(1,))], [ledger(0, sent_today=50), ledger(1, can_send=False)]
    made = plan(NOON.astimezone(zone("Pacific/Kiritimati")), sendings, rows)
    assert made == plan(NOON, sendings, rows)
    assert made.wake_at == MIDNIGHT


def test_it_does_not_wake_for_an_inbox_that_nobody_waits_for() -> None:
    rows = [ledger(0, sent_today=50), ledger(1, last_claimed_at=NOON)]
    assert plan(NOON, [campaign(follow_ups=(follow_up(1, 0),))], rows).wake_at == datetime(2027, 3, 11, tzinfo=UTC)


def test_what_takes_an_inbox_is_said_to_those_who_wait_for_it() -> None:
    made = plan(NOON, [campaign(follow_ups=(follow_up(1, 0, hours=2), follow_up(2, 0)))], [ledger(0)])
    free = NOON + timedelta(seconds=gap_seconds(INBOXES[0], NOON))
    assert made.wake_at == free
    assert made.trace[-1] == Asked(
        rule="inbox_gap",
        inbox_id=INBOXES[0],
        allows=False,
        numbers={"last_claimed_at": NOON, "campaign_id": CAMPAIGNS[0], "number": 1},
        frees_at=free,
    )


def test_three_campaigns_share_three_inboxes_alike_in_whatever_order_they_are_given() -> None:
    sendings = [
        campaign(
            number,
            first_mails=(1, 2, 3),
            inbox_ids=tuple(INBOXES[:3]),
            sent_today={INBOXES[number]: 0} | {INBOXES[other]: 1 for other in range(3) if other != number},
        )
        for number in range(3)
    ]
    rows = [ledger(number) for number in range(3)]
    plans = [claimed(plan(NOON, list(each), rows)) for each in permutations(sendings)]
    assert plans == [[(0, 1, 0), (1, 1, 1), (2, 1, 2)]] * 6
