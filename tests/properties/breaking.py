"""A store that breaks down in the middle of a write transaction, wherever it is told to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from campaign_core.log.ports import Store, Tables


class Fault(Exception):
    """What a store might raise."""


class Interrupt(BaseException):
    """What might come from outside, such as a signal; no `except Exception` catches it."""


class Breaking:
    """A store around another: raises at the n-th call of its ports while it is written to, or as the commit begins."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._left = 0
        self._error: type[BaseException] = Fault
        #: Whether it has raised since it was told to.
        self.broke = False

    def break_at(self, call: int, error: type[BaseException]) -> None:
        """Raises at the n-th call from now on; 0: never."""
        self._left, self._error, self.broke = call, error, False

    def reading(self) -> AbstractContextManager[Tables]:
        return self._store.reading()

    @contextmanager
    def writing(self) -> Iterator[Any]:
        with self._store.writing() as tables:
            yield _Watched(tables, self._count)
            self._count()

    def scrub(self) -> bool:
        return self._store.scrub()

    def close(self) -> None:
        self._store.close()

    def _count(self) -> None:
        self._left -= 1
        if self._left == 0:
            self.broke = True
            raise self._error


class _Watched:
    """Ports whose every call is counted before it is made."""

    def __init__(self, tables: Tables, count: Callable[[], None]) -> None:
        self.events = _Counted(tables.events, count)
        self.contents = _Counted(tables.contents, count)
        self.rows = _Counted(tables.rows, count)
        self.registers = _Counted(tables.registers, count)


class _Counted:
    def __init__(self, port: Any, count: Callable[[], None]) -> None:
        self._port, self._count = port, count

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)

        def counted(*given: Any, **named: Any) -> Any:
            self._count()
            return method(*given, **named)

        return counted
