"""Does a condition hold? What every comparison means, for values that are all text.

A blank value is the empty text. A number is compared by value, with the number a text is written as; text is compared
by code points, case and all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any, Final, TypeAlias

from campaign_core.content.tree import Ask, Literal, Name, Number, Operand, Present, Test

#: What an operand stands for; only a number in the template is a Decimal.
Asked: TypeAlias = str | Decimal
#: How a name's value is found; empty where it is absent or blank.
Lookup: TypeAlias = Callable[[str], str]

_NUMBER: Final = re.compile(r"\s*[+-]?[0-9]+(?:\.[0-9]+)?\s*")


def number_in(text: str) -> Decimal | None:
    """The number a text is written as, exactly; None where it is none: digits, at most one point, at most one sign."""
    return Decimal(text.strip()) if _NUMBER.fullmatch(text) else None


def equal(left: Asked, right: Asked) -> bool:
    """True for equal texts, for equal numbers, and for a text that is written as an equal number."""
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    return _number(left) == _number(right)  # at most one is None, because one is a number


def unequal(left: Asked, right: Asked) -> bool:
    """The opposite of `equal`."""
    return not equal(left, right)


def _number(asked: Asked) -> Decimal | None:
    return number_in(asked) if isinstance(asked, str) else asked


def _order(holds: Callable[[Any, Any], bool]) -> Callable[[Asked, Asked], bool]:
    """An order of two texts or two numbers; nothing holds for an absent value or for a text that is no number."""

    def ordered(left: Asked, right: Asked) -> bool:
        if isinstance(left, str) and isinstance(right, str):
            return bool(left and right) and holds(left, right)
        numbers = _number(left), _number(right)
        return None not in numbers and holds(*numbers)

    return ordered


def contains(left: Asked, right: Asked) -> bool:
    """True where the right text stands in the left; never for an absent one."""
    return bool(right) and str(right) in str(left)


#: Each operator of the language and what it asks.
OPERATORS: Final[Mapping[str, Callable[[Asked, Asked], bool]]] = {
    "==": equal,
    "!=": unequal,
    "<": _order(lt),
    ">": _order(gt),
    "<=": _order(le),
    ">=": _order(ge),
    "contains": contains,
}


def fixed(operand: Literal | Number, operator: str) -> Asked:
    """What an operand stands for in every mail.

    A text of white space only is blank. `contains` looks for the text a number is written as.
    """
    if isinstance(operand, Literal):
        return operand.text if operand.text.strip() else ""
    return operand.text if operator == "contains" else operand.value


def holds(test: Test, lookup: Lookup) -> bool:
    """True where the test holds for these values."""

    def value(operand: Operand, operator: str) -> Asked:
        return lookup(operand.name) if isinstance(operand, Name) else fixed(operand, operator)

    verdict = True
    joints = (*test.joints, "and")
    for ask, joint in zip(reversed(test.asks), reversed(joints), strict=True):
        if isinstance(ask, Present):
            now = bool(lookup(ask.name))
        else:
            now = OPERATORS[ask.operator](value(ask.left, ask.operator), value(ask.right, ask.operator))
        verdict = (now and verdict) if joint == "and" else (now or verdict)
    return verdict is not test.negated


def present_when(test: Test, outcome: bool) -> frozenset[str]:
    """The names that certainly have a value where the test has this outcome."""
    held = outcome is not test.negated
    if len(set(test.joints)) > 1 or (test.joints and (test.joints[0] == "and") is not held):
        return frozenset()
    return frozenset().union(*(_present(ask, held) for ask in test.asks))


def _present(ask: Ask, held: bool) -> frozenset[str]:
    if isinstance(ask, Present):
        return frozenset({ask.name} if held else ())
    sides = (ask.left, ask.right)
    names = frozenset(each.name for each in sides if isinstance(each, Name))
    blank = any(isinstance(each, Literal) and not each.text.strip() for each in sides)
    if ask.operator in ("==", "!="):
        differs = held is (ask.operator == "!=")
        return (
            names
            if len(names) == 1 and differs is blank and not all(isinstance(each, Name) for each in sides)
            else frozenset()
        )
    return names if held else frozenset()
