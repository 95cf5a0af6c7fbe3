"""Readiness: what is missing, and preflight beside it."""

from __future__ import annotations

from itertools import product
from typing import Any

import attrs
import pytest

from campaign_core import Status
from campaign_core.campaign.decisions import CAMPAIGN_DECIDER
from campaign_core.campaign.events import InboxesAssigned
from campaign_core.campaign.readiness import preflight, readiness
from campaign_core.campaign.state import CampaignState
from campaign_core.testing.scenario import scenario
from tests.campaign.given import (
    ALL_ENDED,
    ALL_OPEN,
    DISABLED_INBOX,
    HISTORIES,
    INBOX,
    NO_LEADS,
    NO_USABLE_INBOX,
    READY,
    facts,
)


def state_of(*history: Any) -> CampaignState:
    return scenario(CAMPAIGN_DECIDER).given(*history).state


@pytest.mark.parametrize(
    "present",
    list(product([True, False], repeat=3)),
    ids=lambda each: "-".join("with" if part else "without" for part in each),
)
def test_what_is_missing_is_listed_in_one_order(present: tuple[bool, bool, bool]) -> None:
    """Leads, inboxes, e-mail content; ready exactly when nothing is missing."""
    leads, inboxes, content = present
    state = state_of(*READY)
    state = attrs.evolve(
        state, inbox_ids=state.inbox_ids if inboxes else (), variants=state.variants if content else ()
    )
    found = readiness(state, facts(ALL_OPEN if leads else NO_LEADS))
    tokens = ("leads", "inboxes", "email_content")
    assert found.missing_requirements == tuple(token for token, there in zip(tokens, present, strict=True) if not there)
    assert found.is_launch_ready is all(present)


@pytest.mark.parametrize(
    ("status", "ready"),
    [
        (Status.DRAFT, False),
        (Status.FAILED, False),
        (Status.PAUSED, True),
    ],
)
def test_a_launch_needs_a_pending_lead_and_a_resume_any_lead(status: Status, ready: bool) -> None:
    """Launching into nothing would complete at once; a paused campaign must never be stuck."""
    found = readiness(state_of(*HISTORIES[status]), facts(ALL_ENDED))
    assert found.is_launch_ready is ready
    assert found.missing_requirements == (() if ready else ("leads",))


def test_an_inbox_that_cannot_send_is_no_missing_part() -> None:
    """The list speaks of parts; that none of them can send is a fault."""
    state, known = state_of(*READY), facts(usable=False)
    assert readiness(state, known).is_launch_ready
    assert preflight(state, known) == (NO_USABLE_INBOX,)


def test_one_usable_inbox_is_no_fault() -> None:
    """That another cannot send is a warning, and warnings never block."""
    state = state_of(*READY, InboxesAssigned(inbox_ids=(DISABLED_INBOX, INBOX)))
    assert preflight(state, facts()) == ()
    assert readiness(state, facts()).is_launch_ready
