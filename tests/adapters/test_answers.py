"""What came back, suppression, and a lead's way, through the program; and the SMTP settings of an inbox."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from campaign_adapters.cli.smtp_secrets import secrets_of
from campaign_core import open_kernel
from tests.adapters.given import ACTIVE, DRAFT, INBOX, SENT, Terminal
from tests.transports.servers import dkim_key

PROGRAM = str(Path(sys.executable).with_name("campaign"))
ADA, BO = "ada@acme.example.com", "bo@acme.example.com"
KEY = "7" * 64
NO, MISUSE = 18, 15


@pytest.mark.parametrize(
    ("words", "events", "status"),
    [
        (["opened"], ["opened"], "OPENED"),
        (["opened", "--machine"], ["opened"], "SENT"),
        (["clicked", "--link", "3"], ["clicked"], "SENT"),
        (["clicked", "--machine"], ["clicked"], "SENT"),
        (["replied"], ["replied", "stopped"], "REPLIED"),
        (["replied", "--machine"], ["replied"], "SENT"),
        (["bounced"], ["bounced", "stopped"], "BOUNCED"),
        (["bounced", "--soft"], ["bounced"], "SENT"),
        (["complained"], ["complained", "stopped"], "UNSUBSCRIBED"),
        (["unsubscribed"], ["unsubscribed", "stopped"], "UNSUBSCRIBED"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else str(value),
)
def test_what_came_back_is_recorded(
    terminal: Terminal, under_way: Path, words: list[str], events: list[str], status: str
) -> None:
    """With its instant, which is in UTC where it says nothing else; a suppressing answer shows in the list."""
    command, *options = words
    answer = terminal.asked("leads", command, SENT, ADA, "--at", "2030-01-08T10:00", *options)
    assert (answer["events"], answer["status"]) == ([f"lead.{each}" for each in events], status)
    shown = terminal.asked("leads", "show", SENT, answer["lead_id"])
    (event,) = [each for each in shown["events"] if each["name"] == f"lead.{command}"]
    assert event["occurred_at"] == "2030-01-08T10:00:00.000000Z"
    assert shown["status"] == status
    suppresses = "stopped" in events and command != "replied"
    assert terminal.type("suppressed", ADA).code == (0 if suppresses else NO)


def test_the_place_of_a_link_is_kept(terminal: Terminal, under_way: Path) -> None:
    terminal.asked("leads", "clicked", SENT, ADA, "--link", "3")
    assert terminal.asked("leads", "show", SENT, ADA)["events"][-1]["payload"]["link"] == 3


def test_an_answer_repeated_under_its_id_is_recorded_once(terminal: Terminal, under_way: Path) -> None:
    words = ("leads", "replied", SENT, ADA, "--command-id", "mail-77")
    first = terminal.asked(*words)
    before = terminal.asked("verify")["events"]
    assert terminal.asked(*words) == first
    assert terminal.asked("verify")["events"] == before


def test_a_lead_is_shown_with_its_way(terminal: Terminal, under_way: Path) -> None:
    """Status, mails, inbox, values; then what happened, in words."""
    terminal.type("leads", "opened", SENT, ADA, "--at", "2030-01-08T10:00Z")
    said = terminal.type("leads", "show", SENT, ADA)
    assert said.code == 0
    for words in (
        "Status      OPENED\n",
        "Mails       1, the last 2030-01-07 15:00:00 UTC\n",
        "Inbox       mara@out.example.com\n",
        "Opened      2030-01-08 10:00:00 UTC\n",
        "company     Acme\n",
        "step 1, variant A, from mara@out.example.com\n",
        "the server took it\n",
        "by a person\n",
    ):
        assert words in said.out
    assert "nobody knows whether it went\n" in terminal.type("leads", "show", SENT, BO).out
    assert "Mails       none yet\n" in terminal.type("leads", "show", DRAFT, ADA).out


def test_the_list_of_leads_tells_mails_and_answers_where_there_are_some(terminal: Terminal, under_way: Path) -> None:
    terminal.type("leads", "replied", SENT, ADA, "--at", "2030-01-08T10:00Z")
    head, _, ada, *_ = terminal.type("leads", "list", SENT).out.splitlines()
    assert head.split()[:9] == ["No.", "E-mail", "Status", "Mails", "Last", "(UTC)", "Replied", "(UTC)", "first_name"]
    assert ada.split()[2:8] == ["REPLIED", "1", "2030-01-07", "15:00", "2030-01-08", "10:00"]
    assert terminal.type("leads", "list", DRAFT).out.splitlines()[0].split()[3] == "first_name"


def test_a_mail_is_printed_as_it_went(terminal: Terminal, under_way: Path) -> None:
    """Its bytes alone are on stdout, CRLF included, and their digest is the one in the log."""
    printed = subprocess.run([PROGRAM, "sent", str(SENT), ADA], capture_output=True, check=True).stdout
    assert printed.startswith(b"From: mara@out.example.com\r\n")
    document = terminal.asked("sent", SENT, ADA, "--step", "1")
    assert (document["step_number"], document["variant_name"], document["is_sure"]) == (1, "A", True)
    assert document["message"].encode() == printed
    (accepted,) = [
        each for each in terminal.asked("leads", "show", SENT, ADA)["events"] if each["name"] == "lead.accepted"
    ]
    assert document["sha256"] == sha256(printed).hexdigest() == accepted["payload"]["wire_digest"]


def test_a_step_that_did_not_go_is_no_mail(terminal: Terminal, under_way: Path) -> None:
    said = terminal.type("sent", SENT, ADA, "--step", "2")
    assert (said.code, said.out) == (3, "")
    assert said.err == "Error: --step: no mail of step 2 went to the lead; the steps that did: 1.\n"


def test_mails_of_unknown_outcome_are_listed(terminal: Terminal, under_way: Path) -> None:
    """With lead, step, inbox, and since when; a campaign that has none has none."""
    head, _, line = terminal.type("unknowns").out.splitlines()
    assert head.split() == ["Campaign", "Lead", "Step", "Inbox", "Claimed", "(UTC)", "Unknown", "since", "(UTC)"]
    assert line.split()[:4] == ["eeeeeeee", BO, "1", "mara@out.example.com"]
    assert line.split()[4] == line.split()[6] == "2030-01-07"
    assert terminal.asked("unknowns", ACTIVE)["unknowns"] == []
    assert terminal.type("unknowns", ACTIVE).out == "Of every mail it is known whether it went.\n"


def test_an_address_is_suppressed_and_lifted(terminal: Terminal, furnished: Path) -> None:
    """However it is written; said again, nothing happens; the list knows it by its hash alone."""
    assert terminal.asked("suppress", "ADA@acme.example.com", "--reason", "Complained")["events"] == [
        "suppression.suppressed"
    ]
    assert terminal.type("suppress", ADA).out == "It was suppressed already.\n"
    asked = terminal.asked("suppressed", f" {ADA} ".strip())
    assert (asked["suppressed"], asked["suppression"]["reason"]) == (True, "complained")
    (row,) = terminal.asked("suppressed")["suppressions"]
    assert row == asked["suppression"]
    said = terminal.type("suppressed")
    assert row["address_hash"] in said.out
    assert "ada" not in said.out
    assert terminal.asked("lift", ADA) == {"suppressed": False, "events": ["suppression.lifted"]}
    assert terminal.type("lift", ADA).out == "It was not suppressed.\n"
    assert terminal.asked("suppressed", ADA, code=NO) == {"suppressed": False, "suppression": None}
    assert terminal.type("suppressed").out == "No address is suppressed.\n"


def test_nobody_writes_to_a_suppressed_address(terminal: Terminal, furnished: Path) -> None:
    terminal.type("suppress", ADA)
    told = terminal.asked("run", "--transport", "maildir:mails", "--clock", "virtual", "--until-complete")
    assert (told["ending"], told["mails"]["sent"]) == ("complete", 1)
    assert [each["status"] for each in terminal.asked("leads", "list", ACTIVE)["leads"]] == ["UNSUBSCRIBED", "SENT"]


def test_settings_of_an_inbox_are_kept_shown_and_forgotten(
    terminal: Terminal, furnished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything that is given arrives; neither an answer nor the file tells the password or the key."""
    monkeypatch.setenv("CAMPAIGN_SECRET_KEY", KEY)
    Path("word").write_text("open sesame\n", encoding="utf-8")
    pem = dkim_key()[0]
    Path("dkim.pem").write_text(pem, encoding="ascii")
    given = terminal.asked(
        "inboxes", "smtp", INBOX, "--host", "smtp.acme.example", "--security", "STARTTLS", "--user", "mara",
        "--password-file", "word", "--dkim-selector", "s1", "--dkim-domain", "acme.example", "--dkim-key-file", "dkim.pem"
    )  # fmt: skip
    assert given["smtp"] == {
        "host": "smtp.acme.example", "port": 587, "security": "starttls", "user": "mara", "dkim_selector": "s1",
        "dkim_domain": "acme.example"
    }  # fmt: skip
    assert terminal.asked("inboxes", "smtp", INBOX) == given
    with open_kernel("campaigns.db") as kernel:
        kept = secrets_of(kernel).settings_of(INBOX)
    assert (kept.password, kept.dkim_private_key) == ("open sesame", pem)
    stored = b"".join(path.read_bytes() for path in Path.cwd().glob("campaigns.db*"))
    assert b"sesame" not in stored
    assert b"smtp.acme.example" not in stored
    assert terminal.asked("inboxes", "smtp", INBOX, "--forget")["smtp"] is None
    assert "No SMTP settings are kept" in terminal.type("inboxes", "smtp", INBOX).err


@pytest.mark.parametrize(("security", "port"), [("tls", 465), ("starttls", 587), ("none", 25)])
def test_a_port_is_that_of_its_protection(
    terminal: Terminal, furnished: Path, monkeypatch: pytest.MonkeyPatch, security: str, port: int
) -> None:
    monkeypatch.setenv("CAMPAIGN_SECRET_KEY", KEY)
    words = ("inboxes", "smtp", INBOX, "--host", "localhost", "--security", security)
    assert terminal.asked(*words)["smtp"]["port"] == port
    assert terminal.asked(*words, "--port", "2525")["smtp"]["port"] == 2525
    assert terminal.type(*words).out == f"Kept. It sends through localhost:{port} ({security}) without a login.\n"


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--host", "local host"], 3, "$.host: must be a host name"),
        (["--host", "h", "--port", "0"], 3, "$.port: must be 1 to 65535, is 0"),
        (["--host", "h", "--port", "many"], 2, "--port"),
        (["--host", "h", "--security", "ssl"], 2, "it must be one of tls, starttls, none, is 'ssl'"),
        (["--host", "h", "--password-file", "word"], 2, "--password-file: it needs --user"),
        (["--host", "h", "--user", "m", "--password-file", "gone"], 3, "--password-file: gone cannot be read: No such"),
        (["--host", "h", "--user", "m", "--password-file", "empty"], 3, "$.password: must have 1 to 1000 characters"),
        (["--host", "h", "--dkim-key-file", "gone"], 3, "--dkim-key-file: gone cannot be read"),
        (["--host", "h", "--dkim-key-file", "empty"], 3, "$.dkim_private_key: must be an RSA private key"),
        (["--host", "h", "--dkim-selector", "s1"], 3, "together with the selector and the domain"),
        (["--host", "h", "--dkim-domain", "a b"], 3, "$.dkim_domain: must be a name of the DNS"),
    ],
    ids=lambda value: "-".join(value[2:] or value) if isinstance(value, list) else None,
)
def test_settings_that_cannot_be_are_refused(
    terminal: Terminal, furnished: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], code: int, words: str
) -> None:
    """And nothing is kept."""
    monkeypatch.setenv("CAMPAIGN_SECRET_KEY", KEY)
    Path("empty").write_bytes(b"")
    said = terminal.type("inboxes", "smtp", INBOX, *options)
    assert (said.code, said.out) == (code, "")
    assert words in said.err
    assert terminal.type("inboxes", "smtp", INBOX).code == MISUSE


def test_a_password_is_asked_for_where_somebody_sits(furnished: Path) -> None:
    """It is typed unseen; where nobody sits, the program says how else to give it."""
    words = [PROGRAM, "inboxes", "smtp", str(INBOX), "--host", "localhost", "--user", "mara"]
    known = {**os.environ, "CAMPAIGN_SECRET_KEY": KEY}
    nobody = subprocess.run(words, stdin=subprocess.DEVNULL, env=known, capture_output=True, text=True, check=False)
    assert nobody.returncode == 2
    assert "must come from --password-file, from CAMPAIGN_SMTP_PASSWORD or from a terminal" in nobody.stderr
    leading, following = pty.openpty()
    with subprocess.Popen(
        words, stdin=following, stdout=subprocess.PIPE, stderr=following, env=known, start_new_session=True
    ) as process:
        os.close(following)
        drawn = b""
        while b"Password of mara: " not in drawn:
            drawn += os.read(leading, 1024)
        os.write(leading, b"open sesame\n")
        assert process.stdout is not None
        out = process.stdout.read()
        assert process.wait(timeout=60) == 0
    os.close(leading)
    assert b"as mara" in out
    with pytest.MonkeyPatch.context() as patch, open_kernel("campaigns.db") as kernel:
        patch.setenv("CAMPAIGN_SECRET_KEY", KEY)
        assert secrets_of(kernel).settings_of(INBOX).password == "open sesame"


def test_a_wrong_key_stops_a_run_before_the_first_mail(
    terminal: Terminal, furnished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMPAIGN_SECRET_KEY", KEY)
    terminal.asked("inboxes", "smtp", INBOX, "--host", "localhost")
    monkeypatch.setenv("CAMPAIGN_SECRET_KEY", "8" * 64)
    said = terminal.type("run", "--until-complete")
    assert (said.code, said.out) == (MISUSE, "")
    assert "do not open with this secret key" in said.err
