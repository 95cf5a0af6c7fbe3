"""How does a mail become a file of a Maildir, wholly or not at all?

As the format has it, a mail is written into `tmp` and moved into `new` once it is complete; whoever reads `new` never sees
half a mail, and no lock is needed, however many processes deliver. Source: https://cr.yp.to/proto/maildir.html

The file holds the wire bytes and nothing else, CRLF included, so that its SHA-256 is the digest the log has of the mail.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import Final
from uuid import UUID

from campaign_core.errors import MisuseError
from campaign_core.sending.transport import Answer, Outgoing, Silence, Taken, TryLater

_FOLDERS: Final = ("tmp", "new", "cur")


class MaildirTransport:
    """Delivers every mail, of whatever inbox and to whatever address, into one Maildir. Threads may share it."""

    def __init__(self, path: str | PathLike[str]) -> None:
        """Makes the Maildir if it is not there.

        Raises:
            MisuseError: the folder cannot be made.
        """
        self._path = Path(path)
        try:
            for name in _FOLDERS:
                (self._path / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as wrong:
            raise MisuseError(f"{self._path} cannot be a Maildir: {wrong.strerror}.") from wrong
        # The format replaces what would be a path or begin the flags.
        self._host = socket.gethostname().replace("/", r"\057").replace(":", r"\072")

    def send(self, inbox_id: UUID, outgoing: Outgoing) -> Answer:
        """Delivers the mail; `Taken` with the file's name, once it would survive a loss of power.

        A mail that is sent twice is two files: a folder that hid repetitions could not be checked for them.
        """
        name = f"{time.time_ns() // 1_000_000_000}.P{os.getpid()}R{secrets.token_hex(8)}.{self._host}"
        draft, place = self._path / "tmp" / name, self._path / "new" / name
        try:
            _write(draft, outgoing.wire)
            draft.rename(place)
        except OSError as wrong:
            with suppress(OSError):
                draft.unlink()
            return TryLater(None, f"{place} could not be written: {wrong.strerror}")
        try:
            _flush_folder(place.parent)
        except OSError as wrong:
            return Silence(f"{place} is there and may be lost with the power: {wrong.strerror}")
        return Taken(name)

    def close(self) -> None:
        """Nothing is held open."""


def _write(file: Path, content: bytes) -> None:
    """Writes a file that is not there yet, down to the disk."""
    with open(file, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _flush_folder(folder: Path) -> None:
    """Has the folder's list of files written down to the disk; a file that is flushed may otherwise lose its name."""
    if os.name == "nt":  # where a folder cannot be opened, and renaming is flushed with the volume
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
