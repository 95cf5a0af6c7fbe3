"""The store in one SQLite file, for many threads and processes on one machine.

WAL journal, `synchronous=FULL`: what is acknowledged survives the loss of power. A store holds one connection to write
with, which threads take in turn, and a pool of connections to read with. Writing waits for other threads without bound
and for other processes up to `busy_seconds`; reading never waits.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from os import PathLike, fspath
from typing import Final

from campaign_core.errors import CorruptLog, LogBusy, LogUnavailable, MisuseError, UnsupportedLog
from campaign_core.log.sqlite_tables import SqliteTables

#: How many migrations this version of the library knows.
SCHEMA_VERSION: Final = 1
_APPLICATION_ID: Final = 0x43414D50
_BUSY: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DAMAGED: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
#: How long a scrub waits for readers, keeping other writers out meanwhile.
_SCRUB_MILLISECONDS: Final = 100
#: Between two attempts to switch a new file to WAL.
_PAUSE_SECONDS: Final = 0.01


class SqliteStore:
    """A log in one SQLite file, made if it is not there.

    Args:
        path: the file.
        busy_seconds: how long to wait for another process that writes.
        may_lose_last_commits: True trades the newest commits, should the power fail, for speed (`synchronous=NORMAL`);
            a killed process loses nothing either way.

    Raises:
        LogUnavailable: the file cannot be opened or made.
        UnsupportedLog: it is not a campaign log, or one written by a newer version.
    """

    def __init__(
        self, path: str | PathLike[str], *, busy_seconds: float = 5.0, may_lose_last_commits: bool = False
    ) -> None:
        self._path = fspath(path)
        #: Where the file is, whatever the working directory becomes.
        self._place = os.path.join(os.getcwd(), self._path)
        self._busy_seconds = busy_seconds
        self._synchronous = "NORMAL" if may_lose_last_commits else "FULL"
        self._turn = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._closed = False
        with self._translated():
            self._writer = self._connect()
            try:
                self._prepare(self._writer)
            except BaseException:
                self._writer.close()
                raise
        self._file = self._file_at_path()

    @contextmanager
    def reading(self) -> Iterator[SqliteTables]:
        """A snapshot to read from."""
        connection = self._take_reader()
        try:
            with self._translated():
                connection.execute("BEGIN")
                connection.execute("SELECT max(position) FROM events").fetchone()
                yield SqliteTables(connection)
        finally:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            self._give_back(connection)

    @contextmanager
    def writing(self) -> Iterator[SqliteTables]:
        """The one write transaction."""
        with self._turn, self._translated():
            self._check_open()
            self._check_in_place()
            try:
                # Inside, because Ctrl-C may come while it waits and be raised once it has begun.
                self._writer.execute("BEGIN IMMEDIATE")
                yield SqliteTables(self._writer)
                self._writer.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._writer.execute("ROLLBACK")
                raise

    def scrub(self) -> bool:
        """Moves everything out of the write-ahead log and empties it; freed pages are zeroed as they are freed.

        Other writers are kept out meanwhile, so it gives up long before they would. What was erased is committed by now:
        a disk that is full or fails makes the answer False, not an error.
        """
        with self._turn, self._translated():
            self._check_open()
            try:
                self._writer.execute(f"PRAGMA busy_timeout = {_SCRUB_MILLISECONDS}")
                busy, _, _ = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.OperationalError:
                return False
            finally:
                self._writer.execute(f"PRAGMA busy_timeout = {round(self._busy_seconds * 1000)}")
            return not busy

    def close(self) -> None:
        """Closes every connection not in use; one in use is closed when its reader is done."""
        with self._turn:
            self._closed = True
            self._writer.close()
            while self._idle:
                self._idle.pop().close()

    def _check_open(self) -> None:
        if self._closed:
            raise MisuseError("The log is closed; open it again to use it.")

    def _check_in_place(self) -> None:
        """SQLite would write on into a file that was deleted or replaced, and nobody could ever read it again."""
        if self._file_at_path() != self._file:
            raise LogUnavailable(f"{self._path} was deleted or replaced while it was open; open it again.")

    def _file_at_path(self) -> tuple[int, int] | None:
        """Which file is there now; None if there is none."""
        try:
            found = os.stat(self._place)
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._place, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False
        )
        connection.execute(f"PRAGMA synchronous = {self._synchronous}")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA wal_autocheckpoint = 4000")
        connection.execute("PRAGMA cache_size = -16000")
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Recognises the file, and makes or migrates its tables."""
        version, application, holds_tables = self._marks(connection)
        if application != _APPLICATION_ID and (version or holds_tables):
            raise UnsupportedLog(f"{self._path} is a SQLite database but not a campaign log; choose another file.")
        if version > SCHEMA_VERSION:
            raise UnsupportedLog(
                f"{self._path} was written by a newer version of the library (schema {version}, this one knows "
                f"{SCHEMA_VERSION}); update it."
            )
        # Whatever its version: a copy made by `VACUUM INTO` has SQLite's old journal, in which readers block the writer.
        self._switch_to_wal(connection)
        if version < SCHEMA_VERSION:
            from campaign_core.log.schema import migrate

            migrate(connection, SCHEMA_VERSION)

    @staticmethod
    def _marks(connection: sqlite3.Connection) -> tuple[int, int, bool]:
        """Schema, application and whether there are tables, all of one moment: another process may be making the file."""
        connection.execute("BEGIN")
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        finally:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
        return version, application, bool(tables)

    def _switch_to_wal(self, connection: sqlite3.Connection) -> None:
        """Waits itself while another process makes the same file: SQLite does not, it fails at once."""
        deadline = time.monotonic() + self._busy_seconds
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as wrong:
                if wrong.sqlite_errorcode & 0xFF not in _BUSY or time.monotonic() > deadline:
                    raise
            time.sleep(_PAUSE_SECONDS)

    def _take_reader(self) -> sqlite3.Connection:
        self._check_open()
        with suppress(IndexError):
            return self._idle.pop()
        with self._translated():
            connection = self._connect()
            connection.execute("PRAGMA query_only = ON")
            return connection

    def _give_back(self, connection: sqlite3.Connection) -> None:
        if self._closed:
            connection.close()
        else:
            self._idle.append(connection)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """A driver's error as one of ours."""
        try:
            yield
        except sqlite3.Error as wrong:
            code = getattr(wrong, "sqlite_errorcode", 0) & 0xFF
            if code in _BUSY:
                raise LogBusy(
                    f"{self._path} was being written by another process for more than {self._busy_seconds:g} seconds; "
                    "try again."
                ) from wrong
            if code == sqlite3.SQLITE_NOTADB:
                raise UnsupportedLog(f"{self._path} is not a SQLite database; choose another file.") from wrong
            if code in _DAMAGED:
                raise CorruptLog(f"{self._path} is damaged: {wrong}.") from wrong
            if code == sqlite3.SQLITE_CANTOPEN:
                raise LogUnavailable(f"{self._path} cannot be opened: {self._obstacle()}.") from wrong
            raise LogUnavailable(f"{self._path} cannot be used: {wrong}.") from wrong

    def _obstacle(self) -> str:
        """What stands in the way of opening the file, as far as can be seen."""
        folder = os.path.dirname(self._path) or "."
        if os.path.isdir(self._path):
            return "it is a folder, not a file"
        if not os.path.isdir(folder):
            return f"there is no folder {folder}"
        return "this process may not read and write it there"


def open_store(location: str) -> SqliteStore:
    """Opens the file named by a path or by `sqlite:PATH`."""
    return SqliteStore(location.removeprefix("sqlite:"))
