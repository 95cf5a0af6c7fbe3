"""What an accepted command answers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import attrs
from attrs import frozen

from campaign_core.campaign.findings import Finding
from campaign_core.intake.report import ImportReport


@frozen(kw_only=True)
class Outcome:
    """What came of an accepted command. A command that is repeated under its id answers the same again."""

    #: The campaign, inbox or lead it was about.
    id: UUID
    #: Its status afterwards.
    status: str
    #: The version of its stream afterwards.
    version: int
    #: Stored names of the events recorded, oldest first; empty where there was nothing to do.
    events: tuple[str, ...] = ()
    #: Place in the log of the last event recorded; None where nothing was.
    position: int | None = None
    #: When they were recorded; None where nothing was.
    recorded_at: datetime | None = None
    #: For campaigns: whether every part is there; True exactly when `missing_requirements` is empty.
    is_launch_ready: bool | None = None
    #: Tokens out of leads, inboxes, email_content, in that order.
    missing_requirements: tuple[str, ...] = ()
    #: What does not block, but should be known.
    warnings: tuple[Finding, ...] = ()
    #: Why a campaign that was to start cannot run.
    faults: tuple[Finding, ...] = ()
    #: For uploads: what became of each row. A repeated answer has the counts without the single problems.
    report: ImportReport | None = None
    #: For uploads, and for leads added by hand: the id of the batch.
    batch_id: UUID | None = None
    #: For a lead added by hand: its public id.
    lead_id: UUID | None = None
    #: Leads removed: by a removal, or before an upload that replaces them.
    removed: int | None = None
    #: Leads that a removal left where they are, because they were contacted.
    kept: int | None = None
    #: Ids in a removal that are no lead's of the campaign.
    unknown: int | None = None
    #: For deletions: whether the erased bytes are out of the write-ahead log too; False while an open reader holds old
    #: pages. The store may keep copies in free space that only its own clean-up takes away: see docs/log.md.
    scrubbed: bool | None = None

    def without_personal_data(self) -> Outcome:
        """The outcome as it is remembered."""
        return self if self.report is None else attrs.evolve(self, report=self.report.without_personal_data())
