"""Values, events and commands, made up: hypothesis strategies for tests of an application or of this library.

Each is a function, and those that name campaigns or inboxes take a strategy for the ids, so that a test can have commands
meet. Valid commands pass every check of shape and range; whether a decision takes them depends on the state. Invalid ones
come with the path of the field that is wrong.

Needs hypothesis.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from campaign_core.campaign import commands, events, limits
from campaign_core.campaign.commands import CampaignCommand
from campaign_core.campaign.findings import SENTENCES, Finding
from campaign_core.campaign.settings import SETTING_NAMES, Settings, SettingsChange
from campaign_core.campaign.variants import ContentType, Split, Variant
from campaign_core.inbox import commands as inbox_commands_
from campaign_core.inbox import events as inbox_events_
from campaign_core.inbox.commands import DISPLAY_NAME_CHARACTERS, MAX_DAILY_LIMIT, InboxCommand
from campaign_core.inbox.events import InboxType
from campaign_core.recorded import Rows
from campaign_core.testing.wrong_values import (
    WRONG_CAMPAIGN,
    WRONG_CREATION,
    WRONG_INBOX,
    WRONG_LEADS,
    WRONG_REGISTRATION,
    WRONG_UPDATE,
    WrongValues,
)

#: Zones with and without clock changes, far east and west of Greenwich, and by half hours.
ZONES: Final = (
    "UTC", "America/New_York", "America/Santiago", "Asia/Kolkata", "Asia/Tokyo", "Australia/Lord_Howe", "Europe/Berlin",
    "Pacific/Apia", "Pacific/Chatham", "Etc/GMT+12",
)  # fmt: skip


def texts(shortest: int = 0, longest: int = 40) -> SearchStrategy[str]:
    """Text of that many characters that can be written as UTF-8."""
    return st.text(st.characters(codec="utf-8"), min_size=shortest, max_size=longest)


def instants() -> SearchStrategy[datetime]:
    """Instants from 2020 to 2039, in UTC."""
    times = st.datetimes(datetime(2020, 1, 1), datetime(2039, 12, 31), timezones=st.just(UTC))
    return times.map(lambda at: at.replace(fold=0))


def addresses() -> SearchStrategy[str]:
    """Plain e-mail addresses."""
    letters = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=20)
    return st.builds("{}@{}.example.com".format, letters, letters)


def rows() -> SearchStrategy[Rows]:
    """Private content of up to twelve rows."""
    return st.lists(st.dictionaries(texts(0, 10), texts(), max_size=4), max_size=12).map(lambda each: Rows(tuple(each)))


def _maybe(strategy: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.none() | strategy


_SIMPLE: Final[Mapping[str, SearchStrategy[Any]]] = {
    "name": texts(limits.NAME_CHARACTERS[0], 60),
    "timezone": st.sampled_from(ZONES),
    "sending_days": st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days))),
    "daily_limit_per_inbox": _maybe(st.integers(*limits.DAILY_LIMIT_PER_INBOX)),
    "start_date": _maybe(instants()),
    "enable_tracking": st.booleans(),
    "enable_unsubscribe": st.booleans(),
    "enable_click_tracking": st.booleans(),
    "ramp_up_enabled": st.booleans(),
    "ramp_up_increment": _maybe(st.integers(*limits.RAMP_UP_INCREMENT)),
    "ramp_up_max_limit": _maybe(st.integers(*limits.RAMP_UP_MAX_LIMIT)),
}


@st.composite
def _windows(draw: st.DrawFn) -> dict[str, int]:
    """A sending window that ends after it starts, as its four fields."""
    start = draw(st.integers(0, 24 * 60 - 1))
    end = draw(st.integers(max(start + 1, 60), 24 * 60))
    return {
        "sending_window_start": start // 60,
        "sending_window_start_minute": start % 60,
        "sending_window_end": end // 60,
        "sending_window_end_minute": end % 60,
    }


def _setting_values() -> SearchStrategy[dict[str, Any]]:
    return st.builds(lambda simple, window: simple | window, st.fixed_dictionaries(dict(_SIMPLE)), _windows())


def settings() -> SearchStrategy[Settings]:
    """Settings that fit together."""
    return _setting_values().map(lambda values: Settings(**values))


@st.composite
def _some_settings(draw: st.DrawFn) -> dict[str, Any]:
    """Values for some settings; a window comes whole or not at all."""
    values = draw(_setting_values())
    chosen = draw(st.sets(st.sampled_from(SETTING_NAMES)))
    if any(name.startswith("sending_window") for name in chosen):
        chosen |= {name for name in SETTING_NAMES if name.startswith("sending_window")}
    return {name: values[name] for name in sorted(chosen)}


def settings_changes() -> SearchStrategy[SettingsChange]:
    """Changes of any settings, of none too."""
    return _some_settings().map(lambda values: SettingsChange(**values))


@st.composite
def variants(draw: st.DrawFn, total: int = 100) -> tuple[Variant, ...]:
    """A set of one to four variants with names of their own, whose shares add up to `total`."""
    names = draw(st.lists(st.text("ABCXYZ", min_size=1, max_size=3), min_size=1, max_size=4, unique=True))
    cuts = sorted(draw(st.lists(st.integers(0, total), min_size=len(names) - 1, max_size=len(names) - 1)))
    shares = [end - start for start, end in zip([0, *cuts], [*cuts, total], strict=True)]
    return tuple(
        Variant(
            variant_name=name,
            variant_label=draw(_maybe(texts(1, 20))),
            distribution_percent=share,
            content_type=draw(st.sampled_from(ContentType)),
            subject_template=draw(texts(1, 40)),
            email_content=draw(texts(10, 60)),
        )
        for name, share in zip(names, shares, strict=True)
    )


def splits() -> SearchStrategy[tuple[Split, ...]]:
    """A set of variants without their text."""
    return variants().map(lambda found: tuple(each.split for each in found))


def findings() -> SearchStrategy[Finding]:
    """Faults and warnings."""
    examples = st.lists(texts(1, 36), max_size=3).map(tuple)
    return st.builds(Finding, code=st.sampled_from(sorted(SENTENCES)), count=st.integers(1, 10_000), examples=examples)


def _uploads() -> SearchStrategy[events.LeadsUploaded]:
    return st.builds(
        events.LeadsUploaded,
        batch_id=st.uuids(),
        source=st.sampled_from(events.Source),
        first_number=st.integers(1, 2**48 - 1),
        imported=st.integers(0, 10_000),
        duplicates=st.integers(0, 10_000),
        skipped=st.dictionaries(texts(1, 20), st.integers(0, 10_000), max_size=4),
        fields=st.lists(texts(1, 20), max_size=5).map(tuple),
    )


def _some_ids(ids: SearchStrategy[UUID]) -> SearchStrategy[tuple[UUID, ...]]:
    return st.lists(ids, min_size=1, max_size=4, unique=True).map(tuple)


#: A strategy for each event of a campaign.
CAMPAIGN_EVENTS: Final[Mapping[type, SearchStrategy[Any]]] = {
    events.Created: st.builds(events.Created, settings=settings(), seed=st.integers(0, 2**63 - 1)),
    events.SettingsRevised: st.builds(events.SettingsRevised, change=settings_changes()),
    events.LeadsUploaded: _uploads(),
    events.InboxesAssigned: st.builds(events.InboxesAssigned, inbox_ids=_some_ids(st.uuids())),
    events.VariantsSet: st.builds(events.VariantsSet, variants=splits(), replaces=st.booleans()),
    events.Launched: st.builds(events.Launched),
    events.Failed: st.builds(events.Failed, faults=st.lists(findings(), min_size=1, max_size=3).map(tuple)),
    events.Revised: st.builds(events.Revised),
    events.Paused: st.builds(events.Paused, reason=st.sampled_from(events.PauseReason)),
    events.Resumed: st.builds(events.Resumed),
    events.Completed: st.builds(events.Completed),
    events.Archived: st.builds(events.Archived),
    events.Deleted: st.builds(events.Deleted),
}
#: A strategy for each event of an inbox.
INBOX_EVENTS: Final[Mapping[type, SearchStrategy[Any]]] = {
    inbox_events_.Registered: st.builds(
        inbox_events_.Registered,
        email_address=addresses(),
        display_name=texts(1, 40),
        inbox_type=st.sampled_from(InboxType),
        daily_limit=st.integers(1, 100_000),
    ),
    inbox_events_.Verified: st.builds(inbox_events_.Verified),
    inbox_events_.Disabled: st.builds(inbox_events_.Disabled),
}


def campaign_events() -> SearchStrategy[Any]:
    """Any event of a campaign."""
    return st.one_of(list(CAMPAIGN_EVENTS.values()))


def inbox_events() -> SearchStrategy[Any]:
    """Any event of an inbox."""
    return st.one_of(list(INBOX_EVENTS.values()))


def create_commands(campaign_ids: SearchStrategy[UUID] | None = None) -> SearchStrategy[commands.CreateCampaign]:
    """Commands that create a campaign; the id and the seed may be left open."""
    ids = _maybe(campaign_ids or st.uuids())
    made = {"campaign_id": ids, "seed": _maybe(st.integers(0, 2**63 - 1))}
    return st.builds(
        lambda values, own: commands.CreateCampaign(**values, **own), _setting_values(), st.fixed_dictionaries(made)
    )


def update_commands(
    campaign_ids: SearchStrategy[UUID] | None = None, inbox_ids: SearchStrategy[UUID] | None = None
) -> SearchStrategy[commands.UpdateCampaign]:
    """Commands that change any mix of things and may launch."""
    made = {
        "campaign_id": campaign_ids or st.uuids(),
        "inbox_ids": _maybe(_some_ids(inbox_ids or st.uuids())),
        "variants": _maybe(variants()),
        "launch": st.booleans(),
    }
    return st.builds(
        lambda values, own: commands.UpdateCampaign(**values, **own), _some_settings(), st.fixed_dictionaries(made)
    )


@st.composite
def add_leads_commands(draw: st.DrawFn, campaign_ids: SearchStrategy[UUID] | None = None) -> commands.AddLeads:
    """Commands that add up to twelve leads, each address once."""
    found = tuple(draw(st.lists(addresses(), max_size=12, unique=True)))
    return commands.AddLeads(
        draw(campaign_ids or st.uuids()),
        batch_id=draw(st.uuids()),
        source=draw(st.sampled_from(events.Source)),
        addresses=found,
        content=Rows(tuple({"email": each, "first_name": draw(texts(0, 20))} for each in found)),
        duplicates=draw(st.integers(0, 9)),
        skipped=draw(st.dictionaries(texts(1, 20), st.integers(1, 9), max_size=3)),
        fields=("email", "first_name"),
    )


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
        *[st.builds(kind, campaign_ids or st.uuids()) for kind in bare],
    )


@st.composite
def register_commands(draw: st.DrawFn, inbox_ids: SearchStrategy[UUID] | None = None) -> inbox_commands_.RegisterInbox:
    """Commands that register an inbox, within the limit of its type; the id may be left open."""
    kind = draw(st.sampled_from(InboxType))
    return inbox_commands_.RegisterInbox(
        draw(addresses()),
        display_name=draw(_maybe(texts(DISPLAY_NAME_CHARACTERS[0], 40))),
        inbox_type=kind,
        daily_limit=draw(st.integers(1, MAX_DAILY_LIMIT[kind])),
        inbox_id=draw(_maybe(inbox_ids or st.uuids())),
    )


def inbox_commands(inbox_ids: SearchStrategy[UUID] | None = None) -> SearchStrategy[InboxCommand]:
    """Any command for an inbox, of the right shape and in range."""
    ids = inbox_ids or st.uuids()
    return st.one_of(
        register_commands(inbox_ids),
        st.builds(inbox_commands_.VerifyInbox, ids),
        st.builds(inbox_commands_.DisableInbox, ids),
    )


@st.composite
def _spoiled(draw: st.DrawFn, valid: SearchStrategy[Any], wrong: WrongValues) -> tuple[Any, str]:
    command = draw(valid)
    name = draw(st.sampled_from(sorted(wrong)))
    return attrs.evolve(command, **{name: draw(st.sampled_from(wrong[name]))}), f"$.{name}"


def invalid_commands() -> SearchStrategy[tuple[Any, str]]:
    """Commands with one field of the wrong shape or out of range, and the path of that field."""
    return st.one_of(
        _spoiled(create_commands(), WRONG_CREATION),
        _spoiled(update_commands(), WRONG_UPDATE),
        _spoiled(add_leads_commands(), WRONG_LEADS),
        _spoiled(register_commands(), WRONG_REGISTRATION),
        _spoiled(st.builds(commands.DeleteCampaign, st.uuids()), WRONG_CAMPAIGN),
        _spoiled(st.builds(inbox_commands_.VerifyInbox, st.uuids()), WRONG_INBOX),
    )
