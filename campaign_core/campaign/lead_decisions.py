"""The rules of a campaign about which leads it takes and lets go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from campaign_core.campaign import commands, events
from campaign_core.campaign.facts import CampaignFacts, LeadFound
from campaign_core.campaign.findings import UNFIT
from campaign_core.campaign.lifecycle import CAMPAIGN
from campaign_core.campaign.state import CampaignState
from campaign_core.errors import (
    AlreadyExists,
    UnfitLead,
)
from campaign_core.fields import EMAIL
from campaign_core.recorded import Proposed, Row


def add_leads(command: commands.AddLeads, state: CampaignState, facts: CampaignFacts) -> tuple[Proposed, ...]:
    """A campaign has each address once: the first row wins, and what becomes of later ones is the caller's choice."""
    CAMPAIGN.ask("add_leads", state.status)
    removed = _removed_first(command, state, facts)
    gone = set(facts.pending) if command.delete_existing else set()
    taken = {address: lead for address, lead in facts.taken.items() if lead.number not in gone}
    if taken and command.source is events.Source.MANUAL:
        raise AlreadyExists("lead", next(address for address in command.addresses if address in taken))
    if facts.unfit and command.source is events.Source.MANUAL:
        raise UnfitLead(UNFIT[next(iter(facts.unfit.values()))])
    offered = [(place, address) for place, address in enumerate(command.addresses) if address not in facts.unfit]
    fresh = [place for place, address in offered if address not in taken]
    repeated = [(place, taken[address]) for place, address in offered if address in taken]
    kept = repeated if command.duplicate_action is commands.DuplicateAction.SKIP else []
    updated = [] if kept else repeated
    event = events.LeadsUploaded(
        batch_id=command.batch_id,
        source=command.source,
        first_number=state.leads_added + 1,
        imported=len(fresh),
        updated=tuple(lead.number for _, lead in updated),
        duplicates=command.duplicates + len(kept),
        skipped=_skipped(command, facts),
        fields=command.fields,
    )
    content = command.content.pick(fresh)
    return (*removed, Proposed(event, content.plus(_updated_rows(command, updated)) if updated else content))


def _updated_rows(command: commands.AddLeads, updated: list[tuple[int, LeadFound]]) -> Iterator[Row]:
    """What updated leads have afterwards, one by one: a lead's address stays as it was written first."""
    by_place = dict(updated)
    replaces = command.duplicate_action is commands.DuplicateAction.REPLACE
    for place, given in enumerate(command.content):
        lead = by_place.get(place)
        if lead is not None:
            yield updated_values(given, lead, replaces=replaces)


def updated_values(given: Row, lead: LeadFound, *, replaces: bool) -> Row:
    """What a lead has once a row that repeats its address was taken over."""
    before = lead.values or {}
    kept = {} if replaces else before
    return {**kept, **given, EMAIL: before.get(EMAIL) or given[EMAIL]}


def _removed_first(command: commands.AddLeads, state: CampaignState, facts: CampaignFacts) -> tuple[Proposed, ...]:
    """An upload that replaces the leads removes those never contacted; the others stay."""
    if not command.delete_existing:
        return ()
    CAMPAIGN.ask("remove_leads", state.status)
    return (Proposed(events.LeadsRemoved(ranges=events.ranges_of(facts.pending))),) if facts.pending else ()


def remove_leads(command: commands.RemoveLeads, state: CampaignState, facts: CampaignFacts) -> tuple[Proposed, ...]:
    """Only leads that were never contacted can be removed; the others are passed over."""
    CAMPAIGN.ask("remove_leads", state.status)
    numbers = {lead.number for lead in facts.named.values() if lead.is_pending}
    return (Proposed(events.LeadsRemoved(ranges=events.ranges_of(numbers))),) if numbers else ()


def _skipped(command: commands.AddLeads, facts: CampaignFacts) -> dict[str, int]:
    """Reason to number of rows: those of whoever read the rows, and those of the campaign."""
    counts = Counter(command.skipped)
    counts.update(facts.unfit.values())
    return dict(counts)
