"""What is wrong with a text, collected while it is read."""

from __future__ import annotations

from typing import Final

from campaign_core.content.tree import Span, TemplateProblem, positions

#: Reading ends when a text has this many problems: the rest would mostly follow from them.
MAX_PROBLEMS: Final = 20


class Problems:
    """The problems found so far in one source."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._found: list[tuple[Span, str]] = []
        self._ended = False

    @property
    def full(self) -> bool:
        """True when reading should end."""
        return self._ended or len(self._found) >= MAX_PROBLEMS

    def add(self, span: Span, sentence: str, *, last: bool = False) -> None:
        """Records a problem, unless there are enough; after the last one reading ends."""
        if not self.full:
            self._found.append((span, sentence))
            self._ended = last

    def in_order(self) -> tuple[TemplateProblem, ...]:
        """Everything found, in the order of the source."""
        if not self._found:
            return ()
        position = positions(self._source)
        ordered = sorted(self._found, key=lambda found: (found[0].start, found[0].end))
        return tuple(TemplateProblem(span, *position(span.start), sentence) for span, sentence in ordered)
