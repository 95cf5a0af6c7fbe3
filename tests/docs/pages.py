"""The pages of the documentation: their code blocks, and the modules that generate parts of them."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
#: A block behind a line that ends with the name of a file.
_FILE: Final = re.compile(r"`([\w.-]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FENCE: Final = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A code block of a page."""

    #: `python`, `sh`, `text`, ...
    language: str
    code: str


def text_of(page: str) -> str:
    """The text of a page, by its path in the checkout."""
    return (ROOT / page).read_text(encoding="utf-8")


def blocks_in(text: str) -> list[Block]:
    """The code blocks of a text, in order."""
    return [Block(found[2], found[3]) for found in _FENCE.finditer(text)]


def blocks(page: str) -> list[Block]:
    """The code blocks of a page, in order."""
    return blocks_in(text_of(page))


def write_files(page: str, folder: Path, put: Callable[[str], str] = str) -> list[str]:
    """Writes the files that a page shows, each behind a line that ends with its name; answers the names.

    `put` is asked what to write in place of a text of the page.
    """
    shown = _FILE.findall(text_of(page))
    for name, text in shown:
        (folder / name).write_text(put(text), encoding="utf-8")
    return [name for name, _ in shown]


def program(page: str) -> str:
    """All Python of a page as one program."""
    return "\n".join(block.code for block in blocks(page) if block.language == "python")


def promised_output(page: str) -> str:
    """What a page says its Python prints: the `text` blocks that follow Python."""
    pairs = zip(blocks(page), blocks(page)[1:], strict=False)
    return "".join(after.code for before, after in pairs if (before.language, after.language) == ("python", "text"))


def run(code: str, folder: Path, **environment: str) -> str:
    """What a program prints, run in a folder by a fresh interpreter that takes warnings for errors."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=folder,
        env=environment or None,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    return ran.stdout


@cache
def docs_module(name: str) -> ModuleType:
    """A module of the `docs` folder: `catalogues`, `generate`."""
    sys.path.insert(0, str(ROOT))
    try:
        return importlib.import_module(f"docs.{name}")
    finally:
        sys.path.remove(str(ROOT))
