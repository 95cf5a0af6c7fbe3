"""Which mails went to one lead, and when was each opened, followed and answered?

An answer belongs to the last mail that went before it, as everywhere; see `views.results`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email import message_from_bytes
from email.policy import default as modern
from uuid import UUID

import attrs
from attrs import frozen

from campaign_core.kernel.mails_sent import sent_mails
from campaign_core.lead import events
from campaign_core.lead.events import Claimed
from campaign_core.lead.events import stream_of as lead_stream
from campaign_core.lead.identity import lead_number_of
from campaign_core.log.transaction import Reading
from campaign_core.recorded import Recorded
from campaign_core.views.results import mail_answered


@frozen(kw_only=True)
class Interaction:
    """One mail to a lead and what came back about it."""

    #: With angle brackets; None once what the mail said is erased, as is the subject.
    message_id: str | None
    #: The version of its claim in the lead's stream.
    claim: int
    step_number: int
    #: The follow-up; None for the first mail.
    sequence_id: UUID | None
    variant_name: str
    subject: str | None
    inbox_id: UUID
    #: When it was claimed, which is what its Date says.
    sent_at: datetime
    #: False: nobody knows whether it went.
    is_sure: bool
    #: When a person first did so; None: not yet, as far as is known.
    opened_at: datetime | None = None
    clicked_at: datetime | None = None
    replied_at: datetime | None = None
    bounced: bool = False


def interactions_of(snapshot: Reading, workspace: str, campaign_id: UUID, lead_id: UUID) -> list[Interaction]:
    """The mails of a lead, oldest first; empty where nothing went, or there is no such lead."""
    found = []
    for mail in sent_mails(snapshot, workspace, campaign_id, lead_id):
        claim: Claimed = mail.claim.event
        found.append(
            Interaction(
                message_id=None if mail.outgoing is None else mail.outgoing.message_id,
                claim=mail.claim.version,
                step_number=claim.step_number,
                sequence_id=claim.sequence_id,
                variant_name=claim.variant_name,
                subject=None if mail.outgoing is None else _subject_of(mail.outgoing.wire),
                inbox_id=claim.inbox_id,
                sent_at=mail.claim.occurred_at,
                is_sure=mail.is_sure,
            )
        )
    number = lead_number_of(campaign_id, lead_id) or 0
    return _answered(found, snapshot.read_stream(workspace, lead_stream(campaign_id, number)) if found else ())


def _answered(mails: list[Interaction], history: Sequence[Recorded]) -> list[Interaction]:
    times = [mail.sent_at for mail in mails]
    for recorded in history:
        at = recorded.occurred_at
        place = mail_answered(times, at)
        match recorded.event:
            case events.Opened(by_machine=False):
                mails[place] = attrs.evolve(mails[place], opened_at=_earlier(mails[place].opened_at, at))
            case events.Clicked(by_machine=False):
                mails[place] = attrs.evolve(mails[place], clicked_at=_earlier(mails[place].clicked_at, at))
            case events.Replied(by_machine=False):
                mails[place] = attrs.evolve(mails[place], replied_at=_earlier(mails[place].replied_at, at))
            case events.Bounced(hard=True):
                mails[place] = attrs.evolve(mails[place], bounced=True)
    return mails


def _earlier(known: datetime | None, at: datetime) -> datetime:
    return at if known is None else min(known, at)


def _subject_of(wire: bytes) -> str:
    return str(message_from_bytes(wire, policy=modern)["Subject"])
