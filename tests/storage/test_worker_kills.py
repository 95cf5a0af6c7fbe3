"""`kill -9` of processes that send, at random moments: no mail twice, nothing acknowledged lost, everything completes."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from attrs import frozen

from campaign_core import (
    CAMPAIGNS,
    DUE,
    LEADS,
    CreateCampaign,
    DueState,
    FollowUp,
    FollowUpVariant,
    Kernel,
    RegisterInbox,
    ResolveUnknown,
    Status,
    TriggerType,
    UpdateCampaign,
    UploadLeads,
    Variant,
    VerifyInbox,
    open_kernel,
)
from campaign_core.kernel.kernel import VIEWS
from campaign_core.kernel.worker import Ending, VirtualClock, Worker
from campaign_core.lead.identity import lead_id_of
from campaign_core.sending.pacing import Pacing
from campaign_core.sending.transport import Transport
from tests.storage.processes import Forge
from tests.storage.sending_jobs import ShiftedClock, transport_of

SOAKS = os.environ.get("HYPOTHESIS_PROFILE") == "soak" or os.environ.get("CAMPAIGN_SOAK") == "1"
#: Rounds in which two processes send at once and both are killed.
ROUNDS = 25 if SOAKS else 5
LEADS_EACH_ROUND = 6
#: By so much the clock is later in each round; follow-ups become due, claims of killed processes run out.
ROUND = timedelta(hours=9)
#: A killed process sent for at most so long, in seconds.
LONGEST = 0.25


@frozen
class Receivers:
    """Where mail goes in a test, and what came."""

    maildir: str | None
    port: int | None
    #: The Message-IDs of everything that came, in any order.
    came: Callable[[], list[str]]

    def transport(self) -> Transport:
        """One for this process."""
        return transport_of(self.maildir, self.port)


@contextmanager
def into_a_maildir(folder: Path, forge: Forge) -> Iterator[Receivers]:
    path = folder / "mail"

    def came() -> list[str]:
        return [message_from_bytes(each.read_bytes())["Message-ID"] for each in (path / "new").iterdir()]

    yield Receivers(str(path), None, came)


@contextmanager
def over_smtp(folder: Path, forge: Forge) -> Iterator[Receivers]:
    server = forge.start("receive")
    port = server.hear()

    def came() -> list[str]:
        server.say("what came?")
        found: list[str] = server.hear()
        return found

    yield Receivers(None, port, came)
    server.say("end")
    assert server.wait() == 0


def campaign(kernel: Kernel, leads: int) -> UUID:
    """A campaign of two steps from three inboxes, always open, ACTIVE."""
    inbox_ids = [kernel.handle(RegisterInbox(f"sender{each}@firm.org", daily_limit=5000)).id for each in range(3)]
    for each in inbox_ids:
        kernel.handle(VerifyInbox(each))
    window = {"sending_window_start": 0, "sending_window_end": 24, "sending_days": (1, 2, 3, 4, 5, 6, 7)}
    made = kernel.handle(CreateCampaign("Spring launch", timezone="UTC", **window)).id
    kernel.handle(UploadLeads(made, b"email\n" + b"".join(b"lead%d@leads.org\n" % each for each in range(leads))))
    again = FollowUpVariant(email_content="Once more, with kind regards.")
    step = FollowUp(step_number=2, trigger_type=TriggerType.NOT_REPLIED, wait_days=1, variants=(again,))
    mail = Variant(subject_template="Hello", email_content="Good morning to you.")
    change = UpdateCampaign(made, inbox_ids=tuple(inbox_ids), variants=(mail,), sequences=(step,), launch=True)
    assert kernel.handle(change).status == Status.ACTIVE
    return made


def on_record(kernel: Kernel, campaign_id: UUID) -> list[str]:
    """The Message-IDs of everything the log has as sent for sure."""
    rows = kernel.view(LEADS).find({"campaign_id": campaign_id})
    mails = [mail for row in rows for mail in kernel.sent_mails(campaign_id, row.lead_id) if mail.is_sure]
    return [mail.outgoing.message_id for mail in mails if mail.outgoing is not None]


def resolve(kernel: Kernel, came: set[str]) -> int:
    """Says of every unknown mail what its receiver has; answers of how many."""
    rows = kernel.view(DUE).find({"state": DueState.UNKNOWN})
    for row in rows:
        lead_id = lead_id_of(row.campaign_id, row.number)
        mail = kernel.sent_mails(row.campaign_id, lead_id)[-1]
        assert mail.outgoing is not None
        kernel.handle(ResolveUnknown(row.campaign_id, lead_id, mail.outgoing.message_id in came))
    return len(rows)


def finish(location: str, receivers: Receivers, start: datetime, campaign_id: UUID) -> int:
    """Runs everything to its end on a clock beyond every lease; answers how many mails were unknown."""
    clock = VirtualClock(start)
    unknown = 0
    with open_kernel(location, clock=clock.now) as kernel:
        transport = receivers.transport()
        worker = Worker(kernel, transport, name="last", clock=clock, pacing=Pacing(0, 0))
        while worker.run(until_complete=True) is Ending.STUCK:
            unknown += resolve(kernel, set(receivers.came()))
        transport.close()
        row = kernel.view(CAMPAIGNS).get(campaign_id)
        assert row is not None
        assert row.status is Status.COMPLETED
        assert kernel.verify().holds
        before = [kernel.view(view).find() for view in VIEWS]
        kernel.rebuild()
        assert [kernel.view(view).find() for view in VIEWS] == before
    return unknown


@pytest.mark.parametrize("where", [into_a_maildir, over_smtp], ids=lambda where: where.__name__)
def test_killed_workers_send_no_mail_twice_and_lose_none(
    forge: Forge, tmp_path: Path, where: Callable[[Path, Forge], Iterator[Receivers]]
) -> None:
    location, dice = str(tmp_path / "campaigns.db"), Random(where.__name__)
    leads = ROUNDS * LEADS_EACH_ROUND
    with open_kernel(location, clock=ShiftedClock(0).now) as kernel:
        campaign_id = campaign(kernel, leads)
    said: list[str] = []
    with where(tmp_path, forge) as receivers:
        for number in range(ROUNDS):
            seconds = (number * ROUND).total_seconds()
            mail = {"maildir": receivers.maildir, "port": receivers.port}
            victims = [
                forge.start("send", location=location, name=f"{number}-{each}", seconds=seconds, **mail)
                for each in range(2)
            ]
            for victim in victims:
                victim.start()
            for victim in victims:
                time.sleep(dice.random() * LONGEST)
                said += victim.kill()
                assert victim.ended == -signal.SIGKILL
            with open_kernel(location) as kernel:
                assert set(said) <= set(on_record(kernel, campaign_id))
        finish(location, receivers, datetime.now(UTC) + (ROUNDS + 1) * ROUND, campaign_id)
        came = receivers.came()
    assert Counter(came).most_common(1)[0][1] == 1
    assert len(came) == 2 * leads
    with open_kernel(location) as kernel:
        assert sorted(on_record(kernel, campaign_id)) == sorted(came)
