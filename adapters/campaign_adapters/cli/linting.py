"""What does the language of mails say about the texts of a file, before any campaign has them?

Everything that is told is the core's; here it is only gathered, text by text.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from uuid import UUID

from attrs import evolve, frozen

from campaign_adapters.cli.content_files import read_sequences, read_variants
from campaign_adapters.cli.data_file import decoded, read_data, read_text
from campaign_core import FollowUpVariant, Problem, UpdateCampaign
from campaign_core.checks import problems_in
from campaign_core.content.binding import as_fallback
from campaign_core.content.combinations import count_combinations
from campaign_core.content.computed import COMPUTED
from campaign_core.content.lint import Remark, lint
from campaign_core.content.mail import header_problem
from campaign_core.content.names import names_for
from campaign_core.content.parse import parse
from campaign_core.content.tree import (
    Alternatives,
    Fallback,
    Node,
    Span,
    Template,
    TemplateProblem,
    Text,
    Variable,
    every_test,
    positions,
    walk,
)

#: What stands for standard input.
STDIN: Final = "-"
_DATA: Final = (".json", ".yaml", ".yml")
_CONTENT: Final = "Text of a mail."
_NO_CAMPAIGN: Final = UUID(int=0)


@frozen
class SourceText:
    """One template of a file."""

    #: Where it stands: the file, or a path in it such as `$.variants[0].email_content`.
    path: str
    source: str
    is_subject: bool


@frozen
class LintFile:
    """The templates of a file, and what else would keep them from being saved."""

    texts: tuple[SourceText, ...]
    problems: tuple[Problem, ...]


@frozen
class Fields:
    """What is known of the fields that leads have."""

    #: The declared names, as `field_name` normalises them.
    declared: frozenset[str] = frozenset()
    #: True where they are all there are.
    complete: bool = False


@frozen
class Linted:
    """What there is to say about one template."""

    text: SourceText
    errors: tuple[TemplateProblem, ...]
    remarks: tuple[Remark, ...]
    #: How many texts it can become, for whichever lead; None while it has errors.
    wordings: int | None
    #: The fields it asks for as it is read now, sorted; none while it has errors.
    variables: tuple[str, ...]
    #: Those of them that no lead has; None where the fields are not known.
    lacking: tuple[str, ...] | None


def read_lint_file(path: str, *, subject: bool) -> LintFile:
    """The templates of a file: those of variants or follow-ups where it is YAML or JSON, else the whole file as one.

    Args:
        path: where it is; `-` is standard input, and always one template.
        subject: one template is that of a subject, not of a body.

    Raises:
        InvalidMessage: it cannot be read, or holds something else.
    """
    if path.lower().endswith(_DATA):
        return _content(path)
    source = decoded("standard input", sys.stdin.buffer.read) if path == STDIN else read_text(path)
    name = "standard input" if path == STDIN else path
    if subject:
        source = source.rstrip("\r\n")
        variant = FollowUpVariant(subject_template=source, email_content=_CONTENT)
    else:
        variant = FollowUpVariant(email_content=source)
    problems = [evolve(each, path=name) for each in problems_in(variant)]
    return LintFile((SourceText(name, source, subject),), tuple(problems))


def _content(path: str) -> LintFile:
    """The texts of a file of variants or follow-ups."""
    data = read_data(path)
    if _is_sequences(data):
        held = read_sequences(path)
        update = UpdateCampaign(_NO_CAMPAIGN, sequences=held.sequences, sequence_edits=held.sequence_edits)
        groups: dict[str, Iterable[FollowUpVariant]] = {}
        for place, follow_up in enumerate(held.sequences or ()):
            groups[f"$.sequences[{place}].variants"] = follow_up.variants
        for place, edit in enumerate(held.sequence_edits or ()):
            groups[f"$.sequence_edits[{place}].variants"] = edit.variants or ()
        return LintFile(tuple(_texts(groups)), tuple(problems_in(update)))
    variants = read_variants(path)
    problems = problems_in(UpdateCampaign(_NO_CAMPAIGN, variants=variants))
    return LintFile(tuple(_texts({"$.variants": variants})), tuple(problems))


def _is_sequences(data: object) -> bool:
    """Whether plain data looks like follow-ups or edits of them, and not like variants."""
    if isinstance(data, dict):
        return "sequences" in data or "sequence_edits" in data
    return isinstance(data, list) and any(isinstance(each, dict) and "step_number" in each for each in data)


def _texts(groups: Mapping[str, Iterable[FollowUpVariant]]) -> Iterator[SourceText]:
    for path, variants in groups.items():
        for place, variant in enumerate(variants):
            for name, source in variant.row.items():
                yield SourceText(f"{path}[{place}].{name}", source, name == "subject_template")


def linted(text: SourceText, fields: Fields) -> Linted:
    """What there is to say about one template."""
    template = parse(text.source)
    errors = template.problems or (tuple(_line_breaks(template)) if text.is_subject else ())
    remarks = lint(template, fields.declared)
    names = () if template.problems else tuple(sorted(_asked(template, fields.declared)))
    return Linted(
        text=text,
        errors=errors,
        remarks=tuple(each for each in remarks if fields.complete or each.code != "unknown_variable"),
        wordings=None if template.problems else count_combinations(template, fields.declared),
        variables=names,
        lacking=tuple(_lacking(names, fields.declared)) if fields.complete else None,
    )


def _asked(template: Template, declared: frozenset[str]) -> set[str]:
    """The fields that a template asks for: in braces, as what a fallback stands in for, and in conditions."""
    names = {name for test in every_test(template.nodes) for name in test.names}
    for node in walk(template.nodes):
        asked: Node | None = as_fallback(node, declared) if isinstance(node, Alternatives) else node
        subject = asked.subject if isinstance(asked, Fallback) else asked
        if isinstance(subject, Variable):
            names.add(subject.name)
    return names - COMPUTED


def _lacking(names: Iterable[str], declared: frozenset[str]) -> Iterator[str]:
    return (name for name in names if not any(each in declared for each in names_for(name)))


def _line_breaks(template: Template) -> Iterator[TemplateProblem]:
    """Where a subject would have a line break or another control character: such a mail never goes."""
    source, position = template.source, positions(template.source)
    first, last = len(source) - len(source.lstrip()), len(source.rstrip())
    for node in walk(template.nodes):
        if not isinstance(node, Text):
            continue
        for place in range(max(node.span.start, first), min(node.span.end, last)):
            problem = header_problem(source[place])
            if problem is not None:
                sentence = "A subject is one line without control characters; a mail with this one could not go."
                yield TemplateProblem(Span(place, place + 1), *position(place), sentence)


def other_problems(file: LintFile, found: Iterable[Linted]) -> tuple[Problem, ...]:
    """What would keep the file from being saved, apart from the errors of templates, which have places of their own."""
    told = {each.text.path for each in found if each.errors}
    return tuple(each for each in file.problems if each.path not in told)
