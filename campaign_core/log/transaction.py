"""What can be done inside one transaction of the log, whichever store holds it.

Everything a command does happens in one write transaction: loading streams, reading facts, storing content, appending to
one or several streams, folding the views, remembering the outcome. All of it or none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from campaign_core.checks import check
from campaign_core.log.codec import Codec
from campaign_core.log.content import StoredRows, row_at, seal, without
from campaign_core.log.entries import Append, entries_of, recorded_from, recorded_of
from campaign_core.log.folding import Folding
from campaign_core.log.ports import Tables
from campaign_core.recorded import Metadata, Proposed, Recorded, Row
from campaign_core.views.view import Key, Query, View

T = TypeVar("T")
#: How many events are read at once where nobody says otherwise.
BATCH: Final = 1000


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
        return recorded_from(self._codec, self._tables.events.stream(workspace, stream, after))

    def read_all(self, after: int = 0, limit: int = BATCH) -> list[Recorded]:
        """The first `limit` events of the log whose position is greater than `after`, oldest first."""
        return recorded_from(self._codec, self._tables.events.all(after, limit))

    def content(self, position: int) -> list[Row | None]:
        """The private content of the event at a position, in order; None for each row that is erased."""
        return list(self.packed_content(position))

    def packed_content(self, position: int) -> StoredRows:
        """The same, unpacked block by block while it is iterated."""
        return StoredRows(self._tables.contents.blocks(position))

    def content_block(self, position: int, place: int) -> tuple[int, list[Row | None]]:
        """The rows packed together with one of the content of an event, and the place of the first of them."""
        blocks = self._tables.contents.blocks(position, place)
        return (blocks[0].first, list(StoredRows(blocks))) if blocks else (place, [None])

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


class Writing(Reading):
    """The write transaction."""

    def __init__(self, tables: Tables, codec: Codec, views: Sequence[View[Any]]) -> None:
        super().__init__(tables, codec)
        self._folding = Folding(tables.rows, views)
        self._checked: Metadata | None = None

    def append(
        self, stream: str, proposed: Sequence[Proposed], metadata: Metadata, expected_version: int | None = None
    ) -> list[Recorded]:
        """Records events at the end of a stream and folds them into the views.

        Raises:
            InvalidMessage: the metadata is out of shape.
            WrongExpectedVersion: `expected_version` was given and the stream's head is another; 0 means no stream yet.
            ViewFailed: a view could not fold one of them.
        """
        return self.append_all((Append(stream, proposed, expected_version),), metadata)

    def append_all(self, appends: Sequence[Append], metadata: Metadata) -> list[Recorded]:
        """Records events at the ends of several streams at once; answers them in the order given.

        Raises:
            InvalidMessage: the metadata is out of shape.
            WrongExpectedVersion: the head of a stream is at another version than its append expects.
            ViewFailed: a view could not fold one of them.
        """
        if metadata is not self._checked:
            check(metadata)
            self._checked = metadata
        proposed = [each for append in appends for each in append.proposed]
        events = self._tables.events
        heads = events.heads(metadata.workspace, list({append.stream: None for append in appends}))
        contents = [seal(each.content) if len(each.content) else None for each in proposed]
        entries = entries_of(self._codec, appends, heads, contents, metadata, events.allocate(len(proposed)))
        events.insert(entries)
        recorded = []
        for entry, content, each in zip(entries, contents, proposed, strict=True):
            happened = recorded_of(entry, each.event, metadata)
            recorded.append(happened)
            if content is not None:
                self._tables.contents.insert(entry.position, content.blocks)
            self._folding.fold(happened, () if content is None else content)
        return recorded

    def erase_stream(self, workspace: str, stream: str) -> None:
        """Erases content and payload of every event of a stream but the payload of the newest, for good."""
        self._erase_content(workspace, stream)
        entries = self._tables.events.stream(workspace, stream)
        self._tables.events.erase([entry.position for entry in entries[:-1]])

    def erase_contents(self, workspace: str, prefix: str) -> None:
        """Erases the private content of every event of every stream whose name begins with a prefix, for good."""
        for stream in self._tables.events.streams(workspace, prefix):
            self._erase_content(workspace, stream)

    def _erase_content(self, workspace: str, stream: str) -> None:
        for entry in self._tables.events.stream(workspace, stream):
            for block in self._tables.contents.blocks(entry.position):
                self._tables.contents.replace(entry.position, block.first, None)

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

    def finish(self) -> None:
        """Writes what the views still hold back; the log calls it before it commits."""
        self._folding.flush()
