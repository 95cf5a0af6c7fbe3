"""How is what happened to a lead said in a line of text?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never
from uuid import UUID

from campaign_adapters.cli.ids import short
from campaign_adapters.cli.plain_text import plain
from campaign_adapters.cli.wording import when
from campaign_core import Recorded
from campaign_core.lead import events
from campaign_core.lead.events import LeadEvent


def what_happened_to(recorded: Recorded, addresses: Mapping[UUID, str]) -> str:
    """One short summary of an event of a lead. `addresses` are those of the inboxes, by id."""
    event: LeadEvent | None = recorded.event
    match event:
        case None:
            return "(erased)"
        case events.DetailsRevised():
            return plain(", ".join(event.fields))
        case events.Claimed():
            sender = addresses.get(event.inbox_id, short(event.inbox_id))
            return f"step {event.step_number}, variant {event.variant_name}, from {plain(sender)}"
        case events.Released():
            return f"not sent: {event.reason.value.replace('_', ' ')}"
        case events.Accepted():
            return "the server took it"
        case events.Deferred():
            return f"not sent{_coded(event.code)}; again after {when(event.retry_at)}"
        case events.Rejected():
            return f"not sent{_coded(event.code)}; {'the address' if event.about_address else 'the mail'} was refused"
        case events.OutcomeUnknown():
            return "nobody knows whether it went"
        case events.Resolved():
            return "it went" if event.sent else "it did not go"
        case events.Skipped():
            return f"step {event.step_number}: its condition does not hold"
        case events.Stopped():
            return f"no further mail: {event.reason.value}"
        case _:
            return _came_back(event)


def _came_back(
    event: events.Opened
    | events.Clicked
    | events.Replied
    | events.Bounced
    | events.Complained
    | events.Unsubscribed
    | events.Finished,
) -> str:
    """What readers and their servers did."""
    match event:
        case events.Opened() | events.Replied():
            return _who(event.by_machine)
        case events.Clicked():
            return f"link {event.link}, {_who(event.by_machine)}"
        case events.Bounced():
            return "the address does not work" if event.hard else "it may work later"
        case events.Complained():
            return "reported as spam"
        case events.Unsubscribed():
            return "wants no more mails"
        case events.Finished():
            return "every step is done"
        case _:
            assert_never(event)


def _coded(code: int | None) -> str:
    return "" if code is None else f" ({code})"


def _who(by_machine: bool) -> str:
    return "by a program" if by_machine else "by a person"
