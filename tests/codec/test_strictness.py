"""A payload that does not have exactly the shape of its schema is corrupt: nothing is coerced, guessed or passed over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from campaign_core.checks import UNSET
from campaign_core.errors import CorruptLog, MisuseError, UnsupportedLog
from campaign_core.log.codec import EVENTS, Codec
from tests.codec.examples import EXAMPLES
from tests.codec.test_golden import NAMES, parts, payload

CODEC = Codec()
GONE = object()
#: Event, path into its payload, and what is put there.
WRONG: dict[str, tuple[str, tuple[Any, ...], Any]] = {
    "1 for text": ("campaign.created.1", ("settings", "name"), 1),
    "nothing for text": ("campaign.created.1", ("settings", "name"), None),
    "list for text": ("campaign.created.1", ("settings", "timezone"), ["UTC"]),
    "true for text": ("inbox.registered.1", ("display_name",), True),
    "text for a number": ("campaign.created.1", ("seed",), "1"),
    "true for a number": ("campaign.created.1", ("seed",), True),
    "fraction for a number": ("campaign.created.1", ("seed",), 1.0),
    "nothing for a number": ("campaign.created.1", ("seed",), None),
    "text for an optional number": ("campaign.created.1", ("settings", "daily_limit_per_inbox"), "50"),
    "false for an optional number": ("campaign.created.1", ("settings", "ramp_up_increment"), False),
    "1 for true": ("campaign.created.1", ("settings", "enable_tracking"), 1),
    "text for true": ("campaign.variants_set.1", ("replaces",), "true"),
    "nothing for false": ("campaign.variants_set.1", ("replaces",), None),
    "naive time": ("campaign.created.1", ("settings", "start_date"), "2030-01-01T00:00:00"),
    "date alone": ("campaign.created.1", ("settings", "start_date"), "2030-01-01"),
    "number for a time": ("campaign.created.1", ("settings", "start_date"), 1893456000),
    "no time at all": ("campaign.created.1", ("settings", "start_date"), "soon"),
    "naive time in a change": ("campaign.settings_revised.1", ("change", "start_date"), "2030-01-01T00:00:00"),
    "unknown choice": ("campaign.leads_uploaded.1", ("source",), "post"),
    "number for a choice": ("campaign.leads_uploaded.1", ("source",), 1),
    "list for a choice": ("campaign.paused.1", ("reason",), ["requested"]),
    "name of a choice for its value": ("campaign.leads_uploaded.1", ("source",), "FILE"),
    "nothing for a choice": ("campaign.variants_set.1", ("variants", 0, "content_type"), None),
    "no uuid": ("campaign.leads_uploaded.1", ("batch_id",), "6f1c2a34"),
    "number for a uuid": ("campaign.leads_uploaded.1", ("batch_id",), 7),
    "no uuid in a list": ("campaign.inboxes_assigned.1", ("inbox_ids", 1), "x"),
    "text for a list": ("campaign.leads_uploaded.1", ("fields",), "email"),
    "text for a list of numbers": ("campaign.created.1", ("settings", "sending_days"), "12345"),
    "object for a list": ("campaign.leads_uploaded.1", ("fields",), {"email": 1}),
    "nothing for a list": ("campaign.inboxes_assigned.1", ("inbox_ids",), None),
    "text in a list of numbers": ("campaign.created.1", ("settings", "sending_days"), [1, "2"]),
    "number in a list of texts": ("campaign.failed.1", ("faults", 0, "examples"), ["a", 1]),
    "list for an object": ("campaign.created.1", ("settings",), []),
    "text for an object": ("campaign.settings_revised.1", ("change",), "name"),
    "text in a list of objects": ("campaign.failed.1", ("faults", 0), "no_usable_inbox"),
    "list for counts": ("campaign.leads_uploaded.1", ("skipped",), ["invalid_email"]),
    "text for a count": ("campaign.leads_uploaded.1", ("skipped", "invalid_email"), "3"),
    "nothing for counts": ("campaign.leads_uploaded.1", ("skipped",), None),
    "the mark of a field not given": ("campaign.settings_revised.1", ("change", "enable_tracking"), "unset"),
    "nothing where it has no meaning": ("campaign.settings_revised.1", ("change", "name"), None),
    "text in a list of lead numbers": ("campaign.leads_uploaded.1", ("updated", 0), "7"),
    "nothing for a range": ("campaign.leads_removed.1", ("ranges", 0), None),
    "text for the end of a range": ("campaign.leads_removed.1", ("ranges", 0, "last"), "998"),
    "list for a mapping": ("campaign.lead_mapping_set.1", ("mapping",), ["email"]),
    "number in a mapping": ("campaign.lead_mapping_set.1", ("mapping", "email"), 7),
    "unknown trigger": ("campaign.sequences_set.1", ("steps", 0, "trigger_type"), "CLICKED"),
    "text for an optional truth": ("campaign.sequences_set.1", ("steps", 0, "enable_unsubscribe"), "false"),
    "text of a follow-up in its event": ("campaign.sequences_set.1", ("steps", 0, "email_content"), "Hello"),
    "no uuid of a follow-up": ("campaign.sequences_set.1", ("rewritten", 0), "x"),
    "number for the name of a field": ("lead.details_revised.1", ("fields", 0), 7),
    "value of a lead in its event": ("lead.details_revised.1", ("company",), "Tea"),
    "unknown field": ("campaign.created.1", ("unknown",), 1),
    "unknown field inside": ("campaign.created.1", ("settings", "unknown"), None),
    "unknown field in a list": ("campaign.variants_set.1", ("variants", 1, "subject_template"), "Hello"),
    "a field where there are none": ("campaign.launched.1", ("at",), "2030-01-01T00:00:00Z"),
}


def changed(name: str, path: tuple[Any, ...], value: Any) -> bytes:
    """A golden payload with another value at a path, or without the field there."""
    data = json.loads(payload(name))
    inner = data
    for step in path[:-1]:
        inner = inner[step]
    if value is GONE:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return json.dumps(data, ensure_ascii=False).encode()


def fields(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every field of an event that is never left out."""
    if attrs.has(type(value)):
        for each in attrs.fields(type(value)):
            if each.default is not UNSET:
                yield (*path, each.name)
            yield from fields(getattr(value, each.name), (*path, each.name))
    elif isinstance(value, tuple):
        for place, item in enumerate(value):
            yield from fields(item, (*path, place))


FIELDS = [(name, path) for name in NAMES for path in fields(EXAMPLES[name])]


@pytest.mark.parametrize("case", list(WRONG), ids=str)
def test_a_value_of_another_kind_is_corrupt(case: str) -> None:
    """The error names the event and its schema."""
    name, path, value = WRONG[case]
    with pytest.raises(CorruptLog, match=parts(name)[0]):
        CODEC.decode(*parts(name), changed(name, path, value))


@pytest.mark.parametrize(
    ("name", "path"), FIELDS, ids=lambda each: each if isinstance(each, str) else ".".join(map(str, each))
)
def test_a_missing_field_is_corrupt(name: str, path: tuple[Any, ...]) -> None:
    """Those too that a class has a default for: what is not in the log was not recorded."""
    with pytest.raises(CorruptLog):
        CODEC.decode(*parts(name), changed(name, path, GONE))


@pytest.mark.parametrize(
    "bad",
    [b"", b"{", b"{}x", b"[]", b'"text"', b"null", b"\xff{}", b"{'a':1}", b'{"reason":NaN}', b'{"reason":"\xff"}'],
    ids=repr,
)
@pytest.mark.parametrize("name", ["campaign.paused", "campaign.launched"], ids=str)
def test_what_is_no_json_object_is_corrupt(name: str, bad: bytes) -> None:
    with pytest.raises(CorruptLog):
        CODEC.decode(name, 1, bad)


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.stored_name)
def test_a_schema_newer_than_known_is_unsupported(kind: Any) -> None:
    """The sentence says what to do."""
    with pytest.raises(UnsupportedLog, match="Update"):
        CODEC.decode(kind.stored_name, kind.schema + 1, b"{}")


def test_an_event_that_is_not_known_is_unsupported() -> None:
    with pytest.raises(UnsupportedLog, match=r"campaign\.teleported"):
        CODEC.decode("campaign.teleported", 1, b"{}")


def test_a_schema_that_never_was_is_unsupported() -> None:
    with pytest.raises(UnsupportedLog):
        CODEC.decode("campaign.launched", 0, b"{}")


def test_only_registered_classes_are_written() -> None:
    """A class that merely bears the name of an event is none."""

    @attrs.frozen
    class Launched:
        stored_name = "campaign.launched"
        schema = 1

    for stranger in (Launched(), object(), "campaign.launched"):
        with pytest.raises(MisuseError):
            CODEC.encode(stranger)


def test_two_classes_do_not_share_a_stored_name() -> None:
    @attrs.frozen
    class Other:
        stored_name = "campaign.launched"
        schema = 1

    with pytest.raises(MisuseError, match=r"campaign\.launched"):
        Codec((*EVENTS, Other))
