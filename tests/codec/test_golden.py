"""Golden payloads: each event in each of its schema versions, as it was first written.

A file here is never edited once a version of the library was released with it; a changed event gets another version, an
upcaster, and a file more.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import pytest

from campaign_core.checks import UNSET
from campaign_core.log.codec import EVENTS, Codec
from tests.codec.examples import EXAMPLES

GOLDEN = Path(__file__).with_name("golden")
NAMES = sorted(path.name.removesuffix(".json") for path in GOLDEN.iterdir())
CODEC = Codec()


def payload(name: str) -> bytes:
    """The bytes of a golden file."""
    return (GOLDEN / f"{name}.json").read_bytes()


def parts(name: str) -> tuple[str, int]:
    """Stored name and schema version of a golden file."""
    stored, _, schema = name.rpartition(".")
    return stored, int(schema)


def test_every_event_has_a_file_for_each_of_its_schema_versions_and_no_other() -> None:
    wanted: list[Any] = list(EVENTS)
    assert sorted(f"{kind.stored_name}.{each}" for kind in wanted for each in range(1, kind.schema + 1)) == NAMES
    assert sorted(EXAMPLES) == NAMES


@pytest.mark.parametrize("name", NAMES, ids=str)
def test_a_golden_payload_is_read_as_the_event_it_was(name: str) -> None:
    """Older schemas too, in the newest shape; values have their types, not merely equal ones."""
    found = CODEC.decode(*parts(name), payload(name))
    assert found == EXAMPLES[name]
    assert repr(found) == repr(_in_utc(EXAMPLES[name]))


@pytest.mark.parametrize("name", NAMES, ids=str)
def test_an_event_of_the_newest_schema_is_written_as_its_golden_payload(name: str) -> None:
    """Byte for byte, from the example and from what was read."""
    example = EXAMPLES[name]
    written = payload(f"{example.stored_name}.{example.schema}")
    assert CODEC.encode(example) == written
    assert CODEC.encode(CODEC.decode(*parts(name), payload(name))) == written


@pytest.mark.parametrize("name", NAMES, ids=str)
def test_a_golden_payload_holds_every_field(name: str) -> None:
    """Those left open in a change of settings apart, so that a field that gets lost is missed."""
    _holds(json.loads(payload(name)), EXAMPLES[name])


def _holds(data: Any, value: Any) -> None:
    if attrs.has(type(value)):
        given = [each.name for each in attrs.fields(type(value)) if getattr(value, each.name) is not UNSET]
        assert list(data) == given
        for each in given:
            _holds(data[each], getattr(value, each))
    elif isinstance(value, tuple):
        assert len(data) == len(value) > 0
        for item, part in zip(data, value, strict=True):
            _holds(item, part)


def _in_utc(event: Any) -> Any:
    """The same event with its instants told in UTC, as they are stored."""
    return CODEC.decode(type(event).stored_name, type(event).schema, CODEC.encode(event))
