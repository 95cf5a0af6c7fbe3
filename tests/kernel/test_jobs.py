"""An upload kept as a job: found with its whole report until its campaign is deleted, and nothing of it afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from campaign_core import (
    CommandIdReused,
    CreateCampaign,
    DeleteCampaign,
    IllegalTransition,
    Kernel,
    MisuseError,
    PauseCampaign,
    UnknownCampaign,
    UploadLeads,
)
from tests.conftest import AT
from tests.kernel.given import active

FILE = b"email\nanna@example.com\nnobody\nANNA@example.com\n"


def uploaded(kernel: Kernel, campaign_id: UUID, **options: object) -> UUID:
    outcome = kernel.handle(UploadLeads(campaign_id, FILE, keeps_job=True), **options)  # type: ignore[arg-type]
    assert outcome.batch_id is not None
    return outcome.batch_id


def test_a_job_has_every_problem_by_line_and_address(kernel: Kernel) -> None:
    campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
    job = kernel.upload_job(campaign_id, uploaded(kernel, campaign_id))
    assert job is not None
    assert (job.report.rows, job.report.imported, job.report.duplicates) == (3, 1, 1)
    assert [(each.line, each.email) for each in job.report.problems] == [(3, "nobody")]
    assert (job.started_at, job.completed_at) == (AT, AT)


def test_an_upload_that_was_not_told_to_keeps_no_job(kernel: Kernel) -> None:
    campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
    batch_id = kernel.handle(UploadLeads(campaign_id, FILE)).batch_id
    assert batch_id is not None
    assert kernel.upload_job(campaign_id, batch_id) is None


def test_a_repeated_upload_names_the_first_job(kernel: Kernel) -> None:
    """Whose report is still whole, though the answer no longer is."""
    campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
    job_id = uploaded(kernel, campaign_id, command_id="once")
    assert uploaded(kernel, campaign_id, command_id="once") == job_id
    job = kernel.upload_job(campaign_id, job_id)
    assert job is not None
    assert len(job.report.problems) == 1


def test_a_job_is_gone_with_its_campaign_and_another_stays(kernel: Kernel) -> None:
    one, other = (kernel.handle(CreateCampaign(name)).id for name in ("Spring launch", "Autumn launch"))
    jobs = [uploaded(kernel, one), uploaded(kernel, one)]
    kept = uploaded(kernel, other)
    kernel.handle(DeleteCampaign(one))
    assert [kernel.upload_job(one, each) for each in jobs] == [None, None]
    assert kernel.upload_job(other, kept) is not None


def test_no_byte_of_a_job_is_left_in_the_file_of_a_deleted_campaign(
    tmp_path: Path, open_sqlite: Callable[[], Kernel]
) -> None:
    with open_sqlite() as kernel:
        campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
        file = b"email\nsomebody-who-has-no-address\n"
        kernel.handle(UploadLeads(campaign_id, file, keeps_job=True))
        assert b"somebody-who-has" in b"".join(each.read_bytes() for each in tmp_path.iterdir())
        assert kernel.handle(DeleteCampaign(campaign_id)).scrubbed
        assert b"somebody-who-has" not in b"".join(each.read_bytes() for each in tmp_path.iterdir())


def test_a_job_is_found_in_its_own_workspace_only(kernel: Kernel) -> None:
    campaign_id = kernel.handle(CreateCampaign("Spring launch")).id
    job_id = uploaded(kernel, campaign_id)
    assert kernel.create_workspace("acme").upload_job(campaign_id, job_id) is None


def test_an_earlier_outcome_is_what_a_repetition_would_answer(kernel: Kernel) -> None:
    command = CreateCampaign("Spring launch")
    assert kernel.earlier_outcome(command, "once") is None
    made = kernel.handle(command, command_id="once")
    assert kernel.earlier_outcome(command, "once") == made == kernel.handle(command, command_id="once")


def test_an_earlier_outcome_of_another_command_is_refused(kernel: Kernel) -> None:
    kernel.handle(CreateCampaign("Spring launch"), command_id="once")
    with pytest.raises(CommandIdReused):
        kernel.earlier_outcome(CreateCampaign("Autumn launch"), "once")
    with pytest.raises(MisuseError, match="hand it to `handle`"):
        kernel.earlier_outcome(UploadLeads(UUID(int=1), b""), "once")


def test_a_refusal_leaves_no_earlier_outcome(kernel: Kernel) -> None:
    command = PauseCampaign(kernel.handle(CreateCampaign("Spring launch")).id)
    with pytest.raises(IllegalTransition):
        kernel.handle(command, command_id="once")
    assert kernel.earlier_outcome(command, "once") is None


def test_the_texts_of_a_campaign_can_be_read_again(kernel: Kernel) -> None:
    made = active(kernel)
    assert kernel.texts(made.campaign_id) == {
        (None, "A"): {"subject_template": "Hello {{first_name}}", "email_content": "A cup of {{favourite_tea}}?"}
    }
    with pytest.raises(UnknownCampaign):
        kernel.texts(UUID(int=1))
