"""The quick function of a class and the strict hook behind it agree, on right payloads and on payloads bent at one place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign_core.conversion import converter
from campaign_core.decoding import decoder
from campaign_core.log.codec import EVENTS
from tests.codec.test_golden import NAMES, payload

BY_NAME = {event.stored_name: event for event in EVENTS}
BENT = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers()) | st.just({"a": "b"})
)
CONVERTER = converter(detailed=False, naive_times=False, complete=True)


class Refused(Exception):
    """What the strict hook of these tests answers to everything."""


def strict_of(kind: type) -> Any:
    """The strict hook alone, without any quick function in front of it or of what it holds."""
    made = converter(detailed=False, naive_times=False)
    return lambda data: made.structure(data, kind)


def outcome(call: Any, data: Any) -> Any:
    """The value, or that there is none."""
    try:
        return call(data)
    except Exception:
        return Refused


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path into plain data."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path] * bool(path) + [place for key, value in inner for place in places(value, (*path, key))]


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_a_payload_bent_at_one_place_means_the_same_to_both(name: str, data: st.DataObject) -> None:
    """Whether it is refused, and the value where it is not."""
    event = BY_NAME[name.rpartition(".")[0]]
    given = json.loads(payload(name))
    if spots := places(given):
        *way, last = data.draw(st.sampled_from(spots))
        inner = given
        for step in way:
            inner = inner[step]
        inner[last] = data.draw(BENT)
    quick = outcome(lambda value: CONVERTER.structure(value, event), given)
    assert quick == outcome(strict_of(event), given)


@pytest.mark.parametrize("name", NAMES)
def test_a_right_payload_never_reaches_the_strict_hook(name: str) -> None:
    """Otherwise the quick function would be dead weight in front of it."""
    event: Any = BY_NAME[name.rpartition(".")[0]]

    def refuse(given: Any, kind: Any) -> Any:
        raise Refused(kind)

    made: Any = decoder(event, refuse, CONVERTER.get_structure_hook)
    assert isinstance(made(json.loads(payload(name)), event), event)
