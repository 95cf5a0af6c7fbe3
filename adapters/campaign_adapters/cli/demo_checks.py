"""Is what lies in the Maildir what the log says was sent, mail for mail, and within every window and limit?

The mails are read as any reader of mail would read them, and the rules are computed anew from the settings: nothing here asks
the kernel whether it did right.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from email import message_from_bytes, policy
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen

from campaign_core import INBOXES, LEADS, USAGE, CampaignRow, InboxRow, Kernel, Settings
from campaign_core.kernel.mails_sent import SentMail
from campaign_core.lead.events import Stopped

#: The shortest gap between two mails of one inbox; a second less, because mails are dated by the second.
_SHORTEST_GAP: Final = timedelta(seconds=179)


@frozen(kw_only=True)
class Found:
    """A mail in the Maildir."""

    file: str
    message_id: str
    sender: str
    at: datetime
    wire: bytes


@frozen(kw_only=True)
class Compared:
    """What a comparison came to."""

    #: Totals by name; of names that hold several, by step, inbox and day.
    totals: dict[str, Any]
    #: A sentence for each thing that is not as it should be.
    problems: tuple[str, ...]


def mails_in(maildir: Path) -> list[Found]:
    """Every mail of a Maildir, in the order of their dates."""
    found = []
    for path in sorted((maildir / "new").iterdir()):
        wire = path.read_bytes()
        message = message_from_bytes(wire, policy=policy.default)
        found.append(
            Found(
                file=path.name,
                message_id=str(message["Message-ID"]),
                sender=parseaddr(str(message["From"]))[1],
                at=parsedate_to_datetime(str(message["Date"])),
                wire=wire,
            )
        )
    return sorted(found, key=lambda each: (each.at, each.message_id))


def compared(kernel: Kernel, row: CampaignRow, maildir: Path) -> Compared:
    """A campaign's mails in a Maildir beside its mails in the log."""
    found = mails_in(maildir)
    inboxes = {each.email_address: each for each in kernel.view(INBOXES).find() if each.inbox_id in row.inbox_ids}
    leads = kernel.view(LEADS).find({"campaign_id": row.campaign_id})
    logged = {each.lead_id: kernel.sent_mails(row.campaign_id, each.lead_id) for each in leads}
    stops = {each.lead_id: _stopped_at(kernel, row.campaign_id, each.lead_id) for each in leads}
    problems = [
        *_differences(found, [mail for mails in logged.values() for mail in mails]),
        *_outside(found, row.settings),
        *_over(found, row.settings, inboxes),
        *_too_close(found),
        *_after_the_end(logged, stops),
        *_miscounted(kernel, row, len(found), leads),
    ]
    steps = Counter(mail.claim.event.step_number for mails in logged.values() for mail in mails)
    totals = {
        "mails": len(found),
        "by_step": {f"{step}": steps[step] for step in sorted(steps)},
        "by_inbox": dict(sorted(Counter(each.sender for each in found).items())),
        "days": len({each.at.date() for each in found}),
        "leads_by_status": dict(sorted(Counter(each.status.value for each in leads).items())),
        "stopped": sum(at is not None for at in stops.values()),
    }
    return Compared(totals=totals, problems=tuple(problems))


def _differences(found: Sequence[Found], logged: Sequence[SentMail]) -> Iterator[str]:
    """Every mail once here and once there, with the same bytes, address and date."""
    for message_id, count in Counter(each.message_id for each in found).items():
        if count > 1:
            yield f"{message_id} lies in the Maildir {count} times."
    here = {each.message_id: each for each in found}
    there = {each.outgoing.message_id: each for each in logged if each.outgoing is not None}
    if len(there) != len(logged):
        yield f"{len(logged) - len(there)} mails of the log cannot be made again, or twice."
    yield from (f"{each} is in the Maildir and not in the log." for each in here.keys() - there.keys())
    yield from (f"{each} is in the log and not in the Maildir." for each in there.keys() - here.keys())
    for message_id in here.keys() & there.keys():
        mail, sent = here[message_id], there[message_id]
        if sent.outgoing is None or mail.wire != sent.outgoing.wire:
            yield f"{message_id} has other bytes in the log."
        if mail.at != sent.claim.occurred_at.replace(microsecond=0):
            yield f"{message_id} is dated {mail.at}; the log has {sent.claim.occurred_at}."


def _outside(found: Sequence[Found], settings: Settings) -> Iterator[str]:
    """Every mail on a sending day and within the hours, by the clock of the campaign's zone."""
    zone = ZoneInfo(settings.timezone)
    opens = time(settings.sending_window_start, settings.sending_window_start_minute)
    minutes = settings.sending_window_end * 60 + settings.sending_window_end_minute
    for each in found:
        local = each.at.astimezone(zone)
        closes = local.replace(hour=0, minute=0, second=0) + timedelta(minutes=minutes)
        if local.isoweekday() not in settings.sending_days or local.time() < opens or local >= closes:
            yield f"{each.message_id} went at {local}, outside the window."


def _over(found: Sequence[Found], settings: Settings, inboxes: dict[str, InboxRow]) -> Iterator[str]:
    """No inbox above the campaign's limit on a day of its zone, nor above its own on a UTC day."""
    zone = ZoneInfo(settings.timezone)
    by_campaign: Counter[tuple[str, date]] = Counter((each.sender, each.at.astimezone(zone).date()) for each in found)
    by_inbox: Counter[tuple[str, date]] = Counter((each.sender, each.at.date()) for each in found)
    most = settings.daily_limit_per_inbox
    for (sender, day), count in by_campaign.items():
        if most is not None and count > most:
            yield f"{sender} sent {count} mails on {day}; the campaign allows {most}."
    for (sender, day), count in by_inbox.items():
        if sender not in inboxes or count > inboxes[sender].daily_limit:
            yield f"{sender} sent {count} mails on the UTC day {day}; that is too many."


def _too_close(found: Sequence[Found]) -> Iterator[str]:
    """The gap between two mails of one inbox."""
    last: dict[str, datetime] = {}
    for each in found:
        if each.sender in last and each.at - last[each.sender] < _SHORTEST_GAP:
            yield f"{each.message_id} went {each.at - last[each.sender]} after another mail of {each.sender}."
        last[each.sender] = each.at


def _stopped_at(kernel: Kernel, campaign_id: UUID, lead_id: UUID) -> datetime | None:
    """When the way of a lead ended before its last step."""
    events = kernel.lead_history(campaign_id, lead_id)
    return next((each.occurred_at for each in events if isinstance(each.event, Stopped)), None)


def _after_the_end(logged: dict[UUID, list[SentMail]], stops: dict[UUID, datetime | None]) -> Iterator[str]:
    """Nobody is written to who answered, left, or cannot be reached."""
    for lead_id, mails in logged.items():
        stopped = stops[lead_id]
        for mail in mails:
            if stopped is not None and mail.claim.occurred_at > stopped:
                yield f"The lead {lead_id} was written to at {mail.claim.occurred_at}, after its end at {stopped}."


def _miscounted(kernel: Kernel, row: CampaignRow, count: int, leads: Sequence[Any]) -> Iterator[str]:
    """The views count as many mails as there are."""
    by_leads = sum(each.sent_count for each in leads)
    usage: defaultdict[bool, int] = defaultdict(int)
    for each in kernel.view(USAGE).find():
        usage[each.scope == str(row.campaign_id)] += each.count
    for name, counted in (("leads", by_leads), ("campaign's limit", usage[True]), ("inboxes' limits", usage[False])):
        if counted != count:
            yield f"There are {count} mails, and {counted} by the count for the {name}."
