"""What was: a campaign as of a version or an instant, and the log as it is handed on."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from campaign_adapters.cli import other_commands
from campaign_core import CreateCampaign, PauseCampaign, UpdateCampaign, open_kernel
from tests.adapters.given import ACTIVE, DRAFT, EMPTY, Terminal

AT = datetime(2030, 1, 1, 9, tzinfo=UTC)


def test_a_campaign_is_shown_as_it_was_at_a_version(terminal: Terminal, furnished: Path) -> None:
    """Its row and its history both end there; now it is something else."""
    then = terminal.asked("history", ACTIVE, "--as-of", "2")
    assert [event["version"] for event in then["events"]] == [1, 2]
    row = then["campaign"]
    assert (row["status"], row["version"], row["total_leads"], row["inbox_ids"]) == ("DRAFT", 2, 2, [])
    whole = terminal.asked("history", ACTIVE, "--as-of", "99")
    shown = terminal.asked("show", ACTIVE)
    assert {name: shown[name] for name in whole["campaign"]} == whole["campaign"]
    assert whole["events"] == terminal.asked("history", ACTIVE)["events"]
    assert "campaign" not in terminal.asked("history", ACTIVE)


@pytest.fixture
def told_by_the_hour() -> None:
    """A campaign with one event each hour."""
    now = AT
    with open_kernel("campaigns.db", clock=lambda: now) as kernel:
        kernel.handle(CreateCampaign("First name", campaign_id=DRAFT))
        for number in (1, 2):
            now = AT + timedelta(hours=number)
            kernel.handle(UpdateCampaign(DRAFT, name=f"Name number {number}"))


@pytest.mark.usefixtures("told_by_the_hour")
@pytest.mark.parametrize(
    ("instant", "name"),
    [
        ("2030-01-01T09:00:00Z", "First name"),
        ("2030-01-01T09:59:59.999999", "First name"),
        ("2030-01-01 10:00", "Name number 1"),
        ("2030-01-01T12:30+02:00", "Name number 1"),
        ("2030-01-02", "Name number 2"),
    ],
    ids=["at-its-creation", "just-before", "utc-if-not-said", "with-an-offset", "a-day"],
)
def test_a_campaign_is_shown_as_it_was_at_an_instant(terminal: Terminal, instant: str, name: str) -> None:
    """What was recorded by then counts, the instant itself included."""
    then = terminal.asked("history", DRAFT, "--as-of", instant)
    assert then["campaign"]["name"] == name
    assert len(then["events"]) == {"First name": 1, "Name number 1": 2, "Name number 2": 3}[name]


def test_people_see_the_campaign_above_its_history(terminal: Terminal, furnished: Path) -> None:
    """Settings, inboxes and variants as they were."""
    said = terminal.type("history", ACTIVE, "--as-of", "4").out
    lines = said.splitlines()
    assert lines[0] == "Under way"
    assert "DRAFT, version 4" in said
    assert "mara@out.example.com" in said
    assert "A 100 %" in said
    assert lines[-1].split()[0] == "4"
    assert "launched" not in said.split("Event")[1]


def test_a_deleted_campaign_cannot_be_shown_as_it_was(terminal: Terminal, furnished: Path) -> None:
    """Its payloads are gone for good; what is left of its history is shown without `--as-of`."""
    terminal.type("delete", DRAFT)
    assert terminal.type("history", DRAFT, "--as-of", "3").code == 4
    assert terminal.type("history", DRAFT).code == 0


def test_the_log_is_one_object_a_line(terminal: Terminal, furnished: Path) -> None:
    """Every event with its stream, in the order of the log; as one document they are the same."""
    said = terminal.type("log")
    assert (said.code, said.err) == (0, "")
    events = [json.loads(line) for line in said.out.splitlines()]
    assert [event["position"] for event in events] == sorted(event["position"] for event in events)
    assert len(events) == terminal.asked("verify")["events"]
    assert [each for each in events if each["stream"] == f"campaign-{ACTIVE}"] == [
        {"stream": f"campaign-{ACTIVE}", **each} for each in terminal.asked("history", ACTIVE)["events"]
    ]
    assert terminal.asked("log") == {"events": events, "position": events[-1]["position"]}


def test_the_log_goes_on_where_somebody_left_it(terminal: Terminal, furnished: Path) -> None:
    """Behind the position that was answered there is what came since, and nothing else."""
    position = terminal.asked("log")["position"]
    assert terminal.type("log", "--after", str(position)).out == ""
    assert terminal.asked("log", "--after", str(position)) == {"events": [], "position": position}
    terminal.type("pause", ACTIVE)
    terminal.type("leads", "add", EMPTY, "zoë@acme.example.com")
    lines = [json.loads(line) for line in terminal.type("log", "--after", str(position)).out.splitlines()]
    assert [line["name"] for line in lines] == ["campaign.paused", "campaign.leads_uploaded"]


def test_a_log_is_handed_on_whole_however_long_it_is(
    terminal: Terminal, furnished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More events than are read at once: none twice, none left out."""
    whole = terminal.type("log").out
    for at_once in (1, 5, 13, 14):
        monkeypatch.setattr(other_commands, "_EVENTS_AT_ONCE", at_once)
        assert terminal.type("log").out == whole


def test_what_others_caused_is_told_with_who(terminal: Terminal, furnished: Path) -> None:
    """The envelope is whole: actor, command, causation, correlation."""
    with open_kernel(furnished) as kernel:
        kernel.handle(PauseCampaign(ACTIVE), actor="mailer", command_id="c-1", causation="m-1", correlation="w-1")
    last = terminal.asked("log")["events"][-1]
    assert [last[name] for name in ("actor", "command", "causation", "correlation")] == ["mailer", "c-1", "m-1", "w-1"]
