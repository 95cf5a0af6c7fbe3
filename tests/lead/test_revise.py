"""Revising a lead: what is given is set, nothing and blanks take a value away, the rest stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign_core import InvalidMessage, ReviseLead, UnknownLead
from campaign_core.checks import check
from campaign_core.lead.decisions import LEAD_DECIDER, LeadFacts
from campaign_core.lead.events import DetailsRevised
from campaign_core.recorded import Proposed, Rows
from campaign_core.testing.scenario import AT, Decided, scenario
from campaign_core.testing.strategies import cells, revise_commands

CAMPAIGN_ID, LEAD_ID = UUID(int=1), UUID(int=7)
ANNA: Final = {"email": "Anna@example.com", "first_name": "Anna", "company": "Ash", "city": "Ulm"}


def when(command: ReviseLead, values: Mapping[str, str] | None = ANNA) -> Decided:
    return scenario(LEAD_DECIDER).when(command, LeadFacts(at=AT, values=values))


def revise(custom_fields: Mapping[str, Any] | None = None, **given: Any) -> ReviseLead:
    return ReviseLead(CAMPAIGN_ID, LEAD_ID, custom_fields=custom_fields or {}, **given)


def revised(*fields: str, **changes: str | None) -> Proposed:
    """The event that names these fields, beside everything the lead has now."""
    values = {name: value for name, value in (ANNA | changes).items() if value is not None}
    return Proposed(DetailsRevised(fields=fields), Rows((values,)))


def test_what_is_given_is_set_and_the_rest_stays() -> None:
    """The event names the fields and holds no value; all values are beside it."""
    when(revise(first_name="Anne", last_name="Adler")).then(
        revised("first_name", "last_name", first_name="Anne", last_name="Adler")
    )


@pytest.mark.parametrize("nothing", [None, "", "  \t"], ids=["null", "empty", "blank"])
def test_nothing_and_blanks_take_a_value_away(nothing: str | None) -> None:
    """Standard fields and custom ones alike; taking away what is not there changes nothing."""
    when(revise(company=nothing)).then(revised("company", company=None))
    when(revise({"city": nothing})).then(revised("city", city=None))
    when(revise({"tea": nothing}, last_name=nothing)).then_nothing()


def test_values_are_kept_as_those_of_a_file_are() -> None:
    """Without blanks around them."""
    when(revise({"tea": "\u00a0Earl Grey\n"})).then(revised("tea", tea="Earl Grey"))


@pytest.mark.parametrize("name", ["City", " CITY ", "custom_city", "custom_custom_City"])
def test_names_of_custom_fields_are_read_as_headers_are(name: str) -> None:
    when(revise({name: "Bonn"})).then(revised("city", city="Bonn"))


def test_nothing_changed_records_nothing() -> None:
    """Values as they are, also with blanks around them; an empty command."""
    when(revise()).then_nothing()
    when(revise({"City": " Ulm "}, first_name="Anna", last_name=None)).then_nothing()


def test_every_field_that_changed_is_named_once_in_order() -> None:
    command = revise({"tea": "Assam", "city": None, "Age": "7"}, company="Birch", first_name="Anna")
    when(command).then(revised("age", "city", "company", "tea", age="7", city=None, company="Birch", tea="Assam"))


def test_a_lead_that_is_not_there_is_unknown() -> None:
    """Or whose values were erased."""
    refusal = when(revise(first_name="Anne"), None).then_rejected(UnknownLead, given=LEAD_ID)
    assert str(LEAD_ID) in str(refusal)


def test_an_address_cannot_be_revised() -> None:
    """There is no such field, and it is no custom field by any spelling."""
    assert "email" not in {each.name for each in attrs.fields(ReviseLead)}
    for name in ("email", "EMAIL", " custom_email "):
        with pytest.raises(InvalidMessage, match="'email' is no custom field"):
            check(revise({name: "other@example.com"}))


VALUES = st.dictionaries(st.sampled_from(["first_name", "city", "tea", "7", "=cmd"]), cells().filter(str.strip))


@given(values=VALUES, command=revise_commands())
def test_a_revision_repeated_records_nothing_more(values: dict[str, str], command: ReviseLead) -> None:
    """What it sets is there, what it takes away is not, the rest is as it was, and the event names the difference."""
    before = {"email": "anna@example.com", **{name: value.strip() for name, value in values.items()}}
    proposed = when(command, before).proposed
    after: Mapping[str, str] = next(iter(proposed[0].content)) if proposed else before
    changed = dict(command.changes())
    for name in before.keys() | after.keys() | changed.keys():
        expected = (changed[name] or "").strip() or None if name in changed else before.get(name)
        assert after.get(name) == expected
    if proposed:
        differing = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        assert proposed[0].event.fields == tuple(sorted(differing))
    when(command, after).then_nothing()
