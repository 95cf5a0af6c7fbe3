"""How many texts can a template become, and which? Counted exactly, and listed one by one without holding them.

Texts are numbered like the digits of a number: the last choice of the template changes first. Two numbers may give the
same text, where two options read the same.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from math import prod
from typing import Final

from attrs import field, frozen

from campaign_core.content.asking import holds
from campaign_core.content.binding import as_fallback, sound_nodes
from campaign_core.content.compiled import escaped
from campaign_core.content.computed import COMPUTED, computed, date_text
from campaign_core.content.names import value_of
from campaign_core.content.tree import (
    Alternatives,
    Condition,
    DateToCome,
    Fallback,
    Node,
    Subject,
    Template,
    Text,
    Variable,
)


def count_combinations(
    template: Template,
    known: frozenset[str],
    values: Mapping[str, str] | None = None,
    moment: datetime | None = None,
) -> int:
    """The number of texts a template can become, at least 1.

    With a lead's values and the moment of sending it is the length of `texts`. Without values each condition may take
    every branch and each fallback may or may not be needed, whatever else they depend on; so may, without the moment,
    a condition that asks for the time. Those numbers are upper bounds.

    Raises:
        MisuseError: the template has problems.
    """
    return _Reading(known, values, moment).sequence(sound_nodes(template)).count


def texts(
    template: Template, known: frozenset[str], values: Mapping[str, str], moment: datetime, *, escapes: bool
) -> Iterator[str]:
    """Every text a template can become for one lead, one at a time, in the order of the options.

    Raises:
        MisuseError: the template has problems.
    """
    sequence = _Reading(known, values, moment, escapes=escapes).sequence(sound_nodes(template))
    return (sequence.text(number) for number in _upto(sequence.count))


def _upto(count: int) -> Iterator[int]:
    """0 to `count` - 1. A range will do, however large: it is never measured."""
    return iter(range(count))


@frozen
class _Sequence:
    """Text, and choices, one after the other."""

    pieces: tuple[str | _Choice, ...]
    count: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "count", prod(piece.count for piece in self.pieces if isinstance(piece, _Choice)))

    def text(self, number: int) -> str:
        """The text of this number, 0 to `count` - 1."""
        backwards: list[str] = []
        for piece in reversed(self.pieces):
            if isinstance(piece, _Choice):
                number, inner = divmod(number, piece.count)
                backwards.append(piece.text(inner))
            else:
                backwards.append(piece)
        return "".join(reversed(backwards))


@frozen
class _Choice:
    """One of several sequences."""

    options: tuple[_Sequence, ...]
    #: The number after the last of each option.
    ends: tuple[int, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "ends", tuple(accumulate(option.count for option in self.options)))

    @property
    def count(self) -> int:
        """How many texts all options have together."""
        return self.ends[-1]

    def text(self, number: int) -> str:
        """The text of this number, 0 to `count` - 1."""
        at = bisect_right(self.ends, number)
        return self.options[at].text(number - (self.ends[at - 1] if at else 0))


_NOTHING: Final = _Sequence(())


class _Reading:
    """What is left open in a template once all that is known of a mail has been put in."""

    def __init__(
        self,
        known: frozenset[str],
        values: Mapping[str, str] | None,
        moment: datetime | None,
        *,
        escapes: bool = False,
    ) -> None:
        self._known = known
        self._values = values
        self._moment = moment
        self._escapes = escapes

    def sequence(self, nodes: Sequence[Node]) -> _Sequence:
        """What is left open in these nodes."""
        pieces: list[str | _Choice] = []
        for node in nodes:
            found = self._node(node)
            pieces += (found,) if isinstance(found, str) else found.pieces
        return _Sequence(tuple(pieces))

    def _node(self, node: Node) -> str | _Sequence:
        match node:
            case Text():
                return node.text
            case Variable() | DateToCome():
                return self._subject(node)
            case Fallback():
                return self._fallback(node)
            case Alternatives():
                fallback = as_fallback(node, self._known)
                if fallback is not None:
                    return self._fallback(fallback)
                return _either(self.sequence(part.nodes) for part in node.parts)
            case Condition():
                return self._condition(node)

    def _subject(self, subject: Subject) -> str:
        """The text of a subject; empty where nothing is known of it."""
        if isinstance(subject, DateToCome):
            return "" if self._moment is None else date_text(self._moment, subject.days, subject.pattern)
        if subject.name in COMPUTED:
            return self._value(subject.name)
        return escaped(self._value(subject.name)) if self._escapes else self._value(subject.name)

    def _value(self, name: str) -> str:
        if name in COMPUTED:
            return "" if self._moment is None else computed(name, self._moment)
        return "" if self._values is None else value_of(self._values, name)

    def _fallback(self, node: Fallback) -> str | _Sequence:
        if isinstance(node.subject, DateToCome) or node.subject.name in COMPUTED:
            return self._subject(node.subject)
        if self._values is None:
            return _either(iter((_NOTHING, self.sequence(node.nodes))))
        return self._subject(node.subject) or self.sequence(node.nodes)

    def _condition(self, node: Condition) -> _Sequence:
        tests = [branch.test for branch in node.branches if branch.test is not None]
        timed = any(test.names & COMPUTED for test in tests)
        if self._values is None or (timed and self._moment is None):
            may_be_nothing = (_NOTHING,) if len(tests) == len(node.branches) else ()
            return _either(iter((*(self.sequence(branch.nodes) for branch in node.branches), *may_be_nothing)))
        for branch in node.branches:
            if branch.test is None or holds(branch.test, self._value):
                return self.sequence(branch.nodes)
        return _NOTHING


def _either(options: Iterator[_Sequence]) -> _Sequence:
    return _Sequence((_Choice(tuple(options)),))
