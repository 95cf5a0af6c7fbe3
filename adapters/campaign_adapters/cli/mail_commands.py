"""The commands about what mails say: looked at for one lead, checked for all of them, and checked before they are saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from campaign_adapters.cli import typed_values
from campaign_adapters.cli.calls import Answer, Call
from campaign_adapters.cli.campaign_commands import CampaignId
from campaign_adapters.cli.exit_codes import ExitCode
from campaign_adapters.cli.shared_options import command

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from campaign_adapters.cli.linting import Fields
    from campaign_core import CampaignRow, Kernel, Preview

#: How many wordings of a mail are listed where no number is given, and at most.
USUAL_WORDINGS: Final = 100
MOST_WORDINGS: Final = 10_000


def register(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    command(
        app,
        "preview",
        "preview 6f1c2a34 --lead ada@engines.example",
        'preview 6f1c2a34 --set "first_name=Ada" --step 1 --variant B --all-combinations',
    )(preview)
    command(app, "preflight", "preflight 6f1c2a34")(preflight)
    command(app, "lint", "lint variants.yaml --campaign 6f1c2a34", "lint subject.txt --subject --field city")(lint)


def preview(
    call: Call,
    campaign: CampaignId,
    lead: Annotated[
        str | None,
        typer.Option(metavar="LEAD", help="The lead's address, or its id; else the first lead.", show_default=False),
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A value to try; may be repeated.", show_default=False),
    ] = None,
    step: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Only this step; 1 is the first mail.", show_default=False)
    ] = None,
    variant: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only variants of this name.", show_default=False)
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            metavar="INSTANT", help="When it is sent; in the campaign's zone if it has no offset.", show_default=False
        ),
    ] = None,
    html: Annotated[bool, typer.Option("--html", help="Show the source of HTML parts.")] = False,
    all_combinations: Annotated[
        bool, typer.Option("--all-combinations", help="List every wording that spintax makes.")
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=MOST_WORDINGS,
            metavar="N",
            help=f"List so many wordings of each mail, {USUAL_WORDINGS} if not given.",
            show_default=False,
        ),
    ] = None,
) -> Answer:
    """Show the mails as they would go to one lead. Nothing is sent.

    Values given with --set stand in for those of the lead, or make up a lead where none is named.
    """
    from campaign_adapters.cli import mail_data, mail_screens
    from campaign_core import MailChoice

    if limit is not None and not all_combinations:
        raise typer.BadParameter("it says how many --all-combinations lists; give both.", param_hint="--limit")
    made_up = None if not values else typed_values.values_of_a_lead(values, "--set")
    with call.kernel() as kernel:
        row = _row(kernel, campaign)
        moment = _moment(at, row.settings.timezone)
        choice = MailChoice(lead=_lead(kernel, row, lead), values=made_up, step=step, variant=variant)
        mails = kernel.preview(row.campaign_id, choice, at=moment)
        told = limit or USUAL_WORDINGS
        listed = kernel.wordings(row.campaign_id, choice, at=moment, limit=told) if all_combinations else None
        addressee = _address(kernel, row, mails)
    seen = mail_data.Seen(row, mails, listed, moment, made_up is not None, addressee)
    return Answer(mail_data.preview_data(seen), mail_screens.mails(seen, as_html=html))


def preflight(call: Call, campaign: CampaignId) -> Answer:
    """Look for what would keep a campaign from starting. Nothing is changed.

    Every mail is rendered for every lead, as a launch would. Ends with the exit code that a launch would end with.
    """
    from campaign_adapters.cli import data, wording

    with call.kernel() as kernel:
        row = _row(kernel, campaign)
        readiness, faults = kernel.readiness(row.campaign_id), kernel.preflight(row.campaign_id)
    if "inboxes" in readiness.missing_requirements:
        faults = tuple(each for each in faults if each.code != "no_usable_inbox")
    plain = {"campaign_id": str(row.campaign_id), **data.readiness_data(readiness, faults)}
    code = ExitCode.CANNOT_RUN if faults else ExitCode.OK
    code = code if readiness.is_launch_ready else ExitCode.PARTS_MISSING
    return Answer(plain, wording.preflight_text(row, readiness, faults), code)


def lint(
    call: Call,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="One template; or variants or follow-ups, as YAML or JSON. A hyphen is standard input.",
            show_default=False,
        ),
    ],
    fields: Annotated[
        list[str] | None,
        typer.Option("--field", metavar="NAME", help="A field that leads have; may be repeated.", show_default=False),
    ] = None,
    campaign: Annotated[
        str | None,
        typer.Option(metavar="ID", help="The campaign whose leads will get the mails.", show_default=False),
    ] = None,
    subject: Annotated[bool, typer.Option("--subject", help="The template is a subject, not a body.")] = False,
) -> Answer:
    """Look for errors in templates before they are saved, and say how they are read.

    A name that ends in .yaml, .yml or .json is read as `variants` and `sequences` would; any other file is one template.
    Only --campaign needs the database.
    """
    from campaign_adapters.cli import linting, mail_data, mail_screens

    held = linting.read_lint_file(file, subject=subject)
    known = _fields(call, campaign, fields or [])
    found = [linting.linted(each, known) for each in held.texts]
    problems = linting.other_problems(held, found)
    code = ExitCode.INVALID_INPUT if problems or any(each.errors for each in found) else ExitCode.OK
    return Answer(mail_data.lint_data(found, problems), mail_screens.lint(found, problems), code)


def _row(kernel: Kernel, campaign: str) -> CampaignRow:
    """The campaign that is named.

    Raises:
        UnknownCampaign: there is none.
    """
    from campaign_adapters.cli.ids import campaign_named
    from campaign_core import CAMPAIGNS, UnknownCampaign

    campaign_id = campaign_named(kernel, campaign)
    row = kernel.view(CAMPAIGNS).get(campaign_id)
    if row is None:
        raise UnknownCampaign(campaign_id)
    return row


def _moment(given: str | None, timezone: str) -> datetime:
    """The instant a mail is sent at: the one given, else the present one."""
    from campaign_core import InvalidMessage, Problem
    from campaign_core.checks import instant, sentence_for
    from campaign_core.sending.zones import instant_in

    if given is None:
        return typed_values.days_ago(0)
    at = typed_values.instant(given, "--at")
    wrong = sentence_for(instant(), at)
    if wrong is not None:
        raise InvalidMessage((Problem("--at", wrong),))
    return instant_in(at, timezone)


def _lead(kernel: Kernel, row: CampaignRow, given: str | None) -> UUID | None:
    from campaign_adapters.cli.ids import lead_named

    return None if given is None else lead_named(kernel, row.campaign_id, given)


def _address(kernel: Kernel, row: CampaignRow, mails: Sequence[Preview]) -> str | None:
    """The address of the lead that mails are for; None where they are for none, or it was erased."""
    from campaign_core import LEADS
    from campaign_core.lead.identity import lead_number_of

    lead_id = mails[0].lead_id if mails else None
    number = None if lead_id is None else lead_number_of(row.campaign_id, lead_id)
    lead = None if number is None else kernel.view(LEADS).get(row.campaign_id, number)
    return None if lead is None else lead.email


def _fields(call: Call, campaign: str | None, given: list[str]) -> Fields:
    """What is known of the fields of leads.

    Raises:
        typer.BadParameter: a name cannot be that of a field.
    """
    from campaign_adapters.cli.linting import Fields
    from campaign_core.content.names import name_problem
    from campaign_core.fields import field_name

    for each in given:
        wrong = name_problem(each)
        if wrong is not None:
            raise typer.BadParameter(f"{each!r} cannot be the name of a field. {wrong}", param_hint="--field")
    declared = frozenset(map(field_name, given))
    if campaign is not None:
        with call.kernel() as kernel:
            declared |= kernel.declared_fields(_row(kernel, campaign).campaign_id)
    return Fields(declared, complete=bool(given) or campaign is not None)
