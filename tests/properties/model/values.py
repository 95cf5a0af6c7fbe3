"""What the model holds and answers: plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID


class Refused(Exception):
    """The command is turned down, by the error class of that name (or one of two) with these attributes."""

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
    #: Codes, in order.
    warnings: tuple[str, ...] = ()
    #: Codes and counts, in order.
    faults: tuple[tuple[str, int], ...] = ()
    #: Whether the mails were looked at for it.
    looked: bool = False
    #: Of an upload: rows, imported, updated, duplicates, and skipped by reason.
    counts: tuple[int, int, int, int, dict[str, int]] | None = None
    #: Of an upload whose reading is known: encoding and delimiter.
    read_as: tuple[str, str] | None = None
    removed: int | None = None
    kept: int | None = None
    unknown: int | None = None
    #: Whether it names the lead it added.
    names_a_lead: bool = False


@dataclass
class FollowUp:
    """A follow-up; its place in the list is its number less 2."""

    #: None until the kernel has given one.
    sequence_id: UUID | None
    trigger_type: str
    wait_days: int
    enable_unsubscribe: bool | None
    #: By name, in order.
    variants: dict[str, dict[str, Any]]

    @property
    def skeleton(self) -> tuple[Any, ...]:
        """Everything but the texts."""
        shares = [(name, *shares_of(each)) for name, each in self.variants.items()]
        return (self.sequence_id, self.trigger_type, self.wait_days, self.enable_unsubscribe, shares)


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
    follow_ups: list[FollowUp] = field(default_factory=list)
    lead_mapping: dict[str, str] | None = None
    #: Number to the values of the lead.
    leads: dict[int, dict[str, str]] = field(default_factory=dict)
    #: How many leads it ever had.
    leads_added: int = 0
    #: Public ids of the leads it ever had, as the kernel gave them, to numbers.
    lead_ids: dict[UUID, int] = field(default_factory=dict)

    def number_of(self, address: str) -> int | None:
        """The lead with an address, whichever way it is written."""
        for number, values in self.leads.items():
            if values["email"].lower() == address.lower():
                return number
        return None


@dataclass
class Inbox:
    address: str
    status: str = "PENDING"
    version: int = 1


@dataclass
class Witness:
    """What the kernel made of a file that the model cannot read."""

    rows: int
    imported: int
    updated: int
    duplicates: int
    skipped: dict[str, int]
    #: Number to values of every lead of the campaign afterwards.
    leads: dict[int, dict[str, str]]


def shares_of(variant: dict[str, Any]) -> tuple[Any, ...]:
    """What of a variant is no text."""
    return (variant["distribution_percent"], variant["content_type"])
