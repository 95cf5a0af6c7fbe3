"""What is left of a deleted campaign: envelopes that check, and nothing of what it held."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import attrs
import pytest

from campaign_core import (
    CAMPAIGNS,
    INBOXES,
    LEADS,
    ActivateCampaign,
    AddLead,
    AddLeads,
    AlreadyExists,
    ArchiveCampaign,
    CompleteCampaign,
    CreateCampaign,
    DeleteCampaign,
    DuplicateAction,
    Kernel,
    PauseCampaign,
    RemoveLeads,
    ReviseLead,
    UnknownCampaign,
    UpdateCampaign,
    UploadLeads,
    open_kernel,
)
from campaign_core.campaign.events import Deleted, Source
from campaign_core.kernel.kernel import VIEWS
from campaign_core.kernel.stores import open_store
from campaign_core.lead.events import streams_of as lead_streams
from campaign_core.lead.identity import lead_id_of
from campaign_core.log.log import EventLog
from campaign_core.recorded import Rows
from tests.conftest import AT
from tests.kernel.given import LEADS_CSV, Made, archived, draft, paused


@pytest.fixture
def deleted(kernel: Kernel) -> Made:
    """A campaign that was PAUSED and is gone; another of the same making stays."""
    made = paused(kernel)
    draft(kernel, address="other@example.com", name="Another launch")
    kernel.handle(DeleteCampaign(made.campaign_id))
    return made


@pytest.mark.parametrize(
    "command",
    [
        UpdateCampaign(UUID(int=0)),
        UpdateCampaign(UUID(int=0), name="Summer launch", launch=True),
        UploadLeads(UUID(int=0), LEADS_CSV),
        AddLeads(
            UUID(int=0),
            batch_id=UUID(int=2),
            source=Source.MANUAL,
            addresses=("carl@example.com",),
            content=Rows(({"email": "carl@example.com"},)),
        ),
        AddLead(UUID(int=0), "carl@example.com"),
        RemoveLeads(UUID(int=0), (UUID(int=3),)),
        ReviseLead(UUID(int=0), UUID(int=3), company="Ash"),
        ActivateCampaign(UUID(int=0)),
        PauseCampaign(UUID(int=0)),
        CompleteCampaign(UUID(int=0)),
        ArchiveCampaign(UUID(int=0)),
        DeleteCampaign(UUID(int=0)),
    ],
    ids=lambda command: type(command).__name__,
)
def test_a_deleted_campaign_is_unknown_to_every_command(kernel: Kernel, deleted: Made, command: Any) -> None:
    """As one that never was; nothing is recorded."""
    history = kernel.history(deleted.campaign_id)
    with pytest.raises(UnknownCampaign) as caught:
        kernel.handle(attrs.evolve(command, campaign_id=deleted.campaign_id))
    assert caught.value.given == deleted.campaign_id
    assert kernel.history(deleted.campaign_id) == history


def test_it_is_unknown_to_readers_too(kernel: Kernel, deleted: Made) -> None:
    """Its readiness, its row, its leads."""
    with pytest.raises(UnknownCampaign):
        kernel.readiness(deleted.campaign_id)
    assert kernel.view(CAMPAIGNS).get(deleted.campaign_id) is None
    assert kernel.view(LEADS).find({"campaign_id": deleted.campaign_id}) == []


def test_its_id_is_not_free_again(kernel: Kernel, deleted: Made) -> None:
    """A new campaign under the old id would inherit the old history."""
    with pytest.raises(AlreadyExists):
        kernel.handle(CreateCampaign("Spring launch", campaign_id=deleted.campaign_id))


def test_its_neighbours_stay(kernel: Kernel, deleted: Made) -> None:
    """The other campaign, its leads, both inboxes."""
    assert [row.name for row in kernel.view(CAMPAIGNS).find()] == ["Another launch"]
    others = kernel.view(LEADS).find()
    assert [values and values["email"] for values in kernel.lead_values(others)] == [
        "anna@example.com",
        "bert@example.com",
    ]
    assert kernel.view(INBOXES).count() == 2


def test_its_history_keeps_the_envelopes_and_loses_the_payloads(kernel: Kernel, deleted: Made) -> None:
    """Names, times and digests stay; of the events only Deleted itself is left."""
    history = kernel.history(deleted.campaign_id)
    assert [each.name for each in history] == [
        "campaign.created",
        "campaign.leads_uploaded",
        "campaign.inboxes_assigned",
        "campaign.variants_set",
        "campaign.launched",
        "campaign.paused",
        "campaign.deleted",
    ]
    assert [each.event for each in history] == [None] * 6 + [Deleted()]
    assert all(each.metadata.recorded_at == AT and len(each.digest) == 32 for each in history)


def test_the_log_still_checks(kernel: Kernel, deleted: Made) -> None:
    """Every digest, link and root of what is left; the erased payloads are counted."""
    checked = kernel.verify()
    assert checked.holds
    assert checked.problems == ()
    assert checked.erased == 6


def test_its_views_rebuild_to_the_same_rows(kernel: Kernel, deleted: Made) -> None:
    """A replay of the erased history brings nothing back."""
    before = [kernel.view(view).find() for view in VIEWS]
    assert kernel.rebuild() == kernel.verify().events
    assert [kernel.view(view).find() for view in VIEWS] == before


def test_its_leads_have_no_values_any_more(kernel: Kernel) -> None:
    """Rows that somebody read before the deletion lead to nothing afterwards."""
    made = draft(kernel)
    leads = kernel.view(LEADS).find({"campaign_id": made.campaign_id})
    assert [values is not None for values in kernel.lead_values(leads)] == [True, True]
    kernel.handle(DeleteCampaign(made.campaign_id))
    assert kernel.lead_values(leads) == [None, None]


def test_values_in_its_leads_own_streams_are_erased_too(location: str) -> None:
    """Of leads that were revised, of those removed since, of updates by a file; the skeletons of those streams stay."""
    store = open_store(location)
    with open_kernel(store, clock=lambda: AT) as kernel:
        made, other = draft(kernel), draft(kernel, address="other@example.com")
        for campaign_id in (made.campaign_id, other.campaign_id):
            one, two = (lead_id_of(campaign_id, number) for number in (1, 2))
            kernel.handle(ReviseLead(campaign_id, one, company="Ash"))
            kernel.handle(ReviseLead(campaign_id, one, company="Birch"))
            kernel.handle(ReviseLead(campaign_id, two, company="Cedar"))
            kernel.handle(RemoveLeads(campaign_id, (two,)))
            update = b"email,first_name\nanna@example.com,Anne\n"
            kernel.handle(UploadLeads(campaign_id, update, duplicate_action=DuplicateAction.UPDATE))
        log = EventLog(store, VIEWS)
        with log.read() as snapshot:
            revised = [each for each in snapshot.read_all() if each.name == "lead.details_revised"]
        mine = [each for each in revised if each.stream.startswith(lead_streams(made.campaign_id))]
        assert (len(revised), len(mine)) == (6, 3)
        before = [kernel.view(view).find() for view in VIEWS]
        kernel.handle(DeleteCampaign(made.campaign_id))
        with log.read() as snapshot:
            contents = [snapshot.content(each.position) for each in revised]
            streams = {each.stream: snapshot.read_stream("default", each.stream) for each in mine}
        erased = [content == [None] for content in contents]
        assert erased == [each in mine for each in revised]
        assert [each for stream in streams.values() for each in stream] == mine
        assert kernel.verify().holds
        after = [kernel.view(view).find() for view in VIEWS]
        kept = [[row for row in rows if getattr(row, "campaign_id", None) != made.campaign_id] for rows in before]
        assert after == kept
        kernel.rebuild()
        assert [kernel.view(view).find() for view in VIEWS] == after
        (lead,) = kernel.view(LEADS).find()
        (values,) = kernel.lead_values([lead])
        assert values is not None
        assert (values["first_name"], values["company"]) == ("Anne", "Birch")


def test_a_campaign_whose_id_begins_like_anothers_is_not_touched(kernel: Kernel) -> None:
    """Nor are its leads, the streams of which are named by campaign and number."""
    ids = [UUID("00000000-0000-4000-8000-000000000001"), UUID("00000000-0000-4000-8000-000000000010")]
    for campaign_id in ids:
        kernel.handle(CreateCampaign("Spring launch", campaign_id=campaign_id))
        kernel.handle(UploadLeads(campaign_id, b"email\n" + b"".join(b"l%d@example.com\n" % n for n in range(12))))
        for number in (1, 11, 12):
            kernel.handle(ReviseLead(campaign_id, lead_id_of(campaign_id, number), company="Ash"))
    kernel.handle(DeleteCampaign(ids[0]))
    values = kernel.lead_values(kernel.view(LEADS).find({"campaign_id": ids[1]}))
    assert [each is not None and each.get("company") for each in values].count("Ash") == 3
    assert kernel.verify().holds


def test_its_content_is_erased_and_its_digests_stay(location: str) -> None:
    """Of leads and of variants alike."""
    store = open_store(location)
    with open_kernel(store, clock=lambda: AT) as kernel:
        made = archived(kernel)
        with_content = [each for each in kernel.history(made.campaign_id) if each.content_root is not None]
        assert [each.name for each in with_content] == ["campaign.leads_uploaded", "campaign.variants_set"]
        kernel.handle(DeleteCampaign(made.campaign_id))
        roots = [each.content_root for each in kernel.history(made.campaign_id) if each.content_root is not None]
        assert roots == [each.content_root for each in with_content]
        with EventLog(store, VIEWS).read() as snapshot:
            assert [snapshot.content(each.position) for each in with_content] == [[None, None], [None]]


def test_the_outcome_says_that_the_bytes_are_gone(kernel: Kernel) -> None:
    """No reader holds old pages here. It says nothing about the parts of a campaign that is no more."""
    outcome = kernel.handle(DeleteCampaign(draft(kernel).campaign_id))
    assert (outcome.status, outcome.events, outcome.scrubbed) == ("DELETED", ("campaign.deleted",), True)
    assert (outcome.is_launch_ready, outcome.missing_requirements, outcome.warnings) == (None, (), ())


def test_an_empty_campaign_can_be_deleted(kernel: Kernel) -> None:
    """One event is erased, nothing else was there."""
    campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
    kernel.handle(DeleteCampaign(campaign_id))
    assert [each.event for each in kernel.history(campaign_id)] == [None, Deleted()]
    assert kernel.verify().holds
