"""The commands about what a campaign brought: its numbers, its days, and which of its variants is the better one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from campaign_adapters.cli import typed_values
from campaign_adapters.cli.calls import Answer, Call
from campaign_adapters.cli.campaign_commands import CampaignId
from campaign_adapters.cli.shared_options import command

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from campaign_core import CampaignRow, Day, Kernel, Results

#: What the numbers can be told by.
PARTS: Final = ("step", "variant", "inbox")


def register(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    command(app, "stats", "stats 6f1c2a34", "stats 6f1c2a34 --by variant --from 2030-01-01 --to 2030-01-31")(stats)
    command(app, "ab", "ab 6f1c2a34", "ab 6f1c2a34 --step 2 --measure opens")(ab)


def stats(
    call: Call,
    campaign: CampaignId,
    by: Annotated[
        str | None,
        typer.Option(metavar="PART", help="Also by step, by variant or by inbox.", show_default=False),
    ] = None,
    from_: Annotated[
        str | None,
        typer.Option("--from", metavar="DAY", help="The first day of the timeline, in UTC.", show_default=False),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="DAY", help="The last day of the timeline; today if left out.", show_default=False
        ),
    ] = None,
) -> Answer:
    """Show what a campaign brought so far, and what happened on each day.

    Rates are over the mails that did not bounce, and in brackets where they lie with 95 % confidence. Without --from,
    the timeline is of the last 90 days; days before the first and behind the last on which anything happened are left
    out then.
    """
    from campaign_adapters.cli import result_screens

    part = None if by is None else typed_values.one_of(PARTS, by, "--by")
    first, last = _day(from_, "--from"), _day(to, "--to")
    with call.kernel() as kernel:
        row, results = _asked(kernel, campaign)
        days = _timeline(kernel, row.campaign_id, first, last)
        addresses = result_screens.addresses_of(kernel)
    whole_range = first is not None or last is not None
    data = result_screens.stats_data(row, results, days, addresses)
    return Answer(data, result_screens.stats(row, results, part, addresses, days, whole_range=whole_range))


def ab(
    call: Call,
    campaign: CampaignId,
    step: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Only this step; else every step that has variants.", show_default=False),
    ] = None,
    measure: Annotated[
        str, typer.Option(metavar="replies|opens", help="What makes a variant better than another.")
    ] = "replies",
) -> Answer:
    """Compare the variants of a campaign, and say which is better as soon as that is known.

    You may look as often as you like: of tests whose variants are equally good, at most one in twenty ever names one.
    """
    from campaign_adapters.cli import result_screens
    from campaign_core import InvalidMessage, Measure, Problem

    measured = typed_values.member(Measure, measure, "--measure")
    with call.kernel() as kernel:
        row, results = _asked(kernel, campaign)
    known = [each.step_number for each in results.by_step if each.step_number is not None]
    if step is not None and step not in known:
        there = ", ".join(map(str, known))
        raise InvalidMessage((Problem("--step", f"the campaign has no step {step}; the steps it has: {there}"),))
    asked = known if step is None else [step]
    compared = [result_screens.comparison_of(results, each, measured) for each in asked]
    shown = [each for each in compared if each.verdict is not None or step is not None]
    data = {
        "campaign_id": str(row.campaign_id),
        "name": row.name,
        "measure": measured.value,
        "steps": [result_screens.comparison_data(each) for each in shown],
    }
    return Answer(data, result_screens.comparisons(row, shown))


def _asked(kernel: Kernel, given: str) -> tuple[CampaignRow, Results]:
    """The campaign that an id names, and what it brought.

    Raises:
        UnknownCampaign: there is none, or it was deleted.
    """
    from campaign_adapters.cli.ids import campaign_named
    from campaign_core import CAMPAIGNS, UnknownCampaign

    campaign_id = campaign_named(kernel, given)
    row = kernel.view(CAMPAIGNS).get(campaign_id)
    if row is None:
        raise UnknownCampaign(campaign_id)
    return row, kernel.results(campaign_id)


def _timeline(kernel: Kernel, campaign_id: UUID, first: date | None, last: date | None) -> list[Day]:
    """The days that were asked for; a refusal names the option.

    Raises:
        InvalidMessage: the days are no range, or too many.
    """
    from campaign_core import InvalidMessage, Problem

    try:
        return kernel.timeline(campaign_id, first, last)
    except InvalidMessage as wrong:
        raise InvalidMessage([Problem("--from", each.sentence) for each in wrong.problems]) from wrong


def _day(given: str | None, option: str) -> date | None:
    """A day such as 2030-01-31, or None where none was given.

    Raises:
        typer.BadParameter: it is none.
    """
    from datetime import date

    if given is None:
        return None
    try:
        return date.fromisoformat(given.strip())
    except ValueError:
        raise typer.BadParameter(f"it must be a day such as 2030-01-31, is {given!r}.", param_hint=option) from None
