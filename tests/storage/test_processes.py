"""Several real processes write to one SQLite file: nothing is lost, nobody is turned away, and conflicts are told."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from campaign_core import (
    CAMPAIGNS,
    LEADS,
    CreateCampaign,
    UpdateCampaign,
    UploadLeads,
    WrongExpectedVersion,
    open_kernel,
)
from tests.storage import jobs
from tests.storage.logs import rows
from tests.storage.processes import Forge

SHARED = UUID(int=1)
#: Commands of all processes together.
COMMANDS = 240


@pytest.fixture
def location(tmp_path: Path) -> str:
    """A file with a campaign that everybody writes to."""
    location = str(tmp_path / "campaigns.db")
    with open_kernel(location) as kernel:
        kernel.handle(CreateCampaign("Counted 0", campaign_id=SHARED))
    return location


@pytest.mark.parametrize("processes", [2, 4], ids=lambda count: f"{count}-processes")
def test_processes_that_write_at_once_lose_no_update(forge: Forge, location: str, processes: int) -> None:
    """A worker that meets any error, a busy log included, says so, and the test fails."""
    names = [f"w{number}" for number in range(processes)]
    each = COMMANDS // processes
    workers = [forge.start("rename", location=location, campaign=str(SHARED), name=name, count=each) for name in names]
    for worker in workers:
        worker.start()
    said = {name: worker.rest() for name, worker in zip(names, workers, strict=True)}
    assert [worker.wait() for worker in workers] == [0] * processes
    assert [len(acknowledged) for acknowledged in said.values()] == [each] * processes
    with open_kernel(location) as kernel:
        found = kernel.verify()
        assert found.holds, found.problems
        shared = kernel.history(SHARED)
        own = {name: kernel.history(UUID(int=int.from_bytes(name.encode()))) for name in names}
        for history in (shared, *own.values()):
            assert [recorded.version for recorded in history] == list(range(1, len(history) + 1))
        logged = {(each.metadata.command, each.position, each.version) for each in shared}
        logged |= {(each.metadata.command, each.position, each.version) for history in own.values() for each in history}
        for name, acknowledged in said.items():
            assert {(each["id"], each["position"], each["version"]) for each in acknowledged} <= logged
            commands = Counter(each.metadata.command for each in (*shared, *own[name]))
            assert all(commands[one["id"]] == 1 for one in acknowledged)
        assert found.events == len(logged) == 1 + processes + COMMANDS
        row = kernel.view(CAMPAIGNS).get(SHARED)
        renamed = [recorded.event.change.name for recorded in shared if recorded.name == "campaign.settings_revised"]
        assert row is not None
        assert (row.name, row.version) == (renamed[-1], len(shared))
        check_leads_are_there_once(kernel, shared, {row.address for row in kernel.view(LEADS).find()}, each)
        before = rows(kernel)
        kernel.rebuild()
        assert rows(kernel) == before


def check_leads_are_there_once(kernel: Any, shared: list[Any], addresses: set[Any], count: int) -> None:
    """Everybody uploaded the same leads: each was imported by the first and a duplicate for all others."""
    uploads = [recorded.event for recorded in shared if recorded.name == "campaign.leads_uploaded"]
    expected = {f"lead{lead:07}@leads.org" for number in range(9, count, 10) for lead in range(number, number + 20)}
    assert addresses == expected
    assert sum(each.imported for each in uploads) == len(expected) == kernel.view(LEADS).count()
    assert all(each.imported + each.duplicates == 20 for each in uploads)
    assert [each.first_number for each in uploads] == [
        1 + sum(each.imported for each in uploads[:place]) for place in range(len(uploads))
    ]


@pytest.mark.parametrize("processes", [2, 4], ids=lambda count: f"{count}-processes")
def test_counting_on_expected_versions_is_exact(forge: Forge, location: str, processes: int) -> None:
    each = COMMANDS // processes // 2
    workers = [forge.start("count_up", location=location, campaign=str(SHARED), count=each) for _ in range(processes)]
    for worker in workers:
        worker.start()
    conflicts = [conflict for worker in workers for conflict in worker.rest()[0]]
    assert [worker.wait() for worker in workers] == [0] * processes
    assert all(read == expected < actual for read, expected, actual in conflicts)
    with open_kernel(location) as kernel:
        row = kernel.view(CAMPAIGNS).get(SHARED)
        assert row is not None
        assert (row.name, row.version) == (f"Counted {each * processes}", 1 + each * processes)
        assert kernel.verify().holds


def test_of_two_who_decided_on_the_same_version_the_second_is_told(location: str) -> None:
    with open_kernel(location) as one, open_kernel(location) as other:
        one.handle(UpdateCampaign(SHARED, name="First come"), expected_version=1)
        with pytest.raises(WrongExpectedVersion) as told:
            other.handle(UpdateCampaign(SHARED, name="Second come"), expected_version=1)
        assert (told.value.expected, told.value.actual) == (1, 2)
        other.handle(UpdateCampaign(SHARED, name="Second come"), expected_version=told.value.actual)
        assert [each.version for each in one.history(SHARED)] == [1, 2, 3]


def test_a_command_sent_through_two_kernels_under_one_id_is_carried_out_once(location: str) -> None:
    upload = UploadLeads(SHARED, jobs.leads_csv(0, 10))
    with open_kernel(location) as one, open_kernel(location) as other:
        first = one.handle(upload, command_id="upload-1")
        assert other.handle(upload, command_id="upload-1") == first
        assert one.view(LEADS).count() == other.view(LEADS).count() == 10
        assert len(one.history(SHARED)) == 2


def test_processes_that_change_one_value_lose_no_change(forge: Forge, location: str) -> None:
    """Each reads, changes and writes in one transaction."""
    workers = [forge.start("tally", location=location, times=100) for _ in range(2)]
    for worker in workers:
        worker.start()
    assert [worker.rest() for worker in workers] == [[], []]
    assert [worker.wait() for worker in workers] == [0, 0]
    with open_kernel(location) as kernel:
        assert kernel.shelf(jobs.TALLIES).get("all") == jobs.Tally(200)
