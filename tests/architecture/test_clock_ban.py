"""The time, new ids and randomness enter in the kernel and the log only: the linter refuses them anywhere else."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

#: Each way to the clock or to randomness, as a line of code.
_BANNED = [
    "datetime.datetime.now(datetime.UTC)",
    "datetime.datetime.utcnow()",
    "datetime.datetime.today()",
    "datetime.date.today()",
    "time.time()",
    "os.urandom(16)",
    "random.random()",
    "secrets.token_bytes(16)",
    "uuid.uuid1()",
    "uuid.uuid4()",
]


def _refused(folder: Path, probe: str, line: str) -> bool:
    """Whether the project's linter refuses a file of that path with that line."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    module = line.partition(".")[0]
    file = folder / probe
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f'"""A probe."""\n\nimport {module}\n\nVALUE = {line}\n', encoding="utf-8")
    ruff = str(Path(sys.executable).with_name("ruff"))
    words = [ruff, "check", "--no-cache", "--output-format", "json", str(file)]
    said = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    found = {each["code"] for each in json.loads(said.stdout)}
    assert found <= {"TID251"}, found
    return "TID251" in found


@pytest.mark.parametrize("line", _BANNED)
def test_an_aggregate_may_not_ask_the_clock_or_roll_dice(tmp_path: Path, line: str) -> None:
    """The linter refuses the line in a module of an aggregate."""
    assert _refused(tmp_path, "campaign_core/campaign/probe.py", line)


@pytest.mark.parametrize("layer", ["audit", "inbox", "intake", "lead", "sending", "testing", "views"])
def test_every_other_layer_is_held_to_it_as_well(tmp_path: Path, layer: str) -> None:
    """No layer is forgotten."""
    assert _refused(tmp_path, f"campaign_core/{layer}/probe.py", "datetime.datetime.now(datetime.UTC)")


@pytest.mark.parametrize("layer", ["kernel", "log"])
def test_the_kernel_and_the_log_may(tmp_path: Path, layer: str) -> None:
    """Time enters in the kernel, salts are made in the log."""
    assert not _refused(tmp_path, f"campaign_core/{layer}/probe.py", "os.urandom(16)")


def test_no_line_of_the_sources_opts_out() -> None:
    """A `noqa` for the ban would take it back in silence."""
    core = ROOT / "campaign_core"
    assert [path.name for path in core.rglob("*.py") if "noqa: TID" in path.read_text(encoding="utf-8")] == []
