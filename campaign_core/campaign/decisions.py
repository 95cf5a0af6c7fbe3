"""Every rule a campaign answers for: `decide(command, state, facts)`, one function a command.

A rejection leaves everything as it was. An empty answer means that there is nothing to do. Whether a move is legal is
asked of the machine in `lifecycle`; the rules here are the ones that need more than the status.
"""

from __future__ import annotations

from typing import assert_never

from campaign_core.campaign import commands, events, limits
from campaign_core.campaign.commands import CampaignCommand
from campaign_core.campaign.facts import CampaignFacts
from campaign_core.campaign.lifecycle import CAMPAIGN
from campaign_core.campaign.readiness import preflight, readiness
from campaign_core.campaign.settings import Settings, change_between
from campaign_core.campaign.state import CampaignState, after, evolve
from campaign_core.campaign.variants import merged, total_percent
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
    UnknownCampaign,
    UnusableInboxes,
)
from campaign_core.recorded import Proposed, Recorded, Rows

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
            return _add_leads(command, state, facts)
        case commands.ActivateCampaign():
            return _activate(state, facts)
        case commands.PauseCampaign():
            return _move("pause", events.Paused(), state)
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
    _starts_in_time(settings, facts)
    return (Proposed(events.Created(settings=settings, seed=command.seed)),)


def _update(command: commands.UpdateCampaign, state: CampaignState, facts: CampaignFacts) -> Decision:
    """Saved first, then checked. A failed campaign that is really changed becomes a draft first."""
    CAMPAIGN.ask("update", state.status)
    changes = (
        *_changed_settings(command, state, facts),
        *_changed_inboxes(command, state, facts),
        *_changed_variants(command, state),
    )
    if changes and CAMPAIGN.knows("revise", state.status):
        CAMPAIGN.ask("revise", state.status)
        changes = (Proposed(events.Revised()), *changes)
    saved = _after_all(state, changes)
    if changes:
        CAMPAIGN.ask("configure", saved.status)
    if not command.launch or not readiness(saved, facts).is_launch_ready:
        return changes
    return (*changes, *_start(saved, facts))


def _activate(state: CampaignState, facts: CampaignFacts) -> Decision:
    """Unlike an update, a bare activation has nothing to save: it succeeds, fails a launch, or is rejected."""
    if _start_trigger(state) == "resume" and CAMPAIGN.ask("resume", state.status) == state.status:
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
    trigger = _start_trigger(state)
    CAMPAIGN.ask(trigger, state.status)
    faults = preflight(state, facts)
    if trigger == "launch":
        if faults:
            CAMPAIGN.ask("fail", state.status)
            return (Proposed(events.Failed(faults=faults)),)
        return (Proposed(events.Launched()),)
    if faults:
        return ()
    resumed = Proposed(events.Resumed())
    if facts.leads.any_open:
        return (resumed,)
    return (resumed, *_complete(_after_all(state, (resumed,)), facts))


def _start_trigger(state: CampaignState) -> str:
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


def _add_leads(command: commands.AddLeads, state: CampaignState, facts: CampaignFacts) -> Decision:
    """A campaign has each address once: the first row wins, later ones count as duplicates."""
    CAMPAIGN.ask("add_leads", state.status)
    taken = facts.taken_addresses
    fresh = [place for place, address in enumerate(command.addresses) if address not in taken]
    event = events.LeadsUploaded(
        batch_id=command.batch_id,
        source=command.source,
        first_number=state.leads_added + 1,
        imported=len(fresh),
        duplicates=command.duplicates + len(command.addresses) - len(fresh),
        skipped=dict(command.skipped),
        fields=command.fields,
    )
    return (Proposed(event, command.content.pick(fresh)),)


def _changed_settings(command: commands.UpdateCampaign, state: CampaignState, facts: CampaignFacts) -> Decision:
    """Settings must fit together once merged, whichever of them were sent."""
    assert state.settings is not None
    settings = command.applied_to(state.settings).resolved()
    change = change_between(state.settings, settings)
    if change is None:
        return ()
    check(settings)
    if "start_date" in change.given():
        _starts_in_time(settings, facts)
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


def _changed_variants(command: commands.UpdateCampaign, state: CampaignState) -> Decision:
    """A draft's variants are replaced; a paused campaign's are merged by name, so that results already in keep a name."""
    if command.variants is None:
        return ()
    replaces = not CAMPAIGN.knows("edit_sequences", state.status)
    splits = tuple(variant.split for variant in command.variants)
    saved = merged(() if replaces else state.variants, splits)
    if len(saved) > limits.VARIANTS:
        raise TooManyVariants(len(saved), limits.VARIANTS)
    if total_percent(saved) != limits.SHARES_PERCENT:
        raise UnbalancedSplit(total_percent(saved))
    event = events.VariantsSet(variants=splits, replaces=replaces)
    return (Proposed(event, Rows(tuple(variant.row for variant in command.variants))),)


def _starts_in_time(settings: Settings, facts: CampaignFacts) -> None:
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
