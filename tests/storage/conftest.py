"""Worker processes for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.storage.processes import Forge, workers_of


@pytest.fixture(scope="session")
def _forge() -> Iterator[Forge]:
    with Forge() as forge:
        yield forge


@pytest.fixture
def forge(_forge: Forge) -> Iterator[Forge]:
    """Starts worker processes; all of them have ended when the test has."""
    with workers_of(_forge) as forge:
        yield forge
