"""The lifecycle of an inbox.

PENDING   registered, not yet known to work.
ACTIVE    usable.
DISABLED  unusable until verified again.

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
    DISABLED = "DISABLED"


#: Where each event leaves the inbox, by its stored name.
LANDING: Final = {
    "inbox.registered": InboxStatus.PENDING,
    "inbox.verified": InboxStatus.ACTIVE,
    "inbox.disabled": InboxStatus.DISABLED,
}

_PENDING, _ACTIVE, _DISABLED = InboxStatus.PENDING, InboxStatus.ACTIVE, InboxStatus.DISABLED

TABLE: Final = (
    *moves("verify", _PENDING, _DISABLED, to=_ACTIVE),
    *moves("disable", _PENDING, _ACTIVE, to=_DISABLED),
)

INBOX: Final = Lifecycle.of("inbox", list(InboxStatus), TABLE, {"verify": "be verified", "disable": "be disabled"})


def can_send(status: InboxStatus) -> bool:
    """Only an ACTIVE inbox sends."""
    return status is InboxStatus.ACTIVE
