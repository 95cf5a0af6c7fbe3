"""Every command in every status, sent to two kernels and to the model: what chance may pass over in `test_stateful`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.properties.files import written
from tests.properties.mails import completed
from tests.properties.test_stateful import WHOLE_SPLITS, Commands

HERE = "default"
#: The way into each status of a campaign that has everything.
WAYS: dict[str, tuple[str, ...]] = {
    "DRAFT": (),
    "ACTIVE": ("ActivateCampaign",),
    "PAUSED": ("ActivateCampaign", "PauseCampaign"),
    "COMPLETED": ("ActivateCampaign", "RemoveLeads", "CompleteCampaign"),
    "ARCHIVED": ("ActivateCampaign", "PauseCampaign", "ArchiveCampaign"),
    "DELETED": ("DeleteCampaign",),
    "FAILED": ("DisableInbox", "ActivateCampaign"),
}


def _split(*shares: tuple[str, int]) -> dict[str, Any]:
    return {"variants": completed({"variant_name": name, "distribution_percent": share} for name, share in shares)}


#: Commands that mean something in some status or other: a kind, and its fields beside the campaign.
ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "rename": ("UpdateCampaign", {"name": "Another name"}),
    "change-nothing": ("UpdateCampaign", {"name": "Whole campaign"}),
    "launch": ("UpdateCampaign", {"launch": True}),
    "rename-and-launch": ("UpdateCampaign", {"name": "Another name", "launch": True}),
    "assign-what-does-not-exist": ("UpdateCampaign", {"inbox_ids": (UUID(int=2**64),)}),
    "end-before-start": ("UpdateCampaign", {"sending_window_end": 8}),
    "replace-or-merge": ("UpdateCampaign", _split(("B", 100))),
    "merge-that-balances": ("UpdateCampaign", _split(("A", 60), ("B", 40), ("C", 0))),
    "merge-of-too-many": ("UpdateCampaign", _split(("C", 40), ("D", 30), ("E", 20), ("F", 10))),
    "upload": ("UploadLeads", {"file": written(["email"], [["ann@leads.org"], ["cid@leads.org"]])}),
    "activate": ("ActivateCampaign", {}),
    "pause": ("PauseCampaign", {}),
    "complete": ("CompleteCampaign", {}),
    "archive": ("ArchiveCampaign", {}),
    "delete": ("DeleteCampaign", {}),
}


def _begin(machine: Commands, status: str, inbox_works: bool) -> UUID:
    """A campaign in that status, its one inbox verified or disabled."""
    machine.ask(HERE, "RegisterInbox", {"email_address": "me@firm.org"})
    inbox = {"inbox_id": machine.inboxes[0][1]}
    machine.ask(HERE, "VerifyInbox", inbox)
    machine.create_a_whole_campaign(where=HERE, launch=False, inbox=0, split=WHOLE_SPLITS[0])
    (_, identity), campaign = machine.campaigns[0], machine.models[HERE].campaigns[machine.campaigns[0][1]]
    for kind in WAYS[status]:
        fields: dict[str, Any] = inbox if kind == "DisableInbox" else {"campaign_id": identity}
        if kind == "RemoveLeads":
            fields = {**fields, "lead_ids": tuple(campaign.lead_ids)}
        machine.ask(HERE, kind, fields)
    now = machine.models[HERE].campaigns.get(identity)
    assert (now.status if now else "DELETED") == status
    if inbox_works != (status != "FAILED"):
        machine.ask(HERE, "VerifyInbox" if inbox_works else "DisableInbox", inbox)
    return identity


@pytest.mark.parametrize("inbox_works", [True, False], ids=["an-inbox-works", "no-inbox-works"])
@pytest.mark.parametrize("status", WAYS)
def test_each_command_does_in_each_status_what_the_model_does(status: str, inbox_works: bool) -> None:
    """Each command is sent twice, a second apart, so that it also meets what it has made itself."""
    for kind, fields in ASKED.values():
        machine = Commands()
        try:
            identity = _begin(machine, status, inbox_works)
            for _ in range(2):
                machine.at += timedelta(seconds=1)
                machine.ask(HERE, kind, {"campaign_id": identity, **fields})
                machine.everything_is_as_the_models_have_it()
        finally:
            machine.teardown()
