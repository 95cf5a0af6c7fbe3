"""What came back about each mail: one row for each lead that was sent one, or is being sent one now.

An answer belongs to the last mail that went before it, by when it happened and not by when it was told; one that happened
before any mail went belongs to the first. While a mail is under way nobody knows whether an answer is about it, so answers
from then on are kept beside it until it is known when it went, or that it did not go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import attrs
from attrs import frozen

from campaign_core.campaign.events import Deleted, campaign_of
from campaign_core.lead import events
from campaign_core.lead.events import lead_of
from campaign_core.recorded import Recorded, Row
from campaign_core.views.view import Drop, Key, View


class Answer(StrEnum):
    """What came back about a mail."""

    #: A person opened it.
    OPENED = "opened"
    #: A person followed a link in it.
    CLICKED = "clicked"
    #: A person answered.
    REPLIED = "replied"
    #: It came back for good, or was refused because the address does not work.
    BOUNCED = "bounced"
    UNSUBSCRIBED = "unsubscribed"
    COMPLAINED = "complained"
    #: A program loaded its picture.
    OPENED_BY_MACHINE = "opened_by_machine"


@frozen(kw_only=True)
class MailResult:
    """A mail that went, or that was refused because the address does not work, and what came back about it."""

    #: 1 to 4, as the step was numbered when it went.
    step_number: int
    #: The follow-up; None for the first mail.
    sequence_id: UUID | None
    variant_name: str
    inbox_id: UUID
    #: When it went. While its outcome is not known: when it was claimed.
    at: datetime
    #: Each once, in the order in which they were first heard.
    answers: tuple[Answer, ...] = ()


@frozen
class Heard:
    """An answer that came while a mail was under way: when it happened first, and last."""

    answer: Answer
    first_at: datetime
    last_at: datetime


@frozen(kw_only=True)
class ResultRow:
    """A lead's mails and what came back."""

    workspace: str
    campaign_id: UUID
    number: int
    #: How many mails there are, and how many of them did not bounce.
    mail_count: int = 0
    reached_count: int = 0
    #: Oldest first; empty while the first is under way.
    mails: tuple[MailResult, ...] = ()
    #: The mail that is under way, or whose outcome is unknown.
    under_way: MailResult | None = None
    #: Answers that may be about that mail.
    heard: tuple[Heard, ...] = ()


def _expand(recorded: Recorded, content: Iterable[Row | None]) -> Iterator[tuple[Key, Any] | Drop]:
    if recorded.name == Deleted.stored_name:
        yield Drop((recorded.workspace, campaign_of(recorded.stream)))
    elif isinstance(recorded.event, _FOLDED):
        yield (recorded.workspace, *lead_of(recorded.stream)), recorded


_FOLDED = (
    events.Claimed,
    events.Released,
    events.Accepted,
    events.Deferred,
    events.Rejected,
    events.Resolved,
    events.Opened,
    events.Clicked,
    events.Replied,
    events.Bounced,
    events.Complained,
    events.Unsubscribed,
)


def _fold(row: ResultRow | None, recorded: Recorded) -> ResultRow | None:
    """Only a claim begins a row: what is told of a lead whose campaign is gone is passed over."""
    after = _after(row, recorded)
    if after is None or (row is not None and after.mails is row.mails):
        return after
    reached = sum(Answer.BOUNCED not in mail.answers for mail in after.mails)
    return attrs.evolve(after, mail_count=len(after.mails), reached_count=reached)


def _after(row: ResultRow | None, recorded: Recorded) -> ResultRow | None:
    event, at = recorded.event, recorded.occurred_at
    if isinstance(event, events.Claimed):
        return _claimed(row, recorded, event)
    if row is None:
        return None
    match event:
        case events.Accepted():
            return _went(row, at)
        case events.Resolved(sent=True):
            return _went(row, None)
        case events.Rejected(about_address=True):
            return _went(row, at, Answer.BOUNCED)
        case events.Released() | events.Deferred() | events.Resolved() | events.Rejected():
            return _did_not_go(row)
        case _:
            answer = _answer_of(event)
            return row if answer is None else _answered(row, answer, at)


def _claimed(row: ResultRow | None, recorded: Recorded, event: events.Claimed) -> ResultRow:
    campaign_id, number = lead_of(recorded.stream)
    row = row or ResultRow(workspace=recorded.workspace, campaign_id=campaign_id, number=number)
    mail = MailResult(
        step_number=event.step_number,
        sequence_id=event.sequence_id,
        variant_name=event.variant_name,
        inbox_id=event.inbox_id,
        at=recorded.occurred_at,
    )
    return attrs.evolve(row, under_way=mail)


def _went(row: ResultRow, at: datetime | None, *answers: Answer) -> ResultRow:
    """The mail under way went at that instant; None: when it was claimed, which is all that is known."""
    assert row.under_way is not None, "only a mail under way has an outcome"
    mail = attrs.evolve(row.under_way, at=at or row.under_way.at, answers=answers)
    return _decided(attrs.evolve(row, mails=(*row.mails, mail)))


def _did_not_go(row: ResultRow) -> ResultRow | None:
    """What was heard is about an earlier mail after all; where there is none, it is about nothing."""
    return _decided(row) if row.mails else None


def _decided(row: ResultRow) -> ResultRow:
    """What was heard while a mail was under way finds the mails it belongs to."""
    mails = row.mails
    for each in row.heard:
        for at in (each.first_at, each.last_at):
            mails = _credited(mails, each.answer, at)
    return attrs.evolve(row, mails=mails, under_way=None, heard=())


def _answered(row: ResultRow, answer: Answer, at: datetime) -> ResultRow:
    if row.under_way is not None and (at >= row.under_way.at or not row.mails):
        heard = {each.answer: each for each in row.heard}
        known = heard.get(answer, Heard(answer, at, at))
        heard[answer] = Heard(answer, min(known.first_at, at), max(known.last_at, at))
        return attrs.evolve(row, heard=tuple(heard.values()))
    mails = _credited(row.mails, answer, at)
    return row if mails is row.mails else attrs.evolve(row, mails=mails)


def _credited(mails: tuple[MailResult, ...], answer: Answer, at: datetime) -> tuple[MailResult, ...]:
    """The mails with the answer at the last one that went before it; the same ones where it is there already."""
    place = mail_answered([mail.at for mail in mails], at)
    mail = mails[place]
    if answer in mail.answers:
        return mails
    return (*mails[:place], attrs.evolve(mail, answers=(*mail.answers, answer)), *mails[place + 1 :])


def mail_answered(times: Sequence[datetime], at: datetime) -> int:
    """The place of the mail that an answer at an instant belongs to; `times` are when the mails went, oldest first."""
    return next((place for place in reversed(range(len(times))) if times[place] <= at), 0)


def _answer_of(event: Any) -> Answer | None:
    """What an event says about a mail; None for what counts for nothing: soft bounces, programs that answer or click."""
    match event:
        case events.Opened(by_machine=by_machine):
            return Answer.OPENED_BY_MACHINE if by_machine else Answer.OPENED
        case events.Clicked(by_machine=False):
            return Answer.CLICKED
        case events.Replied(by_machine=False):
            return Answer.REPLIED
        case events.Bounced(hard=True):
            return Answer.BOUNCED
        case events.Unsubscribed():
            return Answer.UNSUBSCRIBED
        case events.Complained():
            return Answer.COMPLAINED
        case _:
            return None


RESULTS: View[ResultRow] = View(
    name="results",
    version=2,
    row=ResultRow,
    key=("workspace", "campaign_id", "number"),
    expand=_expand,
    fold=_fold,
)
