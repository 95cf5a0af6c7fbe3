"""How is each setting of a campaign said in options? What is not given stays unset."""

from __future__ import annotations

from typing import Annotated, Any, Final, TypedDict

import typer

from campaign_adapters.cli import typed_values


def _option(name: str, metavar: str, about: str) -> Any:
    return typer.Option(name, metavar=metavar, help=about, show_default=False)


def _switch(name: str, about: str) -> Any:
    return typer.Option(f"--{name}/--no-{name}", help=about, show_default=False)


class SettingsGiven(TypedDict, total=False):
    """The options of a command that sets settings; each is None where it was not given."""

    timezone: Annotated[
        str | None, _option("--timezone", "NAME", "IANA zone that days, hours and dates are in, as Europe/Berlin.")
    ]
    sending_days: Annotated[
        str | None, _option("--sending-days", "DAYS", "Days on which mails may go, as 1,2,3 (1 is Monday) or mon-fri.")
    ]
    window: Annotated[str | None, _option("--window", "FROM-TO", "Hours in which mails may go, as 09:00-17:30.")]
    daily_limit_per_inbox: Annotated[
        str | None, _option("--daily-limit-per-inbox", "N|none", "Mails for each inbox and day, 1 to 100.")
    ]
    start_date: Annotated[
        str | None,
        _option("--start-date", "ISO|none", "Nothing goes before; in the campaign's zone if it has no offset."),
    ]
    tracking: Annotated[bool | None, _switch("tracking", "Track opens, in HTML mails.")]
    unsubscribe: Annotated[bool | None, _switch("unsubscribe", "Put an unsubscribe link into mails.")]
    click_tracking: Annotated[bool | None, _switch("click-tracking", "Rewrite links to count clicks.")]
    ramp_up: Annotated[bool | None, _switch("ramp-up", "Let the daily volume grow from day to day.")]
    ramp_up_increment: Annotated[
        str | None, _option("--ramp-up-increment", "N|none", "Mails added for each inbox and day, 1 to 100.")
    ]
    ramp_up_max_limit: Annotated[
        str | None, _option("--ramp-up-max-limit", "N|none", "Mails for each inbox and day once grown, 1 to 1000.")
    ]
    reply_to: Annotated[
        str | None, _option("--reply-to", "ADDRESS|none", "Where answers go; none: to the inbox that sent the mail.")
    ]
    postal_address: Annotated[
        str | None, _option("--postal-address", "TEXT|none", "The sender's postal address, for the footer.")
    ]


#: Switch to the setting it is about.
_SWITCHES: Final = {
    "tracking": "enable_tracking",
    "unsubscribe": "enable_unsubscribe",
    "click_tracking": "enable_click_tracking",
    "ramp_up": "ramp_up_enabled",
}
_TEXTS: Final = ("reply_to", "postal_address")
_NUMBERS: Final = ("daily_limit_per_inbox", "ramp_up_increment", "ramp_up_max_limit")


def settings_from(options: SettingsGiven) -> dict[str, Any]:
    """The settings that the given options stand for, by their names in the kernel.

    Raises:
        typer.BadParameter: an option cannot be understood.
    """
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    settings: dict[str, Any] = {setting: given[name] for name, setting in _SWITCHES.items() if name in given}
    if "timezone" in given:
        settings["timezone"] = given["timezone"]
    if "sending_days" in given:
        settings["sending_days"] = typed_values.weekdays(given["sending_days"], "--sending-days")
    if "window" in given:
        settings |= typed_values.window(given["window"], "--window")
    for name in _NUMBERS:
        if name in given:
            settings[name] = typed_values.number_or_none(given[name], f"--{name.replace('_', '-')}")
    for name in _TEXTS:
        if name in given:
            settings[name] = typed_values.text_or_none(given[name])
    if "start_date" in given:
        text = typed_values.text_or_none(given["start_date"])
        settings["start_date"] = None if text is None else typed_values.instant(text, "--start-date")
    return settings
