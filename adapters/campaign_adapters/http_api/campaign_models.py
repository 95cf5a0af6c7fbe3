"""What a campaign looks like to a client, and what a client may say of one. Source: reference sections 5, 8 and 9."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field

from campaign_adapters.http_api.bodies import (
    Flag,
    Given,
    Id,
    Instant,
    Named,
    Pagination,
    Success,
    Text,
    Time,
    Told,
    Whole,
    bounded,
    ranged,
)
from campaign_core import (
    ContentType,
    EditAction,
    FollowUp,
    FollowUpVariant,
    InboxStatus,
    SequenceEdit,
    Status,
    TriggerType,
    Variant,
)
from campaign_core.campaign import limits

#: The inboxes of one update; more than anybody has, and no burden.
_INBOXES: Final = (1, 10_000)
#: The fields whose null means something: it takes the value away. Null in any other field is passed over.
CLEARABLE: Final = (
    "daily_limit_per_inbox",
    "start_date",
    "ramp_up_increment",
    "ramp_up_max_limit",
    "reply_to",
    "postal_address",
)
#: Examples for the description of the API.
_NEW: Final = {
    "name": "Q1 Outreach Campaign",
    "timezone": "America/New_York",
    "sending_days": [1, 2, 3, 4, 5],
    "sending_window_start": 9,
    "sending_window_end": 17,
}
_CHANGES: Final = {
    "daily_limit_per_inbox": 40,
    "inbox_ids": ["0c1d2e3f-5b6d-4e7f-8a9b-0c1d2e3f4a5b"],
    "variants": [
        {
            "variant_name": "A",
            "distribution_percent": 100,
            "subject_template": "A question, {{first_name|there}}",
            "email_content": "{{Hi|Hello}} {{first_name|there}}, how does {{company}} find its suppliers?",
        }
    ],
    "sequences": [
        {
            "step_number": 2,
            "trigger_type": "NOT_REPLIED",
            "wait_days": 3,
            "variants": [{"email_content": "Did my mail of the other day get lost?"}],
        }
    ],
    "launch": True,
}


class SettingsGiven(Given):
    """Settings of a campaign; what is left out stays as it is, or takes its default."""

    timezone: Text | None = bounded(
        limits.TIMEZONE_CHARACTERS, default=None, description="An IANA name; windows and dates are read in it."
    )
    sending_days: list[Whole] | None = bounded(
        limits.SENDING_DAYS, default=None, description="1 for Monday to 7 for Sunday."
    )
    sending_window_start: Whole | None = ranged(limits.START_HOURS, default=None)
    sending_window_start_minute: Whole | None = ranged(limits.MINUTES, default=None)
    sending_window_end: Whole | None = ranged(limits.END_HOURS, default=None, description="Later than the start.")
    sending_window_end_minute: Whole | None = ranged(
        limits.MINUTES, default=None, description="0 where the end hour is 24."
    )
    daily_limit_per_inbox: Whole | None = ranged(
        limits.DAILY_LIMIT_PER_INBOX, default=None, description="null: no limit of the campaign's own."
    )
    start_date: Time | None = Field(
        default=None, description="ISO 8601; without an offset it is read in the campaign's zone."
    )
    enable_tracking: Flag | None = Field(default=None, description="Opens are counted by a picture in HTML mails.")
    enable_unsubscribe: Flag | None = None
    enable_click_tracking: Flag | None = None
    ramp_up_enabled: Flag | None = None
    ramp_up_increment: Whole | None = ranged(limits.RAMP_UP_INCREMENT, default=None)
    ramp_up_max_limit: Whole | None = ranged(limits.RAMP_UP_MAX_LIMIT, default=None)
    reply_to: Text | None = Field(default=None, description="Where answers go; null: to the inbox.")
    postal_address: Text | None = bounded(limits.POSTAL_ADDRESS_CHARACTERS, default=None)

    def settings(self) -> dict[str, Any]:
        """The settings that were given, nulls that mean nothing left out."""
        names = ("name", *SettingsGiven.model_fields)
        found = {name: value for name, value in self.given(*names).items() if value is not None or name in CLEARABLE}
        days = found.get("sending_days")
        return found if days is None else found | {"sending_days": tuple(days)}


class CampaignCreate(SettingsGiven, json_schema_extra={"examples": [_NEW]}):
    """A new campaign."""

    name: Text = bounded(limits.NAME_CHARACTERS)


class VariantGiven(Given):
    """One variant of a mail."""

    subject_template: Text | None = bounded(limits.SUBJECT_CHARACTERS, default=None)
    email_content: Text = bounded(limits.CONTENT_CHARACTERS)
    variant_name: Text | None = bounded(
        limits.VARIANT_NAME_CHARACTERS, default=None, description="Letters only; A if left out."
    )
    variant_label: Text | None = bounded(limits.VARIANT_LABEL_CHARACTERS, default=None)
    distribution_percent: Whole | None = ranged(
        limits.SHARE_PERCENT, default=None, description="100 if left out; a set adds up to 100."
    )
    content_type: Literal["plaintext", "html", "raw_html"] | None = Field(
        default=None, description="plaintext if left out."
    )

    def follow_up(self) -> FollowUpVariant:
        """As a variant of a follow-up, whose subject may be left out."""
        return FollowUpVariant(**self._fields())

    def _fields(self) -> dict[str, Any]:
        """What is given; null means nothing here."""
        found = {name: getattr(self, name) for name in VariantGiven.model_fields if getattr(self, name) is not None}
        return found if self.content_type is None else found | {"content_type": ContentType(self.content_type)}


class FirstVariantGiven(VariantGiven):
    """One variant of the first mail, which needs a subject."""

    subject_template: Text = bounded(limits.SUBJECT_CHARACTERS)

    def first(self) -> Variant:
        """As a variant of the first mail."""
        return Variant(**self._fields())


class SequenceGiven(Given):
    """A follow-up."""

    step_number: Whole = ranged(limits.STEP_NUMBERS)
    trigger_type: TriggerType
    wait_days: Whole = ranged(limits.WAIT_DAYS)
    enable_unsubscribe: Flag | None = None
    variants: list[VariantGiven] = bounded((1, limits.VARIANTS))

    def follow_up(self) -> FollowUp:
        """As the core has it."""
        return FollowUp(
            step_number=self.step_number,
            trigger_type=self.trigger_type,
            wait_days=self.wait_days,
            enable_unsubscribe=self.enable_unsubscribe,
            variants=tuple(each.follow_up() for each in self.variants),
        )


class SequenceEditGiven(Given):
    """One edit of the follow-ups of a paused campaign."""

    action: EditAction
    sequence_id: Id | None = Field(default=None, description="Required to edit and to delete.")
    step_number: Whole | None = ranged(limits.STEP_NUMBERS, default=None, description="Required to add.")
    trigger_type: TriggerType | None = Field(default=None, description="Required to add.")
    wait_days: Whole | None = ranged(limits.WAIT_DAYS, default=None, description="Required to add.")
    enable_unsubscribe: Flag | None = None
    variants: list[VariantGiven] | None = bounded((1, limits.VARIANTS), default=None, description="Required to add.")

    def edit(self) -> SequenceEdit:
        """As the core has it."""
        return SequenceEdit(
            action=self.action,
            sequence_id=self.sequence_id,
            step_number=self.step_number,
            trigger_type=self.trigger_type,
            wait_days=self.wait_days,
            variants=None if self.variants is None else tuple(each.follow_up() for each in self.variants),
            **self.given("enable_unsubscribe"),
        )


class CampaignUpdate(SettingsGiven, json_schema_extra={"examples": [_CHANGES, {"launch": True}]}):
    """Any mix of changes, and the launch: saved first, then checked, in one transaction."""

    name: Text | None = bounded(limits.NAME_CHARACTERS, default=None)
    lead_mapping: Annotated[dict[str, Text], Named] | None = Field(
        default=None, description="Lead field to CSV column, for uploads that bring no mapping of their own."
    )
    inbox_ids: list[Id] | None = bounded(_INBOXES, default=None)
    variants: list[FirstVariantGiven] | None = bounded((1, limits.VARIANTS), default=None)
    sequences: list[SequenceGiven] | None = bounded((0, limits.SEQUENCES), default=None)
    sequence_edits: list[SequenceEditGiven] | None = bounded((1, 100), default=None)
    launch: Flag | None = Field(default=None, description="true: start sending, or go on.")

    def changes(self) -> dict[str, Any]:
        """Everything that is given, as the core has it."""
        runs: dict[str, Any] = {
            "inbox_ids": None if self.inbox_ids is None else tuple(self.inbox_ids),
            "variants": None if self.variants is None else tuple(each.first() for each in self.variants),
            "sequences": None if self.sequences is None else tuple(each.follow_up() for each in self.sequences),
            "sequence_edits": None
            if self.sequence_edits is None
            else tuple(each.edit() for each in self.sequence_edits),
        }
        return {**self.settings(), **runs, "lead_mapping": self.lead_mapping, "launch": bool(self.launch)}


class CampaignCreated(Success):
    """A campaign that was made."""

    campaign_id: UUID
    name: str
    status: Status
    created_at: Instant


class FindingTold(Told):
    """A fault or a warning."""

    code: str
    message: str
    count: int
    examples: list[str]


class CampaignUpdated(Success):
    """What came of an update."""

    campaign_id: UUID
    name: str
    status: Status
    is_launch_ready: bool
    missing_requirements: list[str]
    updated_at: Instant
    warnings: list[FindingTold]
    faults: list[FindingTold]


class CampaignMoved(Success):
    """A campaign after a move."""

    campaign_id: UUID
    name: str
    status: Status
    updated_at: Instant


class CampaignActivated(CampaignMoved):
    """A campaign after it was to start; its faults where the start failed."""

    is_launch_ready: bool
    missing_requirements: list[str]
    faults: list[FindingTold]


class CampaignDeleted(Success):
    """A campaign that is gone."""

    campaign_id: UUID
    deleted: bool = True


class CampaignListed(Told):
    """A campaign in a list."""

    campaign_id: UUID
    name: str
    status: Status
    created_at: Instant
    launched_at: Instant | None
    total_leads: int
    sent_count: int
    reply_count: int
    open_count: int
    bounce_count: int
    unsubscribe_count: int


class CampaignList(Success):
    """A page of campaigns."""

    campaigns: list[CampaignListed]
    pagination: Pagination


class VariantTold(Told):
    """One variant of a mail, with its text."""

    variant_name: str
    variant_label: str | None
    distribution_percent: int
    content_type: ContentType
    subject_template: str | None
    email_content: str | None


class SequenceTold(Told):
    """A follow-up."""

    sequence_id: UUID
    step_number: int
    trigger_type: TriggerType
    wait_days: int
    enable_unsubscribe: bool | None
    variants: list[VariantTold]


class InboxTold(Told):
    """An inbox of a campaign."""

    inbox_id: UUID
    email_address: str
    display_name: str
    overall_status: InboxStatus


class BatchTold(Told):
    """Leads of one file."""

    batch_id: UUID
    lead_count: int
    created_at: Instant


class CampaignTold(CampaignListed):
    """Everything about a campaign. Its rates are percentages."""

    daily_limit_per_inbox: int | None
    start_date: Instant | None
    timezone: str
    sending_days: list[int]
    sending_window_start: int
    sending_window_start_minute: int
    sending_window_end: int
    sending_window_end_minute: int
    enable_tracking: bool
    enable_click_tracking: bool
    enable_unsubscribe: bool
    ramp_up_enabled: bool
    ramp_up_increment: int | None
    ramp_up_max_limit: int | None
    reply_to: str | None
    postal_address: str | None
    lead_mapping: dict[str, str] | None
    variants: list[VariantTold]
    sequences: list[SequenceTold]
    inboxes: list[InboxTold]
    lead_batches: list[BatchTold] = Field(description="The newest 100 lead files.")
    created_by: str = Field(description="Who made it: a key, or a user of the command line.")
    team_id: str = Field(description="The workspace.")
    updated_at: Instant
    completion_rate: float = Field(description="Leads that were written to, in percent.")
    success_rate: float = Field(description="Leads that were reached, in percent.")
    open_to_reply_rate: float = Field(description="Replies over opens, in percent.")
