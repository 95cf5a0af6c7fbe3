"""What is wrong with a text, collected while it is read."""

from __future__ import annotations

from typing import Final

from campaign_core.content.tree import Span, TemplateProblem, position

#: Reading ends when a text has this many problems: the rest would mostly follow from them.
MAX_PROBLEMS: Final = 20


class Problems:
    """The problems found so far in one source."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._found: list[TemplateProblem] = []
        self._ended = False

    @property
    def full(self) -> bool:
        """True when reading should end."""
        return self._ended or len(self._found) >= MAX_PROBLEMS

    def add(self, span: Span, sentence: str, *, last: bool = False) -> None:
        """Records a problem, unless there are enough; after the last one reading ends."""
        if not self.full:
            self._found.append(TemplateProblem(span, *position(self._source, span.start), sentence))
            self._ended = last

    def in_order(self) -> tuple[TemplateProblem, ...]:
        """Everything found, in the order of the source."""
        return tuple(sorted(self._found, key=lambda problem: (problem.span.start, problem.span.end)))
