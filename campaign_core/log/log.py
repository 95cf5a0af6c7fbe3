"""The event log over any store: transactions that append, read, fold views and erase.

Everything a command does happens in one write transaction: loading streams, reading facts, storing content, appending to
one or several streams, folding the views, remembering the outcome. All of it or none.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from campaign_core.checks import check
from campaign_core.conversion import instant_from, instant_text
from campaign_core.errors import MisuseError, WrongExpectedVersion
from campaign_core.log.codec import Codec
from campaign_core.log.content import SealedRows, row_at, rows_of, seal, without
from campaign_core.log.folding import Folding
from campaign_core.log.links import SALT_BYTES, link_of, payload_digest
from campaign_core.log.ports import Entry, Store, Tables
from campaign_core.recorded import Content, Metadata, Proposed, Recorded, Row
from campaign_core.views.view import Key, Query, View

T = TypeVar("T")
_BATCH: Final = 1000
#: Where the log keeps which views are folded up to where: kind and key in the registers, in no workspace.
_FOLDED: Final = ("log", "", "folded_views")


class Reading:
    """A snapshot of the log and its views."""

    def __init__(self, tables: Tables, codec: Codec) -> None:
        self._tables = tables
        self._codec = codec

    @property
    def tables(self) -> Tables:
        """What the store holds, as it is stored: for verification and export."""
        return self._tables

    def head(self, workspace: str, stream: str) -> int:
        """The version of the newest event of a stream; 0 where there is no such stream."""
        return self._tables.events.head(workspace, stream).version

    def read_stream(self, workspace: str, stream: str, after: int = 0) -> list[Recorded]:
        """The events of a stream whose version is greater than `after`, oldest first."""
        return [self._recorded(entry) for entry in self._tables.events.stream(workspace, stream, after)]

    def read_all(self, after: int = 0, limit: int = _BATCH) -> list[Recorded]:
        """The first `limit` events of the log whose position is greater than `after`, oldest first."""
        return [self._recorded(entry) for entry in self._tables.events.all(after, limit)]

    def content(self, position: int) -> list[Row | None]:
        """The private content of the event at a position, in order; None for each row that is erased."""
        return rows_of(self._tables.contents.blocks(position))

    def content_row(self, position: int, place: int) -> Row | None:
        """One row of the private content of the event at a position; None if it is erased or not there."""
        blocks = self._tables.contents.blocks(position, place)
        return row_at(blocks[0], place) if blocks else None

    def get(self, view: View[T], key: Key) -> T | None:
        """The row of a view with that key."""
        row: T | None = self._tables.rows.get(view, key)
        return row

    def find(self, view: View[T], query: Query) -> list[T]:
        """The rows of a view that a query names, in its order."""
        return self._tables.rows.find(view, query)

    def count(self, view: View[Any], query: Query) -> int:
        """How many rows of a view a query names, its limit and offset left aside."""
        return self._tables.rows.count(view, query)

    def present(self, view: View[Any], name: str, values: Sequence[Any], where: Mapping[str, Any]) -> set[Any]:
        """Which of these values of a field occur in the rows of a view whose fields equal `where`."""
        return self._tables.rows.present(view, name, values, where)

    def _recorded(self, entry: Entry) -> Recorded:
        event = None if entry.payload is None else self._codec.decode(entry.name, entry.schema, entry.payload)
        return _recorded(entry, event, _metadata(entry))


class Writing(Reading):
    """The write transaction."""

    def __init__(self, tables: Tables, codec: Codec, views: Sequence[View[Any]]) -> None:
        super().__init__(tables, codec)
        self._folding = Folding(tables.rows, views)

    def append(
        self, stream: str, proposed: Sequence[Proposed], metadata: Metadata, expected_version: int | None = None
    ) -> list[Recorded]:
        """Records events at the end of a stream and folds them into the views.

        Raises:
            WrongExpectedVersion: `expected_version` was given and the stream's head is another; 0 means no stream yet.
            ViewFailed: a view could not fold one of them.
        """
        head = self._tables.events.head(metadata.workspace, stream)
        if expected_version is not None and head.version != expected_version:
            raise WrongExpectedVersion(stream, expected_version, head.version)
        check(metadata)
        entries, contents = [], []
        recorded_at = instant_text(metadata.recorded_at)
        salts = os.urandom(SALT_BYTES * len(proposed))
        for place, position in enumerate(self._tables.events.allocate(len(proposed))):
            content = _sealed(proposed[place].content)
            salt = salts[place * SALT_BYTES : (place + 1) * SALT_BYTES]
            entry = self._entry(position, stream, head, proposed[place], content, metadata, recorded_at, salt)
            entries.append(entry)
            contents.append(content)
            head = head._replace(version=entry.version, position=position, link=entry.link)
        self._tables.events.insert(entries)
        recorded = []
        for entry, content, each in zip(entries, contents, proposed, strict=True):
            if content is not None:
                self._tables.contents.insert(entry.position, content.blocks)
            recorded.append(_recorded(entry, each.event, metadata))
            self._folding.fold(recorded[-1], () if content is None else tuple(each.content))
        return recorded

    def erase_stream(self, workspace: str, stream: str) -> None:
        """Erases content and payload of every event of a stream but the newest, for good."""
        entries = self._tables.events.stream(workspace, stream)
        for entry in entries:
            for block in self._tables.contents.blocks(entry.position):
                self._tables.contents.replace(entry.position, block.first, None)
        self._tables.events.erase([entry.position for entry in entries[:-1]])

    def erase_row(self, position: int, place: int) -> None:
        """Erases one row of the private content of the event at a position, for good."""
        for block in self._tables.contents.blocks(position, place):
            self._tables.contents.replace(position, block.first, without(block, [place]))

    def get(self, view: View[T], key: Key) -> T | None:
        """The row of a view with that key, this transaction's events included."""
        self._folding.flush()
        return super().get(view, key)

    def find(self, view: View[T], query: Query) -> list[T]:
        """The rows of a view that a query names, this transaction's events included."""
        self._folding.flush()
        return super().find(view, query)

    def count(self, view: View[Any], query: Query) -> int:
        """How many rows of a view a query names, this transaction's events included."""
        self._folding.flush()
        return super().count(view, query)

    def present(self, view: View[Any], name: str, values: Sequence[Any], where: Mapping[str, Any]) -> set[Any]:
        """Which of these values occur in the rows of a view, this transaction's events included."""
        self._folding.flush()
        return super().present(view, name, values, where)

    def _entry(
        self,
        position: int,
        stream: str,
        head: Any,
        proposed: Proposed,
        content: SealedRows | None,
        metadata: Metadata,
        recorded_at: str,
        salt: bytes,
    ) -> Entry:
        event = proposed.event
        payload = self._codec.encode(event)
        occurred_at = recorded_at if proposed.occurred_at is None else instant_text(proposed.occurred_at)
        envelope = (
            position,
            metadata.workspace,
            stream,
            head.version + 1,
            head.position,
            event.stored_name,
            event.schema,
            occurred_at,
            recorded_at,
            metadata.actor,
            metadata.command,
            metadata.causation,
            metadata.correlation,
        )
        digest = payload_digest(salt, payload)
        root = None if content is None else content.root
        return Entry(*envelope, root, salt, payload, digest, link_of(envelope, digest, root, head.link))

    def _finish(self) -> None:
        self._folding.flush()


class EventLog:
    """A log in a store, with the views folded from it. May be used by several threads at once."""

    def __init__(self, store: Store, views: Sequence[View[Any]], codec: Codec | None = None) -> None:
        self._store = store
        self._views = tuple(views)
        self._codec = codec or Codec()
        names = [view.name for view in self._views]
        if len(set(names)) != len(names):
            raise MisuseError(f"Two views share a name: {', '.join(sorted(names))}.")
        if not self._is_up_to_date():
            with self._store.writing() as tables:
                self._bring_up(tables)

    @property
    def views(self) -> tuple[View[Any], ...]:
        """The views folded from the log."""
        return self._views

    @contextmanager
    def read(self) -> Iterator[Reading]:
        """A snapshot: everything read inside stands as it stood at the beginning."""
        if not self._is_up_to_date():
            with self.write():
                pass
        with self._store.reading() as tables:
            yield Reading(tables, self._codec)

    @contextmanager
    def write(self) -> Iterator[Writing]:
        """The write transaction: all of it happens, or none. Exclusive, so keep it short.

        Raises:
            LogBusy: another writer held the log for longer than the store waits.
        """
        with self._store.writing() as tables:
            self._catch_up(tables)
            writing = Writing(tables, self._codec, self._views)
            yield writing
            writing._finish()
            self._note_folded(tables)

    def append(
        self, stream: str, proposed: Sequence[Proposed], metadata: Metadata, expected_version: int | None = None
    ) -> list[Recorded]:
        """A write transaction that only appends; see `Writing.append`."""
        with self.write() as transaction:
            return transaction.append(stream, proposed, metadata, expected_version)

    def read_stream(self, workspace: str, stream: str, after: int = 0) -> list[Recorded]:
        """The events of a stream whose version is greater than `after`, oldest first."""
        with self.read() as snapshot:
            return snapshot.read_stream(workspace, stream, after)

    def read_all(self, after: int = 0, limit: int = _BATCH) -> list[Recorded]:
        """The first `limit` events whose position is greater than `after`, oldest first."""
        with self.read() as snapshot:
            return snapshot.read_all(after, limit)

    def head(self, workspace: str, stream: str) -> int:
        """The version of the newest event of a stream; 0 where there is no such stream."""
        with self.read() as snapshot:
            return snapshot.head(workspace, stream)

    def rebuild(self, views: Iterable[View[Any]] | None = None) -> int:
        """Drops the rows of these views (all by default) and folds them anew from the log; answers the events read.

        Writers wait meanwhile; readers see the old rows until it is done.
        """
        chosen = self._views if views is None else tuple(views)
        with self._store.writing() as tables:
            count = self._rebuild(tables, chosen)
            self._note_folded(tables)
            return count

    def scrub(self) -> bool:
        """Makes erased bytes unreadable wherever the store kept them; False where an open reader still holds them."""
        return self._store.scrub()

    def close(self) -> None:
        """Closes the store."""
        self._store.close()

    def _is_up_to_date(self) -> bool:
        """Whether every view is there and holds every event; another process may have written without knowing one."""
        with self._store.reading() as tables:
            folded, last = _folded_views(tables), tables.events.last_position()
        return all(folded.get(view.name) == [_stamp(view), last] for view in self._views)

    def _bring_up(self, tables: Tables) -> None:
        """Gives each view its rows: anew where its version changed or it is new."""
        folded = _folded_views(tables)
        stale = [view for view in self._views if folded.get(view.name, [None, 0])[0] != _stamp(view)]
        for view in self._views:
            if view not in stale:
                tables.rows.define(view, reset=False)
        if stale:
            self._rebuild(tables, stale)
        self._catch_up(tables, also=stale)
        self._note_folded(tables)

    def _rebuild(self, tables: Tables, views: Sequence[View[Any]]) -> int:
        for view in views:
            tables.rows.define(view, reset=True)
        return self._fold_from(tables, views, 0)

    def _catch_up(self, tables: Tables, also: Sequence[View[Any]] = ()) -> None:
        """Folds what another process, one that does not know a view, appended without it."""
        folded = _folded_views(tables)
        last = tables.events.last_position()
        for view in self._views:
            behind = folded.get(view.name)
            if view not in also and behind is not None and behind[1] < last:
                self._fold_from(tables, (view,), behind[1])

    def _fold_from(self, tables: Tables, views: Sequence[View[Any]], after: int) -> int:
        reading = Reading(tables, self._codec)
        folding = Folding(tables.rows, views)
        count = 0
        while batch := reading.read_all(after):
            for recorded in batch:
                content = () if recorded.content_root is None else reading.content(recorded.position)
                folding.fold(recorded, content)
            folding.flush()
            count += len(batch)
            after = batch[-1].position
        return count

    def _note_folded(self, tables: Tables) -> None:
        last = tables.events.last_position()
        folded = _folded_views(tables)
        now = folded | {view.name: [_stamp(view), last] for view in self._views}
        if now != folded:
            tables.registers.put(*_FOLDED, json.dumps(now).encode())


def _stamp(view: View[Any]) -> str:
    """What must be equal for rows to be kept: the version and the fields of the row."""
    fields = ",".join(f"{name}:{kind}" for name, kind in view.row.__annotations__.items())
    return f"{view.version} {fields}"


def _folded_views(tables: Tables) -> dict[str, list[Any]]:
    value = tables.registers.get(*_FOLDED)
    return {} if value is None else json.loads(value)


def _sealed(content: Content) -> SealedRows | None:
    if not len(content):
        return None
    return content if isinstance(content, SealedRows) else seal(content)


def _metadata(entry: Entry) -> Metadata:
    return Metadata(
        workspace=entry.workspace,
        actor=entry.actor,
        command=entry.command,
        causation=entry.causation,
        correlation=entry.correlation,
        recorded_at=instant_from(entry.recorded_at),
    )


def _recorded(entry: Entry, event: Any, metadata: Metadata) -> Recorded:
    recorded_at = metadata.recorded_at
    return Recorded(
        position=entry.position,
        stream=entry.stream,
        version=entry.version,
        name=entry.name,
        schema=entry.schema,
        event=event,
        occurred_at=recorded_at if entry.occurred_at == entry.recorded_at else instant_from(entry.occurred_at),
        metadata=metadata,
        digest=entry.digest,
        content_root=entry.content_root,
        link=entry.link,
    )
