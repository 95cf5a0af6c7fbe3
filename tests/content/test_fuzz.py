"""Any text at all is read, and what was read without a problem is rendered, counted and remarked upon."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from hypothesis import example, given, settings
from hypothesis import strategies as st

from campaign_core.content.combinations import count_combinations, texts
from campaign_core.content.compiled import compile_template
from campaign_core.content.lint import depends_on_time, lint, required
from campaign_core.content.parse import parse
from campaign_core.content.problems import MAX_PROBLEMS
from campaign_core.content.tree import Span, walk
from tests.content.templates import KEY, KNOWN, MOMENT, VALUES

#: Some hundreds in a normal run, 100,000 in a soak.
_EXAMPLES = 100_000 if settings.default is not None and settings.default.max_examples > 1000 else 400

BRACES = ["{{", "}}", "|", "{%", "%}", "{% ", " %}", "{", "}", "%", "\\", "\n", "\r\n", " ", '"', "'", "[", "."]
TAGS = ["if ", "elsif ", "else", "endif", "unless ", "endunless", "elseif", "for ", "{% else %}", "{% endif %}"]
NAMES = ["{% if city %}", "{% unless ", "{{city}}", "{{Hi|Hey}}", "{{city|", "city", "first_name", "custom_", "a"]
ASKED = [" == ", " != ", " < ", "=", "&&", " contains ", " and ", " or ", "not ", "blank", "nil", "5", "-", '"Ada"']
WORDS = ["| default: ", '| default: "x"', "upcase", "append: ", "dn_date ", "dn_date 2 days from now ", "YYYY"]
TOKENS = st.sampled_from([*BRACES, *TAGS, *NAMES, *ASKED, *WORDS])
SOUP = st.lists(TOKENS, max_size=25).map("".join)


def check(source: str, values: Mapping[str, str]) -> None:
    """Everything that is promised of a text nobody has looked at."""
    template = parse(source)
    assert len(template.problems) <= MAX_PROBLEMS
    for each in template.problems:
        assert 0 <= each.span.start < each.span.end <= len(source)
        lines = source[: each.span.start].split("\n")
        assert (each.line, each.column) == (len(lines), len(lines[-1]) + 1)
        assert each.sentence.endswith(".")
    for node in walk(template.nodes):
        assert 0 <= node.span.start <= node.span.end <= len(source)
    for remark in lint(template, KNOWN):
        assert 0 <= remark.span.start <= remark.span.end <= len(source)
    if not template.problems:
        check_sound(source, values)


def check_sound(source: str, values: Mapping[str, str]) -> None:
    """What is promised of a text that is a template."""
    template = parse(source)
    said = compile_template(template, KNOWN, escapes=True)(values, MOMENT, KEY)
    if "\\" not in source:
        assert "{{" not in said
        assert "{%" not in said
    assert required(template, KNOWN) <= template.names
    assert depends_on_time(template) in (True, False)
    count = count_combinations(template, KNOWN, values, MOMENT)
    listed = list(islice(texts(template, KNOWN, values, MOMENT, escapes=True), 200))
    assert len(listed) == min(count, 200)
    assert said in listed or count > 200


@settings(max_examples=_EXAMPLES)
@given(SOUP, VALUES)
@example("{% if a == 'x'", {})
@example('{{a|default:"', {})
@example("{{a|{b}}{c}}", {})
@example("\\{{a|\\}}}}", {})
def test_any_soup_of_tokens_is_read_and_a_sound_one_keeps_every_promise(source: str, values: Mapping[str, str]) -> None:
    check(source, values)


@settings(max_examples=_EXAMPLES)
@given(st.text() | st.text("{}%|\\ a'\"=.\n"), VALUES)
def test_any_text_is_read_and_a_sound_one_keeps_every_promise(source: str, values: Mapping[str, str]) -> None:
    check(source, values)


def test_spans_are_half_open() -> None:
    """`Span(2, 5)` is the text `source[2:5]`."""
    assert parse("Hi {{a.b}}").problems[0].span == Span(3, 10)
