"""The texts a template can become are counted exactly and listed in order, and every mail is one of them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

import pytest
from hypothesis import given

from campaign_core.content.combinations import count_combinations, texts
from campaign_core.content.parse import parse
from campaign_core.errors import MisuseError
from tests.content.templates import KEYS, KNOWN, MOMENT, SOURCES, VALUES, rendered, sound


@given(SOURCES, VALUES, KEYS)
def test_the_count_is_the_length_of_the_list_and_every_mail_is_in_it(
    source: str, values: Mapping[str, str], key: bytes
) -> None:
    template = sound(source)
    count = count_combinations(template, KNOWN, values, MOMENT)
    if count <= 500:
        listed = list(texts(template, KNOWN, values, MOMENT, escapes=True))
        assert len(listed) == count
        assert rendered(source, values, key=key, escapes=True) in listed


@given(SOURCES, VALUES)
def test_less_knowledge_never_counts_less(source: str, values: Mapping[str, str]) -> None:
    template = sound(source)
    exact = count_combinations(template, KNOWN, values, MOMENT)
    assert 1 <= exact <= count_combinations(template, KNOWN, values) <= count_combinations(template, KNOWN)


COUNTED = {
    "text": ("Hi {{city}}", 1),
    "one choice": ("{{a|b|c}}", 3),
    "two choices": ("{{a|b|c}}{{a|b|c}}", 9),
    "a choice in a choice": ("{{a|{{b|c|d}}|e}}", 5),
    "a fallback": ("{{city|a}}", 2),
    "a fallback that is a choice": ("{{city|{{a|b|c}}}}", 4),
    "a fallback never used": ("{{dn_day_name|{{a|b|c}}}}", 1),
    "a condition without else": ("{% if city %}{{a|b|c}}{% endif %}", 4),
    "a condition with else": ("{% if city %}{{a|b|c}}{% else %}x{% endif %}", 4),
    "equal options": ("{{a|a|a}}", 3),
    "very many": ("{{a|b|c}}" * 500, 3**500),
}


@pytest.mark.parametrize(("source", "count"), COUNTED.values(), ids=list(COUNTED))
def test_choices_multiply_and_branches_add_up(source: str, count: int) -> None:
    assert count_combinations(sound(source), KNOWN) == count


def test_a_condition_on_the_time_is_counted_exactly_once_the_time_is_known() -> None:
    template = sound(
        "{% if dn_time_of_day == 'Good morning' %}{{a|b|c}}{% elsif city %}{{a|b|c}}{% else %}x{% endif %}"
    )
    assert count_combinations(template, KNOWN, {}) == 7
    assert count_combinations(template, KNOWN, {}, MOMENT) == 3
    assert count_combinations(template, KNOWN, {}, MOMENT.replace(hour=20)) == 1


def test_the_last_choice_changes_first() -> None:
    listed = texts(sound("{{a|{{b|c|x}}|d}}-{{e|f|g}}"), KNOWN, {}, MOMENT, escapes=False)
    assert list(listed) == [f"{one}-{two}" for one in "abcxd" for two in "efg"]


def test_a_list_without_end_can_be_begun() -> None:
    listed = texts(sound("{{a|b|c}}" * 500), KNOWN, {}, MOMENT, escapes=False)
    assert [text[-1] for text in islice(listed, 4)] == ["a", "b", "c", "a"]


def test_only_a_sound_template_is_counted() -> None:
    with pytest.raises(MisuseError, match="These braces are never closed"):
        count_combinations(parse("{{"), KNOWN)
    with pytest.raises(MisuseError, match="These braces are never closed"):
        texts(parse("{{"), KNOWN, {}, MOMENT, escapes=False)
