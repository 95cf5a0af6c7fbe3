"""Every rule a lead answers for. Whether a move is legal is asked of the machine in `lifecycle`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import assert_never

from attrs import field, frozen

from campaign_core.decider import Decider, changed
from campaign_core.errors import NothingSent, StaleClaim, UnknownLead
from campaign_core.lead import commands, events
from campaign_core.lead.commands import LeadAnswer, LeadCommand, LeadReport
from campaign_core.lead.events import LeadEvent, StopReason
from campaign_core.lead.lifecycle import LEAD
from campaign_core.lead.state import LeadState, after, evolve
from campaign_core.lead.walk import BACK_OFF, TRIES, ChainStep, due_at, holds, next_step
from campaign_core.recorded import Proposed, Recorded, Rows

Decision = tuple[Proposed, ...]


@frozen(kw_only=True)
class LeadFacts:
    """What a lead's decisions need to know and its own stream does not tell."""

    #: The instant of the command; aware.
    at: datetime
    #: The campaign has, or had, a lead of this number.
    exists: bool = True
    #: All its values; None where they were erased, and for commands that do not ask for them.
    values: Mapping[str, str] | None = None
    #: The follow-ups of its campaign as they are now.
    chain: Sequence[ChainStep] = field(factory=tuple)
    #: Whether the campaign tracks opens.
    tracks_opens: bool = False


def decide(command: LeadCommand, state: LeadState, facts: LeadFacts) -> Decision:
    """Which events the command causes, oldest first; empty where nothing would change.

    Raises:
        CommandRejected: a rule says no; the subclass says which.
    """
    if not facts.exists:
        raise UnknownLead(command.lead_id)
    if isinstance(command, commands.ReviseLead):
        return _revise(command, facts)
    if isinstance(command, commands.ResolveUnknown):
        LEAD.ask("resolve", state.walk)
        freed = None if command.sent else _reserved(state)
        return _then_on(state, facts, events.Resolved(sent=command.sent, freed=freed))
    if isinstance(command, LeadReport):
        return _report(command, state, facts)
    return _answer(command, state, facts)


def _revise(command: commands.ReviseLead, facts: LeadFacts) -> Decision:
    if facts.values is None:
        raise UnknownLead(command.lead_id)
    after = dict(facts.values)
    for name, value in command.changes():
        trimmed = "" if value is None else value.strip()
        if trimmed:
            after[name] = trimmed
        else:
            after.pop(name, None)
    names = sorted(name for name in facts.values.keys() | after.keys() if facts.values.get(name) != after.get(name))
    return (Proposed(events.DetailsRevised(fields=tuple(names)), Rows((after,))),) if names else ()


def claim(state: LeadState, claimed: events.Claimed) -> Decision:
    """A worker takes the next mail. The kernel decides to whom and from where; this only asks whether the lead may."""
    LEAD.ask("claim", state.walk)
    return (Proposed(claimed),)


def lose(state: LeadState) -> Decision:
    """A claim ran out without a report."""
    LEAD.ask("lose", state.walk)
    return (Proposed(events.OutcomeUnknown()),)


def stop(state: LeadState, reason: StopReason) -> Decision:
    """The next mail must not go, so the walk ends."""
    LEAD.ask("stop", state.walk)
    return (Proposed(events.Stopped(reason=reason)),)


def pass_over(state: LeadState, facts: LeadFacts) -> Decision:
    """Every step that is due and whose condition does not hold is skipped; past the last one the walk is finished.

    Empty where the next step is not due yet, or is due and may go.
    """
    passed: list[Proposed] = []
    while state.since is not None:
        step = next_step(state.done, facts.chain)
        if step is None:
            LEAD.ask("finish", state.walk)
            return (*passed, Proposed(events.Finished()))
        due = due_at(state.since, step)
        if due > facts.at or holds(step, state, tracks_opens=facts.tracks_opens):
            break
        LEAD.ask("skip", state.walk)
        passed.append(Proposed(events.Skipped(step_number=step.step_number, sequence_id=step.sequence_id, due_at=due)))
        state = changed(state, done=(*state.done, step.sequence_id), since=due)
    return tuple(passed)


def _report(command: LeadReport, state: LeadState, facts: LeadFacts) -> Decision:
    """A report names its claim, so that one that comes late is never taken for another mail's."""
    if command.claim < state.claim_version or (command.claim == state.claim_version and state.claim is None):
        if _is_known(command, state):
            return ()
        raise StaleClaim(command.claim)
    if command.claim > state.claim_version:
        raise StaleClaim(command.claim)
    match command:
        case commands.ReportAccepted():
            LEAD.ask("accept", state.walk)
            return _then_on(state, facts, events.Accepted(wire_digest=command.wire_digest), command.at)
        case commands.ReportDeferred():
            LEAD.ask("defer", state.walk)
            retry_at = facts.at + BACK_OFF[min(state.deferrals, len(BACK_OFF) - 1)]
            return _then_on(
                state, facts, events.Deferred(code=command.reply_code, retry_at=retry_at, freed=_reserved(state))
            )
        case commands.ReportRejected():
            LEAD.ask("reject", state.walk)
            rejected = events.Rejected(code=command.reply_code, about_address=command.about_address)
            return (Proposed(rejected),)
        case commands.ReleaseClaim():
            LEAD.ask("release", state.walk)
            return _then_on(state, facts, events.Released(reason=command.reason, freed=_reserved(state)))
        case _:
            assert_never(command)


def _reserved(state: LeadState) -> events.Reservation:
    """What the claim took from the limits."""
    assert state.claim is not None, "the machine has a claim in every status that reports"
    return state.claim.reserved


def _is_known(command: LeadReport, state: LeadState) -> bool:
    """Whether a report only repeats what is recorded: the claim it names has become a mail that went."""
    return isinstance(command, commands.ReportAccepted) and any(mail.claim == command.claim for mail in state.sent)


def _answer(command: LeadAnswer, state: LeadState, facts: LeadFacts) -> Decision:
    """What comes back is recorded in every status; what it ends, it ends once no mail is under way."""
    LEAD.ask("answer", state.walk)
    if (
        not isinstance(command, commands.RecordUnsubscribe)
        and not state.sent
        and state.claim is None
        and not state.was_unknown
    ):
        raise NothingSent(command.lead_id)
    event = _event_of(command, state)
    return () if event is None else _then_on(state, facts, event, command.at)


def _event_of(command: LeadAnswer, state: LeadState) -> LeadEvent | None:
    """The event of an answer; None where it is known already."""
    match command:
        case commands.RecordOpen(by_machine=by_machine):
            return events.Opened(by_machine=by_machine, first=not by_machine and not state.opened)
        case commands.RecordClick(by_machine=by_machine, link=link):
            return events.Clicked(link=link, by_machine=by_machine, first=not by_machine and not state.clicked)
        case commands.RecordReply(by_machine=by_machine):
            return events.Replied(by_machine=by_machine, first=not by_machine and not state.replied)
        case commands.RecordBounce(hard=hard):
            return None if hard and state.bounced else events.Bounced(hard=hard)
        case commands.RecordComplaint():
            return None if state.complained else events.Complained()
        case commands.RecordUnsubscribe():
            return None if state.unsubscribed else events.Unsubscribed()
        case _:
            assert_never(command)


def _then_on(state: LeadState, facts: LeadFacts, event: LeadEvent, at: datetime | None = None) -> Decision:
    """The event, and the end of the walk where it means one and no mail is under way."""
    state = after(state, event.stored_name, event, at or facts.at)
    decision = (Proposed(event, occurred_at=at),)
    if not LEAD.knows("stop", state.walk):
        return decision
    if state.ends_with is not None:
        return (*decision, Proposed(events.Stopped(reason=state.ends_with)))
    if state.deferrals >= TRIES:
        return (*decision, Proposed(events.Stopped(reason=StopReason.DEFERRED)))
    if state.since is not None and state.retry_at is None and next_step(state.done, facts.chain) is None:
        return (*decision, Proposed(events.Finished()))
    return decision


LEAD_DECIDER: Decider[LeadCommand, LeadState, LeadFacts, Proposed, Recorded] = Decider(LeadState(), decide, evolve)
