"""What the program tells about itself: help with examples that can be typed, and completion for shells."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.adapters.commands import command_of, every_command
from tests.adapters.given import Terminal

PROGRAM = str(Path(sys.executable).with_name("campaign"))
COMMANDS = every_command()


@pytest.mark.parametrize("command", COMMANDS, ids=[" ".join(command) for command in COMMANDS])
def test_every_command_explains_itself_with_examples(terminal: Terminal, command: tuple[str, ...]) -> None:
    """What it does, its arguments, and lines of which each is one of this command's or of its group's siblings.

    Every example has only options and commands that there are: its own help answers.
    """
    said = terminal.type(*command, "--help")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[2].startswith("  ")
    _, _, shown = said.out.partition("\n  Example")
    examples = [line.strip() for line in shown.splitlines()[1:] if line.strip()]
    assert examples
    called = []
    for line in examples:
        program, *words = shlex.split(line.partition("|")[0])
        assert program == "campaign"
        asked = terminal.type(*words, "--help")
        assert (asked.code, asked.err) == (0, ""), line
        called.append(command_of(words if words[0] not in ("--db", "--workspace") else words[2:]))
    assert command in called


def test_every_option_has_a_meaning(terminal: Terminal) -> None:
    """No option of any command stands in its help without words beside it."""
    for command in COMMANDS:
        shown = terminal.type(*command, "--help").out.partition("Options:")[2].partition("Example")[0]
        told = re.split(r"\n  (?=--)", shown)[1:]
        bare = [each for each in told if not re.search(r"\s{2,}\S", each)]
        assert bare == [], command


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_ask_for_its_completion(shell: str) -> None:
    """The script calls the program back, and ends with success."""
    asked = {**os.environ, "_CAMPAIGN_COMPLETE": f"source_{shell}"}
    ended = subprocess.run([PROGRAM], env=asked, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "_CAMPAIGN_COMPLETE=complete_" in ended.stdout
    assert "campaign" in ended.stdout


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("campaign le", {"leads"}),
        ("campaign inboxes ", {"add", "list", "verify", "pause", "resume", "disable", "remove", "smtp"}),
        ("campaign update 6f1c2a34 --ramp", {"--ramp-up", "--ramp-up-increment", "--ramp-up-max-limit"}),
        ("campaign --work", {"--workspace"}),
    ],
    ids=["command", "group", "option", "shared-option"],
)
def test_words_are_completed(typed: str, offered: set[str]) -> None:
    """Commands and options, without a database and without loading the kernel."""
    words = typed.split(" ")
    asked = {
        **os.environ, "_CAMPAIGN_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(len(words) - 1)
    }  # fmt: skip
    ended = subprocess.run([PROGRAM], env=asked, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert set(ended.stdout.split()) == offered
    assert list(Path.cwd().iterdir()) == []


def test_completion_that_there_is_not_ends_as_misuse_of_the_command_line() -> None:
    """A shell nobody knows is no success."""
    asked = {**os.environ, "_CAMPAIGN_COMPLETE": "source_abacus"}
    ended = subprocess.run([PROGRAM], env=asked, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")


def test_help_tells_how_to_get_completion(terminal: Terminal) -> None:
    """Typer's own options."""
    said = terminal.type("--help").out
    assert "--install-completion" in said
    assert "--show-completion" in said
