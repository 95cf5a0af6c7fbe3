"""The command that tells what a campaign would send, as things are and as somebody supposes them to be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final, cast, get_type_hints

import typer

from campaign_adapters.cli import typed_values
from campaign_adapters.cli.calls import Answer, Call
from campaign_adapters.cli.campaign_commands import CampaignId
from campaign_adapters.cli.settings_options import SettingsGiven, settings_from
from campaign_adapters.cli.shared_options import command

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from campaign_adapters.cli.forecast_screens import Told
    from campaign_core import InboxRow, Kernel
    from campaign_core.kernel.forecasting import Outlook, WhatIf
    from campaign_core.sending.forecast import Assumed

_SWITCHED: Final = {"on": True, "yes": True, "true": True, "off": False, "no": False, "false": False}
#: What the kernel calls a setting whose option has another name.
_OTHER_NAMES: Final = {
    "enable_tracking": "tracking",
    "enable_unsubscribe": "unsubscribe",
    "enable_click_tracking": "click_tracking",
    "ramp_up_enabled": "ramp_up",
}


def register(app: typer.Typer) -> None:
    """Adds the command to the program."""
    command(
        app,
        "forecast",
        "forecast 6f1c2a34",
        "forecast 6f1c2a34 --set daily_limit_per_inbox=50 --add-inbox mara@out.acme.example",
        "forecast 6f1c2a34 --pause-until 2030-01-31T09:00 --reply-rate 5%",
    )(forecast)


def _rate(name: str, about: str) -> Any:
    return typer.Option(name, metavar="P", help=f"{about}, as 0.05 or 5%.", show_default=False)


def forecast(
    call: Call,
    campaign: CampaignId,
    supposed: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="A setting, with a value as `update` takes it.", show_default=False
        ),
    ] = None,
    add_inbox: Annotated[
        list[str] | None,
        typer.Option("--add-inbox", metavar="INBOX", help="One more inbox: its id or its address.", show_default=False),
    ] = None,
    pause_until: Annotated[
        str | None,
        typer.Option(metavar="ISO", help="A pause; in the campaign's zone if it has no offset.", show_default=False),
    ] = None,
    open_rate: Annotated[str | None, _rate("--open-rate", "Share of mails that are opened")] = None,
    reply_rate: Annotated[str | None, _rate("--reply-rate", "Share of mails that are answered")] = None,
    bounce_rate: Annotated[str | None, _rate("--bounce-rate", "Share of mails that bounce")] = None,
    days: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Tell so many days one by one, 31 if left out.", show_default=False),
    ] = None,
) -> Answer:
    """Tell what a campaign will send, day by day, and when it is through. Nothing is changed.

    If nobody answers, that is what then happens, mail by mail. A campaign that does not run is supposed to be started
    now. With --set, --add-inbox or --pause-until the forecast is shown beside the one of things as they are. The
    rates of openings, answers and bounces hold for both.
    """
    from campaign_adapters.cli import forecast_screens
    from campaign_adapters.cli.ids import campaign_named
    from campaign_core.kernel.forecasting import WhatIf
    from campaign_core.sending.forecast import Assumed

    settings = _settings(supposed or ())
    rates = {
        "open_rate": _share(open_rate, "--open-rate"),
        "reply_rate": _share(reply_rate, "--reply-rate"),
        "bounce_rate": _share(bounce_rate, "--bounce-rate"),
    }
    if rates["reply_rate"] + rates["bounce_rate"] > 1:
        raise typer.BadParameter(
            "no more than all mails are answered or bounce; give less.", param_hint="--reply-rate / --bounce-rate"
        )
    until = None if pause_until is None else typed_values.instant(pause_until, "--pause-until")
    with call.kernel() as kernel:
        campaign_id = campaign_named(kernel, campaign)
        added = [_inbox(kernel, each) for each in add_inbox or ()]
        as_it_is = WhatIf(assumed=Assumed(**rates))
        what_if = _what_if(kernel, campaign_id, as_it_is, settings, added, until)
        now = kernel.forecast(campaign_id, as_it_is)
        then = None if what_if == as_it_is else kernel.forecast(campaign_id, what_if)
        told = _told(kernel, now, then, as_it_is.assumed)
    return Answer(forecast_screens.data(told, days), forecast_screens.drawn(told, days))


def _told(kernel: Kernel, now: Outlook, then: Outlook | None, assumed: Assumed) -> Told:
    """The forecasts with the rows they are told with."""
    from campaign_adapters.cli.forecast_screens import LEADS_TOLD, Told
    from campaign_core import CAMPAIGNS, INBOXES, LEADS, UnknownCampaign

    row = kernel.view(CAMPAIGNS).get(now.campaign_id)
    if row is None:
        raise UnknownCampaign(now.campaign_id)
    first = [number for numbers in (then or now).unreachable.values() for number in numbers[:LEADS_TOLD]]
    leads = [kernel.view(LEADS).get(now.campaign_id, number) for number in first]
    addresses = {lead.number: lead.email for lead in leads if lead is not None and lead.email is not None}
    return Told(row, now, then, {each.inbox_id: each for each in kernel.view(INBOXES).find()}, addresses, assumed)


def _settings(given: Sequence[str]) -> dict[str, Any]:
    """The settings that `NAME=VALUE` texts stand for, each read as its option is.

    Raises:
        typer.BadParameter: one is no pair, names no setting, is given twice, or its value cannot be understood.
    """
    known = get_type_hints(SettingsGiven)
    options: dict[str, Any] = {}
    found: dict[str, Any] = {}
    for typed, value in typed_values.pairs(given, "--set", "daily_limit_per_inbox=50").items():
        folded = typed.strip().casefold().replace("-", "_")
        name = _OTHER_NAMES.get(folded, folded)
        hint = f"--set {name}"
        if name not in known:
            told = f"there is no setting {typed.strip()!r}; they are {', '.join(known)}."
            raise typer.BadParameter(told, param_hint="--set")
        if name in options:
            raise typer.BadParameter("it is given twice.", param_hint=hint)
        options[name] = _switched(value, hint) if name in _OTHER_NAMES.values() else value
        try:
            found |= settings_from(cast("SettingsGiven", {name: options[name]}))
        except typer.BadParameter as wrong:
            raise typer.BadParameter(wrong.message, param_hint=hint) from wrong
    return found


def _switched(given: str, hint: str) -> bool:
    switched = _SWITCHED.get(given.strip().casefold())
    if switched is None:
        raise typer.BadParameter(f"it must be on or off, is {given!r}.", param_hint=hint)
    return switched


def _share(given: str | None, option: str) -> float:
    """A share of 0 to 1, given as a number or in percent; 0 where it is not given.

    Raises:
        typer.BadParameter: it is no such text.
    """
    text = (given or "0").strip()
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise typer.BadParameter(f"it must be a share such as 0.05 or 5%, is {given!r}.", param_hint=option)
    return share


def _inbox(kernel: Kernel, given: str) -> InboxRow:
    """The inbox of that id, or of that address.

    Raises:
        InvalidMessage: it is neither an id nor an address, or the beginning of several ids.
        UnknownInbox: there is none.
    """
    from campaign_adapters.cli.ids import inbox_named
    from campaign_core import INBOXES, InvalidMessage, Problem, UnknownInbox
    from campaign_core.intake.addresses import key_of, normalised

    if "@" not in given:
        row = kernel.view(INBOXES).get(inbox_named(kernel, given))
        found = [] if row is None else [row]
    else:
        try:
            address = key_of(normalised(given))
        except ValueError as wrong:
            sentence = f"{given!r} is no e-mail address: {str(wrong).rstrip('.')}"
            raise InvalidMessage((Problem("--add-inbox", sentence),)) from wrong
        found = kernel.view(INBOXES).find({"address": address}, limit=1)
    if not found:
        raise UnknownInbox(given)
    return found[0]


def _what_if(
    kernel: Kernel,
    campaign_id: UUID,
    as_it_is: WhatIf,
    settings: dict[str, Any],
    added: Sequence[InboxRow],
    until: datetime | None,
) -> WhatIf:
    """What is supposed beside the rates.

    Raises:
        UnknownCampaign: there is no such campaign.
        typer.BadParameter: the instant is beyond what a calendar holds.
    """
    from attrs import evolve

    from campaign_core import CAMPAIGNS, UnknownCampaign
    from campaign_core.campaign.settings import SettingsChange
    from campaign_core.sending.zones import instant_in

    row = kernel.view(CAMPAIGNS).get(campaign_id)
    if row is None:
        raise UnknownCampaign(campaign_id)
    try:
        pause_until = None if until is None else instant_in(until, row.settings.timezone)
    except OverflowError:
        raise typer.BadParameter("it is too far away.", param_hint="--pause-until") from None
    return evolve(
        as_it_is,
        settings=SettingsChange(**settings),
        add_inboxes=tuple(inbox.inbox_id for inbox in added),
        pause_until=pause_until,
    )
