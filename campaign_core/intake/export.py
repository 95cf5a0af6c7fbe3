"""Leads as CSV: a header, then a record for each lead. No cell is a live formula, and an import gives every value back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from campaign_core.fields import STANDARD_FIELDS
from campaign_core.intake.formulas import guarded
from campaign_core.recorded import Row


def export_columns(names: Iterable[str]) -> tuple[str, ...]:
    """The columns for leads that have these fields: the standard ones, then the custom ones by name."""
    return (*STANDARD_FIELDS, *sorted(set(names) - set(STANDARD_FIELDS)))


def csv_lines(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """The records of a file, header first, each ending with a line break."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for record in _records(columns, rows):
        writer.writerow(record)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _records(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[list[str]]:
    yield [guarded(name) for name in columns]
    for row in rows:
        yield [guarded(row.get(name, "")) for name in columns]
