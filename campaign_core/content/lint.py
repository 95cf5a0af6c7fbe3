"""What should the author of a template know that is not wrong? Remarks with their place; nothing here refuses a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from attrs import frozen

from campaign_core.content.asking import present_when
from campaign_core.content.binding import as_fallback, sound_nodes
from campaign_core.content.combinations import count_combinations
from campaign_core.content.computed import COMPUTED
from campaign_core.content.names import is_known, name_problem, names_for
from campaign_core.content.tree import (
    Alternatives,
    Branch,
    Condition,
    DateToCome,
    Fallback,
    Node,
    Part,
    Span,
    Subject,
    Template,
    Text,
    Variable,
    every_test,
    positions,
    walk,
)
from campaign_core.fields import field_name

#: Above this a number of combinations is not told exactly: it may have thousands of digits.
_MOST_TOLD: Final = 10**12
_SINGLE_BRACES: Final = re.compile(r"\{([^{}|\n]+)\}")
_STRAY: Final = re.compile(r"\}\}|%\}")


@frozen
class Remark:
    """Something about a template that its author may not expect."""

    #: A stable word for programs: `fallback`, `spintax`, `fallback_never_used`, `unknown_variable`, `option_is_field`,
    #: `single_braces`, `stray_closing` or `combinations`.
    code: str
    span: Span
    #: From 1.
    line: int
    #: In code points, from 1.
    column: int
    sentence: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.sentence}"


def lint(template: Template, known: frozenset[str]) -> tuple[Remark, ...]:
    """Every remark on a template, in the order of the source; none while it has problems.

    Args:
        template: what was parsed.
        known: the declared field names, normalised; standard and computed ones are always known.
    """
    if template.problems:
        return ()
    found = [
        *_of_nodes(template, known),
        *_of_conditions(template, known),
        *_of_texts(template, known),
        *_of_combinations(template, known),
    ]
    found.sort(key=lambda each: (each[1].start, each[1].end))
    position = positions(template.source)
    return tuple(Remark(code, span, *position(span.start), says) for code, span, says in found)


def required(template: Template, known: frozenset[str]) -> frozenset[str]:
    """The fields that are put out somewhere without a fallback and without a condition that makes sure of a value.

    A lead that lacks one gets a mail with a gap; `names.value_of` says whether it does.

    Raises:
        MisuseError: the template has problems.
    """
    return frozenset(_required(sound_nodes(template), known, frozenset()))


def depends_on_time(template: Template) -> bool:
    """True where a condition asks for a computed variable, so that the moment of sending decides what is said."""
    return any(test.names & COMPUTED for test in every_test(template.nodes))


#: A remark before its place is counted: code, span, sentence.
_Found = tuple[str, Span, str]


def _of_nodes(template: Template, known: frozenset[str]) -> Iterator[_Found]:
    for node in walk(template.nodes):
        if isinstance(node, Variable):
            yield from _of_subject(node, known)
        elif isinstance(node, Fallback):
            yield from _of_fallback(node, known)
        elif isinstance(node, Alternatives):
            fallback = as_fallback(node, known)
            if fallback is None:
                yield from _of_spintax(node, known)
            else:
                yield "fallback", node.span, _reading(fallback.subject)
                yield from _of_fallback(fallback, known)


def _reading(subject: Subject) -> str:
    name = subject.name if isinstance(subject, Variable) else "the date"
    return (
        f"This is a fallback: the text after the bar stands in where there is no {name}. "
        f"With a third part{'' if _always(subject) else f', or if no field were called {name},'} it would be a choice of texts."
    )


def _always(subject: Subject) -> bool:
    """True for a subject that is known whatever the leads declare."""
    return isinstance(subject, DateToCome) or is_known(subject.name, frozenset())


def _of_fallback(node: Fallback, known: frozenset[str]) -> Iterator[_Found]:
    yield from _of_subject(node.subject, known)
    if isinstance(node.subject, DateToCome) or node.subject.name in COMPUTED:
        yield "fallback_never_used", node.span, "This always has a value; the text in its place is never used."


def _of_subject(subject: Subject, known: frozenset[str]) -> Iterator[_Found]:
    if isinstance(subject, Variable) and not is_known(subject.name, known):
        yield "unknown_variable", subject.span, _unknown(subject.name)


def _unknown(name: str) -> str:
    return f"No lead has a field called {name}; it is blank in every mail."


def _of_spintax(node: Alternatives, known: frozenset[str]) -> Iterator[_Found]:
    sentence = f"This is a choice of {len(node.parts):,} texts."
    if isinstance(node.subject, Variable):
        sentence += f" If a field were called {node.subject.name}, it would be a fallback for that field."
    yield "spintax", node.span, sentence
    for part in node.parts:
        name = _name_of(part)
        if name is not None and is_known(name, known):
            yield (
                "option_is_field",
                part.span,
                f"This option is the word {name}, not the field; for its value write {{{{{name}}}}}.",
            )


def _name_of(part: Part) -> str | None:
    """The name an option could be meant as."""
    if len(part.nodes) != 1 or not isinstance(part.nodes[0], Text):
        return None
    text = part.nodes[0].text
    return None if name_problem(text) else field_name(text)


def _of_conditions(template: Template, known: frozenset[str]) -> Iterator[_Found]:
    for test in every_test(template.nodes):
        for each in test.mentions:
            if not is_known(each.name, known):
                yield "unknown_variable", each.span, _unknown(each.name)


def _of_texts(template: Template, known: frozenset[str]) -> Iterator[_Found]:
    """Remarks on plain text. What closes an escaped opening is meant: `\\{{name}}` puts out braces."""
    escaped_openings = {"}}": 0, "%}": 0}
    for node in walk(template.nodes):
        if not isinstance(node, Text):
            continue
        if len(node.text) != node.span.end - node.span.start:
            if node.text in ("{{", "{%"):
                escaped_openings["}}" if node.text == "{{" else "%}"] += 1
            continue
        start = node.span.start
        for found in _SINGLE_BRACES.finditer(node.text):
            if is_known(name := field_name(found[1]), known):
                yield (
                    "single_braces",
                    Span(start + found.start(), start + found.end()),
                    f"This is put out as it stands; for the field write {{{{{name}}}}}.",
                )
        for found in _STRAY.finditer(node.text):
            if escaped_openings[found[0]]:
                escaped_openings[found[0]] -= 1
                continue
            sentence = f"This {found[0]} closes nothing and is put out as it stands."
            yield "stray_closing", Span(start + found.start(), start + found.end()), sentence


def _of_combinations(template: Template, known: frozenset[str]) -> Iterator[_Found]:
    count = count_combinations(template, known)
    if count > 1:
        told = f"up to {count:,}" if count <= _MOST_TOLD else f"more than {_MOST_TOLD:,}"
        yield "combinations", Span(0, len(template.source)), f"The template can become {told} texts."


def _required(nodes: Iterable[Node], known: frozenset[str], sure: frozenset[str]) -> Iterator[str]:
    """`sure` are the names that have a value wherever these nodes are put out."""
    for node in nodes:
        fallback = as_fallback(node, known) if isinstance(node, Alternatives) else None
        match fallback or node:
            case Variable(name=name):
                if not _certain(name, sure):
                    yield name
            case Fallback(nodes=inner, subject=subject):
                if isinstance(subject, Variable) and not _certain(subject.name, sure):
                    yield from _required(inner, known, sure)
            case Alternatives(parts=parts):
                for part in parts:
                    yield from _required(part.nodes, known, sure)
            case Condition(branches=branches):
                yield from _required_in(branches, known, sure)
            case _:
                pass


def _certain(name: str, sure: frozenset[str]) -> bool:
    return name in COMPUTED or any(each in sure for each in names_for(name))


def _required_in(branches: Iterable[Branch], known: frozenset[str], sure: frozenset[str]) -> Iterator[str]:
    for branch in branches:
        inside = sure if branch.test is None else sure | present_when(branch.test, True)
        yield from _required(branch.nodes, known, inside)
        if branch.test is not None:
            sure |= present_when(branch.test, False)
