"""Whether a move is legal is asked of the machines: nothing else compares a status."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from campaign_core import InboxStatus, LeadStatus, Status
from campaign_core.lead.lifecycle import Walk
from tests.architecture.sources import trees

_CLASSES = {"Status", "InboxStatus", "LeadStatus", "Walk"}
_WORDS = {each.value for kind in (Status, InboxStatus, LeadStatus, Walk) for each in kind}
#: The modules that hold a machine.
_LIFECYCLES = {
    "campaign_core/campaign/lifecycle.py",
    "campaign_core/inbox/lifecycle.py",
    "campaign_core/lead/lifecycle.py",
    "campaign_core/lifecycle.py",
}
#: Where a status is compared outside of them, and why that is no question of what is legal.
_ALLOWED = {
    # A campaign that was deleted is unknown: no command may even ask.
    ("campaign_core/campaign/state.py", "exists"),
    # An inbox that was removed is unknown in the same way.
    ("campaign_core/inbox/decisions.py", "exists"),
    # Never contacted is what PENDING means to readers; what a lead may do is asked of its machine.
    ("campaign_core/kernel/campaign_leads.py", "_found"),
}


def _comparing(tree: ast.AST) -> Iterator[str]:
    """The functions of a module that compare something with a status, by name or by word."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.Lambda):
            for node in ast.walk(function):
                if isinstance(node, ast.Compare | ast.pattern) and any(map(_is_status, ast.walk(node))):
                    yield getattr(function, "name", "lambda")


def _is_status(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
        owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
        return owner in _CLASSES and node.attr in _WORDS
    return isinstance(node, ast.Constant) and node.value in _WORDS


def test_no_status_is_compared_outside_the_lifecycles() -> None:
    """Every place where one is stands in the list above, and no place in the list is out of date."""
    found = {
        (name, function)
        for name, tree in trees()
        if name not in _LIFECYCLES and not name.startswith("campaign_core/testing/")
        for function in _comparing(tree)
    }
    assert found == _ALLOWED


@pytest.mark.parametrize(
    "line",
    [
        "state.status is Status.DRAFT",
        "state.status == lifecycle.Status.DRAFT",
        "row.status in (Status.DRAFT, Status.PAUSED)",
        "row.status != 'ACTIVE'",
        "InboxStatus.ACTIVE is not row.status",
    ],
)
def test_a_comparison_is_found_however_it_is_written(line: str) -> None:
    """The search itself works."""
    assert list(_comparing(ast.parse(f"def rule(state, row):\n    return {line}"))) == ["rule"]


def test_a_match_on_a_status_is_found() -> None:
    """So does a comparison that looks like a pattern."""
    code = "def rule(status):\n    match status:\n        case Status.DRAFT:\n            return 1"
    assert list(_comparing(ast.parse(code))) == ["rule"]
