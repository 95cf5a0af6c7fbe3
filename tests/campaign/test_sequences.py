"""Follow-ups replaced as a whole: in a draft, and in a failed campaign, which becomes one."""

from __future__ import annotations

from typing import Any

import pytest

from campaign_core import ContentType, FollowUp, IllegalTransition, Status, TriggerType, UpdateCampaign
from campaign_core.campaign.decisions import CAMPAIGN_DECIDER
from campaign_core.campaign.events import Launched, Revised, SettingsRevised
from campaign_core.campaign.settings import SettingsChange
from campaign_core.recorded import Proposed, Rows
from campaign_core.testing.scenario import recorded, scenario
from tests.campaign.given import (
    CAMPAIGN_ID,
    FAILED,
    HISTORIES,
    READY,
    follow_up,
    follow_up_variant,
    sequence_id,
    sequences_set,
    variant,
    variants_set,
    when,
)

DRAFT = (*READY, sequences_set(follow_up(2), follow_up(3)))


def replace(*follow_ups: FollowUp, **others: Any) -> UpdateCampaign:
    return UpdateCampaign(CAMPAIGN_ID, sequences=follow_ups, **others)


def test_a_draft_gets_follow_ups() -> None:
    """All of them are newly written, and their texts travel beside the event: a row for each variant, step by step."""
    second = follow_up(
        2,
        variants=(
            follow_up_variant("A", 60, email_content="First content"),
            follow_up_variant("B", 40, subject_template="Once more", email_content="Other content"),
        ),
    )
    third = follow_up(3, variants=(follow_up_variant(email_content="Last content", content_type=ContentType.HTML),))
    rows = (
        {"email_content": "First content"},
        {"subject_template": "Once more", "email_content": "Other content"},
        {"email_content": "Last content"},
    )
    decided = when(READY, replace(second, third))
    decided.then(Proposed(sequences_set(second, third), Rows(rows)))
    assert "content'" not in repr(decided.proposed[0].event)
    assert "Once more" not in repr(decided.proposed[0].event)


def test_a_draft_replaces_its_follow_ups_as_a_whole() -> None:
    """Those of before are gone, whatever their ids."""
    new = follow_up(2, wait_days=9, trigger_type=TriggerType.NOT_OPENED)
    when(DRAFT, replace(new)).then(sequences_set(new))
    assert scenario(CAMPAIGN_DECIDER).given(*DRAFT, sequences_set(new)).state.steps == (new.step,)


def test_a_draft_may_go_without_follow_ups_again() -> None:
    """They are optional; taking away what is not there records nothing."""
    when(DRAFT, replace()).then(sequences_set())
    when(READY, replace()).then_nothing()
    when(FAILED, replace()).then_nothing()


def test_follow_ups_may_come_in_any_order() -> None:
    """They are recorded by step."""
    when(READY, replace(follow_up(4), follow_up(2), follow_up(3))).then(
        sequences_set(follow_up(2), follow_up(3), follow_up(4))
    )


def test_a_failed_campaign_is_a_draft_first_and_replaces() -> None:
    """Revised comes before the change, the launch after it."""
    when(FAILED, replace(follow_up(2))).then(Revised(), sequences_set(follow_up(2)))
    when(FAILED, replace(follow_up(2), launch=True)).then(Revised(), sequences_set(follow_up(2)), Launched())


@pytest.mark.parametrize("status", [Status.PAUSED, Status.ACTIVE, Status.COMPLETED, Status.ARCHIVED])
def test_nothing_else_replaces_its_follow_ups(status: Status) -> None:
    """Leads are under way; a paused campaign is told that single follow-ups may be edited."""
    refusal = when(HISTORIES[status], replace(follow_up(2))).then_rejected(IllegalTransition, status=status)
    if status is Status.PAUSED:
        assert refusal.trigger == "replace_sequences"
        assert "edit_sequences" in refusal.legal
        assert str(refusal).startswith("A campaign that is PAUSED cannot have its follow-ups replaced.")


def test_a_refused_replacement_takes_the_rest_of_the_update_with_it() -> None:
    when(HISTORIES[Status.PAUSED], replace(follow_up(2), name="Summer launch")).then_rejected(IllegalTransition)


def test_follow_ups_come_behind_settings_and_variants() -> None:
    """In one update, in one order."""
    command = replace(follow_up(2), name="Summer launch", variants=(variant("B"),))
    renamed = SettingsRevised(change=SettingsChange(name="Summer launch"))
    when(READY, command).then(renamed, variants_set(variant("B")), sequences_set(follow_up(2)))


def test_each_text_in_force_has_its_place() -> None:
    """The event that brought it and the row there; texts that were replaced have none."""
    second = follow_up(2, variants=(follow_up_variant("A", 50), follow_up_variant("B", 50)))
    history = (*READY, sequences_set(second, follow_up(3)))
    state = scenario(CAMPAIGN_DECIDER).given(*history).state
    variants_at, sequences_at = len(READY), len(READY) + 1
    assert state.text_places == {
        (None, "A"): (variants_at, 0),
        (sequence_id(2), "A"): (sequences_at, 0),
        (sequence_id(2), "B"): (sequences_at, 1),
        (sequence_id(3), "A"): (sequences_at, 2),
    }
    replaced = scenario(CAMPAIGN_DECIDER).given(*history, sequences_set(follow_up(2))).state
    assert replaced.text_places == {(None, "A"): (variants_at, 0), (sequence_id(2), "A"): (sequences_at + 1, 0)}


def test_follow_ups_do_not_touch_the_first_mail() -> None:
    """Nor the other way round."""
    before = scenario(CAMPAIGN_DECIDER).given(*DRAFT).state
    after = CAMPAIGN_DECIDER.evolve(before, recorded(variants_set(variant("B")), 9))
    assert after.steps == before.steps
    assert {key: place for key, place in after.text_places.items() if key[0]} == {
        key: place for key, place in before.text_places.items() if key[0]
    }
    assert after.text_places[None, "B"] == (9, 0)
