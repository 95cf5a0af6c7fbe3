"""Whether a store keeps and finds the rows of views as its port says, with every part of a query against a plain model."""

# ruff: noqa: D102 - the name of each test is its sentence
from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from itertools import product
from typing import Any, Final
from uuid import UUID

import attrs
import pytest

from campaign_core.errors import MisuseError
from campaign_core.log.ports import Store
from campaign_core.testing.samples import SAMPLES, Mood, SampleRow, Shade, Tag
from campaign_core.views.view import Query, View

_G1, _G2 = UUID(int=1), UUID("f0000000-0000-4000-8000-000000000000")
_NOON: Final = datetime(2030, 1, 1, 12, tzinfo=UTC)
_SECOND_LATER: Final = _NOON + timedelta(microseconds=1)
#: The same instant as noon, told by another clock.
_NOON_IN_TOKYO: Final = _NOON.astimezone(timezone(timedelta(hours=9)))


def _row(number: int, group: UUID = _G1, workspace: str = "default", **fields: Any) -> SampleRow:
    return SampleRow(workspace=workspace, group=group, number=number, **fields)


#: Rows that differ and agree in every field, put in no order; texts that only differ in case, accents or spaces.
_ROWS: Final = (
    _row(10, text="Ärger", done=True, count=-5, at=_SECOND_LATER, shade=Shade.LIGHT, mood=Mood.WILD),
    _row(9, text="ärger", done=False, count=0, at=_NOON, shade=Shade.DARK, mood=Mood.CALM, other=_G2),
    _row(2, text="a%b", done=True, count=2**53 + 1, other=_G1),
    _row(1, text=None, count=0, at=_NOON, tags=(Tag("ü", 1), Tag("", None)), more=Tag("x", 0)),
    _row(1, _G2, text="A_b", done=False, mood=Mood.CALM),
    _row(2, _G2, text="", at=_SECOND_LATER, shade=Shade.DARK),
    _row(3, _G2, text="a", count=10, done=True, other=_G2),
    _row(4, _G2, text="a ", count=9, at=_NOON, mood=Mood.WILD),
    _row(5, _G2, text="☂ 𝄞", count=None),
    _row(1, workspace="second", text="a", done=True, at=_NOON),
)
_WHERES: Final[dict[str, dict[str, Any]]] = {
    "all": {},
    "text": {"text": "a"},
    "no text": {"text": None},
    "empty text": {"text": ""},
    "true": {"done": True},
    "false": {"done": False},
    "neither": {"done": None},
    "zero": {"count": 0},
    "negative": {"count": -5},
    "large": {"count": 2**53 + 1},
    "instant": {"at": _NOON},
    "instant elsewhere": {"at": _NOON_IN_TOKYO},
    "no instant": {"at": None},
    "id": {"other": _G2},
    "enum": {"shade": Shade.DARK},
    "no enum": {"shade": None},
    "text enum": {"mood": Mood.WILD},
    "several": {"workspace": "default", "group": _G2, "done": True},
    "none of them": {"workspace": "third"},
}
#: Bounds, each met, missed and without a value in some row; members of an enumeration are ordered by value.
_LEASTS: Final[dict[str, dict[str, Any]]] = {
    "text": {"text": "a"},
    "text beyond ascii": {"text": "Ä"},
    "empty text": {"text": ""},
    "true": {"done": True},
    "false": {"done": False},
    "zero": {"count": 0},
    "negative": {"count": -5},
    "ten": {"count": 10},
    "beyond all": {"count": 2**60},
    "instant": {"at": _NOON},
    "instant elsewhere": {"at": _NOON_IN_TOKYO},
    "later instant": {"at": _SECOND_LATER},
    "id": {"other": UUID(int=2)},
    "enum": {"shade": Shade.DARK},
    "other enum": {"shade": Shade.LIGHT},
    "text enum": {"mood": Mood.WILD},
    "part of the key": {"number": 4},
    "none": {"count": None},
    "several": {"count": 0, "at": _NOON, "number": 5},
}
#: Texts to look for: none, in both cases, what SQL would read as a pattern, accents, beyond the first plane, empty.
_CONTAINED: Final = (None, "a", "A", "%", "_", "är", "𝄞", " ", "")
_ORDERS: Final = (None, "text", "done", "count", "at", "other", "shade", "mood", "group")


def _rank(value: Any) -> Any:
    """What orders values of one field, written without the store: rows without a value come first."""
    if value is None:
        return (0,)
    return (1, value.value if isinstance(value, Shade | Mood) else value)


def _reaches(row: SampleRow, name: str, bound: Any) -> bool:
    return bool(_rank(getattr(row, name)) >= _rank(bound))


def _expected(rows: Sequence[SampleRow], query: Query) -> list[SampleRow]:
    found = [row for row in rows if all(getattr(row, name) == value for name, value in query.where.items())]
    for name, text in query.contains.items():
        found = [row for row in found if getattr(row, name) is not None and text in getattr(row, name)]
    for name, bound in query.at_least.items():
        found = [row for row in found if None not in (bound, getattr(row, name)) and _reaches(row, name, bound)]
    found.sort(key=lambda row: (row.workspace, row.group, row.number))
    if query.order_by is not None:
        order_by = query.order_by
        found.sort(key=lambda row: _rank(getattr(row, order_by)))
    if query.direction == "descending":
        found.reverse()
    found = found[query.offset :]
    return found if query.limit is None else found[: query.limit]


def _filled(store: Store, rows: Sequence[SampleRow] = _ROWS) -> None:
    with store.writing() as tables:
        tables.rows.define(SAMPLES, reset=True)
        tables.rows.put(SAMPLES, rows)


class RowsContract:
    """`Tables.rows`."""

    @pytest.mark.parametrize("row", _ROWS, ids=lambda row: f"{row.workspace} {row.group.hex[0]} {row.number}")
    def test_a_row_comes_back_with_its_values_and_their_types(self, store: Store, row: SampleRow) -> None:
        """And None where there is no row of that key."""
        _filled(store)
        with store.reading() as tables:
            found = tables.rows.get(SAMPLES, SAMPLES.key_of(row))
            assert found == row
            assert [type(value) for value in attrs.astuple(found)] == [type(value) for value in attrs.astuple(row)]
            assert tables.rows.get(SAMPLES, ("default", _G1, 77)) is None
            assert tables.rows.get(SAMPLES, ("second", _G2, 1)) is None

    def test_instants_are_kept_as_instants(self, store: Store) -> None:
        """Whatever the zone they are given in."""
        _filled(store, [_row(1, at=_NOON_IN_TOKYO)])
        with store.reading() as tables:
            (found,) = tables.rows.find(SAMPLES, Query())
            assert found.at == _NOON
            assert found.at.tzinfo is not None

    def test_putting_replaces_by_key(self, store: Store) -> None:
        """The last of equal keys stands."""
        _filled(store)
        with store.writing() as tables:
            tables.rows.put(SAMPLES, [_row(1, text="first", count=1), _row(2, text="other"), _row(1, text="last")])
            assert tables.rows.get(SAMPLES, ("default", _G1, 1)) == _row(1, text="last")
        with store.reading() as tables:
            assert tables.rows.get(SAMPLES, ("default", _G1, 1)) == _row(1, text="last")
            assert tables.rows.count(SAMPLES, Query()) == len(_ROWS)

    def test_putting_no_rows_changes_nothing(self, store: Store) -> None:
        _filled(store)
        with store.writing() as tables:
            tables.rows.put(SAMPLES, [])
            assert tables.rows.count(SAMPLES, Query()) == len(_ROWS)

    @pytest.mark.parametrize(
        "prefix",
        [("default",), ("default", _G2), ("default", _G1, 1), ("default", _G1, 77), ("third",)],
        ids=["workspace", "group", "row", "no such row", "no such workspace"],
    )
    def test_a_drop_takes_the_rows_whose_key_begins_with_the_prefix(
        self, store: Store, prefix: tuple[Any, ...]
    ) -> None:
        _filled(store)
        with store.writing() as tables:
            tables.rows.drop(SAMPLES, prefix)
        left = [row for row in _ROWS if SAMPLES.key_of(row)[: len(prefix)] != prefix]
        with store.reading() as tables:
            assert tables.rows.find(SAMPLES, Query()) == _expected(left, Query())

    def test_defining_keeps_rows_and_resetting_takes_them(self, store: Store) -> None:
        _filled(store)
        with store.writing() as tables:
            tables.rows.define(SAMPLES, reset=False)
            assert tables.rows.count(SAMPLES, Query()) == len(_ROWS)
            tables.rows.define(SAMPLES, reset=True)
            assert tables.rows.find(SAMPLES, Query()) == []
            tables.rows.put(SAMPLES, _ROWS[:1])
        with store.reading() as tables:
            assert tables.rows.find(SAMPLES, Query()) == [_ROWS[0]]

    def test_a_reset_view_may_have_other_fields(self, store: Store) -> None:
        """The same name, another row and another key."""
        _filled(store)
        with store.writing() as tables:
            tables.rows.define(_OTHER_SHAPE, reset=True)
            tables.rows.put(_OTHER_SHAPE, [OtherRow(workspace="default", title="new")])
        with store.reading() as tables:
            assert tables.rows.find(_OTHER_SHAPE, Query()) == [OtherRow(workspace="default", title="new")]

    def test_views_do_not_share_rows(self, store: Store) -> None:
        """Two views of one row class are told apart by name."""
        _filled(store)
        with store.writing() as tables:
            tables.rows.define(_SECOND_VIEW, reset=True)
            tables.rows.put(_SECOND_VIEW, _ROWS[:2])
            tables.rows.drop(_SECOND_VIEW, SAMPLES.key_of(_ROWS[0]))
        with store.reading() as tables:
            assert tables.rows.find(_SECOND_VIEW, Query()) == [_ROWS[1]]
            assert tables.rows.count(SAMPLES, Query()) == len(_ROWS)

    @pytest.mark.parametrize("where", list(_WHERES), ids=str)
    def test_a_query_finds_and_counts_the_rows_it_names(self, store: Store, where: str) -> None:
        """Fields equal their values, None included; texts contain texts as they are written."""
        _filled(store)
        with store.reading() as tables:
            for text in _CONTAINED:
                query = Query(where=_WHERES[where], contains={} if text is None else {"text": text})
                assert tables.rows.find(SAMPLES, query) == _expected(_ROWS, query), query
                assert tables.rows.count(SAMPLES, query) == len(_expected(_ROWS, query)), query

    @pytest.mark.parametrize("least", list(_LEASTS), ids=str)
    def test_a_query_finds_the_rows_that_reach_a_bound(self, store: Store, least: str) -> None:
        """The bound included; a row without a value reaches none, and none is not reached."""
        _filled(store)
        with store.reading() as tables:
            for where, text in product(("all", "several", "true"), (None, "a")):
                contains = {} if text is None else {"text": text}
                query = Query(where=_WHERES[where], contains=contains, at_least=_LEASTS[least], order_by="count")
                assert tables.rows.find(SAMPLES, query) == _expected(_ROWS, query), query
                assert tables.rows.count(SAMPLES, query) == len(_expected(_ROWS, query)), query

    @pytest.mark.parametrize("direction", ["ascending", "descending"])
    @pytest.mark.parametrize("order_by", _ORDERS, ids=str)
    def test_rows_come_in_the_order_asked_for_and_in_parts(self, store: Store, order_by: str, direction: Any) -> None:
        """Rows without a value first, equal rows by key, all of it turned round in a descending order."""
        _filled(store)
        with store.reading() as tables:
            for where, limit, offset in product(("all", "several", "true"), (None, 0, 1, 3, 1000), (0, 1, 4, 50)):
                query = Query(where=_WHERES[where], order_by=order_by, direction=direction, limit=limit, offset=offset)
                assert tables.rows.find(SAMPLES, query) == _expected(_ROWS, query), query
                everything = attrs.evolve(query, limit=None, offset=0)
                assert tables.rows.count(SAMPLES, query) == len(_expected(_ROWS, everything)), query

    @pytest.mark.parametrize(
        ("name", "values"),
        [
            pytest.param("text", ["a", "A", "ärger", "", "zzz"], id="texts"),
            pytest.param("text", ["a", None], id="none among them"),
            pytest.param("text", [], id="no values"),
            pytest.param("text", ["a", "a", "ärger", "a"], id="values given twice"),
            pytest.param("text", [f"text {number}" for number in range(2500)] + ["a"], id="many values"),
            pytest.param("count", [0, 9, 11, -5], id="numbers"),
            pytest.param("done", [True], id="truths"),
            pytest.param("at", [_NOON_IN_TOKYO], id="instants"),
            pytest.param("other", [_G2, UUID(int=5)], id="ids"),
            pytest.param("shade", list(Shade), id="enums"),
            pytest.param("number", [1, 5, 10, 11], id="part of the key"),
        ],
    )
    @pytest.mark.parametrize(
        "where", [{}, {"workspace": "default"}, {"workspace": "default", "group": _G2}], ids=["all", "one", "two"]
    )
    def test_present_says_which_values_occur(
        self, store: Store, name: str, values: list[Any], where: dict[str, Any]
    ) -> None:
        _filled(store)
        occurring = {getattr(row, name) for row in _expected(_ROWS, Query(where=where))}
        with store.reading() as tables:
            assert tables.rows.present(SAMPLES, name, values, where) == {each for each in values if each in occurring}

    @pytest.mark.parametrize("rows", [(), _ROWS], ids=["no rows", "rows"])
    @pytest.mark.parametrize(
        "query",
        [
            pytest.param(Query(where={"unknown": 1}), id="where unknown"),
            pytest.param(Query(contains={"unknown": "x"}), id="contains unknown"),
            pytest.param(Query(at_least={"unknown": 1}), id="at least unknown"),
            pytest.param(Query(at_least={"tags": ()}), id="at least json"),
            pytest.param(Query(at_least={"number": "1"}), id="at least a text"),
            pytest.param(Query(at_least={"shade": "b light"}), id="at least a text for a member"),
            pytest.param(Query(at_least={"at": datetime(2030, 1, 1)}), id="at least a time without a zone"),
            pytest.param(Query(order_by="unknown"), id="order by unknown"),
            pytest.param(Query(where={"tags": ()}), id="where json"),
            pytest.param(Query(contains={"more": "x"}), id="contains json"),
            pytest.param(Query(order_by="tags"), id="order by json"),
            pytest.param(Query(contains={"number": "1"}), id="contains number"),
            pytest.param(Query(contains={"at": "2030"}), id="contains instant"),
            pytest.param(Query(contains={"mood": "wild"}), id="contains enum"),
        ],
    )
    def test_a_view_is_not_queried_by_a_field_that_cannot_be_compared(
        self, store: Store, query: Query, rows: Sequence[SampleRow]
    ) -> None:
        """Whether or not there are rows to compare."""
        _filled(store, rows)
        with store.reading() as tables:
            asked: list[Callable[[], object]] = [lambda: tables.rows.find(SAMPLES, query)]
            if query.order_by is None:
                asked.append(lambda: tables.rows.count(SAMPLES, query))
            for ask in asked:
                with pytest.raises(MisuseError, match="sample_rows"):
                    ask()


@attrs.frozen(kw_only=True)
class OtherRow:
    """What rows of the same name looked like in another version."""

    workspace: str
    title: str


_OTHER_SHAPE: Final[View[OtherRow]] = View(
    name=SAMPLES.name,
    version=2,
    row=OtherRow,
    key=("workspace", "title"),
    expand=SAMPLES.expand,
    fold=None,
)
_SECOND_VIEW: Final = attrs.evolve(SAMPLES, name="sample_rows_2")
