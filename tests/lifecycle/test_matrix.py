"""What each action comes to in each status, written out by hand. Source: reference 20.0.

The tables below are not derived from the lifecycles: they say what the decisions must answer, whichever rows of the
machine they ask for it. So a row that is taken away, or put in, shows as a cell that comes out differently.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import count
from typing import Any, Final
from uuid import UUID

import pytest

from campaign_core import (
    ActivateCampaign,
    AlreadyExists,
    ArchiveCampaign,
    CampaignError,
    CompleteCampaign,
    DeleteCampaign,
    DisableInbox,
    IllegalTransition,
    InboxInUse,
    InboxStatus,
    Kernel,
    LeadsStillOpen,
    NotLaunchReady,
    PauseCampaign,
    PauseInbox,
    PreflightFailed,
    RemoveInbox,
    RemoveLeads,
    ResumeInbox,
    ReviseLead,
    Status,
    UnknownCampaign,
    UnknownInbox,
    UpdateCampaign,
    VerifyInbox,
    open_kernel,
)
from campaign_core.campaign import decisions as campaign_decisions
from campaign_core.campaign.decisions import CAMPAIGN_DECIDER
from campaign_core.campaign.facts import LeadFound
from campaign_core.campaign.lifecycle import CAMPAIGN
from campaign_core.campaign.lifecycle import TABLE as CAMPAIGN_TABLE
from campaign_core.campaign.readiness import readiness
from campaign_core.inbox.decisions import INBOX_DECIDER, InboxFacts
from campaign_core.inbox.lifecycle import INBOX
from campaign_core.inbox.lifecycle import TABLE as INBOX_TABLE
from campaign_core.kernel.stores import open_store
from campaign_core.lead.identity import lead_id_of
from campaign_core.lifecycle import Move
from campaign_core.testing.scenario import recorded, scenario
from tests.campaign.given import (
    ALL_ENDED,
    CAMPAIGN_ID,
    HISTORIES,
    NO_LEADS,
    OTHER_INBOX,
    add_leads,
    addition,
    facts,
    follow_up,
    variant,
)
from tests.conftest import AT
from tests.inbox.given import HISTORIES as INBOX_HISTORIES
from tests.inbox.given import INBOX_ID, REGISTER
from tests.kernel.given import active, archived, complete, draft, failed, paused
from tests.lifecycle.narrowing import put_in_place, without

#: The resulting status and the events recorded, or the class of the refusal.
Cell = str | type[CampaignError]

RENAME: Final = UpdateCampaign(CAMPAIGN_ID, name="Summer launch")
LAUNCH: Final = UpdateCampaign(CAMPAIGN_ID, launch=True)
RENAME_AND_LAUNCH: Final = UpdateCampaign(CAMPAIGN_ID, name="Summer launch", launch=True)
ACTIVATE: Final = ActivateCampaign(CAMPAIGN_ID)
READY, UNREADY, FAULT, ENDED = facts(), facts(NO_LEADS), facts(usable=False), facts(ALL_ENDED)

LEAD_ID: Final = lead_id_of(CAMPAIGN_ID, 1)

#: Each action as a command and what else is known.
ACTIONS: Final[dict[str, tuple[Any, Any]]] = {
    "update, empty": (UpdateCampaign(CAMPAIGN_ID), READY),
    "update, settings": (RENAME, READY),
    "update, inboxes": (UpdateCampaign(CAMPAIGN_ID, inbox_ids=(OTHER_INBOX,)), READY),
    "update, variants": (UpdateCampaign(CAMPAIGN_ID, variants=(variant("A"),)), READY),
    "launch, ready": (LAUNCH, READY),
    "launch, not ready": (LAUNCH, UNREADY),
    "launch, fault": (LAUNCH, FAULT),
    "settings and launch, ready": (RENAME_AND_LAUNCH, READY),
    "settings and launch, not ready": (RENAME_AND_LAUNCH, UNREADY),
    "settings and launch, fault": (RENAME_AND_LAUNCH, FAULT),
    "activate, ready": (ACTIVATE, READY),
    "activate, not ready": (ACTIVATE, UNREADY),
    "activate, fault": (ACTIVATE, FAULT),
    "activate, leads ended": (ACTIVATE, ENDED),
    "replace follow-ups": (UpdateCampaign(CAMPAIGN_ID, sequences=(follow_up(2),)), READY),
    "edit follow-ups": (UpdateCampaign(CAMPAIGN_ID, sequence_edits=(addition(2),)), READY),
    "set the mapping": (UpdateCampaign(CAMPAIGN_ID, lead_mapping={"email": "E-Mail"}), READY),
    "pause": (PauseCampaign(CAMPAIGN_ID), READY),
    "archive": (ArchiveCampaign(CAMPAIGN_ID), READY),
    "delete": (DeleteCampaign(CAMPAIGN_ID), READY),
    "add leads": (add_leads("new@example.com"), READY),
    "replace leads": (add_leads("new@example.com", delete_existing=True), facts(pending=(1, 2))),
    "remove leads": (
        RemoveLeads(CAMPAIGN_ID, (LEAD_ID,)),
        facts(named={LEAD_ID: LeadFound(number=1, is_pending=True)}),
    ),
    "complete, leads ended": (CompleteCampaign(CAMPAIGN_ID), ENDED),
    "complete, leads open": (CompleteCampaign(CAMPAIGN_ID), READY),
}

NO, GONE, PARTS, CANNOT = IllegalTransition, UnknownCampaign, NotLaunchReady, PreflightFailed
# fmt: off
#: Columns: DRAFT, ACTIVE, PAUSED, COMPLETED, FAILED, ARCHIVED, DELETED.
MATRIX: Final[dict[str, tuple[Cell, ...]]] = {
    "update, empty":    ("DRAFT", NO, "PAUSED", NO, "FAILED", NO, GONE),
    "update, settings": (
        "DRAFT settings_revised", NO, "PAUSED settings_revised", NO, "DRAFT revised settings_revised", NO, GONE),
    "update, inboxes": (
        "DRAFT inboxes_assigned", NO, "PAUSED inboxes_assigned", NO, "DRAFT revised inboxes_assigned", NO, GONE),
    "update, variants": (
        "DRAFT variants_set", NO, "PAUSED variants_set", NO, "DRAFT revised variants_set", NO, GONE),
    "launch, ready":    ("ACTIVE launched", NO, "ACTIVE resumed", NO, "ACTIVE launched", NO, GONE),
    "launch, not ready": ("DRAFT", NO, "PAUSED", NO, "FAILED", NO, GONE),
    "launch, fault":    ("FAILED failed", NO, "PAUSED", NO, "FAILED failed", NO, GONE),
    "settings and launch, ready": (
        "ACTIVE settings_revised launched", NO, "ACTIVE settings_revised resumed", NO,
        "ACTIVE revised settings_revised launched", NO, GONE),
    "settings and launch, not ready": (
        "DRAFT settings_revised", NO, "PAUSED settings_revised", NO,
        "DRAFT revised settings_revised", NO, GONE),
    "settings and launch, fault": (
        "FAILED settings_revised failed", NO, "PAUSED settings_revised", NO,
        "FAILED revised settings_revised failed", NO, GONE),
    "activate, ready":       ("ACTIVE launched", "ACTIVE", "ACTIVE resumed", NO, "ACTIVE launched", NO, GONE),
    "activate, not ready":   (PARTS, "ACTIVE", PARTS, NO, PARTS, NO, GONE),
    "activate, fault":       ("FAILED failed", "ACTIVE", CANNOT, NO, "FAILED failed", NO, GONE),
    "activate, leads ended": (PARTS, "ACTIVE", "COMPLETED resumed completed", NO, PARTS, NO, GONE),
    "replace follow-ups":    ("DRAFT sequences_set", NO, NO, NO, "DRAFT revised sequences_set", NO, GONE),
    "edit follow-ups":       (NO, NO, "PAUSED sequences_set", NO, NO, NO, GONE),
    "set the mapping":       ("DRAFT lead_mapping_set", NO, "PAUSED lead_mapping_set", NO,
                              "DRAFT revised lead_mapping_set", NO, GONE),
    "pause":                 (NO, "PAUSED paused", "PAUSED", NO, NO, NO, GONE),
    "archive":               (NO, NO, "ARCHIVED archived", "ARCHIVED archived", NO, "ARCHIVED", GONE),
    "delete":                ("DELETED deleted", NO, "DELETED deleted", NO, NO, "DELETED deleted", GONE),
    "add leads":             ("DRAFT leads_uploaded", "ACTIVE leads_uploaded", "PAUSED leads_uploaded", NO,
                              "FAILED leads_uploaded", NO, GONE),
    "replace leads":         ("DRAFT leads_removed leads_uploaded", "ACTIVE leads_removed leads_uploaded",
                              "PAUSED leads_removed leads_uploaded", NO, "FAILED leads_removed leads_uploaded", NO, GONE),
    "remove leads":          ("DRAFT leads_removed", "ACTIVE leads_removed", "PAUSED leads_removed",
                              "COMPLETED leads_removed", "FAILED leads_removed", NO, GONE),
    "complete, leads ended": (NO, "COMPLETED completed", NO, NO, NO, NO, GONE),
    "complete, leads open":  (NO, LeadsStillOpen, NO, NO, NO, NO, GONE),
}
STATUSES: Final = ("DRAFT", "ACTIVE", "PAUSED", "COMPLETED", "FAILED", "ARCHIVED", "DELETED")

#: What is recorded for the lead, or the class of the refusal. The same columns.
LEAD_MATRIX: Final[dict[str, tuple[Cell, ...]]] = {
    "revise a lead": ("details_revised",) * 3 + (NO, "details_revised", NO, GONE),
}

HELD: Final = InboxInUse
#: Columns: not registered, PENDING, ACTIVE, PAUSED, DISABLED, REMOVED.
INBOX_MATRIX: Final[dict[str, tuple[Cell, ...]]] = {
    "register":     ("PENDING registered", *(AlreadyExists,) * 5),
    "verify":       (UnknownInbox, "ACTIVE verified", NO, NO, "ACTIVE verified", UnknownInbox),
    "pause":        (UnknownInbox, NO, "PAUSED paused", NO, NO, UnknownInbox),
    "resume":       (UnknownInbox, NO, NO, "ACTIVE resumed", NO, UnknownInbox),
    "disable":      (UnknownInbox, *("DISABLED disabled",) * 3, NO, UnknownInbox),
    "remove, free": (UnknownInbox, *("REMOVED removed",) * 4, UnknownInbox),
    "remove, held": (UnknownInbox, HELD, HELD, HELD, HELD, UnknownInbox),
}
# fmt: on
INBOX_STATUSES: Final = (None, "PENDING", "ACTIVE", "PAUSED", "DISABLED", "REMOVED")
FREE: Final = InboxFacts()
INBOX_ACTIONS: Final[dict[str, tuple[Any, InboxFacts]]] = {
    "register": (REGISTER, FREE),
    "verify": (VerifyInbox(INBOX_ID), FREE),
    "pause": (PauseInbox(INBOX_ID), FREE),
    "resume": (ResumeInbox(INBOX_ID), FREE),
    "disable": (DisableInbox(INBOX_ID), FREE),
    "remove, free": (RemoveInbox(INBOX_ID), FREE),
    "remove, held": (RemoveInbox(INBOX_ID), InboxFacts(held_by=(CAMPAIGN_ID,))),
}


def _cells(matrix: Mapping[str, tuple[Any, ...]], statuses: tuple[str | None, ...]) -> list[Any]:
    """Every cell as a parameter: action, status, what must come out."""
    return [
        pytest.param(action, status, cell, id=f"{action} in {status}")
        for action, row in matrix.items()
        for status, cell in zip(statuses, row, strict=True)
    ]


def _answer(decider: Any, history: tuple[Any, ...], command: Any, known: Any) -> Cell:
    """What a command comes to after a history, in the words of the matrix."""
    given = scenario(decider).given(*history)
    decided = given.when(command, known)
    if decided.refusal is not None:
        return type(decided.refusal)
    state = decider.fold([recorded(each.event) for each in decided.proposed], given.state)
    return " ".join([state.status, *(each.event.stored_name.partition(".")[2] for each in decided.proposed)])


def _campaign_answer(action: str, status: str) -> Cell:
    return _answer(CAMPAIGN_DECIDER, HISTORIES[Status(status)], *ACTIONS[action])


_TIMES = count(1)


@cache
def _kernel() -> tuple[Kernel, dict[str, UUID]]:
    """A kernel with a campaign in each status, two leads each; the id of a campaign by its status."""
    store = open_store("memory:")
    kernel = open_kernel(store, clock=lambda: AT)
    made = {
        status: given(kernel, address=f"{given.__name__}.{status}@example.com").campaign_id
        for status, given in (
            ("DRAFT", draft),
            ("ACTIVE", active),
            ("PAUSED", paused),
            ("COMPLETED", active),
            ("FAILED", failed),
            ("ARCHIVED", archived),
            ("DELETED", draft),
        )
    }
    complete(store, made["COMPLETED"])
    kernel.handle(DeleteCampaign(made["DELETED"]))
    return kernel, made


def _lead_answer(action: str, status: str) -> Cell:
    """What revising the first lead of the campaign in that status comes to: each time a value it did not have."""
    assert action == "revise a lead"
    kernel, made = _kernel()
    try:
        outcome = kernel.handle(
            ReviseLead(made[status], lead_id_of(made[status], 1), company=f"Company {next(_TIMES)}")
        )
    except CampaignError as refusal:
        return type(refusal)
    return " ".join(name.partition(".")[2] for name in outcome.events)


def _inbox_answer(action: str, status: str | None) -> Cell:
    history = INBOX_HISTORIES[None if status is None else InboxStatus(status)]
    return _answer(INBOX_DECIDER, history, *INBOX_ACTIONS[action])


@pytest.mark.parametrize("status", STATUSES)
def test_each_history_reaches_its_status(status: str) -> None:
    """The columns of the matrix are the statuses they say they are, and all of them."""
    assert scenario(CAMPAIGN_DECIDER).given(*HISTORIES[Status(status)]).state.status == status
    assert set(STATUSES) == set(Status)


@pytest.mark.parametrize(("action", "status", "cell"), _cells(MATRIX, STATUSES))
def test_an_action_on_a_campaign_comes_to_what_the_matrix_says(action: str, status: str, cell: Cell) -> None:
    """The resulting status and the events recorded, or exactly the class of the refusal."""
    assert _campaign_answer(action, status) == cell


@pytest.mark.parametrize(("action", "status", "cell"), _cells(INBOX_MATRIX, INBOX_STATUSES))
def test_an_action_on_an_inbox_comes_to_what_the_matrix_says(action: str, status: str | None, cell: Cell) -> None:
    """The resulting status and the events recorded, or exactly the class of the refusal."""
    assert _inbox_answer(action, status) == cell


@pytest.mark.parametrize(("action", "status", "cell"), _cells(LEAD_MATRIX, STATUSES))
def test_an_action_on_a_lead_comes_to_what_the_matrix_says(action: str, status: str, cell: Cell) -> None:
    """What is asked of the campaign before one of its leads is revised, and what is recorded for the lead."""
    assert _lead_answer(action, status) == cell


@pytest.mark.parametrize("status", ["DRAFT", "PAUSED", "FAILED"])
def test_a_launch_that_lacks_a_part_leaves_a_list(status: str) -> None:
    """Wherever a launch that is not ready is accepted, the list of what is missing is there to be answered."""
    command, known = ACTIONS["launch, not ready"]
    state = scenario(CAMPAIGN_DECIDER).given(*HISTORIES[Status(status)]).state
    assert campaign_decisions.decide(command, state, known) == ()
    assert readiness(state, known).missing_requirements == ("leads",)


@pytest.mark.parametrize(
    ("action", "status"),
    [
        pytest.param(action, status, id=f"{action} in {status}")
        for action, row in MATRIX.items()
        for status, cell in zip(STATUSES, row, strict=True)
        if cell is NO
    ],
)
def test_a_refusal_names_the_status_and_what_is_legal(action: str, status: str) -> None:
    """Every refusal of the lifecycle says where the campaign is and everything it allows there."""
    command, known = ACTIONS[action]
    refusal = scenario(CAMPAIGN_DECIDER).given(*HISTORIES[Status(status)]).when(command, known).refusal
    assert isinstance(refusal, IllegalTransition)
    assert refusal.status == status
    assert refusal.legal == CAMPAIGN.legal(status)
    assert refusal.trigger not in refusal.legal


def _row_id(row: Move) -> str:
    return f"{row.trigger} in {row.source}"


@pytest.mark.parametrize("row", CAMPAIGN_TABLE, ids=_row_id)
def test_a_campaign_row_taken_away_shows(row: Move, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any one row of the table at least one cell of the matrix comes out differently."""
    put_in_place(monkeypatch, CAMPAIGN, without(CAMPAIGN, row))
    cells = {
        (action, status): _campaign_answer(action, status) == cell
        for action, line in MATRIX.items()
        for status, cell in zip(STATUSES, line, strict=True)
    }
    cells |= {
        (action, status): _lead_answer(action, status) == cell
        for action, line in LEAD_MATRIX.items()
        for status, cell in zip(STATUSES, line, strict=True)
    }
    assert not all(cells.values())


@pytest.mark.parametrize("row", INBOX_TABLE, ids=_row_id)
def test_an_inbox_row_taken_away_shows(row: Move, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any one row of the table at least one cell of the matrix comes out differently."""
    put_in_place(monkeypatch, INBOX, without(INBOX, row))
    cells = {
        (action, status): _inbox_answer(action, status) == cell
        for action, line in INBOX_MATRIX.items()
        for status, cell in zip(INBOX_STATUSES, line, strict=True)
    }
    assert not all(cells.values())


@pytest.mark.parametrize("lifecycle", [CAMPAIGN, INBOX], ids=["campaign", "inbox"])
def test_the_whole_table_put_in_place_again_changes_no_cell(lifecycle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the two tests above: it is the missing row that shows, not the exchange."""
    put_in_place(monkeypatch, lifecycle, without(lifecycle))
    for action, line in MATRIX.items():
        assert [_campaign_answer(action, status) for status in STATUSES] == list(line)
    for action, line in LEAD_MATRIX.items():
        assert [_lead_answer(action, status) for status in STATUSES] == list(line)
    for action, line in INBOX_MATRIX.items():
        assert [_inbox_answer(action, status) for status in INBOX_STATUSES] == list(line)
