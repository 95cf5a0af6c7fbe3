"""Values, events and commands, made up: hypothesis strategies for tests of an application or of this library.

Each is a function, and those that name campaigns or inboxes take a strategy for the ids, so that a test can have commands
meet. Valid commands pass every check of shape and range; whether a decision takes them depends on the state. Invalid ones
come with the path of the field that is wrong.

Needs hypothesis.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from campaign_core.campaign import commands, events
from campaign_core.campaign.commands import CampaignCommand
from campaign_core.inbox import commands as inbox_commands_
from campaign_core.inbox import events as inbox_events_
from campaign_core.inbox.commands import DISPLAY_NAME_CHARACTERS, MAX_DAILY_LIMIT, InboxCommand
from campaign_core.inbox.events import InboxType
from campaign_core.kernel.suppressing import LiftSuppression, SuppressAddress
from campaign_core.kernel.uploads import AddLead, UploadLeads
from campaign_core.lead import commands as lead_commands_
from campaign_core.recorded import Rows
from campaign_core.testing.lead_values import (
    LEAD_EVENTS,
    SUPPRESSION_EVENTS,
    answer_commands,
    claims,
    commands_of,
    digests,
    lead_commands,
    lead_events,
    report_commands,
    reservations,
    revise_commands,
    suppression_commands,
    suppression_events,
)
from campaign_core.testing.values import (
    addresses,
    any_id,
    cells,
    custom_fields,
    findings,
    follow_ups,
    instants,
    lead_mappings,
    lines,
    maybe,
    rows,
    sequence_edits,
    setting_values,
    settings,
    settings_changes,
    some_settings,
    splits,
    steps,
    templates,
    texts,
    variants,
)
from campaign_core.testing.wrong_values import (
    WRONG_ACCEPTANCE,
    WRONG_ANSWER,
    WRONG_BOUNCE,
    WRONG_CAMPAIGN,
    WRONG_CLICK,
    WRONG_CREATION,
    WRONG_DEFERRAL,
    WRONG_INBOX,
    WRONG_LEAD,
    WRONG_LEADS,
    WRONG_LIFT,
    WRONG_OPEN,
    WRONG_PAUSE,
    WRONG_REGISTRATION,
    WRONG_REJECTION,
    WRONG_RELEASE,
    WRONG_REMOVAL,
    WRONG_RESOLUTION,
    WRONG_REVISION,
    WRONG_SUPPRESSION,
    WRONG_UPDATE,
    WRONG_UPLOAD,
    WrongValues,
)

__all__ = [
    "CAMPAIGN_EVENTS",
    "INBOX_EVENTS",
    "LEAD_EVENTS",
    "SUPPRESSION_EVENTS",
    "add_lead_commands",
    "add_leads_commands",
    "addresses",
    "answer_commands",
    "campaign_commands",
    "campaign_events",
    "cells",
    "claims",
    "create_commands",
    "custom_fields",
    "digests",
    "findings",
    "follow_ups",
    "inbox_commands",
    "inbox_events",
    "instants",
    "invalid_commands",
    "lead_commands",
    "lead_events",
    "lead_mappings",
    "register_commands",
    "report_commands",
    "reservations",
    "revise_commands",
    "rows",
    "sequence_edits",
    "settings",
    "settings_changes",
    "splits",
    "steps",
    "suppression_commands",
    "suppression_events",
    "templates",
    "texts",
    "update_commands",
    "upload_commands",
    "variants",
]


def _uploads() -> SearchStrategy[events.LeadsUploaded]:
    return st.builds(
        events.LeadsUploaded,
        batch_id=st.uuids(),
        source=st.sampled_from(events.Source),
        first_number=st.integers(1, 2**48 - 1),
        imported=st.integers(0, 10_000),
        updated=st.lists(st.integers(1, 2**48 - 1), max_size=5, unique=True).map(tuple),
        duplicates=st.integers(0, 10_000),
        skipped=st.dictionaries(texts(1, 20), st.integers(0, 10_000), max_size=4),
        fields=st.lists(texts(1, 20), max_size=5).map(tuple),
    )


def _numbers() -> SearchStrategy[set[int]]:
    """Numbers of leads, some of them next to each other."""
    return st.sets(st.integers(1, 30) | st.integers(1, 2**48 - 1), min_size=1, max_size=12)


def _field_names() -> SearchStrategy[tuple[str, ...]]:
    """Names that leads declare, sorted."""
    return st.sets(texts(1, 20), max_size=5).map(lambda names: tuple(sorted(names)))


@st.composite
def _sequences_set(draw: st.DrawFn) -> events.SequencesSet:
    found = draw(steps())
    rewritten = draw(st.lists(st.sampled_from([each.sequence_id for each in found]), unique=True)) if found else []
    return events.SequencesSet(steps=found, rewritten=tuple(rewritten))


def _some_ids(ids: SearchStrategy[UUID]) -> SearchStrategy[tuple[UUID, ...]]:
    return st.lists(ids, min_size=1, max_size=4, unique=True).map(tuple)


#: A strategy for each event of a campaign.
CAMPAIGN_EVENTS: Final[Mapping[type, SearchStrategy[Any]]] = {
    events.Created: st.builds(events.Created, settings=settings(), seed=st.integers(0, 2**63 - 1)),
    events.SettingsRevised: st.builds(events.SettingsRevised, change=settings_changes()),
    events.LeadsUploaded: _uploads(),
    events.LeadsRemoved: _numbers().map(lambda found: events.LeadsRemoved(ranges=events.ranges_of(found))),
    events.LeadMappingSet: st.builds(events.LeadMappingSet, mapping=lead_mappings()),
    events.InboxesAssigned: st.builds(events.InboxesAssigned, inbox_ids=_some_ids(st.uuids())),
    events.VariantsSet: st.builds(events.VariantsSet, variants=splits(), replaces=st.booleans()),
    events.SequencesSet: _sequences_set(),
    events.Launched: st.builds(events.Launched, fields=_field_names()),
    events.Failed: st.builds(events.Failed, faults=st.lists(findings(), min_size=1, max_size=3).map(tuple)),
    events.Revised: st.builds(events.Revised),
    events.Paused: st.builds(events.Paused, reason=st.sampled_from(events.PauseReason)),
    events.Resumed: st.builds(events.Resumed, fields=_field_names()),
    events.Completed: st.builds(events.Completed),
    events.Archived: st.builds(events.Archived),
    events.Deleted: st.builds(events.Deleted),
}
#: A strategy for each event of an inbox.
INBOX_EVENTS: Final[Mapping[type, SearchStrategy[Any]]] = {
    inbox_events_.Registered: st.builds(
        inbox_events_.Registered,
        email_address=addresses(),
        display_name=lines(1, 40),
        inbox_type=st.sampled_from(InboxType),
        daily_limit=st.integers(1, 100_000),
    ),
    inbox_events_.Verified: st.builds(inbox_events_.Verified),
    inbox_events_.Paused: st.builds(inbox_events_.Paused),
    inbox_events_.Resumed: st.builds(inbox_events_.Resumed),
    inbox_events_.Disabled: st.builds(inbox_events_.Disabled),
    inbox_events_.Removed: st.builds(inbox_events_.Removed),
}


def campaign_events() -> SearchStrategy[Any]:
    """Any event of a campaign."""
    return st.one_of(list(CAMPAIGN_EVENTS.values()))


def inbox_events() -> SearchStrategy[Any]:
    """Any event of an inbox."""
    return st.one_of(list(INBOX_EVENTS.values()))


def create_commands(campaign_ids: SearchStrategy[UUID] | None = None) -> SearchStrategy[commands.CreateCampaign]:
    """Commands that create a campaign; the id and the seed may be left open."""
    ids = maybe(any_id(campaign_ids))
    made = {"campaign_id": ids, "seed": maybe(st.integers(0, 2**63 - 1))}
    return st.builds(
        lambda values, own: commands.CreateCampaign(**values, **own), setting_values(), st.fixed_dictionaries(made)
    )


def update_commands(
    campaign_ids: SearchStrategy[UUID] | None = None,
    inbox_ids: SearchStrategy[UUID] | None = None,
    sequence_ids: SearchStrategy[UUID] | None = None,
) -> SearchStrategy[commands.UpdateCampaign]:
    """Commands that change any mix of things and may launch."""
    edits = st.lists(sequence_edits(sequence_ids), min_size=1, max_size=3).map(tuple)
    chains = st.fixed_dictionaries({"sequences": follow_ups()}) | st.fixed_dictionaries({"sequence_edits": edits})
    made = {
        "campaign_id": any_id(campaign_ids),
        "inbox_ids": maybe(_some_ids(any_id(inbox_ids))),
        "variants": maybe(variants()),
        "lead_mapping": maybe(lead_mappings()),
        "launch": st.booleans(),
    }
    return st.builds(
        lambda values, own, chain: commands.UpdateCampaign(**values, **own, **chain),
        some_settings(),
        st.fixed_dictionaries(made),
        st.just({}) | chains,
    )


@st.composite
def add_leads_commands(draw: st.DrawFn, campaign_ids: SearchStrategy[UUID] | None = None) -> commands.AddLeads:
    """Commands that add up to twelve leads, each address once."""
    found = tuple(draw(st.lists(addresses(), max_size=12, unique=True)))
    return commands.AddLeads(
        draw(any_id(campaign_ids)),
        batch_id=draw(st.uuids()),
        source=draw(st.sampled_from(events.Source)),
        addresses=found,
        content=Rows(tuple({"email": each, "first_name": draw(texts(0, 20))} for each in found)),
        duplicates=draw(st.integers(0, 9)),
        skipped=draw(st.dictionaries(texts(1, 20), st.integers(1, 9), max_size=3)),
        fields=("email", "first_name"),
        duplicate_action=draw(st.sampled_from(commands.DuplicateAction)),
        delete_existing=draw(st.booleans()),
    )


def upload_commands(campaign_ids: SearchStrategy[UUID] | None = None) -> SearchStrategy[UploadLeads]:
    """Commands that upload any bytes, with any options; most files are refused."""
    lines = st.lists(addresses(), max_size=5).map(lambda found: "\n".join(["email", *found]).encode())
    return st.builds(
        UploadLeads,
        any_id(campaign_ids),
        lines | st.binary(max_size=100),
        mapping=maybe(lead_mappings()),
        encoding=st.sampled_from([None, None, "utf-8", "cp1252", "no such encoding"]),
        delimiter=st.sampled_from([None, None, ",", ";", "\t", "x"]),
        duplicate_action=st.sampled_from(commands.DuplicateAction),
        delete_existing=st.booleans(),
    )


def add_lead_commands(campaign_ids: SearchStrategy[UUID] | None = None) -> SearchStrategy[AddLead]:
    """Commands that add one lead by hand."""
    standard = {name: maybe(cells()) for name in ("first_name", "last_name", "company")}
    return st.builds(AddLead, any_id(campaign_ids), addresses(), custom_fields=custom_fields(), **standard)


def campaign_commands(
    campaign_ids: SearchStrategy[UUID] | None = None, inbox_ids: SearchStrategy[UUID] | None = None
) -> SearchStrategy[CampaignCommand]:
    """Any command for a campaign, of the right shape and in range."""
    bare = (
        commands.ActivateCampaign,
        commands.PauseCampaign,
        commands.CompleteCampaign,
        commands.ArchiveCampaign,
        commands.DeleteCampaign,
    )
    return st.one_of(
        create_commands(campaign_ids),
        update_commands(campaign_ids, inbox_ids),
        add_leads_commands(campaign_ids),
        st.builds(commands.RemoveLeads, any_id(campaign_ids), _some_ids(st.uuids())),
        *[st.builds(kind, any_id(campaign_ids)) for kind in bare],
    )


@st.composite
def register_commands(draw: st.DrawFn, inbox_ids: SearchStrategy[UUID] | None = None) -> inbox_commands_.RegisterInbox:
    """Commands that register an inbox, within the limit of its type; the id may be left open."""
    kind = draw(st.sampled_from(InboxType))
    return inbox_commands_.RegisterInbox(
        draw(addresses()),
        display_name=draw(maybe(lines(DISPLAY_NAME_CHARACTERS[0], 40))),
        inbox_type=kind,
        daily_limit=draw(st.integers(1, MAX_DAILY_LIMIT[kind])),
        inbox_id=draw(maybe(any_id(inbox_ids))),
    )


def inbox_commands(inbox_ids: SearchStrategy[UUID] | None = None) -> SearchStrategy[InboxCommand]:
    """Any command for an inbox, of the right shape and in range."""
    bare = (
        inbox_commands_.VerifyInbox,
        inbox_commands_.PauseInbox,
        inbox_commands_.ResumeInbox,
        inbox_commands_.DisableInbox,
        inbox_commands_.RemoveInbox,
    )
    return st.one_of(register_commands(inbox_ids), *[st.builds(kind, any_id(inbox_ids)) for kind in bare])


@st.composite
def _spoiled(draw: st.DrawFn, valid: SearchStrategy[Any], wrong: WrongValues) -> tuple[Any, str]:
    command = draw(valid)
    name = draw(st.sampled_from(sorted(wrong)))
    return attrs.evolve(command, **{name: draw(st.sampled_from(wrong[name]))}), f"$.{name}"


#: Wrong values for each command about a mail or an address.
_WRONG_OF_LEADS: Final[Mapping[type, WrongValues]] = {
    lead_commands_.ReportAccepted: WRONG_ACCEPTANCE,
    lead_commands_.ReportDeferred: WRONG_DEFERRAL,
    lead_commands_.ReportRejected: WRONG_REJECTION,
    lead_commands_.ReleaseClaim: WRONG_RELEASE,
    lead_commands_.ResolveUnknown: WRONG_RESOLUTION,
    lead_commands_.RecordOpen: WRONG_OPEN,
    lead_commands_.RecordClick: WRONG_CLICK,
    lead_commands_.RecordReply: WRONG_OPEN,
    lead_commands_.RecordBounce: WRONG_BOUNCE,
    lead_commands_.RecordComplaint: WRONG_ANSWER,
    lead_commands_.RecordUnsubscribe: WRONG_ANSWER,
    SuppressAddress: WRONG_SUPPRESSION,
    LiftSuppression: WRONG_LIFT,
}


def invalid_commands() -> SearchStrategy[tuple[Any, str]]:
    """Commands with one field of the wrong shape or out of range, and the path of that field."""
    return st.one_of(
        _spoiled(create_commands(), WRONG_CREATION),
        _spoiled(update_commands(), WRONG_UPDATE),
        _spoiled(add_leads_commands(), WRONG_LEADS),
        _spoiled(upload_commands(), WRONG_UPLOAD),
        _spoiled(add_lead_commands(), WRONG_LEAD),
        _spoiled(revise_commands(), WRONG_REVISION),
        _spoiled(st.builds(commands.RemoveLeads, st.uuids(), _some_ids(st.uuids())), WRONG_REMOVAL),
        _spoiled(register_commands(), WRONG_REGISTRATION),
        _spoiled(st.builds(commands.DeleteCampaign, st.uuids()), WRONG_CAMPAIGN),
        _spoiled(st.builds(commands.PauseCampaign, st.uuids()), WRONG_PAUSE),
        _spoiled(st.builds(inbox_commands_.VerifyInbox, st.uuids()), WRONG_INBOX),
        *[_spoiled(commands_of(kind), wrong) for kind, wrong in _WRONG_OF_LEADS.items()],
    )
