"""Was sending right? Asked of what really went, of the log, and of the rules, each reckoned anew in the plainest way.

Nothing here uses the calendar, the ledgers or the planner: an instant is looked up on the zone's own clock, and mails are
counted one by one. So a fault in those cannot hide itself here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from attrs import frozen

from campaign_core.campaign.lifecycle import Status
from campaign_core.campaign.settings import Settings
from campaign_core.kernel.kernel import VIEWS, Kernel
from campaign_core.lead import events
from campaign_core.lead.events import lead_of
from campaign_core.lead.identity import lead_id_of
from campaign_core.recorded import Recorded
from campaign_core.sending.message import message_id_of
from campaign_core.sending.pacing import PACING
from campaign_core.testing.simulation import Simulated
from campaign_core.testing.transport import GONE, Handed
from campaign_core.views.campaigns import CAMPAIGNS
from campaign_core.views.inboxes import INBOXES

_ENDS: Final = (events.Released, events.Accepted, events.Deferred, events.Rejected, events.Resolved)


@frozen(kw_only=True)
class Sent:
    """A mail that really went, and the claim it went under."""

    mail: Handed
    claim: Recorded
    #: An operator had said of its claim that it did not go: what happens then is the operator's doing.
    excused: bool

    @property
    def step(self) -> tuple[str, object]:
        """The lead and the step: what must be sent once."""
        return self.claim.stream, self.claim.event.sequence_id


def problems(simulated: Simulated) -> list[str]:
    """Everything that is wrong, in sentences; nothing where sending was right."""
    kernel = simulated.kernel
    history = list(kernel.subscribe())
    sent = list(_sent(kernel, history, simulated.handed))
    return [
        *_twice(history, sent),
        *_outside(kernel, sent),
        *_over_limits(kernel, sent),
        *_too_close(sent),
        *_open_claims(history),
        *_disagreements(kernel, history, sent),
        *_incomplete(kernel),
        *_broken(kernel),
    ]


def _sent(kernel: Kernel, history: Sequence[Recorded], handed: Sequence[tuple[Handed, int]]) -> Iterator[Sent]:
    domains = {row.inbox_id: row.email_address.rpartition("@")[2] for row in kernel.view(INBOXES).find()}
    claims: dict[str, list[Recorded]] = defaultdict(list)
    for each in history:
        if isinstance(each.event, events.Claimed):
            campaign_id, number = lead_of(each.stream)
            step = "1" if each.event.sequence_id is None else str(each.event.sequence_id)
            lead_id = lead_id_of(campaign_id, number)
            claims[message_id_of(campaign_id, lead_id, step, domains[each.event.inbox_id])].append(each)
    for mail, position in handed:
        if mail.fate in GONE:
            dated = parsedate_to_datetime(message_from_bytes(mail.outgoing.wire)["Date"])
            claim = next(
                each
                for each in claims[mail.outgoing.message_id]
                if each.occurred_at.replace(microsecond=0) == dated and each.event.inbox_id == mail.inbox_id
            )
            resolved = _resolutions(history, claim)
            yield Sent(mail=mail, claim=claim, excused=any(each <= position for each in resolved))


def _resolutions(history: Sequence[Recorded], claim: Recorded) -> list[int]:
    """Where an operator said of this lead, after this claim, that its mail did not go."""
    return [
        each.position
        for each in history
        if each.stream == claim.stream
        and each.position > claim.position
        and isinstance(each.event, events.Resolved)
        and not each.event.sent
    ]


def _twice(history: Sequence[Recorded], sent: Sequence[Sent]) -> Iterator[str]:
    """One claim, one mail; and a step is claimed again only once an operator said that its mail did not go.

    A worker that stood still may still send the mail of a claim of which that was said, even after the next one went.
    """
    by_step: dict[tuple[str, object], list[Sent]] = defaultdict(list)
    for each in sent:
        by_step[each.step].append(each)
    for step, mails in by_step.items():
        mails.sort(key=lambda each: each.claim.position)
        for first, second in pairwise(mails):
            resolved = _resolutions(history, first.claim)
            if not any(each < second.claim.position for each in resolved):
                yield f"twice: {step}"


def _outside(kernel: Kernel, sent: Sequence[Sent]) -> Iterator[str]:
    """No mail outside the days and hours of its campaign, nor handed over before its claim."""
    rows = {row.campaign_id: row for row in kernel.view(CAMPAIGNS).find()}
    for each in sent:
        settings = rows[lead_of(each.claim.stream)[0]].settings
        if not _is_open(settings, each.claim.occurred_at):
            yield f"outside its window: {each.claim.occurred_at} {settings}"
        if each.mail.at < each.claim.occurred_at:
            yield f"handed over before it was claimed: {each.mail}"


def _is_open(settings: Settings, at: datetime) -> bool:
    local = at.astimezone(ZoneInfo(settings.timezone))
    minute = 60 * local.hour + local.minute
    start = 60 * settings.sending_window_start + settings.sending_window_start_minute
    end = 60 * settings.sending_window_end + settings.sending_window_end_minute
    begun = settings.start_date is None or settings.start_date <= at
    return begun and local.fold == 0 and local.isoweekday() in settings.sending_days and start <= minute < end


def _over_limits(kernel: Kernel, sent: Sequence[Sent]) -> Iterator[str]:
    """No day with more mails than an inbox may send, and none with more than a campaign allows each inbox."""
    limits = {row.inbox_id: row.daily_limit for row in kernel.view(INBOXES).find()}
    rows = {row.campaign_id: row for row in kernel.view(CAMPAIGNS).find()}
    own: Counter[Any] = Counter()
    of_campaign: Counter[Any] = Counter()
    for each in sent:
        if not each.excused:
            row = rows[lead_of(each.claim.stream)[0]]
            zone = ZoneInfo(row.settings.timezone)
            own[each.mail.inbox_id, each.claim.occurred_at.astimezone(UTC).date()] += 1
            day = each.claim.occurred_at.astimezone(zone).date()
            assert row.launched_at is not None
            days = (day - row.launched_at.astimezone(zone).date()).days
            of_campaign[row.campaign_id, each.mail.inbox_id, day, _limit(row.settings, days)] += 1
    yield from (f"over an inbox's limit: {key}" for key, count in own.items() if count > limits[key[0]])
    yield from (
        f"over a campaign's limit: {key}" for key, count in of_campaign.items() if key[3] is not None and count > key[3]
    )


def _limit(settings: Settings, days: int) -> int | None:
    limit = settings.daily_limit_per_inbox
    if not settings.ramp_up_enabled or settings.ramp_up_increment is None or settings.ramp_up_max_limit is None:
        return limit
    grown = min(settings.ramp_up_increment * (days + 1), settings.ramp_up_max_limit)
    return grown if limit is None else min(grown, limit)


def _too_close(sent: Sequence[Sent]) -> Iterator[str]:
    """No two mails of an inbox closer than the shortest gap."""
    by_inbox: dict[Any, list[datetime]] = defaultdict(list)
    for each in sent:
        by_inbox[each.mail.inbox_id].append(each.claim.occurred_at)
    for times in by_inbox.values():
        times.sort()
        for earlier, later in pairwise(times):
            if later - earlier < timedelta(seconds=PACING.shortest_seconds):
                yield f"two mails of one inbox at {earlier} and {later}"


def _open_claims(history: Sequence[Recorded]) -> Iterator[str]:
    """Every claim ended in a state with a name, and only one."""
    opened: dict[str, Recorded] = {}
    for each in history:
        if isinstance(each.event, events.Claimed):
            if each.stream in opened:
                yield f"claimed while it was claimed: {each.stream}"
            opened[each.stream] = each
        elif isinstance(each.event, _ENDS) and opened.pop(each.stream, None) is None:
            yield f"{each.name} without a claim: {each.stream}"
    yield from (f"a claim that never ended: {stream}" for stream in opened)


def _disagreements(kernel: Kernel, history: Sequence[Recorded], sent: Sequence[Sent]) -> Iterator[str]:
    """What the log has as sent really went, what really went the log has, and each comes out of it byte for byte."""
    recorded = set()
    went = defaultdict(set)
    for each in sent:
        went[each.step].add(each.mail.outgoing)
    for stream in dict.fromkeys(each.stream for each in history if isinstance(each.event, events.Claimed)):
        campaign_id, number = lead_of(stream)
        for mail in kernel.sent_mails(campaign_id, lead_id_of(campaign_id, number)):
            step = (stream, mail.claim.event.sequence_id)
            if step in recorded:
                yield f"recorded twice: {step}"
            recorded.add(step)
            if mail.outgoing not in went[step]:
                yield f"recorded as sent and it never went, or said something else: {step}"
    yield from (
        f"it went and the log does not know: {each.step}"
        for each in sent
        if each.step not in recorded and not each.excused
    )


def _incomplete(kernel: Kernel) -> Iterator[str]:
    for row in kernel.view(CAMPAIGNS).find():
        if row.status is not Status.COMPLETED:
            yield f"a campaign that is {row.status.value} at the end: {row.campaign_id}"


def _broken(kernel: Kernel) -> Iterator[str]:
    """The log checks, and its views are what a rebuild makes of it."""
    found = kernel.verify()
    if not found.holds:
        yield f"the log does not check: {found.problems}"
    before = [kernel.view(view).find() for view in VIEWS]
    kernel.rebuild()
    for view, rows in zip(VIEWS, before, strict=True):
        if kernel.view(view).find() != rows:
            yield f"a rebuild changes the view {view.name!r}"
