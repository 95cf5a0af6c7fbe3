"""What is written down of requests: enough to find one again, and nothing of what it carried."""

from __future__ import annotations

import io
import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from campaign_adapters.http_api import logs
from campaign_adapters.http_api.gate import BASE
from tests.http.serving import Keyed, gated, logged, serve, small_app


class Written(io.StringIO):
    """What was logged."""

    def lines(self, count: int) -> list[dict[str, Any]]:
        """Each line as the JSON object it is; so many come, but a client may have its answer before they do."""
        deadline = time.monotonic() + 10
        while self.getvalue().count("\n") < count and time.monotonic() < deadline:
            time.sleep(0.005)
        found = [json.loads(line) for line in self.getvalue().splitlines()]
        assert len(found) == count
        return found


@pytest.fixture
def written() -> Iterator[Written]:
    """The log of a test; the logger is put back afterwards."""
    stream = Written()
    with logged(stream):
        yield stream


@pytest.fixture
def address(keyed: Keyed, written: Written) -> Iterator[str]:
    with serve(gated(small_app(), keyed.kernel, keyed.clock, per_minute=20)) as address:
        yield address


def test_a_request_is_one_line(address: str, keyed: Keyed, written: Written) -> None:
    """Its id, the template of its route, what came of it, how long it took, whose key it was."""
    headers = {**keyed.headers, "X-Request-ID": "order-17"}
    requests.get(f"{address}{BASE}/things/7?email=ada@acme.example", headers=headers, timeout=10)
    (line,) = written.lines(1)
    assert 0 < line.pop("milliseconds") < 60_000
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "info",
        "request_id": "order-17",
        "method": "GET",
        "route": BASE + "/things/{thing_id}",
        "status": 200,
        "key_id": keyed.key.key_id,
        "workspace": "default",
    }


@pytest.mark.parametrize(
    ("path", "keyed_call", "expected"),
    [
        (f"{BASE}/things/7", False, (None, 401, None)),
        (f"{BASE}/nothing/ada@acme.example", True, (None, 404, "default")),
        (f"{BASE}/things/ada@acme.example", True, (f"{BASE}/things/{{thing_id}}", 422, "default")),
        (f"{BASE}/campaigns", True, (f"{BASE}/campaigns", 405, "default")),
        (f"{BASE}/included/ada@acme.example", True, (f"{BASE}/included/{{name}}", 200, "default")),
        ("/healthz", False, ("/healthz", 200, None)),
        ("/t/ada@acme.example", False, (None, 404, None)),
    ],
)
def test_every_request_has_its_line(
    address: str, keyed: Keyed, written: Written, path: str, keyed_call: bool, expected: tuple[Any, ...]
) -> None:
    """Turned away or not, below the base path or not; a path that is no route's is not written down."""
    requests.get(address + path, headers=keyed.headers if keyed_call else {}, timeout=10)
    (line,) = written.lines(1)
    assert (line["route"], line["status"], line["workspace"]) == expected


def test_a_key_that_calls_too_often_is_named(address: str, keyed: Keyed, written: Written) -> None:
    """Whoever reads the log sees whose calls are turned away."""
    for _ in range(21):
        requests.get(f"{address}{BASE}/things/7", headers=keyed.headers, timeout=10)
    last = written.lines(21)[-1]
    assert (last["status"], last["key_id"], last["workspace"]) == (429, keyed.key.key_id, "default")


def test_an_exception_is_told_by_where_it_came_from(address: str, keyed: Keyed, written: Written) -> None:
    """Its class and its frames under the request's id; not its message, which may quote anything."""
    said = requests.get(f"{address}{BASE}/broken", headers=keyed.headers, timeout=10)
    broke, ended = written.lines(2)
    assert broke["request_id"] == ended["request_id"] == said.headers["X-Request-ID"]
    assert (broke["level"], broke["error"], ended["level"], ended["status"]) == ("error", "ValueError", "error", 500)
    assert broke["traceback"][-1] == "ValueError"
    assert broke["traceback"][-2].startswith("serving.py:")
    assert broke["traceback"][-2].endswith(" in break_down")
    assert "ada@" not in written.getvalue()


def test_what_an_exception_came_from_is_told_before_it(written: Written) -> None:
    """Its cause, but not itself once more, should it go round in a circle."""
    try:
        try:
            raise KeyError("ada@acme.example")
        except KeyError as first:
            raise ValueError("ada@acme.example") from first
    except ValueError as second:
        logs.request_broke("r", second)
        second.__cause__ = second
        logs.request_broke("r", second)
    names = [[each for each in line["traceback"] if " in " not in each] for line in written.lines(2)]
    assert names == [["KeyError", "ValueError"], ["ValueError"]]
    assert "ada@" not in written.getvalue()


def test_no_line_holds_an_address_a_key_or_a_body(address: str, keyed: Keyed, written: Written) -> None:
    """Whatever comes of the request."""
    secret = {**keyed.headers, "Idempotency-Key": "ada@acme.example", "Cookie": "swordfish", "User-Agent": "swordfish"}
    for headers in (secret, {"X-API-Key": "cs_live_swordfish"}, {"X-Request-ID": "ada@acme.example"}):
        for method, path in (
            ("POST", "/json?q=swordfish"),
            ("GET", "/broken"),
            ("POST", "/swordfish"),
            ("PUT", "/json"),
        ):
            body = '{"email": "ada@acme.example", "password": "swordfish"}'
            requests.request(method, address + BASE + path, data=body, headers=headers, timeout=10)
    written.lines(13)
    for word in ("ada@", "swordfish", keyed.token, "cs_live", "127.0.0.1"):
        assert word not in written.getvalue()


def test_lines_from_a_level_on_are_written(written: Written, address: str, keyed: Keyed) -> None:
    """A server that logs errors only tells of what broke; configured again, it writes to the new place alone."""
    errors = Written()
    logs.configure(logging.ERROR, errors)
    requests.get(f"{address}{BASE}/things/7", headers=keyed.headers, timeout=10)
    requests.get(f"{address}{BASE}/broken", headers=keyed.headers, timeout=10)
    assert [line["level"] for line in errors.lines(2)] == ["error", "error"]
    assert written.getvalue() == ""


def test_other_words_to_the_same_logger_are_lines_too(written: Written) -> None:
    logs.LOGGER.warning("Two\nlines of %s", "text")
    (line,) = written.lines(1)
    assert (line["level"], line["message"]) == ("warning", "Two\nlines of text")


def test_what_other_packages_warn_of_is_a_line_without_what_they_put_in(written: Written) -> None:
    """Which may be anybody's data; our own words hold none."""
    logging.getLogger("somebody.else").warning("Expected %r", "ada@acme.example")
    logging.getLogger("campaign_adapters.http_api.tracking").warning("%s could not be recorded", "RecordOpen")
    first, second = written.lines(2)
    assert (first["logger"], first["message"]) == ("somebody.else", "Expected %r")
    assert second["message"] == "RecordOpen could not be recorded"
