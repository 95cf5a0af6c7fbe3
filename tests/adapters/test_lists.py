"""Lists of campaigns and inboxes: narrowed, sorted, page by page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from campaign_adapters.cli.campaign_questions import SORTS
from campaign_core import CreateCampaign, open_kernel
from tests.adapters.given import ACTIVE, DRAFT, INBOX, PENDING, Terminal


def names(terminal: Terminal, *options: str) -> list[str]:
    return [row["name"] for row in terminal.asked("list", *options)["campaigns"]]


def test_campaigns_are_narrowed_by_status(terminal: Terminal, furnished: Path) -> None:
    """However its case is written."""
    assert names(terminal, "--status", "DRAFT") == ["First draft", "Second draft"]
    assert names(terminal, "--status", "active") == ["Under way"]
    assert names(terminal, "--status", "FAILED") == []
    assert terminal.type("list", "--status", "FAILED").out == "No campaign fits.\n"


def test_campaigns_are_searched_by_a_part_of_the_name(terminal: Terminal, furnished: Path) -> None:
    """Case does not matter, in any script, and no character stands for others."""
    terminal.type("create", "GROSSE STRASSE")
    assert names(terminal, "--search", "DRAFT") == ["First draft", "Second draft"]
    assert names(terminal, "--search", "große straße") == ["GROSSE STRASSE"]
    assert names(terminal, "--search", "d_r") == names(terminal, "--search", "%") == []
    assert names(terminal, "--search", "draft", "--status", "ACTIVE") == []


def test_campaigns_are_narrowed_to_those_made_lately(terminal: Terminal) -> None:
    """The last so many days of 24 hours, counted from now."""
    now = datetime.now(UTC)
    for days in (0, 3, 10):
        with open_kernel("campaigns.db", clock=lambda days=days: now - timedelta(days=days, minutes=1)) as kernel:
            kernel.handle(CreateCampaign(f"{days} days ago"))
    assert names(terminal, "--days", "1") == ["0 days ago"]
    assert names(terminal, "--days", "3") == ["0 days ago"]
    assert names(terminal, "--days", "4") == ["3 days ago", "0 days ago"]
    assert len(names(terminal, "--days", "36500")) == 3


@pytest.mark.parametrize("sort", SORTS)
def test_campaigns_are_sorted_by_every_key_both_ways(terminal: Terminal, furnished: Path, sort: str) -> None:
    """Rising and falling; a campaign that has no value for the key is in the list all the same."""
    terminal.type("launch", DRAFT)

    def values(*options: str) -> list[Any]:
        rows = terminal.asked("list", *options)["campaigns"]
        assert len(rows) == 3
        return [row[sort] for row in rows if row[sort] is not None]

    rising = values("--sort", sort)
    assert rising == sorted(rising)
    assert values("--sort", sort.upper(), "--order", "DESC") == sorted(rising, reverse=True)


def test_campaigns_come_page_by_page(terminal: Terminal, furnished: Path) -> None:
    """Together the pages are the whole list; a person is told where the page stands."""
    pages = [terminal.asked("list", "--sort", "name", "--limit", "2", "--page", page) for page in ("1", "2", "3")]
    found = [[row["name"] for row in page["campaigns"]] for page in pages]
    assert found == [["First draft", "Second draft"], ["Under way"], []]
    assert pages[0]["pagination"] == {
        "page": 1, "limit": 2, "total": 3, "pages": 2, "has_next": True, "has_prev": False
    }  # fmt: skip
    assert terminal.type("list", "--limit", "2").out.splitlines()[-1] == "Page 1 of 2; 3 campaigns."
    assert "Page" not in terminal.type("list").out
    assert terminal.type("list", "--page", "9").out == "Page 9 of 1; 3 campaigns.\n"


def test_inboxes_are_narrowed_and_paged(terminal: Terminal, furnished: Path) -> None:
    """By status, by part of the address, page by page."""

    def found(*options: str) -> list[str]:
        return [row["inbox_id"] for row in terminal.asked("inboxes", "list", *options)["inboxes"]]

    assert found("--status", "pending") == [str(PENDING)]
    assert found("--search", "MARA@") == [str(INBOX)]
    assert found("--limit", "1", "--page", "2") == [str(PENDING)]
    assert terminal.type("inboxes", "list", "--search", "nobody").out == "No inbox fits.\n"
    assert terminal.type("inboxes", "list", "--limit", "1").out.splitlines()[-1] == "Page 1 of 2; 2 inboxes."


def test_an_inbox_has_a_name_a_type_and_a_limit_of_its_own(terminal: Terminal) -> None:
    """Given when it is added; the defaults are the kernel's."""
    options = ("--display-name", "Olga Berg", "--type", "google-workspace", "--daily-limit", "2000")
    terminal.asked("inboxes", "add", "olga@out.example.com", *options)
    terminal.asked("inboxes", "add", "mara@out.example.com")
    rows = terminal.asked("inboxes", "list")["inboxes"]
    assert [(row["display_name"], row["inbox_type"], row["daily_limit"]) for row in rows] == [
        ("Olga Berg", "GOOGLE_WORKSPACE", 2000),
        ("mara@out.example.com", "CUSTOM_SMTP", 100),
    ]


def test_an_inbox_is_paused_resumed_and_removed(terminal: Terminal, furnished: Path) -> None:
    """Each move is told, in the answer and in its history; what was removed is in no list."""
    terminal.asked("inboxes", "verify", PENDING)
    for command, status, event in (
        ("pause", "PAUSED", "paused"),
        ("resume", "ACTIVE", "resumed"),
        ("remove", "REMOVED", "removed"),
    ):
        outcome = terminal.asked("inboxes", command, PENDING)
        assert (outcome["status"], outcome["events"]) == (status, [f"inbox.{event}"])
    told = terminal.type("history", PENDING).out
    for words in ("held back for now", "can send again", "gone; no campaign held it"):
        assert words in told
    assert [row["inbox_id"] for row in terminal.asked("inboxes", "list")["inboxes"]] == [str(INBOX)]
    assert terminal.type("inboxes", "verify", PENDING).code == 4


def test_an_inbox_is_free_once_its_campaigns_are_archived(terminal: Terminal, furnished: Path) -> None:
    """Until then the refusal names the campaigns that hold it."""
    terminal.type("delete", DRAFT)
    refused = terminal.type("inboxes", "remove", INBOX)
    assert (refused.code, str(ACTIVE) in refused.err, str(DRAFT) in refused.err) == (6, True, False)
    terminal.type("pause", ACTIVE)
    terminal.type("archive", ACTIVE)
    assert terminal.asked("inboxes", "remove", INBOX)["status"] == "REMOVED"
