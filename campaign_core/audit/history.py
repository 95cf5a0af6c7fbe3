"""A campaign as it was: its history, and the row of any view at an earlier moment, folded from the log alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from campaign_core.log.log import EventLog
from campaign_core.log.transaction import BATCH
from campaign_core.recorded import Recorded
from campaign_core.views.view import Drop, Key, View

T = TypeVar("T")


def until(history: Iterable[Recorded], version: int | None, at: datetime | None) -> list[Recorded]:
    """The beginning of a stream's history: up to a version, and up to what was recorded by an instant."""
    kept = []
    for recorded in history:
        if version is not None and recorded.version > version:
            break
        if at is not None and recorded.metadata.recorded_at > at:
            break
        kept.append(recorded)
    return kept


def row_after(view: View[T], key: Key, history: Sequence[Recorded]) -> T | None:
    """The row of a view that a history adds up to; None where there is none (yet, or any more).

    For views that need no private content.
    """
    row: T | None = None
    for recorded in history:
        for part in view.expand(recorded, ()):
            if isinstance(part, Drop):
                row = None if key[: len(part.prefix)] == part.prefix else row
            elif part[0] == key:
                row = part[1] if isinstance(part[1], view.row) or view.fold is None else view.fold(row, part[1])
    return row


def committed(log: EventLog, workspace: str, after: int) -> Iterator[Recorded]:
    """Every event of a workspace behind a position, in the order of the log, up to the newest there is by then.

    Nothing is held open between two batches, however long the consumer takes.
    """
    while batch := log.read_all(after, BATCH):
        yield from (recorded for recorded in batch if recorded.workspace == workspace)
        after = batch[-1].position
