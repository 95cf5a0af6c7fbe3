"""Which steps a lead gets: conditions, what ends a walk, edits of the chain, shares of variants; and when it is all over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign_core import (
    DUE,
    EditAction,
    LeadStatus,
    LiftSuppression,
    PauseCampaign,
    RecordBounce,
    RecordComplaint,
    RecordOpen,
    RecordReply,
    RecordUnsubscribe,
    RemoveLeads,
    ReviseLead,
    SequenceEdit,
    Status,
    SuppressAddress,
    TriggerType,
    UpdateCampaign,
    Variant,
)
from campaign_core.kernel.worker import Ending
from campaign_core.lead.identity import lead_id_of
from campaign_core.testing.transport import CALM, Odds
from tests.sending.world import DAY, HOUR, MINUTE, NO_GAP, START, World, follow_up, said

NINE = START + HOUR
NOT_OPENED, NOT_REPLIED, OPENED = TriggerType.NOT_OPENED, TriggerType.NOT_REPLIED, TriggerType.OPENED_BUT_NOT_REPLIED


def edit(action: EditAction, number: int | None = None, *, at: int | None = None, wait_days: int = 1) -> SequenceEdit:
    """An edit of the follow-up of a number; one that is added says its number as its text."""
    if action is EditAction.ADD:
        assert number is not None
        made = follow_up(number, wait_days)
        return SequenceEdit(
            action=action,
            sequence_id=made.sequence_id,
            step_number=at,
            trigger_type=made.trigger_type,
            wait_days=wait_days,
            variants=made.variants,
        )
    return SequenceEdit(action=action, sequence_id=UUID(int=number or 0))


@pytest.mark.parametrize(
    ("trigger", "tracks", "opens", "goes"),
    [
        pytest.param(NOT_OPENED, True, False, True, id="not opened, and it was not"),
        pytest.param(NOT_OPENED, True, True, False, id="not opened, but it was"),
        pytest.param(NOT_OPENED, False, True, True, id="not opened, and without tracking nothing counts as opened"),
        pytest.param(NOT_REPLIED, True, True, True, id="not replied, opened or not"),
        pytest.param(OPENED, True, True, True, id="opened and not replied"),
        pytest.param(OPENED, True, False, False, id="not opened at all"),
        pytest.param(OPENED, False, True, False, id="without tracking never opened"),
    ],
)
def test_a_follow_up_goes_where_its_condition_holds(
    world: World, trigger: TriggerType, tracks: bool, opens: bool, goes: bool
) -> None:
    campaign = world.campaign(1, [world.inbox()], follow_up(2, trigger=trigger), enable_tracking=tracks)
    world.run_until(NINE + HOUR)
    if opens:
        world.say(RecordOpen, campaign, 1)
    assert world.run() is Ending.COMPLETE
    assert said(world.went) == (["1", "2"] if goes else ["1"])
    assert ("skipped" in world.names(campaign, 1)) is not goes


def test_an_open_of_any_earlier_mail_counts(world: World) -> None:
    steps = follow_up(2), follow_up(3, trigger=NOT_OPENED), follow_up(4, trigger=OPENED)
    campaign = world.campaign(1, [world.inbox()], *steps, enable_tracking=True)
    world.run_until(NINE + HOUR)
    world.say(RecordOpen, campaign, 1)
    world.run()
    assert said(world.went) == ["1", "2", "4"]


def test_the_wait_behind_a_skipped_step_runs_from_when_that_was_due(world: World) -> None:
    steps = follow_up(2, 2, trigger=OPENED), follow_up(3, 1)
    campaign = world.campaign(1, [world.inbox()], *steps, enable_tracking=True)
    world.run()
    assert [each.occurred_at for each in world.claims()] == [NINE, NINE + 3 * DAY]
    assert world.names(campaign, 1) == ["claimed", "accepted", "skipped", "claimed", "accepted", "finished"]


def test_a_step_that_is_skipped_late_was_due_when_it_was_due(world: World) -> None:
    """Paused from Tuesday to Friday: the step of Wednesday is skipped on Friday, and the next is three days behind it."""
    steps = follow_up(2, 2, trigger=OPENED), follow_up(3, 3)
    every_day = {"sending_days": (1, 2, 3, 4, 5, 6, 7), "sending_window_start": 0, "sending_window_end": 24}
    campaign = world.campaign(1, [world.inbox()], *steps, enable_tracking=True, **every_day)
    world.run_until(START + DAY)
    world.kernel.handle(PauseCampaign(campaign))
    world.wait_until(START + 4 * DAY)
    world.kernel.handle(UpdateCampaign(campaign, launch=True))
    world.run()
    (skipped,) = world.events("lead.skipped")
    assert (skipped.occurred_at, skipped.event.due_at) == (START + 4 * DAY, START + 2 * DAY)
    assert [each.occurred_at for each in world.claims()] == [START, START + 5 * DAY]


def test_a_wait_runs_from_the_mail_as_it_went_and_not_from_the_first_free_slot(world: World) -> None:
    """Monday and Thursday: what goes on Monday at nine is due on Tuesday and goes on Thursday; the next a day later."""
    world.campaign(1, [world.inbox()], follow_up(2), follow_up(3), sending_days=(1, 4))
    world.run()
    assert [each.occurred_at for each in world.claims()] == [NINE, NINE + 3 * DAY, NINE + 7 * DAY]


@pytest.mark.parametrize(
    ("kind", "how", "ends", "status"),
    [
        pytest.param(RecordReply, {}, True, LeadStatus.REPLIED, id="a reply"),
        pytest.param(RecordReply, {"by_machine": True}, False, LeadStatus.SENT, id="an auto-reply"),
        pytest.param(RecordBounce, {}, True, LeadStatus.BOUNCED, id="a hard bounce"),
        pytest.param(RecordBounce, {"hard": False}, False, LeadStatus.SENT, id="a soft bounce"),
        pytest.param(RecordComplaint, {}, True, LeadStatus.UNSUBSCRIBED, id="a complaint"),
        pytest.param(RecordUnsubscribe, {}, True, LeadStatus.UNSUBSCRIBED, id="an unsubscribe"),
    ],
)
def test_what_comes_back_ends_the_walk_or_does_not(
    world: World, kind: Any, how: dict[str, Any], ends: bool, status: LeadStatus
) -> None:
    campaign = world.campaign(1, [world.inbox()], follow_up(2))
    world.run_until(NINE + HOUR)
    world.say(kind, campaign, 1, **how)
    assert world.run() is Ending.COMPLETE
    assert said(world.went) == (["1"] if ends else ["1", "2"])
    assert world.lead(campaign, 1).status is status
    assert world.names(campaign, 1)[-1] == ("stopped" if ends else "finished")


@pytest.mark.parametrize("kind", [RecordBounce, RecordComplaint, RecordUnsubscribe], ids=lambda kind: kind.__name__)
def test_who_bounced_complained_or_unsubscribed_hears_from_no_other_campaign(world: World, kind: Any) -> None:
    inbox = world.inbox()
    first = world.campaign(1, [inbox])
    world.run_until(NINE + HOUR)
    world.say(kind, first, 1)
    second = world.campaign(["LEAD1@leads.org", "other@leads.org"], [inbox])
    world.run()
    assert [each.outgoing.to for each in world.went] == ["lead1@leads.org", "other@leads.org"]
    assert world.lead(second, 1).email is not None


def test_an_address_suppressed_while_its_lead_waits_is_stopped_when_it_is_due(world: World) -> None:
    campaign = world.campaign(1, [world.inbox()], follow_up(2))
    world.run_until(NINE + HOUR)
    world.kernel.handle(SuppressAddress("lead1@leads.org"))
    assert world.run() is Ending.COMPLETE
    assert world.names(campaign, 1) == ["claimed", "accepted", "stopped"]


def test_a_lifted_address_is_written_to_again_by_the_next_campaign(world: World) -> None:
    inbox = world.inbox()
    first = world.campaign(2, [inbox])
    world.kernel.handle(SuppressAddress("lead1@leads.org"))
    world.run()
    world.kernel.handle(LiftSuppression("lead1@leads.org"))
    world.campaign(1, [inbox])
    world.run()
    assert world.names(first, 1) == ["stopped"]
    assert [each.outgoing.to for each in world.went] == ["lead2@leads.org", "lead1@leads.org"]


def test_a_lead_whose_mail_became_blank_after_the_launch_is_stopped_as_unfit(world: World) -> None:
    mail = Variant(subject_template="{{first_name}}", email_content="Good morning to you.")
    campaign = world.campaign(2, [world.inbox()], variants=[mail])
    world.say(ReviseLead, campaign, 1, first_name=None)
    assert world.run() is Ending.COMPLETE
    assert [each.outgoing.to for each in world.went] == ["lead2@leads.org"]
    (stopped,) = world.events("lead.stopped")
    assert (stopped.event.reason, world.lead(campaign, 1).status) == ("unfit", LeadStatus.FAILED)


def test_a_campaign_completes_in_the_transaction_that_ends_its_last_lead(world: World) -> None:
    campaign = world.campaign(3, [world.inbox()], follow_up(2))
    world.run()
    last, completed = world.events()[-2:]
    assert (last.name, completed.name) == ("lead.finished", "campaign.completed")
    assert last.metadata.recorded_at == completed.metadata.recorded_at
    assert len(world.events("campaign.completed")) == 1
    assert world.status(campaign) is Status.COMPLETED


def test_a_campaign_whose_last_leads_are_removed_completes(world: World) -> None:
    campaign = world.campaign(3, [world.inbox()], sending_window_start=0)
    assert len(world.tick().tasks) == 1
    world.kernel.handle(RemoveLeads(campaign, tuple(lead_id_of(campaign, each) for each in (2, 3))))
    assert world.run() is Ending.COMPLETE
    assert len(world.went) == 1


def test_a_campaign_whose_last_leads_are_suppressed_completes(world: World) -> None:
    world.campaign(2, [world.inbox()], sending_window_start=0)
    assert len(world.tick().tasks) == 1
    world.kernel.handle(SuppressAddress("lead2@leads.org"))
    assert world.run() is Ending.COMPLETE
    assert len(world.went) == 1


def test_a_campaign_does_not_complete_while_a_mail_is_under_way_or_unknown(world: World) -> None:
    campaign = world.campaign(1, [world.inbox()], sending_window_start=0)
    assert len(world.claim()) == 1
    world.tick()
    assert world.status(campaign) is Status.ACTIVE
    assert world.run() is Ending.STUCK
    assert world.names(campaign, 1) == ["claimed", "outcome_unknown"]
    assert world.status(campaign) is Status.ACTIVE


@pytest.mark.parametrize(
    ("edits", "gets"),
    [
        pytest.param([edit(EditAction.DELETE, 3)], ["1", "2", "4"], id="the next is deleted"),
        pytest.param([edit(EditAction.DELETE, 2)], ["1", "2", "3", "4"], id="the last sent is deleted"),
        pytest.param([edit(EditAction.DELETE, 4)], ["1", "2", "3"], id="the last is deleted"),
        pytest.param([edit(EditAction.DELETE, 3), edit(EditAction.DELETE, 4)], ["1", "2"], id="all to come deleted"),
        pytest.param(
            [edit(EditAction.DELETE, 4), edit(EditAction.ADD, 9, at=2)],
            ["1", "2", "3"],
            id="one is put in front of the last sent",
        ),
        pytest.param(
            [edit(EditAction.DELETE, 4), edit(EditAction.ADD, 9, at=3)],
            ["1", "2", "9", "3"],
            id="one is put in behind the last sent",
        ),
        pytest.param(
            [edit(EditAction.DELETE, 2), edit(EditAction.ADD, 2, at=4)],
            ["1", "2"],
            id="the last sent is moved to the end",
        ),
        pytest.param(
            [edit(EditAction.DELETE, 4), edit(EditAction.ADD, 4, at=2)],
            ["1", "2", "3"],
            id="one to come is moved in front of the last sent",
        ),
        pytest.param(
            [edit(EditAction.DELETE, 4), edit(EditAction.ADD, 4, at=3)],
            ["1", "2", "4", "3"],
            id="the two to come change places",
        ),
    ],
)
def test_after_edits_while_paused_a_lead_gets_what_stands_behind_its_last_step(
    world: World, edits: list[SequenceEdit], gets: list[str]
) -> None:
    """The lead was sent step 2 of 2, 3, 4 when the chain is edited; nothing is sent twice."""
    campaign = world.campaign(1, [world.inbox()], follow_up(2), follow_up(3), follow_up(4))
    world.run_until(NINE + DAY + HOUR)
    world.update(campaign, sequence_edits=tuple(edits))
    assert world.run() is Ending.COMPLETE
    assert said(world.went) == gets


def test_a_follow_up_that_was_put_off_and_then_deleted_does_not_go(world: World) -> None:
    campaign = world.campaign(1, [world.inbox()], follow_up(2))
    world.run_until(NINE + HOUR)
    world.transport.odds = Odds(put_off=100)
    world.run_until(NINE + DAY + MINUTE)
    world.transport.odds = CALM
    world.update(campaign, sequence_edits=(edit(EditAction.DELETE, 2),))
    assert world.run() is Ending.COMPLETE
    assert said(world.went) == ["1"]
    assert world.names(campaign, 1)[-2:] == ["deferred", "finished"]


def test_a_follow_up_that_was_put_off_is_asked_again_whether_its_condition_holds(world: World) -> None:
    campaign = world.campaign(1, [world.inbox()], follow_up(2, trigger=NOT_OPENED), enable_tracking=True)
    world.run_until(NINE + HOUR)
    world.transport.odds = Odds(put_off=100)
    world.run_until(NINE + DAY + MINUTE)
    world.transport.odds = CALM
    world.say(RecordOpen, campaign, 1)
    world.run()
    assert said(world.went) == ["1"]


def test_a_wait_that_is_edited_while_paused_holds_for_leads_under_way(world: World) -> None:
    campaign = world.campaign(1, [world.inbox()], follow_up(2, 5), sending_days=(1, 2, 3, 4, 5, 6, 7))
    world.run_until(NINE + HOUR)
    shorter = SequenceEdit(action=EditAction.EDIT, sequence_id=UUID(int=2), wait_days=2)
    world.update(campaign, sequence_edits=(shorter,))
    world.run()
    assert [each.occurred_at for each in world.claims()] == [NINE, NINE + 2 * DAY]


@settings(max_examples=settings.default.max_examples // 4)
@given(data=st.data())
def test_however_the_chain_is_edited_nobody_gets_a_step_twice(data: st.DataObject) -> None:
    """Leads at every place of the walk; two rounds of edits. Who has not ended gets the chain from his last step on."""
    world = World("memory:", pacing=NO_GAP)
    campaign = world.campaign(2, [world.inbox(daily_limit=1)], follow_up(2), follow_up(3), follow_up(4))
    present, fresh = [2, 3, 4], 5
    for _ in range(2):
        world.run_until(world.clock.now() + data.draw(st.integers(0, 5)) * DAY)
        if world.status(campaign) is not Status.ACTIVE:
            break
        edits = []
        for _ in range(data.draw(st.integers(1, 3))):
            place = data.draw(st.integers(0, 2))
            if place < len(present) and data.draw(st.booleans()):
                edits.append(edit(EditAction.DELETE, present.pop(place)))
            elif len(present) < 3 and place <= len(present):
                edits.append(edit(EditAction.ADD, fresh, at=place + 2))
                present.insert(place, fresh)
                fresh += 1
        if edits:
            world.update(campaign, sequence_edits=tuple(edits))
    world.run()
    assert world.status(campaign) is Status.COMPLETED
    for number in (1, 2):
        gets = said(world.went, f"lead{number}@leads.org")
        assert len(set(gets)) == len(gets)
        kept = [each for each in gets if each == "1" or int(each) in present]
        assert kept == sorted(kept, key=["1", *map(str, present)].index)
    assert Counter(each.outgoing.message_id for each in world.went).most_common(1)[0][1] == 1
    assert world.kernel.view(DUE).find() == []


def lettered(*shares: int) -> list[Variant]:
    """Variants A, B, ... with these shares; each says its letter."""
    return [
        Variant(variant_name=name, distribution_percent=share, subject_template=name, email_content=f"Mail {name} here")
        for name, share in zip("ABCD", shares, strict=False)
    ]


def variants_of(world: World, campaign: UUID) -> list[str]:
    """The variant each lead got of the first mail, by number."""
    first = {each.stream: each.event.variant_name for each in world.claims() if each.event.sequence_id is None}
    return [first[f"lead-{campaign}-{number}"] for number in range(1, len(first) + 1)]


def within_one(got: list[str], shares: dict[str, int]) -> bool:
    """Whether after each lead every variant is less than one lead off its exact share."""
    counts: Counter[str] = Counter()
    for place, name in enumerate(got, 1):
        counts[name] += 1
        if any(abs(100 * counts[each] - place * share) >= 100 for each, share in shares.items()):
            return False
    return True


def test_every_prefix_of_the_leads_is_within_one_of_each_share(new_world: Callable[..., World]) -> None:
    world = new_world(pacing=NO_GAP)
    campaign = world.campaign(30, [world.inbox() for _ in range(3)], variants=lettered(50, 30, 20))
    world.run()
    assert within_one(variants_of(world, campaign), {"A": 50, "B": 30, "C": 20})


def test_a_split_set_while_paused_holds_for_leads_added_later(new_world: Callable[..., World]) -> None:
    """Twenty leads are there when A and B swap 90 for 10; of twenty added afterwards the new split holds."""
    world = new_world(pacing=NO_GAP)
    campaign = world.campaign(20, [world.inbox(daily_limit=5)], variants=lettered(90, 10))
    world.run_until(NINE + HOUR)
    world.update(campaign, variants=tuple(lettered(10, 90)))
    world.upload(campaign, [f"later{each}@leads.org" for each in range(20)])
    world.run()
    got = variants_of(world, campaign)
    assert Counter(got[:20]) == {"A": 18, "B": 2}
    assert within_one(got[:20], {"A": 90, "B": 10})
    assert abs(Counter(got[20:])["B"] - 18) <= 1


def test_a_variant_of_no_share_is_never_sent(new_world: Callable[..., World]) -> None:
    world = new_world(pacing=NO_GAP)
    campaign = world.campaign(12, [world.inbox()], variants=lettered(0, 100))
    world.run()
    assert set(variants_of(world, campaign)) == {"B"}


def test_leads_added_to_an_active_campaign_get_every_step(world: World) -> None:
    campaign = world.campaign(1, [world.inbox()], follow_up(2))
    world.run_until(NINE + HOUR)
    world.upload(campaign, ["later@leads.org"])
    world.run()
    assert sorted(said(world.went, "later@leads.org")) == ["1", "2"]
    assert world.status(campaign) is Status.COMPLETED


def test_a_resumed_campaign_all_of_whose_leads_have_ended_completes_at_once(world: World) -> None:
    campaign = world.campaign(1, [world.inbox()], follow_up(2))
    world.run_until(NINE + HOUR)
    world.kernel.handle(PauseCampaign(campaign))
    world.say(RecordReply, campaign, 1)
    assert world.kernel.handle(UpdateCampaign(campaign, launch=True)).events == (
        "campaign.resumed",
        "campaign.completed",
    )


def test_nothing_goes_while_a_campaign_is_paused_and_the_walk_goes_on_where_it_stopped(world: World) -> None:
    campaign = world.campaign(2, [world.inbox()], follow_up(2))
    world.run_until(NINE + HOUR)
    world.kernel.handle(PauseCampaign(campaign))
    world.run_for(timedelta(days=30))
    assert said(world.went) == ["1", "1"]
    world.kernel.handle(UpdateCampaign(campaign, launch=True))
    assert world.run() is Ending.COMPLETE
    assert said(world.went) == ["1", "1", "2", "2"]
