"""What did a campaign bring? Counts and rates of its mails as a whole, by step, by variant and by inbox.

Everything here counts mails, but `LeadCounts`, which counts leads. A mail that bounced counts as bounced and as nothing
else: it reached nobody, and is in no rate but the bounce rate. Source: reference section 15.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Final
from uuid import UUID

from attrs import frozen

from campaign_core.analytics.intervals import wilson
from campaign_core.analytics.rates import Counts, Rates, rates
from campaign_core.analytics.verdict import MOST, Tally, Verdict, verdict
from campaign_core.campaign.variants import Split
from campaign_core.errors import UnknownCampaign
from campaign_core.log.transaction import Reading
from campaign_core.views.campaigns import CAMPAIGNS, CampaignRow
from campaign_core.views.results import RESULTS, Answer, MailResult, ResultRow
from campaign_core.views.view import Query

#: Rows read at once.
_PAGE: Final = 1000


class Measure(StrEnum):
    """What makes a variant better than another."""

    REPLIES = "replies"
    OPENS = "opens"


Interval = tuple[float, float]


@frozen(kw_only=True)
class Result:
    """What came of some mails."""

    counts: Counts

    @property
    def rates(self) -> Rates:
        """The shares that follow from the counts."""
        return rates(self.counts)

    @property
    def open_interval(self) -> Interval:
        """Where the rate of opens lies, with 95 % confidence (Wilson)."""
        return wilson(self.counts.opened, self.counts.sent)

    @property
    def reply_interval(self) -> Interval:
        """Where the rate of replies lies, with 95 % confidence (Wilson)."""
        return wilson(self.counts.replied, self.counts.sent)

    @property
    def bounce_interval(self) -> Interval:
        """Where the rate of bounces lies, with 95 % confidence (Wilson)."""
        return wilson(self.counts.bounced, self.counts.sent + self.counts.bounced)


@frozen(kw_only=True)
class StepResult(Result):
    """What came of the mails of one step."""

    #: As the step is numbered now, 1 for the first mail; None: the step was taken out.
    step_number: int | None
    #: The follow-up; None for the first mail.
    sequence_id: UUID | None


@frozen(kw_only=True)
class VariantResult(StepResult):
    """What came of the mails of one variant of one step."""

    variant_name: str
    variant_label: str | None
    #: Its share of the leads now, in percent; 0 for one that was taken out.
    distribution_percent: int


@frozen(kw_only=True)
class InboxResult(Result):
    """What came of the mails of one inbox."""

    inbox_id: UUID


@frozen(kw_only=True)
class LeadCounts:
    """How many leads there are, and of how many something is true."""

    total: int
    #: A mail was sent to them, or was refused or came back.
    contacted: int = 0
    #: A mail was sent to them that did not come back.
    reached: int = 0
    opened: int = 0
    clicked: int = 0
    replied: int = 0
    bounced: int = 0
    unsubscribed: int = 0
    complained: int = 0

    @property
    def completion_rate(self) -> float | None:
        """The share that was contacted, 0 to 1; None where there are no leads."""
        return self.contacted / self.total if self.total else None

    @property
    def success_rate(self) -> float | None:
        """The share that was reached, 0 to 1; None where there are no leads."""
        return self.reached / self.total if self.total else None


@frozen(kw_only=True)
class Results:
    """What a campaign brought so far."""

    campaign_id: UUID
    leads: LeadCounts
    #: All mails together.
    total: Result
    #: Every step the campaign has, by number; then those that were taken out.
    by_step: tuple[StepResult, ...]
    #: By step as `by_step`, then by name.
    by_variant: tuple[VariantResult, ...]
    #: Every inbox that sent for the campaign, or that it has; most mails first.
    by_inbox: tuple[InboxResult, ...]

    def verdict(self, step_number: int = 1, measure: Measure = Measure.REPLIES) -> Verdict | None:
        """Which variant of a step is the best; None where it has fewer than two to compare.

        Variants without a share that sent nothing are left out, and those that were taken out where there are too many.
        """
        found = [each for each in self.by_variant if each.step_number == step_number]
        found = [each for each in found if each.counts.sent or each.distribution_percent]
        if len(found) > MOST:
            found = [each for each in found if each.distribution_percent]
        if len(found) < 2:
            return None
        return verdict([Tally(each.variant_name, succeeded(each.counts, measure), each.counts.sent) for each in found])


def succeeded(counts: Counts, measure: Measure) -> int:
    """How many mails did what is measured."""
    return {Measure.REPLIES: counts.replied, Measure.OPENS: counts.opened}[measure]


def results_of(snapshot: Reading, workspace: str, campaign_id: UUID) -> Results:
    """What a campaign brought; reads the results of all its leads once, a page at a time.

    Raises:
        UnknownCampaign: there is none, or it was deleted.
    """
    campaign = snapshot.get(CAMPAIGNS, (workspace, campaign_id))
    if campaign is None:
        raise UnknownCampaign(campaign_id)
    gathered = _Gathered()
    for row in _rows(snapshot, workspace, campaign_id):
        gathered.add(row)
    return Results(
        campaign_id=campaign_id,
        leads=gathered.lead_counts(campaign.total_leads),
        total=Result(counts=gathered.counts(lambda mail: True)),
        by_step=_by_step(campaign, gathered),
        by_variant=_by_variant(campaign, gathered),
        by_inbox=_by_inbox(campaign, gathered),
    )


def _rows(snapshot: Reading, workspace: str, campaign_id: UUID) -> Iterator[ResultRow]:
    next_number, mine = 1, {"workspace": workspace, "campaign_id": campaign_id}
    while page := snapshot.find(RESULTS, Query(where=mine, at_least={"number": next_number}, limit=_PAGE)):
        yield from page
        next_number = page[-1].number + 1


@frozen
class _Kind:
    """What is counted together: mails of one variant of one step from one inbox about which the same came back."""

    sequence_id: UUID | None
    variant_name: str
    inbox_id: UUID
    answers: tuple[Answer, ...]


class _Gathered:
    """Rows of results, counted: there are few kinds of mails and of leads, however many there are of each."""

    def __init__(self) -> None:
        self._mails: Counter[_Kind] = Counter()
        self._leads: Counter[tuple[bool, frozenset[Answer]]] = Counter()

    def add(self, row: ResultRow) -> None:
        """Counts one lead and its mails."""
        for mail in row.mails:
            self._mails[_Kind(mail.sequence_id, mail.variant_name, mail.inbox_id, mail.answers)] += 1
        if row.mails:
            reached = any(_is_sent(mail) for mail in row.mails)
            self._leads[reached, frozenset(each for mail in row.mails for each in mail.answers)] += 1

    def counts(self, fits: Callable[[_Kind], bool]) -> Counts:
        """The counts of all mails that fit."""
        return sum((_counts(kind, count) for kind, count in self._mails.items() if fits(kind)), Counts())

    def variants(self) -> set[tuple[UUID | None, str]]:
        """Every step and variant of which a mail went."""
        return {(kind.sequence_id, kind.variant_name) for kind in self._mails}

    def inboxes(self) -> set[UUID]:
        """Every inbox from which a mail went."""
        return {kind.inbox_id for kind in self._mails}

    def lead_counts(self, total: int) -> LeadCounts:
        """How many leads, of so many in all, something is true of."""

        def having(answer: Answer) -> int:
            return sum(count for (_, answers), count in self._leads.items() if answer in answers)

        return LeadCounts(
            total=total,
            contacted=sum(self._leads.values()),
            reached=sum(count for (reached, _), count in self._leads.items() if reached),
            opened=having(Answer.OPENED),
            clicked=having(Answer.CLICKED),
            replied=having(Answer.REPLIED),
            bounced=having(Answer.BOUNCED),
            unsubscribed=having(Answer.UNSUBSCRIBED),
            complained=having(Answer.COMPLAINED),
        )


def _is_sent(mail: MailResult | _Kind) -> bool:
    return Answer.BOUNCED not in mail.answers


def _counts(kind: _Kind, count: int) -> Counts:
    """What so many mails of a kind count as."""
    if not _is_sent(kind):
        return Counts(bounced=count)
    return Counts(sent=count, **{answer.value: count for answer in kind.answers})


def _by_step(campaign: CampaignRow, gathered: _Gathered) -> tuple[StepResult, ...]:
    numbers = _numbers(campaign)
    return tuple(
        StepResult(
            step_number=numbers.get(sequence_id),
            sequence_id=sequence_id,
            counts=gathered.counts(lambda kind, wanted=sequence_id: kind.sequence_id == wanted),  # type: ignore[misc]
        )
        for sequence_id in _steps(numbers, (step for step, _ in gathered.variants()))
    )


def _numbers(campaign: CampaignRow) -> dict[UUID | None, int]:
    """The steps the campaign has, by what they are known by."""
    first: dict[UUID | None, int] = {None: 1}
    return first | {step.sequence_id: step.step_number for step in campaign.steps}


def _steps(numbers: dict[UUID | None, int], sent: Iterable[UUID | None]) -> list[UUID | None]:
    """The steps there are, by number, then those of which mails went and that are gone."""
    return [*sorted(numbers, key=lambda each: numbers[each]), *sorted(set(sent) - set(numbers), key=str)]


def _by_variant(campaign: CampaignRow, gathered: _Gathered) -> tuple[VariantResult, ...]:
    numbers = _numbers(campaign)
    splits: dict[tuple[UUID | None, str], Split] = {(None, each.variant_name): each for each in campaign.variants}
    for step in campaign.steps:
        splits |= {(step.sequence_id, each.variant_name): each for each in step.variants}
    known = set(splits) | gathered.variants()
    order = _steps(numbers, (step for step, _ in known))
    return tuple(
        _variant(gathered, numbers.get(key[0]), key, splits.get(key))
        for key in sorted(known, key=lambda each: (order.index(each[0]), each[1]))
    )


def _variant(
    gathered: _Gathered, step_number: int | None, key: tuple[UUID | None, str], split: Split | None
) -> VariantResult:
    return VariantResult(
        step_number=step_number,
        sequence_id=key[0],
        variant_name=key[1],
        variant_label=None if split is None else split.variant_label,
        distribution_percent=0 if split is None else split.distribution_percent,
        counts=gathered.counts(lambda kind: (kind.sequence_id, kind.variant_name) == key),
    )


def _by_inbox(campaign: CampaignRow, gathered: _Gathered) -> tuple[InboxResult, ...]:
    def of(inbox_id: UUID) -> InboxResult:
        return InboxResult(inbox_id=inbox_id, counts=gathered.counts(lambda kind: kind.inbox_id == inbox_id))

    found = map(of, gathered.inboxes() | set(campaign.inbox_ids))
    return tuple(sorted(found, key=lambda each: (-each.counts.sent - each.counts.bounced, str(each.inbox_id))))
