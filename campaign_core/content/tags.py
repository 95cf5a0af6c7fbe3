"""What do `{% if %}` and its like enclose? The conditions that are open while a text is read."""

from __future__ import annotations

import re
from typing import Final

from attrs import Factory, define

from campaign_core.content.conditions import ConditionProblem, parse_test
from campaign_core.content.problems import Problems
from campaign_core.content.tree import Branch, Condition, Node, Span, Test

#: How deep conditions may stand in one another; the outermost is 1.
MAX_NESTED_CONDITIONS: Final = 20

_WORD: Final = re.compile(r"\s*(\S+)\s*")
_OPENING: Final = {"if": "endif", "unless": "endunless"}
_INSTEAD: Final = {"elseif": "elsif", "elif": "elsif", "end": "endif", "end_if": "endif"}


@define
class _Block:
    """A condition that is open."""

    word: str
    opening: Span
    branch_start: int
    #: None in `else`.
    test: Test | None
    branches: list[Branch] = Factory(list)
    nodes: list[Node] = Factory(list)
    has_else: bool = False


class Tags:
    """The conditions that are open at one place of a source, the innermost last, and what was read outside of all."""

    def __init__(self, source: str, problems: Problems) -> None:
        self._source = source
        self._problems = problems
        self._blocks: list[_Block] = []
        self.nodes: list[Node] = []
        self.names: set[str] = set()

    def put(self, node: Node) -> None:
        """Adds to the branch that is being read."""
        (self._blocks[-1].nodes if self._blocks else self.nodes).append(node)

    def tag(self, span: Span) -> None:
        """Takes in one whole tag, `{%` and `%}` included."""
        inside = Span(span.start + 2, span.end - 2)
        found = _WORD.match(self._source, inside.start, inside.end)
        word = found[1] if found else ""
        rest = Span(found.end() if found else inside.end, inside.end)
        if word.startswith("-") or self._source[inside.end - 1 : inside.end] == "-":
            self._problems.add(span, "Tags do not trim white space; write {% and %} without a minus.")
        elif word in _OPENING:
            self._open(word, span, rest)
        elif word in _OPENING.values():
            self._close(word, span, rest)
        elif word in ("elsif", "else"):
            self._branch(word, span, rest)
        elif word in _INSTEAD:
            self._problems.add(span, f"There is no tag {word}; write {{% {_INSTEAD[word]} %}}.")
        else:
            self._problems.add(span, _UNKNOWN)

    def report_open(self) -> None:
        """Every condition that is still open is a problem at its first tag."""
        for block in self._blocks:
            self._problems.add(
                block.opening, f"This {block.word} is never closed; write {{% {_OPENING[block.word]} %}}."
            )

    def _open(self, word: str, span: Span, rest: Span) -> None:
        if len(self._blocks) >= MAX_NESTED_CONDITIONS:
            self._problems.add(span, f"Conditions stand in one another up to {MAX_NESTED_CONDITIONS} deep.")
        test = self._test(word, span, rest)
        self._blocks.append(_Block(word, span, span.end, test))

    def _close(self, word: str, span: Span, rest: Span) -> None:
        if not self._blocks:
            self._problems.add(span, f"This {word} closes nothing; there is no condition open.")
            return
        if rest.start < rest.end:
            self._problems.add(rest, f"Nothing stands after {word}.")
        block = self._blocks.pop()
        if _OPENING[block.word] != word:
            self._problems.add(
                span, f"The condition that is open here began with {block.word}; close it with {_OPENING[block.word]}."
            )
        self._end_branch(block, span)
        self.put(Condition(Span(block.opening.start, span.end), tuple(block.branches)))

    def _branch(self, word: str, span: Span, rest: Span) -> None:
        if not self._blocks:
            self._problems.add(span, f"This {word} belongs to nothing; there is no condition open.")
            return
        block = self._blocks[-1]
        if block.has_else:
            self._problems.add(span, f"There is no {word} after else.")
        self._end_branch(block, span)
        block.branch_start = span.end
        if word == "elsif":
            block.test = self._test(word, span, rest)
            return
        block.test, block.has_else = None, True
        if rest.start < rest.end:
            after = self._source[rest.start : rest.start + 3].strip()
            sentence = "Another condition is written {% elsif %}." if after == "if" else "Nothing stands after else."
            self._problems.add(span, sentence)

    def _end_branch(self, block: _Block, tag: Span) -> None:
        block.branches.append(Branch(Span(block.branch_start, tag.start), block.test, tuple(block.nodes)))
        block.nodes = []

    def _test(self, word: str, span: Span, rest: Span) -> Test | None:
        if rest.start == rest.end:
            self._problems.add(span, f'Write what {word} asks: {{% {word} city == "Porto" %}}.')
            return None
        try:
            test = parse_test(self._source, rest, negated=word == "unless")
        except ConditionProblem as problem:
            self._problems.add(problem.span, str(problem))
            return None
        self.names |= test.names
        return test


_UNKNOWN: Final = "There are no tags but if, elsif, else, endif, unless and endunless."
