"""A terminal in an empty folder, and a database with campaigns and inboxes in it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from campaign_core import (
    CreateCampaign,
    RegisterInbox,
    UpdateCampaign,
    UploadLeads,
    VerifyInbox,
    open_kernel,
)
from tests.adapters.given import ACTIVE, DRAFT, EMPTY, INBOX, LEADS, PENDING, VARIANTS, Terminal


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing around a test decides what the program does."""
    monkeypatch.chdir(tmp_path)
    for name in (
        "CAMPAIGN_DB",
        "CAMPAIGN_WORKSPACE",
        "_CAMPAIGN_COMPLETE",
        "NO_COLOR",
        "FORCE_COLOR",
        "TTY_COMPATIBLE",
        "TERM",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.setenv("LOGNAME", "wilma")


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A terminal in an empty folder."""
    return Terminal(capsys)


@pytest.fixture(scope="session")
def _furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("furnished") / "campaigns.db"
    with open_kernel(path) as kernel:
        for inbox, address in ((INBOX, "mara@out.example.com"), (PENDING, "noah@out.example.com")):
            kernel.handle(RegisterInbox(address, inbox_id=inbox))
        kernel.handle(VerifyInbox(INBOX))
        for campaign, name in ((DRAFT, "First draft"), (EMPTY, "Second draft"), (ACTIVE, "Under way")):
            kernel.handle(CreateCampaign(name, campaign_id=campaign))
        for campaign in (DRAFT, ACTIVE):
            kernel.handle(UploadLeads(campaign, LEADS))
            kernel.handle(UpdateCampaign(campaign, inbox_ids=(INBOX,), variants=VARIANTS))
        kernel.handle(UpdateCampaign(ACTIVE, launch=True))
    return path


@pytest.fixture
def furnished(_furnished: Path, tmp_path: Path) -> Path:
    """`campaigns.db` in the folder of the test, with campaigns and inboxes in it."""
    return Path(shutil.copy(_furnished, tmp_path / "campaigns.db"))


@pytest.fixture
def contents() -> Callable[[Path], str]:
    """Everything a database file holds, as text."""

    def dump(path: Path) -> str:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return "\n".join(connection.iterdump())

    return dump
