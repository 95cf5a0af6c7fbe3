"""Adding leads: numbering, duplicates, and the values that travel beside the event."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from campaign_core import IllegalTransition, InvalidMessage, Problem, Status, UnknownCampaign
from campaign_core.campaign.events import LeadsUploaded, Source
from campaign_core.campaign.facts import LeadFound
from campaign_core.checks import check
from campaign_core.recorded import Proposed, Rows
from tests.campaign.given import (
    BATCH_ID,
    CAMPAIGN_ID,
    CREATED,
    DELETED,
    HISTORIES,
    READY,
    add_leads,
    facts,
    uploaded,
    when,
)

ADDED = LeadsUploaded(
    batch_id=BATCH_ID, source=Source.FILE, first_number=1, imported=2, duplicates=0, fields=("email", "name")
)
ANNA = {"email": "anna@example.com", "name": "Lead a"}
#: The two leads of `READY`, as they were written and with what they have.
TAKEN = {
    "anna@example.com": LeadFound(
        number=1, is_pending=True, values={"email": "Anna@example.com", "name": "Anna", "company": "Ash"}
    ),
    "carl@example.com": LeadFound(number=2, is_pending=False, values={"email": "carl@example.com"}),
}
BERT = {"email": "bert@example.com", "name": "Lead b"}


def test_leads_are_recorded_as_one_event_with_their_values_beside_it() -> None:
    """The event counts and holds no address; row i of the content is lead `first_number + i`."""
    decided = when((CREATED,), add_leads("anna@example.com", "bert@example.com"))
    decided.then(Proposed(ADDED, Rows((ANNA, BERT))))
    assert "example.com" not in repr(decided.proposed[0].event)


@pytest.mark.parametrize("status", [Status.DRAFT, Status.ACTIVE, Status.PAUSED, Status.FAILED])
def test_numbers_go_on_where_the_last_upload_ended(status: Status) -> None:
    """The given histories have two leads; a failed campaign stays FAILED, since leads are no edit of it."""
    when(HISTORIES[status], add_leads("anna@example.com", "bert@example.com")).then(attrs.evolve(ADDED, first_number=3))


def test_an_upload_that_added_nothing_uses_no_number() -> None:
    """The next lead follows the last one that was added."""
    history = (CREATED, uploaded(2), uploaded(0, first_number=3))
    when(history, add_leads("anna@example.com", "bert@example.com")).then(attrs.evolve(ADDED, first_number=3))


def test_addresses_the_campaign_has_are_left_out_and_counted() -> None:
    """Together with the repetitions that the file itself had; the content keeps the rows that were new."""
    command = add_leads("anna@example.com", "bert@example.com", "carl@example.com", duplicates=4)
    event = attrs.evolve(ADDED, first_number=3, imported=1, duplicates=6)
    when(READY, command, facts(taken=TAKEN)).then(Proposed(event, Rows((BERT,))))


def test_an_upload_of_nothing_new_is_recorded_all_the_same() -> None:
    """It did happen, and its counts are asked for later."""
    event = attrs.evolve(ADDED, first_number=3, imported=0, duplicates=1)
    when(READY, add_leads("anna@example.com"), facts(taken=TAKEN)).then(Proposed(event, Rows(())))


def test_what_was_skipped_is_recorded_by_reason() -> None:
    """Reasons and counts, no row."""
    command = add_leads("anna@example.com", "bert@example.com", skipped={"invalid_email": 2, "missing_email": 1})
    when((CREATED,), command).then(attrs.evolve(ADDED, skipped={"invalid_email": 2, "missing_email": 1}))


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.ARCHIVED])
def test_a_campaign_that_is_over_takes_no_more_leads(status: Status) -> None:
    """The refusal says where the campaign is."""
    refusal = when(HISTORIES[status], add_leads("anna@example.com")).then_rejected(
        IllegalTransition, trigger="add_leads", status=status
    )
    assert str(refusal).startswith(f"A campaign that is {status} cannot take more leads. What it allows now: ")


@pytest.mark.parametrize("history", [(), DELETED], ids=["never created", "deleted"])
def test_an_unknown_campaign_takes_no_leads(history: tuple[Any, ...]) -> None:
    """One that was deleted is as unknown as one that never was."""
    when(history, add_leads("anna@example.com")).then_rejected(UnknownCampaign, given=CAMPAIGN_ID)


@pytest.mark.parametrize(
    ("changes", "path", "sentence"),
    [
        ({"campaign_id": "1"}, "$.campaign_id", "must be a UUID, not str"),
        ({"batch_id": "1"}, "$.batch_id", "must be a UUID, not str"),
        ({"source": "file"}, "$.source", "must be one of file, manual, not str"),
        ({"addresses": ["anna@example.com"]}, "$.addresses", "must be a tuple of addresses, not list"),
        ({"content": [ANNA]}, "$.content", "must be private content, such as Rows"),
        ({"content": Rows((ANNA | {"age": 7},))}, "$.content", "must hold rows of text by field name"),  # type: ignore[dict-item]
        ({"content": Rows((ANNA | {"age": "\ud800"},))}, "$.content", "must hold rows of text by field name"),
        ({"duplicates": -1}, "$.duplicates", f"must be 0 to {2**63 - 1}, is -1"),
        ({"skipped": {"invalid_email": -1}}, "$.skipped", "must be counts by reason, each at least 0"),
        ({"skipped": 1}, "$.skipped", "must be counts by reason"),
        ({"fields": ("email", 1)}, "$.fields", "must hold column names only"),
        (
            {"addresses": ("anna@example.com",) * 2, "content": Rows((ANNA, ANNA))},
            "$.addresses",
            "each address must be there once",
        ),
        (
            {"addresses": ("bert@example.com",)},
            "$.addresses",
            "must be the `email` of each row of the content, in lower case and in the same order",
        ),
        (
            {"content": Rows(())},
            "$.addresses",
            "must be the `email` of each row of the content, in lower case and in the same order",
        ),
    ],
    ids=lambda each: f"{each!a}"[:40],
)
def test_leads_that_could_not_be_stored_are_refused(changes: dict[str, Any], path: str, sentence: str) -> None:
    """What is not of the right shape would be in the log for good and could not be read again."""
    message = attrs.evolve(add_leads("anna@example.com"), **changes)
    with pytest.raises(InvalidMessage) as caught:
        check(message)
    assert caught.value.problems == (Problem(path, sentence),)


def test_leads_of_the_right_shape_are_taken() -> None:
    """The address of the content may be written in any case; the one compared is in lower case."""
    check(add_leads("anna@example.com", "bert@example.com", skipped={"invalid_email": 0}))
    check(attrs.evolve(add_leads("anna@example.com"), content=Rows(({"email": "Anna@Example.com"},))))
