"""Folded states of streams, kept between commands so that a command costs what is new in its stream."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any, NamedTuple


class Loaded(NamedTuple):
    """A folded state and the version of the stream it was folded up to."""

    version: int
    state: Any


class WarmStates:
    """The states used last, by workspace and stream. Safe to share between threads; states are immutable."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._states: OrderedDict[tuple[str, str], Loaded] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, workspace: str, stream: str) -> Loaded | None:
        """The state kept for a stream, which others may have continued since."""
        with self._lock:
            return self._states.get((workspace, stream))

    def put(self, workspace: str, stream: str, loaded: Loaded) -> None:
        """Keeps a state that is committed; the one used longest ago makes room."""
        with self._lock:
            self._states[workspace, stream] = loaded
            self._states.move_to_end((workspace, stream))
            while len(self._states) > self._most:
                self._states.popitem(last=False)
