"""What random commands have found, each as a plain test."""

from __future__ import annotations

from uuid import UUID

import pytest

from campaign_core import (
    LEADS,
    AddLeads,
    AlreadyExists,
    CommandIdReused,
    CreateCampaign,
    DeleteCampaign,
    Kernel,
    LeadFileRefused,
    UpdateCampaign,
    UploadLeads,
)
from campaign_core.campaign.events import Source
from campaign_core.recorded import Rows

CAMPAIGN = UUID(int=1)
FILE = b"E-Mail,city\nann@leads.org,Ulm\n"
MEANWHILE = {
    "another-mapping": UpdateCampaign(CAMPAIGN, lead_mapping={"email": "email"}),
    "deletion": DeleteCampaign(CAMPAIGN),
}


@pytest.fixture
def kernel(kernel: Kernel) -> Kernel:
    """A kernel with a draft."""
    kernel.handle(CreateCampaign("Spring launch", campaign_id=CAMPAIGN))
    return kernel


@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_an_upload_repeated_under_its_id_is_answered_whatever_mapping_is_in_force_by_now(
    kernel: Kernel, meanwhile: str
) -> None:
    kernel.handle(UpdateCampaign(CAMPAIGN, lead_mapping={"email": "E-Mail"}))
    upload = UploadLeads(CAMPAIGN, FILE)
    first = kernel.handle(upload, command_id="upload")
    kernel.handle(MEANWHILE[meanwhile])
    assert kernel.handle(upload, command_id="upload") == first


def test_a_file_that_does_not_fit_the_mapping_is_refused_and_changes_nothing(kernel: Kernel) -> None:
    kernel.handle(UpdateCampaign(CAMPAIGN, lead_mapping={"email": "email"}), command_id="update")
    upload = UploadLeads(CAMPAIGN, FILE)
    for command_id in (None, "upload", "upload"):
        with pytest.raises(LeadFileRefused, match="email"):
            kernel.handle(upload, command_id=command_id)
    with pytest.raises(CommandIdReused):
        kernel.handle(upload, command_id="update")
    assert (kernel.view(LEADS).count(), len(kernel.history(CAMPAIGN))) == (0, 2)


def test_nul_characters_do_not_hide_the_column_by_which_the_delimiter_is_found(kernel: Kernel) -> None:
    report = kernel.handle(UploadLeads(CAMPAIGN, b"email\0;first,last\nann@leads.org;Ann,Lee\n")).report
    assert report is not None
    assert (report.delimiter, report.imported) == (";", 1)


def test_of_several_leads_that_are_there_the_first_one_given_is_named(kernel: Kernel) -> None:
    addresses = tuple(f"lead{number}@leads.org" for number in range(40))
    leads = AddLeads(
        CAMPAIGN,
        batch_id=UUID(int=2),
        source=Source.MANUAL,
        addresses=addresses,
        content=Rows(tuple({"email": each} for each in addresses)),
    )
    kernel.handle(leads)
    with pytest.raises(AlreadyExists) as told:
        kernel.handle(leads)
    assert told.value.given == addresses[0]
