"""A terminal to type in: the program in this process, in an empty folder, with what it prints caught."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from campaign_adapters.cli.program import run
from campaign_core import (
    CreateCampaign,
    RegisterInbox,
    UpdateCampaign,
    UploadLeads,
    Variant,
    VerifyInbox,
    open_kernel,
)

#: A database with campaigns in several statuses; the ids of the two drafts begin alike.
DRAFT = UUID("aaaaaaaa-0000-4000-8000-000000000001")
EMPTY = UUID("aaaaaaaa-0000-4000-8000-000000000002")
ACTIVE = UUID("cccccccc-0000-4000-8000-000000000003")
INBOX = UUID("bbbbbbbb-0000-4000-8000-000000000001")
PENDING = UUID("dddddddd-0000-4000-8000-000000000002")
LEADS = b"email,first_name,company\nada@acme.example.com,Ada,Acme\nbo@acme.example.com,Bo,Acme\n"
VARIANTS = (Variant(subject_template="Hello", email_content="A mail of some length."),)


class Said(NamedTuple):
    """What one call of the program came to."""

    code: int
    out: str
    err: str


class Terminal:
    """Types commands in, the way a person would."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def type(self, *arguments: str | UUID | Path) -> Said:
        """Runs one line of arguments."""
        self._capsys.readouterr()
        code = run([str(each) for each in arguments])
        out, err = self._capsys.readouterr()
        return Said(int(code), out, err)

    def asked(self, *arguments: str | UUID | Path, code: int = 0) -> Any:
        """Runs one line of arguments with `--json` and answers the document; nothing else may have been printed."""
        said = self.type(*arguments, "--json")
        assert (said.code, said.err) == (code, ""), said
        return json.loads(said.out)


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
