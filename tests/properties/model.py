"""What the kernel should do, written a second time: plain dicts, straight from the description of the product.

It knows campaigns, inboxes, leads and remembered commands, and imports nothing of the kernel. Source: reference sections
4, 5 and 20.0 to 20.2, DESIGN section 3, docs/decisions/0007-where-we-fill-silence.md.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

DEFAULTS: dict[str, Any] = {
    "timezone": "America/New_York",
    "sending_days": (1, 2, 3, 4, 5),
    "sending_window_start": 9,
    "sending_window_start_minute": 0,
    "sending_window_end": 17,
    "sending_window_end_minute": 0,
    "daily_limit_per_inbox": None,
    "start_date": None,
    "enable_tracking": False,
    "enable_unsubscribe": True,
    "enable_click_tracking": False,
    "ramp_up_enabled": False,
    "ramp_up_increment": None,
    "ramp_up_max_limit": None,
}
#: Lowest and highest of each number.
RANGES = {
    "sending_window_start": (0, 23),
    "sending_window_start_minute": (0, 59),
    "sending_window_end": (1, 24),
    "sending_window_end_minute": (0, 59),
    "daily_limit_per_inbox": (1, 100),
    "ramp_up_increment": (1, 100),
    "ramp_up_max_limit": (1, 1000),
}
ADDRESS = re.compile(r"[a-z0-9.]+@[a-z]+\.[a-z]+", re.IGNORECASE)


class Refused(Exception):
    """The command is turned down, by the error class of that name with these attributes."""

    def __init__(self, error: str, **attributes: Any) -> None:
        super().__init__(error, attributes)
        self.error, self.attributes = error, attributes


@dataclass
class Answer:
    """What an accepted command answers."""

    status: str
    events: tuple[str, ...]
    version: int
    #: None where the answer is not about parts.
    missing: tuple[str, ...] | None = None
    faults: bool = False
    #: Of an upload: rows, imported, duplicates, skipped.
    counts: tuple[int, int, int, int] | None = None


@dataclass
class Campaign:
    settings: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    launched_at: datetime | None = None
    status: str = "DRAFT"
    version: int = 0
    inbox_ids: tuple[UUID, ...] = ()
    #: By name, in order.
    variants: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: Address as compared to the values of the lead, in upload order.
    leads: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass
class Inbox:
    address: str
    status: str = "PENDING"
    version: int = 1


class Model:
    """Everything one workspace holds."""

    def __init__(self) -> None:
        self.campaigns: dict[UUID, Campaign] = {}
        #: Deleted campaigns: how many events their streams have.
        self.deleted: dict[UUID, int] = {}
        self.inboxes: dict[UUID, Inbox] = {}
        #: Command id to what was asked and what was answered.
        self.remembered: dict[str, tuple[Any, Answer]] = {}

    def handle(
        self, kind: str, asked: dict[str, Any], new_id: UUID, at: datetime, command_id: str | None, expected: int | None
    ) -> Answer:
        """What the command answers; Refused if it is turned down, and then nothing has changed."""
        self._check_shape(kind, asked)
        rows = _read(asked["file"]) if kind == "UploadLeads" else []
        if command_id in self.remembered:
            first, answer = self.remembered[command_id]
            if first != (kind, asked):
                raise Refused("CommandIdReused", command_id=command_id)
            return answer
        identity = asked.get("campaign_id") or asked.get("inbox_id") or new_id
        actual = self.version_of(kind, identity)
        if expected is not None and expected != actual:
            raise Refused("WrongExpectedVersion", expected=expected, actual=actual)
        answer = self._carry_out(kind, asked, rows, identity, at)
        if command_id is not None:
            self.remembered[command_id] = ((kind, asked), answer)
        return answer

    def version_of(self, kind: str, identity: UUID) -> int:
        """How many events there are of the campaign or inbox that a command of this kind is about."""
        if kind.endswith("Inbox"):
            return self.inboxes[identity].version if identity in self.inboxes else 0
        return self.campaigns[identity].version if identity in self.campaigns else self.deleted.get(identity, 0)

    def missing(self, campaign: Campaign) -> tuple[str, ...]:
        """Which parts it still needs. No lead has ever been contacted here, so any lead will do for a launch too."""
        parts = {"leads": campaign.leads, "inboxes": campaign.inbox_ids, "email_content": campaign.variants}
        return tuple(name for name, there in parts.items() if not there)

    def _carry_out(self, kind: str, asked: dict[str, Any], rows: list[Any], identity: UUID, at: datetime) -> Answer:
        if kind in ("RegisterInbox", "VerifyInbox", "DisableInbox"):
            return self._inbox(kind, asked, identity)
        if kind == "CreateCampaign":
            return self._create(asked, identity, at)
        if identity not in self.campaigns:
            raise Refused("UnknownCampaign", given=identity)
        campaign = self.campaigns[identity]
        if kind == "DeleteCampaign":
            return self._delete(identity, campaign)
        counts, faults, events = None, False, ()
        if kind == "UpdateCampaign":
            events, faults = self._update(campaign, asked, at)
        elif kind == "UploadLeads":
            events, counts = self._upload(campaign, rows)
        elif kind == "ActivateCampaign":
            events, faults = self._activate(campaign, at)
        else:
            events = self._move(kind, campaign)
        campaign.version += len(events)
        campaign.updated_at = at if events else campaign.updated_at
        missing = None if kind == "UploadLeads" else self.missing(campaign)
        return Answer(campaign.status, events, campaign.version, missing, faults, counts)

    def _inbox(self, kind: str, asked: dict[str, Any], identity: UUID) -> Answer:
        if kind == "RegisterInbox":
            address = asked["email_address"].strip().lower()
            if identity in self.inboxes or address in [each.address for each in self.inboxes.values()]:
                raise Refused("AlreadyExists", noun="inbox")
            self.inboxes[identity] = Inbox(address)
            return Answer("PENDING", ("inbox.registered",), 1)
        if identity not in self.inboxes:
            raise Refused("UnknownInbox", given=identity)
        inbox = self.inboxes[identity]
        verifies = kind == "VerifyInbox"
        if inbox.status not in (("PENDING", "DISABLED") if verifies else ("PENDING", "ACTIVE")):
            raise Refused("IllegalTransition", subject="inbox", status=inbox.status)
        inbox.status = "ACTIVE" if verifies else "DISABLED"
        inbox.version += 1
        return Answer(inbox.status, ("inbox.verified" if verifies else "inbox.disabled",), inbox.version)

    def _create(self, asked: dict[str, Any], identity: UUID, at: datetime) -> Answer:
        if self.version_of("CreateCampaign", identity):
            raise Refused("AlreadyExists", noun="campaign")
        settings = _resolved({**DEFAULTS, **{name: asked[name] for name in asked if name != "campaign_id"}})
        _starts_in_time(settings, at)
        self.campaigns[identity] = Campaign(settings, at, at, version=1)
        return Answer("DRAFT", ("campaign.created",), 1, ("leads", "inboxes", "email_content"))

    def _delete(self, identity: UUID, campaign: Campaign) -> Answer:
        _legal(campaign, "DRAFT", "PAUSED", "ARCHIVED")
        del self.campaigns[identity]
        self.deleted[identity] = campaign.version + 1
        return Answer("DELETED", ("campaign.deleted",), campaign.version + 1)

    def _move(self, kind: str, campaign: Campaign) -> tuple[str, ...]:
        if kind == "CompleteCampaign":
            _legal(campaign, "ACTIVE")
            raise Refused("LeadsStillOpen")
        if kind == "PauseCampaign":
            _legal(campaign, "ACTIVE", "PAUSED")
            status, event = "PAUSED", "campaign.paused"
        else:
            _legal(campaign, "PAUSED", "COMPLETED", "ARCHIVED")
            status, event = "ARCHIVED", "campaign.archived"
        before, campaign.status = campaign.status, status
        return () if before == status else (event,)

    def _activate(self, campaign: Campaign, at: datetime) -> tuple[tuple[str, ...], bool]:
        if campaign.status == "ACTIVE":
            return (), False
        _legal(campaign, "DRAFT", "PAUSED", "FAILED")
        missing = self.missing(campaign)
        if missing:
            raise Refused("NotLaunchReady", missing=missing)
        if campaign.status == "PAUSED" and self._at_fault(campaign):
            raise Refused("PreflightFailed")
        return self._start(campaign, at)

    def _start(self, campaign: Campaign, at: datetime) -> tuple[tuple[str, ...], bool]:
        """From a campaign that has every part: events, and whether there are faults."""
        faults = self._at_fault(campaign)
        if campaign.status == "PAUSED":
            campaign.status = "PAUSED" if faults else "ACTIVE"
            return (() if faults else ("campaign.resumed",)), faults
        campaign.status = "FAILED" if faults else "ACTIVE"
        campaign.launched_at = campaign.launched_at if faults else at
        return ("campaign.failed" if faults else "campaign.launched",), faults

    def _at_fault(self, campaign: Campaign) -> bool:
        return not any(self.inboxes[each].status == "ACTIVE" for each in campaign.inbox_ids)

    def _update(self, campaign: Campaign, asked: dict[str, Any], at: datetime) -> tuple[tuple[str, ...], bool]:
        """Saved first, then checked; where one part is refused, all of it is."""
        _legal(campaign, "DRAFT", "PAUSED", "FAILED")
        settings = _resolved(
            {**campaign.settings, **{name: asked[name] for name in asked if name in campaign.settings}}
        )
        inbox_ids = self._assigned(campaign, asked, settings, at)
        variants = campaign.variants if asked.get("variants") is None else _variants(campaign, asked["variants"])
        events = [
            name
            for name, changed in (
                ("campaign.settings_revised", settings != campaign.settings),
                ("campaign.inboxes_assigned", inbox_ids != campaign.inbox_ids),
                ("campaign.variants_set", asked.get("variants") is not None),
            )
            if changed
        ]
        if events and campaign.status == "FAILED":
            campaign.status = "DRAFT"
            events.insert(0, "campaign.revised")
        campaign.settings, campaign.inbox_ids, campaign.variants = settings, inbox_ids, variants
        if not asked.get("launch") or self.missing(campaign):
            return tuple(events), False
        started, faults = self._start(campaign, at)
        return (*events, *started), faults

    def _assigned(
        self, campaign: Campaign, asked: dict[str, Any], settings: dict[str, Any], at: datetime
    ) -> tuple[UUID, ...]:
        """The inboxes after an update whose settings are these."""
        if settings != campaign.settings:
            _check_window(settings)
        if settings["start_date"] != campaign.settings["start_date"]:
            _starts_in_time(settings, at)
        if asked.get("inbox_ids") is None:
            return campaign.inbox_ids
        inbox_ids = tuple(dict.fromkeys(asked["inbox_ids"]))
        usable = [each for each, inbox in self.inboxes.items() if inbox.status == "ACTIVE"]
        wrong = tuple(each for each in inbox_ids if each not in usable)
        if wrong and inbox_ids != campaign.inbox_ids:
            raise Refused("UnusableInboxes", inbox_ids=wrong)
        return inbox_ids

    def _upload(self, campaign: Campaign, rows: list[Any]) -> tuple[tuple[str, ...], tuple[int, int, int, int]]:
        _legal(campaign, "DRAFT", "ACTIVE", "PAUSED", "FAILED")
        imported = duplicates = skipped = 0
        for values in rows:
            if not ADDRESS.fullmatch(values.get("email", "")):
                skipped += 1
            elif values["email"].lower() in campaign.leads:
                duplicates += 1
            else:
                name, _, domain = values["email"].rpartition("@")
                campaign.leads[values["email"].lower()] = {**values, "email": f"{name}@{domain.lower()}"}
                imported += 1
        return ("campaign.leads_uploaded",), (len(rows), imported, duplicates, skipped)

    def _check_shape(self, kind: str, asked: dict[str, Any]) -> None:
        """What is wrong whatever the campaign is like."""
        wrong = "name" in asked and not 8 <= len(asked["name"]) <= 255
        for name, (lowest, highest) in RANGES.items():
            wrong = wrong or (asked.get(name) is not None and not lowest <= asked[name] <= highest)
        days = asked.get("sending_days", (1,))
        wrong = wrong or not days or any(not 1 <= day <= 7 for day in days)
        if kind == "UpdateCampaign":
            wrong = wrong or asked.get("inbox_ids") == ()
            variants = asked.get("variants")
            if variants is not None:
                names = [each["variant_name"].upper() for each in variants]
                wrong = wrong or not 1 <= len(names) <= 4 or len(set(names)) < len(names)
                wrong = wrong or sum(each["distribution_percent"] for each in variants) > 100
        if kind == "RegisterInbox":
            wrong = wrong or not ADDRESS.fullmatch(asked["email_address"].strip())
        if wrong:
            raise Refused("InvalidMessage")
        if kind == "CreateCampaign":
            _check_window({**DEFAULTS, **asked})


def _legal(campaign: Campaign, *statuses: str) -> None:
    if campaign.status not in statuses:
        raise Refused("IllegalTransition", subject="campaign", status=campaign.status)


def _resolved(settings: dict[str, Any]) -> dict[str, Any]:
    """Days sorted and each once; a start date without an offset is read in the campaign's zone."""
    start = settings["start_date"]
    if start is not None and start.tzinfo is None:
        start = start.replace(tzinfo=ZoneInfo(settings["timezone"]))
    return {
        **settings,
        "sending_days": tuple(sorted(set(settings["sending_days"]))),
        "start_date": None if start is None else start.astimezone(UTC),
    }


def _check_window(settings: dict[str, Any]) -> None:
    start = (settings["sending_window_start"], settings["sending_window_start_minute"])
    end = (settings["sending_window_end"], settings["sending_window_end_minute"])
    if end <= start or end > (24, 0):
        raise Refused("InvalidMessage")


def _starts_in_time(settings: dict[str, Any], at: datetime) -> None:
    start = settings["start_date"]
    if start is not None and start > at.replace(year=at.year + 2):
        raise Refused("StartTooFarAhead")


def _variants(campaign: Campaign, given: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """A draft's are replaced, a paused campaign's merged by name."""
    saved = dict(campaign.variants) if campaign.status == "PAUSED" else {}
    saved |= {each["variant_name"].upper(): each for each in given}
    if len(saved) > 4:
        raise Refused("TooManyVariants", count=len(saved))
    total = sum(each["distribution_percent"] for each in saved.values())
    if total != 100:
        raise Refused("UnbalancedSplit", total=total)
    return saved


def _read(file: bytes) -> list[dict[str, str]]:
    """The rows of a lead file that are not wholly blank, blank cells left out."""
    header, *records = list(csv.reader(io.StringIO(file.decode(), newline=""))) or [[]]
    if "email" not in header:
        raise Refused("LeadFileRefused")
    rows = [{name: cell.strip() for name, cell in zip(header, each, strict=False) if cell.strip()} for each in records]
    return [row for row in rows if row]
