"""What scenarios of campaigns start from: a history for each status, commands, and facts."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from campaign_core import (
    ActivateCampaign,
    AddLeads,
    ContentType,
    EditAction,
    FollowUp,
    FollowUpVariant,
    SequenceEdit,
    Settings,
    Status,
    TriggerType,
    UpdateCampaign,
    Variant,
)
from campaign_core.campaign.decisions import CAMPAIGN_DECIDER
from campaign_core.campaign.events import (
    Archived,
    Completed,
    Created,
    Deleted,
    Failed,
    InboxesAssigned,
    Launched,
    LeadsUploaded,
    Paused,
    SequencesSet,
    Source,
    VariantsSet,
)
from campaign_core.campaign.facts import CampaignFacts, LeadFacts
from campaign_core.campaign.findings import Finding
from campaign_core.recorded import Rows
from campaign_core.testing.scenario import AT, Decided, recorded, scenario

CAMPAIGN_ID: Final = UUID(int=1)
BATCH_ID: Final = UUID(int=2)
ACTIVATE: Final = ActivateCampaign(CAMPAIGN_ID)
#: Two inboxes that can send, one that cannot.
INBOX, OTHER_INBOX, DISABLED_INBOX = UUID(int=11), UUID(int=12), UUID(int=13)
NO_USABLE_INBOX: Final = Finding(code="no_usable_inbox", count=1, examples=(str(INBOX),))


def variant(name: str = "A", percent: int = 100, **others: Any) -> Variant:
    """A variant that says who it is."""
    return Variant(
        variant_name=name,
        distribution_percent=percent,
        subject_template=others.pop("subject_template", f"Subject {name}"),
        email_content=others.pop("email_content", f"Content of variant {name}"),
        **others,
    )


def variants_set(*variants: Variant, replaces: bool = True) -> VariantsSet:
    """The event that records these variants."""
    return VariantsSet(variants=tuple(each.split for each in variants), replaces=replaces)


def launch(**changes: Any) -> UpdateCampaign:
    """An update that launches or resumes."""
    return UpdateCampaign(CAMPAIGN_ID, launch=True, **changes)


def sequence_id(number: int) -> UUID:
    """The id of the follow-up that was made as step `number`."""
    return UUID(int=100 + number)


def follow_up_variant(name: str = "A", percent: int = 100, **others: Any) -> FollowUpVariant:
    """A variant of a follow-up that says who it is and stays in its thread."""
    content = others.pop("email_content", f"Once more, variant {name}")
    return FollowUpVariant(variant_name=name, distribution_percent=percent, email_content=content, **others)


def follow_up(number: int, wait_days: int = 3, **others: Any) -> FollowUp:
    """The follow-up of a step, with an id that tells which."""
    return FollowUp(
        step_number=number,
        wait_days=wait_days,
        trigger_type=others.pop("trigger_type", TriggerType.NOT_REPLIED),
        variants=others.pop("variants", (follow_up_variant(),)),
        sequence_id=others.pop("sequence_id", sequence_id(number)),
        **others,
    )


def addition(number: int, wait_days: int = 3, **others: Any) -> SequenceEdit:
    """The edit that adds a follow-up at a step, with an id that is nobody else's."""
    return SequenceEdit(
        action=EditAction.ADD,
        step_number=number,
        wait_days=wait_days,
        trigger_type=others.pop("trigger_type", TriggerType.NOT_OPENED),
        variants=others.pop("variants", (follow_up_variant("N"),)),
        sequence_id=others.pop("sequence_id", UUID(int=200 + number)),
        **others,
    )


def sequences_set(*follow_ups: FollowUp, rewritten: tuple[UUID, ...] | None = None) -> SequencesSet:
    """The event that records these follow-ups, all of them newly written unless said otherwise."""
    steps = tuple(each.step for each in follow_ups)
    return SequencesSet(
        steps=steps, rewritten=tuple(each.sequence_id for each in steps) if rewritten is None else rewritten
    )


def uploaded(imported: int, first_number: int = 1) -> LeadsUploaded:
    """The event that records so many new leads."""
    return LeadsUploaded(
        batch_id=BATCH_ID, source=Source.FILE, first_number=first_number, imported=imported, duplicates=0
    )


CREATED: Final = Created(settings=Settings("Spring launch"), seed=7)
READY: Final = (
    CREATED,
    uploaded(2),
    InboxesAssigned(inbox_ids=(INBOX,)),
    variants_set(variant(content_type=ContentType.HTML)),
)
ACTIVE: Final = (*READY, Launched())
PAUSED: Final = (*ACTIVE, Paused())
COMPLETED: Final = (*ACTIVE, Completed())
FAILED: Final = (*READY, Failed(faults=(NO_USABLE_INBOX,)))
ARCHIVED: Final = (*COMPLETED, Archived())
#: As the log answers it: the payloads before the deletion are erased.
DELETED: Final = (
    *(recorded(event, place, erased=True) for place, event in enumerate(READY, start=1)),
    recorded(Deleted(), len(READY) + 1),
)

#: A history that reaches each status with every part in place.
HISTORIES: Final[dict[Status, tuple[Any, ...]]] = {
    Status.DRAFT: READY,
    Status.ACTIVE: ACTIVE,
    Status.PAUSED: PAUSED,
    Status.COMPLETED: COMPLETED,
    Status.FAILED: FAILED,
    Status.ARCHIVED: ARCHIVED,
    Status.DELETED: DELETED,
}

ALL_OPEN: Final = LeadFacts(any_lead=True, any_pending=True, any_open=True)
ALL_ENDED: Final = LeadFacts(any_lead=True, any_pending=False, any_open=False)
NO_LEADS: Final = LeadFacts()


def facts(leads: LeadFacts = ALL_OPEN, *, usable: bool = True, **others: Any) -> CampaignFacts:
    """Facts at `AT`; with `usable=False` none of the inboxes can send."""
    inboxes = {INBOX: usable, OTHER_INBOX: usable, DISABLED_INBOX: False}
    return CampaignFacts(**({"at": AT, "inboxes": inboxes, "leads": leads} | others))


def add_leads(*addresses: str, **others: Any) -> AddLeads:
    """The command that adds these addresses."""
    return AddLeads(
        CAMPAIGN_ID,
        batch_id=BATCH_ID,
        source=Source.FILE,
        addresses=addresses,
        content=Rows(tuple({"email": address, "name": f"Lead {address[0]}"} for address in addresses)),
        fields=("email", "name"),
        **others,
    )


def when(history: tuple[Any, ...], command: Any, known: CampaignFacts | None = None) -> Decided:
    """The decision on a command after a history."""
    return scenario(CAMPAIGN_DECIDER).given(*history).when(command, facts() if known is None else known)
