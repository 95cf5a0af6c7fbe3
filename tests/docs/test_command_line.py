"""The commands that the README shows, typed as they stand there."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.docs.pages import blocks, write_files

#: The ids that the README shows in place of those a reader will get.
CAMPAIGN, INBOX = "6f1c2a34", "0c1d2e3f"
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def test_the_command_lines_of_the_readme_do_what_they_say(tmp_path: Path) -> None:
    """Each ends with the exit code its comment names, 0 where it names none, and in the end the campaign is ACTIVE."""
    assert write_files("README.md", tmp_path) == ["leads.csv", "hello.yaml"]
    (session,) = [block.code for block in blocks("README.md") if block.code.startswith("campaign create")]
    ids: dict[str, str] = {}
    for line in session.splitlines():
        said = _typed([ids.get(word, word) for word in shlex.split(line, comments=True)], tmp_path)
        promised = re.search(r"exit code (\d+)", line)
        assert said.returncode == int(promised[1] if promised else 0), said.stdout + said.stderr
        for words, shown in (("campaign create", CAMPAIGN), ("campaign inboxes add", INBOX)):
            if line.startswith(words):
                # The first characters are enough, as the README says.
                ids[shown] = _ID.findall(said.stdout)[0][: len(shown)]
    assert set(ids) == {CAMPAIGN, INBOX}
    shown = json.loads(_typed(["campaign", "show", ids[CAMPAIGN], "--json"], tmp_path).stdout)
    assert (shown["status"], shown["total_leads"]) == ("ACTIVE", 2)


def _typed(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name(words[0])
    return subprocess.run([program, *words[1:]], cwd=folder, capture_output=True, text=True, check=False)
