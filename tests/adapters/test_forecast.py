"""`campaign forecast`: days, a plot, an end; beside it what is supposed; and what cannot be supposed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from campaign_core import (
    CreateCampaign,
    FollowUp,
    FollowUpVariant,
    RegisterInbox,
    SuppressAddress,
    TriggerType,
    UpdateCampaign,
    UploadLeads,
    VerifyInbox,
    open_kernel,
)
from tests.adapters.given import ACTIVE, DRAFT, EMPTY, INBOX, VARIANTS, Terminal

#: Sixty leads in Berlin from a Monday on, ten mails a day, a follow-up two weeks later: that far from the first mails, and
#: so far from each other's limits, that the days hold the same mails whenever the test is run.
LONG = UUID("eeeeeeee-0000-4000-8000-000000000004")
SECOND = UUID("ffffffff-0000-4000-8000-000000000002")
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
MONDAY = TODAY + timedelta(days=14 - TODAY.weekday())


def day(after: int, form: str = "%a %Y-%m-%d") -> str:
    """A day so long after the Monday, as it is told."""
    return format(MONDAY + timedelta(days=after), form)


def iso(after: int) -> str:
    return day(after, "%Y-%m-%d")


@pytest.fixture(scope="session")
def _planned(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("planned") / "campaigns.db"
    rows = "".join(f"lead{number}@leads.example.com\n" for number in range(1, 61))
    reminder = FollowUp(
        step_number=2,
        trigger_type=TriggerType.NOT_REPLIED,
        wait_days=14,
        variants=(FollowUpVariant(email_content="A short reminder of it."),),
    )
    with open_kernel(path) as kernel:
        for inbox, address in ((INBOX, "mara@out.example.com"), (SECOND, "noah@out.example.com")):
            kernel.handle(RegisterInbox(address, inbox_id=inbox))
            kernel.handle(VerifyInbox(inbox))
        kernel.handle(
            CreateCampaign(
                "Under way", campaign_id=LONG, timezone="Europe/Berlin", daily_limit_per_inbox=10, start_date=MONDAY
            )
        )
        kernel.handle(UploadLeads(LONG, f"email\n{rows}".encode()))
        kernel.handle(UpdateCampaign(LONG, inbox_ids=(INBOX,), variants=VARIANTS, sequences=(reminder,), launch=True))
        kernel.handle(SuppressAddress("lead7@leads.example.com"))
    return path.read_bytes()


@pytest.fixture
def planned(_planned: bytes, tmp_path: Path) -> Path:
    """`campaigns.db` in the folder of the test, with a campaign whose mails are known."""
    (tmp_path / "campaigns.db").write_bytes(_planned)
    return tmp_path / "campaigns.db"


def test_a_forecast_as_data_tells_each_day(terminal: Terminal, planned: Path) -> None:
    """Mails by step and inbox for every day of the campaign's zone on which any go; who is never reached, and why."""
    document = terminal.asked("forecast", LONG)
    assert document["campaign_id"] == str(LONG)
    assert (document["supposed"], "difference" in document) == (None, False)
    told = document["forecast"]
    assert (told["mails"], told["left"], told["timezone"]) == (118, 0, "Europe/Berlin")
    assert told["days"][0] == {"date": iso(0), "mails": 10, "by_step": {"1": 10}, "by_inbox": {str(INBOX): 10}}
    assert sum(each["mails"] for each in told["days"]) == 118
    assert {name for each in told["days"] for name in each["by_step"]} == {"1", "2"}
    assert told["unreachable"]["suppressed"]["leads"] == 1
    assert told["finishes_at"].startswith(told["days"][-1]["date"])


def test_a_forecast_to_read_has_days_a_plot_and_an_end(
    terminal: Terminal, planned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On eighty columns: no line is longer, a weekend is one line, the longest bars are the fullest days."""
    monkeypatch.setenv("COLUMNS", "80")
    said = terminal.type("forecast", LONG)
    lines = said.out.splitlines()
    assert (said.code, max(map(len, lines))) == (0, 79)
    assert "118 mails on 12 days (step 1: 59, step 2: 59)" in said.out
    assert f"Last mail  {day(21)}" in said.out
    assert "(Europe/Berlin)" in said.out
    assert "Never reached: 1 lead, suppressed (lead7@leads.example.com)." in said.out
    first = next(line for line in lines if line.startswith(day(0)))
    assert first.split()[2:4] == ["10", "10"]
    assert [line.strip() for line in lines if "none" in line] == ["2 days none", "6 days none", "2 days none"]
    assert len(first) == max(len(line) for line in lines if line.endswith("#"))


def test_only_as_many_days_are_told_as_asked_for(terminal: Terminal, planned: Path) -> None:
    said = terminal.type("forecast", LONG, "--days", "2")
    assert day(1) in said.out
    assert day(2) not in said.out
    assert f"And 10 more days until {day(21)}, with 98 mails" in said.out
    assert len(terminal.asked("forecast", LONG, "--days", "2")["forecast"]["days"]) == 2


def test_what_is_supposed_stands_beside_what_is(terminal: Terminal, planned: Path) -> None:
    """Both forecasts, and by how much they differ; nothing is changed."""
    options = [
        "--set",
        "daily-limit-per-inbox=20",
        "--set",
        "sending_days=mon-sun",
        "--add-inbox",
        "Noah@out.example.com",
    ]
    before = terminal.asked("show", LONG)
    document = terminal.asked("forecast", LONG, *options)
    assert document["forecast"] == terminal.asked("forecast", LONG)["forecast"]
    assert document["supposed"]["days"][0]["by_inbox"] == {str(INBOX): 20, str(SECOND): 20}
    assert document["difference"]["mails"] == 0
    assert document["difference"]["days_later"] == -6
    assert document["difference"]["mails_per_day"] > 0
    assert terminal.asked("show", LONG) == before
    said = terminal.type("forecast", LONG, *options)
    first = next(line for line in said.out.splitlines() if line.startswith(day(0)))
    assert first.split()[2:5] == ["10", "40", "+30"]
    assert "#|#" in first
    assert "ends 6 days earlier; 29.5 mails a day instead of 9.8" in " ".join(said.out.split())


def test_a_pause_is_read_in_the_zone_of_the_campaign(terminal: Terminal, planned: Path) -> None:
    """Unless it has an offset of its own."""
    for given in (f"{iso(1)}T12:00", f"{iso(1)}T12:00+01:00"):
        supposed = terminal.asked("forecast", LONG, "--pause-until", given)["supposed"]
        assert (supposed["days"][0]["date"], supposed["days"][0]["mails"]) == (iso(1), 10)
    early = terminal.asked("forecast", LONG, "--pause-until", f"{iso(0)}T08:00")
    assert early["difference"] == {"mails": 0, "days_later": 0, "mails_per_day": 0.0}
    assert "ends on the same day" in terminal.type("forecast", LONG, "--pause-until", f"{iso(0)}T08:00").out


def test_answers_can_be_assumed(terminal: Terminal, planned: Path) -> None:
    """As a number or in percent; who answers gets no follow-up."""
    told = terminal.asked("forecast", LONG, "--reply-rate", "0.5", "--bounce-rate", "10%")
    assert told["assumed"] == {"open_rate": 0.0, "reply_rate": 0.5, "bounce_rate": 0.1}
    assert 59 < told["forecast"]["mails"] < 118
    assert "Assumed of each mail: reply 100 %." in terminal.type("forecast", LONG, "--reply-rate", "100%").out


def test_a_draft_is_supposed_to_be_started(terminal: Terminal, furnished: Path) -> None:
    assert terminal.asked("forecast", DRAFT)["forecast"]["mails"] == 2
    assert terminal.asked("show", DRAFT)["status"] == "DRAFT"


def test_a_campaign_that_sends_nothing_says_so(terminal: Terminal, furnished: Path) -> None:
    """What it lacks, as a launch would say it."""
    said = terminal.type("forecast", EMPTY)
    assert (said.code, said.out) == (7, "")
    assert "it still needs: leads, an assigned inbox, e-mail content" in said.err


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        pytest.param(["--set", "daily_limit_per_inbox"], 2, "a name and a value", id="no value"),
        pytest.param(["--set", "speed=9"], 2, "there is no setting 'speed'", id="no such setting"),
        pytest.param(["--set", "tracking=perhaps"], 2, "--set tracking: it must be on or off", id="no switch"),
        pytest.param(["--set", "ramp-up=on", "--set", "ramp_up_enabled=off"], 2, "given twice", id="twice"),
        pytest.param(["--set", "sending_days=mon-xyz"], 2, "--set sending_days: it must be days", id="no days"),
        pytest.param(["--set", "daily_limit_per_inbox=0"], 3, "daily_limit_per_inbox", id="a limit of 0"),
        pytest.param(["--add-inbox", "nobody@out.example.com"], 4, "no inbox nobody@out", id="an unknown address"),
        pytest.param(["--add-inbox", "12345678"], 4, "no inbox 12345678", id="an unknown id"),
        pytest.param(["--add-inbox", "a b@c"], 3, "is no e-mail address", id="no address"),
        pytest.param(["--pause-until", "soon"], 2, "must be a date and time", id="no instant"),
        pytest.param(["--pause-until", "0001-01-01T00:00+02:00"], 2, "too far away", id="too early"),
        pytest.param(["--reply-rate", "2"], 2, "must be a share", id="more than all"),
        pytest.param(["--reply-rate", "nan"], 2, "must be a share", id="no number"),
        pytest.param(["--reply-rate", "0.6", "--bounce-rate", "0.6"], 2, "no more than all mails", id="too many"),
        pytest.param(["--days", "0"], 2, "--days", id="no days told"),
    ],
)
def test_what_cannot_be_supposed_is_one_sentence(
    terminal: Terminal, furnished: Path, options: list[str], code: int, sentence: str
) -> None:
    said = terminal.type("forecast", ACTIVE, *options)
    assert (said.code, said.out) == (code, "")
    assert sentence in said.err
    assert said.err.count("\n") == 1


def test_a_campaign_there_is_not_and_one_that_is_over_have_no_forecast(terminal: Terminal, furnished: Path) -> None:
    assert terminal.type("forecast", "99999999").code == 4
    assert terminal.type("forecast", UUID(int=9)).code == 4
    terminal.type("pause", ACTIVE)
    terminal.type("archive", ACTIVE)
    assert terminal.type("forecast", ACTIVE).code == 5


def test_asking_leaves_the_database_as_it_was(
    terminal: Terminal, furnished: Path, contents: Callable[[Path], str]
) -> None:
    """Byte for byte what it holds."""
    before = contents(furnished)
    terminal.asked("forecast", ACTIVE)
    terminal.asked("forecast", DRAFT, "--set", "timezone=Asia/Tokyo", "--add-inbox", INBOX)
    assert contents(furnished) == before
