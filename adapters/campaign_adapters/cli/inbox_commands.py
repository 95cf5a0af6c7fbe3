"""The commands about inboxes."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from campaign_adapters.cli import smtp_commands, typed_values
from campaign_adapters.cli.calls import Answer, Call, answered, tell
from campaign_adapters.cli.campaign_commands import InboxId
from campaign_adapters.cli.shared_options import CommandId, PageLimit, PageNumber, command, group


def register(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    inboxes = group(app, "inboxes", "The accounts that mails are sent from.")
    command(
        inboxes,
        "add",
        "inboxes add mara@acme.example",
        'inboxes add mara@acme.example --display-name "Mara Lind" --type GOOGLE_WORKSPACE --daily-limit 50',
    )(add)
    command(inboxes, "list", "inboxes list --status ACTIVE")(list_)
    command(inboxes, "verify", "inboxes verify 0c1d2e3f")(verify)
    command(inboxes, "pause", "inboxes pause 0c1d2e3f")(pause)
    command(inboxes, "resume", "inboxes resume 0c1d2e3f")(resume)
    command(inboxes, "disable", "inboxes disable 0c1d2e3f")(disable)
    command(inboxes, "remove", "inboxes remove 0c1d2e3f")(remove)
    smtp_commands.register(inboxes)


def add(
    call: Call,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="The address mails are sent from.", show_default=False)],
    display_name: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="The name recipients see; the address if left out.", show_default=False),
    ] = None,
    inbox_type: Annotated[
        str | None,
        typer.Option(
            "--type",
            metavar="TYPE",
            help="COLDSEND, GOOGLE_WORKSPACE, OUTLOOK_365 or CUSTOM_SMTP, which it is if left out.",
            show_default=False,
        ),
    ] = None,
    daily_limit: Annotated[
        int | None, typer.Option(metavar="N", help="Mails a UTC day; 100 if left out.", show_default=False)
    ] = None,
    unverified: Annotated[bool, typer.Option("--unverified", help="Leave it PENDING: it cannot send yet.")] = False,
    command_id: CommandId = None,
) -> Answer:
    """Make an inbox known, and vouch that it can send."""
    import attrs

    from campaign_core import InboxType, RegisterInbox, VerifyInbox

    given: dict[str, Any] = {"display_name": display_name, "daily_limit": daily_limit}
    if inbox_type is not None:
        given["inbox_type"] = typed_values.member(InboxType, inbox_type, "--type")
    registration = RegisterInbox(email, **{name: value for name, value in given.items() if value is not None})
    with call.kernel() as kernel:
        # Two commands, so two ids; the longer one comes first, so that one that is too long is refused at once.
        outcome = tell(kernel, registration, command_id and f"{command_id}/register")
        if not unverified:
            verified = tell(kernel, VerifyInbox(outcome.id), command_id and f"{command_id}/verify")
            outcome = attrs.evolve(verified, events=(*outcome.events, *verified.events))
    return answered(outcome, "inbox")


def list_(
    call: Call,
    status: Annotated[
        str | None, typer.Option(metavar="STATUS", help="Only inboxes of this status.", show_default=False)
    ] = None,
    search: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Only addresses that hold this.", show_default=False)
    ] = None,
    page: PageNumber = 1,
    limit: PageLimit = 100,
) -> Answer:
    """List inboxes, oldest first, with the mails that count against their limits in the present UTC day."""
    from campaign_adapters.cli import data, screens
    from campaign_adapters.cli.paging import read_page
    from campaign_adapters.cli.reading import sent_on
    from campaign_core import INBOXES, InboxStatus

    where = {} if status is None else {"status": typed_values.member(InboxStatus, status, "--status")}
    contains = {} if search is None else {"address": search.lower()}
    with call.kernel() as kernel:
        order = {"order_by": "created_at"}
        found = read_page(kernel.view(INBOXES), page, limit, order=order, where=where, contains=contains)
        sent = sent_on(kernel, found.rows, typed_values.days_ago(0))
    rows = [{**data.inbox_data(row), "sent_today": sent[row.inbox_id]} for row in found.rows]
    drawn = screens.inboxes(found, sent, narrowed=bool(where or contains))
    return Answer({"inboxes": rows, "pagination": found.data}, drawn)


def verify(call: Call, inbox: InboxId, command_id: CommandId = None) -> Answer:
    """Vouch that an inbox can send."""
    from campaign_core import VerifyInbox

    return _about(call, inbox, VerifyInbox, command_id)


def pause(call: Call, inbox: InboxId, command_id: CommandId = None) -> Answer:
    """Hold an inbox back for now."""
    from campaign_core import PauseInbox

    return _about(call, inbox, PauseInbox, command_id)


def resume(call: Call, inbox: InboxId, command_id: CommandId = None) -> Answer:
    """Let a paused inbox send again."""
    from campaign_core import ResumeInbox

    return _about(call, inbox, ResumeInbox, command_id)


def disable(call: Call, inbox: InboxId, command_id: CommandId = None) -> Answer:
    """Forbid an inbox to send, until it is verified again."""
    from campaign_core import DisableInbox

    return _about(call, inbox, DisableInbox, command_id)


def remove(call: Call, inbox: InboxId, command_id: CommandId = None) -> Answer:
    """Take an inbox out for good; no campaign may hold it but archived ones."""
    from campaign_core import RemoveInbox

    return _about(call, inbox, RemoveInbox, command_id)


def _about(call: Call, inbox: str, kind: Any, command_id: str | None) -> Answer:
    """Carries out a command that has nothing to say but which inbox it is about."""
    from campaign_adapters.cli.ids import inbox_named

    with call.kernel() as kernel:
        return answered(tell(kernel, kind(inbox_named(kernel, inbox)), command_id), "inbox")
