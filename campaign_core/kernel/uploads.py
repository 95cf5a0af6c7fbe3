"""Uploading a lead file: read, checked, salted and packed before the write transaction begins."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from typing import Any, BinaryIO
from uuid import UUID

from attrs import field, frozen

from campaign_core.campaign.commands import AddLeads
from campaign_core.campaign.events import Source
from campaign_core.checks import identity, ruled
from campaign_core.errors import LeadFileRefused
from campaign_core.intake.lead_file import LeadFile
from campaign_core.intake.report import ImportReport
from campaign_core.log.content import seal


def _readable(value: Any) -> str | None:
    if isinstance(value, str | PathLike | bytes) or hasattr(value, "read"):
        return None
    return "must be a path, bytes, or an open binary stream"


@frozen
class UploadLeads:
    """Adds the leads of a CSV file: UTF-8, comma-separated, header row first, at most 10,000 rows and 50 MB.

    Rows without a valid address are left out; rows whose address came before, in the file or in the campaign, are
    duplicates. `Outcome.report` accounts for every row.

    Raises when handled: LeadFileRefused, UnknownCampaign, IllegalTransition.
    """

    campaign_id: UUID = field(metadata=identity())
    #: A path, the bytes, or a binary stream, which is read to its end.
    file: str | PathLike[str] | bytes | BinaryIO = field(metadata=ruled(_readable), repr=False)


@frozen
class ReadUpload:
    """An upload, read."""

    command: AddLeads
    report: ImportReport
    #: Hex digest of the file's bytes.
    sha256: str


def read_upload(upload: UploadLeads, batch_id: UUID) -> ReadUpload:
    """Reads the file of an upload, once, holding its leads packed.

    Raises:
        LeadFileRefused: it cannot be opened, or not taken as a whole.
    """
    with _opened(upload.file) as stream:
        file = LeadFile(stream)
        content = seal(file)
    command = AddLeads(
        upload.campaign_id,
        batch_id=batch_id,
        source=Source.FILE,
        addresses=tuple(file.addresses),
        content=content,
        duplicates=file.report.duplicates,
        skipped=file.report.skipped,
        fields=file.fields,
    )
    return ReadUpload(command, file.report, file.sha256)


@contextmanager
def _opened(file: str | PathLike[str] | bytes | BinaryIO) -> Iterator[BinaryIO]:
    if isinstance(file, bytes):
        yield io.BytesIO(file)
    elif isinstance(file, str | PathLike):
        try:
            stream = open(file, "rb")  # noqa: SIM115
        except OSError as wrong:
            raise LeadFileRefused(f"The file {file} cannot be read: {wrong.strerror or wrong}.") from wrong
        with stream:
            yield stream
    else:
        yield file
