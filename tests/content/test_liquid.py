"""Where the language agrees with Liquid, python-liquid says the same.

Left out, because the languages differ: blank values, which are text to Liquid and absent here; numbers, which Liquid never
finds in text; `contains` with nothing to look for; `blank` asked of an absent value, which is true in Shopify's Liquid
and here, and false in python-liquid; and branches of white space only, which Liquid leaves out unless told otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import example, given
from hypothesis import strategies as st
from liquid import Environment

from tests.content.templates import rendered


class _Liquid(Environment):
    suppress_blank_control_flow_blocks = False


LIQUID = _Liquid()
NAMES = st.sampled_from(["city", "plan", "size", "missing"])
VALUES = st.fixed_dictionaries(
    {"there": st.text("aAb", min_size=1, max_size=3)},
    optional={name: st.text("aAb5 ", min_size=1, max_size=3).filter(str.strip) for name in ("city", "plan", "size")},
)
LITERALS = st.text("aAb5", min_size=1, max_size=2).map(lambda text: f'"{text}"')
OPERATORS = st.sampled_from(["==", "!=", "<", ">", "<=", ">="])
ASKS = st.one_of(
    NAMES,
    st.builds("{} {} {}".format, NAMES, OPERATORS, LITERALS | NAMES),
    st.builds("{} {} {}".format, LITERALS, OPERATORS, NAMES),
    st.builds("{} contains {}".format, NAMES, LITERALS | NAMES),
    st.sampled_from(["there == blank", "there != blank", "blank == there"]),
)
TESTS = st.lists(st.tuples(st.sampled_from([" and ", " or "]), ASKS), min_size=1, max_size=5).map(
    lambda asks: "".join(joint + ask for joint, ask in asks).split(" ", 2)[2]
)
LEAVES = st.one_of(
    st.text("ab \n.,é<", max_size=5),
    st.builds("{{{{{}}}}}".format, NAMES),
    st.builds("{{{{ {} }}}}".format, NAMES),
    st.builds('{{{{ {} | default: "{}" }}}}'.format, NAMES, st.text("ab |'", max_size=4)),
)


def _conditions(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    body = st.lists(inner, max_size=2).map("".join)
    branches = st.lists(st.builds("{{% elsif {} %}}{}".format, TESTS, body), max_size=2).map("".join)
    return st.builds(
        "{{% {0} {1} %}}{2}{3}{4}{{% end{0} %}}".format,
        st.sampled_from(["if", "unless"]),
        TESTS,
        body,
        branches,
        st.just("") | st.builds("{{% else %}}{}".format, body),
    )


SOURCES = st.lists(st.recursive(LEAVES, _conditions, max_leaves=6), max_size=4).map("".join)


@given(SOURCES, VALUES)
@example("{% unless city %} {% endunless %}", {})
def test_a_template_of_both_languages_says_the_same_in_both(source: str, values: Mapping[str, str]) -> None:
    assert rendered(source, values) == LIQUID.from_string(source).render(**values)


@given(st.lists(st.tuples(st.sampled_from(["and", "or"]), st.booleans()), min_size=1, max_size=7))
def test_joined_conditions_are_read_as_liquid_reads_them(asks: list[tuple[str, bool]]) -> None:
    test = " ".join(f"{joint} {'there' if outcome else 'missing'}" for joint, outcome in asks).split(" ", 1)[1]
    source = f"{{% if {test} %}}yes{{% else %}}no{{% endif %}}"
    assert rendered(source, {"there": "x"}) == LIQUID.from_string(source).render(there="x")
