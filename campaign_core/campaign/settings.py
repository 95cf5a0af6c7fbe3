"""The settings of a campaign, their defaults and their limits. Source: reference section 5.2."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Self

import attrs
from attrs import field, frozen

from campaign_core.campaign import limits
from campaign_core.checks import UNSET, Unset, flag, instant, ruled, sentence_for, several, text, whole
from campaign_core.intake.addresses import normalised, refusal
from campaign_core.sending.zones import instant_in, zone


def _days(value: object) -> object:
    """Sorted, each once: giving a day twice or in another order is harmless."""
    if isinstance(value, list | tuple) and all(type(day) is int for day in value):
        return tuple(sorted(set(value))) if len(value) <= limits.SENDING_DAYS[1] else tuple(value)
    return value


def _address(value: object) -> object:
    """An address as it is stored, without blanks around it; what is none is left for the rule to name."""
    try:
        return normalised(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _known_zone(value: Any) -> str | None:
    wrong = sentence_for(text(*limits.TIMEZONE_CHARACTERS), value)
    if wrong is not None:
        return wrong
    if zone(value) is None:
        return f"must be an IANA time zone such as Europe/Berlin; {value!r} is none"
    return None


def _weekdays(value: Any) -> str | None:
    wrong = sentence_for(several(int, *limits.SENDING_DAYS, "weekdays"), value)
    if wrong is not None:
        return wrong
    if any(not 1 <= day <= 7 for day in value):
        return "must hold weekdays from 1 (Monday) to 7 (Sunday)"
    return None


NAME = text(*limits.NAME_CHARACTERS)
TIMEZONE = ruled(_known_zone)
DAYS = ruled(_weekdays)
START_HOUR = whole(*limits.START_HOURS)
END_HOUR = whole(*limits.END_HOURS)
MINUTE = whole(*limits.MINUTES)
DAILY_LIMIT = whole(*limits.DAILY_LIMIT_PER_INBOX, optional=True)
START_DATE = instant(optional=True)
INCREMENT = whole(*limits.RAMP_UP_INCREMENT, optional=True)
MAX_LIMIT = whole(*limits.RAMP_UP_MAX_LIMIT, optional=True)
REPLY_TO = ruled(refusal, optional=True)
POSTAL_ADDRESS = text(*limits.POSTAL_ADDRESS_CHARACTERS, optional=True)


@frozen(kw_only=True)
class Settings:
    """Everything about how a campaign sends, apart from what it sends, to whom and from where."""

    #: What people call it: 8 to 255 characters.
    name: str = field(metadata=NAME, kw_only=False)
    #: IANA name; windows and dates are read in it.
    timezone: str = field(default="America/New_York", metadata=TIMEZONE)
    #: 1 (Monday) to 7 (Sunday), sorted, each once, at least one.
    sending_days: tuple[int, ...] = field(default=(1, 2, 3, 4, 5), converter=_days, metadata=DAYS)
    #: Hour, 0 to 23, from which mails may go.
    sending_window_start: int = field(default=9, metadata=START_HOUR)
    sending_window_start_minute: int = field(default=0, metadata=MINUTE)
    #: Hour, 1 to 24, before which mails may go; later than the start.
    sending_window_end: int = field(default=17, metadata=END_HOUR)
    #: 0 to 59; 0 when the end hour is 24.
    sending_window_end_minute: int = field(default=0, metadata=MINUTE)
    #: Mails for each inbox and local day, 1 to 100; None: no limit of the campaign's own.
    daily_limit_per_inbox: int | None = field(default=None, metadata=DAILY_LIMIT)
    #: Nothing goes before this instant; None: from the launch on. Without an offset it is read in the campaign's zone.
    start_date: datetime | None = field(default=None, metadata=START_DATE)
    #: Open tracking with a pixel; only HTML mails can carry it.
    enable_tracking: bool = field(default=False, metadata=flag())
    #: Whether mails carry an unsubscribe link.
    enable_unsubscribe: bool = field(default=True, metadata=flag())
    #: Whether links are rewritten to count clicks.
    enable_click_tracking: bool = field(default=False, metadata=flag())
    #: Whether the daily volume grows from day to day.
    ramp_up_enabled: bool = field(default=False, metadata=flag())
    #: Mails added for each inbox and day, 1 to 100.
    ramp_up_increment: int | None = field(default=None, metadata=INCREMENT)
    #: Mails for each inbox and day once fully grown, 1 to 1000.
    ramp_up_max_limit: int | None = field(default=None, metadata=MAX_LIMIT)
    #: Where answers go; None: to the inbox that sent the mail.
    reply_to: str | None = field(default=None, converter=_address, metadata=REPLY_TO)
    #: The sender's postal address for the footer, 1 to 500 characters; None: no such footer.
    postal_address: str | None = field(default=None, metadata=POSTAL_ADDRESS)

    def disagreements(self) -> Iterator[tuple[str, str]]:
        """What the fields disagree on: field name and sentence."""
        if self.sending_window_end == 24 and self.sending_window_end_minute != 0:
            yield "sending_window_end_minute", "must be 0 when the window ends at hour 24"
        start = (self.sending_window_start, self.sending_window_start_minute)
        end = (self.sending_window_end, self.sending_window_end_minute)
        if end <= start:
            yield (
                "sending_window_end",
                f"the sending window must end after it starts; {_clock(end)} is not after {_clock(start)}",
            )

    def resolved(self) -> Self:
        """The same settings with the start date as an instant in UTC."""
        if self.start_date is None:
            return self
        return attrs.evolve(self, start_date=instant_in(self.start_date, self.timezone))


@frozen(kw_only=True)
class SettingsChange:
    """New values for some settings. A field that is UNSET stays as it is.

    None clears `daily_limit_per_inbox`, `start_date`, `ramp_up_increment`, `ramp_up_max_limit`, `reply_to` and
    `postal_address`; their absence means something. Every other field has no None.
    """

    name: str | Unset = field(default=UNSET, metadata=NAME)
    timezone: str | Unset = field(default=UNSET, metadata=TIMEZONE)
    sending_days: tuple[int, ...] | Unset = field(default=UNSET, converter=_days, metadata=DAYS)
    sending_window_start: int | Unset = field(default=UNSET, metadata=START_HOUR)
    sending_window_start_minute: int | Unset = field(default=UNSET, metadata=MINUTE)
    sending_window_end: int | Unset = field(default=UNSET, metadata=END_HOUR)
    sending_window_end_minute: int | Unset = field(default=UNSET, metadata=MINUTE)
    daily_limit_per_inbox: int | Unset | None = field(default=UNSET, metadata=DAILY_LIMIT)
    start_date: datetime | Unset | None = field(default=UNSET, metadata=START_DATE)
    enable_tracking: bool | Unset = field(default=UNSET, metadata=flag())
    enable_unsubscribe: bool | Unset = field(default=UNSET, metadata=flag())
    enable_click_tracking: bool | Unset = field(default=UNSET, metadata=flag())
    ramp_up_enabled: bool | Unset = field(default=UNSET, metadata=flag())
    ramp_up_increment: int | Unset | None = field(default=UNSET, metadata=INCREMENT)
    ramp_up_max_limit: int | Unset | None = field(default=UNSET, metadata=MAX_LIMIT)
    reply_to: str | Unset | None = field(default=UNSET, converter=_address, metadata=REPLY_TO)
    postal_address: str | Unset | None = field(default=UNSET, metadata=POSTAL_ADDRESS)

    def given(self) -> dict[str, Any]:
        """The fields that were given, by name."""
        return {name: getattr(self, name) for name in SETTING_NAMES if getattr(self, name) is not UNSET}

    def applied_to(self, settings: Settings) -> Settings:
        """The settings with the given fields replaced."""
        return attrs.evolve(settings, **self.given())


SETTING_NAMES = tuple(attribute.name for attribute in attrs.fields(SettingsChange))


def change_between(before: Settings, after: Settings) -> SettingsChange | None:
    """The change that leads from one to the other; None where they are equal."""
    different = {name: getattr(after, name) for name in SETTING_NAMES if getattr(after, name) != getattr(before, name)}
    return SettingsChange(**different) if different else None


def _clock(time: tuple[int, int]) -> str:
    return f"{time[0]:02}:{time[1]:02}"
