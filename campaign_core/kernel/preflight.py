"""What rendering a campaign's mails shows before the write transaction begins.

Rendering every mail for every lead takes time in which nobody else could write, so it is done on a snapshot. The transaction
then only looks whether anything came since that concerns the campaign; if so, it renders again itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from attrs import field, frozen

from campaign_core.campaign import commands
from campaign_core.campaign.commands import CampaignCommand
from campaign_core.campaign.decisions import saved_by, start_trigger, texts_brought
from campaign_core.campaign.events import stream_of
from campaign_core.campaign.facts import CampaignFacts, TextKey
from campaign_core.campaign.findings import NOTHING_FOUND, MailFindings
from campaign_core.campaign.lead_decisions import updated_values
from campaign_core.campaign.lifecycle import CAMPAIGN
from campaign_core.campaign.mails import CampaignMails, declared, examined, local_time, mails_of
from campaign_core.campaign.readiness import readiness
from campaign_core.campaign.state import CampaignState
from campaign_core.errors import CampaignError
from campaign_core.fields import field_name
from campaign_core.kernel.campaign_leads import CampaignLeads
from campaign_core.lead.events import streams_of
from campaign_core.log.transaction import Reading
from campaign_core.recorded import Row

#: So many events of others are looked through; more than these count as a change.
_LOOKED_THROUGH: Final = 1000


@frozen(kw_only=True)
class Ahead:
    """What a snapshot showed."""

    #: The newest event of the snapshot.
    position: int
    mails: MailFindings = NOTHING_FOUND
    #: Addresses on offer that some mail could not go to, with the code of the first fault.
    unfit: Mapping[str, str] = field(factory=dict)


def look_ahead(
    leads: CampaignLeads, command: CampaignCommand, state: CampaignState, read: Callable[[], CampaignFacts]
) -> Ahead | None:
    """What the mails of a campaign are like for a command that starts it, brings texts, or adds leads while it is running.

    None for every other command, and for one that will be refused for another reason. `read` reads the other facts.
    """
    if not state.exists or not looks_ahead(command):
        return None
    position = leads.snapshot.tables.events.last_position()
    if isinstance(command, commands.AddLeads):
        if not _is_running(state):
            return None
        return Ahead(position=position, unfit=unfit_leads(leads, command, state, read()))
    facts = read()
    try:
        saved = saved_by(command, state, facts)
        starts = would_start(command, saved, facts)
    except CampaignError:
        return None
    brought = texts_brought(command)
    if not starts and not brought:
        return None
    texts = texts_in_force(leads.snapshot, state) | brought
    return Ahead(position=position, mails=findings(leads, saved, texts, facts.at, renders=starts))


def looks_ahead(command: object) -> bool:
    """Whether a command is one of those."""
    if isinstance(command, commands.UpdateCampaign):
        return command.launch or bool(texts_brought(command))
    return isinstance(command, commands.ActivateCampaign | commands.AddLeads)


def would_start(command: CampaignCommand, saved: CampaignState, facts: CampaignFacts) -> bool:
    """Whether a command is to start the campaign once its changes are saved, and every part is there."""
    asks = isinstance(command, commands.ActivateCampaign) or (
        isinstance(command, commands.UpdateCampaign) and command.launch
    )
    if not asks or CAMPAIGN.ask(start_trigger(saved), saved.status) == saved.status:
        return False
    return readiness(saved, facts).is_launch_ready


def findings(
    leads: CampaignLeads, state: CampaignState, texts: Mapping[TextKey, Row], at: datetime, *, renders: bool
) -> MailFindings:
    """What the mails of a campaign are like, for its leads as they are; rendered for each of them only where asked."""
    fields = declared(known_fields(state), leads.identified)
    mails = mails_of(leads.campaign_id, state, texts, fields)
    assert state.settings is not None
    return examined(mails, fields, leads.identified, local_time(at, state.settings.timezone), renders=renders)


def _is_running(state: CampaignState) -> bool:
    """Whether it was launched and can still send: what may be paused."""
    return CAMPAIGN.knows("pause", state.status)


def known_fields(state: CampaignState) -> frozenset[str]:
    """The names its columns and its mapping declare."""
    return state.columns.union(map(field_name, state.lead_mapping or ()))


def texts_in_force(snapshot: Reading, state: CampaignState) -> dict[TextKey, Row]:
    """The texts of a campaign as they are stored; one that was erased is left out."""
    rows = {key: snapshot.content_row(*place) for key, place in state.text_places.items()}
    return {key: row for key, row in rows.items() if row is not None}


def bound_mails(leads: CampaignLeads, state: CampaignState) -> CampaignMails:
    """The mails of a campaign with the fields they are bound to: while it is running those of its start."""
    fields = state.bound_fields if _is_running(state) else None
    if fields is None:
        fields = declared(known_fields(state), leads.identified)
    return mails_of(leads.campaign_id, state, texts_in_force(leads.snapshot, state), fields)


def unfit_leads(
    leads: CampaignLeads, command: commands.AddLeads, state: CampaignState, facts: CampaignFacts
) -> dict[str, str]:
    """The addresses that come while the campaign is running and to which some mail could not go, each with its fault."""
    mails, replaces = bound_mails(leads, state), command.duplicate_action is commands.DuplicateAction.REPLACE
    keeps = command.duplicate_action is commands.DuplicateAction.SKIP
    assert state.settings is not None
    moment = local_time(facts.at, state.settings.timezone)
    unfit, gone = {}, set(facts.pending) if command.delete_existing else set()
    for address, given in zip(command.addresses, command.content, strict=True):
        met = facts.taken.get(address)
        met = None if met is not None and met.number in gone else met
        if met is not None and keeps:
            continue
        fault = mails.first_fault(given if met is None else updated_values(given, met, replaces=replaces), moment)
        if fault is not None:
            unfit[address] = fault
    return unfit


def still_holds(ahead: Ahead, leads: CampaignLeads) -> bool:
    """Whether nothing came since that concerns the campaign or its leads."""
    entries = leads.snapshot.tables.events.all(ahead.position, _LOOKED_THROUGH)
    campaign, its_leads = stream_of(leads.campaign_id), streams_of(leads.campaign_id)
    return len(entries) < _LOOKED_THROUGH and not any(
        entry.workspace == leads.workspace and (entry.stream == campaign or entry.stream.startswith(its_leads))
        for entry in entries
    )
