"""Why a lead's next mail does not go, as far as the lead itself is concerned: its walk, its waits, its address, its mail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from attrs import frozen

from campaign_core.campaign.mails import local_time
from campaign_core.content.names import value_of
from campaign_core.decider import changed
from campaign_core.inbox.lifecycle import keeps_leads
from campaign_core.kernel.campaign_leads import CampaignLeads
from campaign_core.kernel.dispatch import variant_of
from campaign_core.kernel.forecasting import SUPPRESSED, UNKNOWN
from campaign_core.kernel.preflight import bound_mails
from campaign_core.kernel.queues import Running
from campaign_core.kernel.reasons import Reason
from campaign_core.kernel.registers import address_hash
from campaign_core.lead.decisions import LEAD_DECIDER
from campaign_core.lead.events import Finished, Rejected, Stopped, StopReason
from campaign_core.lead.events import stream_of as lead_stream
from campaign_core.lead.lifecycle import LEAD
from campaign_core.lead.state import LeadState
from campaign_core.lead.walk import NOT_OPENED, OPENED_BUT_NOT_REPLIED, ChainStep, due_at, holds, next_step
from campaign_core.log.transaction import Reading
from campaign_core.recorded import Recorded, Row
from campaign_core.views.due import DUE
from campaign_core.views.leads import LeadRow
from campaign_core.views.suppressions import SUPPRESSIONS

#: Why a walk was stopped, as a reader would say it.
_STOPPED: Final = {
    StopReason.REPLIED: "it replied",
    StopReason.BOUNCED: "a mail to it bounced for good",
    StopReason.UNSUBSCRIBED: "it unsubscribed",
    StopReason.COMPLAINED: "it reported a mail as spam",
    StopReason.SUPPRESSED: "nobody in the workspace writes to its address any more",
    StopReason.UNFIT: "its next mail could not go as it was",
    StopReason.DEFERRED: "servers put its mail off too often",
}
#: Why a mail cannot go.
_FAULTS: Final = {
    "erased": "its values were erased",
    "blank_subject": "its subject would be blank",
    "blank_content": "it would have nothing to read",
    "subject_line_break": "its subject would have a line break or another control character",
    "unreadable_template": "its text is no template",
}
#: To whom a follow-up goes.
_GOES_TO: Final = {NOT_OPENED: "have not opened", OPENED_BUT_NOT_REPLIED: "have opened but not replied"}


@frozen
class LeadReasons:
    """The rules that look at one lead, asked at one instant of one snapshot."""

    _snapshot: Reading
    _workspace: str
    _running: Running
    _lead: LeadRow
    _at: datetime

    def reasons(self) -> tuple[Reason, ...]:
        """Every rule, in the order in which a tick asks them; of one whose walk is at rest, only why that is."""
        history = self._snapshot.read_stream(self._workspace, self._stream)
        state = LEAD_DECIDER.fold(history)
        if not LEAD.knows("claim", state.walk):
            return (self._at_rest(state, history),)
        waits = Reason(rule="walk", allows=True, sentence="The lead waits for its next mail.")
        return (waits, *self._deferred(state), *self._next(state))

    def inbox_ids(self) -> tuple[UUID, ...]:
        """The inboxes its next mail may go from: the one that writes to it, or all where it has none any more."""
        due = self._snapshot.get(DUE, (self._workspace, self._running.campaign_id, self._lead.number))
        kept = [each.inbox_id for each in self._running.inboxes if keeps_leads(each.status)]
        if due is not None and due.inbox_id in kept:
            return (due.inbox_id,)
        return tuple(each.inbox_id for each in self._running.inboxes)

    @property
    def _stream(self) -> str:
        return lead_stream(self._running.campaign_id, self._lead.number)

    def _deferred(self, state: LeadState) -> Iterator[Reason]:
        if state.retry_at is None:
            return
        waits = state.retry_at > self._at
        again = "it is tried again later." if waits else "it may be tried again."
        times = "once" if state.deferrals == 1 else f"{state.deferrals} times"
        yield Reason(
            rule="deferred",
            allows=not waits,
            sentence=f"A server put its mail off {times}; {again}",
            numbers={"deferrals": state.deferrals, "retry_at": state.retry_at},
            frees_at=state.retry_at if waits else None,
        )

    def _next(self, state: LeadState) -> Iterator[Reason]:
        """The steps up to the one that goes to the lead, and what stands against the mail of that one."""
        step = None
        while state.since is not None:
            step = next_step(state.done, self._running.chain)
            if step is None:
                yield Reason(rule="no_step_left", allows=False, sentence="No step is left that goes to it.")
                return
            due = due_at(state.since, step)
            if self._holds(step, state):
                yield self._due(step, state.since, due)
                yield self._condition(step, state, None)
                break
            skipped_at = max(due, state.retry_at or due)
            if skipped_at > self._at:
                yield self._condition(step, state, skipped_at)
            state = changed(state, done=(*state.done, step.sequence_id), since=due, retry_at=None)
        yield from self._mail(step)

    def _holds(self, step: ChainStep, state: LeadState) -> bool:
        return holds(step, state, tracks_opens=self._running.row.settings.enable_tracking)

    def _due(self, step: ChainStep, since: datetime, due: datetime) -> Reason:
        is_due = due <= self._at
        days = "a day" if step.wait_days == 1 else f"{step.wait_days} days"
        return Reason(
            rule="not_due",
            allows=is_due,
            sentence=f"Step {step.step_number} {'is' if is_due else 'is not'} due: {days} after the step before it.",
            numbers={"step_number": step.step_number, "since": since, "wait_days": step.wait_days, "due_at": due},
            frees_at=None if is_due else due,
        )

    def _condition(self, step: ChainStep, state: LeadState, skipped_at: datetime | None) -> Reason:
        """A step whose condition holds, or one that will be skipped then."""
        who = _GOES_TO.get(step.trigger_type, "have not replied")
        ends = "this one is one of them." if skipped_at is None else "this one is not, so the step will be skipped."
        tracks = self._running.row.settings.enable_tracking
        return Reason(
            rule="condition",
            allows=skipped_at is None,
            sentence=f"Step {step.step_number} goes to leads that {who}; {ends}",
            numbers={
                "step_number": step.step_number,
                "trigger_type": step.trigger_type,
                "opened": state.opened,
                "replied": state.replied,
                "tracks_opens": tracks,
            },
            frees_at=skipped_at,
        )

    def _mail(self, step: ChainStep | None) -> Iterator[Reason]:
        """Whether the mail may be written to the address, and says something."""
        number = 1 if step is None else step.step_number
        values = self._snapshot.content_row(self._lead.position, self._lead.place)
        hashed = None if values is None else self._hash(values)
        listed = None if hashed is None else self._snapshot.get(SUPPRESSIONS, (self._workspace, hashed))
        yield Reason(
            rule=SUPPRESSED,
            allows=listed is None,
            sentence="Its address may be written to."
            if listed is None
            else f"Nobody in the workspace writes to its address any more ({listed.reason.value.lower()}).",
            numbers={} if listed is None else {"reason": listed.reason.value, "since": listed.suppressed_at},
        )
        fault = "erased" if values is None else self._fault(step, values)
        yield Reason(
            rule="unfit",
            allows=fault is None,
            sentence=f"The mail of step {number} says something."
            if fault is None
            else f"The mail of step {number} cannot go: {_FAULTS[fault]}.",
            numbers={"step_number": number} | ({} if fault is None else {"fault": fault}),
        )

    def _hash(self, values: Row) -> str:
        return address_hash(self._snapshot.tables, self._workspace, value_of(values, "email"))

    def _fault(self, step: ChainStep | None, values: Row) -> str | None:
        state, sequence_id = self._running.state, None if step is None else step.sequence_id
        mails = bound_mails(CampaignLeads(self._snapshot, self._workspace, self._running.campaign_id), state)
        if step is None and not state.variants:
            return "blank_content"
        wanted = (sequence_id, variant_of(state, step, self._lead.number))
        mail = next((each for each in mails.mails if (each.sequence_id, each.variant_name) == wanted), None)
        if mail is None:
            return "unreadable_template"
        moment = local_time(self._at, self._running.row.settings.timezone)
        return min(mails.faults(mail, values, moment), default=None)

    def _at_rest(self, state: LeadState, history: Sequence[Recorded]) -> Reason:
        """Why a lead that does not wait gets nothing now."""
        claim = state.claim
        if claim is not None and LEAD.knows("resolve", state.walk):
            return self._unknown(claim.step_number, claim.worker, claim.deadline)
        if claim is not None and LEAD.knows("lose", state.walk):
            if claim.deadline <= self._at:
                return self._unknown(claim.step_number, claim.worker, claim.deadline)
            return Reason(
                rule="claimed",
                allows=False,
                sentence=f"The worker {claim.worker} has its mail of step {claim.step_number} and may be sending it now.",
                numbers={"step_number": claim.step_number, "worker": claim.worker, "deadline": claim.deadline},
                frees_at=claim.deadline,
            )
        return _ended(history)

    def _unknown(self, step_number: int, worker: str, deadline: datetime) -> Reason:
        return Reason(
            rule=UNKNOWN,
            allows=False,
            sentence=f"Nobody knows whether its mail of step {step_number} went; say so before anything more is sent.",
            numbers={"step_number": step_number, "worker": worker, "deadline": deadline},
        )


def _ended(history: Sequence[Recorded]) -> Reason:
    end = next(each for each in reversed(history) if isinstance(each.event, Stopped | Finished | Rejected))
    match end.event:
        case Stopped(reason=reason):
            code, why = reason.value, _STOPPED[reason]
        case Rejected(code=number):
            code, why = "rejected", f"a server refused its mail for good, with {number}"
        case _:
            code, why = "finished", "it was sent, or skipped, every step there is"
    return Reason(
        rule="walk_ended",
        allows=False,
        sentence=f"Its walk has ended: {why}.",
        numbers={"reason": code, "ended_at": end.occurred_at},
    )
