"""The API as a process of its own: it says where it listens, answers, and ends well when it is told to."""

from __future__ import annotations

import json
import signal
import socket
import sys
import threading
import time
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
import requests

from campaign_adapters.cli.serving import listening, smtp_settings
from campaign_adapters.http_api.ports import MailServer
from campaign_adapters.smtp import Security
from tests.adapters.given import Terminal
from tests.adapters.serving import SECRET, server
from tests.transports.servers import HOST, Post, serving


def account(post: Post, **changes: Any) -> dict[str, Any]:
    """A new account at that server."""
    reading = {"imap_host": "imap.acme.example", "imap_port": 993, "imap_username": "m", "imap_password": "unread"}
    return {
        "email_address": "mara@acme.example",
        "display_name": "Mara",
        "inbox_type": "CUSTOM_SMTP",
        "smtp_host": HOST,
        "smtp_port": post.port,
        "smtp_username": "mara",
        "smtp_password": "0pen-sesame",
        "smtp_use_tls": False,
        **reading,
        **changes,
    }


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_answers_and_ends_well(tmp_path: Path, number: signal.Signals) -> None:
    """Its log on stderr has one line of JSON for each request and nothing else."""
    with server(tmp_path) as served:
        assert requests.get(f"{served.url}/healthz", timeout=30).json() == {"status": "ok"}
        assert served.call("GET", "/sender-accounts").json()["sender_accounts"] == []
        code, out, err = served.end(number)
    assert (code, out) == (0, "Stopped; every request was answered.\n")
    lines = [json.loads(line) for line in err.splitlines()]
    assert [each["status"] for each in lines] == [200, 200]


def test_under_json_the_document_is_printed_first_and_alone(tmp_path: Path) -> None:
    with server(tmp_path, "--json") as served:
        assert requests.get(f"{served.url}/healthz", timeout=30).status_code == 200
        code, out, _ = served.end(signal.SIGTERM)
    assert (code, out) == (0, "")


def test_a_new_account_logs_in_before_it_is_active(tmp_path: Path) -> None:
    """What `campaign serve` puts behind the API is the real login; the password is on neither stream."""
    with serving(Post(accounts={"mara": "0pen-sesame"})) as post, server(tmp_path) as served:
        wrong = served.call("POST", "/sender-accounts/smtp", json=account(post, smtp_password="wr0ng-sesame"))
        right = served.call("POST", "/sender-accounts/smtp", json=account(post))
        assert (wrong.status_code, right.status_code) == (400, 201)
        inbox_id = right.json()["inbox_id"]
        mail = served.call("POST", f"/sender-accounts/{inbox_id}/test-email", json={"recipient_email": "bo@x.example"})
        assert (mail.status_code, len(post.mails)) == (200, 1)
        _, out, err = served.end(signal.SIGTERM)
    assert "sesame" not in out + err
    assert "wr0ng" not in out + err


def test_the_check_may_be_off_and_mail_may_go_into_a_folder(tmp_path: Path) -> None:
    mails = tmp_path / "mails"
    with server(tmp_path, "--inbox-check", "off", "--transport", f"maildir:{mails}") as served:
        post = Post(port=1)
        made = served.call("POST", "/sender-accounts/smtp", json=account(post))
        assert made.status_code == 201
        path = f"/sender-accounts/{made.json()['inbox_id']}/test-email"
        assert served.call("POST", path, json={"recipient_email": "bo@x.example"}).status_code == 200
        assert len(list((mails / "new").iterdir())) == 1


def test_a_request_under_way_is_answered_before_the_end(tmp_path: Path) -> None:
    """The SMTP server takes its time; meanwhile the process is told to stop."""
    post = Post(accounts={"mara": "0pen-sesame"}, delays={"AUTH": 2.0})
    answers: list[int] = []
    with serving(post), server(tmp_path) as served:

        def create() -> None:
            answers.append(served.call("POST", "/sender-accounts/smtp", json=account(post)).status_code)

        asking = threading.Thread(target=create)
        asking.start()
        deadline = time.monotonic() + 30
        while "AUTH" not in post.commands:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        code, _, _ = served.end(signal.SIGTERM)
        asking.join()
    assert (code, answers) == (0, [201])


def test_requests_are_limited_as_the_options_say(tmp_path: Path) -> None:
    with server(tmp_path, "--rate-per-minute", "2", "--rate-per-hour", "50") as served:
        answers = [served.call("GET", "/sender-accounts") for _ in range(4)]
        assert answers[0].headers["X-RateLimit-Limit"] == "2"
        assert 429 in [each.status_code for each in answers]


def test_a_port_that_is_taken_is_told_in_a_sentence(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And no database is made."""
    monkeypatch.setenv("CAMPAIGN_SECRET_KEY", b64encode(SECRET).decode())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = terminal.type("serve", "--port", port)
    assert (said.code, said.out) == (3, "")
    assert said.err == f"Error: --port: 127.0.0.1:{port} cannot be listened on: Address already in use.\n"
    assert not (tmp_path / "campaigns.db").exists()


def test_the_wrong_secret_key_is_told_before_anything_is_served(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The settings of inboxes do not open with it."""
    monkeypatch.setenv("CAMPAIGN_SECRET_KEY", b64encode(SECRET).decode())
    monkeypatch.setenv("CAMPAIGN_SMTP_PASSWORD", "0pen-sesame")
    inbox = terminal.asked("inboxes", "add", "mara@acme.example")["inbox_id"]
    assert terminal.type("inboxes", "smtp", inbox, "--host", "smtp.acme.example", "--user", "mara").code == 0
    monkeypatch.setenv("CAMPAIGN_SECRET_KEY", b64encode(bytes(32)).decode())
    said = terminal.type("serve", "--port", 0)
    assert (said.code, said.out) == (15, "")
    assert "do not open with this secret key" in said.err


def test_a_server_needs_the_packages_it_stands_on(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is missing is named, with how to install it."""
    monkeypatch.setenv("CAMPAIGN_SECRET_KEY", b64encode(SECRET).decode())
    for name in [each for each in sys.modules if each.startswith(("uvicorn", "campaign_adapters.cli.serving"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("campaign_adapters.cli.serving", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    said = terminal.type("serve")
    assert (said.code, said.out) == (15, "")
    assert (
        said.err == "Error: Serving the API needs uvicorn; install it with: pip install 'campaign-core[http,smtp]'.\n"
    )


def test_the_port_says_how_a_connection_is_encrypted() -> None:
    """From the first byte at 465, by STARTTLS elsewhere, and not at all only where the account says so."""
    for port, tls, security in (
        (465, True, Security.TLS),
        (587, True, Security.STARTTLS),
        (25, True, Security.STARTTLS),
        (465, False, Security.NONE),
    ):
        server = MailServer(host="smtp.acme.example", port=port, tls=tls, username="m", password="w")
        assert smtp_settings(server).security is security


def test_answers_leave_at_once() -> None:
    """Whatever is accepted there does not wait to join small pieces, which would cost each answer 40 ms."""
    with listening("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()) as client:
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        client.close()
