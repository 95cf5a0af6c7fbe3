"""Whether private content over the store can be read row by row, erased for good, and checked."""

# ruff: noqa: D102 - the name of each test is its sentence
from __future__ import annotations

from collections.abc import Callable
from typing import Final

import attrs
import pytest

from campaign_core.audit.verify import Verification
from campaign_core.errors import CorruptLog
from campaign_core.log.content import seal
from campaign_core.log.ports import Block, Store, Tables
from campaign_core.recorded import Proposed, Rows
from campaign_core.testing.samples import (
    METADATA,
    METADATA_IN_FULL,
    Noted,
    entry,
    note,
    open_log,
    texts,
    verified,
)

#: Three hundred rows: three blocks, the last not full.
_LINES: Final = tuple(f"line {place} ☂ \"'\\\n" for place in range(300))


class ContentContract:
    """Private content: kept apart, read by row, erased for good."""

    @pytest.mark.parametrize("sealed", [False, True], ids=["plain", "sealed before"])
    @pytest.mark.parametrize("count", [1, 2, 127, 128, 129, 300], ids=str)
    def test_content_comes_back_row_by_row(self, store: Store, count: int, sealed: bool) -> None:
        """However many blocks it fills; other events' content lies apart."""
        log = open_log(store)
        rows = Rows(tuple({"line": line, "ü": "", "": "x"} for line in _LINES[:count]))
        given = log.append(
            "sample-1",
            [note("before", "other"), Proposed(Noted(text="x"), seal(rows) if sealed else rows), note("bare")],
            METADATA,
        )
        with log.read() as snapshot:
            position = given[1].position
            assert snapshot.content(position) == list(rows)
            assert [snapshot.content_row(position, place) for place in range(count)] == list(rows)
            assert snapshot.content_row(position, count) is None
            assert snapshot.content(given[0].position) == [{"line": "other"}]
            assert snapshot.content(given[2].position) == []
            assert snapshot.content_row(given[2].position, 0) is None
        assert [each.content_root is not None for each in log.read_all()] == [True, True, False]
        assert verified(log).holds

    @pytest.mark.parametrize("place", [0, 127, 128, 255, 256, 299], ids=str)
    def test_erasing_a_row_takes_that_row_and_nothing_else(self, store: Store, place: int) -> None:
        """Events, their links and roots stay as they are, and all of it still checks."""
        log = open_log(store)
        (given,) = log.append("sample-1", [note("x", *_LINES)], METADATA)
        before = log.read_all()
        for _ in range(2):
            with log.write() as writing:
                writing.erase_row(given.position, place)
            with log.read() as snapshot:
                left = snapshot.content(given.position)
                assert left == [None if at == place else {"line": line} for at, line in enumerate(_LINES)]
                assert snapshot.content_row(given.position, place) is None
            assert log.read_all() == before
            assert verified(log) == Verification(events=1, streams=1, erased=0, problems=())

    def test_every_row_of_a_block_can_be_erased(self, store: Store) -> None:
        log = open_log(store)
        (given,) = log.append("sample-1", [note("x", *_LINES)], METADATA)
        with log.write() as writing:
            for place in range(120, 260):
                writing.erase_row(given.position, place)
        with log.read() as snapshot:
            left = snapshot.content(given.position)
            assert [place for place, row in enumerate(left) if row is None] == list(range(120, 260))
            assert [each.body is None for each in snapshot.tables.contents.blocks(given.position)] == [
                False,
                True,
                False,
            ]
        assert verified(log).holds

    def test_erasing_what_is_not_there_changes_nothing(self, store: Store) -> None:
        log = open_log(store)
        given = log.append("sample-1", [note("x", "line"), note("bare")], METADATA)
        with log.write() as writing:
            writing.erase_row(given[0].position, 1)
            writing.erase_row(given[1].position, 0)
            writing.erase_stream("default", "sample-2")
        with log.read() as snapshot:
            assert snapshot.content(given[0].position) == [{"line": "line"}]
        assert log.read_all() == given

    def test_erasing_a_stream_leaves_envelopes_and_the_newest_payload(self, store: Store) -> None:
        """All its content is gone, other streams stay whole, everything checks, and the stream goes on."""
        log = open_log(store)
        erased = log.append("sample-1", [note("1", *_LINES), note("2"), note("3", "line")], METADATA_IN_FULL)
        kept = log.append("sample-2", [note("other", "line")], METADATA_IN_FULL)
        with log.write() as writing:
            writing.erase_stream("default", "sample-1")
            assert texts(writing.read_stream("default", "sample-1")) == [None, None, "3"]
        assert log.read_stream("default", "sample-1") == [
            attrs.evolve(erased[0], event=None),
            attrs.evolve(erased[1], event=None),
            erased[2],
        ]
        with log.read() as snapshot:
            assert snapshot.content(erased[0].position) == [None] * 300
            assert snapshot.content(erased[2].position) == [None]
            assert snapshot.content(kept[0].position) == [{"line": "line"}]
        assert log.read_stream("default", "sample-2") == kept
        assert verified(log) == Verification(events=4, streams=2, erased=2, problems=())
        log.append("sample-1", [note("4", "line")], METADATA, 3)
        assert texts(log.read_stream("default", "sample-1")) == [None, None, "3", "4"]
        assert verified(log).holds

    def test_an_erasure_that_is_broken_off_erases_nothing(self, store: Store) -> None:
        log = open_log(store)
        given = log.append("sample-1", [note("1", "line"), note("2")], METADATA)

        def broken_off() -> None:
            with log.write() as writing:
                writing.erase_stream("default", "sample-1")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            broken_off()
        assert log.read_all() == given
        with log.read() as snapshot:
            assert snapshot.content(given[0].position) == [{"line": "line"}]

    def test_erased_bytes_are_scrubbed_where_nobody_reads(self, store: Store) -> None:
        log = open_log(store)
        log.append("sample-1", [note("1", "line"), note("2")], METADATA)
        with log.write() as writing:
            writing.erase_stream("default", "sample-1")
        assert log.scrub() is True
        assert texts(log.read_all()) == [None, "2"]


def _forge_digest(tables: Tables) -> None:
    tables.events.insert([entry(9, stream="sample-9")._replace(content_root=None)])


def _forge_link(tables: Tables) -> None:
    copied = tables.events.stream("default", "sample-1")[0]
    tables.events.insert([copied._replace(position=9, stream="sample-9")])


def _exchange_rows(tables: Tables) -> None:
    position = tables.events.stream("default", "sample-1")[0].position
    other = tables.events.stream("default", "sample-2")[0].position
    (block,) = tables.contents.blocks(other)
    tables.contents.replace(position, 0, block.body)


def _spoil_rows(tables: Tables) -> None:
    position = tables.events.stream("default", "sample-1")[0].position
    tables.contents.replace(position, 0, b"no block at all")


def _add_rows(tables: Tables) -> None:
    bare = tables.events.stream("default", "sample-1")[1].position
    (block,) = seal([{"line": "smuggled"}]).blocks
    tables.contents.insert(bare, [Block(*block)])


class VerificationContract:
    """`verify` over the store: whatever was changed behind the log's back is found."""

    def test_an_empty_log_checks(self, store: Store) -> None:
        assert verified(open_log(store)) == Verification(events=0, streams=0, erased=0, problems=())

    def test_a_log_longer_than_what_is_read_at_once_is_checked_to_its_end(self, store: Store) -> None:
        log = open_log(store)
        with log.write() as writing:
            for number in range(7):
                writing.append(f"sample-{number % 2}", [note(f"{each}") for each in range(300)], METADATA)
        assert verified(log) == Verification(events=2100, streams=2, erased=0, problems=())

    @pytest.mark.parametrize(
        "tamper",
        [
            pytest.param(_forge_digest, id="an event with another digest"),
            pytest.param(_forge_link, id="an event copied into another stream"),
            pytest.param(_exchange_rows, id="rows of another event"),
            pytest.param(_spoil_rows, id="rows that cannot be unpacked"),
            pytest.param(_add_rows, id="rows that were not there"),
        ],
    )
    def test_a_forgery_is_found(self, store: Store, tamper: Callable[[Tables], None]) -> None:
        """Through the store's own tables, so that the store takes it; before it, everything checks."""
        log = open_log(store)
        log.append("sample-1", [note("1", "line"), note("2")], METADATA)
        log.append("sample-2", [note("other", "other line")], METADATA)
        assert verified(log).holds
        with store.writing() as tables:
            tamper(tables)
        assert verified(log).problems

    def test_a_payload_of_another_shape_is_corrupt(self, store: Store) -> None:
        """Reading it says so instead of guessing."""
        log = open_log(store)
        with store.writing() as tables:
            tables.events.insert([entry(1)._replace(name="sample.noted", schema=1, payload=b'{"text":1}')])
        with pytest.raises(CorruptLog):
            log.read_all()
        assert not verified(log).holds
