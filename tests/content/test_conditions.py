"""What a condition asks of values that are all text."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign_core.content.combinations import texts
from tests.content.templates import KNOWN, MOMENT, TESTS, VALUES, problem, rendered, sound


def holds(test: str, **values: str) -> bool:
    """Whether it holds, in a mail and in the list of all texts."""
    source = f"{{% if {test} %}}yes{{% endif %}}"
    said = rendered(source, values)
    assert [said] == list(texts(sound(source), KNOWN, values, MOMENT, escapes=False))
    return said == "yes"


TRUE = {
    "a value is there": ("city", {"city": "Porto"}),
    "the same text": ("city == 'Porto'", {"city": "Porto"}),
    "another case": ("city != 'porto'", {"city": "Porto"}),
    "a text in a text": ("city contains 'ort'", {"city": "Porto"}),
    "the value of one field in another": ("company contains city", {"city": "Porto", "company": "Porto & Co"}),
    "an absent value is blank": ("city == blank", {}),
    "a blank value is blank": ("city == blank", {"city": " \n"}),
    "blank on the left": ("blank == city", {}),
    "a blank text is blank": ("city == ' '", {}),
    "a value is not blank": ("city != blank", {"city": "x"}),
    "two absent values are equal": ("city == company", {"company": " "}),
    "an absent value differs from a text": ("city != 'x'", {}),
    "an absent value differs from a number": ("city != 0", {}),
    "a text that is no number differs from one": ("city != 5", {"city": "five"}),
    "numbers by value": ("city == 5", {"city": "5.00"}),
    "a number with a sign and spaces": ("city == 5", {"city": " +5 "}),
    "numbers, not texts": ("city < 10", {"city": "9"}),
    "texts by code points": ("city > '10'", {"city": "9"}),
    "two fields are texts": ("city > company", {"city": "9", "company": "10"}),
    "a number on the left": ("-3.5 <= city", {"city": "-3.5"}),
    "the digits of a number": ("city contains 05", {"city": "2105"}),
    "a number and a quoted number": ("5 == '5.0'", {}),
    "the time of day": ("dn_time_of_day == 'Good morning'", {}),
    "a computed value is there": ("dn_day_name", {}),
    "from right to left, or": ("city == 'x' or city == 'y' and company", {"city": "x"}),
    "a keyword inside a name": ("android or oracle", {"oracle": "x"}),
    "no spaces needed": ("city=='x'and company", {"city": "x", "company": "y"}),
    "quoted words are texts": ("city == 'blank' and city != 'and'", {"city": "blank"}),
    "a long number": ("city < 100000000000000000000000000000.2", {"city": "100000000000000000000000000000.1"}),
}
FALSE = {
    "no value": ("city", {}),
    "a blank value": ("city", {"city": " "}),
    "from right to left, and": ("city and company or title", {"title": "x"}),
    "nothing is before an absent value": ("'a' < city or city < 'a' or 0 < city or city <= 0", {}),
    "an absent value contains nothing": ("city contains 'a' or city contains company", {"company": "x"}),
    "no text contains an absent value": ("city contains company", {"city": "x"}),
    "no text contains a blank text": ("city contains ''", {"city": "x"}),
    "an order of a number and another text": ("city < 5 or city >= 5", {"city": "five"}),
    "the digits of a number as they are written": ("city contains 05", {"city": "2150"}),
    "digits of other scripts": ("city == 5", {"city": "٥"}),
    "a number with an exponent": ("city == 500", {"city": "5e2"}),
    "a number with a thousands separator": ("city == 1000", {"city": "1,000"}),
}


@pytest.mark.parametrize(("test", "values"), TRUE.values(), ids=list(TRUE))
def test_this_holds(test: str, values: dict[str, str]) -> None:
    assert holds(test, **values)


@pytest.mark.parametrize(("test", "values"), FALSE.values(), ids=list(FALSE))
def test_this_does_not_hold(test: str, values: dict[str, str]) -> None:
    assert not holds(test, **values)


NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=3)
OPERATORS = {"==": "__eq__", "!=": "__ne__", "<": "__lt__", ">": "__gt__", "<=": "__le__", ">=": "__ge__"}


@given(NUMBERS, NUMBERS | st.none())
def test_a_number_is_compared_exactly(left: Decimal, other: Decimal | None) -> None:
    right = left if other is None else other
    for operator, method in OPERATORS.items():
        assert holds(f"city {operator} {right:f}", city=f"{left:f}") is getattr(left, method)(right)


@given(st.text(min_size=1), st.text("abAB é", min_size=1))
def test_texts_are_compared_by_code_points(value: str, text: str) -> None:
    for operator, method in OPERATORS.items():
        both = bool(value.strip() and text.strip())
        left, right = value if value.strip() else "", text if text.strip() else ""
        ordered = both and getattr(left, method)(right)
        assert holds(f"city {operator} '{text}'", city=value) is (
            getattr(left, method)(right) if operator in ("==", "!=") else ordered
        )


@given(TESTS, VALUES)
def test_unless_puts_out_what_if_puts_out_in_its_else(test: str, values: dict[str, str]) -> None:
    said = rendered(f"{{% unless {test} %}}no{{% else %}}yes{{% endunless %}}", values)
    assert said == ("yes" if holds(test, **values) else "no")


@given(st.lists(st.booleans(), min_size=1, max_size=8), st.data())
def test_joined_comparisons_are_read_from_the_right(outcomes: list[bool], data: st.DataObject) -> None:
    joints = [data.draw(st.sampled_from(["and", "or"])) for _ in outcomes[1:]]
    words = ["city == 'x'" if outcome else "city != 'x'" for outcome in outcomes]
    expected = outcomes[-1]
    for outcome, joint in zip(reversed(outcomes[:-1]), reversed(joints), strict=True):
        expected = (outcome and expected) if joint == "and" else (outcome or expected)
    test = words[0] + "".join(f" {joint} {word}" for joint, word in zip(joints, words[1:], strict=True))
    assert holds(test, city="x") is expected


REFUSED = {
    "nothing": ("", "line 1, column 1: Write what if asks"),
    "one equals sign": ("a = 'b'", "line 1, column 9: Equality is written ==."),
    "angle brackets": ("a <> 'b'", "Difference is written !=."),
    "&&": ("a && b", "joined with: and."),
    "||": ("a || b", "joined with: or."),
    "!": ("!a", "There is no !"),
    "not": ("not a", "There is no not"),
    "brackets": ("(a or b) and c", "There are no brackets"),
    "upper case": ("a AND b", "Write and in lower case."),
    "an operator at the end": ("a ==", "The condition ends too early"),
    "a joint at the end": ("a and", "The condition ends too early"),
    "an operator first": ("== a", "a name, a text in quotes or a number is expected"),
    "two names": ("first name == 'x'", "a space in a name is written _"),
    "a text alone": ("'a'", "This alone is no condition"),
    "a number alone": ("5 or a", "This alone is no condition"),
    "blank alone": ("blank", "This alone is no condition"),
    "blank in an order": ("a < blank", "blank can be asked with == and != only, not with <."),
    "contains blank": ("a contains blank", "not with contains."),
    "nil": ("a == nil", "A missing value is written blank."),
    "null": ("a == null", "A missing value is written blank."),
    "none": ("a == none", "A missing value is written blank."),
    "empty": ("empty == a", "A missing value is written blank."),
    "a quoted operator": ("a '==' 'b'", "Here and, or, or the end of the condition is expected"),
    "a quoted joint": ("a 'and' b", "Here and, or, or the end of the condition is expected"),
    "false": ("a != false", "Every value is text"),
    "true": ("a == true", "Every value is text"),
    "a number of another kind": ("a > 1,000", "numbers are written 1000, -3 or 0.5"),
    "half a number": ("a > .5", "numbers are written 1000, -3 or 0.5"),
    "an open quote": ("a == 'b", "A quote is left open."),
    "attribute access": ("lead.a == 'b'", "A variable has no parts to ask for"),
    "braces": ("{{a}} == 'b'", "In a condition a name stands without braces."),
    "a filter": ("a | size", "A condition has no filters"),
    "a date": ("dn_date == 'x'", "A date needs days and a pattern"),
    "fifty-one comparisons": (" or ".join(["a"] * 51), "A condition joins at most 50 comparisons."),
}


@pytest.mark.parametrize(("test", "sentence"), REFUSED.values(), ids=list(REFUSED))
def test_what_is_no_condition_is_refused_with_a_sentence(test: str, sentence: str) -> None:
    assert sentence in problem(f"{{% if {test} %}}x{{% endif %}}")
