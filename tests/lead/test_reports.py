"""What workers and operators say about a claim. A report names its claim, so that none is taken for another mail's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from campaign_core import (
    IllegalTransition,
    ReleaseClaim,
    ReleaseReason,
    ReportAccepted,
    ReportDeferred,
    ReportRejected,
    ResolveUnknown,
    StaleClaim,
    UnknownLead,
)
from campaign_core.lead.events import (
    Accepted,
    Claimed,
    Deferred,
    Finished,
    OutcomeUnknown,
    Rejected,
    Released,
    Replied,
    Resolved,
    Stopped,
    StopReason,
    Unsubscribed,
)
from campaign_core.recorded import Proposed
from campaign_core.testing.scenario import AT
from tests.lead.given import (
    ACCEPTED,
    CAMPAIGN_ID,
    CHAIN,
    LEAD_ID,
    RELEASED,
    SECOND,
    WIRE,
    claimed,
    deferred,
    facts,
    reservation,
    when,
)

RESERVED = reservation()
REPLIED = Replied(by_machine=False, first=True)
UNKNOWN = OutcomeUnknown()


def accepted(claim: int, **others: Any) -> ReportAccepted:
    return ReportAccepted(CAMPAIGN_ID, LEAD_ID, claim, WIRE, **others)


def put_off(claim: int, code: int | None = 451) -> ReportDeferred:
    return ReportDeferred(CAMPAIGN_ID, LEAD_ID, claim, reply_code=code)


def rejected(claim: int, *, about_address: bool = False) -> ReportRejected:
    return ReportRejected(CAMPAIGN_ID, LEAD_ID, claim, reply_code=550, about_address=about_address)


def release(claim: int, reason: ReleaseReason = ReleaseReason.STOPPING) -> ReleaseClaim:
    return ReleaseClaim(CAMPAIGN_ID, LEAD_ID, claim, reason=reason)


def resolved(*, sent: bool) -> ResolveUnknown:
    return ResolveUnknown(CAMPAIGN_ID, LEAD_ID, sent=sent)


#: Every report, made for a claim.
REPORTS: dict[str, Callable[[int], Any]] = {
    "accepted": accepted,
    "deferred": put_off,
    "rejected": rejected,
    "released": release,
}
each_report = pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
NOT_ACCEPTED = pytest.mark.parametrize("report", [put_off, rejected, release], ids=["deferred", "rejected", "released"])


def test_a_mail_that_was_taken_keeps_its_time_and_its_digest() -> None:
    """The time of the server where the worker says it, else that of the command."""
    at = AT + timedelta(seconds=7)
    when(accepted(1, at=at), claimed()).then(Proposed(Accepted(wire_digest=WIRE), occurred_at=at))
    when(accepted(1), claimed()).then(Proposed(Accepted(wire_digest=WIRE), occurred_at=None))


def test_the_last_mail_finishes_the_walk() -> None:
    """No follow-up is left behind it."""
    when(accepted(1), claimed(), known=facts(())).then(ACCEPTED, Finished())
    when(accepted(3), claimed(), ACCEPTED, claimed(SECOND, 2), known=facts(CHAIN[:1])).then(ACCEPTED, Finished())
    when(accepted(1), claimed(), known=facts(CHAIN[:1])).then(ACCEPTED)


def test_an_acceptance_said_again_changes_nothing() -> None:
    """At once, and after the next mail was claimed or went."""
    when(accepted(1), claimed(), ACCEPTED).then_nothing()
    when(accepted(1), claimed(), ACCEPTED, claimed(SECOND, 2)).then_nothing()
    when(accepted(1), claimed(), ACCEPTED, claimed(SECOND, 2), ACCEPTED, Finished()).then_nothing()
    when(accepted(1), claimed(), UNKNOWN, Resolved(sent=True, freed=None)).then_nothing()


@NOT_ACCEPTED
def test_a_mail_that_went_is_not_talked_away(report: Callable[[int], Any]) -> None:
    """A report that contradicts an acceptance is refused, and names the claim it meant."""
    when(report(1), claimed(), ACCEPTED).then_rejected(StaleClaim, claim=1)
    when(report(1), claimed(), UNKNOWN, Resolved(sent=True, freed=None)).then_rejected(StaleClaim, claim=1)


@each_report
@pytest.mark.parametrize(
    "given",
    [
        pytest.param((claimed(), RELEASED, claimed()), id="given back before"),
        pytest.param((claimed(), deferred(), claimed()), id="put off before"),
        pytest.param((claimed(), UNKNOWN, Resolved(sent=False, freed=RESERVED)), id="resolved as not sent"),
        pytest.param((claimed(), Rejected(code=550, about_address=False)), id="rejected before"),
    ],
)
def test_a_report_on_a_claim_that_came_to_nothing_is_stale(
    report: Callable[[int], Any], given: tuple[Any, ...]
) -> None:
    """It says something else than is recorded, and the mail may have gone since under another claim."""
    when(report(1), *given).then_rejected(StaleClaim, claim=1)


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(RELEASED, id="given back"),
        pytest.param(deferred(), id="put off"),
        pytest.param(Rejected(code=554, about_address=False), id="rejected"),
    ],
)
def test_an_earlier_mail_does_not_vouch_for_a_later_one(end: Any) -> None:
    """The first mail went; that the follow-up, given up since, went as well is not swallowed as known."""
    when(accepted(3), claimed(), ACCEPTED, claimed(SECOND, 2), end).then_rejected(StaleClaim, claim=3)


@each_report
@pytest.mark.parametrize("claim", [2, 9], ids=["version of another event", "version to come"])
def test_a_claim_that_never_was_is_stale(report: Callable[[int], Any], claim: int) -> None:
    when(report(claim), claimed()).then_rejected(StaleClaim, claim=claim)
    when(report(claim)).then_rejected(StaleClaim, claim=claim)


@pytest.mark.parametrize(
    ("report", "event"),
    [
        pytest.param(accepted(1), ACCEPTED, id="accepted"),
        pytest.param(put_off(1), deferred(), id="deferred"),
        pytest.param(rejected(1), Rejected(code=550, about_address=False), id="rejected"),
        pytest.param(release(1), RELEASED, id="released"),
    ],
)
def test_a_late_report_settles_an_unknown_outcome(report: Any, event: Any) -> None:
    """Whoever claimed the mail knows better than the deadline."""
    when(report, claimed(), UNKNOWN).then(event)


def test_an_operator_says_what_became_of_an_unknown_mail() -> None:
    """Sent: it counts as sent when it was claimed, and its reservation stays. Not sent: that is given back."""
    when(resolved(sent=True), claimed(), UNKNOWN).then(Resolved(sent=True, freed=None))
    when(resolved(sent=False), claimed(), UNKNOWN).then(Resolved(sent=False, freed=RESERVED))
    when(resolved(sent=True), claimed(), UNKNOWN, known=facts(())).then(Resolved(sent=True, freed=None), Finished())
    when(resolved(sent=True), claimed(), ACCEPTED).then_rejected(IllegalTransition, trigger="resolve")


@pytest.mark.parametrize(
    ("before", "minutes"), [pytest.param(0, 15, id="first time"), pytest.param(1, 60, id="second time")]
)
def test_a_server_that_puts_a_mail_off_is_asked_later(before: int, minutes: int) -> None:
    """A quarter of an hour, then an hour, from the report; the reservation is given back."""
    given = (*(claimed(), deferred()) * before, claimed())
    at = AT + timedelta(hours=2)
    wanted = Deferred(code=451, retry_at=at + timedelta(minutes=minutes), freed=RESERVED)
    when(put_off(len(given)), *given, known=facts(at=at)).then(wanted)


def test_a_mail_put_off_three_times_ends_the_walk() -> None:
    given = (claimed(), deferred(), claimed(), deferred(), claimed())
    when(put_off(5, None), *given).then(deferred(AT + timedelta(hours=1), None), Stopped(reason=StopReason.DEFERRED))


def test_each_mail_has_tries_of_its_own() -> None:
    """Two deferrals of the first mail are forgotten once it went; a claim given back forgets none."""
    tried = (claimed(), deferred(), claimed(), deferred(), claimed())
    when(put_off(7), *tried, ACCEPTED, claimed(SECOND, 2)).then(deferred(AT + timedelta(minutes=15)))
    decided = when(put_off(7), *tried, RELEASED, claimed())
    decided.then(deferred(AT + timedelta(hours=1)), Stopped(reason=StopReason.DEFERRED))


@pytest.mark.parametrize("reason", ReleaseReason, ids=lambda reason: reason.value)
def test_a_claim_is_given_back_with_its_reason(reason: ReleaseReason) -> None:
    when(release(1, reason), claimed()).then(Released(reason=reason, freed=RESERVED))


@pytest.mark.parametrize("about_address", [True, False], ids=["about the address", "about the mail"])
def test_a_mail_refused_for_good_ends_the_walk(about_address: bool) -> None:
    """By itself: no stop follows, not even where an answer had come."""
    wanted = Rejected(code=550, about_address=about_address)
    when(rejected(1, about_address=about_address), claimed()).then(wanted)
    when(rejected(1, about_address=about_address), claimed(), Unsubscribed()).then(wanted)


@pytest.mark.parametrize(
    ("report", "event"),
    [
        pytest.param(accepted(3), ACCEPTED, id="accepted"),
        pytest.param(put_off(3), deferred(), id="deferred"),
        pytest.param(release(3), RELEASED, id="released"),
    ],
)
def test_an_answer_that_came_during_a_claim_ends_the_walk_with_the_report(report: Any, event: Any) -> None:
    """The mail may be on its way, so the end waits for what became of it."""
    given = (claimed(), ACCEPTED, claimed(SECOND, 2), REPLIED)
    when(report, *given).then(event, Stopped(reason=StopReason.REPLIED))


@pytest.mark.parametrize("sent", [True, False], ids=["it went", "it did not go"])
def test_an_answer_that_came_while_the_outcome_was_unknown_ends_the_walk_with_the_word(sent: bool) -> None:
    given = (claimed(), ACCEPTED, claimed(SECOND, 2), UNKNOWN, REPLIED)
    word = Resolved(sent=sent, freed=None if sent else RESERVED)
    when(resolved(sent=sent), *given).then(word, Stopped(reason=StopReason.REPLIED))


@each_report
def test_a_report_on_a_lead_that_is_not_there_is_refused(report: Callable[[int], Any]) -> None:
    when(report(1), known=facts(exists=False)).then_rejected(UnknownLead, given=LEAD_ID)


def test_the_reservation_given_back_is_that_of_the_newest_claim() -> None:
    """Not that of the first mail, which went from another inbox."""
    other = reservation(CAMPAIGN_ID)
    newest: Claimed = claimed(SECOND, 2, reserved=other)
    when(release(3), claimed(), ACCEPTED, newest).then(Released(reason=ReleaseReason.STOPPING, freed=other))
