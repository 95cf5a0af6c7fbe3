"""What does a condition ask? From the text after `if`, `elsif` or `unless` to a test.

The grammar, and its reading from right to left without precedence, is Liquid's; the values are all text, so a number is
compared with the number a text is written as.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from attrs import define

from campaign_core.content.names import name_problem
from campaign_core.content.tree import Ask, Comparison, Literal, Name, Number, Operand, Present, Span, Test
from campaign_core.fields import field_name

#: How many comparisons one test may join.
MAX_ASKS: Final = 50

_TOKEN: Final = re.compile(
    r"""(?P<quoted>"[^"]*"|'[^']*')|(?P<operator>[=!<>&|]+)|(?P<word>[^\s"'=!<>&|()]+)|(?P<other>\S)"""
)
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_NEARLY_NUMBER: Final = re.compile(r"[+-]?[0-9.,]+")
_COMPARED: Final = ("==", "!=", "<=", ">=", "<", ">", "contains")
_JOINTS: Final = ("and", "or")
_INSTEAD: Final = {
    "=": "Equality is written ==.",
    "===": "Equality is written ==.",
    "<>": "Difference is written !=.",
    "=<": "At most is written <=.",
    "=>": "At least is written >=.",
    "&&": "Two comparisons are joined with: and.",
    "||": "Two comparisons are joined with: or.",
    "|": "A condition has no filters; it compares values as they are.",
    "!": "There is no !; use != or {% unless %}.",
    "not": "There is no not; use != or {% unless %}.",
    "AND": "Write and in lower case.",
    "OR": "Write or in lower case.",
    "CONTAINS": "Write contains in lower case.",
    "(": "There are no brackets; conditions are read from right to left, and one can stand inside another.",
    ")": "There are no brackets; conditions are read from right to left, and one can stand inside another.",
    '"': "A quote is left open.",
    "'": "A quote is left open.",
}
_NO_VALUE: Final = {
    **dict.fromkeys(("nil", "null", "none", "empty"), "A missing value is written blank."),
    **dict.fromkeys(
        ("true", "false"), 'Every value is text; a name alone asks whether it is there, "true" asks for that text.'
    ),
}
_BLANK: Final = "blank"


class ConditionProblem(Exception):
    """Why a text is no condition; never leaves the package."""

    def __init__(self, span: Span, sentence: str) -> None:
        super().__init__(sentence)
        self.span, self.sentence = span, sentence


@define
class _Token:
    kind: str
    #: As it is written: a text in quotes has them, so it is never taken for a word.
    text: str
    span: Span


def parse_test(source: str, span: Span, *, negated: bool) -> Test:
    """Reads the test that stands in this part of the source.

    Raises:
        ConditionProblem: it is none; the span points at the first thing that is wrong.
    """
    tokens = _Tokens(source, span)
    asks, joints = [_ask(tokens)], list[str]()
    while (token := tokens.take()) is not None:
        if token.text not in _JOINTS:
            raise _unexpected(
                token, "Here and, or, or the end of the condition is expected; a space in a name is written _."
            )
        if len(asks) == MAX_ASKS:
            raise ConditionProblem(token.span, f"A condition joins at most {MAX_ASKS} comparisons.")
        joints.append(token.text)
        asks.append(_ask(tokens))
    return Test(tuple(asks), tuple(joints), negated)


class _Tokens:
    """The tokens of a condition, with one to look ahead."""

    def __init__(self, source: str, span: Span) -> None:
        self.end = span
        self._found = self._read(source, span)
        self.next = next(self._found, None)

    @staticmethod
    def _read(source: str, span: Span) -> Iterator[_Token]:
        for found in _TOKEN.finditer(source, span.start, span.end):
            kind = found.lastgroup or "other"
            yield _Token(kind, found[kind], Span(*found.span(kind)))

    def take(self) -> _Token | None:
        """The next token, None at the end."""
        token, self.next = self.next, next(self._found, None)
        return token


def _ask(tokens: _Tokens) -> Ask:
    first = tokens.next
    left = _operand(tokens)
    token = tokens.next
    if token is None or token.text not in _COMPARED:
        if token is not None and token.text in _INSTEAD:
            raise _unexpected(token, "")
        if isinstance(left, Name):
            return Present(left.span, left.name)
        assert first is not None
        raise ConditionProblem(first.span, 'This alone is no condition; compare it with a name: city == "Porto".')
    tokens.take()
    if _BLANK in (each.text for each in (first, tokens.next) if each is not None) and token.text not in ("==", "!="):
        raise ConditionProblem(token.span, f"blank can be asked with == and != only, not with {token.text}.")
    right = _operand(tokens)
    return Comparison(Span(left.span.start, right.span.end), left, token.text, right)


def _operand(tokens: _Tokens) -> Operand:
    token = tokens.take()
    if token is None:
        raise ConditionProblem(tokens.end, 'The condition ends too early; write {% if city == "Porto" %}.')
    if token.kind == "quoted":
        return Literal(token.span, token.text[1:-1])
    word = token.text
    if token.kind != "word" or word in (*_JOINTS, *_COMPARED):
        raise _unexpected(token, 'Here a name, a text in quotes or a number is expected: city == "Porto".')
    if word == _BLANK:
        return Literal(token.span, "")
    if _NUMBER.fullmatch(word):
        return Number(token.span, Decimal(word), word)
    if _NEARLY_NUMBER.fullmatch(word):
        raise ConditionProblem(token.span, "This is no number; numbers are written 1000, -3 or 0.5.")
    if word in _NO_VALUE:
        raise ConditionProblem(token.span, _NO_VALUE[word])
    if word in _INSTEAD:
        raise _unexpected(token, "")
    if "{" in word or "}" in word:
        raise ConditionProblem(token.span, "In a condition a name stands without braces.")
    if problem := name_problem(word):
        raise ConditionProblem(token.span, problem)
    return Name(token.span, field_name(word))


def _unexpected(token: _Token, otherwise: str) -> ConditionProblem:
    return ConditionProblem(token.span, _INSTEAD.get(token.text, otherwise))
