"""Reading a lead file: UTF-8 text, comma-separated, header row first. Source: reference sections 6, 7.3 and 20.3.

The file is read once, front to back, and no more of it than one record is held at a time. It is refused as a whole, with
nothing stored, when it is empty, too large, not UTF-8, has no column for the address, names a column twice, or holds
more rows than one upload may. A single row is skipped, and reported, when it has no address or not a valid one.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, BinaryIO, Final

from campaign_core.errors import LeadFileRefused
from campaign_core.intake.addresses import key_of, normalised, trimmed
from campaign_core.intake.report import INVALID_EMAIL, MISSING_EMAIL, ImportReport, RowProblem
from campaign_core.recorded import Row

MAX_ROWS: Final = 10_000
MAX_BYTES: Final = 50 * 1024 * 1024
EMAIL: Final = "email"
_WARNINGS: Final = 20


def field_name(header: str) -> str:
    """The field a column fills: trimmed, case-folded, spaces to `_`, without a leading `custom_`."""
    return "_".join(header.split()).casefold().removeprefix("custom_")


class LeadFile:
    """A lead file being read. Iterate it once; afterwards `addresses`, `report` and `sha256` are complete.

    Each item is the values of one lead: `email`, normalised, and every other cell that is not blank.

    Raises while iterating:
        LeadFileRefused: the file cannot be taken as a whole.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._source = _Metered(stream)
        #: One for each lead that came out, in lower case, each once.
        self.addresses: list[str] = []
        #: Field names, in the order of the columns.
        self.fields: tuple[str, ...] = ()
        self._keys: set[str] = set()
        self._rows = 0
        self._duplicates = 0
        self._skipped: Counter[str] = Counter()
        self._mapping: dict[str, str] = {}
        self._warnings: list[str] = []
        self._problems: list[RowProblem] = []

    @property
    def sha256(self) -> str:
        """Hex digest of the bytes read."""
        return self._source.digest.hexdigest()

    @property
    def report(self) -> ImportReport:
        """The account so far; `imported` counts the leads that came out."""
        return ImportReport(
            rows=self._rows,
            imported=len(self.addresses),
            duplicates=self._duplicates,
            skipped=dict(self._skipped),
            mapping=dict(self._mapping),
            warnings=tuple(self._warnings),
            problems=tuple(self._problems),
        )

    def __iter__(self) -> Iterator[Row]:
        text = io.TextIOWrapper(io.BufferedReader(self._source, 1 << 16), encoding="utf-8-sig", newline="")
        records = csv.reader(text)
        try:
            header = next((record for record in records if any(cell.strip() for cell in record)), None)
            if header is None:
                raise LeadFileRefused("The file is empty; it needs a header row such as email,first_name,company.")
            columns = self._read_header(header)
            line = records.line_num + 1
            for record in records:
                first_line, line = line, records.line_num + 1
                lead = self._read_record(record, first_line, columns)
                if lead is not None:
                    yield lead
        except UnicodeDecodeError as wrong:
            raise LeadFileRefused(
                f"The file is not UTF-8 text (line {records.line_num + 1} or later); save it as CSV UTF-8."
            ) from wrong
        except csv.Error as wrong:
            raise LeadFileRefused(
                f"Line {records.line_num} cannot be read as CSV: {wrong}. Is a quote left open?"
            ) from wrong
        finally:
            text.detach()

    def _read_header(self, header: list[str]) -> list[tuple[int, str]]:
        """The named columns as (place, field name)."""
        columns = [(place, field_name(cell)) for place, cell in enumerate(header)]
        named = [(place, name) for place, name in columns if name]
        self._warn_of([place + 1 for place, name in columns if not name], "has no name and is not imported")
        seen: dict[str, int] = {}
        for place, name in named:
            if name in seen:
                raise LeadFileRefused(
                    f"Columns {seen[name] + 1} and {place + 1} are both named {name!r}; rename one of them."
                )
            seen[name] = place
        if EMAIL not in seen:
            found = ", ".join(cell.strip() for cell in header)
            raise LeadFileRefused(f"No column is named email; the header found is: {found}.")
        self._mapping = {name: header[place].strip() for place, name in named}
        self.fields = tuple(self._mapping)
        return named

    def _read_record(self, record: list[str], line: int, columns: list[tuple[int, str]]) -> Row | None:
        values = {name: cell for place, name in columns if place < len(record) and (cell := record[place].strip())}
        extra = [cell for cell in record[columns[-1][0] + 1 :] if cell.strip()]
        if not values and not extra:
            return None
        self._rows += 1
        if self._rows > MAX_ROWS:
            raise LeadFileRefused(f"The file holds more than {MAX_ROWS:,} leads; one upload takes at most that many.")
        if extra:
            self._warn(f"Line {line} has more cells than the header; the last {len(extra)} are not imported.")
        return self._checked(values, line)

    def _checked(self, values: dict[str, str], line: int) -> Row | None:
        """The values with the address normalised; None, and counted, where the row is skipped or a duplicate."""
        given = values.get(EMAIL, "")
        if not trimmed(given):
            self._skip(MISSING_EMAIL, line, given, "the row has no e-mail address")
            return None
        try:
            address = normalised(given)
        except ValueError as wrong:
            self._skip(INVALID_EMAIL, line, given, str(wrong))
            return None
        key = key_of(address)
        if key in self._keys:
            self._duplicates += 1
            return None
        self._keys.add(key)
        self.addresses.append(key)
        return {**values, EMAIL: address}

    def _skip(self, reason: str, line: int, given: str, sentence: str) -> None:
        self._skipped[reason] += 1
        self._problems.append(RowProblem(line=line, email=given, reason=sentence))

    def _warn_of(self, places: list[int], what: str) -> None:
        for place in places:
            self._warn(f"Column {place} {what}.")

    def _warn(self, sentence: str) -> None:
        if len(self._warnings) < _WARNINGS:
            self._warnings.append(sentence)
        elif len(self._warnings) == _WARNINGS:
            self._warnings.append("There are more warnings of this kind.")


class _Metered(io.RawIOBase):
    """The bytes of a stream, counted, digested and cut off at the limit."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self._count = 0
        self.digest = sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = self._stream.read(len(buffer))
        self._count += len(chunk)
        if self._count > MAX_BYTES:
            raise LeadFileRefused(f"The file is larger than {MAX_BYTES // 1024**2} MB; split it.")
        self.digest.update(chunk)
        buffer[: len(chunk)] = chunk
        return len(chunk)
