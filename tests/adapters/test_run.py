"""`campaign run`: what it sends and tells, how it ends, and that nothing is sent twice whoever stops it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from email import message_from_bytes
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from campaign_core import (
    CreateCampaign,
    LeadStatus,
    RegisterInbox,
    UpdateCampaign,
    UploadLeads,
    VerifyInbox,
    open_kernel,
)
from campaign_core.kernel.worker import Ending, VirtualClock, Worker
from campaign_core.lead.events import Accepted
from campaign_core.sending.transport import Answer, InboxRefused, Outgoing
from tests.adapters.given import ACTIVE, INBOX, SENT, VARIANTS, Terminal
from tests.adapters.test_progress import in_terminal
from tests.transports.servers import Post, dkim_key, serving

PROGRAM = str(Path(sys.executable).with_name("campaign"))
VIRTUAL = ("run", "--transport", "maildir:mails", "--clock", "virtual", "--until-complete")
STUCK = 17


def mails() -> list[bytes]:
    """Every mail in the Maildir `mails`."""
    return [path.read_bytes() for path in Path("mails", "new").iterdir()]


def message_ids() -> Counter[str]:
    return Counter(str(message_from_bytes(wire)["Message-ID"]) for wire in mails())


def campaign_with(leads: int, inboxes: int = 1, **settings: Any) -> str:
    """Launches a campaign in `campaigns.db`, open at every hour of every day; answers its id."""
    rows = "".join(f"p{number}@acme.example.com\n" for number in range(leads))
    with open_kernel("campaigns.db") as kernel:
        campaign = kernel.handle(
            CreateCampaign(
                "At all hours",
                sending_days=tuple(range(1, 8)),
                sending_window_start=0,
                sending_window_end=24,
                **settings,
            )
        ).id
        kernel.handle(UploadLeads(campaign, f"email\n{rows}".encode()))
        senders = [kernel.handle(RegisterInbox(f"s{number}@out.example.com")).id for number in range(inboxes)]
        for sender in senders:
            kernel.handle(VerifyInbox(sender))
        outcome = kernel.handle(UpdateCampaign(campaign, inbox_ids=tuple(senders), variants=VARIANTS, launch=True))
        assert outcome.status == "ACTIVE", outcome
    return str(campaign)


def test_a_virtual_run_sends_everything_and_says_so(terminal: Terminal, furnished: Path) -> None:
    """One mail a lead, gaps of minutes between them by its own clock, and a line for the campaign."""
    told = terminal.asked(*VIRTUAL, "--worker", "north-1", "--start", "2030-01-07T15:00")
    assert (told["worker"], told["ending"], told["mails"]["sent"], told["unknown_outcomes"]) == (
        "north-1",
        "complete",
        2,
        0,
    )
    assert told["began_at"] == "2030-01-07T15:00:00.000000Z"
    assert sum(told["mails"].values()) == 2
    (campaign,) = told["campaigns"]
    assert (campaign["campaign_id"], campaign["status"], campaign["sent"]) == (str(ACTIVE), "COMPLETED", 2)
    first, second = sorted(str(message_from_bytes(wire)["Date"]) for wire in mails())
    assert first == "Mon, 07 Jan 2030 15:00:00 +0000"
    assert second in [
        f"Mon, 07 Jan 2030 15:0{minute}:{second:02} +0000" for minute in (3, 4, 5) for second in range(60)
    ]
    assert [lead["status"] for lead in terminal.asked("leads", "list", ACTIVE)["leads"]] == [LeadStatus.SENT] * 2


def test_a_run_with_nothing_to_do_ends_at_once(terminal: Terminal) -> None:
    """In an empty database nothing is ACTIVE."""
    said = terminal.type(*VIRTUAL, "--start", "2030-01-07T15:00", "--worker", "w")
    assert said.code == 0
    assert said.out == (
        "w sent 0 mails between 2030-01-07 15:00:00 and 2030-01-07 15:00:00 UTC.\nNo campaign is ACTIVE any more.\n"
    )


def test_the_text_tells_mails_campaigns_and_the_end(terminal: Terminal, furnished: Path) -> None:
    said = terminal.type(*VIRTUAL, "--worker", "w")
    assert said.code == 0
    assert said.out.startswith("w sent 2 mails between ")
    assert "  cccccccc Under way: 2 mails; the campaign is COMPLETED.\n" in said.out
    assert said.out.endswith("No campaign is ACTIVE any more.\n")


def test_only_the_chosen_workspace_is_worked_on(terminal: Terminal, furnished: Path) -> None:
    terminal.asked("workspaces", "create", "europe")
    assert terminal.asked(*VIRTUAL, "--workspace", "europe")["mails"]["sent"] == 0
    assert mails() == []


def test_a_run_that_cannot_go_on_says_why_and_has_a_code_of_its_own(terminal: Terminal, under_way: Path) -> None:
    """One mail's outcome is unknown, so its lead never ends; the other gets its follow-up."""
    said = terminal.type(*VIRTUAL)
    assert said.code == STUCK
    assert "Nobody knows whether 1 mail went; `campaign unknowns` lists them.\n" in said.out
    assert said.out.endswith("Campaigns are ACTIVE, and nothing will happen to them without somebody's action.\n")
    assert len(mails()) == 1
    told = terminal.asked(*VIRTUAL, code=STUCK)
    assert (told["ending"], told["unknown_outcomes"], told["mails"]["sent"]) == ("stuck", 1, 0)


def test_what_is_said_not_to_have_gone_is_sent_once(terminal: Terminal, under_way: Path) -> None:
    """From `unknowns` over `resolve --not-sent` to the Maildir, and the campaign is complete."""
    (unknown,) = terminal.asked("unknowns", str(SENT)[:8])["unknowns"]
    assert (unknown["email"], unknown["step_number"], unknown["inbox"]) == (
        "bo@acme.example.com", 1, "mara@out.example.com"
    )  # fmt: skip
    assert unknown["claimed_at"] < unknown["unknown_since"]
    expected = terminal.asked("sent", SENT, "bo@acme.example.com")
    assert (expected["is_sure"], expected["inbox_id"]) == (False, str(INBOX))
    resolved = terminal.asked("resolve", SENT, unknown["lead_id"], "--not-sent")
    assert (resolved["events"], resolved["status"]) == (["lead.resolved"], "PENDING")
    assert terminal.asked("unknowns")["unknowns"] == []
    assert terminal.asked(*VIRTUAL)["mails"]["sent"] == 3
    assert message_ids()[expected["message_id"]] == 1
    assert set(message_ids().values()) == {1}


def test_what_is_said_to_have_gone_is_not_sent_again(terminal: Terminal, under_way: Path) -> None:
    expected = terminal.asked("sent", SENT, "bo@acme.example.com")["message_id"]
    assert terminal.asked("resolve", SENT, "bo@acme.example.com", "--sent")["status"] == "SENT"
    assert terminal.asked(*VIRTUAL)["mails"]["sent"] == 2
    assert expected not in message_ids()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_run_that_is_stopped_and_one_after_it_send_everything_once(terminal: Terminal, stop: signal.Signals) -> None:
    """The first ends well in the middle, leaves no claim open, and says how much it sent; the second sends the rest."""
    campaign = campaign_with(150, inboxes=4)
    with subprocess.Popen([PROGRAM, *VIRTUAL, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        patience = time.monotonic() + 60
        while not (Path("mails/new").is_dir() and len(mails()) >= 10) and time.monotonic() < patience:
            time.sleep(0.02)
        process.send_signal(stop)
        out, err = process.communicate(timeout=60)
    first = json.loads(out)
    assert (process.returncode, err, first["ending"]) == (0, b"", "stopped")
    assert first["mails"]["sent"] == len(mails())
    assert 10 <= len(mails()) < 150
    assert [lead["status"] for lead in leads_of(terminal, campaign)].count("QUEUED") == 0
    second = terminal.asked(*VIRTUAL)
    assert (second["ending"], second["unknown_outcomes"]) == ("complete", 0)
    assert first["mails"]["sent"] + second["mails"]["sent"] == 150 == len(message_ids())
    assert set(message_ids().values()) == {1}


def leads_of(terminal: Terminal, campaign: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = terminal.asked("leads", "list", campaign, "--limit", "1000")["leads"]
    return listed


def test_a_worker_with_nothing_to_do_waits_and_stops_within_a_moment(terminal: Terminal) -> None:
    """By the machine's clock, without --until-complete: SIGTERM ends its sleep."""
    terminal.asked("create", "Spring launch")
    words = [PROGRAM, "run", "--transport", "maildir:mails"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        patience = time.monotonic() + 60
        while not Path("mails/new").is_dir() and time.monotonic() < patience:
            time.sleep(0.02)
        time.sleep(0.5)
        assert process.poll() is None
        process.terminate()
        out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    assert out.endswith("It was told to stop; another run goes on where it ended.\n")


def test_how_far_it_is_stands_in_the_terminal(furnished: Path) -> None:
    """Mails sent, by campaign, and when there is more; the end is on stdout."""
    ended = in_terminal(*VIRTUAL)
    assert ended.code == 0
    assert "sent" in ended.drawn
    assert ended.out.endswith("No campaign is ACTIVE any more.\n")
    quiet = in_terminal(*VIRTUAL, "--json")
    assert (quiet.code, quiet.drawn) == (0, "")


def test_mail_goes_over_smtp_signed_and_the_log_has_the_digest_of_what_went(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From `inboxes smtp` to the server: login, DKIM, and one mail of each inbox."""
    monkeypatch.setenv("CAMPAIGN_SECRET_KEY", "5" * 64)
    monkeypatch.setenv("CAMPAIGN_SMTP_PASSWORD", "open sesame")
    campaign = campaign_with(2, inboxes=2)
    Path("dkim.pem").write_text(dkim_key()[0], encoding="ascii")
    signing = ("--dkim-selector", "s1", "--dkim-domain", "out.example.com", "--dkim-key-file", "dkim.pem")
    with serving(Post(accounts={"mara": "open sesame"})) as post:
        server = ("--host", "127.0.0.1", "--port", str(post.port), "--security", "none", "--user", "mara")
        for inbox in terminal.asked("inboxes", "list")["inboxes"]:
            terminal.asked("inboxes", "smtp", inbox["inbox_id"], *server, *signing)
        told = terminal.asked("run", "--until-complete")
    assert (told["ending"], told["mails"]["sent"]) == ("complete", 2)
    assert sorted(mail.to[0] for mail in post.mails) == ["p0@acme.example.com", "p1@acme.example.com"]
    assert all(mail.authenticated and mail.wire.startswith(b"DKIM-Signature:") for mail in post.mails)
    with open_kernel("campaigns.db") as kernel:
        digests = {each.event.wire_digest for each in kernel.subscribe() if isinstance(each.event, Accepted)}
    assert digests == {sha256(mail.wire).hexdigest() for mail in post.mails}
    for mail in post.mails:
        own = terminal.asked("sent", campaign, mail.to[0])["message"].encode()
        assert mail.wire.endswith(own)


def test_silence_behind_the_dot_leaves_the_outcome_unknown(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lease runs out, and the mail waits for somebody's word instead of going again."""
    monkeypatch.setenv("CAMPAIGN_SECRET_KEY", "5" * 64)
    campaign_with(1)
    with serving(Post(drops={"END"})) as post:
        (inbox,) = terminal.asked("inboxes", "list")["inboxes"]
        server = ("--host", "127.0.0.1", "--port", str(post.port), "--security", "none")
        terminal.asked("inboxes", "smtp", inbox["inbox_id"], *server)
        told = terminal.asked("run", "--until-complete", "--lease", "1", code=STUCK)
    assert (told["mails"]["unknown"], told["unknown_outcomes"], post.commands.count("END")) == (1, 1, 1)
    assert terminal.asked("inboxes", "list")["inboxes"][0]["sent_today"] == 1


def test_an_inbox_without_settings_is_paused_and_its_mails_stay(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No lead is to blame; the campaign pauses because no inbox of it can send."""
    monkeypatch.setenv("CAMPAIGN_SECRET_KEY", "5" * 64)
    campaign = campaign_with(1)
    said = terminal.type("run", "--until-complete")
    assert said.code == 0
    assert "1 mail given back because their inbox was refused, which is paused now.\n" in said.out
    assert "the campaign is PAUSED." in said.out
    assert [lead["status"] for lead in leads_of(terminal, campaign)] == ["PENDING"]
    assert terminal.asked("inboxes", "list")["inboxes"][0]["status"] == "PAUSED"


class _Refusing:
    """Lets no inbox in."""

    def send(self, inbox_id: UUID, outgoing: Outgoing) -> Answer:
        return InboxRefused(535, "no")

    def close(self) -> None:
        """Nothing is held open."""


def test_a_worker_whose_inbox_was_refused_looks_again_at_once() -> None:
    """No time passes between the refusal and the pause of the campaign that has no other inbox."""
    campaign_with(2)
    clock = VirtualClock(datetime(2030, 1, 7, 15, tzinfo=UTC))
    with open_kernel("campaigns.db", clock=clock.now) as kernel:
        ending = Worker(kernel, _Refusing(), name="w", clock=clock).run(until_complete=True)
    assert (ending, clock.now()) == (Ending.COMPLETE, datetime(2030, 1, 7, 15, tzinfo=UTC))


@pytest.mark.parametrize("how", ["option", "environment"])
def test_with_a_public_url_mails_lead_there(
    terminal: Terminal, furnished: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """And what `sent` prints afterwards is what lies in the Maildir, links and all."""
    url = "https://mail.acme.example/"
    monkeypatch.setenv("CAMPAIGN_PUBLIC_URL", url if how == "environment" else "")
    terminal.asked(*VIRTUAL, *(["--public-url", url] if how == "option" else []))
    wires = mails()
    for wire in wires:
        ways = str(message_from_bytes(wire)["List-Unsubscribe"])
        assert ways.startswith("<https://mail.acme.example/t/u/")
        assert message_from_bytes(wire)["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    receivers = [str(message_from_bytes(wire)["To"]) for wire in wires]
    printed = [terminal.type("sent", ACTIVE, each).out for each in receivers]
    assert printed == [wire.decode() for wire in wires]
