"""Every text is read; what is wrong with one is told with its place and with what would be right."""

from __future__ import annotations

import pytest
from hypothesis import given

from campaign_core.content.parse import parse
from campaign_core.content.problems import MAX_PROBLEMS
from campaign_core.content.tree import (
    Alternatives,
    Comparison,
    Condition,
    DateToCome,
    Fallback,
    Span,
    Variable,
    every_test,
    walk,
)
from tests.content.templates import PLAIN, SOURCES, problem, sound


@given(SOURCES)
def test_every_node_stands_inside_the_source_and_inside_the_node_around_it(source: str) -> None:
    def check(span: Span, outer: Span) -> None:
        assert outer.start <= span.start <= span.end <= outer.end

    whole = Span(0, len(source))
    template = sound(source)
    for node in walk(template.nodes):
        check(node.span, whole)
        if isinstance(node, Alternatives):
            parts = [source[part.span.start : part.span.end] for part in node.parts]
            assert "{{" + "|".join(parts) + "}}" == source[node.span.start : node.span.end]
            for part in node.parts:
                check(part.span, node.span)
                for inner in part.nodes:
                    check(inner.span, part.span)
        if isinstance(node, Condition):
            for branch in node.branches:
                check(branch.span, node.span)
                for inner in branch.nodes:
                    check(inner.span, branch.span)


@given(SOURCES)
def test_the_outermost_nodes_cover_the_source_without_a_gap(source: str) -> None:
    place = 0
    for node in sound(source).nodes:
        assert node.span.start == place
        place = node.span.end
    assert place == len(source)


def test_a_branch_is_what_stands_between_its_tags() -> None:
    source = "{% if a %}one{% elsif b %}{{two}}{% else %}{% endif %}"
    (condition,) = sound(source).nodes
    assert isinstance(condition, Condition)
    branches = [source[each.span.start : each.span.end] for each in condition.branches]
    assert branches == ["one", "{{two}}", ""]


@given(SOURCES)
def test_what_a_condition_asks_stands_where_its_span_says(source: str) -> None:
    for asked in every_test(sound(source).nodes):
        for each in asked.mentions:
            assert source[each.span.start : each.span.end] == each.name
        for ask in asked.asks:
            if isinstance(ask, Comparison):
                assert ask.operator in source[ask.left.span.end : ask.right.span.start]
                assert ask.span == Span(ask.left.span.start, ask.right.span.end)


@given(SOURCES, PLAIN)
def test_a_problem_is_found_where_it_is_whatever_stands_before(source: str, text: str) -> None:
    """Line and column count line feeds and code points up to the span."""
    before = source + text
    found = parse(before + "{{a.b}} {{ok}}").problems
    assert [each.span for each in found] == [Span(len(before), len(before) + 7)]
    lines = before.split("\n")
    assert (found[0].line, found[0].column) == (len(lines), len(lines[-1]) + 1)


REFUSED = {
    "nothing in braces": ("{{}}", "line 1, column 1: There is no name between the braces; write {{first_name}}."),
    "white space in braces": ("{{ \n }}", "There is no name between the braces"),
    "only a prefix": ("{{custom_}}", "There is no name after custom_"),
    "braces never closed": ("Hi {{first_name,", "line 1, column 4: These braces are never closed"),
    "three braces": ("{{{name}}}", "A name holds no {"),
    "attribute access": ("{{lead.name}}", "A variable has no parts to ask for"),
    "item access": ("{{leads[0]}}", "A variable has no parts to ask for"),
    "a quote in a name": ('{{"name"}}', 'A name holds no "'),
    "a line break in a name": ("{{first\nname}}", "A name holds no line break"),
    "a percent sign in a name": ("{{100%}}", "A name holds no %"),
    "a text as a name": ("{{" + "long " * 60 + "}}", "A name has at most 255 characters"),
    "braces in a single part": ("{{Hi {{name}}}}", "Braces stand in one another only among options"),
    "a sixth level": (
        "{{a|{{b|{{c|{{d|{{e|{{f|g}}}}}}}}}}}}",
        "column 21: Braces with bars stand in one another up to 5 deep",
    ),
    "a variable on a seventh level": (
        "{{a|" * 6 + "{{x}}" + "}}" * 6,
        "Braces with bars stand in one another up to 5 deep",
    ),
    "a brace at the end of a part": ("{{a|b{}}", "line 1, column 6: Put a space after a single {"),
    "too many options": ("{{" + "|" * 1000 + "}}", "A choice has at most 1,000 options"),
    "a filter": ("{{ name | upcase }}", "There is no filter upcase"),
    "a filter with an argument": ('{{name|append: "x"}}', "There is no filter append"),
    "a filter after a default": ('{{name | default: "x" | strip_html}}', 'Write {{name | default: "text"}}'),
    "a default without quotes": ("{{name | default: there}}", 'Write {{name | default: "text"}}'),
    "a date without a pattern": ("{{dn_date 2 days from now}}", "A date is written"),
    "a date without anything": ("{{dn_date}}", "A date needs days and a pattern"),
    "a date in words": ("{{dn_date tomorrow|soon}}", "A date is written"),
    "a date too far ahead": ("{{dn_date 3651 days from now YYYY}}", "A date lies at most 3650 days ahead"),
    "a date beyond all numbers": ("{{dn_date " + "9" * 5000 + " days from now YYYY}}", "A date lies at most 3650 days"),
    "a brace in a date": ("{{dn_date 2 days from now {YYYY}}", "The pattern of a date holds no braces"),
    "a time in a date": ("{{dn_date 2 days from now HH:mm}}", "The pattern of a date must hold date tokens only"),
    "a tag in braces": ("{{a|{% if b %}}}", "A tag cannot stand between {{ and }}"),
    "a tag never closed": ("{% if a", "This tag is never closed"),
    "a tag never closed before another": ("{% if a {% endif %}", "line 1, column 1: This tag is never closed"),
    "an unknown tag": ("{% for a in b %}", "There are no tags but if"),
    "an empty tag": ("{% %}", "There are no tags but if"),
    "trimming": ("{%- if a %}{% endif %}", "Tags do not trim white space"),
    "trimming at the end": ("{% if a -%}{% endif %}", "Tags do not trim white space"),
    "no endif": ("{% if a %}b", "line 1, column 1: This if is never closed; write {% endif %}."),
    "no endunless": ("{% unless a %}b", "This unless is never closed; write {% endunless %}."),
    "a stray endif": ("b{% endif %}", "line 1, column 2: This endif closes nothing"),
    "a stray else": ("{% else %}", "This else belongs to nothing"),
    "a stray elsif": ("{% elsif a %}", "This elsif belongs to nothing"),
    "the wrong end": ("{% unless a %}{% endif %}", "close it with endunless"),
    "elseif": ("{% if a %}{% elseif b %}{% endif %}", "There is no tag elseif; write {% elsif %}."),
    "else if": ("{% if a %}{% else if b %}{% endif %}", "Another condition is written {% elsif %}."),
    "two elses": ("{% if a %}{% else %}{% else %}{% endif %}", "There is no else after else"),
    "elsif after else": ("{% if a %}{% else %}{% elsif b %}{% endif %}", "There is no elsif after else"),
    "words after endif": ("{% if a %}{% endif a %}", "Nothing stands after endif"),
    "twenty-one conditions": ("{% if a %}" * 21 + "{% endif %}" * 21, "Conditions stand in one another up to 20 deep"),
}


@pytest.mark.parametrize(("source", "sentence"), REFUSED.values(), ids=list(REFUSED))
def test_what_is_no_template_is_refused_with_a_sentence(source: str, sentence: str) -> None:
    assert sentence in problem(source)


TAKEN = {
    "spaces around a name": "{{ first_name }}",
    "spaces in a name": "{{First Name}}",
    "letters of any alphabet": "{{Straße}} {{名前}}",
    "empty options": "{{|}}{{a||}}",
    "five levels and a variable": "{{a|" * 5 + "{{x}}" + "}}" * 5,
    "the most options": "{{" + "|" * 999 + "}}",
    "twenty conditions": "{% if a %}" * 20 + "{% endif %}" * 20,
    "words that are filters too": "{{first|last}} {{reply|append}} {{stay|escape}}",
    "a filter after several words": "{{Hi there|upcase}}",
    "a colon in a choice": "{{One thing|Note: this}}",
    "single braces": "{a} } {",
    "a stray closing": "}} %}",
}


@pytest.mark.parametrize("source", TAKEN.values(), ids=list(TAKEN))
def test_what_is_unusual_and_right_is_taken(source: str) -> None:
    assert parse(source).problems == ()


def test_problems_stand_in_the_order_of_the_source() -> None:
    starts = [each.span.start for each in parse("{{ {% if = %} {{}} {% endif %} {{a.b}} {% else %}").problems]
    assert len(starts) > 3
    assert starts == sorted(starts)


@pytest.mark.parametrize("piece", ["{{}}", "{{", "{% if a %}", "{%", "{{a|"], ids=repr)
def test_reading_ends_after_twenty_problems(piece: str) -> None:
    """A text that is all wrong is not read to its end: what is asked of a name after the last problem is not known."""
    template = parse(piece * 10_000 + "{{late}}")
    assert 0 < len(template.problems) <= MAX_PROBLEMS
    assert "late" not in template.names


def test_of_too_many_options_only_the_first_is_told() -> None:
    assert [each.span for each in parse("{{" + "|" * 5000 + "}}").problems] == [Span(1001, 1002)]


def test_braces_are_too_deep_from_the_seventh_on() -> None:
    """Five levels may have bars and a variable may stand in the fifth: a seventh is wrong as soon as it opens."""
    assert [each.span.start // 2 + 1 for each in parse("{{" * 100).problems] == list(range(7, 27))


def test_the_names_are_those_of_fields_normalised() -> None:
    source = (
        "{{First Name}}{{custom_city|x}}{{a | default: 'b'}}{% if Plan == other %}{{dn_day_name}}{% endif %}{{x|y|z}}"
    )
    assert parse(source).names == {"first_name", "city", "a", "plan", "other"}


def test_each_form_has_its_node() -> None:
    source = "{{a}}{{a|b}}{{a | default: 'b'}}{{dn_date 1 day from now YYYY}}{% if a %}{% endif %}"
    kinds = [Variable, Alternatives, Fallback, DateToCome, Condition]
    assert [type(node) for node in sound(source).nodes] == kinds


HOSTILE = {
    "open braces": "{{" * 500_000,
    "open tags": "{% " * 333_333,
    "open conditions": "{% if a %}" * 100_000,
    "open parts": "{{a|" * 250_000,
    "bars": "{{a" + "|" * 1_000_000,
    "open defaults": "{{a|default:'" * 76_923,
    "open quotes": "{% if a == " + "\"'" * 500_000 + " %}",
    "white space in a tag": "{% if" + " " * 1_000_000 + "%}",
    "white space after a bar": "{{a |" + " " * 1_000_000,
    "comparisons": "{% if " + "a and " * 166_666 + "a %}",
    "single braces in a tag": "{%" + "{ " * 500_000,
    "a long name": "{{" + "a" * 1_000_000 + "}}",
    "a long number": "{{dn_date " + "9" * 1_000_000 + " days from now YYYY}}",
    "a date with white space": "{{dn_date " + " " * 1_000_000 + "}}",
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=list(HOSTILE))
def test_a_megabyte_of_anything_is_read_to_its_problem(source: str) -> None:
    """Were a step of the reading to look at the rest of the text each time, this would take hours."""
    assert parse.__wrapped__(source).problems
