"""Every command that succeeds, typed by a person and asked by a script."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from campaign_core.lead.identity import lead_id_of
from tests.adapters.given import ACTIVE, DRAFT, EMPTY, INBOX, LEADS, PENDING, Terminal

VARIANTS_YAML = """\
- variant_name: a
  distribution_percent: 60
  subject_template: "{{first_name}}, hello"
  email_content: Good morning to you.
- variant_name: b
  distribution_percent: 40
  subject_template: Hello
  email_content: Good evening to you.
"""
OUTCOME = {
    "status",
    "version",
    "events",
    "position",
    "recorded_at",
    "is_launch_ready",
    "missing_requirements",
    "warnings",
    "faults",
    "report",
    "batch_id",
    "lead_id",
    "removed",
    "kept",
    "unknown",
    "scrubbed",
}


@pytest.fixture
def leads_file(tmp_path: Path) -> Path:
    path = tmp_path / "leads.csv"
    path.write_bytes(LEADS + b"ADA@acme.example.com,Ada,Acme\nnobody,Nobody,Acme\n")
    return path


@pytest.fixture
def variants_file(tmp_path: Path) -> Path:
    path = tmp_path / "variants.yaml"
    path.write_text(VARIANTS_YAML, encoding="utf-8")
    return path


def test_a_campaign_lives_from_its_creation_to_its_deletion(
    terminal: Terminal, leads_file: Path, variants_file: Path
) -> None:
    """Every status a person can lead a campaign through, command by command."""
    created = terminal.asked("create", "Spring launch")
    campaign = created["campaign_id"]
    assert set(created) == {"campaign_id", *OUTCOME}
    assert (created["status"], created["version"], created["events"]) == ("DRAFT", 1, ["campaign.created"])
    inbox = terminal.asked("inboxes", "add", "mara@out.example.com")["inbox_id"]
    steps = [
        (("leads", "upload", campaign, leads_file), "DRAFT", ["leads_uploaded"], ["inboxes", "email_content"]),
        (("assign", campaign, inbox), "DRAFT", ["inboxes_assigned"], ["email_content"]),
        (("variants", campaign, variants_file), "DRAFT", ["variants_set"], []),
        (("launch", campaign), "ACTIVE", ["launched"], []),
        (("pause", campaign), "PAUSED", ["paused"], []),
        (("pause", campaign), "PAUSED", [], []),
        (("activate", campaign), "ACTIVE", ["resumed"], []),
        (("pause", campaign), "PAUSED", ["paused"], []),
        (("launch", campaign), "ACTIVE", ["resumed"], []),
        (("pause", campaign), "PAUSED", ["paused"], []),
        (("archive", campaign), "ARCHIVED", ["archived"], []),
    ]
    for arguments, status, events, missing in steps:
        outcome = terminal.asked(*arguments)
        assert outcome["campaign_id"] == campaign
        assert (outcome["status"], outcome["events"]) == (status, [f"campaign.{each}" for each in events]), arguments
        if arguments[0] != "leads":
            assert outcome["missing_requirements"] == missing, arguments
    deleted = terminal.asked("delete", campaign)
    assert (deleted["status"], deleted["scrubbed"]) == ("DELETED", True)
    assert terminal.asked("list")["campaigns"] == []


def test_an_upload_accounts_for_every_row(terminal: Terminal, leads_file: Path, furnished: Path) -> None:
    """The report is in the answer: as data, and in words with the rows that were skipped."""
    report = terminal.asked("leads", "upload", EMPTY, leads_file)["report"]
    assert (report["rows"], report["imported"], report["updated"], report["duplicates"]) == (4, 2, 0, 1)
    assert report["skipped"] == {"invalid_email": 1}
    assert [problem["line"] for problem in report["problems"]] == [5]
    said = terminal.type("leads", "upload", DRAFT, leads_file)
    assert "4 rows = 0 imported + 0 updated + 3 duplicates + 1 skipped." in said.out
    assert "line 5: " in said.out


def test_a_long_list_of_skipped_rows_is_cut_for_people_only(terminal: Terminal, furnished: Path) -> None:
    """Ten skipped rows are told one by one; the data has them all."""
    Path("bad.csv").write_text("email\n" + "".join(f"nobody{number}\n" for number in range(25)), encoding="utf-8")
    said = terminal.type("leads", "upload", EMPTY, "bad.csv")
    assert said.out.count("  line ") == 10
    assert "and 15 more; --json lists them all." in said.out
    assert len(terminal.asked("leads", "upload", EMPTY, "bad.csv")["report"]["problems"]) == 25


def test_how_a_lead_file_is_read_can_be_said(terminal: Terminal, furnished: Path) -> None:
    """Encoding, delimiter and columns are passed on as they are given."""
    Path("odd.csv").write_bytes("Mail|Vorname|Ort\nbjörn@acme.example.com|Björn|Köln\n".encode("latin-1"))
    options = ("--encoding", "latin-1", "--delimiter", "|", "--map", "email=Mail", "--map", "first_name=Vorname")
    report = terminal.asked("leads", "upload", EMPTY, "odd.csv", *options)["report"]
    assert (report["imported"], report["delimiter"]) == (1, "|")
    assert report["mapping"] == {"email": "Mail", "first_name": "Vorname"}
    (lead,) = terminal.asked("leads", "list", EMPTY)["leads"]
    assert lead["values"] == {"email": "björn@acme.example.com", "first_name": "Björn"}


def test_leads_are_listed_page_by_page(terminal: Terminal, furnished: Path) -> None:
    """Number, address, status and values; the pages together are all leads in order, each once."""
    Path("many.csv").write_text(
        "email,first_name\n" + "".join(f"p{number}@acme.example.com,P{number}\n" for number in range(45)),
        encoding="utf-8",
    )
    terminal.type("leads", "upload", EMPTY, "many.csv")
    pages = [terminal.asked("leads", "list", EMPTY, "--limit", "20", "--page", str(page)) for page in (1, 2, 3, 4)]
    assert [lead["number"] for page in pages for lead in page["leads"]] == list(range(1, 46))
    expected = [(True, False), (True, True), (False, True), (False, True)]
    assert [(each["pagination"]["has_next"], each["pagination"]["has_prev"]) for each in pages] == expected
    assert set(pages[0]["leads"][0]) == {
        "lead_id", "campaign_id", "number", "email", "status", "batch_id", "created_at", "values", "inbox_id",
        "sent_count", "last_sent_at", "opened_at", "clicked_at", "replied_at",
        "unsubscribed_at"
    }  # fmt: skip
    assert pages[0]["pagination"] == {
        "page": 1, "limit": 20, "total": 45, "pages": 3, "has_next": True, "has_prev": False
    }  # fmt: skip
    said = terminal.type("leads", "list", EMPTY, "--page", "3")
    lines = said.out.splitlines()
    assert lines[0].split() == ["No.", "E-mail", "Status", "first_name"]
    assert lines[2].split() == ["41", "p40@acme.example.com", "PENDING", "P40"]
    assert lines[-1] == "Page 3 of 3; 45 leads."


def test_a_page_far_behind_the_last_one_is_empty(terminal: Terminal, furnished: Path) -> None:
    """A number no database could count to is no reason to fail."""
    answer = terminal.asked("leads", "list", DRAFT, "--page", "9" * 30)
    assert (answer["leads"], answer["pagination"]["has_next"], answer["pagination"]["has_prev"]) == ([], False, True)


def test_a_campaign_without_leads_says_so(terminal: Terminal, furnished: Path) -> None:
    """An empty list is an answer, not an error."""
    assert terminal.type("leads", "list", EMPTY).out == "The campaign has no leads yet.\n"


def test_inboxes_are_added_verified_disabled_and_listed(terminal: Terminal) -> None:
    """`add` registers and verifies in one go, unless it is told not to."""
    assert terminal.type("inboxes", "list").out.startswith("There are no inboxes yet")
    added = terminal.asked("inboxes", "add", "mara@out.example.com")
    assert set(added) == {"inbox_id", *OUTCOME}
    assert (added["status"], added["events"]) == ("ACTIVE", ["inbox.registered", "inbox.verified"])
    pending = terminal.asked("inboxes", "add", "noah@out.example.com", "--unverified")
    assert (pending["status"], pending["events"]) == ("PENDING", ["inbox.registered"])
    assert terminal.asked("inboxes", "verify", pending["inbox_id"])["status"] == "ACTIVE"
    assert terminal.asked("inboxes", "disable", added["inbox_id"])["status"] == "DISABLED"
    listed = terminal.asked("inboxes", "list")["inboxes"]
    assert [(row["email_address"], row["status"]) for row in listed] == [
        ("mara@out.example.com", "DISABLED"),
        ("noah@out.example.com", "ACTIVE"),
    ]
    assert "noah@out.example.com   ACTIVE " in terminal.type("inboxes", "list").out


def test_variants_come_from_yaml_or_json_bare_or_named(terminal: Terminal, furnished: Path) -> None:
    """The four forms of a file mean the same."""
    plain = [
        {
            "variant_name": name,
            "distribution_percent": share,
            "subject_template": "Hi",
            "email_content": "Good morning.",
        }
        for name, share in (("A", 60), ("B", 40))
    ]
    Path("list.json").write_text(json.dumps(plain), encoding="utf-8")
    Path("object.JSON").write_text(json.dumps({"variants": plain}, indent="\t"), encoding="utf-8-sig")
    Path("list.yaml").write_text(VARIANTS_YAML, encoding="utf-8")
    Path("object.yml").write_text("variants:\n" + VARIANTS_YAML, encoding="utf-8")
    for name in ("list.json", "object.JSON", "list.yaml", "object.yml"):
        outcome = terminal.asked("variants", DRAFT, name)
        assert outcome["events"] == ["campaign.variants_set"], name
        shares = [
            (each["variant_name"], each["distribution_percent"]) for each in terminal.asked("show", DRAFT)["variants"]
        ]
        assert shares == [("A", 60), ("B", 40)], name


def test_show_tells_everything_about_a_campaign(terminal: Terminal, furnished: Path) -> None:
    """Status, what is missing, settings, inboxes with their addresses, variants, leads by status."""
    shown = terminal.asked("show", ACTIVE)
    assert (shown["campaign_id"], shown["status"], shown["is_launch_ready"]) == (str(ACTIVE), "ACTIVE", True)
    assert [each["email_address"] for each in shown["inboxes"]] == ["mara@out.example.com"]
    assert (shown["leads_by_status"], shown["settings"]["sending_window_end"]) == ({"PENDING": 2}, 17)
    said = terminal.type("show", ACTIVE).out
    for words in ("Under way", str(ACTIVE), "ACTIVE, version 5", "2 PENDING", "Mon-Fri 09:00-17:00 America/New_York"):
        assert words in said
    assert "mara@out.example.com" in said
    assert "it still needs: leads, an assigned inbox, e-mail content (variants)." in terminal.type("show", EMPTY).out


def test_a_campaign_without_anything_says_none(terminal: Terminal, furnished: Path) -> None:
    """No count of nothing."""
    assert terminal.asked("show", EMPTY)["leads_by_status"] == {}
    lines = [line.split() for line in terminal.type("show", EMPTY).out.splitlines()]
    assert {"Leads none", "Inboxes none", "Variants none"} <= {" ".join(line) for line in lines}


def test_the_variants_of_a_paused_campaign_are_put_in_by_name(terminal: Terminal, furnished: Path) -> None:
    """The timeline says that the others stayed."""
    terminal.type("pause", ACTIVE)
    Path("v.json").write_text(
        '[{"variant_name": "B", "distribution_percent": 0, "subject_template": "Hi", "email_content": "Good morning."}]',
        encoding="utf-8",
    )
    terminal.type("variants", ACTIVE, "v.json")
    assert [each["variant_name"] for each in terminal.asked("show", ACTIVE)["variants"]] == ["A", "B"]
    assert "B 0 %, the others kept" in terminal.type("history", ACTIVE).out
    assert "A 100 %, the others kept" not in terminal.type("history", ACTIVE).out


def test_a_deletion_says_when_a_reader_still_holds_the_erased_bytes(terminal: Terminal, furnished: Path) -> None:
    """Erased is erased for every reader to come; the file itself is clean once the present ones are done."""
    with closing(sqlite3.connect(furnished, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        said = terminal.type("delete", DRAFT)
        assert "Another reader still holds old pages of the database" in said.out
    assert "Another reader" not in terminal.type("delete", EMPTY).out


def test_history_tells_who_did_what_and_when(terminal: Terminal, furnished: Path) -> None:
    """One line an event, oldest first, with the operating system's user as the actor."""
    terminal.type("pause", ACTIVE, "--command-id", "morning-7")
    events = terminal.asked("history", ACTIVE)["events"]
    names = ["created", "leads_uploaded", "inboxes_assigned", "variants_set", "launched", "paused"]
    assert [each["name"] for each in events] == [f"campaign.{name}" for name in names]
    assert [each["version"] for each in events] == [1, 2, 3, 4, 5, 6]
    assert (events[-1]["actor"], events[-1]["command"]) == ("wilma", "morning-7")
    assert events[2]["payload"] == {"inbox_ids": [str(INBOX)]}
    lines = terminal.type("history", ACTIVE).out.splitlines()[2:]
    whats = ["Under way; Mon-Fri", "2 leads, no. 1-2", "mara@out.example.com", "A 100 %", "sending begins", "requested"]
    for line, name, what in zip(lines, names, whats, strict=True):
        assert name in line
        assert what in line


def test_an_inbox_has_a_history_too(terminal: Terminal, furnished: Path) -> None:
    """The same command tells it."""
    assert [each["name"] for each in terminal.asked("history", PENDING)["events"]] == ["inbox.registered"]
    assert "noah@out.example.com, CUSTOM_SMTP, 100 a day" in terminal.type("history", PENDING).out


def test_a_deleted_campaign_keeps_a_history_of_erased_events(terminal: Terminal, furnished: Path) -> None:
    """What is left is shown as what it is, and still checks."""
    assert terminal.type("delete", DRAFT).code == 0
    events = terminal.asked("history", DRAFT)["events"]
    assert [(each["erased"], each["payload"]) for each in events] == [(True, None)] * 4 + [(False, {})]
    said = terminal.type("history", DRAFT).out
    assert said.count("(erased)") == 4
    assert "earlier payloads erased" in said
    assert terminal.asked("verify")["erased"] == 4


def test_list_shows_every_campaign_oldest_first(terminal: Terminal, furnished: Path) -> None:
    """Ids are shortened only as far as they stay apart."""
    assert [row["name"] for row in terminal.asked("list")["campaigns"]] == ["First draft", "Second draft", "Under way"]
    rows = [line.split() for line in terminal.type("list").out.splitlines()[2:]]
    assert [row[0] for row in rows] == [str(DRAFT), str(EMPTY), "cccccccc"]
    assert "There are no campaigns yet" in terminal.type("list", "--db", "new.db").out


def test_rebuild_makes_the_same_rows_again(terminal: Terminal, furnished: Path) -> None:
    """It says how many events it read and how many rows there are."""
    before = [terminal.asked("show", each) for each in (DRAFT, EMPTY, ACTIVE)]
    answer = terminal.asked("rebuild")
    rows = {"campaigns": 3, "leads": 4, "batches": 2, "inboxes": 2, "assignments": 2}
    rows |= {"due": 0, "usage": 0, "suppressions": 0, "results": 0, "timeline": 3}
    assert answer == {"events": 13, "rows": rows}
    assert [terminal.asked("show", each) for each in (DRAFT, EMPTY, ACTIVE)] == before
    told = ", ".join(f"{name} {count}" for name, count in rows.items())
    assert terminal.type("rebuild").out == f"Folded 13 events anew; rows now: {told}.\n"


def test_verify_says_that_every_link_holds(terminal: Terminal, furnished: Path) -> None:
    """Its data is what the kernel found."""
    assert terminal.asked("verify") == {"holds": True, "events": 13, "streams": 5, "erased": 0, "problems": []}
    assert terminal.type("verify").out.startswith("Every link holds: 13 events in 5 streams")


def test_an_id_may_be_shortened_to_what_fits_one_only(terminal: Terminal, furnished: Path) -> None:
    """Six characters are enough where they tell it from the others, whichever case they have."""
    assert terminal.asked("show", "CCCCCC")["campaign_id"] == str(ACTIVE)
    assert terminal.asked("show", str(EMPTY)[:36])["campaign_id"] == str(EMPTY)
    assert terminal.asked("inboxes", "disable", "dddddddd-00")["inbox_id"] == str(PENDING)
    assert terminal.asked("history", "bbbbbb")["id"] == str(INBOX)
    assert terminal.asked("show", UUID(str(DRAFT)).hex)["campaign_id"] == str(DRAFT)


def test_a_command_id_makes_repeating_harmless(terminal: Terminal, furnished: Path, leads_file: Path) -> None:
    """The same id answers the first outcome again, for every command that changes something."""
    Path("v.yaml").write_text(VARIANTS_YAML, encoding="utf-8")
    step = "{step_number: 2, trigger_type: NOT_OPENED, wait_days: 3, variants: [{email_content: A reminder.}]}"
    Path("s.yaml").write_text(f"[{step}]", encoding="utf-8")
    lines: list[tuple[object, ...]] = [
        ("create", "Autumn launch"),
        ("leads", "upload", EMPTY, leads_file),
        ("inboxes", "add", "olga@out.example.com"),
        ("leads", "add", EMPTY, "cy@acme.example.com"),
        ("leads", "update", EMPTY, "cy@acme.example.com", "--company", "Acme"),
        ("leads", "remove", EMPTY, lead_id_of(EMPTY, 3)),
        ("inboxes", "verify", PENDING),
        ("inboxes", "pause", PENDING),
        ("inboxes", "resume", PENDING),
        ("assign", EMPTY, PENDING),
        ("variants", EMPTY, "v.yaml"),
        ("sequences", EMPTY, "s.yaml"),
        ("update", EMPTY, "--ramp-up"),
        ("launch", EMPTY),
        ("pause", EMPTY),
        ("activate", EMPTY),
        ("inboxes", "disable", PENDING),
        ("pause", ACTIVE),
        ("archive", ACTIVE),
        ("delete", ACTIVE),
    ]
    for number, line in enumerate(lines):
        words = [str(each) for each in line]
        first, again = (terminal.asked(*words, "--command-id", f"job-{number}") for _ in range(2))
        for told_once in (first, again):
            told_once["report"] = told_once["report"] and told_once["report"]["imported"]
            told_once["scrubbed"] = None
        assert first == again, line
    assert len(terminal.asked("history", EMPTY)["events"]) == 11


def test_the_id_of_an_added_inbox_is_split_for_its_two_commands(terminal: Terminal) -> None:
    """An inbox that was registered but not yet verified is found again under the same id, and then verified."""
    unverified = terminal.asked("inboxes", "add", "olga@out.example.com", "--unverified", "--command-id", "job")
    whole = terminal.asked("inboxes", "add", "olga@out.example.com", "--command-id", "job")
    assert (whole["inbox_id"], whole["status"]) == (unverified["inbox_id"], "ACTIVE")
    assert len(terminal.asked("history", whole["inbox_id"])["events"]) == 2
