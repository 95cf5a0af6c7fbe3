"""What a lead file is written in: its encoding and its delimiter. Source: reference section 20.3.

Encoding: a byte-order mark decides; else UTF-16 where every second byte is NUL; else UTF-8 where the whole file is valid;
else Windows-1252. Delimiter: a first line `sep=;` names it; else whichever of comma, semicolon, tab and bar finds the
expected columns in the header and the same number of cells in every row.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Collection
from typing import Final, Protocol

from attrs import frozen

from campaign_core.errors import LeadFileRefused

DELIMITERS: Final = (",", ";", "\t", "|")
_CHUNK: Final = 1 << 16
_SAMPLE_RECORDS: Final = 50
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
#: Codecs that Python has, but that can make text no other program could read.
_NOT_TEXT: Final = {"unicode-escape", "raw-unicode-escape", "utf-7", "idna", "punycode", "undefined"}
#: How files begin that people upload by mistake.
_OTHER_KINDS: Final = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF"),
)


class Readable(Protocol):
    """Bytes to be had chunk by chunk."""

    def read(self, size: int) -> bytes:
        """At most that many bytes; none at the end."""
        ...


@frozen
class Encoding:
    """How the bytes of a file become text."""

    #: What it is called in a report: utf-8, utf-8-sig, utf-16, cp1252, or the name that was given.
    name: str
    #: What decodes it: says which way round UTF-16 without a mark is.
    codec: str


def detect_encoding(stream: Readable) -> Encoding:
    """The encoding of a stream, which is read to its end.

    Raises:
        LeadFileRefused: it is no text file, or empty.
    """
    first = stream.read(_CHUNK)
    if not first:
        raise LeadFileRefused("The file is empty; it needs a header row such as email,first_name,company.")
    for beginning, kind in _OTHER_KINDS:
        if first.startswith(beginning):
            raise LeadFileRefused(f"The file is {kind}, not CSV; save it as CSV (UTF-8) first.")
    for mark, name in _MARKS:
        if first.startswith(mark):
            return Encoding(name, name)
    unmarked = _utf16_without_mark(first)
    if unmarked is not None:
        return Encoding("utf-16", unmarked)
    return Encoding("utf-8", "utf-8") if _is_utf8(first, stream) else Encoding("cp1252", "cp1252")


def given_encoding(name: str) -> Encoding:
    """The encoding a caller named.

    Raises:
        LeadFileRefused: Python knows no text encoding of that name.
    """
    try:
        known = codecs.lookup(name).name
        io.TextIOWrapper(io.BytesIO(), encoding=name)
    except (LookupError, ValueError):
        known = ""
    if not known or known.replace("_", "-") in _NOT_TEXT:
        raise LeadFileRefused(
            f"There is no text encoding named {name!r}; name one such as utf-8, utf-16, cp1252 or iso-8859-15."
        )
    return Encoding(name, name)


def named_delimiter(line: str) -> str | None:
    """The delimiter that a first line such as `sep=;` names; None where the line is something else."""
    text = line.rstrip("\r\n")
    return text[4] if len(text) == 5 and text[:4].lower() == "sep=" else None


def detect_delimiter(sample: str, whole: bool, expected: Collection[str]) -> str:
    """The delimiter of the text a file begins with.

    Args:
        sample: the beginning.
        whole: whether that is all of the file; otherwise its last record may be cut off.
        expected: names, in lower case, of which the header should hold at least one.
    """
    return max(DELIMITERS, key=lambda delimiter: _fit(sample, whole, expected, delimiter))


def _fit(sample: str, whole: bool, expected: Collection[str], delimiter: str) -> tuple[bool, float, int, int]:
    """How well a delimiter fits: the header names an expected column, the rows agree, there are columns at all."""
    records = []
    try:
        for record in csv.reader(sample.splitlines(keepends=True), delimiter=delimiter):
            if any(cell.strip() for cell in record):
                records.append(record)
            if len(records) > _SAMPLE_RECORDS:
                break
    except csv.Error:
        return (False, 0.0, 0, 0)
    if not whole and 1 < len(records) <= _SAMPLE_RECORDS:
        del records[-1]
    if not records:
        return (False, 0.0, 0, 0)
    hit = any(cell.strip().lower() in expected for cell in records[0])
    counts = Counter(len(record) for record in records)
    width, often = counts.most_common(1)[0]
    agreement = often / len(records) if width > 1 else 0.0
    return (hit, agreement, width, -DELIMITERS.index(delimiter))


def _utf16_without_mark(sample: bytes) -> str | None:
    """Text in Western scripts has a NUL in every second byte as UTF-16: high bytes first or last."""
    even, odd = sample[0:1024:2], sample[1:1024:2]
    if len(odd) < 2 or len(sample) < 4:
        return None
    if odd.count(0) > 0.7 * len(odd) and even.count(0) < 0.1 * len(even):
        return "utf-16-le"
    if even.count(0) > 0.7 * len(even) and odd.count(0) < 0.1 * len(odd):
        return "utf-16-be"
    return None


def _is_utf8(first: bytes, rest: Readable) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(first)
        while chunk := rest.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
