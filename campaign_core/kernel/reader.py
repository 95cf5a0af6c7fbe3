"""Asking a view."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Generic, TypeVar

from attrs import frozen

from campaign_core.errors import MisuseError
from campaign_core.log.log import EventLog
from campaign_core.views.view import Direction, Query, View

T = TypeVar("T")
#: No list is longer, and no store counts farther.
_FARTHEST: Final = 2**63 - 1


@frozen
class Page(Generic[T]):
    """Some rows of a list."""

    rows: list[T]
    #: Which page it is, from 1.
    number: int
    #: Rows on a full page.
    limit: int
    #: Rows on all pages together.
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.total // self.limit)

    @property
    def has_next(self) -> bool:
        """Whether a page comes after it."""
        return self.number < self.pages

    @property
    def has_previous(self) -> bool:
        """Whether a page comes before it."""
        return self.number > 1 and self.total > 0


class ViewReader(Generic[T]):
    """The rows of one view in one workspace. Every call reads a snapshot of its own."""

    def __init__(self, log: EventLog, workspace: str, view: View[T]) -> None:
        self._log, self._workspace, self._view = log, workspace, view

    def get(self, *key: Any) -> T | None:
        """The row of that key, the workspace left out; None if there is none.

        Raises:
            MisuseError: the key has too few or too many parts.
        """
        names = self._view.key[1:]
        if len(key) != len(names):
            raise MisuseError(f"A row of the view {self._view.name!r} is named by {', '.join(names)}.")
        with self._log.read() as snapshot:
            return snapshot.get(self._view, (self._workspace, *key))

    def find(
        self,
        where: Mapping[str, Any] | None = None,
        *,
        contains: Mapping[str, str] | None = None,
        at_least: Mapping[str, Any] | None = None,
        order_by: str | None = None,
        direction: Direction = "ascending",
        limit: int | None = None,
        offset: int = 0,
    ) -> list[T]:
        """The rows whose fields equal `where`, contain `contains` and are `at_least` so much, in order.

        Without a limit all of them. What `contains` looks for is looked for as it is stored: give a field that holds its
        text case-folded (`name_folded`, `address`) the text case-folded.

        Raises:
            MisuseError: the view cannot be queried or sorted by a field.
        """
        query = Query(
            where=self._here(where),
            contains=contains or {},
            at_least=at_least or {},
            order_by=order_by,
            direction=direction,
            limit=limit,
            offset=offset,
        )
        with self._log.read() as snapshot:
            return snapshot.find(self._view, query)

    def page(self, number: int, limit: int, **query: Any) -> Page[T]:
        """A page of the rows that `find` would answer to the same query, and how many there are, of one moment.

        Args:
            number: which page, from 1.
            limit: rows on a full page, at least 1.
            query: as for `find`, its limit and offset left out.

        Raises:
            MisuseError: there is no such page, or the view cannot be queried or sorted by a field.
        """
        if number < 1 or limit < 1:
            raise MisuseError(f"Pages are counted from 1 and hold at least 1 row; asked for page {number} of {limit}.")
        wanted = Query(
            **{**query, "where": self._here(query.get("where"))},
            limit=limit,
            offset=min((number - 1) * limit, _FARTHEST),
        )
        with self._log.read() as snapshot:
            return Page(snapshot.find(self._view, wanted), number, limit, snapshot.count(self._view, wanted))

    def count(
        self,
        where: Mapping[str, Any] | None = None,
        *,
        contains: Mapping[str, str] | None = None,
        at_least: Mapping[str, Any] | None = None,
    ) -> int:
        """How many rows there are whose fields equal `where`, contain `contains` and are `at_least` so much."""
        query = Query(where=self._here(where), contains=contains or {}, at_least=at_least or {})
        with self._log.read() as snapshot:
            return snapshot.count(self._view, query)

    def _here(self, where: Mapping[str, Any] | None) -> dict[str, Any]:
        return {**(where or {}), "workspace": self._workspace}
