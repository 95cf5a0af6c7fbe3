"""Whether `verify` finds what was changed in the file behind the log's back: any column, any row, anything gone or moved.

What it cannot find, because nothing outside the file is compared, is a stream that was taken out as a whole, and events
taken off its end together with its head.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from campaign_core.audit.verify import Verification
from campaign_core.log.links import link_of
from campaign_core.log.log import EventLog
from campaign_core.log.sqlite import SqliteStore
from campaign_core.testing.samples import CODEC, METADATA_IN_FULL, note, verified

#: Each column of an event, with a change to event 2, the middle one of three in stream 1.
EVENT_COLUMNS = {
    "position": "position = 77",
    "stream": "stream = 2",
    "version": "version = 9",
    "previous": "previous = 0",
    "name": "name = 'sample.wiped'",
    "schema": "schema = 2",
    "occurred_at": "occurred_at = '2001-01-01T00:00:00.000000Z'",
    "recorded_at": "recorded_at = '2001-01-01T00:00:00.000000Z'",
    "actor": "actor = 'somebody else'",
    "command": "command = NULL",
    "causation": "causation = correlation, correlation = causation",
    "correlation": "correlation = 'another'",
    "content_root": "content_root = NULL",
    "salt": "salt = zeroblob(16)",
    "salt alone gone": "salt = NULL",
    "payload": 'payload = CAST(\'{"text":"forged"}\' AS BLOB)',
    "payload as text": 'payload = \'{"text":"forged"}\'',
    "payload as number": "payload = 5",
    "digest": "digest = zeroblob(32)",
    "digest as text": "digest = 'x'",
    "link": "link = zeroblob(32)",
    "link as number": "link = 0",
}
STATEMENTS = {
    "an event gone": "DELETE FROM events WHERE position = 2",
    "the first event gone": "DELETE FROM events WHERE position = 1",
    "the newest event gone": "DELETE FROM events WHERE position = 3",
    "payload and digest forged together": "UPDATE events SET payload = NULL, salt = NULL, digest = zeroblob(32)"
    " WHERE position = 2",
    "events exchanged": "UPDATE events SET position = CASE position WHEN 1 THEN 2 ELSE 1 END WHERE position < 0;"
    "UPDATE events SET position = 50 WHERE position = 1; UPDATE events SET position = 1 WHERE position = 2;"
    "UPDATE events SET position = 2 WHERE position = 50",
    "a stream renamed": "UPDATE streams SET name = 'sample-9' WHERE name = 'sample-1'",
    "a stream in another workspace": "UPDATE streams SET workspace = 'second' WHERE name = 'sample-1'",
    "two streams exchanged": "UPDATE streams SET name = name || '-' ;"
    "UPDATE streams SET name = CASE name WHEN 'sample-1-' THEN 'sample-2' ELSE 'sample-1' END",
    "the version of a head": "UPDATE streams SET version = 2 WHERE name = 'sample-1'",
    "the position of a head": "UPDATE streams SET position = 2 WHERE name = 'sample-1'",
    "the link of a head": "UPDATE streams SET link = zeroblob(32) WHERE name = 'sample-1'",
    "content gone": "DELETE FROM contents WHERE position = 2",
    "a block gone": "DELETE FROM contents WHERE position = 2 AND first = 128",
    "the last block gone": "DELETE FROM contents WHERE position = 2 AND first = 256",
    "content of another event": "UPDATE contents SET position = 3 WHERE position = 2",
    "the place of a block": "UPDATE contents SET first = 130 WHERE position = 2 AND first = 128",
    "digests": "UPDATE contents SET digests = zeroblob(length(digests)) WHERE position = 2 AND first = 0",
    "too few digests": "UPDATE contents SET digests = substr(digests, 1, 32) WHERE position = 2 AND first = 0",
    "a body": "UPDATE contents SET body = zeroblob(20) WHERE position = 2 AND first = 0",
    "a body of another block": "UPDATE contents SET body = (SELECT body FROM contents WHERE position = 2 AND first = 0)"
    " WHERE position = 2 AND first = 128",
    "a body as text": "UPDATE contents SET body = 'x' WHERE position = 2 AND first = 0",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A log of two streams, the middle event of the first with content in three blocks."""
    path = tmp_path / "log.db"
    with closing(EventLog(SqliteStore(path), (), CODEC)) as log:
        lines = (f"line {place}" for place in range(300))
        log.append("sample-1", [note("1"), note("2", *lines), note("3")], METADATA_IN_FULL)
        log.append("sample-2", [note("other", "line")], METADATA_IN_FULL)
    return path


def check(path: Path, script: str = "") -> Verification:
    """What a verification finds after a script was run on the file."""
    with closing(sqlite3.connect(path)) as connection:
        before = connection.total_changes
        connection.executescript(script)
        assert not script or connection.total_changes > before, "the script changed nothing"
    with closing(EventLog(SqliteStore(path), (), CODEC)) as log:
        return verified(log)


def test_an_untouched_file_checks(path: Path) -> None:
    assert check(path) == Verification(events=4, streams=2, erased=0, problems=())


@pytest.mark.parametrize("change", list(EVENT_COLUMNS), ids=str)
def test_a_change_of_any_column_of_an_event_is_found(path: Path, change: str) -> None:
    assert check(path, f"UPDATE events SET {EVENT_COLUMNS[change]} WHERE position = 2").problems


def test_every_column_is_among_those_changed(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(events)")]
    assert set(columns) <= set(EVENT_COLUMNS)


@pytest.mark.parametrize("change", list(STATEMENTS), ids=str)
def test_whatever_is_gone_moved_or_forged_is_found(path: Path, change: str) -> None:
    assert check(path, STATEMENTS[change]).problems


def test_a_problem_says_where_it_is(path: Path) -> None:
    """One sentence for each thing that does not check."""
    found = check(path, "UPDATE events SET payload = CAST('{}' AS BLOB) WHERE position = 2").problems
    assert found == ("Event 2: its payload does not match its digest.",)
    found = check(path, "UPDATE contents SET body = X'00' WHERE position = 4").problems
    assert len(found) == 2
    assert found[1].startswith("Event 4: what is stored of it cannot be read (")


def test_a_row_that_does_not_match_is_named_by_its_place_in_the_whole_content(path: Path) -> None:
    """Not in its block."""
    script = "UPDATE contents SET body = (SELECT body FROM contents WHERE position = 2 AND first = 0) WHERE first = 128"
    found = check(path, script).problems
    assert found == tuple(
        f"Event 2: row {place} of its private content does not match its digest." for place in range(128, 256)
    )


@pytest.mark.parametrize(("version", "previous"), [(4, 2), (3, 1)], ids=["version", "previous"])
def test_a_gap_is_found_though_its_link_was_computed_anew(path: Path, version: int, previous: int) -> None:
    """Links need no secret; the order of versions is checked by itself."""
    with closing(EventLog(SqliteStore(path), (), CODEC)) as log, log.read() as snapshot:
        _, before, newest = snapshot.tables.events.stream("default", "sample-1")
    forged = newest._replace(version=version, previous=previous)
    link = link_of(forged[:13], forged.digest, forged.content_root, before.link).hex()
    script = (
        f"UPDATE events SET version = {version}, previous = {previous}, link = X'{link}' WHERE position = 3;"
        f"UPDATE streams SET version = {version}, link = X'{link}' WHERE name = 'sample-1'"
    )
    assert check(path, script).problems == ("Event 3: it does not follow version 2 of its stream sample-1.",)


def test_an_erasure_by_hand_leaves_what_can_be_checked(path: Path) -> None:
    """Taking salt and payload away is what an erasure does; it is counted."""
    found = check(path, "UPDATE events SET salt = NULL, payload = NULL WHERE position = 2")
    assert found == Verification(events=4, streams=2, erased=1, problems=())
