"""The commands that record what came back about the mails to a lead. They stand in the group `leads`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from campaign_adapters.cli import typed_values
from campaign_adapters.cli.calls import Answer, Call, answered, tell
from campaign_adapters.cli.campaign_commands import CampaignId, LeadName
from campaign_adapters.cli.shared_options import CommandId, command

if TYPE_CHECKING:
    from datetime import datetime

At = Annotated[
    str | None,
    typer.Option("--at", metavar="INSTANT", help="When; UTC if it has no offset; now if left out.", show_default=False),
]


def register(leads: typer.Typer) -> None:
    """Adds the commands to the group `leads`."""
    command(leads, "opened", "leads opened 6f1c2a34 ada@acme.example --at 2030-01-31T09:12Z")(opened)
    command(leads, "clicked", "leads clicked 6f1c2a34 ada@acme.example --link 2")(clicked)
    command(
        leads, "replied", "leads replied 6f1c2a34 ada@acme.example", "leads replied 6f1c2a34 bo@acme.example --machine"
    )(replied)
    command(leads, "bounced", "leads bounced 6f1c2a34 ada@acme.example --soft")(bounced)
    command(leads, "complained", "leads complained 6f1c2a34 ada@acme.example")(complained)
    command(leads, "unsubscribed", "leads unsubscribed 6f1c2a34 ada@acme.example")(unsubscribed)


def opened(
    call: Call,
    campaign: CampaignId,
    lead: LeadName,
    at: At = None,
    machine: Annotated[
        bool, typer.Option("--machine", help="By a program that loads every picture; it does not count as an open.")
    ] = False,
    command_id: CommandId = None,
) -> Answer:
    """Record that a mail was opened."""
    from campaign_core import RecordOpen

    return _record(call, RecordOpen, campaign, lead, at, command_id, by_machine=machine)


def clicked(
    call: Call,
    campaign: CampaignId,
    lead: LeadName,
    at: At = None,
    link: Annotated[int, typer.Option("--link", metavar="N", help="Place of the link in the mail, from 1.")] = 1,
    machine: Annotated[
        bool, typer.Option("--machine", help="By a program that follows every link; it does not count as a click.")
    ] = False,
    command_id: CommandId = None,
) -> Answer:
    """Record that a link in a mail was followed."""
    from campaign_core import RecordClick

    return _record(call, RecordClick, campaign, lead, at, command_id, link=link, by_machine=machine)


def replied(
    call: Call,
    campaign: CampaignId,
    lead: LeadName,
    at: At = None,
    machine: Annotated[
        bool, typer.Option("--machine", help="A program wrote it, such as an absence note; follow-ups go on.")
    ] = False,
    command_id: CommandId = None,
) -> Answer:
    """Record that the lead answered; no further mail goes to it."""
    from campaign_core import RecordReply

    return _record(call, RecordReply, campaign, lead, at, command_id, by_machine=machine)


def bounced(
    call: Call,
    campaign: CampaignId,
    lead: LeadName,
    at: At = None,
    soft: Annotated[
        bool, typer.Option("--soft", help="It may work later, as with a full mailbox; follow-ups go on.")
    ] = False,
    command_id: CommandId = None,
) -> Answer:
    """Record that a mail came back; nobody in the workspace writes to the address any more."""
    from campaign_core import RecordBounce

    return _record(call, RecordBounce, campaign, lead, at, command_id, hard=not soft)


def complained(call: Call, campaign: CampaignId, lead: LeadName, at: At = None, command_id: CommandId = None) -> Answer:
    """Record that the lead reported a mail as spam; nobody in the workspace writes to the address any more."""
    from campaign_core import RecordComplaint

    return _record(call, RecordComplaint, campaign, lead, at, command_id)


def unsubscribed(
    call: Call, campaign: CampaignId, lead: LeadName, at: At = None, command_id: CommandId = None
) -> Answer:
    """Record that the lead wants no more mails; nobody in the workspace writes to the address any more."""
    from campaign_core import RecordUnsubscribe

    return _record(call, RecordUnsubscribe, campaign, lead, at, command_id)


def _record(
    call: Call, kind: Any, campaign: str, lead: str, at: str | None, command_id: str | None, **said: Any
) -> Answer:
    """Records it. The campaign may be of any status; what comes back about one that is deleted is recorded too."""
    from campaign_adapters.cli.ids import campaign_named, lead_named

    moment = _moment(at)
    with call.kernel() as kernel:
        campaign_id = campaign_named(kernel, campaign)
        record = kind(campaign_id, lead_named(kernel, campaign_id, lead), at=moment, **said)
        return answered(tell(kernel, record, command_id), "lead")


def _moment(given: str | None) -> datetime | None:
    """The instant that was given, in UTC where it says nothing else.

    Raises:
        typer.BadParameter: it is none.
    """
    from datetime import UTC

    at = None if given is None else typed_values.instant(given, "--at")
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at
