"""How often somebody may call: fixed windows, told in headers, counted over threads and processes."""

from __future__ import annotations

import threading
from collections import Counter as Tally
from datetime import timedelta
from itertools import cycle
from pathlib import Path

import pytest
import requests

from campaign_adapters.http_api.gate import BASE
from campaign_adapters.http_api.rate_limits import COUNTERS, RateLimits, Standing, last_call
from campaign_core import Kernel
from tests.http import serving
from tests.http.serving import AT, Clock, Keyed, gated, process, serve, small_app

MINUTE_END = int(AT.timestamp()) + 30


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_call_leaves_one_less(kernel: Kernel, clock: Clock) -> None:
    """On every store. The reset is the end of the minute, not a minute from now."""
    rates = RateLimits(kernel, per_minute=3, clock=clock)
    assert [rates.count("a").remaining for _ in range(3)] == [2, 1, 0]
    assert rates.count("b") == Standing(limit=3, remaining=2, reset=MINUTE_END, retry_after=None)


def test_one_call_too_many_waits_for_the_minute_to_end(kernel: Kernel, clock: Clock) -> None:
    """It is told how long, to the second and never none; the next minute begins anew."""
    rates = RateLimits(kernel, per_minute=2, clock=clock)
    for _ in range(2):
        rates.count("a")
    assert rates.count("a") == Standing(limit=2, remaining=0, reset=MINUTE_END, retry_after=30)
    clock.at += timedelta(seconds=29, microseconds=1)
    assert rates.count("a").retry_after == 1
    clock.at += timedelta(seconds=1)
    assert rates.count("a") == Standing(limit=2, remaining=1, reset=MINUTE_END + 60, retry_after=None)


def test_one_call_too_many_in_the_hour_waits_for_the_hour_to_end(kernel: Kernel, clock: Clock) -> None:
    """Fewer remain in the minute where the hour has fewer left."""
    rates = RateLimits(kernel, per_minute=2, per_hour=3, clock=clock)
    assert [rates.count("a").remaining for _ in range(2)] == [1, 0]
    clock.at += timedelta(minutes=1)
    assert rates.count("a").remaining == 0
    refused = rates.count("a")
    assert (refused.remaining, refused.reset, refused.retry_after) == (0, MINUTE_END + 60, 59 * 60 - 30)
    clock.at += timedelta(seconds=59 * 60 - 30)
    assert rates.count("a").retry_after is None


def test_where_both_windows_are_full_the_later_end_counts(kernel: Kernel, clock: Clock) -> None:
    rates = RateLimits(kernel, per_minute=1, per_hour=1, clock=clock)
    rates.count("a")
    assert rates.count("a").retry_after == 60 * 60 - 30


def test_a_call_that_is_turned_away_is_not_counted(kernel: Kernel, clock: Clock) -> None:
    """Whoever calls on and on is let in again with the next minute, and the hour is not used up meanwhile."""
    rates = RateLimits(kernel, per_minute=1, per_hour=2, clock=clock)
    for _ in range(10):
        rates.count("a")
    clock.at += timedelta(minutes=1)
    assert rates.count("a").retry_after is None
    assert last_call(kernel, "a") == clock.at
    clock.at += timedelta(minutes=1)
    rates.count("a")
    assert last_call(kernel, "a") == clock.at - timedelta(minutes=1)
    assert last_call(kernel, "nobody") is None


def test_headers_say_what_the_standing_says() -> None:
    standing = Standing(limit=100, remaining=99, reset=7, retry_after=None)
    three = {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "99", "X-RateLimit-Reset": "7"}
    assert standing.headers == three
    refused = Standing(limit=100, remaining=99, reset=7, retry_after=5)
    assert refused.headers == {**three, "Retry-After": "5"}


def test_threads_that_call_at_once_are_counted_one_by_one(kernel: Kernel, clock: Clock) -> None:
    rates = RateLimits(kernel, per_minute=30, clock=clock)
    let_in: list[bool] = []

    def call() -> None:
        for _ in range(10):
            let_in.append(rates.count("a").retry_after is None)

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Tally(let_in) == {True: 30, False: 10}


def test_a_key_counts_in_every_workspace_it_is_counted_from(keyed: Keyed) -> None:
    """There is one counter for it, wherever the kernel looks from."""
    europe = keyed.kernel.create_workspace("europe")
    RateLimits(keyed.kernel, clock=keyed.clock).count("a")
    assert RateLimits(europe, clock=keyed.clock).count("a").remaining == 98


def test_one_call_too_many_is_answered_429(keyed: Keyed) -> None:
    """With the documented body, the three headers and when to come again; the next minute it is let in."""
    with serve(gated(small_app(), keyed.kernel, keyed.clock, per_minute=2)) as address:
        said = [requests.get(f"{address}{BASE}/things/1", headers=keyed.headers, timeout=10) for _ in range(3)]
        assert [each.status_code for each in said] == [200, 200, 429]
        assert said[2].text == '{"detail":"Rate limit exceeded. Retry after 30 seconds."}'
        told = {name: value for name, value in said[2].headers.items() if name.startswith(("x-rate", "retry"))}
        assert told == {
            "x-ratelimit-limit": "2",
            "x-ratelimit-remaining": "0",
            "x-ratelimit-reset": str(MINUTE_END),
            "retry-after": "30",
        }
        keyed.clock.at += timedelta(seconds=30)
        assert requests.get(f"{address}{BASE}/things/1", headers=keyed.headers, timeout=10).status_code == 200


def test_keys_do_not_use_up_each_others_calls(keyed: Keyed) -> None:
    _, other = keyed.keys.create("Another", ["*"], "default")
    with serve(gated(small_app(), keyed.kernel, keyed.clock, per_minute=1)) as address:
        url = f"{address}{BASE}/things/1"
        for token in (keyed.token, other):
            said = [requests.get(url, headers={"X-API-Key": token}, timeout=10).status_code for _ in range(2)]
            assert said == [200, 429]


def test_whoever_guesses_keys_is_stopped_and_nobody_else_is(keyed: Keyed) -> None:
    """Calls without a valid key, whatever they present, are counted by where they come from."""
    with serve(gated(small_app(), keyed.kernel, keyed.clock, per_minute=3)) as address:
        url = f"{address}{BASE}/things/1"
        guesses = [{}, *({"X-API-Key": f"cs_live_{number:040}"} for number in range(4))]
        said = [requests.get(url, headers=guess, timeout=10) for guess in guesses]
        assert [each.status_code for each in said] == [401, 401, 401, 429, 429]
        assert [each.headers["X-RateLimit-Remaining"] for each in said] == ["2", "1", "0", "0", "0"]
        assert requests.get(url, headers=keyed.headers, timeout=10).status_code == 200
    counted = [name for name, _ in keyed.kernel.shelf(COUNTERS).scan()]
    assert counted == sorted([keyed.key.key_id, keyed.keys.stranger("127.0.0.1")])
    assert "127.0.0.1" not in "".join(counted)


def test_strangers_of_any_number_keep_a_bounded_number_of_counters(keyed: Keyed) -> None:
    """Addresses share 65,536 counters at most; of these 400, hardly any two share one."""
    rates = RateLimits(keyed.kernel, clock=keyed.clock)
    names = {keyed.keys.stranger(f"2001:db8::{number:x}") for number in range(100_000)}
    assert len(names) <= 65_536
    for name in sorted(names)[:20]:
        rates.count(name)
    assert len(keyed.kernel.shelf(COUNTERS).scan()) == 20


def test_two_servers_on_one_database_share_a_limit(tmp_path: Path) -> None:
    """Of 101 calls in a minute, half to each, the last is turned away, whichever process it reaches."""
    path = tmp_path / "campaigns.db"
    with serving.keyed(path) as keyed:
        token = keyed.token
    with process(path) as first, process(path) as second, requests.Session() as session:
        session.headers["X-API-Key"] = token
        servers = cycle([first, second])
        said = [session.get(f"{next(servers)}{BASE}/things/1", timeout=10) for _ in range(100)]
        assert {each.status_code for each in said} == {200}
        assert [int(each.headers["X-RateLimit-Remaining"]) for each in said] == list(range(99, -1, -1))
        for server in (first, second):
            refused = session.get(f"{server}{BASE}/things/1", timeout=10)
            assert (refused.status_code, refused.headers["Retry-After"]) == (429, "30")
            assert refused.json() == {"detail": "Rate limit exceeded. Retry after 30 seconds."}
            assert refused.headers["X-RateLimit-Limit"] == "100"
            assert refused.headers["X-RateLimit-Remaining"] == "0"
            assert refused.headers["X-RateLimit-Reset"] == str(MINUTE_END)


def test_calls_to_two_servers_at_once_are_counted_one_by_one(tmp_path: Path) -> None:
    """Exactly as many are let in as the limit says, however they interleave."""
    path = tmp_path / "campaigns.db"
    with serving.keyed(path) as keyed:
        token = keyed.token
    said: list[int] = []

    def call(server: str) -> None:
        with requests.Session() as session:
            session.headers["X-API-Key"] = token
            said.extend(session.get(f"{server}{BASE}/things/1", timeout=30).status_code for _ in range(30))

    with process(path) as first, process(path) as second:
        threads = [threading.Thread(target=call, args=(server,)) for server in (first, second, first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert Tally(said) == {200: 100, 429: 20}
