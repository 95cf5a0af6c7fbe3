"""Sender accounts over HTTP: real requests, a real SMTP server to log in at, and a file in which no password stands."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from attrs import evolve

from campaign_adapters.cli.serving import sealed_servers
from campaign_adapters.http_api.keys import ApiKeys
from campaign_adapters.mailbox.secrets import IMAP_SETTINGS, ImapSecrets
from campaign_adapters.smtp.secrets import SMTP_SETTINGS, SmtpSecrets
from campaign_core import INBOXES, InboxStatus, PauseInbox, RegisterInbox, VerifyInbox
from tests.http.accounts import (
    ADDRESS,
    IMAP_PASSWORD,
    NOBODY,
    ONCE,
    PASSWORD,
    Broken,
    Place,
    Told,
    accounts_with,
    opened,
)
from tests.http.given import LEADS, VARIANT, Client
from tests.http.serving import SECRET
from tests.transports.servers import HOST, Post, certificate, serving


def test_an_account_that_works_is_active(place: Place) -> None:
    """201 with the documented fields and no others; the login was tried, and no mail begun."""
    made = place.create(daily_limit=40)
    inbox_id = made.pop("inbox_id")
    assert made == {
        "success": True,
        "message": "SMTP account created successfully",
        "email_address": ADDRESS,
        "display_name": "Mara Lind",
        "inbox_type": "CUSTOM_SMTP",
        "daily_limit": 40,
        "overall_status": "ACTIVE",
        "created_at": "2030-01-07T14:00:00Z",
    }
    assert place.post.commands == ["GREETING", "EHLO", "AUTH"]
    row = place.kernel.view(INBOXES).get(UUID(inbox_id))
    assert row is not None
    assert (row.status, row.daily_limit) == (InboxStatus.ACTIVE, 40)


def test_what_is_kept_is_what_was_given(place: Place) -> None:
    """The transport finds the SMTP settings where it always does, and the IMAP settings lie beside them."""
    inbox_id = UUID(place.create()["inbox_id"])
    sending = SmtpSecrets(place.kernel.shelf(SMTP_SETTINGS), SECRET).settings_of(inbox_id)
    assert (sending.host, sending.port, sending.username, sending.password) == (HOST, place.post.port, "mara", PASSWORD)
    reading = ImapSecrets(place.kernel.shelf(IMAP_SETTINGS), SECRET).settings_of(inbox_id)
    assert (reading.host, reading.port, reading.tls) == ("imap.acme.example", 993, True)
    assert (reading.username, reading.password) == ("mara", IMAP_PASSWORD)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"smtp_password": "wrong"}, "535", id="a wrong password"),
        pytest.param({"smtp_username": "nobody"}, "535", id="a wrong name"),
        pytest.param({"smtp_use_tls": True}, "the server does not offer STARTTLS", id="no TLS there"),
        pytest.param({"smtp_host": "127.0.0.2", "smtp_port": 1}, "no connection", id="nobody listens"),
    ],
)
def test_an_account_that_does_not_work_is_400_and_leaves_nothing(
    place: Place, changes: dict[str, Any], words: str
) -> None:
    """One sentence says what went wrong, and no inbox, event or secret is stored."""
    said = place.create(status=400, **changes)
    assert list(said) == ["detail"]
    assert said["detail"].startswith("No mail can be sent through 127.0.0.")
    assert words in said["detail"]
    assert said["detail"].endswith(".")
    assert not said["detail"].endswith("..")
    assert list(place.kernel.subscribe()) == []
    assert place.kernel.shelf(SMTP_SETTINGS).scan() + place.kernel.shelf(IMAP_SETTINGS).scan() == []


def test_a_certificate_nobody_vouches_for_is_refused(place: Place, tmp_path: Path) -> None:
    """The password is not sent over a connection that somebody may listen to."""
    post = Post(accounts={"mara": PASSWORD})
    with serving(post, tls_context=certificate(tmp_path).server):
        said = place.create(status=400, smtp_port=post.port, smtp_use_tls=True)["detail"]
    assert "no trusted TLS" in said
    assert "AUTH" not in post.commands


def test_no_password_is_told_logged_or_stored(place: Place) -> None:
    """Not by an answer, good or bad, not by a log line, not by a byte of the database, in the clear or in base64."""
    words = [PASSWORD, IMAP_PASSWORD, "an-0ther-w0rd"]
    answers = [
        place.client.call("POST", "/sender-accounts/smtp", json=place.body()),
        place.client.call(
            "POST", "/sender-accounts/smtp", json=place.body("other@acme.example", smtp_password=words[2])
        ),
        place.client.call("POST", "/sender-accounts/smtp", json=place.body(imap_password=[words[2]])),
        place.client.call("POST", "/sender-accounts/smtp", json=place.body(smtp_password=words[2] * 100)),
        place.client.call("POST", "/sender-accounts/smtp/bulk", json={"inboxes": [place.body("third@acme.example")]}),
        place.client.call("GET", "/sender-accounts"),
    ]
    assert [each.status_code for each in answers] == [201, 400, 422, 422, 200, 200]
    texts = [each.text for each in answers] + [place.log.getvalue(), repr(place.body()["email_address"])]
    stored = place.stored()
    assert ADDRESS.encode() in stored, "it looks for bytes in the wrong place"
    assert "/sender-accounts/smtp" in place.log.getvalue()
    for word in words:
        assert not [text for text in texts if word in text or json.dumps(word)[1:-1] in text]
        assert word.encode() not in stored
        assert b64encode(word.encode())[:12] not in stored


def test_an_address_that_is_taken_is_409_and_no_server_is_asked(place: Place) -> None:
    """However it is spelt."""
    place.create()
    talks = place.post.connections
    said = place.create("MARA@acme.example", status=409)
    assert "There already is an inbox" in said["detail"]
    assert place.post.connections == talks


OUT_OF_SHAPE: dict[str, tuple[dict[str, Any], str]] = {
    "3 characters of an address": ({"email_address": "a@b"}, "email_address"),
    "256 characters of an address": ({"email_address": "x" * 256}, "email_address"),
    "no address": ({"email_address": "mara-at-home"}, "email_address"),
    "no name": ({"display_name": ""}, "display_name"),
    "256 characters of a name": ({"display_name": "x" * 256}, "display_name"),
    "a native inbox": ({"inbox_type": "COLDSEND"}, "inbox_type"),
    "no host": ({"smtp_host": "two words"}, "smtp_host"),
    "no host at all": ({"smtp_host": ""}, "smtp_host"),
    "port 0": ({"smtp_port": 0}, "smtp_port"),
    "port 65536": ({"smtp_port": 65_536}, "smtp_port"),
    "a port as text": ({"smtp_port": "587"}, "smtp_port"),
    "256 characters of a user": ({"smtp_username": "x" * 256}, "smtp_username"),
    "no password": ({"smtp_password": ""}, "smtp_password"),
    "no flag": ({"smtp_use_tls": "yes"}, "smtp_use_tls"),
    "no IMAP host": ({"imap_host": None}, "imap_host"),
    "IMAP port 65536": ({"imap_port": 65_536}, "imap_port"),
    "limit 0": ({"daily_limit": 0}, "daily_limit"),
    "limit 100001": ({"daily_limit": 100_001}, "daily_limit"),
    "a flag for a limit": ({"daily_limit": True}, "daily_limit"),
}


def test_a_value_out_of_shape_is_422_and_no_server_is_asked(place: Place) -> None:
    """The one field that is wrong is named."""
    for name, (changes, field) in OUT_OF_SHAPE.items():
        detail = place.create(status=422, **changes)["detail"]
        assert [each["loc"] for each in detail] == [["body", field]], name
    assert (place.post.connections, place.addresses()) == (0, [])


def test_a_missing_field_is_422_with_the_products_token(place: Place) -> None:
    """IMAP is required, as the documentation has it."""
    body = {name: value for name, value in place.body().items() if name != "imap_host"}
    (problem,) = place.client.body(422, "POST", "/sender-accounts/smtp", body)["detail"]
    assert problem == {"loc": ["body", "imap_host"], "msg": "field required", "type": "value_error.missing"}


@pytest.mark.parametrize(
    ("kind", "most"), [("GOOGLE_WORKSPACE", 2_000), ("OUTLOOK_365", 5_000), ("CUSTOM_SMTP", 100_000)]
)
def test_each_type_has_its_most_mails_a_day(place: Place, kind: str, most: int) -> None:
    """One more is refused, before a server is asked."""
    said = place.create(status=400 if most < 100_000 else 422, inbox_type=kind, daily_limit=most + 1)
    assert f"{most:,}" in str(said["detail"]) or str(most) in str(said["detail"])
    assert place.post.connections == 0
    assert place.create(inbox_type=kind, daily_limit=most)["daily_limit"] == most


def test_keys_nobody_knows_are_passed_over(place: Place) -> None:
    made = place.create(warmup_enabled=True, current_step=3)
    assert made["overall_status"] == "ACTIVE"


def test_a_repeated_request_gets_the_first_answer_without_another_login(place: Place) -> None:
    """Also once the server is gone and the inbox was paused; nothing is recorded again."""
    first = place.client.body(201, "POST", "/sender-accounts/smtp", place.body(), headers=ONCE)
    place.kernel.handle(PauseInbox(UUID(first["inbox_id"])))
    talks, events = place.post.connections, len(list(place.kernel.subscribe()))
    place.post.drops.add("GREETING")
    assert place.client.body(201, "POST", "/sender-accounts/smtp", place.body(), headers=ONCE) == first
    assert (place.post.connections, len(list(place.kernel.subscribe()))) == (talks, events)


def test_the_same_idempotency_key_with_another_account_is_409(place: Place) -> None:
    place.client.body(201, "POST", "/sender-accounts/smtp", place.body(), headers=ONCE)
    said = place.client.body(409, "POST", "/sender-accounts/smtp", place.body("other@acme.example"), headers=ONCE)
    assert "'order-17' was used for a different request" in said["detail"]
    assert place.addresses() == [ADDRESS]


def test_a_failed_request_may_be_repeated_under_its_key(place: Place) -> None:
    """What was refused is not remembered: the login that works now counts."""
    wrong = place.body(smtp_password="wrong")
    place.client.body(400, "POST", "/sender-accounts/smtp", wrong, headers=ONCE)
    place.client.body(201, "POST", "/sender-accounts/smtp", place.body(), headers=ONCE)


def test_a_request_that_broke_off_leaves_a_pending_inbox_and_is_completed_when_repeated(tmp_path: Path) -> None:
    """Between the two it cannot send, and it says so."""
    breaks, check = [True], Told()
    accounts = evolve(accounts_with(check), secrets_of=lambda kernel: Broken(sealed_servers(kernel, SECRET), breaks))
    with opened(tmp_path / "campaigns.db", accounts) as place:
        place.client.body(500, "POST", "/sender-accounts/smtp", place.body(), headers=ONCE)
        (row,) = place.client.get("/sender-accounts")["sender_accounts"]
        assert row["overall_status"] == "PENDING"
        made = place.client.body(201, "POST", "/sender-accounts/smtp", place.body(), headers=ONCE)
        assert (made["inbox_id"], made["overall_status"]) == (row["inbox_id"], "ACTIVE")
        assert place.client.body(201, "POST", "/sender-accounts/smtp", place.body(), headers=ONCE) == made
        assert len(check.asked) == 2
        settings = SmtpSecrets(place.kernel.shelf(SMTP_SETTINGS), SECRET).settings_of(UUID(row["inbox_id"]))
        assert settings.password == PASSWORD


def test_without_a_check_the_operators_word_counts(tmp_path: Path) -> None:
    """No server is asked, and the inbox is ACTIVE."""
    with opened(tmp_path / "campaigns.db", accounts_with(None)) as place:
        made = place.create(smtp_password="whatever", smtp_host="no.such.host.example")
        assert (made["overall_status"], place.post.connections) == ("ACTIVE", 0)


def test_a_list_is_filtered_searched_sorted_and_cut_into_pages(place: Place, other: Client) -> None:
    """And shows nothing of another workspace, and no removed inbox."""
    for address, kind in (
        ("b@acme.example", "OUTLOOK_365"),
        ("a@acme.example", "CUSTOM_SMTP"),
        ("c@else.example", "CUSTOM_SMTP"),
    ):
        place.create(address, inbox_type=kind)
    place.kernel.handle(RegisterInbox("d@acme.example"))

    def listed(**params: Any) -> list[str]:
        return [each["email_address"][0] for each in place.client.get("/sender-accounts", **params)["sender_accounts"]]

    assert listed(sort_by="email_address", sort_order="asc") == ["a", "b", "c", "d"]
    assert listed(sort_by="email_address") == ["d", "c", "b", "a"]
    assert listed(sort_by="health_score", sort_order="asc") == ["a", "b", "c", "d"]
    assert sorted(listed()) == ["a", "b", "c", "d"]
    assert listed(search="ACME", sort_by="email_address", sort_order="asc") == ["a", "b", "d"]
    assert listed(status="PENDING") == ["d"]
    assert listed(inbox_type="OUTLOOK_365") == ["b"]
    assert listed(inbox_type="OUTLOOK_365", status="PENDING") == []
    page = place.client.get("/sender-accounts", page=2, limit=3, sort_by="email_address", sort_order="asc")
    assert [each["email_address"] for each in page["sender_accounts"]] == ["d@acme.example"]
    assert page["pagination"] == {"page": 2, "limit": 3, "total": 4, "pages": 2, "has_next": False, "has_prev": True}
    assert other.get("/sender-accounts")["sender_accounts"] == []
    for name, value in (("page", 0), ("limit", 101), ("sort_by", "age"), ("status", "LOST"), ("inbox_type", "FAX")):
        (problem,) = place.client.body(422, "GET", "/sender-accounts", params={name: value})["detail"]
        assert problem["loc"] == ["query", name]


def test_one_account_is_told_with_what_it_sent(place: Place, other: Client) -> None:
    """Of another workspace, or of nobody, it is 404."""
    inbox_id = place.create()["inbox_id"]
    told = place.client.get(f"/sender-accounts/{inbox_id}")
    assert told == {
        "success": True,
        "message": "Sender account retrieved successfully",
        "inbox_id": inbox_id,
        "email_address": ADDRESS,
        "display_name": "Mara Lind",
        "domain": "acme.example",
        "inbox_type": "CUSTOM_SMTP",
        "overall_status": "ACTIVE",
        "health_score": None,
        "daily_limit": 100,
        "sent_today": 0,
        "remaining_today": 100,
        "sent_this_month": 0,
        "created_at": "2030-01-07T14:00:00Z",
    }
    for client, wanted in ((other, inbox_id), (place.client, NOBODY)):
        for method, path in (("GET", ""), ("DELETE", "")):
            said = client.body(404, method, f"/sender-accounts/{wanted}{path}")
            assert said == {"detail": f"There is no inbox {wanted} in this workspace."}
        client.body(404, "POST", f"/sender-accounts/{wanted}/test-email", {"recipient_email": "bo@x.example"})


def test_a_deleted_account_is_gone_with_its_settings(place: Place) -> None:
    """A second deletion is 404; one under the idempotency key of the first is the first."""
    inbox_id = place.create()["inbox_id"]
    path = f"/sender-accounts/{inbox_id}"
    gone = place.client.body(200, "DELETE", path, headers=ONCE)
    assert gone == {
        "success": True,
        "message": "Sender account deleted successfully",
        "inbox_id": inbox_id,
        "deleted": True,
    }
    assert place.kernel.shelf(SMTP_SETTINGS).scan() + place.kernel.shelf(IMAP_SETTINGS).scan() == []
    place.client.body(404, "DELETE", path)
    assert place.client.body(200, "DELETE", path, headers=ONCE) == gone
    assert place.create()["inbox_id"] != inbox_id


def test_an_account_in_use_stays(place: Place) -> None:
    """400 names the campaigns, and it keeps its settings."""
    inbox_id = place.create()["inbox_id"]
    campaign_id = place.holding(inbox_id)
    said = place.client.body(400, "DELETE", f"/sender-accounts/{inbox_id}")["detail"]
    assert campaign_id in said
    assert len(place.kernel.shelf(SMTP_SETTINGS).scan()) == 1


def test_what_is_left_today_is_told_for_each_inbox_and_campaign(place: Place) -> None:
    """The daily usage is that of UTC days; the quotas know the campaign's limit and its zone as well."""
    inbox_id = place.create(daily_limit=3)["inbox_id"]
    idle = str(place.kernel.handle(RegisterInbox("idle@acme.example")).id)
    place.kernel.handle(VerifyInbox(UUID(idle)))
    campaign_id = place.client.create(daily_limit_per_inbox=2, timezone="America/New_York", ramp_up_enabled=False)
    place.client.upload(campaign_id, LEADS)
    place.client.update(campaign_id, inbox_ids=[inbox_id], variants=[VARIANT], launch=True)
    place.kernel.dispatch("worker")
    usage = place.client.get("/sender-accounts/daily-usage")
    assert (usage["date"], usage["reset_at_utc"]) == ("2030-01-07", "2030-01-08T00:00:00Z")
    assert usage["inboxes"] == [
        {
            "inbox_id": idle,
            "email_address": "idle@acme.example",
            "sent_today": 0,
            "daily_limit": 100,
            "remaining": 100,
            "is_rate_limited": False,
        },
        {
            "inbox_id": inbox_id,
            "email_address": ADDRESS,
            "sent_today": 1,
            "daily_limit": 3,
            "remaining": 2,
            "is_rate_limited": False,
        },
    ]
    quotas = place.client.get("/sender-accounts/quotas", campaign_id=campaign_id)
    assert quotas == {
        "success": True,
        "message": "Quotas retrieved successfully",
        "campaign_id": campaign_id,
        "date": "2030-01-07",
        "reset_at_utc": "2030-01-08T00:00:00Z",
        "campaign_date": "2030-01-07",
        "campaign_reset_at_utc": "2030-01-08T05:00:00Z",
        "ramp_up": {"enabled": False, "day": None, "increment": None, "max_limit": None},
        "inboxes": [
            {
                "inbox_id": inbox_id,
                "email_address": ADDRESS,
                "overall_status": "ACTIVE",
                "daily_limit": 3,
                "sent_today": 1,
                "campaign_daily_limit": 2,
                "campaign_sent_today": 1,
                "effective_daily_limit": 2,
                "effective_remaining": 1,
                "is_rate_limited": False,
            }
        ],
    }


def test_quotas_need_a_campaign_of_the_workspace(place: Place, other: Client) -> None:
    campaign_id = place.client.create()
    assert place.client.get("/sender-accounts/quotas", campaign_id=campaign_id)["inboxes"] == []
    other.body(404, "GET", "/sender-accounts/quotas", params={"campaign_id": campaign_id})
    place.client.body(422, "GET", "/sender-accounts/quotas")


ROUTES = [
    ("GET", "", "sender_accounts:read"),
    ("GET", "/daily-usage", "sender_accounts:read"),
    ("GET", f"/quotas?campaign_id={NOBODY}", "sender_accounts:read"),
    ("GET", f"/{NOBODY}", "sender_accounts:read"),
    ("GET", f"/smtp/bulk/{NOBODY}/progress", "sender_accounts:read"),
    ("GET", f"/bulk/delete/{NOBODY}/progress", "sender_accounts:read"),
    ("POST", "/smtp", "sender_accounts:create"),
    ("POST", "/smtp/bulk", "sender_accounts:create"),
    ("POST", f"/{NOBODY}/test-email", "sender_accounts:create"),
    ("DELETE", f"/{NOBODY}", "sender_accounts:delete"),
    ("POST", "/bulk/delete", "sender_accounts:delete"),
]


def test_each_route_asks_for_its_scope(place: Place) -> None:
    """A key with every other scope of sender accounts is turned away."""
    for method, path, scope in ROUTES:
        others = {"sender_accounts:read", "sender_accounts:create", "sender_accounts:delete"} - {scope}
        _, token = ApiKeys(place.kernel, SECRET).create("Not enough", sorted(others), "default")
        body = {} if method == "GET" else {"json": {"confirm_deletion": True}}
        said = Client(place.url, token).call(method, f"/sender-accounts{path}", **body)
        assert (said.status_code, said.json()["required"]) == (403, [scope]), (method, path)
