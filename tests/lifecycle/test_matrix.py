"""What each action comes to in each status, written out by hand. Source: reference 20.0.

The tables below are not derived from the lifecycles: they say what the decisions must answer, whichever rows of the
machine they ask for it. So a row that is taken away, or put in, shows as a cell that comes out differently.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

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
    InboxStatus,
    LeadsStillOpen,
    NotLaunchReady,
    PauseCampaign,
    PreflightFailed,
    Status,
    UnknownCampaign,
    UnknownInbox,
    UpdateCampaign,
    VerifyInbox,
)
from campaign_core.campaign import decisions as campaign_decisions
from campaign_core.campaign.decisions import CAMPAIGN_DECIDER
from campaign_core.campaign.lifecycle import CAMPAIGN
from campaign_core.campaign.lifecycle import TABLE as CAMPAIGN_TABLE
from campaign_core.campaign.readiness import readiness
from campaign_core.inbox.decisions import INBOX_DECIDER, InboxFacts
from campaign_core.inbox.lifecycle import INBOX
from campaign_core.inbox.lifecycle import TABLE as INBOX_TABLE
from campaign_core.lifecycle import Move
from campaign_core.testing.scenario import recorded, scenario
from tests.campaign.given import (
    ALL_ENDED,
    CAMPAIGN_ID,
    HISTORIES,
    NO_LEADS,
    OTHER_INBOX,
    add_leads,
    facts,
    variant,
)
from tests.inbox.given import HISTORIES as INBOX_HISTORIES
from tests.inbox.given import INBOX_ID, REGISTER
from tests.lifecycle.narrowing import put_in_place, without

#: The resulting status and the events recorded, or the class of the refusal.
Cell = str | type[CampaignError]

RENAME: Final = UpdateCampaign(CAMPAIGN_ID, name="Summer launch")
LAUNCH: Final = UpdateCampaign(CAMPAIGN_ID, launch=True)
RENAME_AND_LAUNCH: Final = UpdateCampaign(CAMPAIGN_ID, name="Summer launch", launch=True)
ACTIVATE: Final = ActivateCampaign(CAMPAIGN_ID)
READY, UNREADY, FAULT, ENDED = facts(), facts(NO_LEADS), facts(usable=False), facts(ALL_ENDED)

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
    "pause": (PauseCampaign(CAMPAIGN_ID), READY),
    "archive": (ArchiveCampaign(CAMPAIGN_ID), READY),
    "delete": (DeleteCampaign(CAMPAIGN_ID), READY),
    "add leads": (add_leads("new@example.com"), READY),
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
    "pause":                 (NO, "PAUSED paused", "PAUSED", NO, NO, NO, GONE),
    "archive":               (NO, NO, "ARCHIVED archived", "ARCHIVED archived", NO, "ARCHIVED", GONE),
    "delete":                ("DELETED deleted", NO, "DELETED deleted", NO, NO, "DELETED deleted", GONE),
    "add leads":             ("DRAFT leads_uploaded", "ACTIVE leads_uploaded", "PAUSED leads_uploaded", NO,
                              "FAILED leads_uploaded", NO, GONE),
    "complete, leads ended": (NO, "COMPLETED completed", NO, NO, NO, NO, GONE),
    "complete, leads open":  (NO, LeadsStillOpen, NO, NO, NO, NO, GONE),
}
STATUSES: Final = ("DRAFT", "ACTIVE", "PAUSED", "COMPLETED", "FAILED", "ARCHIVED", "DELETED")

#: Rights that no command asks for yet. FAILED becomes DRAFT before its follow-ups are replaced.
RIGHTS: Final = {
    "replace_sequences": (True, False, False, False, False, False, False),
    "edit_sequences":    (False, False, True, False, False, False, False),
    "revise_lead":       (True, True, True, False, True, False, False),
    "remove_leads":      (True, True, True, True, True, False, False),
}

#: Columns: not registered, PENDING, ACTIVE, DISABLED.
INBOX_MATRIX: Final[dict[str, tuple[Cell, ...]]] = {
    "register": ("PENDING registered", AlreadyExists, AlreadyExists, AlreadyExists),
    "verify":   (UnknownInbox, "ACTIVE verified", NO, "ACTIVE verified"),
    "disable":  (UnknownInbox, "DISABLED disabled", "DISABLED disabled", NO),
}
# fmt: on
INBOX_STATUSES: Final = (None, "PENDING", "ACTIVE", "DISABLED")
INBOX_ACTIONS: Final[dict[str, Any]] = {
    "register": REGISTER,
    "verify": VerifyInbox(INBOX_ID),
    "disable": DisableInbox(INBOX_ID),
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


def _inbox_answer(action: str, status: str | None) -> Cell:
    history = INBOX_HISTORIES[None if status is None else InboxStatus(status)]
    return _answer(INBOX_DECIDER, history, INBOX_ACTIONS[action], InboxFacts())


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


@pytest.mark.parametrize(("right", "status", "known"), _cells(RIGHTS, STATUSES))
def test_a_right_is_known_where_the_matrix_says(right: str, status: str, known: bool) -> None:
    """And where it is known it moves nothing."""
    assert CAMPAIGN.knows(right, status) is known
    if known:
        assert CAMPAIGN.ask(right, status) == status


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
    narrowed = without(CAMPAIGN, row)
    put_in_place(monkeypatch, CAMPAIGN, narrowed)
    cells = {
        (action, status): _campaign_answer(action, status) == cell
        for action, line in MATRIX.items()
        for status, cell in zip(STATUSES, line, strict=True)
    }
    cells |= {
        (right, status): narrowed.knows(right, status) is known
        for right, line in RIGHTS.items()
        for status, known in zip(STATUSES, line, strict=True)
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
    for action, line in INBOX_MATRIX.items():
        assert [_inbox_answer(action, status) for status in INBOX_STATUSES] == list(line)
