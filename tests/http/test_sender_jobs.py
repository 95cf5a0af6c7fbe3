"""Several sender accounts at once: what became of each, and the job that says so later."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from campaign_adapters.cli.serving import sealed_servers
from campaign_adapters.http_api.app import create_app
from campaign_adapters.http_api.keys import ApiKeys
from campaign_core import INBOXES, InboxStatus, open_kernel
from tests.http.accounts import (
    NOBODY,
    ONCE,
    Broken,
    Place,
    Told,
    accounts_with,
    opened,
)
from tests.http.given import Client
from tests.http.serving import SECRET, serve


def test_a_bulk_creation_tells_what_became_of_each(place: Place) -> None:
    """One works, one has a wrong password, one is taken, one is named twice, one is over its type's limit."""
    place.create("taken@acme.example")
    bodies = [
        place.body("one@acme.example"),
        place.body("two@acme.example", smtp_password="wrong"),
        place.body("taken@acme.example"),
        place.body("ONE@acme.example"),
        place.body("many@acme.example", inbox_type="GOOGLE_WORKSPACE", daily_limit=2_001),
        place.body("no address"),
        place.body("six@acme.example"),
    ]
    said = place.client.body(200, "POST", "/sender-accounts/smtp/bulk", {"inboxes": bodies})
    results = said.pop("results")
    assert [each["status"] for each in results] == ["CREATED", *["FAILED"] * 5, "CREATED"]
    words = ["535", "already is an inbox", "already is an inbox", "at most 2,000", "must be an e-mail address"]
    assert all(word in each["error"] for word, each in zip(words, results[1:6], strict=True))
    assert [each["email_address"] for each in results] == [each["email_address"] for each in bodies]
    assert place.addresses() == ["one@acme.example", "six@acme.example", "taken@acme.example"]
    assert (said["total"], said["success_count"], said["failed_count"]) == (7, 2, 5)
    assert said["message"] == "2 of 7 SMTP accounts created"
    job = place.client.get(f"/sender-accounts/smtp/bulk/{said['job_id']}/progress")["job"]
    assert job == {
        "job_id": said["job_id"],
        "status": "COMPLETED",
        "progress_percentage": 100.0,
        "total_rows": 7,
        "processed_count": 7,
        "success_count": 2,
        "failed_count": 5,
        "skipped_count": 0,
        "started_at": "2030-01-07T14:00:00Z",
        "completed_at": "2030-01-07T14:00:00Z",
        "results": results,
    }


def test_a_job_is_found_after_a_restart_by_its_own_workspace_only(place: Place, other: Client) -> None:
    """By another kernel over the same file; as the other kind of job, or elsewhere, there is none."""
    said = place.client.body(200, "POST", "/sender-accounts/smtp/bulk", {"inboxes": [place.body()]})
    path = f"/sender-accounts/smtp/bulk/{said['job_id']}/progress"
    found = place.client.get(path)
    app_of = create_app
    with open_kernel(place.path) as again, serve(app_of(again, secret=SECRET, accounts=accounts_with(None))) as url:
        _, token = ApiKeys(again, SECRET).create("Later", ("sender_accounts:read",), "default")
        assert Client(url, token).get(path) == found
    assert other.body(404, "GET", path) == {"detail": f"There is no job {said['job_id']}."}
    place.client.body(404, "GET", f"/sender-accounts/bulk/delete/{said['job_id']}/progress")
    place.client.body(404, "GET", f"/sender-accounts/smtp/bulk/{NOBODY}/progress")


@pytest.mark.parametrize("count", [0, 101])
def test_a_bulk_request_names_1_to_100_inboxes(place: Place, count: int) -> None:
    for path, body in (
        ("/smtp/bulk", {"inboxes": [place.body(f"a{each}@acme.example") for each in range(count)]}),
        ("/bulk/delete", {"inbox_ids": [NOBODY] * count, "confirm_deletion": True}),
    ):
        place.client.body(422, "POST", f"/sender-accounts{path}", body)
    assert place.post.connections == 0


def test_a_hundred_accounts_are_made_at_once(place: Place) -> None:
    bodies = [place.body(f"a{each}@acme.example") for each in range(100)]
    said = place.client.body(200, "POST", "/sender-accounts/smtp/bulk", {"inboxes": bodies})
    assert (said["success_count"], len(place.addresses()), place.post.connections) == (100, 100, 100)


def test_a_repeated_bulk_request_gets_the_first_answer(place: Place) -> None:
    """With no second login; other accounts under the same key are 409."""
    body = {"inboxes": [place.body("one@acme.example"), place.body("two@acme.example", smtp_password="wrong")]}
    first = place.client.body(200, "POST", "/sender-accounts/smtp/bulk", body, headers=ONCE)
    talks = place.post.connections
    assert place.client.body(200, "POST", "/sender-accounts/smtp/bulk", body, headers=ONCE) == first
    assert place.post.connections == talks
    place.client.body(409, "POST", "/sender-accounts/smtp/bulk", {"inboxes": [place.body()]}, headers=ONCE)
    gone = {"inbox_ids": [NOBODY], "confirm_deletion": True}
    skipped = place.client.body(200, "POST", "/sender-accounts/bulk/delete", gone, headers=ONCE)
    assert place.client.body(200, "POST", "/sender-accounts/bulk/delete", gone, headers=ONCE) == skipped


def test_a_bulk_request_that_broke_off_goes_on_when_repeated(tmp_path: Path) -> None:
    """The accounts made before are not made again, and the answer counts them."""
    breaks: list[bool] = []
    accounts = evolve(accounts_with(Told()), secrets_of=lambda kernel: Broken(sealed_servers(kernel, SECRET), breaks))
    with opened(tmp_path / "campaigns.db", accounts) as place:
        body = {"inboxes": [place.body("one@acme.example")]}
        place.client.body(200, "POST", "/sender-accounts/smtp/bulk", body)
        breaks.append(True)
        body = {"inboxes": [place.body("two@acme.example"), place.body("three@acme.example")]}
        place.client.body(500, "POST", "/sender-accounts/smtp/bulk", body, headers=ONCE)
        assert place.addresses() == ["one@acme.example", "two@acme.example"]
        said = place.client.body(200, "POST", "/sender-accounts/smtp/bulk", body, headers=ONCE)
        assert [each["status"] for each in said["results"]] == ["CREATED", "CREATED"]
        assert {row.status for row in place.kernel.view(INBOXES).find()} == {InboxStatus.ACTIVE}


def test_a_bulk_deletion_passes_over_what_is_in_use_or_unknown(place: Place) -> None:
    """It has to be confirmed; a second mention of an inbox finds it gone."""
    free, held = place.create("free@acme.example")["inbox_id"], place.create("held@acme.example")["inbox_id"]
    campaign_id = place.holding(held)
    body: dict[str, Any] = {"inbox_ids": [free, held, NOBODY, free]}
    for unconfirmed in ({}, {"confirm_deletion": False}):
        said = place.client.body(400, "POST", "/sender-accounts/bulk/delete", body | unconfirmed)
        assert "confirm_deletion must be true" in said["detail"]
    assert len(place.addresses()) == 2
    said = place.client.body(200, "POST", "/sender-accounts/bulk/delete", body | {"confirm_deletion": True})
    assert [each["status"] for each in said["results"]] == ["DELETED", "SKIPPED", "SKIPPED", "SKIPPED"]
    assert [each["email_address"] for each in said["results"]] == ["free@acme.example", "held@acme.example", None, None]
    assert campaign_id in said["results"][1]["error"]
    counts = ("total", "deleted_count", "failed_count", "skipped_count")
    assert [said[each] for each in counts] == [4, 1, 0, 3]
    assert place.addresses() == ["held@acme.example"]
    job = place.client.get(f"/sender-accounts/bulk/delete/{said['job_id']}/progress")["job"]
    assert (job["results"], job["success_count"], job["skipped_count"]) == (said["results"], 1, 3)
