"""A forecast is what then happens, mail by mail: as things are, and as they are supposed to be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from attrs import frozen
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from campaign_core import (
    CAMPAIGNS,
    LEADS,
    ActivateCampaign,
    ArchiveCampaign,
    CreateCampaign,
    DisableInbox,
    FollowUp,
    IllegalTransition,
    InvalidMessage,
    MisuseError,
    PauseCampaign,
    PauseInbox,
    RecordOpen,
    RecordReply,
    ReportAccepted,
    ReviseLead,
    StartTooFarAhead,
    Status,
    SuppressAddress,
    TriggerType,
    UnknownCampaign,
    UnusableInboxes,
    UpdateCampaign,
    Variant,
)
from campaign_core.campaign.settings import SettingsChange
from campaign_core.kernel.forecasting import Outlook, WhatIf
from campaign_core.kernel.kernel import VIEWS
from campaign_core.sending.forecast import Assumed
from campaign_core.sending.pacing import Pacing
from campaign_core.testing.transport import CALM, Odds
from tests.sending.world import DAY, HOUR, MINUTE, START, World, follow_up

_MOST = settings.default.max_examples if settings.default is not None else 0
#: A few seconds; where there is time, thousands.
EXAMPLES: Final = _MOST if _MOST > 1000 else _MOST // 5
#: A gap so long that the limits of a day do not hide it.
SLOW: Final = Pacing(180, 3000)
#: A first mail that cannot go to a lead without a name.
BY_NAME: Final = Variant(subject_template="{{first_name}}", email_content="Good morning to you.")
#: What servers did before the forecast was made.
MOODY: Final = Odds(put_off=20, refused=5, no_such_address=5)

Sent = tuple[datetime, int, int, UUID]


def windows() -> st.SearchStrategy[dict[str, int]]:
    return st.builds(
        lambda start, minute, hours: {
            "sending_window_start": start,
            "sending_window_start_minute": minute,
            "sending_window_end": start + hours,
        },
        st.integers(0, 21),
        st.sampled_from([0, 0, 30, 59]),
        st.integers(1, 3),
    )


def limits() -> st.SearchStrategy[dict[str, Any]]:
    growing = st.tuples(st.integers(1, 2), st.integers(1, 5)).map(
        lambda ramp: {"ramp_up_enabled": True, "ramp_up_increment": ramp[0], "ramp_up_max_limit": ramp[1]}
    )
    return st.builds(
        lambda limit, ramp: {"daily_limit_per_inbox": limit, **ramp},
        st.none() | st.sampled_from([1, 3, 7]),
        growing | st.just({"ramp_up_enabled": False}),
    )


@st.composite
def manners(draw: st.DrawFn, around: datetime) -> dict[str, Any]:
    """Everything in the settings of a campaign that decides when it sends."""
    dates = st.none() | st.integers(-50, 400).map(lambda hours: around + hours * HOUR)
    return {
        "timezone": draw(st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])),
        "sending_days": tuple(draw(st.sets(st.integers(1, 7), min_size=1))),
        "enable_tracking": draw(st.booleans()),
        "start_date": draw(dates),
        **draw(windows()),
        **draw(limits()),
    }


def starts() -> st.SearchStrategy[datetime]:
    """Instants a few days before clocks change somewhere, or anywhere in the year."""
    days = st.sampled_from(
        [date(2030, 3, 8), date(2030, 3, 29), date(2030, 4, 5), date(2030, 10, 4), date(2030, 10, 25)]
    )
    anywhere = st.integers(0, 364).map(lambda day: date(2030, 1, 1) + timedelta(days=day))
    return st.builds(
        lambda day, minutes: datetime(day.year, day.month, day.day, tzinfo=UTC) + minutes * MINUTE,
        days | anywhere,
        st.integers(0, 1439),
    )


@frozen
class Situation:
    """A world at some point of its run: the campaign asked about, and the others."""

    world: World
    target: UUID
    others: tuple[UUID, ...]
    inboxes: tuple[UUID, ...]

    def outlook(self, campaign_id: UUID | None = None, what_if: WhatIf | None = None) -> Outlook:
        return self.world.kernel.forecast(campaign_id or self.target, what_if or WhatIf(), pacing=SLOW)

    def start(self, **change: Any) -> None:
        """The campaign asked about runs, changed like this, from now on; preflight must let it."""
        if change and self.world.status(self.target) is Status.ACTIVE:
            self.world.kernel.handle(PauseCampaign(self.target))
        told = self.world.kernel.handle(UpdateCampaign(self.target, launch=True, **change))
        assume(not told.faults)


def drafted(world: World, leads: list[str], inboxes: list[UUID], *steps: FollowUp, **kept: Any) -> UUID:
    """A DRAFT with every part."""
    campaign_id = world.kernel.handle(CreateCampaign(seed=1, **kept)).id
    world.upload(campaign_id, leads)
    parts = {"inbox_ids": tuple(inboxes), "variants": (BY_NAME,), "sequences": steps}
    world.kernel.handle(UpdateCampaign(campaign_id, **parts))
    return campaign_id


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """Campaigns that share inboxes, some way into their run; the one asked about is ACTIVE, PAUSED or a DRAFT."""
    begin = draw(starts())
    world = World("memory:", begin, pacing=SLOW)
    ids = draw(st.lists(st.uuids(), min_size=5, max_size=5, unique=True))
    inboxes = tuple(
        world.inbox(inbox_id=each, daily_limit=draw(st.integers(1, 9))) for each in ids[draw(st.integers(2, 4)) :]
    )
    stands = draw(st.sampled_from([Status.ACTIVE, Status.ACTIVE, Status.PAUSED, Status.DRAFT]))
    campaigns = []
    for place in range(draw(st.integers(1, 2))):
        waits = draw(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(TriggerType)), max_size=3))
        steps = [
            follow_up(number, wait, trigger, sequence_id=UUID(int=10 * place + number))
            for number, (wait, trigger) in enumerate(waits, 2)
        ]
        leads = [f"lead{each}@leads{place}.org" for each in range(1, draw(st.integers(1, 6)) + 1)]
        some = draw(st.lists(st.sampled_from(inboxes), min_size=1, unique=True))
        kept = {"campaign_id": ids[place], "name": f"Spring offer {place}", **draw(manners(begin))}
        campaigns.append(drafted(world, leads, some, *steps, **kept))
        if place or stands is not Status.DRAFT:
            world.kernel.handle(ActivateCampaign(campaigns[-1]))
    happen(draw, world, campaigns)
    if stands is Status.PAUSED and world.status(campaigns[0]) is Status.ACTIVE:
        world.kernel.handle(PauseCampaign(campaigns[0]))
        world.run_for(draw(st.integers(0, 3)) * DAY)
    return Situation(world, campaigns[0], tuple(campaigns[1:]), inboxes)


def happen(draw: st.DrawFn, world: World, campaigns: list[UUID]) -> None:
    """Some of what can happen before a forecast is asked for; from then on nothing goes wrong."""
    world.transport.odds = draw(st.sampled_from([CALM, MOODY]))
    for _ in range(draw(st.integers(0, 12))):
        told = world.tick()
        if not told.tasks:
            if told.wake_at is None:
                break
            world.wait_until(told.wake_at)
    world.transport.odds = CALM
    world.wait_until(world.clock.now() + draw(st.sampled_from([0, 0, 1, 7, 700, 3000])) * MINUTE)
    for campaign_id in campaigns:
        for number in range(1, len(world.kernel.view(LEADS).find({"campaign_id": campaign_id})) + 1):
            said = draw(st.sampled_from([None, None, None, RecordOpen, RecordReply]))
            if said is not None and world.lead(campaign_id, number).sent_count:
                world.say(said, campaign_id, number)
    if draw(st.booleans()):
        world.kernel.handle(SuppressAddress("lead1@leads0.org"))
    if world.status(campaigns[0]) is not Status.COMPLETED and draw(st.booleans()):
        world.say(ReviseLead, campaigns[0], 1, first_name="")


def mails(outlook: Outlook) -> list[Sent]:
    return sorted((each.at, each.number, each.step_number, each.inbox_id) for each in outlook.mails)


def gone(world: World, campaign_id: UUID, after: int) -> list[Sent]:
    """What a campaign sent behind a position of the log."""
    stream = f"lead-{campaign_id}-"
    claims = [each for each in world.claims() if each.position > after and each.stream.startswith(stream)]
    return sorted(
        (each.occurred_at, int(each.stream.removeprefix(stream)), each.event.step_number, each.event.reserved.inbox_id)
        for each in claims
    )


def position(world: World) -> int:
    return world.events()[-1].position


@settings(max_examples=EXAMPLES)
@given(situations())
def test_a_forecast_is_what_then_happens(situation: Situation) -> None:
    """When nobody answers: every mail, its instant, its lead, its step and its inbox; started now if it does not run."""
    world, before = situation.world, position(situation.world)
    asked = [situation.target] if world.status(situation.target) is not Status.COMPLETED else []
    if world.status(situation.target) is Status.ACTIVE:
        asked += [each for each in situation.others if world.status(each) is Status.ACTIVE]
    outlooks = {each: situation.outlook(each) for each in asked}
    assert position(world) == before
    if world.status(situation.target) in (Status.DRAFT, Status.PAUSED):
        situation.start()
    world.run()
    for campaign_id, outlook in outlooks.items():
        assert mails(outlook) == gone(world, campaign_id, before)


@settings(max_examples=EXAMPLES)
@given(situations(), st.data())
def test_what_is_supposed_is_what_happens_once_it_is_done(situation: Situation, data: st.DataObject) -> None:
    """Other settings and more inboxes: as after pausing, updating and resuming at that instant."""
    world, before = situation.world, position(situation.world)
    if world.status(situation.target) is Status.COMPLETED:
        return
    change = data.draw(manners(world.clock.now()))
    row = world.kernel.view(CAMPAIGNS).get(situation.target)
    assert row is not None
    added = tuple(each for each in data.draw(st.permutations(situation.inboxes)) if each not in row.inbox_ids)[:1]
    supposed = WhatIf(settings=SettingsChange(**change), add_inboxes=added)
    outlook = situation.outlook(what_if=supposed)
    situation.start(inbox_ids=(*row.inbox_ids, *added), **change)
    world.run()
    assert mails(outlook) == gone(world, situation.target, before)


@settings(max_examples=EXAMPLES)
@given(situations(), st.integers(0, 20 * 24 * 60))
def test_a_pause_that_is_supposed_is_a_pause(situation: Situation, minutes: int) -> None:
    """As after pausing at once and resuming at that instant, while the others go on."""
    world, before = situation.world, position(situation.world)
    if world.status(situation.target) is Status.COMPLETED:
        return
    until = world.clock.now() + minutes * MINUTE
    outlook = situation.outlook(what_if=WhatIf(pause_until=until))
    if world.status(situation.target) is Status.ACTIVE:
        world.kernel.handle(PauseCampaign(situation.target))
    world.run_until(until)
    situation.start()
    world.run()
    assert mails(outlook) == gone(world, situation.target, before)


@pytest.fixture
def running(location: str) -> Iterator[tuple[World, UUID]]:
    """Ten leads, one follow-up three days later, and two inboxes of which the campaign has one; nothing went yet."""
    world = World(location)
    one, _ = world.inbox(inbox_id=UUID(int=1)), world.inbox(inbox_id=UUID(int=2))
    # By an id of its own, because what is assumed of a lead is drawn by it.
    settings = {"campaign_id": UUID(int=10), "daily_limit_per_inbox": 4}
    yield world, world.campaign(10, [one], follow_up(2, 3), variants=(BY_NAME,), **settings)
    world.kernel.close()


def test_asking_writes_nothing(running: tuple[World, UUID]) -> None:
    """No event, no row of any view."""
    world, campaign_id = running
    world.run_for(2 * HOUR)
    before = world.events(), [world.kernel.view(each).find() for each in VIEWS]
    world.kernel.forecast(campaign_id)
    world.kernel.forecast(
        campaign_id, WhatIf(settings=SettingsChange(timezone="Asia/Tokyo"), add_inboxes=(UUID(int=2),))
    )
    assert (world.events(), [world.kernel.view(each).find() for each in VIEWS]) == before


def test_a_forecast_tells_its_days_and_its_end(running: tuple[World, UUID]) -> None:
    """Days are those of the campaign's zone. Four mails a day, follow-ups first; Saturday and Sunday rest."""
    world, campaign_id = running
    outlook = world.kernel.forecast(campaign_id)
    inbox_id = UUID(int=1)
    told = {day.day: {step: count for (_, step), count in mails.items()} for day, mails in outlook.days().items()}
    assert told == {7: {1: 4}, 8: {1: 4}, 9: {1: 2}, 10: {2: 4}, 11: {2: 4}, 14: {2: 2}}
    assert {each for mails in outlook.days().values() for each, _ in mails} == {inbox_id}
    assert outlook.finishes_at == outlook.mails[-1].at
    assert (outlook.left, outlook.unreachable, outlook.timezone) == (0, {}, "UTC")
    assert outlook.planner_calls > 0
    far = world.kernel.forecast(campaign_id, WhatIf(settings=SettingsChange(timezone="Pacific/Auckland")))
    assert min(far.days()) == date(2030, 1, 8)


def test_a_mail_in_hand_counts_as_gone(running: tuple[World, UUID]) -> None:
    """A worker has it and has not said what came of it; its follow-up is due from when it was taken."""
    world, campaign_id = running
    world.wait_until(START + HOUR)
    (task,) = world.claim()
    outlook, before = world.kernel.forecast(campaign_id), position(world)
    assert [each.number for each in outlook.mails if each.step_number == 1] == list(range(2, 11))
    assert [each.number for each in outlook.mails if each.step_number == 2] == list(range(1, 11))
    world.kernel.handle(ReportAccepted(campaign_id, task.lead_id, task.claim, "0" * 64))
    world.run()
    assert mails(outlook) == gone(world, campaign_id, before)


@pytest.mark.parametrize("how", [DisableInbox, PauseInbox, None], ids=["disabled", "paused", "taken from the campaign"])
def test_leads_of_an_inbox_that_is_no_more_take_another_or_wait(location: str, how: Any) -> None:
    """As the worker then has it: those of a disabled inbox move, those of a paused one wait for it."""
    world = World(location)
    one, two = world.inbox(inbox_id=UUID(int=1)), world.inbox(inbox_id=UUID(int=2))
    campaign_id = world.campaign(4, [one, two], follow_up(2))
    world.run_for(3 * HOUR)
    if how is None:
        world.update(campaign_id, inbox_ids=(two,))
    else:
        world.kernel.handle(how(one))
    outlook, before = world.kernel.forecast(campaign_id), position(world)
    world.run()
    assert mails(outlook) == gone(world, campaign_id, before) != []
    assert {each.inbox_id for each in outlook.mails} == {two}
    assert len(outlook.mails) == (2 if how is PauseInbox else 4)
    world.kernel.close()


def test_who_competes_with_a_rival_counts_too(location: str) -> None:
    """The third campaign shares no inbox with the first, and keeps the second busy elsewhere."""
    world = World(location)
    one, two = world.inbox(inbox_id=UUID(int=1)), world.inbox(inbox_id=UUID(int=2))
    first = world.campaign(6, [one], campaign_id=UUID(int=11))
    world.campaign(6, [one, two], campaign_id=UUID(int=12))
    world.campaign(6, [two], campaign_id=UUID(int=13))
    outlook, before = world.kernel.forecast(first), position(world)
    world.run()
    assert mails(outlook) == gone(world, first, before) != []
    world.kernel.close()


def test_leads_that_nothing_reaches_are_told_with_their_reasons(running: tuple[World, UUID]) -> None:
    """Suppressed, a mail of unknown outcome, a mail that would say nothing; none of them is in the forecast."""
    world, campaign_id = running
    for hours in (1, 2):  # at the second of these nobody has said what came of the mail taken at the first
        world.wait_until(START + hours * HOUR)
        world.claim()
    world.kernel.handle(SuppressAddress("lead4@leads.org"))
    world.say(ReviseLead, campaign_id, 5, first_name="")
    outlook = world.kernel.forecast(campaign_id)
    assert outlook.unreachable == {"outcome_unknown": (1,), "suppressed": (4,), "blank_subject": (5,)}
    assert {each.number for each in outlook.mails}.isdisjoint({1, 4, 5})


@pytest.mark.parametrize(
    ("supposed", "sentence"),
    [
        pytest.param({"settings": SettingsChange(daily_limit_per_inbox=0)}, "daily_limit_per_inbox", id="a limit of 0"),
        pytest.param({"settings": SettingsChange(timezone="Moon/Base")}, "Moon/Base", id="no such zone"),
        pytest.param({"settings": SettingsChange(sending_window_end=3)}, "must end after it starts", id="an early end"),
        pytest.param({"add_inboxes": (UUID(int=99),)}, str(UUID(int=99)), id="an unknown inbox"),
        pytest.param(
            {"settings": SettingsChange(start_date=START + timedelta(days=3650))}, "two years", id="a far start"
        ),
    ],
)
def test_what_cannot_be_is_not_supposed(running: tuple[World, UUID], supposed: dict[str, Any], sentence: str) -> None:
    world, campaign_id = running
    with pytest.raises((InvalidMessage, UnusableInboxes, StartTooFarAhead)) as refused:
        world.kernel.forecast(campaign_id, WhatIf(**supposed))
    assert sentence in refused.value.sentence
    assert refused.value.sentence.count(". ") == 0


def test_an_instant_without_its_zone_is_not_supposed(running: tuple[World, UUID]) -> None:
    world, campaign_id = running
    with pytest.raises(MisuseError, match="needs its zone"):
        world.kernel.forecast(campaign_id, WhatIf(pause_until=datetime(2030, 2, 1)))


def test_there_is_no_forecast_where_nothing_can_start(running: tuple[World, UUID]) -> None:
    """A campaign there is not, and one that is archived."""
    world, campaign_id = running
    with pytest.raises(UnknownCampaign):
        world.kernel.forecast(UUID(int=99))
    world.kernel.handle(PauseCampaign(campaign_id))
    world.kernel.handle(ArchiveCampaign(campaign_id))
    with pytest.raises(IllegalTransition):
        world.kernel.forecast(campaign_id)


def test_assumed_answers_take_follow_ups_away(running: tuple[World, UUID]) -> None:
    """The more answer or bounce, the fewer follow-ups; at nobody all, at everybody none; asked twice, the same."""
    world, campaign_id = running

    def steps(**rates: float) -> Counter[int]:
        outlook = world.kernel.forecast(campaign_id, WhatIf(assumed=Assumed(**rates)))
        assert outlook.mails == world.kernel.forecast(campaign_id, WhatIf(assumed=Assumed(**rates))).mails
        return Counter(each.step_number for each in outlook.mails)

    counts = [steps(reply_rate=rate)[2] for rate in (0.0, 0.3, 0.7, 1.0)]
    assert counts == sorted(counts, reverse=True)
    assert (counts[0], counts[-1]) == (10, 0)
    assert 0 < counts[1] < 10
    assert steps(reply_rate=0.3) == steps(bounce_rate=0.3) == steps(reply_rate=0.1, bounce_rate=0.2)
    assert steps(reply_rate=1.0)[1] == 10
