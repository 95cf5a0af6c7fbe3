"""What the planner says of a campaign and its inboxes at an instant, each rule asked whatever the others say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import attrs
from attrs import frozen

from campaign_core.inbox.lifecycle import can_send
from campaign_core.kernel.queues import Queues, Running
from campaign_core.kernel.reasons import Reason
from campaign_core.lead.status import LeadStatus
from campaign_core.log.transaction import Reading
from campaign_core.sending.calendar import Schedule, next_local_day
from campaign_core.sending.pacing import Pacing
from campaign_core.sending.planner import Asked, CampaignSending, InboxLedger, plan
from campaign_core.views.inboxes import InboxRow
from campaign_core.views.leads import LEADS
from campaign_core.views.view import Query

#: A planner's rule to what it says where it lets a mail go, and where it stops it.
_ALLOWS: Final = {
    "start_date": "The start date of the campaign has come.",
    "window": "It is inside the campaign's days and hours.",
    "nothing_due": "The campaign has something to send.",
    "inbox_daily_limit": "The inbox has taken {sent_today} of {daily_limit} mails of this day (UTC).",
    "inbox_gap": "The inbox does not have to rest.",
    "campaign_daily_limit": "The inbox has taken {sent_today} of {limit_per_inbox} mails of the campaign today.",
}
_STOPS: Final = {
    "start_date": "The campaign starts on a later date.",
    "window": "It is outside the campaign's days and hours.",
    "nothing_due": "Nobody is due, and nobody is left who was never contacted.",
    "inbox_daily_limit": "The inbox has taken {sent_today} of {daily_limit} mails of this day (UTC); it takes no more.",
    "inbox_gap": "The inbox rests between two mails.",
    "campaign_daily_limit": "The inbox has taken {sent_today} of {limit_per_inbox} mails of the campaign today;"
    " it takes no more.",
}
_INBOX_RULES: Final = ("inbox_can_send", "inbox_daily_limit", "inbox_gap", "campaign_daily_limit")
#: Open at every instant.
_ALWAYS: Final = Schedule(timezone="UTC", sending_days=(1, 2, 3, 4, 5, 6, 7), start_minute=0, end_minute=1440)


@frozen
class Asking:
    """The planner's rules at one instant, asked of one campaign and its inboxes."""

    _snapshot: Reading
    _workspace: str
    _running: Running
    _at: datetime
    _pacing: Pacing

    def of_campaign(self) -> Iterator[Reason]:
        """Whether the campaign itself may send: its start date, its days and hours, whether it has something to send."""
        sending = self._sending
        begun = attrs.evolve(sending, schedule=attrs.evolve(sending.schedule, not_before=None))
        # The queues show no more leads never contacted than there are inboxes, so none where there is no inbox.
        is_open = attrs.evolve(sending, schedule=_ALWAYS, first_mails=sending.first_mails or (1,) * (self._pending > 0))
        for each, rule in ((sending, "start_date"), (begun, "window"), (is_open, "nothing_due")):
            asked = next(asked for asked in self._asked(each) if asked.rule == rule)
            yield self._reason(asked, self._numbers(asked), campaign_id=self._running.campaign_id)

    def of_inboxes(self, inbox_ids: Iterable[UUID]) -> Iterator[Reason]:
        """Whether each of these inboxes may take a mail of the campaign."""
        if not self._running.inboxes:
            yield Reason(
                rule="inbox_can_send",
                allows=False,
                sentence="No inbox is assigned to the campaign.",
                campaign_id=self._running.campaign_id,
            )
        rows = {each.inbox_id: each for each in self._running.inboxes}
        has_work = attrs.evolve(self._sending, schedule=_ALWAYS, first_mails=self._sending.first_mails or (1,))
        trace = [each for each in self._asked(has_work) if each.rule in _INBOX_RULES and "number" not in each.numbers]
        for inbox_id in inbox_ids:
            for asked in trace:
                if asked.inbox_id == inbox_id:
                    yield self._of_inbox(asked, rows[inbox_id])

    @property
    def _sending(self) -> CampaignSending:
        return Queues(self._snapshot, self._workspace, self._at).sending(self._running, ())

    @property
    def _pending(self) -> int:
        """How many leads were never contacted."""
        mine = {"workspace": self._workspace, "campaign_id": self._running.campaign_id, "status": LeadStatus.PENDING}
        return self._snapshot.count(LEADS, Query(where=mine))

    @property
    def _ledgers(self) -> list[InboxLedger]:
        return Queues(self._snapshot, self._workspace, self._at).ledgers([self._running])

    def _asked(self, sending: CampaignSending) -> tuple[Asked, ...]:
        return plan(self._at, [sending], self._ledgers, self._pacing).trace

    def _of_inbox(self, asked: Asked, row: InboxRow) -> Reason:
        if asked.rule == "inbox_can_send":
            return can_send_reason(row)
        if asked.rule != "campaign_daily_limit":
            return self._reason(asked, asked.numbers)
        mine = self._running.campaign_id
        if asked.numbers["limit_per_inbox"] is None:
            sentence = "The campaign sets no limit of its own for the inbox."
            return attrs.evolve(self._reason(asked, asked.numbers, campaign_id=mine), sentence=sentence)
        # It was asked by a schedule in UTC; the days of this rule are those of the campaign's zone.
        turns = None if asked.allows else next_local_day(self._running.schedule, self._at)
        ramps = {"ramp_up": self._running.row.settings.ramp_up_enabled}
        return self._reason(attrs.evolve(asked, frees_at=turns), {**asked.numbers, **ramps}, campaign_id=mine)

    def _reason(self, asked: Asked, numbers: Mapping[str, Any], campaign_id: UUID | None = None) -> Reason:
        return Reason(
            rule=asked.rule,
            allows=asked.allows,
            sentence=(_ALLOWS if asked.allows else _STOPS)[asked.rule].format(**numbers),
            numbers=numbers,
            campaign_id=campaign_id,
            inbox_id=asked.inbox_id,
            frees_at=asked.frees_at,
        )

    def _numbers(self, asked: Asked) -> dict[str, Any]:
        """What people compare; the planner's own numbers of what is due are only of the heads of queues."""
        schedule = self._running.schedule
        if asked.rule == "window":
            return attrs.asdict(schedule, filter=lambda each, _: each.name != "not_before")
        if asked.rule == "nothing_due":
            return {"never_contacted": self._pending, "follow_up_is_due": bool(asked.numbers["follow_ups"])}
        return dict(asked.numbers)


def can_send_reason(row: InboxRow) -> Reason:
    """Whether an inbox is in a status in which it sends."""
    allows = can_send(row.status)
    return Reason(
        rule="inbox_can_send",
        allows=allows,
        sentence="The inbox is ACTIVE." if allows else f"The inbox is {row.status}; only an ACTIVE one sends.",
        numbers={"status": str(row.status)},
        inbox_id=row.inbox_id,
    )
