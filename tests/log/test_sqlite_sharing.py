"""Two openers of one SQLite file: what they see of each other, and what happens while one of them writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from campaign_core.errors import LogBusy, LogUnavailable, WrongExpectedVersion
from campaign_core.log.log import EventLog
from campaign_core.log.sqlite import SqliteStore
from campaign_core.testing.samples import CODEC, LINES, METADATA, TOTALS, note, texts, together, verified
from campaign_core.views.view import Query

BUSY_SECONDS = 0.05


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the log is."""
    return tmp_path / "log.db"


@contextmanager
def opened(path: Path, busy_seconds: float = 30.0) -> Iterator[EventLog]:
    """A log on the file, with a store of its own."""
    with closing(EventLog(SqliteStore(path, busy_seconds=busy_seconds), (LINES, TOTALS), CODEC)) as log:
        yield log


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Another program holds the write lock of the file."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def test_two_stores_on_one_file_see_each_other(path: Path) -> None:
    """Events, content, rows and registers, as soon as they are committed."""
    with opened(path) as one, opened(path) as other:
        one.append("sample-1", [note("1", "a")], METADATA, 0)
        with other.write() as writing:
            writing.append("sample-1", [note("2", "b")], METADATA, 1)
            writing.tables.registers.put("kind", "default", "key", b"value")
            assert texts(one.read_all()) == ["1"]
        assert texts(one.read_all()) == ["1", "2"]
        with one.read() as snapshot:
            assert [row.line for row in snapshot.find(LINES, Query())] == ["a", "b"]
            assert [row.notes for row in snapshot.find(TOTALS, Query())] == [2]
            assert snapshot.tables.registers.get("kind", "default", "key") == b"value"
        with pytest.raises(WrongExpectedVersion) as conflict:
            one.append("sample-1", [note("late")], METADATA, 1)
        assert (conflict.value.expected, conflict.value.actual) == (1, 2)
        assert verified(other).holds


def test_a_snapshot_stands_still_while_another_store_writes(path: Path) -> None:
    with opened(path) as one, opened(path) as other:
        one.append("sample-1", [note("1")], METADATA)
        with one.read() as snapshot:
            other.append("sample-1", [note("2")], METADATA)
            assert texts(snapshot.read_all()) == ["1"]
            assert snapshot.head("default", "sample-1") == 1
        assert one.head("default", "sample-1") == 2


def test_two_stores_that_write_at_once_lose_nothing(path: Path) -> None:
    """They wait for each other; every event has a position and a version of its own."""
    with opened(path) as one, opened(path) as other:

        def write(log: EventLog, name: str) -> None:
            for number in range(25):
                log.append("sample-1", [note(f"{name}{number}", "line")], METADATA)

        together([lambda: write(one, "a"), lambda: write(other, "b"), lambda: write(one, "c")])
        history = one.read_stream("default", "sample-1")
        assert [each.version for each in history] == list(range(1, 76))
        assert sorted(map(str, texts(history))) == sorted(f"{name}{number}" for name in "abc" for number in range(25))
        before = [row.notes for row in _totals(one)]
        assert before == [75]
        one.rebuild()
        assert [row.notes for row in _totals(one)] == before
        assert verified(one).holds


def test_a_writer_that_waited_long_enough_is_told_to_try_again(path: Path) -> None:
    """The error can be retried, names the file, and nothing happened; afterwards the same call succeeds."""
    with opened(path, BUSY_SECONDS) as log:
        log.append("sample-1", [note("1")], METADATA)
        with held(path):
            with pytest.raises(LogBusy, match=r"log\.db") as busy:
                log.append("sample-1", [note("2")], METADATA)
            assert busy.value.retryable
            assert isinstance(busy.value.__cause__, sqlite3.OperationalError)
            assert texts(log.read_all()) == ["1"]
        log.append("sample-1", [note("2")], METADATA)
        assert texts(log.read_all()) == ["1", "2"]


def test_reading_and_opening_do_not_wait_for_a_writer(path: Path) -> None:
    """Nor does anything that a log which is up to date needs not write."""
    with opened(path) as log:
        log.append("sample-1", [note("1", "a")], METADATA)
        with held(path), opened(path, BUSY_SECONDS) as late:
            assert texts(late.read_all()) == ["1"]
            assert texts(log.read_all()) == ["1"]
            assert [row.notes for row in _totals(late)] == [1]
            assert verified(late).holds


def test_writing_into_a_snapshot_is_refused_and_holds_nobody_up(path: Path) -> None:
    """It does not even take the write lock."""
    with opened(path, BUSY_SECONDS) as one, opened(path, BUSY_SECONDS) as other:

        def write() -> None:
            with one.read() as snapshot:
                with suppress(sqlite3.Error):
                    snapshot.tables.registers.put("kind", "default", "key", b"value")
                other.append("sample-1", [note("1")], METADATA)
                snapshot.tables.registers.put("kind", "default", "key", b"value")

        with pytest.raises(LogUnavailable, match="readonly"):
            write()
        assert texts(one.read_all()) == ["1"]


def test_a_new_file_that_another_program_holds_is_busy(path: Path) -> None:
    """Making the tables needs the write lock."""
    with held(path), pytest.raises(LogBusy):
        SqliteStore(path, busy_seconds=BUSY_SECONDS)
    SqliteStore(path).close()


def _totals(log: EventLog) -> list[object]:
    with log.read() as snapshot:
        return list(snapshot.find(TOTALS, Query()))
