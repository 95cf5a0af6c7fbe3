"""Which rows of a view are on a page, and which pages are there?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from campaign_core import ViewReader

T = TypeVar("T")


class Page(NamedTuple, Generic[T]):
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
    def data(self) -> dict[str, Any]:
        """The page as data, its rows left out."""
        return {
            "page": self.number,
            "limit": self.limit,
            "total": self.total,
            "pages": self.pages,
            "has_next": self.number < self.pages,
            "has_prev": self.number > 1 and self.total > 0,
        }

    def place(self, noun: str) -> str:
        """Where the page stands among the others, in words."""
        return f"Page {self.number:,} of {self.pages:,}; {self.total:,} {noun}."


def read_page(reader: ViewReader[T], number: int, limit: int, *, order: Mapping[str, Any], **query: Any) -> Page[T]:
    """A page of the rows that a query names, in an order."""
    total = reader.count(**query)
    offset = (number - 1) * limit
    rows = reader.find(**query, **order, limit=limit, offset=offset) if offset < total else []
    return Page(rows, number, limit, total)
