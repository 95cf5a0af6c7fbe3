"""Leads as CSV: every value comes back from an import, and no cell is a live formula."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from campaign_core import (
    LEADS,
    AddLead,
    CreateCampaign,
    DeleteCampaign,
    Kernel,
    RemoveLeads,
    ReviseLead,
    UnknownCampaign,
    UploadLeads,
    open_kernel,
)
from campaign_core.fields import STANDARD_FIELDS, field_name
from campaign_core.lead.identity import lead_id_of
from tests.conftest import AT
from tests.kernel.given import LEADS_CSV

#: What a spreadsheet takes for the beginning of a formula.
LIVE = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
#: Text as it may stand in a cell, much of it made of what CSV, spreadsheets and detection look at.
TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20),
    st.text("'\"=+-@\t\r\n,;|aä\ufeff\uff1d\u2028\x1c ", max_size=12),
)


def _is_name(name: str) -> bool:
    return bool(field_name(name)) and field_name(name) not in STANDARD_FIELDS


NAMES = st.one_of(
    st.sampled_from(["city", "=cmd", "'tea'", "custom_custom_size", "a;b", "x,y"]), TEXTS.filter(_is_name)
)
CUSTOM = st.dictionaries(NAMES, TEXTS, max_size=4).filter(lambda each: len({*map(field_name, each)}) == len(each))
LEAD = st.fixed_dictionaries({"first_name": TEXTS, "last_name": TEXTS, "company": TEXTS, "custom_fields": CUSTOM})


def values(kernel: Kernel, campaign_id: UUID) -> list[Any]:
    return kernel.lead_values(kernel.view(LEADS).find({"campaign_id": campaign_id}))


@given(leads=st.lists(LEAD, min_size=1, max_size=4))
@example(
    leads=[{"first_name": "=1+1", "last_name": "'=1", "company": "''", "custom_fields": {"+x": "-1", "'+x": "\t@"}}]
)
@example(leads=[{"first_name": "a\r\nb", "last_name": '"', "company": "sep=;", "custom_fields": {";email;": "x;y;z"}}])
def test_an_import_of_an_export_gives_the_values_back(leads: list[dict[str, Any]]) -> None:
    """Formulas, quotes, line breaks, delimiters, any script: nothing has to be said about the file."""
    with open_kernel("memory:", clock=lambda: AT) as kernel:
        one, other = (kernel.handle(CreateCampaign("Spring launch")).id for _ in range(2))
        for place, each in enumerate(leads):
            kernel.handle(AddLead(one, f"lead{place}@example.com", **each))
        exported = "".join(kernel.export_leads(one))
        report = kernel.handle(UploadLeads(other, exported.encode())).report
        assert report is not None
        assert (report.rows, report.imported) == (len(leads), len(leads))
        assert values(kernel, other) == values(kernel, one)
        assert "".join(kernel.export_leads(other)) == exported
        for record in csv.reader(io.StringIO(exported, newline="")):
            assert not [cell for cell in record if cell.startswith(LIVE)]


@pytest.fixture
def campaign_id(kernel: Kernel) -> UUID:
    """A draft with two leads."""
    campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
    kernel.handle(UploadLeads(campaign_id, LEADS_CSV))
    return campaign_id


def test_standard_fields_come_first_and_custom_ones_by_name(kernel: Kernel, campaign_id: UUID) -> None:
    """One record a lead, in the order of their numbers; a value that is not there is an empty cell."""
    kernel.handle(AddLead(campaign_id, "carl@example.com", custom_fields={"age": "7"}))
    assert list(kernel.export_leads(campaign_id)) == [
        '"email","first_name","last_name","company","age","favourite_tea"\r\n',
        '"anna@example.com","Anna","","","","Assam"\r\n',
        '"bert@example.com","Bert","","","",""\r\n',
        '"carl@example.com","","","","7",""\r\n',
    ]


def test_an_export_is_of_what_leads_have_now(kernel: Kernel, campaign_id: UUID) -> None:
    """A revised lead stands at its place with its new values; one that was removed is not there."""
    kernel.handle(ReviseLead(campaign_id, lead_id_of(campaign_id, 1), company="Ash"))
    kernel.handle(RemoveLeads(campaign_id, (lead_id_of(campaign_id, 2),)))
    assert list(kernel.export_leads(campaign_id))[1:] == ['"anna@example.com","Anna","","Ash","Assam"\r\n']


def test_a_campaign_without_leads_is_a_header(kernel: Kernel) -> None:
    campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
    assert list(kernel.export_leads(campaign_id)) == ['"email","first_name","last_name","company"\r\n']


def test_a_live_formula_leaves_as_text(kernel: Kernel, campaign_id: UUID) -> None:
    """Behind an apostrophe, names of columns too; whoever opens the file runs nothing."""
    kernel.handle(AddLead(campaign_id, "carl@example.com", company="=HYPERLINK(1)", custom_fields={"@sum": "+1"}))
    lines = list(kernel.export_leads(campaign_id))
    assert lines[0].startswith('"email","first_name","last_name","company","\'@sum",')
    assert lines[-1] == '"carl@example.com","","","\'=HYPERLINK(1)","\'+1",""\r\n'


def test_an_unknown_campaign_has_no_export(kernel: Kernel, campaign_id: UUID) -> None:
    """Said at once, not when the first line is asked for."""
    kernel.handle(DeleteCampaign(campaign_id))
    for unknown in (campaign_id, UUID(int=99)):
        with pytest.raises(UnknownCampaign):
            kernel.export_leads(unknown)


def test_an_export_stands_as_it_was_when_it_began(kernel: Kernel, campaign_id: UUID) -> None:
    """What is written meanwhile is not half in it."""
    lines = kernel.export_leads(campaign_id)
    header = next(lines)
    kernel.handle(AddLead(campaign_id, "carl@example.com"))
    kernel.handle(RemoveLeads(campaign_id, (lead_id_of(campaign_id, 1),)))
    assert [header, *lines] == [
        '"email","first_name","last_name","company","favourite_tea"\r\n',
        '"anna@example.com","Anna","","","Assam"\r\n',
        '"bert@example.com","Bert","","",""\r\n',
    ]
