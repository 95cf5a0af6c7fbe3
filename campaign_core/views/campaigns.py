"""One row for each campaign that was not deleted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs
from attrs import frozen

from campaign_core.campaign import events
from campaign_core.campaign.events import campaign_of
from campaign_core.campaign.lifecycle import LANDING, Status
from campaign_core.campaign.sequences import Step
from campaign_core.campaign.settings import Settings
from campaign_core.campaign.variants import Split, merged
from campaign_core.recorded import Recorded, Row
from campaign_core.views.view import Drop, Key, View


@frozen(kw_only=True)
class CampaignRow:
    """A campaign as readers see it."""

    workspace: str
    campaign_id: UUID
    name: str
    #: The name, case-folded, to search in.
    name_folded: str
    status: Status
    #: Place of the newest event in the campaign's stream.
    version: int
    created_at: datetime
    #: When its newest event was recorded.
    updated_at: datetime
    #: When it was launched; a resume does not count. None until then.
    launched_at: datetime | None
    #: Leads added and not removed.
    total_leads: int
    #: Mails sent, answered, opened, bounced, and leads that unsubscribed.
    sent_count: int = 0
    reply_count: int = 0
    open_count: int = 0
    bounce_count: int = 0
    unsubscribe_count: int = 0
    settings: Settings
    inbox_ids: tuple[UUID, ...]
    #: Variants of the first mail, without their text.
    variants: tuple[Split, ...]
    #: The follow-ups, steps 2, 3, 4, without their text.
    steps: tuple[Step, ...] = ()
    #: How lead files are read unless an upload says otherwise; None: by their headers.
    lead_mapping: Mapping[str, str] | None = None


def _expand(recorded: Recorded, content: Iterable[Row | None]) -> Iterator[tuple[Key, Any] | Drop]:
    if not recorded.name.startswith("campaign."):
        return
    key = (recorded.workspace, campaign_of(recorded.stream))
    if recorded.name == events.Deleted.stored_name:
        yield Drop(key)
    elif recorded.event is not None:
        yield key, recorded


def _fold(row: CampaignRow | None, recorded: Recorded) -> CampaignRow | None:
    at, event = recorded.metadata.recorded_at, recorded.event
    if isinstance(event, events.Created):
        return CampaignRow(
            workspace=recorded.workspace,
            campaign_id=campaign_of(recorded.stream),
            name=event.settings.name,
            name_folded=event.settings.name.casefold(),
            status=LANDING[recorded.name],
            version=recorded.version,
            created_at=at,
            updated_at=at,
            launched_at=None,
            total_leads=0,
            settings=event.settings,
            inbox_ids=(),
            variants=(),
        )
    if row is None:
        return None
    row = attrs.evolve(row, status=LANDING.get(recorded.name, row.status), version=recorded.version, updated_at=at)
    match event:
        case events.SettingsRevised():
            settings = event.change.applied_to(row.settings)
            return attrs.evolve(row, settings=settings, name=settings.name, name_folded=settings.name.casefold())
        case events.LeadsUploaded():
            return attrs.evolve(row, total_leads=row.total_leads + event.imported)
        case events.LeadsRemoved():
            return attrs.evolve(row, total_leads=row.total_leads - sum(1 for _ in event.numbers))
        case events.LeadMappingSet():
            return attrs.evolve(row, lead_mapping=event.mapping)
        case events.SequencesSet():
            return attrs.evolve(row, steps=event.steps)
        case events.InboxesAssigned():
            return attrs.evolve(row, inbox_ids=event.inbox_ids)
        case events.VariantsSet():
            return attrs.evolve(row, variants=merged(() if event.replaces else row.variants, event.variants))
        case events.Launched():
            return attrs.evolve(row, launched_at=at)
        case _:
            return row


CAMPAIGNS: View[CampaignRow] = View(
    name="campaigns",
    version=1,
    row=CampaignRow,
    key=("workspace", "campaign_id"),
    expand=_expand,
    fold=_fold,
    indexes=(("workspace", "status"), ("workspace", "created_at"), ("workspace", "name_folded")),
)
