"""Whether a campaign has every part it needs to start, and whether it could then run.

Missing parts keep a campaign where it is. A fault is looked for only once every part is there: the campaign has inboxes
but none of them can send, or there is a mail that cannot go to some lead. Warnings never block. All three are computed
when asked, from the state and what the other aggregates know; only a fault that failed a launch is recorded, with it.
"""

from __future__ import annotations

from attrs import frozen

from campaign_core.campaign.facts import CampaignFacts
from campaign_core.campaign.findings import Finding
from campaign_core.campaign.lifecycle import CAMPAIGN
from campaign_core.campaign.schedule import schedule_of
from campaign_core.campaign.sequences import TriggerType
from campaign_core.campaign.state import CampaignState
from campaign_core.sending.calendar import next_open

#: The parts a campaign needs, in the order in which they are answered. Source: reference section 4.4.
LEADS, INBOXES, EMAIL_CONTENT = "leads", "inboxes", "email_content"


@frozen(kw_only=True)
class Readiness:
    """One answer about parts."""

    #: Tokens of what is missing, in the order leads, inboxes, email_content.
    missing_requirements: tuple[str, ...] = ()
    warnings: tuple[Finding, ...] = ()

    @property
    def is_launch_ready(self) -> bool:
        """True exactly when nothing is missing."""
        return not self.missing_requirements


def readiness(state: CampaignState, facts: CampaignFacts) -> Readiness:
    """Which parts are missing, and what to be warned of.

    A launch needs one lead that was never contacted: launching into nothing would complete at once. A resume needs any
    lead, so that a paused campaign is never stuck.
    """
    launching = CAMPAIGN.knows("launch", state.status)
    present = {
        LEADS: facts.leads.any_pending if launching else facts.leads.any_lead,
        INBOXES: bool(state.inbox_ids),
        EMAIL_CONTENT: bool(state.variants),
    }
    return Readiness(
        missing_requirements=tuple(token for token, there in present.items() if not there),
        warnings=(*_warnings(state, facts), *facts.mails.warnings),
    )


def preflight(state: CampaignState, facts: CampaignFacts) -> tuple[Finding, ...]:
    """Why a campaign that has every part still could not run; empty if it could."""
    found = []
    if not any(facts.inboxes.get(each, False) for each in state.inbox_ids):
        found.append(Finding.about("no_usable_inbox", state.inbox_ids))
    if state.settings is not None and next_open(schedule_of(state.settings), facts.at) is None:
        found.append(Finding(code="no_open_slot"))
    return (*found, *facts.mails.faults)


def _warnings(state: CampaignState, facts: CampaignFacts) -> list[Finding]:
    assert state.settings is not None
    settings = state.settings
    unusable = [each for each in state.inbox_ids if not facts.inboxes.get(each, False)]
    waiting = [f"step {step.step_number}" for step in state.steps if step.trigger_type in _WAITS_ON_OPENS]
    unsubscribable = [settings.enable_unsubscribe, *(step.enable_unsubscribe for step in state.steps)]
    half_a_ramp = settings.ramp_up_enabled and None in (settings.ramp_up_increment, settings.ramp_up_max_limit)
    return [
        *([Finding.about("inbox_unusable", unusable)] if unusable else []),
        *([Finding.about("tracking_off", waiting)] if waiting and not settings.enable_tracking else []),
        *([Finding(code="no_unsubscribe")] if False in unsubscribable else []),
        *([Finding(code="no_postal_address")] if settings.postal_address is None else []),
        *([Finding(code="ramp_up_incomplete")] if half_a_ramp else []),
    ]


_WAITS_ON_OPENS = {TriggerType.NOT_OPENED, TriggerType.OPENED_BUT_NOT_REPLIED}
