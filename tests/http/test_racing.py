"""Many clients at one campaign: whatever order they came in, each answer is what the campaign allowed then."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import pytest
import requests
from attrs import frozen

from campaign_core import Recorded
from tests.http.conftest import Served
from tests.http.given import FOLLOW_UP, VARIANT, Client

CLIENTS: Final = 16
DEEDS_EACH: Final = 12
#: The status each event leaves behind, and in which statuses each deed is fine. Source: reference sections 4.2 and 20.0.
LEAVES: Final = {
    "campaign.created": "DRAFT",
    "campaign.launched": "ACTIVE",
    "campaign.resumed": "ACTIVE",
    "campaign.paused": "PAUSED",
    "campaign.completed": "COMPLETED",
    "campaign.archived": "ARCHIVED",
    "campaign.deleted": "DELETED",
}
FINE_IN: Final = {
    "update": {"DRAFT", "PAUSED", "FAILED"},
    "launch": {"DRAFT", "PAUSED", "FAILED"},
    "pause": {"ACTIVE", "PAUSED"},
    "activate": {"DRAFT", "ACTIVE", "PAUSED", "FAILED"},
    "upload": {"DRAFT", "ACTIVE", "PAUSED", "FAILED"},
    "delete": {"DRAFT", "PAUSED", "ARCHIVED"},
}
#: The event a deed records where it moves the campaign.
MOVES: Final = {"pause": "campaign.paused", "delete": "campaign.deleted"}
WEIGHTS: Final = {"update": 4, "launch": 4, "pause": 6, "activate": 6, "upload": 3, "delete": 1}


@frozen
class Answered:
    """A deed, its answer, and the versions the campaign had just before and just after."""

    deed: str
    status: int
    body: Any
    request_id: str
    before: int
    after: int


def _ask(client: Client, campaign_id: str, deed: str, number: int) -> requests.Response:
    path = f"/campaigns/{campaign_id}"
    if deed == "update":
        return client.call("PUT", path, json={"name": f"Launch number {number}", "sending_window_start": number % 9})
    if deed == "launch":
        return client.call("PUT", path, json={"launch": True})
    if deed == "upload":
        file = b"email\nlead%d@example.com\n" % number
        return client.call("POST", f"{path}/leads", files={"file": ("leads.csv", file, "text/csv")})
    if deed == "delete":
        return client.call("DELETE", path)
    return client.call("POST", f"{path}/{deed}")


def _race(served: Served, campaign_id: str, seed: int) -> list[Answered]:
    """What became of all deeds of all clients, each in a thread of its own."""
    found: list[Answered] = []
    together = threading.Barrier(CLIENTS)
    wrong: list[BaseException] = []

    def run(place: int) -> None:
        try:
            dice, client = random.Random(seed * 1000 + place), served.client()
            together.wait()
            for turn in range(DEEDS_EACH):
                deed = dice.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
                # Nothing is left to race for once it is gone, so that comes late.
                deed = "pause" if deed == "delete" and turn < DEEDS_EACH * 2 / 3 else deed
                before = len(served.kernel.history(UUID(campaign_id)))
                answer = _ask(client, campaign_id, deed, place * DEEDS_EACH + turn)
                after = len(served.kernel.history(UUID(campaign_id)))
                request_id = answer.headers["X-Request-ID"]
                found.append(Answered(deed, answer.status_code, answer.json(), request_id, before, after))
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=run, args=(place,)) for place in range(CLIENTS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert wrong == []
    return found


def _statuses(history: list[Recorded]) -> list[str]:
    """The status behind each version, version 1 first."""
    found: list[str] = []
    for each in history:
        found.append(LEAVES.get(each.name, found[-1] if found else ""))
    return found


def _is_legal(answer: Answered, statuses: list[str], own: list[Recorded]) -> bool:
    """Whether some order of all deeds explains the answer: a status the campaign had while the deed was asked."""
    if own:
        was = statuses[own[0].version - 2]
        return answer.status == 200 and was in FINE_IN[answer.deed]
    around = set(statuses[answer.before - 1 : answer.after])
    if answer.status == 404:
        return "DELETED" in around
    if answer.status == 400:
        named = re.search(r"that is ([A-Z]+) cannot", answer.body["detail"])
        return named is not None and named[1] in around and named[1] not in FINE_IN[answer.deed]
    return answer.status == 200 and bool(around & FINE_IN[answer.deed]) and answer.deed not in ("delete", "upload")


@pytest.mark.parametrize("seed", [1, 2])
def test_every_answer_is_legal_in_some_order(served: Served, inbox: Callable[[str], str], seed: int) -> None:
    """16 clients update, launch, pause, activate, upload and delete at once: no 5xx, and the log checks."""
    client = served.client()
    campaign_id = client.create()
    client.upload(campaign_id)
    parts = {"inbox_ids": [inbox("sales@acme.example")], "variants": [VARIANT], "sequences": [FOLLOW_UP]}
    client.update(campaign_id, **parts)
    answers = _race(served, campaign_id, seed)
    assert len(answers) == CLIENTS * DEEDS_EACH
    assert [each for each in answers if each.status >= 500] == []
    history = served.kernel.history(UUID(campaign_id))
    statuses = _statuses(history)
    by_request: dict[str | None, list[Recorded]] = {}
    for each in history:
        by_request.setdefault(each.metadata.correlation, []).append(each)
    assert [each for each in answers if not _is_legal(each, statuses, by_request.get(each.request_id, []))] == []
    for answer in answers:
        own = [each.name for each in by_request.get(answer.request_id, [])]
        assert answer.deed not in MOVES or set(own) <= {MOVES[answer.deed]}
    assert len({each.status for each in answers}) > 1, "a race in which nobody was refused shows nothing"
    assert served.kernel.verify().holds
    before = served.kernel.as_of(UUID(campaign_id)) if "DELETED" not in statuses else None
    served.kernel.rebuild()
    assert before is None or served.kernel.as_of(UUID(campaign_id)) == before
