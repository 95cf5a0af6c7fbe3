"""From a command to its outcome: everything it means in one write transaction, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import attrs
from attrs import field, frozen

from campaign_core.campaign.commands import AddLeads, CampaignCommand
from campaign_core.campaign.events import Deleted, LeadsUploaded
from campaign_core.campaign.findings import UNFIT
from campaign_core.checks import check
from campaign_core.decider import Decider
from campaign_core.errors import LeadFileRefused, MisuseError, WrongExpectedVersion
from campaign_core.inbox.commands import InboxCommand
from campaign_core.intake.report import ImportReport, RowProblem
from campaign_core.kernel.aggregate import Aggregate
from campaign_core.kernel.aggregates import aggregate_of, with_new_ids
from campaign_core.kernel.dispatch import Dispatched, dispatch
from campaign_core.kernel.jobs import UploadJob, keep_job
from campaign_core.kernel.outcome import Outcome
from campaign_core.kernel.preflight import Ahead, looks_ahead
from campaign_core.kernel.registers import body_of, recall, remember
from campaign_core.kernel.retrying import retried
from campaign_core.kernel.suppressing import LiftSuppression, SuppressAddress, key_of_given
from campaign_core.kernel.uploads import AddLead, UploadLeads, read_upload
from campaign_core.kernel.warm import Kept, Loaded, WarmStates
from campaign_core.lead.commands import LeadCommand
from campaign_core.log.log import EventLog
from campaign_core.log.transaction import Reading, Writing
from campaign_core.recorded import Metadata, Recorded
from campaign_core.sending.pacing import Pacing
from campaign_core.suppression.commands import SuppressionCommand

Command = CampaignCommand | InboxCommand | LeadCommand | UploadLeads | AddLead | SuppressAddress | LiftSuppression
_COMPILED_CAMPAIGNS: Final = 64


@frozen(kw_only=True)
class Request:
    """A command ready to be decided, and what came with it."""

    #: The command as the caller gave it.
    given: Command
    #: The command that is decided: an upload read, ids and seed filled in.
    command: CampaignCommand | InboxCommand | LeadCommand | SuppressionCommand
    aggregate: Aggregate
    #: Its `recorded_at` is replaced by the time of the transaction.
    metadata: Metadata
    expected_version: int | None = None
    #: For uploads: what became of the rows of the file, the campaign not yet asked.
    report: ImportReport | None = None
    #: For uploads: the line of the file each address of the command came from.
    lines: Sequence[int] = ()
    #: For uploads: why the file is turned down, unless the command was accepted before under its id.
    refusal: LeadFileRefused | None = None
    #: What tells the command from others where its fields do not.
    fingerprint: Mapping[str, Any] = field(factory=dict)


def prepare(
    command: Command,
    metadata: Metadata,
    expected_version: int | None,
    ids: Callable[[], UUID],
    mapping_of: Callable[[UUID], Mapping[str, str] | None],
    hash_of: Callable[[str], str],
) -> Request:
    """Checks a command and does everything for it that needs no transaction.

    `mapping_of` knows a campaign's mapping of lead fields, `hash_of` the workspace's hash of an address.

    Raises:
        InvalidMessage: the command is out of shape.
        LeadFileRefused: the file of an upload cannot be taken.
        MisuseError: it is no command.
    """
    if (
        not isinstance(command, UploadLeads | AddLead | SuppressAddress | LiftSuppression)
        and aggregate_of(command) is None
    ):
        raise MisuseError(f"{type(command).__name__} is no command of this kernel.")
    check(metadata)
    check(command)
    report, fingerprint, refusal = None, {}, None
    lines: Sequence[int] = ()
    ready: Any = command
    if isinstance(command, UploadLeads):
        mapping = mapping_of(command.campaign_id) if command.mapping is None else None
        upload = read_upload(command, ids(), mapping)
        ready, report, lines, refusal = upload.command, upload.report, upload.lines, upload.refusal
        if refusal is not None and metadata.command is None:
            raise refusal
        fingerprint = {**command.options, "sha256": upload.sha256}
    elif isinstance(command, AddLead):
        ready = command.leads(ids())
    elif isinstance(command, SuppressAddress | LiftSuppression):
        ready = command.hashed(hash_of(key_of_given(command.email)))
    ready = with_new_ids(ready, ids)
    aggregate = aggregate_of(ready)
    assert aggregate is not None
    return Request(
        given=command,
        command=ready,
        aggregate=aggregate,
        metadata=metadata,
        expected_version=expected_version,
        report=report,
        lines=lines,
        refusal=refusal,
        fingerprint=fingerprint,
    )


class Pipeline:
    """Carries requests out, one write transaction each."""

    def __init__(self, log: EventLog, warm: WarmStates, now: Callable[[], datetime]) -> None:
        self._log, self._warm, self._now = log, warm, now
        self._compiled = Kept(_COMPILED_CAMPAIGNS)

    def run(self, request: Request) -> Outcome:
        """The outcome of a request. What the log calls retryable is tried again, at most three times in all."""
        return retried(lambda: self._carry_out(request))

    def dispatch(self, metadata: Metadata, lease: timedelta, pacing: Pacing, public_url: str | None) -> Dispatched:
        """One tick of sending, in one write transaction. What the log calls retryable is tried again."""
        return retried(lambda: self._tick(metadata, lease, pacing, public_url))

    def _tick(self, metadata: Metadata, lease: timedelta, pacing: Pacing, public_url: str | None) -> Dispatched:
        loaded: dict[str, Loaded] = {}

        def load(snapshot: Reading, workspace: str, stream: str, decider: Decider[Any, Any, Any, Any, Any]) -> Loaded:
            loaded[stream] = self.load(snapshot, workspace, stream, decider)
            return loaded[stream]

        with self._log.write() as writing:
            now = attrs.evolve(metadata, recorded_at=self._now())
            dispatched = dispatch(writing, now, load, self._compiled, lease, pacing, public_url)
        # A process that only sends handles no commands: without this it would fold every campaign anew at each tick.
        for stream, each in loaded.items():
            self._warm.put(metadata.workspace, stream, each)
        return dispatched

    def load(self, snapshot: Reading, workspace: str, stream: str, decider: Decider[Any, Any, Any, Any, Any]) -> Loaded:
        """The state of a stream: the warm one, if there is one, with what came since."""
        known = self._warm.get(workspace, stream) or Loaded(0, decider.initial)
        history = snapshot.read_stream(workspace, stream, after=known.version)
        if not history:
            return known
        return Loaded(history[-1].version, decider.fold(history, known.state))

    def _carry_out(self, request: Request) -> Outcome:
        outcome = self._in_one_transaction(request)
        erased = Deleted.stored_name in outcome.events
        return attrs.evolve(outcome, scrubbed=self._log.scrub()) if erased else outcome

    def _in_one_transaction(self, request: Request) -> Outcome:
        workspace, command_id = request.metadata.workspace, request.metadata.command
        stream = request.aggregate.stream_of(request.command)
        ahead = self._look_ahead(request, stream)
        with self._log.write() as writing:
            body = ""
            if command_id is not None:
                body = body_of(writing.tables, workspace, request.given, request.fingerprint)
                earlier = recall(writing.tables, workspace, command_id, body)
                if earlier is not None:
                    return earlier
            if request.refusal is not None:
                raise request.refusal
            outcome, loaded = self._decide(writing, request, stream, ahead)
            if isinstance(request.given, UploadLeads) and request.given.keeps_job:
                keep_job(writing.tables, workspace, self._job(request, outcome))
            if command_id is not None:
                remember(writing.tables, workspace, command_id, body, outcome)
        self._warm.put(workspace, stream, loaded)
        return outcome

    def _job(self, request: Request, outcome: Outcome) -> UploadJob:
        assert outcome.report is not None, "an upload answers a report"
        assert outcome.batch_id is not None, "an upload answers its batch"
        return UploadJob(
            campaign_id=outcome.id,
            job_id=outcome.batch_id,
            report=outcome.report,
            started_at=request.metadata.recorded_at,
            completed_at=self._now(),
        )

    def _look_ahead(self, request: Request, stream: str) -> Ahead | None:
        if not looks_ahead(request.command):
            return None
        aggregate, workspace = request.aggregate, request.metadata.workspace
        with self._log.read() as snapshot:
            state = self.load(snapshot, workspace, stream, aggregate.decider).state
            return aggregate.look_ahead(snapshot, workspace, request.command, state, self._now())

    def _decide(self, writing: Writing, request: Request, stream: str, ahead: Ahead | None) -> tuple[Outcome, Loaded]:
        """Load, decide, record, answer: everything between the begin and the commit."""
        aggregate, command = request.aggregate, request.command
        metadata = attrs.evolve(request.metadata, recorded_at=self._now())
        before = self.load(writing, metadata.workspace, stream, aggregate.decider)
        expected = request.expected_version
        if expected is not None and expected != before.version:
            raise WrongExpectedVersion(stream, expected, before.version)
        facts = aggregate.facts(writing, metadata.workspace, command, before.state, metadata.recorded_at, ahead)
        proposed = aggregate.decider.decide(command, before.state, facts)
        recorded = writing.append(stream, proposed, metadata, before.version) if proposed else []
        aggregate.finish(writing, metadata.workspace, stream, recorded)
        after = Loaded(before.version + len(recorded), aggregate.decider.fold(recorded, before.state))
        outcome = Outcome(
            id=aggregate.id_of(command),
            version=after.version,
            events=tuple(each.name for each in recorded),
            position=recorded[-1].position if recorded else None,
            recorded_at=metadata.recorded_at if recorded else None,
            report=_final_report(request, facts, recorded),
            **aggregate.answer(command, after.state, facts, recorded),
        )
        return outcome, after


def _final_report(request: Request, facts: Any, recorded: Sequence[Recorded]) -> ImportReport | None:
    """The report of a file once the campaign has said which addresses it had, and which it would not take."""
    report, command = request.report, request.command
    for each in recorded:
        if report is not None and isinstance(command, AddLeads) and isinstance(each.event, LeadsUploaded):
            taken, unfit = each.event, facts.unfit
            turned_down = [
                RowProblem(line=line, email=address, reason=UNFIT[unfit[address]])
                for line, address in zip(request.lines, command.addresses, strict=True)
                if address in unfit
            ]
            return report.against(taken.imported, len(taken.updated), taken.duplicates, taken.skipped, turned_down)
    return report
