"""A `--db` that is no campaign database, or one that was tampered with."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.adapters.given import DRAFT, Terminal

MISUSE, UNAVAILABLE, UNSUPPORTED, CORRUPT = 15, 11, 12, 13


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.db").write_text("This is no database. " * 100, encoding="utf-8")
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE customers (name TEXT)")


def _alter(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize("line", [["list"], ["create", "Spring launch"], ["demo"]], ids=["list", "create", "demo"])
@pytest.mark.parametrize(
    ("db", "code", "words"),
    [
        ("folder", UNAVAILABLE, "folder cannot be opened: it is a folder, not a file"),
        ("gone/campaigns.db", UNAVAILABLE, "there is no folder gone"),
        ("x" * 300, UNAVAILABLE, "this process may not read and write it there"),
        ("text.db", UNSUPPORTED, "text.db is not a SQLite database"),
        ("other.db", UNSUPPORTED, "not a campaign log"),
        ("postgresql://server/campaigns", MISUSE, "No store serves 'postgresql' locations"),
    ],
    ids=["folder", "no-such-folder", "name-too-long", "text", "another-programs", "unserved-scheme"],
)
def test_a_file_that_is_no_campaign_database_is_refused_and_left_alone(
    terminal: Terminal, tmp_path: Path, line: list[str], db: str, code: int, words: str
) -> None:
    """One sentence that names it; not a byte of it is changed, and nothing new appears beside it."""
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    said = terminal.type("--db", db, *line)
    assert (said.code, said.out, said.err.count("\n")) == (code, "", 1), said
    assert words in said.err
    assert {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


def test_a_database_of_a_newer_version_is_refused(terminal: Terminal, furnished: Path) -> None:
    """The sentence says what to do."""
    _alter(furnished, "PRAGMA user_version = 99")
    said = terminal.type("list")
    assert (said.code, said.out) == (UNSUPPORTED, "")
    assert "newer version" in said.err


def test_verify_tells_what_was_altered(terminal: Terminal, furnished: Path) -> None:
    """The findings are the answer, so they are on stdout; the exit code says that it is a bad one."""
    _alter(furnished, "UPDATE events SET actor = 'somebody else' WHERE position = 4")
    found = terminal.asked("verify", code=CORRUPT)
    assert (found["holds"], found["events"]) == (False, 13)
    assert [problem for problem in found["problems"] if problem.startswith("Event 4: its link does not match")]
    said = terminal.type("verify")
    assert (said.code, said.err) == (CORRUPT, "")
    assert said.out.startswith(f"{len(found['problems'])} problems in 13 events")
    assert "Event 4: its link does not match" in said.out


def test_a_payload_of_another_shape_is_refused(terminal: Terminal, furnished: Path) -> None:
    """What cannot be read is said to be damaged; no half of a history is shown."""
    _alter(furnished, "UPDATE events SET payload = CAST('{}' AS BLOB) WHERE name = 'campaign.created'")
    said = terminal.type("history", DRAFT)
    assert (said.code, said.out, said.err.count("\n")) == (CORRUPT, "", 1)
