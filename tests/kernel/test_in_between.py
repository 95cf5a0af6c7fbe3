"""What becomes of a command whose mails were looked at before somebody else changed the campaign."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final
from uuid import UUID

import pytest

from campaign_core import (
    ActivateCampaign,
    AddLead,
    CreateCampaign,
    Kernel,
    Metadata,
    PauseCampaign,
    ReviseLead,
    UpdateCampaign,
    UploadLeads,
    open_kernel,
)
from campaign_core.campaign.events import Revised, stream_of
from campaign_core.kernel.kernel import VIEWS
from campaign_core.log.log import EventLog
from campaign_core.log.memory import MemoryStore
from campaign_core.log.ports import Store
from campaign_core.log.sqlite import SqliteStore
from campaign_core.recorded import Proposed
from tests.conftest import AT
from tests.kernel.between import Between
from tests.kernel.mails import drafted, lead_file, lead_id, mail

Meanwhile = Callable[[Kernel, UUID], object]
#: What somebody else may do between the look at the mails and the launch, and how many leads it leaves without a city.
CHANGES: Final[dict[str, tuple[Meanwhile, int]]] = {
    "adds": (lambda kernel, each: kernel.handle(AddLead(each, "eve@leads.org")), 1),
    "revises": (
        lambda kernel, each: kernel.handle(ReviseLead(each, lead_id(kernel, each, 1), custom_fields={"city": None})),
        1,
    ),
    "uploads": (lambda kernel, each: kernel.handle(UploadLeads(each, b"email\neve@leads.org\nfay@leads.org\n")), 2),
    "rewrites": (lambda kernel, each: kernel.handle(UpdateCampaign(each, variants=(mail("{{company}}"),))), 3),
}
THREE: Final = lead_file([(f"lead{number}@leads.org", "Ulm") for number in range(3)], "city")


class Two:
    """Two kernels on one log; the store of the first lets the other act."""

    def __init__(self, location: str) -> None:
        store: Store = MemoryStore() if location == "memory:" else SqliteStore(location)
        #: Theirs in common in memory; of the file, another one than the first kernel's.
        self.store = store
        self.between = Between(store if location == "memory:" else SqliteStore(location))
        self.first = open_kernel(self.between, clock=lambda: AT)
        self.second = open_kernel(store, clock=lambda: AT)


@pytest.fixture
def two(location: str) -> Iterator[Two]:
    """Both, on each store in turn."""
    kernels = Two(location)
    yield kernels
    kernels.second.close()
    if location != "memory:":
        kernels.first.close()


@pytest.mark.parametrize("change", CHANGES)
def test_what_somebody_else_changes_in_between_is_seen_by_the_launch(two: Two, change: str) -> None:
    """The mails were looked at before; they are looked at again within the transaction."""
    acts, blank = CHANGES[change]
    campaign_id = drafted(two.first, mail("{{city}}"), leads=THREE)
    two.between.before_the_next_write(lambda: acts(two.second, campaign_id))
    answer = two.first.handle(ActivateCampaign(campaign_id))
    assert (answer.status, [(each.code, each.count) for each in answer.faults]) == (
        "FAILED",
        [("blank_subject", blank)],
    )


def test_what_is_mended_in_between_launches(two: Two) -> None:
    """The faults seen before count no more."""
    campaign_id = drafted(two.first, mail("{{city}}"), leads=b"email\nann@leads.org\n")
    two.between.before_the_next_write(
        lambda: two.second.handle(
            ReviseLead(campaign_id, lead_id(two.second, campaign_id, 1), custom_fields={"city": "Ulm"})
        )
    )
    assert two.first.handle(ActivateCampaign(campaign_id)).status == "ACTIVE"


def test_what_is_no_concern_of_the_campaign_costs_no_second_look(two: Two) -> None:
    """Within the transaction no text and no lead is read, unless its own leads or texts changed."""
    campaign_id = drafted(two.first, mail("{{city}}"), leads=THREE)
    other = drafted(two.first)
    for acts, again in (
        (lambda: two.second.handle(AddLead(other, "eve@leads.org")), False),
        (lambda: two.second.handle(UpdateCampaign(other, name="Another launch")), False),
        (lambda: two.second.handle(AddLead(campaign_id, "eve@leads.org", custom_fields={"city": "Ulm"})), True),
    ):
        two.between.before_the_next_write(acts)
        before = two.between.contents_read
        two.first.handle(UpdateCampaign(campaign_id, variants=(mail("{{city}}"),), launch=True))
        assert (two.between.contents_read > before) is again
        if not again:
            two.first.handle(PauseCampaign(campaign_id))


def test_a_campaign_of_the_same_id_in_another_workspace_is_no_concern(two: Two) -> None:
    two.first.create_workspace("other")
    campaign_id = drafted(two.first, mail("{{city}}"), leads=THREE)
    elsewhere = two.second.workspace("other")
    elsewhere.handle(CreateCampaign("Spring launch", campaign_id=campaign_id))
    two.between.before_the_next_write(lambda: elsewhere.handle(AddLead(campaign_id, "eve@leads.org")))
    before = two.between.contents_read
    assert two.first.handle(ActivateCampaign(campaign_id)).status == "ACTIVE"
    assert two.between.contents_read == before


def test_a_change_behind_more_events_than_are_looked_through_is_seen(two: Two) -> None:
    """A thousand events of others came before it."""
    campaign_id, other = drafted(two.first, mail("{{city}}"), leads=THREE), drafted(two.first)
    metadata = Metadata(workspace="default", actor="test", recorded_at=AT)

    def much() -> None:
        EventLog(two.store, VIEWS).append(stream_of(other), [Proposed(Revised())] * 1000, metadata)
        two.second.handle(AddLead(campaign_id, "eve@leads.org"))

    two.between.before_the_next_write(much)
    assert two.first.handle(ActivateCampaign(campaign_id)).status == "FAILED"
