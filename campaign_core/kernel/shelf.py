"""Values of an adapter's own that are no history: kept in a workspace, by key, and changed in place."""

from __future__ import annotations

from typing import Generic, TypeVar

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

    def scan(self) -> list[tuple[str, T]]:
        """Every key and value, by key."""
        with self._log.read() as snapshot:
            return self._register.scan(snapshot.tables, self._workspace)
