"""How things are measured: in turns, in one run, as ratios.

Rival ways of doing one job take turns (A B C A B C ...), so that whatever else the machine does hits all of them alike. The
median of the turns counts. Microseconds are shown to say where the weight lies; only ratios are compared.
"""

from __future__ import annotations

import gc
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from attrs import field, frozen

#: Does the job once and answers how long the part that counts took, in seconds.
Turn = Callable[[], float]


@frozen(kw_only=True)
class Result:
    """What one job took, by contender, in microseconds for one unit."""

    job: str
    unit: str
    #: Contender to median microseconds: `ours`, and some of `floor`, `peer` and others.
    took: Mapping[str, float]
    #: Contender to the largest ratio ours may have to it.
    reach: Mapping[str, float] = field(factory=dict)
    note: str = ""

    def ratio(self, contender: str) -> float:
        """Ours divided by the contender's."""
        return self.took["ours"] / self.took[contender]

    @property
    def holds(self) -> bool:
        """Whether every ratio is within its reach."""
        return all(self.ratio(contender) <= reach for contender, reach in self.reach.items())


def interleaved(contenders: Mapping[str, Turn], *, turns: int, units: int) -> dict[str, float]:
    """Median microseconds a unit for each contender, each taking a turn after the other."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in contenders.values():
        turn()
    for _ in range(turns):
        for name, turn in contenders.items():
            gc.collect()
            times[name].append(turn())
    return {name: statistics.median(each) / units * 1e6 for name, each in times.items()}


@contextmanager
def folder() -> Iterator[Path]:
    """A folder on a real disk that is gone afterwards."""
    path = Path(tempfile.mkdtemp(prefix="campaign-bench-"))
    try:
        yield path
    finally:
        shutil.rmtree(path)


def timed(work: Callable[[], object]) -> float:
    """Seconds a call takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin
