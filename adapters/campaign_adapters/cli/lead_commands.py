"""The commands about leads."""

from __future__ import annotations

from typing import Annotated

import typer

from campaign_adapters.cli.calls import Answer, Call, answered, tell
from campaign_adapters.cli.campaign_commands import CampaignId
from campaign_adapters.cli.shared_options import CommandId, command, group


def register(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    leads = group(app, "leads", "Add leads to a campaign, and list them.")
    command(leads, "upload")(upload)
    command(leads, "list")(list_)


def upload(
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
    from campaign_adapters.cli.ids import campaign_named
    from campaign_core import UploadLeads

    with call.kernel() as kernel:
        leads = UploadLeads(
            campaign_named(kernel, campaign),
            file,
            mapping=_mapping(columns) if columns else None,
            encoding=encoding,
            delimiter=delimiter,
        )
        return answered(tell(kernel, leads, command_id), "campaign")


def list_(
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
    pagination = data.pagination_data(page, limit, total)
    plain = {
        "leads": [data.lead_data(row, its) for row, its in zip(rows, values, strict=True)],
        "pagination": pagination,
    }
    heading = (
        f"Page {page:,} of {pagination['pages']:,}; {total:,} leads." if total else "The campaign has no leads yet."
    )
    return Answer(plain, screens.leads(rows, values, heading))


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
