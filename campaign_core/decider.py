"""What an aggregate is: three things, and no I/O.

`initial` is the state before anything happened. `decide(command, state, facts)` answers which events a command causes,
or raises `CommandRejected`. `evolve(state, recorded)` answers the state after an event that did happen; it never
refuses, because history is not up for discussion.

Both functions are pure: the same arguments give the same answer, on any machine, at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from attrs import frozen

C = TypeVar("C")
S = TypeVar("S")
F = TypeVar("F")
P = TypeVar("P")
R = TypeVar("R")


def changed(state: S, **fields: Any) -> S:
    """A copy of a state with some fields replaced: `attrs.evolve` in a fifth of its time, for what is done once an event.

    For frozen attrs classes with a dictionary (`slots=False`) and without converters or validators.
    """
    copy = object.__new__(type(state))
    copy.__dict__.update(state.__dict__, **fields)
    return copy


@frozen
class Decider(Generic[C, S, F, P, R]):
    """An aggregate as three pure parts."""

    #: The state before the first event.
    initial: S
    #: Which events a command causes, oldest first; empty when there is nothing to do.
    decide: Callable[[C, S, F], Sequence[P]]
    #: The state after one more event.
    evolve: Callable[[S, R], S]

    def fold(self, history: Iterable[R], state: S | None = None) -> S:
        """Folds events, oldest first, onto `state` (or onto `initial`)."""
        folded = self.initial if state is None else state
        for recorded in history:
            folded = self.evolve(folded, recorded)
        return folded
