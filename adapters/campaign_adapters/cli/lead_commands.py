"""The commands about the leads of a campaign."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from campaign_adapters.cli import answer_commands, typed_values
from campaign_adapters.cli.calls import Answer, Call, answered, tell
from campaign_adapters.cli.campaign_commands import CampaignId, LeadName
from campaign_adapters.cli.shared_options import CommandId, PageLimit, PageNumber, command, group

if TYPE_CHECKING:
    from uuid import UUID

    from campaign_core import Kernel

FirstName = Annotated[
    str | None, typer.Option("--first-name", metavar="TEXT", help="What the lead is called.", show_default=False)
]
LastName = Annotated[
    str | None, typer.Option("--last-name", metavar="TEXT", help="The family name.", show_default=False)
]
Company = Annotated[
    str | None, typer.Option("--company", metavar="TEXT", help="Where the lead works.", show_default=False)
]
Fields = Annotated[
    list[str] | None,
    typer.Option("--field", metavar="NAME=VALUE", help="Any other field; may be repeated.", show_default=False),
]


def register(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    leads = group(app, "leads", "The people a campaign writes to.")
    command(
        leads,
        "upload",
        "leads upload 6f1c2a34 leads.csv",
        """leads upload 6f1c2a34 export.csv --mapping '{"email": "E-Mail"}' --duplicate-action update""",
    )(upload)
    command(leads, "add", "leads add 6f1c2a34 ada@acme.example --first-name Ada --field city=Oslo")(add)
    command(leads, "update", "leads update 6f1c2a34 ada@acme.example --field city=Bergen --clear company")(update)
    command(leads, "remove", "leads remove 6f1c2a34 ada@acme.example bo@acme.example")(remove)
    command(leads, "list", "leads list 6f1c2a34 --search acme --limit 50")(list_)
    command(leads, "export", "leads export 6f1c2a34 leads.csv", "leads export 6f1c2a34 | wc -l")(export)
    command(leads, "show", "leads show 6f1c2a34 ada@acme.example")(show)
    answer_commands.register(leads)


def upload(
    call: Call,
    campaign: CampaignId,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A CSV file with a header row.", show_default=False)],
    mapping: Annotated[
        str | None,
        typer.Option(
            metavar="JSON",
            help="An object of field names and the headers of their columns; other columns are left out.",
            show_default=False,
        ),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="FIELD=HEADER", help="The same, one column each; may be repeated.", show_default=False
        ),
    ] = None,
    duplicate_action: Annotated[
        str,
        typer.Option(
            metavar="skip|update|replace",
            help="What becomes of a lead that is there already: left, given what is not blank, or given the whole row.",
        ),
    ] = "skip",
    delete_existing: Annotated[
        bool, typer.Option("--delete-existing", help="First remove every lead that was never contacted.")
    ] = False,
    encoding: Annotated[
        str | None, typer.Option(metavar="NAME", help="Its encoding; detected if left out.", show_default=False)
    ] = None,
    delimiter: Annotated[
        str | None,
        typer.Option(
            metavar="CHAR", help="What stands between cells, tab for a tab; detected if left out.", show_default=False
        ),
    ] = None,
    command_id: CommandId = None,
) -> Answer:
    """Add the leads of a CSV file, and account for every row of it."""
    from campaign_adapters.cli.ids import campaign_named
    from campaign_adapters.cli.progress import bar, watched_file
    from campaign_core import DuplicateAction, UploadLeads

    action = typed_values.member(DuplicateAction, duplicate_action, "--duplicate-action")
    chosen = _mapping(mapping, columns)
    with (
        call.kernel() as kernel,
        bar(call, f"Uploading {file}") as progress,
        watched_file(file, progress) as content,
    ):
        command = UploadLeads(
            campaign_named(kernel, campaign),
            content,
            mapping=chosen,
            encoding=encoding,
            delimiter=typed_values.character(delimiter),
            duplicate_action=action,
            delete_existing=delete_existing,
        )
        outcome = tell(kernel, command, command_id)
    return answered(outcome, "campaign")


def add(
    call: Call,
    campaign: CampaignId,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="The lead's address.", show_default=False)],
    first_name: FirstName = None,
    last_name: LastName = None,
    company: Company = None,
    fields: Fields = None,
    command_id: CommandId = None,
) -> Answer:
    """Add one lead by hand."""
    from campaign_adapters.cli.ids import campaign_named
    from campaign_core import AddLead

    values = _values({"first_name": first_name, "last_name": last_name, "company": company}, fields, ())
    with call.kernel() as kernel:
        outcome = tell(kernel, AddLead(campaign_named(kernel, campaign), email, **values), command_id)
    return answered(outcome, "campaign")


def update(
    call: Call,
    campaign: CampaignId,
    lead: LeadName,
    first_name: FirstName = None,
    last_name: LastName = None,
    company: Company = None,
    fields: Fields = None,
    clear: Annotated[
        list[str] | None,
        typer.Option("--clear", metavar="NAME", help="Take a value away; may be repeated.", show_default=False),
    ] = None,
    command_id: CommandId = None,
) -> Answer:
    """Change values of one lead; what is not named stays. Its address never changes."""
    from campaign_adapters.cli.ids import lead_named
    from campaign_core import ReviseLead

    values = _values({"first_name": first_name, "last_name": last_name, "company": company}, fields, clear or ())
    with call.kernel() as kernel:
        campaign_id = _existing(kernel, campaign)
        command = ReviseLead(campaign_id, lead_named(kernel, campaign_id, lead), **values)
        outcome = tell(kernel, command, command_id)
    return answered(outcome, "lead")


def remove(
    call: Call,
    campaign: CampaignId,
    leads: Annotated[
        list[str], typer.Argument(metavar="LEAD...", help="Addresses or ids of leads.", show_default=False)
    ],
    command_id: CommandId = None,
) -> Answer:
    """Take out leads that were never contacted; others are kept, and counted.

    To repeat it under its command id, name the leads by their ids: an address names nobody once its lead is gone.
    """
    from campaign_adapters.cli.ids import lead_named
    from campaign_core import RemoveLeads

    with call.kernel() as kernel:
        campaign_id = _existing(kernel, campaign)
        named = tuple(lead_named(kernel, campaign_id, each) for each in leads)
        outcome = tell(kernel, RemoveLeads(campaign_id, named), command_id)
    return answered(outcome, "campaign")


def list_(
    call: Call,
    campaign: CampaignId,
    status: Annotated[
        str | None, typer.Option(metavar="STATUS", help="Only leads of this status.", show_default=False)
    ] = None,
    search: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Only addresses that hold this.", show_default=False)
    ] = None,
    batch: Annotated[
        str | None, typer.Option(metavar="ID", help="Only leads of one upload.", show_default=False)
    ] = None,
    page: PageNumber = 1,
    limit: PageLimit = 20,
) -> Answer:
    """List the leads of a campaign, in the order they were added."""
    from campaign_adapters.cli import data, screens
    from campaign_adapters.cli.ids import whole_id
    from campaign_adapters.cli.paging import read_page
    from campaign_core import LEADS, LeadStatus

    where: dict[str, Any] = {}
    if status is not None:
        where["status"] = typed_values.member(LeadStatus, status, "--status")
    if batch is not None:
        where["batch_id"] = whole_id(batch, "--batch")
    with call.kernel() as kernel:
        where["campaign_id"] = _existing(kernel, campaign)
        contains = {} if search is None else {"address": search.lower()}
        found = read_page(kernel.view(LEADS), page, limit, order={}, where=where, contains=contains)
        values = kernel.lead_values(found.rows)
    rows = [data.lead_data(row, its) for row, its in zip(found.rows, values, strict=True)]
    narrowed = status is not None or search is not None or batch is not None
    nothing = "No lead fits." if narrowed else "The campaign has no leads yet."
    heading = found.place("leads") if found.total else nothing
    return Answer({"leads": rows, "pagination": found.data}, screens.leads(found.rows, values, heading))


def show(call: Call, campaign: CampaignId, lead: LeadName) -> Answer:
    """Show one lead: how it stands, which mails went to it, and what came back."""
    from campaign_adapters.cli import data, sending_screens
    from campaign_adapters.cli.ids import lead_named
    from campaign_adapters.cli.reading import way_of

    with call.kernel() as kernel:
        campaign_id = _existing(kernel, campaign)
        way = way_of(kernel, campaign_id, lead_named(kernel, campaign_id, lead))
    events = [data.event_data(each) for each in way.events]
    return Answer({**data.lead_data(way.row, way.values), "events": events}, sending_screens.lead(way))


def export(
    call: Call,
    campaign: CampaignId,
    file: Annotated[
        str | None, typer.Argument(metavar="[FILE]", help="Where to; printed if left out.", show_default=False)
    ] = None,
) -> Answer:
    """Write all leads as CSV that an upload takes back.

    UTF-8, a header row first, every cell in quotes, and none that a spreadsheet would run as a formula.
    """
    from campaign_adapters.cli.ids import campaign_named
    from campaign_adapters.cli.whole_file import write_whole

    with call.kernel() as kernel:
        campaign_id = campaign_named(kernel, campaign)
        lines = kernel.export_leads(campaign_id)
        if file is not None:
            count = write_whole(file, lines) - 1
            told = f"Wrote {count:,} leads to {file}."
            return Answer({"campaign_id": str(campaign_id), "leads": count, "file": file, "csv": None}, told)
        count, kept = -1, []
        for line in lines:
            call.put(line)
            count += 1
            kept += [line] if call.json else []
    return Answer({"campaign_id": str(campaign_id), "leads": count, "file": None, "csv": "".join(kept)}, None)


def _existing(kernel: Kernel, campaign: str) -> UUID:
    """The campaign an id names.

    Raises:
        UnknownCampaign: there is none, or it was deleted.
    """
    from campaign_adapters.cli.ids import campaign_named
    from campaign_core import CAMPAIGNS, UnknownCampaign

    campaign_id = campaign_named(kernel, campaign)
    if kernel.view(CAMPAIGNS).get(campaign_id) is None:
        raise UnknownCampaign(campaign_id)
    return campaign_id


def _mapping(as_json: str | None, columns: list[str] | None) -> Any:
    """Field to header, whichever way it was given.

    Raises:
        typer.BadParameter: it was given both ways, or cannot be understood.
    """
    if as_json is not None and columns:
        raise typer.BadParameter("give the columns with --mapping or with --map, not both.", param_hint="--map")
    if as_json is not None:
        return typed_values.json_value(as_json, "--mapping")
    return typed_values.pairs(columns, "--map", "email=E-Mail") if columns else None


def _values(options: dict[str, str | None], fields: list[str] | None, cleared: Sequence[str]) -> dict[str, Any]:
    """What is said of a lead, by the names the kernel's commands have for it; None takes a value away.

    Raises:
        typer.BadParameter: a field is no pair, given twice, or the address.
    """
    from campaign_core.fields import EMAIL, STANDARD_FIELDS, field_name

    told = [(name, value) for name, value in options.items() if value is not None]
    told += typed_values.pairs(fields or (), "--field", "city=Oslo").items()
    given: dict[str, str | None] = {}
    for name, value in [*told, *((name, None) for name in cleared)]:
        if field_name(name) == EMAIL:
            raise typer.BadParameter("the address is the lead's EMAIL and never changes.", param_hint="--field")
        if field_name(name) in map(field_name, given):
            raise typer.BadParameter(f"{name!r} is given twice.", param_hint="--field")
        given[name] = value
    standard = {field_name(name): value for name, value in given.items() if field_name(name) in STANDARD_FIELDS}
    custom = {name: value for name, value in given.items() if field_name(name) not in STANDARD_FIELDS}
    return {**standard, "custom_fields": custom}
