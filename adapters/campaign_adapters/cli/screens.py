"""How are lists, one campaign, and a history drawn in a terminal?

Tables are as wide as they need and never wider than the terminal. Ids are shortened to what tells them apart, which is
enough for every command.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from rich import box
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table

from campaign_adapters.cli.ids import short
from campaign_adapters.cli.plain_text import plain
from campaign_adapters.cli.wording import event_name, hours, missing_text, what_happened, when
from campaign_core import CampaignRow, Finding, InboxRow, LeadRow, Readiness, Recorded
from campaign_core.recorded import Row

Drawing = Callable[[Console], None]
#: Characters of one cell of a list of leads at most; longer ones are cut.
_WIDEST_CELL: Final = 50
#: Columns between two cells.
_BETWEEN: Final = 3


class Sight(NamedTuple):
    """Everything that is shown of one campaign."""

    row: CampaignRow
    readiness: Readiness
    #: Why its last launch failed; empty if it did not.
    faults: Sequence[Finding]
    #: The rows of its inboxes, in its order.
    inboxes: Sequence[InboxRow]
    #: Status to number of leads.
    leads: Mapping[str, int]


def campaigns(rows: Sequence[CampaignRow]) -> Drawing:
    """A table of campaigns."""
    ids = [row.campaign_id for row in rows]

    def draw(console: Console) -> None:
        table = _table("Id", "Name", "Status", ">Leads", ">Inboxes", "Created (UTC)")
        for row in rows:
            table.add_row(
                short(row.campaign_id, ids),
                plain(row.name),
                row.status.value,
                f"{row.total_leads:,}",
                f"{len(row.inbox_ids)}",
                when(row.created_at)[:16],
            )
        console.print(table if rows else "There are no campaigns yet; `campaign create NAME` makes one.")

    return draw


def inboxes(rows: Sequence[InboxRow]) -> Drawing:
    """A table of inboxes."""

    def draw(console: Console) -> None:
        console.print(
            _inbox_table(rows) if rows else "There are no inboxes yet; `campaign inboxes add EMAIL` adds one."
        )

    return draw


def leads(rows: Sequence[LeadRow], values: Sequence[Row | None], heading: str) -> Drawing:
    """A table of leads with as many of their values as fit beside each other."""

    def draw(console: Console) -> None:
        head = [
            ("No.", [f"{row.number}" for row in rows]),
            ("E-mail", [plain(row.email or "(erased)") for row in rows]),
        ]
        columns = [*head, ("Status", [row.status.value for row in rows])]
        left = console.width - sum(_width(*column) for column in columns)
        for name in dict.fromkeys(name for each in values for name in (each or {}) if name != "email"):
            column = (name, ["(erased)" if each is None else plain(each.get(name, "")) for each in values])
            left -= _width(*column)
            if left < 0:
                break
            columns.append(column)
        table = _table(*(">No." if name == "No." else name for name, _ in columns), fixed=[name for name, _ in columns])
        for place in range(len(rows)):
            table.add_row(*(_cut(cells[place]) for _, cells in columns))
        if rows:
            console.print(table)
        console.print(heading)

    return draw


def _width(name: str, cells: Sequence[str]) -> int:
    return max(min(cell_len(each), _WIDEST_CELL) for each in (name, *cells)) + _BETWEEN


def _cut(cell: str) -> str:
    return cell if cell_len(cell) <= _WIDEST_CELL else f"{set_cell_size(cell, _WIDEST_CELL - 1).rstrip()}…"


def campaign(sight: Sight) -> Drawing:
    """Everything about one campaign."""
    row = sight.row

    def draw(console: Console) -> None:
        console.print(plain(row.name), style="bold", soft_wrap=True)
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column()
        for name, text in _facts(sight):
            grid.add_row(name, text)
        console.print(grid)
        if sight.inboxes:
            console.print()
            console.print(_inbox_table(sight.inboxes))
        if row.variants:
            table = _table("Variant", ">Share", "Content", "Label")
            for each in row.variants:
                label = plain(each.variant_label or "-")
                table.add_row(each.variant_name, f"{each.distribution_percent} %", each.content_type.value, label)
            console.print()
            console.print(table)

    return draw


def history(events: Sequence[Recorded], addresses: Mapping[UUID, str]) -> Drawing:
    """The timeline of a campaign or an inbox, oldest first."""

    def draw(console: Console) -> None:
        table = _table(">V.", "Recorded (UTC)", "Event", "Who", "What", fixed=("Recorded (UTC)", "Event"))
        for each in events:
            table.add_row(
                f"{each.version}",
                when(each.metadata.recorded_at),
                event_name(each.name),
                plain(each.metadata.actor),
                what_happened(each, addresses),
            )
        console.print(table)

    return draw


def _facts(sight: Sight) -> list[tuple[str, str]]:
    row, settings = sight.row, sight.row.settings
    daily = settings.daily_limit_per_inbox
    parts = missing_text(sight.readiness.missing_requirements) if sight.readiness.missing_requirements else "all there"
    leads = ", ".join(f"{count:,} {status}" for status, count in sight.leads.items())
    return [
        ("Id", str(row.campaign_id)),
        ("Status", f"{row.status.value}, version {row.version}"),
        ("Parts", parts),
        *(("Fault", fault.sentence) for fault in sight.faults),
        *(("Warning", warning.sentence) for warning in sight.readiness.warnings),
        ("Created", f"{when(row.created_at)} UTC"),
        ("Changed", f"{when(row.updated_at)} UTC"),
        ("Launched", "not yet" if row.launched_at is None else f"{when(row.launched_at)} UTC"),
        ("Leads", leads or "none"),
        ("Sends", hours(settings)),
        ("Starts", "at its launch" if settings.start_date is None else f"{when(settings.start_date)} UTC, if launched"),
        ("Daily limit", "none of its own" if daily is None else f"{daily} mails an inbox"),
        ("Ramp-up", _ramp_up(sight)),
        ("Tracking", f"opens {_on(settings.enable_tracking)}, clicks {_on(settings.enable_click_tracking)}"),
        ("Unsubscribe link", _on(settings.enable_unsubscribe)),
        *([] if sight.inboxes else [("Inboxes", "none")]),
        *([] if row.variants else [("Variants", "none")]),
    ]


def _ramp_up(sight: Sight) -> str:
    settings = sight.row.settings
    by = f", by {settings.ramp_up_increment} mails a day" if settings.ramp_up_increment else ""
    most = f", up to {settings.ramp_up_max_limit}" if settings.ramp_up_max_limit else ""
    return f"{_on(settings.ramp_up_enabled)}{by}{most}"


def _on(flag: bool) -> str:
    return "on" if flag else "off"


def _inbox_table(rows: Sequence[InboxRow]) -> Table:
    ids = [row.inbox_id for row in rows]
    table = _table("Inbox", "Address", "Status", "Type", ">Mails a day")
    for row in rows:
        table.add_row(
            short(row.inbox_id, ids),
            plain(row.email_address),
            row.status.value,
            row.inbox_type.value,
            f"{row.daily_limit:,}",
        )
    return table


def _table(*headings: str, fixed: Sequence[str] = ("Id", "Inbox", "Status", "Created (UTC)")) -> Table:
    """An empty table. A heading that begins with `>` stands over numbers; a fixed column is never cut or wrapped."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for each in headings:
        name = each.removeprefix(">")
        table.add_column(
            name,
            justify="right" if name != each else "left",
            no_wrap=name != each or name in fixed,
            overflow="fold",
        )
    return table


def counted(rows: Sequence[LeadRow]) -> dict[str, int]:
    """How many leads there are of each status."""
    return dict(Counter(row.status.value for row in rows))
