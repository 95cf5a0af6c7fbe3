"""The demo: a story whose every step is a real command with a checked result, and the file of leads it ships."""

from __future__ import annotations

import csv
import json
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest

from campaign_adapters.cli import demo
from campaign_adapters.cli.calls import Call
from campaign_adapters.cli.demo import Story, StoryBroken
from campaign_core import CAMPAIGNS, open_kernel
from tests.adapters.given import Terminal

ROOT = Path(__file__).parents[2]
LEADS = ROOT / "examples" / "leads.csv"
#: What the file holds, counted by hand: repeated addresses, addresses that are none, no address at all.
IMPORTED, DUPLICATES, SKIPPED = 987, 5, {"invalid_email": 6, "missing_email": 2}
#: The rows of the views in the end.
ROWS = {"campaigns": 1, "leads": IMPORTED, "inboxes": 2, "assignments": 1}
STORY_BROKEN = 16


def unheard(text: object) -> None:
    """What a story says while it is told."""


@pytest.fixture
def call(tmp_path: Path) -> Call:
    return Call(str(tmp_path / "story.db"), unheard)


def test_the_demo_runs_as_a_program_and_tells_every_step(tmp_path: Path) -> None:
    """`campaign --db demo.db demo` on its own, as `make demo` runs it."""
    program = Path(sys.executable).with_name("campaign")
    ended = subprocess.run(
        [str(program), "--db", "demo.db", "demo"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, ""), ended
    told = ended.stdout
    for words in (
        "\n1. A campaign starts as a draft.\n   $ campaign --db demo.db create 'Spring launch, Europe' --postal-address ",
        "it still needs: leads, an assigned inbox, e-mail content (variants).\n",
        "   Exit code 7, as it should be.\n",
        "1,000 rows = 987 imported + 0 updated + 5 duplicates + 8 skipped.\n",
        "distribution_percent: 60\n",
        "Subject:  Hello, about Cedarlight Studios ApS\n",
        "  how do parcels leave Cedarlight Studios ApS in København?\n",
        "  Parcels Ltd, 1 Harbour Road, Dublin\n",
        "The campaign could start now: every mail can go to every lead.\n",
        "Recorded: launched.\n",
        "Recorded: paused.\n",
        "Recorded: resumed.\n",
        "Error: A campaign that is ACTIVE cannot be deleted.",
        "Exit code 5, as it should be.\n",
        "Every link holds: 10 events in 3 streams (0 with their payload erased).\n",
        "All 991 rows are identical to those before: campaigns 1, leads 987, inboxes 2, assignments 1",
        "All 18 steps came to what they should. The database is demo.db.\n",
    ):
        assert words in told
    assert [path.name for path in tmp_path.iterdir()] == ["demo.db"]
    with open_kernel(tmp_path / "demo.db") as kernel:
        (row,) = kernel.view(CAMPAIGNS).find()
    assert (row.status.value, row.total_leads, row.version) == ("ACTIVE", IMPORTED, 7)


def test_the_demo_is_one_document_too(terminal: Terminal) -> None:
    """Every step with its command line, its exit code and its data."""
    told = terminal.asked("demo", "--db", "demo.db")
    assert (told["as_told"], _present(told["identical_rows"])) == (True, ROWS)
    steps = told["steps"]
    assert all(step["as_told"] for step in steps)
    assert [step["exit_code"] for step in steps] == [0, 7, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0]
    report = steps[2]["answer"]["report"]
    counts = (report["rows"], report["imported"], report["updated"], report["duplicates"], report["skipped"])
    assert counts == (1000, IMPORTED, 0, DUPLICATES, SKIPPED)
    assert report["warnings"] == []
    words = [step["command"].split()[3] for step in steps]
    preparing = ["create", "launch", "leads", "inboxes", "inboxes", "assign", "assign", "variants"]
    assert words == [
        *preparing,
        "preview",
        "preflight",
        "launch",
        "pause",
        "activate",
        "delete",
        "show",
        "history",
        "verify",
        "rebuild",
    ]


def test_the_document_is_all_there_is_wherever_json_stands(terminal: Terminal) -> None:
    """In front of the command the option keeps the story silent too."""
    said = terminal.type("--json", "demo", "--db", "demo.db")
    assert (said.code, json.loads(said.out)["as_told"]) == (0, True)


def test_the_lines_it_shows_can_be_typed(terminal: Terminal) -> None:
    """The commands that only ask are typed again as they were shown, and answer the same."""
    told = terminal.asked("demo", "--db", "demo.db")
    for step in told["steps"]:
        program, *words = step["command"].split()
        if words[2] in ("show", "history", "preflight", "verify", "rebuild"):
            assert program == "campaign"
            assert terminal.asked(*words) == step["answer"]


def test_a_database_that_is_in_use_is_refused(terminal: Terminal) -> None:
    """Telling the story twice in one file would mix two stories."""
    assert terminal.type("demo", "--db", "demo.db").code == 0
    before = terminal.asked("verify", "--db", "demo.db")
    said = terminal.type("demo", "--db", "demo.db")
    assert (said.code, said.out) == (3, "")
    assert said.err == (
        "Error: --db: demo.db already holds campaigns and inboxes; the demo needs a new file, as in --db demo.db.\n"
    )
    assert terminal.asked("verify", "--db", "demo.db") == before


@pytest.mark.parametrize(
    ("expected", "code"),
    [({"status": "ACTIVE"}, 0), ({"no_such_field": 1}, 0), (lambda data: data["version"] == 2, 0), ({}, 7)],
    ids=["another-value", "a-missing-field", "a-judgement", "another-exit-code"],
)
def test_a_step_that_goes_otherwise_than_told_breaks_the_story(call: Call, expected: demo.Expected, code: int) -> None:
    """The checks of the story can fail."""
    story = Story(call)
    with pytest.raises(StoryBroken, match="Step 1 came to something else than told"):
        story.step("A campaign starts.", ["create", "Spring launch"], expected, code)
    assert [step["as_told"] for step in story.steps] == [False]


def test_a_refusal_where_none_was_told_breaks_the_story(call: Call) -> None:
    """A refused command is a result like any other."""
    with pytest.raises(StoryBroken, match="exit code 3"):
        Story(call).step("A campaign starts.", ["create", "short"], {})


def test_rows_that_are_not_what_the_log_says_break_the_story(terminal: Terminal, call: Call) -> None:
    """The rows are compared one by one, not only counted."""
    told = terminal.asked("demo", "--db", call.db)
    campaign = told["steps"][0]["answer"]["campaign_id"]
    with closing(sqlite3.connect(call.db)) as connection:
        connection.execute("UPDATE view_leads SET email = 'forged@example.com' WHERE number = 500")
        connection.commit()
    with pytest.raises(StoryBroken, match="not what they were before"):
        demo.prove(Story(call), campaign)
    assert _present(demo.prove(Story(call), campaign)) == ROWS


def _present(counts: dict[str, int]) -> dict[str, int]:
    """The views that have rows."""
    return {name: count for name, count in counts.items() if count}


def test_a_broken_story_ends_the_program_with_its_own_code(terminal: Terminal) -> None:
    """A database that refuses to record a pause: the story stops at that step and says so."""
    open_kernel("demo.db").close()
    with closing(sqlite3.connect("demo.db")) as connection:
        connection.execute("CREATE TRIGGER no_pause BEFORE INSERT ON events WHEN NEW.name = 'campaign.paused' BEGIN "
                           "SELECT RAISE(FAIL, 'no'); END")  # fmt: skip
        connection.commit()
    said = terminal.type("demo", "--db", "demo.db")
    assert (said.code, said.err) == (STORY_BROKEN, "")
    assert said.out.splitlines()[-1].startswith("Step 12 came to something else than told (exit code ")
    assert "13. " not in said.out


def test_the_shipped_file_is_the_example_file() -> None:
    """One file, found beside the program wherever it is installed."""
    shipped = files("campaign_adapters.cli") / "demo_leads.csv"
    assert shipped.read_bytes() == LEADS.read_bytes()


def test_a_path_is_shown_as_somebody_would_type_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below the present folder from there; elsewhere in full."""
    (tmp_path / "below").mkdir()
    assert demo.shown(tmp_path / "below" / "leads.csv") == str(Path("below", "leads.csv"))
    monkeypatch.chdir(tmp_path / "below")
    assert demo.shown(tmp_path / "leads.csv") == str(tmp_path / "leads.csv")


def test_the_file_holds_a_thousand_rows_of_invented_people() -> None:
    """Every address that is one lies under a domain that is reserved for examples."""
    with LEADS.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == demo.ROWS == 1000
    assert list(rows[0])[:6] == ["email", "first_name", "last_name", "company", "job_title", "city"]
    assert any("\n" in row["note"] for row in rows)
    addresses = Counter(row["email"].lower() for row in rows if row["email"])
    assert sum(addresses.values()) - len(addresses) == DUPLICATES
    domains = {address.rpartition("@")[2] for address in addresses if address.count("@") == 1}
    assert all(domain.endswith((".example.com", ".example.org", ".example.net")) for domain in domains if domain)
    assert len({row["country"] for row in rows}) >= 20
    assert len({row["company"] for row in rows}) >= 200
