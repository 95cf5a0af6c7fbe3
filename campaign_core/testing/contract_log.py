"""Whether a log over the store appends and reads as `EventLog` says."""

# ruff: noqa: D102 - the name of each test is its sentence
from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import attrs
import pytest

from campaign_core.audit.verify import Verification
from campaign_core.errors import InvalidMessage, MisuseError, WrongExpectedVersion
from campaign_core.log.entries import Append
from campaign_core.log.ports import Store
from campaign_core.recorded import Metadata, Proposed
from campaign_core.testing.samples import (
    AT,
    METADATA,
    METADATA_IN_FULL,
    Noted,
    Tag,
    Wiped,
    note,
    open_log,
    texts,
    together,
    verified,
)


class AppendContract:
    """`EventLog.append`, `Writing.append` and reading back."""

    def test_an_appended_event_comes_back_as_append_answered_it(self, store: Store) -> None:
        log = open_log(store)
        given = log.append("sample-1", [note("ü", "a line"), Proposed(Wiped())], METADATA_IN_FULL)
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
        for metadata in (METADATA_IN_FULL, without, attrs.evolve(without, **only)):
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
        log.append("sample-1", [note("now"), note("then", occurred_at=earlier)], METADATA_IN_FULL)
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
            assert texts(writing.read_stream("default", "sample-1")) == ["1", "2", "3", "4"]
            assert writing.head("default", "sample-2") == 2
        assert texts(log.read_stream("default", "sample-2")) == ["a", "b"]
        assert texts(log.read_all()) == ["1", "2", "3", "a", "4", "b"]
        assert verified(log) == Verification(events=6, streams=2, erased=0, problems=())

    def test_several_streams_are_appended_to_in_one_call(self, store: Store) -> None:
        """The events are answered in the order given, with their content, and each stream goes on from its head."""
        log = open_log(store)
        log.append("sample-2", [note("0")], METADATA)
        appends = (
            Append("sample-1", [note("1", "a line"), note("2")], 0),
            Append("sample-2", [note("3", "b line")], 1),
            Append("sample-3", []),
            Append("sample-1", [note("4")], 2),
            Append("sample-2", [note("5")]),
        )
        with log.write() as writing:
            given = writing.append_all(appends, METADATA_IN_FULL)
            assert writing.append_all((), METADATA) == []
        assert texts(given) == ["1", "2", "3", "4", "5"]
        assert [(each.stream[-1], each.version) for each in given] == [("1", 1), ("1", 2), ("2", 2), ("1", 3), ("2", 3)]
        assert log.read_all()[1:] == given
        with log.read() as snapshot:
            lines = [snapshot.content(each.position) for each in given]
        assert lines == [[{"line": "a line"}], [], [{"line": "b line"}], [], []]
        assert verified(log) == Verification(events=6, streams=2, erased=0, problems=())

    @pytest.mark.parametrize("place", [0, 1, 2], ids=["first", "in the middle", "last"])
    def test_a_conflict_among_several_appends_records_none(self, store: Store, place: int) -> None:
        log = open_log(store)
        log.append("sample-9", [note("there")], METADATA)
        appends = [Append("sample-1", [note("1", "a line")], 0), Append("sample-2", [note("2")])]
        appends.insert(place, Append("sample-9", [note("late")], 0))
        with pytest.raises(WrongExpectedVersion) as refused, log.write() as writing:
            writing.append_all(appends, METADATA)
        assert (refused.value.stream, refused.value.expected, refused.value.actual) == ("sample-9", 0, 1)
        assert texts(log.read_all()) == ["there"]
        assert verified(log).holds

    def test_content_is_erased_by_what_names_of_streams_begin_with(self, store: Store) -> None:
        """Payloads stay, digests stay, and streams that only look alike keep their content."""
        log = open_log(store)
        names = ["sample-1-1", "sample-1-2", "sample-10-1", "sample_1-1", "Sample-1-1"]
        for name in names:
            log.append(name, [note("x", "private"), note("y", "private", "too")], METADATA)
        with log.write() as writing:
            writing.erase_contents("default", "sample-1-")
            writing.erase_contents("second", "")
        with log.read() as snapshot:
            left = {
                name: [snapshot.content(each.position) for each in snapshot.read_stream("default", name)]
                for name in names
            }
        kept = [[{"line": "private"}], [{"line": "private"}, {"line": "too"}]]
        assert left == dict.fromkeys(names[2:], kept) | {name: [[None], [None, None]] for name in names[:2]}
        assert texts(log.read_stream("default", "sample-1-1")) == ["x", "y"]
        assert verified(log) == Verification(events=10, streams=5, erased=0, problems=())

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
        assert texts(log.read_all()) == ["1"]
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
        assert texts(log.read_stream("default", "sample-1")) == ["here"]
        assert texts(log.read_stream("second", "sample-1")) == ["there"]
        assert [each.workspace for each in log.read_all()] == ["default", "second"]
        assert verified(log).streams == 2

    def test_a_stream_and_the_log_are_read_in_parts(self, store: Store) -> None:
        log = open_log(store)
        for number in range(4):
            log.append("sample-1", [note(f"{number}")], METADATA)
            log.append("sample-2", [note("between")], METADATA)
        assert texts(log.read_stream("default", "sample-1", 2)) == ["2", "3"]
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
        assert texts(other.read_stream("default", "sample-1")) == ["1", "2", "3"]
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
        assert sorted(texts(history), key=str) == [f"{thread}.{number}" for thread in range(4) for number in range(5)]
        assert verified(log).holds
