"""Values of an adapter's own that are no history: kept in a workspace, by key, and changed in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from campaign_core.kernel.retrying import retried
from campaign_core.log.log import EventLog
from campaign_core.log.records import Register

T = TypeVar("T")


class Shelf(Generic[T]):
    """The values of one register in one workspace. Each call is a transaction of its own; threads may share it."""

    def __init__(self, log: EventLog, workspace: str, register: Register[T]) -> None:
        self._log, self._workspace, self._register = log, workspace, register

    @property
    def workspace(self) -> str:
        """The workspace's name."""
        return self._workspace

    def get(self, key: str) -> T | None:
        """The value, or None."""
        with self._log.read() as snapshot:
            return self._register.get(snapshot.tables, self._workspace, key)

    def put(self, key: str, value: T) -> None:
        """Inserts or replaces a value."""
        with self._log.write() as writing:
            self._register.put(writing.tables, self._workspace, key, value)

    def remove(self, key: str) -> None:
        """Removes a value, if it is there."""
        with self._log.write() as writing:
            self._register.remove(writing.tables, self._workspace, key)

    def change(self, key: str, change: Callable[[T | None], T | None]) -> T | None:
        """Puts in place of a value what becomes of it, and answers that, all in one write transaction.

        Nobody else writes in between, no other process either. Where the value stays equal nothing is written.

        Args:
            key: which value.
            change: answers the new value for the old one; None stands for no value, on both sides. It has no other
                effect, because it is asked again where the log was busy.

        Raises:
            LogBusy: another process held the log for too long, three times over.
        """
        return retried(lambda: self._changed(key, change))

    def _changed(self, key: str, change: Callable[[T | None], T | None]) -> T | None:
        with self._log.write() as writing:
            before = self._register.get(writing.tables, self._workspace, key)
            after = change(before)
            if after is None:
                self._register.remove(writing.tables, self._workspace, key)
            elif after != before:
                self._register.put(writing.tables, self._workspace, key, after)
            return after

    def scan(self) -> list[tuple[str, T]]:
        """Every key and value, by key."""
        with self._log.read() as snapshot:
            return self._register.scan(snapshot.tables, self._workspace)
