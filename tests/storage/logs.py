"""What a log holds, all of it, to compare with what it should hold."""

from __future__ import annotations

from typing import Any

from campaign_core import CAMPAIGNS, INBOXES, LEADS, Kernel, View


def rows(kernel: Kernel, *more: View[Any]) -> list[list[Any]]:
    """Every row of every view of the kernel's, and of these."""
    return [kernel.view(view).find() for view in (CAMPAIGNS, LEADS, INBOXES, *more)]
