"""Cells that a spreadsheet would run as a formula, and how they travel: behind an apostrophe, which an import takes away.

Spreadsheets evaluate a cell that begins with one of = + - @ (or their full-width forms), a tab or a carriage return. An
apostrophe in front makes it text. A value that already begins with apostrophes before such a character gets one more, so
that an import gives back exactly what was exported.
"""

from __future__ import annotations

import re
from typing import Final

_LIVE: Final = re.compile("'*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_GUARDED: Final = re.compile("'+[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")


def guarded(value: str) -> str:
    """The value as a cell that no spreadsheet evaluates."""
    return f"'{value}" if _LIVE.match(value) else value


def unguarded(cell: str) -> str:
    """The value of a cell: the other direction of `guarded`."""
    return cell[1:] if _GUARDED.match(cell) else cell
