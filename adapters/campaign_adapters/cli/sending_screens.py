"""How are mails of unknown outcome, suppressed addresses and the way of one lead told, as data and in a terminal?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from campaign_adapters.cli.ids import short
from campaign_adapters.cli.lead_wording import what_happened_to
from campaign_adapters.cli.paging import Page
from campaign_adapters.cli.plain_text import plain
from campaign_adapters.cli.tables import Drawing, new_table, print_facts, print_page
from campaign_adapters.cli.wording import event_name, when
from campaign_core import (
    CAMPAIGNS,
    INBOXES,
    LEADS,
    CampaignRow,
    DueRow,
    InboxRow,
    Kernel,
    LeadRow,
    Recorded,
    SuppressionRow,
)
from campaign_core.conversion import unstructure
from campaign_core.kernel.mails_sent import SentMail
from campaign_core.lead.identity import lead_id_of
from campaign_core.recorded import Row
from campaign_core.sending.transport import Outgoing
from campaign_core.views.due import FIRST

if TYPE_CHECKING:
    from rich.console import Console


class UnknownMail(NamedTuple):
    """A mail of which nobody knows whether it went."""

    due: DueRow
    campaign: CampaignRow
    #: None where it was erased.
    email: str | None
    #: None once the inbox is removed.
    inbox: InboxRow | None

    @property
    def step(self) -> int | None:
        """The number its step has now; None where the step is gone."""
        if self.due.step == FIRST:
            return 1
        return next((each.step_number for each in self.campaign.steps if str(each.sequence_id) == self.due.step), None)


def unknown_mails(kernel: Kernel, rows: Sequence[DueRow]) -> list[UnknownMail]:
    """These mails, with what the other views say of them."""
    mails = []
    for row in rows:
        campaign = kernel.view(CAMPAIGNS).get(row.campaign_id)
        lead = kernel.view(LEADS).get(row.campaign_id, row.number)
        if campaign is not None:
            email = None if lead is None else lead.email
            mails.append(UnknownMail(row, campaign, email, kernel.view(INBOXES).get(row.inbox_id)))
    return mails


def unknown_data(mail: UnknownMail) -> dict[str, Any]:
    """A mail of unknown outcome as data."""
    return {
        "campaign_id": str(mail.due.campaign_id),
        "lead_id": str(lead_id_of(mail.due.campaign_id, mail.due.number)),
        "number": mail.due.number,
        "email": mail.email,
        "step_number": mail.step,
        "inbox_id": str(mail.due.inbox_id),
        "inbox": None if mail.inbox is None else mail.inbox.email_address,
        "claimed_at": unstructure(mail.due.claimed_at),
        "unknown_since": unstructure(mail.due.at),
    }


def unknowns(page: Page[DueRow], mails: Sequence[UnknownMail]) -> Drawing:
    """A table of mails of unknown outcome."""

    def draw(console: Console) -> None:
        ids = [each.due.campaign_id for each in mails]
        drawn = new_table("Campaign", "Lead", ">Step", "Inbox", "Claimed (UTC)", "Unknown since (UTC)")
        for each in mails:
            drawn.add_row(
                short(each.due.campaign_id, ids),
                plain(each.email or "(erased)"),
                f"{each.step or '?'}",
                plain(each.inbox.email_address) if each.inbox is not None else short(each.due.inbox_id),
                when(each.due.claimed_at),
                when(each.due.at),
            )
        print_page(console, page, drawn, "mails", "Of every mail it is known whether it went.")

    return draw


def suppression_data(row: SuppressionRow) -> dict[str, Any]:
    """A row of the suppressions view."""
    return {name: value for name, value in unstructure(row).items() if name != "workspace"}


def suppressions(page: Page[SuppressionRow]) -> Drawing:
    """A table of suppressed addresses."""

    def draw(console: Console) -> None:
        drawn = new_table("Address (hash)", "Reason", "Since (UTC)", fixed=("Since (UTC)",))
        for row in page.rows:
            drawn.add_row(row.address_hash, row.reason.value, when(row.suppressed_at))
        print_page(console, page, drawn, "addresses", "No address is suppressed.")

    return draw


def sent_data(mail: SentMail, outgoing: Outgoing) -> dict[str, Any]:
    """A mail as it went."""
    claim = mail.claim.event
    return {
        "step_number": claim.step_number,
        "variant_name": claim.variant_name,
        "inbox_id": str(claim.inbox_id),
        "claimed_at": unstructure(mail.claim.occurred_at),
        "is_sure": mail.is_sure,
        "message_id": outgoing.message_id,
        "sender": outgoing.sender,
        "to": outgoing.to,
        "sha256": outgoing.digest.hex(),
        "message": outgoing.wire.decode(),
    }


class Way(NamedTuple):
    """Everything that is shown of one lead."""

    row: LeadRow
    #: None once they are erased.
    values: Row | None
    events: Sequence[Recorded]
    #: Addresses of inboxes.
    addresses: Mapping[UUID, str]


def lead(way: Way) -> Drawing:
    """One lead, its values, and what happened to it."""

    def draw(console: Console) -> None:
        print_facts(console, way.row.email or "(erased)", _lead_facts(way))
        if not way.events:
            return
        drawn = new_table(">V.", "When (UTC)", "Event", "Who", "What", fixed=("When (UTC)", "Event"))
        for each in way.events:
            told = what_happened_to(each, way.addresses)
            name, actor = event_name(each.name), plain(each.metadata.actor)
            drawn.add_row(f"{each.version}", when(each.occurred_at), name, actor, told)
        console.print()
        console.print(drawn)

    return draw


def _lead_facts(way: Way) -> list[tuple[str, str]]:
    row = way.row
    inbox = None if row.inbox_id is None else way.addresses.get(row.inbox_id, short(row.inbox_id))
    times = (("Opened", row.opened_at), ("Clicked", row.clicked_at), ("Replied", row.replied_at))
    return [
        ("Id", str(row.lead_id)),
        ("Number", f"{row.number:,}"),
        ("Status", row.status.value),
        ("Mails", f"{row.sent_count}, the last {when(row.last_sent_at)} UTC" if row.sent_count else "none yet"),
        *([("Inbox", plain(inbox))] if inbox else []),
        *((name, f"{when(at)} UTC") for name, at in times if at is not None),
        *((plain(name), plain(value)) for name, value in (way.values or {}).items() if name != "email"),
    ]
