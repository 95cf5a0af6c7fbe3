"""Worlds that send, on each store in turn; the file of an empty log is made once and copied."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from campaign_core import open_kernel
from campaign_core.log.sqlite import SqliteStore
from tests.conftest import AT, STORES
from tests.sending.world import World


@pytest.fixture(scope="session")
def _empty_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("empty") / "campaigns.db"
    open_kernel(path, clock=lambda: AT).close()
    return path.read_bytes()


@pytest.fixture(params=STORES)
def new_world(request: pytest.FixtureRequest, tmp_path: Path, _empty_file: bytes) -> Iterator[Callable[..., World]]:
    """Makes worlds; what they take is what `World` takes but the store."""
    made: list[World] = []

    def make(**others: Any) -> World:
        store: Any = "memory:"
        if request.param == "sqlite":
            path = tmp_path / f"campaigns{len(made)}.db"
            path.write_bytes(_empty_file)
            store = SqliteStore(str(path), may_lose_last_commits=True)
        made.append(World(store, **others))
        return made[-1]

    yield make
    for each in made:
        each.kernel.close()


@pytest.fixture
def world(new_world: Callable[..., World]) -> World:
    """A world with nothing in it."""
    return new_world()
