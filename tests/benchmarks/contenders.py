"""The contenders that write and read logs: ours, the hand-written floor, and the peer, each on a file of its own."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from eventsourcing.application import Application

from benchmarks.samples import METADATA, proposed
from campaign_core.kernel.kernel import VIEWS
from campaign_core.log.log import EventLog
from campaign_core.log.ports import Entry
from campaign_core.log.sqlite import SqliteStore


def ours(folder: Path, *, views: bool = False) -> EventLog:
    """Our log on a new file."""
    return EventLog(SqliteStore(folder / f"ours-{views}.db"), VIEWS if views else ())


def peer(folder: Path) -> Application[UUID]:
    """The peer's application on a new file: its WAL, its default durability (FULL), its own JSON, no cache."""
    return Application(env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(folder / "peer.db")})


class Floor:
    """The same rows, made before the clock starts, written by the same statements through plain sqlite3."""

    INSERT = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "floor.db"
        SqliteStore(self.path).close()
        self.connection = sqlite3.connect(self.path, isolation_level=None)
        for pragma in ("synchronous = FULL", "secure_delete = ON", "wal_autocheckpoint = 4000", "cache_size = -16000"):
            self.connection.execute(f"PRAGMA {pragma}")
        self.position = 0

    def append(self, entries: Sequence[Entry]) -> None:
        """One transaction with one stream's entries, whose positions are already right."""
        execute = self.connection.execute
        execute("BEGIN IMMEDIATE")
        first, last = entries[0], entries[-1]
        execute("SELECT version, position, link FROM streams WHERE workspace = ? AND name = ?", first[1:3]).fetchone()
        execute("SELECT max(position) FROM events").fetchone()
        (stream,) = execute(
            "INSERT INTO streams (workspace, name, version, position, link) VALUES (?, ?, ?, ?, ?) RETURNING id",
            (*first[1:3], last.version, last.position, last.link),
        ).fetchone()
        self.connection.executemany(self.INSERT, [(entry[0], stream, *entry[3:]) for entry in entries])
        execute("COMMIT")

    def rows(self, stream: UUID, count: int) -> list[Entry]:
        """Entries for a new stream, made by our own log in memory."""
        from campaign_core.log.memory import MemoryStore

        store = MemoryStore()
        EventLog(store, ()).append(f"campaign-{stream}", proposed(count), METADATA, 0)
        with store.reading() as tables:
            made = tables.events.all(0, count)
        shifted = [
            entry._replace(
                position=entry.position + self.position, previous=entry.previous and entry.previous + self.position
            )
            for entry in made
        ]
        self.position += count
        return shifted


def hand_written_upload(connection: sqlite3.Connection, campaign: str, position: int, data: bytes) -> None:
    """What somebody would write by hand for a lead upload: parse, check by regex, digest, pack, insert, in one transaction.

    It keeps what we keep for each lead (values, a salted digest, a queryable row) and leaves out what makes ours general:
    events, links, Merkle roots, detection, the report.
    """
    import csv
    import hashlib
    import io
    import os
    import re

    plain = re.compile(r"[A-Za-z0-9._+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}\Z")
    seen: set[str] = set()
    rows, lines, digests = [], [], []
    for number, cells in enumerate(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))), 1):
        address = cells["email"].strip().lower()
        if not plain.match(address) or address in seen:
            continue
        seen.add(address)
        salt = os.urandom(16)
        value = json.dumps({name: cell for name, cell in cells.items() if cell}, ensure_ascii=False).encode()
        digests.append(hashlib.sha256(salt + value).digest())
        lines.append(salt.hex().encode() + value)
        rows.append(
            (
                "default",
                campaign,
                number,
                cells["email"],
                address,
                "PENDING",
                "batch",
                position,
                number - 1,
                "2030-01-01T00:00:00Z",
            )
        )
    blocks = [
        (
            position,
            first,
            b"".join(digests[first : first + 128]),
            zlib.compress(b"\n".join(lines[first : first + 128]), 1),
        )
        for first in range(0, len(lines), 128)
    ]
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO contents VALUES (?, ?, ?, ?)", blocks)
    connection.executemany(
        "INSERT OR REPLACE INTO view_leads (workspace, campaign_id, number, email, address, status, batch_id, position,"
        " place, created_at, sent_count) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
        rows,
    )
    connection.execute("COMMIT")
