"""What a campaign brought, as a whole and in its parts, and what happened on which day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import attrs
import pytest
from hypothesis import given, settings

from campaign_core import (
    CampaignError,
    CreateCampaign,
    DeleteCampaign,
    InvalidMessage,
    Kernel,
    Metadata,
    UnknownCampaign,
    UpdateCampaign,
    UploadLeads,
    open_kernel,
)
from campaign_core.analytics.intervals import wilson
from campaign_core.analytics.rates import Counts, shown
from campaign_core.kernel.kernel import VIEWS
from campaign_core.kernel.results import LeadCounts, Measure, Result, Results, VariantResult
from campaign_core.kernel.timeline import MOST_DAYS
from campaign_core.lead import events
from campaign_core.lead.events import Claimed, stream_of
from campaign_core.log.log import EventLog
from campaign_core.log.memory import MemoryStore
from campaign_core.log.ports import Store
from campaign_core.recorded import Proposed
from campaign_core.views.timeline import DayCounts
from tests.conftest import AT
from tests.kernel.claims import claimed
from tests.kernel.given import VARIANT, new_inbox
from tests.sending.world import follow_up
from tests.views.test_results import CAMPAIGN_ID, History, histories, naive_mails, opened, play, told_late

ACCEPTED: Final = events.Accepted(wire_digest="0" * 64)
OPENED: Final = events.Opened(by_machine=False, first=True)
SCANNED: Final = events.Opened(by_machine=True, first=False)
REPLIED: Final = events.Replied(by_machine=False, first=True)
BOUNCED: Final = events.Bounced(hard=True)
REFUSED: Final = events.Rejected(code=550, about_address=True)
FIRST_INBOX, SECOND_INBOX = UUID(int=21), UUID(int=22)
SECOND: Final = follow_up(2)
DAY: Final = timedelta(days=1)


def mail(variant: str = "A", inbox_id: UUID = FIRST_INBOX, step_number: int = 1, step: UUID | None = None) -> Claimed:
    """A claim of a mail of that variant."""
    return attrs.evolve(claimed(inbox_id, step_number=step_number, sequence_id=step), variant_name=variant)


class Campaign:
    """A campaign with two variants and a follow-up, whose mails and answers are recorded as they are told here."""

    def __init__(self, kernel: Kernel, store: Store, leads: int = 500) -> None:
        self.kernel, self._log = kernel, EventLog(store, VIEWS)
        self.id = kernel.handle(CreateCampaign("Spring launch")).id
        addresses = "".join(f"lead{each}@leads.org,\n" for each in range(leads))
        kernel.handle(UploadLeads(self.id, f"email,first_name\n{addresses}".encode()))
        variants = (
            attrs.evolve(VARIANT, distribution_percent=50, variant_label="Tea"),
            attrs.evolve(VARIANT, variant_name="B", distribution_percent=50),
        )
        kernel.handle(UpdateCampaign(self.id, variants=variants, sequences=(SECOND,)))
        self._next = 1

    def happened(self, count: int, *told: Any, days: int = 0) -> None:
        """The same to each of so many further leads, so many days after the beginning."""
        metadata = Metadata(workspace="default", actor="test", recorded_at=AT + days * DAY)
        with self._log.write() as writing:
            for number in range(self._next, self._next + count):
                writing.append(stream_of(self.id, number), [Proposed(each) for each in told], metadata)
        self._next += count

    @property
    def results(self) -> Results:
        """What it brought."""
        return self.kernel.results(self.id)


@pytest.fixture
def campaign() -> Iterator[Campaign]:
    store = MemoryStore()
    with open_kernel(store, clock=lambda: AT) as kernel:
        yield Campaign(kernel, store)


def variant(campaign: Campaign, name: str, step_number: int = 1) -> VariantResult:
    (found,) = [
        each for each in campaign.results.by_variant if (each.variant_name, each.step_number) == (name, step_number)
    ]
    return found


def test_rates_are_over_the_mails_that_did_not_bounce(campaign: Campaign) -> None:
    """The example of the reference, section 15: 500 leads, 2 bounced, 169 of 498 opened, 40 of 498 answered."""
    campaign.happened(2, mail(), ACCEPTED, BOUNCED)
    campaign.happened(40, mail(), ACCEPTED, OPENED, REPLIED)
    campaign.happened(129, mail(), ACCEPTED, OPENED)
    campaign.happened(329, mail(), ACCEPTED)
    results = campaign.results
    assert results.total.counts == Counts(sent=498, opened=169, replied=40, bounced=2)
    rates = results.total.rates
    assert [shown(each) for each in (rates.open_rate, rates.reply_rate, rates.bounce_rate)] == [0.3394, 0.0803, 0.004]
    assert results.leads == LeadCounts(total=500, contacted=500, reached=498, opened=169, replied=40, bounced=2)
    assert (results.leads.completion_rate, results.leads.success_rate) == (1.0, 0.996)


def test_intervals_are_wilson_s_over_what_each_rate_is_over(campaign: Campaign) -> None:
    campaign.happened(3, mail(), ACCEPTED, BOUNCED)
    campaign.happened(7, mail(), ACCEPTED, OPENED)
    campaign.happened(10, mail(), ACCEPTED, REPLIED)
    total = campaign.results.total
    assert (total.open_interval, total.reply_interval, total.bounce_interval) == (
        wilson(7, 17),
        wilson(10, 17),
        wilson(3, 20),
    )


@pytest.mark.parametrize("bounce", [(ACCEPTED, OPENED, REPLIED, BOUNCED), (OPENED, REFUSED)], ids=["back", "refused"])
def test_a_mail_that_bounced_counts_as_nothing_else(campaign: Campaign, bounce: Sequence[Any]) -> None:
    """What else was told of it still counts for the lead."""
    campaign.happened(1, mail(), *bounce)
    assert campaign.results.total.counts == Counts(bounced=1)
    assert campaign.results.total.rates.reply_rate is None
    leads = campaign.results.leads
    assert (leads.contacted, leads.reached, leads.opened, leads.bounced) == (1, 0, 1, 1)


def test_machine_opens_stand_apart(campaign: Campaign) -> None:
    """A mail that a program opened is not opened; one that a person opened too is both."""
    campaign.happened(3, mail(), ACCEPTED, SCANNED)
    campaign.happened(1, mail(), ACCEPTED, SCANNED, OPENED)
    assert campaign.results.total.counts == Counts(sent=4, opened=1, opened_by_machine=4)
    assert campaign.results.leads.opened == 1


def test_follow_ups_are_mails_of_their_own(campaign: Campaign) -> None:
    """A lead that opens both mails is two opens of three mails, and one lead."""
    follow = mail(step_number=2, step=SECOND.sequence_id)
    campaign.happened(1, mail(), ACCEPTED, OPENED, follow, ACCEPTED, OPENED)
    campaign.happened(1, mail(), ACCEPTED)
    results = campaign.results
    steps = [(each.step_number, each.sequence_id, each.counts.sent, each.counts.opened) for each in results.by_step]
    assert steps == [(1, None, 2, 1), (2, SECOND.sequence_id, 1, 1)]
    assert (results.total.counts.opened, results.leads.opened, results.leads.completion_rate) == (2, 1, 2 / 500)


def test_a_lead_is_reached_by_one_mail_that_did_not_bounce(campaign: Campaign) -> None:
    """Whatever became of the others."""
    follow = mail(step_number=2, step=SECOND.sequence_id)
    campaign.happened(1, mail(), ACCEPTED, follow, ACCEPTED, BOUNCED)
    assert campaign.results.leads == LeadCounts(total=500, contacted=1, reached=1, bounced=1)


def test_every_lead_counts_however_many_there_are() -> None:
    """They are read a thousand at a time."""
    store = MemoryStore()
    with open_kernel(store, clock=lambda: AT) as kernel:
        campaign = Campaign(kernel, store, leads=1001)
        campaign.happened(1001, mail(), ACCEPTED)
        assert campaign.results.total.counts == Counts(sent=1001)


def test_every_step_and_variant_there_is_has_results_before_anything_is_sent(campaign: Campaign) -> None:
    """With their labels and shares."""
    found = [
        (each.step_number, each.variant_name, each.variant_label, each.distribution_percent)
        for each in campaign.results.by_variant
    ]
    assert found == [(1, "A", "Tea", 50), (1, "B", None, 50), (2, "A", None, 100)]
    assert [each.step_number for each in campaign.results.by_step] == [1, 2]
    assert campaign.results.total == Result(counts=Counts())
    assert campaign.results.by_inbox == ()


def test_a_step_that_was_taken_out_keeps_its_results(campaign: Campaign) -> None:
    """Without a number, behind the steps there are; so does a variant, without a share."""
    gone = UUID(int=77)
    campaign.happened(1, mail(step_number=2, step=gone), ACCEPTED)
    campaign.happened(1, mail("C"), ACCEPTED)
    found = [(each.step_number, each.sequence_id, each.counts.sent) for each in campaign.results.by_step]
    assert found == [(1, None, 1), (2, SECOND.sequence_id, 0), (None, gone, 1)]
    left = [(each.step_number, each.variant_name, each.distribution_percent) for each in campaign.results.by_variant]
    assert left == [(1, "A", 50), (1, "B", 50), (1, "C", 0), (2, "A", 100), (None, "A", 0)]


def test_inboxes_stand_in_the_order_of_their_mails(campaign: Campaign) -> None:
    """Those that the campaign has and that sent nothing come last."""
    unused = new_inbox(campaign.kernel)
    campaign.kernel.handle(UpdateCampaign(campaign.id, inbox_ids=(unused,)))
    campaign.happened(1, mail(inbox_id=FIRST_INBOX), ACCEPTED)
    campaign.happened(1, mail(inbox_id=SECOND_INBOX), ACCEPTED, BOUNCED)
    campaign.happened(1, mail(inbox_id=SECOND_INBOX), ACCEPTED)
    found = [(each.inbox_id, each.counts) for each in campaign.results.by_inbox]
    assert found == [(SECOND_INBOX, Counts(sent=1, bounced=1)), (FIRST_INBOX, Counts(sent=1)), (unused, Counts())]


@given(history=told_late())
@settings(max_examples=settings.default.max_examples // 2)
def test_the_parts_add_up_to_the_whole_whatever_happened(history: History) -> None:
    """And to a naive reading; a deleted campaign has no results."""
    store = MemoryStore()
    log = opened(store)
    deleted = play(log, history)
    with open_kernel(store, clock=lambda: AT) as kernel:
        for campaign_id in deleted:
            with pytest.raises(UnknownCampaign):
                kernel.results(campaign_id)
        if CAMPAIGN_ID in deleted:
            return
        results = kernel.results(CAMPAIGN_ID)
        for parts in (results.by_step, results.by_variant, results.by_inbox):
            assert sum((each.counts for each in parts), Counts()) == results.total.counts
        leads = [naive_mails(each[2]) for each in histories(log) if each[0] == CAMPAIGN_ID]
        mails = [answers for each in leads for _, answers in each]
        sent = [answers for answers in mails if "bounced" not in answers]
        assert results.total.counts == Counts(
            sent=len(sent),
            bounced=len(mails) - len(sent),
            **{
                name: sum(name in answers for answers in sent)
                for name in ("opened", "clicked", "replied", "unsubscribed", "complained", "opened_by_machine")
            },
        )
        reached = sum(any("bounced" not in answers for _, answers in each) for each in leads)
        assert (results.leads.contacted, results.leads.reached) == (sum(map(bool, leads)), reached)


def test_the_better_variant_wins_once_there_is_enough_evidence(campaign: Campaign) -> None:
    campaign.happened(10, mail("A"), ACCEPTED, REPLIED)
    campaign.happened(190, mail("A"), ACCEPTED)
    campaign.happened(20, mail("B"), ACCEPTED, REPLIED)
    verdict = campaign.results.verdict()
    assert verdict is not None
    assert verdict.winner == "B"
    assert variant(campaign, "B").counts == Counts(sent=20, replied=20)


def test_a_verdict_waits_for_evidence(campaign: Campaign) -> None:
    """And says how much it waits for."""
    campaign.happened(1, mail("A"), ACCEPTED, REPLIED)
    campaign.happened(9, mail("A"), ACCEPTED)
    campaign.happened(2, mail("B"), ACCEPTED, REPLIED)
    campaign.happened(8, mail("B"), ACCEPTED)
    verdict = campaign.results.verdict()
    assert verdict is not None
    assert verdict.winner is None
    assert (verdict.more_mails or 0) > 20


def test_a_verdict_is_about_what_is_measured(campaign: Campaign) -> None:
    """Opens can name another variant than replies."""
    campaign.happened(100, mail("A"), ACCEPTED, OPENED)
    campaign.happened(100, mail("B"), ACCEPTED, REPLIED)
    verdicts = [campaign.results.verdict(1, measure) for measure in Measure]
    assert [each.winner for each in verdicts if each is not None] == ["B", "A"]


def test_a_mail_that_bounced_says_nothing_about_its_variant(campaign: Campaign) -> None:
    campaign.happened(30, mail("A"), ACCEPTED, REPLIED)
    campaign.happened(30, mail("B"), ACCEPTED, REPLIED)
    before = campaign.results.verdict()
    campaign.happened(100, mail("B"), ACCEPTED, BOUNCED)
    assert campaign.results.verdict() == before


def test_there_is_no_verdict_on_one_variant(campaign: Campaign) -> None:
    """Nor on a step there is not; a variant without a share that sent nothing is none."""
    assert campaign.results.verdict(2) is None
    assert campaign.results.verdict(3) is None
    variants = (
        attrs.evolve(VARIANT, distribution_percent=100),
        attrs.evolve(VARIANT, variant_name="B", distribution_percent=0),
    )
    campaign.kernel.handle(UpdateCampaign(campaign.id, variants=variants))
    assert campaign.results.verdict() is None


def test_of_too_many_variants_those_taken_out_are_left_out(campaign: Campaign) -> None:
    """Four can be compared; C to E have no share any more."""
    for name in "ABCDE":
        campaign.happened(30, mail(name), ACCEPTED, *([REPLIED] if name == "C" else []))
    assert len(campaign.results.by_variant) == 6
    verdict = campaign.results.verdict()
    assert verdict is not None
    assert "C" not in verdict.sentence


TODAY: Final = AT.date()


def test_a_timeline_has_every_day_of_its_range(campaign: Campaign) -> None:
    """Those on which nothing happened among them."""
    campaign.happened(2, mail(), ACCEPTED, OPENED)
    campaign.happened(1, mail(), ACCEPTED, BOUNCED, days=2)
    days = campaign.kernel.timeline(campaign.id, TODAY, TODAY + 3 * DAY)
    assert [(each.date, each.counts) for each in days] == [
        (TODAY, DayCounts(sent=2, opened=2)),
        (TODAY + DAY, DayCounts()),
        (TODAY + 2 * DAY, DayCounts(sent=1, bounced=1)),
        (TODAY + 3 * DAY, DayCounts()),
    ]


def test_a_timeline_is_of_the_last_ninety_days_unless_said_otherwise(campaign: Campaign) -> None:
    campaign.happened(1, mail(), ACCEPTED)
    days = campaign.kernel.timeline(campaign.id)
    assert (len(days), days[-1].date, days[-1].counts.sent) == (90, TODAY, 1)
    (first,) = [each.date for each in campaign.kernel.timeline(to_day=TODAY - DAY)[:1]]
    assert first == TODAY - 90 * DAY


def test_a_timeline_of_the_workspace_is_that_of_all_its_campaigns() -> None:
    """And of no other workspace."""
    store = MemoryStore()
    with open_kernel(store, clock=lambda: AT) as kernel:
        for count in (1, 2):
            campaign = Campaign(kernel, store, leads=3)
            campaign.happened(count, mail(), ACCEPTED)
        assert kernel.timeline(campaign.id, TODAY)[0].counts == DayCounts(sent=2)
        assert kernel.timeline(from_day=TODAY)[0].counts == DayCounts(sent=3)
        assert kernel.create_workspace("europe").timeline(from_day=TODAY)[0].counts == DayCounts()


@pytest.mark.parametrize(
    ("first", "last"),
    [(TODAY + DAY, TODAY), (TODAY - MOST_DAYS * DAY, TODAY), (TODAY + DAY, None)],
    ids=["behind the last", "too many days", "behind today"],
)
def test_a_range_of_days_has_its_bounds(campaign: Campaign, first: date, last: date | None) -> None:
    with pytest.raises(InvalidMessage, match="from_day"):
        campaign.kernel.timeline(campaign.id, first, last)


def test_the_longest_range_and_the_first_day_there_is_are_in_bounds(campaign: Campaign) -> None:
    assert len(campaign.kernel.timeline(campaign.id, TODAY - (MOST_DAYS - 1) * DAY)) == MOST_DAYS
    assert len(campaign.kernel.timeline(campaign.id, None, date.min + DAY)) == 2


def test_a_campaign_that_is_deleted_has_neither_results_nor_a_timeline(campaign: Campaign) -> None:
    """Its days are gone from the workspace's, too, whatever is told afterwards."""
    campaign.happened(1, mail(), ACCEPTED)
    campaign.kernel.handle(DeleteCampaign(campaign.id))
    campaign.happened(1, OPENED)
    refusals: list[CampaignError] = []
    for ask in (campaign.kernel.results, campaign.kernel.timeline):
        with pytest.raises(UnknownCampaign) as caught:
            ask(campaign.id)
        refusals.append(caught.value)
    assert [str(each) for each in refusals] == [str(UnknownCampaign(campaign.id))] * 2
    assert campaign.kernel.timeline(from_day=TODAY)[0].counts == DayCounts()
