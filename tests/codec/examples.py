"""One example of each event, every field filled with a value that could be taken for no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from campaign_core.campaign import events
from campaign_core.campaign.findings import Finding
from campaign_core.campaign.sequences import Step, TriggerType
from campaign_core.campaign.settings import Settings, SettingsChange
from campaign_core.campaign.variants import Split
from campaign_core.content.content_type import ContentType
from campaign_core.inbox import events as inbox
from campaign_core.inbox.events import InboxType
from campaign_core.lead import events as lead
from campaign_core.suppression import events as suppression

_ID = UUID("6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b")
_OTHER_ID = UUID("00000000-0000-4000-8000-0000000000ff")
_RESERVED = lead.Reservation(inbox_id=_OTHER_ID, utc_day="2030-02-28", local_day="2030-03-01")

#: By the name of the golden file: stored name and schema version.
EXAMPLES: dict[str, Any] = {
    "campaign.created.1": events.Created(
        settings=Settings(
            'Frühling ☂ "launch"\n',
            timezone="Pacific/Chatham",
            sending_days=(1, 3, 7),
            sending_window_start=8,
            sending_window_start_minute=15,
            sending_window_end=18,
            sending_window_end_minute=45,
            daily_limit_per_inbox=50,
            start_date=datetime(2030, 2, 28, 23, 59, 59, 999_999, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
            enable_tracking=True,
            enable_unsubscribe=False,
            enable_click_tracking=True,
            ramp_up_enabled=True,
            ramp_up_increment=5,
            ramp_up_max_limit=900,
            reply_to="zoë@example.com",
            postal_address="Example GmbH ☂\nAm Markt 1, Köln",
        ),
        seed=2**63 - 1,
    ),
    "campaign.settings_revised.1": events.SettingsRevised(
        change=SettingsChange(
            name="Another name",
            sending_days=(6,),
            daily_limit_per_inbox=None,
            start_date=datetime(2031, 1, 1, tzinfo=UTC),
            enable_tracking=False,
            ramp_up_increment=None,
            reply_to="ada@example.com",
            postal_address=None,
        )
    ),
    "campaign.leads_uploaded.1": events.LeadsUploaded(
        batch_id=_ID,
        source=events.Source.FILE,
        first_number=1001,
        imported=998,
        updated=(7, 3, 1000),
        duplicates=12,
        skipped={"invalid_email": 3, "too_long": 1},
        fields=("email", "first_name", "Größe"),
    ),
    "campaign.leads_removed.1": events.LeadsRemoved(
        ranges=(events.NumberRange(first=1, last=998), events.NumberRange(first=1000, last=1000))
    ),
    "campaign.lead_mapping_set.1": events.LeadMappingSet(mapping={"email": "E-Mail", "größe": "Größe"}),
    "campaign.inboxes_assigned.1": events.InboxesAssigned(inbox_ids=(_ID, _OTHER_ID)),
    "campaign.variants_set.1": events.VariantsSet(
        variants=(
            Split(variant_name="A", variant_label="plain ✉", distribution_percent=60),
            Split(variant_name="BB", distribution_percent=40, content_type=ContentType.RAW_HTML),
        ),
        replaces=True,
    ),
    "campaign.sequences_set.1": events.SequencesSet(
        steps=(
            Step(
                sequence_id=_ID,
                step_number=2,
                trigger_type=TriggerType.OPENED_BUT_NOT_REPLIED,
                wait_days=30,
                enable_unsubscribe=False,
                variants=(
                    Split(variant_name="A", variant_label="kurz ✉", distribution_percent=70),
                    Split(variant_name="B", distribution_percent=30, content_type=ContentType.HTML),
                ),
            ),
            Step(
                sequence_id=_OTHER_ID,
                step_number=3,
                trigger_type=TriggerType.NOT_OPENED,
                wait_days=1,
                variants=(Split(),),
            ),
        ),
        rewritten=(_OTHER_ID,),
    ),
    "campaign.launched.1": events.Launched(fields=("company", "email", "größe")),
    "campaign.failed.1": events.Failed(
        faults=(Finding(code="no_usable_inbox", count=2, examples=(str(_ID), str(_OTHER_ID))),)
    ),
    "campaign.revised.1": events.Revised(),
    "campaign.paused.1": events.Paused(reason=events.PauseReason.REQUESTED),
    "campaign.resumed.1": events.Resumed(fields=("email", "first name ☂")),
    "campaign.completed.1": events.Completed(),
    "campaign.archived.1": events.Archived(),
    "campaign.deleted.1": events.Deleted(),
    "inbox.registered.1": inbox.Registered(
        email_address="zoë@example.com",
        display_name="Zoë ☂",
        inbox_type=InboxType.GOOGLE_WORKSPACE,
        daily_limit=2000,
    ),
    "inbox.verified.1": inbox.Verified(),
    "inbox.paused.1": inbox.Paused(),
    "inbox.resumed.1": inbox.Resumed(),
    "inbox.disabled.1": inbox.Disabled(),
    "inbox.removed.1": inbox.Removed(),
    "lead.details_revised.1": lead.DetailsRevised(fields=("company", "größe")),
    "lead.claimed.1": lead.Claimed(
        step_number=3,
        sequence_id=_ID,
        variant_name="BB",
        reserved=_RESERVED,
        worker="worker ☂ 2",
        deadline=datetime(2030, 2, 28, 23, 59, 59, 999_999, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
        address_hash="0123456789abcdef" * 4,
        campaign_version=17,
        values_position=2**53 + 1,
        values_place=9_999,
        public_url="https://mail.example.com/firm",
    ),
    "lead.released.1": lead.Released(reason=lead.ReleaseReason.INBOX_REFUSED, freed=_RESERVED),
    "lead.accepted.1": lead.Accepted(wire_digest="fedcba9876543210" * 4),
    "lead.deferred.1": lead.Deferred(code=451, retry_at=datetime(2030, 1, 31, 9, 15, tzinfo=UTC), freed=_RESERVED),
    "lead.rejected.1": lead.Rejected(code=550, about_address=True),
    "lead.outcome_unknown.1": lead.OutcomeUnknown(),
    "lead.resolved.1": lead.Resolved(sent=False, freed=_RESERVED),
    "lead.skipped.1": lead.Skipped(step_number=4, sequence_id=_ID, due_at=datetime(2030, 2, 3, 4, 5, 6, tzinfo=UTC)),
    "lead.opened.1": lead.Opened(by_machine=False, first=True),
    "lead.clicked.1": lead.Clicked(link=12, by_machine=True, first=False),
    "lead.replied.1": lead.Replied(by_machine=True, first=False),
    "lead.bounced.1": lead.Bounced(hard=True),
    "lead.complained.1": lead.Complained(),
    "lead.unsubscribed.1": lead.Unsubscribed(),
    "lead.stopped.1": lead.Stopped(reason=lead.StopReason.SUPPRESSED),
    "lead.finished.1": lead.Finished(),
    "suppression.suppressed.1": suppression.Suppressed(reason=suppression.SuppressionReason.COMPLAINED),
    "suppression.lifted.1": suppression.Lifted(),
}
