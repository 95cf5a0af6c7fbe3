"""A mail for a trial from a sender account: what goes, and what is said where it does not."""

from __future__ import annotations

from email import message_from_bytes
from uuid import UUID

import pytest

from campaign_adapters.cli.serving import sealed_servers
from campaign_adapters.http_api.ports import MailServer
from campaign_core import RegisterInbox, SuppressAddress
from tests.http.accounts import (
    ADDRESS,
    PASSWORD,
    Place,
)
from tests.http.serving import SECRET
from tests.transports.servers import HOST


def test_a_test_mail_goes_through_the_inboxs_own_server(place: Place) -> None:
    """It is a whole message from the inbox to the recipient; it counts against no limit and is in no history."""
    inbox_id = place.create()["inbox_id"]
    events = len(list(place.kernel.subscribe()))
    path = f"/sender-accounts/{inbox_id}/test-email"
    said = place.client.body(200, "POST", path, {"recipient_email": "Bo@Reader.example"})
    (mail,) = place.post.mails
    assert (mail.sender, mail.to, mail.authenticated) == (ADDRESS, ["Bo@reader.example"], True)
    message = message_from_bytes(mail.wire)
    assert (message["From"], message["To"]) == (f"Mara Lind <{ADDRESS}>", "Bo@reader.example")
    assert said == {
        "success": True,
        "message": "Test email sent successfully",
        "inbox_id": inbox_id,
        "inbox_email": ADDRESS,
        "recipient_email": "Bo@reader.example",
        "sent_at": "2030-01-07T14:00:00Z",
        "message_id": message["Message-ID"],
    }
    again = place.client.body(200, "POST", path, {"recipient_email": "bo@reader.example"})
    assert again["message_id"] != said["message_id"]
    assert len(list(place.kernel.subscribe())) == events
    assert place.client.get(f"/sender-accounts/{inbox_id}")["sent_today"] == 0


@pytest.mark.parametrize(
    ("stage", "reply", "words"),
    [
        pytest.param("RCPT", "550 5.1.1 no such reader", "The mail was refused: 550", id="refused"),
        pytest.param("RCPT", "451 4.3.0 later", "the cause may pass: 451", id="put off"),
        pytest.param("MAIL", "550 5.7.1 not from you", "The inbox was refused: 550", id="the inbox refused"),
        pytest.param("END", "", "Whether the mail went, nobody knows", id="silence"),
    ],
)
def test_a_test_mail_that_did_not_go_is_400(place: Place, stage: str, reply: str, words: str) -> None:
    """One sentence says what is known; nothing about the inbox changes."""
    inbox_id = place.create()["inbox_id"]
    if reply:
        place.post.replies[stage] = reply
    else:
        place.post.drops.add(stage)
    said = place.client.body(
        400, "POST", f"/sender-accounts/{inbox_id}/test-email", {"recipient_email": "bo@x.example"}
    )
    assert words in said["detail"]
    assert place.client.get(f"/sender-accounts/{inbox_id}")["overall_status"] == "ACTIVE"


def test_an_inbox_of_any_status_may_be_tried(place: Place) -> None:
    """One without settings is refused in a sentence."""
    pending = str(place.kernel.handle(RegisterInbox("new@acme.example")).id)
    path = f"/sender-accounts/{pending}/test-email"
    said = place.client.body(400, "POST", path, {"recipient_email": "bo@x.example"})["detail"]
    assert "No SMTP settings are kept for the inbox" in said
    server = MailServer(host=HOST, port=place.post.port, tls=False, username="mara", password=PASSWORD)
    sealed_servers(place.kernel, SECRET).keep(UUID(pending), server, server)
    place.client.body(200, "POST", path, {"recipient_email": "bo@x.example"})


def test_a_test_mail_goes_to_no_suppressed_address(place: Place) -> None:
    inbox_id = place.create()["inbox_id"]
    place.kernel.handle(SuppressAddress("bo@x.example"))
    path = f"/sender-accounts/{inbox_id}/test-email"
    said = place.client.body(400, "POST", path, {"recipient_email": "BO@x.example"})["detail"]
    assert "is suppressed" in said
    (problem,) = place.client.body(422, "POST", path, {"recipient_email": "nobody"})["detail"]
    assert problem["loc"] == ["body", "recipient_email"]
    assert problem["msg"].startswith("value is not a valid email")
    assert place.post.mails == []


@pytest.mark.parametrize("name", ["Mara\nLind", "Mara\r\nBcc: evil@b.example", "Mara\x00", "Mara\u2028Lind"])
def test_a_name_that_no_header_takes_is_none(place: Place, name: str) -> None:
    """It would stand in every mail; no server is asked."""
    (problem,) = place.client.body(422, "POST", "/sender-accounts/smtp", place.body(display_name=name))["detail"]
    assert problem["loc"] == ["body", "display_name"]
    assert place.post.connections == 0
