"""What a campaign's decisions need to know and its own stream does not tell.

The kernel reads these inside the write transaction in which the decision is recorded. Callers never supply them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from attrs import field, frozen

from campaign_core.campaign.findings import NOTHING_FOUND, MailFindings
from campaign_core.recorded import Row


@frozen(kw_only=True)
class LeadFacts:
    """What the leads of a campaign say about it."""

    #: There is at least one lead, in whatever status.
    any_lead: bool = False
    #: At least one lead was never contacted.
    any_pending: bool = False
    #: At least one lead has not reached an end.
    any_open: bool = False


#: What a text is known by: the id of its follow-up, None for the first mail, and the name of its variant.
TextKey = tuple[UUID | None, str]


@frozen(kw_only=True)
class LeadFound:
    """One lead, as far as a command that meets it needs to know."""

    number: int
    #: It was never contacted.
    is_pending: bool
    #: Its values; None where nobody needs them or they were erased.
    values: Row | None = None


@frozen(kw_only=True)
class CampaignFacts:
    """Everything of other aggregates, and the time."""

    #: The instant of the command; aware.
    at: datetime
    #: Every inbox that the command or the campaign names and that exists: whether it can send.
    inboxes: Mapping[UUID, bool] = field(factory=dict)
    leads: LeadFacts = LeadFacts()
    #: The leads of the campaign that have one of the addresses on offer, by address in lower case.
    taken: Mapping[str, LeadFound] = field(factory=dict)
    #: The leads a command names, by the id it names them by; an id that is no lead's is not there.
    named: Mapping[UUID, LeadFound] = field(factory=dict)
    #: Every lead that was never contacted, by number; only where a command would remove them all.
    pending: tuple[int, ...] = ()
    #: How many leads there are beside those; only where a command would remove them all.
    contacted: int = 0
    #: What rendering the mails showed; only where a command starts the campaign or brings texts.
    mails: MailFindings = NOTHING_FOUND
    #: Addresses on offer that are not taken, with the reason: suppressed, or, while the campaign is running, the first
    #: fault of a mail to them.
    unfit: Mapping[str, str] = field(factory=dict)
