"""The questions about campaigns: which there are, how one stands, and what happened to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from campaign_adapters.cli import typed_values
from campaign_adapters.cli.calls import Answer, Call
from campaign_adapters.cli.campaign_commands import CampaignId
from campaign_adapters.cli.shared_options import PageLimit, PageNumber, command

if TYPE_CHECKING:
    from datetime import datetime

    from campaign_core import Recorded

#: What a list of campaigns can be sorted by.
SORTS: Final = ("name", "status", "created_at", "launched_at", "sent_count", "reply_count")


def register(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    command(app, "list", "list", "list --status ACTIVE --search spring --sort launched_at --order desc")(list_)
    command(app, "show", "show 6f1c2a34")(show)
    command(app, "history", "history 6f1c2a34", "history 6f1c2a34 --as-of 2030-01-31T09:00Z")(history)


def list_(
    call: Call,
    status: Annotated[
        str | None, typer.Option(metavar="STATUS", help="Only campaigns of this status.", show_default=False)
    ] = None,
    search: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Only names that hold this.", show_default=False)
    ] = None,
    days: Annotated[
        int | None,
        typer.Option(min=1, max=36_500, metavar="N", help="Only those created in the last N days.", show_default=False),
    ] = None,
    sort: Annotated[str, typer.Option(metavar="FIELD", help=f"{', '.join(SORTS[:-1])} or {SORTS[-1]}.")] = "created_at",
    order: Annotated[str, typer.Option(metavar="asc|desc", help="Rising or falling.")] = "asc",
    page: PageNumber = 1,
    limit: PageLimit = 100,
) -> Answer:
    """List campaigns, oldest first if nothing else is said."""
    from campaign_adapters.cli import data, screens
    from campaign_adapters.cli.paging import read_page
    from campaign_core import CAMPAIGNS, Status

    where = {} if status is None else {"status": typed_values.member(Status, status, "--status")}
    query = {
        "where": where,
        "contains": {} if search is None else {"name_folded": search.casefold()},
        "at_least": {} if days is None else {"created_at": typed_values.days_ago(days)},
    }
    sorting = {
        "order_by": typed_values.one_of(SORTS, sort, "--sort"),
        "direction": {"asc": "ascending", "desc": "descending"}[typed_values.one_of(("asc", "desc"), order, "--order")],
    }
    with call.kernel() as kernel:
        found = read_page(kernel.view(CAMPAIGNS), page, limit, order=sorting, **query)
    rows = [data.campaign_data(row) for row in found.rows]
    narrowed = any(query.values())
    return Answer({"campaigns": rows, "pagination": found.data}, screens.campaigns(found, narrowed=narrowed))


def show(call: Call, campaign: CampaignId) -> Answer:
    """Show one campaign, and what it still needs."""
    from campaign_adapters.cli import data, screens
    from campaign_adapters.cli.ids import campaign_named
    from campaign_adapters.cli.reading import sight_of

    with call.kernel() as kernel:
        sight = sight_of(kernel, campaign_named(kernel, campaign))
    plain = {
        **data.campaign_data(sight.row),
        **data.readiness_data(sight.readiness, sight.faults),
        "inboxes": [data.inbox_data(each) for each in sight.inboxes],
        "leads_by_status": dict(sight.leads),
    }
    return Answer(plain, screens.campaign(sight))


def history(
    call: Call,
    identity: Annotated[
        str, typer.Argument(metavar="ID", help="A campaign or an inbox; the whole id once deleted.", show_default=False)
    ],
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="VERSION|INSTANT",
            help="The campaign as it was then, and what had happened; UTC if the instant has no offset.",
            show_default=False,
        ),
    ] = None,
) -> Answer:
    """Show what happened to a campaign or an inbox."""
    from campaign_adapters.cli import data, screens
    from campaign_adapters.cli.ids import anything_named
    from campaign_core import INBOXES

    moment = None if as_of is None else typed_values.version_or_instant(as_of, "--as-of")
    with call.kernel() as kernel:
        whole = anything_named(kernel, identity)
        events = kernel.history(whole)
        then = None
        if moment is not None:
            version, at = (moment, None) if isinstance(moment, int) else (None, moment)
            events = _until(events, version, at)
            then = kernel.as_of(whole, version=version, at=at)
        addresses = {row.inbox_id: row.email_address for row in kernel.view(INBOXES).find()}
    plain: dict[str, Any] = {"id": str(whole)}
    if then is not None:
        plain["campaign"] = data.campaign_data(then)
    plain["events"] = [data.event_data(each) for each in events]
    return Answer(plain, screens.history(events, addresses, then))


def _until(events: list[Recorded], version: int | None, at: datetime | None) -> list[Recorded]:
    """What had happened by then.

    Raises:
        InvalidMessage: nothing had.
    """
    from campaign_adapters.cli.wording import when
    from campaign_core import InvalidMessage, Problem
    from campaign_core.audit.history import until

    kept = until(events, version, at)
    if not kept:
        first = when(events[0].metadata.recorded_at)
        sentence = f"there was nothing yet; it begins with version 1, recorded at {first} UTC"
        raise InvalidMessage((Problem("--as-of", sentence),))
    return kept
