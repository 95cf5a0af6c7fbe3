"""How does a file come to hold all of something, or stay what it was? It is written beside, and put in place when done."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress

from campaign_core import InvalidMessage, Problem


def write_whole(path: str, chunks: Iterable[str]) -> int:
    """Writes text as UTF-8 with a byte-order mark, by which spreadsheets know it; answers how many chunks there were.

    A file of that name is replaced once all is written and on the disk; a link keeps pointing to it.

    Raises:
        InvalidMessage: it cannot be written there.
    """
    target = os.path.realpath(path)
    if os.path.exists(target) and not os.path.isfile(target):
        raise _refused(path, "is not a file that can be replaced")
    beside = f"{target}.{os.getpid()}.part"
    try:
        count = _write(beside, chunks)
        os.replace(beside, target)
    except BaseException as wrong:
        with suppress(OSError):
            os.unlink(beside)
        if isinstance(wrong, OSError):
            raise _refused(path, f"cannot be written: {wrong.strerror or wrong}") from wrong
        raise
    return count


def _write(path: str, chunks: Iterable[str]) -> int:
    count = 0
    with open(path, "x", encoding="utf-8-sig", newline="") as stream:
        for chunk in chunks:
            stream.write(chunk)
            count += 1
        stream.flush()
        os.fsync(stream.fileno())
    return count


def _refused(path: str, sentence: str) -> InvalidMessage:
    return InvalidMessage((Problem(path, sentence),))
