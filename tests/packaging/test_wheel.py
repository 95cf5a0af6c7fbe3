"""The wheel holds two imports and everything they need, and works where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.docs.pages import ROOT, blocks, program, promised_output

#: Prints where a module comes from, for every module of ours that is loaded.
WHERE = """
import sys
for name, module in sorted(sys.modules.items()):
    if name.partition(".")[0] in ("campaign_core", "campaign_adapters"):
        print(module.__file__)
"""


def _run(*words: str | Path, folder: Path, path: Path | None = None) -> str:
    """What a Python process prints, run in a folder, without a network, with a path that comes before any other."""
    environment = {**os.environ, "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    environment.pop("PYTHONPATH", None)
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    ran = subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, (ran.stdout + ran.stderr)[-4000:]
    return ran.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of what is tracked."""
    folder = tmp_path_factory.mktemp("build")
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, tracked.split("\0")):
        if (ROOT / name).is_file() and not name.startswith("tests/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    _run("-m", "build", "--wheel", "--no-isolation", "--outdir", folder / "dist", folder=folder)
    (built,) = (folder / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the wheel alone is installed."""
    folder = tmp_path_factory.mktemp("installed")
    _run("-m", "pip", "install", "--quiet", "--no-deps", "--target", folder, wheel, folder=folder)
    return folder


def test_the_wheel_has_two_top_level_names(wheel: Path) -> None:
    """`campaign_core` and `campaign_adapters`, and what describes the distribution."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    with ZipFile(wheel) as archive:
        top = {name.partition("/")[0] for name in archive.namelist()}
    assert top == {"campaign_core", "campaign_adapters", f"campaign_core-{version}.dist-info"}


def test_every_module_and_every_data_file_that_is_tracked_is_in_the_wheel(wheel: Path) -> None:
    """Nothing is left behind, no cache and no test comes along."""
    tracked = subprocess.run(
        ["git", "ls-files", "campaign_core", "adapters"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    expected = {name.removeprefix("adapters/") for name in tracked if (ROOT / name).is_file()}
    with ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert packed == expected
    assert {"campaign_core/py.typed", "campaign_adapters/py.typed"} <= packed


def test_the_wheel_says_what_it_is_called_needs_and_runs(installed: Path) -> None:
    """Name, licence, required packages, entry points."""
    (described,) = installed.glob("*.dist-info")
    metadata = (described / "METADATA").read_text(encoding="utf-8")
    assert "\nName: campaign-core\n" in metadata
    assert "\nLicense-Expression: MIT\n" in metadata
    assert "\nRequires-Dist: attrs" in metadata
    assert "# Campaign Core" in metadata
    entry_points = (described / "entry_points.txt").read_text(encoding="utf-8")
    assert "campaign = campaign_adapters.cli:main" in entry_points
    assert "[campaign_core.stores]" in entry_points


def test_the_readmes_program_runs_on_the_installed_wheel(installed: Path, tmp_path: Path) -> None:
    """In another folder, with nothing of the checkout on the way: every module that is loaded is the installed one."""
    (leads,) = [block.code for block in blocks("README.md") if block.language == "csv"]
    (tmp_path / "leads.csv").write_text(leads, encoding="utf-8")
    said = _run("-W", "error", "-c", program("README.md") + WHERE, folder=tmp_path, path=installed)
    assert said.startswith(promised_output("README.md"))
    loaded = said.removeprefix(promised_output("README.md")).splitlines()
    assert str(installed / "campaign_core" / "__init__.py") in loaded
    assert [file for file in loaded if not Path(file).is_relative_to(installed)] == []


def test_the_command_line_runs_on_the_installed_wheel(installed: Path, tmp_path: Path) -> None:
    """`python -m campaign_adapters.cli` finds its commands and the data they need."""
    assert "Usage:" in _run("-m", "campaign_adapters.cli", "--help", folder=tmp_path, path=installed)
    _run("-m", "campaign_adapters.cli", "create", "Spring launch", folder=tmp_path, path=installed)
    assert "Spring launch" in _run("-m", "campaign_adapters.cli", "list", folder=tmp_path, path=installed)


def test_the_testing_kit_is_in_the_wheel(installed: Path, tmp_path: Path) -> None:
    """Whoever writes a store elsewhere has the contract at hand."""
    code = "from campaign_core.testing.contracts import StoreContract; print(StoreContract.__name__)" + WHERE
    said = _run("-W", "error", "-c", code, folder=tmp_path, path=installed).splitlines()
    assert said[0] == "StoreContract"
    assert [file for file in said[1:] if not Path(file).is_relative_to(installed)] == []
