"""Worker processes for the tests of this folder."""

from __future__ import annotations

from tests.storage.conftest import _forge, forge

__all__ = ["_forge", "forge"]
