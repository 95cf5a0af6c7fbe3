"""A terminal in an empty folder, and a database with campaigns and inboxes in it."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from campaign_core import (
    CreateCampaign,
    FollowUp,
    FollowUpVariant,
    PauseCampaign,
    RegisterInbox,
    TriggerType,
    UpdateCampaign,
    UploadLeads,
    VerifyInbox,
    open_kernel,
)
from campaign_core.kernel.worker import VirtualClock, Worker
from campaign_core.sending.transport import Answer, Outgoing, Silence, Taken
from tests.adapters.given import ACTIVE, DRAFT, EMPTY, INBOX, LEADS, PENDING, SENT, VARIANTS, Terminal


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing around a test decides what the program does."""
    monkeypatch.chdir(tmp_path)
    for name in (
        "CAMPAIGN_DB",
        "CAMPAIGN_WORKSPACE",
        "CAMPAIGN_SECRET_KEY",
        "CAMPAIGN_SECRET_KEY_FILE",
        "CAMPAIGN_SMTP_PASSWORD",
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


class _HalfSilent:
    """Takes the first mail and falls silent over the second."""

    def __init__(self) -> None:
        self._answers: list[Answer] = [Silence("gone"), Taken("250")]

    def send(self, inbox_id: UUID, outgoing: Outgoing) -> Answer:
        return self._answers.pop()

    def close(self) -> None:
        """Nothing is held open."""


@pytest.fixture(scope="session")
def _under_way(_furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = Path(shutil.copy(_furnished, tmp_path_factory.mktemp("under_way") / "campaigns.db"))
    clock = VirtualClock(datetime(2030, 1, 7, 15, tzinfo=UTC))
    with open_kernel(path, clock=clock.now) as kernel:
        kernel.handle(PauseCampaign(ACTIVE))
        kernel.handle(CreateCampaign("Half sent", campaign_id=SENT))
        kernel.handle(UploadLeads(SENT, LEADS))
        reminder = FollowUp(
            step_number=2,
            trigger_type=TriggerType.NOT_REPLIED,
            wait_days=3,
            variants=(FollowUpVariant(email_content="A reminder of some length."),),
        )
        parts = {"inbox_ids": (INBOX,), "variants": VARIANTS, "sequences": (reminder,)}
        kernel.handle(UpdateCampaign(SENT, launch=True, **parts))
        worker = Worker(kernel, _HalfSilent(), name="first", clock=clock)
        while clock.now() < datetime(2030, 1, 7, 16, tzinfo=UTC):
            worker.tick()
            clock.sleep_until(clock.now() + timedelta(minutes=6), threading.Event())
    return path


@pytest.fixture
def under_way(_under_way: Path, tmp_path: Path) -> Path:
    """`campaigns.db` in the folder of the test, the campaign `SENT` in it, by a clock of January 2030."""
    return Path(shutil.copy(_under_way, tmp_path / "campaigns.db"))


@pytest.fixture
def contents() -> Callable[[Path], str]:
    """Everything a database file holds, as text."""

    def dump(path: Path) -> str:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return "\n".join(connection.iterdump())

    return dump
