"""Why a mail does not go: each rule that is asked, its numbers, and when it lets go.

The rules are the planner's, asked one by one so that each is answered whatever the others say, and those of the lead itself.
The instant at which a mail goes is the forecast's, which is what then happens if nobody acts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Final
from uuid import UUID

from campaign_core.campaign.decisions import CAMPAIGN_DECIDER
from campaign_core.campaign.events import Paused, PauseReason
from campaign_core.campaign.events import stream_of as campaign_stream
from campaign_core.campaign.lifecycle import CAMPAIGN
from campaign_core.campaign.schedule import schedule_of
from campaign_core.errors import UnknownCampaign, UnknownInbox, UnknownLead
from campaign_core.kernel.campaign_leads import CampaignLeads
from campaign_core.kernel.forecasting import AS_IT_IS, Forecasting, Load
from campaign_core.kernel.lead_aggregate import chain_of
from campaign_core.kernel.lead_reasons import LeadReasons
from campaign_core.kernel.planner_reasons import Asking, can_send_reason
from campaign_core.kernel.queues import Running
from campaign_core.kernel.reasons import Reason
from campaign_core.kernel.reasons import Why as Why
from campaign_core.log.transaction import Reading
from campaign_core.sending.forecast import MailAhead
from campaign_core.sending.pacing import PACING, Pacing, free_at
from campaign_core.views.campaigns import CAMPAIGNS, CampaignRow
from campaign_core.views.inboxes import INBOXES

_PAUSED_BY: Final = {
    PauseReason.REQUESTED: "somebody paused it",
    PauseReason.NO_USABLE_INBOX: "none of its inboxes could send",
    PauseReason.BOUNCES: "too many of its mails bounced",
    PauseReason.COMPLAINTS: "too many readers reported its mails as spam",
}


class Explaining:
    """Asks every rule on one snapshot."""

    def __init__(self, snapshot: Reading, workspace: str, load: Load, at: datetime, pacing: Pacing = PACING) -> None:
        self._snapshot, self._workspace, self._load, self._at, self._pacing = snapshot, workspace, load, at, pacing

    def of_campaign(self, campaign_id: UUID) -> Why:
        """Why a campaign does or does not send.

        Raises:
            UnknownCampaign: there is none.
        """
        running = self._running(campaign_id)
        status = self._status(running.row)
        rules = self._rules(running, [each.inbox_id for each in running.inboxes])
        if not status.allows:
            return Why(at=self._at, goes_at=None, reasons=(status, *rules))
        mails = self._ahead(campaign_id, lambda mail: mail.campaign_id == campaign_id)
        goes_at = next((mail.at for mail in mails if mail.campaign_id == campaign_id), None)
        others = self._others(running, rules, mails, is_idle=True)
        return Why(at=self._at, goes_at=goes_at, reasons=(status, *rules, *others))

    def of_inbox(self, inbox_id: UUID) -> Why:
        """Why an inbox does or does not send, over all campaigns that run and hold it.

        Raises:
            UnknownInbox: there is none.
        """
        row = self._snapshot.get(INBOXES, (self._workspace, inbox_id))
        if row is None:
            raise UnknownInbox(inbox_id)
        holding = [each for each in self._forecasting().running() if inbox_id in each.row.inbox_ids]
        if not holding:
            idle = Reason(rule="assigned", allows=False, sentence="No campaign that runs sends from the inbox.")
            return Why(at=self._at, goes_at=None, reasons=(can_send_reason(row), idle), among="campaign_id")
        # Whoever sends from the inbox competes for it, so the forecast of one of them holds the mails of all.
        mails = self._ahead(holding[0].campaign_id, lambda mail: mail.inbox_id == inbox_id)
        reasons: list[Reason] = []
        for running in holding:
            rules = self._rules(running, [inbox_id])
            reasons += [each for each in rules if each not in reasons]
            reasons += self._others(running, rules, mails, is_idle=True)
        goes_at = next((mail.at for mail in mails if mail.inbox_id == inbox_id), None)
        return Why(at=self._at, goes_at=goes_at, reasons=tuple(reasons), among="campaign_id")

    def of_lead(self, campaign_id: UUID, lead: UUID | str) -> Why:
        """Why a lead's next mail does or does not go.

        Raises:
            UnknownCampaign: there is none.
            UnknownLead: the campaign has no such lead.
        """
        running = self._running(campaign_id)
        found = CampaignLeads(self._snapshot, self._workspace, campaign_id).row_of(lead)
        if found is None:
            raise UnknownLead(lead)
        status = self._status(running.row)
        asked = LeadReasons(self._snapshot, self._workspace, running, found, self._at)
        own = asked.reasons()
        if any(not each.allows and each.frees_at is None for each in own):
            return Why(at=self._at, goes_at=None, reasons=(status, *own))
        inbox_ids = asked.inbox_ids()
        # Whether anybody of the campaign is due says nothing of this lead that its own rules do not.
        rules = [each for each in self._rules(running, inbox_ids) if each.rule != "nothing_due"]
        if not status.allows:
            return Why(at=self._at, goes_at=None, reasons=(status, *own, *rules))
        mine = (campaign_id, found.number)
        mails = self._ahead(campaign_id, lambda mail: (mail.campaign_id, mail.number) == mine)
        goes_at = next((mail.at for mail in mails if (mail.campaign_id, mail.number) == mine), None)
        free_from = max((each.frees_at for each in own if each.frees_at is not None), default=self._at)
        before = [
            mail
            for mail in mails
            if mail.campaign_id == campaign_id
            and mail.inbox_id in inbox_ids
            and goes_at is not None
            and free_from <= mail.at < goes_at
        ]
        others = self._others(running, rules, mails, is_idle=False)
        turn = _turn(len(before), goes_at)
        return Why(at=self._at, goes_at=goes_at, reasons=(status, *own, turn, *rules, *others))

    def _running(self, campaign_id: UUID) -> Running:
        """The campaign as a tick sees it, or would see it if it ran."""
        row = self._snapshot.get(CAMPAIGNS, (self._workspace, campaign_id))
        if row is None:
            raise UnknownCampaign(campaign_id)
        loaded = self._load(self._snapshot, self._workspace, campaign_stream(campaign_id), CAMPAIGN_DECIDER)
        found = [self._snapshot.get(INBOXES, (self._workspace, each)) for each in row.inbox_ids]
        inboxes = tuple(each for each in found if each is not None)
        return Running(row, loaded.state, loaded.version, schedule_of(row.settings), chain_of(row), inboxes)

    def _forecasting(self) -> Forecasting:
        return Forecasting(self._snapshot, self._workspace, self._load, self._at)

    def _ahead(self, campaign_id: UUID, wanted: Callable[[MailAhead], bool]) -> list[MailAhead]:
        """The mails of a campaign and of those it competes with, up to the instant of the first that is wanted."""
        mails: list[MailAhead] = []
        found: list[datetime] = []

        def is_past(mail: MailAhead) -> bool:
            if found and mail.at > found[0]:
                return True
            mails.append(mail)
            if wanted(mail):
                found.append(mail.at)
            return False

        self._forecasting().outlook(campaign_id, AS_IT_IS, self._pacing, is_past)
        return mails

    def _status(self, row: CampaignRow) -> Reason:
        runs = CAMPAIGN.knows("complete", row.status)
        numbers: dict[str, object] = {"status": str(row.status)}
        if runs:
            return Reason(rule="status", allows=True, sentence="The campaign runs.", numbers=numbers)
        starts = next((each for each in ("launch", "resume") if CAMPAIGN.knows(each, row.status)), None)
        then = "nothing more is sent" if starts is None else f"{starts} it to send"
        paused = self._paused(row) if starts == "resume" else None
        why = "" if paused is None else f", because {_PAUSED_BY[paused]}"
        numbers |= {} if paused is None else {"paused": paused.value}
        return Reason(
            rule="status", allows=False, sentence=f"The campaign is {row.status}{why}; {then}.", numbers=numbers
        )

    def _paused(self, row: CampaignRow) -> PauseReason | None:
        history = self._snapshot.read_stream(self._workspace, campaign_stream(row.campaign_id))
        return next((each.event.reason for each in reversed(history) if isinstance(each.event, Paused)), None)

    def _rules(self, running: Running, inbox_ids: Iterable[UUID]) -> list[Reason]:
        """The planner's rules; none of a campaign that can never send again."""
        if not any(CAMPAIGN.knows(each, running.row.status) for each in ("complete", "launch", "resume")):
            return []
        asking = Asking(self._snapshot, self._workspace, running, self._at, self._pacing)
        return [*asking.of_campaign(), *asking.of_inboxes(inbox_ids)]

    def _others(
        self, running: Running, rules: Iterable[Reason], mails: Iterable[MailAhead], *, is_idle: bool
    ) -> Iterator[Reason]:
        """What goes now through the inboxes that no rule stops: another campaign's mail or, told where asked, none."""
        stopped = {each.inbox_id for each in rules if not each.allows}
        if None in stopped:
            return
        taken = {mail.inbox_id: mail for mail in mails if mail.at == self._at}
        for inbox_id in dict.fromkeys(each.inbox_id for each in rules if each.inbox_id not in stopped):
            mail = None if inbox_id is None else taken.get(inbox_id)
            if inbox_id is None or (mail is not None and mail.campaign_id == running.campaign_id):
                continue
            if mail is not None:
                yield Reason(
                    rule="inbox_taken",
                    allows=False,
                    sentence="Another campaign's mail goes through the inbox now.",
                    numbers={"campaign_id": mail.campaign_id},
                    campaign_id=running.campaign_id,
                    inbox_id=inbox_id,
                    frees_at=free_at(inbox_id, self._at, self._pacing),
                )
            elif is_idle:
                yield Reason(
                    rule="inbox_idle",
                    allows=False,
                    sentence="Nobody whose mail goes now may be written to through the inbox.",
                    campaign_id=running.campaign_id,
                    inbox_id=inbox_id,
                )


def _turn(before: int, goes_at: datetime | None) -> Reason:
    """Whether mails of the campaign go before that of a lead that could take it."""
    mails = "1 mail of the campaign goes" if before == 1 else f"{before:,} mails of the campaign go"
    return Reason(
        rule="turn",
        allows=not before,
        sentence=f"{mails} before it." if before else "No other mail of the campaign goes before it.",
        numbers={"before": before},
        frees_at=goes_at if before else None,
    )
