"""The commands about leads, inboxes and the log as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from campaign_adapters.cli.calls import Answer, Call, tell
from campaign_adapters.cli.campaign_commands import CampaignId
from campaign_adapters.cli.exit_codes import ExitCode
from campaign_adapters.cli.shared_options import CommandId, command, group

if TYPE_CHECKING:
    from campaign_core import Outcome

InboxId = Annotated[
    str, typer.Argument(metavar="ID", help="The inbox: its id or the beginning of it.", show_default=False)
]


def register(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    leads = group(app, "leads", "Add leads to a campaign, and list them.")
    command(leads, "upload")(leads_upload)
    command(leads, "list")(leads_list)
    inboxes = group(app, "inboxes", "The accounts that mails are sent from.")
    command(inboxes, "add")(inboxes_add)
    command(inboxes, "list")(inboxes_list)
    command(inboxes, "verify")(inboxes_verify)
    command(inboxes, "disable")(inboxes_disable)
    command(app, "rebuild")(rebuild)
    command(app, "verify")(verify)
    command(app, "demo")(demo)


def leads_upload(
    call: Call,
    campaign: CampaignId,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A CSV file with a header row.", show_default=False)],
    encoding: Annotated[
        str | None, typer.Option(help="Its encoding; detected if left out.", show_default=False)
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option(help="The character between cells; detected if left out.", show_default=False)
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="FIELD=HEADER",
            help="Fill a field from the column of that header; may be repeated. Other columns are then left out.",
            show_default=False,
        ),
    ] = None,
    command_id: CommandId = None,
) -> Answer:
    """Add the leads of a CSV file, and account for every row of it."""
    from campaign_adapters.cli import data, wording
    from campaign_adapters.cli.ids import campaign_named
    from campaign_core import UploadLeads

    with call.kernel() as kernel:
        upload = UploadLeads(
            campaign_named(kernel, campaign),
            file,
            mapping=_mapping(columns) if columns else None,
            encoding=encoding,
            delimiter=delimiter,
        )
        outcome = tell(kernel, upload, command_id)
    return Answer(data.outcome_data(outcome, "campaign"), wording.outcome_text(outcome, "campaign"))


def leads_list(
    call: Call,
    campaign: CampaignId,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Leads on a page.")] = 20,
    page: Annotated[int, typer.Option(min=1, help="Which page, from 1.")] = 1,
) -> Answer:
    """List the leads of a campaign, in the order they were added."""
    from campaign_adapters.cli import data, screens
    from campaign_adapters.cli.ids import campaign_named
    from campaign_core import CAMPAIGNS, LEADS, UnknownCampaign

    with call.kernel() as kernel:
        campaign_id = campaign_named(kernel, campaign)
        if kernel.view(CAMPAIGNS).get(campaign_id) is None:
            raise UnknownCampaign(campaign_id)
        where = {"campaign_id": campaign_id}
        total = kernel.view(LEADS).count(where)
        offset = (page - 1) * limit
        rows = kernel.view(LEADS).find(where, limit=limit, offset=offset) if offset < total else []
        values = kernel.lead_values(rows)
    pages = -(-total // limit)
    pagination = {
        "page": page,
        "limit": limit,
        "total": total,
        "pages": pages,
        "has_next": page < pages,
        "has_prev": 1 < page <= pages + 1,
    }
    plain = {
        "leads": [data.lead_data(row, its) for row, its in zip(rows, values, strict=True)],
        "pagination": pagination,
    }
    heading = f"Page {page:,} of {pages:,}; {total:,} leads." if total else "The campaign has no leads yet."
    return Answer(plain, screens.leads(rows, values, heading))


def inboxes_add(
    call: Call,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="The address mails are sent from.", show_default=False)],
    unverified: Annotated[bool, typer.Option("--unverified", help="Leave it PENDING: it cannot send yet.")] = False,
    command_id: CommandId = None,
) -> Answer:
    """Make an inbox known, and vouch that it can send."""
    import attrs

    from campaign_core import RegisterInbox, VerifyInbox

    with call.kernel() as kernel:
        # Two commands, so two ids; the longer one comes first, so that one that is too long is refused at once.
        outcome = tell(kernel, RegisterInbox(email), command_id and f"{command_id}/register")
        if not unverified:
            verified = tell(kernel, VerifyInbox(outcome.id), command_id and f"{command_id}/verify")
            outcome = attrs.evolve(verified, events=(*outcome.events, *verified.events))
    return _inbox_answer(outcome)


def inboxes_list(call: Call) -> Answer:
    """List inboxes, oldest first."""
    from campaign_adapters.cli import data, screens
    from campaign_core import INBOXES

    with call.kernel() as kernel:
        rows = kernel.view(INBOXES).find(order_by="created_at")
    return Answer({"inboxes": [data.inbox_data(row) for row in rows]}, screens.inboxes(rows))


def inboxes_verify(call: Call, inbox: InboxId, command_id: CommandId = None) -> Answer:
    """Vouch that an inbox can send."""
    from campaign_adapters.cli.ids import inbox_named
    from campaign_core import VerifyInbox

    with call.kernel() as kernel:
        return _inbox_answer(tell(kernel, VerifyInbox(inbox_named(kernel, inbox)), command_id))


def inboxes_disable(call: Call, inbox: InboxId, command_id: CommandId = None) -> Answer:
    """Forbid an inbox to send."""
    from campaign_adapters.cli.ids import inbox_named
    from campaign_core import DisableInbox

    with call.kernel() as kernel:
        return _inbox_answer(tell(kernel, DisableInbox(inbox_named(kernel, inbox)), command_id))


def rebuild(call: Call) -> Answer:
    """Make the rows of every view anew from the log."""
    from campaign_core.kernel.kernel import VIEWS

    with call.kernel() as kernel:
        events = kernel.rebuild()
        rows = {view.name: kernel.view(view).count() for view in VIEWS}
    told = ", ".join(f"{name} {count:,}" for name, count in rows.items())
    return Answer({"events": events, "rows": rows}, f"Folded {events:,} events anew; rows now: {told}.")


def verify(call: Call) -> Answer:
    """Check that nothing in the log was altered.

    Every event is checked against its digest, its link and its private content.
    """
    from campaign_adapters.cli import data

    with call.kernel() as kernel:
        found = kernel.verify()
    told = f"{found.events:,} events in {found.streams:,} streams ({found.erased:,} with their payload erased)"
    if found.holds:
        return Answer(data.verification_data(found), f"Every link holds: {told}.")
    lines = [f"{len(found.problems):,} problems in {told}:", *found.problems]
    return Answer(data.verification_data(found), "\n".join(lines), ExitCode.LOG_CORRUPT)


def demo(call: Call) -> Answer:
    """Tell the life of a campaign, every step checked."""
    from campaign_adapters.cli.demo import tell_story

    return tell_story(call)


def _mapping(columns: list[str]) -> dict[str, str]:
    """Field to header.

    Raises:
        typer.BadParameter: one of them is no pair, or a field is given twice.
    """
    pairs = [each.partition("=") for each in columns]
    for field, equals, header in pairs:
        if not (field and equals and header):
            raise typer.BadParameter("it must be a field and a header, as in email=E-Mail.", param_hint="--map")
    if len({field for field, _, _ in pairs}) < len(pairs):
        raise typer.BadParameter("a field is given twice.", param_hint="--map")
    return {field: header for field, _, header in pairs}


def _inbox_answer(outcome: Outcome) -> Answer:
    from campaign_adapters.cli import data, wording

    return Answer(data.outcome_data(outcome, "inbox"), wording.outcome_text(outcome, "inbox"))
