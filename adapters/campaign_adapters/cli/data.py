"""How does each answer look as data, under `--json`?

Names are the kernel's own; an outcome's `id` is called `campaign_id`, `inbox_id` or `lead_id` after what it is about.
Findings carry their sentence beside their code. Times are ISO 8601 in UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from campaign_core import CampaignRow, Finding, InboxRow, LeadRow, Outcome, Readiness, Recorded
from campaign_core.audit.verify import Verification
from campaign_core.conversion import unstructure
from campaign_core.recorded import Row


def outcome_data(outcome: Outcome, noun: str) -> dict[str, Any]:
    """An outcome about a `campaign`, an `inbox` or a `lead`."""
    plain = unstructure(outcome)
    identity = {f"{noun}_id": plain.pop("id")}
    plain.pop(f"{noun}_id", None)
    return {**identity, **plain, "warnings": _findings(outcome.warnings), "faults": _findings(outcome.faults)}


def campaign_data(row: CampaignRow) -> dict[str, Any]:
    """A row of the campaigns view."""
    return _without(unstructure(row), "workspace", "name_folded")


def readiness_data(readiness: Readiness, faults: Sequence[Finding]) -> dict[str, Any]:
    """What a campaign still needs, and why its last launch failed."""
    return {
        "is_launch_ready": readiness.is_launch_ready,
        "missing_requirements": list(readiness.missing_requirements),
        "warnings": _findings(readiness.warnings),
        "faults": _findings(faults),
    }


def inbox_data(row: InboxRow) -> dict[str, Any]:
    """A row of the inboxes view."""
    return _without(unstructure(row), "workspace", "address")


def lead_data(row: LeadRow, values: Row | None) -> dict[str, Any]:
    """A row of the leads view with the lead's values; null where they were erased."""
    plain = _without(unstructure(row), "workspace", "address", "position", "place")
    return {"lead_id": str(row.lead_id), **plain, "values": None if values is None else dict(values)}


def pagination_data(page: int, limit: int, total: int) -> dict[str, Any]:
    """Which page of how many, counted from 1."""
    pages = -(-total // limit)
    return {
        "page": page,
        "limit": limit,
        "total": total,
        "pages": pages,
        "has_next": page < pages,
        "has_prev": page > 1,
    }


def event_data(recorded: Recorded) -> dict[str, Any]:
    """An event with its envelope; its payload is null once erased."""
    metadata = recorded.metadata
    return {
        "version": recorded.version,
        "position": recorded.position,
        "name": recorded.name,
        "schema": recorded.schema,
        "recorded_at": unstructure(metadata.recorded_at),
        "occurred_at": unstructure(recorded.occurred_at),
        "actor": metadata.actor,
        "command": metadata.command,
        "causation": metadata.causation,
        "correlation": metadata.correlation,
        "erased": recorded.event is None,
        "payload": unstructure(recorded.event),
        "digest": recorded.digest.hex(),
        "content_root": None if recorded.content_root is None else recorded.content_root.hex(),
        "link": recorded.link.hex(),
    }


def verification_data(verification: Verification) -> dict[str, Any]:
    """What a verification read and found."""
    return {"holds": verification.holds, **unstructure(verification)}


def _findings(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    return [{**unstructure(each), "sentence": each.sentence} for each in findings]


def _without(plain: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in plain.items() if name not in names}
