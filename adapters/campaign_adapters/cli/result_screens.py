"""How is what a campaign brought told, as data and in a terminal?

As data, rates are fractions with four decimals and null where nothing was sent; people see percent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

import attrs

from campaign_adapters.cli.ids import short
from campaign_adapters.cli.plain_text import plain
from campaign_adapters.cli.tables import Drawing, new_table
from campaign_core import (
    INBOXES,
    CampaignRow,
    Day,
    DayCounts,
    Kernel,
    LeadCounts,
    Measure,
    Result,
    Results,
    StepResult,
    VariantResult,
    Verdict,
)
from campaign_core.analytics.intervals import wilson
from campaign_core.analytics.rates import shown
from campaign_core.kernel.results import InboxResult, Interval, succeeded

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

#: The longest bar of a plot, in characters; shorter where the terminal is narrow, and never shorter than the second.
_LONGEST_BAR, _SHORTEST_BAR = 40, 8
#: A terminal with fewer columns is shown less.
_NARROW: Final = 72
#: Columns between two cells.
_BETWEEN: Final = 3
_BAR: Final = "#"


def addresses_of(kernel: Kernel) -> dict[UUID, str]:
    """The addresses of all inboxes that are not removed."""
    return {row.inbox_id: row.email_address for row in kernel.view(INBOXES).find()}


def stats_data(
    row: CampaignRow, results: Results, days: Sequence[Day], addresses: Mapping[UUID, str]
) -> dict[str, Any]:
    """What a campaign brought, in every part, and its days."""
    return {
        "campaign_id": str(row.campaign_id),
        "name": row.name,
        "status": row.status.value,
        "leads": _leads_data(results.leads),
        "total": _result_data(results.total),
        "by_step": [{**_step_data(each), **_result_data(each)} for each in results.by_step],
        "by_variant": [{**_variant_data(each), **_result_data(each)} for each in results.by_variant],
        "by_inbox": [
            {
                "inbox_id": str(each.inbox_id),
                "email_address": addresses.get(each.inbox_id),
                **_result_data(each),
            }
            for each in results.by_inbox
        ],
        "timeline": [{"date": each.date.isoformat(), **attrs.asdict(each.counts)} for each in days],
    }


def _leads_data(leads: LeadCounts) -> dict[str, Any]:
    rates = {"completion_rate": shown(leads.completion_rate), "success_rate": shown(leads.success_rate)}
    return {**attrs.asdict(leads), **rates}


def _step_data(each: StepResult) -> dict[str, Any]:
    sequence_id = None if each.sequence_id is None else str(each.sequence_id)
    return {"step_number": each.step_number, "sequence_id": sequence_id}


def _variant_data(each: VariantResult) -> dict[str, Any]:
    return {
        **_step_data(each),
        "variant_name": each.variant_name,
        "variant_label": each.variant_label,
        "distribution_percent": each.distribution_percent,
    }


def _result_data(result: Result) -> dict[str, Any]:
    rates = {name: shown(rate) for name, rate in attrs.asdict(result.rates).items()}
    intervals = {
        "open_interval": result.open_interval,
        "reply_interval": result.reply_interval,
        "bounce_interval": result.bounce_interval,
    }
    ends = {name: [shown(end) for end in interval] for name, interval in intervals.items()}
    return {**attrs.asdict(result.counts), **rates, **ends}


def stats(
    row: CampaignRow,
    results: Results,
    part: str | None,
    addresses: Mapping[UUID, str],
    days: Sequence[Day],
    *,
    whole_range: bool,
) -> Drawing:
    """What a campaign brought, by one of its parts if one is named, and its days."""

    def draw(console: Console) -> None:
        narrow = console.width < _NARROW
        console.print(plain(row.name), style="bold", soft_wrap=True)
        console.print(_leads_text(results.leads))
        console.print()
        console.print(_total_table(results.total))
        if part is not None:
            console.print()
            console.print(_parts_table(results, part, addresses, narrow=narrow))
        console.print()
        _print_timeline(console, days if whole_range else _eventful(days), narrow=narrow)

    return draw


def _leads_text(leads: LeadCounts) -> str:
    if not leads.total:
        return "It has no leads."
    return (
        f"{leads.total:,} leads: {leads.contacted:,} contacted ({_percent(leads.completion_rate)}), "
        f"{leads.reached:,} reached ({_percent(leads.success_rate)}), {leads.replied:,} replied."
    )


def _total_table(total: Result) -> Table:
    counts, rates = total.counts, total.rates
    table = new_table("Mails", ">Count", ">Rate", "95 % confidence", fixed=("95 % confidence",))
    table.add_row("sent", f"{counts.sent:,}", "", "")
    for name, count, rate, interval in (
        ("opened", counts.opened, rates.open_rate, total.open_interval),
        ("clicked", counts.clicked, rates.click_rate, None),
        ("replied", counts.replied, rates.reply_rate, total.reply_interval),
        ("unsubscribed", counts.unsubscribed, rates.unsubscribe_rate, None),
        ("complained", counts.complained, rates.complaint_rate, None),
        ("opened by a program", counts.opened_by_machine, rates.machine_open_rate, None),
        ("bounced, not sent", counts.bounced, rates.bounce_rate, total.bounce_interval),
    ):
        between = "" if interval is None or rate is None else _between(interval)
        table.add_row(name, f"{count:,}", _percent(rate), between)
    return table


def _parts_table(results: Results, part: str, addresses: Mapping[UUID, str], *, narrow: bool) -> Table:
    """A table of steps, variants or inboxes: below each rate where it lies with 95 % confidence."""
    table = new_table(part.capitalize(), ">Sent", ">Opened", ">Replied", *([] if narrow else [">Bounced"]))
    found: Mapping[str, Sequence[Result]] = {
        "step": results.by_step,
        "variant": results.by_variant,
        "inbox": results.by_inbox,
    }
    for each in found[part]:
        cells = [
            _with_interval(each.rates.open_rate, each.open_interval),
            _with_interval(each.rates.reply_rate, each.reply_interval),
            _with_interval(each.rates.bounce_rate, each.bounce_interval),
        ]
        table.add_row(_part_name(each, addresses), f"{each.counts.sent:,}", *cells[: 2 if narrow else 3])
    return table


def _part_name(each: Result, addresses: Mapping[UUID, str]) -> str:
    match each:
        case VariantResult():
            label = "" if each.variant_label is None else f" {plain(each.variant_label)}"
            return f"{_step_name(each)} {each.variant_name}{label}"
        case StepResult():
            return _step_name(each)
        case InboxResult():
            return plain(addresses.get(each.inbox_id, f"{short(each.inbox_id)} (removed)"))
        case _:
            return ""


def _step_name(each: StepResult) -> str:
    return "taken out" if each.step_number is None else f"{each.step_number}"


def _with_interval(rate: float | None, interval: Interval) -> str:
    return "-" if rate is None else f"{_percent(rate)}\n{_between(interval)}"


def _eventful(days: Sequence[Day]) -> Sequence[Day]:
    """From the first to the last day on which anything happened."""
    places = [place for place, each in enumerate(days) if each.counts != DayCounts()]
    return days[places[0] : places[-1] + 1] if places else ()


def _print_timeline(console: Console, days: Sequence[Day], *, narrow: bool) -> None:
    if not days:
        console.print("Nothing happened in the last 90 days.")
        return
    headings = (">Opened", ">Replied") if narrow else (">Opened", ">Replied", ">Bounced", ">Opted out")
    most = max(each.counts.sent for each in days)
    beside = sum(map(len, headings)) + (len(headings) + 2) * _BETWEEN + max(4, len(f"{most:,}")) + len("2030-01-31")
    widest = max(_SHORTEST_BAR, min(_LONGEST_BAR, console.width - beside))
    table = new_table("Day (UTC)", ">Sent", "", *headings, fixed=("Day (UTC)", ""))
    for each in days:
        counts = each.counts
        told = (counts.opened, counts.replied, counts.bounced, counts.unsubscribed)[: len(headings)]
        bar = bar_of(counts.sent, most, widest)
        table.add_row(each.date.isoformat(), f"{counts.sent:,}", bar, *(f"{count:,}" for count in told))
    console.print(table)


def bar_of(count: int, most: int, widest: int) -> str:
    """A bar as long as the count is beside the most there is; at least one character where there is anything."""
    return _BAR * (max(1, round(count / most * widest)) if count else 0)


class Comparison(NamedTuple):
    """The variants of one step, compared."""

    step_number: int
    measure: Measure
    variants: Sequence[VariantResult]
    #: None where there are fewer than two to compare.
    verdict: Verdict | None


def comparison_of(results: Results, step_number: int, measure: Measure) -> Comparison:
    """What the results say about the variants of a step."""
    variants = [each for each in results.by_variant if each.step_number == step_number]
    return Comparison(step_number, measure, variants, results.verdict(step_number, measure))


def comparison_data(compared: Comparison) -> dict[str, Any]:
    """The variants of one step and the verdict on them; what only a verdict has is null where there is none."""
    verdict = compared.verdict
    return {
        "step_number": compared.step_number,
        "winner": None if verdict is None else verdict.winner,
        "sentence": _sentence(compared),
        "more_mails": None if verdict is None else verdict.more_mails,
        "needed": None if verdict is None else verdict.needed,
        "evidence": [
            {"better": each.better, "other": each.other, "e_value": _rounded(each.e_value)}
            for each in (() if verdict is None else verdict.evidence)
        ],
        "variants": [
            {
                "variant_name": each.variant_name,
                "variant_label": each.variant_label,
                "distribution_percent": each.distribution_percent,
                "sent": each.counts.sent,
                "successes": succeeded(each.counts, compared.measure),
                "rate": shown(_rate(each, compared.measure)),
                "interval": [shown(end) for end in _interval(each, compared.measure)],
            }
            for each in compared.variants
        ],
    }


def comparisons(row: CampaignRow, found: Sequence[Comparison]) -> Drawing:
    """A table and a verdict for each step that is compared."""

    def draw(console: Console) -> None:
        console.print(plain(row.name), style="bold", soft_wrap=True)
        if not found:
            console.print("There is nothing to compare: no step has two variants.")
        for each in found:
            console.print()
            console.print(f"Step {each.step_number}, by {each.measure.value}:")
            console.print(_comparison_table(each))
            console.print(_sentence(each))

    return draw


def _comparison_table(compared: Comparison) -> Table:
    table = new_table(
        "Variant", ">Share", ">Sent", f">{compared.measure.value.capitalize()}", ">Rate", "95 % confidence", ">Evidence",
        fixed=("95 % confidence",),
    )  # fmt: skip
    for each in compared.variants:
        rate = _rate(each, compared.measure)
        table.add_row(
            each.variant_name if each.variant_label is None else f"{each.variant_name} {plain(each.variant_label)}",
            f"{each.distribution_percent} %",
            f"{each.counts.sent:,}",
            f"{succeeded(each.counts, compared.measure):,}",
            _percent(rate),
            "" if rate is None else _between(_interval(each, compared.measure)),
            _evidence(compared.verdict, each.variant_name),
        )
    return table


def _evidence(verdict: Verdict | None, name: str) -> str:
    """How strongly the counts speak against a variant, of how much is needed; the one they speak for leads or wins."""
    for each in () if verdict is None else verdict.evidence:
        if each.better == name:
            return "leads" if verdict is None or verdict.winner is None else "wins"
        if each.other == name and verdict is not None:
            return f"{_rounded(each.e_value):,g} of {verdict.needed:,g}"
    return ""


def _sentence(compared: Comparison) -> str:
    if compared.verdict is None:
        return f"Step {compared.step_number} has no two variants to compare."
    return compared.verdict.sentence


def _rate(each: Result, measure: Measure) -> float | None:
    return {Measure.REPLIES: each.rates.reply_rate, Measure.OPENS: each.rates.open_rate}[measure]


def _interval(each: Result, measure: Measure) -> Interval:
    return wilson(succeeded(each.counts, measure), each.counts.sent)


def _rounded(number: float) -> float:
    """To three digits that count."""
    return float(f"{number:.3g}")


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{rate * 100:.2f} %"


def _between(interval: Interval) -> str:
    return f"{interval[0] * 100:.1f}-{interval[1] * 100:.1f} %"
