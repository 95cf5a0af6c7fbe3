"""Lead files through the kernel: what is reported, what becomes of leads that are there already."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from campaign_core import (
    CAMPAIGNS,
    LEADS,
    AddLead,
    CreateCampaign,
    DuplicateAction,
    InvalidMessage,
    Kernel,
    LeadFileRefused,
    Outcome,
    RemoveLeads,
    ReviseLead,
    UpdateCampaign,
    UploadLeads,
)
from campaign_core.campaign.events import LeadsUploaded, Source
from campaign_core.campaign.facts import CampaignFacts, LeadFound
from campaign_core.campaign.state import CampaignState
from campaign_core.conversion import unstructure
from campaign_core.kernel.aggregates import aggregate_of
from campaign_core.lead.identity import lead_id_of
from campaign_core.testing.scenario import AT as DECIDED_AT
from campaign_core.testing.scenario import recorded
from tests.campaign.given import CREATED, add_leads

FILES = Path(__file__).parent.parent / "data" / "leads"
EXPECTED: dict[str, dict[str, Any]] = json.loads((FILES / "expected.json").read_text(encoding="utf-8"))
TAKEN = {name: each for name, each in EXPECTED.items() if "refused" not in each}
REFUSED = sorted(EXPECTED.keys() - TAKEN.keys())
#: Three leads, one of them in a spelling of its own.
LEADS_CSV = b"email,first_name,city\nAnna@example.com,Anna,Ulm\nbert@example.com,Bert,Bonn\ncarl@example.com,Carl,\n"


@pytest.fixture
def campaign_id(kernel: Kernel) -> UUID:
    """A draft without leads."""
    return kernel.handle(CreateCampaign("Spring launch")).id


def values(kernel: Kernel, campaign_id: UUID) -> dict[int, Any]:
    """The values of every lead, by number."""
    rows = kernel.view(LEADS).find({"campaign_id": campaign_id})
    return dict(zip((row.number for row in rows), kernel.lead_values(rows), strict=True))


def upload(kernel: Kernel, campaign_id: UUID, data: bytes, **options: Any) -> Outcome:
    return kernel.handle(UploadLeads(campaign_id, data, **options))


def reported(outcome: Outcome) -> Any:
    """The report as it is written down as JSON, which is read again."""
    return json.loads(json.dumps(unstructure(outcome.report)))


@pytest.mark.parametrize("name", TAKEN)
def test_a_file_is_reported_exactly_as_expected(kernel: Kernel, campaign_id: UUID, name: str) -> None:
    """As JSON, with these fields and no other; what was imported is there."""
    expected = TAKEN[name]
    outcome = kernel.handle(UploadLeads(campaign_id, FILES / name, mapping=expected["mapping"]))
    report = reported(outcome)
    assert list(report) == [
        "rows",
        "imported",
        "updated",
        "duplicates",
        "skipped",
        "encoding",
        "delimiter",
        "mapping",
        "warnings",
        "problems",
    ]
    numbers = ("rows", "imported", "duplicates", "encoding", "delimiter")
    assert {name: report[name] for name in numbers} == {name: expected[name] for name in numbers}
    assert report["updated"] == 0
    assert sum(report["skipped"].values()) == expected["invalid"] == len(report["problems"])
    assert report["rows"] == report["imported"] + report["updated"] + report["duplicates"] + expected["invalid"]
    assert [problem["line"] for problem in report["problems"]] == expected.get("invalid_rows", [])
    assert all(list(problem) == ["line", "email", "reason"] and problem["reason"] for problem in report["problems"])
    found = values(kernel, campaign_id)
    assert list(found) == list(range(1, expected["imported"] + 1))
    if "first" in expected:
        assert expected["first"].items() <= found[1].items()
    row = kernel.view(CAMPAIGNS).get(campaign_id)
    assert row is not None
    assert row.total_leads == expected["imported"]


@pytest.mark.parametrize("name", TAKEN)
def test_the_same_file_again_imports_nothing(kernel: Kernel, campaign_id: UUID, name: str) -> None:
    """Skipped, every row is a duplicate; updated, every lead is, and has what it had."""
    expected = TAKEN[name]
    upload(kernel, campaign_id, (FILES / name).read_bytes(), mapping=expected["mapping"])
    before = values(kernel, campaign_id)
    for action, field in ((DuplicateAction.SKIP, "duplicates"), (DuplicateAction.UPDATE, "updated")):
        again = upload(
            kernel, campaign_id, (FILES / name).read_bytes(), mapping=expected["mapping"], duplicate_action=action
        )
        report = reported(again)
        assert report["imported"] == 0
        assert report[field] == expected["imported"] + (expected["duplicates"] if field == "duplicates" else 0)
        assert again.report is not None
        assert again.report.balances
        assert values(kernel, campaign_id) == before


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_taken_stores_nothing(kernel: Kernel, campaign_id: UUID, name: str) -> None:
    """And does not use up its command id."""
    mapping = EXPECTED[name]["mapping"]
    with pytest.raises(LeadFileRefused):
        kernel.handle(UploadLeads(campaign_id, FILES / name, mapping=mapping), command_id="upload-1")
    assert [each.name for each in kernel.history(campaign_id)] == ["campaign.created"]
    assert kernel.handle(UploadLeads(campaign_id, LEADS_CSV), command_id="upload-1").events


def test_a_report_that_is_answered_again_holds_no_addresses(kernel: Kernel, campaign_id: UUID) -> None:
    """Problems name what was in the file: they are answered once and never kept."""
    command = UploadLeads(campaign_id, b"email\nnobody\nanna@example.com\n")
    first, again = (reported(kernel.handle(command, command_id="upload-1")) for _ in range(2))
    assert [problem["email"] for problem in first["problems"]] == ["nobody"]
    assert again == first | {"problems": []}


def test_updating_merges_and_replacing_does_not(kernel: Kernel, campaign_id: UUID) -> None:
    """Neither touches number, status, batch or the spelling of the address."""
    upload(kernel, campaign_id, LEADS_CSV)
    rows = kernel.view(LEADS).find({"campaign_id": campaign_id})
    kept = [(row.number, row.email, row.status, row.batch_id, row.created_at) for row in rows]
    second = b"email,first_name,tea\nANNA@EXAMPLE.COM,,Assam\ndora@example.com,Dora,\n"
    merged = upload(kernel, campaign_id, second, duplicate_action=DuplicateAction.UPDATE)
    assert [reported(merged)[name] for name in ("rows", "imported", "updated", "duplicates")] == [2, 1, 1, 0]
    anna = {"email": "Anna@example.com", "first_name": "Anna", "city": "Ulm", "tea": "Assam"}
    assert values(kernel, campaign_id)[1] == anna
    assert values(kernel, campaign_id)[4] == {"email": "dora@example.com", "first_name": "Dora"}
    replaced = upload(kernel, campaign_id, second, duplicate_action=DuplicateAction.REPLACE)
    assert [reported(replaced)[name] for name in ("rows", "imported", "updated", "duplicates")] == [2, 0, 2, 0]
    assert values(kernel, campaign_id)[1] == {"email": "Anna@example.com", "tea": "Assam"}
    rows = kernel.view(LEADS).find({"campaign_id": campaign_id})
    assert [(row.number, row.email, row.status, row.batch_id, row.created_at) for row in rows][:3] == kept
    assert values(kernel, campaign_id)[2] == {"email": "bert@example.com", "first_name": "Bert", "city": "Bonn"}


def test_a_revised_lead_is_updated_from_what_it_has_now(kernel: Kernel, campaign_id: UUID) -> None:
    upload(kernel, campaign_id, LEADS_CSV)
    kernel.handle(ReviseLead(campaign_id, lead_id_of(campaign_id, 1), company="Ash", custom_fields={"city": None}))
    upload(kernel, campaign_id, b"email,tea\nanna@example.com,Assam\n", duplicate_action=DuplicateAction.UPDATE)
    anna = {"email": "Anna@example.com", "first_name": "Anna", "company": "Ash", "tea": "Assam"}
    assert values(kernel, campaign_id)[1] == anna


@pytest.mark.parametrize("action", DuplicateAction)
def test_leads_are_replaced_as_a_whole(kernel: Kernel, campaign_id: UUID, action: DuplicateAction) -> None:
    """Every lead never contacted goes first; one that comes back is imported anew, with the row's values alone."""
    upload(kernel, campaign_id, LEADS_CSV)
    second = b"email,tea\nANNA@example.com,Assam\ndora@example.com,Darjeeling\n"
    outcome = upload(kernel, campaign_id, second, duplicate_action=action, delete_existing=True)
    assert outcome.events == ("campaign.leads_removed", "campaign.leads_uploaded")
    assert (outcome.removed, outcome.kept) == (3, 0)
    assert [reported(outcome)[name] for name in ("rows", "imported", "updated", "duplicates")] == [2, 2, 0, 0]
    assert values(kernel, campaign_id) == {
        4: {"email": "ANNA@example.com", "tea": "Assam"},
        5: {"email": "dora@example.com", "tea": "Darjeeling"},
    }
    assert kernel.view(LEADS).count({"campaign_id": campaign_id}) == 2


def test_a_campaign_without_leads_has_none_to_remove(kernel: Kernel, campaign_id: UUID) -> None:
    outcome = upload(kernel, campaign_id, LEADS_CSV, delete_existing=True)
    assert (outcome.events, outcome.removed, outcome.kept) == (("campaign.leads_uploaded",), 0, 0)
    plain = upload(kernel, campaign_id, b"email\nemil@example.com\n")
    assert (plain.removed, plain.kept) == (None, None)


def test_a_refused_file_leaves_the_leads_it_was_to_replace(kernel: Kernel, campaign_id: UUID) -> None:
    upload(kernel, campaign_id, LEADS_CSV)
    with pytest.raises(LeadFileRefused):
        upload(kernel, campaign_id, b"", delete_existing=True)
    assert list(values(kernel, campaign_id)) == [1, 2, 3]


def test_leads_that_were_contacted_are_counted_as_kept() -> None:
    """By an upload that replaces the others, and by a removal (fact 16)."""
    state = CampaignState(settings=CREATED.settings)
    command = add_leads("new@example.com", delete_existing=True)
    known = CampaignFacts(at=DECIDED_AT, pending=(1, 2), contacted=5)
    event = LeadsUploaded(batch_id=command.batch_id, source=Source.FILE, first_number=3, imported=1, duplicates=0)
    answer = aggregate_of(command).answer(command, state, known, [recorded(event)])  # type: ignore[union-attr]
    assert (answer["removed"], answer["kept"]) == (2, 5)
    ids = tuple(lead_id_of(command.campaign_id, number) for number in (1, 2, 3, 2))
    removal = RemoveLeads(command.campaign_id, ids)
    named = {ids[0]: LeadFound(number=1, is_pending=True), ids[1]: LeadFound(number=2, is_pending=False)}
    known = CampaignFacts(at=DECIDED_AT, named=named)
    answer = aggregate_of(removal).answer(removal, state, known, [])  # type: ignore[union-attr]
    assert (answer["removed"], answer["kept"], answer["unknown"]) == (1, 1, 1)


GERMAN = "E-Mail;Vorname;Stadt\nanna@example.com;Anna;Köln\n".encode("cp1252")


def test_a_campaigns_mapping_reads_its_files(kernel: Kernel, campaign_id: UUID) -> None:
    """Unless an upload brings its own; columns outside it are named and left out."""
    with pytest.raises(LeadFileRefused, match="No column is named email"):
        upload(kernel, campaign_id, GERMAN)
    kernel.handle(UpdateCampaign(campaign_id, lead_mapping={"email": "E-Mail", "first_name": "Vorname"}))
    report = reported(upload(kernel, campaign_id, GERMAN))
    assert report["mapping"] == {"email": "E-Mail", "first_name": "Vorname"}
    assert report["warnings"] == ["Columns outside the mapping are not imported: Stadt."]
    assert (report["encoding"], report["delimiter"]) == ("cp1252", ";")
    own = {"email": "E-Mail", "custom_city": "Stadt"}
    report = reported(upload(kernel, campaign_id, GERMAN, mapping=own, duplicate_action=DuplicateAction.REPLACE))
    assert report["mapping"] == {"email": "E-Mail", "city": "Stadt"}
    assert values(kernel, campaign_id)[1] == {"email": "anna@example.com", "city": "Köln"}
    with pytest.raises(LeadFileRefused, match="The mapping names the column 'E-Mail'"):
        upload(kernel, campaign_id, LEADS_CSV)


def test_what_is_given_outranks_what_would_be_detected(kernel: Kernel, campaign_id: UUID) -> None:
    data = "email#city\nanna@example.com#Łódź\n".encode("iso-8859-2")
    report = reported(upload(kernel, campaign_id, data, encoding="iso-8859-2", delimiter="#"))
    assert (report["encoding"], report["delimiter"]) == ("iso-8859-2", "#")
    assert values(kernel, campaign_id)[1]["city"] == "Łódź"


@pytest.mark.parametrize("delimiter", ["", ",,", '"', "\n", "\r", "\0"], ids=ascii)
def test_what_could_separate_no_cells_is_refused(kernel: Kernel, campaign_id: UUID, delimiter: str) -> None:
    with pytest.raises(InvalidMessage, match=r"\$\.delimiter"):
        upload(kernel, campaign_id, LEADS_CSV, delimiter=delimiter)


def test_leads_of_files_and_by_hand_are_numbered_as_they_come(kernel: Kernel, campaign_id: UUID) -> None:
    """A file is a batch; so is each lead added by hand."""
    upload(kernel, campaign_id, LEADS_CSV)
    kernel.handle(AddLead(campaign_id, "dora@example.com"))
    upload(kernel, campaign_id, b"email\nemil@example.com\n")
    rows = kernel.view(LEADS).find({"campaign_id": campaign_id})
    assert [row.number for row in rows] == [1, 2, 3, 4, 5]
    assert len({row.batch_id for row in rows}) == 3
    assert len({row.lead_id for row in rows}) == 5


class Unseekable(io.RawIOBase):
    """A stream that can be read once, from front to back."""

    def __init__(self, data: bytes) -> None:
        self._rest = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._rest.readinto(buffer)


@pytest.mark.parametrize("kind", ["bytes", "path", "text path", "stream", "stream that cannot be read twice"])
def test_a_file_comes_in_any_form(kernel: Kernel, campaign_id: UUID, tmp_path: Path, kind: str) -> None:
    """The same leads and the same report."""
    path = tmp_path / "leads.csv"
    path.write_bytes(LEADS_CSV)
    forms: dict[str, Any] = {
        "bytes": LEADS_CSV,
        "path": path,
        "text path": str(path),
        "stream": io.BytesIO(LEADS_CSV),
        "stream that cannot be read twice": io.BufferedReader(Unseekable(LEADS_CSV)),
    }
    report = reported(kernel.handle(UploadLeads(campaign_id, forms[kind])))
    assert (report["rows"], report["imported"], report["problems"]) == (3, 3, [])
    assert values(kernel, campaign_id)[2] == {"email": "bert@example.com", "first_name": "Bert", "city": "Bonn"}


def test_a_file_that_is_not_there_is_refused(kernel: Kernel, campaign_id: UUID, tmp_path: Path) -> None:
    """As is a folder."""
    for path in (tmp_path / "nowhere.csv", tmp_path):
        with pytest.raises(LeadFileRefused, match="cannot be read"):
            kernel.handle(UploadLeads(campaign_id, path))
