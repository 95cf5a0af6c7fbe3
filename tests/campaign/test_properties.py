"""What holds for whatever a campaign is told, in whatever order."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from campaign_core import (
    ActivateCampaign,
    ArchiveCampaign,
    CampaignError,
    CommandRejected,
    CompleteCampaign,
    DeleteCampaign,
    DuplicateAction,
    EditAction,
    InvalidMessage,
    PauseCampaign,
    RemoveLeads,
    SequenceEdit,
    Status,
    UpdateCampaign,
)
from campaign_core.campaign.decisions import CAMPAIGN_DECIDER
from campaign_core.campaign.facts import CampaignFacts, LeadFound
from campaign_core.campaign.lifecycle import CAMPAIGN
from campaign_core.campaign.readiness import preflight, readiness
from campaign_core.campaign.sequences import chain_problem
from campaign_core.campaign.state import CampaignState, text_keys
from campaign_core.campaign.variants import total_percent
from campaign_core.checks import UNSET
from campaign_core.lead.identity import lead_id_of
from campaign_core.recorded import Recorded
from campaign_core.testing.scenario import recorded, scenario
from tests.campaign.given import (
    ALL_ENDED,
    ALL_OPEN,
    CAMPAIGN_ID,
    CREATED,
    DISABLED_INBOX,
    INBOX,
    NO_LEADS,
    OTHER_INBOX,
    add_leads,
    addition,
    facts,
    follow_up,
    follow_up_variant,
    sequence_id,
    variant,
)

UPDATES = st.builds(
    UpdateCampaign,
    st.just(CAMPAIGN_ID),
    name=st.sampled_from([UNSET, "Spring launch", "Summer launch"]),
    sending_window_end=st.sampled_from([UNSET, 9, 18]),
    inbox_ids=st.sampled_from([None, (INBOX,), (OTHER_INBOX, INBOX), (DISABLED_INBOX,)]),
    variants=st.sampled_from([None, (variant("A"),), (variant("A", 50), variant("B", 50)), (variant("C", 0),)]),
    lead_mapping=st.sampled_from([None, {"email": "E-Mail"}, {"email": "Mail"}]),
    launch=st.booleans(),
)
NEW = (addition(2), addition(3), addition(4, 30))
EDITS = st.lists(
    st.sampled_from(
        [
            *NEW,
            *(SequenceEdit(action=EditAction.DELETE, sequence_id=each.sequence_id) for each in NEW),
            SequenceEdit(action=EditAction.EDIT, sequence_id=NEW[0].sequence_id, wait_days=30),
            SequenceEdit(
                action=EditAction.EDIT, sequence_id=sequence_id(2), variants=(follow_up_variant("Z"),), wait_days=1
            ),
        ]
    ),
    min_size=1,
    max_size=3,
).map(tuple)
CHAINS = st.sampled_from([(), (follow_up(2),), (follow_up(2), follow_up(3, 30))])
SEQUENCES = st.builds(UpdateCampaign, st.just(CAMPAIGN_ID), sequences=CHAINS) | st.builds(
    UpdateCampaign, st.just(CAMPAIGN_ID), sequence_edits=EDITS
)
MOVES = st.sampled_from(
    [
        ActivateCampaign(CAMPAIGN_ID),
        PauseCampaign(CAMPAIGN_ID),
        CompleteCampaign(CAMPAIGN_ID),
        ArchiveCampaign(CAMPAIGN_ID),
    ]
)
UPLOADS = st.sampled_from(
    [
        add_leads("anna@example.com"),
        add_leads("anna@example.com", "bert@example.com", duplicate_action=DuplicateAction.UPDATE),
        add_leads("anna@example.com", delete_existing=True),
        RemoveLeads(CAMPAIGN_ID, (lead_id_of(CAMPAIGN_ID, 1),)),
    ]
)
COMMANDS = st.one_of(UPDATES, SEQUENCES, MOVES, UPLOADS, st.just(DeleteCampaign(CAMPAIGN_ID)))
ANNA = LeadFound(number=1, is_pending=True, values={"email": "Anna@example.com"})
FACTS = st.builds(
    facts,
    st.sampled_from([ALL_OPEN, ALL_OPEN, ALL_ENDED, NO_LEADS]),
    usable=st.booleans(),
    taken=st.sampled_from([{}, {"anna@example.com": ANNA}]),
    named=st.sampled_from([{}, {lead_id_of(CAMPAIGN_ID, 1): ANNA}]),
    pending=st.sampled_from([(), (1,), (1, 2)]),
)
STEPS = st.lists(st.tuples(COMMANDS, FACTS), max_size=30)

#: The trigger that each event records; the others move nothing.
TRIGGERS = {
    "campaign.launched": "launch",
    "campaign.failed": "fail",
    "campaign.revised": "revise",
    "campaign.paused": "pause",
    "campaign.resumed": "resume",
    "campaign.completed": "complete",
    "campaign.archived": "archive",
    "campaign.deleted": "delete",
}


def decided(command: Any, state: CampaignState, known: CampaignFacts) -> Any:
    """The events proposed, or the refusal's class and words."""
    try:
        return tuple(CAMPAIGN_DECIDER.decide(command, state, known))
    except CampaignError as refusal:
        return type(refusal), refusal.args


def history_of(steps: list[tuple[Any, CampaignFacts]]) -> list[Recorded]:
    """What a campaign records while it is told these things one after the other."""
    history = [recorded(CREATED)]
    for command, known in steps:
        answer = decided(command, CAMPAIGN_DECIDER.fold(history), known)
        if not (answer and isinstance(answer[0], type)):
            history += [recorded(each.event, len(history) + place) for place, each in enumerate(answer, start=1)]
    return history


@given(STEPS, COMMANDS, FACTS)
def test_deciding_is_deterministic(steps: list[Any], command: Any, known: CampaignFacts) -> None:
    """The same command, history and facts give the same events, or the same refusal, each time."""
    history = history_of(steps)
    first, second = CAMPAIGN_DECIDER.fold(history), CAMPAIGN_DECIDER.fold(list(history))
    assert first == second
    answer = decided(command, first, known)
    assert decided(command, second, known) == answer
    assert decided(command, first, known) == answer


@given(STEPS, st.data())
def test_a_history_folds_in_parts_as_it_does_at_once(steps: list[Any], data: st.DataObject) -> None:
    """fold(a + b) = fold(b, fold(a)), wherever it is cut."""
    history = history_of(steps)
    cut = data.draw(st.integers(0, len(history)))
    assert CAMPAIGN_DECIDER.fold(history[cut:], CAMPAIGN_DECIDER.fold(history[:cut])) == CAMPAIGN_DECIDER.fold(history)


@given(STEPS)
def test_the_machine_allows_every_move_that_was_recorded(steps: list[Any]) -> None:
    """Each event that moves was legal where it happened and landed where the machine leads; the others moved nothing."""
    state = CampaignState()
    for each in history_of(steps):
        before, state = state, CAMPAIGN_DECIDER.evolve(state, each)
        if each.name in TRIGGERS:
            assert CAMPAIGN.ask(TRIGGERS[each.name], before.status) == state.status
        else:
            assert state.status == before.status


@given(STEPS)
def test_a_status_is_read_from_names_alone(steps: list[Any]) -> None:
    """With every payload erased a history folds to the same status."""
    history = history_of(steps)
    erased = [recorded(type(each.event), each.version, erased=True) for each in history]
    assert CAMPAIGN_DECIDER.fold(erased).status == CAMPAIGN_DECIDER.fold(history).status


@given(STEPS, FACTS, st.one_of(UPDATES, MOVES))
def test_a_command_repeated_records_nothing_more(steps: list[Any], known: CampaignFacts, command: Any) -> None:
    """Pausing, archiving, resuming, and an update of settings, mapping and inboxes: once is as good as twice."""
    history = history_of(steps)
    before = CAMPAIGN_DECIDER.fold(history)
    answer = decided(command, before, known)
    if answer and isinstance(answer[0], type):
        return
    after = CAMPAIGN_DECIDER.fold([recorded(each.event) for each in answer], before)
    is_plain = not isinstance(command, UpdateCampaign) or (command.variants is None and not command.launch)
    if is_plain and after.status not in (Status.FAILED, Status.COMPLETED):
        assert decided(command, after, known) == ()


@given(STEPS)
def test_the_follow_ups_of_a_campaign_always_fit(steps: list[Any]) -> None:
    """Steps 2, 3, 4 without a gap, ids of their own, not too long together, shares that come to a hundred percent."""
    state = CampaignState()
    for each in history_of(steps):
        state = CAMPAIGN_DECIDER.evolve(state, each)
        assert chain_problem(state.steps) is None
        assert [step.step_number for step in state.steps] == list(range(2, 2 + len(state.steps)))
        assert all(total_percent(step.variants) == 100 for step in state.steps)


@given(STEPS)
def test_every_text_in_force_has_a_place_and_no_other(steps: list[Any]) -> None:
    """In an event that came with it: the row there is within the content that event came with."""
    history = [recorded(CREATED)]
    rows: dict[int, list[Any]] = {}
    for command, known in steps:
        answer = decided(command, CAMPAIGN_DECIDER.fold(history), known)
        if answer and isinstance(answer[0], type):
            continue
        for each in answer:
            history.append(recorded(each.event, len(history) + 1))
            rows[len(history)] = list(each.content)
    state = CAMPAIGN_DECIDER.fold(history)
    assert list(state.text_places) == text_keys(state)
    assert len(set(state.text_places.values())) == len(state.text_places)
    for position, place in state.text_places.values():
        assert "email_content" in rows[position][place]


@given(STEPS, COMMANDS, FACTS)
def test_a_refusal_is_one_of_ours(steps: list[Any], command: Any, known: CampaignFacts) -> None:
    """Whatever comes, a decision answers events or a CampaignError with a sentence; nothing else comes out."""
    refusal = scenario(CAMPAIGN_DECIDER).given(*history_of(steps)).when(command, known).refusal
    if refusal is not None:
        assert refusal.sentence.endswith(".")
        assert isinstance(refusal, CommandRejected | InvalidMessage)


@given(STEPS, FACTS, st.one_of(UPDATES, MOVES))
def test_nothing_starts_that_is_not_ready(steps: list[Any], known: CampaignFacts, command: Any) -> None:
    """Where a launch or a resume is decided, every part is there and preflight finds no fault."""
    state = CAMPAIGN_DECIDER.fold(history_of(steps))
    answer = decided(command, state, known)
    for each in answer:
        name = getattr(getattr(each, "event", None), "stored_name", "")
        if name in ("campaign.launched", "campaign.resumed"):
            assert readiness(state, known).is_launch_ready
            assert preflight(state, known) == ()
        if name:
            state = CAMPAIGN_DECIDER.evolve(state, recorded(each.event))


@given(STEPS)
def test_the_variants_of_a_campaign_always_fit(steps: list[Any]) -> None:
    """None, or one to four with names of their own whose shares come to a hundred percent."""
    state = CampaignState()
    for each in history_of(steps):
        state = CAMPAIGN_DECIDER.evolve(state, each)
        names = [split.variant_name for split in state.variants]
        assert len(names) == len(set(names)) <= 4
        assert sum(split.distribution_percent for split in state.variants) == (100 if names else 0)
