"""What a mail says follows from its template, the lead's values, the moment and its key, and from nothing else."""

from __future__ import annotations

import html
from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from campaign_core.content.compiled import compile_template
from campaign_core.content.parse import parse
from campaign_core.errors import MisuseError
from tests.content.templates import KEYS, KNOWN, MOMENT, PLAIN, SOURCES, VALUES, rendered, sound


@given(SOURCES, VALUES, KEYS)
def test_the_same_mail_reads_the_same_from_a_template_read_anew(
    source: str, values: Mapping[str, str], key: bytes
) -> None:
    again = parse.__wrapped__(source)
    assert rendered(source, values, key=key) == compile_template(again, KNOWN, escapes=False)(values, MOMENT, key)


@given(SOURCES, VALUES, KEYS, st.booleans())
def test_no_opening_of_the_language_reaches_a_mail(
    source: str, values: Mapping[str, str], key: bytes, escapes: bool
) -> None:
    said = rendered(source, values, key=key, escapes=escapes)
    assert "{{" not in said
    assert "{%" not in said
    assert "}}" not in said


@given(PLAIN)
def test_text_is_put_out_as_it_is(text: str) -> None:
    assert rendered(text, escapes=True) == text


@given(st.text() | st.text("<&>\"'a é"), st.booleans())
@example("<&>\"'", True)
@example("a & b", True)
@example("é<", True)
def test_a_value_is_put_out_as_it_is_and_escaped_where_html_is_meant(value: str, escapes: bool) -> None:
    shown = (html.escape(value) if escapes else value) if value.strip() else ""
    assert rendered("<{{city}}>", {"city": value}, escapes=escapes) == f"<{shown}>"


@given(st.text())
def test_a_value_is_never_read_as_a_template(value: str) -> None:
    source = "{{city|{{city}}}}{% if city %}{{city}}{% endif %}"
    assert rendered(source, {"city": value}) == (value * 2 if value.strip() else "")


@given(st.text("<>&\"'a", min_size=1))
def test_what_the_template_says_is_never_escaped(text: str) -> None:
    quoted = text.replace('"', "")
    source = f'{text}{{{{nobody|{text}}}}}{{{{city|{text}}}}}{{{{city | default: "{quoted}"}}}}'
    assert rendered(source, known=KNOWN | {"nobody"}, escapes=True) == text * 3 + quoted


SAID = {
    "a name in another spelling": ("{{ CUSTOM_First name }}", {"first_name": "Ada"}, "Ada"),
    "nothing for an absent value": ("[{{city}}]", {}, "[]"),
    "nothing for a blank value": ("[{{city}}]", {"city": " \t"}, "[]"),
    "job_title finds title": ("{{job_title}}", {"title": "Boss"}, "Boss"),
    "title finds job_title": ("{{title}}", {"title": " ", "job_title": "Boss"}, "Boss"),
    "each its own value first": ("{{title}}{{job_title}}", {"title": "A", "job_title": "B"}, "AB"),
    "a condition finds the twin": ("{% if title == 'A' %}yes{% endif %}", {"job_title": "A"}, "yes"),
    "a fallback for an absent value": ("{{city|there}}", {}, "there"),
    "a fallback for a blank value": ("{{city|there}}", {"city": " "}, "there"),
    "a fallback that is not needed": ("{{city|there}}", {"city": "Porto"}, "Porto"),
    "spaces kept in a fallback": ("{{ city | there }}", {}, " there "),
    "an empty fallback": ("[{{city|}}]", {}, "[]"),
    "a fallback that is a variable": ("{{city|{{company}}}}", {"company": "X"}, "X"),
    "a fallback in a fallback": ("{{city|{{company|nowhere}}}}", {}, "nowhere"),
    "a fallback of text and a variable": ("{{city|near {{company}}}}", {"company": "X"}, "near X"),
    "a default": ('{{anything | default: "there"}}', {}, "there"),
    "a default with a bar and spaces": ("{{anything|default:' a|b '}}", {}, " a|b "),
    "a default that is empty": ('[{{anything | default: ""}}]', {}, "[]"),
    "a computed variable": ("{{dn_day_name}}, {{DN_TIME_OF_DAY}}", {}, "Tuesday, Good morning"),
    "a fallback never used": ("{{dn_day_name|someday}}", {}, "Tuesday"),
    "a date": ("{{dn_date 2 days from now dddd, MMMM Do}}", {}, "Thursday, January 3rd"),
    "a date after one day": ("{{ dn_date 1 day from now YYYY-MM-DD }}", {}, "2030-01-02"),
    "a date with a fallback": ("{{dn_date 0 days from now YYYY|soon}}", {}, "2030"),
    "escaped openings": (r"\{{name}} \{% if %}", {}, "{{name}} {% if %}"),
    "escapes in a choice": (r"{{\||\|}}{{\}}|\}}}}", {}, "|}}"),
    "a backslash elsewhere": (r"C:\x \| \}}", {}, r"C:\x \| \}}"),
    "a choice with one reading": ("{{same|same|same}}", {}, "same"),
    "the first branch that holds": ("{% if city %}a{% elsif company %}b{% else %}c{% endif %}", {"company": "x"}, "b"),
    "else": ("{% if city %}a{% elsif company %}b{% else %}c{% endif %}", {}, "c"),
    "nothing where no branch holds": ("[{% if city %}a{% endif %}]", {}, "[]"),
    "unless": ("{% unless city %}a{% elsif company %}b{% else %}c{% endunless %}", {"city": "x", "company": "y"}, "b"),
    "a condition in a condition": ("{% if city %}{% if company %}ab{% endif %}a{% endif %}", {"city": "x"}, "a"),
}


@pytest.mark.parametrize(("source", "values", "said"), SAID.values(), ids=list(SAID))
def test_each_form_says_what_it_should(source: str, values: Mapping[str, str], said: str) -> None:
    assert rendered(source, values) == said


@pytest.mark.parametrize("known", [KNOWN, frozenset({"hello"})], ids=["undeclared", "declared"])
def test_two_parts_are_a_fallback_exactly_where_the_first_is_a_declared_field(known: frozenset[str]) -> None:
    said = {rendered("{{Hello|Hi}}", {"hello": "value"}, known=known, key=bytes([n])) for n in range(1, 30)}
    assert said == ({"value"} if "hello" in known else {"Hello", "Hi"})


def test_three_parts_are_a_choice_whatever_the_first_is_called() -> None:
    said = {rendered("{{city|Hi|Hey}}", {"city": "Porto"}, key=bytes([n])) for n in range(1, 40)}
    assert said == {"city", "Hi", "Hey"}


def test_a_template_with_problems_is_not_rendered() -> None:
    with pytest.raises(MisuseError, match="line 1, column 1"):
        compile_template(parse("{{"), KNOWN, escapes=False)


@pytest.mark.parametrize(
    "source",
    [
        "{{a}}" * 20_000,
        "{% if a %}{% elsif a %}x" * 20 + "{% endif %}" * 20,
        "{% if a %}" + "{% elsif b %}x" * 7000 + "{% endif %}",
        "{{" + "|".join(f"{n}{{{{a}}}}" for n in range(1000)) + "}}",
        "{% if " + " and ".join(["a"] * 50) + " %}x{% endif %}",
    ],
    ids=["variables", "deep conditions", "branches", "options", "comparisons"],
)
def test_the_largest_templates_are_rendered(source: str) -> None:
    """Nothing that the language allows is more than Python can compile."""
    assert compile_template(sound(source), KNOWN, escapes=True)({"a": ""}, MOMENT, b"key") is not None


def test_text_of_a_template_is_never_run() -> None:
    """Quotes, backslashes, braces and line breaks of a template do not end the literals it becomes."""
    hostile = """'+boom+' "+boom+" \\ ''' \"\"\" { boom } \n\r\x00 \u2028 \ud800 \\N{DASH}"""
    assert rendered(f"{hostile}{{{{city}}}}{hostile}", {"city": "-"}) == f"{hostile}-{hostile}"
    assert rendered(f"{{{{city|{hostile}}}}}") == hostile
    assert rendered(f"{{% if city %}}{{% else %}}{hostile}{{% endif %}}") == hostile
