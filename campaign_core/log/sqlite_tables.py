"""The tables of the SQLite store, as one transaction sees them. Every statement is written out here."""

from __future__ import annotations

import sqlite3
from collections.abc import Container, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from campaign_core.errors import WrongExpectedVersion
from campaign_core.log.columns import RowCodec, codec_of
from campaign_core.log.ports import Block, Entry, Head
from campaign_core.views.view import Key, Query, View

_ENTRY: Final = """position, stream, version, previous, name, schema, occurred_at, recorded_at, actor, command, causation,
    correlation, content_root, salt, payload, digest, link"""
#: An event whose stream is gone is read with empty names, so that verification sees it.
_READ: Final = """e.position, ifnull(s.workspace, ''), ifnull(s.name, ''), e.version, e.previous, e.name, e.schema,
    e.occurred_at, e.recorded_at, e.actor, e.command, e.causation, e.correlation, e.content_root, e.salt, e.payload,
    e.digest, e.link"""
ALL: Final = f"""SELECT {_READ} FROM events e LEFT JOIN streams s ON s.id = e.stream
    WHERE e.position > ? ORDER BY e.position LIMIT ?"""
#: Values compared in one statement, well below SQLite's limit of 999 on old builds.
_IN_ONE_STATEMENT: Final = 500
#: No name of a stream goes on with it.
_LAST_CHARACTER: Final = chr(0x10FFFF)
_INSERT: Final = f"INSERT INTO events ({_ENTRY}) VALUES ({', '.join('?' * 17)})"
_BEGIN_STREAM: Final = """INSERT INTO streams (workspace, name, version, position, link) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO NOTHING RETURNING id"""
#: From the head of a stream back along `previous`.
_STREAM: Final = f"""WITH RECURSIVE e AS (
        SELECT events.* FROM events WHERE position = ? AND version > ?
        UNION ALL
        SELECT events.* FROM e JOIN events ON events.position = e.previous WHERE e.version > ? + 1
    ) SELECT {_READ} FROM e JOIN streams s ON s.id = e.stream"""


@lru_cache(maxsize=8)
def _heads_of(count: int) -> str:
    names = "= ?" if count == 1 else f"IN ({', '.join('?' * count)})"
    return f"SELECT name, id, version, position, link FROM streams WHERE workspace = ? AND name {names}"


class SqliteEvents:
    """Event entries. Within one transaction it remembers the numbers of streams and the positions it gave out."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._numbers: dict[tuple[str, str], int] = {}
        self._next = 0

    def last_position(self) -> int:
        (last,) = self._connection.execute("SELECT max(position) FROM events").fetchone()
        return int(last or 0)

    def head(self, workspace: str, stream: str) -> Head:
        return self.heads(workspace, (stream,)).get(stream, Head())

    def heads(self, workspace: str, streams: Sequence[str]) -> dict[str, Head]:
        found = {}
        for start in range(0, len(streams), _IN_ONE_STATEMENT):
            chunk = streams[start : start + _IN_ONE_STATEMENT]
            rows = self._connection.execute(_heads_of(len(chunk)), (workspace, *chunk))
            for name, number, version, position, link in rows:
                self._numbers[workspace, name] = number
                found[name] = Head(version, position, link)
        return found

    def stream(self, workspace: str, stream: str, after: int = 0) -> list[Entry]:
        head = self.head(workspace, stream)
        rows = self._connection.execute(_STREAM, (head.position, after, after)).fetchall()
        rows.reverse()
        return list(map(Entry._make, rows))

    def streams(self, workspace: str, prefix: str) -> list[str]:
        found = self._connection.execute(
            "SELECT name FROM streams WHERE workspace = ? AND name >= ? AND name <= ? AND substr(name, 1, ?) = ?"
            " ORDER BY name",
            (workspace, prefix, prefix + _LAST_CHARACTER, len(prefix), prefix),
        )
        return [name for (name,) in found]

    def all(self, after: int, limit: int) -> list[Entry]:
        return list(map(Entry._make, self._connection.execute(ALL, (after, limit)).fetchall()))

    def insert(self, entries: Sequence[Entry]) -> None:
        ends: dict[str, tuple[Entry, Entry]] = {}
        for entry in entries:
            first, _ = ends.get(entry.stream, (entry, entry))
            ends[entry.stream] = (first, entry)
        self._begin_streams([each for each in ends.values() if each[0].previous == 0])
        self._move_heads([each for each in ends.values() if each[0].previous != 0])
        numbers = self._numbers
        self._connection.executemany(_INSERT, [(entry[0], numbers[entry[1:3]], *entry[3:]) for entry in entries])

    def _begin_streams(self, ends: Sequence[tuple[Entry, Entry]]) -> None:
        for first, last in ends:
            row = (first.workspace, first.stream, last.version, last.position, last.link)
            begun = None if first.version != 1 else self._connection.execute(_BEGIN_STREAM, row).fetchone()
            if begun is None:
                now = self.head(first.workspace, first.stream)
                raise WrongExpectedVersion(first.stream, first.version - 1, now.version)
            self._numbers[first.workspace, first.stream] = begun[0]

    def _move_heads(self, ends: Sequence[tuple[Entry, Entry]]) -> None:
        """Moves heads, each guarded by the version and the position it must have."""
        if not ends:
            return
        unknown = [first.stream for first, _ in ends if first[1:3] not in self._numbers]
        self.heads(ends[0][0].workspace, unknown)
        moved = self._connection.executemany(
            "UPDATE streams SET version = ?, position = ?, link = ? WHERE id = ? AND version = ? AND position = ?",
            [
                (
                    last.version,
                    last.position,
                    last.link,
                    self._numbers.get(first[1:3]),
                    first.version - 1,
                    first.previous,
                )
                for first, last in ends
            ],
        )
        if moved.rowcount != len(ends):
            for first, last in ends:
                now = self.head(first.workspace, first.stream)
                if now != Head(last.version, last.position, last.link):
                    raise WrongExpectedVersion(first.stream, first.version - 1, now.version)

    def allocate(self, count: int) -> Sequence[int]:
        first = self._next or self.last_position() + 1
        self._next = first + count
        return range(first, self._next)

    def erase(self, positions: Sequence[int]) -> None:
        self._connection.executemany(
            "UPDATE events SET salt = NULL, payload = NULL WHERE position = ?", [(each,) for each in positions]
        )


class SqliteContents:
    """Blocks of private content."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def blocks(self, position: int, place: int | None = None) -> list[Block]:
        if place is None:
            found = self._connection.execute(
                "SELECT first, digests, body FROM contents WHERE position = ? ORDER BY first", (position,)
            )
        else:
            found = self._connection.execute(
                "SELECT first, digests, body FROM contents WHERE position = ? AND first <= ?"
                " AND first + length(digests) / 32 > ? ORDER BY first DESC LIMIT 1",
                (position, place, place),
            )
        return [Block(*row) for row in found]

    def insert(self, position: int, blocks: Sequence[Block]) -> None:
        self._connection.executemany(
            "INSERT INTO contents (position, first, digests, body) VALUES (?, ?, ?, ?)",
            [(position, *block) for block in blocks],
        )

    def replace(self, position: int, first: int, body: bytes | None) -> None:
        self._connection.execute(
            "UPDATE contents SET body = ? WHERE position = ? AND first = ?", (body, position, first)
        )


class SqliteRows:
    """Rows of views, a table each."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def define(self, view: View[Any], *, reset: bool) -> None:
        sql = _sql(view)
        if reset:
            self._connection.execute(f"DROP TABLE IF EXISTS {sql.table}")
        for statement in sql.create:
            self._connection.execute(statement)

    def get(self, view: View[Any], key: Key) -> Any:
        sql = _sql(view)
        row = self._connection.execute(sql.get, sql.key_values(key)).fetchone()
        return None if row is None else sql.codec.decode(row)

    def put(self, view: View[Any], rows: Sequence[Any]) -> None:
        sql = _sql(view)
        self._connection.executemany(sql.put, [sql.codec.encode(row) for row in rows])

    def drop(self, view: View[Any], prefix: Key) -> None:
        sql = _sql(view)
        where = " AND ".join(f'"{name}" = ?' for name in view.key[: len(prefix)])
        self._connection.execute(f"DELETE FROM {sql.table} WHERE {where}", sql.key_values(prefix))

    def find(self, view: View[Any], query: Query) -> list[Any]:
        sql = _sql(view)
        where, values = sql.where(query)
        direction = " DESC" if query.direction == "descending" else ""
        order = [f'"{name}"{direction}' for name in view.key]
        if query.order_by is not None:
            sql.codec.value(query.order_by, None)
            order.insert(0, f'"{query.order_by}"{direction}')
        limit = -1 if query.limit is None else query.limit
        table = sql.table if query.order_by else sql.table_for(query.where)
        statement = f"SELECT {sql.names} FROM {table}{where} ORDER BY {', '.join(order)} LIMIT ? OFFSET ?"
        return [sql.codec.decode(row) for row in self._connection.execute(statement, (*values, limit, query.offset))]

    def present(self, view: View[Any], name: str, values: Sequence[Any], where: Mapping[str, Any]) -> set[Any]:
        sql = _sql(view)
        condition, fixed = sql.where(Query(where=where))
        found: set[Any] = set()
        for start in range(0, len(values), _IN_ONE_STATEMENT):
            chunk = [sql.codec.value(name, value) for value in values[start : start + _IN_ONE_STATEMENT]]
            none = f' OR "{name}" IS NULL' if None in chunk else ""
            table = sql.table if none else sql.table_for({**where, name: None})
            statement = (
                f'SELECT DISTINCT "{name}" FROM {table}{condition or " WHERE 1"} AND ("{name}" IN '
                f"({', '.join('?' for _ in chunk)}){none})"
            )
            column = sql.codec.by_name[name]
            answer = self._connection.execute(statement, (*fixed, *chunk))
            found.update(None if value is None else column.decode(value) for (value,) in answer)
        return found

    def count(self, view: View[Any], query: Query) -> int:
        sql = _sql(view)
        where, values = sql.where(query)
        table = sql.table_for(query.where)
        (count,) = self._connection.execute(f"SELECT count(*) FROM {table}{where}", values).fetchone()
        return int(count)


class _ViewSql:
    """The statements of one view."""

    def __init__(self, view: View[Any]) -> None:
        self.view = view
        self.codec: RowCodec = codec_of(view)
        self.table = f'"view_{view.name}"'
        names = [column.name for column in self.codec.columns]
        self.names = ", ".join(f'"{name}"' for name in names)
        key = ", ".join(f'"{name}"' for name in view.key)
        columns = ", ".join(f'"{column.name}" {column.sql_type}' for column in self.codec.columns)
        self.create = [f"CREATE TABLE IF NOT EXISTS {self.table} ({columns}, PRIMARY KEY ({key})) WITHOUT ROWID"]
        self.indexes: dict[tuple[str, ...], str] = {}
        for index in view.indexes:
            name = "_".join((f"view_{view.name}", *index))
            self.indexes[index] = name
            fields = ", ".join(f'"{each}"' for each in index)
            self.create.append(f'CREATE INDEX IF NOT EXISTS "{name}" ON {self.table} ({fields})')
        self.get = f"SELECT {self.names} FROM {self.table} WHERE " + " AND ".join(f'"{name}" = ?' for name in view.key)
        self.put = f"INSERT OR REPLACE INTO {self.table} ({self.names}) VALUES ({', '.join('?' for _ in names)})"

    def table_for(self, fields: Container[str]) -> str:
        """The table, to be read by the longest index all of whose fields have to equal something.

        Left to itself SQLite, which knows nothing of how many rows share a value, takes the beginning of the key.
        """
        usable = [index for index in self.indexes if all(name in fields for name in index)]
        return f'{self.table} INDEXED BY "{self.indexes[max(usable, key=len)]}"' if usable else self.table

    def key_values(self, key: Key) -> list[Any]:
        """A key, or the beginning of one, as columns hold it."""
        return [self.codec.value(name, value) for name, value in zip(self.view.key, key, strict=False)]

    def where(self, query: Query) -> tuple[str, list[Any]]:
        """The condition of a query and its values."""
        terms, values = [], []
        for name, value in query.where.items():
            terms.append(f'"{name}" IS ?')
            values.append(self.codec.value(name, value))
        for name, value in query.at_least.items():
            terms.append(f'"{name}" >= ?')
            values.append(self.codec.value(name, value))
        for name, text in query.contains.items():
            self.codec.check_searchable(name)
            terms.append(f'instr("{name}", ?) > 0')
            values.append(text)
        return (" WHERE " + " AND ".join(terms) if terms else "", values)


@lru_cache(maxsize=128)
def _sql(view: View[Any]) -> _ViewSql:
    return _ViewSql(view)


class SqliteTables:
    """Everything the file holds, as one transaction sees it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.events = SqliteEvents(connection)
        self.contents = SqliteContents(connection)
        self.rows = SqliteRows(connection)
        self.registers = SqliteRegisters(connection)


class SqliteRegisters:
    """What is not history."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, kind: str, workspace: str, key: str) -> bytes | None:
        row = self._connection.execute(
            "SELECT value FROM registers WHERE kind = ? AND workspace = ? AND key = ?", (kind, workspace, key)
        ).fetchone()
        return None if row is None else row[0]

    def put(self, kind: str, workspace: str, key: str, value: bytes) -> None:
        self._connection.execute(
            "INSERT INTO registers (kind, workspace, key, value) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET value = excluded.value",
            (kind, workspace, key, value),
        )

    def remove(self, kind: str, workspace: str, key: str) -> None:
        self._connection.execute(
            "DELETE FROM registers WHERE kind = ? AND workspace = ? AND key = ?", (kind, workspace, key)
        )

    def scan(self, kind: str, workspace: str) -> list[tuple[str, bytes]]:
        return self._connection.execute(
            "SELECT key, value FROM registers WHERE kind = ? AND workspace = ? ORDER BY key", (kind, workspace)
        ).fetchall()
