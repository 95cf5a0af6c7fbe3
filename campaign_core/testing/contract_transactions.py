"""Whether a store's transactions are what its port says: exclusive, all or nothing, snapshots to read, safe for threads."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

import pytest

from campaign_core.errors import CampaignError
from campaign_core.log.ports import Block, Head, Store, Tables
from campaign_core.testing.samples import SAMPLES, SampleRow, elsewhere, entry, follow, together
from campaign_core.views.view import Query

_ROW: Final = SampleRow(workspace="default", group=UUID(int=1), number=1, text="before")
_BLOCK: Final = Block(0, bytes(32), b"body")
#: Every kind of change a transaction can make, on what `_begin` wrote.
_CHANGES: Final[dict[str, Callable[[Tables], None]]] = {
    "insert an event": lambda tables: tables.events.insert([follow(entry(1), 3)]),
    "begin a stream": lambda tables: tables.events.insert([entry(4, stream="sample-3")]),
    "erase an event": lambda tables: tables.events.erase([1]),
    "insert content": lambda tables: tables.contents.insert(2, [_BLOCK]),
    "replace content": lambda tables: tables.contents.replace(1, 0, None),
    "put a row": lambda tables: tables.rows.put(SAMPLES, [SampleRow(workspace="default", group=UUID(int=1), number=2)]),
    "replace a row": lambda tables: tables.rows.put(
        SAMPLES, [SampleRow(workspace="default", group=UUID(int=1), number=1, text="after")]
    ),
    "drop a row": lambda tables: tables.rows.drop(SAMPLES, ("default", UUID(int=1), 1)),
    "reset a view": lambda tables: tables.rows.define(SAMPLES, reset=True),
    "put a register": lambda tables: tables.registers.put("kind", "default", "new", b"new"),
    "replace a register": lambda tables: tables.registers.put("kind", "default", "key", b"after"),
    "remove a register": lambda tables: tables.registers.remove("kind", "default", "key"),
}
_each_change = pytest.mark.parametrize("change", [pytest.param(_CHANGES[name], id=name) for name in _CHANGES])


class Interrupted(BaseException):
    """Stands for whatever may end a block: Ctrl-C as well as an error."""


def _begin(store: Store) -> None:
    with store.writing() as tables:
        tables.events.insert([entry(1)])
        tables.events.insert([entry(2, stream="sample-2")])
        tables.contents.insert(1, [_BLOCK])
        tables.rows.define(SAMPLES, reset=True)
        tables.rows.put(SAMPLES, [_ROW])
        tables.registers.put("kind", "default", "key", b"before")


def _everything(tables: Tables) -> dict[str, Any]:
    """What the tables hold, as far as `_begin` and the changes touch it."""
    return {
        "last": tables.events.last_position(),
        "heads": [tables.events.head("default", stream) for stream in ("sample-1", "sample-3")],
        "streams": [tables.events.stream("default", stream) for stream in ("sample-1", "sample-3")],
        "events": tables.events.all(0, 100),
        "contents": [tables.contents.blocks(position) for position in (1, 2)],
        "rows": tables.rows.find(SAMPLES, Query()),
        "registers": tables.registers.scan("kind", "default"),
    }


def _now(store: Store) -> dict[str, Any]:
    with store.reading() as tables:
        return _everything(tables)


class TransactionContract:
    """`Store.reading` and `Store.writing`."""

    @_each_change
    def test_a_change_is_seen_inside_at_once_and_outside_when_the_transaction_ends(
        self, store: Store, change: Callable[[Tables], None]
    ) -> None:
        """Reading meanwhile does not wait and sees the log as it was."""
        _begin(store)
        before = _now(store)
        with store.writing() as tables:
            change(tables)
            inside = _everything(tables)
            assert elsewhere(lambda: _now(store)) == before
        assert inside != before
        assert _now(store) == inside

    @pytest.mark.parametrize(
        "error", [pytest.param(RuntimeError, id="error"), pytest.param(Interrupted, id="interrupt")]
    )
    @_each_change
    def test_an_exception_undoes_the_whole_transaction(
        self, store: Store, change: Callable[[Tables], None], error: type[BaseException]
    ) -> None:
        """The exception comes out as it is, and the next transaction finds the log as it was."""
        _begin(store)
        before = _now(store)

        def fail() -> None:
            with store.writing() as tables:
                change(tables)
                raise error("broken off")

        with pytest.raises(error, match="broken off"):
            fail()
        assert _now(store) == before
        with store.writing() as tables:
            assert _everything(tables) == before
            change(tables)
        assert _now(store) != before

    def test_the_changes_of_one_transaction_are_undone_together(self, store: Store) -> None:
        """An exception after every kind of change leaves none of them."""
        _begin(store)
        before = _now(store)

        def fail() -> None:
            with store.writing() as tables:
                for change in _CHANGES.values():
                    change(tables)
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail()
        assert _now(store) == before

    @_each_change
    def test_a_snapshot_stands_as_it_stood_when_it_was_entered(
        self, store: Store, change: Callable[[Tables], None]
    ) -> None:
        """Though nothing was read before the change."""
        _begin(store)
        before = _now(store)

        def write() -> None:
            with store.writing() as tables:
                change(tables)

        with store.reading() as early:
            elsewhere(write)
            assert _everything(early) == before
            after = elsewhere(lambda: _now(store))
            assert after != before
            assert _everything(early) == before
        assert _now(store) == after

    @_each_change
    def test_writing_into_a_snapshot_changes_nothing(self, store: Store, change: Callable[[Tables], None]) -> None:
        """It is refused with an error of this library, or it is lost with the snapshot."""
        _begin(store)
        before = _now(store)
        with suppress(CampaignError), store.reading() as tables:
            change(tables)
        assert _now(store) == before
        with store.writing() as tables:
            assert _everything(tables) == before

    def test_writers_take_turns(self, store: Store) -> None:
        """What one reads and writes back is never overwritten by another that read the same."""
        with store.writing() as tables:
            tables.registers.put("kind", "default", "count", b"0")

        def count_up() -> None:
            for _ in range(10):
                with store.writing() as tables:
                    value = tables.registers.get("kind", "default", "count")
                    assert value is not None
                    # Whoever could get in between is given the time to.
                    elsewhere(lambda: _count(store))
                    tables.registers.put("kind", "default", "count", str(int(value) + 1).encode())

        together([count_up] * 4)
        assert _count(store) == 40

    def test_a_writer_sees_what_the_writer_before_it_wrote(self, store: Store) -> None:
        """A transaction that had to wait begins where the other ended."""
        _begin(store)
        seen: list[Head] = []

        def write(position: int) -> Callable[[], None]:
            def work() -> None:
                with store.writing() as tables:
                    head = tables.events.head("default", "sample-1")
                    seen.append(head)
                    (given,) = tables.events.allocate(1)
                    tables.events.insert([entry(given, head.version + 1, head.position)])

            return work

        together([write(position) for position in range(8)])
        assert [head.version for head in seen] == list(range(1, 9))
        with store.reading() as tables:
            stream = tables.events.stream("default", "sample-1")
        assert [each.version for each in stream] == list(range(1, 10))
        assert [each.previous for each in stream[1:]] == [each.position for each in stream[:-1]]

    def test_threads_read_and_write_at_once(self, store: Store) -> None:
        """Each reader sees the rows of whole transactions and no others."""
        with store.writing() as tables:
            tables.rows.define(SAMPLES, reset=True)

        def write(group: int) -> Callable[[], None]:
            def work() -> None:
                for round_ in range(5):
                    rows = [
                        SampleRow(workspace="default", group=UUID(int=group), number=round_ * 10 + each)
                        for each in range(10)
                    ]
                    with store.writing() as tables:
                        for row in rows:
                            tables.rows.put(SAMPLES, [row])

            return work

        def read() -> None:
            for _ in range(25):
                with store.reading() as tables:
                    count = tables.rows.count(SAMPLES, Query())
                    assert count % 10 == 0
                    assert len(tables.rows.find(SAMPLES, Query())) == count

        together([write(1), read, write(2), read])
        with store.reading() as tables:
            assert tables.rows.count(SAMPLES, Query()) == 100


def _count(store: Store) -> int:
    with store.reading() as tables:
        return int(tables.registers.get("kind", "default", "count") or b"-1")
