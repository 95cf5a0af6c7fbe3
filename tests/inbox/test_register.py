"""Registering an inbox: the address, the limits, and what is recorded."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from campaign_core import AlreadyExists, InboxStatus, InboxType, InvalidMessage, RegisterInbox
from campaign_core.checks import check
from campaign_core.inbox.decisions import INBOX_DECIDER, InboxFacts
from campaign_core.testing.scenario import scenario
from tests.inbox.given import ADDRESS, HISTORIES, INBOX_ID, REGISTER, REGISTERED, when


def test_a_new_inbox_is_pending() -> None:
    """Registered is all that is recorded; nobody has vouched for it yet."""
    when(None, REGISTER).then(REGISTERED)
    assert scenario(INBOX_DECIDER).given(*HISTORIES[InboxStatus.PENDING]).state.status is InboxStatus.PENDING


def test_everything_given_is_recorded() -> None:
    """Type, limit and display name."""
    command = RegisterInbox(
        ADDRESS, inbox_id=INBOX_ID, display_name="Anna Ash", inbox_type=InboxType.OUTLOOK_365, daily_limit=40
    )
    when(None, command).then(
        attrs.evolve(REGISTERED, display_name="Anna Ash", inbox_type=InboxType.OUTLOOK_365, daily_limit=40)
    )


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        pytest.param("  anna@outreach.example.com\u200b", "anna@outreach.example.com", id="blanks around it"),
        pytest.param("Anna@OUTREACH.example.com", "Anna@outreach.example.com", id="the domain in lower case"),
    ],
)
def test_the_address_is_stored_normalised(given: str, stored: str) -> None:
    """And it is the display name where none is given."""
    when(None, attrs.evolve(REGISTER, email_address=given)).then(
        attrs.evolve(REGISTERED, email_address=stored, display_name=stored)
    )


def test_an_address_belongs_to_one_inbox() -> None:
    """The refusal names the address."""
    taken = InboxFacts(address_taken=True)
    refusal = when(None, REGISTER, taken).then_rejected(AlreadyExists, noun="inbox", given=ADDRESS)
    assert str(refusal) == f"There already is an inbox {ADDRESS}; choose another or use that one."


@pytest.mark.parametrize("status", list(InboxStatus))
def test_an_id_is_used_once_ever(status: InboxStatus) -> None:
    """In whatever status the inbox is, and whatever the address."""
    when(status, REGISTER).then_rejected(AlreadyExists, noun="inbox", given=INBOX_ID)


def problems_of(**changes: Any) -> list[tuple[str, str]]:
    try:
        check(RegisterInbox(**({"email_address": ADDRESS} | changes)))
    except InvalidMessage as wrong:
        return [(each.path, each.sentence) for each in wrong.problems]
    return []


#: An address of 255 characters could not be one: the part before the @ has at most 64, the rest at most 253.
LONGEST = "a" * 64 + "@" + ".".join(["b" * 59] * 3) + ".example"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"email_address": "a@b.c"}, id="the shortest address"),
        pytest.param({"email_address": LONGEST}, id="a long address"),
        pytest.param({"email_address": "jürgen@example.com"}, id="a local part beyond ASCII"),
        pytest.param({"email_address": "anna@bücher.example"}, id="a domain beyond ASCII"),
        pytest.param({"display_name": "A"}, id="the shortest name"),
        pytest.param({"display_name": "A" * 255}, id="the longest name"),
        pytest.param({"daily_limit": 1}, id="one mail a day"),
        pytest.param({"inbox_type": InboxType.GOOGLE_WORKSPACE, "daily_limit": 2_000}, id="the most for Google"),
        pytest.param({"inbox_type": InboxType.OUTLOOK_365, "daily_limit": 5_000}, id="the most for Microsoft"),
        pytest.param({"inbox_type": InboxType.CUSTOM_SMTP, "daily_limit": 100_000}, id="the most for SMTP"),
        pytest.param({"inbox_type": InboxType.COLDSEND, "daily_limit": 100_000}, id="the most for native"),
    ],
)
def test_a_field_may_reach_its_limit(changes: dict[str, Any]) -> None:
    """The address, the display name, the daily limit by type."""
    assert problems_of(**changes) == []


@pytest.mark.parametrize(
    ("changes", "path", "sentence"),
    [
        pytest.param(
            {"email_address": "a@b"}, "$.email_address", "must have 5 to 255 characters, has 3", id="too short"
        ),
        pytest.param(
            {"email_address": "a" * 244 + "@example.com"},
            "$.email_address",
            "must have 5 to 255 characters, has 256",
            id="too long",
        ),
        pytest.param({"email_address": None}, "$.email_address", "must be text, not nothing", id="no address"),
        pytest.param(
            {"display_name": ""}, "$.display_name", "must have 1 to 255 characters, has 0", id="an empty name"
        ),
        pytest.param(
            {"display_name": "A" * 256}, "$.display_name", "must have 1 to 255 characters, has 256", id="a long name"
        ),
        pytest.param({"daily_limit": 0}, "$.daily_limit", "must be 1 to 100000, is 0", id="no mail at all"),
        pytest.param({"daily_limit": True}, "$.daily_limit", "must be a whole number, not bool", id="True for 1"),
        pytest.param({"daily_limit": "40"}, "$.daily_limit", "must be a whole number, not str", id="a number as text"),
        pytest.param(
            {"inbox_type": "OUTLOOK_365"},
            "$.inbox_type",
            "must be one of COLDSEND, GOOGLE_WORKSPACE, OUTLOOK_365, CUSTOM_SMTP, not str",
            id="a type as text",
        ),
        pytest.param({"inbox_id": str(INBOX_ID)}, "$.inbox_id", "must be a UUID, not str", id="an id as text"),
        pytest.param(
            {"inbox_type": InboxType.GOOGLE_WORKSPACE, "daily_limit": 2_001},
            "$.daily_limit",
            "must be at most 2,000 for GOOGLE_WORKSPACE, is 2,001",
            id="too much for Google",
        ),
        pytest.param(
            {"inbox_type": InboxType.OUTLOOK_365, "daily_limit": 5_001},
            "$.daily_limit",
            "must be at most 5,000 for OUTLOOK_365, is 5,001",
            id="too much for Microsoft",
        ),
        pytest.param(
            {"daily_limit": 100_001}, "$.daily_limit", "must be 1 to 100000, is 100001", id="too much for anything"
        ),
    ],
)
def test_a_field_beyond_its_limit_is_refused(changes: dict[str, Any], path: str, sentence: str) -> None:
    """With its path and what would be right."""
    assert problems_of(**changes) == [(path, sentence)]


@pytest.mark.parametrize(
    "address", ["anna@", "@example.com", "anna example.com", "anna@exa mple.com", "a@b@example.com"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    """In the words of email-validator."""
    ((path, sentence),) = problems_of(email_address=address)
    assert path == "$.email_address"
    assert sentence.startswith("must be an e-mail address: ")


def test_all_problems_are_answered_at_once() -> None:
    """In the order of the fields."""
    found = problems_of(email_address="nobody at all", display_name="", daily_limit=0)
    assert [path for path, _ in found] == ["$.email_address", "$.display_name", "$.daily_limit"]


@pytest.mark.parametrize(
    "name", ["Mara\nLind", "Mara\r\nBcc: evil@b.example", "Mara\x00", "Mara\x1b[31m", "Mara\u2028"]
)
def test_a_name_that_no_header_takes_is_refused(name: str) -> None:
    """It stands in every mail of the inbox: one that could not be written would keep a worker from all others."""
    with pytest.raises(InvalidMessage, match=r"\$\.display_name: must (be one line|hold no control)"):
        check(RegisterInbox(ADDRESS, display_name=name))
