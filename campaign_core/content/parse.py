"""What does a text say as a template? One pass from left to right, on explicit stacks; it takes any text.

Each place of the source is looked at a bounded number of times: the patterns below stop where the next token could
begin, nesting is bounded, and reading ends when enough problems are found.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from campaign_core.content.braces import Braces
from campaign_core.content.computed import COMPUTED
from campaign_core.content.problems import Problems
from campaign_core.content.tags import Tags
from campaign_core.content.tree import Alternatives, Fallback, Node, Span, Template, Text, Variable

_OUTSIDE: Final = re.compile(r"\\?\{[{%]")
_INSIDE: Final = re.compile(r"\\(?:\{[{%]|\}\}|\|)|\{[{%]|\}\}|\|")
#: A whole tag. It ends before another could begin, so that text with many openings and no end is read once.
_TAG: Final = re.compile(r"\{%(?:[^%{]++|%(?!\})|\{(?!%))*+%\}")
#: A default in quotes up to the closing braces. The text ends at the first quote, for the same reason.
_DEFAULT: Final = re.compile(r"""\|\s*+default\s*+:\s*+(?:"([^"{}]*)"|'([^'{}]*)')\s*+\}\}""")


@lru_cache(maxsize=64)
def parse(source: str) -> Template:
    """Reads a text as a template. It never raises: what is wrong stands in the template's `problems`.

    The cost grows with the length of the text and with nothing else.
    """
    return _Reader(source).read()


class _Reader:
    """One pass over one source."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._problems = Problems(source)
        self._braces = Braces(source, self._problems)
        self._tags = Tags(source, self._problems)
        self._names: set[str] = set()

    def read(self) -> Template:
        """The whole source."""
        place, end = 0, len(self._source)
        while place < end and not self._problems.full:
            found = (_INSIDE if self._braces.are_open else _OUTSIDE).search(self._source, place)
            if found is None:
                self._text(place, end)
                break
            self._text(place, found.start())
            place = self._token(found[0], found.start())
        for start in self._braces.outermost():
            self._problems.add(Span(start, start + 2), "These braces are never closed; write }} where they end.")
        self._tags.report_open()
        names = frozenset(self._names | self._tags.names) - COMPUTED
        return Template(self._source, tuple(self._tags.nodes), self._problems.in_order(), names)

    def _token(self, token: str, start: int) -> int:
        """Takes in the token that begins here; answers where reading goes on."""
        end = start + len(token)
        if token[0] == "\\":
            self._put(Text(Span(start, end), token[1:]))
        elif token == "{%":
            return self._tag(start)
        elif token == "{{":
            self._braces.open(start)
        elif token == "}}":
            self._put(self._braces.close(start))
        else:
            return self._bar(start)
        return end

    def _bar(self, start: int) -> int:
        default = _DEFAULT.match(self._source, start) if self._braces.plain_name else None
        if default is None:
            self._braces.bar(start)
            return start + 1
        text = Span(*default.span(default.lastindex or 0))
        self._put(self._braces.close_default(start, text, default.end()))
        return default.end()

    def _tag(self, start: int) -> int:
        found = _TAG.match(self._source, start)
        if found is None:
            self._problems.add(Span(start, start + 2), "This tag is never closed; write %} where it ends.")
            return start + 2
        if self._braces.are_open:
            self._problems.add(Span(*found.span()), "A tag cannot stand between {{ and }}; close the braces first.")
        else:
            self._tags.tag(Span(*found.span()))
        return found.end()

    def _text(self, start: int, end: int) -> None:
        if start < end:
            self._put(Text(Span(start, end), self._source[start:end]))

    def _put(self, node: Node | None) -> None:
        if node is None:
            return
        asked = node.subject if isinstance(node, Alternatives | Fallback) else node
        if isinstance(asked, Variable):
            self._names.add(asked.name)
        (self._braces if self._braces.are_open else self._tags).put(node)
