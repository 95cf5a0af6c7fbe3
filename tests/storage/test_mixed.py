"""Four processes send commands of every kind to one SQLite file while another follows the log: nothing is lost or twice.

A bounded number of commands usually; a full minute where `CAMPAIGN_SOAK` is set or the soak profile is loaded.
"""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import settings

from campaign_core import CAMPAIGNS, Kernel, Recorded, open_kernel
from tests.storage.logs import contents_of, rows
from tests.storage.mixed import WORKSPACES
from tests.storage.processes import Forge, Worker

PROCESSES = 4
SOAKS = bool(os.environ.get("CAMPAIGN_SOAK")) or settings.get_current_profile_name() == "soak"
#: Commands of each process, and how long it goes on sending them.
MOST, SECONDS = (1_000_000, 60.0) if SOAKS else (250, None)

Said = dict[str, Any]


def test_processes_that_send_everything_at_once_lose_nothing_and_a_follower_sees_it_all(
    forge: Forge, tmp_path: Path
) -> None:
    location = str(tmp_path / "campaigns.db")
    with open_kernel(location) as kernel:
        kernel.create_workspace("other")
    said, followed = _let_them_work(forge, location)
    with open_kernel(location) as kernel:
        found = kernel.verify()
        assert found.holds, found.problems
        logged = {where: list(kernel.workspace(where).subscribe()) for where in WORKSPACES}
        assert found.events == sum(map(len, logged.values()))
        for where, events in logged.items():
            _check_versions(events)
            _check_commands(events, [each for each in said if each["where"] == where])
            assert followed[where] == [[each.position, each.stream, each.version, each.name] for each in events]
            _check_deleted(kernel.workspace(where), events, location)
        before = [rows(kernel.workspace(where)) for where in WORKSPACES]
        kernel.rebuild()
        assert [rows(kernel.workspace(where)) for where in WORKSPACES] == before
    _check_nobody_was_turned_away(said, logged)


def _let_them_work(forge: Forge, location: str) -> tuple[list[Said], dict[str, list[Any]]]:
    """What the writers said, and what each follower was handed."""
    followers = {where: forge.start("follow_log", location=location, where=where, seed=9) for where in WORKSPACES}
    writers = [
        forge.start("mix", location=location, name=f"w{number}", seed=number, most=MOST, seconds=SECONDS)
        for number in range(PROCESSES)
    ]
    for worker in (*followers.values(), *writers):
        worker.start()
    with ThreadPoolExecutor(len(writers) + len(followers)) as threads:
        following = {where: threads.submit(worker.rest) for where, worker in followers.items()}
        said = [each for written in threads.map(Worker.rest, writers) for each in written]
        for worker in followers.values():
            worker.say("nobody writes")
        followed = {where: [event for taken in each.result() for event in taken] for where, each in following.items()}
    assert [worker.wait() for worker in (*writers, *followers.values())] == [0] * (PROCESSES + len(followers))
    return said, followed


def _check_versions(events: list[Recorded]) -> None:
    """Every stream counts 1, 2, 3 without a gap, in the order of the log."""
    heads: Counter[str] = Counter()
    for recorded in events:
        heads[recorded.stream] += 1
        assert recorded.version == heads[recorded.stream]
    assert [each.position for each in events] == sorted({each.position for each in events})


def _check_commands(events: list[Recorded], said: list[Said]) -> None:
    """Each acknowledged command is there exactly once, whole and in one piece; of one that was refused there is nothing."""
    by_command: dict[str | None, list[Recorded]] = {}
    for recorded in events:
        by_command.setdefault(recorded.metadata.command, []).append(recorded)
    accepted = {}
    for each in said:
        if "refused" not in each:
            assert accepted.setdefault(each["id"], each) == each
    for command_id, each in accepted.items():
        there = by_command.pop(command_id, [])
        assert [recorded.name for recorded in there] == each["events"]
        assert len({recorded.stream for recorded in there}) <= 1
        if there:
            assert (there[-1].position, there[-1].version) == (each["position"], each["version"])
            assert [recorded.version for recorded in there] == list(range(there[0].version, each["version"] + 1))
    assert by_command == {}


def _check_deleted(kernel: Kernel, events: list[Recorded], location: str) -> None:
    """Of deleted campaigns nothing is left but envelopes; of all others everything is there."""
    deleted = {each.stream.removeprefix("campaign-") for each in events if each.name == "campaign.deleted"}
    made = {each.stream.removeprefix("campaign-") for each in events if each.name == "campaign.created"}
    assert {str(row.campaign_id) for row in kernel.view(CAMPAIGNS).find()} == made - deleted
    payloads = [each for each in events if each.stream.removeprefix("campaign-") in deleted and each.event is not None]
    assert {each.name for each in payloads} <= {"campaign.deleted"}
    assert sum(contents_of(location, UUID(identity)) for identity in deleted) == 0


def _check_nobody_was_turned_away(said: list[Said], logged: dict[str, list[Recorded]]) -> None:
    """Refusals are those of rules; and there was something to see: pytest shows the figures with `-rP`."""
    refusals = Counter(each["refused"] for each in said if "refused" in each)
    accepted = Counter(each["kind"] for each in said if "refused" not in each)
    print(f"{len(said)} commands, {sum(map(len, logged.values()))} events")
    print(f"accepted: {dict(accepted.most_common())}")
    print(f"refused: {dict(refusals.most_common())}")
    assert not {"LogBusy", "LogUnavailable", "CorruptLog", "ViewFailed"} & refusals.keys()
    assert len(accepted) >= 12
    assert {"InvalidMessage", "IllegalTransition", "LeadFileRefused"} <= refusals.keys()
