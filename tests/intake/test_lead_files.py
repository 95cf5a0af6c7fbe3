"""Every habit of real exporters is read as its file says it should be."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from campaign_core.errors import LeadFileRefused
from campaign_core.intake.lead_file import MAX_BYTES, MAX_CELL_CHARACTERS, MAX_ROWS, LeadFile, ReadingOptions

FILES = Path(__file__).parent.parent / "data" / "leads"
EXPECTED: dict[str, dict[str, Any]] = json.loads((FILES / "expected.json").read_text())
TAKEN = {name: each for name, each in EXPECTED.items() if "refused" not in each}
REFUSED = {
    "duplicate_headers.csv": "Columns 2 and 3 are both named 'first_name'",
    "empty.csv": "The file is empty",
    "no_email_column.csv": "the header found is: mail address, first_name",
    "over_10000_rows.csv": "more than 10,000 leads",
}


def read(data: bytes | str, **options: Any) -> tuple[list[dict[str, str]], LeadFile]:
    file = LeadFile(io.BytesIO(data.encode() if isinstance(data, str) else data), ReadingOptions(**options))
    return [dict(row) for row in file], file


@pytest.mark.parametrize("name", TAKEN, ids=list(TAKEN))
def test_a_file_is_reported_exactly_as_expected(name: str) -> None:
    expected = TAKEN[name]
    rows, file = read((FILES / name).read_bytes(), mapping=expected["mapping"])
    report = file.report
    assert report.balances
    assert {
        "rows": report.rows,
        "imported": report.imported,
        "duplicates": report.duplicates,
        "invalid": sum(report.skipped.values()),
        "encoding": report.encoding,
        "delimiter": report.delimiter,
    } == {key: expected[key] for key in ("rows", "imported", "duplicates", "invalid", "encoding", "delimiter")}
    assert [problem.line for problem in report.problems] == expected.get("invalid_rows", [])
    if "first" in expected:
        assert expected["first"].items() <= rows[0].items()


def test_every_refused_file_has_its_sentence() -> None:
    assert REFUSED.keys() == EXPECTED.keys() - TAKEN.keys()


@pytest.mark.parametrize("name", REFUSED, ids=list(REFUSED))
def test_a_file_that_cannot_be_taken_is_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(LeadFileRefused) as refused:
        read((FILES / name).read_bytes())
    assert REFUSED[name] in str(refused.value)


def test_ragged_rows_lose_nothing_in_silence() -> None:
    _, file = read((FILES / "blank_lines_and_ragged_rows.csv").read_bytes())
    assert file.report.warnings == ("Line 5 has 2 cells beyond the header; they are not imported.",)


ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
LINES = ["\n", "\r\n", "\r"]
DELIMITERS = [",", ";", "\t", "|"]


@pytest.mark.parametrize("line", LINES, ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("delimiter", DELIMITERS, ids=["comma", "semicolon", "tab", "bar"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_delimiter_and_line_end_is_recognised(encoding: str, delimiter: str, line: str) -> None:
    text = line.join(
        delimiter.join(cells)
        for cells in [
            ["email", "first_name"],
            ["a@example.com", "Zoë"],
            ["b@example.com", "Jürgen"],
            ["c@example.com", "x"],
        ]
    )
    rows, file = read(text.encode(encoding))
    assert [row.get("first_name") for row in rows] == ["Zoë", "Jürgen", "x"]
    assert file.report.delimiter == delimiter
    assert file.report.encoding == {"utf-16-le": "utf-16", "utf-16-be": "utf-16"}.get(encoding, encoding)


def test_a_first_line_names_the_delimiter() -> None:
    rows, file = read("sep=;\nemail;note\na@example.com;1,2,3\nbad;x\n")
    assert rows == [{"email": "a@example.com", "note": "1,2,3"}]
    assert file.report.problems[0].line == 4


def test_a_given_delimiter_and_encoding_outrank_what_would_be_detected() -> None:
    data = "email#first_name\na@example.com#Jürgen\n".encode("iso-8859-15")
    rows, file = read(data, delimiter="#", encoding="iso-8859-15")
    assert rows == [{"email": "a@example.com", "first_name": "Jürgen"}]
    assert (file.report.encoding, file.report.delimiter) == ("iso-8859-15", "#")


@pytest.mark.parametrize("encoding", ["no-such", "base64", "unicode_escape", "utf-7", "a\0b"])
def test_a_name_that_is_no_text_encoding_is_refused(encoding: str) -> None:
    with pytest.raises(LeadFileRefused, match="There is no text encoding named"):
        read("email\na@example.com\n", encoding=encoding)


def test_bytes_that_do_not_fit_the_given_encoding_are_refused() -> None:
    with pytest.raises(LeadFileRefused, match="The file is not utf-8 text"):
        read(b"email,first_name\na@example.com,J\xfcrgen\n", encoding="utf-8")


def test_a_byte_that_windows_1252_lacks_is_refused() -> None:
    with pytest.raises(LeadFileRefused, match="The file is not cp1252 text"):
        read(b"email,first_name\na@example.com,J\xfc\x81rgen\n")


@pytest.mark.parametrize(
    ("beginning", "kind"),
    [(b"PK\x03\x04rest", "Excel workbook"), (b"\xd0\xcf\x11\xe0rest", "old Excel workbook"), (b"%PDF-1.7", "a PDF")],
    ids=["xlsx", "xls", "pdf"],
)
def test_a_file_of_another_kind_is_refused_by_its_name(beginning: bytes, kind: str) -> None:
    with pytest.raises(LeadFileRefused, match=kind):
        read(beginning)


def test_an_invalid_byte_at_the_very_end_makes_the_whole_file_windows_1252() -> None:
    head = "email,first_name\n" + "".join(f"l{n}@example.com,Ana\n" for n in range(5000))
    rows, file = read(head.encode() + b"z@example.com,J\xfcrgen\n")
    assert file.report.encoding == "cp1252"
    assert rows[-1]["first_name"] == "Jürgen"


def test_headers_become_field_names() -> None:
    _, file = read(
        " E-Mail ,First  Name,custom_City,LinkedIn URL\n", mapping={"email": "e-mail", "custom_City": "custom_City"}
    )
    assert file.report.mapping == {"email": "E-Mail", "city": "custom_City"}
    rows, file = read("EMAIL,First  Name,custom_City\na@example.com,Ana,Köln\n")
    assert rows == [{"email": "a@example.com", "first_name": "Ana", "city": "Köln"}]


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [
        ({"email": "Mail"}, "names the column 'Mail'; the header found is: email, name"),
        ({"first_name": "name"}, "does not say which column holds the email"),
        ({"email": "email", "custom_x": "name", "x": "name"}, "names the field 'x' twice"),
        ({"email": "email", " ": "name"}, "without a name"),
    ],
    ids=["absent", "no-email", "twice", "blank"],
)
def test_a_mapping_that_does_not_fit_is_refused(mapping: dict[str, str], sentence: str) -> None:
    with pytest.raises(LeadFileRefused, match=sentence):
        read("email,name\na@example.com,Ana\n", mapping=mapping)


def test_a_column_left_out_of_the_mapping_may_be_named_twice_and_is_named_in_a_warning() -> None:
    rows, file = read("email,x,x\na@example.com,1,2\n", mapping={"email": "email"})
    assert rows == [{"email": "a@example.com"}]
    assert file.report.warnings == ("Columns outside the mapping are not imported: x, x.",)


def test_a_column_without_a_name_is_left_out_with_a_warning() -> None:
    rows, file = read("email,,city\na@example.com,lost,Köln\n")
    assert rows == [{"email": "a@example.com", "city": "Köln"}]
    assert file.report.warnings == ("Column 2 has no name and is not imported.",)


def test_a_cell_as_long_as_a_spreadsheet_allows_is_taken_and_a_longer_one_skips_its_row() -> None:
    rows, file = read(
        f"email,note\na@example.com,{'x' * MAX_CELL_CHARACTERS}\nb@example.com,{'x' * (MAX_CELL_CHARACTERS + 1)}\n"
    )
    assert [row["email"] for row in rows] == ["a@example.com"]
    assert file.report.skipped == {"cell_too_long": 1}
    assert file.report.balances


def test_a_quote_left_open_over_a_large_file_is_refused_with_its_line() -> None:
    with pytest.raises(LeadFileRefused, match="Is a quote left open"):
        read('email,note\na@example.com,"never closed\n' + "b@example.com,x\n" * 20_000)


def test_nul_characters_are_taken_out_and_named() -> None:
    rows, file = read("email,note\na@example.com,a\0b\n")
    assert rows == [{"email": "a@example.com", "note": "ab"}]
    assert file.report.warnings == ("The file holds NUL characters; they were taken out.",)


def test_ten_thousand_rows_are_taken() -> None:
    rows, _ = read("email\n" + "".join(f"l{n}@example.com\n" for n in range(MAX_ROWS)))
    assert len(rows) == MAX_ROWS


def test_a_file_of_fifty_megabytes_is_taken_and_one_byte_more_is_refused() -> None:
    row = b"a@example.com," + b"x" * 30_000 + b"\n"
    exact = b"email,note\n" + row * ((MAX_BYTES - 11) // len(row))
    exact += b" " * (MAX_BYTES - len(exact))
    _, file = read(exact)
    assert (file.report.imported, file.report.balances) == (1, True)
    with pytest.raises(LeadFileRefused, match="larger than 50 MB"):
        read(exact + b" ")


def test_zero_width_characters_around_an_address_are_trimmed() -> None:
    rows, _ = read("email\n\u200b a@EXAMPLE.com\ufeff\u2060\n")
    assert rows == [{"email": "a@example.com"}]


def test_warnings_stay_few() -> None:
    _, file = read("email\n" + "".join(f"l{n}@example.com,extra\n" for n in range(100)))
    assert len(file.report.warnings) == 21
    assert file.report.warnings[-1] == "There are more warnings; these are the first."
