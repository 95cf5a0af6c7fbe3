"""How is told why a mail does or does not go, as data and in a terminal?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from campaign_adapters.cli.ids import short
from campaign_adapters.cli.plain_text import folded, plain
from campaign_adapters.cli.tables import Drawing
from campaign_adapters.cli.wording import hours
from campaign_core import CAMPAIGNS, INBOXES, LEADS, CampaignRow, InboxRow
from campaign_core.campaign.mails import local_time
from campaign_core.conversion import unstructure
from campaign_core.kernel.questions import Questions
from campaign_core.kernel.reasons import Reason, Why
from campaign_core.lead.identity import lead_number_of

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

#: Numbers that the sentence of their rule says already, or its heading.
_SAID: Final = (
    "status", "paused", "step_number", "before", "deferrals", "wait_days", "due_at", "trigger_type", "sent_today",
    "daily_limit", "limit_per_inbox", "timezone", "sending_days", "start_minute", "end_minute", "reason", "worker",
    "fault", "retry_at", "campaign_id",
)  # fmt: skip


class Told(NamedTuple):
    """Why, and what it is told with."""

    why: Why
    #: The campaign or the inbox that is asked about, as it was.
    row: CampaignRow | InboxRow
    #: The lead that is asked about, and its address; None where it was erased.
    lead: tuple[UUID, str | None] | None
    #: Whether it is asked of an earlier instant.
    is_past: bool
    campaigns: Mapping[UUID, CampaignRow]
    inboxes: Mapping[UUID, InboxRow]

    @property
    def timezone(self) -> str:
        """The zone in which instants are told."""
        return self.row.settings.timezone if isinstance(self.row, CampaignRow) else "UTC"


def told_by(
    asked: Questions, why: Why, row: CampaignRow | InboxRow, *, lead_id: UUID | None = None, is_past: bool
) -> Told:
    """An answer with the rows it is told with, out of the same questions."""
    lead = None
    if lead_id is not None and isinstance(row, CampaignRow):
        found = asked.view(LEADS).get(row.campaign_id, lead_number_of(row.campaign_id, lead_id) or 0)
        lead = (lead_id, None if found is None else found.email)
    campaigns = {each.campaign_id: each for each in asked.view(CAMPAIGNS).find()}
    inboxes = {each.inbox_id: each for each in asked.view(INBOXES).find()}
    return Told(why, row, lead, is_past, campaigns, inboxes)


def data(told: Told) -> dict[str, Any]:
    """An answer as data; instants are in UTC."""
    why, held = told.why, told.why.held_back_by
    return {
        "campaign_id": str(told.row.campaign_id) if isinstance(told.row, CampaignRow) else None,
        "lead_id": None if told.lead is None else str(told.lead[0]),
        "inbox_id": str(told.row.inbox_id) if isinstance(told.row, InboxRow) else None,
        "timezone": told.timezone,
        "at": unstructure(why.at),
        "goes_at": None if why.goes_at is None else unstructure(why.goes_at),
        "reasons": [{**_reason_data(each), "holds_back": each in held} for each in why.reasons],
    }


def _reason_data(reason: Reason) -> dict[str, Any]:
    return {
        "rule": reason.rule,
        "allows": reason.allows,
        "sentence": reason.sentence,
        "numbers": {name: unstructure(value) for name, value in reason.numbers.items()},
        "campaign_id": None if reason.campaign_id is None else str(reason.campaign_id),
        "inbox_id": None if reason.inbox_id is None else str(reason.inbox_id),
        "frees_at": None if reason.frees_at is None else unstructure(reason.frees_at),
    }


def drawn(told: Told) -> Drawing:
    """An answer to read: what is asked about, every rule with a mark, and when it goes."""

    def draw(console: Console) -> None:
        console.print(_name(told), style="bold", soft_wrap=True)
        asked = "As it stood at" if told.is_past else "Asked at"
        console.print(f"{asked} {_moment(told.why.at, told.timezone)}.", soft_wrap=True)
        for heading, reasons in _sections(told):
            console.print()
            if heading:
                console.print(heading, soft_wrap=True)
            console.print(_table(told, reasons))
        console.print()
        for line in _conclusion(told):
            console.print(folded(line, console.width))

    return draw


def _name(told: Told) -> str:
    if isinstance(told.row, InboxRow):
        return plain(f"Inbox {told.row.email_address}")
    lead = "" if told.lead is None else f", lead {told.lead[1] or '(erased)'}"
    return plain(f"{told.row.name}{lead}")


def _sections(told: Told) -> Iterator[tuple[str, list[Reason]]]:
    """The rules under headings: those of the thing itself, then those of each inbox, or of each campaign."""
    among = told.why.among
    for key in dict.fromkeys((None, *(getattr(each, among) for each in told.why.reasons))):
        reasons = [each for each in told.why.reasons if getattr(each, among) == key]
        if reasons:
            yield ("" if key is None else _heading(told, key)), reasons


def _heading(told: Told, key: UUID) -> str:
    if told.why.among == "inbox_id":
        row = told.inboxes.get(key)
        return plain(f"Inbox {short(key) if row is None else row.email_address}")
    campaign = told.campaigns.get(key)
    return plain(f"Campaign {short(key) if campaign is None else f'{campaign.name} ({short(key, told.campaigns)})'}")


def _table(told: Told, reasons: Sequence[Reason]) -> Table:
    """One line for each rule: whether it lets the mail go, its name, what it says."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(style="dim", no_wrap=True, min_width=_WIDEST_RULE)
    grid.add_column()
    for each in reasons:
        grid.add_row("  yes" if each.allows else "   NO", each.rule, plain(" ".join(_says(told, each))))
    return grid


#: As wide as the longest name of a rule, so that the tables stand in line.
_WIDEST_RULE: Final = len("campaign_daily_limit")


def _says(told: Told, reason: Reason) -> Iterator[str]:
    yield reason.sentence
    campaign = None if reason.campaign_id is None else told.campaigns.get(reason.campaign_id)
    if reason.rule == "window" and campaign is not None:
        yield f"{hours(campaign.settings)}."
    numbers = [f"{_words(name)} {_number(value, told)}" for name, value in _unsaid(reason)]
    if numbers:
        yield f"({', '.join(numbers)})"
    if reason.rule == "inbox_taken":
        yield from (
            f"({each.name})" for each in told.campaigns.values() if each.campaign_id == reason.numbers["campaign_id"]
        )
    if reason.frees_at is not None:
        yield f"Until {_local(reason.frees_at, told.timezone)}."


def _unsaid(reason: Reason) -> Iterator[tuple[str, object]]:
    for name, value in reason.numbers.items():
        if name not in _SAID and value is not None and value is not False and not isinstance(value, UUID):
            yield name, value


def _words(name: str) -> str:
    return name.replace("_", " ")


def _number(value: object, told: Told) -> str:
    if isinstance(value, datetime):
        return _local(value, told.timezone)
    return "yes" if value is True else f"{value:,}" if isinstance(value, int) else str(value)


def _local(at: datetime, timezone: str) -> str:
    return f"{local_time(at, timezone):%a %Y-%m-%d %H:%M:%S}"


def _moment(at: datetime, timezone: str) -> str:
    """An instant as the zone shows it, and its name."""
    return f"{_local(at, timezone)} in {timezone}" if timezone != "UTC" else f"{_local(at, timezone)} UTC"


def _conclusion(told: Told) -> Iterator[str]:
    """When it goes, and what stands in the way until then."""
    why = told.why
    held = list(dict.fromkeys(each.rule for each in why.held_back_by))
    if why.goes_at is None:
        yield "Goes at no time unless somebody acts."
    elif not held:
        yield f"Goes at {_moment(why.goes_at, told.timezone)}: now."
    else:
        yield f"Goes at {_moment(why.goes_at, told.timezone)} if nobody acts."
    if held:
        yield f"Held back by: {', '.join(held)}."
