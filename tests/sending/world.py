"""A workspace that sends on a virtual clock: its inboxes, its campaigns, and what went where and when."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from email.utils import parsedate_to_datetime
from threading import Event
from typing import Any, Final
from uuid import UUID

from campaign_core import (
    CAMPAIGNS,
    LEADS,
    CreateCampaign,
    FollowUp,
    FollowUpVariant,
    LeadRow,
    Outcome,
    PauseCampaign,
    Recorded,
    RegisterInbox,
    Status,
    TriggerType,
    UpdateCampaign,
    UploadLeads,
    Variant,
    VerifyInbox,
    open_kernel,
)
from campaign_core.kernel.dispatch import Dispatched, Task
from campaign_core.kernel.worker import Ending, VirtualClock, Worker
from campaign_core.lead.events import Claimed
from campaign_core.lead.identity import lead_id_of
from campaign_core.log.ports import Store
from campaign_core.sending.pacing import PACING, Pacing
from campaign_core.testing.transport import CALM, Handed, Odds, SimulatedTransport

#: A Monday, an hour before the window of a campaign that says nothing else opens.
START: Final = datetime(2030, 1, 7, 8, tzinfo=UTC)
FIRST_MAIL: Final = Variant(subject_template="Hello {{first_name}}", email_content="Good morning, {{first_name}}.")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
#: A gap that is over at once, for tests that are about something else.
NO_GAP: Final = Pacing(0, 0)


def follow_up(
    number: int,
    wait_days: int = 1,
    trigger: TriggerType = TriggerType.NOT_REPLIED,
    *,
    subject: str | None = None,
    **others: Any,
) -> FollowUp:
    """A follow-up that says which one it is; its id is made of its number."""
    mail = FollowUpVariant(subject_template=subject, email_content=f"This is follow-up {number}.")
    return FollowUp(
        step_number=number,
        trigger_type=trigger,
        wait_days=wait_days,
        **({"variants": (mail,), "sequence_id": UUID(int=number)} | others),
    )


class World:
    """One kernel in the default workspace, one worker, one simulated transport, one clock."""

    def __init__(
        self,
        store: str | Store,
        start: datetime = START,
        *,
        odds: Odds = CALM,
        pacing: Pacing = PACING,
        public_url: str | None = None,
    ) -> None:
        self.clock = VirtualClock(start)
        self.kernel = open_kernel(store, clock=self.clock.now)
        self.transport = SimulatedTransport(1, self.clock, odds=odds)
        self._pacing, self._public_url = pacing, public_url
        self.worker = Worker(
            self.kernel, self.transport, name="one", clock=self.clock, pacing=pacing, public_url=public_url
        )
        self._inboxes = 0

    def inbox(self, **others: Any) -> UUID:
        """A new inbox, ACTIVE."""
        self._inboxes += 1
        inbox_id = self.kernel.handle(RegisterInbox(f"sender{self._inboxes}@firm.org", **others)).id
        self.kernel.handle(VerifyInbox(inbox_id))
        return inbox_id

    def campaign(
        self,
        leads: int | Sequence[str],
        inboxes: Sequence[UUID],
        *steps: FollowUp,
        variants: Sequence[Variant] = (FIRST_MAIL,),
        **settings: Any,
    ) -> UUID:
        """An ACTIVE campaign in UTC; leads are a number of them, or their addresses."""
        made = CreateCampaign(**({"name": "Spring launch", "timezone": "UTC", "seed": 1} | settings))
        campaign_id = self.kernel.handle(made).id
        self.upload(campaign_id, leads)
        change = UpdateCampaign(campaign_id, inbox_ids=tuple(inboxes), variants=tuple(variants), sequences=steps)
        self.kernel.handle(change)
        told = self.kernel.handle(UpdateCampaign(campaign_id, launch=True))
        assert told.status == Status.ACTIVE, told
        return campaign_id

    def upload(self, campaign_id: UUID, leads: int | Sequence[str]) -> None:
        """Adds leads: so many of `lead1@leads.org` and on, or these addresses."""
        addresses = [f"lead{each}@leads.org" for each in range(1, leads + 1)] if isinstance(leads, int) else leads
        rows = "".join(f"{address},Name {place}\n" for place, address in enumerate(addresses, 1))
        self.kernel.handle(UploadLeads(campaign_id, f"email,first_name\n{rows}".encode()))

    def tick(self) -> Dispatched:
        """One tick, its mails sent and reported."""
        return self.worker.tick()

    def claim(self, *, lease: timedelta = timedelta(minutes=5)) -> tuple[Task, ...]:
        """One tick whose mails nobody sends."""
        return self.kernel.dispatch("nobody", lease=lease, pacing=self._pacing, public_url=self._public_url).tasks

    def run(self) -> Ending:
        """Until no campaign is ACTIVE any more, or nothing can happen without somebody's action."""
        return self.worker.run(until_complete=True)

    def run_until(self, at: datetime) -> None:
        """Everything that happens before that instant; then it is that instant."""
        while True:
            dispatched = self.tick()
            if dispatched.tasks:
                continue
            if dispatched.wake_at is None or dispatched.wake_at >= at:
                break
            self.wait_until(dispatched.wake_at)
        self.wait_until(at)

    def wait_until(self, at: datetime) -> None:
        """Lets time pass in which no worker does anything."""
        self.clock.sleep_until(at, Event())

    def run_for(self, time: timedelta) -> None:
        """Everything that happens in that time."""
        self.run_until(self.clock.now() + time)

    def say(self, kind: Any, campaign_id: UUID, number: int, **others: Any) -> Outcome:
        """A command about a lead."""
        return self.kernel.handle(kind(campaign_id, lead_id_of(campaign_id, number), **others))

    def update(self, campaign_id: UUID, **change: Any) -> Outcome:
        """Changes a campaign while it is PAUSED, and resumes it."""
        self.kernel.handle(PauseCampaign(campaign_id))
        return self.kernel.handle(UpdateCampaign(campaign_id, launch=True, **change))

    def events(self, *names: str) -> list[Recorded]:
        """Everything recorded, or what has one of these names, such as `lead.claimed`."""
        return [each for each in self.kernel.subscribe() if not names or each.name in names]

    def claims(self) -> list[Recorded]:
        """Every claim, in order."""
        return self.events(Claimed.stored_name)

    def names(self, campaign_id: UUID, number: int) -> list[str]:
        """What happened to a lead, without the word `lead`."""
        stream = f"lead-{campaign_id}-{number}"
        return [each.name.removeprefix("lead.") for each in self.events() if each.stream == stream]

    def lead(self, campaign_id: UUID, number: int) -> LeadRow:
        """A lead as readers see it."""
        row = self.kernel.view(LEADS).get(campaign_id, number)
        assert row is not None
        return row

    def status(self, campaign_id: UUID) -> Status:
        """The status of a campaign."""
        row = self.kernel.view(CAMPAIGNS).get(campaign_id)
        assert row is not None
        return row.status

    @property
    def went(self) -> list[Handed]:
        """The mails that really went."""
        return self.transport.went


def message(mail: Handed) -> Message:
    """A mail as its receiver reads it."""
    return message_from_bytes(mail.outgoing.wire)


def dated(mail: Handed) -> datetime:
    """The instant in the Date of a mail: that of its claim, to the second."""
    return parsedate_to_datetime(message(mail)["Date"])


def said(mails: Iterable[Handed], to: str | None = None) -> list[str]:
    """The first lines of mails, of those to an address if one is given: `2` stands for the second follow-up's text."""
    texts = [message(each).get_payload().splitlines()[0] for each in mails if to in (None, each.outgoing.to)]
    return [re.sub(r"This is follow-up (\d+)\.", r"\1", re.sub(r"Good morning.*", "1", text)) for text in texts]
