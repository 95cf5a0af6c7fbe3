"""What the kernel should do, written a second time: plain dicts, straight from the description of the product.

It knows campaigns, inboxes, leads and remembered commands, and imports nothing of the kernel. Source: reference sections
4, 5, 7, 9, 12 and 20.0 to 20.4, DESIGN section 3, docs/decisions/0007-where-we-fill-silence.md.
"""

from __future__ import annotations

import copy
from datetime import datetime
from typing import Any
from uuid import UUID

from tests.properties.model import leads, mails
from tests.properties.model.leads import Read
from tests.properties.model.shapes import DEFAULTS, check_shape, check_start, check_window, resolved
from tests.properties.model.values import Answer, Campaign, Inbox, Refused, Witness

#: Kind of command to the statuses that allow it, the status after, and the event where that is another one.
MOVES = {
    "PauseCampaign": (("ACTIVE", "PAUSED"), "PAUSED", "campaign.paused"),
    "ArchiveCampaign": (("PAUSED", "COMPLETED", "ARCHIVED"), "ARCHIVED", "campaign.archived"),
    "CompleteCampaign": (("ACTIVE",), "COMPLETED", "campaign.completed"),
    "DeleteCampaign": (("DRAFT", "PAUSED", "ARCHIVED"), "DELETED", "campaign.deleted"),
}
INBOX_MOVES = {
    "VerifyInbox": (("PENDING", "DISABLED"), "ACTIVE", "inbox.verified"),
    "PauseInbox": (("ACTIVE",), "PAUSED", "inbox.paused"),
    "ResumeInbox": (("PAUSED",), "ACTIVE", "inbox.resumed"),
    "DisableInbox": (("PENDING", "ACTIVE", "PAUSED"), "DISABLED", "inbox.disabled"),
    "RemoveInbox": (("PENDING", "ACTIVE", "PAUSED", "DISABLED"), "REMOVED", "inbox.removed"),
}
TAKES_LEADS = ("DRAFT", "ACTIVE", "PAUSED", "FAILED")
UPLOADS = ("UploadLeads", "AddLead", "AddLeads")
#: Every kind of command the model knows.
KINDS = {
    *MOVES,
    *INBOX_MOVES,
    *UPLOADS,
    "CreateCampaign",
    "UpdateCampaign",
    "ActivateCampaign",
    "RemoveLeads",
    "ReviseLead",
    "RegisterInbox",
}


class Model:
    """Everything one workspace holds."""

    def __init__(self) -> None:
        self.campaigns: dict[UUID, Campaign] = {}
        #: Deleted campaigns: how many events their streams have.
        self.deleted: dict[UUID, int] = {}
        self.inboxes: dict[UUID, Inbox] = {}
        #: Campaign and lead to how many events the lead's stream has.
        self.revisions: dict[tuple[UUID, UUID], int] = {}
        #: Command id to what was asked and what was answered.
        self.remembered: dict[str, tuple[Any, Answer]] = {}

    def handle(
        self,
        kind: str,
        asked: dict[str, Any],
        new_id: UUID,
        at: datetime,
        command_id: str | None,
        expected: int | None,
        witness: Witness | None = None,
    ) -> Answer:
        """What the command answers; Refused if it is turned down, and then nothing has changed.

        `new_id` is the id of what is made, `witness` what came of an upload whose file cannot be predicted.
        """
        check_shape(kind, asked)
        if command_id is not None and self.remembers(kind, asked, command_id):
            return self.remembered[command_id][1]
        try:
            read = self._read(kind, asked, witness)
        except Refused:
            if command_id in self.remembered:
                raise Refused("LeadFileRefused or CommandIdReused") from None
            raise
        if command_id in self.remembered:
            raise Refused("CommandIdReused", command_id=command_id)
        actual = self.version_of(kind, asked)
        if expected is not None and expected != actual:
            raise Refused("WrongExpectedVersion", expected=expected, actual=actual)
        answer = self._carry_out(kind, asked, read, new_id, at)
        if command_id is not None:
            self.remembered[command_id] = ((kind, asked), copy.deepcopy(answer))
        return answer

    def remembers(self, kind: str, asked: dict[str, Any], command_id: str | None) -> bool:
        """Whether this very command was accepted under this id."""
        return self.remembered.get(command_id or "", (None,))[0] == (kind, asked)

    def version_of(self, kind: str, asked: dict[str, Any]) -> int:
        """How many events there are of what a command is about."""
        if kind == "ReviseLead":
            return self.revisions.get((asked["campaign_id"], asked["lead_id"]), 0)
        if kind.endswith("Inbox"):
            inbox = self.inboxes.get(asked.get("inbox_id") or UUID(int=0))
            return inbox.version if inbox else 0
        identity = asked.get("campaign_id") or UUID(int=0)
        return self.campaigns[identity].version if identity in self.campaigns else self.deleted.get(identity, 0)

    def events(self) -> int:
        """How many events the log should hold of this workspace."""
        campaigns = sum(each.version for each in self.campaigns.values()) + sum(self.deleted.values())
        return campaigns + sum(each.version for each in self.inboxes.values()) + sum(self.revisions.values())

    def missing(self, campaign: Campaign) -> tuple[str, ...]:
        """Which parts it still needs. No lead has ever been contacted here, so any lead will do for a launch too."""
        parts = {"leads": campaign.leads, "inboxes": campaign.inbox_ids, "email_content": campaign.variants}
        return tuple(name for name, there in parts.items() if not there)

    def _read(self, kind: str, asked: dict[str, Any], witness: Witness | None) -> Read | Witness | None:
        if kind == "UploadLeads" and leads.predictable(asked):
            known = self.campaigns.get(asked["campaign_id"])
            mapping = asked.get("mapping")
            return leads.read(asked, known.lead_mapping if mapping is None and known else mapping)
        if kind == "AddLead":
            values = {name: value for name, value in leads.by_hand(asked).items() if value is not None}
            return Read(rows=1, leads=[{**values, "email": leads.normal(asked["email"])}])
        if kind == "AddLeads":
            return Read(leads=list(asked["rows"]))
        return witness

    def _carry_out(self, kind: str, asked: dict[str, Any], read: Any, new_id: UUID, at: datetime) -> Answer:
        if kind.endswith("Inbox"):
            return self._inbox(kind, asked, asked.get("inbox_id") or new_id)
        if kind == "CreateCampaign":
            return self._create(asked, asked.get("campaign_id") or new_id, at)
        if asked["campaign_id"] not in self.campaigns:
            raise Refused("UnknownCampaign", given=asked["campaign_id"])
        campaign = self.campaigns[asked["campaign_id"]]
        if kind == "ReviseLead":
            return self._revise(campaign, asked)
        answer = self._of_campaign(kind, campaign, asked, read, at)
        campaign.version += len(answer.events)
        campaign.updated_at = at if answer.events else campaign.updated_at
        answer.version = campaign.version
        if campaign.status == "DELETED":
            del self.campaigns[asked["campaign_id"]]
            self.deleted[asked["campaign_id"]] = campaign.version
        elif kind not in (*UPLOADS, "RemoveLeads"):
            answer.missing = self.missing(campaign)
            answer.warnings = mails.warnings(campaign, self.inboxes)
            answer.warnings += mails.lacking(campaign) if answer.looked else ()
            answer.warnings += mails.read_as(campaign) if mails.brings_texts(asked) else ()
        return answer

    def _of_campaign(self, kind: str, campaign: Campaign, asked: dict[str, Any], read: Any, at: datetime) -> Answer:
        if kind in MOVES:
            return self._move(kind, campaign)
        if kind == "UpdateCampaign":
            return self._update(campaign, asked, at)
        if kind == "ActivateCampaign":
            return self._activate(campaign, at)
        if kind == "RemoveLeads":
            _legal(campaign, *TAKES_LEADS, "COMPLETED")
            return leads.remove(campaign, asked)
        _legal(campaign, *TAKES_LEADS)
        by_hand = kind == "AddLead" or asked.get("source") == "manual"
        answer = leads.add(campaign, asked, read, by_hand=by_hand)
        if kind != "UploadLeads":
            answer.counts = None
        elif isinstance(read, Read):
            answer.read_as = read.read_as
        return answer

    def _revise(self, campaign: Campaign, asked: dict[str, Any]) -> Answer:
        _legal(campaign, *TAKES_LEADS)
        number = campaign.lead_ids.get(asked["lead_id"])
        if number not in campaign.leads:
            raise Refused("UnknownLead", given=asked["lead_id"])
        before = campaign.leads[number]
        campaign.leads[number] = leads.revised(before, asked)
        key = (asked["campaign_id"], asked["lead_id"])
        changed = campaign.leads[number] != before
        if changed:
            self.revisions[key] = self.revisions.get(key, 0) + 1
        return Answer("PENDING", ("lead.details_revised",) if changed else (), self.revisions.get(key, 0))

    def _inbox(self, kind: str, asked: dict[str, Any], identity: UUID) -> Answer:
        if kind == "RegisterInbox":
            address = leads.normal(asked["email_address"]).lower()
            there = [each.address for each in self.inboxes.values() if each.status != "REMOVED"]
            if identity in self.inboxes or address in there:
                raise Refused("AlreadyExists", noun="inbox")
            self.inboxes[identity] = Inbox(address)
            return Answer("PENDING", ("inbox.registered",), 1)
        inbox = self.inboxes.get(identity)
        if inbox is None or inbox.status == "REMOVED":
            raise Refused("UnknownInbox", given=identity)
        holders = [each for each, one in self.campaigns.items() if identity in one.inbox_ids]
        holders = [each for each in holders if self.campaigns[each].status != "ARCHIVED"]
        if kind == "RemoveInbox" and holders:
            raise Refused("InboxInUse", inbox_id=identity, campaign_ids=tuple(sorted(holders, key=str)))
        statuses, after, event = INBOX_MOVES[kind]
        if inbox.status not in statuses:
            raise Refused("IllegalTransition", subject="inbox", status=inbox.status)
        inbox.status, inbox.version = after, inbox.version + 1
        return Answer(after, (event,), inbox.version)

    def _create(self, asked: dict[str, Any], identity: UUID, at: datetime) -> Answer:
        if identity in self.campaigns or identity in self.deleted:
            raise Refused("AlreadyExists", noun="campaign")
        settings = resolved({**DEFAULTS, **{name: asked[name] for name in asked if name != "campaign_id"}})
        check_start(settings, at)
        campaign = self.campaigns[identity] = Campaign(settings, at, at, version=1)
        warnings = mails.warnings(campaign, self.inboxes)
        return Answer("DRAFT", ("campaign.created",), 1, ("leads", "inboxes", "email_content"), warnings)

    def _move(self, kind: str, campaign: Campaign) -> Answer:
        statuses, after, event = MOVES[kind]
        _legal(campaign, *statuses)
        if kind == "CompleteCampaign" and campaign.leads:
            raise Refused("LeadsStillOpen")
        before, campaign.status = campaign.status, after
        return Answer(after, () if before == after else (event,), 0)

    def _activate(self, campaign: Campaign, at: datetime) -> Answer:
        if campaign.status == "ACTIVE":
            return Answer("ACTIVE", (), 0)
        _legal(campaign, "DRAFT", "PAUSED", "FAILED")
        missing = self.missing(campaign)
        if missing:
            raise Refused("NotLaunchReady", missing=missing)
        if campaign.status == "PAUSED" and mails.faults(campaign, self.inboxes):
            raise Refused("PreflightFailed")
        events, faults = self._start(campaign, at)
        return Answer(campaign.status, events, 0, faults=faults, looked=True)

    def _start(self, campaign: Campaign, at: datetime) -> tuple[tuple[str, ...], tuple[tuple[str, int], ...]]:
        """From a campaign that has every part: events and faults."""
        faults = mails.faults(campaign, self.inboxes)
        if campaign.status == "PAUSED":
            campaign.status = "PAUSED" if faults else "ACTIVE"
            return (() if faults else ("campaign.resumed",)), faults
        campaign.status = "FAILED" if faults else "ACTIVE"
        campaign.launched_at = campaign.launched_at if faults else at
        return ("campaign.failed" if faults else "campaign.launched",), faults

    def _update(self, campaign: Campaign, asked: dict[str, Any], at: datetime) -> Answer:
        """Saved first, then checked; where one part is refused, all of it is."""
        _legal(campaign, "DRAFT", "PAUSED", "FAILED")
        settings = _settings_after(campaign, asked, at)
        mapping = campaign.lead_mapping if asked.get("lead_mapping") is None else asked["lead_mapping"]
        inbox_ids = self._inboxes_after(campaign, asked)
        variants = mails.variants_after(campaign, asked.get("variants"))
        follow_ups, resequenced = mails.follow_ups_after(campaign, asked)
        changes = {
            "campaign.settings_revised": settings != campaign.settings,
            "campaign.lead_mapping_set": mapping != campaign.lead_mapping,
            "campaign.inboxes_assigned": inbox_ids != campaign.inbox_ids,
            "campaign.variants_set": asked.get("variants") is not None,
            "campaign.sequences_set": resequenced,
        }
        events = [name for name, changed in changes.items() if changed]
        if events and campaign.status == "FAILED":
            campaign.status = "DRAFT"
            events.insert(0, "campaign.revised")
        campaign.settings, campaign.lead_mapping, campaign.inbox_ids = settings, mapping, inbox_ids
        campaign.variants, campaign.follow_ups = variants, follow_ups
        started: tuple[tuple[str, ...], tuple[tuple[str, int], ...]] = ((), ())
        starts = bool(asked.get("launch")) and not self.missing(campaign)
        if starts:
            started = self._start(campaign, at)
        looked = starts or mails.brings_texts(asked)
        return Answer(campaign.status, (*events, *started[0]), 0, faults=started[1], looked=looked)

    def _inboxes_after(self, campaign: Campaign, asked: dict[str, Any]) -> tuple[UUID, ...]:
        if asked.get("inbox_ids") is None:
            return campaign.inbox_ids
        inbox_ids = tuple(dict.fromkeys(asked["inbox_ids"]))
        usable = [each for each, inbox in self.inboxes.items() if inbox.status == "ACTIVE"]
        wrong = tuple(each for each in inbox_ids if each not in usable)
        if wrong and inbox_ids != campaign.inbox_ids:
            raise Refused("UnusableInboxes", inbox_ids=wrong)
        return inbox_ids


def _legal(campaign: Campaign, *statuses: str) -> None:
    if campaign.status not in statuses:
        raise Refused("IllegalTransition", subject="campaign", status=campaign.status)


def _settings_after(campaign: Campaign, asked: dict[str, Any], at: datetime) -> dict[str, Any]:
    settings = resolved({**campaign.settings, **{name: asked[name] for name in asked if name in campaign.settings}})
    if settings != campaign.settings:
        check_window(settings)
    if settings["start_date"] != campaign.settings["start_date"]:
        check_start(settings, at)
    return settings
