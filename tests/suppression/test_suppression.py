"""An address on the list of those not written to: put there once, taken off, put back."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign_core import InvalidMessage, SuppressionReason
from campaign_core.checks import check
from campaign_core.suppression.commands import Lift, Suppress
from campaign_core.suppression.decisions import SUPPRESSION_DECIDER
from campaign_core.suppression.events import Lifted, Suppressed, address_hash_of, stream_of
from campaign_core.testing.scenario import recorded, scenario
from campaign_core.testing.strategies import digests

HASH = "0123456789abcdef" * 4
BOUNCED = Suppressed(reason=SuppressionReason.BOUNCED)


@pytest.mark.parametrize("reason", SuppressionReason, ids=lambda reason: reason.value)
def test_an_address_is_suppressed_with_its_reason(reason: SuppressionReason) -> None:
    scenario(SUPPRESSION_DECIDER).when(Suppress(HASH, reason), None).then(Suppressed(reason=reason))
    given_back = scenario(SUPPRESSION_DECIDER).given(BOUNCED, Lifted())
    given_back.when(Suppress(HASH, reason), None).then(Suppressed(reason=reason))


@pytest.mark.parametrize("reason", SuppressionReason, ids=lambda reason: reason.value)
def test_what_is_suppressed_stays_so_for_its_first_reason(reason: SuppressionReason) -> None:
    scenario(SUPPRESSION_DECIDER).given(BOUNCED).when(Suppress(HASH, reason), None).then_nothing()


def test_a_suppression_is_lifted_once() -> None:
    """An address that is not suppressed has nothing to lift."""
    scenario(SUPPRESSION_DECIDER).given(BOUNCED).when(Lift(HASH), None).then(Lifted())
    scenario(SUPPRESSION_DECIDER).given(BOUNCED, Lifted()).when(Lift(HASH), None).then_nothing()
    scenario(SUPPRESSION_DECIDER).when(Lift(HASH), None).then_nothing()


@given(commands=st.lists(st.sampled_from([Lift(HASH), *(Suppress(HASH, each) for each in SuppressionReason)])))
def test_an_address_is_suppressed_as_it_was_said_last(commands: list[Any]) -> None:
    """And the events alternate, so that each says something new."""
    history: list[Any] = []
    for command in commands:
        proposed = scenario(SUPPRESSION_DECIDER).given(*history).when(command, None).proposed
        history += [each.event for each in proposed]
        assert scenario(SUPPRESSION_DECIDER).given(*history).state.suppressed == isinstance(command, Suppress)
    assert all(type(one) is not type(other) for one, other in pairwise(history))


def test_a_suppression_holds_without_its_payload() -> None:
    """The fold reads the name of the event."""
    state = SUPPRESSION_DECIDER.fold([recorded(BOUNCED, erased=True)])
    assert state.suppressed
    assert not SUPPRESSION_DECIDER.fold([recorded(BOUNCED), recorded(Lifted(), 2, erased=True)]).suppressed


@given(address_hash=digests())
def test_a_stream_is_named_by_the_hash_and_gives_it_back(address_hash: str) -> None:
    assert address_hash_of(stream_of(address_hash)) == address_hash


@pytest.mark.parametrize("wrong", ["", "a" * 63, "a" * 65, "x" * 64, "A" * 64, None, 7], ids=repr)
def test_what_is_no_hash_is_refused(wrong: Any) -> None:
    for command in (Suppress(wrong, SuppressionReason.REQUESTED), Lift(wrong)):
        with pytest.raises(InvalidMessage, match=r"\$\.address_hash"):
            check(command)
