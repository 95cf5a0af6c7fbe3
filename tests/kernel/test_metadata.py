"""Who asked, through which command, when: kept with every event and found again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from campaign_core import CreateCampaign, InvalidMessage, Kernel, Metadata, UpdateCampaign, VerifyInbox, open_kernel
from tests.conftest import AT
from tests.kernel.given import VARIANT, draft, new_inbox


def test_what_came_with_a_command_stands_with_each_of_its_events(kernel: Kernel) -> None:
    """Actor, command, causation and correlation; the workspace and the time are the kernel's."""
    campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
    kernel.handle(
        UpdateCampaign(campaign_id, name="Summer launch", variants=(VARIANT,)),
        actor="anna@example.com",
        command_id="update-1",
        causation="message-7",
        correlation="order-12",
    )
    expected = Metadata(
        workspace="default",
        actor="anna@example.com",
        command="update-1",
        causation="message-7",
        correlation="order-12",
        recorded_at=AT,
    )
    assert [each.metadata for each in kernel.history(campaign_id)[1:]] == [expected, expected]


def test_what_did_not_come_is_left_out(kernel: Kernel) -> None:
    """The actor is the application, unless it says who."""
    (created,) = kernel.history(kernel.handle(CreateCampaign("Spring launch")).id)
    assert created.metadata == Metadata(workspace="default", actor="application", recorded_at=AT)
    assert created.occurred_at == AT


def test_the_history_of_a_campaign_is_in_order(kernel: Kernel) -> None:
    """Versions without gaps, positions rising, each event with its name, schema and stream."""
    made = draft(kernel)
    history = kernel.history(made.campaign_id)
    assert [each.version for each in history] == [1, 2, 3, 4]
    assert [each.name for each in history] == [
        "campaign.created",
        "campaign.leads_uploaded",
        "campaign.inboxes_assigned",
        "campaign.variants_set",
    ]
    positions = [each.position for each in history]
    assert positions == sorted(set(positions))
    assert {each.stream for each in history} == {f"campaign-{made.campaign_id}"}
    assert all((each.schema, each.event.stored_name) == (1, each.name) for each in history)


def test_an_inbox_has_a_history_too(kernel: Kernel) -> None:
    """Under its own id."""
    inbox_id = new_inbox(kernel, verified=False)
    kernel.handle(VerifyInbox(inbox_id), actor="operator")
    assert [(each.name, each.metadata.actor) for each in kernel.history(inbox_id)] == [
        ("inbox.registered", "application"),
        ("inbox.verified", "operator"),
    ]


def test_times_are_kept_in_utc(location: str) -> None:
    """Whatever zone the clock answers in."""
    east = timezone(timedelta(hours=5, minutes=30))
    with open_kernel(location, clock=lambda: datetime(2030, 1, 1, 5, 30, tzinfo=east)) as kernel:
        (created,) = kernel.history(kernel.handle(CreateCampaign("Spring launch")).id)
    assert created.metadata.recorded_at == AT
    assert created.metadata.recorded_at.tzinfo is UTC


@pytest.mark.parametrize("name", ["actor", "command_id", "causation", "correlation"])
@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="empty"),
        pytest.param("x" * 201, id="too long"),
        pytest.param("line\nbreak", id="a line break"),
        pytest.param("\x7f", id="a control character"),
        pytest.param("half \ud800", id="half a character"),
        pytest.param(7, id="a number"),
    ],
)
def test_metadata_that_could_not_be_kept_is_refused(kernel: Kernel, name: str, value: Any) -> None:
    """1 to 200 characters of plain text; nothing is recorded."""
    with pytest.raises(InvalidMessage):
        kernel.handle(CreateCampaign("Spring launch"), **{name: value})
    assert kernel.verify().events == 0


@pytest.mark.parametrize("value", ["x", "x" * 200, "Jürgen Groß 🍵"], ids=["one", "two hundred", "beyond ASCII"])
def test_metadata_of_any_plain_text_is_kept(kernel: Kernel, value: str) -> None:
    """To the letter."""
    created = kernel.handle(CreateCampaign("Spring launch"), actor=value, command_id=value)
    (event,) = kernel.history(created.id)
    assert (event.metadata.actor, event.metadata.command) == (value, value)
    assert kernel.verify().holds
