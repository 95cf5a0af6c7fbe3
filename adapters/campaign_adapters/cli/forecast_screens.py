"""How is a forecast told, alone or beside another, as data and in a terminal?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from attrs import asdict

from campaign_adapters.cli.plain_text import folded, plain
from campaign_adapters.cli.tables import Drawing, new_table, print_facts
from campaign_core import CampaignRow, InboxRow
from campaign_core.campaign.mails import local_time
from campaign_core.conversion import unstructure
from campaign_core.kernel.forecasting import Outlook
from campaign_core.lead.identity import lead_id_of
from campaign_core.sending.forecast import Assumed

if TYPE_CHECKING:
    from rich.console import Console

#: Days told one by one where nothing else is asked for.
DAYS_TOLD: Final = 31
#: Leads that nothing reaches are told by the first of them.
LEADS_TOLD: Final = 3
#: With more inboxes than this, none has a column of its own.
_FEW_INBOXES: Final = 4
#: The longest and the shortest bar of the plot; where there is no room for that, there is none.
_WIDEST: Final = 40
_NARROWEST: Final = 10
#: Why no further mail goes to a lead unless somebody acts.
_REASONS: Final = {
    "suppressed": "suppressed",
    "outcome_unknown": "outcome of a mail unknown",
    "blank_subject": "subject would be blank",
    "blank_content": "nothing to read",
    "subject_line_break": "line break in the subject",
    "unreadable_template": "no text, or one that is no template",
}


class Told(NamedTuple):
    """A forecast, and what it is told with."""

    row: CampaignRow
    as_it_is: Outlook
    #: The forecast of what is supposed; None where nothing is.
    supposed: Outlook | None
    #: Every inbox of the workspace.
    inboxes: Mapping[UUID, InboxRow]
    #: Addresses of leads that nothing reaches, as many as are told, by number; those erased are left out.
    addresses: Mapping[int, str]
    assumed: Assumed

    @property
    def shown(self) -> Outlook:
        """The forecast whose days and leads are told."""
        return self.supposed or self.as_it_is


def data(told: Told, days: int | None) -> dict[str, Any]:
    """A forecast as data; all its days, or as many as were asked for."""
    plain_data: dict[str, Any] = {
        "campaign_id": str(told.as_it_is.campaign_id),
        "assumed": asdict(told.assumed),
        "forecast": _outlook_data(told.as_it_is, days),
        "supposed": None if told.supposed is None else _outlook_data(told.supposed, days),
    }
    if told.supposed is not None:
        plain_data["difference"] = {
            "mails": len(told.supposed.mails) - len(told.as_it_is.mails),
            "days_later": _days_later(told.as_it_is, told.supposed),
            "mails_per_day": round(_pace(told.supposed) - _pace(told.as_it_is), 3),
        }
    return plain_data


def _outlook_data(outlook: Outlook, days: int | None) -> dict[str, Any]:
    return {
        "timezone": outlook.timezone,
        "mails": len(outlook.mails),
        "mails_per_day": round(_pace(outlook), 3),
        "finishes_at": None if outlook.finishes_at is None else unstructure(outlook.finishes_at),
        "left": outlook.left,
        "unreachable": {
            reason: {
                "leads": len(numbers),
                "first": [str(lead_id_of(outlook.campaign_id, each)) for each in numbers[:LEADS_TOLD]],
            }
            for reason, numbers in outlook.unreachable.items()
        },
        "days": [
            {
                "date": day.isoformat(),
                "mails": mails.total(),
                "by_step": {str(step): count for step, count in sorted(_by(1, mails).items())},
                "by_inbox": {str(inbox): count for inbox, count in sorted(_by(0, mails).items())},
            }
            for day, mails in list(outlook.days().items())[:days]
        ],
        "planner_calls": outlook.planner_calls,
    }


def drawn(told: Told, days: int | None) -> Drawing:
    """A forecast to read: when it is through, what it leaves out, its days and a plot of them."""

    def draw(console: Console) -> None:
        print_facts(console, told.row.name, list(_facts(told)))
        for line in _remarks(told):
            console.print(folded(line, console.width))
        found = told.shown.days() if told.supposed is None else {**told.as_it_is.days(), **told.supposed.days()}
        if not found:
            return
        console.print()
        _draw_days(console, told, sorted(found)[: days or DAYS_TOLD])
        rest = sorted(found)[days or DAYS_TOLD :]
        if rest:
            mails = sum(told.shown.days().get(day, Counter()).total() for day in rest)
            later = "1 more day" if len(rest) == 1 else f"{len(rest):,} more days"
            console.print(f"And {later} until {_day(rest[-1])}, with {_mails(mails)}; --days tells more of them.")

    return draw


def _facts(told: Told) -> Iterator[tuple[str, str]]:
    yield "Status", told.row.status.value
    if told.supposed is None:
        yield "Mails", _total(told.as_it_is)
        yield "Last mail", _finish(told.as_it_is)
        return
    now, then = told.as_it_is, told.supposed
    yield "As it is", f"{_total(now)}; last mail {_finish(now)}"
    yield "Supposed", f"{_total(then)}; last mail {_finish(then)}"
    yield "Difference", "; ".join(_differences(now, then))


def _differences(now: Outlook, then: Outlook) -> Iterator[str]:
    later = _days_later(now, then)
    if later is not None:
        count = f"{abs(later):,} day{'s' if abs(later) != 1 else ''}"
        yield "ends on the same day" if not later else f"ends {count} {'later' if later > 0 else 'earlier'}"
    yield f"{_pace(then):,.1f} mails a day instead of {_pace(now):,.1f}"
    more = len(then.mails) - len(now.mails)
    if more:
        yield f"{_mails(abs(more))} {'more' if more > 0 else 'fewer'}"


def _remarks(told: Told) -> Iterator[str]:
    """What the numbers leave out, and what they rest on."""
    shown = told.shown
    if not shown.mails:
        yield "Nothing will be sent; `campaign preflight ID` tells what keeps a campaign from running."
    if shown.left:
        yield f"{_mails(shown.left)} will find no time or no inbox unless somebody acts."
    for reason, numbers in shown.unreachable.items():
        first = [plain(told.addresses.get(each, f"no. {each}")) for each in numbers[:LEADS_TOLD]]
        more = ", ..." if len(numbers) > LEADS_TOLD else ""
        count = f"{len(numbers):,} lead{'s' if len(numbers) != 1 else ''}"
        yield f"Never reached: {count}, {_REASONS.get(reason, reason)} ({', '.join(first)}{more})."
    rates = {name.partition("_")[0]: rate for name, rate in asdict(told.assumed).items() if rate}
    if rates:
        yield f"Assumed of each mail: {', '.join(f'{name} {100 * rate:g} %' for name, rate in rates.items())}."


def _draw_days(console: Console, told: Told, days: Sequence[date]) -> None:
    """The table of days, and in what is left of the width a bar for each."""
    headings, cells = _columns(told, days)
    table = new_table("Day", *(f">{each}" for each in headings), fixed=("Day",))
    used = 14 + sum(3 + max(len(head), *(len(row[at]) for row in cells)) for at, head in enumerate(headings))
    width = min(console.width - used - 4, _WIDEST)
    bars = _bars(told, days, width) if width >= _NARROWEST else [""] * len(days)
    if width >= _NARROWEST:
        table.add_column("", no_wrap=True)
    before: date | None = None
    for day, row, bar in zip(days, cells, bars, strict=True):
        if before is not None and (day - before).days > 1:
            quiet = (day - before).days - 1
            table.add_row(f"  {quiet:,} day{'s' if quiet > 1 else ''} none")
        table.add_row(_day(day), *row, *([bar] if width >= _NARROWEST else []))
        before = day
    console.print(table)
    if told.supposed is not None and width >= _NARROWEST:
        console.print("#: mails of the day as supposed; |: as it is.")


def _columns(told: Told, days: Sequence[date]) -> tuple[list[str], list[list[str]]]:
    """The headings of all columns but the first, and the cells of each day."""
    now = told.as_it_is.days()
    if told.supposed is not None:
        then = told.supposed.days()
        pairs = [(now.get(day, Counter()).total(), then.get(day, Counter()).total()) for day in days]
        return ["As it is", "Supposed", "+/-"], [
            [f"{a:,}", f"{b:,}", f"{b - a:+,}" if a != b else ""] for a, b in pairs
        ]
    steps = sorted({step for mails in now.values() for _, step in mails})
    used = {inbox for mails in now.values() for inbox, _ in mails}
    inboxes = [each for each in told.row.inbox_ids if each in used] if 1 < len(used) <= _FEW_INBOXES else []
    names = _short_names([plain(told.inboxes[each].email_address) for each in inboxes])
    headings = ["Mails", *(f"Step {each}" for each in steps if len(steps) > 1), *names]
    cells = []
    for day in days:
        by_step, by_inbox = _by(1, now[day]), _by(0, now[day])
        counts = [*(by_step[each] for each in steps if len(steps) > 1), *(by_inbox[each] for each in inboxes)]
        cells.append([f"{now[day].total():,}", *(f"{count:,}" if count else "" for count in counts)])
    return headings, cells


def _bars(told: Told, days: Sequence[date], width: int) -> list[str]:
    """One bar a day, the longest as wide as there is room; `|` marks what the day has as things are."""
    shown = told.shown.days()
    now = {} if told.supposed is None else told.as_it_is.days()
    most = max(found.get(day, Counter()).total() for found in (shown, now) for day in days)
    bars = []
    for day in days:
        bar = "#" * -(-shown.get(day, Counter()).total() * width // most)
        mark = -(-now.get(day, Counter()).total() * width // most)
        bars.append(bar if not mark else f"{bar[: mark - 1].ljust(mark - 1)}|{bar[mark:]}")
    return bars


def _short_names(addresses: Sequence[str]) -> list[str]:
    """What stands before the `@` where that tells them apart, and no more of it than has room."""
    names = [each.partition("@")[0][:10] for each in addresses]
    return names if len(set(names)) == len(names) else [f"inbox {place}" for place in range(1, len(names) + 1)]


def _by(place: int, mails: Mapping[tuple[UUID, int], int]) -> Counter[Any]:
    """Mails by inbox (0) or by step (1)."""
    found: Counter[Any] = Counter()
    for key, count in mails.items():
        found[key[place]] += count
    return found


def _pace(outlook: Outlook) -> float:
    """Mails per day on which any go."""
    days = len(outlook.days())
    return len(outlook.mails) / days if days else 0.0


def _days_later(now: Outlook, then: Outlook) -> int | None:
    """By how many days of its zone the second ends later; None where one of them sends nothing."""
    if now.finishes_at is None or then.finishes_at is None:
        return None
    return (_local(then, then.finishes_at).date() - _local(now, now.finishes_at).date()).days


def _total(outlook: Outlook) -> str:
    steps = Counter(mail.step_number for mail in outlook.mails)
    told = ", ".join(f"step {step}: {count:,}" for step, count in sorted(steps.items())) if len(steps) > 1 else ""
    days = len(outlook.days())
    on = f" on {days:,} day{'s' if days != 1 else ''}" if days else ""
    return f"{_mails(len(outlook.mails))}{on}{f' ({told})' if told else ''}"


def _finish(outlook: Outlook) -> str:
    if outlook.finishes_at is None:
        return "none"
    return f"{_local(outlook, outlook.finishes_at):%a %Y-%m-%d %H:%M} ({plain(outlook.timezone)})"


def _local(outlook: Outlook, at: datetime) -> datetime:
    return local_time(at, outlook.timezone)


def _day(day: date) -> str:
    return f"{day:%a %Y-%m-%d}"


def _mails(count: int) -> str:
    return f"{count:,} mail" if count == 1 else f"{count:,} mails"
