"""What do simulated workers send? Small campaigns where rules collide.

Few leads, so that a simulation is short; limits of one or two mails a day, inboxes shared by campaigns, windows across clock
changes, so that every rule has something to forbid.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from campaign_core.campaign.commands import CreateCampaign, PauseCampaign, RemoveLeads, UpdateCampaign
from campaign_core.campaign.lifecycle import Status
from campaign_core.campaign.sequences import EditAction, FollowUp, SequenceEdit, TriggerType
from campaign_core.campaign.variants import FollowUpVariant, Variant
from campaign_core.inbox.commands import RegisterInbox, VerifyInbox
from campaign_core.kernel.kernel import Kernel
from campaign_core.kernel.uploads import AddLead, UploadLeads
from campaign_core.lead.commands import ReviseLead
from campaign_core.lead.identity import lead_id_of
from campaign_core.testing.actors import Dice
from campaign_core.views.campaigns import CAMPAIGNS, CampaignRow

#: Where campaigns begin, each shortly before a clock is changed: an instant, and the zones that change theirs.
_BEGINS: Final = (
    (datetime(2030, 3, 29, 20, tzinfo=UTC), ("Europe/Berlin", "UTC")),
    (datetime(2030, 11, 2, 3, tzinfo=UTC), ("America/New_York", "America/Havana")),
    (datetime(2030, 9, 6, 12, tzinfo=UTC), ("America/Santiago", "Asia/Kathmandu")),
    (datetime(2030, 4, 5, 12, tzinfo=UTC), ("Australia/Lord_Howe", "Pacific/Chatham")),
)
#: First and last hour and minute of a window.
_WINDOWS: Final = ((0, 0, 24, 0), (1, 30, 3, 30), (2, 0, 3, 0), (9, 0, 17, 0), (23, 0, 24, 0))
_DAYS: Final = ((1, 2, 3, 4, 5, 6, 7), (1, 2, 3, 4, 5), (6, 7))
_MAILS: Final = (
    Variant(variant_name="A", distribution_percent=50, subject_template="Hello", email_content="Good morning to you."),
    Variant(
        variant_name="B", distribution_percent=50, subject_template="Hi", email_content="{{Hi|Hey}} {{first_name}}"
    ),
)


def begin_of(dice: Dice) -> datetime:
    """The instant at which a simulation begins."""
    return dice.pick(_BEGINS)[0]


def make_campaigns(kernel: Kernel, dice: Dice, begin: datetime) -> None:
    """Makes one to three inboxes and one or two ACTIVE campaigns that send from them; `begin` is one of `begin_of`."""
    inbox_ids = []
    for number in range(1 + dice.below(3)):
        limit = dice.pick((1, 2, 100))
        inbox_ids.append(kernel.handle(RegisterInbox(f"sender@firm{number}.org", daily_limit=limit)).id)
        kernel.handle(VerifyInbox(inbox_ids[-1]))
    for number in range(1 + dice.below(2)):
        campaign_id = kernel.handle(CreateCampaign(f"Campaign {number}", **_settings(dice, begin))).id
        first = dice.below(2)  # campaigns may share leads
        rows = "".join(f"lead{first + each}@leads.org,Name\n" for each in range(1 + dice.below(4)))
        kernel.handle(UploadLeads(campaign_id, f"email,first_name\n{rows}".encode()))
        used = tuple(inbox_ids[dice.below(len(inbox_ids)) :])
        change = UpdateCampaign(campaign_id, inbox_ids=used, variants=_MAILS, sequences=_steps(dice), launch=True)
        told = kernel.handle(change)
        assert told.status == Status.ACTIVE.value, told


def _settings(dice: Dice, begin: datetime) -> dict[str, Any]:
    zones = next(zones for each, zones in _BEGINS if each == begin)
    start, start_minute, end, end_minute = dice.pick(_WINDOWS)
    ramps = dice.chance(25)
    return {
        "seed": dice.below(1000),
        "timezone": dice.pick(zones),
        "sending_days": dice.pick(_DAYS),
        "sending_window_start": start,
        "sending_window_start_minute": start_minute,
        "sending_window_end": end,
        "sending_window_end_minute": end_minute,
        "daily_limit_per_inbox": dice.pick((None, 1, 2)),
        "enable_tracking": dice.chance(50),
        "ramp_up_enabled": ramps,
        "ramp_up_increment": 1 if ramps else None,
        "ramp_up_max_limit": 2 if ramps else None,
    }


def _steps(dice: Dice) -> tuple[FollowUp, ...]:
    mails = (FollowUpVariant(email_content="Once more, with kind regards."),)
    return tuple(
        FollowUp(
            sequence_id=UUID(int=dice.below(2**63)),
            step_number=number,
            trigger_type=dice.pick(list(TriggerType)),
            wait_days=1 + dice.below(2),
            variants=mails,
        )
        for number in range(2, 2 + dice.below(3))
    )


def edit_campaign(kernel: Kernel, dice: Dice, campaign_id: UUID) -> None:
    """Somebody edits a campaign under way: its leads, their values, and while it is PAUSED its follow-ups.

    Raises:
        CommandRejected: it is not legal just now.
    """
    number = dice.below(1000)
    if dice.chance(40):
        kernel.handle(AddLead(campaign_id, f"more{number}@leads.org"))
    elif dice.chance(30):
        kernel.handle(ReviseLead(campaign_id, lead_id_of(campaign_id, 1), first_name=f"Name {number}"))
    elif dice.chance(20):
        # Never the first: a campaign without leads cannot be resumed.
        kernel.handle(RemoveLeads(campaign_id, (lead_id_of(campaign_id, 2 + dice.below(2)),)))
    else:
        kernel.handle(PauseCampaign(campaign_id))
        row = kernel.view(CAMPAIGNS).get(campaign_id)
        assert row is not None
        kernel.handle(UpdateCampaign(campaign_id, sequence_edits=(_sequence_edit(row, dice),)))
        kernel.handle(UpdateCampaign(campaign_id, launch=True))


def _sequence_edit(row: CampaignRow, dice: Dice) -> SequenceEdit:
    """Takes a follow-up out, or puts a new one in."""
    if row.steps and dice.chance(60):
        return SequenceEdit(action=EditAction.DELETE, sequence_id=dice.pick(row.steps).sequence_id)
    return SequenceEdit(
        action=EditAction.ADD,
        sequence_id=UUID(int=dice.below(2**63)),
        step_number=2 + dice.below(1 + len(row.steps)),
        trigger_type=dice.pick(list(TriggerType)),
        wait_days=1,
        variants=(FollowUpVariant(email_content="One more, with kind regards."),),
    )
