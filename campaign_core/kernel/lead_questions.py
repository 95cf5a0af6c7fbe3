"""Everything that can be asked about leads and the mails to them. Each question reads a snapshot of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from campaign_core.campaign.lifecycle import CAMPAIGN
from campaign_core.checks import check
from campaign_core.errors import UnknownCampaign, UnknownLead
from campaign_core.intake.export import csv_lines, export_columns
from campaign_core.kernel.campaign_leads import CampaignLeads
from campaign_core.kernel.dispatch import Task
from campaign_core.kernel.interactions import Interaction, interactions_of
from campaign_core.kernel.jobs import UploadJob, job_of
from campaign_core.kernel.mails_sent import SentMail, sent_mails
from campaign_core.kernel.pipeline import Pipeline
from campaign_core.kernel.registers import address_hash
from campaign_core.kernel.suppressing import LiftSuppression, key_of_given
from campaign_core.kernel.tracked import Tracked, tracked
from campaign_core.lead.decisions import LEAD_DECIDER
from campaign_core.lead.events import stream_of as lead_stream
from campaign_core.lead.identity import lead_number_of
from campaign_core.lead.lifecycle import LEAD
from campaign_core.log.log import EventLog
from campaign_core.recorded import Recorded, Row
from campaign_core.views.campaigns import CAMPAIGNS
from campaign_core.views.leads import LEADS, LeadRow
from campaign_core.views.suppressions import SUPPRESSIONS, SuppressionRow


class LeadQuestions:
    """The part of the reading side that is about leads."""

    def __init__(self, log: EventLog, pipeline: Pipeline, *, clock: Callable[[], datetime], workspace: str) -> None:
        self._log, self._pipeline, self._clock, self._workspace = log, pipeline, clock, workspace

    def lead_history(self, campaign_id: UUID, lead_id: UUID) -> list[Recorded]:
        """Every event of a lead, oldest first; empty where nothing happened to it since it was added.

        Raises:
            UnknownLead: the campaign has no such lead, and never wrote to one.
        """
        number = lead_number_of(campaign_id, lead_id) or 0
        with self._log.read() as snapshot:
            history = snapshot.read_stream(self._workspace, lead_stream(campaign_id, number))
            if not history and snapshot.get(LEADS, (self._workspace, campaign_id, number)) is None:
                raise UnknownLead(lead_id)
        return history

    def sent_mails(self, campaign_id: UUID, lead_id: UUID) -> list[SentMail]:
        """The mails that went to a lead, oldest first, each made again from the log.

        They are the bytes that were handed over, unless they were signed on the way. The last may be one whose outcome is
        unknown. Empty where nothing went, or there is no such lead.
        """
        with self._log.read() as snapshot:
            return sent_mails(snapshot, self._workspace, campaign_id, lead_id)

    def interactions(self, campaign_id: UUID, lead_id: UUID) -> list[Interaction]:
        """The mails that went to a lead, oldest first, each with when it was opened, followed and answered.

        Empty where nothing went, or there is no such lead.
        """
        with self._log.read() as snapshot:
            return interactions_of(snapshot, self._workspace, campaign_id, lead_id)

    def upload_job(self, campaign_id: UUID, job_id: UUID) -> UploadJob | None:
        """What became of an upload that was told to keep it, by the id of its batch; None if there is no such job."""
        with self._log.read() as snapshot:
            return job_of(snapshot.tables, self._workspace, campaign_id, job_id)

    def tracked(self, token: str) -> Tracked | None:
        """The mail that a token in a URL of ours stands for, of whichever workspace of the log; None where it is none of ours.

        Record what it tells on `kernel.workspace(tracked.workspace)`.
        """
        with self._log.read() as snapshot:
            return tracked(snapshot, token, self._pipeline.load, self._clock())

    def may_send(self, task: Task) -> bool:
        """Whether a task may still be sent: asked just before it is.

        Its campaign may have been paused since, its deadline may have passed, or somebody declared its outcome unknown.
        """
        with self._log.read() as snapshot:
            campaign = snapshot.get(CAMPAIGNS, (self._workspace, task.campaign_id))
            number = lead_number_of(task.campaign_id, task.lead_id) or 0
            stream = lead_stream(task.campaign_id, number)
            state = self._pipeline.load(snapshot, self._workspace, stream, LEAD_DECIDER).state
        runs = campaign is not None and CAMPAIGN.knows("complete", campaign.status)
        is_open = LEAD.knows("lose", state.walk) and state.claim_version == task.claim
        return runs and is_open and self._clock() < task.deadline

    def suppression_of(self, email: str) -> SuppressionRow | None:
        """Why and since when nobody in the workspace writes to an address; None where it may be written to.

        Raises:
            InvalidMessage: it is no address.
        """
        check(LiftSuppression(email))
        with self._log.read() as snapshot:
            hashed = address_hash(snapshot.tables, self._workspace, key_of_given(email))
            return snapshot.get(SUPPRESSIONS, (self._workspace, hashed))

    def export_leads(self, campaign_id: UUID) -> Iterator[str]:
        """All leads of a campaign as lines of CSV, header first: each value it has, and no cell a spreadsheet would run.

        An upload of these lines gives the same values back.

        Raises:
            UnknownCampaign: there is none, or it was deleted.
        """
        with self._log.read() as snapshot:
            if snapshot.get(CAMPAIGNS, (self._workspace, campaign_id)) is None:
                raise UnknownCampaign(campaign_id)
        return self._exported(campaign_id)

    def lead_values(self, leads: Sequence[LeadRow]) -> list[Row | None]:
        """The values of leads, in the order given: field name to text.

        None where they were erased, and for rows of another workspace.
        """
        with self._log.read() as snapshot:
            return [
                snapshot.content_row(lead.position, lead.place) if lead.workspace == self._workspace else None
                for lead in leads
            ]

    def _exported(self, campaign_id: UUID) -> Iterator[str]:
        with self._log.read() as snapshot:
            leads = CampaignLeads(snapshot, self._workspace, campaign_id)
            names = {name for values in leads.all_values() for name in values}
            yield from csv_lines(export_columns(names), leads.all_values())

    def _address_hash(self, address: str) -> str:
        with self._log.read() as snapshot:
            return address_hash(snapshot.tables, self._workspace, address)
