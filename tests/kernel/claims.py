"""Claims as a tick of sending records them, and what a worker then finds out: a campaign under way without a transport."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from attrs import field, frozen

from campaign_core import LEADS, Kernel, Metadata, Outcome, ReportAccepted
from campaign_core.kernel.kernel import VIEWS
from campaign_core.kernel.registers import address_hash
from campaign_core.lead import decisions
from campaign_core.lead.decisions import LEAD_DECIDER
from campaign_core.lead.events import Claimed, Reservation, StopReason, stream_of
from campaign_core.lead.identity import lead_id_of
from campaign_core.lead.state import LeadState
from campaign_core.log.log import EventLog
from campaign_core.log.ports import Store
from campaign_core.log.transaction import Writing
from campaign_core.recorded import Proposed
from tests.conftest import AT

#: What a message as it went hashes to.
WIRE: Final = "0" * 64
LEASE: Final = timedelta(minutes=10)


def claimed(
    inbox_id: UUID, *, hashed: str = "a" * 64, step_number: int = 1, sequence_id: UUID | None = None, at: datetime = AT
) -> Claimed:
    """A claim of one mail of an inbox."""
    day = at.astimezone(UTC).date().isoformat()
    return Claimed(
        step_number=step_number,
        sequence_id=sequence_id,
        variant_name="A",
        reserved=Reservation(inbox_id=inbox_id, utc_day=day, local_day=day),
        worker="worker-1",
        deadline=at + LEASE,
        address_hash=hashed,
        campaign_version=1,
        values_position=1,
        values_place=0,
        public_url=None,
    )


@frozen
class Worker:
    """Claims mails of the leads of one campaign, straight in the log, and reports through the kernel."""

    store: Store
    kernel: Kernel
    campaign_id: UUID
    inbox_id: UUID
    workspace: str = field(default="default", kw_only=True)

    def lead_id(self, number: int) -> UUID:
        """The public id of a lead."""
        return lead_id_of(self.campaign_id, number)

    def claim(self, *numbers: int, step_number: int = 1, sequence_id: UUID | None = None, at: datetime = AT) -> None:
        """Claims the next mail of each of these leads, all in one transaction."""

        def claim(writing: Writing, number: int, state: LeadState) -> Sequence[Proposed]:
            row = writing.get(LEADS, (self.workspace, self.campaign_id, number))
            assert row is not None
            assert row.address is not None
            hashed = address_hash(writing.tables, self.workspace, row.address)
            event = claimed(self.inbox_id, hashed=hashed, step_number=step_number, sequence_id=sequence_id, at=at)
            return decisions.claim(state, event)

        self._each(numbers, claim, at)

    def lose(self, *numbers: int, at: datetime = AT) -> None:
        """Says of these leads that their claims ran out."""
        self._each(numbers, lambda writing, number, state: decisions.lose(state), at)

    def stop(self, *numbers: int, reason: StopReason = StopReason.SUPPRESSED, at: datetime = AT) -> None:
        """Ends the walks of these leads."""
        self._each(numbers, lambda writing, number, state: decisions.stop(state, reason), at)

    def record(self, number: int, *events: Any, at: datetime = AT) -> None:
        """Appends events to the stream of a lead as they are."""
        self._each((number,), lambda writing, number, state: [Proposed(event) for event in events], at)

    def state(self, number: int) -> LeadState:
        """What the history of a lead adds up to."""
        with EventLog(self.store, VIEWS).read() as snapshot:
            return LEAD_DECIDER.fold(snapshot.read_stream(self.workspace, stream_of(self.campaign_id, number)))

    def accept(self, *numbers: int, at: datetime | None = None) -> list[Outcome]:
        """Reports the open claim of each of these leads as accepted."""
        return [self.report(ReportAccepted, number, WIRE, at=at) for number in numbers]

    def report(self, kind: Callable[..., Any], number: int, *more: Any, **others: Any) -> Outcome:
        """Reports about the open claim of a lead."""
        claim = self.state(number).claim_version
        return self.kernel.handle(kind(self.campaign_id, self.lead_id(number), claim, *more, **others))

    def say(self, kind: Callable[..., Any], number: int, **others: Any) -> Outcome:
        """Records what came back from a lead, or an operator's word."""
        return self.kernel.handle(kind(self.campaign_id, self.lead_id(number), **others))

    def send(self, *numbers: int, at: datetime = AT) -> None:
        """Claims and accepts the first mail of each of these leads."""
        self.claim(*numbers, at=at)
        self.accept(*numbers, at=at)

    def _each(
        self, numbers: Sequence[int], decide: Callable[[Writing, int, LeadState], Sequence[Proposed]], at: datetime
    ) -> None:
        metadata = Metadata(workspace=self.workspace, actor="worker-1", recorded_at=at)
        with EventLog(self.store, VIEWS).write() as writing:
            for number in numbers:
                stream = stream_of(self.campaign_id, number)
                state = LEAD_DECIDER.fold(writing.read_stream(self.workspace, stream))
                writing.append(stream, decide(writing, number, state), metadata, state.version)
