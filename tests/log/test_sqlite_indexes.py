"""Whether SQLite finds the rows of views by their indexes: left to itself it takes the beginning of the key."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
import pytest

from campaign_core.lead.status import LeadStatus
from campaign_core.log.log import EventLog
from campaign_core.log.sqlite import SqliteStore
from campaign_core.testing.samples import CODEC, METADATA, TOTALS, note
from campaign_core.views.leads import LEADS, LeadRow
from campaign_core.views.view import Query
from tests.conftest import AT

MINE: dict[str, Any] = {"workspace": "default", "campaign_id": UUID(int=1)}


@pytest.fixture
def store(tmp_path: Path) -> Any:
    """A store with the table of leads, and two thousand of them."""
    with closing(SqliteStore(tmp_path / "log.db", may_lose_last_commits=True)) as opened:
        with opened.writing() as tables:
            tables.rows.define(LEADS, reset=True)
            tables.rows.put(
                LEADS,
                [
                    LeadRow(
                        **MINE,
                        number=number,
                        email=f"lead{number}@example.com",
                        address=f"lead{number}@example.com",
                        status=LeadStatus.PENDING,
                        batch_id=UUID(int=number % 3),
                        position=1,
                        place=number,
                        created_at=AT,
                    )
                    for number in range(2000)
                ],
            )
        yield opened


def steps(store: SqliteStore, ask: Any) -> int:
    """How many thousand instructions SQLite carries out while something is asked."""
    counted = [0]

    def count() -> int:
        counted[0] += 1
        return 0

    with store.reading() as tables:
        connection: sqlite3.Connection = tables.rows._connection  # type: ignore[attr-defined]
        connection.set_progress_handler(count, 1000)
        try:
            ask(tables.rows)
        finally:
            connection.set_progress_handler(None, 1000)
    return counted[0]


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda rows: rows.find(LEADS, Query(where=MINE | {"address": "lead7@example.com"})), id="find"),
        pytest.param(lambda rows: rows.count(LEADS, Query(where=MINE | {"address": "lead7@example.com"})), id="count"),
        pytest.param(lambda rows: rows.find(LEADS, Query(where=MINE | {"batch_id": UUID(int=9)})), id="none of them"),
        pytest.param(lambda rows: rows.present(LEADS, "address", ["lead7@example.com", "x"], MINE), id="present"),
        pytest.param(lambda rows: rows.find(LEADS, Query(where=MINE, limit=5)), id="the first of the key"),
    ],
)
def test_a_row_is_found_without_reading_those_beside_it(store: SqliteStore, ask: Any) -> None:
    """Under a thousand instructions where there are two thousand rows; the control reads them all."""
    assert steps(store, ask) == 0
    assert steps(store, lambda rows: rows.find(LEADS, Query(where=MINE))) > 10


def test_a_view_that_is_found_by_more_gets_its_index(tmp_path: Path) -> None:
    """In a log that was written without it: the view is made anew."""
    path = tmp_path / "log.db"
    with closing(EventLog(SqliteStore(path), (TOTALS,), CODEC)) as log:
        log.append("sample-1", [note("x")], METADATA)
    newer = attrs.evolve(TOTALS, indexes=(("workspace", "newest"),))
    with closing(EventLog(SqliteStore(path), (newer,), CODEC)) as log, log.read() as snapshot:
        (row,) = snapshot.find(newer, Query(where={"workspace": "default", "newest": "x"}))
        assert row.stream == "sample-1"
