"""Every store passes the whole contract."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from campaign_core.log.memory import MemoryStore
from campaign_core.log.ports import Store
from campaign_core.log.sqlite import SqliteStore
from campaign_core.testing.contracts import AppendContract, KernelContract, StoreContract, TransactionContract


@cache
def _empty_log() -> bytes:
    """The file of an empty log: made once, since making one waits for the disk several times."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log.db"
        SqliteStore(path, may_lose_last_commits=True).close()
        return path.read_bytes()


class TestMemory(StoreContract):
    """The store in memory."""

    def make_store(self, folder: Path) -> Store:
        return MemoryStore()


class TestSqlite(StoreContract):
    """The store in a SQLite file, with `synchronous=NORMAL`: what it waits for does not change what it answers."""

    def make_store(self, folder: Path) -> Store:
        path = folder / "log.db"
        path.write_bytes(_empty_log())
        return SqliteStore(path, may_lose_last_commits=True)


class TestSqliteAsItIsOpenedByDefault(TransactionContract, AppendContract, KernelContract):
    """What is about transactions again, with `synchronous=FULL` and a file of its own making."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        """A new log; closed at the end."""
        store = SqliteStore(tmp_path / "log.db")
        yield store
        store.close()
