"""A server that is killed, again and again: what was answered is there, and a repeated request happens once."""

from __future__ import annotations

import random
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import requests

from campaign_core import CreateCampaign, open_kernel
from tests.adapters.serving import Server, server

KILLS: Final = 6
CLIENTS: Final = 4
ROWS: Final = 300


def _file(place: int) -> bytes:
    return b"email\n" + b"".join(b"lead%d@of%d.example\n" % (number, place) for number in range(ROWS))


def _uploaded(served: Server, campaign_id: str, key: str, place: int) -> dict[str, Any]:
    """The answer to a lead file that may have been sent before."""
    files = {"file": ("leads.csv", _file(place), "text/csv")}
    headers = {"X-API-Key": served.token, "Idempotency-Key": key}
    url = f"{served.url}/api/public/v1/campaigns/{campaign_id}/leads"
    answer = requests.post(url, files=files, headers=headers, timeout=60)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_uploads_repeated_after_kills_happen_once_and_keep_their_jobs(tmp_path: Path) -> None:
    """Each file under a key of its own, sent while the server is killed with SIGKILL, and sent again to the next one."""
    answered: dict[str, dict[str, Any]] = {}
    limits = ("--rate-per-minute", "100000", "--rate-per-hour", "100000", "--inbox-check", "off")
    with open_kernel(tmp_path / "campaigns.db") as kernel:
        campaigns = [str(kernel.handle(CreateCampaign(f"Launch number {place}")).id) for place in range(CLIENTS)]
    dice = random.Random(4)
    for turn in range(KILLS):
        with server(tmp_path, *limits) as served:

            def send(place: int, turn: int = turn, served: Server = served) -> None:
                with suppress(requests.RequestException):
                    for number in range(100):
                        key = f"{turn}-{place}-{number}"
                        answered[key] = _uploaded(served, campaigns[place], key, number + 100 * turn)

            threads = [threading.Thread(target=send, args=(place,)) for place in range(CLIENTS)]
            for each in threads:
                each.start()
            while len(answered) < 4 * (turn + 1):
                time.sleep(0.01)
            time.sleep(dice.random() / 10)
            served.process.kill()
            for each in threads:
                each.join()
    assert len(answered) >= 4 * KILLS
    with server(tmp_path, *limits) as served:
        for key, first in answered.items():
            turn, place, number = map(int, key.split("-"))
            again = _uploaded(served, campaigns[place], key, number + 100 * turn)
            assert again == first
            job = served.call("GET", f"/campaigns/{campaigns[place]}/leads/upload/{first['job_id']}").json()
            assert (job["status"], job["total_count"]) == ("COMPLETED", ROWS)
    with open_kernel(tmp_path / "campaigns.db") as kernel:
        assert kernel.verify().holds
        uploads = [each for each in kernel.subscribe() if each.name == "campaign.leads_uploaded"]
        commands = [each.metadata.command for each in uploads]
        assert len(set(commands)) == len(commands)
        assert set(answered) <= set(commands)
