"""The envelope: what surrounds an event once it is in the log, and what a decision proposes to put there.

Values of leads and texts of templates are not in events. They travel beside them as rows of private content, are stored
apart, and can be erased while the events stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol, Self

from attrs import field, frozen

from campaign_core.checks import ruled, sentence_for, text

#: One row of private content: field name to text. The order of the names carries no meaning.
Row = Mapping[str, str]

#: How long an actor, a command id and the other ids may be.
ID_CHARACTERS: Final = (1, 200)


def _id(*, optional: bool) -> dict[str, Any]:
    """Text that stands on one line: what a link is computed over must be readable in one way only."""
    bounds = text(*ID_CHARACTERS)

    def rule(value: Any) -> str | None:
        wrong = sentence_for(bounds, value)
        if wrong is None and not value.isprintable():
            return "must have no line breaks or other control characters"
        return wrong

    return ruled(rule, optional=optional)


@frozen(kw_only=True)
class Metadata:
    """Who caused an event, through which command, and when it was recorded."""

    #: The workspace (tenant) the stream belongs to.
    workspace: str = field(metadata=_id(optional=False))
    #: Who asked: a name the embedding application chooses.
    actor: str = field(metadata=_id(optional=False))
    #: The id of the command, if the caller gave one.
    command: str | None = field(default=None, metadata=_id(optional=True))
    #: The id of the message that directly caused this command.
    causation: str | None = field(default=None, metadata=_id(optional=True))
    #: An id shared by everything that belongs to one piece of work.
    correlation: str | None = field(default=None, metadata=_id(optional=True))
    #: The kernel's clock when the event was recorded; aware, UTC.
    recorded_at: datetime


@frozen(slots=False)  # made for every event that is read: in half the time with a dictionary, and by place
class Recorded:
    """An event as it stands in the log."""

    #: Place in the log: rising, gaps allowed.
    position: int
    #: The stream's name, unique in its workspace.
    stream: str
    #: Place in the stream: 1, 2, 3, without gaps.
    version: int
    #: The stored name, such as `campaign.created`.
    name: str
    #: The version of the event's shape that the log holds; `event` is always of the newest.
    schema: int
    #: The event; None once its payload was erased.
    event: Any
    #: When it happened in the world; equal to `recorded_at` unless somebody reported it later.
    occurred_at: datetime
    metadata: Metadata
    #: SHA-256 over the salt and the payload bytes; stays after an erasure.
    digest: bytes = field(repr=False)
    #: SHA-256 over position, envelope, digests and the link of the preceding event of the stream.
    link: bytes = field(repr=False)
    #: Merkle root over the digests of the event's private content; None if it has none. Stays after an erasure.
    content_root: bytes | None = field(default=None, repr=False)

    @property
    def workspace(self) -> str:
        """The workspace the stream belongs to."""
        return self.metadata.workspace


class Content(Protocol):
    """Rows of private content on their way into the log."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Row]: ...

    def pick(self, places: Sequence[int]) -> Content:
        """The rows at these places (0-based, rising)."""
        ...

    def plus(self, rows: Iterable[Row]) -> Content:
        """The same rows with more behind them."""
        ...


@frozen
class Rows:
    """Private content held as plain rows."""

    rows: tuple[Row, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def pick(self, places: Sequence[int]) -> Self:
        """The rows at these places (0-based, rising)."""
        return type(self)(tuple(self.rows[place] for place in places))

    def plus(self, rows: Iterable[Row]) -> Self:
        """The same rows with more behind them."""
        return type(self)((*self.rows, *rows))


@frozen
class Proposed:
    """An event that a decision wants recorded, with its private content."""

    event: Any
    content: Content = Rows()
    #: When it happened, if that is not now; aware.
    occurred_at: datetime | None = None
