"""Setting variants through an update: a draft's are replaced, a paused campaign's merged by name."""

from __future__ import annotations

from typing import Any

import pytest

from campaign_core import ContentType, TooManyVariants, UnbalancedSplit, UpdateCampaign, Variant
from campaign_core.campaign.decisions import CAMPAIGN_DECIDER
from campaign_core.campaign.events import Launched, Paused, Revised
from campaign_core.recorded import Proposed, Rows
from campaign_core.testing.scenario import recorded, scenario
from tests.campaign.given import CAMPAIGN_ID, FAILED, READY, variant, variants_set, when


def set_variants(*variants: Variant, **others: Any) -> UpdateCampaign:
    return UpdateCampaign(CAMPAIGN_ID, variants=variants, **others)


def drafted(*variants: Variant) -> tuple[Any, ...]:
    """A draft with these variants."""
    return (*READY, variants_set(*variants))


def paused(*variants: Variant) -> tuple[Any, ...]:
    """A paused campaign with these variants."""
    return (*drafted(*variants), Launched(), Paused())


def names_after(history: tuple[Any, ...], command: UpdateCampaign) -> dict[str, int]:
    """The names and shares of all variants once the command is carried out."""
    given = scenario(CAMPAIGN_DECIDER).given(*history)
    events = [recorded(each.event) for each in when(history, command).proposed]
    state = CAMPAIGN_DECIDER.fold(events, given.state)
    return {each.variant_name: each.distribution_percent for each in state.variants}


def test_a_draft_replaces_its_variants() -> None:
    """Those of before are gone, of whatever name."""
    command = set_variants(variant("B", 60), variant("C", 40))
    when(READY, command).then(variants_set(variant("B", 60), variant("C", 40)))
    assert names_after(READY, command) == {"B": 60, "C": 40}


def test_a_paused_campaign_merges_its_variants_by_name() -> None:
    """A name that is there is changed in its place, a new one comes last, the others stay."""
    history = paused(variant("A", 50), variant("B", 50))
    command = set_variants(variant("C", 20), variant("A", 30))
    when(history, command).then(variants_set(variant("C", 20), variant("A", 30), replaces=False))
    assert list(names_after(history, command).items()) == [("A", 30), ("B", 50), ("C", 20)]


def test_a_failed_campaign_is_a_draft_first_and_replaces() -> None:
    """Nothing was sent, so no result hangs on a name."""
    when(FAILED, set_variants(variant("B"))).then(Revised(), variants_set(variant("B")))


def test_the_text_of_variants_is_private_content() -> None:
    """The event has names, labels, shares and types; subject and body travel beside it, in the order given."""
    first = variant("A", 50, variant_label="Short", subject_template="Hello {{name}}", email_content="Short and plain.")
    second = variant(
        "B", 50, content_type=ContentType.HTML, subject_template="Hi", email_content="<p>Long and rich</p>"
    )
    rows = (
        {"subject_template": "Hello {{name}}", "email_content": "Short and plain."},
        {"subject_template": "Hi", "email_content": "<p>Long and rich</p>"},
    )
    decided = when(READY, set_variants(first, second))
    decided.then(Proposed(variants_set(first, second), Rows(rows)))
    assert "Hello" not in repr(decided.proposed[0].event)
    assert "rich" not in repr(decided.proposed[0].event)


@pytest.mark.parametrize("total", [0, 99], ids=lambda total: f"{total} percent")
@pytest.mark.parametrize("history", [READY, FAILED], ids=["DRAFT", "FAILED"])
def test_a_set_that_falls_short_of_a_hundred_percent_is_refused(history: tuple[Any, ...], total: int) -> None:
    """Where it replaces, it is the whole set."""
    when(history, set_variants(variant("A", total))).then_rejected(UnbalancedSplit, total=total)


@pytest.mark.parametrize(("percent", "total"), [(49, 99), (51, 101)], ids=["99 percent", "101 percent"])
def test_a_merge_must_come_to_a_hundred_percent(percent: int, total: int) -> None:
    """The shares that stay count too."""
    history = paused(variant("A", 50), variant("B", 50))
    refusal = when(history, set_variants(variant("B", percent))).then_rejected(UnbalancedSplit, total=total)
    assert str(refusal) == (
        f"The shares of all variants must add up to exactly 100 percent; together they would be {total}."
    )


def test_a_merge_may_change_some_and_still_come_to_a_hundred_percent() -> None:
    """The same shares with another text are fine."""
    history = paused(variant("A", 50), variant("B", 50))
    when(history, set_variants(variant("B", 50, variant_label="New"))).then(
        variants_set(variant("B", 50, variant_label="New"), replaces=False)
    )


def test_a_merge_may_leave_four_variants_and_not_five() -> None:
    """The limit is the campaign's, not the message's."""
    three = (variant("A", 40), variant("B", 30), variant("C", 30))
    when(paused(*three), set_variants(variant("C", 20), variant("D", 10))).then(
        variants_set(variant("C", 20), variant("D", 10), replaces=False)
    )
    decided = when(paused(*three), set_variants(variant("C", 10), variant("D", 10), variant("E", 10)))
    refusal = decided.then_rejected(TooManyVariants, count=5, limit=4)
    assert str(refusal) == "A campaign has at most 4 variants; it would have 5."


def test_a_variant_may_have_a_share_of_nothing() -> None:
    """It is kept and never assigned."""
    when(READY, set_variants(variant("A", 100), variant("B", 0))).then(variants_set(variant("A", 100), variant("B", 0)))


def test_a_refused_set_leaves_everything_else_of_the_update_undone() -> None:
    """A new name came along; the refusal takes it too."""
    when(READY, set_variants(variant("A", 99), name="Summer launch")).then_rejected(UnbalancedSplit, total=99)
