"""Following the log: every committed event once, in order, from any place on, also while others write."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign_core import (
    CampaignError,
    CreateCampaign,
    DeleteCampaign,
    Kernel,
    PauseCampaign,
    Recorded,
    ReviseLead,
    UpdateCampaign,
    UploadLeads,
    open_kernel,
)
from campaign_core.campaign.events import LeadMappingSet, stream_of
from campaign_core.kernel.kernel import VIEWS
from campaign_core.kernel.stores import open_store
from campaign_core.lead.identity import lead_id_of
from campaign_core.log.log import EventLog
from campaign_core.log.transaction import BATCH
from campaign_core.recorded import Metadata, Proposed
from tests.conftest import AT
from tests.kernel.given import draft, new_inbox, paused


def positions(events: list[Recorded]) -> list[int]:
    return [each.position for each in events]


def test_every_event_comes_in_the_order_of_the_log(kernel: Kernel) -> None:
    """Of campaigns, inboxes and leads alike, each as its history has it."""
    made = draft(kernel)
    kernel.handle(ReviseLead(made.campaign_id, lead_id_of(made.campaign_id, 1), company="Ash"))
    events = list(kernel.subscribe())
    assert positions(events) == sorted(set(positions(events)))
    assert len(events) == kernel.verify().events
    assert {each.name.partition(".")[0] for each in events} == {"campaign", "inbox", "lead"}
    for identity in (made.campaign_id, made.inbox_id):
        history = kernel.history(identity)
        assert [each for each in events if each.stream == history[0].stream] == history


def test_a_consumer_goes_on_from_its_checkpoint(kernel: Kernel) -> None:
    """From every place the rest comes, whole; from the end nothing."""
    paused(kernel)
    events = list(kernel.subscribe())
    for place, each in enumerate(events):
        assert list(kernel.subscribe(after=each.position)) == events[place + 1 :]
        assert list(kernel.subscribe(each.position - 1))[0] == each  # noqa: RUF015 - all of them are read
    assert list(kernel.subscribe(events[-1].position + 1000)) == []


def test_an_event_that_was_not_dealt_with_comes_again(kernel: Kernel) -> None:
    """A consumer that breaks off keeps its position, and is handed the same event once more."""
    paused(kernel)
    stream = kernel.subscribe()
    first, second = next(stream), next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert next(iter(kernel.subscribe(after=first.position))) == second


def test_what_is_recorded_meanwhile_comes_with_the_next_call(kernel: Kernel) -> None:
    """A call ends at what was the newest event when it began to read."""
    kernel.handle(CreateCampaign("Spring launch"))
    stream = kernel.subscribe()
    first = next(stream)
    later = kernel.handle(CreateCampaign("Summer launch"))
    rest = list(stream)
    checkpoint = positions([first, *rest])[-1]
    assert positions([*rest, *kernel.subscribe(checkpoint)]) == [later.position]


def test_a_deletion_leaves_its_envelopes(kernel: Kernel) -> None:
    """A consumer that comes late is handed names and times; of the payloads only the last is left."""
    campaign_id = paused(kernel).campaign_id
    before = list(kernel.subscribe())
    kernel.handle(DeleteCampaign(campaign_id))
    after = list(kernel.subscribe())
    assert [each.name for each in after] == [*(each.name for each in before), "campaign.deleted"]
    mine = [each for each in after if each.stream == f"campaign-{campaign_id}"]
    assert [each.event is None for each in mine] == [True] * (len(mine) - 1) + [False]


def test_more_events_than_are_read_at_once_come_all(location: str) -> None:
    """Without one missing or twice where one reading ends and the next begins."""
    store = open_store(location)
    with open_kernel(store, clock=lambda: AT) as kernel:
        campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
        kernel.handle(UploadLeads(campaign_id, b"email\nanna@example.com\n"))
        other = kernel.create_workspace("second")
        other.handle(CreateCampaign("Another launch"))
        log = EventLog(store, VIEWS)
        metadata = Metadata(workspace="default", actor="test", recorded_at=AT)
        many = [Proposed(LeadMappingSet(mapping={"email": str(number)})) for number in range(2 * BATCH)]
        log.append(stream_of(campaign_id), many, metadata)
        events = list(kernel.subscribe())
        assert len(events) == 2 * BATCH + 2
        assert positions(events) == sorted(set(positions(events)))
        assert len(list(other.subscribe())) == 1


@given(
    names=st.lists(st.sampled_from(["create", "rename", "pause", "inbox", "other workspace"]), max_size=20),
    cuts=st.lists(st.integers(0, 25), max_size=6),
)
def test_whatever_is_recorded_whenever_it_is_read_all_of_it_comes_once(names: list[str], cuts: list[int]) -> None:
    """A consumer that reads now and then, and keeps its position, has seen the log in the end."""
    with open_kernel("memory:", clock=lambda: AT) as kernel:
        other = kernel.create_workspace("second")
        campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
        seen: list[Recorded] = []
        for place, name in enumerate(names):
            try:
                if name == "create":
                    campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
                elif name == "rename":
                    kernel.handle(UpdateCampaign(campaign_id, name=f"Name number {place}", launch=True))
                elif name == "pause":
                    kernel.handle(PauseCampaign(campaign_id))
                elif name == "inbox":
                    new_inbox(kernel, f"inbox{place}@example.com")
                else:
                    other.handle(CreateCampaign("Another launch"))
            except CampaignError:
                pass
            if place in cuts:
                seen += kernel.subscribe(seen[-1].position if seen else 0)
        seen += kernel.subscribe(seen[-1].position if seen else 0)
        assert seen == list(kernel.subscribe())
        assert len(seen) + len(list(other.subscribe())) == kernel.verify().events


WRITER = """
import sys
from uuid import UUID
from campaign_core import CreateCampaign, UpdateCampaign, open_kernel

with open_kernel(sys.argv[1]) as kernel:
    for number in range(int(sys.argv[3])):
        campaign_id = UUID(int=int(sys.argv[2]) * 1000 + number)
        kernel.handle(CreateCampaign("Spring launch", campaign_id=campaign_id))
        kernel.handle(UpdateCampaign(campaign_id, name=f"Name number {number}", timezone="UTC"))
"""


def test_two_processes_write_while_it_is_read(tmp_path: Path, open_sqlite: Callable[[], Kernel]) -> None:
    """Nothing that commits late is passed over: read as it grows, the log is what it is read at once at the end."""
    rounds = 15
    with open_sqlite() as kernel:
        writers = [
            subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path / "campaigns.db"), str(number), str(rounds)])
            for number in (1, 2)
        ]
        seen: list[Recorded] = []
        while any(writer.poll() is None for writer in writers):
            seen += kernel.subscribe(seen[-1].position if seen else 0)
        assert [writer.returncode for writer in writers] == [0, 0]
        seen += kernel.subscribe(seen[-1].position if seen else 0)
        assert seen == list(kernel.subscribe())
        assert len(seen) == 4 * rounds
        for number in (1, 2):
            for each in range(rounds):
                assert len(kernel.history(UUID(int=number * 1000 + each))) == 2


@pytest.mark.parametrize("after", [-1, 0])
def test_the_beginning_is_before_the_first_event(kernel: Kernel, after: int) -> None:
    kernel.handle(CreateCampaign("Spring launch"))
    assert len(list(kernel.subscribe(after))) == 1
