"""What every test shares: profiles of hypothesis, a fixed clock, kernels on every store."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from campaign_core import Kernel, open_kernel

#: The instant at which tests take place.
AT = datetime(2030, 1, 1, tzinfo=UTC)

_CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("dev", deadline=None, max_examples=60, suppress_health_check=_CHECKS)
settings.register_profile("ci", deadline=None, max_examples=60, derandomize=True, suppress_health_check=_CHECKS)
settings.register_profile("soak", deadline=None, max_examples=2000, suppress_health_check=_CHECKS)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))

STORES = ["memory", "sqlite"]


@pytest.fixture(params=STORES)
def location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a kernel keeps its log: each store in turn."""
    return "memory:" if request.param == "memory" else str(tmp_path / "campaigns.db")


@pytest.fixture
def kernel(location: str) -> Iterator[Kernel]:
    """A kernel on each store in turn, with a clock that stands still."""
    with open_kernel(location, clock=lambda: AT) as opened:
        yield opened


@pytest.fixture
def open_sqlite(tmp_path: Path) -> Callable[[], Kernel]:
    """Opens a kernel on one and the same file, as often as called."""
    return lambda: open_kernel(tmp_path / "campaigns.db", clock=lambda: AT)
