"""A bar on stderr while something takes long: where somebody looks at a terminal, and nowhere else."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from campaign_adapters.cli.progress import watched_file
from tests.adapters.given import EMPTY

PROGRAM = str(Path(sys.executable).with_name("campaign"))


class Ended(NamedTuple):
    """What a program that had a terminal for its stderr came to."""

    code: int
    out: str
    #: What was drawn on the terminal.
    drawn: str


def in_terminal(*arguments: object) -> Ended:
    """Runs the program with stderr on a terminal and stdout in a pipe."""
    leading, following = pty.openpty()
    words = [PROGRAM, *map(str, arguments)]
    environment = {**os.environ, "TERM": "xterm-256color"}
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=following, env=environment, text=True) as process:
        os.close(following)
        drawn = b""
        while chunk := _read(leading):
            drawn += chunk
        assert process.stdout is not None
        out = process.stdout.read()
        code = process.wait(timeout=60)
    os.close(leading)
    return Ended(code, out, drawn.decode())


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # how Linux says that nobody writes to it any more
        return b""


@pytest.fixture
def big(tmp_path: Path) -> Path:
    """A file of 5,000 leads."""
    path = tmp_path / "big.csv"
    path.write_text("email\n" + "".join(f"p{number}@acme.example.com\n" for number in range(5000)), encoding="utf-8")
    return path


def test_an_upload_and_a_rebuild_show_how_far_they_are(furnished: Path, big: Path) -> None:
    """A bar that fills up to the end; the answer is on stdout as ever."""
    uploaded = in_terminal("leads", "upload", EMPTY, big)
    assert uploaded.code == 0
    assert "5,000 rows = 5,000 imported" in uploaded.out
    assert "Uploading " in uploaded.drawn
    assert "100%" in uploaded.drawn
    rebuilt = in_terminal("rebuild")
    assert (rebuilt.code, "Folding the log anew" in rebuilt.drawn, "100%" in rebuilt.drawn) == (0, True, True)
    assert rebuilt.out.startswith("Folded 14 events anew")


def test_data_comes_without_a_bar(furnished: Path, big: Path) -> None:
    """Under `--json` nothing is drawn, whoever looks."""
    for line in (["leads", "upload", str(EMPTY), str(big)], ["rebuild"]):
        ended = in_terminal(*line, "--json")
        assert (ended.code, ended.drawn) == (0, "")
        json.loads(ended.out)


def test_nothing_is_drawn_where_nobody_looks(furnished: Path, big: Path) -> None:
    """A file or a pipe behind stderr stays empty."""
    for line in (["leads", "upload", str(EMPTY), str(big)], ["rebuild"]):
        ended = subprocess.run([PROGRAM, *line], capture_output=True, timeout=60, check=False)
        assert (ended.returncode, ended.stderr) == (0, b"")


def test_a_refusal_follows_the_bar(furnished: Path, tmp_path: Path) -> None:
    """A file that cannot be taken is refused in one sentence, on the terminal too."""
    (tmp_path / "odd.csv").write_text("name\nAda\n", encoding="utf-8")
    ended = in_terminal("leads", "upload", EMPTY, "odd.csv")
    assert (ended.code, ended.out) == (3, "")
    assert "Error: No column is named email" in ended.drawn
    missing = in_terminal("leads", "upload", EMPTY, "gone.csv")
    assert (missing.code, "gone.csv cannot be read: No such file" in missing.drawn) == (3, True)


def test_every_byte_of_a_file_is_told(big: Path) -> None:
    """Reading it twice, as the kernel does, comes to the whole of what was announced."""
    told: list[tuple[int, int]] = []
    with watched_file(str(big), lambda done, total: told.append((done, total))) as stream:
        assert not isinstance(stream, str)
        for _ in range(2):
            stream.seek(0)
            assert b"".join(iter(lambda: stream.read(1 << 14), b"")) == big.read_bytes()
    size = big.stat().st_size
    assert told[-1] == (2 * size, 2 * size)
    assert len(told) > 2
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_what_has_no_size_is_left_to_the_kernel(tmp_path: Path) -> None:
    """A pipe, a folder, a name of nothing: handed on as they are, and nothing is opened."""
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", ".", "gone.csv"):
        with watched_file(name, lambda done, total: None) as handed:
            assert handed == name
