"""The program as a process of its own: exit codes, closed pipes, interrupts, odd encodings, what it loads."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaign_core import AddLead, UpdateCampaign, open_kernel
from tests.adapters.given import ACTIVE, DRAFT, EMPTY

PROGRAM = [str(Path(sys.executable).with_name("campaign"))]
MODULE = [sys.executable, "-m", "campaign_adapters.cli"]


def started(command: list[str], *arguments: object, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Runs the program to its end."""
    return subprocess.run(
        [*command, *(str(each) for each in arguments)],
        env={**os.environ, **environment},
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("command", [PROGRAM, MODULE], ids=["script", "module"])
def test_the_installed_program_answers_and_refuses(command: list[str], furnished: Path) -> None:
    """The script and the module are the same program, named `campaign` in what they print."""
    listed = started(command, "list", "--json")
    assert (listed.returncode, listed.stderr) == (0, b"")
    assert [row["name"] for row in json.loads(listed.stdout)["campaigns"]] == [
        "First draft",
        "Second draft",
        "Under way",
    ]
    refused = started(command, "delete", ACTIVE)
    assert (refused.returncode, refused.stdout) == (5, b"")
    assert refused.stderr.startswith(b"Error: A campaign that is ACTIVE cannot be deleted.")
    misspelt = started(command, "lunch")
    assert (misspelt.returncode, misspelt.stderr.count(b"\n")) == (2, 1)
    assert misspelt.stderr.endswith(b"Try: campaign --help.\n")


def test_the_database_may_come_from_the_environment(furnished: Path) -> None:
    """CAMPAIGN_DB names it where no option does."""
    moved = furnished.rename(furnished.with_name("other name.db"))
    assert b"Under way" in started(PROGRAM, "list", CAMPAIGN_DB=str(moved)).stdout


def test_a_launch_ends_with_its_own_code(furnished: Path) -> None:
    """7: something is missing."""
    assert started(PROGRAM, "launch", EMPTY).returncode == 7


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["list"],
        ["list", "--json"],
        ["demo", "--db", "d.db"],
        ["--help"],
        ["log"],
        ["leads", "export", str(DRAFT)],
    ],
    ids=["list", "json", "demo", "help", "log", "export"],
)
def test_a_reader_that_went_away_is_no_error(furnished: Path, arguments: list[str], unbuffered: str) -> None:
    """A closed pipe ends the program quietly, with a code that says so."""
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [*PROGRAM, *arguments], env=environment, stdout=writing, stderr=subprocess.PIPE, timeout=60, check=False
        )
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
def test_an_answer_that_cannot_be_written_is_said(furnished: Path, unbuffered: str) -> None:
    """A full disk behind stdout is one sentence, not a traceback."""
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with open("/dev/full", "wb") as full:
        ended = subprocess.run(
            [*PROGRAM, "list"], env=environment, stdout=full, stderr=subprocess.PIPE, timeout=60, check=False
        )
    assert (ended.returncode, ended.stderr) == (74, b"Error: Reading or writing failed: No space left on device.\n")


def test_closed_streams_do_not_stop_a_command(furnished: Path) -> None:
    """Without stdout and stderr the exit code is all there is."""
    for arguments, code in ((f"pause {ACTIVE}", 0), (f"pause {DRAFT}", 5)):
        line = f"{PROGRAM[0]} {arguments} >&- 2>&-"
        assert subprocess.run(["sh", "-c", line], timeout=60, check=False).returncode == code


def test_a_sentence_that_has_nowhere_to_go_does_not_end_up_in_the_answer(furnished: Path) -> None:
    """Without stderr a refusal is silent: stdout is for answers alone."""
    line = f"{PROGRAM[0]} pause {DRAFT} 2>&-"
    ended = subprocess.run(["sh", "-c", line], stdout=subprocess.PIPE, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (5, b"")


@pytest.fixture
def _heard() -> Iterator[None]:
    """Interrupts reach the programs that a test starts, also where the tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_heard")
def test_an_interrupt_ends_in_one_word(furnished: Path, tmp_path: Path) -> None:
    """Ctrl-C while the program waits for a file: no traceback, nothing recorded."""
    os.mkfifo(tmp_path / "leads.csv")
    before = len(json.loads(started(PROGRAM, "history", DRAFT, "--json").stdout)["events"])
    with (
        subprocess.Popen(
            [*PROGRAM, "leads", "upload", str(DRAFT), "leads.csv"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process,
        open(tmp_path / "leads.csv", "wb"),
    ):  # opens once the program has opened it too
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"Interrupted.\n")
    assert len(json.loads(started(PROGRAM, "history", DRAFT, "--json").stdout)["events"]) == before


@pytest.mark.parametrize("line", [["leads", "export", str(DRAFT)], ["log"]], ids=["export", "log"])
def test_what_programs_read_is_utf_8_whatever_the_terminal(furnished: Path, line: list[str]) -> None:
    """CSV and JSON lines keep their characters where stdout claims to know ASCII only."""
    with open_kernel(furnished) as kernel:
        kernel.handle(AddLead(DRAFT, "cy@acme.example.com", custom_fields={"city": "北京"}))
        kernel.handle(UpdateCampaign(DRAFT, name="Frühjahr 北京"))
    said = started(PROGRAM, *line, PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    assert (said.returncode, said.stderr) == (0, b"")
    assert "北京".encode() in said.stdout


def test_a_terminal_that_knows_ascii_only_gets_escapes(tmp_path: Path) -> None:
    """What cannot be shown is written out for people; a document stays a document that means the same."""
    ascii_only = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    utf_8 = {"PYTHONIOENCODING": "utf-8"}
    assert started(PROGRAM, "create", "Frühjahr 北京", **utf_8).returncode == 0
    listed = started(PROGRAM, "list", **ascii_only)
    assert (listed.returncode, listed.stderr) == (0, b"")
    assert rb"Fr\xfchjahr \u5317\u4eac" in listed.stdout
    document = started(PROGRAM, "list", "--json", **ascii_only).stdout
    assert json.loads(document)["campaigns"][0]["name"] == "Frühjahr 北京"


@pytest.mark.parametrize(
    ("line", "unloaded"),
    [
        (["--help"], ["campaign_core", "attrs", "rich", "yaml"]),
        (["launch", "--help"], ["campaign_core", "attrs", "rich", "yaml"]),
        (["lunch"], ["campaign_core", "attrs", "rich", "yaml"]),
        (["--version"], ["campaign_core", "rich", "yaml"]),
        (["create", "Spring launch"], ["rich", "yaml", "pydantic", "email_validator", "sqlite_utils"]),
        (["list"], ["yaml", "pydantic", "email_validator", "sqlite_utils", "rich.progress"]),
        (["lint", "t.txt"], ["yaml", "pydantic", "email_validator", "sqlite_utils", "rich.progress"]),
        (["list", "--json"], ["rich", "yaml", "pydantic", "email_validator", "sqlite_utils"]),
        (["pause", str(ACTIVE)], ["rich", "yaml", "pydantic", "email_validator", "sqlite_utils"]),
    ],
    ids=["help", "help-of-a-command", "misspelt", "version", "create", "list", "lint", "list-json", "pause"],
)
def test_what_is_not_asked_for_is_not_loaded(furnished: Path, line: list[str], unloaded: list[str]) -> None:
    """Help and one-line answers come without the kernel or the tables."""
    furnished.with_name("t.txt").write_text("Hello {{first_name}}.", encoding="utf-8")
    script = (
        "import sys\n"
        "from campaign_adapters.cli.program import run\n"
        f"run({line!r})\n"
        f"sys.stderr.write(' '.join(name for name in {unloaded!r} if name in sys.modules))"
    )
    said = started([sys.executable, "-c", script])
    assert said.stderr.split(b"\n")[-1] == b""


@pytest.mark.parametrize(
    ("package", "line"),
    [("typer", ["list"]), ("yaml", ["variants", str(DRAFT), "v.yaml"]), ("rich", ["list"])],
    ids=["typer", "yaml", "rich"],
)
def test_a_missing_package_is_named_with_how_to_install_it(
    furnished: Path, tmp_path: Path, package: str, line: list[str]
) -> None:
    """The kernel installs without the command line's packages."""
    (tmp_path / "v.yaml").write_text("[]", encoding="utf-8")
    script = f"import sys; sys.modules[{package!r}] = None; from campaign_adapters.cli import main; main()"
    said = started([sys.executable, "-c", script], *line)
    assert said.returncode == 1
    sentence = f"Error: The command line needs {package}; install it with: pip install 'campaign-core[cli]'.\n"
    assert said.stderr.decode() == sentence


def test_another_missing_package_is_not_hidden() -> None:
    """Only what the extra installs is explained; anything else is an error to be seen."""
    script = "import sys; sys.modules['json'] = None; from campaign_adapters.cli import main; main()"
    said = started([sys.executable, "-c", script], "list")
    assert (said.returncode, b"ModuleNotFoundError" in said.stderr) == (1, True)
