"""What the pages print runs as it is printed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, blocks, program, promised_output, run, text_of, write_files

#: Pages whose Python runs from top to bottom and prints what the page says.
RUNNING = [
    "README.md",
    "docs/tutorial.md",
    "docs/embedding.md",
    "docs/importing-leads.md",
    "docs/results.md",
    "docs/why.md",
]


@pytest.mark.parametrize("page", RUNNING)
def test_the_python_of_a_page_runs_and_prints_what_the_page_says(tmp_path: Path, page: str) -> None:
    """In an empty folder that holds the files the page shows and nothing else."""
    write_files(page, tmp_path)
    assert promised_output(page)
    assert run(program(page), tmp_path) == promised_output(page)


def test_the_first_screen_of_the_readme_is_short() -> None:
    """One block of Python with some fifteen lines under the imports, within the first forty lines of the page."""
    (block,) = [block for block in blocks("README.md") if block.language == "python"]
    lines = [line for line in block.code.splitlines() if line and not line.startswith(("from", "import"))]
    assert 10 <= len(lines) <= 18
    assert max(map(len, block.code.splitlines())) <= 105
    assert text_of("README.md").partition("```python")[0].count("\n") <= 40


def test_the_sql_of_the_log_page_runs(tmp_path: Path) -> None:
    """Every statement reads the file that the README's program leaves, and finds something."""
    write_files("README.md", tmp_path)
    run(program("README.md"), tmp_path)
    statements = [each for block in blocks("docs/log.md") if block.language == "sql" for each in block.code.split(";")]
    statements = [each for each in statements if each.strip()]
    assert len(statements) >= 4
    with closing(sqlite3.connect(tmp_path / "campaigns.db")) as connection:
        for statement in statements:
            # The clock of the README is the wall clock, which may show any year.
            assert connection.execute(statement.replace("2030", "2020")).fetchall(), statement


def test_the_log_page_names_every_column_of_the_envelope(tmp_path: Path) -> None:
    """The table on the page has a row for each column of `events`, in its order."""
    write_files("README.md", tmp_path)
    run(program("README.md"), tmp_path)
    with closing(sqlite3.connect(tmp_path / "campaigns.db")) as connection:
        columns = [name for _, name, *_ in connection.execute("PRAGMA table_info(events)")]
    rows = [line.split("`")[1] for line in text_of("docs/log.md").splitlines() if line.startswith("| `")]
    assert rows == columns


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.exists()], ids=lambda page: page.relative_to(ROOT).as_posix()
)
def test_all_python_of_a_page_can_at_least_be_read(page: Path) -> None:
    """A block that does not run by itself is still Python."""
    for block in blocks(page.relative_to(ROOT).as_posix()):
        if block.language == "python":
            compile(block.code if not block.code.startswith(" ") else "if 1:\n" + block.code, str(page), "exec")


def test_the_store_page_shows_a_contract_that_can_be_collected(tmp_path: Path) -> None:
    """Its block defines a class that pytest would collect, with the tests of the contract."""
    said = run(
        program("docs/writing-a-store.md") + "\nprint(sum(name.startswith('test_') for name in dir(TestMyStore)))",
        tmp_path,
    )
    assert int(said) > 10
