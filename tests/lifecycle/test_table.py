"""The tables of all lifecycles, audited: what a machine accepts in silence is checked here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import pytest
from attrs import frozen

from campaign_core import IllegalTransition
from campaign_core.campaign import lifecycle as campaign
from campaign_core.campaign.decisions import CAMPAIGN_DECIDER
from campaign_core.campaign.events import CampaignEvent
from campaign_core.campaign.lifecycle import CAMPAIGN, Status
from campaign_core.decider import Decider
from campaign_core.inbox import lifecycle as inbox
from campaign_core.inbox.decisions import INBOX_DECIDER
from campaign_core.inbox.events import InboxEvent
from campaign_core.inbox.lifecycle import INBOX, InboxStatus
from campaign_core.lead import lifecycle as lead
from campaign_core.lead.decisions import LEAD_DECIDER
from campaign_core.lead.events import LeadEvent
from campaign_core.lead.lifecycle import LEAD, Walk
from campaign_core.lifecycle import Lifecycle, Move
from campaign_core.testing.scenario import recorded, scenario
from tests.campaign import given as given_campaign
from tests.inbox import given as given_inbox
from tests.lead import given as given_lead
from tests.lifecycle.narrowing import put_in_place, without


@frozen(kw_only=True)
class Audited:
    """A lifecycle, and what is said of it here without looking at its table."""

    lifecycle: Lifecycle
    table: tuple[Move, ...]
    statuses: type[Status] | type[InboxStatus] | type[Walk]
    landing: dict[str, Any]
    events: tuple[Any, ...]
    #: The event that begins a stream; None where any may.
    birth: str | None
    #: Each trigger that moves, and the event that records the move.
    moving: dict[str, str]
    #: Each trigger that is only a right.
    rights: set[str]
    decider: Decider[Any, Any, Any, Any, Any]
    #: A history for each status.
    histories: Mapping[Any, tuple[Any, ...]]
    #: Where a state says its status.
    status: str = "status"

    def status_of(self, state: Any) -> Any:
        return getattr(state, self.status)


AUDITED = [
    Audited(
        lifecycle=CAMPAIGN,
        table=campaign.TABLE,
        statuses=Status,
        landing=campaign.LANDING,
        events=get_args(CampaignEvent),
        birth="campaign.created",
        moving={
            "launch": "campaign.launched",
            "fail": "campaign.failed",
            "revise": "campaign.revised",
            "pause": "campaign.paused",
            "resume": "campaign.resumed",
            "complete": "campaign.completed",
            "archive": "campaign.archived",
            "delete": "campaign.deleted",
        },
        rights={
            "update",
            "configure",
            "replace_sequences",
            "edit_sequences",
            "add_leads",
            "revise_lead",
            "remove_leads",
        },
        decider=CAMPAIGN_DECIDER,
        histories=given_campaign.HISTORIES,
    ),
    Audited(
        lifecycle=INBOX,
        table=inbox.TABLE,
        statuses=InboxStatus,
        landing=inbox.LANDING,
        events=get_args(InboxEvent),
        birth="inbox.registered",
        moving={
            "verify": "inbox.verified",
            "pause": "inbox.paused",
            "resume": "inbox.resumed",
            "disable": "inbox.disabled",
            "remove": "inbox.removed",
        },
        rights=set(),
        decider=INBOX_DECIDER,
        histories=given_inbox.HISTORIES,
    ),
    Audited(
        lifecycle=LEAD,
        table=lead.TABLE,
        statuses=Walk,
        landing=lead.LANDING,
        events=get_args(LeadEvent),
        birth=None,
        moving={
            "claim": "lead.claimed",
            "release": "lead.released",
            "accept": "lead.accepted",
            "defer": "lead.deferred",
            "reject": "lead.rejected",
            "lose": "lead.outcome_unknown",
            "resolve": "lead.resolved",
            "stop": "lead.stopped",
            "finish": "lead.finished",
        },
        rights={"skip", "answer"},
        decider=LEAD_DECIDER,
        histories=given_lead.HISTORIES,
        status="walk",
    ),
]

pytestmark = pytest.mark.parametrize("audited", AUDITED, ids=lambda each: each.lifecycle.subject)


def test_the_machine_has_exactly_our_triggers(audited: Audited) -> None:
    """No automatic `to_<STATUS>` leaps beside the table, and no trigger the table lost."""
    assert set(audited.lifecycle.machine.events) == set(audited.moving) | audited.rights


def test_the_machine_is_built_from_the_published_table(audited: Audited) -> None:
    """Every row of the machine is a row of TABLE and the other way round."""
    built = [
        (trigger, source, each.dest)
        for trigger, event in audited.lifecycle.machine.events.items()
        for source, transitions in event.transitions.items()
        for each in transitions
    ]
    assert len(built) == len(audited.table)
    assert set(built) == {(row.trigger, row.source, row.dest) for row in audited.table}
    assert audited.lifecycle.table == audited.table


def test_there_is_one_row_for_each_trigger_and_source(audited: Audited) -> None:
    """Of two rows for the same trigger and source the machine would take the first and never say so."""
    pairs = [(row.trigger, row.source) for row in audited.table]
    assert len(pairs) == len(set(pairs))


def test_every_source_and_destination_is_a_status(audited: Audited) -> None:
    """The machine accepts a misspelt destination."""
    statuses = set(audited.statuses)
    assert set(audited.lifecycle.machine.states) == statuses
    assert {row.source for row in audited.table} <= statuses
    assert {row.dest for row in audited.table} - {None} <= statuses


def test_the_machine_runs_no_code_of_ours(audited: Audited) -> None:
    """No callback and no condition, on the machine, on a status or on a transition; no model is attached."""
    machine = audited.lifecycle.machine
    parts = [machine, *machine.states.values()]
    parts += [each for event in machine.events.values() for row in event.transitions.values() for each in row]
    hooks = {
        f"{type(part).__name__}.{name}": value
        for part in parts
        for name, value in vars(part).items()
        if isinstance(value, list) and value
    }
    assert hooks == {}
    assert machine.models == []
    assert machine.auto_transitions is False


def test_each_move_lands_where_its_event_lands(audited: Audited) -> None:
    """The destination in the table and the landing used by folding are said twice, and agree."""
    rows = [row for row in audited.table if row.dest is not None]
    assert {row.trigger for row in rows} == set(audited.moving)
    for row in rows:
        assert audited.landing[audited.moving[row.trigger]] == row.dest, row


def test_the_landings_cover_every_event_that_moves(audited: Audited) -> None:
    """An event lands somewhere if it is the first of its stream or records a move, and else nowhere."""
    births = set() if audited.birth is None else {audited.birth}
    assert set(audited.landing) == births | set(audited.moving.values())
    assert set(audited.landing) <= {event.stored_name for event in audited.events}


def test_asking_for_a_missing_row_is_refused_with_what_is_legal(audited: Audited) -> None:
    """Every missing row raises IllegalTransition, with the triggers that have a row, in the order of the table."""
    lifecycle = audited.lifecycle
    rows = {(row.trigger, row.source) for row in audited.table}
    triggers = list(dict.fromkeys(row.trigger for row in audited.table))
    missing = [
        (trigger, status) for status in audited.statuses for trigger in triggers if (trigger, status) not in rows
    ]
    for trigger, status in missing:
        legal = tuple(each for each in triggers if (each, status) in rows)
        with pytest.raises(IllegalTransition) as caught:
            lifecycle.ask(trigger, status)
        refusal = caught.value
        assert (refusal.subject, refusal.trigger, refusal.status) == (lifecycle.subject, trigger, status)
        assert refusal.legal == legal
        assert not lifecycle.knows(trigger, status)
        assert str(refusal).endswith(f"What it allows now: {', '.join(legal) or 'nothing'}.")
    assert len(missing) + len(rows) == len(triggers) * len(audited.statuses)


def test_asking_changes_nothing(audited: Audited) -> None:
    """The machine holds no state: asked for everything, in every status, it answers the same afterwards."""
    lifecycle = audited.lifecycle

    def answers() -> list[object]:
        found: list[object] = [lifecycle.diagram(), list(lifecycle.machine.models), lifecycle.machine.initial]
        for status in audited.statuses:
            for trigger in lifecycle.machine.events:
                try:
                    found.append(lifecycle.ask(trigger, status))
                except IllegalTransition as refusal:
                    found.append(refusal.args)
        return found

    assert answers() == answers()


def test_a_trigger_that_no_table_knows_is_refused_like_any_other(audited: Audited) -> None:
    """The machine's own AttributeError or KeyError never comes out."""
    status = next(iter(audited.statuses))
    with pytest.raises(IllegalTransition, match="cannot be asked to fly") as caught:
        audited.lifecycle.ask("fly", status)
    assert caught.value.legal == audited.lifecycle.legal(status)
    assert not audited.lifecycle.knows("fly", status)


def test_every_trigger_has_words_to_refuse_with(audited: Audited) -> None:
    """A refusal never falls back to the bare trigger, and no words are left over."""
    assert set(audited.lifecycle.deeds) == set(audited.moving) | audited.rights


def test_folding_never_asks_the_machine(audited: Audited, monkeypatch: pytest.MonkeyPatch) -> None:
    """With every row taken away each history folds to the status it had: narrowing the table breaks no old stream."""
    put_in_place(monkeypatch, audited.lifecycle, without(audited.lifecycle, *audited.table))
    folded = {
        status: audited.status_of(scenario(audited.decider).given(*history).state)
        for status, history in audited.histories.items()
    }
    assert folded == {status: status for status in audited.histories}


def test_an_event_without_a_landing_leaves_the_status(audited: Audited) -> None:
    """In every status, also once its payload is erased."""
    silent = [event for event in audited.events if event.stored_name not in audited.landing]
    for status, history in audited.histories.items():
        state = scenario(audited.decider).given(*history).state
        after = [audited.decider.evolve(state, recorded(event, erased=True)) for event in silent]
        assert all(audited.status_of(each) == status for each in after)
