"""`kill -9` in the middle of appends and uploads: what was acknowledged is there once, the rest wholly or not at all."""

from __future__ import annotations

import signal
import time
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest

from campaign_core import CAMPAIGNS, LEADS, Kernel, Recorded, UnknownCampaign, open_kernel
from campaign_core.campaign.events import LeadsRemoved, LeadsUploaded
from tests.storage import jobs
from tests.storage.logs import contents_of, rows
from tests.storage.processes import Forge

#: Kills of one test.
KILLS = 10
#: Before a kill, fewer commands than this are waited for.
COMMANDS = {"lives": 26, "uploads": 4, "deletions": 12}


def histories(kernel: Kernel, campaigns: set[UUID]) -> dict[UUID, list[Recorded]]:
    """The events of those of the campaigns that have any."""
    found = {}
    for identity in campaigns:
        try:
            found[identity] = kernel.history(identity)
        except UnknownCampaign:
            assert kernel.view(CAMPAIGNS).get(identity) is None
    return found


def check_commands(kernel: Kernel, script: str, seed: int, acknowledged: list[dict[str, Any]]) -> bool:
    """Every acknowledged command is in the log once and the one after them wholly or not; answers whether it is."""
    steps = list(islice(jobs.SCRIPTS[script](seed), len(acknowledged) + 1))
    by_command: dict[str, list[Recorded]] = {}
    for recorded in kernel.subscribe():
        if (recorded.metadata.command or "").startswith(f"{seed}-"):
            by_command.setdefault(recorded.metadata.command or "", []).append(recorded)
    for number, said in enumerate(acknowledged):
        logged = by_command.pop(f"{seed}-{number}", [])
        assert tuple(each.name for each in logged) == steps[number][1] == tuple(said["events"])
        assert said["position"] == (logged[-1].position if logged else None)
    in_flight = by_command.pop(f"{seed}-{len(acknowledged)}", [])
    assert tuple(each.name for each in in_flight) in ((), steps[-1][1])
    assert by_command == {}
    return bool(in_flight)


def check_leads(kernel: Kernel, location: str, campaigns: set[UUID]) -> None:
    """Every upload has brought and removed all its leads; of a deleted campaign nothing is left that can be read."""
    for identity, history in histories(kernel, campaigns).items():
        leads = kernel.view(LEADS).find({"campaign_id": identity})
        if history[-1].name == "campaign.deleted":
            assert (leads, kernel.view(CAMPAIGNS).get(identity)) == ([], None)
            assert [each.event for each in history[:-1]] == [None] * (len(history) - 1)
            assert contents_of(location, identity) == 0
            continue
        numbers: list[int] = []
        for event in (each.event for each in history):
            if isinstance(event, LeadsUploaded):
                numbers += range(event.first_number, event.first_number + event.imported)
            if isinstance(event, LeadsRemoved):
                numbers = [number for number in numbers if number not in set(event.numbers)]
        row = kernel.view(CAMPAIGNS).get(identity)
        assert row is not None
        assert [each.number for each in leads] == numbers
        assert row.total_leads == len(numbers)
        assert [each.email for each in leads] == [(values or {})["email"] for values in kernel.lead_values(leads)]


@pytest.mark.parametrize("batch", range(4), ids=lambda batch: f"batch-{batch}")
@pytest.mark.parametrize("script", jobs.SCRIPTS)
def test_a_killed_process_leaves_nothing_lost_and_nothing_half_there(
    forge: Forge, tmp_path: Path, script: str, batch: int
) -> None:
    location = str(tmp_path / "campaigns.db")
    dice = Random(f"{script}-{batch}")
    one_takes = 0.01
    with open_kernel(location) as kernel:
        jobs.prepare(kernel)
    for kill in range(KILLS):
        seed = batch * KILLS + kill
        victim = forge.start("follow", location=location, script=script, seed=seed, most=1000)
        victim.start()
        begun = time.monotonic()
        acknowledged = [victim.hear() for _ in range(dice.randrange(COMMANDS[script]))]
        if acknowledged:
            one_takes = (time.monotonic() - begun) / len(acknowledged)
        time.sleep(dice.random() * one_takes)
        acknowledged += victim.kill()
        assert victim.ended == -signal.SIGKILL
        with open_kernel(location) as kernel:
            found = kernel.verify()
            assert found.holds, found.problems
            check_commands(kernel, script, seed, acknowledged)
            in_flight = next(islice(jobs.SCRIPTS[script](seed), len(acknowledged), None))[0]
            again = kernel.handle(in_flight, command_id=f"{seed}-{len(acknowledged)}")
            acknowledged.append({"position": again.position, "events": again.events})
            check_commands(kernel, script, seed, acknowledged)
            check_leads(
                kernel,
                location,
                {step[0].campaign_id for step in islice(jobs.SCRIPTS[script](seed), len(acknowledged))},
            )
    with open_kernel(location) as kernel:
        before = rows(kernel)
        kernel.rebuild()
        assert rows(kernel) == before


def test_others_write_on_while_processes_are_killed(forge: Forge, tmp_path: Path) -> None:
    location = str(tmp_path / "campaigns.db")
    dice = Random(1)
    with open_kernel(location) as kernel:
        jobs.prepare(kernel)
    survivor = forge.start("follow", location=location, script="lives", seed=10_000, most=150)
    survivor.start()
    said: dict[int, list[dict[str, Any]]] = {}
    for seed in range(KILLS):
        victim = forge.start("follow", location=location, script="lives", seed=seed, most=1000)
        victim.start()
        said[seed] = [victim.hear() for _ in range(dice.randrange(6))]
        said[seed] += victim.kill()
    said[10_000] = survivor.rest()
    assert (survivor.wait(), len(said[10_000])) == (0, 150)
    with open_kernel(location) as kernel:
        assert kernel.verify().holds
        before = rows(kernel)
        for seed, acknowledged in said.items():
            check_commands(kernel, "lives", seed, acknowledged)
        kernel.rebuild()
        assert rows(kernel) == before
