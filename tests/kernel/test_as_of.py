"""A campaign as it was: at every version and at every instant of its history, from the log alone."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign_core import (
    CAMPAIGNS,
    ActivateCampaign,
    AddLead,
    ArchiveCampaign,
    CampaignError,
    CampaignRow,
    CreateCampaign,
    DeleteCampaign,
    EditAction,
    Kernel,
    MisuseError,
    PauseCampaign,
    RegisterInbox,
    RemoveLeads,
    SequenceEdit,
    UnknownCampaign,
    UpdateCampaign,
    UploadLeads,
    VerifyInbox,
    open_kernel,
)
from campaign_core.lead.identity import lead_id_of
from tests.campaign.given import addition, follow_up, sequence_id
from tests.conftest import AT
from tests.kernel.given import LEADS_CSV, VARIANT, new_inbox, paused

ID, INBOX = UUID(int=1), UUID(int=2)
SECOND = timedelta(seconds=1)
COMMANDS = st.sampled_from(
    [
        UpdateCampaign(ID, name="Summer launch"),
        UpdateCampaign(ID, name="Spring launch", lead_mapping={"email": "E-Mail"}, launch=True),
        UpdateCampaign(ID, variants=(VARIANT,)),
        UpdateCampaign(ID, sequences=(follow_up(2), follow_up(3))),
        UpdateCampaign(ID, sequence_edits=(addition(2),)),
        UpdateCampaign(ID, sequence_edits=(SequenceEdit(action=EditAction.DELETE, sequence_id=sequence_id(2)),)),
        UploadLeads(ID, b"E-Mail,email\nanna@example.com,anna@example.com\nbert@example.com,bert@example.com\n"),
        UploadLeads(ID, b"E-Mail,email\ncarl@example.com,carl@example.com\n", delete_existing=True),
        AddLead(ID, "dora@example.com"),
        RemoveLeads(ID, (lead_id_of(ID, 1), lead_id_of(ID, 2))),
        ActivateCampaign(ID),
        ActivateCampaign(ID),
        PauseCampaign(ID),
        ArchiveCampaign(ID),
    ]
)


class Clock:
    """A clock that is told when to go on."""

    def __init__(self) -> None:
        self.now = AT

    def __call__(self) -> datetime:
        return self.now


def row(kernel: Kernel, campaign_id: UUID = ID) -> CampaignRow:
    found = kernel.view(CAMPAIGNS).get(campaign_id)
    assert found is not None
    return found


@given(commands=st.lists(COMMANDS, max_size=15))
def test_every_prefix_of_a_history_gives_the_row_of_that_time(commands: list[Any]) -> None:
    """By the version after each command, and by any instant from then on until the next."""
    clock = Clock()
    with open_kernel("memory:", clock=clock) as kernel:
        kernel.handle(RegisterInbox("sales@example.com", inbox_id=INBOX))
        kernel.handle(VerifyInbox(INBOX))
        kernel.handle(CreateCampaign("Spring launch", campaign_id=ID))
        kernel.handle(UpdateCampaign(ID, inbox_ids=(INBOX,)))
        seen = [(clock.now, row(kernel))]
        for command in commands:
            clock.now += SECOND
            with contextlib.suppress(CampaignError):
                kernel.handle(command)
            seen.append((clock.now, row(kernel)))
        for instant, then in seen:
            assert kernel.as_of(ID, version=then.version) == then
            assert kernel.as_of(ID, at=instant) == then
            assert kernel.as_of(ID, at=instant + SECOND - timedelta(microseconds=1)) == then
        assert kernel.as_of(ID) == row(kernel)
        for version in range(1, seen[-1][1].version + 1):
            assert kernel.as_of(ID, version=version).version == version


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timed(location: str, clock: Clock) -> Any:
    """A kernel whose clock is told when to go on."""
    with open_kernel(location, clock=clock) as kernel:
        yield kernel


def test_several_events_of_one_command_are_told_apart_by_version(timed: Kernel, clock: Clock) -> None:
    """They share their instant: by instant all of them have happened."""
    campaign_id = timed.handle(CreateCampaign("Spring launch")).id
    timed.handle(UploadLeads(campaign_id, LEADS_CSV))
    inbox_id = new_inbox(timed)
    clock.now += SECOND
    changes = UpdateCampaign(campaign_id, name="Summer launch", inbox_ids=(inbox_id,), variants=(VARIANT,), launch=True)
    timed.handle(changes)
    assert timed.as_of(campaign_id, at=clock.now).status == "ACTIVE"
    assert timed.as_of(campaign_id, at=clock.now - SECOND).name == "Spring launch"
    assert [str(timed.as_of(campaign_id, version=version).status) for version in (2, 3, 5, 6)] == ["DRAFT"] * 3 + [
        "ACTIVE"
    ]
    assert timed.as_of(campaign_id, version=3).name == "Summer launch"
    assert timed.as_of(campaign_id, version=3).inbox_ids == ()


def test_version_and_instant_hold_both(timed: Kernel, clock: Clock) -> None:
    """Whichever comes first; beyond the end the newest."""
    campaign_id = timed.handle(CreateCampaign("Spring launch")).id
    clock.now += SECOND
    timed.handle(UpdateCampaign(campaign_id, name="Summer launch"))
    assert timed.as_of(campaign_id, version=2, at=clock.now - SECOND).name == "Spring launch"
    assert timed.as_of(campaign_id, version=1, at=clock.now).name == "Spring launch"
    assert timed.as_of(campaign_id, version=99, at=clock.now + SECOND).name == "Summer launch"


def test_an_instant_is_told_in_any_zone_and_needs_one(timed: Kernel, clock: Clock) -> None:
    campaign_id = timed.handle(CreateCampaign("Spring launch")).id
    there = AT.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert timed.as_of(campaign_id, at=there) == row(timed, campaign_id)
    with pytest.raises(MisuseError, match="An instant needs its zone"):
        timed.as_of(campaign_id, at=AT.replace(tzinfo=None))


def test_before_it_was_there_a_campaign_is_unknown(timed: Kernel, clock: Clock) -> None:
    """At version 0, before its first instant, and where there never was one."""
    campaign_id = timed.handle(CreateCampaign("Spring launch")).id
    for ask in ({"version": 0}, {"at": AT - SECOND}, {"at": datetime(1, 1, 1, tzinfo=UTC)}):
        with pytest.raises(UnknownCampaign):
            timed.as_of(campaign_id, **ask)  # type: ignore[arg-type]
    for unknown in (UUID(int=99), new_inbox(timed)):
        with pytest.raises(UnknownCampaign):
            timed.as_of(unknown)


def test_a_deleted_campaign_is_unknown_at_every_time(kernel: Kernel) -> None:
    """Its payloads are gone, so there is nothing to be seen of it, then or now."""
    campaign_id = paused(kernel).campaign_id
    kernel.handle(DeleteCampaign(campaign_id))
    for version in (None, 1, 3, 7):
        with pytest.raises(UnknownCampaign):
            kernel.as_of(campaign_id, version=version)


def test_looking_back_changes_nothing(kernel: Kernel) -> None:
    campaign_id = paused(kernel).campaign_id
    before = row(kernel, campaign_id)
    kernel.as_of(campaign_id, version=1)
    assert row(kernel, campaign_id) == before
    assert kernel.handle(ActivateCampaign(campaign_id)).status == "ACTIVE"
