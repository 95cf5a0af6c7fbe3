"""The commands about addresses that nobody in the workspace writes to."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from campaign_adapters.cli import typed_values
from campaign_adapters.cli.calls import Answer, Call, tell
from campaign_adapters.cli.exit_codes import ExitCode
from campaign_adapters.cli.shared_options import CommandId, PageLimit, PageNumber, command

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The address.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    command(app, "suppress", "suppress ada@acme.example", "suppress ada@acme.example --reason complained")(suppress)
    command(app, "lift", "lift ada@acme.example")(lift)
    command(app, "suppressed", "suppressed", "suppressed ada@acme.example")(suppressed)


def suppress(
    call: Call,
    email: Email,
    reason: Annotated[
        str, typer.Option(metavar="REASON", help="requested, unsubscribed, complained or bounced.")
    ] = "requested",
    command_id: CommandId = None,
) -> Answer:
    """See to it that nobody in the workspace writes to an address, in any campaign."""
    from campaign_core import SuppressAddress, SuppressionReason

    why = typed_values.member(SuppressionReason, reason, "--reason")
    with call.kernel() as kernel:
        outcome = tell(kernel, SuppressAddress(email, reason=why), command_id)
    told = "Nobody in the workspace writes to the address any more." if outcome.events else "It was suppressed already."
    return Answer({"suppressed": True, "events": list(outcome.events)}, told)


def lift(call: Call, email: Email, command_id: CommandId = None) -> Answer:
    """Let an address be written to again. Leads whose way ended are not written to by that."""
    from campaign_core import LiftSuppression

    with call.kernel() as kernel:
        outcome = tell(kernel, LiftSuppression(email), command_id)
    told = "The address may be written to again." if outcome.events else "It was not suppressed."
    return Answer({"suppressed": False, "events": list(outcome.events)}, told)


def suppressed(
    call: Call,
    email: Annotated[
        str | None,
        typer.Argument(metavar="[EMAIL]", help="Ask for this address; all are listed if left out.", show_default=False),
    ] = None,
    page: PageNumber = 1,
    limit: PageLimit = 100,
) -> Answer:
    """List suppressed addresses, oldest first, or ask for one: the exit code says yes (0) or no (18).

    Of an address only a keyed hash is kept, so that the list outlives every erasure; the hash tells nobody the address.
    """
    from campaign_adapters.cli import sending_screens
    from campaign_adapters.cli.paging import read_page
    from campaign_core import SUPPRESSIONS

    if email is not None:
        return _asked(call, email)
    with call.kernel() as kernel:
        found = read_page(kernel.view(SUPPRESSIONS), page, limit, order={"order_by": "suppressed_at"})
    rows = [sending_screens.suppression_data(row) for row in found.rows]
    return Answer({"suppressions": rows, "pagination": found.data}, sending_screens.suppressions(found))


def _asked(call: Call, email: str) -> Answer:
    from campaign_adapters.cli import sending_screens
    from campaign_adapters.cli.wording import when

    with call.kernel() as kernel:
        row = kernel.suppression_of(email)
    if row is None:
        nothing: dict[str, Any] = {"suppressed": False, "suppression": None}
        return Answer(nothing, "No: it may be written to.", ExitCode.NO)
    told = f"Yes, since {when(row.suppressed_at)} UTC: {row.reason.value}."
    return Answer({"suppressed": True, "suppression": sending_screens.suppression_data(row)}, told)
