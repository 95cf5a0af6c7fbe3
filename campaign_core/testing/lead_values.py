"""Leads and addresses, made up: what happens to them, and what can be said about them.

Needs hypothesis.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from campaign_core.kernel.suppressing import LiftSuppression, SuppressAddress
from campaign_core.lead import commands, events
from campaign_core.lead.commands import LeadCommand, ReviseLead
from campaign_core.suppression import events as suppression_events_
from campaign_core.suppression.events import SuppressionReason
from campaign_core.testing.values import addresses, any_id, cells, custom_fields, instants, maybe, texts


def digests() -> SearchStrategy[str]:
    """SHA-256 digests, in hex."""
    return st.binary(min_size=32, max_size=32).map(bytes.hex)


def reservations() -> SearchStrategy[events.Reservation]:
    """What a claim takes from the limits of an inbox, on two days that are near each other."""
    days = instants().map(lambda at: at.date().isoformat())
    return st.builds(events.Reservation, inbox_id=st.uuids(), utc_day=days, local_day=days)


def claims() -> SearchStrategy[events.Claimed]:
    """Claims of first mails and of follow-ups."""
    steps = st.tuples(st.just(1), st.none()) | st.tuples(st.integers(2, 4), st.uuids())
    made = {
        "variant_name": st.text("ABCXYZ", min_size=1, max_size=3),
        "reserved": reservations(),
        "worker": texts(1, 40),
        "deadline": instants(),
        "address_hash": digests(),
        "campaign_version": st.integers(1, 2**31),
        "values_position": st.integers(1, 2**63 - 1),
        "values_place": st.integers(0, 10_000),
        "public_url": st.none() | st.just("https://mail.example.com"),
    }
    return st.builds(
        lambda step, values: events.Claimed(step_number=step[0], sequence_id=step[1], **values),
        steps,
        st.fixed_dictionaries(made),
    )


_BY_MACHINE: Final = {"by_machine": st.booleans()}
_FIRST: Final = {**_BY_MACHINE, "first": st.booleans()}
_CODES: Final = st.integers(200, 599)
#: A strategy for each event of a lead.
LEAD_EVENTS: Final[Mapping[type, SearchStrategy[Any]]] = {
    events.DetailsRevised: st.builds(
        events.DetailsRevised,
        fields=st.sets(texts(1, 20), min_size=1, max_size=4).map(lambda names: tuple(sorted(names))),
    ),
    events.Claimed: claims(),
    events.Released: st.builds(events.Released, reason=st.sampled_from(events.ReleaseReason), freed=reservations()),
    events.Accepted: st.builds(events.Accepted, wire_digest=digests()),
    events.Deferred: st.builds(events.Deferred, code=maybe(_CODES), retry_at=instants(), freed=reservations()),
    events.Rejected: st.builds(events.Rejected, code=_CODES, about_address=st.booleans()),
    events.OutcomeUnknown: st.builds(events.OutcomeUnknown),
    events.Resolved: st.builds(events.Resolved, sent=st.just(True), freed=st.none())
    | st.builds(events.Resolved, sent=st.just(False), freed=reservations()),
    events.Skipped: st.builds(events.Skipped, step_number=st.integers(2, 4), sequence_id=st.uuids(), due_at=instants()),
    events.Opened: st.builds(events.Opened, **_FIRST),
    events.Clicked: st.builds(events.Clicked, link=st.integers(1, 10_000), **_FIRST),
    events.Replied: st.builds(events.Replied, **_FIRST),
    events.Bounced: st.builds(events.Bounced, hard=st.booleans()),
    events.Complained: st.builds(events.Complained),
    events.Unsubscribed: st.builds(events.Unsubscribed),
    events.Stopped: st.builds(events.Stopped, reason=st.sampled_from(events.StopReason)),
    events.Finished: st.builds(events.Finished),
}
#: A strategy for each event of an address that is not written to.
SUPPRESSION_EVENTS: Final[Mapping[type, SearchStrategy[Any]]] = {
    suppression_events_.Suppressed: st.builds(
        suppression_events_.Suppressed, reason=st.sampled_from(SuppressionReason)
    ),
    suppression_events_.Lifted: st.builds(suppression_events_.Lifted),
}


def lead_events() -> SearchStrategy[Any]:
    """Any event of a lead."""
    return st.one_of(list(LEAD_EVENTS.values()))


def suppression_events() -> SearchStrategy[Any]:
    """Any event of an address."""
    return st.one_of(list(SUPPRESSION_EVENTS.values()))


def revise_commands(
    campaign_ids: SearchStrategy[UUID] | None = None, lead_ids: SearchStrategy[UUID] | None = None
) -> SearchStrategy[ReviseLead]:
    """Commands that change values of a lead."""
    standard = {name: maybe(cells()) for name in ("first_name", "last_name", "company")}
    return st.builds(
        lambda campaign_id, lead_id, given, more: ReviseLead(campaign_id, lead_id, **given, custom_fields=more),
        any_id(campaign_ids),
        any_id(lead_ids),
        st.fixed_dictionaries({}, optional=standard),
        custom_fields(),
    )


_REPORTS: Final[Mapping[type, Mapping[str, SearchStrategy[Any]]]] = {
    commands.ReportAccepted: {"wire_digest": digests(), "at": maybe(instants())},
    commands.ReportDeferred: {"reply_code": maybe(_CODES)},
    commands.ReportRejected: {"reply_code": _CODES, "about_address": st.booleans()},
    commands.ReleaseClaim: {"reason": st.sampled_from(events.ReleaseReason)},
}
_ANSWERS: Final[Mapping[type, Mapping[str, SearchStrategy[Any]]]] = {
    commands.RecordOpen: _BY_MACHINE,
    commands.RecordClick: {**_BY_MACHINE, "link": st.integers(1, 10_000)},
    commands.RecordReply: _BY_MACHINE,
    commands.RecordBounce: {"hard": st.booleans()},
    commands.RecordComplaint: {},
    commands.RecordUnsubscribe: {},
}
_CLAIM: Final = {"claim": st.integers(1, 2**63 - 1)}
_AT: Final = {"at": maybe(instants())}
#: What each command about one mail or address says beside the lead, all but revisions.
_SAYS: Final[Mapping[type, Mapping[str, SearchStrategy[Any]]]] = {
    **{kind: {**_CLAIM, **more} for kind, more in _REPORTS.items()},
    **{kind: {**_AT, **more} for kind, more in _ANSWERS.items()},
    commands.ResolveUnknown: {"sent": st.booleans()},
}
_ABOUT_ADDRESSES: Final[Mapping[type, Mapping[str, SearchStrategy[Any]]]] = {
    SuppressAddress: {"email": addresses(), "reason": st.sampled_from(SuppressionReason)},
    LiftSuppression: {"email": addresses()},
}


def commands_of(kind: type, **given: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """Commands of one class about a mail or an address, some of their fields given."""
    about = _ABOUT_ADDRESSES.get(kind) or {"campaign_id": st.uuids(), "lead_id": st.uuids(), **_SAYS[kind]}
    return st.builds(kind, **{**about, **given})


def report_commands(**given: SearchStrategy[Any]) -> SearchStrategy[LeadCommand]:
    """What a worker says about its claim, some fields given: `campaign_id`, `lead_id`, `claim`."""
    return st.one_of([commands_of(kind, **given) for kind in _REPORTS])


def answer_commands(**given: SearchStrategy[Any]) -> SearchStrategy[LeadCommand]:
    """What came back about a mail, some fields given: `campaign_id`, `lead_id`, `at`."""
    return st.one_of([commands_of(kind, **given) for kind in _ANSWERS])


def lead_commands(
    campaign_ids: SearchStrategy[UUID] | None = None, lead_ids: SearchStrategy[UUID] | None = None
) -> SearchStrategy[LeadCommand]:
    """Any command for a lead, of the right shape and in range."""
    about = {"campaign_id": any_id(campaign_ids), "lead_id": any_id(lead_ids)}
    resolutions = commands_of(commands.ResolveUnknown, **about)
    return revise_commands(*about.values()) | report_commands(**about) | answer_commands(**about) | resolutions


def suppression_commands(**given: SearchStrategy[Any]) -> SearchStrategy[SuppressAddress | LiftSuppression]:
    """Commands that put an address on the list of those not written to, or take it off; `email` may be given."""
    return st.one_of([commands_of(kind, **given) for kind in _ABOUT_ADDRESSES])
