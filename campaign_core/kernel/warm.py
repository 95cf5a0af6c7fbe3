"""Folded states of streams, kept between commands so that a command costs what is new in its stream."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any, NamedTuple


class Loaded(NamedTuple):
    """A folded state and the version of the stream it was folded up to."""

    version: int
    state: Any


class Kept:
    """Values used last, by key. Safe to share between threads; the values are immutable."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Any, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Any) -> Any:
        """The value kept under a key; None if there is none any more."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: Any, value: Any) -> None:
        """Keeps a value; the one used longest ago makes room."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)


class WarmStates:
    """The states used last, by workspace and stream."""

    def __init__(self, most: int) -> None:
        self._kept = Kept(most)

    def get(self, workspace: str, stream: str) -> Loaded | None:
        """The state kept for a stream, which others may have continued since."""
        loaded: Loaded | None = self._kept.get((workspace, stream))
        return loaded

    def put(self, workspace: str, stream: str, loaded: Loaded) -> None:
        """Keeps a state that is committed."""
        self._kept.put((workspace, stream), loaded)
