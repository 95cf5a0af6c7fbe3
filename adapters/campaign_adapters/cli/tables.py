"""What is every table and every list of facts in a terminal drawn with?

What draws is loaded when something is drawn: data needs none of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from campaign_adapters.cli.paging import Page
from campaign_adapters.cli.plain_text import plain

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

Drawing = Callable[["Console"], None]


def new_table(*headings: str, fixed: Sequence[str] = ("Id", "Inbox", "Status", "Created (UTC)")) -> Table:
    """An empty table. A heading that begins with `>` stands over numbers; a fixed column is never cut or wrapped."""
    from rich import box
    from rich.table import Table

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


def print_page(console: Console, page: Page[Any], table: Table, noun: str, nothing: str) -> None:
    """The rows, and where they stand if there are others."""
    if page.rows:
        console.print(table)
    if not page.total:
        console.print(nothing)
    elif len(page.rows) < page.total:
        console.print(page.place(noun))


def print_facts(console: Console, name: str, facts: Sequence[tuple[str, str]]) -> None:
    """A heading, and what is known, one fact to a line."""
    from rich.table import Table

    console.print(plain(name), style="bold", soft_wrap=True)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    for fact, text in facts:
        grid.add_row(fact, text)
    console.print(grid)
