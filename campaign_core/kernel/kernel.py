"""The kernel: commands in, outcomes out, views to read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from os import PathLike
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from uuid import UUID, uuid4

from campaign_core.audit.verify import Verification, verify
from campaign_core.campaign.decisions import CAMPAIGN_DECIDER
from campaign_core.campaign.events import stream_of as campaign_stream
from campaign_core.campaign.readiness import Readiness, readiness
from campaign_core.errors import MisuseError, UnknownCampaign
from campaign_core.inbox.events import stream_of as inbox_stream
from campaign_core.kernel.aggregates import campaign_facts
from campaign_core.kernel.outcome import Outcome
from campaign_core.kernel.pipeline import Command, Pipeline, prepare
from campaign_core.kernel.reader import ViewReader
from campaign_core.kernel.registers import DEFAULT_WORKSPACE, ensure_workspace, has_workspace
from campaign_core.kernel.stores import open_store
from campaign_core.kernel.warm import WarmStates
from campaign_core.log.log import EventLog
from campaign_core.log.ports import Store
from campaign_core.recorded import Metadata, Recorded, Row
from campaign_core.views.campaigns import CAMPAIGNS
from campaign_core.views.inboxes import INBOXES
from campaign_core.views.leads import LEADS, LeadRow
from campaign_core.views.view import View

T = TypeVar("T")
#: The views every kernel folds.
VIEWS: Final[tuple[View[Any], ...]] = (CAMPAIGNS, LEADS, INBOXES)
_WARM_STREAMS: Final = 1024


def _now() -> datetime:
    return datetime.now(UTC)


def open_kernel(
    location: str | PathLike[str] | Store,
    *,
    clock: Callable[[], datetime] = _now,
    ids: Callable[[], UUID] = uuid4,
    views: Sequence[View[Any]] = (),
) -> Kernel:
    """Opens a log and everything around it; use it as a context manager.

    Args:
        location: a path such as `campaigns.db`, made if it is not there; `memory:`; a URL that a store plugin serves;
            or a store.
        clock: answers the time, aware. Everything that is stamped is stamped by it.
        ids: answers a new UUID each time. New ids and seeds are made of these.
        views: views of your own, folded beside the kernel's.

    Raises:
        LogUnavailable: the log cannot be opened.
        UnsupportedLog: it is not a campaign log, or a newer version wrote it.
        MisuseError: no store serves the location, or two views share a name.
    """
    store = open_store(location) if isinstance(location, str | PathLike) else location
    try:
        return Kernel(EventLog(store, (*VIEWS, *views)), clock=clock, ids=ids)
    except BaseException:
        store.close()
        raise


class Kernel:
    """The domain kernel over one log. Threads may share it; docs/embedding.md says what it holds open and when it waits."""

    def __init__(self, log: EventLog, *, clock: Callable[[], datetime], ids: Callable[[], UUID]) -> None:
        self._log, self._clock, self._ids = log, clock, ids
        self._workspace = DEFAULT_WORKSPACE
        self._pipeline = Pipeline(log, WarmStates(_WARM_STREAMS), self._now)
        with log.read() as snapshot:
            known = has_workspace(snapshot.tables, self._workspace)
        if not known:
            with log.write() as writing:
                ensure_workspace(writing.tables, self._workspace, self._now())

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
            recorded_at=self._now(),
        )
        return self._pipeline.run(prepare(command, metadata, expected_version, self._ids))

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
        stream = campaign_stream(campaign_id)
        with self._log.read() as snapshot:
            state = self._pipeline.load(snapshot, self._workspace, stream, CAMPAIGN_DECIDER).state
            if not state.exists:
                raise UnknownCampaign(campaign_id)
            facts = campaign_facts(snapshot, self._workspace, campaign_id, state.inbox_ids, self._now())
            return readiness(state, facts)

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

    def lead_values(self, leads: Sequence[LeadRow]) -> list[Row | None]:
        """The values of leads, in the order given: field name to text; None where they were erased."""
        with self._log.read() as snapshot:
            return [snapshot.content_row(lead.position, lead.place) for lead in leads]

    def rebuild(self) -> int:
        """Drops every row of every view and folds them anew from the log; answers how many events were read."""
        return self._log.rebuild()

    def verify(self) -> Verification:
        """Checks every digest, link and root of the log."""
        with self._log.read() as snapshot:
            return verify(snapshot)

    def close(self) -> None:
        """Lets go of the log. Leaving the `with` block does it too."""
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, wrong: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _now(self) -> datetime:
        at = self._clock()
        if at.tzinfo is None:
            raise MisuseError("The kernel's clock must answer aware times, such as datetime.now(UTC).")
        return at.astimezone(UTC)
