"""The demo: a story whose every step is a real command with a checked result, and the file of leads it ships."""

from __future__ import annotations

import csv
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import pytest

from campaign_adapters.cli import demo
from campaign_adapters.cli.calls import Call
from campaign_adapters.cli.demo_checks import Found, compared, mails_in
from campaign_adapters.cli.demo_readers import deeds
from campaign_adapters.cli.demo_story import Expected, Story, StoryBroken
from campaign_core import CAMPAIGNS, open_kernel
from campaign_core import LEADS as LEADS_VIEW
from tests.adapters.given import Terminal

ROOT = Path(__file__).parents[2]
LEADS = ROOT / "examples" / "leads.csv"
#: How many addresses of the file are repeated, counted by hand.
DUPLICATES = 5
#: With so many rows of the file the story is told here; all of them are for `make demo`.
FEW = 40
STORY_BROKEN = 16


class Told(NamedTuple):
    """A story that was told by the program."""

    folder: Path
    ended: subprocess.CompletedProcess[str]


def unheard(text: object) -> None:
    """What a story says while it is told."""


@pytest.fixture
def call(tmp_path: Path) -> Call:
    return Call(str(tmp_path / "story.db"), unheard)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The story told once as a program, with its database and its Maildir."""
    folder = tmp_path_factory.mktemp("told")
    program = Path(sys.executable).with_name("campaign")
    words = [str(program), "--db", "demo.db", "demo", "--maildir", "mails", "--leads", str(FEW)]
    ended = subprocess.run(
        words, cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False
    )
    return Told(folder, ended)


def test_the_demo_runs_as_a_program_and_tells_every_step(told: Told) -> None:
    """`campaign demo` on its own, as `make demo` runs it, with fewer leads."""
    assert (told.ended.returncode, told.ended.stderr) == (0, ""), told.ended
    for words in (
        "\n1. A campaign starts as a draft.\n   $ campaign --db demo.db create 'Spring launch, Europe' --postal-address ",
        "it still needs: leads, an assigned inbox, e-mail content (variants).\n",
        "   Exit code 7, as it should be.\n",
        "40 rows = 40 imported + 0 updated + 0 duplicates + 0 skipped.\n",
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
        "the campaign is COMPLETED.\nNo campaign is ACTIVE any more.\nReaders: ",
        " in the log, the same byte for byte: none twice, none outside the window,\n",
        "Every link holds: ",
        " rows are identical to those before: campaigns 1, leads 40, batches 1, inboxes 4, assignments 4",
        "All 23 steps came to what they should. The database is demo.db.\nThe mails are in mails.\n",
    ):
        assert words in told.ended.stdout
    assert {path.name for path in told.folder.iterdir()} == {"demo.db", "mails"}
    with open_kernel(told.folder / "demo.db") as kernel:
        (row,) = kernel.view(CAMPAIGNS).find()
        counts = Counter(lead.status.value for lead in kernel.view(LEADS_VIEW).find())
    assert (row.status.value, row.total_leads, row.version) == ("COMPLETED", FEW, 9)
    assert "PENDING" not in counts
    assert {"OPENED", "REPLIED"} <= set(counts)


def test_the_demo_is_one_document_too(terminal: Terminal) -> None:
    """Every step with its command line, its exit code and its data; without a folder no mail stays behind."""
    document = terminal.asked("demo", "--db", "demo.db", "--leads", "20")
    assert [path.name for path in Path.cwd().iterdir()] == ["demo.db"]
    assert (document["as_told"], document["identical_rows"]["leads"]) == (True, 20)
    steps = document["steps"]
    assert all(step["as_told"] for step in steps)
    assert [step["exit_code"] for step in steps if step["exit_code"]] == [7, 6, 5]
    sending = steps[18]["answer"]
    assert (sending["ending"], sending["mails"]["sent"]) == ("complete", document["totals"]["mails"])
    assert sum(document["totals"]["by_step"].values()) == sum(document["totals"]["by_inbox"].values())
    assert sum(document["totals"]["by_inbox"].values()) == document["totals"]["mails"]
    words = [step["command"].split()[3] for step in steps]
    preparing = ["create", "launch", "leads", "inboxes", "inboxes", "assign", "inboxes", "inboxes", "inboxes", "assign"]
    looking = ["variants", "sequences", "preview", "preflight", "launch", "pause", "activate", "delete"]
    assert words == [*preparing, *looking, "run", "show", "history", "verify", "rebuild"]


def test_the_lines_it_shows_can_be_typed(terminal: Terminal, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands that only ask are typed again as they were shown, and answer."""
    monkeypatch.chdir(told.folder)
    lines = [line.split("$ campaign ")[1] for line in told.ended.stdout.splitlines() if "   $ campaign " in line]
    assert len(lines) == 23
    for line in lines:
        words = line.split()
        if words[2] in ("show", "history", "verify"):
            assert terminal.type(*words).code == 0


def test_every_mail_of_the_maildir_is_one_of_the_log(told: Told) -> None:
    """What the demo checks itself, checked once more and found to hold."""
    with open_kernel(told.folder / "demo.db") as kernel:
        (row,) = kernel.view(CAMPAIGNS).find()
        found = compared(kernel, row, told.folder / "mails")
    assert found.problems == ()
    assert found.totals["mails"] == len(list((told.folder / "mails" / "new").iterdir())) > FEW


def _without(maildir: Path, mails: list[Found]) -> str:
    (maildir / "new" / mails[0].file).unlink()
    return "is in the log and not in the Maildir"


def _twice(maildir: Path, mails: list[Found]) -> str:
    (maildir / "new" / "again").write_bytes(mails[0].wire)
    return "lies in the Maildir 2 times"


def _altered(maildir: Path, mails: list[Found]) -> str:
    (maildir / "new" / mails[0].file).write_bytes(mails[0].wire + b"P.S.\r\n")
    return "has other bytes in the log"


def _unlogged(maildir: Path, mails: list[Found]) -> str:
    (maildir / "new" / "other").write_bytes(mails[0].wire.replace(b"Message-ID: <", b"Message-ID: <x"))
    return "is in the Maildir and not in the log"


def _at_night(maildir: Path, mails: list[Found]) -> str:
    return _dated(maildir, mails[0], "03:00:00", "outside the window")


def _late(maildir: Path, mails: list[Found]) -> str:
    return _dated(maildir, mails[0], "17:00:00", "outside the window")


def _dated(maildir: Path, mail: Found, clock: str, problem: str) -> str:
    shown = mail.at.strftime("%H:%M:%S").encode()
    (maildir / "new" / mail.file).write_bytes(mail.wire.replace(shown, clock.encode(), 1))
    return problem


def _hurried(maildir: Path, mails: list[Found]) -> str:
    first, second = [each for each in mails if each.sender == mails[0].sender][:2]
    return _dated(maildir, second, first.at.strftime("%H:%M:%S"), "after another mail of")


def _crowded(maildir: Path, mails: list[Found]) -> str:
    for number in range(100):
        (maildir / "new" / f"more{number}").write_bytes(mails[0].wire)
    return "the campaign allows 80"


@pytest.mark.parametrize(
    "spoil",
    [_without, _twice, _altered, _unlogged, _at_night, _late, _hurried, _crowded],
    ids=lambda spoil: spoil.__name__.strip("_"),
)
def test_a_mail_too_few_too_many_or_not_as_it_should_be_is_found(
    told: Told, tmp_path: Path, spoil: Callable[[Path, list[Found]], str]
) -> None:
    """The comparison can fail, for each of its reasons."""
    maildir = Path(shutil.copytree(told.folder / "mails", tmp_path / "mails"))
    words = spoil(maildir, mails_in(maildir))
    with open_kernel(told.folder / "demo.db") as kernel:
        (row,) = kernel.view(CAMPAIGNS).find()
        assert [each for each in compared(kernel, row, maildir).problems if words in each]


def test_a_maildir_that_holds_something_is_refused(terminal: Terminal) -> None:
    Path("mails/new").mkdir(parents=True)
    Path("mails/new/1").write_bytes(b"mail")
    said = terminal.type("demo", "--db", "demo.db", "--maildir", "mails")
    assert (said.code, said.err) == (
        3, "Error: --maildir: mails is not empty; the demo counts what it finds there.\n"
    )  # fmt: skip


def test_readers_do_the_same_with_the_same_mail() -> None:
    """Every fate is met by some lead, and few bounce: far from what would pause the campaign."""
    campaign = UUID(int=7)
    words = Counter(word for number in range(1, 1001) for _, word, _ in deeds(campaign, UUID(int=number), number, 1))
    again = Counter(word for number in range(1, 1001) for _, word, _ in deeds(UUID(int=8), UUID(int=0), number, 1))
    assert words == again
    assert set(words) == {
        "bounced", "soft bounces", "opened", "unsubscribed", "absence notes", "replied", "clicked"
    }  # fmt: skip
    assert words["bounced"] < 20 < words["replied"]


def test_a_database_that_is_in_use_is_refused(terminal: Terminal) -> None:
    """Telling the story twice in one file would mix two stories."""
    terminal.type("create", "Spring launch", "--db", "demo.db")
    terminal.type("inboxes", "add", "mara@out.example.com", "--db", "demo.db")
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
def test_a_step_that_goes_otherwise_than_told_breaks_the_story(call: Call, expected: Expected, code: int) -> None:
    """The checks of the story can fail."""
    story = Story(call)
    with pytest.raises(StoryBroken, match="Step 1 came to something else than told"):
        story.step("A campaign starts.", ["create", "Spring launch"], expected, code)
    assert [step["as_told"] for step in story.steps] == [False]


def test_a_refusal_where_none_was_told_breaks_the_story(call: Call) -> None:
    """A refused command is a result like any other."""
    with pytest.raises(StoryBroken, match="exit code 3"):
        Story(call).step("A campaign starts.", ["create", "short"], {})


def test_rows_that_are_not_what_the_log_says_break_the_story(told: Told, tmp_path: Path) -> None:
    """The rows are compared one by one, not only counted."""
    forged = Call(str(shutil.copy(told.folder / "demo.db", tmp_path / "forged.db")), unheard)
    with forged.kernel() as kernel:
        (row,) = kernel.view(CAMPAIGNS).find()
    with closing(sqlite3.connect(forged.db)) as connection:
        connection.execute("UPDATE view_leads SET email = 'forged@example.com' WHERE number = 20")
        connection.commit()
    with pytest.raises(StoryBroken, match="not what they were before"):
        demo.prove(Story(forged), str(row.campaign_id))
    assert demo.prove(Story(forged), str(row.campaign_id))["leads"] == FEW


def test_a_broken_story_ends_the_program_with_its_own_code(terminal: Terminal) -> None:
    """A database that refuses to record a pause: the story stops at that step and says so."""
    open_kernel("demo.db").close()
    with closing(sqlite3.connect("demo.db")) as connection:
        connection.execute("CREATE TRIGGER no_pause BEFORE INSERT ON events WHEN NEW.name = 'campaign.paused' BEGIN "
                           "SELECT RAISE(FAIL, 'no'); END")  # fmt: skip
        connection.commit()
    said = terminal.type("demo", "--db", "demo.db", "--leads", "20")
    assert (said.code, said.err) == (STORY_BROKEN, "")
    assert said.out.splitlines()[-1].startswith("Step 16 came to something else than told (exit code ")
    assert "17. " not in said.out


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
