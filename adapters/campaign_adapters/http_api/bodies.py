"""The parts that requests and answers are made of. Shapes only: what a value may be is the core's to say.

Where a limit stands in a model, it is the core's own number; it is here for the API's description, and so that what is out of
range is answered in the words that clients of the product know.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StrictBool, StrictInt, StrictStr

from campaign_core import Page
from campaign_core.conversion import Mismatch, time_from
from campaign_core.views.view import Direction

#: The longest page of a list. Source: reference section 3.2.
_MOST_ON_A_PAGE: Final = 100
#: What every list can be asked.
PageNumber = Annotated[int, Query(ge=1, le=2**31, description="From 1.")]
PageLimit = Annotated[int, Query(ge=1, le=_MOST_ON_A_PAGE, description="Rows on a page.")]
Search = Annotated[str | None, Query(max_length=255, description="A part of it, in letters of either case.")]
SortOrder = Literal["asc", "desc"]
#: What the views call it.
DIRECTIONS: Final[dict[SortOrder, Direction]] = {"asc": "ascending", "desc": "descending"}


class Given(BaseModel):
    """A body that a client sends. Keys that nobody knows are passed over: old clients send some."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    def given(self, *names: str) -> dict[str, Any]:
        """The fields of these names, or of all, that the client sent, null where it sent null."""
        return {name: getattr(self, name) for name in names or self.model_fields_set if name in self.model_fields_set}


class Told(BaseModel):
    """A body that a client gets."""

    model_config = ConfigDict(frozen=True)


def _time(given: object) -> datetime:
    try:
        return time_from(given)
    except Mismatch as wrong:
        raise ValueError(str(wrong)) from None


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


Text = StrictStr
Whole = StrictInt
Flag = StrictBool
#: ISO 8601, with or without an offset.
Time = Annotated[datetime, BeforeValidator(_time)]
#: ISO 8601 in UTC.
Instant = Annotated[datetime, PlainSerializer(_instant, return_type=str)]


def _only_text(given: object) -> object:
    if not isinstance(given, str | UUID):
        raise ValueError("must be a UUID as text")
    return given


Id = Annotated[UUID, BeforeValidator(_only_text)]
#: How many names an object with names of the client's own may hold: more than any file has columns, and no burden.
MOST_NAMES: Final = 1_000


def _not_too_many(given: object) -> object:
    """Looked at before the names are, each of which could be wrong."""
    if isinstance(given, dict) and len(given) > MOST_NAMES:
        raise ValueError(f"must have at most {MOST_NAMES} names, has {len(given)}")
    return given


Named = BeforeValidator(_not_too_many)


class Pagination(Told):
    """Which page of how many. Source: reference section 3.2."""

    page: int
    limit: int
    total: int
    pages: int
    has_next: bool
    has_prev: bool

    @classmethod
    def of(cls, page: Page[Any]) -> Pagination:
        """Where a page stands among the others."""
        return cls(
            page=page.number,
            limit=page.limit,
            total=page.total,
            pages=page.pages,
            has_next=page.has_next,
            has_prev=page.has_previous,
        )


class Success(Told):
    """What every answer begins with."""

    success: bool = True
    message: str


class Problem(Told):
    """One thing wrong with a request."""

    loc: list[str | int] = Field(description="Where: a path such as body, sequences, 0, wait_days.")
    msg: str
    type: str


class ErrorBody(Told):
    """Why a request was turned down."""

    detail: str


class ValidationBody(Told):
    """What was wrong with a request."""

    detail: list[Problem]


class RuleBody(ErrorBody):
    """Which rule says no, and what a start still needs."""

    missing_requirements: list[str] | None = None
    faults: list[str] | None = None


class ScopesBody(ErrorBody):
    """Which scopes the key lacks."""

    error: str
    required: list[str]
    granted: list[str]


_SAID: Final[dict[int, tuple[type[BaseModel], str]]] = {
    400: (RuleBody, "A rule says no; nothing was changed."),
    401: (ErrorBody, "No key, or one that is unknown or revoked."),
    403: (ScopesBody, "The key lacks a scope."),
    404: (ErrorBody, "There is no such thing, or it is another workspace's."),
    409: (ErrorBody, "It is there already."),
    413: (ErrorBody, "The body is too large."),
    422: (ValidationBody, "A value has the wrong shape or is out of range."),
    429: (ErrorBody, "Too many requests; try again after `Retry-After` seconds."),
    503: (ErrorBody, "Another process is writing; try again after `Retry-After` seconds."),
}
#: What any request may be answered.
_ALWAYS: Final = (400, 401, 403, 413, 422, 429, 503)


def answers(*others: int) -> dict[int | str, dict[str, Any]]:
    """How the refusals of a route are described: those any route has, and these."""
    return {
        status: {"model": _SAID[status][0], "description": _SAID[status][1]} for status in sorted({*_ALWAYS, *others})
    }


def bounded(bounds: Sequence[int], **more: Any) -> Any:
    """A field whose text, or number of items, is so long."""
    return Field(min_length=bounds[0], max_length=bounds[1], **more)


def ranged(bounds: Sequence[int], **more: Any) -> Any:
    """A field whose number lies there, both ends included."""
    return Field(ge=bounds[0], le=bounds[1], **more)
