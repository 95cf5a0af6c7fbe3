"""A store that lets somebody else act before a write transaction begins, and counts what is read while one lasts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from campaign_core.log.ports import Store, Tables


class Between:
    """A store around another."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._acts: Callable[[], object] | None = None
        #: How often private content was read within write transactions.
        self.contents_read = 0

    def before_the_next_write(self, acts: Callable[[], object]) -> None:
        """Has it done once, right before the next write transaction begins."""
        self._acts = acts

    def reading(self) -> AbstractContextManager[Tables]:
        return self._store.reading()

    @contextmanager
    def writing(self) -> Iterator[Any]:
        acts, self._acts = self._acts, None
        if acts is not None:
            acts()
        with self._store.writing() as tables:
            yield _Watched(tables, self)

    def scrub(self) -> bool:
        return self._store.scrub()

    def close(self) -> None:
        self._store.close()


class _Watched:
    """The ports of a transaction, that of content counted."""

    def __init__(self, tables: Tables, between: Between) -> None:
        self.events, self.rows, self.registers = tables.events, tables.rows, tables.registers
        self.contents = _Counted(tables.contents, between)


class _Counted:
    def __init__(self, port: Any, between: Between) -> None:
        self._port, self._between = port, between

    def __getattr__(self, name: str) -> Any:
        self._between.contents_read += name == "blocks"
        return getattr(self._port, name)
