"""The one word for a lead that readers see, stated here apart from the code. Source: reference 7.1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given

from campaign_core.lead import events
from campaign_core.lead.decisions import LEAD_DECIDER
from campaign_core.lead.events import StopReason
from campaign_core.lead.status import LeadStatus
from campaign_core.recorded import Recorded
from tests.lead.given import ACCEPTED, RELEASED, SECOND, claimed, deferred, history, reservation
from tests.lead.histories import histories

UNKNOWN = events.OutcomeUnknown()
OPENED = events.Opened(by_machine=False, first=True)
NOT_SENT = events.Resolved(sent=False, freed=reservation())


#: What tells where a mail is.
_ABOUT_A_MAIL = (
    events.Claimed,
    events.Released,
    events.Deferred,
    events.OutcomeUnknown,
    events.Resolved,
    events.Accepted,
)


def stated(history: Sequence[Recorded]) -> str:
    """The gravest thing that is true of a lead, and where nothing is grave, how far its mails are.

    An open tells of a mail that went: it shows as soon as one counts as gone, or as having perhaps gone.
    """
    found: list[Any] = [each.event for each in history]
    stops = {event.reason for event in found if isinstance(event, events.Stopped)}
    refused = {event.about_address for event in found if isinstance(event, events.Rejected)}

    def said(kind: type, **what: Any) -> bool:
        return any(
            isinstance(event, kind) and all(getattr(event, name) == value for name, value in what.items())
            for event in found
        )

    opted_out = {StopReason.UNSUBSCRIBED, StopReason.COMPLAINED, StopReason.SUPPRESSED}
    if said(events.Unsubscribed) or said(events.Complained) or stops & opted_out:
        return "UNSUBSCRIBED"
    if said(events.Bounced, hard=True) or True in refused or StopReason.BOUNCED in stops:
        return "BOUNCED"
    if said(events.Replied, by_machine=False) or StopReason.REPLIED in stops:
        return "REPLIED"
    if False in refused or stops & {StopReason.DEFERRED, StopReason.UNFIT}:
        return "FAILED"
    newest = next((each for each in reversed(found) if isinstance(each, _ABOUT_A_MAIL)), None)
    if said(events.Accepted) or said(events.Resolved, sent=True) or isinstance(newest, events.OutcomeUnknown):
        return "OPENED" if said(events.Opened, by_machine=False) else "SENT"
    return "QUEUED" if isinstance(newest, events.Claimed | events.Deferred) else "PENDING"


@given(history=histories())
def test_the_status_is_the_gravest_thing_that_is_true(history: list[Recorded]) -> None:
    """After each event of any history that decisions can bring about."""
    state = LEAD_DECIDER.initial
    for place, each in enumerate(history, 1):
        state = LEAD_DECIDER.evolve(state, each)
        assert state.status == stated(history[:place])


@pytest.mark.parametrize(
    ("given_events", "status"),
    [
        pytest.param((), LeadStatus.PENDING, id="nothing happened"),
        pytest.param((events.DetailsRevised(fields=("city",)),), LeadStatus.PENDING, id="values revised"),
        pytest.param((claimed(),), LeadStatus.QUEUED, id="claimed"),
        pytest.param((claimed(), RELEASED), LeadStatus.PENDING, id="given back"),
        pytest.param((claimed(), deferred()), LeadStatus.QUEUED, id="put off"),
        pytest.param((claimed(), UNKNOWN), LeadStatus.SENT, id="may have gone"),
        pytest.param((claimed(), UNKNOWN, deferred()), LeadStatus.QUEUED, id="put off, told late"),
        pytest.param((claimed(), UNKNOWN, NOT_SENT), LeadStatus.PENDING, id="did not go"),
        pytest.param((claimed(), UNKNOWN, OPENED, NOT_SENT), LeadStatus.PENDING, id="opened and did not go"),
        pytest.param((claimed(), UNKNOWN, NOT_SENT, OPENED), LeadStatus.PENDING, id="did not go and was opened"),
        pytest.param(
            (claimed(), UNKNOWN, NOT_SENT, OPENED, claimed(), ACCEPTED), LeadStatus.OPENED, id="opened, then sent again"
        ),
        pytest.param((claimed(), OPENED), LeadStatus.QUEUED, id="opened before the report"),
        pytest.param((claimed(), OPENED, ACCEPTED), LeadStatus.OPENED, id="opened, then reported"),
        pytest.param((claimed(), ACCEPTED), LeadStatus.SENT, id="sent"),
        pytest.param((claimed(), ACCEPTED, events.Bounced(hard=False)), LeadStatus.SENT, id="soft bounce"),
        pytest.param((claimed(), ACCEPTED, OPENED), LeadStatus.OPENED, id="opened"),
        pytest.param(
            (claimed(), ACCEPTED, events.Opened(by_machine=True, first=False)),
            LeadStatus.SENT,
            id="opened by a program",
        ),
        pytest.param(
            (claimed(), ACCEPTED, OPENED, claimed(SECOND, 2), RELEASED), LeadStatus.OPENED, id="follow-up given back"
        ),
        pytest.param((claimed(), ACCEPTED, events.Finished()), LeadStatus.SENT, id="finished"),
    ],
)
def test_a_status_after_a_history(given_events: tuple[Any, ...], status: LeadStatus) -> None:
    assert LEAD_DECIDER.fold(history(*given_events)).status is status


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        (StopReason.REPLIED, LeadStatus.REPLIED),
        (StopReason.BOUNCED, LeadStatus.BOUNCED),
        (StopReason.COMPLAINED, LeadStatus.UNSUBSCRIBED),
        (StopReason.UNSUBSCRIBED, LeadStatus.UNSUBSCRIBED),
        (StopReason.SUPPRESSED, LeadStatus.UNSUBSCRIBED),
        (StopReason.DEFERRED, LeadStatus.FAILED),
        (StopReason.UNFIT, LeadStatus.FAILED),
    ],
    ids=lambda each: each.value,
)
def test_each_reason_of_a_stop_has_its_status(reason: StopReason, status: LeadStatus) -> None:
    """Whether the lead was never contacted or was sent a mail."""
    stop = events.Stopped(reason=reason)
    assert LEAD_DECIDER.fold(history(stop)).status is status
    assert LEAD_DECIDER.fold(history(claimed(), ACCEPTED, OPENED, stop)).status is status
