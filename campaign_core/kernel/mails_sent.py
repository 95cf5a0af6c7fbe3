"""The message of one claim: made when it is claimed, and made again, byte for byte, from the log alone.

A claim names the version of the campaign, the place of the lead's values, and its own instant; with the log that is all a
message depends on. Nothing is kept of what a mail said.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Final
from uuid import UUID

from attrs import frozen

from campaign_core.campaign.decisions import CAMPAIGN_DECIDER
from campaign_core.campaign.events import stream_of as campaign_stream
from campaign_core.campaign.mails import CampaignMails, StepMail, composed, local_time, offers_unsubscribe
from campaign_core.campaign.settings import Settings
from campaign_core.campaign.state import CampaignState
from campaign_core.content.mail import Mail, reply_subject
from campaign_core.fields import EMAIL
from campaign_core.inbox.events import Registered
from campaign_core.inbox.events import stream_of as inbox_stream
from campaign_core.kernel.campaign_leads import CampaignLeads
from campaign_core.kernel.preflight import bound_mails
from campaign_core.kernel.registers import tracking_key_of
from campaign_core.kernel.warm import Kept
from campaign_core.lead.decisions import LEAD_DECIDER
from campaign_core.lead.events import Claimed
from campaign_core.lead.events import stream_of as lead_stream
from campaign_core.lead.identity import lead_id_of, lead_number_of
from campaign_core.lead.lifecycle import LEAD
from campaign_core.lead.state import LeadState, Sent
from campaign_core.log.transaction import Reading
from campaign_core.recorded import Recorded
from campaign_core.sending.message import ascii_address, mail_to_unsubscribe, message_bytes, message_id_of
from campaign_core.sending.tracking import Tracker, tracked_mail
from campaign_core.sending.transport import Outgoing

_INBOXES: Final = 64
_FIRST_STEP: Final = "1"


@frozen(kw_only=True)
class CampaignThen:
    """A campaign as it was at a version of its stream, its mails compiled."""

    state: CampaignState
    mails: CampaignMails

    def mail(self, sequence_id: UUID | None, variant_name: str) -> StepMail | None:
        """One variant of one step; None where its text is gone or no template."""
        wanted = (sequence_id, variant_name)
        return next((each for each in self.mails.mails if (each.sequence_id, each.variant_name) == wanted), None)


@frozen(kw_only=True)
class SentMail:
    """A mail that went, or whose outcome is unknown."""

    #: The event that claimed it.
    claim: Recorded
    #: None once what it said is erased.
    outgoing: Outgoing | None
    #: False: nobody knows whether it went.
    is_sure: bool


def sent_mails(snapshot: Reading, workspace: str, campaign_id: UUID, lead_id: UUID) -> list[SentMail]:
    """Every mail that went to a lead, and one whose outcome is unknown, oldest first."""
    number = lead_number_of(campaign_id, lead_id) or 0
    history = snapshot.read_stream(workspace, lead_stream(campaign_id, number))
    state = LEAD_DECIDER.fold(history)
    went = mails_before(state, history)
    messages = Messages(snapshot, workspace, Kept(_INBOXES))
    found = [
        SentMail(claim=claim, outgoing=messages.of_claim(campaign_id, number, claim, went[:place]), is_sure=True)
        for place, (_, claim) in enumerate(went)
    ]
    if LEAD.knows("resolve", state.walk):
        claim = next(each for each in history if each.version == state.claim_version)
        outgoing = messages.of_claim(campaign_id, number, claim, went)
        found.append(SentMail(claim=claim, outgoing=outgoing, is_sure=False))
    return found


def mails_before(state: LeadState, history: Sequence[Recorded]) -> list[tuple[Sent, Recorded]]:
    """The mails that went to a lead, each with the event that claimed it, oldest first."""
    claims: dict[UUID | None, Recorded] = {
        each.event.sequence_id: each for each in history if isinstance(each.event, Claimed)
    }
    return [(mail, claims[mail.sequence_id]) for mail in state.sent]


class Messages:
    """Makes the messages of claims, on one snapshot."""

    def __init__(self, snapshot: Reading, workspace: str, kept: Kept) -> None:
        """Reads from the snapshot; campaigns are kept compiled in `kept`, by workspace, id and version."""
        self._snapshot, self._workspace, self._kept = snapshot, workspace, kept
        self.inbox = lru_cache(maxsize=_INBOXES)(self._inbox)

    def of_claim(
        self,
        campaign_id: UUID,
        number: int,
        recorded: Recorded,
        earlier: Sequence[tuple[Sent, Recorded]],
    ) -> Outgoing | None:
        """The message of a claim; None once what it said is erased.

        Args:
            campaign_id: the campaign.
            number: the lead's.
            recorded: the event that claimed the mail.
            earlier: the mails that went to the lead before it, each with its claim, oldest first.
        """
        claim: Claimed = recorded.event
        then = self.campaign_at(campaign_id, claim.campaign_version)
        mail = then.mail(claim.sequence_id, claim.variant_name)
        values = self._snapshot.content_row(claim.values_position, claim.values_place)
        if mail is None or values is None or then.state.settings is None:
            return None
        moment = local_time(recorded.occurred_at, then.state.settings.timezone)
        written = then.mails.written(mail, values, moment)
        thread = self._thread(campaign_id, claim, earlier)
        subject = written.subject
        if subject is None:
            subject = self._subject_of(campaign_id, thread or earlier)
        sender, sender_name = self.inbox(claim.inbox_id)
        lead_id = lead_id_of(campaign_id, number)
        references = tuple(self._message_id(campaign_id, lead_id, each) for _, each in thread)
        own = message_id_of(campaign_id, lead_id, _step_key(claim), _domain(sender))
        tracker, offers = self._tracker(campaign_id, number, recorded), offers_unsubscribe(then.state, mail)
        page = tracker.unsubscribe_url() if tracker is not None and offers else None
        made = composed(
            then.state, mail, subject=subject, body=written.body, sender=sender, address=values[EMAIL], page=page
        )
        by_mail = mail_to_unsubscribe(sender)
        wire = message_bytes(
            _tracked(made, tracker, then.state.settings),
            message_id=own,
            date=recorded.occurred_at,
            sender_name=sender_name,
            references=references if written.subject is None else (),
            unsubscribe=_ways(page, by_mail) if offers else (),
            one_click=page is not None and page.startswith("https:"),
        )
        return Outgoing(message_id=own, sender=ascii_address(sender), to=ascii_address(values[EMAIL]), wire=wire)

    def campaign_at(self, campaign_id: UUID, version: int, state: CampaignState | None = None) -> CampaignThen:
        """A campaign at a version of its stream; the state it had then is read where it is not known."""
        key = (self._workspace, campaign_id, version)
        then: CampaignThen | None = self._kept.get(key)
        if then is None:
            leads = CampaignLeads(self._snapshot, self._workspace, campaign_id)
            state = state or self._state_at(campaign_id, version)
            then = CampaignThen(state=state, mails=bound_mails(leads, state))
            self._kept.put(key, then)
        return then

    def _tracker(self, campaign_id: UUID, number: int, recorded: Recorded) -> Tracker | None:
        """What makes the links of a claimed mail; None where it was claimed without a public URL."""
        claim: Claimed = recorded.event
        if claim.public_url is None:
            return None
        return Tracker(
            public_url=claim.public_url,
            key=self._tracking_key,
            campaign_id=campaign_id,
            number=number,
            claim=recorded.version,
        )

    @cached_property
    def _tracking_key(self) -> bytes:
        return tracking_key_of(self._snapshot.tables, self._workspace)

    def _state_at(self, campaign_id: UUID, version: int) -> CampaignState:
        history = self._snapshot.read_stream(self._workspace, campaign_stream(campaign_id))
        return CAMPAIGN_DECIDER.fold(each for each in history if each.version <= version)

    def _inbox(self, inbox_id: UUID) -> tuple[str, str]:
        """The address and the name of an inbox, which never change, even once it is removed."""
        registered = self._snapshot.read_stream(self._workspace, inbox_stream(inbox_id))[0].event
        assert isinstance(registered, Registered), "a stream of an inbox begins with its registration"
        return registered.email_address, registered.display_name

    def _thread(
        self, campaign_id: UUID, claim: Claimed, earlier: Sequence[tuple[Sent, Recorded]]
    ) -> list[tuple[Sent, Recorded]]:
        """The earlier mails of the thread a mail without a subject answers: from the last with a subject of its own.

        Empty where the inbox is another: the reader never heard of it, so the mail begins a thread.
        """
        if not earlier or earlier[-1][0].inbox_id != claim.inbox_id:
            return []
        begin = next(
            (place for place in range(len(earlier) - 1, -1, -1) if self._opens(campaign_id, earlier[place][1])), 0
        )
        return [each for each in earlier[begin:] if each[0].inbox_id == claim.inbox_id]

    def _opens(self, campaign_id: UUID, recorded: Recorded) -> bool:
        """Whether a mail that went had a subject of its own."""
        claim: Claimed = recorded.event
        mail = self.campaign_at(campaign_id, claim.campaign_version).mail(claim.sequence_id, claim.variant_name)
        return mail is not None and mail.subject_template is not None

    def _subject_of(self, campaign_id: UUID, thread: Sequence[tuple[Sent, Recorded]]) -> str:
        """What a mail without a subject of its own is called: an answer to the mail that began the thread."""
        for _, recorded in thread:
            claim: Claimed = recorded.event
            then = self.campaign_at(campaign_id, claim.campaign_version)
            mail = then.mail(claim.sequence_id, claim.variant_name)
            values = self._snapshot.content_row(claim.values_position, claim.values_place)
            if mail is not None and values is not None and then.state.settings is not None:
                moment = local_time(recorded.occurred_at, then.state.settings.timezone)
                subject = then.mails.written(mail, values, moment).subject
                if subject is not None:
                    return reply_subject(subject)
        return ""

    def _message_id(self, campaign_id: UUID, lead_id: UUID, recorded: Recorded) -> str:
        claim: Claimed = recorded.event
        return message_id_of(campaign_id, lead_id, _step_key(claim), _domain(self.inbox(claim.inbox_id)[0]))


def _ways(page: str | None, by_mail: str) -> tuple[str, ...]:
    """The ways to unsubscribe, the page first where there is one."""
    return (by_mail,) if page is None else (page, by_mail)


def _tracked(mail: Mail, tracker: Tracker | None, settings: Settings) -> Mail:
    """The mail with the picture and the links that the settings of its campaign ask for."""
    if tracker is None:
        return mail
    return tracked_mail(mail, tracker, opens=settings.enable_tracking, clicks=settings.enable_click_tracking)


def _step_key(claim: Claimed) -> str:
    return _FIRST_STEP if claim.sequence_id is None else str(claim.sequence_id)


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
