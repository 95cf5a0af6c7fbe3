"""The kernel: commands in, outcomes out, views to read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from os import PathLike
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from uuid import UUID, uuid4

import attrs

from campaign_core.audit.history import committed, row_after, until
from campaign_core.audit.verify import Verification, verify
from campaign_core.campaign.decisions import CAMPAIGN_DECIDER
from campaign_core.campaign.events import stream_of as campaign_stream
from campaign_core.campaign.findings import Finding
from campaign_core.campaign.lifecycle import CAMPAIGN
from campaign_core.campaign.mails import StepMail, Written, declared
from campaign_core.campaign.readiness import Readiness, preflight, readiness
from campaign_core.campaign.state import CampaignState
from campaign_core.checks import check
from campaign_core.errors import AlreadyExists, MisuseError, UnknownCampaign, UnknownLead, UnknownWorkspace
from campaign_core.inbox.events import stream_of as inbox_stream
from campaign_core.intake.export import csv_lines, export_columns
from campaign_core.kernel.aggregates import campaign_facts
from campaign_core.kernel.campaign_leads import CampaignLeads
from campaign_core.kernel.dispatch import Dispatched, Task
from campaign_core.kernel.mails_sent import SentMail, sent_mails
from campaign_core.kernel.outcome import Outcome
from campaign_core.kernel.pipeline import Command, Pipeline, prepare
from campaign_core.kernel.preflight import findings, known_fields, texts_in_force
from campaign_core.kernel.preview import EVERY_MAIL, MailChoice, Preview, previews, wordings
from campaign_core.kernel.reader import ViewReader
from campaign_core.kernel.registers import (
    DEFAULT_WORKSPACE,
    WorkspaceName,
    address_hash,
    has_workspace,
    make_workspace,
    workspace_names,
)
from campaign_core.kernel.shelf import Shelf
from campaign_core.kernel.stores import open_store
from campaign_core.kernel.suppressing import LiftSuppression, key_of_given
from campaign_core.kernel.warm import WarmStates
from campaign_core.lead.decisions import LEAD_DECIDER
from campaign_core.lead.events import stream_of as lead_stream
from campaign_core.lead.identity import lead_number_of
from campaign_core.lead.lifecycle import LEAD
from campaign_core.log.log import EventLog
from campaign_core.log.ports import Store
from campaign_core.log.records import Register
from campaign_core.recorded import Metadata, Recorded, Row
from campaign_core.sending.pacing import PACING, Pacing
from campaign_core.views.assignments import ASSIGNMENTS
from campaign_core.views.campaigns import CAMPAIGNS, CampaignRow
from campaign_core.views.due import DUE
from campaign_core.views.inboxes import INBOXES
from campaign_core.views.leads import LEADS, LeadRow
from campaign_core.views.suppressions import SUPPRESSIONS, SuppressionRow
from campaign_core.views.usage import USAGE
from campaign_core.views.view import View

T = TypeVar("T")
#: The views every kernel folds.
VIEWS: Final[tuple[View[Any], ...]] = (CAMPAIGNS, LEADS, INBOXES, ASSIGNMENTS, DUE, USAGE, SUPPRESSIONS)
_WARM_STREAMS: Final = 1024
#: How long a worker has to report unless it says otherwise.
LEASE: Final = timedelta(minutes=5)


def _now() -> datetime:
    return datetime.now(UTC)


def open_kernel(
    location: str | PathLike[str] | Store,
    *,
    clock: Callable[[], datetime] = _now,
    ids: Callable[[], UUID] = uuid4,
    views: Sequence[View[Any]] = (),
    workspace: str = DEFAULT_WORKSPACE,
) -> Kernel:
    """Opens a log and everything around it; use it as a context manager.

    Args:
        location: a path such as `campaigns.db`, made if it is not there; `memory:`; a URL that a store plugin serves;
            or a store.
        clock: answers the time, aware. Everything that is stamped is stamped by it.
        ids: answers a new UUID each time. New ids and seeds are made of these.
        views: views of your own, folded beside the kernel's.
        workspace: the tenant to work in; every log has `default`.

    Raises:
        UnknownWorkspace: the log has no such workspace.
        LogUnavailable: the log cannot be opened.
        UnsupportedLog: it is not a campaign log, or a newer version wrote it.
        MisuseError: no store serves the location, or two views share a name.
    """
    store = open_store(location) if isinstance(location, str | PathLike) else location
    try:
        log = EventLog(store, (*VIEWS, *views))
        now = _aware(clock)
        with log.read() as snapshot:
            known = has_workspace(snapshot.tables, DEFAULT_WORKSPACE)
        if not known:
            with log.write() as writing:
                make_workspace(writing.tables, DEFAULT_WORKSPACE, now())
        pipeline = Pipeline(log, WarmStates(_WARM_STREAMS), now)
        kernel = Kernel(log, pipeline, clock=now, ids=ids, workspace=DEFAULT_WORKSPACE)
        return kernel if workspace == DEFAULT_WORKSPACE else kernel.workspace(workspace)
    except BaseException:
        store.close()
        raise


def _aware(clock: Callable[[], datetime]) -> Callable[[], datetime]:
    """The clock, held to its promise."""

    def now() -> datetime:
        at = clock()
        if at.tzinfo is None:
            raise MisuseError("The kernel's clock must answer aware times, such as datetime.now(UTC).")
        return at.astimezone(UTC)

    return now


def _with_zone(at: datetime | None) -> datetime | None:
    """The instant, held to what an instant is."""
    if at is not None and at.tzinfo is None:
        raise MisuseError("An instant needs its zone, such as datetime(2030, 1, 31, 9, 0, tzinfo=UTC).")
    return at


class Kernel:
    """The domain kernel over one log. Threads may share it; docs/embedding.md says what it holds open and when it waits."""

    def __init__(
        self,
        log: EventLog,
        pipeline: Pipeline,
        *,
        clock: Callable[[], datetime],
        ids: Callable[[], UUID],
        workspace: str,
    ) -> None:
        self._log, self._pipeline, self._clock, self._ids = log, pipeline, clock, ids
        self._workspace = workspace

    def handle(
        self,
        command: Command,
        *,
        command_id: str | None = None,
        actor: str = "application",
        causation: str | None = None,
        correlation: str | None = None,
        expected_version: int | None = None,
    ) -> Outcome:
        """Carries out a command: everything it means, in one transaction, or nothing.

        Args:
            command: what to do.
            command_id: makes repeating harmless: the same id again answers the first outcome and records nothing.
            actor: who asks; kept with every event.
            causation: the id of the message that caused the command; kept with every event.
            correlation: an id of the work it belongs to; kept with every event.
            expected_version: the version of the stream the caller decided on; 0 for one that does not exist yet.

        Raises:
            InvalidMessage: the command has the wrong shape or is out of range; every problem is listed.
            CommandRejected: a rule says no; the subclass and the sentence say which.
            WrongExpectedVersion: the stream is at another version than expected.
            LogBusy: another process held the log for too long, three times over.
        """
        metadata = Metadata(
            workspace=self._workspace,
            actor=actor,
            command=command_id,
            causation=causation,
            correlation=correlation,
            recorded_at=self._clock(),
        )
        request = prepare(command, metadata, expected_version, self._ids, self._lead_mapping, self._address_hash)
        return self._pipeline.run(request)

    def dispatch(
        self, worker: str, *, lease: timedelta = LEASE, pacing: Pacing = PACING, correlation: str | None = None
    ) -> Dispatched:
        """One tick of sending: claims what may go now and answers it as tasks, each to be sent once and then reported.

        Every claim is recorded before this returns. Claims whose time ran out become unknown, campaigns that are complete
        or cannot send are completed or paused. Many workers may call it at once; none gets what another has.

        Args:
            worker: a name for whoever sends, kept with each claim.
            lease: how long the worker has to report; past it the outcome of a mail counts as unknown.
            pacing: the shortest and longest gap between two mails of one inbox.
            correlation: an id of the work it belongs to; kept with every event.

        Raises:
            LogBusy: another process held the log for too long, three times over.
            InvalidMessage: the worker's name is blank or too long.
        """
        metadata = Metadata(workspace=self._workspace, actor=worker, correlation=correlation, recorded_at=self._clock())
        check(metadata)
        return self._pipeline.dispatch(metadata, lease, pacing)

    def may_send(self, task: Task) -> bool:
        """Whether a task may still be sent: asked just before it is.

        Its campaign may have been paused since, its deadline may have passed, or somebody declared its outcome unknown.
        """
        with self._log.read() as snapshot:
            campaign = snapshot.get(CAMPAIGNS, (self._workspace, task.campaign_id))
            number = lead_number_of(task.campaign_id, task.lead_id) or 0
            stream = lead_stream(task.campaign_id, number)
            state = self._pipeline.load(snapshot, self._workspace, stream, LEAD_DECIDER).state
        runs = campaign is not None and CAMPAIGN.knows("complete", campaign.status)
        is_open = LEAD.knows("lose", state.walk) and state.claim_version == task.claim
        return runs and is_open and self._clock() < task.deadline

    def sent_mails(self, campaign_id: UUID, lead_id: UUID) -> list[SentMail]:
        """The mails that went to a lead, oldest first, each made again from the log.

        They are the bytes that were handed over, unless they were signed on the way. The last may be one whose outcome is
        unknown. Empty where nothing went, or there is no such lead.
        """
        with self._log.read() as snapshot:
            return sent_mails(snapshot, self._workspace, campaign_id, lead_id)

    def view(self, view: View[T]) -> ViewReader[T]:
        """A view to ask: `CAMPAIGNS`, `LEADS`, `INBOXES`, or one of your own that the kernel was opened with.

        Raises:
            MisuseError: the kernel was opened without it.
        """
        if view not in self._log.views:
            raise MisuseError(f"This kernel folds no view {view.name!r}; open it with open_kernel(..., views=[...]).")
        return ViewReader(self._log, self._workspace, view)

    def readiness(self, campaign_id: UUID) -> Readiness:
        """Which parts a campaign still needs, and what to be warned of.

        Raises:
            UnknownCampaign: there is none, or it was deleted.
        """
        with self._campaign(campaign_id) as (leads, state):
            facts = campaign_facts(leads, state, state.inbox_ids, self._clock())
            mails = findings(leads, state, texts_in_force(leads.snapshot, state), facts.at, renders=False)
            return readiness(state, attrs.evolve(facts, mails=mails))

    def preflight(self, campaign_id: UUID) -> tuple[Finding, ...]:
        """Why the campaign could not run if it started now: what a launch would record as faults. Nothing is changed.

        Raises:
            UnknownCampaign: there is none, or it was deleted.
        """
        with self._campaign(campaign_id) as (leads, state):
            facts = campaign_facts(leads, state, state.inbox_ids, self._clock())
            mails = findings(leads, state, texts_in_force(leads.snapshot, state), facts.at, renders=True)
            return preflight(state, attrs.evolve(facts, mails=mails))

    def preview(
        self, campaign_id: UUID, choice: MailChoice = EVERY_MAIL, *, at: datetime | None = None
    ) -> list[Preview]:
        """The mails a lead would receive, each as it would go at an instant, now if None; see `MailChoice` for which.

        Raises:
            UnknownCampaign: there is none, or it was deleted.
            UnknownLead: it has no such lead.
            InvalidMessage: it has no such step or variant.
        """
        with self._campaign(campaign_id) as (leads, state):
            return previews(leads, state, choice, _with_zone(at) or self._clock())

    def wordings(
        self, campaign_id: UUID, choice: MailChoice = EVERY_MAIL, *, at: datetime | None = None, limit: int = 100
    ) -> list[tuple[StepMail, list[Written]]]:
        """The first `limit` wordings that the spintax of each chosen mail can make for a lead.

        Raises:
            UnknownCampaign: there is none, or it was deleted.
            UnknownLead: it has no such lead.
            InvalidMessage: it has no such step or variant.
        """
        with self._campaign(campaign_id) as (leads, state):
            return wordings(leads, state, choice, _with_zone(at) or self._clock(), limit)

    def declared_fields(self, campaign_id: UUID) -> frozenset[str]:
        """The field names the leads of a campaign declare: what decides how `{{a|b}}` is read before it is launched.

        Raises:
            UnknownCampaign: there is none, or it was deleted.
        """
        with self._campaign(campaign_id) as (leads, state):
            return declared(known_fields(state), leads.identified)

    def history(self, identity: UUID) -> list[Recorded]:
        """Every event of a campaign or an inbox, oldest first; of a deleted campaign, what is left of them.

        Raises:
            UnknownCampaign: there never was a campaign or inbox of that id.
        """
        with self._log.read() as snapshot:
            for stream in (campaign_stream(identity), inbox_stream(identity)):
                history = snapshot.read_stream(self._workspace, stream)
                if history:
                    return history
        raise UnknownCampaign(identity)

    def lead_history(self, campaign_id: UUID, lead_id: UUID) -> list[Recorded]:
        """Every event of a lead, oldest first; empty where nothing happened to it since it was added.

        Raises:
            UnknownLead: the campaign has no such lead, and never wrote to one.
        """
        number = lead_number_of(campaign_id, lead_id) or 0
        with self._log.read() as snapshot:
            history = snapshot.read_stream(self._workspace, lead_stream(campaign_id, number))
            if not history and snapshot.get(LEADS, (self._workspace, campaign_id, number)) is None:
                raise UnknownLead(lead_id)
        return history

    def suppression_of(self, email: str) -> SuppressionRow | None:
        """Why and since when nobody in the workspace writes to an address; None where it may be written to.

        Raises:
            InvalidMessage: it is no address.
        """
        check(LiftSuppression(email))
        with self._log.read() as snapshot:
            hashed = address_hash(snapshot.tables, self._workspace, key_of_given(email))
            return snapshot.get(SUPPRESSIONS, (self._workspace, hashed))

    def shelf(self, register: Register[T]) -> Shelf[T]:
        """Values of an adapter's own in this workspace, such as the encrypted settings of a transport."""
        return Shelf(self._log, self._workspace, register)

    def as_of(self, campaign_id: UUID, *, version: int | None = None, at: datetime | None = None) -> CampaignRow:
        """A campaign as it was when its stream had a version, or as it was recorded by an instant, from the log alone.

        Raises:
            UnknownCampaign: there was no such campaign then, or its payloads are erased.
            MisuseError: the instant lacks its zone.
        """
        _with_zone(at)
        with self._log.read() as snapshot:
            history = snapshot.read_stream(self._workspace, campaign_stream(campaign_id))
        row = row_after(CAMPAIGNS, (self._workspace, campaign_id), until(history, version, at))
        if row is None:
            raise UnknownCampaign(campaign_id)
        return row

    def subscribe(self, after: int = 0) -> Iterator[Recorded]:
        """Every event of the workspace that is committed behind a position, in the order of the log.

        Ends at the newest event there is by then; call again with the position of the last event you dealt with. Keep
        that position where you keep your results: an event you did not get to keep comes again (at least once), and none
        is passed over. Nothing is held open while you work, so take your time.
        """
        return committed(self._log, self._workspace, after)

    def workspace(self, name: str) -> Kernel:
        """The same log, seen from another workspace. Closing either closes both.

        Raises:
            UnknownWorkspace: there is none of that name.
        """
        with self._log.read() as snapshot:
            if not has_workspace(snapshot.tables, name):
                raise UnknownWorkspace(name)
        return Kernel(self._log, self._pipeline, clock=self._clock, ids=self._ids, workspace=name)

    def create_workspace(self, name: str) -> Kernel:
        """Makes a workspace and answers the log seen from it. Nothing crosses between workspaces.

        Raises:
            InvalidMessage: the name is not 1 to 63 lower-case letters, digits and hyphens.
            AlreadyExists: there is one of that name.
        """
        check(WorkspaceName(name))
        with self._log.write() as writing:
            if not make_workspace(writing.tables, name, self._clock()):
                raise AlreadyExists("workspace", name)
        return self.workspace(name)

    def workspaces(self) -> list[str]:
        """The names of all workspaces of the log, sorted."""
        with self._log.read() as snapshot:
            return workspace_names(snapshot.tables)

    def export_leads(self, campaign_id: UUID) -> Iterator[str]:
        """All leads of a campaign as lines of CSV, header first: each value it has, and no cell a spreadsheet would run.

        An upload of these lines gives the same values back.

        Raises:
            UnknownCampaign: there is none, or it was deleted.
        """
        if self.view(CAMPAIGNS).get(campaign_id) is None:
            raise UnknownCampaign(campaign_id)
        return self._exported(campaign_id)

    def lead_values(self, leads: Sequence[LeadRow]) -> list[Row | None]:
        """The values of leads, in the order given: field name to text.

        None where they were erased, and for rows of another workspace.
        """
        with self._log.read() as snapshot:
            return [
                snapshot.content_row(lead.position, lead.place) if lead.workspace == self._workspace else None
                for lead in leads
            ]

    def rebuild(self, progress: Callable[[int, int], None] | None = None) -> int:
        """Drops every row of every view and folds them anew from the log; answers how many events were read.

        Args:
            progress: told now and then the position folded last and the newest position of the log.
        """
        return self._log.rebuild(progress=progress)

    def verify(self) -> Verification:
        """Checks every digest, link and root of the log."""
        with self._log.read() as snapshot:
            return verify(snapshot, workspace_names(snapshot.tables))

    def close(self) -> None:
        """Lets go of the log. Leaving the `with` block does it too."""
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, wrong: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _campaign(self, campaign_id: UUID) -> Iterator[tuple[CampaignLeads, CampaignState]]:
        """A campaign's leads and its state on one snapshot."""
        with self._log.read() as snapshot:
            stream = campaign_stream(campaign_id)
            state = self._pipeline.load(snapshot, self._workspace, stream, CAMPAIGN_DECIDER).state
            if not state.exists:
                raise UnknownCampaign(campaign_id)
            yield CampaignLeads(snapshot, self._workspace, campaign_id), state

    def _exported(self, campaign_id: UUID) -> Iterator[str]:
        with self._log.read() as snapshot:
            leads = CampaignLeads(snapshot, self._workspace, campaign_id)
            names = {name for values in leads.all_values() for name in values}
            yield from csv_lines(export_columns(names), leads.all_values())

    def _address_hash(self, address: str) -> str:
        with self._log.read() as snapshot:
            return address_hash(snapshot.tables, self._workspace, address)

    def _lead_mapping(self, campaign_id: UUID) -> Mapping[str, str] | None:
        campaign = self.view(CAMPAIGNS).get(campaign_id)
        return None if campaign is None else campaign.lead_mapping
