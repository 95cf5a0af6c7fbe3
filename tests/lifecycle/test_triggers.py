"""Every trigger in every status, asked of the machine, written out by hand. Source: DESIGN section 3, reference 20.0.

`test_matrix` asks the decisions; this file asks the machine itself, the triggers included that only the kernel pulls, so
that a row too many shows even where no command meets it.
"""

from __future__ import annotations

from typing import Any, Final

import pytest

from campaign_core import InboxStatus, Status
from campaign_core.campaign.lifecycle import CAMPAIGN
from campaign_core.inbox.lifecycle import INBOX
from campaign_core.lead.lifecycle import LEAD, Walk
from campaign_core.lifecycle import Lifecycle

_ = None
# fmt: off
#: The status afterwards; None where the machine has no row.
#: Columns: DRAFT, ACTIVE, PAUSED, COMPLETED, FAILED, ARCHIVED, DELETED.
CAMPAIGN_TRIGGERS: Final = {
    "launch":            ("ACTIVE", _, _, _, "ACTIVE", _, _),
    "fail":              ("FAILED", _, _, _, "FAILED", _, _),
    "revise":            (_, _, _, _, "DRAFT", _, _),
    "pause":             (_, "PAUSED", "PAUSED", _, _, _, _),
    "resume":            (_, "ACTIVE", "ACTIVE", _, _, _, _),
    "complete":          (_, "COMPLETED", _, _, _, _, _),
    "archive":           (_, _, "ARCHIVED", "ARCHIVED", _, "ARCHIVED", _),
    "delete":            ("DELETED", _, "DELETED", _, _, "DELETED", _),
    "update":            ("DRAFT", _, "PAUSED", _, "FAILED", _, _),
    "configure":         ("DRAFT", _, "PAUSED", _, _, _, _),
    "replace_sequences": ("DRAFT", _, _, _, _, _, _),
    "edit_sequences":    (_, _, "PAUSED", _, _, _, _),
    "add_leads":         ("DRAFT", "ACTIVE", "PAUSED", _, "FAILED", _, _),
    "revise_lead":       ("DRAFT", "ACTIVE", "PAUSED", _, "FAILED", _, _),
    "remove_leads":      ("DRAFT", "ACTIVE", "PAUSED", "COMPLETED", "FAILED", _, _),
}
#: Columns: PENDING, ACTIVE, PAUSED, DISABLED, REMOVED.
INBOX_TRIGGERS: Final = {
    "verify":  ("ACTIVE", _, _, "ACTIVE", _),
    "pause":   (_, "PAUSED", _, _, _),
    "resume":  (_, _, "ACTIVE", _, _),
    "disable": ("DISABLED", "DISABLED", "DISABLED", _, _),
    "remove":  ("REMOVED", "REMOVED", "REMOVED", "REMOVED", _),
}
#: Columns: WAITING, CLAIMED, UNKNOWN, ENDED.
LEAD_TRIGGERS: Final = {
    "claim":   ("CLAIMED", _, _, _),
    "release": (_, "WAITING", "WAITING", _),
    "accept":  (_, "WAITING", "WAITING", _),
    "defer":   (_, "WAITING", "WAITING", _),
    "reject":  (_, "ENDED", "ENDED", _),
    "lose":    (_, "UNKNOWN", _, _),
    "resolve": (_, _, "WAITING", _),
    "stop":    ("ENDED", _, _, _),
    "finish":  ("ENDED", _, _, _),
    "skip":    ("WAITING", _, _, _),
    "answer":  ("WAITING", "CLAIMED", "UNKNOWN", "ENDED"),
}
# fmt: on


def _cells() -> list[Any]:
    """Every cell as a parameter."""
    campaign = (
        CAMPAIGN,
        CAMPAIGN_TRIGGERS,
        ("DRAFT", "ACTIVE", "PAUSED", "COMPLETED", "FAILED", "ARCHIVED", "DELETED"),
    )
    inbox = (INBOX, INBOX_TRIGGERS, ("PENDING", "ACTIVE", "PAUSED", "DISABLED", "REMOVED"))
    lead = (LEAD, LEAD_TRIGGERS, ("WAITING", "CLAIMED", "UNKNOWN", "ENDED"))
    return [
        pytest.param(lifecycle, trigger, status, dest, id=f"{lifecycle.subject}: {trigger} in {status}")
        for lifecycle, triggers, statuses in (campaign, inbox, lead)
        for trigger, row in triggers.items()
        for status, dest in zip(statuses, row, strict=True)
    ]


@pytest.mark.parametrize(("lifecycle", "trigger", "status", "dest"), _cells())
def test_a_trigger_leads_where_the_table_says(
    lifecycle: Lifecycle, trigger: str, status: str, dest: str | None
) -> None:
    """The machine has a row exactly where the table has a status, and it leads there."""
    assert lifecycle.knows(trigger, status) is (dest is not None)
    if dest is not None:
        assert lifecycle.ask(trigger, status) == dest


def test_the_tables_hold_every_trigger_and_status() -> None:
    """No trigger or status of the machines is left out of the tables above."""
    assert set(CAMPAIGN_TRIGGERS) == set(CAMPAIGN.machine.events)
    assert set(INBOX_TRIGGERS) == set(INBOX.machine.events)
    assert set(LEAD_TRIGGERS) == set(LEAD.machine.events)
    assert {len(row) for row in CAMPAIGN_TRIGGERS.values()} == {len(Status)}
    assert {len(row) for row in INBOX_TRIGGERS.values()} == {len(InboxStatus)}
    assert {len(row) for row in LEAD_TRIGGERS.values()} == {len(Walk)}
