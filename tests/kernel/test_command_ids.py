"""Command ids: the same command again answers the first outcome and records nothing."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import attrs
import pytest

from campaign_core import (
    CAMPAIGNS,
    INBOXES,
    LEADS,
    ArchiveCampaign,
    CommandIdReused,
    CreateCampaign,
    DeleteCampaign,
    IllegalTransition,
    InvalidMessage,
    Kernel,
    PauseCampaign,
    RegisterInbox,
    UpdateCampaign,
    UploadLeads,
)
from tests.kernel.given import LEADS_CSV, VARIANT, active, draft, failed


def test_a_repeated_creation_makes_one_campaign(kernel: Kernel) -> None:
    """Although the kernel would give the second a new id: the first outcome is answered."""
    first = kernel.handle(CreateCampaign("Spring launch"), command_id="create-1")
    second = kernel.handle(CreateCampaign("Spring launch"), command_id="create-1")
    assert second == first
    assert kernel.view(CAMPAIGNS).count() == 1
    assert len(kernel.history(first.id)) == 1


def test_a_repeated_registration_is_no_clash(kernel: Kernel) -> None:
    """Without the id the address would be taken."""
    first = kernel.handle(RegisterInbox("sales@example.com"), command_id="register-1")
    assert kernel.handle(RegisterInbox("sales@example.com"), command_id="register-1") == first
    assert kernel.view(INBOXES).count() == 1


def test_the_first_outcome_is_answered_even_when_things_have_moved_on(kernel: Kernel) -> None:
    """Also where the same command would be refused by now."""
    made = draft(kernel)
    launch = UpdateCampaign(made.campaign_id, launch=True)
    first = kernel.handle(launch, command_id="launch-1")
    assert first.status == "ACTIVE"
    version = len(kernel.history(made.campaign_id))
    with pytest.raises(IllegalTransition):
        kernel.handle(launch)
    assert kernel.handle(launch, command_id="launch-1") == first
    assert len(kernel.history(made.campaign_id)) == version


def test_a_command_that_recorded_nothing_is_remembered_too(kernel: Kernel) -> None:
    """The first pause found a paused campaign; repeated after a resume it must not pause."""
    campaign_id = active(kernel).campaign_id
    kernel.handle(PauseCampaign(campaign_id))
    first = kernel.handle(PauseCampaign(campaign_id), command_id="pause-1")
    assert first.events == ()
    kernel.handle(UpdateCampaign(campaign_id, launch=True))
    assert kernel.handle(PauseCampaign(campaign_id), command_id="pause-1") == first
    row = kernel.view(CAMPAIGNS).get(campaign_id)
    assert row is not None
    assert row.status == "ACTIVE"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(lambda made: UpdateCampaign(made.campaign_id, name="Autumn launch"), id="another value"),
        pytest.param(lambda made: UpdateCampaign(made.campaign_id), id="a field less"),
        pytest.param(
            lambda made: UpdateCampaign(made.campaign_id, name="Summer launch", launch=True), id="a field more"
        ),
        pytest.param(lambda made: UpdateCampaign(made.inbox_id, name="Summer launch"), id="another campaign"),
        pytest.param(lambda made: PauseCampaign(made.campaign_id), id="another command"),
        pytest.param(lambda made: CreateCampaign("Summer launch"), id="another kind of command"),
        pytest.param(lambda made: UploadLeads(made.campaign_id, LEADS_CSV), id="a file"),
    ],
)
def test_the_same_id_with_another_body_is_refused(kernel: Kernel, other: Callable[[Any], Any]) -> None:
    """Whatever is different; nothing is recorded."""
    made = draft(kernel)
    kernel.handle(UpdateCampaign(made.campaign_id, name="Summer launch"), command_id="update-1")
    version = len(kernel.history(made.campaign_id))
    with pytest.raises(CommandIdReused) as caught:
        kernel.handle(other(made), command_id="update-1")
    assert caught.value.command_id == "update-1"
    assert str(caught.value) == (
        "The command id 'update-1' was used for a different command; give each command its own."
    )
    assert len(kernel.history(made.campaign_id)) == version
    assert kernel.view(CAMPAIGNS).count() == 1


def test_two_commands_of_the_same_fields_are_two_bodies(kernel: Kernel) -> None:
    """Pausing and archiving both carry an id alone."""
    campaign_id = active(kernel).campaign_id
    kernel.handle(PauseCampaign(campaign_id), command_id="stop-1")
    with pytest.raises(CommandIdReused):
        kernel.handle(ArchiveCampaign(campaign_id), command_id="stop-1")


def test_the_text_of_variants_is_part_of_the_body(kernel: Kernel) -> None:
    """Although it is not in the event."""
    made = draft(kernel)
    kernel.handle(UpdateCampaign(made.campaign_id, variants=(VARIANT,)), command_id="variants-1")
    other = attrs.evolve(VARIANT, email_content="A pot of {{favourite_tea}}?")
    with pytest.raises(CommandIdReused):
        kernel.handle(UpdateCampaign(made.campaign_id, variants=(other,)), command_id="variants-1")


def test_clearing_a_field_is_not_leaving_it_out(kernel: Kernel) -> None:
    """None and nothing given are two bodies."""
    campaign_id = kernel.handle(CreateCampaign("Spring launch", daily_limit_per_inbox=50)).id
    kernel.handle(UpdateCampaign(campaign_id), command_id="update-1")
    with pytest.raises(CommandIdReused):
        kernel.handle(UpdateCampaign(campaign_id, daily_limit_per_inbox=None), command_id="update-1")


@pytest.mark.parametrize("form", ["bytes", "path", "stream"])
def test_a_repeated_upload_imports_once(kernel: Kernel, tmp_path: Any, form: str) -> None:
    """The bytes of the file count, not where they come from; counts are answered again, addresses are not."""
    campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
    content = LEADS_CSV + b"nobody at all,Carl,\n"
    path = tmp_path / "leads.csv"
    path.write_bytes(content)
    given = {"bytes": content, "path": path, "stream": io.BytesIO(content)}[form]
    first = kernel.handle(UploadLeads(campaign_id, content), command_id="upload-1")
    second = kernel.handle(UploadLeads(campaign_id, given), command_id="upload-1")
    assert first.report is not None
    assert [problem.email for problem in first.report.problems] == ["nobody at all"]
    assert second == attrs.evolve(first, report=attrs.evolve(first.report, problems=()))
    assert kernel.view(LEADS).count() == 2
    assert len(kernel.history(campaign_id)) == 2


def test_other_bytes_or_another_campaign_are_another_upload(kernel: Kernel) -> None:
    """One byte is enough."""
    one, other = (kernel.handle(CreateCampaign("Spring launch")).id for _ in range(2))
    kernel.handle(UploadLeads(one, LEADS_CSV), command_id="upload-1")
    for upload in (UploadLeads(one, LEADS_CSV + b"\n"), UploadLeads(other, LEADS_CSV)):
        with pytest.raises(CommandIdReused):
            kernel.handle(upload, command_id="upload-1")
    assert kernel.view(LEADS).count() == 2


def test_refusals_are_not_remembered(kernel: Kernel) -> None:
    """The id is free for the same command once it is legal, or for another."""
    made = failed(kernel)
    with pytest.raises(IllegalTransition):
        kernel.handle(DeleteCampaign(made.campaign_id), command_id="delete-1")
    kernel.handle(UpdateCampaign(made.campaign_id, name="Summer launch"))
    assert kernel.handle(DeleteCampaign(made.campaign_id), command_id="delete-1").status == "DELETED"
    with pytest.raises(InvalidMessage):
        kernel.handle(CreateCampaign("short"), command_id="create-1")
    kernel.handle(CreateCampaign("long enough"), command_id="create-1")


def test_a_repeated_deletion_answers_the_first(kernel: Kernel) -> None:
    """Although the campaign is unknown by now."""
    made = draft(kernel)
    first = kernel.handle(DeleteCampaign(made.campaign_id), command_id="delete-1")
    second = kernel.handle(DeleteCampaign(made.campaign_id), command_id="delete-1")
    assert second == first
    assert (second.status, second.scrubbed) == ("DELETED", True)


def test_without_an_id_nothing_is_remembered(kernel: Kernel) -> None:
    """Two creations are two campaigns."""
    assert kernel.handle(CreateCampaign("Spring launch")) != kernel.handle(CreateCampaign("Spring launch"))
    assert kernel.view(CAMPAIGNS).count() == 2


def test_an_outcome_is_remembered_by_the_log_and_not_by_the_kernel(open_sqlite: Callable[[], Kernel]) -> None:
    """Closed and opened again, the file still knows the command, warnings, faults and all."""
    with open_sqlite() as kernel:
        made = failed(kernel, enable_unsubscribe=False)
        first = kernel.handle(UpdateCampaign(made.campaign_id, launch=True), command_id="launch-1")
        assert first.faults
        assert first.warnings
    with open_sqlite() as kernel:
        assert kernel.handle(UpdateCampaign(made.campaign_id, launch=True), command_id="launch-1") == first


def test_a_start_date_is_the_same_in_the_same_words(kernel: Kernel) -> None:
    """The body is what the caller gave, so a date without an offset is itself, whatever it comes to."""
    campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
    update = UpdateCampaign(campaign_id, start_date=datetime(2030, 6, 1, 9))
    assert kernel.handle(update, command_id="update-1") == kernel.handle(update, command_id="update-1")
