"""Putting another lifecycle in the place of the one the decisions ask."""

from __future__ import annotations

import sys

import pytest

from campaign_core.lifecycle import Lifecycle, Move


def without(lifecycle: Lifecycle, *gone: Move) -> Lifecycle:
    """A lifecycle like this one, with a machine built from the table without these rows."""
    statuses = [str(name) for name in lifecycle.machine.states]
    table = tuple(row for row in lifecycle.table if row not in gone)
    return Lifecycle.of(lifecycle.subject, statuses, table, lifecycle.deeds)


def put_in_place(monkeypatch: pytest.MonkeyPatch, lifecycle: Lifecycle, other: Lifecycle) -> None:
    """Has every module of the core that asks `lifecycle` ask `other` until the test ends."""
    for name, module in list(sys.modules.items()):
        if name.startswith("campaign_core"):
            for attribute in [key for key, value in vars(module).items() if value is lifecycle]:
                monkeypatch.setattr(module, attribute, other)
