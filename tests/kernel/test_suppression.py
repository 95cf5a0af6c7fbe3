"""Addresses that are not written to: across campaigns, apart from other workspaces, beyond the life of a campaign."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from campaign_core import (
    LEADS,
    SUPPRESSIONS,
    CommandIdReused,
    DeleteCampaign,
    InvalidMessage,
    Kernel,
    LiftSuppression,
    PauseCampaign,
    RecordBounce,
    RecordComplaint,
    RecordUnsubscribe,
    ReportRejected,
    SuppressAddress,
    SuppressionReason,
    SuppressionRow,
    open_kernel,
)
from campaign_core.kernel.stores import open_store
from campaign_core.log.ports import Store
from tests.conftest import AT
from tests.kernel.claims import Worker
from tests.kernel.given import active

ANNA = "anna@example.com"
#: Windows that never close, so that a tick at any time may claim.
ALWAYS: dict[str, Any] = {"sending_window_start": 0, "sending_window_end": 24, "sending_days": (1, 2, 3, 4, 5, 6, 7)}


@pytest.fixture
def store(location: str) -> Store:
    return open_store(location)


@pytest.fixture
def kernel(store: Store) -> Iterator[Kernel]:
    with open_kernel(store, clock=lambda: AT) as opened:
        yield opened


def running(store: Store, kernel: Kernel, address: str = "sales@example.com", **others: Any) -> Worker:
    """A campaign that may send now, Anna and Bert its leads."""
    made = active(kernel, address=address, **ALWAYS)
    return Worker(store, kernel, made.campaign_id, made.inbox_id, **others)


def only(kernel: Kernel) -> SuppressionRow:
    (row,) = kernel.view(SUPPRESSIONS).find()
    return row


def statuses(worker: Worker) -> list[str]:
    """The statuses of the campaign's leads, by number."""
    return [str(row.status) for row in worker.kernel.view(LEADS).find({"campaign_id": worker.campaign_id})]


def test_an_unsubscribe_in_one_campaign_keeps_every_other_from_writing(kernel: Kernel, store: Store) -> None:
    """The lead of the other campaign is stopped when its mail is due; others of that campaign are written to."""
    one, other = running(store, kernel), running(store, kernel, "other@example.com")
    one.send(1)
    one.say(RecordUnsubscribe, 1)
    kernel.handle(PauseCampaign(one.campaign_id))
    assert statuses(other) == ["PENDING", "PENDING"]
    (task,) = kernel.dispatch("worker-1").tasks
    assert task.lead_id == other.lead_id(2)
    assert statuses(other) == ["UNSUBSCRIBED", "QUEUED"]


def test_the_same_address_has_the_same_hash_in_every_campaign(kernel: Kernel, store: Store) -> None:
    """Two campaigns that hear it say it once; the reason is the first."""
    one, other = running(store, kernel), running(store, kernel, "other@example.com")
    one.send(1)
    other.send(1)
    one.say(RecordComplaint, 1)
    assert other.say(RecordUnsubscribe, 1).events[0] == "lead.unsubscribed"
    assert only(kernel).reason is SuppressionReason.COMPLAINED


def test_workspaces_keep_their_lists_apart(kernel: Kernel, store: Store) -> None:
    """What is suppressed in one is written to in another, and neither list can be told from the other's hashes."""
    there = kernel.create_workspace("second")
    other = running(store, there, workspace="second")
    kernel.handle(SuppressAddress(ANNA))
    assert there.view(SUPPRESSIONS).find() == []
    (task,) = there.dispatch("worker-1").tasks
    assert task.lead_id == other.lead_id(1)
    there.handle(SuppressAddress(ANNA))
    assert only(there).address_hash != only(kernel).address_hash


@pytest.mark.parametrize("says", [RecordUnsubscribe, RecordComplaint, RecordBounce], ids=lambda kind: kind.__name__)
def test_a_suppression_outlives_the_campaign(kernel: Kernel, store: Store, says: Any) -> None:
    """Deleted with all its values, rebuilt, and another campaign still does not write to Anna."""
    one, other = running(store, kernel), running(store, kernel, "other@example.com")
    one.send(1)
    one.say(says, 1)
    kernel.handle(PauseCampaign(one.campaign_id))
    kernel.handle(DeleteCampaign(one.campaign_id))
    kernel.rebuild()
    assert [task.lead_id for task in kernel.dispatch("worker-1").tasks] == [other.lead_id(2)]


def test_an_address_a_server_refuses_is_suppressed(kernel: Kernel, store: Store) -> None:
    """For its own sake; a mail that is refused for what it says is no reason."""
    worker = running(store, kernel)
    worker.claim(1, 2)
    worker.report(ReportRejected, 1, reply_code=554, about_address=False)
    assert kernel.view(SUPPRESSIONS).find() == []
    worker.report(ReportRejected, 2, reply_code=550, about_address=True)
    assert only(kernel).reason is SuppressionReason.BOUNCED


def test_a_soft_bounce_suppresses_nobody(kernel: Kernel, store: Store) -> None:
    worker = running(store, kernel)
    worker.send(1)
    worker.say(RecordBounce, 1, hard=False)
    assert kernel.view(SUPPRESSIONS).find() == []


def test_a_suppression_is_lifted_and_put_back(kernel: Kernel, store: Store) -> None:
    """Each answer says how it is now; said twice nothing happens; a walk that ended stays ended."""
    worker = running(store, kernel)
    worker.say(RecordUnsubscribe, 1)
    assert kernel.handle(SuppressAddress(ANNA)).events == ()
    lifted = kernel.handle(LiftSuppression(ANNA))
    assert (lifted.status, lifted.events) == ("LIFTED", ("suppression.lifted",))
    assert kernel.handle(LiftSuppression(ANNA)).events == ()
    assert kernel.view(SUPPRESSIONS).find() == []
    assert statuses(worker)[0] == "UNSUBSCRIBED"
    again = kernel.handle(SuppressAddress(ANNA, reason=SuppressionReason.COMPLAINED))
    assert (again.status, again.id, again.version) == ("SUPPRESSED", lifted.id, 3)
    assert only(kernel).reason is SuppressionReason.COMPLAINED


@pytest.mark.parametrize(
    "spelling", ["Anna@Example.com", " anna@example.com ", "ANNA@EXAMPLE.COM"], ids=["mixed", "blanks", "capitals"]
)
def test_an_address_is_known_however_it_is_spelt(kernel: Kernel, store: Store, spelling: str) -> None:
    """As a lead file has it, and as somebody types it."""
    worker = running(store, kernel)
    kernel.handle(SuppressAddress(spelling))
    assert [task.lead_id for task in kernel.dispatch("worker-1").tasks] == [worker.lead_id(2)]
    kernel.handle(LiftSuppression(ANNA))
    assert kernel.view(SUPPRESSIONS).find() == []


@pytest.mark.parametrize("command", [SuppressAddress, LiftSuppression], ids=lambda kind: kind.__name__)
def test_a_command_about_an_address_is_repeated_harmlessly(kernel: Kernel, command: Any) -> None:
    """Under its id it answers the same; another address under that id is refused."""
    kernel.handle(SuppressAddress("bert@example.com"))
    first = kernel.handle(command("bert@example.com"), command_id="once")
    kernel.handle(SuppressAddress("bert@example.com"))
    assert kernel.handle(command("bert@example.com"), command_id="once") == first
    with pytest.raises(CommandIdReused):
        kernel.handle(command(ANNA), command_id="once")


@pytest.mark.parametrize("wrong", ["", "anna", "anna@"], ids=["nothing", "no address", "half an address"])
def test_what_is_no_address_is_neither_suppressed_nor_lifted(kernel: Kernel, wrong: str) -> None:
    for command in (SuppressAddress(wrong), LiftSuppression(wrong)):
        with pytest.raises(InvalidMessage, match=r"\$\.email"):
            kernel.handle(command)
    assert kernel.view(SUPPRESSIONS).find() == []


def test_nothing_kept_about_a_suppression_tells_the_address(kernel: Kernel) -> None:
    """Neither its events, nor its row, nor what is remembered of the command: a hash under a key of the workspace."""
    outcome = kernel.handle(SuppressAddress(ANNA), command_id="once")
    (event,) = kernel.subscribe()
    assert event.stream == f"suppression-{only(kernel).address_hash}"
    assert outcome.id == UUID(hex=only(kernel).address_hash[:32])
    told = repr((outcome, event, only(kernel), SuppressAddress(ANNA), LiftSuppression(ANNA)))
    assert "anna" not in told.casefold()
