"""Why a mail does not go: each rule that is asked, its numbers, and what would let it go.

The rules are the planner's own trace and the walk of the lead; the instant at which a mail goes is the forecast's, which is
what then happens if nobody acts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from attrs import field, frozen

from campaign_core.campaign.findings import SENTENCES, UNFIT
from campaign_core.campaign.lifecycle import CAMPAIGN
from campaign_core.errors import UnknownCampaign, UnknownInbox, UnknownLead
from campaign_core.kernel.campaign_leads import CampaignLeads
from campaign_core.kernel.forecasting import AS_IT_IS, UNKNOWN, Forecasting, Load, Outlook
from campaign_core.kernel.lead_aggregate import chain_of
from campaign_core.lead.decisions import LEAD_DECIDER
from campaign_core.lead.events import Finished, Rejected, Stopped
from campaign_core.lead.events import stream_of as lead_stream
from campaign_core.lead.lifecycle import LEAD
from campaign_core.lead.state import LeadState
from campaign_core.lead.walk import due_at, holds, next_step
from campaign_core.log.transaction import Reading
from campaign_core.recorded import Recorded
from campaign_core.sending.forecast import MailAhead
from campaign_core.sending.pacing import PACING, Pacing
from campaign_core.sending.planner import Asked, plan
from campaign_core.views.campaigns import CAMPAIGNS, CampaignRow
from campaign_core.views.inboxes import INBOXES

#: Rule to what it says where it holds a mail back.
_HOLDS_BACK: Final = {
    "start_date": "The campaign starts later.",
    "window": "Now is outside the days and hours of the campaign.",
    "nothing_due": "The campaign has nothing to send now: nobody is due, and nobody is left who was never contacted.",
    "inbox_can_send": "The inbox cannot send: it is not ACTIVE, or not one of the campaign's.",
    "inbox_daily_limit": "The inbox has reached its own limit for this day, over all campaigns.",
    "inbox_gap": "The inbox rests between two mails.",
    "campaign_daily_limit": "The inbox has reached the campaign's limit for this day.",
}
_ALLOWS: Final = {
    "start_date": "The campaign has begun.",
    "window": "Now is inside the days and hours of the campaign.",
    "nothing_due": "The campaign has something to send.",
    "inbox_can_send": "The inbox can send.",
    "inbox_daily_limit": "The inbox is below its own limit for this day.",
    "inbox_gap": "The gap after the inbox's last mail is over.",
    "campaign_daily_limit": "The inbox is below the campaign's limit for this day.",
}


@frozen(kw_only=True)
class Reason:
    """One rule that was asked."""

    #: A stable word: a rule of the planner, or of the lead's walk.
    rule: str
    allows: bool
    #: For people.
    sentence: str
    #: What was compared.
    numbers: Mapping[str, object] = field(factory=dict)
    inbox_id: UUID | None = None
    #: When it would allow by itself; None where it does, or where only somebody's action could make it.
    frees_at: datetime | None = None


@frozen(kw_only=True)
class Why:
    """Why a campaign, an inbox or a lead does or does not send at an instant."""

    at: datetime
    #: When its next mail goes if nobody acts; None: none does.
    goes_at: datetime | None
    reasons: tuple[Reason, ...]

    @property
    def held_back_by(self) -> tuple[Reason, ...]:
        """The rules that do not allow it now."""
        return tuple(each for each in self.reasons if not each.allows)


class Explaining:
    """Asks every rule on one snapshot."""

    def __init__(self, snapshot: Reading, workspace: str, load: Load, at: datetime, pacing: Pacing = PACING) -> None:
        self._snapshot, self._workspace, self._load, self._at, self._pacing = snapshot, workspace, load, at, pacing

    def of_campaign(self, campaign_id: UUID) -> Why:
        """Why a campaign does or does not send."""
        row = self._row(campaign_id)
        status = self._status(row)
        if not status.allows:
            return Why(at=self._at, goes_at=None, reasons=(status,))
        outlook = self._outlook(campaign_id, lambda mail: mail.campaign_id == campaign_id)
        return Why(at=self._at, goes_at=_first(outlook), reasons=(status, *self._planned(row)))

    def of_inbox(self, inbox_id: UUID) -> Why:
        """Why an inbox does or does not send, over all campaigns that run and hold it.

        Raises:
            UnknownInbox: there is none.
        """
        if self._snapshot.get(INBOXES, (self._workspace, inbox_id)) is None:
            raise UnknownInbox(inbox_id)
        forecasting = self._forecasting()
        rows = [each.row for each in forecasting.running() if inbox_id in each.row.inbox_ids]
        if not rows:
            idle = Reason(rule="assigned", allows=False, sentence="No campaign that runs sends from the inbox.")
            return Why(at=self._at, goes_at=None, reasons=(idle,))
        reasons = [each for row in rows for each in self._planned(row) if each.inbox_id in (None, inbox_id)]
        goes = [self._outlook(row.campaign_id, lambda mail: mail.inbox_id == inbox_id) for row in rows]
        return Why(
            at=self._at,
            goes_at=min((at for each in goes if (at := _first(each, inbox_id)) is not None), default=None),
            reasons=tuple(reasons),
        )

    def of_lead(self, campaign_id: UUID, lead: UUID | str) -> Why:
        """Why a lead's next mail does or does not go.

        Raises:
            UnknownLead: the campaign has no such lead.
        """
        row = self._row(campaign_id)
        found = CampaignLeads(self._snapshot, self._workspace, campaign_id).row_of(lead)
        if found is None:
            raise UnknownLead(lead)
        history = self._snapshot.read_stream(self._workspace, lead_stream(campaign_id, found.number))
        state = LEAD_DECIDER.fold(history)
        own = tuple(self._walk(row, state, history))
        status = self._status(row)
        if not status.allows or any(not each.allows and each.frees_at is None for each in own):
            return Why(at=self._at, goes_at=None, reasons=(status, *own))
        outlook = self._outlook(
            campaign_id, lambda mail: (mail.campaign_id, mail.number) == (campaign_id, found.number)
        )
        mine = [mail.at for mail in outlook.mails if mail.number == found.number]
        before = sum(mail.number != found.number for mail in outlook.mails)
        told = [
            Reason(rule=reason, allows=False, sentence=_unreachable(reason))
            for reason, numbers in outlook.unreachable.items()
            if found.number in numbers and not mine
        ]
        queue = Reason(
            rule="queue",
            allows=mine[:1] == [self._at],
            sentence=f"{before:,} mails of the campaign go before it." if before else "It is the next of the campaign.",
            numbers={"before": before},
            frees_at=mine[0] if mine and before else None,
        )
        keeps = {found.inbox_id} if state.since is not None and found.inbox_id in row.inbox_ids else set(row.inbox_ids)
        planned = [each for each in self._planned(row) if each.inbox_id is None or each.inbox_id in keeps]
        return Why(
            at=self._at,
            goes_at=mine[0] if mine else None,
            reasons=(status, *own, *told, *((queue,) if mine else ()), *planned),
        )

    def _row(self, campaign_id: UUID) -> CampaignRow:
        row = self._snapshot.get(CAMPAIGNS, (self._workspace, campaign_id))
        if row is None:
            raise UnknownCampaign(campaign_id)
        return row

    def _forecasting(self) -> Forecasting:
        return Forecasting(self._snapshot, self._workspace, self._load, self._at)

    def _outlook(self, campaign_id: UUID, until: Callable[[MailAhead], bool]) -> Outlook:
        return self._forecasting().outlook(campaign_id, AS_IT_IS, self._pacing, until)

    def _status(self, row: CampaignRow) -> Reason:
        runs = CAMPAIGN.knows("complete", row.status)
        sentence = "The campaign runs." if runs else f"The campaign is {row.status}; only an ACTIVE one sends."
        return Reason(rule="status", allows=runs, sentence=sentence, numbers={"status": str(row.status)})

    def _planned(self, row: CampaignRow) -> Iterator[Reason]:
        """What the planner says of the campaign and its inboxes now."""
        sending, ledgers = self._forecasting().sending()
        planned = plan(self._at, sending, ledgers, self._pacing)
        for asked in planned.trace:
            # What the plan says of itself, that an inbox rests after the mail it takes now, holds nothing back now.
            of_plan = "number" in asked.numbers
            mine = asked.campaign_id in (None, row.campaign_id) and asked.inbox_id in (None, *row.inbox_ids)
            if mine and not of_plan:
                yield _reason(asked)

    def _walk(self, row: CampaignRow, state: LeadState, history: list[Recorded]) -> Iterator[Reason]:
        """What the lead's own history says."""
        if not LEAD.knows("claim", state.walk):
            yield self._not_waiting(state, history)
            return
        yield Reason(rule="walk", allows=True, sentence="The lead waits for its next mail.")
        if state.retry_at is not None:
            waits = state.retry_at > self._at
            yield Reason(
                rule="deferred",
                allows=not waits,
                sentence="A server put its mail off; it is tried again later."
                if waits
                else "Its mail may be tried again.",
                numbers={"deferrals": state.deferrals},
                frees_at=state.retry_at if waits else None,
            )
        if state.since is None:
            return
        chain = chain_of(row)
        step = next_step(state.done, chain)
        if step is None:
            yield Reason(rule="walk", allows=False, sentence="It was sent, or skipped, every step there is.")
            return
        due = due_at(state.since, step)
        goes = holds(step, state, tracks_opens=row.settings.enable_tracking)
        yield Reason(
            rule="not_due",
            allows=due <= self._at,
            sentence=f"Step {step.step_number} is due {step.wait_days} days after the one before it.",
            numbers={"since": state.since, "wait_days": step.wait_days},
            frees_at=due if due > self._at else None,
        )
        yield Reason(
            rule="condition",
            allows=goes,
            sentence=f"The condition of step {step.step_number} is {step.trigger_type}; it "
            + ("holds." if goes else "does not hold, so the step is skipped when it is due."),
            numbers={"opened": state.opened, "replied": state.replied},
            frees_at=None if goes else due,
        )

    def _not_waiting(self, state: LeadState, history: list[Recorded]) -> Reason:
        if LEAD.knows("resolve", state.walk):
            return Reason(rule=UNKNOWN, allows=False, sentence=_unreachable(UNKNOWN))
        if LEAD.knows("lose", state.walk) and state.claim is not None:
            claim = state.claim
            return Reason(
                rule="claimed",
                allows=False,
                sentence=f"The worker {claim.worker} has its mail and may be sending it now.",
                numbers={"step_number": claim.step_number, "worker": claim.worker},
                frees_at=claim.deadline,
            )
        end = next(each for each in reversed(history) if isinstance(each.event, Stopped | Finished | Rejected))
        why = f"stopped: {end.event.reason.value}" if isinstance(end.event, Stopped) else end.name.partition(".")[2]
        return Reason(
            rule="walk_ended",
            allows=False,
            sentence=f"Its walk ended ({why}); nothing more is sent to it.",
            numbers={"ended_at": end.occurred_at},
        )


def _first(outlook: Outlook, inbox_id: UUID | None = None) -> datetime | None:
    return next((mail.at for mail in outlook.mails if inbox_id in (None, mail.inbox_id)), None)


def _reason(asked: Asked) -> Reason:
    words = _ALLOWS if asked.allows else _HOLDS_BACK
    return Reason(
        rule=asked.rule,
        allows=asked.allows,
        sentence=words[asked.rule],
        numbers=asked.numbers,
        inbox_id=asked.inbox_id,
        frees_at=asked.frees_at,
    )


def _unreachable(reason: str) -> str:
    if reason == UNKNOWN:
        return "Nobody knows whether its mail went; say so (resolve) before anything more is sent."
    if reason in UNFIT:
        return f"No mail goes to it: {UNFIT[reason]}."
    return SENTENCES[reason].partition(":")[0] + "."
