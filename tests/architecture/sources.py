"""The source files of the distribution, and copies of them to break."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = (ROOT / "campaign_core", ROOT / "adapters" / "campaign_adapters")


def sources() -> list[Path]:
    """Every Python file of both packages."""
    found = sorted(path for package in PACKAGES for path in package.rglob("*.py"))
    assert len(found) > 50, "the sources are not where this test looks for them"
    return found


def named(path: Path) -> str:
    """A file's path as people say it."""
    return path.relative_to(ROOT).as_posix()


def trees() -> Iterator[tuple[str, ast.Module]]:
    """Every file's name and syntax tree."""
    for path in sources():
        yield named(path), ast.parse(path.read_text(encoding="utf-8"))


def copy_to(folder: Path) -> None:
    """Copies both packages and the project file, to be broken there."""
    for package in PACKAGES:
        shutil.copytree(package, folder / package.relative_to(ROOT), ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
