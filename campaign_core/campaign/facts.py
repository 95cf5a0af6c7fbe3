"""What a campaign's decisions need to know and its own stream does not tell.

The kernel reads these inside the write transaction in which the decision is recorded. Callers never supply them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from attrs import field, frozen


@frozen(kw_only=True)
class LeadFacts:
    """What the leads of a campaign say about it."""

    #: There is at least one lead, in whatever status.
    any_lead: bool = False
    #: At least one lead was never contacted.
    any_pending: bool = False
    #: At least one lead has not reached an end.
    any_open: bool = False


@frozen(kw_only=True)
class CampaignFacts:
    """Everything of other aggregates, and the time."""

    #: The instant of the command; aware.
    at: datetime
    #: Every inbox that the command or the campaign names and that exists: whether it can send.
    inboxes: Mapping[UUID, bool] = field(factory=dict)
    leads: LeadFacts = LeadFacts()
    #: Which of the addresses on offer the campaign already has, in lower case.
    taken_addresses: frozenset[str] = frozenset()
