"""Typed values in the registers: attrs classes in, the same out, and nothing else taken for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from attrs import field, frozen

from campaign_core.errors import CorruptLog
from campaign_core.log.memory import MemoryStore
from campaign_core.log.ports import Store
from campaign_core.log.records import Register
from campaign_core.log.sqlite import SqliteStore


@frozen(kw_only=True)
class Badge:
    """A value to keep."""

    owner: str
    given_at: datetime
    levels: tuple[int, ...] = ()
    note: str | None = field(default=None)


BADGES = Register("badges", Badge)
ADA = Badge(owner="Ada ☂", given_at=datetime(2030, 1, 1, 0, 0, 0, 1, tzinfo=UTC), levels=(1, 3), note="")
LIN = Badge(owner="Lin", given_at=datetime(2031, 1, 1, tzinfo=UTC))


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Each store in turn."""
    with closing(MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "log.db")) as opened:
        yield opened


def test_a_value_comes_back_as_it_was_put(store: Store) -> None:
    """By workspace and key; the last one put stands; a removed one is gone."""
    with store.writing() as tables:
        BADGES.put(tables, "default", "b", LIN)
        BADGES.put(tables, "default", "a", LIN)
        BADGES.put(tables, "default", "a", ADA)
        BADGES.put(tables, "second", "a", LIN)
        BADGES.put(tables, "default", "c", LIN)
        BADGES.remove(tables, "default", "c")
        BADGES.remove(tables, "default", "never there")
    with store.reading() as tables:
        assert BADGES.get(tables, "default", "a") == ADA
        assert BADGES.get(tables, "default", "c") is None
        assert BADGES.scan(tables, "default") == [("a", ADA), ("b", LIN)]
        assert BADGES.scan(tables, "third") == []


def test_a_value_written_before_a_field_was_added_takes_its_default(store: Store) -> None:
    """What is not history has no schema versions; a new field needs a default."""
    with store.writing() as tables:
        tables.registers.put("badges", "default", "a", b'{"owner":"Lin","given_at":"2031-01-01T00:00:00.000000Z"}')
        assert BADGES.get(tables, "default", "a") == LIN


@pytest.mark.parametrize(
    "stored",
    [b"", b"{}", b"[]", b'{"owner":7,"given_at":"2031-01-01T00:00:00Z"}', b'{"owner":"x","given_at":"2031-01-01"}'],
    ids=repr,
)
def test_a_value_of_another_shape_is_corrupt(store: Store, stored: bytes) -> None:
    """Got by itself and among others; the error names the register and not the value."""
    with store.writing() as tables:
        tables.registers.put("badges", "default", "a", stored)
        with pytest.raises(CorruptLog, match="badges"):
            BADGES.get(tables, "default", "a")
        with pytest.raises(CorruptLog, match="badges"):
            BADGES.scan(tables, "default")
