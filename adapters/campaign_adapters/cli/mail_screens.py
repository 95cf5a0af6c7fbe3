"""How are mails, and what there is to say about templates, drawn in a terminal?

A mail's text is set off by a margin, so that nobody takes it for words of the program. HTML source keeps its lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from campaign_adapters.cli.linting import Linted
from campaign_adapters.cli.mail_data import MOST_TOLD, Seen, fault_sentence, told
from campaign_adapters.cli.plain_text import folded, plain
from campaign_adapters.cli.screens import Drawing
from campaign_core import Mail, Preview, Problem
from campaign_core.campaign.mails import Written
from campaign_core.content.content_type import ContentType
from campaign_core.content.lint import Remark
from campaign_core.content.plain_text import plain_text
from campaign_core.content.tree import TemplateProblem
from campaign_core.sending.zones import zone

if TYPE_CHECKING:
    from rich.console import Console

_MARGIN: Final = "  "
#: The remark on a whole template, which is told below it.
_COMBINATIONS: Final = "combinations"
#: How many remarks on one template are told.
_REMARKS_TOLD: Final = 20


def mails(seen: Seen, *, as_html: bool) -> Drawing:
    """Each mail under a heading; with `as_html` the source of HTML parts in place of the text."""
    listed = seen.wordings()

    def draw(console: Console) -> None:
        if not seen.mails:
            console.print("The campaign has no e-mail content yet; `campaign variants ID FILE` brings it.")
            return
        _say(console, _circumstances(seen))
        for each in seen.mails:
            console.print()
            console.print(f"step {each.step_number}, variant {each.variant_name}", style="bold")
            if each.mail is None:
                for code in each.faults:
                    _say(console, fault_sentence(code))
            elif seen.listed is None:
                _draw_mail(console, each, each.mail, as_html=as_html)
            else:
                _draw_wordings(console, each, listed[each.sequence_id, each.variant_name], as_html=as_html)

    return draw


def _circumstances(seen: Seen) -> str:
    """For whom the mails are, and when they would go."""
    local = seen.at.astimezone(zone(seen.row.settings.timezone))
    when = f"as of {local:%a} {local.isoformat(' ', 'minutes')[:16]} {seen.row.settings.timezone}"
    if seen.made_up:
        return f"Mails to {seen.lead or 'somebody'} with the values given, {when}:"
    if seen.lead is None:
        return f"The campaign has no leads yet. Mails to somebody with an address and nothing else, {when}:"
    return f"Mails to {seen.lead}, {when}:"


def _draw_mail(console: Console, each: Preview, mail: Mail, *, as_html: bool) -> None:
    headers = {"From": mail.sender or "(no inbox assigned)", "To": mail.to, "Reply-To": mail.reply_to}
    for name, value in {**headers, "Subject": mail.subject}.items():
        if value is not None:
            _say(console, f"{name + ':':<10}{value}")
    console.print()
    if as_html and mail.html is not None:
        _draw_source(console, mail.html)
    else:
        _draw_text(console, mail.text)
    notes = [] if mail.html is None or as_html else ["HTML too (--html shows it)"]
    if each.wordings > 1:
        notes.append(f"{_number(each.wordings)} wordings (--all-combinations lists them)")
    if notes:
        console.print()
        _say(console, f"[{'; '.join(notes)}]")


def _draw_wordings(console: Console, each: Preview, listed: Sequence[Written], *, as_html: bool) -> None:
    count = "1 wording" if each.wordings == 1 else f"{_number(each.wordings)} wordings"
    _say(console, f"{count}:" if len(listed) == each.wordings else f"{count}, the first {len(listed):,}:")
    for place, text in enumerate(listed, 1):
        console.print()
        subject = "(stays in the thread)" if text.subject is None else text.subject
        _say(console, f"{place:,}. Subject: {subject}")
        if each.content_type is ContentType.PLAINTEXT:
            _draw_text(console, text.body)
        elif as_html:
            _draw_source(console, text.body)
        else:
            _draw_text(console, plain_text(text.body))


def _number(wordings: int) -> str:
    return f"more than {MOST_TOLD:,}" if told(wordings) is None else f"{wordings:,}"


def _draw_text(console: Console, text: str) -> None:
    """Text that is read, its lines folded where they do not fit."""
    for line in text.rstrip().split("\n"):
        _say(console, f"{_MARGIN}{line}" if line.strip() else "", hanging=0)


def _draw_source(console: Console, text: str) -> None:
    for line in text.rstrip().split("\n"):
        console.print(f"{_MARGIN}{plain(line.rstrip())}", soft_wrap=True)


def _say(console: Console, text: str, *, hanging: int = 2) -> None:
    """One line, folded between words where it does not fit."""
    console.print(folded(plain(text.rstrip()), console.width, hanging=hanging), soft_wrap=True)


def lint(found: Sequence[Linted], problems: Sequence[Problem]) -> Drawing:
    """Each template with its errors and remarks, under the line of source they are about."""

    def draw(console: Console) -> None:
        for each in found:
            console.print(plain(each.text.path), style="bold", soft_wrap=True)
            for error in each.errors:
                _draw_found(console, each.text.source, "error", error)
            remarks = [remark for remark in each.remarks if remark.code != _COMBINATIONS]
            for remark in remarks[:_REMARKS_TOLD]:
                _draw_found(console, each.text.source, "remark", remark)
            if len(remarks) > _REMARKS_TOLD:
                _say(console, f"{_MARGIN}and {len(remarks) - _REMARKS_TOLD:,} more remarks; --json lists them all.")
            for line in _summary(each):
                _say(console, f"{_MARGIN}{line}")
            console.print()
        for problem in problems:
            _say(console, f"{problem.path}: error: it {problem.sentence}.")
        _say(console, _verdict(found, problems))

    return draw


def _draw_found(console: Console, source: str, kind: str, found: TemplateProblem | Remark) -> None:
    _say(console, f"{_MARGIN}line {found.line}, column {found.column}: {kind}: {found.sentence}")
    for line in excerpt(source, found.span.start, console.width - 2 * len(_MARGIN) - 1):
        console.print(f"{_MARGIN}{_MARGIN}{line}", soft_wrap=True)


def excerpt(source: str, start: int, width: int) -> tuple[str, str]:
    """The line of source around a place, as much of it as fits, and below it a caret under the place."""
    from rich.cells import cell_len, set_cell_size

    end = source.find("\n", start)
    before = plain(source[max(source.rfind("\n", 0, start) + 1, start - width) : start])
    after = plain(source[start : min(len(source) if end < 0 else end, start + width)])
    while cell_len(before) > max(width // 2, width - cell_len(after)):
        before = before[1:]
    room = width - cell_len(before)
    shown = before + (after if cell_len(after) <= room else set_cell_size(after, room))
    return shown.rstrip(), f"{' ' * cell_len(before)}^"


def _summary(each: Linted) -> Iterator[str]:
    """How many texts the template becomes, and what it asks for."""
    if each.wordings is not None and each.wordings > 1:
        number = _number(each.wordings)
        yield f"Wordings: {number if number.startswith('more') else f'up to {number}'}."
    if each.variables:
        lacking = f"; no lead has {', '.join(each.lacking)}" if each.lacking else ""
        yield f"Variables: {', '.join(each.variables)}{lacking}."


def _verdict(found: Sequence[Linted], problems: Sequence[Problem]) -> str:
    errors = sum(len(each.errors) for each in found) + len(problems)
    remarks = sum(1 for each in found for remark in each.remarks if remark.code != _COMBINATIONS)
    return f"{_counted(errors, 'error')} and {_counted(remarks, 'remark')} in {_counted(len(found), 'text')}."


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
