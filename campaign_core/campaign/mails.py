"""What do the mails of a campaign say to each lead, and which of them could not go?

Every step and variant is bound to the declared fields and compiled once; then each lead's mails are rendered. A fault is a
mail nobody may get: a blank subject or body, a subject that is no single line. The grammar is total, so nothing else can
go wrong with a text that was saved. Source: DESIGN sections 3 and 7.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from math import prod
from typing import Final
from uuid import UUID

from attrs import field, frozen

from campaign_core.campaign.facts import TextKey
from campaign_core.campaign.findings import Finding, MailFindings
from campaign_core.campaign.state import CampaignState
from campaign_core.content.choices import mail_key
from campaign_core.content.combinations import count_combinations, texts
from campaign_core.content.compiled import Rendering, compile_template
from campaign_core.content.content_type import ContentType
from campaign_core.content.lint import depends_on_time, lint, required
from campaign_core.content.mail import Mail, blank, compose, header_problem
from campaign_core.content.names import value_of
from campaign_core.content.parse import parse
from campaign_core.content.tree import Template, Text
from campaign_core.fields import EMAIL
from campaign_core.recorded import Row
from campaign_core.sending.zones import zone

SUBJECT, BODY = "subject_template", "email_content"
#: Codes of what keeps a mail from going.
BLANK_SUBJECT, BLANK_CONTENT, LINE_BREAK = "blank_subject", "blank_content", "subject_line_break"
#: What only says how a text is read; told when it is saved, not each time somebody asks.
_READINGS: Final = {"fallback", "spintax", "combinations"}
_HOURS: Final = (9, 13, 18)
#: Text whose last characters may be the beginning of an entity.
_ENTITY_BEGUN: Final = re.compile(r"&#?\w*\Z")


@frozen
class Written:
    """What one mail says to one lead."""

    #: Without white space around it; None: the mail stays in the thread of the first one.
    subject: str | None
    body: str


@frozen(kw_only=True)
class StepMail:
    """One variant of one step, ready to be rendered."""

    #: 1 for the first mail.
    step_number: int
    variant_name: str
    #: The follow-up it belongs to; None for the first mail.
    sequence_id: UUID | None
    content_type: ContentType
    #: None: it stays in the thread of the first mail.
    subject_template: Template | None = field(repr=False)
    body_template: Template = field(repr=False)
    _subject: Rendering | None = field(repr=False, alias="subject")
    _body: Rendering = field(repr=False, alias="body")
    #: Nothing a lead's values hold can make the body blank, unless they are put into it as HTML.
    _surely_shows: bool = field(repr=False, alias="surely_shows")
    #: What it says, blank or not, can depend on the day and the hour, not only the words put in.
    _asks_time: bool = field(repr=False, alias="asks_time")

    @property
    def place(self) -> str:
        """Where it stands in the campaign, for people."""
        return f"step {self.step_number} variant {self.variant_name}"

    def written(self, values: Row, moment: datetime, key: bytes) -> Written:
        """What it says. `moment` is the local time of sending, `key` is `mail_key` of the lead and the step."""
        subject = None if self._subject is None else self._subject(values, moment, key).strip()
        return Written(subject, self._body(values, moment, key))

    def faults(self, values: Row, moment: datetime, key: bytes) -> set[str]:
        """Why it could not go to a lead, at this moment or, where it asks for the time, at any."""
        moments = every_hour(moment) if self._asks_time else (moment,)
        return {code for each in moments for code in self._faults_at(values, each, key)}

    def _faults_at(self, values: Row, moment: datetime, key: bytes) -> Iterator[str]:
        if self._subject is not None:
            subject = self._subject(values, moment, key).strip()
            if blank(subject, ContentType.PLAINTEXT):
                yield BLANK_SUBJECT
            elif header_problem(subject) is not None:
                yield LINE_BREAK
        raw = self.content_type is ContentType.RAW_HTML and any("<" in each or "&" in each for each in values.values())
        if (raw or not self._surely_shows) and blank(self._body(values, moment, key), self.content_type):
            yield BLANK_CONTENT

    @property
    def templates(self) -> Iterator[tuple[str, Template]]:
        """Its texts, each with the name of its field."""
        if self.subject_template is not None:
            yield SUBJECT, self.subject_template
        yield BODY, self.body_template


def every_hour(moment: datetime) -> tuple[datetime, ...]:
    """A moment for each weekday and each time of day that a text can tell apart."""
    monday = moment - timedelta(days=moment.weekday())
    return tuple((monday + timedelta(days=day)).replace(hour=hour) for day in range(7) for hour in _HOURS)


@frozen
class CampaignMails:
    """Every mail of a campaign, with the fields they were bound to."""

    campaign_id: UUID
    mails: tuple[StepMail, ...] = field(repr=False)
    #: The declared names they were bound to.
    fields: frozenset[str] = field(repr=False)
    #: Texts that are no templates: none that was saved through a kernel, but an older log may hold some.
    unreadable: tuple[str, ...] = ()

    def key(self, mail: StepMail, values: Row) -> bytes:
        """The key of a mail to the lead that has these values."""
        return mail_key(self.campaign_id, values[EMAIL], mail.step_number)

    def written(self, mail: StepMail, values: Row, moment: datetime) -> Written:
        """What a mail says to the lead that has these values; `moment` is the local time of sending."""
        return mail.written(values, moment, self.key(mail, values))

    def faults(self, mail: StepMail, values: Row, moment: datetime) -> set[str]:
        """Why a mail could not go to the lead that has these values."""
        return mail.faults(values, moment, self.key(mail, values))

    def first_mail(self, variant_name: str) -> StepMail | None:
        """The first mail's variant of that name, else its first; None where there is none."""
        first = [mail for mail in self.mails if mail.sequence_id is None]
        return next((mail for mail in first if mail.variant_name == variant_name), first[0] if first else None)

    def count_wordings(self, mail: StepMail, values: Row, moment: datetime) -> int:
        """How many wordings a mail can have for the lead that has these values, at least 1."""
        return prod(count_combinations(each, self.fields, values, moment) for _, each in mail.templates)

    def wordings(self, mail: StepMail, values: Row, moment: datetime) -> Iterator[Written]:
        """Every wording, one at a time; two may read the same."""
        bodies = partial(
            texts, mail.body_template, self.fields, values, moment, escapes=mail.content_type is ContentType.HTML
        )
        if mail.subject_template is None:
            yield from (Written(None, body) for body in bodies())
            return
        for subject in texts(mail.subject_template, self.fields, values, moment, escapes=False):
            yield from (Written(subject.strip(), body) for body in bodies())

    def keyed(self, values: Row) -> Iterator[tuple[StepMail, bytes]]:
        """Each mail with its key for the lead that has these values, step by step."""
        address, keys = values[EMAIL], dict[int, bytes]()
        for mail in self.mails:
            key = keys.get(mail.step_number)
            if key is None:
                key = keys[mail.step_number] = mail_key(self.campaign_id, address, mail.step_number)
            yield mail, key

    def first_fault(self, values: Row, moment: datetime) -> str | None:
        """The first reason why some mail could not go to the lead that has these values; None if every one could."""
        for mail, key in self.keyed(values):
            if found := mail.faults(values, moment, key):
                return min(found)
        return None


def mails_of(
    campaign_id: UUID, state: CampaignState, stored: Mapping[TextKey, Row], fields: frozenset[str]
) -> CampaignMails:
    """The mails of a campaign; `stored` are its texts and `fields` the names its leads declare."""
    first = [(1, None, variant) for variant in state.variants]
    later = [(step.step_number, step.sequence_id, variant) for step in state.steps for variant in step.variants]
    mails, unreadable = [], []
    for number, sequence_id, variant in first + later:
        text = stored.get((sequence_id, variant.variant_name))
        if text is None:
            continue
        subject, body = parse(text[SUBJECT]) if SUBJECT in text else None, parse(text[BODY])
        if body.problems or (subject is not None and subject.problems):
            unreadable.append(f"step {number} variant {variant.variant_name}")
            continue
        escapes = variant.content_type is ContentType.HTML
        mails.append(
            StepMail(
                step_number=number,
                variant_name=variant.variant_name,
                sequence_id=sequence_id,
                content_type=variant.content_type,
                subject_template=subject,
                body_template=body,
                subject=None if subject is None else compile_template(subject, fields, escapes=False),
                body=compile_template(body, fields, escapes=escapes),
                surely_shows=_surely_shows(body, variant.content_type),
                asks_time=any(depends_on_time(each) for each in (subject, body) if each is not None),
            )
        )
    return CampaignMails(campaign_id, tuple(mails), fields, tuple(unreadable))


def _surely_shows(template: Template, content_type: ContentType) -> bool:
    """True where the text that is put out for every lead alike shows, whatever values and choices stand between it.

    In HTML that is so only while no value can become part of a tag or of an entity that the text began.
    """
    common, within_tag = "", False
    for node in template.nodes:
        if isinstance(node, Text):
            common += node.text
            opened, closed = node.text.rfind("<"), node.text.rfind(">")
            within_tag = opened > closed or (within_tag and closed < 0)
        elif content_type is not ContentType.PLAINTEXT and (within_tag or _ENTITY_BEGUN.search(common[-40:])):
            return False
    return not blank(common, content_type)


#: Asked for the leads anew each time they are gone through: the public id and the values of each.
Leads = Callable[[], Iterable[tuple[UUID, Row]]]


def declared(fields: Iterable[str], leads: Leads) -> frozenset[str]:
    """The field names a campaign's leads declare: those of its columns and those its leads have a value for."""
    names = set(fields)
    for _, values in leads():
        names.update(values)
    return frozenset(names)


def examined(
    mails: CampaignMails, fields: frozenset[str], leads: Leads, moment: datetime, *, renders: bool = True
) -> MailFindings:
    """Looks at every lead, one at a time: what it lacks, and where asked each mail rendered for it."""
    wanted = {
        name: None for mail in mails.mails for _, text in mail.templates for name in sorted(required(text, fields))
    }
    count, lacking = 0, Counter[str]()
    faults: dict[str, Counter[str]] = {}
    examples: dict[tuple[str, str], UUID] = {}
    for lead_id, values in leads():
        count += 1
        lacking.update(name for name in wanted if not value_of(values, name))
        for mail, key in mails.keyed(values) if renders else ():
            for code in mail.faults(values, moment, key):
                faults.setdefault(code, Counter())[mail.place] += 1
                examples.setdefault((code, mail.place), lead_id)
    found = [
        Finding(
            code=code,
            count=places.total(),
            examples=tuple(f"{place} for lead {examples[code, place]}" for place in sorted(places)[:3]),
        )
        for code, places in sorted(faults.items())
    ]
    if mails.unreadable:
        found.append(Finding.about("unreadable_template", mails.unreadable))
    share = [f"{name} ({lacking[name]:,} of {count:,} leads)" for name in wanted if lacking[name]]
    remarks = remarks_on(mails, fields)
    return MailFindings(
        fields=tuple(sorted(fields)),
        faults=tuple(found),
        warnings=(
            *([Finding.about("variable_lacking", share)] if share else []),
            *(each for each in remarks if each.code not in _READINGS),
        ),
        readings=tuple(each for each in remarks if each.code in _READINGS),
    )


def remarks_on(mails: CampaignMails, fields: frozenset[str]) -> Sequence[Finding]:
    """What the lint of the language says of every text, one finding a code; what leads lack is counted, not said here."""
    by_code: dict[str, list[str]] = {}
    for mail in mails.mails:
        for name, template in mail.templates:
            for remark in lint(template, fields):
                if remark.code != "unknown_variable":
                    about_all = remark.code == "combinations"
                    told = f": {remark.sentence}" if about_all else f" {remark}"
                    by_code.setdefault(remark.code, []).append(f"{mail.place} {name}{told.rstrip('.')}")
    return [Finding.about(code, places) for code, places in by_code.items()]


def composed(
    state: CampaignState,
    mail: StepMail,
    *,
    subject: str,
    body: str,
    sender: str,
    address: str,
    page: str | None = None,
) -> Mail:
    """The mail with its parts and its footer, from a subject and a body that are rendered; `page` is where to unsubscribe."""
    assert state.settings is not None
    return compose(
        sender=sender,
        to=address,
        reply_to=state.settings.reply_to,
        subject=subject,
        body=body,
        content_type=mail.content_type,
        postal_address=state.settings.postal_address,
        offers_unsubscribe=offers_unsubscribe(state, mail),
        unsubscribe_url=page,
    )


def offers_unsubscribe(state: CampaignState, mail: StepMail) -> bool:
    """Whether a mail says how to unsubscribe: its step's word, else the campaign's."""
    assert state.settings is not None
    own = next((step.enable_unsubscribe for step in state.steps if step.sequence_id == mail.sequence_id), None)
    return state.settings.enable_unsubscribe if own is None else own


def local_time(at: datetime, timezone: str) -> datetime:
    """The time on the wall of a zone at an instant."""
    return at.astimezone(zone(timezone))
