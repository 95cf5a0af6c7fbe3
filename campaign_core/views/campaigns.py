"""One row for each campaign that was not deleted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import attrs
from attrs import frozen

from campaign_core.campaign import events
from campaign_core.campaign.events import campaign_of
from campaign_core.campaign.lifecycle import LANDING, Status
from campaign_core.campaign.sequences import Step
from campaign_core.campaign.settings import Settings
from campaign_core.campaign.variants import Split, merged
from campaign_core.lead import events as lead_events
from campaign_core.lead.events import lead_of
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
    #: Who made it: the actor of its first event.
    created_by: str
    #: When its newest event was recorded.
    updated_at: datetime
    #: When it was launched; a resume does not count. None until then.
    launched_at: datetime | None
    #: Leads added and not removed.
    total_leads: int
    #: Mails sent; leads that answered, opened, bounced hard, unsubscribed, complained.
    sent_count: int = 0
    reply_count: int = 0
    open_count: int = 0
    bounce_count: int = 0
    unsubscribe_count: int = 0
    complaint_count: int = 0
    #: Mails that went and came back for good; those refused at once are among `bounce_count` only.
    returned_count: int = 0
    #: Mails accepted, hard bounces and complaints since it was launched or resumed last: what the guard against a bad
    #: list looks at.
    guarded_sent: int = 0
    guarded_bounces: int = 0
    guarded_complaints: int = 0
    settings: Settings
    inbox_ids: tuple[UUID, ...]
    #: Variants of the first mail, without their text.
    variants: tuple[Split, ...]
    #: The follow-ups, steps 2, 3, 4, without their text.
    steps: tuple[Step, ...] = ()
    #: How lead files are read unless an upload says otherwise; None: by their headers.
    lead_mapping: Mapping[str, str] | None = None


def _expand(recorded: Recorded, content: Iterable[Row | None]) -> Iterator[tuple[Key, Any] | Drop]:
    if recorded.name.startswith("lead."):
        if isinstance(recorded.event, _COUNTED):
            yield (recorded.workspace, lead_of(recorded.stream)[0]), recorded
        return
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
            created_by=recorded.metadata.actor,
            updated_at=at,
            launched_at=None,
            total_leads=0,
            settings=event.settings,
            inbox_ids=(),
            variants=(),
        )
    if row is None:
        return None
    if isinstance(event, _COUNTED):
        return _counted(row, event)
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
            return attrs.evolve(_guarded_anew(row), launched_at=at)
        case events.Resumed():
            return _guarded_anew(row)
        case _:
            return row


def _guarded_anew(row: CampaignRow) -> CampaignRow:
    """The guard's counts begin again; the others never do."""
    return attrs.evolve(row, guarded_sent=0, guarded_bounces=0, guarded_complaints=0)


#: Events of leads that the row counts.
_COUNTED: Final = (
    lead_events.Accepted,
    lead_events.Resolved,
    lead_events.Rejected,
    lead_events.Opened,
    lead_events.Replied,
    lead_events.Bounced,
    lead_events.Complained,
    lead_events.Unsubscribed,
)


def _counted(row: CampaignRow, event: lead_events.LeadEvent) -> CampaignRow:
    match event:
        case lead_events.Accepted() | lead_events.Resolved(sent=True):
            return attrs.evolve(row, sent_count=row.sent_count + 1, guarded_sent=row.guarded_sent + 1)
        case lead_events.Bounced(hard=True):
            return attrs.evolve(_bounced(row), returned_count=row.returned_count + 1)
        case lead_events.Rejected(about_address=True):
            return _bounced(row)
        case lead_events.Complained():
            count = row.guarded_complaints + 1
            return attrs.evolve(row, complaint_count=row.complaint_count + 1, guarded_complaints=count)
        case lead_events.Opened(first=True):
            return attrs.evolve(row, open_count=row.open_count + 1)
        case lead_events.Replied(first=True):
            return attrs.evolve(row, reply_count=row.reply_count + 1)
        case lead_events.Unsubscribed():
            return attrs.evolve(row, unsubscribe_count=row.unsubscribe_count + 1)
        case _:
            return row


def _bounced(row: CampaignRow) -> CampaignRow:
    return attrs.evolve(row, bounce_count=row.bounce_count + 1, guarded_bounces=row.guarded_bounces + 1)


CAMPAIGNS: View[CampaignRow] = View(
    name="campaigns",
    version=2,
    row=CampaignRow,
    key=("workspace", "campaign_id"),
    expand=_expand,
    fold=_fold,
    indexes=(("workspace", "status"), ("workspace", "created_at"), ("workspace", "name_folded")),
)
