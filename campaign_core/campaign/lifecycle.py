"""The lifecycle of a campaign: the whole table, and nothing decided anywhere else.

DRAFT      being set up. The only status in which everything may be replaced.
ACTIVE     running. Nothing may be edited but leads; pause first.
PAUSED     stopped for now, everything kept. Edits merge instead of replacing.
COMPLETED  every lead has reached an end. Nothing leads back: a completed campaign sends no more.
FAILED     the launch found a fault. Nothing was ever sent, so any accepted edit makes it a DRAFT again.
ARCHIVED   view-only; its inboxes are free for others. Only deletion is left.
DELETED    leads, sequences, content and analytics are erased for good; the campaign is unknown from then on.

There is no way from ACTIVE to DELETED or ARCHIVED: a running campaign is paused first, so that a mail in flight is never
orphaned. There is no way from COMPLETED to DELETED: archive it first. Source: DESIGN section 3, reference 20.0.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from campaign_core.lifecycle import Lifecycle, moves


class Status(StrEnum):
    """Where a campaign is in its life."""

    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    ARCHIVED = "ARCHIVED"
    DELETED = "DELETED"


#: Where each event leaves the campaign, by its stored name. Folding uses this alone and never asks the machine.
LANDING: Final = {
    "campaign.created": Status.DRAFT,
    "campaign.launched": Status.ACTIVE,
    "campaign.failed": Status.FAILED,
    "campaign.revised": Status.DRAFT,
    "campaign.paused": Status.PAUSED,
    "campaign.resumed": Status.ACTIVE,
    "campaign.completed": Status.COMPLETED,
    "campaign.archived": Status.ARCHIVED,
    "campaign.deleted": Status.DELETED,
}

_DRAFT, _ACTIVE, _PAUSED = Status.DRAFT, Status.ACTIVE, Status.PAUSED
_COMPLETED, _FAILED, _ARCHIVED = Status.COMPLETED, Status.FAILED, Status.ARCHIVED

TABLE: Final = (
    *moves("launch", _DRAFT, _FAILED, to=_ACTIVE),
    *moves("fail", _DRAFT, _FAILED, to=_FAILED),
    *moves("revise", _FAILED, to=_DRAFT),
    *moves("pause", _ACTIVE, to=_PAUSED),
    *moves("resume", _PAUSED, to=_ACTIVE),
    *moves("complete", _ACTIVE, to=_COMPLETED),
    *moves("archive", _PAUSED, _COMPLETED, to=_ARCHIVED),
    *moves("delete", _DRAFT, _PAUSED, _ARCHIVED, to=Status.DELETED),
    # Rights that move nothing.
    *moves("pause", _PAUSED),
    *moves("resume", _ACTIVE),
    *moves("archive", _ARCHIVED),
    *moves("update", _DRAFT, _PAUSED, _FAILED),
    *moves("configure", _DRAFT, _PAUSED),
    *moves("replace_sequences", _DRAFT),
    *moves("edit_sequences", _PAUSED),
    *moves("add_leads", _DRAFT, _ACTIVE, _PAUSED, _FAILED),
    *moves("revise_lead", _DRAFT, _ACTIVE, _PAUSED, _FAILED),
    *moves("remove_leads", _DRAFT, _ACTIVE, _PAUSED, _COMPLETED, _FAILED),
)

CAMPAIGN: Final = Lifecycle.of(
    "campaign",
    list(Status),
    TABLE,
    {
        "launch": "be launched",
        "fail": "fail its launch",
        "revise": "be revised",
        "pause": "be paused",
        "resume": "be activated",
        "complete": "be completed",
        "archive": "be archived",
        "delete": "be deleted",
        "update": "be updated",
        "configure": "be configured",
        "replace_sequences": "have its follow-ups replaced",
        "edit_sequences": "have single follow-ups edited",
        "add_leads": "take more leads",
        "revise_lead": "have its leads revised",
        "remove_leads": "have leads removed",
    },
)
