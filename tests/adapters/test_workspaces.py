"""Workspaces: made, listed, chosen in every way, and blind to each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaign_adapters.cli.calls import DEFAULT_WORKSPACE
from campaign_core.kernel import registers
from tests.adapters.commands import every_command
from tests.adapters.given import ACTIVE, ANSWERS, DRAFT, INBOX, KEY, LEADS, Terminal, keep_key

#: Lines about something that another workspace has; each is answered as if it were nowhere.
LINES = [
    ["show", DRAFT],
    ["update", DRAFT, "--ramp-up"],
    ["history", DRAFT],
    ["history", INBOX],
    ["preview", DRAFT],
    ["preflight", DRAFT],
    ["lint", "v.json", "--campaign", DRAFT],
    ["assign", DRAFT, INBOX],
    ["variants", DRAFT, "v.json"],
    ["sequences", DRAFT, "s.json"],
    ["sequences", DRAFT],
    ["launch", DRAFT],
    ["pause", ACTIVE],
    ["activate", ACTIVE],
    ["archive", ACTIVE],
    ["delete", DRAFT],
    ["leads", "upload", DRAFT, "leads.csv"],
    ["leads", "add", DRAFT, "cy@acme.example.com"],
    ["leads", "update", DRAFT, "ada@acme.example.com", "--clear", "company"],
    ["leads", "remove", DRAFT, "ada@acme.example.com"],
    ["leads", "list", DRAFT],
    ["leads", "export", DRAFT],
    ["leads", "show", DRAFT, "ada@acme.example.com"],
    *(["leads", word, ACTIVE, "ada@acme.example.com"] for word in ANSWERS),
    ["sent", ACTIVE, "ada@acme.example.com"],
    ["forecast", ACTIVE],
    ["why", ACTIVE],
    ["why", "--inbox", INBOX],
    ["stats", ACTIVE],
    ["ab", ACTIVE],
    ["resolve", ACTIVE, "ada@acme.example.com", "--sent"],
    ["inboxes", "smtp", INBOX, "--host", "localhost"],
    ["inboxes", "verify", INBOX],
    ["inboxes", "pause", INBOX],
    ["inboxes", "resume", INBOX],
    ["inboxes", "disable", INBOX],
    ["inboxes", "remove", INBOX],
    ["keys", "revoke", KEY],
]
#: Commands about a database as a whole, or that make something; tested by themselves.
ABOUT_NOTHING_THERE = {
    ("create",), ("list",), ("inboxes", "add"), ("inboxes", "list"), ("log",), ("rebuild",), ("verify",), ("demo",),
    ("workspaces", "create"), ("workspaces", "list"), ("run",), ("unknowns",), ("suppress",), ("lift",), ("suppressed",),
    ("keys", "create"), ("keys", "list"), ("serve",),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_bytes(LEADS)
    (tmp_path / "v.json").write_text('[{"subject_template": "Hi", "email_content": "Good morning."}]', encoding="utf-8")
    (tmp_path / "s.json").write_text("[]", encoding="utf-8")


@pytest.fixture
def europe(terminal: Terminal, furnished: Path) -> str:
    """A second workspace in the furnished database, and an API key in the first."""
    keep_key(furnished)
    return str(terminal.asked("workspaces", "create", "europe")["workspace"])


def test_workspaces_are_made_and_listed(terminal: Terminal, europe: str) -> None:
    """Sorted, the default one among them, for people and as data."""
    assert terminal.asked("workspaces", "list") == {"workspaces": ["default", "europe"]}
    assert terminal.type("workspaces", "list").out == "default\neurope\n"
    said = terminal.type("workspaces", "create", "asia")
    assert said.out == "Workspace asia is there; work in it with --workspace asia.\n"


@pytest.mark.parametrize("line", LINES, ids=[" ".join(map(str, line)) for line in LINES])
def test_what_another_workspace_has_is_nowhere(terminal: Terminal, europe: str, line: list[object]) -> None:
    """The whole id and its beginning are both unknown, and nothing is recorded in either workspace."""
    before = terminal.asked("verify")
    for words in (line, [str(word)[:36] if word != line[-1] else word for word in line]):
        said = terminal.type("--workspace", europe, *map(str, words))
        assert (said.code, said.out) == (4, ""), said
    short = [str(word)[:14] if str(word) in {str(each) for each in (DRAFT, ACTIVE, INBOX)} else word for word in line]
    assert terminal.type(*map(str, short), "--workspace", europe).code == 4
    assert terminal.asked("verify") == before


def test_every_command_was_tried_from_another_workspace() -> None:
    """A command that is added must be added to the lines too."""
    known = every_command()
    tried = {tuple(map(str, line[:2])) if tuple(line[:2]) in known else (str(line[0]),) for line in LINES}
    assert set(known) - ABOUT_NOTHING_THERE == tried


def test_lists_and_the_log_show_their_own_workspace_only(terminal: Terminal, europe: str) -> None:
    """Names and addresses may be the same in both."""
    here = ("--workspace", europe)
    assert terminal.asked("list", *here)["campaigns"] == terminal.asked("inboxes", "list", *here)["inboxes"] == []
    assert terminal.asked("log", *here) == {"events": [], "position": 0}
    before = terminal.asked("log")
    campaign = terminal.asked("create", "First draft", *here)["campaign_id"]
    terminal.asked("inboxes", "add", "mara@out.example.com", *here)
    terminal.asked("leads", "upload", campaign, "leads.csv", *here)
    assert [row["campaign_id"] for row in terminal.asked("list", *here)["campaigns"]] == [campaign]
    names = [event["name"] for event in terminal.asked("log", *here)["events"]]
    assert names == ["campaign.created", "inbox.registered", "inbox.verified", "campaign.leads_uploaded"]
    assert terminal.asked("log") == before
    assert len(terminal.asked("list")["campaigns"]) == 3


def test_the_workspace_named_last_counts(terminal: Terminal, europe: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind the command before in front of it, in front of it before the environment, and that before the default."""
    terminal.asked("workspaces", "create", "asia")
    for workspace in (europe, "asia"):
        terminal.asked("create", f"Made in {workspace}", "--workspace", workspace)

    def first(*arguments: str) -> str:
        return str(terminal.asked(*arguments)["campaigns"][0]["name"])

    assert first("list") == first("list", "--workspace", "default") == "First draft"
    monkeypatch.setenv("CAMPAIGN_WORKSPACE", europe)
    assert first("list") == "Made in europe"
    assert first("--workspace", "asia", "list") == "Made in asia"
    assert first("--workspace", europe, "list", "--workspace", "asia") == "Made in asia"
    assert terminal.asked("workspaces", "list", "--workspace", "nowhere")["workspaces"] == ["asia", "default", "europe"]


def test_the_demo_can_be_told_in_a_workspace(terminal: Terminal) -> None:
    """Its command lines name it, and the default one stays empty."""
    terminal.asked("workspaces", "create", "stage", "--db", "demo.db")
    told = terminal.asked("demo", "--db", "demo.db", "--workspace", "stage", "--leads", "20")
    assert told["as_told"]
    assert told["steps"][0]["command"].startswith("campaign --db demo.db --workspace stage create ")
    assert terminal.asked("list", "--db", "demo.db")["campaigns"] == []


def test_the_default_workspace_is_the_kernels() -> None:
    """The program names it without loading the kernel."""
    assert DEFAULT_WORKSPACE == registers.DEFAULT_WORKSPACE
