"""Workspaces: nothing crosses from one to another, at any public call.

Two workspaces of one log are filled so that ids, addresses and command ids would collide if anything were shared. Each
public method of the kernel and of its readers is then asked in the one for what only the other has.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from attrs import frozen

from campaign_core import (
    BATCHES,
    CAMPAIGNS,
    DUE,
    INBOXES,
    LEADS,
    RESULTS,
    SUPPRESSIONS,
    TIMELINE,
    USAGE,
    ActivateCampaign,
    AddLead,
    AddLeads,
    AlreadyExists,
    ArchiveCampaign,
    CommandIdReused,
    CompleteCampaign,
    CreateCampaign,
    DeleteCampaign,
    DisableInbox,
    InvalidMessage,
    Kernel,
    LeadRow,
    LiftSuppression,
    PauseCampaign,
    PauseInbox,
    RecordBounce,
    RecordClick,
    RecordComplaint,
    RecordOpen,
    RecordReply,
    RecordUnsubscribe,
    RegisterInbox,
    ReleaseClaim,
    ReleaseReason,
    RemoveInbox,
    RemoveLeads,
    ReportAccepted,
    ReportDeferred,
    ReportRejected,
    ResolveUnknown,
    ResumeInbox,
    ReviseLead,
    SuppressAddress,
    UnknownCampaign,
    UnknownInbox,
    UnknownLead,
    UnknownWorkspace,
    UnusableInboxes,
    UpdateCampaign,
    UploadLeads,
    VerifyInbox,
    ViewReader,
    open_kernel,
)
from campaign_core.campaign.events import Source
from campaign_core.kernel.dispatch import Dispatched
from campaign_core.kernel.kernel import VIEWS
from campaign_core.kernel.registers import WorkspaceName
from campaign_core.kernel.stores import open_store
from campaign_core.lead.identity import lead_id_of
from campaign_core.log.ports import Store
from campaign_core.log.records import Register
from campaign_core.recorded import Rows
from campaign_core.views.assignments import ASSIGNMENTS
from campaign_core.views.usage import utc_day
from tests.conftest import AT
from tests.kernel.claims import WIRE, Worker
from tests.kernel.given import LEADS_CSV, VARIANT, Made, active, draft, paused

#: When the first mails were claimed: so long ago that the next may go.
EARLIER = AT - timedelta(hours=1)


@frozen
class Two:
    """Two workspaces of one log: in the other one there is a campaign under way and an inbox, here there is nothing.

    Its first lead was sent a mail, the second one's is claimed; one address is not to be written to.
    """

    here: Kernel
    there: Kernel
    made: Made
    lead: LeadRow
    #: The hash, there, of the address that is not to be written to.
    address_hash: str


@pytest.fixture
def store(location: str) -> Store:
    return open_store(location)


@pytest.fixture
def kernel(store: Store) -> Iterator[Kernel]:
    with open_kernel(store, clock=lambda: AT) as opened:
        yield opened


@pytest.fixture
def two(kernel: Kernel, store: Store) -> Two:
    there = kernel.create_workspace("second")
    made = active(there, sending_window_start=0, sending_window_end=24)
    worker = Worker(store, there, made.campaign_id, made.inbox_id, workspace="second")
    worker.send(1, at=EARLIER)
    worker.claim(2, at=EARLIER)
    there.handle(AddLead(made.campaign_id, "cleo@example.com"))
    there.handle(SuppressAddress("nobody@example.com"))
    lead = there.view(LEADS).get(made.campaign_id, 1)
    assert lead is not None
    (suppressed,) = there.view(SUPPRESSIONS).find()
    return Two(kernel, there, made, lead, suppressed.address_hash)


def refused(kind: type[Exception], call: Callable[[], object]) -> None:
    with pytest.raises(kind):
        call()


def _handle(two: Two) -> None:
    """Every command about what only the other workspace has; `COMMANDS` has them one by one."""
    refused(UnknownCampaign, lambda: two.here.handle(PauseCampaign(two.made.campaign_id)))


def _view(two: Two) -> None:
    for view in VIEWS:
        assert two.there.view(view).find() != []
        assert two.here.view(view).find() == []


def _of_a_campaign(name: str, two: Two) -> None:
    """What is asked about the mails of a campaign."""
    getattr(two.there, name)(two.made.campaign_id)
    refused(UnknownCampaign, lambda: getattr(two.here, name)(two.made.campaign_id))


def _timeline(two: Two) -> None:
    """Of a campaign, and of all that the workspace has."""
    _of_a_campaign("timeline", two)
    assert sum(each.counts.sent for each in two.there.timeline()) == 1
    assert sum(each.counts.sent for each in two.here.timeline()) == 0


def _why_inbox(two: Two) -> None:
    assert two.there.why_inbox(two.made.inbox_id).reasons
    refused(UnknownInbox, lambda: two.here.why_inbox(two.made.inbox_id))


def _past(two: Two) -> None:
    """As today: each workspace sees its own."""
    assert two.there.past(AT + timedelta(days=1)).view(CAMPAIGNS).count() == 1
    assert two.here.past(AT + timedelta(days=1)).view(CAMPAIGNS).count() == 0


def _export_leads(two: Two) -> None:
    assert len(list(two.there.export_leads(two.made.campaign_id))) == 4
    refused(UnknownCampaign, lambda: two.here.export_leads(two.made.campaign_id))


def _lead_values(two: Two) -> None:
    """Rows of another workspace, should one get hold of them."""
    assert two.there.lead_values([two.lead]) != [None]
    assert two.here.lead_values([two.lead]) == [None]


def _subscribe(two: Two) -> None:
    assert {each.workspace for each in two.there.subscribe()} == {"second"}
    assert list(two.here.subscribe()) == []


def _dispatch(two: Two) -> None:
    """Nothing of the other workspace is claimed, expired or settled."""
    events = two.there.verify().events
    assert two.here.dispatch("worker") == Dispatched()
    assert two.there.verify().events == events
    assert [task.lead_id for task in two.there.dispatch("worker").tasks] == [lead_id_of(two.made.campaign_id, 3)]


def _may_send(two: Two) -> None:
    (task,) = two.there.dispatch("worker").tasks
    assert two.there.may_send(task)
    assert not two.here.may_send(task)


def _sent_mails(two: Two) -> None:
    (task,) = two.there.dispatch("worker").tasks
    two.there.handle(ReportAccepted(task.campaign_id, task.lead_id, task.claim, WIRE))
    assert two.there.sent_mails(task.campaign_id, task.lead_id)
    assert two.here.sent_mails(task.campaign_id, task.lead_id) == []


def _lead_history(two: Two) -> None:
    assert two.there.lead_history(two.made.campaign_id, two.lead.lead_id) != []
    refused(UnknownLead, lambda: two.here.lead_history(two.made.campaign_id, two.lead.lead_id))


def _interactions(two: Two) -> None:
    (task,) = two.there.dispatch("worker").tasks
    two.there.handle(ReportAccepted(task.campaign_id, task.lead_id, task.claim, WIRE))
    assert two.there.interactions(task.campaign_id, task.lead_id)
    assert two.here.interactions(task.campaign_id, task.lead_id) == []


def _upload_job(two: Two) -> None:
    batch = two.there.handle(UploadLeads(two.made.campaign_id, b"email\nlate@example.com\n", keeps_job=True)).batch_id
    assert batch is not None
    assert two.there.upload_job(two.made.campaign_id, batch) is not None
    assert two.here.upload_job(two.made.campaign_id, batch) is None


def _earlier_outcome(two: Two) -> None:
    command = CreateCampaign("Spring launch")
    two.there.handle(command, command_id="once")
    assert two.there.earlier_outcome(command, "once") is not None
    assert two.here.earlier_outcome(command, "once") is None


def _inbox_usage(two: Two) -> None:
    """Also where the inbox of the other is asked for by its id."""
    assert [each.inbox_id for each in two.there.inbox_usage().inboxes] == [two.made.inbox_id]
    assert two.here.inbox_usage().inboxes == two.here.inbox_usage([two.made.inbox_id]).inboxes == ()


def _suppression_of(two: Two) -> None:
    """Though the address is the same."""
    assert two.there.suppression_of("nobody@example.com") is not None
    assert two.here.suppression_of("nobody@example.com") is None


def _shelf(two: Two) -> None:
    """Under the same key each workspace keeps a value of its own."""
    register = Register("notes", WorkspaceName)
    two.there.shelf(register).put("key", WorkspaceName("there"))
    assert two.here.shelf(register).get("key") is None
    assert two.here.shelf(register).scan() == []
    two.here.shelf(register).remove("key")
    assert two.there.shelf(register).scan() == [("key", WorkspaceName("there"))]


def _tracked(two: Two) -> None:
    """Of the whole log: whoever has the token has the mail. What it says can be recorded in its workspace only."""
    (task,) = two.there.dispatch("worker", public_url="https://mail.example.com").tasks
    token = re.findall(rb"/t/u/([\w-]+)", task.outgoing.wire)[0].decode()
    found = two.here.tracked(token)
    assert found is not None
    assert (found, found.workspace) == (two.there.tracked(token), "second")
    refused(UnknownCampaign, lambda: two.here.handle(RecordUnsubscribe(found.campaign_id, found.lead_id)))


def _workspace(two: Two) -> None:
    """The name is what leads there; an unknown one leads nowhere."""
    assert two.here.workspace("second").view(CAMPAIGNS).count() == 1
    assert two.there.workspace("default").view(CAMPAIGNS).count() == 0
    refused(UnknownWorkspace, lambda: two.here.workspace("third"))


def _create_workspace(two: Two) -> None:
    """Names are of the log: taken, whichever workspace asks. A new one is empty."""
    refused(AlreadyExists, lambda: two.here.create_workspace("second"))
    refused(AlreadyExists, lambda: two.there.create_workspace("default"))
    third = two.there.create_workspace("third")
    assert [third.view(view).count() for view in VIEWS] == [0] * len(VIEWS)


def _workspaces(two: Two) -> None:
    """Of the whole log, names only."""
    assert two.here.workspaces() == two.there.workspaces() == ["default", "second"]


def _rebuild(two: Two) -> None:
    """Of the whole log: every row goes back to the workspace it was in."""
    before = [two.there.view(view).find() for view in VIEWS]
    two.here.rebuild()
    assert [two.there.view(view).find() for view in VIEWS] == before
    assert [two.here.view(view).find() for view in VIEWS] == [[] for _ in VIEWS]


def _verify(two: Two) -> None:
    """Of the whole log, counts and sentences only."""
    assert two.here.verify() == two.there.verify()
    assert two.here.verify().holds


#: What is asked at each public method of the kernel; it asserts that nothing of the other workspace is to be had.
AT_THE_KERNEL: dict[str, Callable[[Two], None]] = {
    "handle": _handle,
    "view": _view,
    "dispatch": _dispatch,
    "may_send": _may_send,
    "tracked": _tracked,
    "sent_mails": _sent_mails,
    "interactions": _interactions,
    "upload_job": _upload_job,
    "earlier_outcome": _earlier_outcome,
    "texts": partial(_of_a_campaign, "texts"),
    "quotas": partial(_of_a_campaign, "quotas"),
    "inbox_usage": _inbox_usage,
    "readiness": partial(_of_a_campaign, "readiness"),
    "lead_history": _lead_history,
    "suppression_of": _suppression_of,
    "shelf": _shelf,
    "history": lambda two: [
        refused(UnknownCampaign, lambda: two.here.history(identity))  # noqa: B023 - called at once
        for identity in (two.made.campaign_id, two.made.inbox_id)
    ],
    **{name: partial(_of_a_campaign, name) for name in ("preflight", "preview", "wordings", "declared_fields")},
    **{name: partial(_of_a_campaign, name) for name in ("results", "forecast", "why")},
    "why_inbox": _why_inbox,
    "past": _past,
    "timeline": _timeline,
    "as_of": lambda two: refused(UnknownCampaign, lambda: two.here.as_of(two.made.campaign_id)),
    "subscribe": _subscribe,
    "workspace": _workspace,
    "create_workspace": _create_workspace,
    "workspaces": _workspaces,
    "export_leads": _export_leads,
    "lead_values": _lead_values,
    "rebuild": _rebuild,
    "verify": _verify,
    # Of the log as a whole, and nothing to be had from it.
    "close": lambda two: None,
    "now": lambda two: None,
}
READERS = {
    "campaigns": (CAMPAIGNS, lambda two: (two.made.campaign_id,)),
    "batches": (BATCHES, lambda two: (two.made.campaign_id, two.lead.batch_id)),
    "leads": (LEADS, lambda two: (two.made.campaign_id, 1)),
    "inboxes": (INBOXES, lambda two: (two.made.inbox_id,)),
    "assignments": (ASSIGNMENTS, lambda two: (two.made.campaign_id, two.made.inbox_id)),
    "due": (DUE, lambda two: (two.made.campaign_id, 2)),
    "usage": (USAGE, lambda two: (two.made.inbox_id, "", utc_day(EARLIER))),
    "suppressions": (SUPPRESSIONS, lambda two: (two.address_hash,)),
    "results": (RESULTS, lambda two: (two.made.campaign_id, 1)),
    "timeline": (TIMELINE, lambda two: (two.made.campaign_id,)),
}
#: What is asked at each public method of a reader: here nothing, there something.
AT_A_READER: dict[str, Callable[[ViewReader[Any], tuple[Any, ...]], object]] = {
    "get": lambda reader, key: reader.get(*key),
    "find": lambda reader, key: reader.find() + reader.find({"workspace": "second"}),
    "page": lambda reader, key: (
        reader.page(1, 10).rows + reader.page(1, 10, where={"workspace": "second"}).rows or reader.page(1, 10).total
    ),
    "count": lambda reader, key: reader.count() + reader.count({"workspace": "second"}),
}


def public(kind: type) -> Iterator[str]:
    for name, _ in inspect.getmembers(kind, callable):
        if not name.startswith("_"):
            yield name


def test_every_public_call_is_walked() -> None:
    """A new public method gets its line above."""
    assert set(AT_THE_KERNEL) == set(public(Kernel))
    assert set(AT_A_READER) == set(public(ViewReader))
    assert {view for view, _ in READERS.values()} == set(VIEWS)


@pytest.mark.parametrize("method", AT_THE_KERNEL)
def test_nothing_crosses_at_a_call_of_the_kernel(two: Two, method: str) -> None:
    AT_THE_KERNEL[method](two)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("method", AT_A_READER)
def test_nothing_crosses_at_a_call_of_a_reader(two: Two, method: str, name: str) -> None:
    """Nor by naming the other workspace in a query."""
    view, key = READERS[name]
    call = AT_A_READER[method]
    assert call(two.there.view(view), key(two))
    assert not call(two.here.view(view), key(two))


def _commands(two: Two) -> dict[str, tuple[Any, type[Exception]]]:
    campaign_id, inbox_id, lead_id = two.made.campaign_id, two.made.inbox_id, two.lead.lead_id
    leads = AddLeads(
        campaign_id,
        batch_id=UUID(int=5),
        source=Source.FILE,
        addresses=("carl@example.com",),
        content=Rows(({"email": "carl@example.com"},)),
    )
    about_campaigns = [
        UpdateCampaign(campaign_id, name="Summer launch"),
        leads,
        AddLead(campaign_id, "carl@example.com"),
        UploadLeads(campaign_id, LEADS_CSV),
        RemoveLeads(campaign_id, (lead_id,)),
        ReviseLead(campaign_id, lead_id, company="Ash"),
        ReportAccepted(campaign_id, lead_id, 1, WIRE),
        ReportDeferred(campaign_id, lead_id, 1),
        ReportRejected(campaign_id, lead_id, 1, reply_code=550, about_address=True),
        ReleaseClaim(campaign_id, lead_id, 1, reason=ReleaseReason.STOPPING),
        ResolveUnknown(campaign_id, lead_id, sent=True),
        *[kind(campaign_id, lead_id) for kind in ANSWERS],
        ActivateCampaign(campaign_id),
        PauseCampaign(campaign_id),
        CompleteCampaign(campaign_id),
        ArchiveCampaign(campaign_id),
        DeleteCampaign(campaign_id),
    ]
    about_inboxes = [kind(inbox_id) for kind in (VerifyInbox, PauseInbox, ResumeInbox, DisableInbox, RemoveInbox)]
    return {
        **{type(each).__name__: (each, UnknownCampaign) for each in about_campaigns},
        **{type(each).__name__: (each, UnknownInbox) for each in about_inboxes},
    }


#: What can come back about a mail.
ANSWERS: tuple[Callable[[UUID, UUID], Any], ...] = (
    RecordOpen,
    RecordClick,
    RecordReply,
    RecordBounce,
    RecordComplaint,
    RecordUnsubscribe,
)
#: Commands that begin something, or say something of an address, and so name nothing of another workspace.
BEGINNINGS = {"CreateCampaign", "RegisterInbox", "SuppressAddress", "LiftSuppression"}
NAMES = sorted(
    {
        kind.__name__
        for kind in inspect.signature(Kernel.handle, eval_str=True).parameters["command"].annotation.__args__
    }
    - BEGINNINGS
)


@pytest.mark.parametrize("name", NAMES)
def test_no_command_reaches_into_another_workspace(two: Two, name: str) -> None:
    """What is there is unknown here, and stays as it is."""
    command, refusal = _commands(two)[name]
    before = [two.there.view(view).find() for view in VIEWS]
    events = two.there.verify().events
    refused(refusal, lambda: two.here.handle(command))
    assert [two.there.view(view).find() for view in VIEWS] == before
    assert two.there.verify().events == events


def test_ids_may_be_the_same_in_both(two: Two) -> None:
    """Campaigns, inboxes and what happens to them are told apart by workspace."""
    campaign_id, inbox_id = two.made.campaign_id, two.made.inbox_id
    two.here.handle(CreateCampaign("Another launch", campaign_id=campaign_id))
    two.here.handle(RegisterInbox("other@example.com", inbox_id=inbox_id))
    rows = [kernel.view(CAMPAIGNS).get(campaign_id) for kernel in (two.here, two.there)]
    assert [row and row.name for row in rows] == ["Another launch", "Spring launch"]
    two.here.handle(DeleteCampaign(campaign_id))
    two.here.handle(RemoveInbox(inbox_id))
    assert two.there.view(CAMPAIGNS).get(campaign_id) == rows[1]
    assert two.there.view(INBOXES).count() == 1
    assert two.there.lead_values([two.lead]) != [None]
    assert two.here.verify().holds


def test_an_address_may_be_an_inbox_and_a_lead_of_both(two: Two) -> None:
    two.here.handle(RegisterInbox("sales@example.com"))
    refused(AlreadyExists, lambda: two.there.handle(RegisterInbox("sales@example.com")))
    campaign_id = two.here.handle(CreateCampaign("Spring launch")).id
    report = two.here.handle(UploadLeads(campaign_id, LEADS_CSV)).report
    assert report is not None
    assert report.imported == 2


def test_an_address_is_suppressed_in_its_workspace_only(two: Two) -> None:
    """Each workspace knows it by a hash of its own, so that lifting it here leaves it there."""
    two.here.handle(SuppressAddress("nobody@example.com"))
    (here,) = two.here.view(SUPPRESSIONS).find()
    assert here.address_hash != two.address_hash
    two.here.handle(LiftSuppression("nobody@example.com"))
    assert two.here.view(SUPPRESSIONS).find() == []
    assert two.there.view(SUPPRESSIONS).get(two.address_hash) is not None


def test_an_inbox_of_another_workspace_is_none_to_assign(two: Two) -> None:
    campaign_id = two.here.handle(CreateCampaign("Spring launch")).id
    command = UpdateCampaign(campaign_id, inbox_ids=(two.made.inbox_id,), variants=(VARIANT,))
    refused(UnusableInboxes, lambda: two.here.handle(command))


def test_a_campaign_of_another_workspace_holds_no_inbox_here(two: Two) -> None:
    """Though the inboxes have the same id."""
    two.here.handle(RegisterInbox("sales@example.com", inbox_id=two.made.inbox_id))
    assert two.here.handle(RemoveInbox(two.made.inbox_id)).status == "REMOVED"


def test_command_ids_of_two_workspaces_do_not_meet(two: Two) -> None:
    """The same id is another command there, and each workspace answers its own."""
    first = two.here.handle(CreateCampaign("Spring launch"), command_id="1")
    second = two.there.handle(CreateCampaign("Summer launch"), command_id="1")
    assert first.id != second.id
    assert two.here.handle(CreateCampaign("Spring launch"), command_id="1") == first
    assert two.there.handle(CreateCampaign("Summer launch"), command_id="1") == second
    refused(CommandIdReused, lambda: two.there.handle(CreateCampaign("Spring launch"), command_id="1"))


def test_warm_states_do_not_meet(two: Two) -> None:
    """A state that was loaded in one is not decided on in the other, though the streams have one name."""
    campaign_id = two.made.campaign_id
    two.here.handle(CreateCampaign("Another launch", campaign_id=campaign_id))
    assert two.there.handle(PauseCampaign(campaign_id)).status == "PAUSED"
    assert two.here.handle(UpdateCampaign(campaign_id, name="Summer launch")).status == "DRAFT"
    assert [each.version for each in two.here.history(campaign_id)] == [1, 2]


@pytest.mark.parametrize("name", ["a", "7", "second", "a-b", "x" * 63])
def test_a_workspace_is_made_under_a_name(kernel: Kernel, name: str) -> None:
    """It is listed, and chosen by the handle or when the log is opened."""
    made = kernel.create_workspace(name)
    campaign_id = made.handle(CreateCampaign("Spring launch")).id
    assert kernel.workspaces() == sorted(["default", name])
    row = kernel.workspace(name).view(CAMPAIGNS).get(campaign_id)
    assert row is not None
    assert row.workspace == name
    assert [each.workspace for each in made.history(campaign_id)] == [name]


@pytest.mark.parametrize("name", ["", "A", "a_b", "-a", "ä", "a b", "x" * 64, "a\n", 7, None])
def test_a_name_that_could_not_be_told_on_a_command_line_is_refused(kernel: Kernel, name: Any) -> None:
    with pytest.raises(InvalidMessage, match=r"\$\.name: must be 1 to 63 lower-case letters, digits and hyphens"):
        kernel.create_workspace(name)
    assert kernel.workspaces() == ["default"]


def test_a_log_is_opened_in_a_workspace(open_sqlite: Callable[[], Kernel], tmp_path: Any) -> None:
    """One that is there; `default` always is."""
    path = tmp_path / "campaigns.db"
    with open_sqlite() as kernel:
        draft(kernel.create_workspace("second"))
    with open_kernel(path, clock=lambda: AT, workspace="second") as kernel:
        assert kernel.view(CAMPAIGNS).count() == 1
    with open_kernel(path, clock=lambda: AT, workspace="default") as kernel:
        assert kernel.view(CAMPAIGNS).count() == 0
    with pytest.raises(UnknownWorkspace, match="There is no workspace third; create it first"):
        open_kernel(path, workspace="third")


def test_a_deletion_erases_in_its_workspace_only(two: Two) -> None:
    """A campaign of the same id, with leads of the same numbers, keeps its values."""
    campaign_id = two.made.campaign_id
    two.here.handle(CreateCampaign("Another launch", campaign_id=campaign_id))
    two.here.handle(UploadLeads(campaign_id, LEADS_CSV))
    two.here.handle(ReviseLead(campaign_id, two.lead.lead_id, company="Ash"))
    two.there.handle(ReviseLead(campaign_id, two.lead.lead_id, company="Birch"))
    two.here.handle(DeleteCampaign(campaign_id))
    (lead, *_) = two.there.view(LEADS).find({"campaign_id": campaign_id})
    (values,) = two.there.lead_values([lead])
    assert values is not None
    assert values["company"] == "Birch"
    assert two.there.verify().holds


def test_pausing_everywhere_touches_one(kernel: Kernel) -> None:
    """The same names and addresses in three workspaces: what happens in one shows in no other."""
    kernels = [kernel, kernel.create_workspace("second"), kernel.create_workspace("third")]
    made = [active(each).campaign_id for each in kernels]
    kernels[1].handle(PauseCampaign(made[1]))
    rows = [each.view(CAMPAIGNS).find() for each in kernels]
    assert [[str(row.status) for row in found] for found in rows] == [["ACTIVE"], ["PAUSED"], ["ACTIVE"]]
    assert paused(kernels[2], address="other@example.com").campaign_id not in made
