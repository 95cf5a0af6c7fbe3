"""Whether erased bytes are gone from the files: looked for as plain text, and inside everything that can be unpacked.

Each test first finds what it looks for while it is there, so that finding nothing later means something.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from campaign_core.log.log import EventLog
from campaign_core.log.sqlite import SqliteStore
from campaign_core.recorded import Proposed
from campaign_core.testing.samples import CODEC, LINES, METADATA, TOTALS, Wiped, note, texts, verified

BUSY_SECONDS = 0.05


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the log is."""
    return tmp_path / "log.db"


@pytest.fixture
def log(path: Path) -> Iterator[EventLog]:
    """A log in a SQLite file, with views that copy what is private."""
    with closing(EventLog(SqliteStore(path, busy_seconds=BUSY_SECONDS), (LINES, TOTALS), CODEC)) as opened:
        yield opened


def raw(path: Path) -> bytes:
    """The bytes of the database and of the files beside it."""
    return b"".join(each.read_bytes() for each in sorted(path.parent.glob(f"{path.name}*")))


def unpacked(data: bytes) -> bytes:
    """What every compressed run of bytes holds, as far as it can be unpacked."""
    found = []
    start = data.find(b"\x78\x01")
    while start != -1:
        engine = zlib.decompressobj()
        for place in range(start, len(data), 16):
            try:
                found.append(engine.decompress(data[place : place + 16]))
            except zlib.error:
                break
            if engine.eof:
                break
        start = data.find(b"\x78\x01", start + 1)
    return b"".join(found)


def occurrences(path: Path, *words: str) -> int:
    """How often any of these words stands in the files, packed or not."""
    data = raw(path)
    everything = data + unpacked(data)
    return sum(everything.count(word.encode()) for word in words)


def bodies(log: EventLog, stream: str) -> list[bytes]:
    """The packed blocks of a stream's content, as they are stored."""
    with log.read() as snapshot:
        found = [
            block.body
            for recorded in snapshot.read_stream("default", stream)
            for block in snapshot.tables.contents.blocks(recorded.position)
        ]
    return [body for body in found if body is not None]


def salts(log: EventLog, stream: str) -> list[bytes]:
    """The salts of a stream's events."""
    with log.read() as snapshot:
        return [each.salt for each in snapshot.tables.events.stream("default", stream) if each.salt is not None]


def erase(log: EventLog, stream: str) -> None:
    """Erases a stream, and its rows in every view, as a deletion does."""
    with log.write() as writing:
        writing.append(stream, [Proposed(Wiped())], METADATA)
        writing.erase_stream("default", stream)


def test_no_byte_of_an_erased_stream_is_left_once_it_is_scrubbed(log: EventLog, path: Path) -> None:
    """Neither text nor packed block nor salt; without scrubbing they are all still in the write-ahead log."""
    log.append("sample-1", [note("a private text", *(f"private line {each}" for each in range(5)))], METADATA)
    log.append("sample-2", [note("a text that stays", "line that stays")], METADATA)
    secrets = [*bodies(log, "sample-1"), *salts(log, "sample-1"), b"a private text", b"private line 3"]
    assert all(secret in raw(path) for secret in secrets)
    assert occurrences(path, "private line 3") >= 2
    erase(log, "sample-1")
    assert all(secret in raw(path) for secret in secrets)
    assert log.scrub() is True
    assert not any(secret in raw(path) for secret in secrets)
    assert occurrences(path, "private") == 0
    assert occurrences(path, "a text that stays", "line that stays") >= 3
    assert texts(log.read_stream("default", "sample-2")) == ["a text that stays"]
    assert verified(log).holds


def test_no_byte_of_an_erased_row_is_left_once_it_is_scrubbed(log: EventLog, path: Path) -> None:
    """The rows beside it in the same block are packed anew."""
    (given,) = log.append("sample-1", [note("x", "first line", "private line", "last line")], METADATA)
    (before,) = bodies(log, "sample-1")
    with log.write() as writing:
        writing.erase_row(given.position, 1)
        writing.tables.rows.drop(LINES, ("default", "sample-1", given.position, 1))
    assert before in raw(path)
    assert occurrences(path, "private line") >= 1
    assert log.scrub() is True
    assert before not in raw(path)
    assert occurrences(path, "private line") == 0
    assert occurrences(path, "first line", "last line") >= 4


def test_content_of_many_pages_is_gone_as_well(log: EventLog, path: Path) -> None:
    """Blocks that do not fit a page are found in pieces before, and in no piece after."""
    lines = [sha256(b"%d" % place).hexdigest() * 4 for place in range(1000)]
    log.append("sample-1", [note("x", *lines)], METADATA)
    pieces = {body[at : at + 24] for body in bodies(log, "sample-1") for at in range(0, len(body) - 24, 24)}
    data = raw(path)
    assert sum(piece in data for piece in pieces) > 0.9 * len(pieces) > 1000
    erase(log, "sample-1")
    assert log.scrub() is True
    data = raw(path)
    assert not [piece for piece in pieces if piece in data]
    assert occurrences(path, *(line[:64] for line in lines)) == 0


def test_an_open_reader_keeps_erased_bytes_and_scrubbing_says_so(log: EventLog, path: Path) -> None:
    """Once it has left, scrubbing succeeds."""
    log.append("sample-1", [note("a private text", "private line")], METADATA)
    with log.read() as snapshot:
        erase(log, "sample-1")
        assert log.scrub() is False
        assert occurrences(path, "private line") >= 1
        assert texts(snapshot.read_stream("default", "sample-1")) == ["a private text"]
    assert log.scrub() is True
    assert occurrences(path, "private") == 0


def test_a_reader_in_another_store_keeps_erased_bytes_too(log: EventLog, path: Path) -> None:
    log.append("sample-1", [note("a private text", "private line")], METADATA)
    with closing(EventLog(SqliteStore(path), (LINES, TOTALS), CODEC)) as other:
        with other.read():
            erase(log, "sample-1")
            assert log.scrub() is False
        assert other.scrub() is True
    assert occurrences(path, "private") == 0


def erase_half(log: EventLog, path: Path, seed: int) -> list[str]:
    """Fills streams whose names are spread, so that pages split and merge, and erases half; answers what is to be gone."""

    def number(*parts: int) -> int:
        return sha256(".".join(map(str, (seed, *parts))).encode()).digest()[0]

    names = [f"sample-{sha256(b'%d.%d' % (seed, each)).hexdigest()[:24]}" for each in range(24)]
    for round_ in range(5):
        for each, name in enumerate(names):
            count = (1, 3, 30, 120)[number(each, round_) % 4]
            lines = (f"mail{each}x{round_}x{line}secret@example.com" for line in range(count))
            log.append(name, [note("x", *lines)], METADATA)
    gone = [each for each in range(24) if sha256(b"g%d.%d" % (seed, each)).digest()[0] % 2]
    words = [f"mail{each}x" for each in gone]
    assert occurrences(path, *words) > 1000
    for each in gone:
        erase(log, names[each])
    return words


@pytest.mark.parametrize("seed", [6, 15], ids=str)
def test_a_vacuum_takes_the_copies_that_moved_rows_left_behind(log: EventLog, path: Path, seed: int) -> None:
    """What an operator runs where no trace may be left: SQLite may leave copies in pages whose rows it moved to others."""
    words = erase_half(log, path, seed)
    with closing(sqlite3.connect(path)) as operator:
        operator.execute("VACUUM")
    assert log.scrub() is True
    assert occurrences(path, *words) == 0
    assert verified(log).holds
