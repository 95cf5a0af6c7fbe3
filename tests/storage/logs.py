"""What a log holds, all of it, to compare with what it should hold."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

from campaign_core import CAMPAIGNS, INBOXES, LEADS, Kernel, View


def rows(kernel: Kernel, *more: View[Any]) -> list[list[Any]]:
    """Every row of every view of the kernel's, and of these."""
    return [kernel.view(view).find() for view in (CAMPAIGNS, LEADS, INBOXES, *more)]


def contents_of(location: str | Path, campaign_id: UUID) -> int:
    """How many blocks of private content there are of a campaign and of its leads."""
    sql = """SELECT COUNT(*) FROM contents c JOIN events e ON e.position = c.position JOIN streams s ON s.id = e.stream
        WHERE c.body IS NOT NULL AND (s.name = ? OR s.name LIKE ?)"""
    with closing(sqlite3.connect(location)) as connection:
        (count,) = connection.execute(sql, (f"campaign-{campaign_id}", f"lead-{campaign_id}-%")).fetchone()
    return int(count)
