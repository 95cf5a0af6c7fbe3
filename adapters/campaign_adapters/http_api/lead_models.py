"""What a lead looks like to a client, and what a client may say of one. Source: reference section 7."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field, StrictBool, StrictFloat, StrictInt

from campaign_adapters.http_api.bodies import Given, Instant, Named, Pagination, Success, Text, Told
from campaign_core import UNSET, LeadStatus

#: An example for the description of the API.
_LEAD: Final = {
    "email": "ada@engines.example",
    "first_name": "Ada",
    "company": "Analytical Engines",
    "custom_fields": {"city": "London"},
}


def _as_text(value: str | float | None) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


class _Values(Given):
    """Values of a lead. `title` is a custom field that clients know by name."""

    first_name: Text | None = None
    last_name: Text | None = None
    company: Text | None = None
    title: Text | None = None
    custom_fields: Annotated[dict[str, Text | StrictInt | StrictFloat | StrictBool | None], Named] | None = Field(
        default=None, description="Numbers, true and false are kept as the text that JSON has for them."
    )

    def _custom(self) -> dict[str, str | None]:
        return {name: _as_text(value) for name, value in (self.custom_fields or {}).items()}


class LeadCreate(_Values, json_schema_extra={"examples": [_LEAD]}):
    """A lead to add by hand."""

    email: Text

    def values(self) -> dict[str, Any]:
        """The values, as the core's command takes them."""
        named = {"first_name": self.first_name, "last_name": self.last_name, "company": self.company}
        title = {} if self.title is None else {"title": self.title}
        return {**named, "custom_fields": self._custom() | title}


class LeadUpdate(_Values, json_schema_extra={"examples": [{"company": "Acme", "custom_fields": {"city": None}}]}):
    """Values to change: what is sent is set, null takes a value away, the rest stays. The address never changes."""

    def changes(self) -> dict[str, Any]:
        """The changes, as the core's command takes them."""
        names = ("first_name", "last_name", "company")
        custom = self._custom() | self.given("title")
        return {**dict.fromkeys(names, UNSET), **self.given(*names), "custom_fields": custom}


class DeliveryStatus(StrEnum):
    """What became of the latest mail to a lead."""

    #: On its way, or nobody knows whether it went.
    SENDING = "SENDING"
    SENT = "SENT"
    BOUNCED = "BOUNCED"


class LeadTold(Told):
    """A lead."""

    lead_id: UUID
    batch_id: UUID | None
    email: str | None = Field(description="null once it is erased.")
    first_name: str | None
    last_name: str | None
    company: str | None
    status: LeadStatus
    last_contacted_at: Instant | None
    opened_at: Instant | None
    replied_at: Instant | None
    created_at: Instant
    custom_fields: dict[str, str]
    sequence_step: int = Field(description="The step that was sent last; 0 before the first.")
    email_opened: bool
    email_replied: bool
    unsubscribed: bool
    delivery_status: DeliveryStatus | None = Field(description="Of the latest mail; null where there is none.")


class LeadList(Success):
    """A page of leads."""

    leads: list[LeadTold]
    pagination: Pagination


class EmailInteraction(Told):
    """A mail to a lead."""

    email_id: str
    sequence_step: int
    variant_name: str
    subject: str | None = Field(description="null once it is erased.")
    sent_at: Instant
    opened_at: Instant | None
    replied_at: Instant | None
    inbox_email: str | None
    sent: bool = Field(description="false: nobody knows whether it went.")
    opened: bool
    bounced: bool


class ReplyTold(Told):
    """An answer of a lead. What it said is not kept."""

    reply_id: UUID
    subject: str | None
    received_at: Instant
    body_preview: str | None
    is_auto_reply: bool
    is_unsubscribe: bool


class LeadInFull(LeadTold):
    """A lead, its mails and its answers."""

    email_interactions: list[EmailInteraction]
    replies: list[ReplyTold]


class LeadsDeleted(Success):
    """What came of deleting leads."""

    deleted_count: int
    skipped_count: int = Field(description="Leads that were contacted, and stay.")
    not_found_count: int


JobStatus = Literal["PENDING", "VALIDATING", "IN_PROGRESS", "COMPLETED", "FAILED"]


class UploadStarted(Success):
    """An upload. It is carried out within the request; the job tells what became of each row."""

    job_id: UUID
    campaign_id: UUID
    status: JobStatus
    total_rows: int
    total_valid: int = Field(description="Rows with a valid address that came first in the file.")
    success_count: int
    duplicate_count: int
    error_count: int
    removed_count: int | None = Field(description="Leads that were cleared first, where that was asked for.")
    warnings: list[str]


class RowError(Told):
    """Why a row was left out."""

    row: int = Field(description="The line of the file on which it begins; the header is 1.")
    email: str
    error: str


class UploadProgress(Told):
    """An upload as a job."""

    job_id: UUID
    campaign_id: UUID
    status: JobStatus
    progress_percentage: int
    processed_count: int
    success_count: int = Field(description="Leads added.")
    duplicate_count: int = Field(description="Rows whose address was there already; updated ones among them.")
    error_count: int
    total_count: int
    errors: list[RowError]
    started_at: Instant
    completed_at: Instant | None
