"""What a view is.

A view turns events into rows. `expand` says which rows an event touches and with what; `fold` makes the new row from the
old one. Both are pure, so that dropping every row and reading the log again gives the same rows. A row is a frozen attrs
class whose first fields are the key, the workspace first of all; a store keeps it in a typed, indexed table and changes
it in the transaction that records the event.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Generic, Literal, Protocol, TypeVar

import attrs
from attrs import field, frozen

from campaign_core.errors import MisuseError
from campaign_core.recorded import Recorded, Row

RowT = TypeVar("RowT")
Key = tuple[Any, ...]


@frozen
class Drop:
    """A part that removes every row whose key starts with this prefix. A prefix is never empty."""

    prefix: Key


class Expand(Protocol):
    """`expand(recorded, content)`: the (key, part) pairs an event means for a view, or `Drop`s, in order.

    `content` is the event's private content, to be iterated as often as needed; a row of it is None once erased.
    `recorded.event` is None once its payload is erased.
    """

    def __call__(self, recorded: Recorded, content: Iterable[Row | None]) -> Iterator[tuple[Key, Any] | Drop]: ...


class Fold(Protocol[RowT]):
    """`fold(row, part)`: the row after one part; `row` is None where there is none yet, and None removes it."""

    def __call__(self, row: RowT | None, part: Any, /) -> RowT | None: ...


@frozen(kw_only=True)
class View(Generic[RowT]):
    """A read model: a name, a version, a typed row and two pure functions."""

    #: Lower-case letters and underscores; unique among the views of a kernel.
    name: str
    #: Raised whenever `expand` or `fold` changes meaning: the view is then rebuilt from the log.
    version: int
    #: A frozen attrs class. Field types: str, int, bool, datetime, UUID, an enum of strings, or anything the codec
    #: knows, which is then kept as JSON and cannot be queried; each may be optional.
    row: type[RowT]
    #: Names of the key's fields: the first fields of the row, `workspace` first of all.
    key: tuple[str, ...]
    expand: Expand
    #: Not asked for a part that is itself a row of the view: that one replaces whatever was there. None where every part
    #: is such a row.
    fold: Fold[RowT] | None
    #: Fields, or runs of fields, to be found and sorted by quickly.
    indexes: tuple[tuple[str, ...], ...] = ()

    def __attrs_post_init__(self) -> None:
        names = [attribute.name for attribute in attrs.fields(self.row)]  # type: ignore[arg-type]
        if not self.name.isidentifier() or not self.name.islower():
            raise MisuseError(f"A view's name is lower-case letters and underscores; {self.name!r} is not.")
        if tuple(names[: len(self.key)]) != self.key or self.key[:1] != ("workspace",):
            raise MisuseError(
                f"The key of the view {self.name!r} must be the first fields of its row, workspace first of all."
            )
        unknown = [name for index in self.indexes for name in index if name not in names]
        if unknown:
            raise MisuseError(f"The view {self.name!r} has no field {unknown[0]!r} to index.")

    def key_of(self, row: RowT) -> Key:
        """The key of a row."""
        return tuple(getattr(row, name) for name in self.key)


Direction = Literal["ascending", "descending"]


@frozen(kw_only=True)
class Query:
    """Which rows of a view, in which order."""

    #: Field to value: all must be equal.
    where: Mapping[str, Any] = field(factory=dict)
    #: Field to text: all must contain it. Letters compare as stored.
    contains: Mapping[str, str] = field(factory=dict)
    #: Field to value: all must be equal or greater; rows without a value are not.
    at_least: Mapping[str, Any] = field(factory=dict)
    #: The field to sort by, rows without a value first; equal rows are sorted by key. None: by key.
    order_by: str | None = None
    #: Of the whole order, keys included.
    direction: Direction = "ascending"
    #: At least 0; None: all.
    limit: int | None = None
    #: How many rows to pass over first, at least 0.
    offset: int = 0

    def __attrs_post_init__(self) -> None:
        if (self.limit is not None and self.limit < 0) or self.offset < 0:
            raise MisuseError(f"A limit and an offset are at least 0, not {self.limit} and {self.offset}.")
