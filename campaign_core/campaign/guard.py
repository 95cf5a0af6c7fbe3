"""When a campaign is stopped for its own good: a bad list shows in what comes back. Source: DESIGN section 3."""

from __future__ import annotations

from typing import Final

from campaign_core.campaign.events import PauseReason

#: So many mails must have been accepted since the last launch or resume before a share says anything.
FEWEST_MAILS: Final = 50
#: Hard bounces and complaints, as shares of those mails, from which the campaign is paused.
MOST_BOUNCES: Final = 0.04
MOST_COMPLAINTS: Final = 0.001


def guard(sent: int, bounces: int, complaints: int) -> PauseReason | None:
    """Why a campaign has to pause, given what was counted since its last launch or resume; None where it may go on."""
    if sent < FEWEST_MAILS:
        return None
    if bounces >= MOST_BOUNCES * sent:
        return PauseReason.BOUNCES
    return PauseReason.COMPLAINTS if complaints >= MOST_COMPLAINTS * sent else None
