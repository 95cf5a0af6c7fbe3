"""Arrows point one way, and the contracts that say so notice when one does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, copy_to, named, sources


def _contracts(folder: Path) -> subprocess.CompletedProcess[str]:
    """What import-linter says about the packages in a folder."""
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (folder, folder / "adapters")))},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_import_contract_is_kept() -> None:
    """`lint-imports` finds every contract of the project file kept."""
    said = _contracts(ROOT)
    assert said.returncode == 0, said.stdout + said.stderr
    assert "6 kept, 0 broken" in said.stdout


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        pytest.param(
            "campaign_core/campaign/limits.py",
            "import campaign_core.inbox.events",
            "Arrows point one way",
            id="one aggregate imports another",
        ),
        pytest.param(
            "campaign_core/log/links.py",
            "import campaign_core.kernel.kernel",
            "Arrows point one way",
            id="the log imports the kernel",
        ),
        pytest.param(
            "campaign_core/errors.py",
            "import campaign_core.decider",
            "Arrows point one way",
            id="errors import a layer",
        ),
        pytest.param(
            "campaign_core/kernel/kernel.py",
            "import campaign_core.testing",
            "Nothing at run time imports the testing kit",
            id="the kernel imports the testing kit",
        ),
        pytest.param(
            "campaign_core/checks.py", "import typer", "The core knows no adapter and no framework", id="a framework"
        ),
        pytest.param(
            "campaign_core/lead/identity.py", "import random", "Decisions do no I/O", id="dice in an aggregate"
        ),
        pytest.param(
            "adapters/campaign_adapters/__init__.py",
            "import campaign_core.campaign.decisions",
            "Adapters translate and never decide",
            id="an adapter imports decisions",
        ),
        pytest.param(
            "adapters/campaign_adapters/http_api/keys.py",
            "import campaign_adapters.smtp",
            "Only the command line imports other adapters",
            id="an adapter imports another",
        ),
    ],
)
def test_a_contract_notices_an_import_that_breaks_it(tmp_path: Path, file: str, line: str, contract: str) -> None:
    """With one forbidden import put into a copy of the sources, that contract is broken."""
    copy_to(tmp_path)
    with (tmp_path / file).open("a", encoding="utf-8") as source:
        source.write(f"\n{line}\n")
    said = _contracts(tmp_path)
    assert said.returncode == 1
    assert f"{contract} BROKEN" in said.stdout


def test_the_testing_kit_is_imported_by_itself_only() -> None:
    """No module outside `campaign_core.testing` names it, at the top or inside a function."""
    naming = [name for path, name in ((path, named(path)) for path in sources()) if "core.testing" in _imports_of(path)]
    assert [name for name in naming if not name.startswith("campaign_core/testing/")] == []
    assert naming, "the testing kit does not even import itself: this test looks for the wrong words"


def _imports_of(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if line.lstrip().startswith(("import ", "from ")))


def test_a_running_kernel_loads_no_testing_kit_and_no_framework(tmp_path: Path) -> None:
    """A process that opens a log, handles a command and reads a view has loaded none of them."""
    program = """
import sys
from campaign_core import CAMPAIGNS, CreateCampaign, open_kernel
for location in ("memory:", "campaigns.db"):
    with open_kernel(location) as kernel:
        kernel.handle(CreateCampaign("Spring launch"))
        assert kernel.view(CAMPAIGNS).count() == 1
        assert kernel.verify().holds
print(*sorted(name for name in sys.modules))
"""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    loaded = set(ran.stdout.split())
    assert "campaign_core.kernel.kernel" in loaded
    unwanted = {"campaign_core.testing", "campaign_adapters", "pytest", "hypothesis", "typer", "rich", "yaml"}
    assert loaded & unwanted == set()
