"""What befalls a file: made by several at once or by somebody who dies, no room, no right, deleted, read for hours."""

from __future__ import annotations

import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from uuid import UUID

import pytest

from campaign_core import CAMPAIGNS, LEADS, CreateCampaign, DeleteCampaign, LogUnavailable, UpdateCampaign, open_kernel
from campaign_core.log.sqlite import SqliteStore
from tests.storage import jobs
from tests.storage.logs import rows
from tests.storage.processes import Forge

ONE, OTHER = UUID(int=1), UUID(int=2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with two campaigns and an inbox."""
    path = tmp_path / "campaigns.db"
    with open_kernel(path) as kernel:
        jobs.prepare(kernel)
        kernel.handle(CreateCampaign("One campaign", campaign_id=ONE))
        kernel.handle(CreateCampaign("Other campaign", campaign_id=OTHER))
    return path


def check_whole(path: Path) -> None:
    """The log verifies and a rebuild changes nothing."""
    with open_kernel(path) as kernel:
        found = kernel.verify()
        assert found.holds, found.problems
        before = rows(kernel)
        kernel.rebuild()
        assert rows(kernel) == before


@pytest.mark.parametrize("processes", [2, 4], ids=lambda count: f"{count}-processes")
def test_processes_that_make_the_same_file_at_once_all_write_to_it(
    forge: Forge, tmp_path: Path, processes: int
) -> None:
    for attempt in range(20):
        path = tmp_path / f"new-{attempt}.db"
        makers = [forge.start("open_at_once", location=str(path), name=f"maker {each}") for each in range(processes)]
        for maker in makers:
            assert maker.hear() == "ready"
        for maker in makers:
            maker.say("go")
        made = {maker.hear() for maker in makers}
        assert [maker.wait() for maker in makers] == [0] * processes
        with open_kernel(path) as kernel:
            assert {str(row.campaign_id) for row in kernel.view(CAMPAIGNS).find()} == made
            assert kernel.verify().holds


def test_making_a_file_waits_for_somebody_who_is_at_it(forge: Forge, tmp_path: Path) -> None:
    """Where a second process switches a new file to WAL, SQLite tells it at once that the file is locked."""
    path = tmp_path / "new.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        maker = forge.start("open_at_once", location=str(path), name="maker")
        maker.start()
        time.sleep(0.3)
        holder.execute("ROLLBACK")
        made = maker.hear()
    with open_kernel(path) as kernel:
        assert kernel.view(CAMPAIGNS).get(UUID(made)) is not None


def test_a_file_whose_maker_was_killed_at_any_statement_is_made_by_the_next(forge: Forge, tmp_path: Path) -> None:
    """The first maker dies as the first SQLite statement begins, the next one's file at the second, and so on."""
    statement, lived = 0, False
    while not lived:
        statement += 1
        path = tmp_path / f"new-{statement}.db"
        maker = forge.start(
            "die_at", location=str(path), statement=statement, what="open", command="", command_id="", number=0
        )
        maker.rest()
        lived = maker.wait() == 0
        assert maker.ended in (0, -signal.SIGKILL)
        with open_kernel(SqliteStore(path, may_lose_last_commits=True)) as kernel:
            kernel.handle(CreateCampaign("Spring launch"))
            assert kernel.view(CAMPAIGNS).count() == kernel.verify().events == 1
    assert statement > 30


def test_a_full_disk_refuses_what_does_not_fit_and_loses_nothing(forge: Forge, path: Path) -> None:
    worker = forge.start("fill_the_disk", location=str(path), campaign=str(ONE), room=1_000_000)
    *acknowledged, full, again = worker.rest()
    assert (worker.wait(), again) == (0, len(acknowledged))
    assert acknowledged == list(range(len(acknowledged))) != []
    assert full == {"leads": 500 * len(acknowledged), "holds": True}
    with open_kernel(path) as kernel:
        commands = [recorded.metadata.command for recorded in kernel.history(ONE)]
        assert commands == [None, *(f"upload-{number}" for number in (*acknowledged, again))]
        assert kernel.view(LEADS).count() == 500 * (len(acknowledged) + 1)
    check_whole(path)


def test_a_deletion_is_answered_even_where_the_disk_is_too_full_to_scrub(forge: Forge, path: Path) -> None:
    """The deletion is committed by then; that its bytes are still there is what the answer says."""
    worker = forge.start("delete_without_room", location=str(path), large=str(ONE), small=str(OTHER))
    assert worker.rest() == [False, True]
    assert worker.wait() == 0
    check_whole(path)


@pytest.fixture
def readable(path: Path) -> Iterator[Path]:
    """The file, in a folder that everybody may look into, and with no right to write for anybody."""
    with TemporaryDirectory() as folder:
        readable = Path(folder) / "campaigns.db"
        readable.write_bytes(path.read_bytes())
        readable.chmod(0o444)
        yield readable
        readable.parent.chmod(0o700)


@pytest.mark.parametrize("folder", [0o777, 0o555], ids=["in-a-writable-folder", "in-a-read-only-folder"])
def test_a_file_that_may_not_be_written_is_refused_in_a_sentence_and_left_alone(
    forge: Forge, readable: Path, folder: int
) -> None:
    before = readable.read_bytes()
    readable.parent.chmod(folder)
    worker = forge.start("write_without_the_right", location=str(readable))
    *_, last = worker.rest()
    assert worker.wait() == 0
    assert str(readable) in last["refused"]
    assert readable.read_bytes() == before


@pytest.mark.parametrize("accident", ["deleted", "replaced"])
def test_a_file_that_is_gone_is_not_written_into(path: Path, accident: str) -> None:
    """SQLite would go on writing into a file that has no name any more, and what it answered would be lost."""
    with open_kernel(path) as kernel:
        kernel.handle(UpdateCampaign(ONE, name="Before the accident"))
        if accident == "replaced":
            with open_kernel(path.with_name("other.db")):
                pass
            path.with_name("other.db").replace(path)
        else:
            path.unlink()
        with pytest.raises(LogUnavailable, match="deleted or replaced"):
            kernel.handle(UpdateCampaign(ONE, name="After the accident"))


def test_a_kernel_stays_at_its_file_when_the_working_directory_changes(
    tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(path.parent)
    with open_kernel(path.name) as kernel, SqliteStore(path).reading():
        monkeypatch.chdir("/")
        kernel.handle(UpdateCampaign(ONE, name="From elsewhere"))
        row = kernel.view(CAMPAIGNS).get(ONE)
        assert row is not None
        assert row.name == "From elsewhere"
    check_whole(path)


def test_a_reader_that_stays_for_long_sees_one_moment_and_stops_nobody(path: Path) -> None:
    store = SqliteStore(path)
    with open_kernel(path) as kernel:
        with store.reading() as snapshot:
            before = snapshot.events.last_position()
            for number in range(300):
                kernel.handle(UpdateCampaign(ONE, name=f"While somebody reads {number}"))
            assert snapshot.events.last_position() == before
            assert len(snapshot.events.all(0, 1000)) == before
        with store.reading() as snapshot:
            assert snapshot.events.last_position() == before + 300
    store.close()
    check_whole(path)


def test_erasing_beside_a_reader_does_not_keep_writers_out(path: Path) -> None:
    """Whoever erases would wait for the reader for a minute; the writer gives up after a second."""
    writer = open_kernel(SqliteStore(path, busy_seconds=1))
    eraser = open_kernel(SqliteStore(path, busy_seconds=60))
    reader = SqliteStore(path)
    campaigns = [eraser.handle(CreateCampaign("To be deleted")).id for _ in range(3)]
    scrubbed: list[bool | None] = []

    def erase() -> None:
        scrubbed.extend(eraser.handle(DeleteCampaign(each)).scrubbed for each in campaigns)

    with writer, eraser:
        with reader.reading():
            thread = Thread(target=erase, daemon=True)
            thread.start()
            written = 0
            while thread.is_alive():
                written += 1
                writer.handle(UpdateCampaign(ONE, name=f"Written meanwhile {written}"))
            thread.join()
        assert scrubbed == [False] * 3
        assert eraser.handle(DeleteCampaign(OTHER)).scrubbed is True
    reader.close()
