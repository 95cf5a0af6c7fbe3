"""Templates that parse, values for them, and the few steps from one to the other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from hypothesis import strategies as st

from campaign_core.content.choices import mail_key
from campaign_core.content.compiled import compile_template
from campaign_core.content.parse import parse
from campaign_core.content.tree import Template

#: A Tuesday morning.
MOMENT: Final = datetime(2030, 1, 1, 9, tzinfo=UTC)
CAMPAIGN: Final = UUID("0b0e7f0a-5b7c-4c6e-9c4e-2f6f0c1d2e3f")
KEY: Final = mail_key(CAMPAIGN, "ada@engines.example", 1)
#: The fields that leads of these tests declare.
KNOWN: Final = frozenset({"city", "plan_2", "straße"})
FIELDS: Final = ("first_name", "company", "title", "job_title", "city", "plan_2")

#: Text without anything that the language gives a meaning.
PLAIN: Final = st.text("abZ .,!\n'\"%<&é\t", max_size=12)
NAMES: Final = st.sampled_from([*FIELDS, "First Name", " company ", "custom_city", "nobody", "dn_day_name"])
VALUES: Final = st.dictionaries(
    st.sampled_from(FIELDS),
    st.one_of(
        st.sampled_from(["", "  ", "Ada", "ada", "5", "5.0", "-3", "10", "<b>&'\"", "5 "]),
        st.text("aA5 .<", max_size=6),
    ),
)
KEYS: Final = st.builds(
    lambda number, step: mail_key(CAMPAIGN, f"{number}@x.example", step), st.integers(0), st.integers(1, 4)
)

VARIABLES: Final = st.builds("{{{{{}}}}}".format, NAMES)
DATES: Final = st.builds(
    "{{{{dn_date {} days from now {}}}}}".format, st.integers(0, 3650), st.sampled_from(["YYYY", "MMMM Do"])
)
DEFAULTS: Final = st.builds('{{{{{} | default: "{}"}}}}'.format, NAMES, st.text("ab |.'<", max_size=8))


def _sound(source: str) -> bool:
    return not parse(source).problems


def _alternatives(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    part = st.lists(st.one_of(PLAIN, VARIABLES, inner), max_size=3).map("".join)
    first = st.one_of(NAMES, part)
    return st.builds(
        lambda head, tail: "{{" + "|".join([head, *tail]) + "}}", first, st.lists(part, min_size=1, max_size=3)
    )


#: Spintax and fallbacks up to the deepest nesting.
ALTERNATIVES: Final = st.recursive(VARIABLES, _alternatives, max_leaves=4).filter(_sound)

_CONDITION_NAMES: Final = st.sampled_from([*FIELDS, "nobody", "dn_time_of_day"])
_OPERANDS: Final = st.one_of(
    _CONDITION_NAMES, st.sampled_from(['"Ada"', "'a'", '"5"', "5", "-3", "10.50", '" "', '"Good morning"'])
)
_ASKS: Final = st.one_of(
    _CONDITION_NAMES,
    st.builds("{} {} {}".format, _OPERANDS, st.sampled_from(["==", "!=", "<", ">", "<=", ">=", "contains"]), _OPERANDS),
    st.builds("{} {} blank".format, _CONDITION_NAMES, st.sampled_from(["==", "!="])),
)
TESTS: Final = st.builds(
    lambda first, more: first + "".join(f" {joint} {ask}" for joint, ask in more),
    _ASKS,
    st.lists(st.tuples(st.sampled_from(["and", "or"]), _ASKS), max_size=3),
)


def _conditions(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    body = st.lists(inner, max_size=3).map("".join)
    return st.builds(
        lambda word, test, first, more, last: (
            f"{{% {word} {test} %}}{first}"
            + "".join(f"{{% elsif {asks} %}}{each}" for asks, each in more)
            + ("" if last is None else f"{{% else %}}{last}")
            + f"{{% end{word} %}}"
        ),
        st.sampled_from(["if", "unless"]),
        TESTS,
        body,
        st.lists(st.tuples(TESTS, body), max_size=2),
        st.none() | body,
    )


_LEAVES: Final = st.one_of(PLAIN, VARIABLES, DATES, DEFAULTS, ALTERNATIVES)
#: Sources of sound templates that use everything the language has but escapes.
SOURCES: Final = st.lists(st.recursive(_LEAVES, _conditions, max_leaves=5), max_size=4).map("".join)


def sound(source: str) -> Template:
    """The template of a source without problems."""
    template = parse(source)
    assert template.problems == ()
    return template


def rendered(
    source: str,
    values: Mapping[str, str] | None = None,
    *,
    known: frozenset[str] = KNOWN,
    key: bytes = KEY,
    escapes: bool = False,
) -> str:
    """What one mail says."""
    return compile_template(sound(source), known, escapes=escapes)(values or {}, MOMENT, key)


def problem(source: str) -> str:
    """The first problem of a source that has some."""
    problems = parse(source).problems
    assert problems, f"{source!r} has no problem"
    return str(problems[0])
