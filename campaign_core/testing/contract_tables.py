"""Whether a store's events, private contents and registers are what their ports say, sentence by sentence."""

# ruff: noqa: D102 - the name of each test is its sentence
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import pytest

from campaign_core.errors import WrongExpectedVersion
from campaign_core.log.ports import Block, Entry, Head, Store, Tables
from campaign_core.testing.samples import entry, follow, together

_DIGESTS: Final = [bytes([place]) * 32 for place in range(6)]
#: Six rows in three blocks, the last of one row, with bytes that no text could hold.
_BLOCKS: Final = [
    Block(0, b"".join(_DIGESTS[0:2]), b"\x00\xff first"),
    Block(2, b"".join(_DIGESTS[2:5]), b"second"),
    Block(5, _DIGESTS[5], b"third"),
]


def _written(store: Store, *entries: Entry) -> None:
    with store.writing() as tables:
        for each in entries:
            tables.events.insert([each])


class EventsContract:
    """`Tables.events`."""

    def test_an_empty_log_has_no_position_and_no_heads(self, store: Store) -> None:
        with store.reading() as tables:
            assert tables.events.last_position() == 0
            assert tables.events.head("default", "sample-1") == Head(0, 0, b"")
            assert tables.events.stream("default", "sample-1") == []
            assert tables.events.all(0, 10) == []

    def test_an_entry_comes_back_with_every_field_as_it_was_given(self, store: Store) -> None:
        full = entry(1)
        bare = follow(full, 2)
        _written(store, full, bare)
        with store.reading() as tables:
            assert tables.events.stream("default", "sample-1") == [full, bare]
            assert tables.events.all(0, 10) == [full, bare]
            assert [type(value) for value in tables.events.all(0, 1)[0]] == [type(value) for value in full]

    def test_the_head_is_the_newest_event_of_the_stream(self, store: Store) -> None:
        first = entry(1)
        second = follow(first, 2)
        _written(store, first)
        with store.reading() as tables:
            assert tables.events.head("default", "sample-1") == Head(1, 1, first.link)
        _written(store, second)
        with store.reading() as tables:
            assert tables.events.head("default", "sample-1") == Head(2, 2, second.link)
            assert tables.events.last_position() == 2

    def test_several_entries_are_added_in_order(self, store: Store) -> None:
        first = entry(1)
        second = follow(first, 2)
        third = follow(second, 3)
        with store.writing() as tables:
            tables.events.insert([first, second, third])
            assert tables.events.head("default", "sample-1") == Head(3, 3, third.link)
            assert tables.events.stream("default", "sample-1") == [first, second, third]

    def test_a_stream_is_told_apart_by_name_and_workspace(self, store: Store) -> None:
        """Streams that lie between each other in the log come back each for itself."""
        here, there, other = entry(1), entry(2, workspace="second"), entry(3, stream="SAMPLE-1")
        later = follow(here, 4)
        _written(store, here, there, other, later)
        with store.reading() as tables:
            assert tables.events.stream("default", "sample-1") == [here, later]
            assert tables.events.stream("second", "sample-1") == [there]
            assert tables.events.stream("default", "SAMPLE-1") == [other]
            assert tables.events.stream("second", "SAMPLE-1") == []
            assert tables.events.head("second", "sample-1").position == 2
            assert tables.events.all(0, 10) == [here, there, other, later]

    @pytest.mark.parametrize("after", range(5))
    def test_a_stream_is_read_after_a_version(self, store: Store, after: int) -> None:
        """Oldest first; nothing where there is no later version."""
        first = entry(1)
        second = follow(first, 5)
        third = follow(second, 6)
        _written(store, first, second, entry(7, stream="sample-2"), third._replace(position=9))
        with store.reading() as tables:
            versions = [each.version for each in tables.events.stream("default", "sample-1", after)]
        assert versions == [version for version in (1, 2, 3) if version > after]

    @pytest.mark.parametrize("limit", [0, 1, 2, 4, 100])
    @pytest.mark.parametrize("after", [0, 3, 4, 8, 9, 10])
    def test_the_log_is_read_after_a_position_up_to_a_limit(self, store: Store, after: int, limit: int) -> None:
        """Positions have gaps; they say where an event stands, not how many there are."""
        written = [entry(position, stream=f"sample-{position}") for position in (2, 4, 5, 9)]
        _written(store, *written)
        with store.reading() as tables:
            assert tables.events.last_position() == 9
            assert tables.events.all(after, limit) == [each for each in written if each.position > after][:limit]

    @pytest.mark.parametrize(
        ("version", "previous"),
        [
            pytest.param(1, 0, id="begins a stream that is there"),
            pytest.param(2, 1, id="follows an event that is not the newest"),
            pytest.param(4, 5, id="leaves a version out"),
            pytest.param(3, 1, id="points at another event than the newest"),
        ],
    )
    def test_an_entry_that_does_not_follow_the_head_is_refused(self, store: Store, version: int, previous: int) -> None:
        """The error says which version the head has, and nothing is added."""
        first = entry(1)
        second = follow(first, 5)
        _written(store, first, second)
        with pytest.raises(WrongExpectedVersion) as refused:
            _written(store, entry(6, version, previous))
        assert (refused.value.stream, refused.value.expected) == ("sample-1", version - 1)
        assert refused.value.actual == 2
        with store.reading() as tables:
            assert tables.events.all(0, 10) == [first, second]
            assert tables.events.head("default", "sample-1") == Head(2, 5, second.link)

    @pytest.mark.parametrize(("version", "previous"), [(2, 0), (2, 1), (1, 1)], ids=["gap", "ghost", "first with past"])
    def test_a_stream_begins_with_version_1_and_nothing_before_it(
        self, store: Store, version: int, previous: int
    ) -> None:
        _written(store, entry(1, stream="sample-2"))
        with pytest.raises(WrongExpectedVersion) as refused:
            _written(store, entry(2, version, previous))
        assert (refused.value.expected, refused.value.actual) == (version - 1, 0)
        with store.reading() as tables:
            assert tables.events.head("default", "sample-1") == Head()

    def test_a_second_stream_does_not_hide_a_conflict_in_the_first(self, store: Store) -> None:
        """Both appends of the transaction are undone."""
        _written(store, entry(1))
        with pytest.raises(WrongExpectedVersion):
            _written(store, entry(2, stream="sample-2"), entry(3))
        with store.reading() as tables:
            assert [each.position for each in tables.events.all(0, 10)] == [1]

    def test_the_heads_of_several_streams_are_answered_by_name(self, store: Store) -> None:
        """Of one workspace; a stream that does not exist is left out, one named twice is there once."""
        first, there = entry(1), entry(2, workspace="second")
        later, other = follow(first, 3), entry(4, stream="SAMPLE-1")
        _written(store, first, there, later, other)
        with store.reading() as tables:
            asked = ["sample-1", "sample-2", "SAMPLE-1", "sample-1", "sample_1", "sample-%", ""]
            expected = {"sample-1": Head(2, 3, later.link), "SAMPLE-1": Head(1, 4, other.link)}
            assert tables.events.heads("default", asked) == expected
            assert tables.events.heads("second", asked) == {"sample-1": Head(1, 2, there.link)}
            assert tables.events.heads("third", asked) == {}
            assert tables.events.heads("default", []) == {}

    def test_the_heads_of_many_streams_are_answered_at_once(self, store: Store) -> None:
        """More than one statement could name."""
        names = [f"sample-{number}" for number in range(2500)]
        with store.writing() as tables:
            tables.events.insert([entry(place, stream=name) for place, name in enumerate(names, 1)])
        with store.reading() as tables:
            heads = tables.events.heads("default", [*names, "sample-x"])
            assert sorted(heads) == sorted(names)
            assert [heads[name].position for name in names] == list(range(1, 2501))

    @pytest.mark.parametrize(
        ("prefix", "found"),
        [
            ("", ["SAMPLE-1", "sample%1", "sample-1", "sample-10", "sample-2", "sample_1", "sämple-1", "☂-1", "𝄞"]),
            ("sample-", ["sample-1", "sample-10", "sample-2"]),
            ("sample-1", ["sample-1", "sample-10"]),
            ("sample_", ["sample_1"]),
            ("sample%", ["sample%1"]),
            ("_", []),
            ("%", []),
            ("SAMPLE", ["SAMPLE-1"]),
            ("s", ["sample%1", "sample-1", "sample-10", "sample-2", "sample_1", "sämple-1"]),
            ("sä", ["sämple-1"]),
            ("☂", ["☂-1"]),
            ("𝄞", ["𝄞"]),
            ("\U0010ffff", []),
            ("sample-1 ", []),
            ("'", []),
        ],
        ids=ascii,
    )
    def test_streams_are_found_by_what_their_names_begin_with(
        self, store: Store, prefix: str, found: list[str]
    ) -> None:
        """Letter by letter, none of which stands for another; in the order of the characters; of one workspace."""
        names = ["sample-10", "☂-1", "sample-2", "SAMPLE-1", "sample_1", "𝄞", "sample%1", "sämple-1", "sample-1"]
        _written(store, *(entry(place, stream=name) for place, name in enumerate(names, 1)))
        _written(store, entry(50, stream="sample-second", workspace="second"), follow(entry(9, stream=names[-1]), 51))
        with store.reading() as tables:
            assert tables.events.streams("default", prefix) == found
            assert tables.events.streams("third", prefix) == []

    def test_entries_of_several_streams_are_added_at_once(self, store: Store) -> None:
        """Those of each in order, between those of the others; some streams begin, others go on."""
        there = entry(1, stream="sample-2")
        _written(store, there)
        first, other, third = entry(2), follow(there, 3), entry(4, stream="sample-3")
        second, later = follow(first, 5), follow(other, 6)
        with store.writing() as tables:
            tables.events.insert([first, other, third, second, later])
            assert tables.events.heads("default", ["sample-1", "sample-2", "sample-3"]) == {
                "sample-1": Head(2, 5, second.link),
                "sample-2": Head(3, 6, later.link),
                "sample-3": Head(1, 4, third.link),
            }
        with store.reading() as tables:
            assert tables.events.all(0, 10) == [there, first, other, third, second, later]
            assert tables.events.stream("default", "sample-2") == [there, other, later]

    @pytest.mark.parametrize("place", [0, 1, 2], ids=["first", "in the middle", "last"])
    def test_one_conflict_among_several_streams_leaves_nothing(self, store: Store, place: int) -> None:
        """The error names the stream that was at another version; no entry of the others is there."""
        there = entry(1, stream="sample-2")
        _written(store, there)
        entries = [entry(3), entry(5, stream="sample-3")]
        entries.insert(place, entry(4, stream="sample-2"))
        positioned = [each._replace(position=position) for position, each in enumerate(entries, 2)]
        with pytest.raises(WrongExpectedVersion) as refused, store.writing() as tables:
            tables.events.insert(positioned)
        assert (refused.value.stream, refused.value.expected, refused.value.actual) == ("sample-2", 0, 1)
        with store.reading() as tables:
            assert tables.events.all(0, 10) == [there]
            assert tables.events.streams("default", "") == ["sample-2"]
            assert tables.events.heads("default", ["sample-1", "sample-3"]) == {}

    def test_an_entry_never_appears_behind_one_that_was_read(self, store: Store) -> None:
        """Who reads on from the last position, while several write, has read the whole log in the end."""
        seen: list[Entry] = []

        def write(thread: int) -> Callable[[], None]:
            def work() -> None:
                for number in range(6):
                    with store.writing() as tables:
                        for position in tables.events.allocate(2):
                            tables.events.insert([entry(position, stream=f"sample-{thread}-{number}-{position}")])

            return work

        def read() -> None:
            while len(seen) < 3 * 6 * 2:
                with store.reading() as tables:
                    seen.extend(tables.events.all(seen[-1].position if seen else 0, 5))

        together([read, *(write(thread) for thread in range(3))])
        with store.reading() as tables:
            assert tables.events.all(0, 100) == seen

    def test_positions_rise_and_none_is_used_twice(self, store: Store) -> None:
        """Across streams, transactions, and transactions that were undone."""
        used: list[int] = []
        for round_ in range(4):
            with store.writing() as tables:
                for stream in ("sample-1", "sample-2"):
                    positions = list(tables.events.allocate(round_ + 1))
                    assert len(positions) == round_ + 1
                    used += positions
                    head = tables.events.head("default", stream)
                    for position in positions:
                        each = entry(position, head.version + 1, head.position, stream=stream)
                        tables.events.insert([each])
                        head = Head(each.version, each.position, each.link)
            with pytest.raises(RuntimeError):
                self._undone(store)
        assert used == sorted(set(used))
        assert used[0] > 0
        with store.reading() as tables:
            assert [each.position for each in tables.events.all(0, 100)] == used
            assert tables.events.last_position() == used[-1]

    @staticmethod
    def _undone(store: Store) -> None:
        with store.writing() as tables:
            tables.events.insert([entry(tables.events.allocate(3)[-1], stream="sample-3")])
            raise RuntimeError

    def test_new_positions_lie_behind_the_newest_event_however_few_there_are(self, store: Store) -> None:
        """A position is no count."""
        _written(store, entry(4), entry(1000, stream="sample-2"))
        with store.writing() as tables:
            first, second = tables.events.allocate(2)
        assert 1000 < first < second

    def test_no_positions_and_no_entries_are_nothing(self, store: Store) -> None:
        with store.writing() as tables:
            assert list(tables.events.allocate(0)) == []
            tables.events.insert([])
            assert tables.events.all(0, 10) == []

    def test_an_erasure_takes_salt_and_payload_and_leaves_everything_else(self, store: Store) -> None:
        """Of the events named, also when it is done twice; other events stay as they are."""
        first, second, third = entry(1), entry(2, stream="sample-2"), entry(3, stream="sample-3")
        _written(store, first, second, third)
        for _ in range(2):
            with store.writing() as tables:
                tables.events.erase([1, 3])
            with store.reading() as tables:
                assert tables.events.all(0, 10) == [
                    first._replace(salt=None, payload=None),
                    second,
                    third._replace(salt=None, payload=None),
                ]
                assert tables.events.stream("default", "sample-1") == [first._replace(salt=None, payload=None)]
                assert tables.events.head("default", "sample-1") == Head(1, 1, first.link)

    def test_a_stream_goes_on_after_an_erasure(self, store: Store) -> None:
        first = entry(1)
        second = follow(first, 2)
        _written(store, first)
        with store.writing() as tables:
            tables.events.erase([1])
        _written(store, second)
        with store.reading() as tables:
            assert tables.events.stream("default", "sample-1") == [first._replace(salt=None, payload=None), second]


def _insert(tables: Tables, position: int, blocks: Sequence[Block]) -> None:
    tables.events.insert([entry(position, stream=f"sample-{position}")])
    tables.contents.insert(position, blocks)


class BlocksContract:
    """`Tables.contents`."""

    def test_content_comes_back_block_by_block(self, store: Store) -> None:
        with store.writing() as tables:
            _insert(tables, 7, _BLOCKS)
            _insert(tables, 8, _BLOCKS[:1])
            assert tables.contents.blocks(7) == _BLOCKS
        with store.reading() as tables:
            assert tables.contents.blocks(7) == _BLOCKS
            assert tables.contents.blocks(8) == _BLOCKS[:1]
            assert tables.contents.blocks(9) == []

    @pytest.mark.parametrize(("place", "block"), [(0, 0), (1, 0), (2, 1), (3, 1), (4, 1), (5, 2)], ids=str)
    def test_a_place_names_the_block_that_holds_it(self, store: Store, place: int, block: int) -> None:
        with store.writing() as tables:
            _insert(tables, 7, _BLOCKS)
        with store.reading() as tables:
            assert tables.contents.blocks(7, place) == [_BLOCKS[block]]

    @pytest.mark.parametrize(("position", "place"), [(7, 6), (7, 1000), (8, 0)], ids=["behind", "far", "other event"])
    def test_a_place_that_is_not_there_has_no_block(self, store: Store, position: int, place: int) -> None:
        with store.writing() as tables:
            _insert(tables, 7, _BLOCKS)
        with store.reading() as tables:
            assert tables.contents.blocks(position, place) == []

    @pytest.mark.parametrize("body", [None, b"", b"other \x00"], ids=["erased", "empty", "other"])
    def test_replacing_a_body_leaves_digests_and_other_blocks(self, store: Store, body: bytes | None) -> None:
        with store.writing() as tables:
            _insert(tables, 7, _BLOCKS)
            _insert(tables, 8, _BLOCKS)
            tables.contents.replace(7, 2, body)
        with store.reading() as tables:
            assert tables.contents.blocks(7) == [_BLOCKS[0], _BLOCKS[1]._replace(body=body), _BLOCKS[2]]
            assert tables.contents.blocks(7, 4) == [_BLOCKS[1]._replace(body=body)]
            assert tables.contents.blocks(8) == _BLOCKS


class RegistersContract:
    """`Tables.registers`."""

    def test_a_value_is_kept_by_kind_workspace_and_key(self, store: Store) -> None:
        values = {
            ("kind", "default", "key"): b"1",
            ("other", "default", "key"): b"2",
            ("kind", "second", "key"): b"3",
            ("kind", "default", "KEY"): b"\x00\xff",
            ("kind", "default", "schlüssel ☂"): b"",
        }
        with store.writing() as tables:
            for name, value in values.items():
                tables.registers.put(*name, value)
        with store.reading() as tables:
            assert {name: tables.registers.get(*name) for name in values} == values
            assert tables.registers.get("kind", "third", "key") is None

    def test_putting_replaces_and_removing_removes(self, store: Store) -> None:
        """Removing what is not there is harmless."""
        with store.writing() as tables:
            tables.registers.put("kind", "default", "key", b"1")
            tables.registers.put("kind", "default", "key", b"2")
            assert tables.registers.get("kind", "default", "key") == b"2"
            tables.registers.put("kind", "default", "stays", b"3")
            for _ in range(2):
                tables.registers.remove("kind", "default", "key")
                assert tables.registers.get("kind", "default", "key") is None
        with store.reading() as tables:
            assert tables.registers.scan("kind", "default") == [("stays", b"3")]

    def test_a_scan_answers_one_kind_and_workspace_by_key(self, store: Store) -> None:
        """Keys are in the order of their characters, capitals first."""
        keys = ["b", "a", "B", "10", "9", "ä", "☂"]
        with store.writing() as tables:
            for key in keys:
                tables.registers.put("kind", "default", key, key.encode())
            tables.registers.put("kind", "second", "z", b"")
            tables.registers.put("other", "default", "z", b"")
        with store.reading() as tables:
            expected = [(key, key.encode()) for key in ("10", "9", "B", "a", "b", "ä", "☂")]
            assert [tuple(each) for each in tables.registers.scan("kind", "default")] == expected
            assert tables.registers.scan("kind", "third") == []
