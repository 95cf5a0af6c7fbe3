"""Leads over HTTP: added, listed, looked at, changed, exported; and files of them with a job."""

from __future__ import annotations

from uuid import UUID

import pytest

from campaign_core import RecordBounce, RecordOpen, RecordReply, RecordUnsubscribe
from tests.http.conftest import Served
from tests.http.given import Client


def test_a_lead_added_by_hand_is_told_in_the_shape_of_the_product(client: Client) -> None:
    campaign_id = client.create()
    body = {
        "email": "Ada@Engines.example ",
        "first_name": " Ada ",
        "title": "Countess",
        "custom_fields": {"City": "Oslo"},
    }
    lead = client.body(201, "POST", f"/campaigns/{campaign_id}/leads/manual", body)
    assert lead == client.get(f"/campaigns/{campaign_id}/leads")["leads"][0]
    assert (lead["email"], lead["first_name"], lead["last_name"]) == ("Ada@engines.example", "Ada", None)
    assert lead["custom_fields"] == {"title": "Countess", "city": "Oslo"}
    assert (lead["status"], lead["sequence_step"], lead["delivery_status"]) == ("PENDING", 0, None)
    assert (lead["email_opened"], lead["email_replied"], lead["unsubscribed"]) == (False, False, False)
    assert UUID(lead["batch_id"])


def test_leads_are_listed_by_page_status_part_of_the_address_and_batch(client: Client) -> None:
    campaign_id = client.create()
    one = client.upload(campaign_id, b"email\n" + b"".join(b"lead%02d@one.example\n" % n for n in range(25)))
    client.upload(campaign_id, b"email\nsolo@two.example\n")
    path = f"/campaigns/{campaign_id}/leads"
    second = client.call("GET", path, params={"page": 2, "limit": 10}).json()
    assert [each["email"] for each in second["leads"]] == [f"lead{n:02}@one.example" for n in range(10, 20)]
    assert second["pagination"] == {
        "page": 2,
        "limit": 10,
        "total": 26,
        "pages": 3,
        "has_next": True,
        "has_prev": True,
    }
    assert client.get(path, search="SOLO@")["pagination"]["total"] == 1
    assert client.get(path, batch_id=one["job_id"])["pagination"]["total"] == 25
    assert client.get(path, status="PENDING")["pagination"]["total"] == 26
    assert client.get(path, status_filter="SENT")["pagination"]["total"] == 0


def test_a_lead_shows_its_mails_and_what_came_back(served: Served, client: Client, active: str) -> None:
    """The answer counts for the mail before it; an answer by a machine is told as one."""
    served.tick()
    lead = client.get(f"/campaigns/{active}/leads")["leads"][0]
    about = UUID(active), UUID(lead["lead_id"])
    served.kernel.handle(RecordOpen(*about))
    served.kernel.handle(RecordReply(*about, by_machine=True))
    served.kernel.handle(RecordReply(*about))
    found = client.get(f"/campaigns/{active}/leads/{lead['lead_id']}")
    (mail,) = found["email_interactions"]
    assert (mail["sequence_step"], mail["subject"], mail["inbox_email"]) == (1, "Hello Ada", "sales@acme.example")
    assert (mail["sent"], mail["opened"], mail["bounced"]) == (True, True, False)
    assert mail["opened_at"] == mail["replied_at"] == "2030-01-07T14:00:00Z"
    assert mail["email_id"].endswith("@acme.example")
    assert [each["is_auto_reply"] for each in found["replies"]] == [True, False]
    assert (found["status"], found["delivery_status"], found["sequence_step"]) == ("REPLIED", "SENT", 1)


def test_a_bounce_and_an_unsubscribe_show(served: Served, client: Client, active: str) -> None:
    served.tick()
    first, second = client.get(f"/campaigns/{active}/leads")["leads"]
    served.kernel.handle(RecordBounce(UUID(active), UUID(first["lead_id"])))
    served.kernel.handle(RecordUnsubscribe(UUID(active), UUID(second["lead_id"])))
    first, second = client.get(f"/campaigns/{active}/leads")["leads"]
    assert (first["status"], first["delivery_status"], first["unsubscribed"]) == ("BOUNCED", "BOUNCED", False)
    assert (second["status"], second["delivery_status"], second["unsubscribed"]) == ("UNSUBSCRIBED", None, True)


def test_an_update_changes_what_is_sent_and_never_the_address(client: Client) -> None:
    campaign_id = client.create()
    client.upload(campaign_id)
    lead = client.get(f"/campaigns/{campaign_id}/leads")["leads"][0]
    path = f"/campaigns/{campaign_id}/leads/{lead['lead_id']}"
    told = client.body(200, "PUT", path, {"email": "other@example.com", "last_name": "Byron", "title": "Countess"})
    assert (told["email"], told["first_name"], told["last_name"]) == ("ada@engines.example", "Ada", "Byron")
    assert told["custom_fields"] == {"city": "Oslo", "title": "Countess"}
    assert client.body(200, "PUT", path, {}) == told


def test_an_export_is_csv_that_an_upload_takes_back(client: Client) -> None:
    campaign_id = client.create()
    client.upload(campaign_id, b"email,first_name,note\nada@engines.example,Ada,=1+1\n")
    answer = client.call("GET", f"/campaigns/{campaign_id}/leads/export")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    other = client.create("Another launch")
    assert client.upload(other, answer.content)["success_count"] == 1
    assert client.get(f"/campaigns/{other}/leads")["leads"][0]["custom_fields"] == {"note": "=1+1"}
    assert client.call("GET", f"/campaigns/{other}/leads/export").content == answer.content


def test_a_job_accounts_for_every_row_also_after_a_restart(served: Served, client: Client) -> None:
    """It lies in the database, so any process finds it."""
    campaign_id = client.create()
    client.upload(campaign_id, b"email\nada@engines.example\n")
    file = b"email,name\nada@engines.example,Ada\nnobody,Nobody\ngrace@harbour.example,Grace\n,Blank\n"
    started = client.upload(campaign_id, file, duplicate_action="update")
    assert (started["total_rows"], started["total_valid"], started["status"]) == (4, 2, "COMPLETED")
    job = client.get(f"/campaigns/{campaign_id}/leads/upload/{started['job_id']}")
    counts = [
        job[name] for name in ("success_count", "duplicate_count", "error_count", "processed_count", "total_count")
    ]
    assert counts == [1, 1, 2, 4, 4]
    assert [(each["row"], each["email"]) for each in job["errors"]] == [(3, "nobody"), (5, "")]
    assert job["completed_at"] is not None
    nobody = "00000000-0000-0000-0000-000000000001"
    client.body(404, "GET", f"/campaigns/{campaign_id}/leads/upload/{nobody}")


def test_a_mapping_names_columns_and_existing_leads_can_be_cleared(client: Client) -> None:
    campaign_id = client.create()
    client.upload(campaign_id)
    mapping = '{"email": "E-Mail", "custom_city": "Town"}'
    file = b"E-Mail,Town,Other\nbo@example.com,Bergen,x\n"
    answer = client.upload(campaign_id, file, mapping=mapping, delete_existing="true")
    assert (answer["success_count"], answer["removed_count"]) == (1, 2)
    assert any("Other" in each for each in answer["warnings"])
    (lead,) = client.get(f"/campaigns/{campaign_id}/leads")["leads"]
    assert (lead["email"], lead["custom_fields"]) == ("bo@example.com", {"city": "Bergen"})


@pytest.mark.parametrize(
    ("file", "form", "status"),
    [
        (b"name\nAda\n", {}, 400),
        (b"", {}, 400),
        (b"email\na@b.example\n", {"mapping": '{"email": "E-Mail"}'}, 400),
        (b"email\na@b.example\n", {"mapping": "email"}, 422),
        (b"email\na@b.example\n", {"mapping": "[1]"}, 422),
        (b"email\na@b.example\n", {"mapping": '{"email": 1}'}, 422),
        (b"email\na@b.example\n", {"duplicate_action": "merge"}, 422),
        (b"email\na@b.example\n", {"delete_existing": "perhaps"}, 422),
    ],
)
def test_a_file_that_cannot_be_taken_stores_nothing(
    client: Client, file: bytes, form: dict[str, str], status: int
) -> None:
    """One sentence says why; no job is begun."""
    campaign_id = client.create()
    assert client.upload(campaign_id, file, status, **form)["detail"]
    assert client.get(f"/campaigns/{campaign_id}")["lead_batches"] == []


def test_an_upload_without_a_file_is_422(client: Client) -> None:
    answer = client.call("POST", f"/campaigns/{client.create()}/leads", data={"mapping": "{}"})
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["body", "file"])


def test_a_suppressed_address_is_skipped_with_its_reason(served: Served, client: Client) -> None:
    from campaign_core import SuppressAddress

    served.kernel.handle(SuppressAddress("ada@engines.example"))
    campaign_id = client.create()
    answer = client.upload(campaign_id)
    assert (answer["success_count"], answer["error_count"]) == (1, 1)
    client.body(400, "POST", f"/campaigns/{campaign_id}/leads/manual", {"email": "ada@engines.example"})


@pytest.mark.parametrize("ids", [[], ["no id"], {"lead_ids": []}, [17]])
def test_a_deletion_takes_a_list_of_ids(client: Client, ids: object) -> None:
    campaign_id = client.create()
    answer = client.call("DELETE", f"/campaigns/{campaign_id}/leads", json=ids)
    assert answer.status_code == 422


def test_values_that_are_no_text_are_kept_as_json_has_them(client: Client) -> None:
    """And a title that is null takes no other title's place."""
    path = f"/campaigns/{client.create()}/leads/manual"
    fields = {"size": 5, "share": 0.5, "vip": True, "title": "Countess", "gone": None}
    body = {"email": "ada@engines.example", "title": None, "custom_fields": fields}
    assert client.body(201, "POST", path, body)["custom_fields"] == {
        "size": "5",
        "share": "0.5",
        "vip": "true",
        "title": "Countess",
    }


def test_leads_added_one_by_one_are_no_files(client: Client) -> None:
    campaign_id = client.create()
    client.body(201, "POST", f"/campaigns/{campaign_id}/leads/manual", {"email": "bo@example.com"})
    job = client.upload(campaign_id)["job_id"]
    (batch,) = client.get(f"/campaigns/{campaign_id}")["lead_batches"]
    assert (batch["batch_id"], batch["lead_count"]) == (job, 2)
