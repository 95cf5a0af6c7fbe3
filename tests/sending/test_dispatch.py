"""When a mail may go, and through which inbox: windows, gaps and limits, by what really went; and when to ask again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign_core import DisableInbox, PauseCampaign, SuppressAddress, UpdateCampaign
from campaign_core.kernel.worker import Ending
from campaign_core.sending.pacing import Pacing
from tests.sending.world import DAY, HOUR, MINUTE, NO_GAP, START, World, dated, follow_up, said

NINE, FIVE = START + HOUR, START + 9 * HOUR
BERLIN = ZoneInfo("Europe/Berlin")


def times(world: World) -> list[datetime]:
    """When what went was claimed."""
    return [each.occurred_at for each in world.claims()]


def gaps(world: World, inbox_id: UUID) -> list[timedelta]:
    """The times between the mails of an inbox, over all campaigns."""
    at = [each.occurred_at for each in world.claims() if each.event.inbox_id == inbox_id]
    return [later - earlier for earlier, later in pairwise(at)]


def test_the_first_mail_goes_the_moment_the_window_opens(world: World) -> None:
    world.campaign(1, [world.inbox()])
    assert world.tick().wake_at == NINE
    world.run()
    assert [dated(each) for each in world.went] == [NINE]


def test_a_microsecond_before_the_window_ends_a_mail_may_go_and_at_its_end_none(
    new_world: Callable[..., World],
) -> None:
    for early, count in ((timedelta(microseconds=1), 1), (timedelta(0), 0)):
        world = new_world(start=FIVE - early)
        world.campaign(1, [world.inbox()])
        assert len(world.tick().tasks) == count


def test_what_the_window_has_no_room_for_waits_for_the_next_sending_day(world: World) -> None:
    """A window of ten minutes on Mondays and Wednesdays has room for two to four mails of one inbox."""
    world.campaign(10, [world.inbox()], sending_days=(1, 3), sending_window_end=9, sending_window_end_minute=10)
    assert world.run() is Ending.COMPLETE
    assert len(world.went) == 10
    for at in times(world):
        assert at.isoweekday() in (1, 3)
        assert (9, 0) <= (at.hour, at.minute) < (9, 10)


def test_the_window_is_read_in_the_campaigns_zone(world: World) -> None:
    world.campaign(30, [world.inbox()], timezone="Europe/Berlin", sending_window_start=23, sending_window_end=24)
    world.run()
    assert {at.astimezone(BERLIN).hour for at in times(world)} == {23}


def test_nothing_goes_before_the_start_date(world: World) -> None:
    start = START + 2 * DAY + 3 * HOUR + timedelta(seconds=7)
    world.campaign(2, [world.inbox()], start_date=start)
    assert world.tick().wake_at == start
    world.run()
    assert times(world)[0] == start


def test_an_inbox_waits_180_to_300_seconds_between_mails_of_all_its_campaigns(world: World) -> None:
    inbox = world.inbox()
    for _ in range(3):
        world.campaign(8, [inbox])
    world.run()
    found = [each.total_seconds() for each in gaps(world, inbox)]
    assert len(found) == 23
    assert all(180 <= each <= 300 for each in found)
    assert max(found) - min(found) > 30


def test_inboxes_do_not_wait_for_each_other(world: World) -> None:
    inboxes = [world.inbox() for _ in range(3)]
    world.campaign(9, inboxes)
    world.wait_until(NINE)
    assert len(world.tick().tasks) == 3


def test_a_claim_that_was_given_back_still_counts_for_the_gap(world: World) -> None:
    campaign = world.campaign(2, [world.inbox()], sending_window_start=0)
    (task,) = world.claim()
    world.kernel.handle(PauseCampaign(campaign))
    assert not world.kernel.may_send(task)
    world.update(campaign)
    assert world.claim() == ()


def test_a_campaigns_limit_counts_by_its_own_local_day(new_world: Callable[..., World]) -> None:
    """In Berlin the day turns an hour before the day in UTC does; the window lies across it."""
    world = new_world(pacing=NO_GAP)
    campaign = world.campaign(
        10,
        [world.inbox(), world.inbox()],
        timezone="Europe/Berlin",
        daily_limit_per_inbox=2,
        sending_window_start=0,
        sending_window_end=24,
    )
    world.run()
    days = Counter((each.event.inbox_id, each.occurred_at.astimezone(BERLIN).date()) for each in world.claims())
    assert max(days.values()) == 2
    first, *rest = sorted(set(times(world)))
    assert first == START
    assert rest[-1].astimezone(BERLIN).hour == 0
    assert world.names(campaign, 10)[-1] == "finished"


def test_an_inboxs_own_limit_counts_over_all_campaigns_by_the_day_in_utc(new_world: Callable[..., World]) -> None:
    world = new_world(pacing=NO_GAP)
    inbox = world.inbox(daily_limit=3)
    for zone in ("Asia/Tokyo", "America/Los_Angeles"):
        world.campaign(5, [inbox], timezone=zone, sending_window_start=0, sending_window_end=24)
    world.run()
    assert Counter(at.date() for at in times(world)) == {START.date() + timedelta(days=n): 3 for n in range(3)} | {
        START.date() + timedelta(days=3): 1
    }


def test_ramp_up_adds_its_increment_each_day_up_to_its_maximum(new_world: Callable[..., World]) -> None:
    world = new_world(pacing=NO_GAP)
    ramp = {"ramp_up_enabled": True, "ramp_up_increment": 2, "ramp_up_max_limit": 5, "daily_limit_per_inbox": 50}
    world.campaign(25, [world.inbox()], sending_days=(1, 2, 3, 4, 5, 6, 7), **ramp)
    world.run()
    assert list(Counter(at.date() for at in times(world)).values()) == [2, 4, 5, 5, 5, 4]


def test_due_follow_ups_go_before_first_mails(world: World) -> None:
    inbox = world.inbox()
    campaign = world.campaign(1, [inbox], follow_up(2))
    world.run_until(NINE + DAY - HOUR)
    world.upload(campaign, ["new1@leads.org", "new2@leads.org"])
    world.run_until(NINE + DAY + 12 * MINUTE)
    assert [(mail.outgoing.to, text) for mail, text in zip(world.went, said(world.went), strict=True)][1:3] == [
        ("lead1@leads.org", "2"),
        ("new1@leads.org", "1"),
    ]


def test_a_lead_keeps_its_inbox(world: World) -> None:
    inboxes = [world.inbox() for _ in range(3)]
    world.campaign(9, inboxes, follow_up(2), follow_up(3))
    assert world.run() is Ending.COMPLETE
    by_lead: dict[str, set[UUID]] = {}
    for mail in world.went:
        by_lead.setdefault(mail.outgoing.to, set()).add(mail.inbox_id)
    assert {len(each) for each in by_lead.values()} == {1}
    assert {inbox for each in by_lead.values() for inbox in each} == set(inboxes)


def test_a_suppressed_address_is_never_claimed_by_any_campaign(world: World) -> None:
    inbox = world.inbox()
    campaigns = [world.campaign(["a@leads.org", "b@leads.org"], [inbox]) for _ in range(2)]
    world.kernel.handle(SuppressAddress("A@Leads.org"))
    assert world.run() is Ending.COMPLETE
    assert {mail.outgoing.to for mail in world.went} == {"b@leads.org"}
    assert [world.names(each, 1) for each in campaigns] == [["stopped"]] * 2


def test_a_tick_with_nothing_due_records_nothing(world: World) -> None:
    world.campaign(3, [world.inbox()], follow_up(2))
    world.run_until(NINE + HOUR)
    before = world.events()
    for _ in range(3):
        assert world.tick().tasks == ()
    assert world.events() == before


def test_a_tick_without_a_campaign_has_no_reason_to_wake(world: World) -> None:
    world.inbox()
    assert (world.tick().tasks, world.tick().wake_at) == ((), None)


def test_of_a_queue_the_second_is_asked_for_when_the_gap_behind_the_first_is_over(world: World) -> None:
    """Two follow-ups of one inbox are due; the tick that claims the first says when the second may go."""
    world.campaign(2, [world.inbox()], follow_up(2))
    world.run_until(NINE + HOUR)
    world.wait_until(NINE + DAY + HOUR)
    told = world.tick()
    assert len(told.tasks) == 1
    assert told.wake_at is not None
    assert timedelta(seconds=180) <= told.wake_at - world.clock.now() <= timedelta(seconds=300)
    world.wait_until(told.wake_at)
    assert len(world.tick().tasks) == 1


@settings(max_examples=settings.default.max_examples // 4)
@given(
    leads=st.lists(st.integers(1, 3), min_size=1, max_size=2),
    limit=st.none() | st.integers(1, 2),
    steps=st.integers(0, 2),
    inboxes=st.integers(1, 2),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
    opens=st.integers(0, 23),
    lost=st.integers(0, 1),
)
def test_nothing_can_be_claimed_before_the_instant_a_tick_said(
    leads: list[int], limit: int | None, steps: int, inboxes: int, zone: str, opens: int, lost: int
) -> None:
    """Between a tick and the instant at which it says to come again, ticks in small steps find nothing."""
    world = World("memory:", START + 53 * DAY, pacing=Pacing(180, 3000))
    senders = [world.inbox(daily_limit=2) for _ in range(inboxes)]
    for count in leads:
        world.campaign(
            count,
            senders,
            *(follow_up(2 + n) for n in range(steps)),
            timezone=zone,
            daily_limit_per_inbox=limit,
            sending_window_start=opens,
            sending_window_end=opens + 1,
            sending_days=(1, 2, 3, 5, 6),
        )
    if lost:
        world.kernel.handle(DisableInbox(senders[0]))
    for _ in range(40):
        told = world.tick()
        if told.tasks:
            assert told.wake_at is not None
        if told.wake_at is None:
            break
        step = max((told.wake_at - world.clock.now()) / 12, timedelta(seconds=1))
        while world.clock.now() + step < told.wake_at:
            world.wait_until(world.clock.now() + step)
            assert world.tick().tasks == ()
        world.wait_until(told.wake_at)
    assert world.events("campaign.launched")


@pytest.mark.parametrize("workers", [2, 5], ids=lambda count: f"{count}-workers")
def test_of_many_workers_none_gets_what_another_has(world: World, workers: int) -> None:
    world.campaign(4, [world.inbox(), world.inbox()], sending_window_start=0)
    claimed = [world.kernel.dispatch(f"worker {each}").tasks for each in range(workers)]
    assert [len(each) for each in claimed] == [2] + [0] * (workers - 1)


def test_a_window_that_is_moved_while_paused_moves_what_is_due(world: World) -> None:
    campaign = world.campaign(1, [world.inbox()], follow_up(2))
    world.run_until(NINE + HOUR)
    world.kernel.handle(PauseCampaign(campaign))
    late = UpdateCampaign(campaign, sending_window_start=13, sending_window_end=14, launch=True)
    world.kernel.handle(late)
    world.run()
    assert times(world) == [NINE, datetime(2030, 1, 8, 13, tzinfo=UTC)]
