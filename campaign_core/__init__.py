"""An embeddable, event-sourced kernel for cold-outreach e-mail campaigns.

with open_kernel("campaigns.db") as kernel:
    campaign = kernel.handle(CreateCampaign("Spring launch"))
"""

from campaign_core.analytics.rates import Counts, Rates
from campaign_core.analytics.verdict import Evidence, Verdict
from campaign_core.campaign.commands import (
    ActivateCampaign,
    AddLeads,
    ArchiveCampaign,
    CompleteCampaign,
    CreateCampaign,
    DeleteCampaign,
    DuplicateAction,
    PauseCampaign,
    RemoveLeads,
    UpdateCampaign,
)
from campaign_core.campaign.events import PauseReason
from campaign_core.campaign.findings import Finding
from campaign_core.campaign.lifecycle import Status
from campaign_core.campaign.readiness import Readiness
from campaign_core.campaign.sequences import EditAction, FollowUp, SequenceEdit, TriggerType
from campaign_core.campaign.settings import Settings
from campaign_core.campaign.variants import FollowUpVariant, Variant
from campaign_core.checks import UNSET
from campaign_core.content.content_type import ContentType
from campaign_core.content.mail import Mail
from campaign_core.errors import (
    AlreadyExists,
    CampaignError,
    CommandIdReused,
    CommandRejected,
    CorruptLog,
    IllegalTransition,
    InboxInUse,
    InvalidMessage,
    LeadFileRefused,
    LeadsStillOpen,
    LogBusy,
    LogError,
    LogUnavailable,
    MisuseError,
    NothingSent,
    NotLaunchReady,
    PreflightFailed,
    Problem,
    StaleClaim,
    StartTooFarAhead,
    TooManyVariants,
    UnbalancedSplit,
    UnfitLead,
    UnfitSequences,
    UnknownCampaign,
    UnknownFollowUp,
    UnknownInbox,
    UnknownLead,
    UnknownWorkspace,
    UnsupportedLog,
    UnusableInboxes,
    ViewFailed,
    WrongExpectedVersion,
)
from campaign_core.inbox.commands import DisableInbox, PauseInbox, RegisterInbox, RemoveInbox, ResumeInbox, VerifyInbox
from campaign_core.inbox.events import InboxType
from campaign_core.inbox.lifecycle import InboxStatus
from campaign_core.intake.report import ImportReport, RowProblem
from campaign_core.kernel.kernel import Kernel, open_kernel
from campaign_core.kernel.outcome import Outcome
from campaign_core.kernel.preview import MailChoice, Preview
from campaign_core.kernel.reader import Page, ViewReader
from campaign_core.kernel.results import (
    InboxResult,
    LeadCounts,
    Measure,
    Result,
    Results,
    StepResult,
    VariantResult,
)
from campaign_core.kernel.suppressing import LiftSuppression, SuppressAddress
from campaign_core.kernel.timeline import Day
from campaign_core.kernel.tracked import Tracked
from campaign_core.kernel.uploads import AddLead, UploadLeads
from campaign_core.lead.commands import (
    RecordBounce,
    RecordClick,
    RecordComplaint,
    RecordOpen,
    RecordReply,
    RecordUnsubscribe,
    ReleaseClaim,
    ReportAccepted,
    ReportDeferred,
    ReportRejected,
    ResolveUnknown,
    ReviseLead,
)
from campaign_core.lead.events import ReleaseReason, StopReason
from campaign_core.lead.status import LeadStatus
from campaign_core.recorded import Metadata, Recorded
from campaign_core.sending.tracking import Purpose
from campaign_core.suppression.events import SuppressionReason
from campaign_core.views.batches import BATCHES, BatchRow
from campaign_core.views.campaigns import CAMPAIGNS, CampaignRow
from campaign_core.views.due import DUE, DueRow, DueState
from campaign_core.views.inboxes import INBOXES, InboxRow
from campaign_core.views.leads import LEADS, LeadRow
from campaign_core.views.results import RESULTS, Answer, MailResult, ResultRow
from campaign_core.views.suppressions import SUPPRESSIONS, SuppressionRow
from campaign_core.views.timeline import TIMELINE, DayCounts, TimelineRow
from campaign_core.views.usage import USAGE, UsageRow
from campaign_core.views.view import Drop, View

__all__ = [
    "BATCHES",
    "CAMPAIGNS",
    "DUE",
    "INBOXES",
    "LEADS",
    "RESULTS",
    "SUPPRESSIONS",
    "TIMELINE",
    "UNSET",
    "USAGE",
    "ActivateCampaign",
    "AddLead",
    "AddLeads",
    "AlreadyExists",
    "Answer",
    "ArchiveCampaign",
    "BatchRow",
    "CampaignError",
    "CampaignRow",
    "CommandIdReused",
    "CommandRejected",
    "CompleteCampaign",
    "ContentType",
    "CorruptLog",
    "Counts",
    "CreateCampaign",
    "Day",
    "DayCounts",
    "DeleteCampaign",
    "DisableInbox",
    "Drop",
    "DueRow",
    "DueState",
    "DuplicateAction",
    "EditAction",
    "Evidence",
    "Finding",
    "FollowUp",
    "FollowUpVariant",
    "IllegalTransition",
    "ImportReport",
    "InboxInUse",
    "InboxResult",
    "InboxRow",
    "InboxStatus",
    "InboxType",
    "InvalidMessage",
    "Kernel",
    "LeadCounts",
    "LeadFileRefused",
    "LeadRow",
    "LeadStatus",
    "LeadsStillOpen",
    "LiftSuppression",
    "LogBusy",
    "LogError",
    "LogUnavailable",
    "Mail",
    "MailChoice",
    "MailResult",
    "Measure",
    "Metadata",
    "MisuseError",
    "NotLaunchReady",
    "NothingSent",
    "Outcome",
    "Page",
    "PauseCampaign",
    "PauseInbox",
    "PauseReason",
    "PreflightFailed",
    "Preview",
    "Problem",
    "Purpose",
    "Rates",
    "Readiness",
    "RecordBounce",
    "RecordClick",
    "RecordComplaint",
    "RecordOpen",
    "RecordReply",
    "RecordUnsubscribe",
    "Recorded",
    "RegisterInbox",
    "ReleaseClaim",
    "ReleaseReason",
    "RemoveInbox",
    "RemoveLeads",
    "ReportAccepted",
    "ReportDeferred",
    "ReportRejected",
    "ResolveUnknown",
    "Result",
    "ResultRow",
    "Results",
    "ResumeInbox",
    "ReviseLead",
    "RowProblem",
    "SequenceEdit",
    "Settings",
    "StaleClaim",
    "StartTooFarAhead",
    "Status",
    "StepResult",
    "StopReason",
    "SuppressAddress",
    "SuppressionReason",
    "SuppressionRow",
    "TimelineRow",
    "TooManyVariants",
    "Tracked",
    "TriggerType",
    "UnbalancedSplit",
    "UnfitLead",
    "UnfitSequences",
    "UnknownCampaign",
    "UnknownFollowUp",
    "UnknownInbox",
    "UnknownLead",
    "UnknownWorkspace",
    "UnsupportedLog",
    "UnusableInboxes",
    "UpdateCampaign",
    "UploadLeads",
    "UsageRow",
    "Variant",
    "VariantResult",
    "Verdict",
    "VerifyInbox",
    "View",
    "ViewFailed",
    "ViewReader",
    "WrongExpectedVersion",
    "open_kernel",
]
