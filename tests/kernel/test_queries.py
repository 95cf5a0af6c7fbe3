"""Lists of campaigns and leads as readers ask for them: filtered, searched, sorted, paged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from attrs import frozen

from campaign_core import (
    CAMPAIGNS,
    LEADS,
    ActivateCampaign,
    AddLead,
    CampaignRow,
    CreateCampaign,
    Kernel,
    LeadStatus,
    MisuseError,
    RemoveLeads,
    ReviseLead,
    Status,
    UpdateCampaign,
    UploadLeads,
    open_kernel,
)
from campaign_core.lead.identity import lead_id_of
from campaign_core.testing.scenario import AT
from tests.conftest import STORES
from tests.kernel.given import active, archived, draft, failed, paused

DAY = timedelta(days=1)
#: Keys a list of campaigns is sorted by. Source: reference 5.4.
KEYS = ["name", "status", "created_at", "launched_at", "sent_count", "reply_count", "updated_at", "total_leads"]


@frozen
class Filled:
    """A kernel with seven campaigns, made a day after each other, and their ids in the order they were made."""

    kernel: Kernel
    ids: list[UUID]

    def letters(self, rows: list[CampaignRow]) -> str:
        """Campaigns by the order they were made: A to G."""
        return "".join("ABCDEFG"[self.ids.index(row.campaign_id)] for row in rows)


NAMES = ["delta sale", "Alpha launch", "ÉTÉ launch", "charlie launch", "Straße 7", "bravo_100% launch", "Alpha launch"]
MADE: list[Callable[..., Any]] = [draft, active, paused, failed, archived, draft, active]


@pytest.fixture(scope="module", params=STORES)
def shelf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the logs of this module are kept: its tests only read."""
    return "memory:" if request.param == "memory" else str(tmp_path_factory.mktemp("queries") / "campaigns.db")


@pytest.fixture(scope="module")
def filled(shelf: str) -> Iterator[Filled]:
    """Seven campaigns; the first and the sixth are edited again on the eighth day."""
    days = [0]

    def clock() -> datetime:
        return AT + days[0] * DAY

    with open_kernel(shelf, clock=clock) as kernel:
        ids = []
        for place, (name, make) in enumerate(zip(NAMES, MADE, strict=True)):
            days[0] = place
            ids.append(make(kernel, name=name, address=f"inbox{place}@example.com").campaign_id)
        days[0] = 8
        for place in (0, 5):
            kernel.handle(UpdateCampaign(ids[place], timezone="UTC"))
        kernel.handle(AddLead(ids[5], "carl@example.com"))
        yield Filled(kernel, ids)


@pytest.mark.parametrize(
    ("status", "letters"),
    [
        (Status.DRAFT, "AF"),
        (Status.ACTIVE, "BG"),
        (Status.PAUSED, "C"),
        (Status.FAILED, "D"),
        (Status.ARCHIVED, "E"),
        (Status.COMPLETED, ""),
    ],
)
def test_campaigns_are_filtered_by_status(filled: Filled, status: Status, letters: str) -> None:
    rows = filled.kernel.view(CAMPAIGNS).find({"status": status}, order_by="created_at")
    assert filled.letters(rows) == letters
    assert filled.kernel.view(CAMPAIGNS).count({"status": status}) == len(letters)


@pytest.mark.parametrize(
    ("search", "letters"),
    [
        ("LAUNCH", "BCDFG"),
        ("alpha", "BG"),
        ("été", "C"),
        ("STRASSE", "E"),
        ("straße", "E"),
        ("100%", "F"),
        ("o_1", "F"),
        ("%", "F"),
        ("_", "F"),
        ("nobody", ""),
        ("", "ABCDEFG"),
        ("'; DROP TABLE", ""),
    ],
)
def test_campaigns_are_searched_by_a_part_of_their_name(filled: Filled, search: str, letters: str) -> None:
    """In any case, in any script; no character means another."""
    wanted = {"name_folded": search.casefold()}
    rows = filled.kernel.view(CAMPAIGNS).find(contains=wanted, order_by="created_at")
    assert filled.letters(rows) == letters
    assert filled.kernel.view(CAMPAIGNS).count(contains=wanted) == len(letters)


def _order(rows: list[CampaignRow], key: str) -> list[CampaignRow]:
    """What a sort must answer: rows without a value first, equal ones by id."""

    def rank(row: CampaignRow) -> tuple[Any, ...]:
        value = getattr(row, key)
        return (value is not None, "" if value is None else value, str(row.campaign_id))

    if any(getattr(row, key) is None for row in rows):
        first = sorted((row for row in rows if getattr(row, key) is None), key=lambda row: str(row.campaign_id))
        return first + sorted((row for row in rows if getattr(row, key) is not None), key=rank)
    return sorted(rows, key=rank)


@pytest.mark.parametrize("key", KEYS)
def test_campaigns_are_sorted_by_every_documented_key(filled: Filled, key: str) -> None:
    """Both ways; pages of one, two and three rows put together give the same."""
    reader = filled.kernel.view(CAMPAIGNS)
    ascending = _order(reader.find(), key)
    assert reader.find(order_by=key) == ascending
    assert reader.find(order_by=key, direction="descending") == ascending[::-1]
    for size in (1, 2, 3, 100):
        pages = [reader.find(order_by=key, limit=size, offset=start) for start in range(0, 8, size)]
        assert [row for page in pages for row in page] == ascending


def test_the_order_of_names_is_that_of_the_names(filled: Filled) -> None:
    """Capitals before small letters as they are stored, alike once folded."""
    reader = filled.kernel.view(CAMPAIGNS)
    assert [row.name for row in reader.find(order_by="name")] == sorted(NAMES)
    assert [row.name for row in reader.find(order_by="name_folded")] == sorted(NAMES, key=str.casefold)


@pytest.mark.parametrize(
    ("days", "created", "updated"),
    [(0, "ABCDEFG", "ABCDEFG"), (3, "DEFG", "ADEFG"), (6, "G", "AFG"), (7, "", "AF"), (9, "", "")],
)
def test_campaigns_are_found_since_an_instant(filled: Filled, days: int, created: str, updated: str) -> None:
    """That instant included; made since, and changed since."""
    reader, since = filled.kernel.view(CAMPAIGNS), AT + days * DAY
    for field, letters in (("created_at", created), ("updated_at", updated)):
        rows = reader.find(at_least={field: since}, order_by="created_at")
        assert filled.letters(rows) == letters
        assert reader.count(at_least={field: since}) == len(letters)
    assert len(reader.find(at_least={"created_at": since - timedelta(microseconds=1)})) == len(created)


def test_a_campaign_that_was_never_launched_is_not_launched_since(filled: Filled) -> None:
    """A row without a value is not at least anything."""
    rows = filled.kernel.view(CAMPAIGNS).find(at_least={"launched_at": AT}, order_by="created_at")
    assert filled.letters(rows) == "BCEG"


def test_everything_is_asked_at_once(filled: Filled) -> None:
    """Status, part of the name, since, order, page."""
    query: dict[str, Any] = {
        "where": {"status": Status.ACTIVE},
        "contains": {"name_folded": "alpha"},
        "at_least": {"created_at": AT + DAY},
    }
    reader = filled.kernel.view(CAMPAIGNS)
    assert filled.letters(reader.find(**query, order_by="created_at", direction="descending", limit=1)) == "G"
    assert filled.letters(reader.find(**query, order_by="created_at", limit=1, offset=1)) == "G"
    assert reader.count(**query) == 2


@pytest.fixture(scope="module")
def leads(filled: Filled) -> tuple[Kernel, UUID]:
    """A campaign with 25 leads of a file and two by hand, one of all these removed and one revised; elsewhere."""
    kernel = filled.kernel.create_workspace("leads")
    campaign_id = draft(kernel).campaign_id
    kernel.handle(RemoveLeads(campaign_id, tuple(lead_id_of(campaign_id, number) for number in (1, 2))))
    lines = [f"Lead{number}_@Example{number % 3}.com" for number in range(25)]
    kernel.handle(UploadLeads(campaign_id, "\n".join(["email", *lines]).encode()))
    kernel.handle(AddLead(campaign_id, "anna@example.com"))
    kernel.handle(AddLead(campaign_id, "bert@example.com"))
    kernel.handle(RemoveLeads(campaign_id, (lead_id_of(campaign_id, 5),)))
    kernel.handle(ReviseLead(campaign_id, lead_id_of(campaign_id, 6), company="Ash"))
    draft(kernel, address="other@example.com")
    return kernel, campaign_id


def test_leads_are_filtered_by_campaign_status_and_batch(leads: tuple[Kernel, UUID]) -> None:
    kernel, campaign_id = leads
    reader, mine = kernel.view(LEADS), {"campaign_id": campaign_id}
    found = reader.find(mine)
    assert [row.number for row in found] == [3, 4, *range(6, 30)]
    assert reader.find(mine | {"status": LeadStatus.PENDING}) == found
    batches = {row.batch_id: reader.count(mine | {"batch_id": row.batch_id}) for row in found}
    assert sorted(batches.values()) == [1, 1, 24]
    assert reader.find(mine | {"batch_id": found[-1].batch_id}) == [found[-1]]


@pytest.mark.parametrize(
    ("search", "count"),
    [("lead1", 11), ("LEAD1", 11), ("example0", 9), ("@example.com", 2), ("_", 24), ("%", 0), ("lead2_", 0), ("é", 0)],
)
def test_leads_are_searched_by_a_part_of_their_address(leads: tuple[Kernel, UUID], search: str, count: int) -> None:
    """In any case; Lead2 is the one that was removed."""
    kernel, campaign_id = leads
    query: dict[str, Any] = {"where": {"campaign_id": campaign_id}, "contains": {"address": search.casefold()}}
    found = kernel.view(LEADS).find(**query)
    assert all(row.address is not None and search.casefold() in row.address for row in found)
    assert len(found) == kernel.view(LEADS).count(**query) == count


@pytest.mark.parametrize("size", [1, 7, 20, 100])
@pytest.mark.parametrize("order_by", [None, "address", "created_at", "status"])
def test_leads_are_paged_without_one_missing_or_twice(
    leads: tuple[Kernel, UUID], order_by: str | None, size: int
) -> None:
    """Also where many are equal in what they are sorted by."""
    kernel, campaign_id = leads
    query: dict[str, Any] = {"where": {"campaign_id": campaign_id}, "order_by": order_by}
    whole = kernel.view(LEADS).find(**query)
    pages = [kernel.view(LEADS).find(**query, limit=size, offset=start) for start in range(0, 27, size)]
    assert [row for page in pages for row in page] == whole
    assert sorted(row.number for row in whole) == [3, 4, *range(6, 30)]


def test_a_list_follows_what_is_recorded(kernel: Kernel) -> None:
    """A launch moves a campaign from one filter to the other at once."""
    campaign_id = draft(kernel).campaign_id
    reader = kernel.view(CAMPAIGNS)
    assert (reader.count({"status": Status.DRAFT}), reader.count({"status": Status.ACTIVE})) == (1, 0)
    kernel.handle(ActivateCampaign(campaign_id))
    assert (reader.count({"status": Status.DRAFT}), reader.count({"status": Status.ACTIVE})) == (0, 1)


def test_a_page_knows_its_place_among_the_others(kernel: Kernel) -> None:
    """Rows and total are of one moment; behind the last page there is nothing."""
    for number in range(5):
        kernel.handle(CreateCampaign(f"Launch number {number}"))
    first, last, beyond = (kernel.view(CAMPAIGNS).page(number, 2, order_by="name_folded") for number in (1, 3, 9))
    assert [row.name for row in first.rows] == ["Launch number 0", "Launch number 1"]
    assert [row.name for row in last.rows] == ["Launch number 4"]
    assert [(each.total, each.pages, each.has_previous, each.has_next) for each in (first, last, beyond)] == [
        (5, 3, False, True),
        (5, 3, True, False),
        (5, 3, True, False),
    ]
    assert beyond.rows == kernel.view(CAMPAIGNS).page(2**62, 2).rows == []
    empty = kernel.view(CAMPAIGNS).page(2, 2, where={"status": Status.ACTIVE})
    assert (empty.total, empty.pages, empty.has_previous, empty.has_next) == (0, 0, False, False)
    for number, limit in ((0, 2), (1, 0)):
        with pytest.raises(MisuseError, match="counted from 1"):
            kernel.view(CAMPAIGNS).page(number, limit)
