"""What a campaign's history adds up to, as far as its decisions need it."""

from __future__ import annotations

from typing import assert_never
from uuid import UUID

import attrs
from attrs import frozen

from campaign_core.campaign import events
from campaign_core.campaign.events import CampaignEvent
from campaign_core.campaign.lifecycle import LANDING, Status
from campaign_core.campaign.settings import Settings
from campaign_core.campaign.variants import Split, merged
from campaign_core.recorded import Recorded


@frozen(kw_only=True)
class CampaignState:
    """A campaign as its decisions see it. Readers use views instead."""

    status: Status = Status.DRAFT
    #: None until the campaign is created, and again once its payloads are erased.
    settings: Settings | None = None
    #: In the order of the last assignment.
    inbox_ids: tuple[UUID, ...] = ()
    variants: tuple[Split, ...] = ()
    #: How many leads were ever added: the number of the newest lead.
    leads_added: int = 0

    @property
    def exists(self) -> bool:
        """Whether the campaign was created and not deleted."""
        return self.settings is not None and self.status is not Status.DELETED


def evolve(state: CampaignState, recorded: Recorded) -> CampaignState:
    """The state after an event. The status comes from the event's name, so that it survives an erased payload."""
    return after(state, recorded.name, recorded.event)


def after(state: CampaignState, name: str, event: CampaignEvent | None) -> CampaignState:
    """The state after an event of that stored name; the event is None where its payload was erased."""
    state = attrs.evolve(state, status=LANDING.get(name, state.status))
    match event:
        case None:
            return state
        case events.Created():
            return attrs.evolve(state, settings=event.settings)
        case events.SettingsRevised():
            assert state.settings is not None
            return attrs.evolve(state, settings=event.change.applied_to(state.settings))
        case events.LeadsUploaded():
            return attrs.evolve(state, leads_added=event.first_number + event.imported - 1)
        case events.InboxesAssigned():
            return attrs.evolve(state, inbox_ids=event.inbox_ids)
        case events.VariantsSet():
            present = () if event.replaces else state.variants
            return attrs.evolve(state, variants=merged(present, event.variants))
        case (
            events.Launched()
            | events.Failed()
            | events.Revised()
            | events.Paused()
            | events.Resumed()
            | events.Completed()
            | events.Archived()
            | events.Deleted()
        ):
            return state
        case _:
            assert_never(event)
