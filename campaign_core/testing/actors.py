"""How do several processes run at once and yet the same way every time? Each stands still where it could be interrupted.

An actor is a function in a thread of its own that only moves when it is told to, and stops again at the next point at which
another process could come between. So whoever holds the actors decides every interleaving, and can end any of them at any
such point as `kill -9` would: nothing after that point happens.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from campaign_core.testing.transport import Died

T = TypeVar("T")
_PERCENT = 100


class Dice:
    """Numbers that look random and are the same for the same seed, on every machine."""

    def __init__(self, seed: int) -> None:
        self._seed, self._thrown = seed, 0

    def below(self, bound: int) -> int:
        """A number from 0 up to the bound, the bound not included."""
        self._thrown += 1
        drawn = hashlib.blake2b(f"{self._seed}/{self._thrown}".encode(), digest_size=8).digest()
        return int.from_bytes(drawn, "big") % bound

    def chance(self, percent: int) -> bool:
        """Yes so many times of a hundred."""
        return self.below(_PERCENT) < percent

    def pick(self, things: Sequence[T]) -> T:
        """One of the things, of which there must be some."""
        return things[self.below(len(things))]


class Actor:
    """One process: what it does, and where it stands."""

    def __init__(self, play: Callable[[Actor], object]) -> None:
        """Stands before its first line; `play` is given the actor and calls its `stand`."""
        self._go, self._stands = threading.Semaphore(0), threading.Semaphore(0)
        self._doomed = False
        self._error: BaseException | None = None
        #: The name of the point at which it stands.
        self.point = "begin"
        #: Whether it has come to its end, or to an end.
        self.ended = False
        self._thread = threading.Thread(target=self._run, args=(play,), daemon=True)
        self._thread.start()

    def stand(self, point: str) -> None:
        """Called by what it plays: stands still here until it is told to go on.

        Raises:
            Died: it was killed here.
        """
        self.point = point
        self._stands.release()
        self._go.acquire()
        if self._doomed:
            raise Died(point)

    def step(self) -> None:
        """Lets it go on to its next point, or to its end; raises what it raised."""
        self._go.release()
        self._stands.acquire()
        if self.ended:
            self._thread.join()
        if self._error is not None:
            raise self._error

    def kill(self) -> None:
        """Ends it where it stands."""
        if not self.ended:
            self._doomed = True
            self.step()

    def _run(self, play: Callable[[Actor], object]) -> None:
        self._go.acquire()
        try:
            if not self._doomed:
                play(self)
        except Died:
            pass
        except BaseException as wrong:
            self._error = wrong
        finally:
            self.ended = True
            self._stands.release()
