"""How do mails and templates look as data, under `--json`?

A number of wordings can have thousands of digits, which no program reads: above a million million it is null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from campaign_adapters.cli.linting import Linted
from campaign_core import CampaignRow, Mail, Preview, Problem
from campaign_core.campaign.mails import BLANK_CONTENT, BLANK_SUBJECT, LINE_BREAK, StepMail, Written
from campaign_core.content.lint import Remark
from campaign_core.content.tree import TemplateProblem
from campaign_core.conversion import unstructure

#: Above this a number of wordings is not told.
MOST_TOLD: Final = 10**12
#: Code of what keeps a mail from going to what it means for the lead that is looked at.
FAULTS: Final = {
    BLANK_SUBJECT: "with these values its subject would be blank",
    BLANK_CONTENT: "with these values it would have nothing to read",
    LINE_BREAK: "with these values its subject would have a line break or another control character",
}
#: What tells the mails of a campaign from one another.
Place = tuple[UUID | None, str]


class Seen(NamedTuple):
    """The mails that were looked at."""

    row: CampaignRow
    mails: Sequence[Preview]
    #: The first wordings of each mail; None where they were not asked for.
    listed: Sequence[tuple[StepMail, list[Written]]] | None
    #: When they would be sent.
    at: datetime
    #: Whether values were tried in place of a lead's.
    made_up: bool
    #: The address of the lead they would go to; None where there is no lead.
    lead: str | None

    def wordings(self) -> Mapping[Place, Sequence[Written]]:
        """The wordings that were listed, by the mail they belong to."""
        return {(mail.sequence_id, mail.variant_name): texts for mail, texts in self.listed or ()}


def preview_data(seen: Seen) -> dict[str, Any]:
    """The mails as they would go to one lead."""
    listed = None if seen.listed is None else seen.wordings()
    return {
        "campaign_id": str(seen.row.campaign_id),
        "at": unstructure(seen.at),
        "mails": [_preview(each, listed) for each in seen.mails],
    }


def _preview(each: Preview, listed: Mapping[Place, Sequence[Written]] | None) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "step_number": each.step_number,
        "sequence_id": None if each.sequence_id is None else str(each.sequence_id),
        "variant_name": each.variant_name,
        "content_type": each.content_type.value,
        "lead_id": None if each.lead_id is None else str(each.lead_id),
        "faults": [{"code": code, "sentence": fault_sentence(code)} for code in each.faults],
        "wordings": told(each.wordings),
        "mail": None if each.mail is None else _mail(each.mail),
    }
    if listed is not None:
        texts = listed.get((each.sequence_id, each.variant_name), ())
        plain["combinations"] = [{"subject": text.subject, "body": text.body} for text in texts]
    return plain


def _mail(mail: Mail) -> dict[str, Any]:
    return {
        "from": mail.sender or None,
        "to": mail.to,
        "reply_to": mail.reply_to,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
    }


def fault_sentence(code: str) -> str:
    """Why a mail cannot go."""
    return f"This mail cannot go: {FAULTS[code]}."


def lint_data(found: Sequence[Linted], problems: Sequence[Problem]) -> dict[str, Any]:
    """What there is to say about templates, and what else would keep them from being saved."""
    return {
        "errors": sum(len(each.errors) for each in found) + len(problems),
        "remarks": sum(len(each.remarks) for each in found),
        "texts": [
            {
                "path": each.text.path,
                "errors": [_placed(error) for error in each.errors],
                "remarks": [{"code": remark.code, **_placed(remark)} for remark in each.remarks],
                "wordings": None if each.wordings is None else told(each.wordings),
                "variables": list(each.variables),
                "lacking": None if each.lacking is None else list(each.lacking),
            }
            for each in found
        ],
        "problems": [{"path": each.path, "sentence": each.sentence} for each in problems],
    }


def _placed(found: TemplateProblem | Remark) -> dict[str, Any]:
    return {
        "line": found.line,
        "column": found.column,
        "start": found.span.start,
        "end": found.span.end,
        "sentence": found.sentence,
    }


def told(wordings: int) -> int | None:
    """A number of wordings; None where it is too large to be told."""
    return wordings if wordings <= MOST_TOLD else None
