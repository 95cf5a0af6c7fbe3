"""What stands between `{{` and `}}`? Frames that are open while a text is read, and the node each becomes."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from attrs import Factory, define

from campaign_core.content.computed import DATE, pattern_problem
from campaign_core.content.filters import filter_problem
from campaign_core.content.names import name_problem
from campaign_core.content.problems import Problems
from campaign_core.content.tree import (
    MAX_NESTED_BARS,
    Alternatives,
    DateToCome,
    Fallback,
    Node,
    Part,
    Span,
    Subject,
    Text,
    Variable,
)
from campaign_core.fields import field_name

#: How many options one choice may have.
MAX_OPTIONS: Final = 1000
#: How many days ahead a date may lie.
MAX_DAYS: Final = 3650

_DATE_FORM: Final = re.compile(rf"{DATE}\s+([0-9]+)\s+days?\s+from\s+now\s+(\S.*)", re.IGNORECASE | re.DOTALL)
_DATE_BEGUN: Final = re.compile(rf"\s*{DATE}\s+\S", re.IGNORECASE)


@define
class _Frame:
    """Braces that are open."""

    #: Where the opening braces stand.
    start: int
    #: Where the part that is being read begins.
    part_start: int
    parts: list[Part] = Factory(list)
    nodes: list[Node] = Factory(list)


class Braces:
    """The braces that are open at one place of a source, the innermost last."""

    def __init__(self, source: str, problems: Problems) -> None:
        self._source = source
        self._problems = problems
        self._frames: list[_Frame] = []
        self._too_deep = 0
        self._seen: Counter[str] = Counter()

    @property
    def are_open(self) -> bool:
        """True inside braces."""
        return bool(self._frames)

    @property
    def plain_name(self) -> bool:
        """True where nothing but text was read since the innermost braces opened."""
        frame = self._frames[-1]
        return not frame.parts and not self._too_deep and all(isinstance(node, Text) for node in frame.nodes)

    def put(self, node: Node) -> None:
        """Adds to the part that is being read."""
        if not self._too_deep:
            self._frames[-1].nodes.append(node)

    def open(self, start: int) -> None:
        """Opening braces at this place; a variable may stand one level deeper than bars."""
        if len(self._frames) > MAX_NESTED_BARS:
            self._too_deep += 1
            self._problems.add(Span(start, start + 2), _NESTED)
        else:
            self._frames.append(_Frame(start, start + 2))

    def bar(self, start: int) -> None:
        """A bar at this place ends a part."""
        if self._too_deep:
            return
        frame = self._frames[-1]
        if len(frame.parts) == MAX_OPTIONS - 1:
            self._problems.add(Span(start, start + 1), f"A choice has at most {MAX_OPTIONS:,} options.", last=True)
        self._end_part(frame, start)
        frame.part_start = start + 1

    def close(self, start: int) -> Node | None:
        """Closing braces at this place: the node that ended, None where it is no node."""
        if self._too_deep:
            self._too_deep -= 1
            return None
        frame = self._frames.pop()
        self._end_part(frame, start)
        span = Span(frame.start, start + 2)
        return self._single(span, frame.parts[0]) if len(frame.parts) == 1 else self._alternatives(span, frame.parts)

    def close_default(self, start: int, text: Span, end: int) -> Node | None:
        """A bar at `start` that begins `| default: "text"`, with the closing braces ending at `end`."""
        frame = self._frames.pop()
        self._end_part(frame, start)
        subject = self._single(Span(frame.start, end), frame.parts[0])
        if subject is None:
            return None
        literal = (Text(text, self._source[text.start : text.end]),) if text.start < text.end else ()
        return Fallback(Span(frame.start, end), subject, literal)

    def outermost(self) -> tuple[int, ...]:
        """Where each pair of braces that is still open begins, the outermost first."""
        return tuple(frame.start for frame in self._frames)

    def _end_part(self, frame: _Frame, end: int) -> None:
        frame.parts.append(Part(Span(frame.part_start, end), tuple(frame.nodes)))
        frame.nodes = []

    def _single(self, span: Span, part: Part) -> Subject | None:
        text = _plain(part)
        if text is None:
            self._problems.add(span, "Braces stand in one another only among options: {{Hi {{first_name}}|Hello}}.")
            return None
        subject = _subject(span, text)
        if isinstance(subject, str):
            self._problems.add(span, subject)
            return None
        return subject

    def _alternatives(self, span: Span, parts: list[Part]) -> Node | None:
        if len(self._frames) >= MAX_NESTED_BARS:
            self._problems.add(Span(span.start, span.start + 2), _NESTED)
        found = filter_problem([_beginning(part) for part in parts])
        if found:
            number, sentence = found
            self._problems.add(Span(parts[number].span.start - 1, parts[number].span.end), sentence)
            return None
        for part in parts:
            if part.nodes and isinstance(last := part.nodes[-1], Text) and _ends_with_brace(last):
                self._problems.add(
                    Span(part.span.end - 1, part.span.end), "Put a space after a single { that ends a text."
                )
        content = self._source[span.start + 2 : span.end - 2].replace("\r\n", "\n").replace("\r", "\n")
        occurrence = self._seen[content]
        self._seen[content] += 1
        return Alternatives(span, tuple(parts), self._first_of_two(span, parts), content, occurrence)

    def _first_of_two(self, span: Span, parts: list[Part]) -> Subject | None:
        text = _plain(parts[0]) if len(parts) == 2 else None
        if text is None:
            return None
        subject = _subject(Span(parts[0].span.start, parts[0].span.end), text)
        if not isinstance(subject, str):
            return subject
        if _DATE_BEGUN.match(text):
            self._problems.add(span, subject)
        return None


_NESTED: Final = f"Braces with bars stand in one another up to {MAX_NESTED_BARS} deep; take one level out."


def _plain(part: Part) -> str | None:
    """The text of a part that holds nothing else, None where it does."""
    texts = [node.text for node in part.nodes if isinstance(node, Text)]
    return "".join(texts) if len(texts) == len(part.nodes) else None


def _beginning(part: Part) -> str:
    return part.nodes[0].text if part.nodes and isinstance(part.nodes[0], Text) else ""


def _ends_with_brace(node: Text) -> bool:
    """True for text, not for an escape, that ends with a brace: the next character might make it two."""
    return node.text.endswith("{") and len(node.text) == node.span.end - node.span.start


def _subject(span: Span, text: str) -> Subject | str:
    """What a text between braces asks for, or why it asks for nothing."""
    if not _DATE_BEGUN.match(text):
        return name_problem(text) or Variable(span, field_name(text))
    form = _DATE_FORM.fullmatch(text.strip())
    if form is None:
        return "A date is written {{dn_date 2 days from now dddd, MMMM Do}}."
    if len(form[1]) > 9 or int(form[1]) > MAX_DAYS:
        return f"A date lies at most {MAX_DAYS} days ahead."
    if "{" in form[2] or "}" in form[2]:
        return "The pattern of a date holds no braces."
    problem = pattern_problem(form[2])
    return DateToCome(span, int(form[1]), form[2]) if problem is None else f"The pattern of a date {problem}."
