"""What every request passes before a route sees it, and what every response carries, through a real server."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from uuid import UUID

import pytest
import requests

from campaign_adapters.http_api.gate import BASE, Gate
from campaign_adapters.http_api.keys import ApiKeys
from campaign_adapters.http_api.rate_limits import RateLimits
from campaign_core import CAMPAIGNS, LogBusy
from tests.http.serving import MOST_BYTES, SECRET, Keyed, gated, serve, small_app

THREE = {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}
UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.fixture
def address(keyed: Keyed) -> Iterator[str]:
    """The small application behind the gate, as deep as its base path."""
    with serve(gated(small_app(), keyed.kernel, keyed.clock)) as address:
        yield address + BASE


def test_a_call_without_a_key_is_told_to_bring_one(address: str) -> None:
    for headers in ({}, {"X-API-Key": ""}, {"Authorization": "Bearer cs_live_x"}):
        said = requests.get(f"{address}/things/1", headers=headers, timeout=10)
        assert (said.status_code, said.text) == (
            401,
            '{"detail":"API key required. Include your API key in X-API-Key header."}',
        )
        assert set(said.headers) >= THREE | {"x-request-id"}


def test_a_key_that_opens_nothing_is_turned_away(address: str, keyed: Keyed) -> None:
    """Unknown, malformed, not even ASCII, and revoked: the same words."""
    _, revoked = keyed.keys.create("To be revoked", ["*"], "default")
    assert requests.get(f"{address}/things/1", headers={"X-API-Key": revoked}, timeout=10).status_code == 200
    key_id = next(key.key_id for key in keyed.keys.list("default") if key.name == "To be revoked")
    keyed.keys.revoke("default", key_id)
    for given in (b"cs_live_" + b"x" * 40, b"cs_live_", keyed.token.encode() + b"x", b"\xff\xfe", revoked.encode()):
        said = requests.get(f"{address}/things/1", headers={"X-API-Key": given}, timeout=10)
        assert (said.status_code, said.json()) == (401, {"detail": "Invalid or revoked API key"})
        assert set(said.headers) >= THREE | {"x-request-id"}


@pytest.mark.parametrize("wrapped", [False, True], ids=["added", "wrapped"])
def test_a_missing_scope_is_named_beside_those_there_are(keyed: Keyed, wrapped: bool) -> None:
    """Exactly as documented, however the gate is put around the application; the call counts."""
    _, token = keyed.keys.create("Reads", ["sender_accounts:read"], "default")
    with serve(_around(keyed, wrapped)) as address:
        said = requests.post(f"{address}{BASE}/campaigns?name=x", headers={"X-API-Key": token}, timeout=10)
    assert (said.status_code, said.json()) == (
        403,
        {
            "detail": "Missing required scopes: campaigns:create",
            "error": "insufficient_scopes",
            "required": ["campaigns:create"],
            "granted": ["sender_accounts:read"],
        },
    )
    assert said.headers["X-RateLimit-Remaining"] == "99"


def _around(keyed: Keyed, wrapped: bool) -> Any:
    if not wrapped:
        return gated(small_app(), keyed.kernel, keyed.clock)
    rates = RateLimits(keyed.kernel, clock=keyed.clock)
    return Gate(small_app(), kernel=keyed.kernel, keys=keyed.keys, rates=rates, limits=lambda method, path: MOST_BYTES)


def test_a_caller_is_in_the_workspace_of_its_key(address: str, keyed: Keyed) -> None:
    """What it makes is there and nowhere else."""
    europe = keyed.kernel.create_workspace("europe")
    _, token = keyed.keys.create("European", ["*"], "europe")
    said = requests.post(f"{address}/campaigns?name=Spring launch", headers={"X-API-Key": token}, timeout=10)
    campaign = UUID(said.json()["campaign_id"])
    assert europe.view(CAMPAIGNS).get(campaign) is not None
    assert keyed.kernel.view(CAMPAIGNS).get(campaign) is None


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/things/1", 200),
        ("GET", "/things/x", 422),
        ("GET", "/nothing", 404),
        ("GET", "", 404),
        ("DELETE", "/things/1", 405),
        ("OPTIONS", "/things/1", 405),
        ("HEAD", "/things/1", 405),
        ("GET", "/things/1/", 307),
        ("GET", "/broken", 500),
    ],
)
def test_every_response_carries_its_id_and_the_three_headers(
    address: str, keyed: Keyed, method: str, path: str, status: int
) -> None:
    said = requests.request(method, address + path, headers=keyed.headers, timeout=10, allow_redirects=False)
    assert said.status_code == status
    assert UUID_TEXT.fullmatch(said.headers["X-Request-ID"])
    told = {name: said.headers[name] for name in THREE}
    reset = int(keyed.clock().timestamp()) + 30
    assert told == {"x-ratelimit-limit": "100", "x-ratelimit-remaining": "99", "x-ratelimit-reset": str(reset)}
    assert "Retry-After" not in said.headers


@pytest.mark.parametrize("wrapped", [False, True], ids=["added", "wrapped"])
def test_a_route_that_breaks_tells_nothing_of_why(keyed: Keyed, wrapped: bool) -> None:
    with serve(_around(keyed, wrapped)) as address:
        said = requests.get(f"{address}{BASE}/broken", headers=keyed.headers, timeout=10)
    assert (said.status_code, said.text) == (500, '{"detail":"Internal server error"}')
    assert said.headers["Content-Type"] == "application/json"
    assert set(said.headers) >= THREE | {"x-request-id"}


def test_the_client_may_name_its_request(address: str, keyed: Keyed) -> None:
    """Any text of letters, digits, dots, hyphens and underscores up to 100; anything else is replaced."""
    for given in ("a", "order-17_b.C", "x" * 100):
        said = requests.get(f"{address}/things/1", headers={**keyed.headers, "X-Request-ID": given}, timeout=10)
        assert said.headers["X-Request-ID"] == given
    for given in ("", "x" * 101, "a b", "ada@acme.example", "a\tb", "ü"):
        said = requests.get(f"{address}/nothing", headers={"X-Request-ID": given.encode()}, timeout=10)
        assert UUID_TEXT.fullmatch(said.headers["X-Request-ID"])


def test_a_request_is_found_again_in_the_history(address: str, keyed: Keyed) -> None:
    """Its id is the correlation of what it caused, the key's id stands in the actor's place."""
    headers = {**keyed.headers, "X-Request-ID": "order-17", "Idempotency-Key": "once"}
    said = requests.post(f"{address}/campaigns?name=Spring launch", headers=headers, timeout=10)
    assert said.headers["X-Request-ID"] == "order-17"
    (recorded,) = keyed.kernel.history(UUID(said.json()["campaign_id"]))
    told = recorded.metadata
    assert (told.correlation, told.actor, told.command) == ("order-17", f"api-key:{keyed.key.key_id}", "once")


@pytest.mark.parametrize("name", ["once", "x" * 200, "x" * 255], ids=len)
def test_a_request_with_an_idempotency_key_happens_once(address: str, keyed: Keyed, name: str) -> None:
    """Repeated, it answers the same; long names are kept as hashes."""
    headers = {**keyed.headers, "Idempotency-Key": name}
    answers = [
        requests.post(f"{address}/campaigns?name=Spring launch", headers=headers, timeout=10).json() for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert keyed.kernel.view(CAMPAIGNS).count() == 1


@pytest.mark.parametrize("name", [b"", b"x" * 256, b"a\tb", b"a\x85b"], ids=["empty", "256", "tab", "next line"])
def test_an_idempotency_key_that_is_none_is_told_so(address: str, keyed: Keyed, name: bytes) -> None:
    headers = {**keyed.headers, "Idempotency-Key": name}
    said = requests.post(f"{address}/campaigns?name=Spring launch", headers=headers, timeout=10)
    assert (said.status_code, said.json()) == (
        400,
        {"detail": "The Idempotency-Key header must have 1 to 255 characters, none of them a control character."},
    )
    assert keyed.kernel.view(CAMPAIGNS).count() == 0


@pytest.mark.parametrize("path", ["/json", "/file", "/bytes"])
@pytest.mark.parametrize("announced", [True, False], ids=["announced", "streamed"])
def test_a_body_that_is_too_large_is_not_taken(address: str, keyed: Keyed, path: str, announced: bool) -> None:
    """Neither where its length is announced nor where it comes in pieces; the next request is served."""
    large = b'{"a": "' + b"x" * MOST_BYTES + b'"}'
    body: Any = large if announced else iter([large[:600], large[600:]])
    kind = "multipart/form-data; boundary=b" if path == "/file" else "application/json"
    if path == "/file":
        part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        body = part + large if announced else iter([part, large])
    headers = {**keyed.headers, "Content-Type": kind}
    said = requests.post(address + path, data=body, headers=headers, timeout=10)
    assert (said.status_code, said.json()) == (
        413,
        {"detail": "The request body is too large; at most 1000 bytes are accepted."},
    )
    assert set(said.headers) >= THREE | {"x-request-id"}
    assert requests.get(f"{address}/things/1", headers=keyed.headers, timeout=10).status_code == 200


def test_a_body_of_just_the_size_is_taken(address: str, keyed: Keyed) -> None:
    said = requests.post(f"{address}/bytes", data=b"x" * MOST_BYTES, headers=keyed.headers, timeout=10)
    assert (said.status_code, said.json()) == (200, MOST_BYTES)


def test_other_paths_need_no_key_and_have_no_limit(address: str) -> None:
    """They get an id like every other; a path that only looks like the base is one of them."""
    root = address.removesuffix(BASE)
    said = requests.get(f"{root}/healthz", headers={"X-Request-ID": "probe"}, timeout=10)
    assert (said.status_code, said.headers["X-Request-ID"]) == (200, "probe")
    assert set(said.headers) & THREE == set()
    assert requests.get(f"{address}x", timeout=10).status_code == 404


class Held(RateLimits):
    """Counts on a database that another process holds."""

    def count(self, who: str) -> Any:
        raise LogBusy("campaigns.db was being written by another process for more than 5 seconds; try again.")


def test_a_call_that_cannot_be_counted_is_told_to_come_again(keyed: Keyed) -> None:
    app = small_app()
    rates = Held(keyed.kernel, clock=keyed.clock)
    app.add_middleware(Gate, kernel=keyed.kernel, keys=keyed.keys, rates=rates, limits=lambda method, path: MOST_BYTES)
    with serve(app) as address:
        said = requests.get(f"{address}{BASE}/things/1", headers=keyed.headers, timeout=10)
    assert (said.status_code, said.json()) == (503, {"detail": "The database is busy. Try again in a moment."})
    assert said.headers["Retry-After"] == "5"
    assert set(said.headers) >= THREE | {"x-request-id"}


def test_a_database_that_breaks_the_gate_itself_is_an_error_with_all_headers(keyed: Keyed) -> None:
    class Broken(ApiKeys):
        def find(self, presented: str) -> Any:
            raise ZeroDivisionError

    app = small_app()
    rates = RateLimits(keyed.kernel, clock=keyed.clock)
    broken = Broken(keyed.kernel, SECRET)
    app.add_middleware(Gate, kernel=keyed.kernel, keys=broken, rates=rates, limits=lambda method, path: MOST_BYTES)
    with serve(app) as address:
        said = requests.get(f"{address}{BASE}/things/1", headers=keyed.headers, timeout=10)
    assert (said.status_code, said.json()) == (500, {"detail": "Internal server error"})
    assert set(said.headers) >= THREE | {"x-request-id"}


def test_the_key_stands_in_the_description_of_the_api(keyed: Keyed) -> None:
    """Each route that needs a scope says so."""
    described = small_app().openapi()
    scheme = described["components"]["securitySchemes"]["ApiKey"]
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "X-API-Key")
    assert described["paths"][BASE + "/campaigns"]["post"]["security"] == [{"ApiKey": []}]
    assert "security" not in described["paths"]["/healthz"]["get"]


def test_a_client_that_hangs_up_harms_nobody(address: str, keyed: Keyed) -> None:
    """In the middle of a body; the server goes on."""
    connection = HTTPConnection(address.split("/")[2], timeout=10)
    connection.putrequest("POST", BASE + "/bytes")
    connection.putheader("X-API-Key", keyed.token)
    connection.putheader("Content-Length", "500")
    connection.endheaders(b"x" * 10)
    time.sleep(0.05)
    connection.close()
    assert requests.get(f"{address}/things/1", headers=keyed.headers, timeout=10).status_code == 200
