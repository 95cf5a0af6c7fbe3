"""The commands about inboxes."""

from __future__ import annotations

from typing import Annotated

import typer

from campaign_adapters.cli.calls import Answer, Call, answered, tell
from campaign_adapters.cli.shared_options import CommandId, command, group

InboxId = Annotated[
    str, typer.Argument(metavar="ID", help="The inbox: its id or the beginning of it.", show_default=False)
]


def register(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    inboxes = group(app, "inboxes", "The accounts that mails are sent from.")
    command(inboxes, "add")(add)
    command(inboxes, "list")(list_)
    command(inboxes, "verify")(verify)
    command(inboxes, "disable")(disable)


def add(
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
    return answered(outcome, "inbox")


def list_(call: Call) -> Answer:
    """List inboxes, oldest first."""
    from campaign_adapters.cli import data, screens
    from campaign_core import INBOXES

    with call.kernel() as kernel:
        rows = kernel.view(INBOXES).find(order_by="created_at")
    return Answer({"inboxes": [data.inbox_data(row) for row in rows]}, screens.inboxes(rows))


def verify(call: Call, inbox: InboxId, command_id: CommandId = None) -> Answer:
    """Vouch that an inbox can send."""
    from campaign_adapters.cli.ids import inbox_named
    from campaign_core import VerifyInbox

    with call.kernel() as kernel:
        return answered(tell(kernel, VerifyInbox(inbox_named(kernel, inbox)), command_id), "inbox")


def disable(call: Call, inbox: InboxId, command_id: CommandId = None) -> Answer:
    """Forbid an inbox to send."""
    from campaign_adapters.cli.ids import inbox_named
    from campaign_core import DisableInbox

    with call.kernel() as kernel:
        return answered(tell(kernel, DisableInbox(inbox_named(kernel, inbox)), command_id), "inbox")
