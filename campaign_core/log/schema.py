"""The tables of the SQLite store, as migrations. Imported only when a file has to be made or migrated.

`user_version` of the file counts the migrations applied, so that a file that is up to date is recognised by one read.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import Final

from sqlite_utils import Database, Migrations

#: Marks a file as one of ours: "CAMP".
APPLICATION_ID: Final = 0x43414D50

MIGRATIONS: Final = Migrations("campaign_core")


@MIGRATIONS(name="0001_log")
def _log(db: Database) -> None:
    """The log.

    An event points back to the preceding one of its stream (`previous`) and a stream to its newest event, so no index
    over random streams has to be kept: that is what makes appending cheap in a large log. `streams.version` is the
    guard of every append.
    """
    db.table("streams").create(
        {"id": int, "workspace": str, "name": str, "version": int, "position": int, "link": bytes},
        pk="id",
        not_null={"workspace", "name", "version", "position", "link"},
    ).create_index(["workspace", "name"], unique=True)
    db.table("events").create(
        {
            "position": int,
            "stream": int,
            "version": int,
            "previous": int,
            "name": str,
            "schema": int,
            "occurred_at": str,
            "recorded_at": str,
            "actor": str,
            "command": str,
            "causation": str,
            "correlation": str,
            "content_root": bytes,
            "salt": bytes,
            "payload": bytes,
            "digest": bytes,
            "link": bytes,
        },
        pk="position",
        not_null={
            "stream", "version", "previous", "name", "schema", "occurred_at", "recorded_at", "actor", "digest", "link"
        },
    )  # fmt: skip
    db.table("contents").create(
        {"position": int, "first": int, "digests": bytes, "body": bytes},
        pk=("position", "first"),
        not_null={"digests"},
    )
    db.table("registers").create(
        {"kind": str, "workspace": str, "key": str, "value": bytes},
        pk=("kind", "workspace", "key"),
        not_null={"value"},
    )
    db.create_view(
        "log",
        """SELECT e.position, s.workspace, s.name AS stream, e.version, e.name, e.schema, e.occurred_at, e.recorded_at,
        e.actor, e.command, e.causation, e.correlation, CAST(e.payload AS TEXT) AS payload
        FROM events e JOIN streams s ON s.id = e.stream""",
    )


def migrate(connection: sqlite3.Connection, newest: int) -> None:
    """Brings the file to the newest schema, in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        MIGRATIONS.apply(Database(connection, execute_plugins=False))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {newest}")
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
