"""The lifecycle page says what the machines say."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from types import ModuleType

import pytest

from campaign_core.campaign.lifecycle import CAMPAIGN
from campaign_core.inbox.lifecycle import INBOX
from campaign_core.lead.lifecycle import LEAD
from campaign_core.lifecycle import Lifecycle
from tests.lifecycle.narrowing import without

ROOT = Path(__file__).parents[2]


@pytest.fixture
def generate(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module behind `make docs`."""
    monkeypatch.syspath_prepend(ROOT)
    return importlib.import_module("docs.generate")


@pytest.fixture
def page() -> str:
    return (ROOT / "docs" / "lifecycle.md").read_text(encoding="utf-8")


def test_the_page_is_what_the_machines_give(generate: ModuleType, page: str) -> None:
    """`make docs` would change nothing."""
    assert generate.pages()[ROOT / "docs" / "lifecycle.md"] == page


@pytest.mark.parametrize("lifecycle", [CAMPAIGN, INBOX, LEAD], ids=["campaign", "inbox", "lead"])
def test_the_page_shows_every_row(generate: ModuleType, page: str, lifecycle: Lifecycle) -> None:
    """The diagram has an arrow for each move, the table a filled cell for each row, and neither has one more."""
    arrows = re.findall(r"^  (\w+) --> (\w+): (\w+)$", _part(page, f"{lifecycle.subject}-diagram"), re.MULTILINE)
    moves = [(row.source, row.dest, row.trigger) for row in lifecycle.table if row.dest is not None]
    assert sorted(arrows) == sorted(moves)
    cells = re.findall(r"stays|→ \w+", _part(page, f"{lifecycle.subject}-rights"))
    assert sorted(cells) == sorted("stays" if row.dest is None else f"→ {row.dest}" for row in lifecycle.table)


@pytest.mark.parametrize("lifecycle", [CAMPAIGN, INBOX, LEAD], ids=["campaign", "inbox", "lead"])
def test_another_machine_gives_another_page(generate: ModuleType, lifecycle: Lifecycle) -> None:
    """Diagram and table are drawn from the machine: without its first row both differ."""
    other = without(lifecycle, lifecycle.table[0])
    assert generate.diagram(other) != generate.diagram(lifecycle)
    assert generate.rights(other) != generate.rights(lifecycle)


@pytest.mark.parametrize(
    ("heading", "status"),
    [
        (f"## {lifecycle.subject}", str(status))
        for lifecycle in (CAMPAIGN, INBOX, LEAD)
        for status in lifecycle.machine.states
    ],
)
def test_the_page_explains_every_status(page: str, heading: str, status: str) -> None:
    """Each status has its paragraph in the part of what it is a status of."""
    (part,) = [each for each in page.split("\n## ") if f"## {each}".casefold().startswith(heading)]
    assert f"**{status}**" in part


def test_what_stands_between_markers_is_replaced_and_nothing_else(generate: ModuleType) -> None:
    """Text before, after and between other markers stays."""
    text = "a\n<!-- generated: x -->\nold\n<!-- end: x -->\nb\n"
    assert generate.generated(text, {"x": "new"}) == "a\n<!-- generated: x -->\n\nnew\n\n<!-- end: x -->\nb\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("no markers", id="no marker"),
        pytest.param("<!-- generated: x -->\n", id="no end"),
        pytest.param("<!-- generated: x -->\n<!-- end: x -->\n" * 2, id="twice"),
        pytest.param(
            "<!-- generated: x -->\n<!-- end: x -->\n<!-- generated: y -->\n", id="one that nothing generates"
        ),
    ],
)
def test_a_page_whose_markers_do_not_fit_is_refused(generate: ModuleType, text: str) -> None:
    """A typing error in a marker would otherwise leave a stale part in silence."""
    with pytest.raises(ValueError, match=r"exactly once|nothing generates"):
        generate.generated(text, {"x": "new"})


def _part(page: str, name: str) -> str:
    """What stands between a pair of markers."""
    return page.partition(f"<!-- generated: {name} -->")[2].partition(f"<!-- end: {name} -->")[0]
