"""Whether views over the store are folded in the events' transaction and can be made anew from the log."""

# ruff: noqa: D102 - the name of each test is its sentence
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import attrs
import pytest

from campaign_core.errors import MisuseError, ViewFailed
from campaign_core.log.log import EventLog
from campaign_core.log.ports import Store
from campaign_core.log.transaction import Reading
from campaign_core.recorded import Proposed, Recorded, Row
from campaign_core.testing.samples import (
    CODEC,
    LINES,
    METADATA,
    NOTHING_MORE,
    TOTALS,
    LineRow,
    Noted,
    TotalRow,
    Wiped,
    elsewhere,
    note,
)
from campaign_core.views.view import Drop, Key, Query, View

_VIEWS: Final[tuple[View[Any], ...]] = (LINES, TOTALS)
#: A history that makes rows, folds them, drops them by prefix, takes them away and makes them again.
_HISTORY: Final[tuple[tuple[str, tuple[Proposed, ...]], ...]] = (
    ("sample-1", (note("1", "a", "b"),)),
    ("sample-2", (note("1", "c"), note("2"), note("3", *(f"line {place}" for place in range(200))))),
    ("sample-1", (Proposed(Wiped()), note("4", "d"))),
    ("sample-3", (note("1"),)),
    ("sample-3", (note(NOTHING_MORE), note("2"), note(NOTHING_MORE))),
    ("sample-4", (note("1", "e"), Proposed(Wiped()))),
    ("sample-10", (note("1", "f"), note("2", "g"), Proposed(Wiped()), note("3", "h"), note("4"))),
)


_HERE: Final = {"workspace": "default", "stream": "sample-1"}
#: Each way to ask a view, and what it answers after one more note with a line, and after a wipe and another note.
_ASKED: Final[dict[str, tuple[Callable[[Reading], Any], tuple[Any, Any]]]] = {
    "get": (
        lambda reading: reading.get(TOTALS, ("default", "sample-1")),
        (TotalRow(**_HERE, notes=2, newest="5"), TotalRow(**_HERE, notes=1, newest="6")),
    ),
    "find": (
        lambda reading: [row.line for row in reading.find(LINES, Query(where=_HERE))],
        (["d", "new"], []),
    ),
    "count": (lambda reading: reading.count(LINES, Query(where=_HERE)), (2, 0)),
    "present": (
        lambda reading: reading.present(LINES, "line", ["new", "d", "gone"], _HERE),
        ({"new", "d"}, set()),
    ),
}


def _open(store: Store, *views: View[Any]) -> EventLog:
    return EventLog(store, views, CODEC)


def _filled(store: Store) -> EventLog:
    log = _open(store, *_VIEWS)
    for stream, proposed in _HISTORY:
        log.append(stream, proposed, METADATA)
    return log


def _rows(log: EventLog, views: Sequence[View[Any]] = _VIEWS) -> dict[str, list[Any]]:
    with log.read() as snapshot:
        return {view.name: snapshot.find(view, Query()) for view in views}


def _fold_loudly(row: TotalRow | None, recorded: Recorded) -> TotalRow | None:
    return TotalRow(workspace=recorded.workspace, stream=recorded.stream, notes=-1, newest="folded anew")


def _indigestible(recorded: Recorded, content: Iterable[Row | None]) -> Iterator[tuple[Key, Any] | Drop]:
    yield (recorded.workspace, recorded.stream), recorded
    if recorded.event == Noted(text="indigestible"):
        raise ArithmeticError("cannot be expanded")


def _unfoldable(row: TotalRow | None, recorded: Recorded) -> TotalRow | None:
    if recorded.event == Noted(text="indigestible"):
        raise ArithmeticError("cannot be folded")
    return TotalRow(workspace=recorded.workspace, stream=recorded.stream, notes=0, newest=None)


_FAILING: Final = {
    "in expand": attrs.evolve(TOTALS, name="sample_failing", expand=_indigestible, fold=_unfoldable),
    "in fold": attrs.evolve(TOTALS, name="sample_failing", fold=_unfoldable),
}


class ViewContract:
    """Views: folded with the event, caught up, rebuilt."""

    def test_rows_are_there_with_the_event(self, store: Store) -> None:
        """What the history above adds up to, row by row."""
        log = _filled(store)
        totals = {row.stream: (row.notes, row.newest) for row in _rows(log)[TOTALS.name]}
        assert totals == {"sample-1": (1, "4"), "sample-2": (3, "3"), "sample-10": (2, "4")}
        lines = [(row.stream, row.place, row.line) for row in _rows(log)[LINES.name]]
        assert [each for each in lines if each[0] != "sample-2"] == [("sample-1", 0, "d"), ("sample-10", 0, "h")]
        assert len(lines) == 2 + 201

    @pytest.mark.parametrize("way", list(_ASKED), ids=str)
    def test_a_transaction_sees_the_rows_of_its_own_events(self, store: Store, way: str) -> None:
        """Whichever way it asks first, and after each event anew; others see them when it ends."""
        log = _filled(store)
        before = _rows(log)
        ask, answers = _ASKED[way]
        with log.write() as writing:
            writing.append("sample-1", [note("5", "new")], METADATA)
            assert ask(writing) == answers[0]
            writing.append("sample-1", [Proposed(Wiped()), note("6")], METADATA)
            assert ask(writing) == answers[1]
            assert elsewhere(lambda: _rows(log)) == before
        with log.read() as snapshot:
            assert ask(snapshot) == answers[1]

    def test_one_transaction_or_many_give_the_same_rows(self, store: Store) -> None:
        """Also where it puts, drops and puts again what it has not written yet."""
        log = _open(store, *_VIEWS)
        with log.write() as writing:
            for stream, proposed in _HISTORY:
                writing.append(stream, proposed, METADATA)
        at_once = _rows(log)
        log.rebuild()
        assert _rows(log) == at_once
        assert {row.stream: row.notes for row in at_once[TOTALS.name]} == {
            "sample-1": 1,
            "sample-2": 3,
            "sample-10": 2,
        }

    def test_rebuilt_rows_are_the_rows_that_were_there(self, store: Store) -> None:
        """All views or one of them; the answer is how many events were read."""
        log = _filled(store)
        before = _rows(log)
        count = len(log.read_all())
        assert log.rebuild() == count
        assert _rows(log) == before
        assert log.rebuild([TOTALS]) == count
        assert _rows(log) == before

    def test_a_rebuild_replaces_what_was_changed_in_the_rows(self, store: Store) -> None:
        """Rows that should not be there go, rows that are missing come back."""
        log = _filled(store)
        before = _rows(log)
        with store.writing() as tables:
            tables.rows.drop(TOTALS, ("default", "sample-2"))
            tables.rows.put(TOTALS, [TotalRow(workspace="default", stream="invented", notes=7, newest=None)])
        assert _rows(log) != before
        log.rebuild([TOTALS])
        assert _rows(log) == before

    def test_a_rebuild_reads_a_log_longer_than_what_is_read_at_once(self, store: Store) -> None:
        log = _open(store, TOTALS)
        with log.write() as writing:
            for start in range(0, 2100, 300):
                writing.append("sample-1", [note(f"{number}") for number in range(start, start + 300)], METADATA)
        assert log.rebuild() == 2100
        (total,) = _rows(log, [TOTALS])[TOTALS.name]
        assert (total.notes, total.newest) == (2100, "2099")

    def test_a_rebuild_folds_what_erasures_left(self, store: Store) -> None:
        """Erased rows and payloads come as None; a view that shows them no more is the same either way."""
        log = _filled(store)
        position = log.read_stream("default", "sample-2")[-1].position
        with log.write() as writing:
            writing.erase_row(position, 7)
            writing.erase_stream("default", "sample-10")
        log.rebuild()
        lines = {(row.stream, row.place): row.line for row in _rows(log)[LINES.name] if row.position >= position}
        assert lines["sample-2", 7] is None
        assert lines["sample-2", 8] == "line 8"
        assert lines["sample-10", 0] is None
        totals = {row.stream: row.newest for row in _rows(log)[TOTALS.name]}
        assert totals == {"sample-1": "4", "sample-2": "3", "sample-10": "4"}

    def test_opening_again_keeps_rows(self, store: Store) -> None:
        """Nothing is folded twice, and what is appended then is folded on."""
        before = _rows(_filled(store))
        log = _open(store, *_VIEWS)
        assert _rows(log) == before
        log.append("sample-2", [note("4")], METADATA)
        with log.read() as snapshot:
            total = snapshot.get(TOTALS, ("default", "sample-2"))
        assert total == TotalRow(workspace="default", stream="sample-2", notes=4, newest="4")

    def test_a_new_version_of_a_view_is_folded_anew_when_it_is_opened(self, store: Store) -> None:
        """And the older one is again, when that is opened; the other view keeps its rows."""
        before = _rows(_filled(store))
        loud = attrs.evolve(TOTALS, version=2, fold=_fold_loudly)
        log = _open(store, LINES, loud)
        assert {row.newest for row in _rows(log, [loud])[TOTALS.name]} == {"folded anew"}
        assert _rows(log, [LINES])[LINES.name] == before[LINES.name]
        assert _rows(_open(store, *_VIEWS)) == before

    def test_a_view_whose_version_did_not_change_keeps_the_rows_it_has(self, store: Store) -> None:
        """Opening a log with it does not fold it anew."""
        before = _rows(_filled(store))
        assert _rows(_open(store, LINES, attrs.evolve(TOTALS, fold=_fold_loudly))) == before

    def test_a_view_that_is_new_is_folded_from_the_beginning(self, store: Store) -> None:
        expected = _rows(_filled(store))
        with store.writing() as tables:
            tables.rows.define(TOTALS, reset=True)
        fresh = attrs.evolve(TOTALS, name="sample_fresh")
        log = _open(store, LINES, fresh)
        assert _rows(log, [fresh])["sample_fresh"] == expected[TOTALS.name]

    def test_what_was_appended_without_a_view_is_caught_up_by_the_next_that_knows_it(self, store: Store) -> None:
        """When it reads as well as when it writes, in a log opened before or after."""
        knowing, other = _open(store, *_VIEWS), _open(store, LINES)
        knowing.append("sample-1", [note("1", "a")], METADATA)
        other.append("sample-1", [note("2", "b")], METADATA)
        assert [row.notes for row in _rows(knowing)[TOTALS.name]] == [2]
        other.append("sample-1", [note("3")], METADATA)
        with knowing.write() as writing:
            total = writing.get(TOTALS, ("default", "sample-1"))
            assert total is not None
            assert (total.notes, total.newest) == (3, "3")
            writing.append("sample-1", [note("4")], METADATA)
        other.append("sample-1", [note("5")], METADATA)
        reopened = _open(store, *_VIEWS)
        rows = _rows(reopened)
        assert [(row.notes, row.newest) for row in rows[TOTALS.name]] == [(5, "5")]
        assert [row.line for row in rows[LINES.name]] == ["a", "b"]
        reopened.rebuild()
        assert _rows(reopened) == rows

    def test_rebuilding_one_view_does_not_pass_over_what_another_is_behind(self, store: Store) -> None:
        """Whichever of them is rebuilt."""
        knowing, other = _open(store, *_VIEWS), _open(store, LINES)
        knowing.append("sample-1", [note("1", "a")], METADATA)
        other.append("sample-1", [note("2", "b")], METADATA)
        knowing.rebuild([LINES])
        assert [row.notes for row in _rows(knowing)[TOTALS.name]] == [2]

    def test_two_versions_of_a_view_open_at_once_never_see_each_others_rows(self, store: Store) -> None:
        """Whoever reads or writes next folds the view anew, by its own version."""
        quiet = _filled(store)
        before = _rows(quiet)
        loud_view = attrs.evolve(TOTALS, version=2, fold=_fold_loudly)
        loud = _open(store, LINES, loud_view)
        loud.append("sample-1", [note("5", "e")], METADATA)
        assert {row.notes for row in _rows(loud, [loud_view])[TOTALS.name]} == {-1}
        totals = {row.stream: row.notes for row in _rows(quiet)[TOTALS.name]}
        assert totals == {row.stream: row.notes for row in before[TOTALS.name]} | {"sample-1": 2}
        with loud.write() as writing:
            writing.append("sample-2", [note("4")], METADATA)
            assert {row.notes for row in writing.find(loud_view, Query())} == {-1}
        quiet.append("sample-2", [note("5")], METADATA)
        assert {row.stream: row.notes for row in _rows(quiet)[TOTALS.name]} == totals | {"sample-2": 5}

    @pytest.mark.parametrize("where", list(_FAILING), ids=str)
    def test_a_view_that_cannot_fold_an_event_undoes_the_whole_transaction(self, store: Store, where: str) -> None:
        """Of every stream and every view; the error names the view and the event, and has the cause with it."""
        log = _open(store, *_VIEWS, _FAILING[where])
        log.append("sample-1", [note("1", "a")], METADATA)
        before = _rows(log), log.read_all()

        def fail() -> None:
            with log.write() as writing:
                writing.append("sample-2", [note("1", "b")], METADATA)
                writing.tables.registers.put("kind", "default", "key", b"value")
                writing.append("sample-1", [note("2", "c"), note("indigestible", "d"), note("3")], METADATA)

        with pytest.raises(ViewFailed) as failed:
            fail()
        assert failed.value.view == "sample_failing"
        assert failed.value.position > before[1][-1].position
        assert isinstance(failed.value.__cause__, ArithmeticError)
        assert (_rows(log), log.read_all()) == before
        with log.read() as snapshot:
            assert snapshot.tables.registers.get("kind", "default", "key") is None
            assert snapshot.count(_FAILING[where], Query()) == 1
        log.append("sample-1", [note("2", "c")], METADATA, 1)

    @pytest.mark.parametrize("where", list(_FAILING), ids=str)
    def test_a_view_that_cannot_fold_the_log_leaves_the_rows_of_all_views(self, store: Store, where: str) -> None:
        """A rebuild that fails, and an opening that fails, change nothing."""
        log = _filled(store)
        log.append("sample-1", [note("indigestible")], METADATA)
        before = _rows(log)
        with pytest.raises(ViewFailed):
            _open(store, *_VIEWS, _FAILING[where])
        with pytest.raises(ViewFailed):
            _open(store, LINES, attrs.evolve(_FAILING[where], name=TOTALS.name, version=2))
        assert _rows(_open(store, *_VIEWS)) == before

    def test_two_views_of_one_name_are_refused(self, store: Store) -> None:
        with pytest.raises(MisuseError, match="sample_lines"):
            _open(store, LINES, attrs.evolve(TOTALS, name=LINES.name))

    def test_rows_of_workspaces_lie_apart(self, store: Store) -> None:
        """A drop in one leaves the rows of the other."""
        log = _open(store, *_VIEWS)
        second = attrs.evolve(METADATA, workspace="second")
        log.append("sample-1", [note("1", "here")], METADATA)
        log.append("sample-1", [note("1", "there")], second)
        log.append("sample-1", [Proposed(Wiped())], METADATA)
        (line,) = _rows(log)[LINES.name]
        assert isinstance(line, LineRow)
        assert (line.workspace, line.line) == ("second", "there")
