"""How often may somebody call?

So many times in a minute and so many in an hour, both counted in fixed windows that begin with the minute and the hour of
UTC. Counters are kept in the registers, so they hold over every process that serves one database. Source:
reference/coldsend-api.md, sections 3.1 and 20.7.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from math import ceil
from typing import Final

from attrs import evolve, frozen

from campaign_core import Kernel
from campaign_core.kernel.registers import DEFAULT_WORKSPACE
from campaign_core.log.records import Register

PER_MINUTE: Final = 100
PER_HOUR: Final = 1_000
_MINUTE: Final = 60
_HOUR: Final = 3_600


@frozen(kw_only=True)
class Counter:
    """The calls of somebody, counted in two windows."""

    #: When the windows began, in Unix seconds, and how many calls they let through.
    minute: int
    in_minute: int
    hour: int
    in_hour: int
    #: The last call that was let through.
    last_at: datetime


#: By the id of the key or the name of a stranger, all of them in the default workspace.
COUNTERS: Final = Register("http_calls", Counter)


@frozen
class Standing:
    """Where somebody stands after a call."""

    #: Calls a minute.
    limit: int
    #: Calls that are left in this minute; fewer where the hour has fewer left.
    remaining: int
    #: When the minute ends, in Unix seconds.
    reset: int
    #: Seconds until another call is let through; None where this one was.
    retry_after: int | None

    @property
    def headers(self) -> dict[str, str]:
        """The same as headers of the response."""
        told = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset),
        }
        return told if self.retry_after is None else {**told, "Retry-After": str(self.retry_after)}


def _now() -> datetime:
    return datetime.now(UTC)


def last_call(kernel: Kernel, who: str) -> datetime | None:
    """When the last call of a key was let through; None if it never called."""
    found = kernel.workspace(DEFAULT_WORKSPACE).shelf(COUNTERS).get(who)
    return None if found is None else found.last_at


class RateLimits:
    """Counts calls. Threads and processes may count at once."""

    def __init__(
        self,
        kernel: Kernel,
        *,
        per_minute: int = PER_MINUTE,
        per_hour: int = PER_HOUR,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._shelf = kernel.workspace(DEFAULT_WORKSPACE).shelf(COUNTERS)
        self._per_minute, self._per_hour, self._clock = per_minute, per_hour, clock

    def count(self, who: str) -> Standing:
        """Counts a call of somebody and answers where that leaves them. A call that is turned away is not counted.

        Raises:
            LogBusy: another process held the log for too long, three times over.
        """
        standing = self.uncounted()

        def counted(before: Counter | None) -> Counter:
            nonlocal standing
            # Asked in here, where nobody else counts: else a call that waited would begin an earlier window once more.
            at = self._clock()
            counter = _in_its_windows(before, at)
            standing = self._standing(counter, at)
            if standing.retry_after is not None:
                return before or counter
            return evolve(counter, in_minute=counter.in_minute + 1, in_hour=counter.in_hour + 1, last_at=at)

        self._shelf.change(who, counted)
        return standing

    def uncounted(self) -> Standing:
        """What is said to somebody whose call is not counted."""
        reset = _begin(self._clock(), _MINUTE) + _MINUTE
        return Standing(limit=self._per_minute, remaining=0, reset=reset, retry_after=None)

    def _standing(self, counter: Counter, at: datetime) -> Standing:
        """Where somebody stands with one call more."""
        left = min(self._per_minute - counter.in_minute, self._per_hour - counter.in_hour)
        ends = [counter.minute + _MINUTE] if counter.in_minute >= self._per_minute else []
        ends += [counter.hour + _HOUR] if counter.in_hour >= self._per_hour else []
        return Standing(
            limit=self._per_minute,
            remaining=max(0, left - 1),
            reset=counter.minute + _MINUTE,
            retry_after=max(1, ceil(max(ends) - at.timestamp())) if ends else None,
        )


def _in_its_windows(before: Counter | None, at: datetime) -> Counter:
    """The counter in the windows of an instant: what was counted in others counts no more."""
    minute, hour = _begin(at, _MINUTE), _begin(at, _HOUR)
    if before is None:
        return Counter(minute=minute, in_minute=0, hour=hour, in_hour=0, last_at=at)
    return evolve(
        before,
        minute=minute,
        in_minute=before.in_minute if before.minute == minute else 0,
        hour=hour,
        in_hour=before.in_hour if before.hour == hour else 0,
    )


def _begin(at: datetime, seconds: int) -> int:
    """When the window of so many seconds began that holds an instant, in Unix seconds."""
    return int(at.timestamp()) // seconds * seconds
