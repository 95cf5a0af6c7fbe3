"""The status of a lead as readers see it: one word derived from all that happened. Source: reference section 7.1."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from campaign_core.lead import events
from campaign_core.lead.events import LeadEvent, StopReason


class LeadStatus(StrEnum):
    """Where a lead is on its way through the campaign."""

    #: Not contacted, eligible.
    PENDING = "PENDING"
    #: A worker has taken its first mail, or a server put it off.
    QUEUED = "QUEUED"
    #: The first mail went out, or may have.
    SENT = "SENT"
    #: A mail was opened by a person.
    OPENED = "OPENED"
    #: A person answered.
    REPLIED = "REPLIED"
    #: A mail could not be sent.
    FAILED = "FAILED"
    #: The address does not work.
    BOUNCED = "BOUNCED"
    #: Wants no mails, or must not get any.
    UNSUBSCRIBED = "UNSUBSCRIBED"


#: The later in this order, the more it says: a status gives way to a later one only.
_WEIGHT: Final = {
    status: place
    for place, status in enumerate(
        (
            LeadStatus.PENDING,
            LeadStatus.QUEUED,
            LeadStatus.SENT,
            LeadStatus.OPENED,
            LeadStatus.FAILED,  # an answer to an earlier mail says more than a later mail that did not go
            LeadStatus.REPLIED,
            LeadStatus.BOUNCED,
            LeadStatus.UNSUBSCRIBED,
        )
    )
}
#: What one mail that may have gone can make of a lead; all of it is void once it is known that it did not go.
_OF_ONE_MAIL: Final = (LeadStatus.QUEUED, LeadStatus.SENT, LeadStatus.OPENED)
#: No mail to the lead has gone, as far as anybody knows.
_TO_BE_SENT: Final = (LeadStatus.PENDING, LeadStatus.QUEUED)
_STOPS: Final = {
    StopReason.REPLIED: LeadStatus.REPLIED,
    StopReason.BOUNCED: LeadStatus.BOUNCED,
    StopReason.COMPLAINED: LeadStatus.UNSUBSCRIBED,
    StopReason.UNSUBSCRIBED: LeadStatus.UNSUBSCRIBED,
    StopReason.SUPPRESSED: LeadStatus.UNSUBSCRIBED,
    StopReason.DEFERRED: LeadStatus.FAILED,
    StopReason.UNFIT: LeadStatus.FAILED,
}


def status_after(status: LeadStatus, event: LeadEvent, *, sent: bool, opened: bool) -> LeadStatus:
    """The status after an event; `sent` and `opened` say whether the lead was sent, and opened, a mail before it.

    PENDING and QUEUED say what is still to be done, and the next first mail is found by them. So what was opened before any
    mail counts as gone shows once one does: an open may overtake the report of its mail, or follow the word of an operator
    that it did not go.
    """
    taken_back = _taken_back(event)
    if taken_back is not None:
        return taken_back if not sent and status in _OF_ONE_MAIL else status
    if isinstance(event, events.Opened) and status in _TO_BE_SENT:
        return status
    reached = _reached(event, opened=opened)
    return reached if reached is not None and _WEIGHT[reached] > _WEIGHT[status] else status


def _taken_back(event: LeadEvent) -> LeadStatus | None:
    """The status of a lead that was sent nothing, where the event says that its mail did not go after all."""
    match event:
        case events.Released() | events.Resolved(sent=False):
            return LeadStatus.PENDING
        case events.Deferred():
            return LeadStatus.QUEUED
        case _:
            return None


def _reached(event: LeadEvent, *, opened: bool) -> LeadStatus | None:
    """The status an event speaks for, whatever was before but that a mail was opened."""
    match event:
        case events.Claimed():
            return LeadStatus.QUEUED
        case events.Accepted() | events.OutcomeUnknown() | events.Resolved():
            return LeadStatus.OPENED if opened else LeadStatus.SENT
        case events.Opened(by_machine=False):
            return LeadStatus.OPENED
        case events.Replied(by_machine=False):
            return LeadStatus.REPLIED
        case events.Rejected(about_address=about_address):
            return LeadStatus.BOUNCED if about_address else LeadStatus.FAILED
        case events.Bounced(hard=True):
            return LeadStatus.BOUNCED
        case events.Complained() | events.Unsubscribed():
            return LeadStatus.UNSUBSCRIBED
        case events.Stopped(reason=reason):
            return _STOPS[reason]
        case _:
            return None
