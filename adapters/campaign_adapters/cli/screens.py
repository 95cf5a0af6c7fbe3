"""How are lists, one campaign, and a history drawn in a terminal?

Tables are as wide as they need and never wider than the terminal. Ids are shortened to what tells them apart, which is
enough for every command. What draws is loaded when something is drawn: data needs none of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

from campaign_adapters.cli.ids import short
from campaign_adapters.cli.paging import Page
from campaign_adapters.cli.plain_text import plain
from campaign_adapters.cli.tables import Drawing as Drawing
from campaign_adapters.cli.tables import new_table, print_facts, print_page
from campaign_adapters.cli.wording import (
    event_name,
    finding_lines,
    hours,
    missing_text,
    shares,
    step_text,
    trigger_text,
    what_happened,
    when,
)
from campaign_core import CampaignRow, Finding, InboxRow, LeadRow, Readiness, Recorded
from campaign_core.campaign.sequences import Step
from campaign_core.recorded import Row

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

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


def campaigns(page: Page[CampaignRow], *, narrowed: bool) -> Drawing:
    """A table of campaigns; `narrowed` says that others may have been left out."""
    ids = [row.campaign_id for row in page.rows]

    def draw(console: Console) -> None:
        table = new_table("Id", "Name", "Status", ">Leads", ">Inboxes", "Created (UTC)")
        for row in page.rows:
            table.add_row(
                short(row.campaign_id, ids),
                plain(row.name),
                row.status.value,
                f"{row.total_leads:,}",
                f"{len(row.inbox_ids)}",
                when(row.created_at)[:16],
            )
        nothing = "No campaign fits." if narrowed else "There are no campaigns yet; `campaign create NAME` makes one."
        print_page(console, page, table, "campaigns", nothing)

    return draw


def inboxes(page: Page[InboxRow], sent_today: Mapping[UUID, int], *, narrowed: bool) -> Drawing:
    """A table of inboxes with what counts against their limits; `narrowed` says that others may have been left out."""

    def draw(console: Console) -> None:
        nothing = "No inbox fits." if narrowed else "There are no inboxes yet; `campaign inboxes add EMAIL` adds one."
        print_page(console, page, _inbox_table(page.rows, sent_today), "inboxes", nothing)

    return draw


def leads(rows: Sequence[LeadRow], values: Sequence[Row | None], heading: str) -> Drawing:
    """A table of leads with as many of their values as fit beside each other."""

    def draw(console: Console) -> None:
        head = [
            ("No.", [f"{row.number}" for row in rows]),
            ("E-mail", [plain(row.email or "(erased)") for row in rows]),
        ]
        columns = [*head, ("Status", [row.status.value for row in rows]), *_contacts(rows)]
        left = console.width - sum(_width(*column) for column in columns)
        for name in dict.fromkeys(name for each in values for name in (each or {}) if name != "email"):
            column = (name, ["(erased)" if each is None else plain(each.get(name, "")) for each in values])
            left -= _width(*column)
            if left < 0:
                break
            columns.append(column)
        table = new_table(
            *(">No." if name == "No." else name for name, _ in columns), fixed=[name for name, _ in columns]
        )
        for place in range(len(rows)):
            table.add_row(*(_cut(cells[place]) for _, cells in columns))
        if rows:
            console.print(table)
        console.print(heading)

    return draw


def _contacts(rows: Sequence[LeadRow]) -> list[tuple[str, list[str]]]:
    """Columns about mails and answers; none where nobody was written to."""
    told = [
        ("Mails", [f"{row.sent_count}" for row in rows], any(row.sent_count for row in rows)),
        ("Last (UTC)", [when(row.last_sent_at)[:16] for row in rows], any(row.last_sent_at for row in rows)),
        ("Opened (UTC)", [when(row.opened_at)[:16] for row in rows], any(row.opened_at for row in rows)),
        ("Replied (UTC)", [when(row.replied_at)[:16] for row in rows], any(row.replied_at for row in rows)),
    ]
    return [(name, cells) for name, cells, is_known in told if is_known]


def follow_ups(steps: Sequence[Step]) -> Drawing:
    """A table of follow-ups, with the ids that edits name."""

    def draw(console: Console) -> None:
        if not steps:
            console.print("The campaign has no follow-ups; `campaign sequences ID FILE` sets them.")
            return
        table = new_table(">Step", ">Days", "If", "Variants", "Unsubscribe", "Sequence id", fixed=("Sequence id",))
        for step in steps:
            link = "-" if step.enable_unsubscribe is None else _on(step.enable_unsubscribe)
            number, days, variants = f"{step.step_number}", f"{step.wait_days}", shares(step.variants)
            table.add_row(number, days, trigger_text(step), variants, link, str(step.sequence_id))
        console.print(table)

    return draw


def _width(name: str, cells: Sequence[str]) -> int:
    from rich.cells import cell_len

    return max(min(cell_len(each), _WIDEST_CELL) for each in (name, *cells)) + _BETWEEN


def _cut(cell: str) -> str:
    from rich.cells import cell_len, set_cell_size

    return cell if cell_len(cell) <= _WIDEST_CELL else f"{set_cell_size(cell, _WIDEST_CELL - 1).rstrip()}…"


def campaign(sight: Sight) -> Drawing:
    """Everything about one campaign."""
    row = sight.row

    def draw(console: Console) -> None:
        print_facts(console, row.name, _facts(sight))
        if sight.inboxes:
            console.print()
            console.print(_inbox_table(sight.inboxes))
        if row.variants:
            table = new_table("Variant", ">Share", "Content", "Label")
            for each in row.variants:
                label = plain(each.variant_label or "-")
                table.add_row(each.variant_name, f"{each.distribution_percent} %", each.content_type.value, label)
            console.print()
            console.print(table)

    return draw


def history(events: Sequence[Recorded], addresses: Mapping[UUID, str], then: CampaignRow | None = None) -> Drawing:
    """The timeline of a campaign or an inbox, oldest first; below the campaign as it was, if it is to be shown."""

    def draw(console: Console) -> None:
        if then is not None:
            print_facts(console, then.name, _facts_then(then, addresses))
            console.print()
        table = new_table(">V.", "Recorded (UTC)", "Event", "Who", "What", fixed=("Recorded (UTC)", "Event"))
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
    row = sight.row
    parts = missing_text(sight.readiness.missing_requirements) if sight.readiness.missing_requirements else "all there"
    leads = ", ".join(f"{count:,} {status}" for status, count in sight.leads.items())
    return [
        ("Id", str(row.campaign_id)),
        ("Status", f"{row.status.value}, version {row.version}"),
        ("Parts", parts),
        *(("Fault", "\n".join(finding_lines(fault))) for fault in sight.faults),
        *(("Warning", "\n".join(finding_lines(warning))) for warning in sight.readiness.warnings),
        ("Created", f"{when(row.created_at)} UTC"),
        ("Changed", f"{when(row.updated_at)} UTC"),
        ("Launched", "not yet" if row.launched_at is None else f"{when(row.launched_at)} UTC"),
        ("Leads", leads or "none"),
        *_settings_facts(row),
        *([] if sight.inboxes else [("Inboxes", "none")]),
        *([] if row.variants else [("Variants", "none")]),
        *_follow_up_facts(row),
    ]


def _facts_then(row: CampaignRow, addresses: Mapping[UUID, str]) -> list[tuple[str, str]]:
    """What is known of a campaign at an earlier moment."""
    inboxes = ", ".join(addresses.get(each, short(each)) for each in row.inbox_ids)
    return [
        ("Id", str(row.campaign_id)),
        ("Status", f"{row.status.value}, version {row.version}"),
        ("Changed", f"{when(row.updated_at)} UTC"),
        ("Leads", f"{row.total_leads:,}"),
        *_settings_facts(row),
        ("Inboxes", inboxes or "none"),
        ("Variants", shares(row.variants) or "none"),
        *_follow_up_facts(row),
    ]


def _settings_facts(row: CampaignRow) -> list[tuple[str, str]]:
    settings, daily = row.settings, row.settings.daily_limit_per_inbox
    mapping = ", ".join(f"{field} from {header!r}" for field, header in (row.lead_mapping or {}).items())
    return [
        ("Sends", hours(settings)),
        ("Starts", "at its launch" if settings.start_date is None else f"{when(settings.start_date)} UTC, if launched"),
        ("Daily limit", "none of its own" if daily is None else f"{daily} mails an inbox"),
        ("Ramp-up", _ramp_up(row)),
        ("Tracking", f"opens {_on(settings.enable_tracking)}, clicks {_on(settings.enable_click_tracking)}"),
        ("Unsubscribe link", _on(settings.enable_unsubscribe)),
        *([("Answers go to", plain(settings.reply_to))] if settings.reply_to else []),
        *([("Postal address", plain(settings.postal_address))] if settings.postal_address else []),
        *([("Lead files", plain(mapping))] if mapping else []),
    ]


def _follow_up_facts(row: CampaignRow) -> list[tuple[str, str]]:
    return [("Follow-up", step_text(step)) for step in row.steps]


def _ramp_up(row: CampaignRow) -> str:
    settings = row.settings
    by = f", by {settings.ramp_up_increment} mails a day" if settings.ramp_up_increment else ""
    most = f", up to {settings.ramp_up_max_limit}" if settings.ramp_up_max_limit else ""
    return f"{_on(settings.ramp_up_enabled)}{by}{most}"


def _on(flag: bool) -> str:
    return "on" if flag else "off"


def _inbox_table(rows: Sequence[InboxRow], sent_today: Mapping[UUID, int] | None = None) -> Table:
    ids = [row.inbox_id for row in rows]
    table = new_table("Inbox", "Address", "Status", "Type", ">Mails a day", *([] if sent_today is None else [">Today"]))
    for row in rows:
        table.add_row(
            short(row.inbox_id, ids),
            plain(row.email_address),
            row.status.value,
            row.inbox_type.value,
            f"{row.daily_limit:,}",
            *([] if sent_today is None else [f"{sent_today[row.inbox_id]:,}"]),
        )
    return table


def counted(rows: Sequence[LeadRow]) -> dict[str, int]:
    """How many leads there are of each status."""
    return dict(Counter(row.status.value for row in rows))
