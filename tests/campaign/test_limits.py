"""Every limit of a campaign's messages, on both sides of it. Source: reference 5.2, 6, 8 and facts 1 and 9 to 12 of 19."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from campaign_core import (
    ActivateCampaign,
    ArchiveCampaign,
    ContentType,
    CreateCampaign,
    DeleteCampaign,
    InvalidMessage,
    PauseCampaign,
    Problem,
    UpdateCampaign,
)
from campaign_core.checks import check
from tests.campaign.given import CAMPAIGN_ID, INBOX, variant

Accepted = tuple[str, Any]
Refused = tuple[str, Any, str]

#: Setting and a value that is just inside its limit.
INSIDE: list[Accepted] = [
    ("name", "n" * 8),
    ("name", "n" * 255),
    ("name", "été 2030"),
    ("timezone", "Europe/Berlin"),
    ("timezone", "UTC"),
    ("timezone", "America/Argentina/Buenos_Aires"),
    ("timezone", "Etc/GMT+12"),
    ("sending_days", (1,)),
    ("sending_days", (7,)),
    ("sending_days", (1, 2, 3, 4, 5, 6, 7)),
    ("sending_window_start", 0),
    ("sending_window_start_minute", 0),
    ("sending_window_start_minute", 59),
    ("sending_window_end", 24),
    ("sending_window_end_minute", 0),
    ("sending_window_end_minute", 59),
    ("daily_limit_per_inbox", 1),
    ("daily_limit_per_inbox", 100),
    ("daily_limit_per_inbox", None),
    ("start_date", datetime(2030, 6, 1)),
    ("start_date", datetime(2, 1, 1)),
    ("start_date", datetime(9998, 12, 31)),
    ("start_date", datetime(2030, 6, 1, tzinfo=UTC)),
    ("start_date", None),
    ("reply_to", "answers@example.com"),
    ("reply_to", None),
    ("postal_address", "p"),
    ("postal_address", "p" * 500),
    ("postal_address", "1 High Street\nExampleton"),
    ("postal_address", None),
    ("ramp_up_increment", 1),
    ("ramp_up_increment", 100),
    ("ramp_up_increment", None),
    ("ramp_up_max_limit", 1),
    ("ramp_up_max_limit", 1000),
    ("ramp_up_max_limit", None),
]

#: Setting, a value that is just outside, and the sentence.
OUTSIDE: list[Refused] = [
    ("name", "n" * 7, "must have 8 to 255 characters, has 7"),
    ("name", "n" * 256, "must have 8 to 255 characters, has 256"),
    ("name", "", "must have 8 to 255 characters, has 0"),
    ("name", "half \ud800 of it", "must be text that can be written as UTF-8; it holds half of a surrogate pair"),
    ("timezone", "", "must have 1 to 100 characters, has 0"),
    ("timezone", "A" * 101, "must have 1 to 100 characters, has 101"),
    ("timezone", "A" * 100, f"must be an IANA time zone such as Europe/Berlin; {'A' * 100!r} is none"),
    ("timezone", "Mars/Olympus", "must be an IANA time zone such as Europe/Berlin; 'Mars/Olympus' is none"),
    ("timezone", "Europe", "must be an IANA time zone such as Europe/Berlin; 'Europe' is none"),
    ("timezone", "../UTC", "must be an IANA time zone such as Europe/Berlin; '../UTC' is none"),
    ("timezone", "/etc/localtime", "must be an IANA time zone such as Europe/Berlin; '/etc/localtime' is none"),
    ("timezone", "leapseconds", "must be an IANA time zone such as Europe/Berlin; 'leapseconds' is none"),
    ("timezone", "UTC ", "must be an IANA time zone such as Europe/Berlin; 'UTC ' is none"),
    ("timezone", "+02:00", "must be an IANA time zone such as Europe/Berlin; '+02:00' is none"),
    ("sending_days", (), "must hold at least 1 of weekdays, holds 0"),
    ("sending_days", (1, 2, 3, 4, 5, 6, 7, 7), "must hold at most 7 of weekdays, holds 8"),
    ("sending_days", (0, 1), "must hold weekdays from 1 (Monday) to 7 (Sunday)"),
    ("sending_days", (7, 8), "must hold weekdays from 1 (Monday) to 7 (Sunday)"),
    ("sending_window_start", -1, "must be 0 to 23, is -1"),
    ("sending_window_start", 24, "must be 0 to 23, is 24"),
    ("sending_window_start_minute", -1, "must be 0 to 59, is -1"),
    ("sending_window_start_minute", 60, "must be 0 to 59, is 60"),
    ("sending_window_end", 0, "must be 1 to 24, is 0"),
    ("sending_window_end", 25, "must be 1 to 24, is 25"),
    ("sending_window_end_minute", -1, "must be 0 to 59, is -1"),
    ("sending_window_end_minute", 60, "must be 0 to 59, is 60"),
    ("daily_limit_per_inbox", 0, "must be 1 to 100, is 0"),
    ("daily_limit_per_inbox", 101, "must be 1 to 100, is 101"),
    ("start_date", datetime.min, "must lie in the years 2 to 9998, is 0001-01-01T00:00:00"),
    ("start_date", datetime.max, "must lie in the years 2 to 9998, is 9999-12-31T23:59:59.999999"),
    ("ramp_up_increment", 0, "must be 1 to 100, is 0"),
    ("ramp_up_increment", 101, "must be 1 to 100, is 101"),
    ("ramp_up_max_limit", 0, "must be 1 to 1000, is 0"),
    ("ramp_up_max_limit", 1001, "must be 1 to 1000, is 1001"),
    ("reply_to", "answers@", "must be an e-mail address: There must be something after the @-sign"),
    ("reply_to", "", "must be an e-mail address: An email address must have an @-sign"),
    (
        "reply_to",
        "a@example.com, b@example.com",
        "must be an e-mail address: The part after the @-sign contains invalid characters: ',', '@', SPACE",
    ),
    ("postal_address", "", "must have 1 to 500 characters, has 0"),
    ("postal_address", "p" * 501, "must have 1 to 500 characters, has 501"),
]

#: Setting, a value of the wrong type, and the sentence. True is no 1, and 1 is no True.
MISTYPED: list[Refused] = [
    ("name", 12345678, "must be text, not int"),
    ("name", b"12345678", "must be text, not bytes"),
    ("name", None, "must be text, not nothing"),
    ("timezone", 1, "must be text, not int"),
    ("sending_days", "12345", "must be a tuple of weekdays, not str"),
    ("sending_days", 1, "must be a tuple of weekdays, not int"),
    ("sending_days", (True, 2), "must hold weekdays only"),
    ("sending_days", ("1",), "must hold weekdays only"),
    ("sending_window_start", True, "must be a whole number, not bool"),
    ("sending_window_start", 9.0, "must be a whole number, not float"),
    ("sending_window_start_minute", False, "must be a whole number, not bool"),
    ("sending_window_end", "17", "must be a whole number, not str"),
    ("sending_window_end_minute", True, "must be a whole number, not bool"),
    ("daily_limit_per_inbox", True, "must be a whole number, not bool"),
    ("start_date", "2030-06-01T09:00:00Z", "must be a date and time, not str"),
    ("start_date", date(2030, 6, 1), "must be a date and time, not date"),
    ("enable_tracking", 1, "must be true or false, not int"),
    ("enable_tracking", None, "must be true or false, not nothing"),
    ("enable_unsubscribe", 0, "must be true or false, not int"),
    ("enable_click_tracking", "yes", "must be true or false, not str"),
    ("ramp_up_enabled", 1, "must be true or false, not int"),
    ("ramp_up_increment", True, "must be a whole number, not bool"),
    ("ramp_up_max_limit", True, "must be a whole number, not bool"),
    ("reply_to", 7, "must be an e-mail address, as text"),
    ("postal_address", 7, "must be text, not int"),
]


def named(cases: list[Any]) -> list[Any]:
    return [pytest.param(*case, id=f"{case[0]} {str(case[1])[:20]!a} {len(str(case[1]))}") for case in cases]


def problems_of(message: Any) -> list[tuple[str, str]]:
    """Path and sentence of everything wrong with a message."""
    try:
        check(message)
    except InvalidMessage as wrong:
        return [(each.path, each.sentence) for each in wrong.problems]
    return []


@pytest.mark.parametrize(("name", "value"), named(INSIDE))
def test_a_setting_may_reach_its_limit(name: str, value: Any) -> None:
    """At creation and in an update alike."""
    assert problems_of(CreateCampaign(**({"name": "Spring launch"} | {name: value}))) == []
    assert problems_of(UpdateCampaign(CAMPAIGN_ID, **{name: value})) == []


@pytest.mark.parametrize(("name", "value", "sentence"), named(OUTSIDE + MISTYPED))
def test_a_setting_beyond_its_limit_is_refused(name: str, value: Any, sentence: str) -> None:
    """At creation and in an update alike, with the path and what would be right."""
    assert problems_of(CreateCampaign(**({"name": "Spring launch"} | {name: value}))) == [(f"$.{name}", sentence)]
    if value is not None:
        assert problems_of(UpdateCampaign(CAMPAIGN_ID, **{name: value})) == [(f"$.{name}", sentence)]


@pytest.mark.parametrize(
    ("window", "problem"),
    [
        pytest.param((23, 59, 24, 0), None, id="23:59 to 24:00"),
        pytest.param((0, 0, 24, 0), None, id="the whole day"),
        pytest.param((9, 0, 9, 1), None, id="one minute"),
        pytest.param(
            (9, 0, 9, 0),
            ("$.sending_window_end", "the sending window must end after it starts; 09:00 is not after 09:00"),
            id="nothing",
        ),
        pytest.param(
            (17, 30, 9, 5),
            ("$.sending_window_end", "the sending window must end after it starts; 09:05 is not after 17:30"),
            id="over midnight",
        ),
        pytest.param(
            (9, 0, 24, 1), ("$.sending_window_end_minute", "must be 0 when the window ends at hour 24"), id="24:01"
        ),
    ],
)
def test_the_window_must_end_after_it_starts(window: tuple[int, ...], problem: tuple[str, str] | None) -> None:
    """The last end of a day is 24:00."""
    names = [f"sending_window_{each}" for each in ("start", "start_minute", "end", "end_minute")]
    settings: dict[str, Any] = dict(zip(names, window, strict=True))
    assert problems_of(CreateCampaign("Spring launch", **settings)) == ([problem] if problem else [])


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    named(
        [
            ("subject_template", "s", None),
            ("subject_template", "s" * 500, None),
            ("subject_template", "", "must have 1 to 500 characters, has 0"),
            ("subject_template", "s" * 501, "must have 1 to 500 characters, has 501"),
            ("subject_template", None, "must be text, not nothing"),
            ("email_content", "c" * 10, None),
            ("email_content", "c" * 100_000, None),
            ("email_content", "c" * 9, "must have 10 to 100000 characters, has 9"),
            ("email_content", "c" * 100_001, "must have 10 to 100000 characters, has 100001"),
            ("variant_label", None, None),
            ("variant_label", "l", None),
            ("variant_label", "l" * 100, None),
            ("variant_label", "", "must have 1 to 100 characters, has 0"),
            ("variant_label", "l" * 101, "must have 1 to 100 characters, has 101"),
            ("variant_name", "B", None),
            ("variant_name", "z", None),
            ("variant_name", "A" * 100, None),
            ("variant_name", "A" * 101, "must have 1 to 100 characters, has 101"),
            ("variant_name", "", "must have 1 to 100 characters, has 0"),
            ("variant_name", "A1", "must be letters A to Z only, is 'A1'"),
            ("variant_name", "A B", "must be letters A to Z only, is 'A B'"),
            ("variant_name", "Ä", "must be letters A to Z only, is 'Ä'"),
            ("variant_name", "ß", "must be letters A to Z only, is 'ß'"),
            ("variant_name", 1, "must be text, not int"),
            ("content_type", ContentType.RAW_HTML, None),
            ("content_type", "html", "must be one of plaintext, html, raw_html, not str"),
            ("distribution_percent", -1, "must be 0 to 100, is -1"),
            ("distribution_percent", 101, "must be 0 to 100, is 101"),
            ("distribution_percent", True, "must be a whole number, not bool"),
            ("distribution_percent", 100.0, "must be a whole number, not float"),
        ]
    ),
)
def test_a_variant_is_held_to_its_limits(field: str, value: Any, sentence: str | None) -> None:
    """The path names the place of the variant and its field."""
    given = {"variant_name": "A", "distribution_percent": 100} | {field: value}
    made = variant(given.pop("variant_name"), given.pop("distribution_percent"), **given)
    expected = [] if sentence is None else [(f"$.variants[0].{field}", sentence)]
    assert problems_of(UpdateCampaign(CAMPAIGN_ID, variants=(made,))) == expected


def test_a_variant_name_is_kept_in_upper_case() -> None:
    """`a` is answered as `A`."""
    assert variant("a").variant_name == "A"
    assert variant("aBc").split.variant_name == "ABC"


def variants_of(*shares: int) -> UpdateCampaign:
    return UpdateCampaign(CAMPAIGN_ID, variants=tuple(variant("ABCDE"[i], share) for i, share in enumerate(shares)))


@pytest.mark.parametrize(
    ("message", "problems"),
    [
        pytest.param(variants_of(100), [], id="one"),
        pytest.param(variants_of(25, 25, 25, 25), [], id="four"),
        pytest.param(
            variants_of(20, 20, 20, 20, 20), [("$.variants", "must hold at most 4 of variants, holds 5")], id="five"
        ),
        pytest.param(variants_of(), [("$.variants", "must hold at least 1 of variants, holds 0")], id="none"),
        pytest.param(variants_of(50, 49), [], id="99 percent, which a merge may complete"),
        pytest.param(
            variants_of(50, 51),
            [("$.variants", "the shares must add up to exactly 100 percent; these add up to 101")],
            id="101 percent",
        ),
        pytest.param(
            UpdateCampaign(CAMPAIGN_ID, variants=(variant("a", 50), variant("A", 50))),
            [("$.variants", "each variant needs a name of its own; given more than once: A")],
            id="a name twice",
        ),
        pytest.param(
            UpdateCampaign(CAMPAIGN_ID, variants=[variant()]),  # type: ignore[arg-type]
            [("$.variants", "must be a tuple of variants, not list")],
            id="a list",
        ),
        pytest.param(
            UpdateCampaign(CAMPAIGN_ID, variants=("A",)),  # type: ignore[arg-type]
            [("$.variants", "must hold variants only")],
            id="no variants",
        ),
        pytest.param(UpdateCampaign(CAMPAIGN_ID, inbox_ids=(INBOX,)), [], id="one inbox"),
        pytest.param(
            UpdateCampaign(CAMPAIGN_ID, inbox_ids=()),
            [("$.inbox_ids", "must hold at least 1 of inbox ids, holds 0")],
            id="no inbox",
        ),
        pytest.param(
            UpdateCampaign(CAMPAIGN_ID, inbox_ids=(str(INBOX),)),  # type: ignore[arg-type]
            [("$.inbox_ids", "must hold inbox ids only")],
            id="inbox ids as text",
        ),
        pytest.param(
            UpdateCampaign(CAMPAIGN_ID, launch=1),  # type: ignore[arg-type]
            [("$.launch", "must be true or false, not int")],
            id="a launch that is 1",
        ),
        pytest.param(CreateCampaign("Spring launch", seed=0), [], id="seed 0"),
        pytest.param(CreateCampaign("Spring launch", seed=2**63 - 1), [], id="the greatest seed"),
        pytest.param(
            CreateCampaign("Spring launch", seed=-1), [("$.seed", f"must be 0 to {2**63 - 1}, is -1")], id="seed -1"
        ),
        pytest.param(
            CreateCampaign("Spring launch", seed=2**63),
            [("$.seed", f"must be 0 to {2**63 - 1}, is {2**63}")],
            id="a seed too great",
        ),
        pytest.param(CreateCampaign("Spring launch", campaign_id=UUID(int=0)), [], id="an id of its own"),
    ],
)
def test_a_message_is_held_to_its_limits(message: Any, problems: list[tuple[str, str]]) -> None:
    """Sets of variants, inboxes, the launch, the seed."""
    assert problems_of(message) == problems


@pytest.mark.parametrize(
    "kind",
    [UpdateCampaign, ActivateCampaign, PauseCampaign, ArchiveCampaign, DeleteCampaign],
    ids=lambda kind: kind.__name__,
)
@pytest.mark.parametrize("given", [str(CAMPAIGN_ID), None, 1], ids=["text", "nothing", "a number"])
def test_a_campaign_is_named_by_a_uuid(kind: Any, given: Any) -> None:
    """Its text is not enough."""
    words = {str: "str", type(None): "nothing", int: "int"}[type(given)]
    assert problems_of(kind(given)) == [("$.campaign_id", f"must be a UUID, not {words}")]


def test_all_problems_of_a_message_are_answered_at_once() -> None:
    """In the order of the fields, each with its path; what fields disagree on is looked at once each is right by itself."""
    message = UpdateCampaign(
        "nobody",  # type: ignore[arg-type]
        name="short",
        sending_days=(9,),
        sending_window_start=24,
        sending_window_end=1,
        launch="yes",  # type: ignore[arg-type]
        variants=(variant("A1", 50), variant("B", 500, subject_template="")),
    )
    with pytest.raises(InvalidMessage) as caught:
        check(message)
    assert {each.path for each in caught.value.problems} == {
        "$.campaign_id",
        "$.name",
        "$.sending_days",
        "$.sending_window_start",
        "$.launch",
        "$.variants[0].variant_name",
        "$.variants[1].distribution_percent",
        "$.variants[1].subject_template",
    }
    assert len(caught.value.problems) == 8
    assert all(f"{each.path}: {each.sentence}" in str(caught.value) for each in caught.value.problems)
    assert caught.value.problems[0] == Problem("$.name", "must have 8 to 255 characters, has 5")
