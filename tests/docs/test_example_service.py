"""The example service, as a process that several threads talk to."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from campaign_core import CAMPAIGNS, open_kernel
from tests.docs.pages import ROOT

LEADS = b"email,first_name\nada@engines.example,Ada\ngrace@harbour.example,Grace\nnobody,Alan\n"
VARIANT = {"subject_template": "Hello {{first_name}}", "email_content": "A word about your engines."}

#: Method, path, body (JSON unless bytes) and Idempotency-Key to status and answer.
Talk = Callable[..., tuple[int, Any]]


@contextmanager
def serving(database: Path, stop: signal.Signals) -> Iterator[str]:
    """The service in a process of its own; answers its address. Told to stop, it must end well and have said nothing."""
    service = subprocess.Popen(
        [sys.executable, "-W", "error", ROOT / "examples" / "embed_in_a_service.py", database],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert service.stdout is not None
        yield service.stdout.readline().strip().removeprefix("http://")
        service.send_signal(stop)
        _, complaints = service.communicate(timeout=30)
    finally:
        if service.poll() is None:
            service.kill()
            service.communicate()
    assert (service.returncode, complaints) == (0, "")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("service") / "campaigns.db"


@pytest.fixture(scope="module")
def talk(database: Path) -> Iterator[Talk]:
    """Asks one service, shared by the tests of this module; in the end its log must check."""
    with serving(database, signal.SIGTERM) as address:

        def ask(method: str, path: str, body: Any = None, key: str | None = None) -> tuple[int, Any]:
            sent = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
            with closing(HTTPConnection(address, timeout=30)) as connection:
                connection.request(method, path, sent, {} if key is None else {"Idempotency-Key": key})
                answer = connection.getresponse()
                return answer.status, json.loads(answer.read())

        yield ask
    with open_kernel(database) as kernel:
        assert kernel.verify().holds


def test_a_campaign_lives_over_http(talk: Talk) -> None:
    """Created, filled, launched too early, launched, paused, shown, and its history told."""
    status, created = talk("POST", "/campaigns", {"name": "Spring launch", "daily_limit_per_inbox": 30})
    assert (status, created["status"]) == (201, "DRAFT")
    campaign = f"/campaigns/{created['id']}"

    status, uploaded = talk("POST", f"{campaign}/leads", LEADS)
    assert (status, uploaded["report"]["imported"], uploaded["report"]["rows"]) == (200, 2, 3)

    status, early = talk("PATCH", campaign, {"launch": True})
    assert (status, early["status"]) == (200, "DRAFT")
    assert early["missing_requirements"] == ["inboxes", "email_content"]

    status, inbox = talk("POST", "/inboxes", {"email_address": "sales@acme.example"})
    assert (status, inbox["status"]) == (201, "PENDING")
    assert talk("POST", f"/inboxes/{inbox['id']}/verify")[1]["status"] == "ACTIVE"

    update = {"inbox_ids": [inbox["id"]], "variants": [VARIANT], "launch": True}
    status, launched = talk("PATCH", campaign, update)
    assert (status, launched["status"], launched["is_launch_ready"]) == (200, "ACTIVE", True)
    assert talk("POST", f"{campaign}/pause")[1]["status"] == "PAUSED"

    edit = {"action": "delete", "sequence_id": str(uuid4())}
    status, refused = talk("PATCH", campaign, {"sequence_edits": [edit]})
    assert (status, refused["error"]) == (404, "unknown_follow_up")

    status, shown = talk("GET", campaign)
    assert (status, shown["name"], shown["status"], shown["total_leads"]) == (200, "Spring launch", "PAUSED", 2)
    assert shown["settings"]["daily_limit_per_inbox"] == 30
    assert shown["missing_requirements"] == []

    status, history = talk("GET", f"{campaign}/history")
    assert status == 200
    assert [(each["version"], each["name"].partition(".")[2]) for each in history] == [
        (1, "created"),
        (2, "leads_uploaded"),
        (3, "inboxes_assigned"),
        (4, "variants_set"),
        (5, "launched"),
        (6, "paused"),
    ]
    assert {each["actor"] for each in history} == {"http"}
    assert history[0]["event"]["settings"]["name"] == "Spring launch"


def test_threads_share_one_kernel(talk: Talk, database: Path) -> None:
    """Eight clients at once create campaigns and read them back; every one of them is there, once."""

    def live(number: int) -> str:
        status, created = talk("POST", "/campaigns", {"name": f"Campaign {number:03}"})
        assert status == 201
        assert talk("POST", f"/campaigns/{created['id']}/leads", LEADS)[1]["report"]["imported"] == 2
        assert talk("GET", f"/campaigns/{created['id']}")[1]["name"] == f"Campaign {number:03}"
        return str(created["id"])

    with ThreadPoolExecutor(8) as clients:
        ids = list(clients.map(live, range(40)))
    assert len(set(ids)) == 40
    with open_kernel(database) as kernel:
        rows = kernel.view(CAMPAIGNS).find(contains={"name": "Campaign "})
        assert {str(row.campaign_id) for row in rows} == set(ids)
        assert {row.total_leads for row in rows} == {2}


def test_a_request_repeated_under_its_key_happens_once(talk: Talk, database: Path) -> None:
    """Eight clients send the same request with the same key at once: one campaign, one answer for all."""
    with ThreadPoolExecutor(8) as clients:
        answers = list(
            clients.map(lambda _: talk("POST", "/campaigns", {"name": "Summer launch"}, "order-17"), range(8))
        )
    assert {status for status, _ in answers} == {201}
    assert len({answer["id"] for _, answer in answers}) == 1
    status, refused = talk("POST", "/campaigns", {"name": "Autumn launch"}, "order-17")
    assert (status, refused["error"]) == (409, "command_id_reused")
    with open_kernel(database) as kernel:
        assert kernel.view(CAMPAIGNS).count({"name": "Summer launch"}) == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        pytest.param("POST", "/campaigns", {"name": "Spring"}, 422, "invalid_message", id="a name too short"),
        pytest.param(
            "POST", "/campaigns", {"name": "Spring launch", "x": 1}, 422, "invalid_message", id="a stray field"
        ),
        pytest.param("POST", "/campaigns", b"{", 422, "invalid_message", id="no JSON"),
        pytest.param("POST", "/campaigns", b"[" * 100_000, 422, "invalid_message", id="JSON nested too deep"),
        pytest.param("POST", "/campaigns", [], 422, "invalid_message", id="no object"),
        pytest.param("POST", "/inboxes", {"email_address": "nobody"}, 422, "invalid_message", id="no address"),
        pytest.param("GET", f"/campaigns/{uuid4()}", None, 404, "unknown_campaign", id="an unknown campaign"),
        pytest.param("PATCH", f"/campaigns/{uuid4()}", {}, 404, "unknown_campaign", id="an update of none"),
        pytest.param("POST", f"/inboxes/{uuid4()}/verify", None, 404, "unknown_inbox", id="an unknown inbox"),
        pytest.param("GET", "/campaigns/1", None, 404, "no_such_route", id="no such route"),
        pytest.param("POST", "/campaigns/{id}/pause", None, 400, "illegal_transition", id="a draft paused"),
        pytest.param("POST", "/campaigns/{id}/leads", b"", 400, "lead_file_refused", id="an empty lead file"),
        pytest.param(
            "PATCH", "/campaigns/{id}", {"inbox_ids": [str(uuid4())]}, 400, "unusable_inboxes", id="an inbox unknown"
        ),
    ],
)
def test_a_refusal_has_a_status_a_code_and_a_sentence(
    talk: Talk, method: str, path: str, body: Any, status: int, code: str
) -> None:
    """And nothing is recorded."""
    _, created = talk("POST", "/campaigns", {"name": "Spring launch"})
    answered, refusal = talk(method, path.replace("{id}", created["id"]), body)
    assert (answered, refusal["error"]) == (status, code)
    assert refusal["detail"].endswith(".")
    assert len(talk("GET", f"/campaigns/{created['id']}/history")[1]) == 1


def test_an_address_that_is_taken_is_a_conflict(talk: Talk) -> None:
    """Registering an inbox twice is answered with 409."""
    assert talk("POST", "/inboxes", {"email_address": "support@acme.example"})[0] == 201
    status, refused = talk("POST", "/inboxes", {"email_address": "Support@acme.example"})
    assert (status, refused["error"]) == (409, "already_exists")


def test_a_client_that_says_nothing_does_not_keep_the_service_from_stopping(tmp_path: Path) -> None:
    """An idle connection is open while the service is told to stop; it ends all the same, and well."""
    with closing(socket.socket()) as idle, serving(tmp_path / "campaigns.db", signal.SIGINT) as address:
        host, _, port = address.partition(":")
        idle.connect((host, int(port)))
        with closing(HTTPConnection(address, timeout=30)) as later:
            # Connections are taken in order, so once this one is answered the idle one has its thread.
            later.request("GET", "/")
            assert later.getresponse().status == 404
