"""A claim from its beginning to its end: sent, given back, put off, refused, or unknown; and inboxes that are lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from campaign_core import (
    INBOXES,
    USAGE,
    ArchiveCampaign,
    DisableInbox,
    InboxStatus,
    LeadStatus,
    PauseCampaign,
    RecordReply,
    RecordUnsubscribe,
    ReportAccepted,
    ReportDeferred,
    ResolveUnknown,
    ResumeInbox,
    StaleClaim,
    Status,
    UpdateCampaign,
    VerifyInbox,
)
from campaign_core.kernel.dispatch import Task
from campaign_core.kernel.worker import Ending, Step, Worker
from campaign_core.testing.transport import CALM, Odds
from tests.sending.world import DAY, HOUR, MINUTE, NO_GAP, START, World, dated, follow_up, message, said

NINE = START + HOUR
ALWAYS_OPEN = {"sending_window_start": 0, "sending_window_end": 24, "sending_days": (1, 2, 3, 4, 5, 6, 7)}


def used(world: World) -> list[int]:
    """What counts against each limit of each day."""
    return [row.count for row in world.kernel.view(USAGE).find()]


def lost(world: World) -> Task:
    """The one mail there is, claimed, and its lease over."""
    (task,) = world.claim()
    world.wait_until(task.deadline)
    world.tick()
    return task


def accepted(task: Task) -> ReportAccepted:
    """A worker's word that the mail of a task went."""
    return ReportAccepted(task.campaign_id, task.lead_id, task.claim, task.outgoing.digest.hex())


def test_a_campaign_paused_between_claim_and_send_keeps_the_mail(world: World) -> None:
    """The worker is told so, gives its claim back, and nothing counts against a limit any more."""
    inbox = world.inbox()
    campaign = world.campaign(1, [inbox], **ALWAYS_OPEN)
    dealt: list[Step] = []
    worker = Worker(world.kernel, world.transport, name="one", clock=world.clock, told=dealt.append)
    dispatch = world.kernel.dispatch("one")
    world.kernel.handle(PauseCampaign(campaign))
    worker._deal_with(dispatch.tasks[0])
    assert (world.went, world.names(campaign, 1)) == ([], ["claimed", "released"])
    assert used(world) == [0, 0]
    assert world.lead(campaign, 1).status is LeadStatus.PENDING
    world.kernel.handle(UpdateCampaign(campaign, launch=True))
    assert world.run() is Ending.COMPLETE
    assert len(world.went) == 1


def test_a_claim_that_ran_out_is_unknown_and_counts_as_sent(world: World) -> None:
    campaign = world.campaign(1, [world.inbox()], **ALWAYS_OPEN)
    lost(world)
    assert world.names(campaign, 1) == ["claimed", "outcome_unknown"]
    assert used(world) == [1, 1]
    assert world.lead(campaign, 1).status is LeadStatus.SENT


def test_a_claim_is_not_unknown_before_its_deadline(world: World) -> None:
    campaign = world.campaign(1, [world.inbox()], **ALWAYS_OPEN)
    (task,) = world.claim(lease=timedelta(minutes=2))
    assert task.deadline == START + timedelta(minutes=2)
    world.wait_until(task.deadline - timedelta(microseconds=1))
    told = world.tick()
    assert world.names(campaign, 1) == ["claimed"]
    assert told.wake_at == task.deadline


def test_an_unknown_mail_is_never_sent_again_by_itself(world: World) -> None:
    campaign = world.campaign(1, [world.inbox()], follow_up(2), **ALWAYS_OPEN)
    lost(world)
    for _ in range(60):
        world.wait_until(world.clock.now() + HOUR * 12)
        assert world.tick().tasks == ()
    assert world.names(campaign, 1) == ["claimed", "outcome_unknown"]


def test_a_mail_that_is_unknown_may_not_be_sent_by_its_worker(world: World) -> None:
    world.campaign(1, [world.inbox()], **ALWAYS_OPEN)
    assert not world.kernel.may_send(lost(world))


def test_a_late_report_settles_an_unknown(world: World) -> None:
    campaign = world.campaign(1, [world.inbox()], follow_up(2), **ALWAYS_OPEN)
    task = lost(world)
    world.wait_until(world.clock.now() + HOUR)
    world.kernel.handle(accepted(task))
    reported = world.clock.now()
    assert world.names(campaign, 1) == ["claimed", "outcome_unknown", "accepted"]
    assert world.run() is Ending.COMPLETE
    assert world.claims()[-1].occurred_at == reported + DAY


def test_a_report_said_twice_is_recorded_once(world: World) -> None:
    campaign = world.campaign(1, [world.inbox()], follow_up(2), **ALWAYS_OPEN)
    (task,) = world.claim()
    for _ in range(2):
        world.kernel.handle(accepted(task))
    assert world.names(campaign, 1) == ["claimed", "accepted"]


def test_a_report_of_an_earlier_claim_is_not_taken_for_a_later_ones(world: World) -> None:
    campaign = world.campaign(1, [world.inbox()], **ALWAYS_OPEN)
    first = lost(world)
    world.say(ResolveUnknown, campaign, 1, sent=False)
    (second,) = world.claim()
    with pytest.raises(StaleClaim):
        world.kernel.handle(accepted(first))
    world.kernel.handle(accepted(second))
    assert world.names(campaign, 1)[-2:] == ["accepted", "finished"]


def test_an_unknown_resolved_as_sent_goes_on_from_its_claim(world: World) -> None:
    campaign = world.campaign(1, [world.inbox()], follow_up(2), **ALWAYS_OPEN)
    lost(world)
    world.wait_until(START + 10 * HOUR)
    world.say(ResolveUnknown, campaign, 1, sent=True)
    assert used(world) == [1, 1]
    assert world.run() is Ending.COMPLETE
    assert [each.occurred_at for each in world.claims()] == [START, START + DAY]


def test_an_unknown_resolved_as_not_sent_frees_its_limits_and_goes_again_under_the_same_id(
    new_world: Callable[..., World],
) -> None:
    world = new_world()
    campaign = world.campaign(1, [world.inbox(daily_limit=1)], **ALWAYS_OPEN)
    task = lost(world)
    world.say(ResolveUnknown, campaign, 1, sent=False)
    assert used(world) == [0, 0]
    assert world.run() is Ending.COMPLETE
    assert [each.outgoing.message_id for each in world.went] == [task.outgoing.message_id]
    assert dated(world.went[0]) > START


def test_an_answer_to_an_unknown_mail_ends_the_walk_once_it_is_resolved(world: World) -> None:
    campaign = world.campaign(1, [world.inbox()], follow_up(2), **ALWAYS_OPEN)
    lost(world)
    world.say(RecordReply, campaign, 1)
    assert world.names(campaign, 1)[-1] == "replied"
    world.say(ResolveUnknown, campaign, 1, sent=True)
    assert world.names(campaign, 1)[-2:] == ["resolved", "stopped"]
    assert world.status(campaign) is Status.COMPLETED


def test_who_unsubscribes_while_the_mail_is_under_way_gets_no_other(world: World) -> None:
    campaign = world.campaign(1, [world.inbox()], follow_up(2), **ALWAYS_OPEN)
    (task,) = world.claim()
    world.say(RecordUnsubscribe, campaign, 1)
    world.kernel.handle(accepted(task))
    assert world.names(campaign, 1) == ["claimed", "unsubscribed", "accepted", "stopped"]
    assert world.status(campaign) is Status.COMPLETED


def test_a_mail_put_off_is_tried_after_a_quarter_and_an_hour_and_the_third_time_ends_the_walk(
    new_world: Callable[..., World],
) -> None:
    world = new_world(odds=Odds(put_off=100))
    campaign = world.campaign(1, [world.inbox()], **ALWAYS_OPEN)
    assert world.run() is Ending.COMPLETE
    assert [each.occurred_at - START for each in world.claims()] == [0 * MINUTE, 15 * MINUTE, 75 * MINUTE]
    assert world.names(campaign, 1) == ["claimed", "deferred"] * 3 + ["stopped"]
    assert (used(world), world.lead(campaign, 1).status) == ([0, 0], LeadStatus.FAILED)


def test_a_mail_put_off_twice_and_then_taken_begins_to_count_anew(world: World) -> None:
    campaign = world.campaign(1, [world.inbox()], follow_up(2), **ALWAYS_OPEN)
    for deferrals in (2, 4):
        world.transport.odds = Odds(put_off=100)
        while len(world.events("lead.deferred")) < deferrals:
            world.tick()
            world.wait_until(world.clock.now() + 15 * MINUTE)
        world.transport.odds = CALM
        world.run_for(12 * HOUR)
    world.run()
    assert said(world.went) == ["1", "2"]
    assert world.names(campaign, 1)[-1] == "finished"


@pytest.mark.parametrize(
    ("odds", "status"),
    [
        pytest.param(Odds(refused=100), LeadStatus.FAILED, id="the mail"),
        pytest.param(Odds(no_such_address=100), LeadStatus.BOUNCED, id="the address"),
    ],
)
def test_a_refusal_for_good_ends_the_walk(new_world: Callable[..., World], odds: Odds, status: LeadStatus) -> None:
    world = new_world(odds=odds)
    campaign = world.campaign(1, [world.inbox()], follow_up(2), **ALWAYS_OPEN)
    assert world.run() is Ending.COMPLETE
    assert (world.names(campaign, 1), world.lead(campaign, 1).status) == (["claimed", "rejected"], status)


def test_a_refused_inbox_is_paused_and_its_lead_waits_for_another(world: World) -> None:
    """No lead is to blame. With its only inbox paused the campaign pauses too, and says why."""
    inbox = world.inbox()
    campaign = world.campaign(1, [inbox], **ALWAYS_OPEN)
    world.transport.odds = Odds(inbox_refused=100)
    world.run()
    row = world.kernel.view(INBOXES).get(inbox)
    assert row is not None
    assert row.status is InboxStatus.PAUSED
    assert world.names(campaign, 1) == ["claimed", "released"]
    assert [each.event.reason for each in world.events("campaign.paused")] == ["no_usable_inbox"]
    world.transport.odds = CALM
    world.kernel.handle(ResumeInbox(inbox))
    world.kernel.handle(UpdateCampaign(campaign, launch=True))
    assert world.run() is Ending.COMPLETE
    assert len(world.went) == 1


def test_when_an_inbox_is_disabled_others_take_its_leads_over_in_a_new_thread(world: World) -> None:
    first, second = world.inbox(), world.inbox()
    world.campaign(2, [first, second], follow_up(2), **ALWAYS_OPEN)
    world.run_for(HOUR)
    world.kernel.handle(DisableInbox(first))
    assert world.run() is Ending.COMPLETE
    assert [each.inbox_id for each in world.went[2:]] == [second, second]
    threads = {message(each)["To"]: message(each)["In-Reply-To"] for each in world.went[2:]}
    moved = next(each.outgoing.to for each in world.went if each.inbox_id == first)
    assert {to: thread is None for to, thread in threads.items()} == {
        "lead1@leads.org": moved == "lead1@leads.org",
        "lead2@leads.org": moved == "lead2@leads.org",
    }


def test_leads_of_a_lost_inbox_share_the_others_at_once(world: World) -> None:
    """Two leads of one lost inbox are due and two inboxes are free: both mails go at that instant."""
    lost_one, others = world.inbox(), (world.inbox(), world.inbox())
    campaign = world.campaign(2, [lost_one], follow_up(2), **ALWAYS_OPEN)
    world.run_for(HOUR)
    world.update(campaign, inbox_ids=(lost_one, *others))
    world.kernel.handle(DisableInbox(lost_one))
    world.wait_until(START + 2 * DAY)
    world.run()
    assert {each.inbox_id for each in world.went[2:]} == set(others)
    assert [each.occurred_at for each in world.claims()[2:]] == [START + 2 * DAY] * 2


def test_a_campaign_without_a_usable_inbox_pauses_and_goes_on_when_resumed(world: World) -> None:
    inbox = world.inbox()
    campaign = world.campaign(1, [inbox], follow_up(2), **ALWAYS_OPEN)
    world.run_for(HOUR)
    world.kernel.handle(DisableInbox(inbox))
    assert world.tick().wake_at is None
    (paused,) = world.events("campaign.paused")
    assert (paused.event.reason, world.status(campaign)) == ("no_usable_inbox", Status.PAUSED)
    world.kernel.handle(VerifyInbox(inbox))
    world.kernel.handle(UpdateCampaign(campaign, launch=True))
    assert world.run() is Ending.COMPLETE
    assert said(world.went) == ["1", "2"]
    assert message(world.went[1])["In-Reply-To"] == world.went[0].outgoing.message_id


def test_too_many_bounces_pause_a_campaign_after_fifty_mails(new_world: Callable[..., World]) -> None:
    world = new_world(pacing=NO_GAP)
    campaign = world.campaign(120, [world.inbox(), world.inbox()], **ALWAYS_OPEN)
    world.transport.odds = Odds(no_such_address=30)  # so many that chance cannot keep them below the guard's share
    world.run()
    (paused,) = world.events("campaign.paused")
    assert (paused.event.reason, world.status(campaign)) == ("bounces", Status.PAUSED)
    assert len(world.went) == 50


def test_a_claim_of_an_archived_campaign_is_not_sent_and_its_report_is_taken(world: World) -> None:
    campaign = world.campaign(2, [world.inbox(), world.inbox()], **ALWAYS_OPEN)
    kept, sent = world.claim()
    world.kernel.handle(PauseCampaign(campaign))
    world.kernel.handle(ArchiveCampaign(campaign))
    assert not world.kernel.may_send(kept)
    world.kernel.handle(accepted(sent))
    world.kernel.handle(ReportDeferred(kept.campaign_id, kept.lead_id, kept.claim, reply_code=450))
    assert [world.names(campaign, each)[1] for each in (1, 2)] == ["deferred", "accepted"]


def test_a_worker_that_is_stopped_gives_back_what_it_has_not_sent(world: World) -> None:
    campaign = world.campaign(2, [world.inbox(), world.inbox()], **ALWAYS_OPEN)

    def stop_after_one(_: Step) -> None:
        worker.stop()

    worker = Worker(world.kernel, world.transport, name="one", clock=world.clock, told=stop_after_one)
    assert worker.run() is Ending.STOPPED
    assert len(world.went) == 1
    assert sorted(world.names(campaign, each)[1] for each in (1, 2)) == ["accepted", "released"]
    assert world.run() is Ending.COMPLETE
    assert len(world.went) == 2
