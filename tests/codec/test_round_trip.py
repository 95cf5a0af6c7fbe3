"""Whatever an event holds comes back from its payload."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given

from campaign_core.log.codec import EVENTS, Codec
from campaign_core.testing.strategies import (
    CAMPAIGN_EVENTS,
    INBOX_EVENTS,
    LEAD_EVENTS,
    SUPPRESSION_EVENTS,
    campaign_events,
    inbox_events,
    lead_events,
    suppression_events,
)

CODEC = Codec()


def test_there_is_a_strategy_for_every_event() -> None:
    assert {**CAMPAIGN_EVENTS, **INBOX_EVENTS, **LEAD_EVENTS, **SUPPRESSION_EVENTS}.keys() == set(EVENTS)


@given(event=campaign_events() | inbox_events() | lead_events() | suppression_events())
def test_an_event_comes_back_as_it_was(event: Any) -> None:
    """Equal, of the same types all the way down, and written the same again."""
    payload = CODEC.encode(event)
    found = CODEC.decode(event.stored_name, event.schema, payload)
    assert found == event
    assert repr(found) == repr(event)
    assert CODEC.encode(found) == payload
    assert Codec().encode(event) == payload


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.stored_name)
def test_an_event_cannot_be_changed_and_knows_no_clock(kind: Any) -> None:
    """Frozen; what it takes for granted is a constant or an empty mapping, the same each time."""
    assert attrs.has(kind)
    defaults = [each.default for each in attrs.fields(kind) if each.default is not attrs.NOTHING]
    for default in defaults:
        if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
            assert (default.factory, default.takes_self) == (dict, False)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        object.__new__(kind).anything = 1
