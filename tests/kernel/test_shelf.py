"""Values of an adapter's own: put, changed in one transaction, removed; on every store, by many threads at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen

from campaign_core import Kernel, LogBusy, open_kernel
from campaign_core.log.records import Register
from campaign_core.log.sqlite import SqliteStore


@frozen
class Tally:
    """A number to change."""

    count: int


TALLIES = Register("tallies", Tally)


def one_more(before: Tally | None) -> Tally:
    """What becomes of a tally."""
    return Tally(1) if before is None else evolve(before, count=before.count + 1)


def test_a_change_answers_what_became_of_the_value(kernel: Kernel) -> None:
    """From nothing to something, to something else, to nothing."""
    shelf = kernel.shelf(TALLIES)
    assert shelf.change("a", one_more) == Tally(1)
    assert shelf.change("a", one_more) == Tally(2)
    assert shelf.get("a") == Tally(2)
    assert shelf.change("a", lambda before: None) is None
    assert shelf.change("a", lambda before: None) is None
    assert shelf.scan() == []


def test_a_change_that_breaks_changes_nothing(kernel: Kernel) -> None:
    """Whatever it raises comes out, and the next one finds what was there."""
    shelf = kernel.shelf(TALLIES)
    shelf.put("a", Tally(7))

    def break_down(before: Tally | None) -> Tally:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        shelf.change("a", break_down)
    assert shelf.change("a", one_more) == Tally(8)


def test_a_change_stays_in_its_workspace(kernel: Kernel) -> None:
    """The same key elsewhere is another value."""
    europe = kernel.create_workspace("europe")
    kernel.shelf(TALLIES).change("a", one_more)
    assert europe.shelf(TALLIES).get("a") is None
    assert europe.shelf(TALLIES).change("a", one_more) == Tally(1)


def test_changes_of_many_threads_are_all_kept(kernel: Kernel) -> None:
    """None of them overwrites what another wrote in between."""

    def work() -> None:
        for _ in range(25):
            kernel.shelf(TALLIES).change("a", one_more)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kernel.shelf(TALLIES).get("a") == Tally(100)


def test_a_value_that_stays_equal_is_not_written(tmp_path: Path) -> None:
    """The file's write-ahead log does not grow."""
    with open_kernel(tmp_path / "campaigns.db") as kernel:
        shelf = kernel.shelf(TALLIES)
        shelf.put("a", Tally(7))
        before = (tmp_path / "campaigns.db-wal").read_bytes()
        assert shelf.change("a", lambda value: value) == Tally(7)
        assert (tmp_path / "campaigns.db-wal").read_bytes() == before


class BusyStore(SqliteStore):
    """Is busy for its next few write transactions."""

    busy = 0

    @contextmanager
    def writing(self) -> Iterator[Any]:
        if self.busy:
            self.busy -= 1
            raise LogBusy("Another process writes; try again.")
        with super().writing() as tables:
            yield tables


@pytest.fixture
def busy_for(tmp_path: Path) -> Iterator[Callable[[int], Kernel]]:
    """A kernel whose log is busy so many times from now on."""
    store = BusyStore(tmp_path / "campaigns.db")
    with open_kernel(store) as kernel:

        def made(times: int) -> Kernel:
            store.busy = times
            return kernel

        yield made


def test_a_busy_log_is_asked_three_times(busy_for: Callable[[int], Kernel]) -> None:
    """Busy twice it succeeds, busy three times it says so, as with commands."""
    assert busy_for(2).shelf(TALLIES).change("a", one_more) == Tally(1)
    with pytest.raises(LogBusy):
        busy_for(3).shelf(TALLIES).change("a", one_more)
    assert busy_for(0).shelf(TALLIES).change("a", one_more) == Tally(2)
