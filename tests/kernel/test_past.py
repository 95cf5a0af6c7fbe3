"""Asked of the past, the kernel answers what it answered then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
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
    ActivateCampaign,
    CampaignError,
    CreateCampaign,
    DeleteCampaign,
    Kernel,
    MisuseError,
    PauseCampaign,
    PauseInbox,
    RecordOpen,
    RecordReply,
    RecordUnsubscribe,
    RemoveLeads,
    ReviseLead,
    Status,
    SuppressAddress,
    UnknownCampaign,
    UpdateCampaign,
    open_kernel,
)
from campaign_core.kernel import past
from campaign_core.kernel.kernel import VIEWS
from campaign_core.kernel.questions import Questions
from campaign_core.lead.identity import lead_id_of
from campaign_core.views.view import View
from tests.conftest import AT
from tests.kernel.test_forecast import Situation, situations
from tests.sending.world import DAY, MINUTE

_MOST = settings.default.max_examples if settings.default is not None else 0
#: A few seconds; where there is time, thousands.
EXAMPLES: Final = _MOST if _MOST > 1000 else _MOST // 10


@frozen(kw_only=True)
class Count:
    """How many events a workspace has."""

    workspace: str
    events: int


Doing = Callable[[Situation], object]


def command(made: Callable[[Situation], Any]) -> Doing:
    """Somebody does something; what is not legal just now is not done."""

    def do(situation: Situation) -> None:
        try:
            situation.world.kernel.handle(made(situation))
        except CampaignError:
            return

    return do


def about(kind: Any, number: int, **others: Any) -> Doing:
    return command(lambda situation: kind(situation.target, lead_id_of(situation.target, number), **others))


def _upload(situation: Situation) -> None:
    if situation.world.status(situation.target) is not Status.COMPLETED:
        situation.world.upload(situation.target, ["new@leads.org", "newer@leads.org"])


#: What may happen between two instants that are asked about later.
DOINGS: Final[tuple[Doing, ...]] = (
    lambda situation: situation.world.tick(),
    lambda situation: situation.world.run_for(DAY),
    lambda situation: situation.world.claim(),
    command(lambda situation: PauseCampaign(situation.target)),
    command(lambda situation: ActivateCampaign(situation.target)),
    command(lambda situation: UpdateCampaign(situation.target, name="Autumn offer", daily_limit_per_inbox=2)),
    command(lambda situation: RemoveLeads(situation.target, (lead_id_of(situation.target, 2),))),
    command(lambda situation: PauseInbox(situation.inboxes[0])),
    command(lambda situation: SuppressAddress("lead3@leads0.org")),
    command(lambda situation: CreateCampaign("Another one")),
    _upload,
    about(RecordOpen, 1),
    about(RecordReply, 2),
    about(RecordUnsubscribe, 3),
    about(ReviseLead, 1, first_name="Wilma"),
)


def answers(asked: Questions) -> dict[str, Any]:
    """Everything that can be asked of a workspace; of leads, the first and the last of each campaign."""
    found: dict[str, Any] = {
        "events": list(asked.subscribe()),
        "workspaces": asked.workspaces(),
        "verified": asked.verify(),
        "suppression": asked.suppression_of("lead1@leads0.org"),
        **{view.name: asked.view(view).find() for view in VIEWS},
    }
    found["values"] = asked.lead_values(found[LEADS.name])
    for campaign in found[CAMPAIGNS.name]:
        mine = campaign.campaign_id
        found |= {f"{mine} {name}": _answer(asked, name, mine) for name in _OF_A_CAMPAIGN}
        found[f"{mine} export"] = list(asked.export_leads(mine))
        leads = [row for row in found[LEADS.name] if row.campaign_id == mine]
        for lead in (*leads[:1], *leads[1:][-1:]):
            found |= {f"{lead.lead_id} {name}": _answer(asked, name, mine, lead.lead_id) for name in _OF_A_LEAD}
    for inbox in found[INBOXES.name]:
        found |= {f"{inbox.inbox_id} {name}": _answer(asked, name, inbox.inbox_id) for name in ("history", "why_inbox")}
    return found


_OF_A_CAMPAIGN: Final = (
    "readiness", "preflight", "preview", "wordings", "declared_fields", "forecast", "why", "history", "as_of"
)  # fmt: skip
_OF_A_LEAD: Final = ("why", "lead_history", "sent_mails")


def _answer(asked: Questions, name: str, *about: UUID) -> Any:
    """What is answered, or the sentence of a refusal."""
    try:
        answer = getattr(asked, name)(*about)
    except CampaignError as refused:
        return type(refused), str(refused)
    # A compiled mail is equal to itself only.
    return [texts for _, texts in answer] if name == "wordings" else answer


def written(kernel: Kernel) -> object:
    return list(kernel.subscribe()), [kernel.view(view).find() for view in VIEWS]


@settings(max_examples=EXAMPLES)
@given(situations(), st.lists(st.tuples(st.sampled_from(DOINGS), st.integers(1, 3000)), min_size=1, max_size=4))
def test_the_past_answers_as_it_did(situation: Situation, doings: list[tuple[Doing, int]]) -> None:
    """Every question, at instants between which all kinds of things happen; asking writes nothing."""
    world = situation.world
    told = []
    for do, minutes in doings:
        told.append((world.clock.now(), answers(world.kernel)))
        world.wait_until(world.clock.now() + minutes * MINUTE)
        do(situation)
    before = written(world.kernel)
    for at, said in told:
        then = answers(world.kernel.past(at))
        assert {name: then.get(name) for name in said} == said, at
        assert then.keys() == said.keys()
    assert written(world.kernel) == before


@settings(max_examples=EXAMPLES)
@given(situations(), st.integers(0, 1440))
def test_what_was_erased_since_is_gone_from_the_past(situation: Situation, minutes: int) -> None:
    """A deleted campaign is unknown in every past; of its history stands what stands today. Others answer as they did."""
    world, gone = situation.world, situation.target
    stood = answers(world.kernel), world.clock.now()
    said = {str(each): stood[0][f"{each} preview"] for each in situation.others}
    world.wait_until(world.clock.now() + (minutes + 1) * MINUTE)
    if world.status(gone) is Status.COMPLETED:
        return
    if world.status(gone) is Status.ACTIVE:
        world.kernel.handle(PauseCampaign(gone))
    world.kernel.handle(DeleteCampaign(gone))
    past = world.kernel.past(stood[1])
    then = answers(past)
    assert "leads0.org" not in repr([then, [list(past.subscribe())]])
    with pytest.raises(UnknownCampaign):
        past.why(gone)
    whole = world.kernel.history(gone)
    assert past.history(gone) == whole[: len(past.history(gone))]
    assert all(each.event is None for each in past.history(gone))
    assert {str(each): then[f"{each} preview"] for each in situation.others} == said


class Told(list[datetime]):
    """What a clock says: the last of these."""

    def __call__(self) -> datetime:
        return self[-1]


@pytest.fixture
def says() -> Told:
    """What the clock of the kernel says, to be changed."""
    return Told([AT])


@pytest.fixture
def timed(location: str, says: Told) -> Iterator[Kernel]:
    """A kernel on each store in turn, with that clock."""
    with open_kernel(location, clock=says) as opened:
        yield opened


def test_an_instant_counts_itself_and_needs_its_zone(timed: Kernel, says: Told) -> None:
    """What was recorded at it was there; in any zone it is the same instant; without one it is refused."""
    campaign_id = timed.handle(CreateCampaign("First name")).id
    says.append(AT + MINUTE)
    timed.handle(UpdateCampaign(campaign_id, name="Second name"))
    zone = timezone(timedelta(hours=-7))
    for at, name in (
        (AT, "First name"),
        (AT + MINUTE - timedelta(microseconds=1), "First name"),
        ((AT + MINUTE).astimezone(zone), "Second name"),
        (AT + DAY, "Second name"),
    ):
        row = timed.past(at).view(CAMPAIGNS).get(campaign_id)
        assert row is not None
        assert row.name == name
    with pytest.raises(MisuseError, match="needs its zone"):
        timed.past(AT.replace(tzinfo=None))


def test_before_everything_there_is_nothing_but_the_workspaces(timed: Kernel) -> None:
    """No event and no row; workspaces are there whenever they were made."""
    timed.create_workspace("north")
    timed.handle(CreateCampaign("First name"))
    past = timed.past(AT - DAY)
    assert (list(past.subscribe()), past.workspaces()) == ([], ["default", "north"])
    assert [past.view(view).find() for view in VIEWS] == [[]] * len(VIEWS)
    assert past.verify().events == 0


def test_each_workspace_has_its_own_past(timed: Kernel, says: Told) -> None:
    """Two share a log and see nothing of each other; the past of a past is the earlier of the two."""
    north = timed.create_workspace("north")
    ours = timed.handle(CreateCampaign("Ours here")).id
    theirs = north.handle(CreateCampaign("Theirs there")).id
    says.append(AT + MINUTE)
    north.handle(UpdateCampaign(theirs, name="Theirs, anew"))
    assert [row.name for row in timed.past(AT + MINUTE).view(CAMPAIGNS).find()] == ["Ours here"]
    assert [row.name for row in north.past(AT + MINUTE).past(AT).view(CAMPAIGNS).find()] == ["Theirs there"]
    with pytest.raises(UnknownCampaign):
        north.past(AT + MINUTE).readiness(ours)


@pytest.mark.parametrize("at_once", [pytest.param(1, id="one at once"), pytest.param(1000, id="all at once")])
def test_a_clock_that_went_back_leaves_no_gap(
    timed: Kernel, says: Told, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """What was recorded behind an event of later was not there before that, though its clock says so."""
    monkeypatch.setattr(past, "_BATCH", at_once)
    campaign_id = timed.handle(CreateCampaign("Spring 0")).id
    for number, at in enumerate((AT + 2 * MINUTE, AT + MINUTE, AT + 3 * MINUTE), 1):
        says.append(at)
        timed.handle(UpdateCampaign(campaign_id, name=f"Spring {number}"))
    names = {}
    for minutes in range(4):
        row = timed.past(AT + minutes * MINUTE).view(CAMPAIGNS).get(campaign_id)
        names[minutes] = None if row is None else row.name
    assert names == {0: "Spring 0", 1: "Spring 0", 2: "Spring 2", 3: "Spring 3"}


def test_a_view_of_your_own_has_a_past(location: str) -> None:
    """The views of the kernel are folded, whichever they are; one it was opened without is refused."""
    counts: View[Count] = View(
        name="counts",
        version=1,
        row=Count,
        key=("workspace",),
        expand=lambda recorded, content: [((recorded.workspace,), 1)],
        fold=lambda row, part: Count(workspace="default", events=1 + (0 if row is None else row.events)),
    )
    says = Told([AT])
    with open_kernel(location, clock=says, views=[counts]) as kernel:
        kernel.handle(CreateCampaign("First one"))
        says.append(AT + MINUTE)
        kernel.handle(CreateCampaign("Second one"))
        assert [each.events for each in kernel.past(AT).view(counts).find()] == [1]
        assert [each.events for each in kernel.past(AT + MINUTE).view(counts).find()] == [2]
        with pytest.raises(MisuseError, match="folds no view"):
            kernel.past(AT).view(attrs.evolve(counts, name="others"))


def test_a_long_log_has_a_past_in_every_part(timed: Kernel, says: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many events are read at once, it holds those up to the instant."""
    campaign_id = timed.handle(CreateCampaign("Spring 0")).id
    for number in range(1, 8):
        says.append(AT + number * MINUTE)
        timed.handle(UpdateCampaign(campaign_id, name=f"Spring {number}"))
    for at_once in (1, 3, 8, 1000):
        monkeypatch.setattr(past, "_BATCH", at_once)
        for number in range(8):
            assert len(list(timed.past(AT + number * MINUTE).subscribe())) == number + 1
