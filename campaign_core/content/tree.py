"""What is a template made of? Frozen nodes, each with the place of the source it was read from.

A template is a sequence of nodes. Which reading `{{a|b}}` has depends on the fields that are known, so the tree keeps it
as `Alternatives`; `binding` decides. Nothing here reads or renders.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Final, TypeAlias

from attrs import field, frozen

#: How many forms with bars may stand in one another; the outermost is 1.
MAX_NESTED_BARS: Final = 5


@frozen
class Span:
    """A part of the source: code points `start` to `end`, the last one excluded."""

    start: int
    end: int


@frozen
class Text:
    """Text that is put out as it is, without the backslash of an escape."""

    span: Span
    text: str


@frozen
class Variable:
    """The value of a field, or of a computed variable."""

    span: Span
    #: As `field_name` normalises it; never empty.
    name: str


@frozen
class DateToCome:
    """The date some days after the mail is sent."""

    span: Span
    #: 0 to 3650.
    days: int
    #: What `computed.date_text` takes; `computed.pattern_problem` finds nothing wrong with it.
    pattern: str


#: What a fallback can stand in for.
Subject: TypeAlias = Variable | DateToCome


@frozen
class Fallback:
    """The subject where it has a value, else the nodes."""

    span: Span
    subject: Subject
    nodes: tuple[Node, ...]


@frozen
class Part:
    """What stands between two bars; may be empty."""

    span: Span
    nodes: tuple[Node, ...]


@frozen
class Alternatives:
    """`{{a|b}}` and longer: spintax, or a fallback where `subject` is known."""

    span: Span
    #: At least two, in the order of the source.
    parts: tuple[Part, ...]
    #: What the first of exactly two parts names, if it can be a name at all.
    subject: Subject | None
    #: The source inside the braces, with every line break as `\n`.
    content: str
    #: How many alternatives of the same content stand before it in the template.
    occurrence: int


@frozen
class Name:
    """A field or a computed variable whose value a condition asks for."""

    span: Span
    name: str


@frozen
class Literal:
    """A text in quotes; `blank` is the empty one."""

    span: Span
    text: str


@frozen
class Number:
    """A number that a condition compares with."""

    span: Span
    value: Decimal
    #: As it is written.
    text: str


Operand: TypeAlias = Name | Literal | Number


@frozen
class Present:
    """True where the name has a value."""

    span: Span
    name: str


@frozen
class Comparison:
    """Two operands and what is asked of them."""

    span: Span
    left: Operand
    #: One of `==` `!=` `<` `>` `<=` `>=` `contains`.
    operator: str
    right: Operand


Ask: TypeAlias = Present | Comparison


@frozen
class Test:
    """What a branch asks, read from right to left: `a and b or c` is `a and (b or c)`."""

    #: At least one.
    asks: tuple[Ask, ...]
    #: `and` or `or` between each two of them.
    joints: tuple[str, ...]
    #: True for the first branch of `unless`.
    negated: bool = False

    @property
    def names(self) -> frozenset[str]:
        """Every name it asks for."""
        return frozenset(each.name for each in self.mentions)

    @property
    def mentions(self) -> Iterator[Name | Present]:
        """Every place at which it asks for a name, in the order of the source."""
        for ask in self.asks:
            if isinstance(ask, Present):
                yield ask
            else:
                yield from (each for each in (ask.left, ask.right) if isinstance(each, Name))


@frozen
class Branch:
    """What a condition puts out when its test is the first to hold."""

    span: Span
    #: None for `else`, which is always the last.
    test: Test | None
    nodes: tuple[Node, ...]


@frozen
class Condition:
    """`{% if %}` or `{% unless %}` to its end; puts out nothing where no branch holds."""

    span: Span
    branches: tuple[Branch, ...]


Node: TypeAlias = Text | Variable | DateToCome | Fallback | Alternatives | Condition


@frozen
class TemplateProblem:
    """Something that keeps a text from being a template."""

    span: Span
    #: From 1. Lines end with a line feed.
    line: int
    #: In code points of the line, from 1.
    column: int
    #: What is wrong and what would be right.
    sentence: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.sentence}"


@frozen
class Template:
    """A text as it was read. With problems it has nodes nobody should render."""

    source: str = field(repr=False)
    nodes: tuple[Node, ...] = field(repr=False)
    #: In the order of the source; empty for a template that can be rendered.
    problems: tuple[TemplateProblem, ...]
    #: Every field it may ask for, normalised, computed ones left out. The first part of `{{a|b}}` counts, because it is
    #: a field wherever a field is called so.
    names: frozenset[str]


def walk(nodes: Iterable[Node]) -> Iterator[Node]:
    """Every node and every node inside it, in the order of the source."""
    for node in nodes:
        yield node
        match node:
            case Fallback():
                yield from walk(node.nodes)
            case Alternatives():
                yield from walk(inner for part in node.parts for inner in part.nodes)
            case Condition():
                yield from walk(inner for branch in node.branches for inner in branch.nodes)
            case Text() | Variable() | DateToCome():
                pass


def every_test(nodes: Iterable[Node]) -> Iterator[Test]:
    """Every test of every condition, in the order of the source."""
    for node in walk(nodes):
        if isinstance(node, Condition):
            yield from (branch.test for branch in node.branches if branch.test is not None)


def positions(source: str) -> Callable[[int], tuple[int, int]]:
    """Answers where a code point of this source stands: its line and its column, both from 1."""
    starts = [0, *(found.end() for found in re.finditer("\n", source))]

    def position(offset: int) -> tuple[int, int]:
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    return position
