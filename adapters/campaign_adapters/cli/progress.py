"""How far is it? A bar or a line on stderr where somebody looks at a terminal; nothing where nobody does, or data goes."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Final, cast

from campaign_adapters.cli.calls import Call

#: Takes how much is done, and how much that is of.
Progress = Callable[[int, int], None]
#: A lead file is read twice: for its encoding, and for its rows.
_PASSES: Final = 2
_BUFFER_BYTES: Final = 1 << 16


@contextmanager
def bar(call: Call, title: str) -> Iterator[Progress | None]:
    """A bar while the block runs; None where nobody would see it."""
    if call.json or sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(title, total=None)
        yield lambda done, total: shown.update(task, completed=min(done, total), total=total)


@contextmanager
def line(call: Call, title: str) -> Iterator[Callable[[str], None] | None]:
    """A line that says how things stand while the block runs; None where nobody would see it."""
    if call.json or sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(title, total=None)
        yield lambda text: shown.update(task, description=text)


@contextmanager
def watched_file(path: str, progress: Progress | None) -> Iterator[str | BinaryIO]:
    """A lead file to hand to the kernel: open and counted where progress is shown, its path otherwise.

    What is no file to be read, or not one of a known size, is left to the kernel as well.
    """
    if progress is None or not (os.path.isfile(path) and os.access(path, os.R_OK)):
        yield path
        return
    with io.BufferedReader(_Counted(path, progress), _BUFFER_BYTES) as stream:
        yield cast(BinaryIO, stream)


class _Counted(io.FileIO):
    """A file that tells how much of it was read."""

    def __init__(self, path: str, progress: Progress) -> None:
        super().__init__(path, "rb")
        self._progress = progress
        self._read, self._total = 0, _PASSES * os.fstat(self.fileno()).st_size

    def readinto(self, buffer: Any) -> int | None:
        """Reads on, and tells."""
        count = super().readinto(buffer)
        self._read += count or 0
        self._progress(self._read, self._total)
        return count
