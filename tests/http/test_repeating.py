"""A request with an Idempotency-Key may be repeated: the first answer comes again, and nothing changes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.http.conftest import Served
from tests.http.given import LEADS, Client

ONCE = {"Idempotency-Key": "order-17"}


def positions(served: Served) -> int:
    return sum(1 for _ in served.kernel.subscribe())


def test_a_repeated_creation_answers_the_first_campaign(served: Served, client: Client) -> None:
    """Also once it was renamed, and once it is gone."""
    body = {"name": "Spring launch"}
    first = client.body(201, "POST", "/campaigns", body, headers=ONCE)
    before = positions(served)
    assert client.body(201, "POST", "/campaigns", body, headers=ONCE) == first
    assert positions(served) == before
    client.update(first["campaign_id"], name="Autumn launch")
    assert client.body(201, "POST", "/campaigns", body, headers=ONCE) == first
    client.body(200, "DELETE", f"/campaigns/{first['campaign_id']}")
    assert client.body(201, "POST", "/campaigns", body, headers=ONCE) == first
    assert client.get("/campaigns")["campaigns"] == []


def test_the_same_key_with_another_body_is_409(client: Client) -> None:
    client.body(201, "POST", "/campaigns", {"name": "Spring launch"}, headers=ONCE)
    said = client.body(409, "POST", "/campaigns", {"name": "Autumn launch"}, headers=ONCE)["detail"]
    assert "'order-17' was used for a different request" in said


def test_a_repeated_pause_answers_how_it_was_then(served: Served, client: Client, active: str) -> None:
    """Though the campaign goes on meanwhile, under another name."""
    path = f"/campaigns/{active}/pause"
    first = client.body(200, "POST", path, headers=ONCE)
    client.update(active, name="Another name", launch=True)
    before = positions(served)
    assert client.body(200, "POST", path, headers=ONCE) == first
    assert (positions(served), client.get(f"/campaigns/{active}")["status"]) == (before, "ACTIVE")


def test_a_repeated_lead_is_the_lead_that_was_added(served: Served, client: Client) -> None:
    campaign_id = client.create()
    path, body = f"/campaigns/{campaign_id}/leads/manual", {"email": "Ada@Engines.example", "title": "Countess"}
    first = client.body(201, "POST", path, body, headers=ONCE)
    client.body(200, "PUT", f"/campaigns/{campaign_id}/leads/{first['lead_id']}", {"title": None})
    assert client.body(201, "POST", path, body, headers=ONCE) == first
    assert client.body(409, "POST", path, body)["detail"].startswith("There already is a lead")


def test_a_repeated_upload_answers_the_first_job(served: Served, client: Client) -> None:
    campaign_id = client.create()

    def sent(file: bytes) -> Any:
        files = {"file": ("leads.csv", file, "text/csv")}
        return client.call("POST", f"/campaigns/{campaign_id}/leads", files=files, headers=ONCE)

    first = sent(LEADS).json()
    before = positions(served)
    assert sent(LEADS).json() == first
    assert positions(served) == before
    assert sent(LEADS + b"more@example.com\n").status_code == 409


def test_a_refusal_is_not_remembered(client: Client) -> None:
    """What was missing may be there the next time."""
    campaign_id = client.create()
    path = f"/campaigns/{campaign_id}/activate"
    client.body(400, "POST", path, headers=ONCE)
    client.upload(campaign_id)
    assert client.body(400, "POST", path, headers=ONCE)["missing_requirements"] == ["inboxes", "email_content"]


def test_a_key_that_is_too_long_is_refused(client: Client) -> None:
    body, headers = {"name": "Spring launch"}, {"Idempotency-Key": "k" * 256}
    assert "Idempotency-Key" in client.body(400, "POST", "/campaigns", body, headers=headers)["detail"]
    client.body(201, "POST", "/campaigns", body, headers={"Idempotency-Key": "k" * 255})


def test_the_id_of_a_request_is_found_in_the_history(served: Served, client: Client) -> None:
    """Given by the client or made for it; beside it the key that asked, and its idempotency key."""
    headers = {"X-Request-ID": "trace-4711", **ONCE}
    answer = client.call("POST", "/campaigns", json={"name": "Spring launch"}, headers=headers)
    assert answer.headers["X-Request-ID"] == "trace-4711"
    campaign_id = UUID(answer.json()["campaign_id"])
    own = client.call("PUT", f"/campaigns/{campaign_id}", json={"name": "Autumn launch"}).headers["X-Request-ID"]
    created, revised = (each.metadata for each in served.kernel.history(campaign_id))
    assert (created.correlation, created.command) == ("trace-4711", "order-17")
    assert created.actor.startswith("api-key:")
    assert (revised.correlation, revised.actor) == (own, created.actor)
