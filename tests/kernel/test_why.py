"""Why a mail does not go is answered by every rule, and what is said to let it go does, at that instant and not before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign_core import (
    CAMPAIGNS,
    INBOXES,
    LEADS,
    ActivateCampaign,
    ArchiveCampaign,
    CreateCampaign,
    DisableInbox,
    PauseCampaign,
    PauseInbox,
    RecordBounce,
    RecordComplaint,
    RecordOpen,
    RecordReply,
    RecordUnsubscribe,
    ReviseLead,
    Status,
    SuppressAddress,
    TriggerType,
    UnknownCampaign,
    UnknownInbox,
    UnknownLead,
)
from campaign_core.kernel import lead_reasons, planner_reasons
from campaign_core.kernel import why as explaining
from campaign_core.kernel.forecasting import SUPPRESSED, UNKNOWN
from campaign_core.kernel.kernel import VIEWS
from campaign_core.kernel.reasons import Reason, Why
from campaign_core.lead.identity import lead_id_of
from campaign_core.testing.transport import Odds
from tests.kernel.test_forecast import BY_NAME, SLOW, Situation, drafted, situations
from tests.sending.world import DAY, HOUR, MINUTE, World, follow_up

_MOST = settings.default.max_examples if settings.default is not None else 0
#: A few seconds; where there is time, thousands.
EXAMPLES: Final = _MOST if _MOST > 1000 else _MOST // 5
INSTANT: Final = timedelta(microseconds=1)
MONDAY: Final = datetime(2030, 1, 7, 9, tzinfo=UTC)
#: What lets go at the instant it names, whatever else happens.
CERTAIN: Final = (
    "start_date", "window", "nothing_due", "inbox_daily_limit", "inbox_gap", "campaign_daily_limit", "deferred", "not_due",
    "condition",
)  # fmt: skip


@frozen
class Asked:
    """Something that can be asked about: a lead of a campaign, a campaign, or an inbox."""

    campaign_id: UUID | None = None
    number: int | None = None
    inbox_id: UUID | None = None

    def why(self, world: World) -> Why:
        if self.campaign_id is None:
            assert self.inbox_id is not None
            return world.kernel.why_inbox(self.inbox_id, pacing=SLOW)
        lead = None if self.number is None else lead_id_of(self.campaign_id, self.number)
        return world.kernel.why(self.campaign_id, lead, pacing=SLOW)

    def first_mail(self, world: World, after: int) -> datetime | None:
        """When the first mail it is about was claimed behind a position of the log."""
        stream = "lead-" + "-".join(str(each) for each in (self.campaign_id, self.number) if each is not None)
        claims = [
            each
            for each in world.claims()
            if each.position > after
            and (each.event.inbox_id == self.inbox_id if self.inbox_id else f"{each.stream}-".startswith(f"{stream}-"))
        ]
        return claims[0].occurred_at if claims else None


@st.composite
def questions(draw: st.DrawFn) -> tuple[World, list[Asked]]:
    """A world at some point of its run, in which an inbox may be out of use, and everything that can be asked about."""
    situation: Situation = draw(situations())
    world = situation.world
    stops = draw(st.sampled_from([None, None, PauseInbox, DisableInbox]))
    if stops is not None:
        world.kernel.handle(stops(draw(st.sampled_from(situation.inboxes))))
    campaigns = (situation.target, *situation.others)
    asked = [Asked(inbox_id=each) for each in situation.inboxes]
    for campaign_id in campaigns:
        asked.append(Asked(campaign_id))
        leads = world.kernel.view(LEADS).find({"campaign_id": campaign_id})
        asked += [Asked(campaign_id, row.number) for row in leads]
    return world, asked


@settings(max_examples=EXAMPLES)
@given(questions())
def test_a_mail_goes_when_why_says(told: tuple[World, list[Asked]]) -> None:
    """The first mail of a lead, a campaign or an inbox, or none at all; and rules stand in its way unless that is now."""
    world, asked = told
    now, position = world.clock.now(), world.events()[-1].position
    answers = {each: each.why(world) for each in asked}
    assert world.events()[-1].position == position
    world.run()
    for each, why in answers.items():
        assert why.goes_at == each.first_mail(world, position), (each, why)
        assert (why.held_back_by == ()) == (why.goes_at == now), (each, why)
        assert why.goes_at is None or not [reason for reason in _its_own(why) if _never_frees(reason)]
        assert all(reason.frees_at is None or reason.frees_at > now for reason in why.reasons)


@settings(max_examples=EXAMPLES)
@given(questions(), st.data())
def test_it_goes_then_and_not_an_instant_before(told: tuple[World, list[Asked]], data: st.DataObject) -> None:
    """Asked again a microsecond before, something holds it back; asked at that instant, nothing does."""
    world, asked = told
    waits = [each for each in asked if (each.why(world).goes_at or world.clock.now()) > world.clock.now()]
    if not waits:
        return
    each = data.draw(st.sampled_from(waits))
    first = each.why(world)
    assert first.goes_at is not None
    frees = [reason.frees_at for reason in _its_own(first) if not reason.allows]
    assert all(at is not None and at <= first.goes_at for at in frees)
    world.run_until(first.goes_at - INSTANT)
    before = each.why(world)
    assert before.goes_at == first.goes_at
    assert before.held_back_by
    world.run_until(first.goes_at)
    then = each.why(world)
    assert then.goes_at == first.goes_at
    assert not then.held_back_by


@settings(max_examples=EXAMPLES)
@given(questions(), st.data())
def test_each_rule_lets_go_when_it_says(told: tuple[World, list[Asked]], data: st.DataObject) -> None:
    """Whatever holds it back until an instant does so until then, and from then on no more; the others on their own.

    Where nothing goes, and for an inbox, a campaign may end or be paused meanwhile, which is not asked any more then.
    """
    world, asked = told
    each = data.draw(st.sampled_from(asked))
    first = each.why(world)
    ends = first.goes_at or world.clock.now() + 30 * DAY
    named = [(reason.frees_at, reason) for reason in first.held_back_by if reason.frees_at and reason.rule in CERTAIN]
    for at, reason in sorted(named, key=lambda pair: pair[0]):
        if at <= ends:
            if at - INSTANT >= world.clock.now():
                world.run_until(at - INSTANT)
                says = {_identity(told): told.allows for told in each.why(world).reasons}
                stays = first.goes_at is not None and each.campaign_id is not None
                assert says.get(_identity(reason), None if stays else False) is False, reason
            if at > world.clock.now():
                world.run_until(at)
            assert _identity(reason) not in _stopping(each.why(world)), reason


def _its_own(why: Why) -> list[Reason]:
    """The rules that no other inbox or campaign could make up for."""
    return [reason for reason in why.reasons if getattr(reason, why.among) is None]


def _never_frees(reason: Reason) -> bool:
    return not reason.allows and reason.frees_at is None


def _identity(reason: Reason) -> tuple[object, ...]:
    return reason.rule, reason.campaign_id, reason.inbox_id, reason.numbers.get("step_number")


def _stopping(why: Why) -> set[tuple[object, ...]]:
    return {_identity(reason) for reason in why.reasons if not reason.allows}


@pytest.fixture
def world() -> Iterator[World]:
    """Monday at 08:00 in UTC, an hour before campaigns open."""
    made = World("memory:")
    yield made
    made.kernel.close()


def the(why: Why, rule: str) -> Reason:
    """What a rule says, of which there is one."""
    (reason,) = [reason for reason in why.reasons if reason.rule == rule]
    return reason


def rules(reasons: tuple[Reason, ...]) -> list[str]:
    return [reason.rule for reason in reasons]


def of_lead(world: World, campaign_id: UUID, number: int = 1) -> Why:
    return world.kernel.why(campaign_id, lead_id_of(campaign_id, number))


def sent(world: World, *steps: Any, leads: int = 1, **kept: Any) -> UUID:
    """A campaign whose first lead was written to on Monday at 09:00; it is that instant."""
    campaign_id = world.campaign(leads, [world.inbox()], *steps, **kept)
    world.wait_until(MONDAY)
    world.tick()
    return campaign_id


def test_a_draft_waits_to_be_launched(world: World) -> None:
    """What else would hold it back is told as well, for it and for its lead; so it is for one whose launch failed."""
    campaign_id = drafted(world, ["lead1@leads.org"], [inbox_id := world.inbox()], name="Spring launch", timezone="UTC")
    for why in (world.kernel.why(campaign_id), of_lead(world, campaign_id)):
        assert (why.goes_at, rules(why.held_back_by)) == (None, ["status", "window"])
        assert the(why, "status").sentence == "The campaign is DRAFT; launch it to send."
    world.kernel.handle(DisableInbox(inbox_id))
    world.kernel.handle(ActivateCampaign(campaign_id))
    why = world.kernel.why(campaign_id)
    assert (why.goes_at, rules(why.held_back_by)) == (None, ["status", "window", "inbox_can_send"])
    assert the(why, "status").sentence == "The campaign is FAILED; launch it to send."


def test_a_draft_without_its_parts_lacks_something_to_send_and_an_inbox(world: World) -> None:
    """Leads and inboxes are what sending needs beside the status; a template is no matter of when."""
    campaign_id = world.kernel.handle(CreateCampaign("Spring launch", timezone="UTC")).id
    why = world.kernel.why(campaign_id)
    assert rules(why.held_back_by) == ["status", "window", "nothing_due", "inbox_can_send"]
    assert the(why, "inbox_can_send").sentence == "No inbox is assigned to the campaign."
    assert the(why, "nothing_due").numbers == {"never_contacted": 0, "follow_up_is_due": False}
    world.upload(campaign_id, 2)
    why = world.kernel.why(campaign_id)
    assert rules(why.held_back_by) == ["status", "window", "inbox_can_send"]
    assert the(why, "nothing_due").numbers == {"never_contacted": 2, "follow_up_is_due": False}


def test_a_paused_campaign_tells_why_it_was_paused(world: World) -> None:
    """Somebody paused it, or none of its inboxes could send."""
    campaign_id = sent(world, leads=2)
    world.kernel.handle(PauseCampaign(campaign_id))
    why = world.kernel.why(campaign_id)
    assert (why.goes_at, rules(why.held_back_by)) == (None, ["status", "inbox_gap"])
    assert the(why, "status").sentence == "The campaign is PAUSED, because somebody paused it; resume it to send."
    world.kernel.handle(ActivateCampaign(campaign_id))
    world.kernel.handle(PauseInbox(world.kernel.view(INBOXES).find()[0].inbox_id))
    world.tick()
    status = the(world.kernel.why(campaign_id), "status")
    assert status.sentence == "The campaign is PAUSED, because none of its inboxes could send; resume it to send."
    assert status.numbers == {"status": "PAUSED", "paused": "no_usable_inbox"}


def test_a_campaign_that_has_ended_is_asked_nothing_more(world: World) -> None:
    """Completed, then archived: its status says it all."""
    campaign_id = sent(world)
    assert world.kernel.why(campaign_id).reasons == (
        Reason(
            rule="status",
            allows=False,
            sentence="The campaign is COMPLETED; nothing more is sent.",
            numbers={"status": "COMPLETED"},
        ),
    )
    world.kernel.handle(ArchiveCampaign(campaign_id))
    (status,) = world.kernel.why(campaign_id).reasons
    assert status.sentence == "The campaign is ARCHIVED; nothing more is sent."
    assert rules(of_lead(world, campaign_id).held_back_by) == ["status", "walk_ended"]


def test_everything_allows_where_a_mail_goes_now(world: World) -> None:
    """Every rule is told all the same, with its numbers."""
    campaign_id = world.campaign(2, [inbox_id := world.inbox(daily_limit=20)], daily_limit_per_inbox=5)
    world.wait_until(MONDAY)
    why = world.kernel.why(campaign_id)
    assert (why.at, why.goes_at, why.held_back_by) == (MONDAY, MONDAY, ())
    assert [(reason.rule, reason.sentence) for reason in why.reasons] == [
        ("status", "The campaign runs."),
        ("start_date", "The start date of the campaign has come."),
        ("window", "It is inside the campaign's days and hours."),
        ("nothing_due", "The campaign has something to send."),
        ("inbox_can_send", "The inbox is ACTIVE."),
        ("inbox_daily_limit", "The inbox has taken 0 of 20 mails of this day (UTC)."),
        ("inbox_gap", "The inbox does not have to rest."),
        ("campaign_daily_limit", "The inbox has taken 0 of 5 mails of the campaign today."),
    ]
    assert {reason.inbox_id for reason in why.reasons} == {None, inbox_id}
    assert world.kernel.why_inbox(inbox_id).goes_at == MONDAY
    lead = of_lead(world, campaign_id)
    assert (lead.goes_at, lead.held_back_by) == (MONDAY, ())
    assert rules(lead.reasons)[:5] == ["status", "walk", "suppressed", "unfit", "turn"]


def test_of_two_inboxes_that_both_take_a_mail_now_none_is_stopped(world: World) -> None:
    """Whichever takes the first of the two mails."""
    campaign_id = world.campaign(2, [world.inbox(), world.inbox()])
    world.wait_until(MONDAY)
    assert all(reason.allows for reason in world.kernel.why(campaign_id).reasons)


def test_start_date_and_window_are_asked_apart(world: World) -> None:
    """The window opens in an hour, the campaign starts on Wednesday at noon: then it goes."""
    noon = MONDAY + 2 * DAY + 3 * HOUR
    campaign_id = world.campaign(1, [world.inbox()], start_date=noon)
    why = world.kernel.why(campaign_id)
    assert why.goes_at == noon
    assert {reason.rule: reason.frees_at for reason in why.held_back_by} == {"start_date": noon, "window": MONDAY}
    assert the(why, "window").numbers == {
        "timezone": "UTC", "sending_days": (1, 2, 3, 4, 5), "start_minute": 540, "end_minute": 1020
    }  # fmt: skip
    assert the(why, "start_date").numbers == {"start_date": noon}


def test_an_hour_that_is_repeated_hides_no_rule(world: World) -> None:
    """In the second of two equal hours the window is closed; all other rules are told as ever."""
    campaign_id = world.campaign(
        1, [world.inbox()], timezone="Europe/Berlin", sending_days=tuple(range(1, 8)), sending_window_start=0
    )
    world.wait_until(datetime(2030, 10, 27, 1, 30, tzinfo=UTC))
    why = world.kernel.why(campaign_id)
    assert rules(why.held_back_by) == ["window"]
    assert len(why.reasons) == 8


def test_the_limit_of_an_inbox_is_over_all_campaigns_and_ends_with_the_day_in_utc(world: World) -> None:
    """Another campaign took it; it lets go at midnight, and the mail goes when the window opens."""
    inbox_id = world.inbox(daily_limit=1)
    world.campaign(1, [inbox_id])
    world.campaign(["other@leads.org"], [inbox_id])
    world.wait_until(MONDAY)
    world.tick()
    waits = next(row.campaign_id for row in world.kernel.view(CAMPAIGNS).find() if row.status is Status.ACTIVE)
    world.wait_until(MONDAY + HOUR)
    why = world.kernel.why(waits)
    limit = the(why, "inbox_daily_limit")
    assert limit.sentence == "The inbox has taken 1 of 1 mails of this day (UTC); it takes no more."
    assert (limit.numbers, limit.frees_at) == ({"sent_today": 1, "daily_limit": 1}, MONDAY + 15 * HOUR)
    assert why.goes_at == MONDAY + DAY


def test_the_limit_of_a_campaign_ends_with_the_day_in_its_zone(world: World) -> None:
    """Midnight in New York is 05:00 in UTC."""
    campaign_id = world.campaign(2, [world.inbox()], timezone="America/New_York", daily_limit_per_inbox=1)
    world.run_until(MONDAY + 6 * HOUR)
    why = world.kernel.why(campaign_id)
    limit = the(why, "campaign_daily_limit")
    assert limit.sentence == "The inbox has taken 1 of 1 mails of the campaign today; it takes no more."
    assert limit.numbers == {"sent_today": 1, "limit_per_inbox": 1, "ramp_up": False}
    assert limit.frees_at == MONDAY + 20 * HOUR
    assert why.goes_at == MONDAY + DAY + 5 * HOUR


def test_ramp_up_is_the_limit_of_the_day(world: World) -> None:
    """One mail on the day of the launch, two on the next."""
    ramp = {"ramp_up_enabled": True, "ramp_up_increment": 1, "ramp_up_max_limit": 9}
    campaign_id = world.campaign(9, [world.inbox()], daily_limit_per_inbox=50, **ramp)
    for day in (1, 2):
        world.run_until(MONDAY + (day - 1) * DAY + 5 * HOUR)
        limit = the(world.kernel.why(campaign_id), "campaign_daily_limit")
        assert limit.numbers == {"sent_today": day, "limit_per_inbox": day, "ramp_up": True}
        assert not limit.allows


def test_an_inbox_rests_between_two_mails(world: World) -> None:
    """Three to five minutes; then the next mail goes."""
    campaign_id = sent(world, leads=2)
    why = world.kernel.why(campaign_id)
    gap = the(why, "inbox_gap")
    assert (gap.allows, gap.sentence) == (False, "The inbox rests between two mails.")
    assert gap.numbers == {"last_claimed_at": MONDAY}
    assert gap.frees_at is not None
    assert MONDAY + 3 * MINUTE <= gap.frees_at <= MONDAY + 5 * MINUTE
    assert why.goes_at == gap.frees_at
    assert the(why, "campaign_daily_limit").sentence == "The campaign sets no limit of its own for the inbox."


def test_a_lead_waits_for_its_turn(world: World) -> None:
    """Two leads were uploaded before it; it goes after their mails."""
    campaign_id = world.campaign(3, [world.inbox()])
    world.wait_until(MONDAY)
    why = of_lead(world, campaign_id, 3)
    turn = the(why, "turn")
    assert (turn.sentence, turn.numbers) == ("2 mails of the campaign go before it.", {"before": 2})
    assert turn.frees_at == why.goes_at
    assert rules(why.held_back_by) == ["turn"]
    assert the(of_lead(world, campaign_id, 2), "turn").sentence == "1 mail of the campaign goes before it."


def test_only_mails_through_its_own_inbox_go_before_a_follow_up(world: World) -> None:
    """Four follow-ups are due, two of each inbox: of two one goes first."""
    campaign_id = world.campaign(4, [world.inbox(), world.inbox()], follow_up(2))
    world.run_until(MONDAY + HOUR)
    world.wait_until(MONDAY + DAY + HOUR)
    turns = [the(of_lead(world, campaign_id, number), "turn") for number in (1, 2, 3, 4)]
    assert sorted(str(turn.numbers["before"]) for turn in turns) == ["0", "0", "1", "1"]


def test_a_follow_up_waits_until_it_is_due(world: World) -> None:
    """Nobody who is asked about first mails stands before it: mails that go while it waits are not counted."""
    campaign_id = sent(world, follow_up(2, 3), leads=20)
    why = of_lead(world, campaign_id)
    due = the(why, "not_due")
    assert (due.sentence, due.frees_at) == ("Step 2 is not due: 3 days after the step before it.", MONDAY + 3 * DAY)
    assert due.numbers == {"step_number": 2, "since": MONDAY, "wait_days": 3, "due_at": MONDAY + 3 * DAY}
    assert why.goes_at == MONDAY + 3 * DAY
    assert the(why, "turn").numbers == {"before": 0}
    assert the(why, "condition").sentence == "Step 2 goes to leads that have not replied; this one is one of them."
    world.wait_until(MONDAY + 3 * DAY)
    due = the(of_lead(world, campaign_id), "not_due")
    assert (due.sentence, due.allows) == ("Step 2 is due: 3 days after the step before it.", True)


def test_a_step_that_will_be_skipped_is_told_before_the_one_that_goes(world: World) -> None:
    """It opened, so step 2 does not go to it; step 3 does, a day after the day of step 2."""
    campaign_id = sent(world, follow_up(2, 1, TriggerType.NOT_OPENED), follow_up(3, 2), enable_tracking=True)
    world.say(RecordOpen, campaign_id, 1)
    why = of_lead(world, campaign_id)
    condition, holds = (reason for reason in why.reasons if reason.rule == "condition")
    assert condition.sentence == (
        "Step 2 goes to leads that have not opened; this one is not, so the step will be skipped."
    )
    assert (condition.frees_at, holds.allows) == (MONDAY + DAY, True)
    assert (condition.numbers["opened"], condition.numbers["tracks_opens"]) == (True, True)
    assert (the(why, "not_due").numbers["step_number"], the(why, "not_due").frees_at) == (3, MONDAY + 3 * DAY)
    assert why.goes_at == MONDAY + 3 * DAY
    world.wait_until(MONDAY + 3 * DAY)  # nobody worked meanwhile: the skip is not recorded yet
    then = of_lead(world, campaign_id)
    assert (then.goes_at, then.held_back_by) == (MONDAY + 3 * DAY, ())


def test_a_lead_to_which_no_step_goes_any_more_gets_nothing(world: World) -> None:
    """It has not opened, and all that is left is for those that have."""
    campaign_id = sent(world, follow_up(2, 1, TriggerType.OPENED_BUT_NOT_REPLIED), enable_tracking=True)
    why = of_lead(world, campaign_id)
    assert why.goes_at is None
    assert rules(why.held_back_by) == ["condition", "no_step_left"]
    assert the(why, "condition").sentence.startswith("Step 2 goes to leads that have opened but not replied;")
    assert the(why, "no_step_left").sentence == "No step is left that goes to it."


def test_a_mail_that_was_put_off_is_tried_again_later(world: World) -> None:
    """A quarter of an hour, then an hour."""
    world.transport.odds = Odds(put_off=100)
    campaign_id = sent(world)
    off = the(of_lead(world, campaign_id), "deferred")
    retry = MONDAY + 15 * MINUTE
    assert (off.allows, off.frees_at) == (False, retry)
    assert off.sentence == "A server put its mail off once; it is tried again later."
    assert off.numbers == {"deferrals": 1, "retry_at": retry}
    assert of_lead(world, campaign_id).goes_at == retry
    world.wait_until(retry)
    assert the(of_lead(world, campaign_id), "deferred").sentence == (
        "A server put its mail off once; it may be tried again."
    )
    world.tick()
    assert the(of_lead(world, campaign_id), "deferred").sentence == (
        "A server put its mail off 2 times; it is tried again later."
    )


def test_a_follow_up_that_was_put_off_is_skipped_when_it_would_be_tried_again(world: World) -> None:
    """The lead opened meanwhile, so step 2 is not for it any more; the wait of step 3 runs from when step 2 was due."""
    campaign_id = sent(world, follow_up(2, 1, TriggerType.NOT_OPENED), follow_up(3, 1), enable_tracking=True)
    world.transport.odds = Odds(put_off=100)
    world.wait_until(MONDAY + DAY)
    world.tick()
    world.transport.odds = Odds()
    world.say(RecordOpen, campaign_id, 1)
    why, retry = of_lead(world, campaign_id), MONDAY + DAY + 15 * MINUTE
    until = {reason.rule: reason.frees_at for reason in why.held_back_by if reason.inbox_id is None}
    assert until == {"deferred": retry, "condition": retry, "not_due": MONDAY + 2 * DAY}
    world.run()
    assert world.claims()[-1].occurred_at == MONDAY + 2 * DAY


def test_a_mail_in_hand_is_its_workers_until_the_deadline_and_then_nobodys(world: World) -> None:
    """Past it nobody knows, whether or not a tick has recorded that."""
    campaign_id = world.campaign(1, [world.inbox()], follow_up(2))
    world.wait_until(MONDAY)
    world.claim()
    why = of_lead(world, campaign_id)
    assert rules(why.held_back_by)[0] == "claimed"
    claimed = the(why, "claimed")
    assert claimed.sentence == "The worker nobody has its mail of step 1 and may be sending it now."
    assert (claimed.frees_at, why.goes_at) == (MONDAY + 5 * MINUTE, MONDAY + DAY)
    world.wait_until(MONDAY + 5 * MINUTE)
    unknown = of_lead(world, campaign_id)
    world.tick()
    assert of_lead(world, campaign_id) == unknown
    assert (unknown.goes_at, rules(unknown.held_back_by)) == (None, ["outcome_unknown"])
    assert the(unknown, "outcome_unknown").sentence == (
        "Nobody knows whether its mail of step 1 went; say so before anything more is sent."
    )


def test_an_address_that_is_not_written_to_and_a_mail_that_says_nothing_stop_it(world: World) -> None:
    """Both are told before a tick ends the walk, and of a paused campaign as well."""
    campaign_id = world.campaign(2, [world.inbox()], variants=(BY_NAME,))
    world.kernel.handle(SuppressAddress("lead1@leads.org"))
    world.say(ReviseLead, campaign_id, 2, first_name="")
    world.kernel.handle(PauseCampaign(campaign_id))
    first, second = of_lead(world, campaign_id), of_lead(world, campaign_id, 2)
    assert (first.goes_at, rules(first.held_back_by)) == (None, ["status", "suppressed"])
    assert the(first, "suppressed").sentence == "Nobody in the workspace writes to its address any more (requested)."
    assert (second.goes_at, rules(second.held_back_by)) == (None, ["status", "unfit"])
    assert the(second, "unfit").sentence == "The mail of step 1 cannot go: its subject would be blank."
    assert the(second, "unfit").numbers == {"step_number": 1, "fault": "blank_subject"}


@pytest.mark.parametrize(
    ("ends", "reason", "sentence"),
    [
        pytest.param(RecordReply, "replied", "it replied", id="a reply"),
        pytest.param(RecordBounce, "bounced", "a mail to it bounced for good", id="a bounce"),
        pytest.param(RecordUnsubscribe, "unsubscribed", "it unsubscribed", id="an unsubscribe"),
        pytest.param(RecordComplaint, "complained", "it reported a mail as spam", id="a complaint"),
    ],
)
def test_an_answer_ends_the_walk(world: World, ends: Any, reason: str, sentence: str) -> None:
    """The reason is told, and since when."""
    campaign_id = sent(world, follow_up(2), leads=2)
    world.say(ends, campaign_id, 1)
    why = of_lead(world, campaign_id)
    ended = the(why, "walk_ended")
    assert (why.goes_at, rules(why.held_back_by)) == (None, ["walk_ended"])
    assert (ended.sentence, ended.frees_at) == (f"Its walk has ended: {sentence}.", None)
    assert ended.numbers == {"reason": reason, "ended_at": MONDAY}


@pytest.mark.parametrize(
    ("odds", "reason", "sentence"),
    [
        pytest.param(Odds(), "finished", "it was sent, or skipped, every step there is", id="every step"),
        pytest.param(Odds(refused=100), "rejected", "a server refused its mail for good, with 554", id="a refusal"),
        pytest.param(Odds(put_off=100), "deferred", "servers put its mail off too often", id="put off too often"),
    ],
)
def test_what_servers_say_ends_the_walk(world: World, odds: Odds, reason: str, sentence: str) -> None:
    """Or there is no further step."""
    world.transport.odds = odds
    campaign_id = sent(world)
    world.run()
    ended = the(of_lead(world, campaign_id), "walk_ended")
    assert (ended.sentence, ended.numbers["reason"]) == (f"Its walk has ended: {sentence}.", reason)


@pytest.mark.parametrize(
    ("address", "reason", "sentence"),
    [
        pytest.param(
            "lead1@leads.org", "suppressed", "nobody in the workspace writes to its address any more", id="address"
        ),
        pytest.param(None, "unfit", "its next mail could not go as it was", id="mail"),
    ],
)
def test_what_a_tick_finds_ends_the_walk(world: World, address: str | None, reason: str, sentence: str) -> None:
    """The address is suppressed, or its mail would be blank."""
    campaign_id = world.campaign(1, [world.inbox()], variants=(BY_NAME,))
    if address is None:
        world.say(ReviseLead, campaign_id, 1, first_name="")
    else:
        world.kernel.handle(SuppressAddress(address))
    world.run()
    ended = the(of_lead(world, campaign_id), "walk_ended")
    assert (ended.sentence, ended.numbers["reason"]) == (f"Its walk has ended: {sentence}.", reason)


def test_a_lead_waits_for_its_inbox_until_that_is_out_of_use(world: World) -> None:
    """Paused: it waits without an end, though another could send. Disabled: the other one goes on."""
    one, two = world.inbox(), world.inbox()
    campaign_id = world.campaign(1, [one, two], follow_up(2))
    world.wait_until(MONDAY)
    world.tick()
    used = world.lead(campaign_id, 1).inbox_id
    assert used is not None
    world.kernel.handle(PauseInbox(used))
    why = of_lead(world, campaign_id)
    assert {reason.inbox_id for reason in why.reasons} == {None, used}
    assert (why.goes_at, the(why, "inbox_can_send").sentence) == (
        None,
        "The inbox is PAUSED; only an ACTIVE one sends.",
    )
    world.kernel.handle(DisableInbox(used))
    why = of_lead(world, campaign_id)
    assert (why.goes_at, {reason.inbox_id for reason in why.reasons}) == (MONDAY + DAY, {None, one, two})
    assert rules(why.held_back_by) == ["not_due"]


def test_an_inbox_needs_a_campaign_that_runs(world: World) -> None:
    """And a status in which it sends."""
    inbox_id = world.inbox()
    why = world.kernel.why_inbox(inbox_id)
    assert (why.goes_at, rules(why.held_back_by)) == (None, ["assigned"])
    assert the(why, "assigned").sentence == "No campaign that runs sends from the inbox."
    world.campaign(1, [inbox_id, world.inbox()])
    world.kernel.handle(PauseInbox(inbox_id))
    world.wait_until(MONDAY)
    why = world.kernel.why_inbox(inbox_id)
    assert (why.goes_at, rules(why.held_back_by)) == (None, ["inbox_can_send"])
    assert the(why, "inbox_can_send").numbers == {"status": "PAUSED"}


def test_an_inbox_takes_the_mail_of_one_campaign_at_a_time(world: World) -> None:
    """Of two campaigns that could send now one does; the other is told so, and the inbox is held back by nothing."""
    inbox_id = world.inbox()
    campaigns = {world.campaign(1, [inbox_id]), world.campaign(["other@leads.org"], [inbox_id])}
    world.wait_until(MONDAY)
    (goes,) = {each for each in campaigns if world.kernel.why(each).goes_at == MONDAY}
    (waits,) = campaigns - {goes}
    for why in (world.kernel.why(waits), of_lead(world, waits)):
        assert rules(why.held_back_by) == ["inbox_taken"]
        taken = the(why, "inbox_taken")
        assert (taken.sentence, taken.numbers) == (
            "Another campaign's mail goes through the inbox now.", {"campaign_id": goes}
        )  # fmt: skip
        assert taken.frees_at == why.goes_at
    why = world.kernel.why_inbox(inbox_id)
    assert (why.goes_at, why.held_back_by) == (MONDAY, ())
    assert {reason.campaign_id for reason in why.reasons} == {None, *campaigns}


def test_an_inbox_may_have_nobody_to_write_to_while_another_rests(world: World) -> None:
    """The one lead that is due belongs to the inbox that rests; the other inbox has nothing to do."""
    one, two = world.inbox(), world.inbox()
    campaign_id = world.campaign(2, [one, two], follow_up(2))
    world.run_until(MONDAY + MINUTE)
    world.wait_until(MONDAY + DAY)
    first = world.lead(campaign_id, 1).inbox_id
    world.kernel.handle(PauseInbox(first or one))
    world.tick()
    why = world.kernel.why(campaign_id)
    assert why.goes_at is None
    assert {reason.rule for reason in why.held_back_by} == {"inbox_can_send", "inbox_gap"}
    world.wait_until(MONDAY + DAY + HOUR)
    why = world.kernel.why(campaign_id)
    assert [reason.rule for reason in why.held_back_by] == ["inbox_can_send", "inbox_idle"]
    assert the(why, "inbox_idle").sentence == "Nobody whose mail goes now may be written to through the inbox."


def test_asking_writes_nothing(location: str) -> None:
    """No event, no row of any view, on every store; a lead is asked about by its address as well."""
    world = World(location)
    campaign_id = world.campaign(3, [inbox_id := world.inbox()], follow_up(2))
    world.wait_until(MONDAY)
    world.tick()
    before = world.events(), [world.kernel.view(each).find() for each in VIEWS]
    why = world.kernel.why(campaign_id, "Lead2@leads.org")
    assert why == of_lead(world, campaign_id, 2)
    world.kernel.why(campaign_id)
    world.kernel.why_inbox(inbox_id)
    assert (world.events(), [world.kernel.view(each).find() for each in VIEWS]) == before
    world.kernel.close()


def test_what_is_not_there_is_unknown(world: World) -> None:
    """A campaign, a lead by id and by address, an inbox."""
    campaign_id = world.campaign(1, [world.inbox()])
    with pytest.raises(UnknownCampaign):
        world.kernel.why(UUID(int=1))
    with pytest.raises(UnknownCampaign):
        world.kernel.why(UUID(int=1), "lead1@leads.org")
    with pytest.raises(UnknownLead):
        world.kernel.why(campaign_id, lead_id_of(campaign_id, 2))
    with pytest.raises(UnknownLead):
        world.kernel.why(campaign_id, "nobody@leads.org")
    with pytest.raises(UnknownInbox):
        world.kernel.why_inbox(UUID(int=1))


def test_every_rule_has_its_line_on_the_page() -> None:
    """And the page has no other."""
    sources = [
        Path(module.__file__ or "").read_text(encoding="utf-8")
        for module in (explaining, lead_reasons, planner_reasons)
    ]
    asked = {word for text in sources for word in re.findall(r'rule="(\w+)"', text)} | {SUPPRESSED, UNKNOWN}
    page = (Path(__file__).parents[2] / "docs" / "why.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == asked | set(CERTAIN)
