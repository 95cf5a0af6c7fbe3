"""Faults that a text has before anything is put into it: looked for at a launch and a resume, in every mail."""

from __future__ import annotations

from typing import Any

import pytest

from campaign_core import Finding, PreflightFailed, UpdateCampaign
from campaign_core.campaign.decisions import CAMPAIGN_DECIDER
from campaign_core.campaign.events import Failed, Launched, Paused, Resumed
from campaign_core.campaign.facts import CampaignFacts
from campaign_core.campaign.readiness import preflight
from campaign_core.testing.scenario import scenario
from tests.campaign.given import (
    ACTIVATE,
    CAMPAIGN_ID,
    READY,
    facts,
    follow_up,
    follow_up_variant,
    launch,
    sequence_id,
    sequences_set,
    variant,
    variants_set,
    when,
)

#: A first mail with two variants, a follow-up at step 2 and one at step 3.
DRAFT = (
    *READY,
    variants_set(variant("A", 50), variant("B", 50)),
    sequences_set(follow_up(2), follow_up(3)),
)
PAUSED = (*DRAFT, Launched(), Paused())
FIRST, SECOND, THIRD = None, sequence_id(2), sequence_id(3)


def texts(**changes: Any) -> CampaignFacts:
    """Facts with the text of each mail of `DRAFT`; `A`, `B`, `second` and `third` change a field of theirs."""
    right = {"subject_template": "Hello", "email_content": "Good morning."}
    return facts(
        texts={
            (FIRST, "A"): right | changes.get("A", {}),
            (FIRST, "B"): right | changes.get("B", {}),
            (SECOND, "A"): {"email_content": "Good evening."} | changes.get("second", {}),
            (THIRD, "A"): {"email_content": "Good night."} | changes.get("third", {}),
        }
    )


def faults(**changes: Any) -> list[tuple[str, int, tuple[str, ...]]]:
    state = scenario(CAMPAIGN_DECIDER).given(*DRAFT).state
    return [(each.code, each.count, each.examples) for each in preflight(state, texts(**changes))]


def test_right_texts_have_no_fault() -> None:
    """A follow-up without a subject stays in its thread."""
    assert faults() == []
    assert faults(second={"subject_template": "Once more"}) == []


@pytest.mark.parametrize("blank", [" ", "\t\n", "\u00a0", "\u3000 "], ids=ascii)
@pytest.mark.parametrize(
    ("mail", "place"),
    [
        ("A", "step 1 variant A"),
        ("B", "step 1 variant B"),
        ("second", "step 2 variant A"),
        ("third", "step 3 variant A"),
    ],
)
def test_a_blank_subject_or_content_is_a_fault(mail: str, place: str, blank: str) -> None:
    """In the first mail and in follow-ups that have a subject of their own."""
    assert faults(**{mail: {"subject_template": blank}}) == [("blank_subject", 1, (place,))]
    assert faults(**{mail: {"email_content": blank}}) == [("blank_content", 1, (place,))]


@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n", "\u2028", "\u0085", "\v"], ids=ascii)
@pytest.mark.parametrize(("mail", "place"), [("B", "step 1 variant B"), ("third", "step 3 variant A")])
def test_a_line_break_in_a_subject_is_a_fault(mail: str, place: str, line_break: str) -> None:
    """Between words; around them it is only white space, and in a body it is wanted."""
    wrong = {"subject_template": f"Hello{line_break}there"}
    assert faults(**{mail: wrong}) == [("subject_line_break", 1, (place,))]
    assert faults(**{mail: {"subject_template": f"{line_break}Hello there {line_break}"}}) == []
    assert faults(**{mail: {"email_content": f"Good{line_break}night."}}) == []


def test_every_fault_is_found_at_once_with_three_examples_each() -> None:
    """In one order: subjects that are blank, subjects with a line break, mails without text."""
    blank = {"email_content": "  "}
    found = faults(
        A=blank | {"subject_template": " "},
        B=blank | {"subject_template": "a\nb"},
        second=blank,
        third=blank | {"subject_template": ""},
    )
    assert found == [
        ("blank_subject", 2, ("step 1 variant A", "step 3 variant A")),
        ("subject_line_break", 1, ("step 1 variant B",)),
        ("blank_content", 4, ("step 1 variant A", "step 1 variant B", "step 2 variant A")),
    ]


def test_a_fault_says_which_mails_it_is_about() -> None:
    blank = Finding(code="blank_content", count=1, examples=("step 3 variant A",))
    assert blank.sentence == "Mails without any text: 1 (step 3 variant A); give each some."


BLANK = Finding(code="blank_content", count=1, examples=("step 3 variant A",))
WITH_BLANK = texts(third={"email_content": "   "})


def test_a_launch_with_a_faulty_text_fails() -> None:
    """By an update and by an activation alike."""
    when(DRAFT, launch(), WITH_BLANK).then(Failed(faults=(BLANK,)))
    when(DRAFT, ACTIVATE, WITH_BLANK).then(Failed(faults=(BLANK,)))
    when(DRAFT, launch(), texts()).then(Launched())


def test_a_resume_with_a_faulty_text_is_held_back() -> None:
    """An update keeps its fields, an activation is rejected with the sentence."""
    when(PAUSED, launch(), WITH_BLANK).then_nothing()
    when(PAUSED, ACTIVATE, WITH_BLANK).then_rejected(PreflightFailed, reasons=(BLANK.sentence,))
    when(PAUSED, launch(), texts()).then(Resumed())


def test_texts_that_come_along_are_the_ones_looked_at() -> None:
    """In place of those they replace, and those they leave stay."""
    mended = (follow_up(2), follow_up(3))
    when(DRAFT, launch(sequences=mended), WITH_BLANK).then(sequences_set(*mended), Launched())
    spoiled = (follow_up(2, variants=(follow_up_variant(email_content=" " * 10),)),)
    fault = Finding(code="blank_content", count=1, examples=("step 2 variant A",))
    when(DRAFT, launch(sequences=spoiled), texts()).then(sequences_set(*spoiled), Failed(faults=(fault,)))
    bad = variant(subject_template="a\nb")
    fault = Finding(code="subject_line_break", count=1, examples=("step 1 variant A",))
    when(DRAFT, launch(variants=(bad,)), texts()).then(variants_set(bad), Failed(faults=(fault,)))


def test_texts_that_are_taken_out_are_not_looked_at() -> None:
    """Without its blank follow-up the campaign can run."""
    when(DRAFT, launch(sequences=(follow_up(2),)), WITH_BLANK).then(sequences_set(follow_up(2)), Launched())


def test_a_blank_text_is_saved_all_the_same() -> None:
    """It is no question of shape: ten blanks are ten characters, and the launch asks later."""
    blank = variant(subject_template=" ", email_content=" " * 10)
    when(READY, UpdateCampaign(CAMPAIGN_ID, variants=(blank,))).then(variants_set(blank))
