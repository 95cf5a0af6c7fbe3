"""The store in memory: the readable reference of what a store is.

A transaction works on a copy that replaces the original when it ends well, so readers keep the snapshot they began with.
That costs a copy of every table for each write: it is for tests, oracles and examples.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from campaign_core.errors import MisuseError, WrongExpectedVersion
from campaign_core.log.columns import codec_of
from campaign_core.log.ports import Block, Entry, Head
from campaign_core.views.view import Key, Query, View


class MemoryEvents:
    """Event entries in a list, with the newest entry of each stream beside it."""

    def __init__(self, entries: list[Entry], heads: dict[tuple[str, str], Head]) -> None:
        self._entries, self._heads = entries, heads

    def copy(self) -> MemoryEvents:
        return MemoryEvents(list(self._entries), dict(self._heads))

    def last_position(self) -> int:
        return self._entries[-1].position if self._entries else 0

    def head(self, workspace: str, stream: str) -> Head:
        return self._heads.get((workspace, stream), Head())

    def heads(self, workspace: str, streams: Sequence[str]) -> dict[str, Head]:
        return {name: self._heads[workspace, name] for name in streams if (workspace, name) in self._heads}

    def stream(self, workspace: str, stream: str, after: int = 0) -> list[Entry]:
        return [
            entry
            for entry in self._entries
            if (entry.workspace, entry.stream) == (workspace, stream) and entry.version > after
        ]

    def streams(self, workspace: str, prefix: str) -> list[str]:
        return sorted(name for space, name in self._heads if space == workspace and name.startswith(prefix))

    def all(self, after: int, limit: int) -> list[Entry]:
        return [entry for entry in self._entries if entry.position > after][:limit]

    def insert(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            head = self.head(entry.workspace, entry.stream)
            if (entry.version - 1, entry.previous) != (head.version, head.position):
                raise WrongExpectedVersion(entry.stream, entry.version - 1, head.version)
            self._entries.append(entry)
            self._heads[entry.workspace, entry.stream] = Head(entry.version, entry.position, entry.link)

    def allocate(self, count: int) -> Sequence[int]:
        return range(self.last_position() + 1, self.last_position() + 1 + count)

    def erase(self, positions: Sequence[int]) -> None:
        gone = set(positions)
        self._entries = [
            entry._replace(salt=None, payload=None) if entry.position in gone else entry for entry in self._entries
        ]


class MemoryContents:
    """Blocks of private content by position."""

    def __init__(self, blocks: dict[int, list[Block]]) -> None:
        self._blocks = blocks

    def copy(self) -> MemoryContents:
        return MemoryContents(dict(self._blocks))

    def blocks(self, position: int, place: int | None = None) -> list[Block]:
        blocks = self._blocks.get(position, [])
        if place is None:
            return list(blocks)
        return [each for each in blocks if each.first <= place < each.first + len(each.digests) // 32]

    def insert(self, position: int, blocks: Sequence[Block]) -> None:
        self._blocks[position] = list(blocks)

    def replace(self, position: int, first: int, body: bytes | None) -> None:
        self._blocks[position] = [
            each._replace(body=body) if each.first == first else each for each in self._blocks[position]
        ]


class MemoryRows:
    """Rows of views by view and key."""

    def __init__(self, rows: dict[str, dict[Key, Any]]) -> None:
        self._rows = rows

    def copy(self) -> MemoryRows:
        return MemoryRows({name: dict(rows) for name, rows in self._rows.items()})

    def define(self, view: View[Any], *, reset: bool) -> None:
        if reset or view.name not in self._rows:
            self._rows[view.name] = {}

    def get(self, view: View[Any], key: Key) -> Any:
        codec = codec_of(view)
        for name, value in zip(view.key, key, strict=False):
            codec.value(name, value)
        return self._rows[view.name].get(key)

    def put(self, view: View[Any], rows: Sequence[Any]) -> None:
        self._rows[view.name] |= {view.key_of(row): row for row in rows}

    def drop(self, view: View[Any], prefix: Key) -> None:
        rows = self._rows[view.name]
        self._rows[view.name] = {key: row for key, row in rows.items() if key[: len(prefix)] != prefix}

    def find(self, view: View[Any], query: Query) -> list[Any]:
        codec = codec_of(view)
        rows = sorted(
            self._matching(view, query), key=lambda row: [codec.value(each, getattr(row, each)) for each in view.key]
        )
        if query.order_by is not None:
            name = query.order_by
            codec.value(name, None)
            rows.sort(key=lambda row: (getattr(row, name) is not None, codec.value(name, getattr(row, name))))
        if query.direction == "descending":
            rows.reverse()
        end = None if query.limit is None else query.offset + query.limit
        return rows[query.offset : end]

    def present(self, view: View[Any], name: str, values: Sequence[Any], where: Mapping[str, Any]) -> set[Any]:
        return {getattr(row, name) for row in self._matching(view, Query(where=where))} & set(values)

    def count(self, view: View[Any], query: Query) -> int:
        return len(self._matching(view, query))

    def _matching(self, view: View[Any], query: Query) -> list[Any]:
        codec = codec_of(view)
        for name, value in query.where.items():
            codec.value(name, value)
        least = {name: codec.value(name, value) for name, value in query.at_least.items()}

        def reaches(row: Any) -> bool:
            """Compared as columns hold values, so that members of an enumeration have an order; nothing reaches None."""
            found = {name: codec.value(name, getattr(row, name)) for name in least}
            return all(None not in (found[name], bound) and found[name] >= bound for name, bound in least.items())

        for name in query.contains:
            codec.check_searchable(name)
        return [
            row
            for row in self._rows[view.name].values()
            if all(getattr(row, name) == value for name, value in query.where.items())
            and reaches(row)
            and all(
                getattr(row, name) is not None and text in getattr(row, name) for name, text in query.contains.items()
            )
        ]


class MemoryRegisters:
    """Values by kind, workspace and key."""

    def __init__(self, values: dict[tuple[str, str, str], bytes]) -> None:
        self._values = values

    def copy(self) -> MemoryRegisters:
        return MemoryRegisters(dict(self._values))

    def get(self, kind: str, workspace: str, key: str) -> bytes | None:
        return self._values.get((kind, workspace, key))

    def put(self, kind: str, workspace: str, key: str, value: bytes) -> None:
        self._values[kind, workspace, key] = value

    def remove(self, kind: str, workspace: str, key: str) -> None:
        self._values.pop((kind, workspace, key), None)

    def scan(self, kind: str, workspace: str) -> list[tuple[str, bytes]]:
        found = [(key[2], value) for key, value in self._values.items() if key[:2] == (kind, workspace)]
        return sorted(found)


class MemoryTables:
    """All tables of one moment."""

    def __init__(
        self, events: MemoryEvents, contents: MemoryContents, rows: MemoryRows, registers: MemoryRegisters
    ) -> None:
        self.events, self.contents, self.rows, self.registers = events, contents, rows, registers

    def copy(self) -> MemoryTables:
        return MemoryTables(self.events.copy(), self.contents.copy(), self.rows.copy(), self.registers.copy())


class MemoryStore:
    """A log that is gone when it is closed."""

    def __init__(self) -> None:
        self._tables: MemoryTables | None = MemoryTables(
            MemoryEvents([], {}), MemoryContents({}), MemoryRows({}), MemoryRegisters({})
        )
        self._writer = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[MemoryTables]:
        yield self._open().copy()

    @contextmanager
    def writing(self) -> Iterator[MemoryTables]:
        with self._writer:
            tables = self._open().copy()
            yield tables
            self._tables = tables

    def scrub(self) -> bool:
        return True

    def close(self) -> None:
        self._tables = None

    def _open(self) -> MemoryTables:
        if self._tables is None:
            raise MisuseError("The log is closed; open it again to use it.")
        return self._tables


def open_store(location: str) -> MemoryStore:
    """Opens an empty log in memory; the location only says so."""
    return MemoryStore()
