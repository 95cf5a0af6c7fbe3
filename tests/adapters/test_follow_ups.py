"""Follow-ups from files: replaced in a draft, edited one by one in a paused campaign, shown with their ids."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.given import ACTIVE, DRAFT, EMPTY, Terminal

YAML = """\
- step_number: 2
  trigger_type: NOT_OPENED
  wait_days: 3
  variants:
    - variant_name: A
      distribution_percent: 60
      email_content: Just a short reminder.
    - variant_name: B
      distribution_percent: 40
      subject_template: Still there?
      email_content: Another short reminder.
- step_number: 3
  trigger_type: NOT_REPLIED
  wait_days: 5
  enable_unsubscribe: false
  variants: [{email_content: The last reminder of all.}]
"""


@pytest.fixture(autouse=True)
def _file(tmp_path: Path) -> None:
    (tmp_path / "steps.yaml").write_text(YAML, encoding="utf-8")


def steps_of(terminal: Terminal, campaign: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = terminal.asked("sequences", str(campaign))["sequences"]
    return found


def edited(terminal: Terminal, *edits: dict[str, Any]) -> Any:
    Path("edits.json").write_text(json.dumps({"sequence_edits": edits}), encoding="utf-8")
    return terminal.asked("sequences", ACTIVE, "edits.json")


def test_the_follow_ups_of_a_draft_are_replaced(terminal: Terminal, furnished: Path) -> None:
    """All of them come from the file, whether it is a list or an object that holds one."""
    assert terminal.asked("sequences", DRAFT, "steps.yaml")["events"] == ["campaign.sequences_set"]
    steps = steps_of(terminal, DRAFT)
    assert [(each["step_number"], each["trigger_type"], each["wait_days"]) for each in steps] == [
        (2, "NOT_OPENED", 3),
        (3, "NOT_REPLIED", 5),
    ]
    assert [each["enable_unsubscribe"] for each in steps] == [None, False]
    assert [each["distribution_percent"] for each in steps[0]["variants"]] == [60, 40]
    one = {"step_number": 2, "trigger_type": "OPENED_BUT_NOT_REPLIED", "wait_days": 1}
    object_file = {"sequences": [{**one, "variants": [{"email_content": "One short reminder."}]}]}
    Path("one.JSON").write_text(json.dumps(object_file), encoding="utf-8")
    terminal.asked("sequences", DRAFT, "one.JSON")
    assert [each["trigger_type"] for each in steps_of(terminal, DRAFT)] == ["OPENED_BUT_NOT_REPLIED"]


def test_an_empty_list_takes_all_of_them_out(terminal: Terminal, furnished: Path) -> None:
    """No follow-ups are follow-ups too."""
    terminal.asked("sequences", DRAFT, "steps.yaml")
    Path("none.yaml").write_text("[]", encoding="utf-8")
    terminal.asked("sequences", DRAFT, "none.yaml")
    assert steps_of(terminal, DRAFT) == []
    assert "no follow-ups" in terminal.type("history", DRAFT).out


def test_the_follow_ups_of_a_paused_campaign_are_edited_one_by_one(terminal: Terminal, furnished: Path) -> None:
    """Added, changed and deleted by the ids that were shown; those not named stay as they are."""
    terminal.type("pause", ACTIVE)
    step = {"step_number": 2, "trigger_type": "NOT_OPENED", "wait_days": 2}
    variants = [{"email_content": "A short reminder."}]
    edited(terminal, {"action": "add", **step, "variants": variants})
    edited(terminal, {"action": "add", **step, "step_number": 3, "wait_days": 7, "variants": variants})
    first, second = steps_of(terminal, ACTIVE)
    edited(terminal, {"action": "edit", "sequence_id": first["sequence_id"], "wait_days": 4})
    changed, untouched = steps_of(terminal, ACTIVE)
    assert (changed["sequence_id"], changed["wait_days"]) == (first["sequence_id"], 4)
    assert untouched == second
    edited(terminal, {"action": "delete", "sequence_id": first["sequence_id"]})
    assert steps_of(terminal, ACTIVE) == [{**second, "step_number": 2}]


def test_an_edit_of_an_unknown_follow_up_is_refused(terminal: Terminal, furnished: Path) -> None:
    """With the exit code of what is unknown."""
    terminal.type("pause", ACTIVE)
    missing = "00000000-0000-4000-8000-000000000000"
    Path("edits.yaml").write_text(f"sequence_edits: [{{action: delete, sequence_id: {missing}}}]", encoding="utf-8")
    said = terminal.type("sequences", ACTIVE, "edits.yaml")
    assert (said.code, said.out) == (4, "")
    assert f"There is no follow-up {missing}" in said.err


def test_all_follow_ups_of_a_paused_campaign_cannot_be_replaced(terminal: Terminal, furnished: Path) -> None:
    """Leads are under way on them."""
    terminal.type("pause", ACTIVE)
    assert terminal.type("sequences", ACTIVE, "steps.yaml").code == 5


def test_people_see_the_follow_ups_with_their_ids(terminal: Terminal, furnished: Path) -> None:
    """One line each; the campaign and its history tell them too."""
    assert "has no follow-ups" in terminal.type("sequences", EMPTY).out
    terminal.asked("sequences", DRAFT, "steps.yaml")
    ids = [each["sequence_id"] for each in steps_of(terminal, DRAFT)]
    lines = terminal.type("sequences", DRAFT).out.splitlines()[2:]
    assert [line.split()[-1] for line in lines] == ids
    assert lines[0].split()[:4] == ["2", "3", "not", "opened"]
    assert "A 60 %, B 40 %" in lines[0]
    for command in ("show", "history"):
        told = " ".join(terminal.type(command, DRAFT).out.split())
        assert "step 2 after 3 d if not opened (A 60 %, B 40 %)" in told
        assert "step 3 after 5 d if not replied (A 100 %)" in told
