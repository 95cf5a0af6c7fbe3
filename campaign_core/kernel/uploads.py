"""Uploading a lead file: read, checked, salted and packed before the write transaction begins."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, Final, cast
from uuid import UUID

import attrs
from attrs import field, frozen

from campaign_core.campaign.commands import AddLeads, DuplicateAction
from campaign_core.campaign.events import Source
from campaign_core.checks import choice, flag, identity, ruled, text
from campaign_core.errors import LeadFileRefused
from campaign_core.fields import EMAIL, field_name
from campaign_core.intake.addresses import key_of, normalised, refusal
from campaign_core.intake.columns import mapping_rule
from campaign_core.intake.lead_file import MAX_BYTES, LeadFile, ReadingOptions
from campaign_core.intake.report import ImportReport
from campaign_core.lead.commands import VALUE, custom_rule
from campaign_core.log.content import seal
from campaign_core.recorded import Content, Rows

#: What of a stream that cannot be read twice is kept in memory; the rest goes to a temporary file.
_SPOOLED_BYTES: Final = 1 << 20


def _readable(value: Any) -> str | None:
    if isinstance(value, str | PathLike | bytes) or hasattr(value, "read"):
        return None
    return "must be a path, bytes, or an open binary stream"


def _delimiter(value: Any) -> str | None:
    if isinstance(value, str) and len(value) == 1 and value not in '"\r\n\0':
        return None
    return "must be one character, neither a quote nor a line break"


@frozen
class UploadLeads:
    """Adds the leads of a CSV file: a header row first, at most 10,000 rows and 50 MB.

    Encoding and delimiter are detected and reported, and can be given. Without a mapping the headers are the field names;
    any column that is not a standard field becomes a custom one.

    Rows without a valid address are left out; rows whose address came before, in the file or in the campaign, are
    duplicates. `Outcome.report` accounts for every row.

    Raises when handled: LeadFileRefused, UnknownCampaign, IllegalTransition.
    """

    campaign_id: UUID = field(metadata=identity())
    #: A path, the bytes, or a binary stream, which is read to its end.
    file: str | PathLike[str] | bytes | BinaryIO = field(metadata=ruled(_readable), repr=False)
    #: Field name to the header of its column; other columns are left out. None: every column by its header.
    mapping: Mapping[str, str] | None = field(default=None, kw_only=True, metadata=ruled(mapping_rule, optional=True))
    #: The name of a text encoding; None: detected.
    encoding: str | None = field(default=None, kw_only=True, metadata=text(1, 40, optional=True))
    #: One character between cells; None: detected.
    delimiter: str | None = field(default=None, kw_only=True, metadata=ruled(_delimiter, optional=True))

    #: What becomes of rows whose address is a lead of the campaign already.
    duplicate_action: DuplicateAction = field(
        default=DuplicateAction.SKIP, kw_only=True, metadata=choice(DuplicateAction)
    )
    #: Whether every lead that was never contacted is removed first, in the same transaction.
    delete_existing: bool = field(default=False, kw_only=True, metadata=flag())
    #: Whether the whole report is kept until the campaign is deleted: `Kernel.upload_job` finds it by `Outcome.batch_id`.
    keeps_job: bool = field(default=False, kw_only=True, metadata=flag())

    @property
    def reading(self) -> ReadingOptions:
        """How the file is to be read."""
        return ReadingOptions(mapping=self.mapping, encoding=self.encoding, delimiter=self.delimiter)

    @property
    def options(self) -> dict[str, Any]:
        """Everything about the upload but the bytes of its file, as plain data."""
        return {
            "campaign_id": str(self.campaign_id),
            "mapping": None if self.mapping is None else dict(self.mapping),
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "duplicate_action": self.duplicate_action.value,
            "delete_existing": self.delete_existing,
        }


@frozen
class AddLead:
    """Adds one lead by hand.

    Raises when handled: AlreadyExists, UnknownCampaign, IllegalTransition.
    """

    campaign_id: UUID = field(metadata=identity())
    email: str = field(metadata=ruled(refusal))
    first_name: str | None = field(default=None, kw_only=True, metadata=VALUE)
    last_name: str | None = field(default=None, kw_only=True, metadata=VALUE)
    company: str | None = field(default=None, kw_only=True, metadata=VALUE)
    #: Name of a custom field to its value; names of fields are read as headers of a file are.
    custom_fields: Mapping[str, str | None] = field(factory=dict, kw_only=True, metadata=ruled(custom_rule))

    def leads(self, batch_id: UUID) -> AddLeads:
        """The lead as an upload of one."""
        address = normalised(self.email)
        given = {"first_name": self.first_name, "last_name": self.last_name, "company": self.company}
        given |= {field_name(name): value for name, value in self.custom_fields.items()}
        values = {name: value.strip() for name, value in given.items() if value is not None and value.strip()}
        return AddLeads(
            self.campaign_id,
            batch_id=batch_id,
            source=Source.MANUAL,
            addresses=(key_of(address),),
            content=Rows(({EMAIL: address, **values},)),
            fields=(EMAIL, *values),
        )


@frozen
class ReadUpload:
    """An upload, read."""

    command: AddLeads
    report: ImportReport
    #: The line of the file each address of the command came from.
    lines: Sequence[int]
    #: Hex digest of the file's bytes.
    sha256: str
    #: Why the file does not fit the campaign's mapping, which may have been another when the file came first; the command
    #: is then without leads.
    refusal: LeadFileRefused | None = None


def read_upload(upload: UploadLeads, batch_id: UUID, mapping: Mapping[str, str] | None) -> ReadUpload:
    """Reads the file of an upload, holding its leads packed; by `mapping` where the upload brings none of its own.

    Raises:
        LeadFileRefused: it cannot be opened, or not taken as a whole, whatever the campaign's mapping.
    """
    with _opened(upload.file) as stream:
        options = upload.reading if upload.mapping is not None else attrs.evolve(upload.reading, mapping=mapping)
        file = LeadFile(stream, options)
        content: Content = Rows()
        refusal = None
        try:
            content = seal(file)
        except LeadFileRefused as wrong:
            if upload.mapping is not None or not file.sha256:
                raise
            refusal = wrong
    command = AddLeads(
        upload.campaign_id,
        batch_id=batch_id,
        source=Source.FILE,
        addresses=() if refusal else tuple(file.addresses),
        content=content,
        duplicates=file.report.duplicates,
        skipped=file.report.skipped,
        fields=file.fields,
        duplicate_action=upload.duplicate_action,
        delete_existing=upload.delete_existing,
    )
    return ReadUpload(command, file.report, file.lines, file.sha256, refusal)


@contextmanager
def _opened(file: str | PathLike[str] | bytes | BinaryIO) -> Iterator[BinaryIO]:
    """The file as a stream that can be read twice."""
    if isinstance(file, bytes):
        yield io.BytesIO(file)
    elif isinstance(file, str | PathLike):
        try:
            stream = open(file, "rb")  # noqa: SIM115
        except OSError as wrong:
            raise LeadFileRefused(f"The file {file} cannot be read: {wrong.strerror or wrong}.") from wrong
        with stream:
            yield stream
    elif file.seekable() and file.tell() == 0:
        yield file
    else:
        with SpooledTemporaryFile(max_size=_SPOOLED_BYTES) as spooled:
            while spooled.tell() <= MAX_BYTES and (chunk := file.read(1 << 16)):
                spooled.write(chunk)
            spooled.seek(0)
            yield cast(BinaryIO, spooled)
