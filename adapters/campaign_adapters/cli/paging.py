"""Which rows of a view are on a page, and how is that told?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import frozen

from campaign_core import Page as Rows
from campaign_core import ViewReader

T = TypeVar("T")


@frozen
class Page(Rows[T]):
    """Some rows of a list."""

    @property
    def data(self) -> dict[str, Any]:
        """The page as data, its rows left out."""
        return {
            "page": self.number,
            "limit": self.limit,
            "total": self.total,
            "pages": self.pages,
            "has_next": self.has_next,
            "has_prev": self.has_previous,
        }

    def place(self, noun: str) -> str:
        """Where the page stands among the others, in words."""
        return f"Page {self.number:,} of {self.pages:,}; {self.total:,} {noun}."


def read_page(reader: ViewReader[T], number: int, limit: int, *, order: Mapping[str, Any], **query: Any) -> Page[T]:
    """A page of the rows that a query names, in an order."""
    found = reader.page(number, limit, **query, **order)
    return Page(found.rows, number, limit, found.total)
