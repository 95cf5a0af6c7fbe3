"""The event log over any store: transactions, and views that are always folded up to the newest event."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from campaign_core.errors import MisuseError
from campaign_core.log.codec import Codec
from campaign_core.log.folding import Folding
from campaign_core.log.ports import Store, Tables
from campaign_core.log.transaction import BATCH, Reading, Writing
from campaign_core.recorded import Metadata, Proposed, Recorded
from campaign_core.views.view import View

#: Where the log keeps which views are folded up to where: kind and key in the registers, in no workspace.
_FOLDED: Final = ("log", "", "folded_views")


@cache
def _all_events() -> Codec:
    """The codec of every event: one for all logs, because it compiles each conversion when it is first used."""
    return Codec()


class EventLog:
    """A log in a store, with the views folded from it. May be used by several threads at once."""

    def __init__(self, store: Store, views: Sequence[View[Any]], codec: Codec | None = None) -> None:
        self._store = store
        self._views = tuple(views)
        self._codec = codec or _all_events()
        names = [view.name for view in self._views]
        if len(set(names)) != len(names):
            raise MisuseError(f"Two views share a name: {', '.join(sorted(names))}.")
        self._stamps = {view.name: _stamp(view) for view in self._views}
        with self._store.reading() as tables:
            up_to_date = self._is_up_to_date(tables)
        if not up_to_date:
            with self._store.writing() as tables:
                self._bring_up(tables)

    @property
    def views(self) -> tuple[View[Any], ...]:
        """The views folded from the log."""
        return self._views

    @contextmanager
    def read(self) -> Iterator[Reading]:
        """A snapshot: everything read inside stands as it stood at the beginning."""
        with self._store.reading() as tables:
            if self._is_up_to_date(tables):
                yield Reading(tables, self._codec)
                return
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
            self._catch_up(tables, self._views)
            writing = Writing(tables, self._codec, self._views)
            yield writing
            writing.finish()
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

    def read_all(self, after: int = 0, limit: int = BATCH) -> list[Recorded]:
        """The first `limit` events whose position is greater than `after`, oldest first."""
        with self.read() as snapshot:
            return snapshot.read_all(after, limit)

    def head(self, workspace: str, stream: str) -> int:
        """The version of the newest event of a stream; 0 where there is no such stream."""
        with self.read() as snapshot:
            return snapshot.head(workspace, stream)

    def rebuild(
        self, views: Iterable[View[Any]] | None = None, progress: Callable[[int, int], None] | None = None
    ) -> int:
        """Drops the rows of these views (all by default) and folds them anew from the log; answers the events read.

        Writers wait meanwhile; readers see the old rows until it is done. `progress` is told now and then the position
        folded last and the newest position of the log.
        """
        chosen = self._views if views is None else tuple(views)
        with self._store.writing() as tables:
            self._catch_up(tables, [view for view in self._views if view not in chosen])
            count = self._rebuild(tables, chosen, progress)
            self._note_folded(tables)
            return count

    def scrub(self) -> bool:
        """Makes erased bytes unreadable wherever the store kept them; False where an open reader still holds them."""
        return self._store.scrub()

    def close(self) -> None:
        """Closes the store."""
        self._store.close()

    def _is_up_to_date(self, tables: Tables) -> bool:
        """Whether every view is there and holds every event; another process may have written without knowing one."""
        if not self._views:
            return True
        folded, last = _folded_views(tables), tables.events.last_position()
        return all(folded.get(name) == [stamp, last] for name, stamp in self._stamps.items())

    def _bring_up(self, tables: Tables) -> None:
        """Gives each view its table and its rows."""
        folded = _folded_views(tables)
        for view in self._views:
            if self._is_ours(view, folded):
                tables.rows.define(view, reset=False)
        self._catch_up(tables, self._views)
        self._note_folded(tables)

    def _is_ours(self, view: View[Any], folded: dict[str, list[Any]]) -> bool:
        """Whether the rows that are there were folded by this version of the view."""
        return view.name in folded and folded[view.name][0] == self._stamps[view.name]

    def _rebuild(
        self, tables: Tables, views: Sequence[View[Any]], progress: Callable[[int, int], None] | None = None
    ) -> int:
        for view in views:
            tables.rows.define(view, reset=True)
        return self._fold_from(tables, views, 0, progress)

    def _catch_up(self, tables: Tables, views: Sequence[View[Any]]) -> None:
        """Folds what another process appended without a view, and anew where it folded another version of the view."""
        if not views:
            return
        folded = _folded_views(tables)
        last = tables.events.last_position()
        stale = [view for view in views if not self._is_ours(view, folded)]
        if stale:
            self._rebuild(tables, stale)
        for view in views:
            if view not in stale and folded[view.name][1] < last:
                self._fold_from(tables, (view,), folded[view.name][1])

    def _fold_from(
        self,
        tables: Tables,
        views: Sequence[View[Any]],
        after: int,
        progress: Callable[[int, int], None] | None = None,
    ) -> int:
        reading = Reading(tables, self._codec)
        folding = Folding(tables.rows, views)
        count, last = 0, tables.events.last_position()
        while batch := reading.read_all(after):
            for recorded in batch:
                content = () if recorded.content_root is None else reading.packed_content(recorded.position)
                folding.fold(recorded, content)
            folding.flush()
            count += len(batch)
            after = batch[-1].position
            if progress is not None:
                progress(after, last)
        return count

    def _note_folded(self, tables: Tables) -> None:
        if not self._views:
            return
        last = tables.events.last_position()
        folded = _folded_views(tables)
        now = folded | {name: [stamp, last] for name, stamp in self._stamps.items()}
        if now != folded:
            tables.registers.put(*_FOLDED, json.dumps(now).encode())


def _stamp(view: View[Any]) -> str:
    """What must be equal for rows to be kept: the version, the fields of the row, and what they are found by."""
    fields = ",".join(f"{name}:{kind}" for name, kind in _annotations(view.row).items())
    return f"{view.version} {fields} {';'.join(','.join(index) for index in view.indexes)}"


def _annotations(row: type) -> dict[str, Any]:
    """The fields of a row class and of the classes it is built on."""
    return {
        name: kind for base in reversed(row.__mro__) for name, kind in vars(base).get("__annotations__", {}).items()
    }


def _folded_views(tables: Tables) -> dict[str, list[Any]]:
    value = tables.registers.get(*_FOLDED)
    return {} if value is None else json.loads(value)
