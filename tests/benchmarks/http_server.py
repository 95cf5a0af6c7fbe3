"""A server for the benchmark, in a process of its own: ours over a database, or the framework with prepared answers.

    python -m benchmarks.http_server DATABASE
    python -m benchmarks.http_server --prepared ANSWERS.json

Prints its port, and serves until its standard input ends.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from socket import AF_INET, IPPROTO_TCP, SOCK_STREAM, socket
from typing import Annotated, Any
from uuid import UUID

import uvicorn
from fastapi import FastAPI, File, Response, UploadFile

from campaign_adapters.http_api.app import create_app
from campaign_adapters.http_api.campaign_models import CampaignCreate, CampaignUpdate
from campaign_adapters.http_api.gate import BASE
from campaign_core import open_kernel

SECRET = bytes(32)
#: More requests than a run makes.
MANY = 100_000_000


def prepared(answers: dict[str, str]) -> FastAPI:
    """The framework with the same routes and the same validation; what it answers was written down before."""
    app = FastAPI()

    def said(job: str, status: int = 200) -> Response:
        return Response(answers[job], status, media_type="application/json")

    @app.post(f"{BASE}/campaigns")
    def create(body: CampaignCreate) -> Response:
        return said("create", 201)

    @app.put(f"{BASE}/campaigns/{{campaign_id}}")
    def update(campaign_id: UUID, body: CampaignUpdate) -> Response:
        return said("update")

    @app.get(f"{BASE}/campaigns/{{campaign_id}}")
    def get(campaign_id: UUID) -> Response:
        return said("get")

    @app.get(f"{BASE}/campaigns")
    def list_(page: int = 1, limit: int = 20) -> Response:
        return said("list")

    @app.post(f"{BASE}/campaigns/{{campaign_id}}/leads")
    def upload(campaign_id: UUID, file: Annotated[UploadFile, File()]) -> Response:
        return said("upload")

    return app


def serve(app: Any) -> None:
    """Serves on a free port of the loopback until standard input ends."""
    # With its protocol named: without it asyncio leaves Nagle's algorithm on, which costs 40 ms an answer.
    with socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))

        def stop() -> None:
            sys.stdin.read()
            server.should_exit = True

        threading.Thread(target=stop, daemon=True).start()
        print(listening.getsockname()[1], flush=True)
        server.run(sockets=[listening])


def main(arguments: list[str]) -> None:
    if arguments[0] == "--prepared":
        serve(prepared(json.loads(Path(arguments[1]).read_text(encoding="utf-8"))))
        return
    with open_kernel(arguments[0]) as kernel:
        serve(create_app(kernel, secret=SECRET, per_minute=MANY, per_hour=MANY))


if __name__ == "__main__":
    main(sys.argv[1:])
