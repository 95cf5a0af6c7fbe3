"""The API as a process of its own, as `campaign serve` starts it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import requests
from attrs import define

from campaign_adapters.http_api.keys import ApiKeys
from campaign_core import open_kernel

SECRET = bytes(range(100, 132))
API = "/api/public/v1"


@define
class Server:
    """A server in a process of its own, and what it said by now."""

    process: subprocess.Popen[str]
    url: str
    token: str

    def call(self, method: str, path: str, **given: Any) -> requests.Response:
        """One request below the base path."""
        headers = {"X-API-Key": self.token}
        return requests.request(method, f"{self.url}{API}{path}", headers=headers, timeout=60, **given)

    def end(self, number: signal.Signals) -> tuple[int, str, str]:
        """Tells it to stop; exit code and what else it printed."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


@contextmanager
def server(folder: Path, *options: str) -> Iterator[Server]:
    """Starts one at a free port, with a key that may do everything."""
    database = folder / "campaigns.db"
    with open_kernel(database) as kernel:
        _, token = ApiKeys(kernel, SECRET).create("A key of the test", ("*",), "default")
    environment = {**os.environ, "CAMPAIGN_SECRET_KEY": b64encode(SECRET).decode()}
    process = subprocess.Popen(
        [
            sys.executable,
            "-W",
            "error",
            "-m",
            "campaign_adapters.cli",
            "--db",
            str(database),
            "serve",
            "--port",
            "0",
            *options,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        url = json.loads(line)["url"] if "--json" in options else line.removeprefix("Listening on ").partition(";")[0]
        yield Server(process, url, token)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.communicate()
