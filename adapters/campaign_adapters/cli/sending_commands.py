"""The commands about mails that were sent, and about those of which nobody knows whether they were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from campaign_adapters.cli.calls import Answer, Call, answered, tell
from campaign_adapters.cli.campaign_commands import CampaignId, LeadName
from campaign_adapters.cli.shared_options import CommandId, PageLimit, PageNumber, command

if TYPE_CHECKING:
    from uuid import UUID

    from campaign_core import Kernel
    from campaign_core.kernel.mails_sent import SentMail
    from campaign_core.sending.transport import Outgoing


def register(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    command(app, "sent", "sent 6f1c2a34 ada@acme.example --step 2", "sent 6f1c2a34 ada@acme.example > mail.eml")(sent)
    command(app, "unknowns", "unknowns", "unknowns 6f1c2a34")(unknowns)
    command(
        app,
        "resolve",
        "resolve 6f1c2a34 ada@acme.example --sent",
        "resolve 6f1c2a34 bo@acme.example --not-sent",
    )(resolve)


def sent(
    call: Call,
    campaign: CampaignId,
    lead: LeadName,
    step: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="The mail of this step; the last mail if left out.", show_default=False),
    ] = None,
) -> Answer:
    """Print a mail as it went to a lead, made again from the log: RFC 5322, byte for byte.

    A DKIM signature that was put on while it was handed over is not part of it.
    """
    from campaign_adapters.cli import sending_screens
    from campaign_adapters.cli.ids import campaign_named, lead_named

    with call.kernel() as kernel:
        campaign_id = campaign_named(kernel, campaign)
        mail, outgoing = _mail(kernel, campaign_id, lead_named(kernel, campaign_id, lead), step)
    call.put(outgoing.wire.decode())
    return Answer(sending_screens.sent_data(mail, outgoing), None)


def _mail(kernel: Kernel, campaign_id: UUID, lead_id: UUID, step: int | None) -> tuple[SentMail, Outgoing]:
    """The mail of a step, or the last.

    Raises:
        UnknownLead: the campaign has no such lead.
        InvalidMessage: no such mail went, or what it said is erased.
    """
    from campaign_core import InvalidMessage, Problem

    kernel.lead_history(campaign_id, lead_id)  # which knows whether there is such a lead
    mails = kernel.sent_mails(campaign_id, lead_id)
    if not mails:
        raise InvalidMessage((Problem("LEAD", "no mail went to it so far"),))
    wanted = [each for each in mails if step in (None, each.claim.event.step_number)]
    if not wanted:
        went = ", ".join(f"{each.claim.event.step_number}" for each in mails)
        raise InvalidMessage(
            (Problem("--step", f"no mail of step {step} went to the lead; the steps that did: {went}"),)
        )
    mail, outgoing = wanted[-1], wanted[-1].outgoing
    if outgoing is None:
        raise InvalidMessage((Problem("LEAD", "what the mail said is erased"),))
    return mail, outgoing


def unknowns(
    call: Call,
    campaign: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID]", help="Only mails of this campaign; its id or the beginning.", show_default=False
        ),
    ] = None,
    page: PageNumber = 1,
    limit: PageLimit = 100,
) -> Answer:
    """List mails of which nobody knows whether they went, longest unknown first.

    A worker took them and never said what came of it: it was killed, or the server fell silent. They are never sent
    again unless `campaign resolve` says that they did not go.
    """
    from campaign_adapters.cli import sending_screens
    from campaign_adapters.cli.ids import campaign_named
    from campaign_adapters.cli.paging import read_page
    from campaign_core import DUE, DueState

    where: dict[str, Any] = {"state": DueState.UNKNOWN}
    with call.kernel() as kernel:
        if campaign is not None:
            where["campaign_id"] = campaign_named(kernel, campaign)
        found = read_page(kernel.view(DUE), page, limit, order={"order_by": "at"}, where=where)
        mails = sending_screens.unknown_mails(kernel, found.rows)
    rows = [sending_screens.unknown_data(each) for each in mails]
    return Answer({"unknowns": rows, "pagination": found.data}, sending_screens.unknowns(found, mails))


def resolve(
    call: Call,
    campaign: CampaignId,
    lead: LeadName,
    went: Annotated[
        bool | None,
        typer.Option("--sent/--not-sent", help="Whether it went; what did not go is sent again.", show_default=False),
    ] = None,
    command_id: CommandId = None,
) -> Answer:
    """Say what became of a mail of which nobody knew whether it went.

    Look into the inbox's sent mails, or ask the server, for the Message-ID that `campaign sent` prints.
    """
    from campaign_adapters.cli.ids import campaign_named, lead_named
    from campaign_core import ResolveUnknown

    if went is None:
        raise typer.BadParameter("say one of the two.", param_hint="--sent / --not-sent")
    with call.kernel() as kernel:
        campaign_id = campaign_named(kernel, campaign)
        command = ResolveUnknown(campaign_id, lead_named(kernel, campaign_id, lead), went)
        return answered(tell(kernel, command, command_id), "lead")
