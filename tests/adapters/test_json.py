"""`--json` and `--db` everywhere: before the command, behind a group, behind the command."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.adapters.commands import command_of, every_command
from tests.adapters.given import ACTIVE, DRAFT, EMPTY, INBOX, KEY, LEADS, PENDING, SENT, Terminal, keep_key

#: A line for each command that succeeds in the furnished database, and the first name its document must have.
LINES: list[tuple[list[object], str]] = [
    (["create", "Spring launch"], "campaign_id"),
    (["update", DRAFT, "--ramp-up"], "campaign_id"),
    (["list"], "campaigns"),
    (["show", DRAFT], "campaign_id"),
    (["history", DRAFT], "id"),
    (["why", DRAFT], "campaign_id"),
    (["forecast", DRAFT], "campaign_id"),
    (["stats", DRAFT], "campaign_id"),
    (["ab", DRAFT], "campaign_id"),
    (["preview", DRAFT], "campaign_id"),
    (["preflight", DRAFT], "campaign_id"),
    (["lint", "v.json"], "errors"),
    (["assign", EMPTY, INBOX], "campaign_id"),
    (["variants", DRAFT, "v.json"], "campaign_id"),
    (["sequences", DRAFT, "s.json"], "campaign_id"),
    (["launch", DRAFT], "campaign_id"),
    (["pause", ACTIVE], "campaign_id"),
    (["activate", ACTIVE], "campaign_id"),
    (["archive", ACTIVE], "campaign_id"),
    (["delete", EMPTY], "campaign_id"),
    (["log"], "events"),
    (["rebuild"], "events"),
    (["verify"], "holds"),
    (["leads", "upload", EMPTY, "leads.csv"], "campaign_id"),
    (["leads", "add", EMPTY, "ada@acme.example.com"], "campaign_id"),
    (["leads", "update", DRAFT, "ada@acme.example.com", "--field", "city=Oslo"], "lead_id"),
    (["leads", "remove", DRAFT, "ada@acme.example.com"], "campaign_id"),
    (["leads", "list", DRAFT], "leads"),
    (["leads", "export", DRAFT], "campaign_id"),
    (["leads", "show", SENT, "ada@acme.example.com"], "lead_id"),
    (["leads", "opened", SENT, "ada@acme.example.com"], "lead_id"),
    (["leads", "clicked", SENT, "ada@acme.example.com"], "lead_id"),
    (["leads", "replied", SENT, "ada@acme.example.com"], "lead_id"),
    (["leads", "bounced", SENT, "ada@acme.example.com"], "lead_id"),
    (["leads", "complained", SENT, "ada@acme.example.com"], "lead_id"),
    (["leads", "unsubscribed", SENT, "ada@acme.example.com"], "lead_id"),
    (["run", "--transport", "maildir:mails", "--clock", "virtual", "--until-complete"], "worker"),
    (["sent", SENT, "ada@acme.example.com"], "step_number"),
    (["unknowns"], "unknowns"),
    (["resolve", SENT, "bo@acme.example.com", "--sent"], "lead_id"),
    (["suppress", "cy@acme.example.com"], "suppressed"),
    (["lift", "cy@acme.example.com"], "suppressed"),
    (["suppressed"], "suppressions"),
    (["inboxes", "smtp", INBOX, "--host", "localhost"], "inbox_id"),
    (["inboxes", "add", "olga@out.example.com"], "inbox_id"),
    (["inboxes", "list"], "inboxes"),
    (["inboxes", "verify", PENDING], "inbox_id"),
    (["inboxes", "pause", INBOX], "inbox_id"),
    (["inboxes", "resume", INBOX], "inbox_id"),
    (["inboxes", "disable", INBOX], "inbox_id"),
    (["inboxes", "remove", PENDING], "inbox_id"),
    (["keys", "create", "--name", "Shop", "--scope", "*"], "key"),
    (["keys", "list"], "keys"),
    (["keys", "revoke", KEY], "key"),
    (["workspaces", "create", "europe"], "workspace"),
    (["workspaces", "list"], "workspaces"),
]


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPAIGN_SECRET_KEY", "0" * 64)
    (tmp_path / "leads.csv").write_bytes(LEADS)
    (tmp_path / "v.json").write_text('[{"subject_template": "Hi", "email_content": "Good morning."}]', encoding="utf-8")
    (tmp_path / "s.json").write_text("[]", encoding="utf-8")


def _spelled(line: Sequence[object], place: int, *options: str) -> list[str]:
    """The line with options put in before the word at a place; -1: at its end."""
    words = [str(each) for each in line]
    at = len(words) if place == -1 else place
    return [*words[:at], *options, *words[at:]]


@pytest.mark.parametrize("place", [0, 1, -1], ids=["before", "after-the-first-word", "at-the-end"])
@pytest.mark.parametrize(("line", "first"), LINES, ids=["-".join(map(str, line[:2])) for line, _ in LINES])
def test_every_command_prints_one_document_wherever_json_stands(
    terminal: Terminal, request: pytest.FixtureRequest, line: list[object], first: str, place: int
) -> None:
    """Stdout holds one JSON document, stderr nothing, and `--db` is taken at the same place."""
    furnished: Path = request.getfixturevalue("under_way" if SENT in line else "furnished")
    if line[0] == "archive":
        terminal.type("pause", ACTIVE)
    if line[:2] == ["inboxes", "resume"]:
        terminal.type("inboxes", "pause", INBOX)
    if line[:2] == ["keys", "revoke"]:
        keep_key(furnished)
    furnished = furnished.rename(furnished.with_name("elsewhere.db"))
    said = terminal.type(*_spelled(line, place, "--json", "--db", str(furnished)))
    assert (said.code, said.err) == (0, "")
    assert next(iter(json.loads(said.out))) == first
    assert not Path("campaigns.db").exists()


def test_every_command_is_asked_for_json() -> None:
    """A command that is added must be added to the lines too; the demo and the server have tests of their own."""
    asked = {command_of([str(word) for word in line]) for line, _ in LINES}
    assert set(every_command()) - {("demo",), ("serve",)} == asked


def test_the_database_named_last_counts(terminal: Terminal, furnished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind the command before in front of it, in front of it before the environment, and that before the default."""
    monkeypatch.setenv("CAMPAIGN_DB", "environment.db")
    terminal.type("create", "In the environment")
    terminal.type("create", "In front of it", "--db", "front.db")
    terminal.type("--db", "front.db", "create", "Behind the command", "--db", "behind.db")

    def names(*arguments: str) -> list[str]:
        return [row["name"] for row in terminal.asked(*arguments)["campaigns"]]

    assert names("list") == ["In the environment"]
    assert names("--db", "front.db", "list") == ["In front of it"]
    assert names("--db", "front.db", "list", "--db", "behind.db") == ["Behind the command"]
    monkeypatch.delenv("CAMPAIGN_DB")
    assert names("list") == ["First draft", "Second draft", "Under way"]


def test_the_version_is_a_document_too(terminal: Terminal) -> None:
    """`--version` names the distribution's version."""
    version = json.loads(terminal.type("--version", "--json").out)["version"]
    assert terminal.type("--version").out == f"campaign {version}\n"


def test_without_a_command_people_get_help_and_programs_an_error(terminal: Terminal) -> None:
    """There is nothing to answer as data."""
    said = terminal.type()
    assert (said.code, said.err) == (0, "")
    assert "Exit codes:" in said.out
    assert json.loads(terminal.type("--json").out)["error"]["code"] == "usage"


def test_text_beyond_ascii_is_itself_in_a_document(terminal: Terminal) -> None:
    """A name comes back as it was given."""
    terminal.type("create", "Frühjahr 北京 launch")
    said = terminal.type("list", "--json")
    assert "Frühjahr 北京 launch" in said.out
