"""Remarks tell an author what a template will do that its text does not show."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given

from campaign_core.content.computed import COMPUTED
from campaign_core.content.lint import depends_on_time, lint, required
from campaign_core.content.names import ALWAYS_KNOWN
from campaign_core.content.parse import parse
from campaign_core.content.tree import Variable, walk
from tests.content.templates import FIELDS, KEYS, KNOWN, SOURCES, VALUES, rendered, sound


@given(SOURCES)
def test_every_remark_has_its_place_and_they_stand_in_its_order(source: str) -> None:
    remarks = lint(sound(source), KNOWN)
    for remark in remarks:
        assert 0 <= remark.span.start <= remark.span.end <= len(source)
        lines = source[: remark.span.start].split("\n")
        assert (remark.line, remark.column) == (len(lines), len(lines[-1]) + 1)
    assert list(remarks) == sorted(remarks, key=lambda each: (each.span.start, each.span.end))


REMARKS = {
    "a fallback": ("{{city|there}}", "fallback", "if no field were called city"),
    "a fallback of a standard field": ("{{company|there}}", "fallback", "With a third part it would be a choice"),
    "a choice": ("{{Hello|Hi}}", "spintax", "If a field were called hello, it would be a fallback"),
    "a choice of three": ("{{city|Hi|Hey}}", "spintax", "This is a choice of 3 texts."),
    "a fallback never used": ("{{dn_day_name|someday}}", "fallback_never_used", "always has a value"),
    "a default never used": ("{{dn_day_name | default: 'x'}}", "fallback_never_used", "always has a value"),
    "a date's fallback": ("{{dn_date 2 days from now YYYY|soon}}", "fallback_never_used", "always has a value"),
    "an unknown variable": ("{{cty}}", "unknown_variable", "No lead has a field called cty"),
    "an unknown variable with a default": ("{{cty | default: 'x'}}", "unknown_variable", "cty"),
    "an unknown variable in a condition": ("{% if a_b == 'x' %}{% endif %}", "unknown_variable", "a_b"),
    "an unknown variable in an option": ("{{x|y|{{cty}}}}", "unknown_variable", "cty"),
    "an option that is a field": ("{{Hi| City |Hey}}", "option_is_field", "write {{city}}"),
    "an option that is a standard field": ("{{Hi|Company|Hey}}", "option_is_field", "write {{company}}"),
    "single braces": ("Hi {First Name}", "single_braces", "write {{first_name}}"),
    "a stray closing": ("first_name}}", "stray_closing", "This }} closes nothing"),
    "a stray end of a tag": ("endif %}", "stray_closing", "This %} closes nothing"),
    "combinations": ("{{a|b|c}}{{a|b|c}}", "combinations", "up to 9 texts"),
    "very many combinations": ("{{a|b|c}}" * 10_000, "combinations", "more than 1,000,000,000,000 texts"),
}


@pytest.mark.parametrize(("source", "code", "sentence"), REMARKS.values(), ids=list(REMARKS))
def test_what_may_not_be_expected_is_remarked(source: str, code: str, sentence: str) -> None:
    found = [str(remark) for remark in lint(parse(source), KNOWN) if remark.code == code]
    assert found
    assert sentence in found[0]


SILENT = {
    "text": "Hi there } {",
    "known variables": "{{first_name}} {{city}} {{job_title}} {{title}} {{dn_day_name}}",
    "a default": "{{city | default: 'there'}}",
    "a date": "{{dn_date 2 days from now YYYY}}",
    "braces around anything else": "{name} {}",
    "braces that are put out on purpose": r"\{{name}} \{% if %}",
    "a condition with one text": "{% if 5 == 5 %}{% else %}{% endif %}",
}


@pytest.mark.parametrize("source", SILENT.values(), ids=list(SILENT))
def test_what_is_plain_is_not_remarked(source: str) -> None:
    assert [each for each in lint(sound(source), KNOWN) if each.code != "combinations"] == []


def test_a_template_with_problems_has_no_remarks() -> None:
    assert lint(parse("{{a|b}} {{"), KNOWN) == ()


def test_a_remark_says_what_flips_the_reading() -> None:
    """With the field that the remark names the choice becomes a fallback, and without it a choice again."""
    assert [each.code for each in lint(sound("{{Hello|Hi}}"), frozenset({"hello"}))] == ["fallback", "combinations"]
    assert [each.code for each in lint(sound("{{Hello|Hi}}"), frozenset())] == ["spintax", "combinations"]


@given(SOURCES, VALUES, KEYS)
def test_a_lead_that_has_every_required_field_sees_no_gap(source: str, values: Mapping[str, str], key: bytes) -> None:
    """A sign put where each variable would leave a gap never shows."""
    template = sound(source)
    needed = required(template, KNOWN)
    assert needed <= template.names
    marked = source
    for node in reversed([each for each in walk(template.nodes) if isinstance(each, Variable)]):
        inside = marked[node.span.start : node.span.end - 2]
        marked = f"{marked[: node.span.start]}{inside} | default: '§'}}}}{marked[node.span.end :]}"
    assert "§" not in rendered(marked, {**values, **dict.fromkeys(needed, "x")}, key=key)


REQUIRED = {
    "a variable": ("{{city}}", {"city"}),
    "a fallback": ("{{city|x}}", set()),
    "a default": ("{{city | default: ''}}", set()),
    "the variable in a fallback": ("{{city|{{company}}}}", {"company"}),
    "an option": ("{{x|y|{{city}}}}", {"city"}),
    "what is only asked": ("{% if city == 'x' %}y{% endif %}", set()),
    "computed variables": ("{{dn_day_name|{{city}}}}{{dn_date 1 day from now YYYY}}", set()),
    "inside a condition on something else": ("{% if company %}{{city}}{% endif %}", {"city"}),
    "inside a condition on itself": ("{% if city %}{{city}}{% endif %}", set()),
    "inside a condition on its twin": ("{% if title %}{{job_title}}{% endif %}", set()),
    "where it is not blank": ("{% if city != blank and company %}{{city}}{{company}}{% endif %}", set()),
    "where it may be blank": ("{% if city != blank or company %}{{city}}{% endif %}", {"city"}),
    "where it is not something": ("{% if city != 'x' %}{{city}}{% endif %}", {"city"}),
    "where it is something": ("{% if city == 'x' %}{{city}}{% endif %}", set()),
    "where joints are mixed": ("{% if city and title or company %}{{company}}{% endif %}", {"company"}),
    "where it equals itself": ("{% if city == city %}{{city}}{% endif %}", {"city"}),
    "where it equals another": ("{% if city == company %}{{city}}{% endif %}", {"city"}),
    "where it holds something": ("{% if city contains 'x' and company > 5 %}{{city}}{{company}}{% endif %}", set()),
    "where it is not more": ("{% if city > 5 %}{% else %}{{city}}{% endif %}", {"city"}),
    "after blank": ("{% if city == blank %}x{% else %}{{city}}{% endif %}", set()),
    "after blank or blank": (
        "{% if city == blank or company == blank %}{% elsif title %}{{city}}{{company}}{% endif %}",
        set(),
    ),
    "after blank and blank": ("{% if city == blank and company == blank %}{% else %}{{city}}{% endif %}", {"city"}),
    "unless blank": ("{% unless city == blank %}{{city}}{% endunless %}", set()),
    "unless there": ("{% unless city %}{{city}}{% else %}{{city}}{% endunless %}", {"city"}),
    "after unless there": ("{% unless city %}x{% else %}{{city}}{% endunless %}", set()),
    "in a branch deeper": ("{% if city %}{% if company %}{{city}}{% endif %}{% endif %}", set()),
    "after the condition": ("{% if city %}x{% endif %}{{city}}", {"city"}),
}


@pytest.mark.parametrize(("source", "names"), REQUIRED.values(), ids=list(REQUIRED))
def test_a_field_is_required_where_nothing_stands_in_for_it(source: str, names: set[str]) -> None:
    assert required(sound(source), KNOWN) == names


@pytest.mark.parametrize(
    ("source", "depends"),
    [("{% if city %}{{dn_day_name}}{% endif %}", False), ("{% if city or dn_day_name == 'Monday' %}{% endif %}", True)],
    ids=["put out", "asked"],
)
def test_a_template_depends_on_time_where_a_condition_asks_for_it(source: str, depends: bool) -> None:
    assert depends_on_time(parse(source)) is depends


def test_the_standard_fields_are_known_to_every_campaign() -> None:
    assert {"email", "first_name", "last_name", "company", "job_title", *COMPUTED} <= ALWAYS_KNOWN
    assert set(FIELDS) <= ALWAYS_KNOWN | KNOWN
    assert rendered("{{email|x}}", known=frozenset()) == "x"
