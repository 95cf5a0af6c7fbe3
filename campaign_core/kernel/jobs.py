"""What became of an upload, kept for whoever asks later: a job.

An upload is carried out at once, so a job is done as soon as it is there. Its report names rows that were left out, with
their addresses; therefore it is no history, lies in the registers, and is gone with its campaign.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from attrs import field, frozen

from campaign_core.campaign.events import LeadsUploaded
from campaign_core.intake.report import ImportReport
from campaign_core.log.ports import Tables
from campaign_core.log.records import Register
from campaign_core.recorded import Recorded


@frozen(kw_only=True)
class UploadJob:
    """An upload that was carried out."""

    campaign_id: UUID
    #: The id of the batch of leads it added.
    job_id: UUID
    #: What became of each row, every problem named.
    report: ImportReport = field(repr=False)
    #: When the kernel was given the file, and when its leads were recorded.
    started_at: datetime
    completed_at: datetime


_JOBS: Final = Register("upload_jobs", UploadJob)


def keep_job(tables: Tables, workspace: str, job: UploadJob) -> None:
    """Keeps a job until its campaign is deleted."""
    _JOBS.put(tables, workspace, _key(job.campaign_id, job.job_id), job)


def job_of(tables: Tables, workspace: str, campaign_id: UUID, job_id: UUID) -> UploadJob | None:
    """The job of that id; None if there is none, or its campaign was deleted."""
    return _JOBS.get(tables, workspace, _key(campaign_id, job_id))


def forget_jobs(tables: Tables, workspace: str, campaign_id: UUID, history: Iterable[Recorded]) -> None:
    """Removes every job of a campaign; its history, not erased yet, tells which there may be."""
    for each in history:
        if isinstance(each.event, LeadsUploaded):
            _JOBS.remove(tables, workspace, _key(campaign_id, each.event.batch_id))


def _key(campaign_id: UUID, job_id: UUID) -> str:
    return f"{campaign_id}/{job_id}"
