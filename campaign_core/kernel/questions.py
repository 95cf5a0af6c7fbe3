"""Everything that can be asked of a workspace. Nothing here changes it; each question reads a snapshot of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Final, TypeVar
from uuid import UUID

import attrs

from campaign_core.audit.history import committed, row_after, until
from campaign_core.audit.verify import Verification, verify
from campaign_core.campaign.decisions import CAMPAIGN_DECIDER
from campaign_core.campaign.events import stream_of as campaign_stream
from campaign_core.campaign.facts import TextKey
from campaign_core.campaign.findings import Finding
from campaign_core.campaign.mails import StepMail, Written, declared
from campaign_core.campaign.readiness import Readiness, preflight, readiness
from campaign_core.campaign.state import CampaignState
from campaign_core.errors import MisuseError, UnknownCampaign
from campaign_core.inbox.events import stream_of as inbox_stream
from campaign_core.kernel.aggregates import campaign_facts
from campaign_core.kernel.campaign_leads import CampaignLeads
from campaign_core.kernel.forecasting import AS_IT_IS, Forecasting, Outlook, WhatIf
from campaign_core.kernel.lead_questions import LeadQuestions
from campaign_core.kernel.outcome import Outcome
from campaign_core.kernel.past import log_at
from campaign_core.kernel.pipeline import Command, Pipeline
from campaign_core.kernel.preflight import findings, known_fields, texts_in_force
from campaign_core.kernel.preview import EVERY_MAIL, MailChoice, Preview, previews, wordings
from campaign_core.kernel.quotas import DayUsage, Quotas, quotas_of, usage_of
from campaign_core.kernel.reader import ViewReader
from campaign_core.kernel.registers import body_of, recall, workspace_names
from campaign_core.kernel.results import Results, results_of
from campaign_core.kernel.timeline import Day, timeline_of
from campaign_core.kernel.uploads import UploadLeads
from campaign_core.kernel.warm import WarmStates
from campaign_core.kernel.why import Explaining, Why
from campaign_core.recorded import Recorded, Row
from campaign_core.sending.pacing import PACING, Pacing
from campaign_core.views.campaigns import CAMPAIGNS, CampaignRow
from campaign_core.views.view import View

T = TypeVar("T")
#: States kept warm while the past is asked.
_PAST_STREAMS: Final = 64


def _with_zone(at: datetime | None) -> datetime | None:
    """The instant, held to what an instant is."""
    if at is not None and at.tzinfo is None:
        raise MisuseError("An instant needs its zone, such as datetime(2030, 1, 31, 9, 0, tzinfo=UTC).")
    return at


class Questions(LeadQuestions):
    """The reading side of a kernel."""

    def now(self) -> datetime:
        """The time by the kernel's clock, in UTC."""
        return self._clock()

    def view(self, view: View[T]) -> ViewReader[T]:
        """A view to ask: `CAMPAIGNS`, `LEADS`, `INBOXES`, or one of your own that the kernel was opened with.

        Raises:
            MisuseError: the kernel was opened without it.
        """
        if view not in self._log.views:
            raise MisuseError(f"This kernel folds no view {view.name!r}; open it with open_kernel(..., views=[...]).")
        return ViewReader(self._log, self._workspace, view)

    def readiness(self, campaign_id: UUID) -> Readiness:
        """Which parts a campaign still needs, and what to be warned of.

        Raises:
            UnknownCampaign: there is none, or it was deleted.
        """
        with self._campaign(campaign_id) as (leads, state):
            facts = campaign_facts(leads, state, state.inbox_ids, self._clock())
            mails = findings(leads, state, texts_in_force(leads.snapshot, state), facts.at, renders=False)
            return readiness(state, attrs.evolve(facts, mails=mails))

    def preflight(self, campaign_id: UUID) -> tuple[Finding, ...]:
        """Why the campaign could not run if it started now: what a launch would record as faults. Nothing is changed.

        Raises:
            UnknownCampaign: there is none, or it was deleted.
        """
        with self._campaign(campaign_id) as (leads, state):
            facts = campaign_facts(leads, state, state.inbox_ids, self._clock())
            mails = findings(leads, state, texts_in_force(leads.snapshot, state), facts.at, renders=True)
            return preflight(state, attrs.evolve(facts, mails=mails))

    def preview(
        self, campaign_id: UUID, choice: MailChoice = EVERY_MAIL, *, at: datetime | None = None
    ) -> list[Preview]:
        """The mails a lead would receive, each as it would go at an instant, now if None; see `MailChoice` for which.

        Raises:
            UnknownCampaign: there is none, or it was deleted.
            UnknownLead: it has no such lead.
            InvalidMessage: it has no such step or variant.
        """
        with self._campaign(campaign_id) as (leads, state):
            return previews(leads, state, choice, _with_zone(at) or self._clock())

    def wordings(
        self, campaign_id: UUID, choice: MailChoice = EVERY_MAIL, *, at: datetime | None = None, limit: int = 100
    ) -> list[tuple[StepMail, list[Written]]]:
        """The first `limit` wordings that the spintax of each chosen mail can make for a lead.

        Raises:
            UnknownCampaign: there is none, or it was deleted.
            UnknownLead: it has no such lead.
            InvalidMessage: it has no such step or variant.
        """
        with self._campaign(campaign_id) as (leads, state):
            return wordings(leads, state, choice, _with_zone(at) or self._clock(), limit)

    def declared_fields(self, campaign_id: UUID) -> frozenset[str]:
        """The field names the leads of a campaign declare: what decides how `{{a|b}}` is read before it is launched.

        Raises:
            UnknownCampaign: there is none, or it was deleted.
        """
        with self._campaign(campaign_id) as (leads, state):
            return declared(known_fields(state), leads.identified)

    def forecast(self, campaign_id: UUID, what_if: WhatIf = AS_IT_IS, *, pacing: Pacing = PACING) -> Outlook:
        """What a campaign would send from now on, mail by mail, if nobody acts.

        One that does not run is supposed to be started. Campaigns that run and compete for its inboxes are taken into
        account. Nothing is written.

        Raises:
            UnknownCampaign: there is none, or it was deleted.
            IllegalTransition: it cannot be started any more.
            InvalidMessage: the supposed settings do not fit together.
            UnusableInboxes: an inbox to add does not exist or is not ACTIVE.
            NotLaunchReady: it does not run, and parts it needs for that are missing.
        """
        with self._log.read() as snapshot:
            forecasting = Forecasting(snapshot, self._workspace, self._pipeline.load, self._clock())
            return forecasting.outlook(campaign_id, what_if, pacing)

    def why(self, campaign_id: UUID, lead: UUID | str | None = None, *, pacing: Pacing = PACING) -> Why:
        """Why a campaign, or one lead of it by public id or address, does or does not send now: each rule, and when it goes.

        Raises:
            UnknownCampaign: there is none, or it was deleted.
            UnknownLead: it has no such lead.
        """
        with self._log.read() as snapshot:
            explaining = Explaining(snapshot, self._workspace, self._pipeline.load, self._clock(), pacing)
            return explaining.of_campaign(campaign_id) if lead is None else explaining.of_lead(campaign_id, lead)

    def why_inbox(self, inbox_id: UUID, *, pacing: Pacing = PACING) -> Why:
        """Why an inbox does or does not send now, over all campaigns.

        Raises:
            UnknownInbox: there is none.
        """
        with self._log.read() as snapshot:
            return Explaining(snapshot, self._workspace, self._pipeline.load, self._clock(), pacing).of_inbox(inbox_id)

    def past(self, at: datetime) -> Questions:
        """The same questions, asked of the log as it stood at an instant, by a clock that stands there.

        What was erased since is not there. Costs as much as reading the log up to then; it is held in memory.

        Raises:
            MisuseError: the instant lacks its zone.
        """
        _with_zone(at)
        log = log_at(self._log, at)
        pipeline = Pipeline(log, WarmStates(_PAST_STREAMS), lambda: at)
        return Questions(log, pipeline, clock=lambda: at, workspace=self._workspace)

    def results(self, campaign_id: UUID) -> Results:
        """What a campaign brought so far, as a whole, by step, by variant and by inbox. O(leads that were sent something).

        Raises:
            UnknownCampaign: there is none, or it was deleted.
        """
        with self._log.read() as snapshot:
            return results_of(snapshot, self._workspace, campaign_id)

    def quotas(self, campaign_id: UUID) -> Quotas:
        """What each inbox of a campaign may send today, by its own limit and by the campaign's, and what is left of it.

        Raises:
            UnknownCampaign: there is none, or it was deleted.
        """
        with self._log.read() as snapshot:
            return quotas_of(snapshot, self._workspace, self._clock(), campaign_id)

    def inbox_usage(self, inbox_ids: Collection[UUID] | None = None) -> DayUsage:
        """What the inboxes of these ids, or all if None, have sent today in UTC; ids of none are passed over."""
        with self._log.read() as snapshot:
            return usage_of(snapshot, self._workspace, self._clock(), inbox_ids)

    def timeline(
        self, campaign_id: UUID | None = None, from_day: date | None = None, to_day: date | None = None
    ) -> list[Day]:
        """What happened on every day in UTC from one to another, both included; of all campaigns together if None is given.

        Args:
            campaign_id: the campaign.
            from_day: the first day; None: the 90th, the last one counted.
            to_day: the last day; None: today.

        Raises:
            UnknownCampaign: there is none, or it was deleted.
            InvalidMessage: the first day is behind the last, or more than 3,660 days are asked for.
        """
        with self._log.read() as snapshot:
            today = self._clock().astimezone(UTC).date()
            return timeline_of(snapshot, self._workspace, campaign_id, today, from_day, to_day)

    def history(self, identity: UUID) -> list[Recorded]:
        """Every event of a campaign or an inbox, oldest first; of a deleted campaign, what is left of them.

        Raises:
            UnknownCampaign: there never was a campaign or inbox of that id.
        """
        with self._log.read() as snapshot:
            for stream in (campaign_stream(identity), inbox_stream(identity)):
                history = snapshot.read_stream(self._workspace, stream)
                if history:
                    return history
        raise UnknownCampaign(identity)

    def texts(self, campaign_id: UUID) -> dict[TextKey, Row]:
        """The texts of a campaign's mails: `subject_template`, where it has one, and `email_content`.

        By follow-up, None for the first mail, and name of the variant.

        Raises:
            UnknownCampaign: there is none, or it was deleted.
        """
        with self._campaign(campaign_id) as (leads, state):
            return texts_in_force(leads.snapshot, state)

    def earlier_outcome(self, command: Command, command_id: str) -> Outcome | None:
        """The outcome of an earlier command of that id: what `handle` would answer without doing anything again.

        None where there was none, so that what has to be done before a command is done once.

        Raises:
            CommandIdReused: the earlier command was a different one.
            MisuseError: it is an upload, whose file would have to be read.
        """
        if isinstance(command, UploadLeads):
            raise MisuseError("An upload is known by the bytes of its file; hand it to `handle`.")
        with self._log.read() as snapshot:
            body = body_of(snapshot.tables, self._workspace, command, {})
            return recall(snapshot.tables, self._workspace, command_id, body)

    def as_of(self, campaign_id: UUID, *, version: int | None = None, at: datetime | None = None) -> CampaignRow:
        """A campaign as it was when its stream had a version, or as it was recorded by an instant, from the log alone.

        Raises:
            UnknownCampaign: there was no such campaign then, or its payloads are erased.
            MisuseError: the instant lacks its zone.
        """
        _with_zone(at)
        with self._log.read() as snapshot:
            history = snapshot.read_stream(self._workspace, campaign_stream(campaign_id))
        row = row_after(CAMPAIGNS, (self._workspace, campaign_id), until(history, version, at))
        if row is None:
            raise UnknownCampaign(campaign_id)
        return row

    def subscribe(self, after: int = 0) -> Iterator[Recorded]:
        """Every event of the workspace that is committed behind a position, in the order of the log.

        Ends at the newest event there is by then; call again with the position of the last event you dealt with. Keep
        that position where you keep your results: an event you did not get to keep comes again (at least once), and none
        is passed over. Nothing is held open while you work, so take your time.
        """
        return committed(self._log, self._workspace, after)

    def workspaces(self) -> list[str]:
        """The names of all workspaces of the log, sorted."""
        with self._log.read() as snapshot:
            return workspace_names(snapshot.tables)

    def verify(self) -> Verification:
        """Checks every digest, link and root of the log."""
        with self._log.read() as snapshot:
            return verify(snapshot, workspace_names(snapshot.tables))

    @contextmanager
    def _campaign(self, campaign_id: UUID) -> Iterator[tuple[CampaignLeads, CampaignState]]:
        """A campaign's leads and its state on one snapshot."""
        with self._log.read() as snapshot:
            stream = campaign_stream(campaign_id)
            state = self._pipeline.load(snapshot, self._workspace, stream, CAMPAIGN_DECIDER).state
            if not state.exists:
                raise UnknownCampaign(campaign_id)
            yield CampaignLeads(snapshot, self._workspace, campaign_id), state

    def _lead_mapping(self, campaign_id: UUID) -> Mapping[str, str] | None:
        campaign = self.view(CAMPAIGNS).get(campaign_id)
        return None if campaign is None else campaign.lead_mapping
