"""When a campaign may send, from its settings."""

from __future__ import annotations

from campaign_core.campaign.settings import Settings
from campaign_core.sending.calendar import Schedule

_MINUTES: int = 60


def schedule_of(settings: Settings) -> Schedule:
    """When a campaign of these settings may send."""
    return Schedule(
        timezone=settings.timezone,
        sending_days=settings.sending_days,
        start_minute=_MINUTES * settings.sending_window_start + settings.sending_window_start_minute,
        end_minute=_MINUTES * settings.sending_window_end + settings.sending_window_end_minute,
        not_before=settings.start_date,
    )
