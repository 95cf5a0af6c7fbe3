"""Scenarios keep what they promise: what is right passes, and what is not fails with a text that shows where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from attrs import frozen

from campaign_core.decider import Decider
from campaign_core.errors import NotLaunchReady, TooManyVariants, UnbalancedSplit
from campaign_core.recorded import Proposed, Recorded, Rows
from campaign_core.testing.scenario import AT, Scenario, recorded, scenario


@frozen(kw_only=True)
class Added:
    """Something was added to a sum."""

    stored_name: ClassVar[str] = "sum.added"
    schema: ClassVar[int] = 2

    amount: int
    label: str = "plain"


@frozen
class Closed:
    """No more is added."""

    stored_name: ClassVar[str] = "sum.closed"
    schema: ClassVar[int] = 1


def decide(command: Any, state: tuple[int, list[int]], facts: int) -> tuple[Proposed, ...]:
    """Adds a number up to a limit; closes at the limit; has nothing to do for 0."""
    total, _ = state
    if not isinstance(command, int):
        raise TypeError("no number")
    if command < 0:
        raise UnbalancedSplit(command)
    if command == 0:
        return ()
    added = Proposed(Added(amount=command), Rows(({"line": f"{command}"},)), AT if command == 7 else None)
    return (added, Proposed(Closed())) if total + command >= facts else (added,)


def evolve(state: tuple[int, list[int]], each: Recorded) -> tuple[int, list[int]]:
    """The sum, and the versions that led to it."""
    amount = 0 if each.event is None else getattr(each.event, "amount", 0)
    return state[0] + amount, [*state[1], each.version]


SUMS: Decider[Any, tuple[int, list[int]], int, Proposed, Recorded] = Decider((0, []), decide, evolve)


def given(*events: Any) -> Scenario[Any, tuple[int, list[int]], int]:
    """A sum with this history."""
    return scenario(SUMS).given(*events)


def test_a_history_is_recorded_as_a_log_would_record_it() -> None:
    """Versions 1, 2, 3; names and schemas from the events; further events behind those given before."""
    history = given(Added(amount=1), Added(amount=2)).given(Closed()).history
    assert [(each.version, each.position, each.name, each.schema) for each in history] == [
        (1, 1, "sum.added", 2),
        (2, 2, "sum.added", 2),
        (3, 3, "sum.closed", 1),
    ]
    assert {each.occurred_at for each in history} == {each.metadata.recorded_at for each in history} == {AT}
    assert given(Added(amount=1), Added(amount=2)).state == (3, [1, 2])


def test_an_erased_event_keeps_its_name_alone() -> None:
    erased = recorded(Added(amount=5), 1, erased=True)
    assert (erased.event, erased.name) == (None, "sum.added")
    assert given(erased, Added(amount=1)).state == (1, [1, 2])


def test_what_is_right_passes() -> None:
    """Events, their content and time where they are asked for, nothing to do, and refusals."""
    given().when(3, 10).then(Added(amount=3))
    given(Added(amount=8)).when(3, 10).then(Added(amount=3), Closed())
    given().when(3, 10).then(Proposed(Added(amount=3), Rows(({"line": "3"},))))
    given().when(7, 10).then(Proposed(Added(amount=7), Rows(({"line": "7"},)), AT))
    given().when(0, 10).then_nothing()
    refusal = given().when(-1, 10).then_rejected(UnbalancedSplit, total=-1)
    assert refusal.total == -1


WRONG: dict[str, tuple[Callable[[], object], list[str]]] = {
    "another event": (
        lambda: given().when(3, 10).then(Added(amount=4, label="other")),
        [
            "int caused other events",
            "-    amount = 4",
            "+    amount = 3",
            "-    label = 'other'",
            "+    label = 'plain'",
        ],
    ),
    "an event missing": (lambda: given().when(3, 3).then(Added(amount=3)), ["+Closed"]),
    "an event too many": (lambda: given().when(3, 9).then(Added(amount=3), Closed()), ["-Closed"]),
    "another order": (lambda: given().when(3, 3).then(Closed(), Added(amount=3)), ["-Closed", "+Closed"]),
    "no event": (lambda: given().when(0, 9).then(Closed()), ["-Closed", "+nothing"]),
    "something to do": (lambda: given().when(3, 9).then_nothing(), ["-nothing", "+Added", "+    amount = 3"]),
    "other content": (
        lambda: given().when(3, 9).then(Proposed(Added(amount=3), Rows(({"line": "4"},)))),
        ["-        rows = ({'line': '4'},)", "+        rows = ({'line': '3'},)"],
    ),
    "content missing": (
        lambda: given().when(3, 9).then(Proposed(Added(amount=3))),
        ["-        rows = ()", "+        rows = ({'line': '3'},)"],
    ),
    "another time": (
        lambda: given().when(7, 9).then(Proposed(Added(amount=7), Rows(({"line": "7"},)))),
        ["-    occurred_at = None", "+    occurred_at = datetime"],
    ),
    "a refusal": (
        lambda: given().when(-1, 9).then(Added(amount=3)),
        ["int was to be accepted", "rejected with UnbalancedSplit", "add up to exactly 100"],
    ),
    "a refusal for nothing": (lambda: given().when(-1, 9).then_nothing(), ["was to be accepted"]),
    "no refusal": (
        lambda: given().when(3, 9).then_rejected(UnbalancedSplit),
        ["was to be rejected with UnbalancedSplit", "Added(amount=3, label='plain')"],
    ),
    "no refusal, nothing to do": (
        lambda: given().when(0, 9).then_rejected(UnbalancedSplit),
        ["was to be rejected with UnbalancedSplit", "nothing to do"],
    ),
    "another refusal": (
        lambda: given().when(-1, 9).then_rejected(NotLaunchReady),
        ["with NotLaunchReady", "with UnbalancedSplit"],
    ),
    "a refusal that says something else": (
        lambda: given().when(-1, 9).then_rejected(UnbalancedSplit, total=-2),
        ["says something else", "-{'total': -2}", "+{'total': -1}"],
    ),
}


@pytest.mark.parametrize("case", list(WRONG), ids=str)
def test_what_is_wrong_fails_and_shows_where(case: str) -> None:
    """Line by line, what was expected and what came."""
    ask, expected = WRONG[case]
    with pytest.raises(AssertionError) as failed:
        ask()
    for line in expected:
        assert line in str(failed.value)


def test_a_subclass_of_a_refusal_is_another_refusal() -> None:
    class Special(UnbalancedSplit):
        pass

    with pytest.raises(AssertionError):
        scenario(Decider((0, []), _refuse(Special(1)), evolve)).when(1, 1).then_rejected(UnbalancedSplit)
    scenario(Decider((0, []), _refuse(TooManyVariants(5, 4)), evolve)).when(1, 1).then_rejected(TooManyVariants)


def _refuse(error: Exception) -> Callable[[Any, Any, Any], tuple[Proposed, ...]]:
    def refuse(command: Any, state: Any, facts: Any) -> tuple[Proposed, ...]:
        raise error

    return refuse


def test_an_error_that_is_no_refusal_is_raised_at_once() -> None:
    with pytest.raises(TypeError, match="no number"):
        given().when("x", 1)
