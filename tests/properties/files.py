"""Lead files that programs, people and mistakes might bring, as strategies of hypothesis.

A file is bytes; beside them stands the sheet of cells that was written into it, where it is known how they must be read.
"""

from __future__ import annotations

import csv
import io
from typing import Any, Self

from hypothesis import strategies as st

from campaign_core import DuplicateAction
from tests.properties.model.leads import Sheet
from tests.properties.weights import any_of, mostly

ADDRESSES = [
    "ann@leads.org",
    "Ann@LEADS.org",
    "bob@leads.org",
    " bob@leads.org ",
    "\u200bcid@leads.org\ufeff",
    "zoë@leads.org",
    "dan+x@mail.leads.org",
]
_EMAILS = st.sampled_from([*ADDRESSES, *ADDRESSES, "no address", "@leads.org", "fay@", "two@at@leads.org", "", "  "])
_LONG = st.sampled_from([32_767, 32_768]).map("x".__mul__)
_PLAIN = [
    "Ann",
    "",
    "  ",
    "Zoë",
    "O'Neil, Jr.",
    " spaced ",
    '"',
    "a\nb",
    "a;b|c\td",
    "\u2028",
    "🙂",
    "'quoted'",
    "Łódź",
]
_LIVE = ["=1+1", "'=1+1", "''@x", "+49 30", "-", "@you", "\uff1d2", "'", "0", "None"]
_CELLS = st.sampled_from([*_PLAIN, *_LIVE])
#: One cell in many is as long as a cell may be, or longer.
CELLS = mostly(_CELLS, _LONG, 40)
_HEADERS = st.sampled_from(
    [
        ["email", "first_name", "city"],
        ["First Name", " EMAIL ", "custom_City"],
        ["email", "Company", "custom_custom_Größe", ""],
        ["E-Mail", "Vorname", "Ort"],
        ["email", "'=sum", "x" * 255],
        ["email", "city", "custom_CITY"],
        ["email", "x" * 256],
        ["first_name", "city"],
        ["email"],
    ]
)
_USUAL_HEADER = st.just(["email", "first_name", "city"])
#: Mappings, some of which fit some headers, some none, some out of shape.
MAPPINGS = st.sampled_from(
    [
        {"email": "email"},
        {"email": " Email ", "custom_town": "CITY"},
        {"email": "E-Mail", "first_name": "vorname"},
        {"EMAIL": "email", "company": "first_name"},
        {"email": "email", "town": "email"},
        {"email": "absent"},
        {"first_name": "first_name"},
        {"email": "email", "custom_email": "city"},
        {"email": "email", "x" * 256: "city"},
    ]
)
#: Codecs, and what a report calls a file in them where nobody names one.
_CODECS = {
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8-sig",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16",
    "utf-16-be": "utf-16",
    "cp1252": "cp1252",
}
_ENCODINGS = [*_CODECS, "klingon", "utf-7", "cp037", "shift_jis", "iso2022_jp", "utf-32", "rot13", "idna", "base64", ""]


class LeadBytes(bytes):
    """A lead file, and the sheet in it; None where nobody can say how it must be read."""

    sheet: Sheet | None = None

    @classmethod
    def of(cls, content: bytes, sheet: Sheet | None = None) -> Self:
        """The bytes with their sheet."""
        made = cls(content)
        made.sheet = sheet
        return made


def written(
    header: list[str], rows: list[list[str]], delimiter: str = ",", codec: str = "utf-8", before: str = ""
) -> LeadBytes:
    """A file written as csv writers do, in another codec where the one asked for lacks a letter."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    whole = before + text.getvalue()
    codec = _fitting(whole, codec)
    sheet = Sheet([each.replace("\0", "") for each in header], rows, delimiter, codec, _CODECS[codec])
    return LeadBytes.of(whole.encode(codec), sheet)


def _fitting(text: str, codec: str) -> str:
    """A codec in which the text can be told from text in others."""
    if codec in ("utf-16-le", "utf-16-be") and max(text) > "\xff":
        return "utf-16"
    if codec == "cp1252":
        try:
            text.encode(codec).decode("utf-8")
        except UnicodeDecodeError:
            return codec
        except UnicodeEncodeError:
            return "utf-8"
        return "utf-8"
    return codec


@st.composite
def readable_files(draw: st.DrawFn, headers: st.SearchStrategy[list[str]] = _HEADERS) -> LeadBytes:
    """Files whose reading is known, in many spellings."""
    header = draw(headers)
    place = next((place for place, cell in enumerate(header) if "mail" in cell.lower()), 0)
    rows = []
    for _ in range(draw(st.integers(0, 5))):
        row = [draw(CELLS) for _ in header]
        row[place] = draw(_EMAILS)
        if len(header) > 1:
            row = row[: draw(st.sampled_from([1, *[len(row)] * 6]))] + draw(st.sampled_from([[], [], [], ["beyond"]]))
        rows.append(row)
    delimiter = draw(st.sampled_from(",,,;\t|")) if len(header) > 1 else ","
    codec = draw(st.sampled_from(["utf-8", "utf-8", *_CODECS]))
    before = draw(st.sampled_from(["", "", "", "\r\n\n", f"sep={delimiter}\r\n", f"SEP={delimiter}\n\r\n"]))
    file = written(header, rows, delimiter, codec, before)
    return draw(st.sampled_from([file, file, file, _with_nuls(file), _left_open(file, header)]))


def _with_nuls(file: LeadBytes) -> LeadBytes:
    """The same file with characters in it that mean nothing."""
    if file.sheet is None or not file.sheet.codec.startswith(("utf-8", "cp")):
        return file
    return LeadBytes.of(file.replace(b'",', b'\0",', 2).replace(b"@leads", b"@\0leads"), file.sheet)


def _left_open(file: LeadBytes, header: list[str]) -> LeadBytes:
    """The file with a row whose last quote is never closed: what follows belongs to that cell."""
    sheet = file.sheet
    if sheet is None or sheet.codec != "utf-8":
        return file
    tail = "Eve\r\nfay@leads.org,Fay\r\n"
    end = f'"eve@leads.org"{sheet.delimiter}"{tail}'
    row = ["eve@leads.org", tail]
    return LeadBytes.of(file + end.encode(), Sheet(header, [*sheet.rows, row], *_how(sheet)))


def _how(sheet: Sheet) -> tuple[str, str, str]:
    return sheet.delimiter, sheet.codec, sheet.encoding


def _hopeless(content: bytes) -> LeadBytes:
    return LeadBytes.of(content, Sheet([], [], ",", "utf-8", "utf-8", hopeless=True))


def _longer(file: LeadBytes) -> LeadBytes:
    """The one cell that is more than the parser takes, made so long here to keep it out of every message."""
    return _hopeless(file + b"x" * 131_072) if file.endswith(b'"x') else file


HOPELESS = st.sampled_from(
    [
        _hopeless(b""),
        _hopeless(b"\r\n \r\n"),
        _hopeless(b"\0\0\0"),
        _hopeless(b"PK\x03\x04 and so on"),
        _hopeless(b"%PDF-1.7"),
        _hopeless(b'email,city\nann@leads.org,"x'),
        _hopeless(b"email;city;email\nann@leads.org;Ulm;bob@leads.org\n"),
        _hopeless(b"\xff\xfee\0m\0a\0i\0l\0,\0\x00\xd8"),
    ]
).map(_longer)


@st.composite
def wild_files(draw: st.DrawFn) -> LeadBytes:
    """Files of which nobody can say how they must be read: noise, and real files with holes, swaps and additions."""
    content = bytes(draw(any_of(st.binary(max_size=60), readable_files(), usual_files(), usual_files())))
    spared = draw(st.sampled_from([0, len(content) // 3]))
    for _ in range(draw(st.integers(1, 3))):
        place, length = draw(st.integers(spared, max(spared, len(content)))), draw(st.integers(0, 4))
        noise = draw(st.binary(max_size=4) | st.sampled_from([b'"', b"\n", b"\0", b"\xff\xfe", b",,", b"'=", b"\x80"]))
        content = content[:place] + noise + content[place + length :]
    return LeadBytes.of(content)


def usual_files() -> st.SearchStrategy[LeadBytes]:
    """Small plain files; some have a header only, a few no column of addresses."""
    return mostly(readable_files(_USUAL_HEADER), st.just(written(["first_name", "city"], [["Ann", "Ulm"]])), 20)


_CHOICES: dict[str, st.SearchStrategy[Any]] = {
    "duplicate_action": st.sampled_from(DuplicateAction),
    "delete_existing": st.sampled_from([False, False, True]),
}
_OVERRIDES: dict[str, st.SearchStrategy[Any]] = {
    "mapping": st.none() | MAPPINGS,
    "encoding": st.none() | st.sampled_from(_ENCODINGS),
    "delimiter": st.sampled_from([None, ",", ";", "|", '"', "ab", "x"]),
}


def usual_uploads() -> st.SearchStrategy[dict[str, Any]]:
    """The fields of an upload but its campaign: a readable file, and what to do with leads that are there."""
    return st.fixed_dictionaries({"file": any_of(usual_files(), usual_files(), readable_files())}, optional=_CHOICES)


def hostile_uploads() -> st.SearchStrategy[dict[str, Any]]:
    """The same with every kind of file there is, read otherwise than it should be."""
    files = any_of(usual_files(), readable_files(), wild_files(), wild_files(), wild_files(), HOPELESS)
    return any_of(
        st.fixed_dictionaries({"file": files}, optional=_CHOICES),
        st.fixed_dictionaries({"file": files}, optional={**_CHOICES, **_OVERRIDES}),
    )
