"""Every store passes the whole contract."""

from __future__ import annotations

from pathlib import Path

from campaign_core.log.memory import MemoryStore
from campaign_core.log.ports import Store
from campaign_core.log.sqlite import SqliteStore
from campaign_core.testing.contracts import StoreContract


class TestMemory(StoreContract):
    """The store in memory."""

    def make_store(self, folder: Path) -> Store:
        return MemoryStore()


class TestSqlite(StoreContract):
    """The store in a SQLite file."""

    def make_store(self, folder: Path) -> Store:
        return SqliteStore(folder / "log.db")


class TestSqliteThatMayLoseLastCommits(StoreContract):
    """The same with `synchronous=NORMAL`."""

    def make_store(self, folder: Path) -> Store:
        return SqliteStore(folder / "log.db", may_lose_last_commits=True)
