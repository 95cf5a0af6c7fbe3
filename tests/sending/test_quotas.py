"""What an inbox may still send today, by its own limit and by the campaign's, is what a tick still claims."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign_core import (
    DisableInbox,
    PauseCampaign,
    ReleaseClaim,
    ReleaseReason,
    RemoveInbox,
    UnknownCampaign,
    UpdateCampaign,
)
from campaign_core.kernel.quotas import InboxQuota, RampUp
from tests.sending.world import NO_GAP, START, World

NewWorld = Callable[..., World]
ALL_DAY: dict[str, Any] = {
    "sending_days": (1, 2, 3, 4, 5, 6, 7),
    "sending_window_start": 0,
    "sending_window_end": 24,
}
ZONES = ["UTC", "Asia/Tokyo", "America/New_York", "Pacific/Kiritimati"]
maybe_few = st.none() | st.integers(1, 4)


def _claimed_now(world: World, campaign_id: UUID) -> Counter[UUID]:
    """Everything a campaign can have claimed at this instant, by inbox."""
    taken: Counter[UUID] = Counter()
    while tasks := world.claim():
        taken.update(task.inbox_id for task in tasks if task.campaign_id == campaign_id)
    return taken


def _quota(world: World, campaign_id: UUID, place: int = 0) -> InboxQuota:
    return world.kernel.quotas(campaign_id).inboxes[place]


def _campaign(world: World, inboxes: list[UUID], **others: Any) -> UUID:
    return world.campaign(30, inboxes, **(ALL_DAY | others))


@given(
    own=st.lists(st.integers(1, 4), min_size=1, max_size=2),
    limit=maybe_few,
    ramp=st.none() | st.tuples(st.integers(1, 2), st.integers(1, 4)),
    zone=st.sampled_from(ZONES),
    waits=st.lists(st.integers(0, 20), max_size=6),
    disabled=st.booleans(),
)
@settings(max_examples=40)
def test_what_is_left_is_what_ticks_then_claim(
    own: list[int], limit: int | None, ramp: tuple[int, int] | None, zone: str, waits: list[int], disabled: bool
) -> None:
    """Whatever a campaign and a rival took before, in whatever hours: then the campaign alone takes exactly what is left."""
    world = World("memory:", pacing=NO_GAP)
    inboxes = [world.inbox(daily_limit=each) for each in own]
    grows = {} if ramp is None else {"ramp_up_increment": ramp[0], "ramp_up_max_limit": ramp[1]}
    campaign_id = _campaign(
        world, inboxes, timezone=zone, daily_limit_per_inbox=limit, ramp_up_enabled=ramp is not None, **grows
    )
    rival = _campaign(world, inboxes, name="Another one")
    for hours in waits:
        world.claim()
        world.wait_until(world.clock.now() + timedelta(hours=hours))
    world.kernel.handle(PauseCampaign(rival))
    if disabled and len(inboxes) > 1:
        world.kernel.handle(DisableInbox(inboxes[0]))
    left = {each.usage.inbox_id: each.remaining for each in world.kernel.quotas(campaign_id).inboxes}
    claimed = _claimed_now(world, campaign_id)
    assert {inbox_id: claimed[inbox_id] for inbox_id in inboxes} == left
    assert all(each.remaining == 0 for each in world.kernel.quotas(campaign_id).inboxes)
    world.kernel.close()


def test_the_lower_limit_counts(new_world: NewWorld) -> None:
    """One campaign allows less than the inbox, another sets no limit of its own."""
    world = new_world(pacing=NO_GAP)
    inbox = world.inbox(daily_limit=5)
    narrow, wide = (
        _campaign(world, [inbox], daily_limit_per_inbox=2),
        _campaign(world, [inbox], name="No limit of its own"),
    )
    assert [(each.limit, each.remaining) for each in (_quota(world, narrow), _quota(world, wide))] == [(2, 2), (5, 5)]
    world.kernel.handle(PauseCampaign(wide))
    assert _claimed_now(world, narrow) == {inbox: 2}
    assert (_quota(world, narrow).remaining, _quota(world, wide).remaining) == (0, 3)
    assert (_quota(world, narrow).campaign_sent_today, _quota(world, wide).campaign_sent_today) == (2, 0)
    assert _quota(world, wide).usage.sent_today == 2


def test_each_limit_has_a_day_of_its_own(new_world: NewWorld) -> None:
    """In Tokyo the campaign's day ends nine hours before the inbox's, which is a day of UTC."""
    world = new_world(pacing=NO_GAP)
    campaign_id = _campaign(world, [world.inbox(daily_limit=3)], daily_limit_per_inbox=2, timezone="Asia/Tokyo")
    told = world.kernel.quotas(campaign_id)
    assert (told.day, told.resets_at) == (date(2030, 1, 7), datetime(2030, 1, 8, tzinfo=UTC))
    assert (told.campaign_day, told.campaign_resets_at) == (date(2030, 1, 7), datetime(2030, 1, 7, 15, tzinfo=UTC))
    _claimed_now(world, campaign_id)
    world.wait_until(told.campaign_resets_at)
    assert (_quota(world, campaign_id).campaign_sent_today, _quota(world, campaign_id).usage.sent_today) == (0, 2)
    assert _quota(world, campaign_id).remaining == 1
    world.wait_until(told.resets_at)
    assert _quota(world, campaign_id).remaining == 2


def test_a_growing_limit_is_told_with_its_day(new_world: NewWorld) -> None:
    """It begins with one increment on the day of the launch and ends at its maximum."""
    world = new_world(pacing=NO_GAP)
    ramp = {"ramp_up_enabled": True, "ramp_up_increment": 2, "ramp_up_max_limit": 5}
    campaign_id = _campaign(world, [world.inbox()], daily_limit_per_inbox=50, **ramp)
    limits = []
    for day in range(4):
        world.wait_until(START + timedelta(days=day))
        told = world.kernel.quotas(campaign_id)
        limits.append((told.ramp_up, told.inboxes[0].limit))
    assert limits == [(RampUp(day=day, increment=2, max_limit=5), limit) for day, limit in enumerate((2, 4, 5, 5), 1)]


def test_a_campaign_that_does_not_run_has_quotas_too(new_world: NewWorld) -> None:
    """They say what its inboxes could send; one that is disabled can send nothing."""
    world = new_world(pacing=NO_GAP)
    inbox = world.inbox()
    campaign_id = _campaign(world, [inbox], daily_limit_per_inbox=7)
    world.kernel.handle(PauseCampaign(campaign_id))
    assert _quota(world, campaign_id).remaining == 7
    world.kernel.handle(DisableInbox(inbox))
    assert (_quota(world, campaign_id).limit, _quota(world, campaign_id).remaining) == (7, 0)
    assert world.kernel.quotas(campaign_id).ramp_up is None


def test_a_mail_that_did_not_go_is_given_back(new_world: NewWorld) -> None:
    """A claim counts from the moment it is recorded, and no more once it is released."""
    world = new_world(pacing=NO_GAP)
    campaign_id = _campaign(world, [world.inbox(daily_limit=3)])
    (task,) = world.claim()
    assert _quota(world, campaign_id).remaining == 2
    world.kernel.handle(ReleaseClaim(campaign_id, task.lead_id, task.claim, reason=ReleaseReason.STOPPING))
    assert _quota(world, campaign_id).remaining == 3


def test_a_lowered_limit_leaves_nothing_and_no_less(new_world: NewWorld) -> None:
    """What was sent stays sent: where the limit is below it, nothing is left."""
    world = new_world(pacing=NO_GAP)
    campaign_id = _campaign(world, [world.inbox()], daily_limit_per_inbox=3)
    _claimed_now(world, campaign_id)
    world.kernel.handle(PauseCampaign(campaign_id))
    world.kernel.handle(UpdateCampaign(campaign_id, daily_limit_per_inbox=1))
    assert (_quota(world, campaign_id).limit, _quota(world, campaign_id).remaining) == (1, 0)


def test_a_campaign_nobody_knows_has_no_quotas(world: World) -> None:
    with pytest.raises(UnknownCampaign):
        world.kernel.quotas(UUID(int=1))
    elsewhere = world.kernel.create_workspace("elsewhere")
    campaign_id = _campaign(world, [world.inbox()])
    with pytest.raises(UnknownCampaign):
        elsewhere.quotas(campaign_id)


def test_the_usage_of_a_day_names_each_inbox_once(new_world: NewWorld) -> None:
    """By address; with what was sent today and this month; a removed inbox is gone from it, and so are other workspaces."""
    world = new_world(pacing=NO_GAP)
    first, second, third = world.inbox(daily_limit=2), world.inbox(), world.inbox()
    campaign_id = _campaign(world, [first, second], daily_limit_per_inbox=2)
    _claimed_now(world, campaign_id)
    told = world.kernel.inbox_usage()
    assert (told.day, told.resets_at) == (date(2030, 1, 7), datetime(2030, 1, 8, tzinfo=UTC))
    assert [each.inbox_id for each in told.inboxes] == [first, second, third]
    assert [(each.sent_today, each.remaining) for each in told.inboxes] == [(2, 0), (2, 98), (0, 100)]
    world.wait_until(told.resets_at)
    world.claim()
    later = world.kernel.inbox_usage([second, first, UUID(int=1), first])
    assert [(each.sent_today, each.sent_this_month) for each in later.inboxes] == [(1, 3), (1, 3)]
    world.wait_until(datetime(2030, 2, 1, 5, tzinfo=UTC))
    assert {(each.sent_today, each.sent_this_month) for each in world.kernel.inbox_usage().inboxes} == {(0, 0)}
    world.kernel.handle(RemoveInbox(third))
    assert len(world.kernel.inbox_usage().inboxes) == 2
    assert world.kernel.create_workspace("elsewhere").inbox_usage().inboxes == ()
