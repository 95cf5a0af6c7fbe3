"""The command that tells why a mail does or does not go: of a campaign, a lead, or an inbox; now, or at an earlier instant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, TypeVar, cast

import typer

from campaign_adapters.cli import typed_values
from campaign_adapters.cli.calls import Answer, Call
from campaign_adapters.cli.shared_options import command

if TYPE_CHECKING:
    from datetime import datetime

    from campaign_adapters.cli.why_screens import Told
    from campaign_core import CampaignRow, InboxRow, Kernel
    from campaign_core.kernel.questions import Questions

#: The zone in which the instants of an inbox are told and read.
_INBOX_ZONE: Final = "UTC"
Row = TypeVar("Row")


def register(app: typer.Typer) -> None:
    """Adds the command to the program."""
    command(
        app,
        "why",
        "why 6f1c2a34",
        "why 6f1c2a34 ada@engines.example --at 2030-01-31T09:00",
        "why --inbox mara@out.acme.example",
    )(why)


def why(
    call: Call,
    campaign: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="The campaign: its id or the beginning of it.", show_default=False),
    ] = None,
    lead: Annotated[
        str | None,
        typer.Argument(metavar="[LEAD]", help="A lead of it: its address, or its id.", show_default=False),
    ] = None,
    inbox: Annotated[
        str | None,
        typer.Option(metavar="ID|ADDRESS", help="An inbox instead, over all campaigns.", show_default=False),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            metavar="INSTANT",
            help="An earlier instant; in the campaign's zone, or UTC for an inbox, if it has no offset.",
            show_default=False,
        ),
    ] = None,
) -> Answer:
    """Tell why mails do or do not go: every rule that is asked, and when the next one goes if nobody acts."""
    from campaign_adapters.cli import why_screens

    if (campaign is None) == (inbox is None):
        raise typer.BadParameter("name a campaign or --inbox, one of the two.", param_hint="ID")
    with call.kernel() as kernel:
        told = _of_inbox(kernel, inbox, at) if inbox is not None else _of_campaign(kernel, campaign or "", lead, at)
    return Answer(why_screens.data(told), why_screens.drawn(told))


def _of_campaign(kernel: Kernel, given: str, lead: str | None, at: str | None) -> Told:
    """The answer about a campaign or one of its leads.

    Raises:
        UnknownCampaign: there is none.
        UnknownLead: the campaign has, or had, no such lead.
        InvalidMessage: an id or an address is none, the instant lies ahead, or there was no such campaign then.
    """
    from campaign_adapters.cli.ids import campaign_named, lead_named
    from campaign_adapters.cli.why_screens import told_by
    from campaign_core import CAMPAIGNS, UnknownCampaign

    campaign_id = campaign_named(kernel, given)
    row = kernel.view(CAMPAIGNS).get(campaign_id)
    if row is None:
        raise UnknownCampaign(campaign_id)
    asked = _asked(kernel, at, row.settings.timezone)
    then = _there(asked.view(CAMPAIGNS).get(campaign_id), row)
    # Finding a lead asks views only, and those the past has as well.
    lead_id = None if lead is None else lead_named(cast("Kernel", asked), campaign_id, lead)
    return told_by(asked, asked.why(campaign_id, lead_id), then, lead_id=lead_id, is_past=at is not None)


def _of_inbox(kernel: Kernel, given: str, at: str | None) -> Told:
    """The answer about an inbox.

    Raises:
        UnknownInbox: there is none.
        InvalidMessage: it is neither an id nor an address, the instant lies ahead, or there was no such inbox then.
    """
    from campaign_adapters.cli.why_screens import told_by
    from campaign_core import INBOXES

    row = _inbox(kernel, given)
    asked = _asked(kernel, at, _INBOX_ZONE)
    then = _there(asked.view(INBOXES).get(row.inbox_id), row)
    return told_by(asked, asked.why_inbox(row.inbox_id), then, is_past=at is not None)


def _asked(kernel: Kernel, given: str | None, timezone: str) -> Questions:
    """What answers: the kernel as it is, or as it stood at an instant.

    Raises:
        InvalidMessage: the instant is none, or lies ahead.
    """
    from campaign_adapters.cli.wording import when
    from campaign_core import InvalidMessage, Problem
    from campaign_core.checks import instant, sentence_for
    from campaign_core.sending.zones import instant_in

    if given is None:
        return kernel
    local = typed_values.instant(given, "--at")
    wrong = sentence_for(instant(), local)
    at: datetime | None = None if wrong is not None else instant_in(local, timezone)
    if at is not None and at > typed_values.days_ago(0):
        wrong = f"must not lie ahead, is {when(at)} UTC; `campaign forecast` tells what will go"
    if at is None or wrong is not None:
        raise InvalidMessage((Problem("--at", wrong or ""),))
    return kernel.past(at)


def _there(then: Row | None, now: CampaignRow | InboxRow) -> Row:
    """The row as it was.

    Raises:
        InvalidMessage: there was none yet.
    """
    from campaign_adapters.cli.wording import when
    from campaign_core import InvalidMessage, Problem

    if then is None:
        sentence = f"it was not there yet; it was made at {when(now.created_at)} UTC"
        raise InvalidMessage((Problem("--at", sentence),))
    return then


def _inbox(kernel: Kernel, given: str) -> InboxRow:
    """The inbox of that id, or of that address."""
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
            raise InvalidMessage((Problem("--inbox", sentence),)) from wrong
        found = kernel.view(INBOXES).find({"address": address}, limit=1)
    if not found:
        raise UnknownInbox(given)
    return found[0]
