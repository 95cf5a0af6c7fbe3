"""Every limit of follow-ups and their edits, on both sides of it. Source: reference 6, 8, 9 and fact 9 of 19."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import attrs
import pytest

from campaign_core import (
    EditAction,
    FollowUp,
    FollowUpVariant,
    InvalidMessage,
    SequenceEdit,
    TriggerType,
    UpdateCampaign,
)
from campaign_core.checks import check
from tests.campaign.given import CAMPAIGN_ID, addition, follow_up, follow_up_variant, sequence_id

PERCENT = "the shares must add up to exactly 100 percent; these add up to"


def problems_of(message: Any) -> list[tuple[str, str]]:
    try:
        check(message)
    except InvalidMessage as wrong:
        return [(each.path, each.sentence) for each in wrong.problems]
    return []


def replace(*follow_ups: FollowUp) -> UpdateCampaign:
    return UpdateCampaign(CAMPAIGN_ID, sequences=follow_ups)


def edit(*edits: SequenceEdit) -> UpdateCampaign:
    return UpdateCampaign(CAMPAIGN_ID, sequence_edits=edits)


def chain(*waits: int) -> tuple[FollowUp, ...]:
    return tuple(follow_up(number, days) for number, days in enumerate(waits, 2))


def shares(*percents: int) -> tuple[Any, ...]:
    return tuple(follow_up_variant("ABCDE"[place], percent) for place, percent in enumerate(percents))


@pytest.mark.parametrize(
    ("follow_ups", "problem"),
    [
        pytest.param((), None, id="none"),
        pytest.param(chain(1), None, id="one"),
        pytest.param(chain(1, 1, 1), None, id="three"),
        pytest.param(chain(1, 1, 1, 1), "must hold at most 3 of follow-ups, holds 4", id="four"),
        pytest.param(chain(15, 15, 15), None, id="45 days"),
        pytest.param(chain(15, 15, 16), "all waits together are at most 45 days; these are 46", id="46 days"),
        pytest.param(chain(30, 15), None, id="45 days in two"),
        pytest.param(chain(30, 16), "all waits together are at most 45 days; these are 46", id="46 days in two"),
        pytest.param(
            (follow_up(3),), "follow-ups are steps 2, 3, 4 without a gap; these are 3", id="a gap at the beginning"
        ),
        pytest.param(
            (follow_up(2), follow_up(4)),
            "follow-ups are steps 2, 3, 4 without a gap; these are 2, 4",
            id="a gap in the middle",
        ),
        pytest.param(
            (follow_up(2), follow_up(2, sequence_id=UUID(int=9))),
            "follow-ups are steps 2, 3, 4 without a gap; these are 2, 2",
            id="a step twice",
        ),
        pytest.param(
            (follow_up(2), follow_up(3, sequence_id=sequence_id(2))),
            f"each follow-up needs an id of its own; given more than once: {sequence_id(2)}",
            id="an id twice",
        ),
        pytest.param((follow_up(2, sequence_id=None), follow_up(3, sequence_id=None)), None, id="ids left open"),
    ],
)
def test_a_chain_is_held_to_its_limits(follow_ups: tuple[FollowUp, ...], problem: str | None) -> None:
    """How many, without a gap, how long together."""
    assert problems_of(replace(*follow_ups)) == ([] if problem is None else [("$.sequences", problem)])


#: A field of a follow-up, a value, and what is wrong with it.
FIELDS: list[tuple[str, Any, str | None]] = [
    ("step_number", 1, "must be 2 to 4, is 1"),
    ("step_number", 2, None),
    ("step_number", 4, None),
    ("step_number", 5, "must be 2 to 4, is 5"),
    ("step_number", "2", "must be a whole number, not str"),
    ("wait_days", 0, "must be 1 to 30, is 0"),
    ("wait_days", 1, None),
    ("wait_days", 30, None),
    ("wait_days", 31, "must be 1 to 30, is 31"),
    ("wait_days", True, "must be a whole number, not bool"),
    ("trigger_type", TriggerType.NOT_OPENED, None),
    ("trigger_type", TriggerType.OPENED_BUT_NOT_REPLIED, None),
    ("trigger_type", "NOT_OPENED ", "must be one of NOT_OPENED, NOT_REPLIED, OPENED_BUT_NOT_REPLIED, not str"),
    ("enable_unsubscribe", True, None),
    ("enable_unsubscribe", None, None),
    ("enable_unsubscribe", 1, "must be true or false, not int"),
    ("sequence_id", "7", "must be a UUID, not str"),
    ("variants", (), "must hold at least 1 of variants, holds 0"),
    ("variants", shares(100), None),
    ("variants", shares(25, 25, 25, 25), None),
    ("variants", shares(20, 20, 20, 20, 20), "must hold at most 4 of variants, holds 5"),
    ("variants", shares(50, 49), f"{PERCENT} 99"),
    ("variants", shares(50, 51), f"{PERCENT} 101"),
    ("variants", shares(100, 0), None),
    (
        "variants",
        (follow_up_variant("a", 50), follow_up_variant("A", 50)),
        "each variant needs a name of its own; given more than once: A",
    ),
    ("variants", [follow_up_variant()], "must be a tuple of variants, not list"),
]


def _id(case: tuple[str, Any, str | None]) -> str:
    name, value, problem = case
    shown = len(value) if name == "variants" else value
    return f"{name} {shown} {'fine' if problem is None else 'refused'} {(problem or '')[-12:]}"


@pytest.mark.parametrize(("name", "value", "problem"), FIELDS, ids=[_id(case) for case in FIELDS])
def test_a_field_of_a_follow_up_is_held_to_its_limits(name: str, value: Any, problem: str | None) -> None:
    """In a chain and, the same, in an addition; the path leads to the field."""
    fields: dict[str, Any] = {
        "step_number": 2,
        "trigger_type": TriggerType.NOT_REPLIED,
        "wait_days": 3,
        "variants": (follow_up_variant(),),
    }
    made = FollowUp(**(fields | {name: value}))
    found = [each for each in problems_of(replace(made)) if each[0] != "$.sequences"]
    assert found == ([] if problem is None else [(f"$.sequences[0].{name}", problem)])
    added = SequenceEdit(action=EditAction.ADD, **(fields | {name: value}))
    assert problems_of(edit(added)) == ([] if problem is None else [(f"$.sequence_edits[0].{name}", problem)])


TEXTS: list[tuple[str, Any, str | None]] = [
    ("subject_template", None, None),
    ("subject_template", "", "must have 1 to 500 characters, has 0"),
    ("subject_template", "s", None),
    ("subject_template", "s" * 500, None),
    ("subject_template", "s" * 501, "must have 1 to 500 characters, has 501"),
    ("email_content", "c" * 9, "must have 10 to 100000 characters, has 9"),
    ("email_content", "c" * 10, None),
    ("email_content", "c" * 100_000, None),
    ("email_content", "c" * 100_001, "must have 10 to 100000 characters, has 100001"),
    ("variant_label", None, None),
    ("variant_label", "l" * 100, None),
    ("variant_label", "l" * 101, "must have 1 to 100 characters, has 101"),
    ("variant_name", "A1", "must be letters A to Z only, is 'A1'"),
    ("distribution_percent", 100, None),
    ("distribution_percent", 101, "must be 0 to 100, is 101"),
]


@pytest.mark.parametrize(
    ("name", "value", "problem"), TEXTS, ids=[f"{name} of {len(str(value))}" for name, value, _ in TEXTS]
)
def test_a_variant_of_a_follow_up_is_held_to_its_limits(name: str, value: Any, problem: str | None) -> None:
    """As that of a first mail, but for the subject, which it may do without."""
    right: dict[str, Any] = {"email_content": "Once more, please"}
    made = follow_up(2, variants=(FollowUpVariant(**(right | {name: value})),))
    path = f"$.sequences[0].variants[0].{name}"
    assert problems_of(replace(made)) == ([] if problem is None else [(path, problem)])


@pytest.mark.parametrize("missing", ["step_number", "trigger_type", "wait_days", "variants"])
def test_an_addition_needs_all_of_a_follow_up(missing: str) -> None:
    assert problems_of(edit(addition(2))) == []
    assert problems_of(edit(attrs.evolve(addition(2), **{missing: None}))) == [
        (f"$.sequence_edits[0].{missing}", "is required to add a follow-up")
    ]


@pytest.mark.parametrize("action", [EditAction.EDIT, EditAction.DELETE], ids=str)
def test_a_change_and_a_deletion_name_a_follow_up_and_no_step(action: EditAction) -> None:
    """Where it stands is not theirs to say."""
    named = SequenceEdit(action=action, sequence_id=sequence_id(2))
    assert problems_of(edit(named)) == []
    assert problems_of(edit(SequenceEdit(action=action))) == [
        ("$.sequence_edits[0].sequence_id", f"is required to {action.value} a follow-up")
    ]
    moved = SequenceEdit(action=action, sequence_id=sequence_id(2), step_number=3)
    assert problems_of(edit(moved)) == [
        (
            "$.sequence_edits[0].step_number",
            f"says where to add a follow-up; to {action.value} one it means nothing",
        )
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("trigger_type", TriggerType.NOT_OPENED),
        ("wait_days", 3),
        ("enable_unsubscribe", None),
        ("variants", (follow_up_variant(),)),
    ],
    ids=["trigger_type", "wait_days", "enable_unsubscribe", "variants"],
)
def test_a_deletion_changes_nothing_else(name: str, value: Any) -> None:
    """What is said beside it was meant for something else."""
    deletion = SequenceEdit(action=EditAction.DELETE, sequence_id=sequence_id(2), **{name: value})
    assert problems_of(edit(deletion)) == [(f"$.sequence_edits[0].{name}", "means nothing when a follow-up is deleted")]


@pytest.mark.parametrize(
    ("count", "problem"),
    [
        (0, "must hold at least 1 of edits, holds 0"),
        (1, None),
        (100, None),
        (101, "must hold at most 100 of edits, holds 101"),
    ],
)
def test_a_command_carries_1_to_100_edits(count: int, problem: str | None) -> None:
    edits = (SequenceEdit(action=EditAction.DELETE, sequence_id=sequence_id(2)),) * count
    assert problems_of(edit(*edits)) == ([] if problem is None else [("$.sequence_edits", problem)])
