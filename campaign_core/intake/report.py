"""An honest account of an import: every row is imported, updated, a duplicate, or skipped for a named reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import attrs
from attrs import field, frozen

#: Reasons to skip a row.
MISSING_EMAIL: Final = "missing_email"
INVALID_EMAIL: Final = "invalid_email"
CELL_TOO_LONG: Final = "cell_too_long"


@frozen(kw_only=True)
class RowProblem:
    """Why one row was skipped."""

    #: First physical line of the record; the header is line 1.
    line: int
    #: The cell as it stood in the file.
    email: str
    #: One sentence.
    reason: str


@frozen(kw_only=True)
class ImportReport:
    """What became of each row of a lead file.

    Always: rows = imported + updated + duplicates + the sum of skipped.
    """

    #: Records that are not wholly empty.
    rows: int = 0
    #: Leads added.
    imported: int = 0
    #: Rows whose address is a lead of the campaign already, and whose values that lead took over.
    updated: int = 0
    #: Rows whose address came earlier in the file, or is a lead of the campaign that was left as it is.
    duplicates: int = 0
    #: Reason to number of rows.
    skipped: Mapping[str, int] = field(factory=dict)
    #: utf-8, utf-8-sig, utf-16, cp1252, or the one that was given.
    encoding: str = "utf-8"
    delimiter: str = ","
    #: Field name to the header it was read from.
    mapping: Mapping[str, str] = field(factory=dict)
    #: What was passed over or looks odd, one sentence each.
    warnings: tuple[str, ...] = ()
    #: Each row skipped as the file was read, in the order of the file; not those that only the campaign could not take.
    #: Holds addresses: it is answered once and never kept.
    problems: tuple[RowProblem, ...] = field(default=(), repr=False)

    @property
    def balances(self) -> bool:
        """Whether every row is accounted for."""
        return self.rows == self.imported + self.updated + self.duplicates + sum(self.skipped.values())

    def against(
        self,
        imported: int,
        updated: int,
        duplicates: int,
        skipped: Mapping[str, int],
        turned_down: Iterable[RowProblem] = (),
    ) -> ImportReport:
        """The report once it is known which rows the campaign took, and why it turned others down."""
        problems = tuple(sorted((*self.problems, *turned_down), key=lambda each: each.line))
        return attrs.evolve(
            self, imported=imported, updated=updated, duplicates=duplicates, skipped=skipped, problems=problems
        )

    def without_personal_data(self) -> ImportReport:
        """The report with its counts only."""
        return attrs.evolve(self, problems=())
