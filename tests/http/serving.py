"""Real servers for tests: an application in a thread, and one in a process of its own; and a kernel that has a key.

Run as a script, this file is that process: it serves `gated(small_app())` on a database until its stdin is closed.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from socket import AF_INET, IPPROTO_TCP, SOCK_STREAM, socket
from typing import Annotated, Any, NamedTuple, TextIO

import uvicorn
from fastapi import APIRouter, Depends, FastAPI, Request, UploadFile

from campaign_adapters.http_api import logs
from campaign_adapters.http_api.caller import Caller, needs
from campaign_adapters.http_api.gate import BASE, Gate
from campaign_adapters.http_api.keys import ApiKey, ApiKeys
from campaign_adapters.http_api.rate_limits import PER_HOUR, PER_MINUTE, RateLimits
from campaign_core import CreateCampaign, Kernel, open_kernel

SECRET = bytes(range(32))
#: How long a server may take to start or to stop.
STUCK_SECONDS = 30
#: How large a body the small application takes.
MOST_BYTES = 1_000
AT = datetime(2030, 1, 1, 12, 0, 30, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = AT) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


class Keyed(NamedTuple):
    """A kernel, and a key to its default workspace."""

    kernel: Kernel
    keys: ApiKeys
    key: ApiKey
    token: str
    clock: Clock

    @property
    def headers(self) -> dict[str, str]:
        """What a client sends to be let in."""
        return {"X-API-Key": self.token}


@contextmanager
def keyed(location: str | Path, scopes: Sequence[str] = ("*",)) -> Iterator[Keyed]:
    """A kernel over a database and a new key with these scopes, both by a clock that stands still."""
    clock = Clock()
    with open_kernel(location, clock=clock) as kernel:
        keys = ApiKeys(kernel, SECRET, clock=clock)
        key, token = keys.create("For a test", scopes, "default")
        yield Keyed(kernel, keys, key, token, clock)


@contextmanager
def logged(stream: TextIO) -> Iterator[None]:
    """Has what a server logs written to a stream while the block runs."""
    root, names = logging.getLogger(), (None, *logs.OURS)
    handlers, levels = root.handlers[:], [logging.getLogger(name).level for name in names]
    logs.configure("INFO", stream)
    try:
        yield
    finally:
        root.handlers[:] = handlers
        for name, level in zip(names, levels, strict=True):
            logging.getLogger(name).setLevel(level)


@contextmanager
def serve(app: Any) -> Iterator[str]:
    """The application behind uvicorn on the loopback, in a thread that ends with the block; answers its address."""
    # With its protocol named: without it asyncio leaves Nagle's algorithm on, which costs 40 ms an answer.
    with socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=5))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            deadline = time.monotonic() + STUCK_SECONDS
            while not server.started:
                assert thread.is_alive(), "the server did not start"
                assert time.monotonic() < deadline, "the server takes too long to start"
                time.sleep(0.005)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(STUCK_SECONDS)
            assert not thread.is_alive(), "the server did not stop"


def gated(
    app: FastAPI, kernel: Kernel, clock: Callable[[], datetime], per_minute: int = PER_MINUTE, per_hour: int = PER_HOUR
) -> FastAPI:
    """The application behind the gate."""
    rates = RateLimits(kernel, per_minute=per_minute, per_hour=per_hour, clock=clock)
    app.add_middleware(
        Gate, kernel=kernel, keys=ApiKeys(kernel, SECRET), rates=rates, limits=lambda method, path: MOST_BYTES
    )
    return app


def small_app() -> FastAPI:
    """A few routes: one for each thing that can come of a request."""
    app = FastAPI()

    @app.get("/healthz")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get(BASE + "/things/{thing_id}")
    def thing(thing_id: int, caller: Annotated[Caller, Depends(needs("campaigns:read"))]) -> dict[str, Any]:
        return {"thing_id": thing_id, "key_id": caller.key.key_id, "workspace": caller.key.workspace}

    @app.post(BASE + "/campaigns", status_code=201)
    def create(name: str, caller: Annotated[Caller, Depends(needs("campaigns:create"))]) -> dict[str, str]:
        return {"campaign_id": str(caller.handle(CreateCampaign(name)).id)}

    router = APIRouter(prefix="/included")

    @router.get("/{name}")
    def included(name: str, caller: Annotated[Caller, Depends(needs("leads:read"))]) -> str:
        return name

    app.include_router(router, prefix=BASE)

    @app.post(BASE + "/json")
    def take_json(body: dict[str, Any], caller: Annotated[Caller, Depends(needs("*"))]) -> int:
        return len(body)

    @app.post(BASE + "/file")
    def take_file(file: UploadFile, caller: Annotated[Caller, Depends(needs("*"))]) -> int:
        return len(file.file.read())

    @app.post(BASE + "/bytes")
    async def take_bytes(request: Request) -> int:
        return len(await request.body())

    @app.get(BASE + "/broken")
    def break_down() -> None:
        raise ValueError("ada@acme.example was not to be seen")

    return app


@contextmanager
def process(database: str | Path, at: datetime = AT) -> Iterator[str]:
    """The small application on a database in a process of its own, its clock standing still; answers its address."""
    started = subprocess.Popen(
        [sys.executable, str(Path(__file__)), str(database), at.isoformat()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert started.stdin is not None
    assert started.stdout is not None
    try:
        address = started.stdout.readline().strip()
        assert address, "the process did not start"
        yield address
    finally:
        started.stdin.close()
        try:
            started.wait(STUCK_SECONDS)
        finally:
            started.kill()
            started.stdout.close()
    assert started.returncode == 0


def _main(database: str, at: str) -> None:
    clock = Clock(datetime.fromisoformat(at))
    with open_kernel(database) as kernel, serve(gated(small_app(), kernel, clock)) as address:
        print(address, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    _main(*sys.argv[1:])
