"""The kernel: commands in, outcomes out, views to read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from os import PathLike
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from uuid import UUID, uuid4

from campaign_core.checks import check
from campaign_core.errors import AlreadyExists, MisuseError, UnknownWorkspace
from campaign_core.kernel.dispatch import Dispatched
from campaign_core.kernel.outcome import Outcome
from campaign_core.kernel.pipeline import Command, Pipeline, prepare
from campaign_core.kernel.questions import Questions
from campaign_core.kernel.registers import (
    DEFAULT_WORKSPACE,
    WorkspaceName,
    has_workspace,
    make_workspace,
)
from campaign_core.kernel.shelf import Shelf
from campaign_core.kernel.stores import open_store
from campaign_core.kernel.warm import WarmStates
from campaign_core.log.log import EventLog
from campaign_core.log.ports import Store
from campaign_core.log.records import Register
from campaign_core.recorded import Metadata
from campaign_core.sending.pacing import PACING, Pacing
from campaign_core.sending.tracking import public_url_of
from campaign_core.views.assignments import ASSIGNMENTS
from campaign_core.views.batches import BATCHES
from campaign_core.views.campaigns import CAMPAIGNS
from campaign_core.views.due import DUE
from campaign_core.views.inboxes import INBOXES
from campaign_core.views.leads import LEADS
from campaign_core.views.results import RESULTS
from campaign_core.views.suppressions import SUPPRESSIONS
from campaign_core.views.timeline import TIMELINE
from campaign_core.views.usage import USAGE
from campaign_core.views.view import View

T = TypeVar("T")
#: The views every kernel folds.
VIEWS: Final[tuple[View[Any], ...]] = (
    CAMPAIGNS,
    LEADS,
    BATCHES,
    INBOXES,
    ASSIGNMENTS,
    DUE,
    USAGE,
    SUPPRESSIONS,
    RESULTS,
    TIMELINE,
)
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


class Kernel(Questions):
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
        super().__init__(log, pipeline, clock=clock, workspace=workspace)
        self._ids = ids

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
        self,
        worker: str,
        *,
        lease: timedelta = LEASE,
        pacing: Pacing = PACING,
        public_url: str | None = None,
        correlation: str | None = None,
    ) -> Dispatched:
        """One tick of sending: claims what may go now and answers it as tasks, each to be sent once and then reported.

        Every claim is recorded before this returns. Claims whose time ran out become unknown, campaigns that are complete
        or cannot send are completed or paused. Many workers may call it at once; none gets what another has.

        Args:
            worker: a name for whoever sends, kept with each claim.
            lease: how long the worker has to report; past it the outcome of a mail counts as unknown.
            pacing: the shortest and longest gap between two mails of one inbox.
            public_url: where readers reach the web server that hears of opens, clicks and unsubscribes, such as
                `https://mail.example.com`; None: no mail leads to one. Kept with each claim.
            correlation: an id of the work it belongs to; kept with every event.

        Raises:
            LogBusy: another process held the log for too long, three times over.
            InvalidMessage: the worker's name is blank or too long, or the public URL is none.
        """
        metadata = Metadata(workspace=self._workspace, actor=worker, correlation=correlation, recorded_at=self._clock())
        check(metadata)
        return self._pipeline.dispatch(metadata, lease, pacing, public_url_of(public_url))

    def shelf(self, register: Register[T]) -> Shelf[T]:
        """Values of an adapter's own in this workspace, such as the encrypted settings of a transport."""
        return Shelf(self._log, self._workspace, register)

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

    def rebuild(self, progress: Callable[[int, int], None] | None = None) -> int:
        """Drops every row of every view and folds them anew from the log; answers how many events were read.

        Args:
            progress: told now and then the position folded last and the newest position of the log.
        """
        return self._log.rebuild(progress=progress)

    def close(self) -> None:
        """Lets go of the log. Leaving the `with` block does it too."""
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, wrong: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
