"""How a view's rows become the columns of a table in a SQL store, and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import Enum
from functools import lru_cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin
from uuid import UUID

import attrs
import orjson
from attrs import frozen

from campaign_core.conversion import converter, instant_from, instant_text
from campaign_core.errors import MisuseError
from campaign_core.views.view import View

_converter: Final = converter(detailed=False, naive_times=False)


@frozen
class Column:
    """One field of a row as a column."""

    name: str
    #: `TEXT` or `INTEGER`.
    sql_type: str
    #: From the field's value to the column's; None stays None.
    encode: Callable[[Any], Any]
    #: From the column's value to the field's; None stays None.
    decode: Callable[[Any], Any]
    #: The type of the values that may be compared in a query; None: they may not be.
    kind: Any

    @property
    def queryable(self) -> bool:
        """Whether values may be compared in a query."""
        return self.kind is not None

    def holds(self, value: Any) -> bool:
        """Whether a value is of the field's type: True is no 1, a text no member, a time without a zone no instant."""
        if self.kind is None or not isinstance(value, self.kind):
            return False
        if self.kind is int:
            return not isinstance(value, bool)
        return self.kind is not datetime or value.tzinfo is not None

    @property
    def searchable(self) -> bool:
        """Whether a query may look for a text inside its values."""
        return self.sql_type == "TEXT" and self.encode is _same


def _same(value: Any) -> Any:
    return value


def _last_remembered(encode: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The same function, asked once for a run of one and the same value: the rows of an upload share most of theirs."""
    last: tuple[Any, Any] = (None, None)

    def remembering(value: Any) -> Any:
        nonlocal last
        known, encoded = last
        if known is not value:
            encoded = encode(value)
            last = (value, encoded)
        return encoded

    return remembering


def _column(name: str, kind: Any) -> Column:
    if get_origin(kind) in (Union, UnionType):
        rest = [each for each in get_args(kind) if each is not NoneType]
        kind = rest[0] if len(rest) == 1 else kind
    if kind is str:
        return Column(name, "TEXT", _same, _same, kind)
    if kind is int:
        return Column(name, "INTEGER", _same, _same, kind)
    if kind is bool:
        return Column(name, "INTEGER", int, bool, kind)
    if kind is datetime:
        return Column(name, "TEXT", instant_text, instant_from, kind)
    if kind is UUID:
        return Column(name, "TEXT", str, UUID, kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return Column(name, "TEXT", lambda value: value.value, kind, kind)
    return Column(
        name,
        "TEXT",
        lambda value: orjson.dumps(_converter.unstructure(value, kind)).decode(),
        lambda text: _converter.structure(orjson.loads(text), kind),
        None,
    )


class RowCodec:
    """Rows of one view to tuples of column values and back."""

    def __init__(self, view: View[Any]) -> None:
        attrs.resolve_types(view.row)
        self.view = view
        self.columns = tuple(_column(each.name, each.type) for each in attrs.fields(view.row))
        self.by_name = {column.name: column for column in self.columns}
        self._kind: Callable[..., Any] = view.row
        self._values_of = attrgetter(*self.by_name)
        self._encoders = [
            (place, _last_remembered(column.encode))
            for place, column in enumerate(self.columns)
            if column.encode is not _same
        ]

    def encode(self, row: Any) -> tuple[Any, ...]:
        """The column values of a row."""
        values = list(self._values_of(row))
        for place, encode in self._encoders:
            if values[place] is not None:
                values[place] = encode(values[place])
        return tuple(values)

    def decode(self, values: Sequence[Any]) -> Any:
        """The row of column values."""
        return self._kind(
            **{
                column.name: None if value is None else column.decode(value)
                for column, value in zip(self.columns, values, strict=True)
            }
        )

    def value(self, name: str, value: Any) -> Any:
        """A field's value as its column holds it, to compare with.

        Raises:
            MisuseError: the view has no such field, it cannot be queried, or the value is of another type.
        """
        column = self.by_name.get(name)
        if column is None or not column.queryable:
            known = ", ".join(each.name for each in self.columns if each.queryable)
            raise MisuseError(f"The view {self.view.name!r} cannot be queried by {name!r}; it can by: {known}.")
        if value is None:
            return None
        if not column.holds(value):
            kind = getattr(column.kind, "__name__", "")
            raise MisuseError(
                f"The view {self.view.name!r} compares {name!r} with {kind} values only, not with {value!r:.80}."
            )
        return column.encode(value)

    def check_searchable(self, name: str) -> None:
        """Makes sure that a text may be looked for inside a field.

        Raises:
            MisuseError: the view has no such field, or it does not hold text.
        """
        column = self.by_name.get(name)
        if column is None or not column.searchable:
            known = ", ".join(each.name for each in self.columns if each.searchable)
            raise MisuseError(f"The view {self.view.name!r} cannot be searched in {name!r}; it can in: {known}.")


@lru_cache(maxsize=128)
def _codec_of(view: View[Any]) -> RowCodec:
    return RowCodec(view)


def codec_of(view: View[Any]) -> RowCodec:
    """The codec of a view, made once."""
    return _codec_of(view)
