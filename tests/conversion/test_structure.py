"""Plain data from outside: what it becomes, and everything that is wrong with it, by path, in one sentence each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given

from campaign_core.campaign.commands import CreateCampaign, UpdateCampaign
from campaign_core.campaign.settings import Settings
from campaign_core.campaign.variants import Variant
from campaign_core.checks import UNSET
from campaign_core.content.content_type import ContentType
from campaign_core.conversion import instant_from, instant_text, structure, unstructure
from campaign_core.errors import InvalidMessage
from campaign_core.inbox.commands import RegisterInbox
from campaign_core.inbox.events import InboxType
from campaign_core.testing.strategies import (
    add_lead_commands,
    create_commands,
    instants,
    lead_commands,
    register_commands,
    update_commands,
)

ID = "6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b"
VARIANT = {"subject_template": "Hello", "email_content": "Good morning."}


def problems(data: object, kind: type) -> list[tuple[str, str]]:
    """Path and sentence of everything wrong, as the error lists it."""
    with pytest.raises(InvalidMessage) as invalid:
        structure(data, kind)
    return [(each.path, each.sentence) for each in invalid.value.problems]


def test_right_data_becomes_the_value_it_stands_for() -> None:
    """Fields left out take their defaults; one that may be unset and is not there is unset."""
    found = structure(
        {
            "campaign_id": ID,
            "name": "Spring offer",
            "start_date": "2030-01-31T09:00:00+02:00",
            "daily_limit_per_inbox": None,
            "sending_days": [5, 1],
            "variants": [VARIANT | {"variant_name": "b", "content_type": "html", "distribution_percent": 100}],
        },
        UpdateCampaign,
    )
    variant = Variant(variant_name="B", content_type=ContentType.HTML, **VARIANT)
    assert found == UpdateCampaign(
        UUID(ID),
        name="Spring offer",
        start_date=datetime(2030, 1, 31, 7, tzinfo=UTC),
        daily_limit_per_inbox=None,
        sending_days=(1, 5),
        variants=(variant,),
    )
    assert found.timezone is UNSET
    assert found.inbox_ids is None


def test_a_time_without_an_offset_stays_without_one() -> None:
    """The campaign's zone says later what it means."""
    found = structure({"name": "Spring offer", "start_date": "2030-01-31T09:00:00"}, CreateCampaign)
    assert found.start_date == datetime(2030, 1, 31, 9)


@given(command=create_commands() | update_commands() | register_commands() | add_lead_commands() | lead_commands())
def test_a_command_comes_back_from_plain_data(command: Any) -> None:
    """Plain data are dicts with text for keys, lists, text, numbers, truths and None."""
    data = unstructure(command)
    _assert_plain(data)
    assert structure(data, type(command)) == command


def _assert_plain(data: Any) -> None:
    if type(data) is dict:
        assert {type(key) for key in data} <= {str}
        for value in data.values():
            _assert_plain(value)
    elif type(data) is list:
        for value in data:
            _assert_plain(value)
    else:
        assert data is None or type(data) in (str, int, bool)


CASES: dict[str, tuple[object, type, list[tuple[str, str]]]] = {
    "number for text": (
        {"name": 7},
        Settings,
        [("$.name", "must be text, not int 7")],
    ),
    "text for a number": (
        {"name": "Spring offer", "daily_limit_per_inbox": "50"},
        Settings,
        [("$.daily_limit_per_inbox", "must be a whole number, not text")],
    ),
    "truth for a number": (
        {"name": "Spring offer", "sending_window_start": True},
        Settings,
        [("$.sending_window_start", "must be a whole number, not true or false")],
    ),
    "number for a truth": (
        {"name": "Spring offer", "enable_tracking": 1},
        Settings,
        [("$.enable_tracking", "must be true or false, not int 1")],
    ),
    "nothing for text": (
        {"name": None},
        Settings,
        [("$.name", "must be text, not nothing")],
    ),
    "missing": (
        {},
        Settings,
        [("$.name", "is required")],
    ),
    "unknown": (
        {"name": "Spring offer", "colour": "red", "a": 1},
        Settings,
        [("$", "has no such field: a, colour")],
    ),
    "text for a list": (
        {"name": "Spring offer", "sending_days": "12345"},
        Settings,
        [("$.sending_days", "must be a list, not text")],
    ),
    "no time": (
        {"name": "Spring offer", "start_date": "soon"},
        Settings,
        [("$.start_date", "must be a date and time such as 2030-01-31T09:00:00Z, is 'soon'")],
    ),
    "no uuid": (
        {"campaign_id": "7"},
        UpdateCampaign,
        [("$.campaign_id", f"must be a UUID such as {ID}, is '7'")],
    ),
    "no uuid in a list": (
        {"campaign_id": ID, "inbox_ids": [ID, 7]},
        UpdateCampaign,
        [("$.inbox_ids[1]", f"must be a UUID such as {ID}, is 7")],
    ),
    "no choice": (
        {"email_address": "ada@example.com", "inbox_type": "FAX"},
        RegisterInbox,
        [
            (
                "$.inbox_type",
                f"must be one of {', '.join(InboxType)}, is 'FAX'",
            )
        ],
    ),
    "an object is wanted": (
        [],
        Settings,
        [("$", "must be an object with named fields, not a list")],
    ),
    "deep inside": (
        {"campaign_id": ID, "variants": [VARIANT, VARIANT | {"distribution_percent": "40"}]},
        UpdateCampaign,
        [("$.variants[1].distribution_percent", "must be a whole number, not text")],
    ),
    "an object in a list is wanted": (
        {"campaign_id": ID, "variants": [VARIANT, "B"]},
        UpdateCampaign,
        [("$.variants[1]", "must be an object with named fields, not text")],
    ),
    "unset is no value": (
        {"campaign_id": ID, "enable_tracking": "unset"},
        UpdateCampaign,
        [("$.enable_tracking", "must be true or false, not text")],
    ),
    "a sentence with the sign between sentence and path": (
        {"campaign_id": "a @ b @ $.name"},
        UpdateCampaign,
        [("$.campaign_id", f"must be a UUID such as {ID}, is 'a @ b @ $.name'")],
    ),
}


@pytest.mark.parametrize("case", list(CASES), ids=str)
def test_what_is_wrong_is_named_by_path_and_sentence(case: str) -> None:
    data, kind, expected = CASES[case]
    assert problems(data, kind) == expected


def test_everything_wrong_is_named_at_once() -> None:
    """At every depth, in one error."""
    data = {
        "campaign_id": "x",
        "name": 7,
        "sending_days": [1, "2", True],
        "start_date": 5,
        "variants": [
            {"subject_template": 1, "email_content": None},
            VARIANT | {"distribution_percent": 1.5, "content_type": "fax", "colour": "red"},
        ],
        "launch": "yes",
        "unknown": 0,
    }
    assert sorted(path for path, _ in problems(data, UpdateCampaign)) == [
        "$",
        "$.campaign_id",
        "$.launch",
        "$.name",
        "$.sending_days[1]",
        "$.sending_days[2]",
        "$.start_date",
        "$.variants[0].email_content",
        "$.variants[0].subject_template",
        "$.variants[1]",
        "$.variants[1].content_type",
        "$.variants[1].distribution_percent",
    ]


@pytest.mark.parametrize("case", list(CASES), ids=str)
def test_the_error_reads_as_one_line_with_every_problem(case: str) -> None:
    """No class name, no Python path, no trace of the machinery."""
    data, kind, expected = CASES[case]
    with pytest.raises(InvalidMessage) as invalid:
        structure(data, kind)
    text = str(invalid.value)
    assert all(f"{path}: {sentence}" in text for path, sentence in expected)
    assert "\n" not in text
    assert not any(word in text for word in ("campaign_core", "cattrs", "<class", "Error"))
    assert invalid.value.__cause__ is None


@given(at=instants())
def test_an_instant_is_text_that_sorts_as_it_does(at: datetime) -> None:
    """And comes back to the microsecond, from whatever zone it is told in."""
    text = instant_text(at)
    assert instant_from(text) == at
    assert instant_text(at.astimezone(timezone(timedelta(hours=-9, minutes=-30)))) == text
    assert len(text) == len("2030-01-01T00:00:00.000000Z")
    later = at + timedelta(microseconds=1)
    assert instant_text(later) > text
