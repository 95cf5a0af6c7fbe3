"""The routes about lead files: L1 and L2 of the reference, sections 7.3 and 7.4."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, UploadFile

from campaign_adapters.http_api.bodies import answers
from campaign_adapters.http_api.caller import Caller, needs
from campaign_adapters.http_api.campaigns import row_of
from campaign_adapters.http_api.lead_models import RowError, UploadProgress, UploadStarted
from campaign_adapters.http_api.leads import Adding
from campaign_adapters.http_api.statuses import Rejection
from campaign_core import DuplicateAction, ImportReport, UploadLeads

router: Final = APIRouter(tags=["leads"], prefix="/campaigns/{campaign_id}/leads")
Watching = Annotated[Caller, Depends(needs("leads:read", "leads:create"))]
#: An upload is carried out within its request: whoever is told of a job is told of one that is done.
_DONE: Final = "COMPLETED"
_FORM: Final = {"file": "email,first_name\nada@engines.example,Ada\n", "mapping": '{"email": "email"}'}
#: For the description of the API.
_EXAMPLE: Final = {
    "requestBody": {"content": {"multipart/form-data": {"examples": {"a file and its mapping": {"value": _FORM}}}}}
}


@router.post("", responses=answers(404, 409), summary="Upload leads", openapi_extra=_EXAMPLE)
def upload(
    caller: Adding,
    campaign_id: UUID,
    file: Annotated[UploadFile, File(description="CSV, a header row first; at most 10,000 rows and 50 MB.")],
    mapping: Annotated[
        str | None,
        Form(
            description="A JSON object: lead field to CSV header. Left out: the campaign's lead_mapping, else by headers."
        ),
    ] = None,
    duplicate_action: Annotated[Literal["skip", "update", "replace"], Form()] = "skip",
    delete_existing: Annotated[bool, Form(description="First clear the leads that were never contacted.")] = False,
) -> UploadStarted:
    """Adds the leads of a file, all or none, and accounts for each of its rows."""
    outcome = caller.handle(
        UploadLeads(
            campaign_id,
            cast(Any, file.file),
            mapping=_mapping(mapping),
            duplicate_action=DuplicateAction(duplicate_action),
            delete_existing=delete_existing,
            keeps_job=True,
        )
    )
    assert outcome.report is not None
    assert outcome.batch_id is not None
    report = outcome.report
    return UploadStarted(
        message=f"{report.imported} leads added, {report.updated} updated, of {report.rows} rows",
        job_id=outcome.batch_id,
        campaign_id=campaign_id,
        status=_DONE,
        total_rows=report.rows,
        total_valid=report.imported + report.updated + report.duplicates,
        removed_count=outcome.removed,
        warnings=list(report.warnings),
        **_counts(report),
    )


def _mapping(given: str | None) -> dict[str, str] | None:
    """The mapping of a form field; what its names and headers may be is the core's to say."""
    if given is None or not given.strip():
        return None
    try:
        mapping = json.loads(given)
    except (ValueError, RecursionError):
        mapping = None
    if isinstance(mapping, dict):
        return mapping
    said = 'must be a JSON object of lead fields and CSV headers, such as {"email": "E-Mail"}'
    raise Rejection(422, [{"loc": ["body", "mapping"], "msg": said, "type": "value_error.jsondecode"}])


def _counts(report: ImportReport) -> dict[str, Any]:
    """The product counts updated rows as duplicates. Source: reference section 20.3."""
    return {
        "success_count": report.imported,
        "duplicate_count": report.duplicates + report.updated,
        "error_count": sum(report.skipped.values()),
    }


@router.get("/upload/{job_id}", responses=answers(404), summary="Get an upload's progress")
def progress(caller: Watching, campaign_id: UUID, job_id: UUID) -> UploadProgress:
    """What became of an upload, each row that was left out with the reason."""
    row_of(caller, campaign_id)
    job = caller.kernel.upload_job(campaign_id, job_id)
    if job is None:
        raise Rejection(404, f"There is no upload job {job_id} in this campaign.")
    return UploadProgress(
        job_id=job_id,
        campaign_id=campaign_id,
        status=_DONE,
        progress_percentage=100,
        processed_count=job.report.rows,
        total_count=job.report.rows,
        errors=[RowError(row=each.line, email=each.email, error=each.reason) for each in job.report.problems],
        started_at=job.started_at,
        completed_at=job.completed_at,
        **_counts(job.report),
    )
