"""What a sender account looks like to a client, and what a client may say of one. Source: reference section 12."""

from __future__ import annotations

from datetime import date as Date
from enum import StrEnum
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from campaign_adapters.http_api.bodies import (
    Flag,
    Given,
    Id,
    Instant,
    Pagination,
    Success,
    Text,
    Told,
    Whole,
    bounded,
    ranged,
)
from campaign_adapters.http_api.ports import MailServer
from campaign_adapters.mail_servers import HOST_CHARACTERS, PASSWORD_CHARACTERS, PORTS, USERNAME_CHARACTERS, host_name
from campaign_core import InboxStatus, InboxType, RegisterInbox
from campaign_core.inbox.commands import (
    ADDRESS_CHARACTERS,
    DEFAULT_DAILY_LIMIT,
    DISPLAY_NAME_CHARACTERS,
    MAX_DAILY_LIMIT,
)

#: How many inboxes one bulk request names. Source: reference section 6.
BULK: Final = (1, 100)
_DAILY_LIMIT: Final = (1, max(MAX_DAILY_LIMIT.values()))
_MOST: Final = ", ".join(f"{most:,} for {kind}" for kind, most in MAX_DAILY_LIMIT.items() if kind != InboxType.COLDSEND)


def _host(given: str) -> str:
    wrong = host_name(given)
    if wrong is not None:
        raise ValueError(wrong)
    return given


_NEW: Final = {
    "email_address": "mara@acme.example",
    "display_name": "Mara Lind",
    "inbox_type": "CUSTOM_SMTP",
    "smtp_host": "smtp.acme.example",
    "smtp_port": 587,
    "smtp_username": "mara@acme.example",
    "smtp_password": "correct horse battery staple",
    "imap_host": "imap.acme.example",
    "imap_port": 993,
    "imap_username": "mara@acme.example",
    "imap_password": "correct horse battery staple",
    "daily_limit": 40,
}
_GONE: Final = {"inbox_ids": ["0c1d2e3f-4a5b-4c6d-8e7f-9a0b1c2d3e4f"], "confirm_deletion": True}
Host = Annotated[Text, AfterValidator(_host)]


class SmtpAccountCreate(Given, json_schema_extra={"examples": [_NEW]}):
    """A new account, and how to reach it."""

    email_address: Text = bounded(ADDRESS_CHARACTERS)
    display_name: Text = bounded(DISPLAY_NAME_CHARACTERS, description="The name recipients see.")
    inbox_type: Literal["GOOGLE_WORKSPACE", "OUTLOOK_365", "CUSTOM_SMTP"]
    smtp_host: Host = bounded(HOST_CHARACTERS)
    smtp_port: Whole = ranged(PORTS)
    smtp_username: Text = bounded(USERNAME_CHARACTERS)
    smtp_password: Text = bounded(PASSWORD_CHARACTERS, repr=False, description="Kept encrypted; never told again.")
    smtp_use_tls: Flag | None = Field(
        default=None,
        description="True if left out: at port 465 TLS from the first byte, else STARTTLS. false: no encryption.",
    )
    imap_host: Host = bounded(HOST_CHARACTERS)
    imap_port: Whole = ranged(PORTS)
    imap_username: Text = bounded(USERNAME_CHARACTERS)
    imap_password: Text = bounded(PASSWORD_CHARACTERS, repr=False, description="Kept encrypted; never told again.")
    imap_use_ssl: Flag | None = Field(default=None, description="True if left out.")
    daily_limit: Whole | None = ranged(
        _DAILY_LIMIT,
        default=None,
        description=f"Mails a day in UTC, {DEFAULT_DAILY_LIMIT} if left out; at most {_MOST}.",
    )

    def command(self, inbox_id: UUID | None) -> RegisterInbox:
        """What registers it."""
        return RegisterInbox(
            self.email_address,
            display_name=self.display_name,
            inbox_type=InboxType(self.inbox_type),
            daily_limit=DEFAULT_DAILY_LIMIT if self.daily_limit is None else self.daily_limit,
            inbox_id=inbox_id,
        )

    @property
    def smtp(self) -> MailServer:
        """The server it sends through."""
        return MailServer(
            host=self.smtp_host,
            port=self.smtp_port,
            tls=self.smtp_use_tls is not False,
            username=self.smtp_username,
            password=self.smtp_password,
        )

    @property
    def imap(self) -> MailServer:
        """The server that keeps its mail."""
        return MailServer(
            host=self.imap_host,
            port=self.imap_port,
            tls=self.imap_use_ssl is not False,
            username=self.imap_username,
            password=self.imap_password,
        )


class SmtpAccountsCreate(Given, json_schema_extra={"examples": [{"inboxes": [_NEW]}]}):
    """Several new accounts."""

    inboxes: list[SmtpAccountCreate] = bounded(BULK)


class AccountsDelete(Given, json_schema_extra={"examples": [_GONE]}):
    """Accounts to remove."""

    inbox_ids: list[Id] = bounded(BULK)
    confirm_deletion: Flag = Field(default=False, description="Must be true.")


class Trial(Given, json_schema_extra={"examples": [{"recipient_email": "me@acme.example"}]}):
    """Where a mail for a trial goes."""

    recipient_email: Text = bounded(ADDRESS_CHARACTERS)


class AccountMade(Success):
    """An account that was made."""

    inbox_id: UUID
    email_address: str
    display_name: str
    inbox_type: InboxType
    daily_limit: int
    overall_status: InboxStatus
    created_at: Instant


class AccountTold(Told):
    """An account in a list."""

    inbox_id: UUID
    email_address: str
    display_name: str
    domain: str = Field(description="Of the address.")
    inbox_type: InboxType
    overall_status: InboxStatus
    health_score: float | None = Field(description="Always null: nothing here measures it.")
    daily_limit: int
    sent_today: int = Field(description="Over all campaigns, since midnight in UTC.")
    remaining_today: int
    sent_this_month: int = Field(description="Since the first of the month in UTC.")
    created_at: Instant


class AccountList(Success):
    """A page of accounts."""

    sender_accounts: list[AccountTold]
    pagination: Pagination


class AccountGot(Success, AccountTold):
    """One account."""


class AccountDeleted(Success):
    """An account that is gone."""

    inbox_id: UUID
    deleted: bool = True


class TrialSent(Success):
    """A mail for a trial that was handed over."""

    inbox_id: UUID
    inbox_email: str
    recipient_email: str
    sent_at: Instant
    message_id: str


class ItemStatus(StrEnum):
    """What became of one inbox of a bulk request."""

    CREATED = "CREATED"
    DELETED = "DELETED"
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"


class ItemTold(Told):
    """One inbox of a bulk request."""

    inbox_id: UUID | None
    email_address: str | None
    status: ItemStatus
    error: str | None = Field(description="Why it failed or was passed over.")


class BulkCreated(Success):
    """What came of several new accounts."""

    total: int
    success_count: int
    failed_count: int
    job_id: UUID
    results: list[ItemTold]


class BulkDeleted(Success):
    """What came of several removals."""

    total: int
    deleted_count: int
    failed_count: int
    skipped_count: int
    job_id: UUID
    results: list[ItemTold]


class JobTold(Told):
    """A bulk request that was carried out."""

    job_id: UUID
    status: Literal["COMPLETED"] = "COMPLETED"
    progress_percentage: float = 100.0
    total_rows: int
    processed_count: int
    success_count: int
    failed_count: int
    skipped_count: int
    started_at: Instant
    completed_at: Instant
    results: list[ItemTold]


class JobGot(Success):
    """A job."""

    job: JobTold


class UsageTold(Told):
    """What an inbox sent today."""

    inbox_id: UUID
    email_address: str
    sent_today: int
    daily_limit: int
    remaining: int
    is_rate_limited: bool = Field(description="Nothing remains.")


class DailyUsage(Success):
    """What all inboxes sent today."""

    date: Date
    reset_at_utc: Instant
    inboxes: list[UsageTold]


class RampUpTold(Told):
    """How far the campaign's limit has grown."""

    enabled: bool
    day: int | None = Field(description="1 on the day of the launch.")
    increment: int | None
    max_limit: int | None


class QuotaTold(Told):
    """What an inbox may still send of a campaign today."""

    inbox_id: UUID
    email_address: str
    overall_status: InboxStatus
    daily_limit: int = Field(description="The inbox's own, over all campaigns and a day in UTC.")
    sent_today: int
    campaign_daily_limit: int | None = Field(description="The campaign's, a day in its zone; null: none.")
    campaign_sent_today: int
    effective_daily_limit: int = Field(description="The lower of the two.")
    effective_remaining: int = Field(description="What is left before either day ends; 0 if the inbox cannot send.")
    is_rate_limited: bool = Field(description="One of the two limits is used up.")


class CampaignQuotas(Success):
    """What the inboxes of a campaign may still send today."""

    campaign_id: UUID
    date: Date
    reset_at_utc: Instant = Field(description="When the day of the inboxes' own limits ends.")
    campaign_date: Date
    campaign_reset_at_utc: Instant = Field(description="When the day of the campaign's limit ends.")
    ramp_up: RampUpTold
    inboxes: list[QuotaTold]
