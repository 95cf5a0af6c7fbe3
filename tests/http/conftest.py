"""A kernel with a key, on a real file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.http import serving
from tests.http.serving import Keyed


@pytest.fixture
def keyed(tmp_path: Path) -> Iterator[Keyed]:
    """A kernel over a SQLite file, and a key that may do everything in its default workspace."""
    with serving.keyed(tmp_path / "campaigns.db") as made:
        yield made
