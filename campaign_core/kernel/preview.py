"""What a lead would receive, exactly, before anything is sent: each mail composed as it would go now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import Final
from uuid import UUID

from attrs import frozen

from campaign_core.campaign.mails import CampaignMails, StepMail, Written, composed, local_time
from campaign_core.campaign.state import CampaignState
from campaign_core.content.content_type import ContentType
from campaign_core.content.mail import Mail, reply_subject
from campaign_core.errors import InvalidMessage, Problem, UnknownLead
from campaign_core.fields import EMAIL, field_name
from campaign_core.inbox.lifecycle import can_send
from campaign_core.kernel.campaign_leads import CampaignLeads
from campaign_core.kernel.preflight import bound_mails
from campaign_core.recorded import Row
from campaign_core.views.inboxes import INBOXES

#: Who a mail goes to where the campaign has no lead yet and none was made up. Source: RFC 2606, section 3.
NOBODY: Final = "lead@example.com"


@frozen(kw_only=True)
class Preview:
    """One mail to one lead."""

    #: 1 for the first mail.
    step_number: int
    #: The follow-up it belongs to; None for the first mail.
    sequence_id: UUID | None
    variant_name: str
    content_type: ContentType
    #: The lead it is for; None where its values were made up.
    lead_id: UUID | None
    #: Codes of what keeps it from going; empty for a mail that can.
    faults: tuple[str, ...]
    #: The mail; None while it has faults.
    mail: Mail | None
    #: How many wordings the mail can have for this lead, this one included.
    wordings: int


@frozen(kw_only=True)
class MailChoice:
    """Which mails to look at, and through whose eyes."""

    #: The public id of a lead, or its address; None: the first lead of the campaign.
    lead: UUID | str | None = None
    #: Values to put over the lead's, or in place of one, by field name.
    values: Mapping[str, str] | None = None
    #: None: every step.
    step: int | None = None
    #: None: every variant.
    variant: str | None = None


#: Every mail, to the first lead.
EVERY_MAIL: Final = MailChoice()


def previews(leads: CampaignLeads, state: CampaignState, choice: MailChoice, at: datetime) -> list[Preview]:
    """The mails chosen, step by step.

    A follow-up without a subject answers the first mail's variant of the same name, or else its first variant: which one
    a lead gets is settled when its first mail is claimed.

    Raises:
        UnknownLead: the campaign has no such lead.
        InvalidMessage: it has no such step or variant.
    """
    mails, (lead_id, values) = bound_mails(leads, state), _seen_by(leads, choice)
    return [_preview(leads, state, mails, mail, lead_id, values, at) for mail in _chosen(mails, choice)]


def wordings(
    leads: CampaignLeads, state: CampaignState, choice: MailChoice, at: datetime, limit: int
) -> list[tuple[StepMail, list[Written]]]:
    """The first `limit` wordings of each mail chosen; spintax is the only thing that makes them differ.

    Raises:
        UnknownLead: the campaign has no such lead.
        InvalidMessage: it has no such step or variant.
    """
    mails, (_, values) = bound_mails(leads, state), _seen_by(leads, choice)
    moment = _moment(state, at)
    chosen = _chosen(mails, choice)
    return [(mail, list(islice(mails.wordings(mail, values, moment), limit))) for mail in chosen]


def _moment(state: CampaignState, at: datetime) -> datetime:
    assert state.settings is not None
    return local_time(at, state.settings.timezone)


def _chosen(mails: CampaignMails, choice: MailChoice) -> list[StepMail]:
    """The mails of the step and the variant asked for."""
    steps = {mail.step_number: None for mail in mails.mails}
    if choice.step is not None and choice.step not in steps:
        raise InvalidMessage((Problem("$.step", _must_be_among(steps, choice.step)),))
    of_step = [mail for mail in mails.mails if choice.step in (None, mail.step_number)]
    wanted = None if choice.variant is None else choice.variant.upper()
    names = {mail.variant_name: None for mail in of_step}
    if wanted is not None and wanted not in names:
        raise InvalidMessage((Problem("$.variant", _must_be_among(names, choice.variant)),))
    return [mail for mail in of_step if wanted in (None, mail.variant_name)]


def _must_be_among(present: Iterable[object], given: object) -> str:
    known = ", ".join(str(each) for each in present) or "none so far"
    return f"must be one the campaign has ({known}), is {given!r}"


def _seen_by(leads: CampaignLeads, choice: MailChoice) -> tuple[UUID | None, Row]:
    """The lead and its values, those made up put over them."""
    made_up = {field_name(name): value for name, value in (choice.values or {}).items()}
    if choice.lead is not None:
        found = leads.one(choice.lead)
        if found is None:
            raise UnknownLead(choice.lead)
    else:
        found = next(leads.identified(), None) if not made_up else None
    if found is None:
        return None, {EMAIL: NOBODY, **made_up}
    return found[0], {**found[1], **made_up}


def _preview(
    leads: CampaignLeads,
    state: CampaignState,
    mails: CampaignMails,
    mail: StepMail,
    lead_id: UUID | None,
    values: Row,
    at: datetime,
) -> Preview:
    moment = _moment(state, at)
    written = mails.written(mail, values, moment)
    faults = mails.faults(mail, values, moment)
    subject = written.subject
    if subject is None:
        first = mails.first_mail(mail.variant_name)
        opened = mails.written(first, values, moment).subject if first is not None else None
        subject = reply_subject(opened or "")
        faults |= set() if first is None else mails.faults(first, values, moment) - {"blank_content"}
    return Preview(
        step_number=mail.step_number,
        sequence_id=mail.sequence_id,
        variant_name=mail.variant_name,
        content_type=mail.content_type,
        lead_id=lead_id,
        faults=tuple(sorted(faults)),
        mail=None
        if faults
        else composed(
            state, mail, subject=subject, body=written.body, sender=_sender(leads, state), address=values[EMAIL]
        ),
        wordings=mails.count_wordings(mail, values, moment),
    )


def _sender(leads: CampaignLeads, state: CampaignState) -> str:
    """The address of the first assigned inbox that can send, else of the first; empty where none is assigned."""
    rows = [leads.snapshot.get(INBOXES, (leads.workspace, each)) for each in state.inbox_ids]
    present = [row for row in rows if row is not None]
    present.sort(key=lambda row: not can_send(row.status))
    return present[0].email_address if present else ""
