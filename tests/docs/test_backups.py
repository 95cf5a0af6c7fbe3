"""Copies of a log, made the ways docs/embedding.md tells."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from campaign_core import CAMPAIGNS, CreateCampaign, open_kernel


def _by_backup(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(target)) as writing:
        reading.backup(writing)


def _by_vacuum(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))


@pytest.mark.parametrize("copied", [pytest.param(_by_backup, id="backup"), pytest.param(_by_vacuum, id="vacuum")])
def test_a_copy_made_while_a_kernel_writes_is_a_whole_log(tmp_path: Path, copied: Callable[[Path, Path], None]) -> None:
    """It holds everything committed until then, checks, and can be written to; the original goes on."""
    source, target = tmp_path / "campaigns.db", tmp_path / "backup.db"
    with open_kernel(source) as kernel:
        kernel.handle(CreateCampaign("Spring launch"))
        copied(source, target)
        kernel.handle(CreateCampaign("Summer launch"))
        with open_kernel(target) as copy:
            assert [row.name for row in copy.view(CAMPAIGNS).find()] == ["Spring launch"]
            copy.handle(CreateCampaign("Autumn launch"))
            assert copy.verify().holds
        assert kernel.view(CAMPAIGNS).count() == 2
        assert kernel.verify().holds


def test_a_reader_of_a_vacuumed_copy_does_not_keep_its_writer_waiting(tmp_path: Path) -> None:
    """Such a copy has SQLite's old journal until it is opened; then it is a log like any other."""
    source, target = tmp_path / "campaigns.db", tmp_path / "backup.db"
    with open_kernel(source) as kernel:
        kernel.handle(CreateCampaign("Spring launch"))
    _by_vacuum(source, target)
    with open_kernel(target) as copy, closing(sqlite3.connect(target, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM log").fetchone() == (1,)
        copy.handle(CreateCampaign("Autumn launch"))
        assert reader.execute("SELECT count(*) FROM log").fetchone() == (1,)


def test_the_file_alone_lacks_the_newest_commits(tmp_path: Path) -> None:
    """Why the page warns of copying it: what a kernel has just written is not in it yet."""
    source, target = tmp_path / "campaigns.db", tmp_path / "copy.db"
    with open_kernel(source) as kernel:
        kernel.handle(CreateCampaign("Spring launch"))
        shutil.copy(source, target)
    with open_kernel(target) as copy:
        assert copy.view(CAMPAIGNS).count() == 0
