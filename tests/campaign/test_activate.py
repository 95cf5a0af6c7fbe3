"""Activating: the launch of a draft, the resume of a paused campaign, and nothing on a running one."""

from __future__ import annotations

from typing import Any

import pytest

from campaign_core import (
    IllegalTransition,
    NotLaunchReady,
    PreflightFailed,
    Status,
    UnknownCampaign,
)
from campaign_core.campaign.events import Completed, Failed, InboxesAssigned, Launched, Resumed
from tests.campaign.given import (
    ACTIVATE,
    ACTIVE,
    ALL_ENDED,
    CAMPAIGN_ID,
    CREATED,
    DELETED,
    FAILED,
    HISTORIES,
    INBOX,
    NO_LEADS,
    NO_USABLE_INBOX,
    PAUSED,
    READY,
    facts,
    uploaded,
    variant,
    variants_set,
    when,
)


@pytest.mark.parametrize("history", [READY, FAILED], ids=["DRAFT", "FAILED"])
def test_a_campaign_that_has_every_part_is_launched(history: tuple[Any, ...]) -> None:
    """A failed one without becoming a draft first: nothing was edited."""
    when(history, ACTIVATE).then(Launched())


@pytest.mark.parametrize("history", [READY, FAILED], ids=["DRAFT", "FAILED"])
def test_a_launch_with_a_fault_is_accepted_and_fails(history: tuple[Any, ...]) -> None:
    """The failure and its faults are recorded; it is an answer, not a refusal."""
    when(history, ACTIVATE, facts(usable=False)).then(Failed(faults=(NO_USABLE_INBOX,)))


@pytest.mark.parametrize(
    ("history", "known", "missing", "parts"),
    [
        pytest.param(
            (CREATED,),
            facts(NO_LEADS),
            ("leads", "inboxes", "email_content"),
            "leads, an assigned inbox, e-mail content (variants)",
            id="everything",
        ),
        pytest.param(READY, facts(NO_LEADS), ("leads",), "leads", id="leads"),
        pytest.param(
            (CREATED, uploaded(1), variants_set(variant())), facts(), ("inboxes",), "an assigned inbox", id="inboxes"
        ),
        pytest.param(
            (CREATED, uploaded(1), InboxesAssigned(inbox_ids=(INBOX,))),
            facts(),
            ("email_content",),
            "e-mail content (variants)",
            id="content",
        ),
        pytest.param(READY, facts(ALL_ENDED), ("leads",), "leads", id="a lead that was never contacted"),
        pytest.param(PAUSED, facts(NO_LEADS), ("leads",), "leads", id="leads of a paused campaign"),
        pytest.param(READY, facts(NO_LEADS, usable=False), ("leads",), "leads", id="leads, and a fault besides"),
        pytest.param(PAUSED, facts(NO_LEADS, usable=False), ("leads",), "leads", id="paused, and a fault besides"),
    ],
)
def test_a_campaign_that_lacks_a_part_is_refused_with_the_list(
    history: tuple[Any, ...], known: Any, missing: tuple[str, ...], parts: str
) -> None:
    """In the order leads, inboxes, e-mail content; the list comes before any fault."""
    refusal = when(history, ACTIVATE, known).then_rejected(NotLaunchReady, missing=missing)
    assert str(refusal) == f"The campaign cannot start yet; it still needs: {parts}."


def test_a_paused_campaign_goes_on() -> None:
    """Resumed, not launched again."""
    when(PAUSED, ACTIVATE).then(Resumed())


def test_a_paused_campaign_all_of_whose_leads_ended_resumes_and_completes() -> None:
    """Both are recorded together; readiness asks for any lead here, not for one that is pending."""
    when(PAUSED, ACTIVATE, facts(ALL_ENDED)).then(Resumed(), Completed())


def test_a_paused_campaign_with_a_fault_is_refused() -> None:
    """It did send, so it does not become FAILED; the faults are in the refusal."""
    refusal = when(PAUSED, ACTIVATE, facts(usable=False)).then_rejected(
        PreflightFailed, reasons=(NO_USABLE_INBOX.sentence,)
    )
    assert str(refusal) == (
        f"The campaign cannot run: None of its assigned inboxes is ACTIVE (1 assigned: {INBOX}); "
        "verify one of them or assign another."
    )


@pytest.mark.parametrize(
    "known",
    [
        pytest.param(facts(), id="ready"),
        pytest.param(facts(NO_LEADS), id="without leads"),
        pytest.param(facts(usable=False), id="with a fault"),
        pytest.param(facts(ALL_ENDED), id="with every lead at an end"),
    ],
)
def test_a_running_campaign_stays_as_it_is(known: Any) -> None:
    """Whatever else is known: nothing is asked and nothing recorded."""
    when(ACTIVE, ACTIVATE, known).then_nothing()


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.ARCHIVED])
def test_a_campaign_that_is_over_cannot_be_activated(status: Status) -> None:
    """Nothing leads back, ready or not."""
    for known in (facts(), facts(NO_LEADS), facts(usable=False)):
        refusal = when(HISTORIES[status], ACTIVATE, known).then_rejected(IllegalTransition, status=status)
        assert str(refusal).startswith(f"A campaign that is {status} cannot be activated. What it allows now: ")


@pytest.mark.parametrize("history", [(), DELETED], ids=["never created", "deleted"])
def test_an_unknown_campaign_cannot_be_activated(history: tuple[Any, ...]) -> None:
    """One that was deleted is as unknown as one that never was."""
    when(history, ACTIVATE).then_rejected(UnknownCampaign, given=CAMPAIGN_ID)
