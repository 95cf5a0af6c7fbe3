"""Why a mail does not go is answered by every rule, and what is said to let it go does, at that instant and not before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import attrs
import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign_core import (
    CAMPAIGNS,
    INBOXES,
    LEADS,
    ArchiveCampaign,
    DisableInbox,
    PauseCampaign,
    PauseInbox,
    RecordBounce,
    RecordComplaint,
    RecordOpen,
    RecordReply,
    RecordUnsubscribe,
    ReportDeferred,
    ReviseLead,
    Status,
    SuppressAddress,
    TriggerType,
    UnknownCampaign,
    UnknownInbox,
    UnknownLead,
    UpdateCampaign,
    Variant,
)
from campaign_core.inbox.lifecycle import InboxStatus
from campaign_core.kernel.kernel import VIEWS
from campaign_core.kernel.reasons import Reason, Why
from campaign_core.lead.identity import lead_id_of
from campaign_core.testing.transport import Odds
from tests.kernel.test_forecast import SLOW, Situation, situations
from tests.sending.world import DAY, HOUR, MINUTE, START, World, follow_up

_MOST = settings.default.max_examples if settings.default is not None else 0
#: A few seconds; where there is time, thousands.
EXAMPLES: Final = _MOST if _MOST > 1000 else _MOST // 5
INSTANT: Final = timedelta(microseconds=1)
MONDAY: Final = datetime(2030, 1, 7, 9, tzinfo=UTC)
#: What lets go at the instant it names, whatever else happens.
CERTAIN: Final = (
    "start_date", "window", "nothing_due", "inbox_daily_limit", "inbox_gap", "campaign_daily_limit", "deferred", "not_due",
    "condition",
)  # fmt: skip


@frozen
class Asked:
    """Something that can be asked about: a lead of a campaign, a campaign, or an inbox."""

    campaign_id: UUID | None = None
    number: int | None = None
    inbox_id: UUID | None = None

    def why(self, world: World) -> Why:
        if self.campaign_id is None:
            assert self.inbox_id is not None
            return world.kernel.why_inbox(self.inbox_id, pacing=SLOW)
        lead = None if self.number is None else lead_id_of(self.campaign_id, self.number)
        return world.kernel.why(self.campaign_id, lead, pacing=SLOW)

    def first_mail(self, world: World, after: int) -> datetime | None:
        """When the first mail it is about was claimed behind a position of the log."""
        stream = "lead-" + "-".join(str(each) for each in (self.campaign_id, self.number) if each is not None)
        claims = [
            each
            for each in world.claims()
            if each.position > after
            and (each.event.inbox_id == self.inbox_id if self.inbox_id else f"{each.stream}-".startswith(f"{stream}-"))
        ]
        return claims[0].occurred_at if claims else None


@st.composite
def questions(draw: st.DrawFn) -> tuple[World, list[Asked]]:
    """A world at some point of its run, in which an inbox may be out of use, and everything that can be asked about."""
    situation: Situation = draw(situations())
    world = situation.world
    stops = draw(st.sampled_from([None, None, PauseInbox, DisableInbox]))
    if stops is not None:
        world.kernel.handle(stops(draw(st.sampled_from(situation.inboxes))))
    campaigns = (situation.target, *situation.others)
    asked = [Asked(inbox_id=each) for each in situation.inboxes]
    for campaign_id in campaigns:
        asked.append(Asked(campaign_id))
        leads = world.kernel.view(LEADS).find({"campaign_id": campaign_id})
        asked += [Asked(campaign_id, row.number) for row in leads]
    return world, asked


@settings(max_examples=EXAMPLES)
@given(questions())
def test_a_mail_goes_when_why_says(told: tuple[World, list[Asked]]) -> None:
    """The first mail of a lead, a campaign or an inbox, or none at all; and rules stand in its way unless that is now."""
    world, asked = told
    now, position = world.clock.now(), world.events()[-1].position
    answers = {each: each.why(world) for each in asked}
    assert world.events()[-1].position == position
    world.run()
    for each, why in answers.items():
        assert why.goes_at == each.first_mail(world, position), (each, why)
        assert (why.held_back_by == ()) == (why.goes_at == now), (each, why)
        assert why.goes_at is None or not [reason for reason in _its_own(why) if _never_frees(reason)]
        assert all(reason.frees_at is None or reason.frees_at > now for reason in why.reasons)


@settings(max_examples=EXAMPLES)
@given(questions(), st.data())
def test_it_goes_then_and_not_an_instant_before(told: tuple[World, list[Asked]], data: st.DataObject) -> None:
    """Asked again a microsecond before, something holds it back; asked at that instant, nothing does."""
    world, asked = told
    waits = [each for each in asked if (each.why(world).goes_at or world.clock.now()) > world.clock.now()]
    if not waits:
        return
    each = data.draw(st.sampled_from(waits))
    first = each.why(world)
    assert first.goes_at is not None
    frees = [reason.frees_at for reason in _its_own(first) if not reason.allows]
    assert all(at is not None and at <= first.goes_at for at in frees)
    world.run_until(first.goes_at - INSTANT)
    before = each.why(world)
    assert before.goes_at == first.goes_at
    assert before.held_back_by
    world.run_until(first.goes_at)
    then = each.why(world)
    assert then.goes_at == first.goes_at
    assert not then.held_back_by


@settings(max_examples=EXAMPLES)
@given(questions(), st.data())
def test_each_rule_lets_go_when_it_says(told: tuple[World, list[Asked]], data: st.DataObject) -> None:
    """Whatever holds it back until an instant does so until then, and from then on no more; the others on their own."""
    world, asked = told
    each = data.draw(st.sampled_from(asked))
    first = each.why(world)
    ends = first.goes_at or world.clock.now() + 30 * DAY
    named = [(reason.frees_at, reason) for reason in first.held_back_by if reason.frees_at and reason.rule in CERTAIN]
    for at, reason in sorted(named, key=lambda pair: pair[0]):
        if at <= ends:
            if at - INSTANT >= world.clock.now():
                world.run_until(at - INSTANT)
                assert _identity(reason) in _stopping(each.why(world)), reason
            world.run_until(at)
            assert _identity(reason) not in _stopping(each.why(world)), reason


def _its_own(why: Why) -> list[Reason]:
    """The rules that no other inbox or campaign could make up for."""
    return [reason for reason in why.reasons if getattr(reason, why.among) is None]


def _never_frees(reason: Reason) -> bool:
    return not reason.allows and reason.frees_at is None


def _identity(reason: Reason) -> tuple[object, ...]:
    return reason.rule, reason.campaign_id, reason.inbox_id, reason.numbers.get("step_number")


def _stopping(why: Why) -> set[tuple[object, ...]]:
    return {_identity(reason) for reason in why.reasons if not reason.allows}
