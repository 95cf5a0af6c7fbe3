"""Folding events into the rows of views, the same way for every store.

Rows are gathered during a transaction and written when it reads a view or ends, so that an event that touches one row ten
thousand times writes it once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from campaign_core.errors import CampaignError, ViewFailed
from campaign_core.log.ports import Rows
from campaign_core.recorded import Recorded, Row
from campaign_core.views.view import Drop, Key, View


class Folding:
    """The rows of some views while events are folded into them."""

    def __init__(self, rows: Rows, views: Iterable[View[Any]]) -> None:
        self._rows = rows
        self._changed: dict[str, dict[Key, Any]] = {}
        self._views = tuple(views)

    def fold(self, recorded: Recorded, content: Iterable[Row | None]) -> None:
        """Folds one event into every view.

        Raises:
            ViewFailed: `expand` or `fold` raised; the cause is attached.
        """
        for view in self._views:
            for part in _expanded(view, recorded, content):
                if isinstance(part, Drop):
                    self._drop(view, part.prefix)
                else:
                    self._part(view, recorded, *part)

    def flush(self) -> None:
        """Writes every changed row."""
        for view in self._views:
            changed = self._changed.pop(view.name, None)
            if changed:
                self._rows.put(view, [row for row in changed.values() if row is not None])
                for key in [key for key, row in changed.items() if row is None]:
                    self._rows.drop(view, key)

    def _part(self, view: View[Any], recorded: Recorded, key: Key, part: Any) -> None:
        changed = self._changed.setdefault(view.name, {})
        if view.fold is None or isinstance(part, view.row):
            changed[key] = part
            return
        before = changed[key] if key in changed else self._rows.get(view, key)
        try:
            after = view.fold(before, part)
        except Exception as wrong:
            raise ViewFailed(view.name, recorded.position) from wrong
        if after is not before:
            changed[key] = after

    def _drop(self, view: View[Any], prefix: Key) -> None:
        if len(prefix) == len(view.key):
            self._changed.get(view.name, {}).pop(prefix, None)
            self._rows.drop(view, prefix)
            return
        self._changed[view.name] = {
            key: row for key, row in self._changed.get(view.name, {}).items() if key[: len(prefix)] != prefix
        }
        self._rows.drop(view, prefix)


def _expanded(view: View[Any], recorded: Recorded, content: Iterable[Row | None]) -> Iterator[tuple[Key, Any] | Drop]:
    """The parts of an event. What fails in the view is the view's failure; what fails in the log is not."""
    try:
        yield from view.expand(recorded, content)
    except CampaignError:
        raise
    except Exception as wrong:
        raise ViewFailed(view.name, recorded.position) from wrong
