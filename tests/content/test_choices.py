"""Which option a mail gets: the same one always, each as often as any other, and no choice moves another."""

from __future__ import annotations

from collections import Counter
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign_core.content.choices import choose, mail_key, message_of
from campaign_core.content.compiled import compile_template
from tests.content.templates import CAMPAIGN, KEYS, KNOWN, MOMENT, rendered, sound

#: Stands between the choices of a test's template.
MARK = "§"
OPTIONS = st.lists(st.text("abc ", max_size=3), min_size=3, max_size=4)
CHOICES = st.builds(
    lambda options, inner: "{{" + "|".join([*options, *inner]) + "}}", OPTIONS, st.sampled_from([(), ("{{x|y|z}}",)])
)
FLAT = OPTIONS.map(lambda options: "{{" + "|".join(options) + "}}")


def said(choices: list[str], key: bytes) -> list[str]:
    return rendered(MARK.join(choices), key=key).split(MARK)


@given(st.lists(CHOICES, min_size=1, max_size=6), st.data(), KEYS)
def test_editing_one_choice_leaves_the_others_alone(choices: list[str], data: st.DataObject, key: bytes) -> None:
    at = data.draw(st.integers(0, len(choices) - 1))
    before = [*choices[:at], "{{old|before|was}}", *choices[at + 1 :]]
    after = [*choices[:at], "{{new|{{now|today}}}} after {{a|b}}", *choices[at + 1 :]]
    first, second = said(before, key), said(after, key)
    assert first[:at] + first[at + 1 :] == second[:at] + second[at + 1 :]


@given(st.lists(FLAT, min_size=2, max_size=6, unique=True), st.data(), KEYS)
def test_a_choice_moved_elsewhere_stays_as_it_was(choices: list[str], data: st.DataObject, key: bytes) -> None:
    moved = data.draw(st.permutations(choices))
    assert dict(zip(choices, said(choices, key), strict=True)) == dict(zip(moved, said(moved, key), strict=True))


@given(CHOICES, KEYS)
def test_text_around_a_choice_and_line_endings_in_it_move_nothing(choice: str, key: bytes) -> None:
    broken = choice[:-2] + "|x\ny}}"
    alone = rendered(broken, key=key)
    assert rendered(f"Hi {broken}!", key=key) == f"Hi {alone}!"
    assert rendered(broken.replace("\n", "\r\n"), key=key).replace("\r\n", "\n") == alone


def limit(cells: int) -> float:
    """A chi-square value that fair choices exceed once in a million, by Wilson and Hilferty's approximation."""
    freedom = cells - 1
    return float(freedom * (1 - 2 / (9 * freedom) + 4.7534 * (2 / (9 * freedom)) ** 0.5) ** 3)


def chi_square(counts: Counter[str], cells: int) -> float:
    expected = counts.total() / cells
    assert len(counts) == cells
    return sum((count - expected) ** 2 / expected for count in counts.values())


@pytest.mark.parametrize("options", [2, 3, 5, 12], ids=lambda options: f"{options} options")
def test_over_100_000_leads_each_option_has_its_share(options: int) -> None:
    template = sound("{{" + "|".join(f"option {n}" for n in range(options)) + "}}")
    render = compile_template(template, KNOWN, escapes=False)
    counts = Counter(render({}, MOMENT, mail_key(CAMPAIGN, f"lead{n}@x.example", 1)) for n in range(100_000))
    assert chi_square(counts, options) < limit(options)


def test_equal_choices_and_the_steps_of_a_lead_are_independent() -> None:
    """Every combination of two equal choices in two mails is equally frequent over 20,000 leads."""
    render = compile_template(sound("{{a|b|c}}{{a|b|c}}"), KNOWN, escapes=False)
    counts = Counter(
        "".join(render({}, MOMENT, mail_key(CAMPAIGN, f"lead{n}@x.example", step)) for step in (1, 2))
        for n in range(20_000)
    )
    assert set(counts) == {"".join(letters) for letters in product("abc", repeat=4)}
    assert chi_square(counts, 81) < limit(81)


def test_a_lead_is_known_by_its_address_in_whatever_case() -> None:
    assert mail_key(CAMPAIGN, "Ada@Engines.example", 1) == mail_key(CAMPAIGN, "ada@engines.EXAMPLE", 1)


def test_every_part_of_a_mail_is_in_its_key() -> None:
    keys = {
        mail_key(campaign, address, step)
        for campaign, address, step in product((CAMPAIGN, UUID(int=1)), ("a@x.example", "b@x.example"), (1, 2))
    }
    assert len(keys) == 8
    assert {len(key) for key in keys} == {32}


def test_what_was_sent_is_rendered_again_by_every_later_version() -> None:
    """These values are stored nowhere: only this test keeps them as they are."""
    key = mail_key(CAMPAIGN, "ada@engines.example", 1)
    assert key.hex() == "b27b92e7c483abbcb8e2e224bf4cbead3e14da90586d558c5866ac8e2c063ee7"
    assert [choose(message_of("Hi|Hello|Hey", n), key, 3) for n in range(8)] == [1, 2, 2, 0, 0, 0, 2, 1]
    assert rendered("{{Hi|Hello|Hey}} {{ä|ö|{{1|2|3}}|ü}} {{Hi|Hello|Hey}}", key=key) == "Hello ö Hey"
