"""Single follow-ups of a paused campaign edited: added, changed, taken out, one after the other in one command."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import attrs
import pytest

from campaign_core import (
    EditAction,
    FollowUp,
    IllegalTransition,
    InvalidMessage,
    Problem,
    SequenceEdit,
    Status,
    TriggerType,
    UnfitSequences,
    UnknownFollowUp,
    UpdateCampaign,
)
from campaign_core.campaign.decisions import CAMPAIGN_DECIDER
from campaign_core.campaign.events import Launched, Paused, Resumed, SequencesSet
from campaign_core.campaign.sequences import Step
from campaign_core.checks import check
from campaign_core.recorded import Proposed, Rows
from campaign_core.testing.scenario import recorded, scenario
from tests.campaign.given import (
    CAMPAIGN_ID,
    HISTORIES,
    READY,
    addition,
    follow_up,
    follow_up_variant,
    sequence_id,
    sequences_set,
    when,
)

SECOND, THIRD, NOBODY = sequence_id(2), sequence_id(3), UUID(int=999)
#: Follow-ups at steps 2 and 3, waiting 3 and 5 days.
FOLLOW_UPS = (follow_up(2), follow_up(3, 5))
PAUSED = (*READY, sequences_set(*FOLLOW_UPS), Launched(), Paused())


def edit(*edits: SequenceEdit, **others: Any) -> UpdateCampaign:
    return UpdateCampaign(CAMPAIGN_ID, sequence_edits=edits, **others)


def change(which: UUID = SECOND, **changes: Any) -> SequenceEdit:
    return SequenceEdit(action=EditAction.EDIT, sequence_id=which, **changes)


def delete(which: UUID = SECOND) -> SequenceEdit:
    return SequenceEdit(action=EditAction.DELETE, sequence_id=which)


def paused(*follow_ups: FollowUp) -> tuple[Any, ...]:
    return (*READY, sequences_set(*follow_ups), Launched(), Paused())


def at(number: int, step: Step | FollowUp) -> Step:
    """The same follow-up at another step."""
    return attrs.evolve(step.step if isinstance(step, FollowUp) else step, step_number=number)


def set_to(*steps: Step | FollowUp, rewritten: tuple[UUID, ...] = ()) -> SequencesSet:
    found = tuple(each.step if isinstance(each, FollowUp) else each for each in steps)
    return SequencesSet(steps=found, rewritten=rewritten)


def test_a_follow_up_is_added_at_the_end() -> None:
    """Its text is the only one that comes along."""
    added = addition(4)
    decided = when(PAUSED, edit(added))
    rows = Rows(({"email_content": "Once more, variant N"},))
    event = set_to(*FOLLOW_UPS, added.follow_up, rewritten=(added.follow_up.step.sequence_id,))
    decided.then(Proposed(event, rows))


@pytest.mark.parametrize("number", [2, 3])
def test_a_follow_up_is_added_in_the_middle(number: int) -> None:
    """Those from there on move one step back and keep their ids and texts."""
    added = addition(number).follow_up
    steps = list(FOLLOW_UPS)
    steps.insert(number - 2, added)
    expected = [at(place, each) for place, each in enumerate(steps, 2)]
    when(PAUSED, edit(addition(number))).then(set_to(*expected, rewritten=(added.step.sequence_id,)))


def test_an_addition_that_would_leave_a_gap_is_refused() -> None:
    """The refusal says which step is next."""
    refusal = when(paused(follow_up(2)), edit(addition(4))).then_rejected(UnfitSequences)
    assert "step 4 would leave a gap; the next is 3" in str(refusal)
    refusal = when(HISTORIES[Status.PAUSED], edit(addition(3))).then_rejected(UnfitSequences)
    assert "step 3 would leave a gap; the next is 2" in str(refusal)


def test_the_first_follow_up_is_added_to_a_campaign_without_any() -> None:
    added = addition(2).follow_up
    when(HISTORIES[Status.PAUSED], edit(addition(2))).then(set_to(added, rewritten=(added.step.sequence_id,)))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"trigger_type": TriggerType.NOT_OPENED}, id="trigger"),
        pytest.param({"wait_days": 9}, id="wait"),
        pytest.param({"enable_unsubscribe": False}, id="unsubscribe off"),
        pytest.param({"enable_unsubscribe": True}, id="unsubscribe on"),
        pytest.param({"trigger_type": TriggerType.NOT_OPENED, "wait_days": 1, "enable_unsubscribe": True}, id="all"),
    ],
)
def test_single_fields_of_a_follow_up_are_changed(changes: dict[str, Any]) -> None:
    """The others stay as they are, and no text comes along."""
    expected = set_to(FOLLOW_UPS[0], attrs.evolve(FOLLOW_UPS[1].step, **changes))
    when(PAUSED, edit(change(THIRD, **changes))).then(Proposed(expected, Rows(())))


def test_an_unsubscribe_link_goes_back_to_what_the_campaign_says() -> None:
    """None means something of its own; leaving it out leaves it."""
    history = paused(follow_up(2, enable_unsubscribe=False))
    when(history, edit(change(enable_unsubscribe=None))).then(set_to(follow_up(2, enable_unsubscribe=None)))
    when(history, edit(change(wait_days=4))).then(set_to(follow_up(2, 4, enable_unsubscribe=False)))


def test_the_variants_of_a_follow_up_are_replaced() -> None:
    """As a whole: their texts come along, those of the other follow-ups do not."""
    variants = (follow_up_variant("B", 30, subject_template="Hi"), follow_up_variant("C", 70))
    rows = Rows(
        (
            {"subject_template": "Hi", "email_content": "Once more, variant B"},
            {"email_content": "Once more, variant C"},
        )
    )
    event = set_to(follow_up(2, variants=variants), FOLLOW_UPS[1], rewritten=(SECOND,))
    when(PAUSED, edit(change(variants=variants))).then(Proposed(event, rows))


def test_a_follow_up_is_taken_out() -> None:
    """Those behind it move one step forward."""
    when(PAUSED, edit(delete(SECOND))).then(set_to(at(2, FOLLOW_UPS[1])))
    when(PAUSED, edit(delete(THIRD))).then(set_to(FOLLOW_UPS[0]))
    when(PAUSED, edit(delete(SECOND), delete(THIRD))).then(set_to())


def test_edits_are_carried_out_in_order() -> None:
    """Each on what the one before left: an addition is edited, a deletion makes room, a wait is changed twice."""
    added = addition(2)
    new = added.follow_up.step
    command = edit(
        delete(SECOND),
        added,
        change(new.sequence_id, wait_days=7),
        change(THIRD, wait_days=1),
        change(THIRD, wait_days=2),
    )
    expected = set_to(
        attrs.evolve(new, wait_days=7),
        attrs.evolve(FOLLOW_UPS[1].step, wait_days=2),
        rewritten=(new.sequence_id,),
    )
    when(PAUSED, command).then(Proposed(expected, Rows(({"email_content": "Once more, variant N"},))))


def test_a_text_that_is_gone_again_does_not_come_along() -> None:
    """Added and deleted, or rewritten and deleted, by one command."""
    added = addition(4)
    assert added.sequence_id is not None
    when(PAUSED, edit(added, delete(added.sequence_id))).then_nothing()
    rewritten = change(variants=(follow_up_variant("Z"),))
    when(PAUSED, edit(rewritten, delete(SECOND))).then(Proposed(set_to(at(2, FOLLOW_UPS[1])), Rows(())))


def test_edits_that_come_to_nothing_record_nothing() -> None:
    when(PAUSED, edit(change(wait_days=3), change(THIRD, wait_days=5))).then_nothing()
    when(PAUSED, edit(change())).then_nothing()


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param((change(NOBODY, wait_days=2),), id="changing"),
        pytest.param((delete(NOBODY),), id="deleting"),
        pytest.param((change(SECOND, wait_days=2), delete(NOBODY)), id="behind one that is known"),
    ],
)
def test_a_follow_up_that_is_not_there_is_named(edits: tuple[SequenceEdit, ...]) -> None:
    refusal = when(PAUSED, edit(*edits)).then_rejected(UnknownFollowUp, given=NOBODY)
    assert str(NOBODY) in str(refusal)


def test_a_follow_up_that_was_deleted_is_not_there_any_more() -> None:
    when(PAUSED, edit(delete(SECOND), change(SECOND, wait_days=2))).then_rejected(UnknownFollowUp, given=SECOND)


def test_there_are_three_follow_ups_at_most_after_the_edits() -> None:
    """Four are refused; in between there may be room that a deletion made."""
    three = (follow_up(2), follow_up(3), follow_up(4))
    refusal = when(paused(*three), edit(addition(2))).then_rejected(UnfitSequences)
    assert "a campaign has at most 3 follow-ups; these are 4" in str(refusal)
    added = addition(4)
    when(paused(*three), edit(delete(SECOND), added)).then(
        set_to(at(2, three[1]), at(3, three[2]), added.follow_up, rewritten=(added.follow_up.step.sequence_id,))
    )


def test_an_addition_under_an_id_that_is_there_is_refused() -> None:
    """Two follow-ups would share their texts; once the other is taken out the id is free."""
    again = addition(4, sequence_id=SECOND)
    refusal = when(PAUSED, edit(again)).then_rejected(UnfitSequences)
    assert f"each follow-up needs an id of its own; given more than once: {SECOND}" in str(refusal)
    moved = addition(3, sequence_id=SECOND)
    when(PAUSED, edit(delete(SECOND), moved)).then(set_to(at(2, FOLLOW_UPS[1]), moved.follow_up, rewritten=(SECOND,)))


@pytest.mark.parametrize(("days", "fine"), [(14, True), (15, True), (16, False)])
def test_the_waits_come_to_45_days_at_most_after_the_edits(days: int, fine: bool) -> None:
    """The others wait 30 days together."""
    history = paused(follow_up(2, 10), follow_up(3, 20), follow_up(4, 1))
    decided = when(history, edit(change(sequence_id(4), wait_days=days)))
    if fine:
        decided.then(set_to(follow_up(2, 10), follow_up(3, 20), follow_up(4, days)))
    else:
        assert "all waits together are at most 45 days; these are 46" in str(decided.then_rejected(UnfitSequences))


def test_only_the_waits_at_the_end_count() -> None:
    """One edit may go beyond if the next makes up for it."""
    history = paused(follow_up(2, 20), follow_up(3, 20))
    when(history, edit(change(SECOND, wait_days=30), change(THIRD, wait_days=15))).then(
        set_to(follow_up(2, 30), follow_up(3, 15))
    )


@pytest.mark.parametrize(
    "status", [Status.DRAFT, Status.ACTIVE, Status.COMPLETED, Status.FAILED, Status.ARCHIVED], ids=str
)
def test_only_a_paused_campaign_has_single_follow_ups_edited(status: Status) -> None:
    """The refusal says where the campaign is; a draft is told that it may replace them all."""
    refusal = when(HISTORIES[status], edit(addition(2))).then_rejected(IllegalTransition, status=status)
    if status is Status.DRAFT:
        assert refusal.trigger == "edit_sequences"
        assert "replace_sequences" in refusal.legal


def test_edits_come_before_the_resume() -> None:
    when(PAUSED, edit(change(wait_days=4), launch=True)).then(set_to(follow_up(2, 4), FOLLOW_UPS[1]), Resumed())


def test_a_refused_edit_takes_the_rest_of_the_update_with_it() -> None:
    when(PAUSED, edit(delete(NOBODY), name="Summer launch", launch=True)).then_rejected(UnknownFollowUp)


def test_texts_that_were_not_edited_keep_their_places() -> None:
    """New ones point to the event of the edit; a variant that is gone has none."""
    history = paused(
        follow_up(2, variants=(follow_up_variant("A", 50), follow_up_variant("B", 50))), follow_up(3), follow_up(4)
    )
    before = scenario(CAMPAIGN_DECIDER).given(*history).state
    brought = len(READY) + 1
    variants = (follow_up_variant("B", 10), follow_up_variant("C", 90))
    command = edit(change(SECOND, variants=variants), change(sequence_id(4), wait_days=1), delete(THIRD), addition(4))
    (proposed,) = when(history, command).proposed
    added = addition(4).sequence_id
    after = CAMPAIGN_DECIDER.evolve(before, recorded(proposed.event, 50))
    assert after.text_places == {
        (None, "A"): (len(READY), 0),
        (SECOND, "B"): (50, 0),
        (SECOND, "C"): (50, 1),
        (sequence_id(4), "A"): (brought, 3),
        (added, "N"): (50, 2),
    }
    assert [row["email_content"][-1] for row in proposed.content] == ["B", "C", "N"]


def test_replacing_and_editing_exclude_each_other() -> None:
    """In one message, in whatever status."""
    command = UpdateCampaign(CAMPAIGN_ID, sequences=(follow_up(2),), sequence_edits=(delete(),))
    with pytest.raises(InvalidMessage) as caught:
        check(command)
    assert caught.value.problems == (
        Problem("$.sequence_edits", "cannot come together with sequences: replace them all or edit single ones"),
    )
