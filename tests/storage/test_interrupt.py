"""Ctrl-C at any moment of a command: all of it or nothing is there, and the kernel and everybody else can go on."""

from __future__ import annotations

import signal
import sqlite3
from _thread import interrupt_main
from itertools import chain, repeat
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from campaign_core import CreateCampaign, UploadLeads, open_kernel
from campaign_core.log.sqlite import SqliteStore
from tests.storage import jobs
from tests.storage.logs import rows

CAMPAIGN = UUID(int=1)


class Interrupting:
    """Ctrl-C from within SQLite: Python hears of it as soon as the statement returns."""

    def __init__(self) -> None:
        self.connections: list[sqlite3.Connection] = []
        self._connect = sqlite3.connect

    def connect(self, *given: Any, **named: Any) -> sqlite3.Connection:
        """Stands in for `sqlite3.connect`, to know every connection."""
        self.connections.append(self._connect(*given, **named))
        return self.connections[-1]

    def at(self, step: int) -> None:
        """Interrupts at the n-th step of SQLite's machine from now on; 0: never.

        What SQLite calls is made of C alone: a function of ours would itself be what is interrupted. A signal that
        nobody handles is none.
        """
        signals = map(interrupt_main, chain(repeat(signal.SIGUSR1, step - 1), [signal.SIGINT], repeat(signal.SIGUSR1)))
        for connection in self.connections:
            connection.set_progress_handler(signals.__next__ if step else None, 1)


@pytest.fixture
def interrupting(monkeypatch: pytest.MonkeyPatch) -> Interrupting:
    interrupting = Interrupting()
    monkeypatch.setattr(sqlite3, "connect", interrupting.connect)
    return interrupting


def test_an_interrupted_command_leaves_nothing_open(tmp_path: Path, interrupting: Interrupting) -> None:
    """A command is interrupted at SQLite's first step, then at a later one, and so on until it gets through."""
    path = tmp_path / "campaigns.db"
    with open_kernel(SqliteStore(path, may_lose_last_commits=True)) as kernel:
        kernel.handle(CreateCampaign("Spring launch", campaign_id=CAMPAIGN))
        with open_kernel(SqliteStore(path, busy_seconds=0, may_lose_last_commits=True)) as other:
            step, interrupted = 0, True
            while interrupted:
                step += 1 + step // 20
                before = (rows(kernel), kernel.history(CAMPAIGN))
                interrupting.at(step)
                try:
                    kernel.handle(UploadLeads(CAMPAIGN, jobs.leads_csv(step, 3)))
                    interrupted = False
                except KeyboardInterrupt:
                    pass
                finally:
                    interrupting.at(0)
                after = (rows(kernel), kernel.history(CAMPAIGN))
                if interrupted and len(after[1]) == len(before[1]):
                    assert after == before
                else:
                    assert len(after[1]) == len(before[1]) + 1
                    assert len(after[0][1]) == len(before[0][1]) + 3
                other.handle(CreateCampaign("Nobody is kept out"))
            assert step > 100
            assert other.verify().holds
