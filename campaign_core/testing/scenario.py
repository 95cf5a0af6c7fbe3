"""Given a history, when a command comes, then these events: tests of a `Decider` without a store.

    scenario(CAMPAIGN_DECIDER).given(Created(...), Launched()).when(PauseCampaign(campaign_id), facts).then(Paused())
    scenario(CAMPAIGN_DECIDER).when(PauseCampaign(campaign_id), facts).then_rejected(UnknownCampaign)

An expectation that is not met is an AssertionError that shows both sides and where they differ.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Generic, TypeVar

import attrs
from attrs import frozen

from campaign_core.decider import Decider
from campaign_core.errors import CampaignError
from campaign_core.recorded import Content, Metadata, Proposed, Recorded, Rows

C = TypeVar("C")
S = TypeVar("S")
F = TypeVar("F")
E = TypeVar("E", bound=CampaignError)

#: The instant at which given events were recorded.
AT: Final = datetime(2030, 1, 1, tzinfo=UTC)
#: Stands for a digest or a link; nothing folds them.
_NO_DIGEST: Final = bytes(32)


def recorded(
    event: Any, version: int = 1, *, stream: str = "scenario-1", at: datetime = AT, erased: bool = False
) -> Recorded:
    """An event in the envelope that the log would give it, its position equal to its version.

    With `erased` the envelope is what an erasure leaves of it: the name without the event.
    """
    return Recorded(
        position=version,
        stream=stream,
        version=version,
        name=event.stored_name,
        schema=event.schema,
        event=None if erased else event,
        occurred_at=at,
        metadata=Metadata(workspace="default", actor="scenario", recorded_at=at),
        digest=_NO_DIGEST,
        link=_NO_DIGEST,
    )


def scenario(decider: Decider[C, S, F, Proposed, Recorded]) -> Scenario[C, S, F]:
    """A scenario that begins before anything happened."""
    return Scenario(decider)


@frozen
class Scenario(Generic[C, S, F]):
    """A decider and the history it is given."""

    decider: Decider[C, S, F, Proposed, Recorded]
    history: tuple[Recorded, ...] = ()

    def given(self, *events: Any) -> Scenario[C, S, F]:
        """The scenario with more history: events, as they are recorded one after the other; a `Recorded` is kept as it is."""
        history = list(self.history)
        for event in events:
            history.append(event if isinstance(event, Recorded) else recorded(event, len(history) + 1))
        return Scenario(self.decider, tuple(history))

    @property
    def state(self) -> S:
        """What the history adds up to."""
        return self.decider.fold(self.history)

    def when(self, command: C, facts: F) -> Decided:
        """Has the command decided. Errors other than a CampaignError are raised here and now."""
        try:
            return Decided(command, tuple(self.decider.decide(command, self.state, facts)), None)
        except CampaignError as refusal:
            return Decided(command, (), refusal)


@frozen
class Decided:
    """What a decision answered: events, or a refusal."""

    command: object
    proposed: tuple[Proposed, ...]
    refusal: CampaignError | None

    def then(self, *expected: Any) -> None:
        """Asserts that exactly these events were decided, in this order.

        An expected `Proposed` says what its private content and its time must be as well; a bare event leaves them open.
        """
        self._assert_accepted()
        given = [_comparable(each, other) for each, other in _paired(self.proposed, expected)]
        wanted = [_comparable(each, each) for each in expected]
        if given != wanted:
            raise AssertionError(_difference(f"{_named(self.command)} caused other events", wanted, given))

    def then_nothing(self) -> None:
        """Asserts that the command was accepted and there was nothing to do."""
        self.then()

    def then_rejected(self, kind: type[E], **attributes: Any) -> E:
        """Asserts a refusal of exactly this class whose attributes have these values; answers it."""
        if self.refusal is None:
            events = ", ".join(repr(each.event) for each in self.proposed) or "nothing to do"
            raise AssertionError(f"{_named(self.command)} was to be rejected with {kind.__name__}; it caused: {events}")
        if type(self.refusal) is not kind:
            raise AssertionError(
                f"{_named(self.command)} was to be rejected with {kind.__name__}; it was with "
                f"{type(self.refusal).__name__}: {self.refusal}"
            ) from self.refusal
        given = {name: getattr(self.refusal, name) for name in attributes}
        if given != attributes:
            raise AssertionError(
                _difference(f"{kind.__name__} says something else", [attributes], [given])
            ) from self.refusal
        return self.refusal

    def _assert_accepted(self) -> None:
        if self.refusal is not None:
            raise AssertionError(
                f"{_named(self.command)} was to be accepted; it was rejected with {type(self.refusal).__name__}: "
                f"{self.refusal}"
            ) from self.refusal


def _paired(proposed: Sequence[Proposed], expected: Sequence[Any]) -> Iterator[tuple[Proposed, Any]]:
    for place, each in enumerate(proposed):
        yield each, expected[place] if place < len(expected) else None


def _comparable(given: Any, expected: Any) -> Any:
    """What is compared: the whole proposal where one is expected, the event alone otherwise."""
    if not isinstance(given, Proposed):
        return given
    if not isinstance(expected, Proposed):
        return given.event
    return Proposed(given.event, _plain(given.content), given.occurred_at)


def _plain(content: Content) -> Rows:
    return Rows(tuple(dict(row) for row in content))


def _difference(title: str, wanted: Sequence[Any], given: Sequence[Any]) -> str:
    """Both sides line by line: `-` stands before what was expected, `+` before what came."""
    left = [line for each in wanted for line in _lines(each)] or ["nothing"]
    right = [line for each in given for line in _lines(each)] or ["nothing"]
    differing = [*difflib.unified_diff(left, right, n=len(left), lineterm="")][3:]
    return "\n".join([f"{title} (- expected, + decided):", *differing])


def _lines(value: Any, indent: str = "", name: str = "") -> Iterator[str]:
    """A value as lines, one for each field of an attrs class."""
    label = f"{name} = " if name else ""
    if not attrs.has(type(value)) or not attrs.fields(type(value)):
        yield f"{indent}{label}{value!r}"
        return
    yield f"{indent}{label}{_named(value)}"
    for attribute in attrs.fields(type(value)):
        yield from _lines(getattr(value, attribute.name), f"{indent}    ", attribute.name)


def _named(value: object) -> str:
    return type(value).__name__
