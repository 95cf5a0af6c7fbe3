"""Every command in every status, sent to two kernels and to the model: what chance may pass over in `test_stateful`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from campaign_core import ContentType
from tests.properties.test_stateful import LEADS_CSV, Commands


def _split(*shares: tuple[str, int]) -> dict[str, Any]:
    return {
        "variants": tuple(
            {"variant_name": name, "distribution_percent": share, "content_type": ContentType.HTML}
            for name, share in shares
        )
    }


#: Commands that mean something in some status or other: a kind, and its fields beside the campaign.
ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "rename": ("UpdateCampaign", {"name": "Another name"}),
    "change-nothing": ("UpdateCampaign", {"name": "Whole campaign"}),
    "launch": ("UpdateCampaign", {"launch": True}),
    "rename-and-launch": ("UpdateCampaign", {"name": "Another name", "launch": True}),
    "assign": ("UpdateCampaign", {"inbox_ids": (UUID(int=3),)}),
    "assign-what-does-not-exist": ("UpdateCampaign", {"inbox_ids": (UUID(int=2**64),)}),
    "end-before-start": ("UpdateCampaign", {"sending_window_end": 8}),
    "replace-or-merge": ("UpdateCampaign", _split(("B", 100))),
    "merge-that-balances": ("UpdateCampaign", _split(("A", 60), ("B", 40), ("C", 0))),
    "merge-of-too-many": ("UpdateCampaign", _split(("C", 40), ("D", 30), ("E", 20), ("F", 10))),
    "upload": ("UploadLeads", {"file": LEADS_CSV + b"cid@leads.org,\n"}),
    "activate": ("ActivateCampaign", {}),
    "pause": ("PauseCampaign", {}),
    "complete": ("CompleteCampaign", {}),
    "archive": ("ArchiveCampaign", {}),
    "delete": ("DeleteCampaign", {}),
}


@pytest.mark.parametrize("mended", [True, False], ids=["an-inbox-works", "no-inbox-works"])
@pytest.mark.parametrize("asked", ASKED)
def test_each_command_does_in_each_status_what_the_model_does(asked: str, mended: bool) -> None:
    """Each command is sent twice, so that it also meets what it has made itself."""
    machine = Commands()
    try:
        machine.begin_with_a_campaign_in_each_status(inboxes=(0, 1), mended=mended)
        kind, fields = ASKED[asked]
        for identity in machine.campaigns * 2:
            machine.ask(kind, {"campaign_id": identity, **fields})
        machine.both_stores_show_the_same()
        machine.campaigns_are_as_the_model_has_them()
        machine.nothing_of_a_deleted_campaign_is_left()
    finally:
        machine.teardown()
