"""The commands that the pages show, typed as they stand there."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import NamedTuple

from campaign_core import CAMPAIGNS, open_kernel
from tests.docs.pages import blocks, blocks_in, text_of, write_files

#: The ids that the README shows in place of those a reader will get.
CAMPAIGN, INBOX = "6f1c2a34", "0c1d2e3f"
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Said(NamedTuple):
    """What a program printed, refusals included, and how it ended."""

    text: str
    code: int


def _typed(words: list[str], folder: Path) -> Said:
    program = Path(sys.executable).with_name(words[0])
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS" and "CAMPAIGN" not in name}
    ran = subprocess.run(
        [program, *words[1:]],
        cwd=folder,
        env={**environment, "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return Said(ran.stdout, ran.returncode)


def _carried_out(line: str, ids: dict[str, str], folder: Path) -> Said:
    """A line as a reader types it, with the ids they have; it must end with the exit code its comment names, or 0."""
    shown = {**ids, **{each[:8]: real[:8] for each, real in ids.items()}}
    said = _typed([shown.get(word, word) for word in shlex.split(line, comments=True)], folder)
    promised = re.search(r"exit code (\d+)", line)
    assert said.code == int(promised[1] if promised else 0), said.text
    return said


def test_the_command_lines_of_the_readme_do_what_they_say(tmp_path: Path) -> None:
    """Each ends with the exit code its comment names, 0 where it names none, and in the end everybody was written to."""
    assert write_files("README.md", tmp_path) == ["leads.csv", "hello.yaml"]
    (session,) = [block.code for block in blocks("README.md") if block.code.startswith("campaign create")]
    ids: dict[str, str] = {}
    for line in session.splitlines():
        said = _carried_out(line, ids, tmp_path)
        for words, shown in (("campaign create", CAMPAIGN), ("campaign inboxes add", INBOX)):
            if line.startswith(words):
                ids[shown] = _ID.findall(said.text)[0]
    assert set(ids) == {CAMPAIGN, INBOX}
    shown = json.loads(_typed(["campaign", "show", ids[CAMPAIGN], "--json"], tmp_path).text)
    assert (shown["status"], shown["total_leads"]) == ("COMPLETED", 2)
    assert len(list((tmp_path / "mails" / "new").iterdir())) == 2


def test_the_command_lines_of_the_tutorial_answer_what_it_says(tmp_path: Path) -> None:
    """Read from top to bottom: files are saved where they are shown, lines typed, and what is printed is answered."""
    page, compared = "docs/tutorial.md", 0
    write_files(page, tmp_path)
    ids: dict[str, str] = {}
    said = ""
    for block in blocks_in(text_of(page).partition("## The same at the command line")[2]):
        if block.language == "sh":
            said = "".join(_carried_out(line, ids, tmp_path).text for line in block.code.splitlines())
        elif block.language == "text":
            pairs = zip(_ID.findall(block.code), _ID.findall(said), strict=True)
            ids |= {shown: real for shown, real in pairs if shown not in ids}
            assert _put(block.code, ids) == said
            compared += 1
        else:
            write_files(page, tmp_path, partial(_put, ids=ids))
    assert compared == 8
    with open_kernel(tmp_path / "campaigns.db") as kernel:
        (row,) = kernel.view(CAMPAIGNS).find()
        assert (row.status, row.version, [step.wait_days for step in row.steps]) == ("ACTIVE", 12, [5, 7])
        assert kernel.workspaces() == ["acme", "default"]


def test_the_command_lines_about_sending_can_be_typed(tmp_path: Path) -> None:
    """Every command and every option on the page exists: the line answers its help."""
    lines = [
        line
        for block in blocks("docs/sending.md")
        for line in block.code.splitlines()
        if block.language == "sh" and line.startswith("campaign ")
    ]
    assert len(lines) > 10
    for line in lines:
        said = _typed([*shlex.split(line, comments=True), "--help"], tmp_path)
        assert said.code == 0, line


def _put(text: str, ids: dict[str, str]) -> str:
    """A text of the page with the ids that the reader has."""
    return _ID.sub(lambda found: ids.get(found[0], found[0]), text)
