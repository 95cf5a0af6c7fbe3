"""How does a template become text fast? By a function of Python, written and compiled once for each template.

The written source holds only names made here, calls of them, and literals made by `ascii`; the text of a template enters
it as such a literal or not at all. Each condition and each choice between parts that vary is a function of its own, so
that the written source is nowhere nested deeply, whatever the template is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Final, TypeAlias, cast

from campaign_core.content.asking import OPERATORS, fixed
from campaign_core.content.binding import as_fallback, sound_nodes
from campaign_core.content.choices import choose, message_of
from campaign_core.content.computed import COMPUTED, computed, date_text
from campaign_core.content.names import names_for
from campaign_core.content.tree import (
    Alternatives,
    Comparison,
    Condition,
    DateToCome,
    Fallback,
    Name,
    Node,
    Number,
    Operand,
    Present,
    Subject,
    Template,
    Test,
    Text,
    Variable,
)

#: Renders one mail: the lead's values by normalised name, the local time of sending, and `choices.mail_key`.
Rendering: TypeAlias = Callable[[Mapping[str, str], datetime, bytes], str]

_SPECIAL: Final = re.compile(r"[&<>\"']").search


def compile_template(template: Template, known: frozenset[str], *, escapes: bool) -> Rendering:
    """The rendering of a template.

    Args:
        template: one without problems.
        known: the declared field names, normalised; they decide which `{{a|b}}` are fallbacks.
        escapes: True where values are put into HTML. What the template itself says is never escaped.

    Raises:
        MisuseError: the template has problems.
    """
    return _Writer(known, escapes=escapes).rendering(sound_nodes(template))


def escaped(value: str) -> str:
    """A value as text of HTML, fit for attributes too."""
    return escape(value) if _SPECIAL(value) else value


class _Writer:
    """Writes the source of one rendering and collects the objects it names.

    `used` is everywhere the variables, of Python, that the written text needs.
    """

    def __init__(self, known: frozenset[str], *, escapes: bool) -> None:
        self._known = known
        self._escapes = escapes
        self._functions: list[str] = []
        #: The variable that holds the value of each field.
        self._fields: dict[str, str] = {}
        self._objects: dict[str, object] = {
            "__builtins__": {},
            "choose": choose,
            "computed": computed,
            "date_text": date_text,
            "escaped": escaped,
        }

    def rendering(self, nodes: Sequence[Node]) -> Rendering:
        """The function that renders these nodes."""
        used: set[str] = set()
        result = self._sequence(nodes, used)
        lines = ["def render(values, moment, key):", " get = values.get"]
        for name, variable in self._fields.items():
            first, *others = names_for(name)
            lines += [f" {variable} = get({first!a}, '')", f" if {variable}.isspace(): {variable} = ''"]
            for other in others:
                lines += [
                    f" {variable} = {variable} or get({other!a}, '')",
                    f" if {variable}.isspace(): {variable} = ''",
                ]
            if _shown(variable) in used:
                lines.append(f" {_shown(variable)} = {variable} if {variable}.isalnum() else escaped({variable})")
        source = "\n".join([*self._functions, *lines, f" return {result}"])
        exec(compile(source, "<template>", "exec"), self._objects)  # what stands in it: see the top of this file
        return cast(Rendering, self._objects["render"])

    def _sequence(self, nodes: Sequence[Node], used: set[str]) -> str:
        """An expression for the text of these nodes."""
        written: list[str] = []
        text = ""
        for node in nodes:
            if isinstance(node, Text):
                text += node.text
                continue
            if text:
                written.append(ascii(text))
                text = ""
            written.append(f"f'{{{self._piece(node, used)}}}'")
        return " ".join([*written, ascii(text)] if text or not written else written)

    def _piece(self, node: Node, used: set[str]) -> str:
        """An expression for one node's text, without quotes, braces or backslashes: it goes into an f-string."""
        match node:
            case Variable() | DateToCome():
                return self._subject(node, used)
            case Fallback():
                return self._fallback(node, used)
            case Alternatives():
                fallback = as_fallback(node, self._known)
                return self._spintax(node, used) if fallback is None else self._fallback(fallback, used)
            case Condition():
                return self._condition(node, used)
            case Text(text=text):
                return self._object(text)

    def _subject(self, node: Subject, used: set[str]) -> str:
        if isinstance(node, DateToCome):
            return f"date_text(moment, {node.days}, {self._object(node.pattern)})"
        if node.name in COMPUTED:
            return f"computed({self._object(node.name)}, moment)"
        variable = self._field(node.name, used)
        if not self._escapes:
            return variable
        used.add(_shown(variable))
        return _shown(variable)

    def _fallback(self, node: Fallback, used: set[str]) -> str:
        subject = self._subject(node.subject, used)
        if isinstance(node.subject, DateToCome) or node.subject.name in COMPUTED:
            return subject
        return f"{subject} or {self._alone(node.nodes, used)}"

    def _alone(self, nodes: Sequence[Node], used: set[str]) -> str:
        """An expression, fit for an f-string, for the text of several nodes."""
        if (text := _constant(nodes)) is not None:
            return self._object(text)
        if len(nodes) == 1:
            return self._piece(nodes[0], used)
        needed: set[str] = set()
        return self._function([f" return {self._sequence(nodes, needed)}"], needed, used)

    def _spintax(self, node: Alternatives, used: set[str]) -> str:
        number = f"choose({self._object(message_of(node.content, node.occurrence))}, key, {len(node.parts)})"
        texts = [_constant(part.nodes) for part in node.parts]
        if None not in texts:
            return f"{self._object(tuple(texts))}[{number}]"
        needed: set[str] = set()
        lines = [f" number = {number}"]
        lines += [
            f" if number == {at}: return {self._sequence(part.nodes, needed)}" for at, part in enumerate(node.parts)
        ]
        return self._function(lines, needed, used)

    def _condition(self, node: Condition, used: set[str]) -> str:
        needed: set[str] = set()
        lines = []
        for branch in node.branches:
            asks = "" if branch.test is None else f"if {self._test(branch.test, needed)}: "
            lines.append(f" {asks}return {self._sequence(branch.nodes, needed)}")
        return self._function([*lines, " return ''"], needed, used)

    def _test(self, test: Test, used: set[str]) -> str:
        *others, written = [self._ask(ask, used) for ask in test.asks]
        for ask, joint in zip(reversed(others), reversed(test.joints), strict=True):
            written = f"{ask} {joint} ({written})"
        return f"not ({written})" if test.negated else written

    def _ask(self, ask: Present | Comparison, used: set[str]) -> str:
        if isinstance(ask, Present):
            return self._value(ask.name, used)
        left, right = (self._asked(each, ask.operator, used) for each in (ask.left, ask.right))
        if ask.operator in ("==", "!=") and not isinstance(ask.left, Number) and not isinstance(ask.right, Number):
            return f"{left} {ask.operator} {right}"  # what `equal` says of texts, without the call
        return f"{self._object(OPERATORS[ask.operator])}({left}, {right})"

    def _asked(self, operand: Operand, operator: str, used: set[str]) -> str:
        if not isinstance(operand, Name):
            return self._object(fixed(operand, operator))
        return self._value(operand.name, used)

    def _value(self, name: str, used: set[str]) -> str:
        """An expression for a value as conditions see it."""
        return f"computed({self._object(name)}, moment)" if name in COMPUTED else self._field(name, used)

    def _field(self, name: str, used: set[str]) -> str:
        variable = self._fields.setdefault(name, f"v{len(self._fields)}")
        used.add(variable)
        return variable

    def _object(self, value: object) -> str:
        """A name for a value that is the same in every mail."""
        name = f"k{len(self._objects)}"
        self._objects[name] = value
        return name

    def _function(self, lines: Sequence[str], needed: set[str], used: set[str]) -> str:
        """Defines a function of these lines; answers its call, and adds what it needs to what is used."""
        used |= needed
        call = f"f{len(self._functions)}({', '.join(['moment', 'key', *sorted(needed)])})"
        self._functions.append("\n".join([f"def {call}:", *lines]))
        return call


def _shown(variable: str) -> str:
    """The variable that holds a value as it is put out, where that is escaped."""
    return f"e{variable}"


def _constant(nodes: Sequence[Node]) -> str | None:
    """The text of nodes that are nothing but text; None where they are more."""
    texts = [node.text for node in nodes if isinstance(node, Text)]
    return "".join(texts) if len(texts) == len(nodes) else None
