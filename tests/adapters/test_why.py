"""`campaign why`: every rule with a mark, its sentence and its numbers; when it goes, in the campaign's zone; now or then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from campaign_core import (
    CreateCampaign,
    PauseInbox,
    RegisterInbox,
    SuppressAddress,
    UpdateCampaign,
    UploadLeads,
    VerifyInbox,
    open_kernel,
)
from campaign_core.lead.identity import lead_id_of
from tests.adapters.given import ACTIVE, DRAFT, INBOX, LEADS, PENDING, VARIANTS, Terminal

#: Two leads in Berlin, from a Monday two or three weeks ahead on; of two inboxes one is paused.
LATER = UUID("eeeeeeee-0000-4000-8000-000000000004")
SECOND = UUID("ffffffff-0000-4000-8000-000000000002")
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
MONDAY = TODAY + timedelta(days=21 - TODAY.weekday())
OPENS = MONDAY.replace(hour=9, tzinfo=ZoneInfo("Europe/Berlin"))
#: An instant in the past, at which it was made.
MADE = datetime(2020, 1, 6, 7, tzinfo=UTC)


@pytest.fixture
def planned() -> None:
    """`campaigns.db` in the folder of the test: made in 2020, launched at once, one inbox paused a day later."""
    now = MADE
    with open_kernel("campaigns.db", clock=lambda: now) as kernel:
        for inbox, address in ((INBOX, "mara@out.example.com"), (SECOND, "noah@out.example.com")):
            kernel.handle(RegisterInbox(address, inbox_id=inbox))
            kernel.handle(VerifyInbox(inbox))
        made = CreateCampaign("Spring launch", campaign_id=LATER, timezone="Europe/Berlin", daily_limit_per_inbox=5)
        kernel.handle(made)
        kernel.handle(UploadLeads(LATER, LEADS))
        now += timedelta(hours=2)
        kernel.handle(UpdateCampaign(LATER, inbox_ids=(INBOX, SECOND), variants=VARIANTS, launch=True))
        now += timedelta(days=1)
        kernel.handle(PauseInbox(SECOND))


@pytest.mark.usefixtures("planned")
def test_people_read_every_rule_and_when_it_goes(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under headings for its inboxes, on eighty columns, in the campaign's zone."""
    monkeypatch.setenv("COLUMNS", "80")
    said = terminal.type("why", LATER, "--at", "2020-01-07T17:30")
    assert (said.code, said.err) == (0, "")
    assert (
        said.out
        == """\
Spring launch
As it stood at Tue 2020-01-07 17:30:00 in Europe/Berlin.

  yes  status                The campaign runs.
  yes  start_date            The start date of the campaign has come.
   NO  window                It is outside the campaign's days and hours.
                             Mon-Fri 09:00-17:00 Europe/Berlin. Until Wed
                             2020-01-08 09:00:00.
  yes  nothing_due           The campaign has something to send. (never
                             contacted 2)

Inbox mara@out.example.com
  yes  inbox_can_send        The inbox is ACTIVE.
  yes  inbox_daily_limit     The inbox has taken 0 of 100 mails of this day
                             (UTC).
  yes  inbox_gap             The inbox does not have to rest.
  yes  campaign_daily_limit  The inbox has taken 0 of 5 mails of the campaign
                             today.

Inbox noah@out.example.com
   NO  inbox_can_send        The inbox is PAUSED; only an ACTIVE one sends.
  yes  campaign_daily_limit  The inbox has taken 0 of 5 mails of the campaign
                             today.

Goes at Wed 2020-01-08 09:00:00 in Europe/Berlin if nobody acts.
Held back by: window.
"""
    )


@pytest.mark.usefixtures("planned")
@pytest.mark.parametrize(
    ("at", "ends"),
    [
        pytest.param("2020-01-07T10:00", ["Goes at Tue 2020-01-07 10:00:00 in Europe/Berlin: now."], id="now"),
        pytest.param(
            "2020-01-06T08:30",
            ["Goes at no time unless somebody acts.", "Held back by: status, window, inbox_can_send."],
            id="a draft",
        ),
        pytest.param(
            "2020-01-06T18:00+01:00",
            ["Goes at Tue 2020-01-07 09:00:00 in Europe/Berlin if nobody acts.", "Held back by: window."],
            id="with an offset",
        ),
    ],
)
def test_it_tells_when_it_goes_and_what_holds_it_back(terminal: Terminal, at: str, ends: list[str]) -> None:
    """Now, later, or at no time; instants without an offset are those of the campaign's zone."""
    lines = terminal.type("why", LATER, "--at", at).out.splitlines()
    assert lines[-len(ends) :] == ends


@pytest.mark.usefixtures("planned")
def test_a_lead_is_named_by_address_or_id(terminal: Terminal) -> None:
    """Its own rules come first, then its turn."""
    by_address = terminal.asked("why", LATER, "Bo@acme.example.com", "--at", "2020-01-07T17:30")
    by_id = terminal.asked("why", LATER, lead_id_of(LATER, 2), "--at", "2020-01-07T17:30")
    assert by_address == by_id
    assert by_id["lead_id"] == str(lead_id_of(LATER, 2))
    assert [each["rule"] for each in by_id["reasons"]][:5] == ["status", "walk", "suppressed", "unfit", "turn"]
    said = terminal.type("why", LATER, "bo@acme.example.com", "--at", "2020-01-07T17:30").out
    assert said.startswith("Spring launch, lead bo@acme.example.com\n")
    assert "NO  turn                  1 mail of the campaign goes before it. Until Wed 2020-01-08 09:0" in said


@pytest.mark.usefixtures("planned")
def test_a_script_reads_the_same(terminal: Terminal) -> None:
    """Instants in UTC, numbers as numbers, and which rules hold it back."""
    told = terminal.asked("why", LATER, "--at", "2020-01-07T17:30")
    assert {name: told[name] for name in ("campaign_id", "lead_id", "inbox_id", "timezone", "at", "goes_at")} == {
        "campaign_id": str(LATER),
        "lead_id": None,
        "inbox_id": None,
        "timezone": "Europe/Berlin",
        "at": "2020-01-07T16:30:00.000000Z",
        "goes_at": "2020-01-08T08:00:00.000000Z",
    }
    stops = {(each["rule"], each["inbox_id"]): each for each in told["reasons"] if not each["allows"]}
    assert set(stops) == {("window", None), ("inbox_can_send", str(SECOND))}
    assert stops["window", None] == {
        "rule": "window",
        "allows": False,
        "holds_back": True,
        "sentence": "It is outside the campaign's days and hours.",
        "numbers": {
            "timezone": "Europe/Berlin", "sending_days": [1, 2, 3, 4, 5], "start_minute": 540, "end_minute": 1020
        },
        "campaign_id": str(LATER),
        "inbox_id": None,
        "frees_at": "2020-01-08T08:00:00.000000Z",
    }  # fmt: skip
    assert not stops["inbox_can_send", str(SECOND)]["holds_back"]


@pytest.mark.usefixtures("planned")
def test_an_inbox_is_named_by_address_or_id(terminal: Terminal) -> None:
    """Its own rules, then those of each campaign it sends for; instants are in UTC."""
    by_address = terminal.asked("why", "--inbox", "Mara@out.example.com", "--at", "2020-01-07T16:30")
    assert by_address == terminal.asked("why", "--inbox", INBOX, "--at", "2020-01-07T16:30Z")
    assert by_address["inbox_id"] == str(INBOX)
    assert by_address["goes_at"] == "2020-01-08T08:00:00.000000Z"
    said = terminal.type("why", "--inbox", str(SECOND)[:8], "--at", "2020-01-08").out
    assert said.splitlines()[:4] == [
        "Inbox noah@out.example.com",
        "As it stood at Wed 2020-01-08 00:00:00 UTC.",
        "",
        "   NO  inbox_can_send        The inbox is PAUSED; only an ACTIVE one sends.",
    ]
    assert "\nCampaign Spring launch (eeeeeeee)\n" in said
    assert said.splitlines()[-2:] == ["Goes at no time unless somebody acts.", "Held back by: window, inbox_can_send."]


def test_now_is_asked_where_no_instant_is_given(terminal: Terminal, furnished: Path) -> None:
    """The campaign runs from a date on; its lead is suppressed meanwhile."""
    with open_kernel(furnished) as kernel:
        kernel.handle(UpdateCampaign(DRAFT, timezone="Europe/Berlin", start_date=OPENS))
        kernel.handle(UpdateCampaign(DRAFT, launch=True))
    told = terminal.asked("why", DRAFT)
    assert datetime.fromisoformat(told["goes_at"]) == OPENS
    assert "start_date" in [each["rule"] for each in told["reasons"] if each["holds_back"]]
    said = terminal.type("why", DRAFT).out
    assert "\nAsked at " in said
    assert f"Until {OPENS:%a %Y-%m-%d} 09:00:00." in said
    with open_kernel(furnished) as kernel:
        kernel.handle(SuppressAddress("ada@acme.example.com"))
    said = terminal.type("why", DRAFT, "ada@acme.example.com").out
    assert "Nobody in the workspace writes to its address any more (requested)." in said
    assert said.endswith("Goes at no time unless somebody acts.\nHeld back by: suppressed.\n")


def test_an_inbox_that_another_campaign_takes_names_that_campaign(terminal: Terminal) -> None:
    """Of two campaigns that could send now through one inbox, one waits for the other."""
    now = datetime(2020, 1, 6, 9, tzinfo=UTC)
    other = UUID("99999999-0000-4000-8000-000000000009")
    with open_kernel("other.db", clock=lambda: now) as kernel:
        kernel.handle(RegisterInbox("mara@out.example.com", inbox_id=INBOX))
        kernel.handle(VerifyInbox(INBOX))
        for campaign, name in ((LATER, "Spring launch"), (other, "Autumn launch")):
            kernel.handle(CreateCampaign(name, campaign_id=campaign, timezone="UTC"))
            kernel.handle(UploadLeads(campaign, LEADS))
            kernel.handle(UpdateCampaign(campaign, inbox_ids=(INBOX,), variants=VARIANTS, launch=True))
    said = terminal.type("why", LATER, "--at", "2020-01-06T09:00", "--db", "other.db").out
    assert "Another campaign's mail goes through the inbox now. (Autumn launch) Until Mon 2020-01-06 09:0" in said
    told = terminal.asked("why", LATER, "--at", "2020-01-06T09:00", "--db", "other.db")
    assert told["reasons"][-1]["numbers"] == {"campaign_id": str(other)}


def test_asking_changes_nothing(terminal: Terminal, furnished: Path, contents: Callable[[Path], str]) -> None:
    """Not even about the past."""
    before = contents(furnished)
    now = datetime.now(UTC).isoformat()
    for asked in (("why", ACTIVE), ("why", "--inbox", PENDING), ("why", ACTIVE, "--at", now)):
        assert terminal.type(*asked).code == 0
    assert contents(furnished) == before
