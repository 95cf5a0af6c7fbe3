"""What comes back about mails, through the kernel on every store: in every status of the campaign, and what follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from attrs import frozen

from campaign_core import (
    CAMPAIGNS,
    DUE,
    LEADS,
    SUPPRESSIONS,
    ActivateCampaign,
    ArchiveCampaign,
    CampaignRow,
    CommandIdReused,
    DeleteCampaign,
    InvalidMessage,
    Kernel,
    LeadStatus,
    NothingSent,
    PauseCampaign,
    PauseReason,
    RecordBounce,
    RecordClick,
    RecordComplaint,
    RecordOpen,
    RecordReply,
    RecordUnsubscribe,
    ReleaseClaim,
    ReleaseReason,
    RemoveLeads,
    ReportAccepted,
    ReportDeferred,
    ReportRejected,
    ResolveUnknown,
    ReviseLead,
    StaleClaim,
    StopReason,
    UnknownCampaign,
    UnknownLead,
    UploadLeads,
    WrongExpectedVersion,
    open_kernel,
)
from campaign_core.campaign.events import Paused
from campaign_core.campaign.guard import guard
from campaign_core.kernel.kernel import VIEWS
from campaign_core.kernel.stores import open_store
from campaign_core.log.ports import Store
from tests.conftest import AT
from tests.kernel.claims import WIRE, Worker
from tests.kernel.given import active

#: What can come back about a mail, and the event of it.
ANSWERS: Final[dict[str, tuple[Callable[..., Any], str]]] = {
    "open": (RecordOpen, "lead.opened"),
    "click": (RecordClick, "lead.clicked"),
    "reply": (RecordReply, "lead.replied"),
    "bounce": (RecordBounce, "lead.bounced"),
    "complaint": (RecordComplaint, "lead.complained"),
    "unsubscribe": (RecordUnsubscribe, "lead.unsubscribed"),
}
#: Those after which the address is not written to.
SUPPRESSING: Final = {"bounce", "complaint", "unsubscribe"}
#: How a campaign gets to each status a mail can come back in.
WAYS: Final[dict[str, Callable[[Worker], object]]] = {
    "ACTIVE": lambda worker: None,
    "PAUSED": lambda worker: worker.kernel.handle(PauseCampaign(worker.campaign_id)),
    "COMPLETED": lambda worker: (worker.stop(2), worker.kernel.dispatch("worker-1")),
    "ARCHIVED": lambda worker: _tell(worker, PauseCampaign, ArchiveCampaign),
    "DELETED": lambda worker: _tell(worker, PauseCampaign, DeleteCampaign),
}


def _tell(worker: Worker, *kinds: Callable[[UUID], Any]) -> None:
    for kind in kinds:
        worker.kernel.handle(kind(worker.campaign_id))


@pytest.fixture
def store(location: str) -> Store:
    return open_store(location)


@pytest.fixture
def kernel(store: Store) -> Iterator[Kernel]:
    with open_kernel(store, clock=lambda: AT) as opened:
        yield opened


@pytest.fixture
def worker(store: Store, kernel: Kernel) -> Worker:
    """Of an ACTIVE campaign without follow-ups and with two leads, Anna and Bert."""
    made = active(kernel)
    return Worker(store, kernel, made.campaign_id, made.inbox_id)


def crowd(worker: Worker, count: int) -> Worker:
    """The same campaign with so many more leads, numbered from 3, all of whom were sent a mail."""
    rows = "".join(f"lead{number}@example.com\n" for number in range(3, 3 + count))
    worker.kernel.handle(UploadLeads(worker.campaign_id, f"email\n{rows}".encode()))
    numbers = range(3, 3 + count)
    worker.claim(*numbers)
    for number in numbers:
        worker.kernel.handle(ReportAccepted(worker.campaign_id, worker.lead_id(number), 1, WIRE))
    return worker


def campaign(worker: Worker) -> CampaignRow:
    row = worker.kernel.view(CAMPAIGNS).get(worker.campaign_id)
    assert row is not None
    return row


def names(worker: Worker) -> list[str]:
    """The stored names of the campaign's own events."""
    return [each.name for each in worker.kernel.history(worker.campaign_id)]


@pytest.mark.parametrize("status", WAYS)
@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_recorded_in_every_status(worker: Worker, name: str, status: str) -> None:
    """And an unsubscribe, a complaint and a hard bounce suppress the address, after a deletion too."""
    record, event = ANSWERS[name]
    worker.send(1)
    WAYS[status](worker)
    row = worker.kernel.view(CAMPAIGNS).get(worker.campaign_id)
    assert ("DELETED" if row is None else row.status) == status
    outcome = worker.say(record, 1)
    assert outcome.events == (event,)
    assert outcome.id == worker.lead_id(1)
    reasons = [row.reason.value for row in worker.kernel.view(SUPPRESSIONS).find()]
    assert reasons == [event.removeprefix("lead.")] * (name in SUPPRESSING)
    before = [worker.kernel.view(view).find() for view in VIEWS]
    worker.kernel.rebuild()
    assert [worker.kernel.view(view).find() for view in VIEWS] == before
    assert worker.kernel.verify().holds


def test_a_campaign_that_is_deleted_takes_no_revision_but_what_comes_back(worker: Worker) -> None:
    """Nor is a lead of it known that nothing ever happened to."""
    worker.send(1)
    WAYS["DELETED"](worker)
    with pytest.raises(UnknownCampaign):
        worker.say(ReviseLead, 1, company="Ash")
    with pytest.raises(UnknownCampaign):
        worker.say(RecordUnsubscribe, 2)


def test_a_claim_outlives_the_deletion_of_its_campaign(worker: Worker) -> None:
    """The worker that was sending meanwhile reports, and what was sent counts against the inbox."""
    worker.claim(1)
    WAYS["DELETED"](worker)
    assert worker.accept(1)[0].status == "SENT"
    assert worker.kernel.view(DUE).find() == []


def test_a_person_who_was_never_contacted_can_unsubscribe(worker: Worker) -> None:
    """By telephone, say: the walk ends, and the address is suppressed without any claim."""
    assert worker.say(RecordUnsubscribe, 1).status == "UNSUBSCRIBED"
    assert worker.kernel.view(SUPPRESSIONS).count() == 1
    with pytest.raises(NothingSent):
        worker.say(RecordOpen, 2)


def test_rows_of_leads_and_campaigns_tell_what_came_back(worker: Worker) -> None:
    """Times are those of the first by a person, counts those of leads."""
    later, latest = AT + timedelta(hours=1), AT + timedelta(hours=2)
    worker.send(1)
    worker.say(RecordOpen, 1, at=later, by_machine=True)
    for at in (later, latest):
        worker.say(RecordOpen, 1, at=at)
        worker.say(RecordClick, 1, at=at)
        worker.say(RecordReply, 1, at=at)
    row = worker.kernel.view(LEADS).get(worker.campaign_id, 1)
    assert row is not None
    assert (row.opened_at, row.clicked_at, row.replied_at) == (later, later, later)
    assert (row.status, row.sent_count, row.last_sent_at, row.inbox_id) == ("REPLIED", 1, AT, worker.inbox_id)
    found = campaign(worker)
    assert (found.sent_count, found.open_count, found.reply_count) == (1, 1, 1)


def test_the_last_end_completes_the_campaign(worker: Worker) -> None:
    """Recorded with what ended it, in one transaction; not while a mail is under way, unknown or put off."""
    worker.send(1)
    worker.claim(2)
    assert campaign(worker).status == "ACTIVE"
    worker.report(ReportDeferred, 2)
    assert campaign(worker).status == "ACTIVE"
    worker.claim(2)
    worker.lose(2)
    assert campaign(worker).status == "ACTIVE"
    position = worker.say(ResolveUnknown, 2, sent=True).position
    assert position is not None
    assert campaign(worker).status == "COMPLETED"
    assert worker.kernel.history(worker.campaign_id)[-1].position == position + 1


ENDS: Final[dict[str, Callable[[Worker], object]]] = {
    "accepted": lambda worker: worker.accept(2),
    "rejected": lambda worker: worker.report(ReportRejected, 2, reply_code=554, about_address=False),
    "released, unsubscribed": lambda worker: (
        worker.say(RecordUnsubscribe, 2),
        worker.report(ReleaseClaim, 2, reason=ReleaseReason.STOPPING),
    ),
}


@pytest.mark.parametrize("end", ENDS)
def test_whatever_ends_the_last_lead_completes(worker: Worker, end: str) -> None:
    worker.send(1)
    worker.claim(2)
    ENDS[end](worker)
    assert campaign(worker).status == "COMPLETED"
    assert names(worker).count("campaign.completed") == 1


def test_a_paused_campaign_is_completed_when_it_is_resumed(worker: Worker) -> None:
    """What ended while it was paused completes nothing then."""
    worker.send(1)
    worker.claim(2)
    worker.kernel.handle(PauseCampaign(worker.campaign_id))
    worker.accept(2)
    assert campaign(worker).status == "PAUSED"
    worker.kernel.handle(ActivateCampaign(worker.campaign_id))
    assert names(worker)[-2:] == ["campaign.resumed", "campaign.completed"]


def reasons(worker: Worker) -> list[PauseReason]:
    """Why the campaign was paused, each time."""
    return [each.event.reason for each in worker.kernel.history(worker.campaign_id) if isinstance(each.event, Paused)]


@pytest.mark.parametrize(
    ("sent", "bounces", "complaints", "reason"),
    [
        pytest.param(49, 49, 49, None, id="too few mails"),
        pytest.param(50, 1, 0, None, id="one bounce in fifty"),
        pytest.param(50, 2, 0, PauseReason.BOUNCES, id="4 % exactly"),
        pytest.param(2500, 99, 2, None, id="right below both"),
        pytest.param(2500, 100, 2, PauseReason.BOUNCES, id="4 % of many"),
        pytest.param(1000, 39, 1, PauseReason.COMPLAINTS, id="0.1 % exactly"),
        pytest.param(1001, 40, 1, None, id="a mail too many for either"),
        pytest.param(50, 0, 1, PauseReason.COMPLAINTS, id="one complaint in fifty"),
        pytest.param(50, 0, 0, None, id="nothing came back"),
    ],
)
def test_the_guard_speaks_at_its_shares(sent: int, bounces: int, complaints: int, reason: PauseReason | None) -> None:
    """Hard bounces of 4 % or complaints of 0.1 %, of at least 50 mails. Source: DESIGN section 3."""
    assert guard(sent, bounces, complaints) is reason


def test_two_bounces_in_fifty_mails_pause_the_campaign(worker: Worker) -> None:
    """That is 4 % exactly. A soft bounce is none, and neither is one."""
    crowd(worker, 50)
    worker.say(RecordBounce, 3, hard=False)
    worker.say(RecordBounce, 4)
    worker.say(RecordBounce, 4)
    assert reasons(worker) == []
    worker.say(RecordBounce, 5)
    assert reasons(worker) == [PauseReason.BOUNCES]
    assert campaign(worker).status == "PAUSED"


def test_fewer_than_fifty_mails_say_nothing(worker: Worker) -> None:
    """Whatever came back of 49; the fiftieth mail tells."""
    crowd(worker, 49)
    for number in range(3, 10):
        worker.say(RecordBounce, number)
        worker.say(RecordComplaint, number)
    assert campaign(worker).status == "ACTIVE"
    worker.send(1)
    assert reasons(worker) == [PauseReason.BOUNCES]


def test_a_resume_counts_anew(worker: Worker) -> None:
    """The guard forgets, the statistics do not: fifty mails more must go before a share says anything."""
    crowd(worker, 50)
    worker.say(RecordBounce, 3)
    worker.say(RecordBounce, 4)
    assert campaign(worker).status == "PAUSED"
    worker.kernel.handle(ActivateCampaign(worker.campaign_id))
    found = campaign(worker)
    assert (found.guarded_sent, found.guarded_bounces, found.guarded_complaints) == (0, 0, 0)
    assert (found.sent_count, found.bounce_count) == (50, 2)
    for number in range(5, 10):
        worker.say(RecordBounce, number)
    assert campaign(worker).status == "ACTIVE"


def test_one_complaint_in_a_thousand_mails_pauses_the_campaign(worker: Worker) -> None:
    """One in fifty does so the more; an address refused by a server counts as a bounce."""
    crowd(worker, 50)
    worker.claim(1)
    worker.report(ReportRejected, 1, reply_code=550, about_address=True)
    assert campaign(worker).guarded_bounces == 1
    worker.say(RecordComplaint, 7)
    assert reasons(worker) == [PauseReason.COMPLAINTS]
    worker.kernel.handle(ActivateCampaign(worker.campaign_id))
    assert (campaign(worker).guarded_complaints, campaign(worker).complaint_count) == (0, 1)


@frozen
class Said:
    """A command about lead 1, and what brings the lead to where it means something."""

    before: Callable[[Worker], object]
    kind: Callable[..., Any]
    more: dict[str, Any]


SAID: Final[dict[str, Said]] = {
    "accepted": Said(lambda worker: worker.claim(1), ReportAccepted, {"claim": 1, "wire_digest": WIRE}),
    "deferred": Said(lambda worker: worker.claim(1), ReportDeferred, {"claim": 1}),
    "rejected": Said(
        lambda worker: worker.claim(1), ReportRejected, {"claim": 1, "reply_code": 550, "about_address": True}
    ),
    "released": Said(lambda worker: worker.claim(1), ReleaseClaim, {"claim": 1, "reason": ReleaseReason.PAUSED}),
    "resolved": Said(lambda worker: (worker.claim(1), worker.lose(1)), ResolveUnknown, {"sent": False}),
    **{name: Said(lambda worker: worker.send(1), record, {}) for name, (record, _) in ANSWERS.items()},
}


@pytest.mark.parametrize("name", SAID)
def test_a_command_repeated_under_its_id_answers_the_same_and_records_nothing(worker: Worker, name: str) -> None:
    """Another command under that id is refused."""
    said = SAID[name]
    said.before(worker)
    command = said.kind(worker.campaign_id, worker.lead_id(1), **said.more)
    first = worker.kernel.handle(command, command_id="once")
    events = worker.kernel.verify().events
    assert first.events
    assert worker.kernel.handle(command, command_id="once") == first
    assert worker.kernel.verify().events == events
    with pytest.raises(CommandIdReused):
        worker.kernel.handle(said.kind(worker.campaign_id, worker.lead_id(2), **said.more), command_id="once")


def test_reports_through_the_kernel_name_their_claim(worker: Worker) -> None:
    """Said twice an acceptance changes nothing; a stale report says which claim it meant; versions are guarded."""
    worker.send(1)
    assert worker.kernel.handle(ReportAccepted(worker.campaign_id, worker.lead_id(1), 1, WIRE)).events == ()
    with pytest.raises(StaleClaim, match="version 1 is not open"):
        worker.kernel.handle(ReportDeferred(worker.campaign_id, worker.lead_id(1), 1))
    worker.claim(2)
    command = ReportAccepted(worker.campaign_id, worker.lead_id(2), 1, WIRE)
    with pytest.raises(WrongExpectedVersion):
        worker.kernel.handle(command, expected_version=2)
    assert worker.kernel.handle(command, expected_version=1).version == 3


def test_a_lead_id_that_is_no_leads_is_unknown(worker: Worker) -> None:
    """Of another campaign, of nobody, of a lead that was removed."""
    other = active(worker.kernel, address="other@example.com").campaign_id
    worker.kernel.handle(RemoveLeads(worker.campaign_id, (worker.lead_id(2),)))
    for campaign_id, lead_id in (
        (other, worker.lead_id(1)),
        (worker.campaign_id, UUID(int=5)),
        (worker.campaign_id, worker.lead_id(2)),
    ):
        with pytest.raises(UnknownLead):
            worker.kernel.handle(RecordUnsubscribe(campaign_id, lead_id))
    with pytest.raises(UnknownCampaign):
        worker.kernel.handle(RecordUnsubscribe(UUID(int=5), worker.lead_id(1)))


def test_a_lead_that_was_put_off_is_not_removed(worker: Worker) -> None:
    """It has been contacted, or nearly: its mail is still to go. One whose claim was given back is."""
    worker.claim(1, 2)
    worker.report(ReportDeferred, 1)
    worker.report(ReleaseClaim, 2, reason=ReleaseReason.STOPPING)
    outcome = worker.kernel.handle(RemoveLeads(worker.campaign_id, (worker.lead_id(1), worker.lead_id(2))))
    assert (outcome.removed, outcome.kept) == (1, 1)
    row = worker.kernel.view(LEADS).get(worker.campaign_id, 1)
    assert row is not None
    assert row.status is LeadStatus.QUEUED


def test_an_instant_without_its_zone_is_refused(worker: Worker) -> None:
    """A time that came back with a mail is an instant; which zone a bare one meant nobody could say."""
    worker.send(1)
    with pytest.raises(InvalidMessage, match=r"\$\.at"):
        worker.say(RecordReply, 1, at=AT.replace(tzinfo=None))


def test_no_event_holds_an_address_or_a_name(worker: Worker) -> None:
    """All that came back of a campaign, suppressions too: neither payloads nor envelopes of it know the person."""
    worker.claim(1, 2)
    worker.report(ReportDeferred, 1)
    worker.claim(1)
    worker.accept(1)
    for record, _ in ANSWERS.values():
        worker.say(record, 1)
    worker.report(ReportRejected, 2, reply_code=550, about_address=True)
    found = [each for each in worker.kernel.subscribe() if not each.name.startswith("inbox.")]
    assert {"lead.claimed", "suppression.suppressed", "lead.unsubscribed", "lead.rejected"} <= {
        each.name for each in found
    }
    told = " ".join(repr(each) for each in found).casefold()
    assert not [word for word in ("anna", "bert", "assam") if word in told]
    row = worker.kernel.view(LEADS).get(worker.campaign_id, 1)
    assert row is not None
    assert row.email == "anna@example.com"


def test_a_stop_of_the_last_lead_is_settled_by_the_next_tick(worker: Worker) -> None:
    """Ends that a tick records complete the campaign with that tick."""
    worker.stop(1, 2, reason=StopReason.SUPPRESSED)
    worker.kernel.dispatch("worker-1")
    assert campaign(worker).status == "COMPLETED"
