"""Kernels on logs that are made quickly: the file of an empty one is made once and copied."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaign_core import open_kernel
from tests.conftest import AT, STORES


@pytest.fixture(scope="session")
def empty_log(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file of a log that was opened and closed; making one waits for the disk a dozen times."""
    path = tmp_path_factory.mktemp("empty") / "campaigns.db"
    open_kernel(path, clock=lambda: AT).close()
    return path.read_bytes()


@pytest.fixture(params=STORES)
def location(request: pytest.FixtureRequest, tmp_path: Path, empty_log: bytes) -> str:
    """Where a kernel keeps its log: each store in turn."""
    if request.param == "memory":
        return "memory:"
    path = tmp_path / "campaigns.db"
    path.write_bytes(empty_log)
    return str(path)
