"""What the processes do that tests start and kill. Runs in those processes; knows the library and nothing of pytest.

A job is told what to do by its arguments and talks over a `Line`: it says what it has done only once `handle` has
returned, so whoever listens knows what was acknowledged.
"""

from __future__ import annotations

import base64
import json
import os
import pickle
import resource
import select
import signal
import socket
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

import attrs

import campaign_core.log.schema  # what only a new file needs, imported before the fork
from campaign_core import (
    CAMPAIGNS,
    LEADS,
    ActivateCampaign,
    AddLead,
    CampaignError,
    CreateCampaign,
    DeleteCampaign,
    DisableInbox,
    DuplicateAction,
    FollowUp,
    FollowUpVariant,
    Kernel,
    LogUnavailable,
    PauseCampaign,
    RegisterInbox,
    RemoveLeads,
    ReviseLead,
    TriggerType,
    UpdateCampaign,
    UploadLeads,
    Variant,
    VerifyInbox,
    WrongExpectedVersion,
    open_kernel,
)
from campaign_core.lead.identity import lead_id_of
from campaign_core.log.records import Register
from campaign_core.log.sqlite import SqliteStore

assert campaign_core.log.schema

#: The inbox that every campaign of these jobs sends from.
INBOX = UUID(int=7)
INBOX_ADDRESS = "me@firm.org"
VARIANT = Variant(subject_template="Hello {{first_name}}", email_content="A mail of some length")
#: A mail that stays in its thread.
SHORT_MAIL = FollowUpVariant(email_content="Once more, of some length")
FOLLOW_UP = FollowUp(
    sequence_id=UUID(int=500), step_number=2, trigger_type=TriggerType.NOT_REPLIED, wait_days=3, variants=(SHORT_MAIL,)
)
AT = datetime(2030, 1, 1, tzinfo=UTC)
#: Events of the update that begins a life: one of each part of the command.
BEGUN = (
    "campaign.settings_revised",
    "campaign.inboxes_assigned",
    "campaign.variants_set",
    "campaign.sequences_set",
    "campaign.launched",
)
_UPLOADED, _REMOVED = "campaign.leads_uploaded", "campaign.leads_removed"
#: A command and the stored names of the events it records.
Step = tuple[Any, tuple[str, ...]]


class Line:
    """A connection to whoever started the job."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lines = connection.makefile("r", encoding="utf-8")

    def say(self, what: Any) -> None:
        """Sends one message; it is on its way when this returns, whatever becomes of the process."""
        self._connection.sendall(json.dumps(what).encode() + b"\n")

    def hear(self) -> Any:
        """Waits for one message; None once the other side is gone."""
        line = self._lines.readline()
        return json.loads(line) if line else None

    def waits(self, seconds: float) -> bool:
        """Whether a message comes within so many seconds; for lines on which one message comes at a time."""
        return bool(select.select([self._connection], [], [], seconds)[0])

    def close(self) -> None:
        """Hangs up."""
        self._lines.close()
        self._connection.close()


def leads_csv(first: int, count: int) -> bytes:
    """A file of leads whose addresses are numbered."""
    rows = "".join(f"lead{number:07}@leads.org,Name {number}\n" for number in range(first, first + count))
    return f"email,first_name\n{rows}".encode()


def prepare(kernel: Kernel) -> None:
    """Makes the inbox, verified."""
    kernel.handle(RegisterInbox(INBOX_ADDRESS, inbox_id=INBOX), command_id="register")
    kernel.handle(VerifyInbox(INBOX), command_id="verify")


def lives(seed: int) -> Iterator[Step]:
    """One campaign after the other, each from its creation to its end; the same for the same seed."""
    dice = Random(seed)
    while True:
        identity = UUID(int=dice.getrandbits(128))
        leads = dice.choice([1, 3, 200])
        yield CreateCampaign("A whole life", campaign_id=identity), ("campaign.created",)
        yield UploadLeads(identity, leads_csv(0, leads)), (_UPLOADED,)
        begin = UpdateCampaign(
            identity, name="Begun now", inbox_ids=(INBOX,), variants=(VARIANT,), sequences=(FOLLOW_UP,)
        )
        yield attrs.evolve(begin, launch=True), BEGUN
        yield PauseCampaign(identity), ("campaign.paused",)
        yield UploadLeads(identity, leads_csv(leads - 1, 2), duplicate_action=DuplicateAction.UPDATE), (_UPLOADED,)
        yield ReviseLead(identity, lead_id_of(identity, 1), company="Firm"), ("lead.details_revised",)
        yield (
            UpdateCampaign(identity, name="Goes on now", launch=True),
            ("campaign.settings_revised", "campaign.resumed"),
        )
        yield RemoveLeads(identity, (lead_id_of(identity, leads + 1),)), (_REMOVED,)
        yield AddLead(identity, "one-more@leads.org"), (_UPLOADED,)
        yield ActivateCampaign(identity), ()
        yield UploadLeads(identity, leads_csv(0, leads), delete_existing=True), (_REMOVED, _UPLOADED)
        yield PauseCampaign(identity), ("campaign.paused",)
        if dice.random() < 0.7:
            yield DeleteCampaign(identity), ("campaign.deleted",)


def uploads(seed: int) -> Iterator[Step]:
    """One campaign that gets large files of leads; half of each file was in the one before, and is updated."""
    identity = UUID(int=Random(seed).getrandbits(128))
    yield CreateCampaign("Many leads", campaign_id=identity), ("campaign.created",)
    first = 0
    while True:
        yield UploadLeads(identity, leads_csv(first, 600), duplicate_action=DuplicateAction.REPLACE), (_UPLOADED,)
        first += 300


def deletions(seed: int) -> Iterator[Step]:
    """One campaign after the other, with leads that have values of several times, and its deletion."""
    dice = Random(seed)
    while True:
        identity = UUID(int=dice.getrandbits(128))
        yield CreateCampaign("To be deleted", campaign_id=identity), ("campaign.created",)
        yield UploadLeads(identity, leads_csv(0, 400)), (_UPLOADED,)
        yield UploadLeads(identity, leads_csv(200, 400), duplicate_action=DuplicateAction.UPDATE), (_UPLOADED,)
        yield ReviseLead(identity, lead_id_of(identity, 1), company="Firm"), ("lead.details_revised",)
        yield UploadLeads(identity, leads_csv(500, 400), delete_existing=True), (_REMOVED, _UPLOADED)
        yield DeleteCampaign(identity), ("campaign.deleted",)


SCRIPTS: dict[str, Callable[[int], Iterator[Step]]] = {"lives": lives, "uploads": uploads, "deletions": deletions}


def follow(line: Line, location: str, script: str, seed: int, most: int) -> None:
    """Carries out a script, acknowledging every command."""
    with open_kernel(location) as kernel:
        line.say("ready")
        line.hear()
        for number, (command, _) in enumerate(SCRIPTS[script](seed)):
            if number == most:
                return
            outcome = kernel.handle(command, command_id=f"{seed}-{number}")
            line.say({"position": outcome.position, "events": outcome.events, "version": outcome.version})


def rename(line: Line, location: str, campaign: str, name: str, count: int) -> None:
    """Renames a shared campaign and one of its own in turn, and uploads the same leads as everybody else."""
    shared, own = UUID(campaign), UUID(int=int.from_bytes(name.encode()))
    with open_kernel(location) as kernel:
        line.say("ready")
        line.hear()
        kernel.handle(CreateCampaign("A campaign of my own", campaign_id=own), command_id=f"{name}-own")
        for number in range(count):
            target = own if number % 3 == 2 else shared
            command: Any = UpdateCampaign(target, name=f"Renamed by {name} {number}")
            if number % 10 == 9:
                command = UploadLeads(shared, leads_csv(number, 20))
            outcome = kernel.handle(command, command_id=f"{name}-{number}")
            line.say({"id": f"{name}-{number}", "position": outcome.position, "version": outcome.version})


def count_up(line: Line, location: str, campaign: str, count: int) -> None:
    """Adds 1 to a number in a campaign's name, on the version it read, until that has worked so many times."""
    identity, conflicts = UUID(campaign), []
    with open_kernel(location) as kernel:
        line.say("ready")
        line.hear()
        for _ in range(count):
            while True:
                row = kernel.view(CAMPAIGNS).get(identity)
                assert row is not None
                change = UpdateCampaign(identity, name=f"Counted {int(row.name.split()[1]) + 1}")
                try:
                    kernel.handle(change, expected_version=row.version)
                    break
                except WrongExpectedVersion as wrong:
                    conflicts.append((row.version, wrong.expected, wrong.actual))
        line.say(conflicts)


def open_at_once(line: Line, location: str, name: str) -> None:
    """Opens a file that may not be there yet, and writes to it."""
    line.say("ready")
    line.hear()
    with open_kernel(location) as kernel:
        line.say(str(kernel.handle(CreateCampaign(f"Made by {name}")).id))


def fill_the_disk(line: Line, location: str, campaign: str, room: int) -> None:
    """Uploads until no file can grow any more, reads, and goes on once there is room again."""
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    with open_kernel(location) as kernel:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, most))
        for number in count():
            upload = UploadLeads(UUID(campaign), leads_csv(number * 500, 500))
            try:
                kernel.handle(upload, command_id=f"upload-{number}")
            except LogUnavailable:
                break
            line.say(number)
        line.say({"leads": kernel.view(LEADS).count(), "holds": kernel.verify().holds})
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        kernel.handle(upload, command_id=f"upload-{number}")
        line.say(number)


def delete_without_room(line: Line, location: str, large: str, small: str) -> None:
    """Deletes a small campaign where the file cannot grow, a large one where it can; says if their bytes are gone."""
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    for first in (0, 3000):  # a file that was written back, and as much again in the write-ahead log
        with open_kernel(location) as kernel:
            kernel.handle(UploadLeads(UUID(large), leads_csv(first, 3000)))
            if first:
                room = os.path.getsize(f"{location}-wal") + (1 << 16)
                resource.setrlimit(resource.RLIMIT_FSIZE, (room, most))
                line.say(kernel.handle(DeleteCampaign(UUID(small))).scrubbed)
                resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
                line.say(kernel.handle(DeleteCampaign(UUID(large))).scrubbed)


def write_without_the_right(line: Line, location: str) -> None:
    """Reads and writes as somebody who may only read the file; whoever may do everything becomes nobody first."""
    if os.geteuid() == 0:
        os.setuid(65534)
    try:
        with open_kernel(location) as kernel:
            line.say({"read": kernel.view(CAMPAIGNS).count()})
            kernel.handle(DisableInbox(INBOX))
            line.say("wrote")
    except LogUnavailable as refusal:
        line.say({"refused": str(refusal)})


@attrs.frozen
class Tally:
    """A number that processes change."""

    count: int


TALLIES = Register("tallies", Tally)


def tally(line: Line, location: str, times: int) -> None:
    """Changes one value of a register so many times, each time by one."""
    with open_kernel(location) as kernel:
        line.say("ready")
        line.hear()
        for _ in range(times):
            kernel.shelf(TALLIES).change("all", lambda before: Tally(1 if before is None else before.count + 1))


class Doom:
    """Kills the process as the n-th SQLite statement begins, counted from `begin` on."""

    def __init__(self, line: Line, statement: int) -> None:
        self._line, self._left = line, statement
        self._counting = self._committed = False
        self._connect = sqlite3.connect
        sqlite3.connect = self._watched

    def begin(self) -> None:
        """Counts from now on."""
        self._counting = True

    def end(self) -> None:
        """Counts no more: the process outlived what it was to do."""
        self._counting = False

    def _watched(self, *given: Any, **named: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = self._connect(*given, **named)
        connection.set_trace_callback(self._count)
        return connection

    def _count(self, statement: str) -> None:
        if not self._counting:
            return
        self._left -= 1
        if self._left == 0:
            self._line.say({"died before": statement, "committed": self._committed})
            os.kill(os.getpid(), signal.SIGKILL)
        self._committed = self._committed or statement.startswith("COMMIT")


def die_at(line: Line, location: str, statement: int, what: str, command: str, command_id: str, number: int) -> None:
    """Opens a kernel, carries out one thing and is killed at one of its statements; says so if it lived through it.

    `what` is `open`, `rebuild` or `handle`, the last with a pickled command. The id and the instant it is given are
    made of `number`.
    """
    from own_view import OWN

    doom = Doom(line, statement)
    if what == "open":
        doom.begin()
    store = SqliteStore(location, may_lose_last_commits=True)
    kernel = open_kernel(store, clock=lambda: AT, ids=lambda: UUID(int=number), views=[OWN])
    with kernel:
        doom.begin()
        try:
            if what == "rebuild":
                kernel.rebuild()
            if what == "handle":
                kernel.handle(pickle.loads(base64.b64decode(command)), command_id=command_id)
        except CampaignError as refusal:
            doom.end()
            line.say({"refused": type(refusal).__name__})
            return
        doom.end()
        line.say("lived")


JOBS: dict[str, Callable[..., None]] = {
    each.__name__: each
    for each in (
        follow,
        rename,
        count_up,
        open_at_once,
        fill_the_disk,
        delete_without_room,
        write_without_the_right,
        tally,
        die_at,
    )
}
