"""An embeddable, event-sourced kernel for cold-outreach e-mail campaigns.

with open_kernel("campaigns.db") as kernel:
    campaign = kernel.handle(CreateCampaign("Spring launch"))
"""

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
    NotLaunchReady,
    PreflightFailed,
    Problem,
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
from campaign_core.kernel.reader import ViewReader
from campaign_core.kernel.uploads import AddLead, UploadLeads
from campaign_core.lead.commands import ReviseLead
from campaign_core.lead.status import LeadStatus
from campaign_core.recorded import Metadata, Recorded
from campaign_core.views.campaigns import CAMPAIGNS, CampaignRow
from campaign_core.views.inboxes import INBOXES, InboxRow
from campaign_core.views.leads import LEADS, LeadRow
from campaign_core.views.view import Drop, View

__all__ = [
    "CAMPAIGNS",
    "INBOXES",
    "LEADS",
    "UNSET",
    "ActivateCampaign",
    "AddLead",
    "AddLeads",
    "AlreadyExists",
    "ArchiveCampaign",
    "CampaignError",
    "CampaignRow",
    "CommandIdReused",
    "CommandRejected",
    "CompleteCampaign",
    "ContentType",
    "CorruptLog",
    "CreateCampaign",
    "DeleteCampaign",
    "DisableInbox",
    "Drop",
    "DuplicateAction",
    "EditAction",
    "Finding",
    "FollowUp",
    "FollowUpVariant",
    "IllegalTransition",
    "ImportReport",
    "InboxInUse",
    "InboxRow",
    "InboxStatus",
    "InboxType",
    "InvalidMessage",
    "Kernel",
    "LeadFileRefused",
    "LeadRow",
    "LeadStatus",
    "LeadsStillOpen",
    "LogBusy",
    "LogError",
    "LogUnavailable",
    "Mail",
    "MailChoice",
    "Metadata",
    "MisuseError",
    "NotLaunchReady",
    "Outcome",
    "PauseCampaign",
    "PauseInbox",
    "PreflightFailed",
    "Preview",
    "Problem",
    "Readiness",
    "Recorded",
    "RegisterInbox",
    "RemoveInbox",
    "RemoveLeads",
    "ResumeInbox",
    "ReviseLead",
    "RowProblem",
    "SequenceEdit",
    "Settings",
    "StartTooFarAhead",
    "Status",
    "TooManyVariants",
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
    "Variant",
    "VerifyInbox",
    "View",
    "ViewFailed",
    "ViewReader",
    "WrongExpectedVersion",
    "open_kernel",
]
