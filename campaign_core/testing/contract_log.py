"""Whether a log over the store appends, reads and erases as `EventLog` says, and still checks afterwards."""

# ruff: noqa: D102 - the name of each test is its sentence
from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any, Final

import attrs
import pytest

from campaign_core.audit.verify import Verification, verify
from campaign_core.errors import CorruptLog, InvalidMessage, MisuseError, WrongExpectedVersion
from campaign_core.log.content import seal
from campaign_core.log.log import EventLog
from campaign_core.log.ports import Block, Store, Tables
from campaign_core.log.transaction import Reading
from campaign_core.recorded import Metadata, Proposed, Recorded, Rows
from campaign_core.testing.samples import AT, CODEC, METADATA, Noted, Tag, Wiped, entry, note, together

_FULL: Final = Metadata(
    workspace="default",
    actor="Zoë ☂ <zoe@example.com>",
    command="command-1",
    causation="causation-2",
    correlation="correlation-3",
    recorded_at=AT,
)
#: Three hundred rows: three blocks, the last not full.
_LINES: Final = tuple(f"line {place} ☂ \"'\\\n" for place in range(300))


def open_log(store: Store) -> EventLog:
    """A log of sample events over the store, without views."""
    return EventLog(store, (), CODEC)


def verified(log: EventLog) -> Verification:
    """What a verification of the log finds."""
    with log.read() as snapshot:
        return verify(snapshot)


def _texts(history: list[Recorded]) -> list[str | None]:
    return [None if each.event is None else each.event.text for each in history]


class AppendContract:
    """`EventLog.append`, `Writing.append` and reading back."""

    def test_an_appended_event_comes_back_as_append_answered_it(self, store: Store) -> None:
        log = open_log(store)
        given = log.append("sample-1", [note("ü", "a line"), Proposed(Wiped())], _FULL)
        assert log.read_stream("default", "sample-1") == given
        assert log.read_all() == given
        assert [each.event for each in given] == [Noted(text="ü"), Wiped()]
        assert [(each.stream, each.version) for each in given] == [("sample-1", 1), ("sample-1", 2)]
        assert [(each.name, each.schema) for each in given] == [("sample.noted", 1), ("sample.wiped", 1)]
        assert given[0].position < given[1].position
        assert log.head("default", "sample-1") == 2

    @pytest.mark.parametrize("name", ["actor", "command", "causation", "correlation"])
    def test_metadata_is_kept_as_it_was_given(self, store: Store, name: str) -> None:
        """Each field for itself, so that none is taken for another; None stays None."""
        log = open_log(store)
        without = Metadata(workspace="default", actor="a", recorded_at=AT)
        only: dict[str, Any] = {name: "only"}
        for metadata in (_FULL, without, attrs.evolve(without, **only)):
            (given,) = log.append("sample-1", [note("x")], metadata)
            assert given.metadata == metadata
            assert log.read_stream("default", "sample-1")[-1].metadata == metadata

    def test_metadata_that_would_make_links_ambiguous_is_refused(self, store: Store) -> None:
        """Nothing is appended."""
        log = open_log(store)
        for wrong in ("two\nlines", "", "x" * 201):
            with pytest.raises(InvalidMessage):
                log.append("sample-1", [note("x")], attrs.evolve(METADATA, actor=wrong))
        assert log.read_all() == []

    def test_an_event_happened_when_it_was_recorded_unless_it_is_said_to_be_otherwise(self, store: Store) -> None:
        """Instants keep their microseconds and lose only the zone they were told in."""
        log = open_log(store)
        earlier = datetime(2029, 12, 31, 23, 59, 59, 999_999, tzinfo=timezone(timedelta(hours=-5)))
        log.append("sample-1", [note("now"), note("then", occurred_at=earlier)], _FULL)
        now, then = log.read_stream("default", "sample-1")
        assert (now.occurred_at, now.metadata.recorded_at) == (AT, AT)
        assert (then.occurred_at, then.metadata.recorded_at) == (earlier, AT)
        assert then.occurred_at.utcoffset() == timedelta(0)

    def test_appending_nothing_records_nothing(self, store: Store) -> None:
        log = open_log(store)
        assert log.append("sample-1", [], METADATA) == []
        assert log.head("default", "sample-1") == 0
        assert log.read_all() == []

    def test_an_event_the_log_does_not_know_is_refused(self, store: Store) -> None:
        """The events beside it are not recorded either."""
        log = open_log(store)
        with pytest.raises(MisuseError):
            log.append("sample-1", [note("x"), Proposed(Tag("no event", 1))], METADATA)
        assert log.read_all() == []

    @pytest.mark.parametrize(("there", "expected"), [(0, 1), (2, 0), (2, 1), (2, 3)], ids=str)
    def test_a_conflict_says_which_version_was_expected_and_which_it_is(
        self, store: Store, there: int, expected: int
    ) -> None:
        log = open_log(store)
        log.append("sample-1", [note("there")] * there, METADATA)
        with pytest.raises(WrongExpectedVersion) as refused:
            log.append("sample-1", [note("late")], METADATA, expected)
        assert (refused.value.stream, refused.value.expected, refused.value.actual) == ("sample-1", expected, there)
        assert log.head("default", "sample-1") == there

    def test_one_transaction_appends_to_several_streams(self, store: Store) -> None:
        """Each with the version it expects, several times if need be; what it wrote it reads."""
        log = open_log(store)
        log.append("sample-1", [note("1")], METADATA)
        with log.write() as writing:
            writing.append("sample-1", [note("2"), note("3")], METADATA, 1)
            writing.append("sample-2", [note("a", "line")], METADATA, 0)
            writing.append("sample-1", [note("4")], METADATA, 3)
            writing.append("sample-2", [note("b")], METADATA, 1)
            assert _texts(writing.read_stream("default", "sample-1")) == ["1", "2", "3", "4"]
            assert writing.head("default", "sample-2") == 2
        assert _texts(log.read_stream("default", "sample-2")) == ["a", "b"]
        assert _texts(log.read_all()) == ["1", "2", "3", "a", "4", "b"]
        assert verified(log) == Verification(events=6, streams=2, erased=0, problems=())

    def test_a_conflict_in_one_stream_undoes_all(self, store: Store) -> None:
        """Events, content and registers written before it in the transaction."""
        log = open_log(store)
        log.append("sample-1", [note("1")], METADATA)

        def conflict() -> None:
            with log.write() as writing:
                (first,) = writing.append("sample-2", [note("a", "line")], METADATA, 0)
                writing.tables.registers.put("kind", "default", "key", b"value")
                assert writing.content(first.position) == [{"line": "line"}]
                writing.append("sample-1", [note("2")], METADATA, 0)

        with pytest.raises(WrongExpectedVersion):
            conflict()
        assert _texts(log.read_all()) == ["1"]
        with log.read() as snapshot:
            assert snapshot.tables.registers.get("kind", "default", "key") is None
            assert snapshot.head("default", "sample-2") == 0
        # The next event may stand where the undone one stood; it finds no content there.
        (given,) = log.append("sample-2", [note("b")], METADATA, 0)
        with log.read() as snapshot:
            assert snapshot.content(given.position) == []
        assert verified(log).holds

    def test_workspaces_do_not_see_each_other(self, store: Store) -> None:
        log = open_log(store)
        elsewhere = attrs.evolve(METADATA, workspace="second")
        log.append("sample-1", [note("here")], METADATA, 0)
        log.append("sample-1", [note("there")], elsewhere, 0)
        assert _texts(log.read_stream("default", "sample-1")) == ["here"]
        assert _texts(log.read_stream("second", "sample-1")) == ["there"]
        assert [each.workspace for each in log.read_all()] == ["default", "second"]
        assert verified(log).streams == 2

    def test_a_stream_and_the_log_are_read_in_parts(self, store: Store) -> None:
        log = open_log(store)
        for number in range(4):
            log.append("sample-1", [note(f"{number}")], METADATA)
            log.append("sample-2", [note("between")], METADATA)
        assert _texts(log.read_stream("default", "sample-1", 2)) == ["2", "3"]
        everything = log.read_all()
        for place, each in enumerate(everything):
            assert log.read_all(each.position, 3) == everything[place + 1 : place + 4]

    def test_two_logs_over_one_store_see_each_other(self, store: Store) -> None:
        """A log keeps nothing in its head that another could outdate."""
        one, other = open_log(store), open_log(store)
        one.append("sample-1", [note("1")], METADATA, 0)
        other.append("sample-1", [note("2")], METADATA, 1)
        with pytest.raises(WrongExpectedVersion):
            one.append("sample-1", [note("late")], METADATA, 1)
        one.append("sample-1", [note("3")], METADATA, 2)
        assert _texts(other.read_stream("default", "sample-1")) == ["1", "2", "3"]
        assert verified(other).holds

    def test_threads_that_expect_a_version_lose_no_event(self, store: Store) -> None:
        """Whoever meets a conflict reads again and finds its event once in the stream in the end."""
        log = open_log(store)

        def append(thread: int) -> Callable[[], None]:
            def work() -> None:
                for number in range(5):
                    version = log.head("default", "sample-1")
                    while True:
                        try:
                            log.append("sample-1", [note(f"{thread}.{number}", "line")], METADATA, version)
                        except WrongExpectedVersion as conflict:
                            version = conflict.actual
                        else:
                            break

            return work

        together([append(thread) for thread in range(4)])
        history = log.read_stream("default", "sample-1")
        assert [each.version for each in history] == list(range(1, 21))
        assert sorted(_texts(history), key=str) == [f"{thread}.{number}" for thread in range(4) for number in range(5)]
        assert verified(log).holds


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
        erased = log.append("sample-1", [note("1", *_LINES), note("2"), note("3", "line")], _FULL)
        kept = log.append("sample-2", [note("other", "line")], _FULL)
        with log.write() as writing:
            writing.erase_stream("default", "sample-1")
            assert _texts(writing.read_stream("default", "sample-1")) == [None, None, "3"]
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
        assert _texts(log.read_stream("default", "sample-1")) == [None, None, "3", "4"]
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
        assert _texts(log.read_all()) == [None, "2"]


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
        with store.reading() as tables, pytest.raises(CorruptLog):
            Reading(tables, CODEC).read_all()
        assert not verified(log).holds
