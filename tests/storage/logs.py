"""What a log holds, all of it, to compare with what it should hold."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from campaign_core import CAMPAIGNS, INBOXES, LEADS, Kernel, View


def rows(kernel: Kernel, *more: View[Any]) -> list[list[Any]]:
    """Every row of every view of the kernel's, and of these."""
    return [kernel.view(view).find() for view in (CAMPAIGNS, LEADS, INBOXES, *more)]


def unerased_contents(connection: sqlite3.Connection, positions: Iterable[int]) -> int:
    """How many blocks of private content there still are beside the events at these positions."""
    sql = "SELECT COUNT(*) FROM contents WHERE body IS NOT NULL AND position = ?"
    return sum(connection.execute(sql, (position,)).fetchone()[0] for position in positions)
