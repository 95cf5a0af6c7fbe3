"""Which files the SQLite store takes and makes, what it refuses, and what it still holds when it is opened again."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from campaign_core.errors import CorruptLog, LogUnavailable, MisuseError, UnsupportedLog
from campaign_core.log.log import EventLog
from campaign_core.log.sqlite import SCHEMA_VERSION, SqliteStore, open_store
from campaign_core.testing.samples import (
    CODEC,
    LINES,
    METADATA,
    SAMPLES,
    TOTALS,
    SampleRow,
    Shade,
    Tag,
    note,
    together,
    verified,
)
from campaign_core.views.view import Query

#: "CAMP" in ASCII: what marks a file as a campaign log.
CAMP = 0x43414D50
GROUP = UUID(int=7)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the log is to be."""
    return tmp_path / "log.db"


def fill(store: SqliteStore) -> None:
    """Something in every table."""
    log = EventLog(store, (LINES, TOTALS), CODEC)
    log.append("sample-1", [note("1", *(f"line {place}" for place in range(200))), note("2")], METADATA)
    log.append("sample-2", [note("other", "line")], METADATA)
    with log.write() as writing:
        writing.erase_row(writing.read_stream("default", "sample-2")[0].position, 0)
    with store.writing() as tables:
        row = SampleRow(workspace="default", group=GROUP, number=1, shade=Shade.DARK, tags=(Tag("x", None),))
        tables.rows.define(SAMPLES, reset=True)
        tables.rows.put(SAMPLES, [row])
        tables.registers.put("kind", "default", "key", b"\x00value")


def everything(store: SqliteStore) -> dict[str, Any]:
    """Everything the store holds, as its ports answer it."""
    with store.reading() as tables:
        entries = tables.events.all(0, 1000)
        return {
            "entries": entries,
            "heads": {each.stream: tables.events.head(each.workspace, each.stream) for each in entries},
            "contents": [tables.contents.blocks(each.position) for each in entries],
            "rows": [tables.rows.find(view, Query()) for view in (LINES, TOTALS, SAMPLES)],
            "registers": [tables.registers.scan(kind, space) for kind, space in (("kind", "default"), ("log", ""))],
        }


def pragma(path: Path, name: str) -> Any:
    """What another program reads from the file."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]
    finally:
        connection.close()


@pytest.mark.parametrize("may_lose", [False, True], ids=["full", "normal"])
def test_everything_is_there_when_the_file_is_opened_again(path: Path, may_lose: bool) -> None:
    store = SqliteStore(path, may_lose_last_commits=may_lose)
    fill(store)
    before = everything(store)
    store.close()
    again = SqliteStore(path)
    assert everything(again) == before
    assert verified(EventLog(again, (LINES, TOTALS), CODEC)).holds
    again.close()


@pytest.mark.parametrize("may_lose", [False, True], ids=["full", "normal"])
def test_everything_committed_is_in_the_files_as_they_lie_there(path: Path, tmp_path: Path, may_lose: bool) -> None:
    """A copy made while the store is open, as a process that is killed would leave it, holds every commit."""
    store = SqliteStore(path, may_lose_last_commits=may_lose)
    fill(store)
    before = everything(store)
    left = tmp_path / "left"
    left.mkdir()
    for each in path.parent.glob("log.db*"):
        if not each.name.endswith("-shm"):
            shutil.copy(each, left / each.name)
    with store.writing() as tables:
        tables.registers.put("kind", "default", "later", b"not in the copy")
    store.close()
    copy = SqliteStore(left / "log.db")
    assert everything(copy) == before
    copy.close()


def test_a_location_names_the_file(path: Path) -> None:
    """As a path or behind the scheme."""
    store = open_store(str(path))
    fill(store)
    store.close()
    again = open_store(f"sqlite:{path}")
    assert len(everything(again)["entries"]) == 3
    again.close()


def test_the_file_is_marked_as_a_campaign_log(path: Path) -> None:
    """By application id and schema version, so that it is recognised by one read."""
    SqliteStore(path).close()
    assert pragma(path, "application_id") == CAMP
    assert pragma(path, "user_version") == SCHEMA_VERSION


@pytest.mark.parametrize(("may_lose", "synchronous"), [(False, 2), (True, 1)], ids=["full", "normal"])
def test_the_journal_is_a_write_ahead_log_and_fully_synchronous_by_default(
    path: Path, may_lose: bool, synchronous: int
) -> None:
    """2 is FULL, 1 is NORMAL."""
    store = SqliteStore(path, may_lose_last_commits=may_lose)
    with store.writing() as tables:
        connection = tables.events._connection
        assert connection.execute("PRAGMA synchronous").fetchone() == (synchronous,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    store.close()


def test_a_copy_in_another_journal_mode_is_written_ahead_again(path: Path, tmp_path: Path) -> None:
    """`VACUUM INTO` leaves that mode behind."""
    store = SqliteStore(path)
    fill(store)
    before = everything(store)
    store.close()
    copy = tmp_path / "copy.db"
    connection = sqlite3.connect(path)
    connection.execute("VACUUM INTO ?", (str(copy),))
    connection.close()
    assert pragma(copy, "journal_mode") == "delete"
    store = SqliteStore(copy)
    assert everything(store) == before
    store.close()
    assert pragma(copy, "journal_mode") == "wal"


def test_an_empty_file_becomes_a_log(path: Path) -> None:
    path.touch()
    store = SqliteStore(path)
    fill(store)
    store.close()
    assert pragma(path, "application_id") == CAMP


def test_a_log_made_by_several_at_once_is_made_once(path: Path) -> None:
    """Whoever comes first makes the tables; all of them write into the same."""
    stores: list[SqliteStore] = []

    def open_and_write() -> None:
        store = SqliteStore(path, busy_seconds=30)
        stores.append(store)
        EventLog(store, (), CODEC).append("sample-1", [note("x")], METADATA)

    together([open_and_write] * 4)
    assert len(entries_of(stores[0])) == 4
    for store in stores:
        store.close()


def entries_of(store: SqliteStore) -> list[Any]:
    """Every entry."""
    with store.reading() as tables:
        return tables.events.all(0, 100)


def _newer(path: Path) -> None:
    SqliteStore(path).close()
    _run(path, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")


def _of_another_program(path: Path) -> None:
    _run(path, "CREATE TABLE invoices (number)")


def _marked_by_another_program(path: Path) -> None:
    _run(path, "PRAGMA application_id = 12345", "CREATE TABLE invoices (number)")


def _versioned_by_another_program(path: Path) -> None:
    _run(path, "PRAGMA user_version = 1")


def _no_database(path: Path) -> None:
    path.write_bytes(b"email,first_name\n" * 100)


def _run(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        pytest.param(_newer, "newer version of the library", id="newer schema"),
        pytest.param(_of_another_program, "not a campaign log", id="another program's tables"),
        pytest.param(_marked_by_another_program, "not a campaign log", id="another program's mark"),
        pytest.param(_versioned_by_another_program, "not a campaign log", id="another program's version"),
        pytest.param(_no_database, "not a SQLite database", id="no database"),
    ],
)
def test_a_file_that_is_not_ours_is_refused_and_left_as_it_was(
    path: Path, make: Callable[[Path], None], sentence: str
) -> None:
    """In one sentence that names the file; no byte of it changes and nothing is put beside it."""
    make(path)
    before = path.read_bytes()
    with pytest.raises(UnsupportedLog, match=sentence) as refused:
        SqliteStore(path)
    assert str(path) in str(refused.value)
    assert str(refused.value).endswith(".")
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["no such folder/log.db", "."], ids=["missing folder", "a folder"])
def test_a_place_where_no_file_can_be_is_out_of_reach(tmp_path: Path, name: str) -> None:
    with pytest.raises(LogUnavailable) as refused:
        SqliteStore(tmp_path / name)
    assert not refused.value.retryable
    assert isinstance(refused.value.__cause__, sqlite3.Error)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_is_corrupt(path: Path) -> None:
    """What was overwritten is found when it is read, and said so in this library's words."""
    store = SqliteStore(path)
    fill(store)
    store.close()
    damaged = bytearray(path.read_bytes())
    damaged[4096:] = b"\xff" * (len(damaged) - 4096)
    path.write_bytes(damaged)
    store = SqliteStore(path)
    with pytest.raises(CorruptLog):
        entries_of(store)
    store.close()


def test_a_closed_store_says_that_it_is_closed(path: Path) -> None:
    """Whatever is asked of it; closing it again is harmless."""
    store = SqliteStore(path)
    fill(store)
    store.close()
    store.close()

    def read() -> None:
        with store.reading():
            pass

    def write() -> None:
        with store.writing():
            pass

    for call in (read, write, store.scrub):
        with pytest.raises(MisuseError, match="closed"):
            call()


def test_a_snapshot_outlives_the_store_it_was_taken_from(path: Path) -> None:
    """Closing does not break a reader; the last one to leave lets go of the file."""
    store = SqliteStore(path)
    fill(store)
    with store.reading() as tables:
        store.close()
        assert len(tables.events.all(0, 10)) == 3
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_closing_leaves_one_file(path: Path) -> None:
    """The write-ahead log is gone into it, also where several threads were reading."""
    store = SqliteStore(path)
    fill(store)
    together([lambda: everything(store)] * 4)
    store.close()
    assert [each.name for each in path.parent.iterdir()] == [path.name]
