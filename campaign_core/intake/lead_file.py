"""Reading a lead file, row by row. Source: reference sections 6, 7.3 and 20.3.

The file is read twice from front to back, once for its encoding and its digest and once for its rows, and no more of it
than one record is held at a time. It is refused as a whole, with nothing stored, when it is empty, too large, not text,
has no column for the address, names a column twice, or holds more rows than one upload may. A single row is skipped, and
reported, when it has no valid address or a cell out of bounds.
"""

from __future__ import annotations

import csv
import io
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import BinaryIO, Final

from attrs import frozen

from campaign_core.errors import LeadFileRefused
from campaign_core.fields import EMAIL
from campaign_core.intake.addresses import key_of, normalised, trimmed
from campaign_core.intake.columns import MAX_CELL_CHARACTERS, Columns, choose_columns
from campaign_core.intake.detection import Encoding, detect_delimiter, detect_encoding, given_encoding, named_delimiter
from campaign_core.intake.formulas import unguarded
from campaign_core.intake.report import CELL_TOO_LONG, INVALID_EMAIL, MISSING_EMAIL, ImportReport, RowProblem
from campaign_core.recorded import Row

MAX_ROWS: Final = 10_000
MAX_BYTES: Final = 50 * 1024 * 1024
_SAMPLE_CHARACTERS: Final = 1 << 16
_WARNINGS: Final = 20


@frozen(kw_only=True)
class ReadingOptions:
    """What the caller knows better than detection."""

    #: Field name to header; None: the headers are the field names.
    mapping: Mapping[str, str] | None = None
    #: The name of a text encoding; None: detected.
    encoding: str | None = None
    #: One character; None: detected.
    delimiter: str | None = None


class LeadFile:
    """A lead file being read. Iterate it once; afterwards `addresses`, `fields`, `report` and `sha256` are complete.

    Each item is the values of one lead: `email`, normalised, and every other cell that is not blank, trimmed.

    Args:
        stream: binary, at its beginning, seekable.
        options: overrides of what would be detected.

    Raises while iterating:
        LeadFileRefused: the file cannot be taken as a whole.
    """

    def __init__(self, stream: BinaryIO, options: ReadingOptions | None = None) -> None:
        self._stream = stream
        self._options = options or ReadingOptions()
        #: One for each lead that came out, in lower case, each once.
        self.addresses: list[str] = []
        #: The first physical line of each of them; the header is line 1.
        self.lines = array("L")
        #: Field names, in the order of the columns.
        self.fields: tuple[str, ...] = ()
        #: Hex digest of the file's bytes.
        self.sha256 = ""
        self._keys: set[str] = set()
        self._rows = 0
        self._duplicates = 0
        self._skipped: Counter[str] = Counter()
        self._encoding = ""
        self._delimiter = ""
        self._mapping: Mapping[str, str] = {}
        self._warnings: list[str] = []
        self._problems: list[RowProblem] = []

    @property
    def report(self) -> ImportReport:
        """The account so far; `imported` counts the leads that came out."""
        return ImportReport(
            rows=self._rows,
            imported=len(self.addresses),
            duplicates=self._duplicates,
            skipped=dict(self._skipped),
            encoding=self._encoding,
            delimiter=self._delimiter,
            mapping=dict(self._mapping),
            warnings=tuple(self._warnings),
            problems=tuple(self._problems),
        )

    def __iter__(self) -> Iterator[Row]:
        encoding = self._measure()
        text = io.TextIOWrapper(self._stream, encoding=encoding.codec, newline="")
        try:
            yield from self._read(text)
        except UnicodeError as wrong:
            raise LeadFileRefused(
                f"The file is not {encoding.name} text ({wrong}); save it as CSV UTF-8 or name its encoding."
            ) from wrong
        finally:
            text.detach()

    def _measure(self) -> Encoding:
        """Reads the file once: its size, its digest, its encoding."""
        metered = _Metered(self._stream)
        given = self._options.encoding
        encoding = detect_encoding(metered) if given is None else given_encoding(given)
        while metered.read(1 << 16):
            pass
        self.sha256 = metered.digest.hexdigest()
        self._encoding = encoding.name
        self._stream.seek(0)
        return encoding

    def _read(self, text: io.TextIOWrapper) -> Iterator[Row]:
        lines_before, delimiter = self._dialect(text)
        lines = text if not lines_before else _after_first(text)
        records = csv.reader((line.replace("\0", "") if "\0" in line else line for line in lines), delimiter=delimiter)
        columns: Columns | None = None
        line = lines_before + 1
        try:
            for record in records:
                first_line, line = line, lines_before + records.line_num + 1
                if columns is None:
                    columns = self._header(record)
                else:
                    lead = self._record(record, first_line, columns)
                    if lead is not None:
                        yield lead
        except csv.Error as wrong:
            raise LeadFileRefused(
                f"Line {lines_before + records.line_num} cannot be read as CSV: {wrong}. Is a quote left open?"
            ) from wrong
        if columns is None:
            raise LeadFileRefused("The file is empty; it needs a header row such as email,first_name,company.")

    def _dialect(self, text: io.TextIOWrapper) -> tuple[int, str]:
        """How many lines come before the header (one that names the delimiter), and the delimiter."""
        sample = text.read(_SAMPLE_CHARACTERS)
        whole = len(sample) < _SAMPLE_CHARACTERS
        if "\0" in sample:
            self._warn("The file holds NUL characters; they were taken out.")
            sample = sample.replace("\0", "")
        text.seek(0)
        named = named_delimiter(next(iter(sample.splitlines()), "").lstrip("\ufeff"))
        delimiter = self._options.delimiter or named
        if delimiter is None:
            wanted = (self._options.mapping or {EMAIL: EMAIL}).values()
            delimiter = detect_delimiter(sample, whole, {header.strip().lower() for header in wanted})
        self._delimiter = delimiter
        return (0 if named is None else 1), delimiter

    def _header(self, record: list[str]) -> Columns | None:
        """The columns, from the first record that is not empty."""
        if not any(cell.strip() for cell in record):
            return None
        columns = choose_columns(record, self._options.mapping)
        self._mapping = columns.mapping
        self.fields = tuple(name for _, name in columns.chosen)
        for sentence in columns.warnings:
            self._warn(sentence)
        return columns

    def _record(self, record: list[str], line: int, columns: Columns) -> Row | None:
        """The values of a record; None, and counted, where it is empty, skipped or a duplicate."""
        width = len(record)
        values = {
            name: unguarded(cell) if cell[0] == "'" else cell
            for place, name in columns.chosen
            if place < width and (cell := record[place].strip())
        }
        extra = width > columns.width and any(cell.strip() for cell in record[columns.width :])
        if not values and not any(cell.strip() for cell in record):
            return None
        self._rows += 1
        if self._rows > MAX_ROWS:
            raise LeadFileRefused(f"The file holds more than {MAX_ROWS:,} leads; one upload takes at most that many.")
        if extra:
            self._warn(f"Line {line} has {width - columns.width} cells beyond the header; they are not imported.")
        return self._checked(values, line)

    def _checked(self, values: dict[str, str], line: int) -> Row | None:
        given = values.get(EMAIL, "")
        if max(map(len, values.values()), default=0) > MAX_CELL_CHARACTERS:
            return self._skip(CELL_TOO_LONG, line, given, f"a cell has more than {MAX_CELL_CHARACTERS:,} characters")
        try:
            address = normalised(given)
        except ValueError as wrong:
            if not trimmed(given):
                return self._skip(MISSING_EMAIL, line, given, "the row has no e-mail address")
            return self._skip(INVALID_EMAIL, line, given, str(wrong))
        key = key_of(address)
        if key in self._keys:
            self._duplicates += 1
            return None
        self._keys.add(key)
        self.addresses.append(key)
        self.lines.append(line)
        values[EMAIL] = address
        return values

    def _skip(self, reason: str, line: int, given: str, sentence: str) -> Row | None:
        self._skipped[reason] += 1
        self._problems.append(RowProblem(line=line, email=given[:255], reason=sentence))
        return None

    def _warn(self, sentence: str) -> None:
        if len(self._warnings) < _WARNINGS:
            self._warnings.append(sentence)
        elif len(self._warnings) == _WARNINGS:
            self._warnings.append("There are more warnings; these are the first.")


def _after_first(text: io.TextIOWrapper) -> Iterator[str]:
    """The lines behind the first one."""
    lines = iter(text)
    next(lines, None)
    return lines


class _Metered:
    """The bytes of a stream, counted, digested and cut off at the limit."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._count = 0
        self.digest = sha256()

    def read(self, size: int) -> bytes:
        chunk = self._stream.read(size)
        self._count += len(chunk)
        if self._count > MAX_BYTES:
            raise LeadFileRefused(f"The file is larger than {MAX_BYTES // 1024**2} MB; split it.")
        self.digest.update(chunk)
        return chunk
