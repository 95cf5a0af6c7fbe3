"""The leads of a campaign: uploads in every way, single ones, lists, and an export that comes back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.adapters.given import ACTIVE, DRAFT, EMPTY, LEADS, Terminal

REPORT = (
    "rows", "imported", "updated", "duplicates", "skipped", "encoding", "delimiter", "mapping", "warnings", "problems"
)  # fmt: skip
#: Values that a spreadsheet would run, that CSV has to quote, and that are more than ASCII.
ODD = {
    "formula": "=1+1",
    "quoted": 'a "b", c',
    "lines": "one\ntwo",
    "apostrophe": "'tis",
    "city": "北京",
    "plus": "+47 1",
}


@pytest.fixture(autouse=True)
def _file(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_bytes(LEADS)


def values_of(terminal: Terminal, campaign: UUID, *options: str) -> dict[str, dict[str, str]]:
    """The values of each lead, by its address."""
    leads = terminal.asked("leads", "list", campaign, "--limit", "1000", *options)["leads"]
    return {lead["values"].pop("email"): lead["values"] for lead in leads}


def test_the_report_has_exactly_its_names(terminal: Terminal, furnished: Path) -> None:
    """As data: counts, reasons, how the file was read, and each skipped row with its line."""
    Path("mixed.csv").write_bytes(LEADS + b"nobody,Nobody,Acme\n,No,Address\nADA@acme.example.com,Ada,Acme\n")
    report = terminal.asked("leads", "upload", EMPTY, "mixed.csv")["report"]
    assert tuple(report) == REPORT
    assert [report[name] for name in REPORT[:4]] == [5, 2, 0, 1]
    assert report["skipped"] == {"invalid_email": 1, "missing_email": 1}
    assert (report["encoding"], report["delimiter"]) == ("utf-8", ",")
    assert report["mapping"] == {"email": "email", "first_name": "first_name", "company": "company"}
    assert [(set(each), each["line"]) for each in report["problems"]] == [
        ({"line", "email", "reason"}, 4),
        ({"line", "email", "reason"}, 5),
    ]


@pytest.mark.parametrize(
    ("action", "counts", "bo"),
    [
        ("skip", (0, 2), {"first_name": "Bo", "company": "Acme"}),
        ("update", (2, 0), {"first_name": "Bo", "company": "Initech"}),
        ("REPLACE", (2, 0), {"company": "Initech"}),
    ],
    ids=["skip", "update", "replace"],
)
def test_what_becomes_of_a_lead_that_is_there_already(
    terminal: Terminal, furnished: Path, action: str, counts: tuple[int, int], bo: dict[str, str]
) -> None:
    """Left as it is, given what is not blank, or given the whole row."""
    Path("again.csv").write_text(
        "email,first_name,company\nbo@acme.example.com,,Initech\nada@acme.example.com,Ada,Acme\n", encoding="utf-8"
    )
    report = terminal.asked("leads", "upload", DRAFT, "again.csv", "--duplicate-action", action)["report"]
    assert (report["updated"], report["duplicates"], report["imported"]) == (*counts, 0)
    assert values_of(terminal, DRAFT)["bo@acme.example.com"] == bo
    assert len(values_of(terminal, DRAFT)) == 2


def test_an_upload_can_take_the_place_of_all_leads(terminal: Terminal, furnished: Path) -> None:
    """The two that were never contacted go first, and the answer counts them."""
    Path("new.csv").write_text("email\ncy@acme.example.com\n", encoding="utf-8")
    outcome = terminal.asked("leads", "upload", DRAFT, "new.csv", "--delete-existing")
    assert (outcome["removed"], outcome["kept"], outcome["report"]["imported"]) == (2, 0, 1)
    assert list(values_of(terminal, DRAFT)) == ["cy@acme.example.com"]
    assert "Leads removed: 1." in terminal.type("leads", "upload", DRAFT, "leads.csv", "--delete-existing").out


def test_a_mapping_is_an_object_of_fields_and_headers(terminal: Terminal, furnished: Path) -> None:
    """Other columns are left out, and named in the warnings; `--map` says the same column by column."""
    Path("odd.csv").write_bytes("Mail;Vorname;Ort\nbjörn@acme.example.com;Björn;Köln\n".encode("cp1252"))
    mapping = json.dumps({"email": "Mail", "custom_city": "Ort"})
    report = terminal.asked("leads", "upload", EMPTY, "odd.csv", "--mapping", mapping)["report"]
    assert (report["encoding"], report["delimiter"]) == ("cp1252", ";")
    assert report["mapping"] == {"email": "Mail", "city": "Ort"}
    assert report["warnings"] == ["Columns outside the mapping are not imported: Vorname."]
    assert values_of(terminal, EMPTY) == {"björn@acme.example.com": {"city": "Köln"}}
    again = terminal.asked("leads", "upload", EMPTY, "odd.csv", "--map", "email=Mail", "--map", "custom_city=Ort")
    assert again["report"]["mapping"] == report["mapping"]


@pytest.mark.parametrize("delimiter", ["tab", r"\t", "\t"], ids=["word", "escape", "character"])
def test_a_tab_can_be_typed(terminal: Terminal, furnished: Path, delimiter: str) -> None:
    """A shell makes it hard to give one as it is."""
    Path("tabs.csv").write_text("email\tcity\nada@acme.example.com\tOslo, Bergen\n", encoding="utf-8")
    report = terminal.asked("leads", "upload", EMPTY, "tabs.csv", "--delimiter", delimiter)["report"]
    assert (report["imported"], report["delimiter"]) == (1, "\t")


def test_a_lead_is_added_by_hand(terminal: Terminal, furnished: Path) -> None:
    """With standard and other fields, whichever way they are named; its id is in the answer."""
    names = ("--first-name", "Cy", "--field", "Last Name=Lee", "--field", "Shoe Size=43", "--field", "note=a=b")
    outcome = terminal.asked("leads", "add", DRAFT, "Cy@ACME.example.com", *names)
    assert outcome["events"] == ["campaign.leads_uploaded"]
    (lead,) = terminal.asked("leads", "list", DRAFT, "--search", "cy@")["leads"]
    assert lead["lead_id"] == outcome["lead_id"]
    assert (lead["number"], lead["batch_id"]) == (3, outcome["batch_id"])
    assert lead["values"] == {
        "email": "Cy@acme.example.com", "first_name": "Cy", "last_name": "Lee", "shoe_size": "43", "note": "a=b"
    }  # fmt: skip
    said = terminal.type("leads", "add", DRAFT, "di@acme.example.com")
    assert "The lead is " in said.out


@pytest.mark.parametrize("by", ["address", "id"])
def test_values_of_a_lead_are_set_changed_and_taken_away(terminal: Terminal, furnished: Path, by: str) -> None:
    """What is not named stays; the lead is named by its address or its id."""
    address = "ada@acme.example.com"
    name = {"address": address.upper(), "id": terminal.asked("leads", "list", DRAFT)["leads"][0]["lead_id"]}[by]
    outcome = terminal.asked("leads", "update", DRAFT, name, "--field", "city=Oslo", "--last-name", "Lovelace")
    assert (outcome["events"], outcome["status"]) == (["lead.details_revised"], "PENDING")
    assert outcome["lead_id"] == terminal.asked("leads", "list", DRAFT)["leads"][0]["lead_id"]
    terminal.asked("leads", "update", DRAFT, name, "--field", "City=Bergen", "--clear", "first_name", "--company", "B")
    assert values_of(terminal, DRAFT)[address] == {"company": "B", "city": "Bergen", "last_name": "Lovelace"}
    assert terminal.asked("leads", "update", DRAFT, name, "--clear", "first_name")["events"] == []


def test_leads_are_removed_by_address_and_by_id(terminal: Terminal, furnished: Path) -> None:
    """Ids that are no lead's are counted, not refused: removing twice is harmless."""
    ada, bo = (lead["lead_id"] for lead in terminal.asked("leads", "list", DRAFT)["leads"])
    outcome = terminal.asked("leads", "remove", DRAFT, "ada@acme.example.com", bo)
    assert (outcome["removed"], outcome["kept"], outcome["unknown"]) == (2, 0, 0)
    assert values_of(terminal, DRAFT) == {}
    again = terminal.asked("leads", "remove", DRAFT, ada)
    assert (again["events"], again["removed"], again["unknown"]) == ([], 0, 1)
    assert "Leads removed: 0; not of this campaign: 1." in terminal.type("leads", "remove", DRAFT, ada).out
    assert "2 leads, no. 1-2" in terminal.type("history", DRAFT).out


def test_a_list_can_be_narrowed(terminal: Terminal, furnished: Path) -> None:
    """By part of the address, by status, by upload, and by all of them at once."""
    Path("more.csv").write_text("email\ncy@initech.example.com\nada@initech.example.com\n", encoding="utf-8")
    batch = terminal.asked("leads", "upload", DRAFT, "more.csv")["batch_id"]

    def found(*options: str) -> list[str]:
        return list(values_of(terminal, DRAFT, *options))

    assert found("--search", "ADA@") == ["ada@acme.example.com", "ada@initech.example.com"]
    assert found("--status", "pending") == found()
    assert found("--batch", batch) == ["cy@initech.example.com", "ada@initech.example.com"]
    assert found("--batch", batch, "--search", "ada", "--status", "PENDING") == ["ada@initech.example.com"]
    nothing = terminal.asked("leads", "list", DRAFT, "--search", "%")
    assert (nothing["leads"], nothing["pagination"]["total"]) == ([], 0)
    assert terminal.type("leads", "list", DRAFT, "--search", "%").out == "No lead fits.\n"


def test_an_export_comes_back_as_it_was(terminal: Terminal, furnished: Path) -> None:
    """Values that a spreadsheet would run, quotes, line breaks, other scripts: all are the same after an import."""
    fields = [word for name, value in ODD.items() for word in ("--field", f"{name}={value}")]
    terminal.asked("leads", "add", DRAFT, "cy@acme.example.com", *fields)
    before = values_of(terminal, DRAFT)
    assert before["cy@acme.example.com"] == ODD
    exported = terminal.asked("leads", "export", DRAFT, "out.csv")
    assert (exported["leads"], exported["file"], exported["csv"]) == (3, "out.csv", None)
    report = terminal.asked("leads", "upload", EMPTY, "out.csv")["report"]
    assert (report["imported"], report["encoding"], report["warnings"]) == (3, "utf-8-sig", [])
    assert values_of(terminal, EMPTY) == before


def test_an_export_is_printed_where_no_file_is_named(terminal: Terminal, furnished: Path) -> None:
    """As UTF-8 without a mark, with nothing around it; a file has the mark that spreadsheets look for."""
    terminal.type("leads", "add", DRAFT, "cy@acme.example.com", "--field", "city=北京")
    said = terminal.type("leads", "export", DRAFT)
    assert (said.code, said.err) == (0, "")
    header, *rows = said.out.splitlines()
    assert header == '"email","first_name","last_name","company","city"'
    assert rows[-1] == '"cy@acme.example.com","","","","北京"'
    assert terminal.type("leads", "export", DRAFT, "out.csv").out == "Wrote 3 leads to out.csv.\n"
    assert Path("out.csv").read_bytes() == b"\xef\xbb\xbf" + said.out.encode()
    assert terminal.asked("leads", "export", DRAFT)["csv"].encode() == Path("out.csv").read_bytes()[3:]


def test_a_campaign_without_leads_exports_a_header(terminal: Terminal, furnished: Path) -> None:
    """No leads are an answer too."""
    assert terminal.asked("leads", "export", EMPTY)["leads"] == 0
    assert terminal.type("leads", "export", EMPTY).out == '"email","first_name","last_name","company"\r\n'


def test_an_export_replaces_a_file_and_what_a_link_points_to(terminal: Terminal, furnished: Path) -> None:
    """Nothing is left beside it."""
    Path("real.csv").write_text("old", encoding="utf-8")
    Path("link.csv").symlink_to("real.csv")
    terminal.asked("leads", "export", DRAFT, "link.csv")
    assert Path("link.csv").is_symlink()
    assert Path("real.csv").read_bytes().startswith(b'\xef\xbb\xbf"email"')
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["campaigns.db", "leads.csv", "link.csv", "real.csv"]


def test_an_export_that_breaks_off_leaves_the_file_as_it_was(
    terminal: Terminal, furnished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full at the end: the old file is whole, and no half of a new one lies about."""
    resource = pytest.importorskip("resource")
    import signal

    Path("many.csv").write_text("email\n" + "".join(f"p{n}@acme.example.com\n" for n in range(9000)), encoding="utf-8")
    terminal.asked("leads", "upload", EMPTY, "many.csv")
    Path("out.csv").write_text("old", encoding="utf-8")
    usual, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
        said = terminal.type("leads", "export", EMPTY, "out.csv")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (usual, hard))
        signal.signal(signal.SIGXFSZ, ignored)
    assert (said.code, said.out, said.err) == (3, "", "Error: out.csv: cannot be written: File too large.\n")
    assert Path("out.csv").read_text(encoding="utf-8") == "old"
    assert not [path.name for path in Path.cwd().iterdir() if ".part" in path.name]


def test_leads_of_a_running_campaign_can_be_revised_but_not_of_an_archived_one(
    terminal: Terminal, furnished: Path
) -> None:
    """The lifecycle's table says so, and the exit code is that of an illegal move."""
    line: list[Any] = ["leads", "update", ACTIVE, "ada@acme.example.com", "--field", "city=Oslo"]
    assert terminal.type(*line).code == 0
    terminal.type("pause", ACTIVE)
    terminal.type("archive", ACTIVE)
    assert terminal.type(*line[:-1], "city=Rome").code == 5
    assert terminal.type("leads", "remove", ACTIVE, "ada@acme.example.com").code == 5
    assert terminal.type("leads", "add", ACTIVE, "cy@acme.example.com").code == 5
    assert terminal.type("leads", "export", ACTIVE).code == 0
