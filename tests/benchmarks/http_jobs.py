"""The API over HTTP, beside the framework alone: the same routes, validation and bytes, and no kernel behind them."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import count
from pathlib import Path

from attrs import frozen

from benchmarks.http_server import SECRET
from benchmarks.measure import Result, folder, interleaved
from campaign_adapters.http_api.gate import BASE
from campaign_adapters.http_api.keys import ApiKeys
from campaign_core import open_kernel

_BOUNDARY = "a-line-between-parts"
_ROWS = 10_000
_AT_ONCE = 40


class Client:
    """One connection that stays open."""

    def __init__(self, port: int, key: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._key = key
        #: Seconds of each request.
        self.latencies: list[float] = []

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> bytes:
        """The body of an answer that is fine."""
        headers = {"X-API-Key": self._key, "Content-Type": kind}
        begun = time.perf_counter()
        self._connection.request(method, BASE + path, body or None, headers)
        answer = self._connection.getresponse()
        read = answer.read()
        self.latencies.append(time.perf_counter() - begun)
        assert answer.status in (200, 201), (answer.status, read)
        return read


@frozen
class Job:
    """One kind of request."""

    name: str
    #: Requests in one turn.
    at_once: int
    ask: Callable[[Client], bytes]


@contextmanager
def _server(*arguments: str) -> Iterator[int]:
    """A server in a process of its own; answers its port."""
    command = [sys.executable, "-m", "benchmarks.http_server", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdin is not None
        assert started.stdout is not None
        try:
            yield int(started.stdout.readline())
        finally:
            started.stdin.close()


def requests() -> Iterator[Result]:
    """Create, update, get, list, and an upload of 10,000 rows."""
    with folder() as path:
        key = _prepare(path / "http.db")
        with _server(str(path / "http.db")) as port:
            ours = Client(port, key)
            jobs = _jobs(ours)
            answers = {job.name: job.ask(ours).decode() for job in jobs}
            (path / "answers.json").write_text(json.dumps(answers), encoding="utf-8")
            with _server("--prepared", str(path / "answers.json")) as bare_port:
                bare = Client(bare_port, key)
                for job in jobs:
                    yield _measured(job, ours, bare)


def _prepare(database: Path) -> str:
    with open_kernel(database) as kernel:
        return ApiKeys(kernel, SECRET).create("benchmark", ("*",), "default")[1]


def _jobs(client: Client) -> list[Job]:
    numbers = count()
    campaign_id = json.loads(client.ask("POST", "/campaigns", _body("Spring launch")))["campaign_id"]
    filled = json.loads(client.ask("POST", "/campaigns", _body("Autumn launch")))["campaign_id"]
    rows = b"".join(b"lead%d@example.com,Ada,Analytical Engines\r\n" % number for number in range(_ROWS))
    file = _form(b"email,first_name,company\r\n" + rows)
    client.ask("POST", f"/campaigns/{filled}/leads", *file)

    def upload(each: Client) -> bytes:
        fresh = json.loads(client.ask("POST", "/campaigns", _body("Spring launch")))["campaign_id"]
        client.latencies.pop()
        return each.ask("POST", f"/campaigns/{fresh}/leads", *file)

    return [
        Job("create", _AT_ONCE, lambda each: each.ask("POST", "/campaigns", _body("Spring launch"))),
        Job(
            "update",
            _AT_ONCE,
            lambda each: each.ask("PUT", f"/campaigns/{campaign_id}", _body(f"Launch number {next(numbers)}")),
        ),
        Job("get", _AT_ONCE, lambda each: each.ask("GET", f"/campaigns/{filled}")),
        Job("list", _AT_ONCE, lambda each: each.ask("GET", "/campaigns?limit=20")),
        Job("upload", 1, upload),
    ]


def _body(name: str) -> bytes:
    return json.dumps({"name": name}).encode()


def _form(file: bytes) -> tuple[bytes, str]:
    """A form with one file, and its type."""
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="leads.csv"\r\n\r\n'
    return head.encode() + file + f"\r\n--{_BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={_BOUNDARY}"


def _measured(job: Job, ours: Client, bare: Client) -> Result:
    def turn(client: Client) -> float:
        before = len(client.latencies)
        for _ in range(job.at_once):
            job.ask(client)
        return sum(client.latencies[before:])

    ours.latencies.clear()
    took = interleaved(
        {"ours": lambda: turn(ours), "the framework, same bytes": lambda: turn(bare)}, turns=9, units=job.at_once
    )
    milliseconds = sorted(each * 1000 for each in ours.latencies)
    middle, late = statistics.median(milliseconds), milliseconds[int(len(milliseconds) * 0.95)]
    note = f"{1e6 / took['ours']:,.0f} requests a second on one connection; half within {middle:.1f} ms, 95 % in {late:.1f} ms"
    name = "a file of 10,000 rows" if job.name == "upload" else job.name
    return Result(job=f"HTTP: {name}", unit="request", took=took, note=note)
