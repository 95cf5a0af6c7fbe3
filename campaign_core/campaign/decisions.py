"""Every rule a campaign answers for: `decide(command, state, facts)`, one function a command.

A rejection leaves everything as it was. An empty answer means that there is nothing to do. Whether a move is legal is
asked of the machine in `lifecycle`; the rules here are the ones that need more than the status.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never
from uuid import UUID

from campaign_core.campaign import commands, events, limits
from campaign_core.campaign.commands import CampaignCommand
from campaign_core.campaign.facts import CampaignFacts, TextKey
from campaign_core.campaign.lead_decisions import add_leads, remove_leads
from campaign_core.campaign.lifecycle import CAMPAIGN
from campaign_core.campaign.readiness import preflight, readiness
from campaign_core.campaign.sequences import (
    FIRST_STEP,
    EditAction,
    FollowUp,
    SequenceEdit,
    Step,
    chain_problem,
    renumbered,
)
from campaign_core.campaign.settings import Settings, change_between
from campaign_core.campaign.state import CampaignState, after, evolve
from campaign_core.campaign.variants import FollowUpVariant, merged, total_percent
from campaign_core.checks import check
from campaign_core.decider import Decider
from campaign_core.errors import (
    AlreadyExists,
    LeadsStillOpen,
    NotLaunchReady,
    PreflightFailed,
    StartTooFarAhead,
    TooManyVariants,
    UnbalancedSplit,
    UnfitSequences,
    UnknownCampaign,
    UnknownFollowUp,
    UnusableInboxes,
)
from campaign_core.recorded import Proposed, Recorded, Row, Rows

Decision = tuple[Proposed, ...]


def decide(command: CampaignCommand, state: CampaignState, facts: CampaignFacts) -> Decision:
    """Which events the command causes, oldest first.

    Raises:
        CommandRejected: a rule says no; the subclass says which.
        InvalidMessage: settings that are each right but do not fit together once merged.
    """
    if isinstance(command, commands.CreateCampaign):
        return _create(command, state, facts)
    if not state.exists:
        raise UnknownCampaign(command.campaign_id)
    match command:
        case commands.UpdateCampaign():
            return _update(command, state, facts)
        case commands.AddLeads():
            return add_leads(command, state, facts)
        case commands.RemoveLeads():
            return remove_leads(command, state, facts)
        case commands.ActivateCampaign():
            return _activate(state, facts)
        case commands.PauseCampaign():
            return _move("pause", events.Paused(reason=command.reason), state)
        case commands.CompleteCampaign():
            return _complete(state, facts)
        case commands.ArchiveCampaign():
            return _move("archive", events.Archived(), state)
        case commands.DeleteCampaign():
            return _move("delete", events.Deleted(), state)
        case _:
            assert_never(command)


def _create(command: commands.CreateCampaign, state: CampaignState, facts: CampaignFacts) -> Decision:
    """A campaign id is used once, ever: that of a deleted campaign is not free again."""
    if state != CampaignState():
        raise AlreadyExists("campaign", command.campaign_id)
    assert command.seed is not None, "the kernel gives a seed"
    settings = command.settings
    starts_in_time(settings, facts)
    return (Proposed(events.Created(settings=settings, seed=command.seed)),)


def _update(command: commands.UpdateCampaign, state: CampaignState, facts: CampaignFacts) -> Decision:
    """Saved first, then checked. A failed campaign that is really changed becomes a draft first."""
    changes = _changes(command, state, facts)
    saved = _after_all(state, changes)
    if not command.launch or not readiness(saved, facts).is_launch_ready:
        return changes
    return (*changes, *_start(saved, facts))


def _changes(command: commands.UpdateCampaign, state: CampaignState, facts: CampaignFacts) -> Decision:
    CAMPAIGN.ask("update", state.status)
    revises = CAMPAIGN.knows("revise", state.status)
    editing = CAMPAIGN.ask("revise", state.status) if revises else state.status
    changes = (
        *_changed_settings(command, state, facts),
        *_changed_mapping(command, state),
        *_changed_inboxes(command, state, facts),
        *_changed_variants(command, state, editing),
        *_changed_sequences(command, state, editing),
    )
    if not changes:
        return ()
    CAMPAIGN.ask("configure", editing)
    return (Proposed(events.Revised()), *changes) if revises else changes


def saved_by(command: CampaignCommand, state: CampaignState, facts: CampaignFacts) -> CampaignState:
    """The state with what a command would save, before it starts anything; as it is where the command saves nothing.

    Raises:
        CommandRejected, InvalidMessage: as `decide` would.
    """
    if not isinstance(command, commands.UpdateCampaign):
        return state
    return _after_all(state, _changes(command, state, facts))


def _activate(state: CampaignState, facts: CampaignFacts) -> Decision:
    """Unlike an update, a bare activation has nothing to save: it succeeds, fails a launch, or is rejected."""
    if start_trigger(state) == "resume" and CAMPAIGN.ask("resume", state.status) == state.status:
        return ()
    missing = readiness(state, facts).missing_requirements
    if missing:
        raise NotLaunchReady(missing)
    started = _start(state, facts)
    if not started:
        raise PreflightFailed([fault.sentence for fault in preflight(state, facts)])
    return started


def _start(state: CampaignState, facts: CampaignFacts) -> Decision:
    """Launches or resumes a campaign that has every part; nothing where a resume would meet a fault."""
    trigger = start_trigger(state)
    CAMPAIGN.ask(trigger, state.status)
    faults = preflight(state, facts)
    if trigger == "launch":
        if faults:
            CAMPAIGN.ask("fail", state.status)
            return (Proposed(events.Failed(faults=faults)),)
        return (Proposed(events.Launched(fields=facts.mails.fields)),)
    if faults:
        return ()
    resumed = Proposed(events.Resumed(fields=facts.mails.fields))
    if facts.leads.any_open:
        return (resumed,)
    return (resumed, *_complete(_after_all(state, (resumed,)), facts))


def start_trigger(state: CampaignState) -> str:
    """Launch where the machine knows it, resume elsewhere."""
    return "launch" if CAMPAIGN.knows("launch", state.status) else "resume"


def _complete(state: CampaignState, facts: CampaignFacts) -> Decision:
    """A campaign is complete when every lead has reached an end."""
    CAMPAIGN.ask("complete", state.status)
    if facts.leads.any_open:
        raise LeadsStillOpen
    return (Proposed(events.Completed()),)


def _move(trigger: str, event: events.CampaignEvent, state: CampaignState) -> Decision:
    """A move that depends on the status alone; nothing where the machine has it stay."""
    return () if CAMPAIGN.ask(trigger, state.status) == state.status else (Proposed(event),)


def _changed_settings(command: commands.UpdateCampaign, state: CampaignState, facts: CampaignFacts) -> Decision:
    """Settings must fit together once merged, whichever of them were sent."""
    assert state.settings is not None
    settings = command.applied_to(state.settings).resolved()
    change = change_between(state.settings, settings)
    if change is None:
        return ()
    check(settings)
    if "start_date" in change.given():
        starts_in_time(settings, facts)
    return (Proposed(events.SettingsRevised(change=change)),)


def _changed_inboxes(command: commands.UpdateCampaign, state: CampaignState, facts: CampaignFacts) -> Decision:
    """Only inboxes that exist and are ACTIVE can be assigned; one that is not leaves everything as it was."""
    if command.inbox_ids is None:
        return ()
    inbox_ids = tuple(dict.fromkeys(command.inbox_ids))
    if inbox_ids == state.inbox_ids:
        return ()
    unusable = [each for each in inbox_ids if not facts.inboxes.get(each, False)]
    if unusable:
        raise UnusableInboxes(unusable)
    return (Proposed(events.InboxesAssigned(inbox_ids=inbox_ids)),)


def _changed_mapping(command: commands.UpdateCampaign, state: CampaignState) -> Decision:
    if command.lead_mapping is None or command.lead_mapping == state.lead_mapping:
        return ()
    return (Proposed(events.LeadMappingSet(mapping=dict(command.lead_mapping))),)


def _changed_variants(command: commands.UpdateCampaign, state: CampaignState, editing: str) -> Decision:
    """A draft's variants are replaced; a paused campaign's are merged by name, so that results already in keep a name."""
    if command.variants is None:
        return ()
    replaces = not CAMPAIGN.knows("edit_sequences", editing)
    splits = tuple(variant.split for variant in command.variants)
    saved = merged(() if replaces else state.variants, splits)
    if len(saved) > limits.VARIANTS:
        raise TooManyVariants(len(saved), limits.VARIANTS)
    if total_percent(saved) != limits.SHARES_PERCENT:
        raise UnbalancedSplit(total_percent(saved))
    event = events.VariantsSet(variants=splits, replaces=replaces)
    return (Proposed(event, Rows(tuple(variant.row for variant in command.variants))),)


def _changed_sequences(command: commands.UpdateCampaign, state: CampaignState, editing: str) -> Decision:
    """A draft's follow-ups are replaced as a whole; a paused campaign's are edited one by one."""
    if command.sequences is not None:
        CAMPAIGN.ask("replace_sequences", editing)
        follow_ups = sorted(command.sequences, key=lambda each: each.step_number)
        if not follow_ups and not state.steps:
            return ()
        return _sequences_set([each.step for each in follow_ups], follow_ups)
    if command.sequence_edits is None:
        return ()
    CAMPAIGN.ask("edit_sequences", state.status)
    steps, rewritten = list(state.steps), dict[UUID, FollowUp]()
    for edit in command.sequence_edits:
        _edit(edit, steps, rewritten)
    steps = list(renumbered(steps))
    wrong = chain_problem(steps)
    if wrong is not None:
        raise UnfitSequences(wrong)
    present = {step.sequence_id for step in steps}
    texts = [follow_up for each, follow_up in rewritten.items() if each in present]
    return _sequences_set(steps, texts) if tuple(steps) != state.steps or texts else ()


def _edit(edit: SequenceEdit, steps: list[Step], rewritten: dict[UUID, FollowUp]) -> None:
    """Carries one edit out on the list of follow-ups, and notes whose text is new."""
    if edit.action is EditAction.ADD:
        added = edit.follow_up
        place = added.step_number - FIRST_STEP
        if place > len(steps):
            raise UnfitSequences(f"step {added.step_number} would leave a gap; the next is {len(steps) + FIRST_STEP}")
        steps.insert(place, added.step)
        rewritten[added.step.sequence_id] = added
        return
    places = [place for place, step in enumerate(steps) if step.sequence_id == edit.sequence_id]
    if not places:
        raise UnknownFollowUp(edit.sequence_id)
    before = steps[places[0]]
    if edit.action is EditAction.DELETE:
        del steps[places[0]]
        return
    steps[places[0]] = edit.applied_to(before)
    if edit.variants is not None:
        rewritten[before.sequence_id] = FollowUp(
            sequence_id=before.sequence_id,
            step_number=before.step_number,
            trigger_type=before.trigger_type,
            wait_days=before.wait_days,
            variants=edit.variants,
        )


def _sequences_set(steps: Sequence[Step], texts: Sequence[FollowUp]) -> Decision:
    rewritten = tuple(each.step.sequence_id for each in texts)
    rows = tuple(variant.row for each in texts for variant in each.variants)
    return (Proposed(events.SequencesSet(steps=tuple(steps), rewritten=rewritten), Rows(rows)),)


def texts_brought(command: CampaignCommand) -> dict[TextKey, Row]:
    """The texts a command brings, by follow-up (None: the first mail) and variant name."""
    if not isinstance(command, commands.UpdateCampaign):
        return {}
    brought: list[tuple[UUID | None, Sequence[FollowUpVariant]]] = [(None, command.variants or ())]
    brought += [(each.sequence_id, each.variants) for each in command.sequences or ()]
    brought += [(each.sequence_id, each.variants or ()) for each in command.sequence_edits or ()]
    return {(given, each.variant_name): each.row for given, variants in brought for each in variants}


def starts_in_time(settings: Settings, facts: CampaignFacts) -> None:
    """A campaign starts at most two years ahead."""
    start = settings.start_date
    if start is None:
        return
    at = facts.at.astimezone(start.tzinfo)
    latest = (at.year + limits.START_DATE_YEARS_AHEAD, at.month, at.day, at.time())
    if (start.year, start.month, start.day, start.time()) > latest:
        raise StartTooFarAhead(start.isoformat())


def _after_all(state: CampaignState, proposed: Decision) -> CampaignState:
    """The state once the proposed events are recorded."""
    for each in proposed:
        state = after(state, each.event.stored_name, each.event)
    return state


CAMPAIGN_DECIDER: Decider[CampaignCommand, CampaignState, CampaignFacts, Proposed, Recorded] = Decider(
    CampaignState(), decide, evolve
)
