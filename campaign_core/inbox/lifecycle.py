"""The lifecycle of an inbox.

PENDING   registered, not yet known to work.
ACTIVE    usable.
PAUSED    held back for now; resumed without a new verification.
DISABLED  unusable until verified again.
REMOVED   gone; its address may be registered anew.

Source: DESIGN section 3, reference section 12.2.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from campaign_core.lifecycle import Lifecycle, moves


class InboxStatus(StrEnum):
    """Where an inbox is in its life."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    DISABLED = "DISABLED"
    REMOVED = "REMOVED"


#: Where each event leaves the inbox, by its stored name.
LANDING: Final = {
    "inbox.registered": InboxStatus.PENDING,
    "inbox.verified": InboxStatus.ACTIVE,
    "inbox.paused": InboxStatus.PAUSED,
    "inbox.resumed": InboxStatus.ACTIVE,
    "inbox.disabled": InboxStatus.DISABLED,
    "inbox.removed": InboxStatus.REMOVED,
}

_PENDING, _ACTIVE = InboxStatus.PENDING, InboxStatus.ACTIVE
_PAUSED, _DISABLED = InboxStatus.PAUSED, InboxStatus.DISABLED

TABLE: Final = (
    *moves("verify", _PENDING, _DISABLED, to=_ACTIVE),
    *moves("pause", _ACTIVE, to=_PAUSED),
    *moves("resume", _PAUSED, to=_ACTIVE),
    *moves("disable", _PENDING, _ACTIVE, _PAUSED, to=_DISABLED),
    *moves("remove", _PENDING, _ACTIVE, _PAUSED, _DISABLED, to=InboxStatus.REMOVED),
)

INBOX: Final = Lifecycle.of(
    "inbox",
    list(InboxStatus),
    TABLE,
    {
        "verify": "be verified",
        "pause": "be paused",
        "resume": "be resumed",
        "disable": "be disabled",
        "remove": "be removed",
    },
)


def can_send(status: InboxStatus) -> bool:
    """Only an ACTIVE inbox sends."""
    return status is InboxStatus.ACTIVE


def keeps_leads(status: InboxStatus) -> bool:
    """The leads an inbox wrote to wait for it, unless it is out of use: then another one goes on."""
    return status not in (InboxStatus.DISABLED, InboxStatus.REMOVED)
