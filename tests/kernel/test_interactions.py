"""The mails of one lead with what came back about each: an answer counts for the last mail before it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from campaign_core import (
    CAMPAIGNS,
    FollowUp,
    FollowUpVariant,
    Kernel,
    RecordBounce,
    RecordClick,
    RecordOpen,
    RecordReply,
    ReportAccepted,
    TriggerType,
    UpdateCampaign,
    open_kernel,
)
from campaign_core.kernel.worker import VirtualClock
from campaign_core.lead.identity import lead_id_of
from tests.kernel.given import draft

WIRE = "ab" * 32
MONDAY = datetime(2030, 1, 7, 15, tzinfo=UTC)
LATER = FollowUp(
    step_number=2,
    trigger_type=TriggerType.NOT_REPLIED,
    wait_days=1,
    variants=(FollowUpVariant(email_content="One more word, in case it got lost."),),
)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(MONDAY)


@pytest.fixture
def sent(location: str, clock: VirtualClock) -> Iterator[Kernel]:
    """Both mails of the first lead went, a day apart."""
    with open_kernel(location, clock=clock.now) as kernel:
        made = draft(kernel)
        kernel.handle(UpdateCampaign(made.campaign_id, sequences=(LATER,), launch=True))
        for _ in range(40):
            for task in kernel.dispatch("worker").tasks:
                kernel.handle(ReportAccepted(task.campaign_id, task.lead_id, task.claim, WIRE))
            _wait(clock, timedelta(hours=1))
        yield kernel


def _wait(clock: VirtualClock, by: timedelta) -> None:
    clock.sleep_until(clock.now() + by, threading.Event())


def _lead(kernel: Kernel) -> tuple[UUID, UUID]:
    (campaign,) = kernel.view(CAMPAIGNS).find()
    return campaign.campaign_id, lead_id_of(campaign.campaign_id, 1)


def test_each_mail_is_told_with_its_subject_and_its_inbox(sent: Kernel) -> None:
    """A follow-up without a subject stays in the thread."""
    first, second = sent.interactions(*_lead(sent))
    assert [(each.step_number, each.subject) for each in (first, second)] == [(1, "Hello Anna"), (2, "Re: Hello Anna")]
    assert first.sent_at == MONDAY
    assert second.sent_at >= MONDAY + timedelta(days=1)
    assert (first.opened_at, first.is_sure, first.bounced) == (None, True, False)
    assert first.message_id != second.message_id


def test_an_answer_counts_for_the_last_mail_before_it_and_the_first_time_counts(
    sent: Kernel, clock: VirtualClock
) -> None:
    """Told in whatever order; what programs did does not show."""
    about, early, late = _lead(sent), MONDAY + timedelta(hours=2), clock.now()
    sent.handle(RecordOpen(*about, at=early + timedelta(hours=1)))
    sent.handle(RecordOpen(*about, at=early))
    sent.handle(RecordOpen(*about, at=early - timedelta(hours=1), by_machine=True))
    sent.handle(RecordClick(*about, at=late))
    sent.handle(RecordReply(*about, at=late, by_machine=True))
    sent.handle(RecordReply(*about, at=late + timedelta(hours=1)))
    sent.handle(RecordBounce(*about, at=late, hard=False))
    first, second = sent.interactions(*about)
    assert (first.opened_at, first.clicked_at, first.replied_at) == (early, None, None)
    assert (second.opened_at, second.clicked_at, second.replied_at) == (None, late, late + timedelta(hours=1))
    assert not second.bounced
    sent.handle(RecordBounce(*about, at=late))
    assert [each.bounced for each in sent.interactions(*about)] == [False, True]


def test_where_nothing_went_there_is_nothing(sent: Kernel) -> None:
    campaign_id, _ = _lead(sent)
    assert sent.interactions(campaign_id, UUID(int=1)) == []
    assert sent.interactions(UUID(int=1), UUID(int=1)) == []
