"""Every setting as an option: on `create`, on `update`, cleared, and left alone where it is not given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

from campaign_adapters.cli.settings_options import SettingsGiven
from campaign_core import Settings
from tests.adapters.given import ACTIVE, DRAFT, EMPTY, LEADS, Terminal

#: Options, and the settings they stand for.
ALL = [
    (["--timezone", "Europe/Berlin"], {"timezone": "Europe/Berlin"}),
    (["--sending-days", "5,1, 3"], {"sending_days": [1, 3, 5]}),
    (["--sending-days", "mon-wed,SAT"], {"sending_days": [1, 2, 3, 6]}),
    (["--sending-days", "2-3"], {"sending_days": [2, 3]}),
    (
        ["--window", "8:30-18:45"],
        {
            "sending_window_start": 8,
            "sending_window_start_minute": 30,
            "sending_window_end": 18,
            "sending_window_end_minute": 45,
        },
    ),
    (["--daily-limit-per-inbox", "100"], {"daily_limit_per_inbox": 100}),
    (["--start-date", "2027-01-31T09:00:00+01:00"], {"start_date": "2027-01-31T08:00:00.000000Z"}),
    (["--start-date", "2027-07-01"], {"start_date": "2027-07-01T04:00:00.000000Z"}),
    (["--tracking"], {"enable_tracking": True}),
    (["--no-unsubscribe"], {"enable_unsubscribe": False}),
    (["--click-tracking"], {"enable_click_tracking": True}),
    (["--ramp-up"], {"ramp_up_enabled": True}),
    (["--ramp-up-increment", "5"], {"ramp_up_increment": 5}),
    (["--ramp-up-max-limit", "1000"], {"ramp_up_max_limit": 1000}),
    (["--reply-to", "sales@acme.example.com"], {"reply_to": "sales@acme.example.com"}),
    (["--postal-address", "1 Main St, Oslo"], {"postal_address": "1 Main St, Oslo"}),
]
IDS = [" ".join(options) for options, _ in ALL]


def settings_of(terminal: Terminal, campaign: object) -> dict[str, Any]:
    shown: dict[str, Any] = terminal.asked("show", str(campaign))["settings"]
    return shown


@pytest.mark.parametrize(("options", "settings"), ALL, ids=IDS)
def test_a_setting_can_be_given_when_a_campaign_is_made(
    terminal: Terminal, options: list[str], settings: dict[str, Any]
) -> None:
    """It is set, and every other one has its default."""
    plain = settings_of(terminal, terminal.asked("create", "Spring launch")["campaign_id"])
    made = settings_of(terminal, terminal.asked("create", "Spring launch", *options)["campaign_id"])
    assert made == plain | settings


@pytest.mark.parametrize(("options", "settings"), ALL, ids=IDS)
def test_a_setting_can_be_changed_alone(
    terminal: Terminal, furnished: Path, options: list[str], settings: dict[str, Any]
) -> None:
    """What is not given stays unset: the event names nothing else."""
    before = settings_of(terminal, EMPTY)
    assert terminal.asked("update", EMPTY, *options)["events"] == ["campaign.settings_revised"]
    assert settings_of(terminal, EMPTY) == before | settings
    assert terminal.asked("history", EMPTY)["events"][-1]["payload"] == {"change": settings}


@pytest.mark.parametrize(
    ("option", "value", "setting"),
    [
        ("--daily-limit-per-inbox", "30", "daily_limit_per_inbox"),
        ("--start-date", "2027-01-31T09:00", "start_date"),
        ("--ramp-up-increment", "5", "ramp_up_increment"),
        ("--ramp-up-max-limit", "50", "ramp_up_max_limit"),
        ("--reply-to", "sales@acme.example.com", "reply_to"),
        ("--postal-address", "1 Main St, Oslo", "postal_address"),
    ],
    ids=lambda value: value if value.startswith("--") else "",
)
def test_none_clears_what_may_be_absent(
    terminal: Terminal, furnished: Path, option: str, value: str, setting: str
) -> None:
    """The value is there, and then it is not."""
    terminal.asked("update", EMPTY, option, value)
    assert settings_of(terminal, EMPTY)[setting] is not None
    terminal.asked("update", EMPTY, option, "None")
    assert settings_of(terminal, EMPTY)[setting] is None
    assert f"{setting}: none" in terminal.type("history", EMPTY).out


@pytest.mark.parametrize(
    ("switch", "setting"),
    [
        ("tracking", "enable_tracking"),
        ("unsubscribe", "enable_unsubscribe"),
        ("click-tracking", "enable_click_tracking"),
        ("ramp-up", "ramp_up_enabled"),
    ],
    ids=["tracking", "unsubscribe", "click-tracking", "ramp-up"],
)
def test_a_switch_turns_on_and_off(terminal: Terminal, furnished: Path, switch: str, setting: str) -> None:
    """Both words of it mean what they say."""
    for word, flag in ((switch, True), (f"no-{switch}", False), (switch, True)):
        terminal.asked("update", EMPTY, f"--{word}")
        assert settings_of(terminal, EMPTY)[setting] is flag


def test_there_is_an_option_for_every_setting() -> None:
    """A setting that is added must be added to the options, and here."""
    told = {name for _, settings in ALL for name in settings}
    assert told == {each.name for each in attrs.fields(Settings)} - {"name"}
    assert len(SettingsGiven.__annotations__) == len({options[0].replace("no-", "") for options, _ in ALL})


def test_one_update_carries_everything_and_starts(terminal: Terminal, furnished: Path) -> None:
    """Name, settings and launch together: one call, and the campaign runs."""
    options = ("--name", "Autumn launch", "--window", "08:00-24:00", "--ramp-up", "--launch")
    outcome = terminal.asked("update", DRAFT, *options)
    assert (outcome["status"], outcome["events"]) == ("ACTIVE", ["campaign.settings_revised", "campaign.launched"])
    shown = terminal.asked("show", DRAFT)
    assert (shown["name"], shown["settings"]["sending_window_end"]) == ("Autumn launch", 24)


def test_an_update_that_cannot_start_is_saved_all_the_same(terminal: Terminal, furnished: Path) -> None:
    """The exit code says what kept it; without `--launch` nothing was to start, and nothing is amiss."""
    outcome = terminal.asked("update", EMPTY, "--ramp-up", "--launch", code=7)
    assert (outcome["status"], outcome["events"]) == ("DRAFT", ["campaign.settings_revised"])
    assert terminal.asked("update", EMPTY, "--no-ramp-up")["missing_requirements"] != []


def test_an_update_of_a_paused_campaign_goes_on(terminal: Terminal, furnished: Path) -> None:
    """`--launch` resumes it."""
    terminal.type("pause", ACTIVE)
    outcome = terminal.asked("update", ACTIVE, "--daily-limit-per-inbox", "20", "--launch")
    assert outcome["events"] == ["campaign.settings_revised", "campaign.resumed"]


def test_an_update_that_says_nothing_changes_nothing(terminal: Terminal, furnished: Path) -> None:
    """It is accepted and recorded as nothing."""
    assert terminal.asked("update", EMPTY)["events"] == []


def test_a_lead_mapping_reads_the_uploads_that_bring_none(terminal: Terminal, furnished: Path) -> None:
    """It is shown, used, and outdone by a mapping of the upload's own."""
    mapping = '{"email": "Mail", "first_name": "Vorname"}'
    assert terminal.asked("update", EMPTY, "--lead-mapping", mapping)["events"] == ["campaign.lead_mapping_set"]
    assert terminal.asked("show", EMPTY)["lead_mapping"] == {"email": "Mail", "first_name": "Vorname"}
    assert "email from 'Mail', first_name from 'Vorname'" in terminal.type("show", EMPTY).out
    assert "email from 'Mail'" in terminal.type("history", EMPTY).out
    Path("mapped.csv").write_text("Mail,Vorname\nada@acme.example.com,Ada\n", encoding="utf-8")
    Path("plain.csv").write_bytes(LEADS)
    report = terminal.asked("leads", "upload", EMPTY, "mapped.csv")["report"]
    assert (report["imported"], report["mapping"]) == (1, {"email": "Mail", "first_name": "Vorname"})
    own = terminal.asked("leads", "upload", EMPTY, "plain.csv", "--mapping", '{"email": "email"}')["report"]
    assert (own["imported"], own["duplicates"], own["mapping"]) == (1, 1, {"email": "email"})


def test_settings_are_shown_in_words(terminal: Terminal) -> None:
    """A person reads what was set."""
    options = ["--reply-to", "sales@acme.example.com", "--postal-address", "1 Main St, Oslo"]
    numbers = ["--daily-limit-per-inbox", "30", "--ramp-up", "--ramp-up-increment", "5", "--ramp-up-max-limit", "50"]
    campaign = terminal.asked("create", "Spring launch", *options, *numbers, "--window", "09:00-17:30")["campaign_id"]
    shown = terminal.type("show", campaign).out
    for words in (
        "Mon-Fri 09:00-17:30 America/New_York",
        "30 mails an inbox",
        "on, by 5 mails a day, up to 50",
        "sales@acme.example.com",
        "1 Main St, Oslo",
    ):
        assert words in shown
