"""What is due, and what has been sent: read from the indexes for one tick of sending.

Each question is answered by the head of a queue, so its cost does not grow with the leads that wait behind it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from attrs import frozen

from campaign_core.campaign.lifecycle import CAMPAIGN, Status
from campaign_core.campaign.state import CampaignState
from campaign_core.inbox.lifecycle import can_send, keeps_leads
from campaign_core.lead.status import LeadStatus
from campaign_core.lead.walk import ChainStep, due_at, next_step
from campaign_core.log.transaction import Reading
from campaign_core.sending.calendar import Schedule, local_day
from campaign_core.sending.pacing import ramped
from campaign_core.sending.planner import CampaignSending, Candidate, InboxLedger
from campaign_core.views.campaigns import CAMPAIGNS, CampaignRow
from campaign_core.views.due import DUE, FIRST, DueRow, DueState
from campaign_core.views.inboxes import InboxRow
from campaign_core.views.leads import LEADS
from campaign_core.views.usage import ALL_CAMPAIGNS, USAGE, utc_day
from campaign_core.views.view import Query


@frozen
class Running:
    """A campaign that is ACTIVE, as a tick sees it."""

    row: CampaignRow
    state: CampaignState
    version: int
    schedule: Schedule
    chain: tuple[ChainStep, ...]
    inboxes: tuple[InboxRow, ...]

    @property
    def campaign_id(self) -> UUID:
        """Which campaign it is."""
        return self.row.campaign_id


def active_campaigns(snapshot: Reading, workspace: str) -> list[CampaignRow]:
    """Every campaign of a workspace that runs."""
    return [
        row
        for status in Status
        if CAMPAIGN.knows("complete", status)
        for row in snapshot.find(CAMPAIGNS, Query(where={"workspace": workspace, "status": status}))
    ]


def limit_today(row: CampaignRow, schedule: Schedule, at: datetime) -> int | None:
    """The campaign's limit for each of its inboxes on the local day of an instant, grown so far; None: no limit."""
    settings = row.settings
    if not settings.ramp_up_enabled:
        return settings.daily_limit_per_inbox
    days = days_since_launch(row, schedule, at)
    return ramped(settings.daily_limit_per_inbox, settings.ramp_up_increment, settings.ramp_up_max_limit, days)


def days_since_launch(row: CampaignRow, schedule: Schedule, at: datetime) -> int:
    """Local days from the launch to an instant; 0 on its day, and before it."""
    launched = row.launched_at or at
    return max((local_day(schedule, at) - local_day(schedule, launched)).days, 0)


def taken_of_campaign(snapshot: Reading, row: CampaignRow, inbox_id: UUID, day: date) -> int:
    """Mails of a campaign that an inbox has taken on a day in the campaign's zone."""
    found = snapshot.get(USAGE, (row.workspace, inbox_id, str(row.campaign_id), day.isoformat()))
    return 0 if found is None else found.count


class Queues:
    """The queues of a workspace at one instant."""

    def __init__(self, snapshot: Reading, workspace: str, at: datetime) -> None:
        self._snapshot, self._workspace, self._at = snapshot, workspace, at

    def ledgers(self, running: Sequence[Running]) -> list[InboxLedger]:
        """What each inbox of these campaigns has sent, over all campaigns."""
        rows = {inbox.inbox_id: inbox for each in running for inbox in each.inboxes}
        return [self._ledger(row) for row in rows.values()]

    def _ledger(self, row: InboxRow) -> InboxLedger:
        today = self._snapshot.get(USAGE, (self._workspace, row.inbox_id, ALL_CAMPAIGNS, utc_day(self._at)))
        where = {"workspace": self._workspace, "inbox_id": row.inbox_id, "scope": ALL_CAMPAIGNS}
        last = self._snapshot.find(USAGE, Query(where=where, order_by="day", direction="descending", limit=1))
        return InboxLedger(
            inbox_id=row.inbox_id,
            can_send=can_send(row.status),
            daily_limit=row.daily_limit,
            sent_today=0 if today is None else today.count,
            last_claimed_at=last[0].last_claimed_at if last else None,
        )

    def sending(self, running: Running, passed: Collection[tuple[UUID, int]]) -> CampaignSending:
        """What a campaign could send; `passed` are leads that were looked at and are not due yet."""
        day = local_day(running.schedule, self._at)
        counts = {
            inbox.inbox_id: taken_of_campaign(self._snapshot, running.row, inbox.inbox_id, day)
            for inbox in running.inboxes
        }
        follow_ups, next_due = self._follow_ups(running, passed)
        where = {"workspace": self._workspace, "campaign_id": running.campaign_id, "status": LeadStatus.PENDING}
        pending = self._snapshot.find(LEADS, Query(where=where, limit=len(running.inboxes)))
        return CampaignSending(
            campaign_id=running.campaign_id,
            schedule=running.schedule,
            limit_per_inbox=limit_today(running.row, running.schedule, self._at),
            inbox_ids=tuple(inbox.inbox_id for inbox in running.inboxes),
            sent_today=counts,
            follow_ups=follow_ups,
            first_mails=tuple(row.number for row in pending),
            next_due_at=next_due,
        )

    def _follow_ups(
        self, running: Running, passed: Collection[tuple[UUID, int]]
    ) -> tuple[tuple[Candidate, ...], datetime | None]:
        """The heads of all queues of leads on their way, and when the next one is due that is not yet."""
        rows: list[tuple[DueRow, bool]] = []
        kept = {inbox.inbox_id for inbox in running.inboxes if keeps_leads(inbox.status)}
        for inbox_id in running.state.inboxes_ever:
            for behind in (FIRST, *map(str, running.state.steps_ever)):
                queue = {"state": DueState.WAITING, "inbox_id": inbox_id, "behind": behind}
                rows += [(row, inbox_id in kept) for row in self._heads(running, queue, 1, passed)]
            deferred = {"state": DueState.DEFERRED, "inbox_id": inbox_id}
            rows += [(row, inbox_id in kept) for row in self._heads(running, deferred, 1, passed)]
        candidates, dues = [], []
        for row, keeps_inbox in rows:
            due = self._due(running, row)
            if due > self._at:
                dues.append(due)
                continue
            done = () if row.behind == "" else (None,) if row.behind == FIRST else (None, UUID(row.behind))
            step = next_step(done, running.chain) if done else None
            candidates.append(
                Candidate(
                    number=row.number,
                    step_number=1 if step is None else step.step_number,
                    sequence_id=None if step is None else step.sequence_id,
                    inbox_id=row.inbox_id if keeps_inbox else None,
                    due_at=due,
                )
            )
        return tuple(sorted(candidates, key=lambda each: (each.due_at, each.number))), min(dues, default=None)

    def _heads(
        self, running: Running, queue: dict[str, Any], count: int, passed: Collection[tuple[UUID, int]]
    ) -> list[DueRow]:
        """The first leads of a queue, those left out that were looked at and are not due."""
        where = {"workspace": self._workspace, "campaign_id": running.campaign_id, **queue}
        rows = self._snapshot.find(DUE, Query(where=where, order_by="at", limit=count + len(passed)))
        return [row for row in rows if (row.campaign_id, row.number) not in passed][:count]

    def _due(self, running: Running, row: DueRow) -> datetime:
        """When a lead is due, as far as its row tells; where its history has to be asked, not before the shortest wait."""
        if row.state is DueState.DEFERRED:
            return row.at
        done = None if row.behind == FIRST else UUID(row.behind)
        if done is not None and all(step.sequence_id != done for step in running.chain):
            return min((due_at(row.at, step) for step in running.chain), default=row.at)
        step = next_step((None, done), running.chain)
        return row.at if step is None else due_at(row.at, step)
