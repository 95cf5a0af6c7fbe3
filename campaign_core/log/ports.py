"""What a store holds: tables, behind four small ports, inside one transaction.

A store knows nothing of events, campaigns or views. It keeps what it is given and answers it again; encoding, digests,
links, private content and the folding of views are done once, above the port, for every store alike.

Requirements and constraints of a store:

- `writing()` is exclusive: between entering and leaving it nobody else's write is seen, and everything written inside
  becomes durable and visible at once when it is left without an exception, or not at all.
- `reading()` is a snapshot: everything read inside stands as it stood when it was entered. It never waits for a writer.
- A store may be used by several threads at once.
- A driver's errors never leave the store: they become `LogUnavailable` (`LogBusy`), `CorruptLog` or `UnsupportedLog`.
- `campaign_core.testing.contracts.StoreContract` is the test of all this; a store passes every test of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

from campaign_core.views.view import Key, Query, View


class Entry(NamedTuple):
    """An event as it is stored. Times are text as `conversion.instant_text` writes it."""

    position: int
    workspace: str
    stream: str
    version: int
    #: Position of the preceding event of the stream, 0 if it is the first.
    previous: int
    name: str
    schema: int
    occurred_at: str
    recorded_at: str
    actor: str
    command: str | None
    causation: str | None
    correlation: str | None
    content_root: bytes | None
    #: 16 random bytes; None once the payload is erased.
    salt: bytes | None
    #: JSON; None once erased.
    payload: bytes | None
    digest: bytes
    link: bytes


class Head(NamedTuple):
    """The newest event of a stream; version and position are 0 and the link empty where there is none."""

    version: int = 0
    position: int = 0
    link: bytes = b""


class Block(NamedTuple):
    """A run of rows of private content."""

    #: Place of its first row in the content, from 0.
    first: int
    #: The digests of the rows, 32 bytes each; never erased.
    digests: bytes
    #: The rows, packed; None once all of them are erased.
    body: bytes | None


class Events(Protocol):
    """The event entries."""

    def last_position(self) -> int:
        """The position of the newest event of the log; 0 if there is none."""
        ...

    def head(self, workspace: str, stream: str) -> Head:
        """The newest event of a stream."""
        ...

    def heads(self, workspace: str, streams: Sequence[str]) -> dict[str, Head]:
        """The newest events of several streams, by name; a stream that does not exist is left out."""
        ...

    def stream(self, workspace: str, stream: str, after: int = 0) -> list[Entry]:
        """The entries of a stream whose version is greater than `after`, oldest first."""
        ...

    def streams(self, workspace: str, prefix: str) -> list[str]:
        """The names of all streams of a workspace that begin with a prefix, sorted."""
        ...

    def all(self, after: int, limit: int) -> list[Entry]:
        """The first `limit` entries of the log whose position is greater than `after`, oldest first."""
        ...

    def insert(self, entries: Sequence[Entry]) -> None:
        """Adds entries of one workspace, those of each stream in order and directly behind its head.

        Raises:
            WrongExpectedVersion: the first entry of a stream does not follow its head.
        """
        ...

    def allocate(self, count: int) -> Sequence[int]:
        """New positions, rising, greater than every position ever used."""
        ...

    def erase(self, positions: Sequence[int]) -> None:
        """Erases salt and payload of these entries; everything else stays."""
        ...


class Contents(Protocol):
    """Private content, by the position of its event."""

    def blocks(self, position: int, place: int | None = None) -> list[Block]:
        """The blocks of an event's content in order; with `place`, only the block that holds that row."""
        ...

    def insert(self, position: int, blocks: Sequence[Block]) -> None:
        """Adds the content of a new event."""
        ...

    def replace(self, position: int, first: int, body: bytes | None) -> None:
        """Puts another body into the block that begins at `first`; its digests stay."""
        ...


class Rows(Protocol):
    """The rows of views. Every call names a view that `define` was called for."""

    def define(self, view: View[Any], *, reset: bool) -> None:
        """Makes sure the view has its table; `reset` makes it anew and empty."""
        ...

    def get(self, view: View[Any], key: Key) -> Any:
        """The row of that key, or None."""
        ...

    def put(self, view: View[Any], rows: Sequence[Any]) -> None:
        """Inserts or replaces rows by key."""
        ...

    def drop(self, view: View[Any], prefix: Key) -> None:
        """Removes every row whose key starts with the prefix."""
        ...

    def find(self, view: View[Any], query: Query) -> list[Any]:
        """The rows a query names, in its order."""
        ...

    def present(self, view: View[Any], name: str, values: Sequence[Any], where: Mapping[str, Any]) -> set[Any]:
        """Which of these values of a field occur in the rows whose fields equal `where`."""
        ...

    def count(self, view: View[Any], query: Query) -> int:
        """How many rows a query names, its limit and offset left aside."""
        ...


class Registers(Protocol):
    """What is not history: small values by kind, workspace and key."""

    def get(self, kind: str, workspace: str, key: str) -> bytes | None:
        """The value, or None."""
        ...

    def put(self, kind: str, workspace: str, key: str, value: bytes) -> None:
        """Inserts or replaces a value."""
        ...

    def remove(self, kind: str, workspace: str, key: str) -> None:
        """Removes a value, if it is there."""
        ...

    def scan(self, kind: str, workspace: str) -> list[tuple[str, bytes]]:
        """Every key and value of that kind in the workspace, by key."""
        ...


class Tables(Protocol):
    """Everything a store holds, as seen by one transaction."""

    @property
    def events(self) -> Events:
        """The event entries."""
        ...

    @property
    def contents(self) -> Contents:
        """The private content."""
        ...

    @property
    def rows(self) -> Rows:
        """The rows of views."""
        ...

    @property
    def registers(self) -> Registers:
        """What is not history."""
        ...


class Store(Protocol):
    """A place that keeps a log."""

    def reading(self) -> AbstractContextManager[Tables]:
        """A snapshot to read from. Writing into it is a MisuseError or not possible."""
        ...

    def writing(self) -> AbstractContextManager[Tables]:
        """The one write transaction.

        Raises:
            LogBusy: another writer held the log for longer than the store waits.
        """
        ...

    def scrub(self) -> bool:
        """Makes erased bytes unreadable wherever the store kept them; False where an open reader still holds them."""
        ...

    def close(self) -> None:
        """Lets go of everything held open. Nothing may be called afterwards."""
        ...
