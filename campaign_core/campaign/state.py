"""What a campaign's history adds up to, as far as its decisions need it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never
from uuid import UUID

from attrs import field, frozen

from campaign_core.campaign import events
from campaign_core.campaign.events import CampaignEvent
from campaign_core.campaign.facts import TextKey
from campaign_core.campaign.lifecycle import LANDING, Status
from campaign_core.campaign.sequences import Step
from campaign_core.campaign.settings import Settings
from campaign_core.campaign.variants import Split, merged
from campaign_core.decider import changed
from campaign_core.recorded import Recorded


@frozen(kw_only=True, slots=False)
class CampaignState:
    """A campaign as its decisions see it. Readers use views instead."""

    status: Status = Status.DRAFT
    #: None until the campaign is created, and again once its payloads are erased.
    settings: Settings | None = None
    #: In the order of the last assignment.
    inbox_ids: tuple[UUID, ...] = ()
    variants: tuple[Split, ...] = ()
    #: The follow-ups, steps 2, 3, 4.
    steps: tuple[Step, ...] = ()
    #: Where each text in force is kept: position of its event and row of that event's content.
    text_places: Mapping[TextKey, tuple[int, int]] = field(factory=dict)
    #: How lead files are read unless an upload says otherwise; None: by their headers.
    lead_mapping: Mapping[str, str] | None = None
    #: The names of all columns that brought leads.
    columns: frozenset[str] = frozenset()
    #: The field names its texts were bound to when it was last launched or resumed; None before that.
    bound_fields: frozenset[str] | None = None
    #: Decides ties when leads are shared out among variants.
    seed: int = 0
    #: The splits of the first mail that were ever in force, each with the number of the first lead it holds for.
    splits: tuple[tuple[int, tuple[Split, ...]], ...] = ()
    #: Every inbox that was ever assigned, and every follow-up that was ever in the chain: leads may still be with them.
    inboxes_ever: tuple[UUID, ...] = ()
    steps_ever: tuple[UUID, ...] = ()
    #: How many leads were ever added: the number of the newest lead.
    leads_added: int = 0

    @property
    def exists(self) -> bool:
        """Whether the campaign was created and not deleted."""
        return self.settings is not None and self.status is not Status.DELETED


def evolve(state: CampaignState, recorded: Recorded) -> CampaignState:
    """The state after an event. The status comes from the event's name, so that it survives an erased payload."""
    return after(state, recorded.name, recorded.event, recorded.position)


def after(state: CampaignState, name: str, event: CampaignEvent | None, position: int = 0) -> CampaignState:
    """The state after an event of that stored name; the event is None where its payload was erased.

    A position of 0 stands for an event that is not recorded yet.
    """
    status = LANDING.get(name)
    if status is not None and status is not state.status:
        state = changed(state, status=status)
    match event:
        case None:
            return state
        case events.Created():
            return changed(state, settings=event.settings, seed=event.seed)
        case events.SettingsRevised():
            assert state.settings is not None
            return changed(state, settings=event.change.applied_to(state.settings))
        case events.LeadsUploaded():
            columns = state.columns.union(event.fields)
            return changed(state, leads_added=state.leads_added + event.imported, columns=columns)
        case events.InboxesAssigned():
            ever = tuple(dict.fromkeys((*state.inboxes_ever, *event.inbox_ids)))
            return changed(state, inbox_ids=event.inbox_ids, inboxes_ever=ever)
        case events.VariantsSet():
            present = () if event.replaces else state.variants
            variants = merged(present, event.variants)
            fresh: dict[TextKey, tuple[int, int]] = {
                (None, each.variant_name): (position, row) for row, each in enumerate(event.variants)
            }
            return _with_texts(changed(state, variants=variants, splits=_splits(state, variants)), fresh)
        case events.SequencesSet():
            ever = tuple(dict.fromkeys((*state.steps_ever, *(step.sequence_id for step in event.steps))))
            return _with_texts(changed(state, steps=event.steps, steps_ever=ever), _places(event, position))
        case events.LeadMappingSet():
            return changed(state, lead_mapping=event.mapping)
        case events.Launched() | events.Resumed():
            return changed(state, bound_fields=frozenset(event.fields))
        case (
            events.Failed()
            | events.Revised()
            | events.Paused()
            | events.Completed()
            | events.Archived()
            | events.LeadsRemoved()
            | events.Deleted()
        ):
            return state
        case _:
            assert_never(event)


def _splits(state: CampaignState, variants: tuple[Split, ...]) -> tuple[tuple[int, tuple[Split, ...]], ...]:
    """Before the launch a new split holds for every lead; afterwards for those that are added from then on."""
    if state.bound_fields is None:
        return ((1, variants),)
    first = state.leads_added + 1
    return (*(each for each in state.splits if each[0] < first), (first, variants))


def split_for(state: CampaignState, number: int) -> tuple[Split, ...]:
    """The split of the first mail that holds for a lead."""
    return next((variants for first, variants in reversed(state.splits) if first <= number), state.variants)


def text_keys(state: CampaignState) -> list[TextKey]:
    """Every text in force, the first mail's before the follow-ups'."""
    first: list[TextKey] = [(None, variant.variant_name) for variant in state.variants]
    return first + [(step.sequence_id, variant.variant_name) for step in state.steps for variant in step.variants]


def _places(event: events.SequencesSet, position: int) -> dict[TextKey, tuple[int, int]]:
    by_id = {step.sequence_id: step for step in event.steps}
    keys = [(each, variant.variant_name) for each in event.rewritten for variant in by_id[each].variants]
    return {key: (position, row) for row, key in enumerate(keys)}


def _with_texts(state: CampaignState, fresh: Mapping[TextKey, tuple[int, int]]) -> CampaignState:
    """The state with new places for some texts, and none for texts that are no longer in force."""
    places = {**state.text_places, **fresh}
    return changed(state, text_places={key: places[key] for key in text_keys(state)})
