"""A real server on loopback over a real SQLite file, and a client with a key that may do everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from attrs import frozen

from campaign_adapters.cli.serving import LoginCheck
from campaign_adapters.http_api.app import create_app
from campaign_adapters.http_api.keys import ApiKeys
from campaign_core import Kernel, RegisterInbox, VerifyInbox, open_kernel
from campaign_core.kernel.worker import VirtualClock, Worker
from campaign_core.sending.transport import Answer, Outgoing, Taken
from tests.http import serving
from tests.http.accounts import Place, accounts_with, opened
from tests.http.given import FOLLOW_UP, VARIANT, Client
from tests.http.serving import SECRET, Keyed, serve

#: A Monday at nine in New York, when campaigns may send.
MORNING = datetime(2030, 1, 7, 14, tzinfo=UTC)
#: More requests than any test makes.
MANY = 1_000_000


class _Takes:
    """A transport that takes every mail."""

    def send(self, inbox_id: UUID, outgoing: Outgoing) -> Answer:
        return Taken("250")

    def close(self) -> None:
        """Nothing is held open."""


@frozen
class Served:
    """A server, the kernel behind it, and clients of it."""

    url: str
    kernel: Kernel
    clock: VirtualClock

    def client(self, *scopes: str, workspace: str = "default") -> Client:
        """A client whose key has these scopes, or all."""
        _, token = ApiKeys(self.kernel, SECRET).create("A key of the test", scopes or ("*",), workspace)
        return Client(self.url, token)

    def work(self) -> None:
        """Sends everything there is to send."""
        Worker(self.kernel, _Takes(), name="worker", clock=self.clock).run(until_complete=True)

    def tick(self) -> None:
        """Sends what is due now: one mail of each inbox."""
        Worker(self.kernel, _Takes(), name="worker", clock=self.clock).tick()


@pytest.fixture
def keyed(tmp_path: Path) -> Iterator[Keyed]:
    """A kernel over a SQLite file, and a key that may do everything in its default workspace."""
    with serving.keyed(tmp_path / "campaigns.db") as made:
        yield made


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A server with a clock that stands still."""
    clock = VirtualClock(MORNING)
    with open_kernel(tmp_path / "campaigns.db", clock=clock.now) as kernel:
        app = create_app(kernel, secret=SECRET, per_minute=MANY, per_hour=MANY)
        with serve(app) as url:
            yield Served(url, kernel, clock)


@pytest.fixture
def client(served: Served) -> Client:
    """A client that may do everything."""
    return served.client()


@pytest.fixture
def inbox(served: Served) -> Callable[[str], str]:
    """Makes an ACTIVE inbox of that address and answers its id."""

    def made(address: str = "sales@acme.example") -> str:
        inbox_id = served.kernel.handle(RegisterInbox(address)).id
        served.kernel.handle(VerifyInbox(inbox_id))
        return str(inbox_id)

    return made


@pytest.fixture
def active(client: Client, inbox: Callable[[str], str]) -> str:
    """The id of a campaign that runs: two leads, one follow-up."""
    campaign_id = client.create()
    client.upload(campaign_id)
    parts = {"inbox_ids": [inbox("sales@acme.example")], "variants": [VARIANT], "sequences": [FOLLOW_UP]}
    assert client.update(campaign_id, **parts, launch=True)["status"] == "ACTIVE"
    return campaign_id


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A server that logs in at the SMTP servers of new accounts."""
    with opened(tmp_path / "campaigns.db", accounts_with(LoginCheck())) as made:
        yield made


@pytest.fixture
def other(place: Place) -> Client:
    """A client of another workspace."""
    place.kernel.create_workspace("other")
    _, token = ApiKeys(place.kernel, SECRET).create("Another", ("*",), "other")
    return Client(place.url, token)
