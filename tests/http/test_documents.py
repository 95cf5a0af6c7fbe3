"""What the two documents this project began with have a client do, over a live server. Source: [overview], [update]."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from tests.http.given import FOLLOW_UP, VARIANT, Client

Inbox = Callable[[str], str]


def test_the_life_of_a_campaign_as_the_overview_tells_it(client: Client, inbox: Inbox) -> None:
    """Create with timezone, days and window; leads; inboxes and variants; launch; pause; activate; pause; delete."""
    created = client.body(
        201,
        "POST",
        "/campaigns",
        {
            "name": "Q1 Outreach Campaign",
            "timezone": "America/New_York",
            "sending_days": [1, 2, 3, 4, 5],
            "sending_window_start": 9,
            "sending_window_end": 17,
        },
    )
    assert created["success"] is True
    assert created["message"] == "Campaign created successfully"
    assert (created["name"], created["status"]) == ("Q1 Outreach Campaign", "DRAFT")
    campaign_id = str(UUID(created["campaign_id"]))

    started = client.upload(campaign_id)
    job = client.get(f"/campaigns/{campaign_id}/leads/upload/{started['job_id']}")
    assert (job["status"], job["progress_percentage"], job["success_count"]) == ("COMPLETED", 100, 2)

    configured = client.update(campaign_id, inbox_ids=[inbox("sales@acme.example")], variants=[VARIANT])
    assert configured["is_launch_ready"] is True
    assert configured["missing_requirements"] == []
    assert configured["status"] == "DRAFT"

    launched = client.update(campaign_id, launch=True)
    assert (launched["status"], launched["is_launch_ready"]) == ("ACTIVE", True)
    assert launched["missing_requirements"] == []

    assert client.move(campaign_id, "pause")["status"] == "PAUSED"
    assert client.move(campaign_id, "activate")["status"] == "ACTIVE"
    assert client.move(campaign_id, "pause")["status"] == "PAUSED"
    deleted = client.body(200, "DELETE", f"/campaigns/{campaign_id}")
    assert (deleted["success"], deleted["campaign_id"], deleted["deleted"]) == (True, campaign_id, True)
    client.body(404, "GET", f"/campaigns/{campaign_id}")


def test_variants_alone_on_a_fresh_campaign_as_the_update_page_prints_it(client: Client) -> None:
    """The answer has exactly what is missing, in this order."""
    campaign_id = client.create("Variants come first")
    answer = client.update(campaign_id, variants=[VARIANT])
    assert set(answer) >= {
        "success",
        "message",
        "campaign_id",
        "name",
        "status",
        "is_launch_ready",
        "updated_at",
        "missing_requirements",
    }
    assert (answer["campaign_id"], answer["name"]) == (campaign_id, "Variants come first")
    assert (answer["is_launch_ready"], answer["missing_requirements"]) == (False, ["leads", "inboxes"])


def test_one_update_with_everything_and_the_launch(client: Client, inbox: Inbox) -> None:
    """Settings, inboxes, two variants, a follow-up: saved, checked and started in one request."""
    campaign_id = client.create()
    client.upload(campaign_id)
    variants = [
        {**VARIANT, "variant_name": "A", "distribution_percent": 60},
        {**VARIANT, "variant_name": "B", "variant_label": "Short", "distribution_percent": 40},
    ]
    answer = client.update(
        campaign_id,
        name="Autumn launch",
        timezone="Europe/Berlin",
        sending_days=[5, 1, 1],
        sending_window_start=8,
        sending_window_start_minute=30,
        sending_window_end=24,
        daily_limit_per_inbox=50,
        enable_unsubscribe=True,
        inbox_ids=[inbox("sales@acme.example")],
        variants=variants,
        sequences=[FOLLOW_UP],
        launch=True,
    )
    assert (answer["status"], answer["name"], answer["faults"]) == ("ACTIVE", "Autumn launch", [])
    found = client.get(f"/campaigns/{campaign_id}")
    assert (found["timezone"], found["sending_days"]) == ("Europe/Berlin", [1, 5])
    assert (found["sending_window_start"], found["sending_window_start_minute"]) == (8, 30)
    assert (found["sending_window_end"], found["daily_limit_per_inbox"]) == (24, 50)
    assert [(each["variant_name"], each["distribution_percent"]) for each in found["variants"]] == [
        ("A", 60),
        ("B", 40),
    ]
    assert found["variants"][1]["variant_label"] == "Short"
    assert found["variants"][0]["email_content"] == VARIANT["email_content"]
    (sequence,) = found["sequences"]
    assert UUID(sequence["sequence_id"])
    assert (sequence["step_number"], sequence["trigger_type"], sequence["wait_days"]) == (2, "NOT_REPLIED", 3)
    assert [each["email_address"] for each in found["inboxes"]] == ["sales@acme.example"]
    assert found["launched_at"] is not None


def test_a_launch_that_lacks_parts_keeps_what_was_sent_with_it(client: Client) -> None:
    campaign_id = client.create()
    answer = client.update(campaign_id, name="Another name", launch=True)
    assert (answer["status"], answer["name"]) == ("DRAFT", "Another name")
    assert answer["missing_requirements"] == ["leads", "inboxes", "email_content"]
    assert "still needs" in answer["message"]


def test_a_launch_with_a_fault_fails_and_says_which(client: Client, inbox: Inbox) -> None:
    """An edit takes it back to a draft, and the next launch starts it."""
    campaign_id = client.create()
    client.upload(campaign_id)
    blank = {**VARIANT, "subject_template": "{{nickname}}"}
    answer = client.update(campaign_id, inbox_ids=[inbox("sales@acme.example")], variants=[blank], launch=True)
    assert (answer["status"], [each["code"] for each in answer["faults"]]) == ("FAILED", ["blank_subject"])
    assert client.update(campaign_id, variants=[VARIANT])["status"] == "DRAFT"
    assert client.move(campaign_id, "activate")["status"] == "ACTIVE"


def test_a_paused_campaign_is_edited_step_by_step(client: Client, active: str) -> None:
    """Variants merge by name; follow-ups are edited one by one, and `sequences` is refused."""
    client.move(active, "pause")
    (sequence,) = client.get(f"/campaigns/{active}")["sequences"]
    edit = {"action": "edit", "sequence_id": sequence["sequence_id"], "wait_days": 5}
    added = {**FOLLOW_UP, "action": "add", "step_number": 3}
    client.update(active, sequence_edits=[edit, added], variants=[{**VARIANT, "variant_name": "a"}])
    found = client.get(f"/campaigns/{active}")
    assert [each["wait_days"] for each in found["sequences"]] == [5, 3]
    assert found["sequences"][0]["sequence_id"] == sequence["sequence_id"]
    assert [each["variant_name"] for each in found["variants"]] == ["A"]
    assert client.update(active, 400, sequences=[FOLLOW_UP])["detail"]
    assert client.update(active, launch=True)["status"] == "ACTIVE"


def test_keys_nobody_knows_are_passed_over(client: Client) -> None:
    """Old clients send `current_step`, and more."""
    campaign_id = client.create(current_step=1, colour="red")
    assert client.update(campaign_id, current_step=3, launch=False)["status"] == "DRAFT"


def test_null_clears_where_its_absence_means_something_and_is_passed_over_elsewhere(client: Client) -> None:
    campaign_id = client.create(
        daily_limit_per_inbox=20, reply_to="mara@acme.example", start_date="2030-02-01T09:00:00"
    )
    before = client.get(f"/campaigns/{campaign_id}")
    assert before["start_date"] == "2030-02-01T14:00:00Z"
    client.update(campaign_id, daily_limit_per_inbox=None, reply_to=None, start_date=None, name=None, timezone=None)
    after = client.get(f"/campaigns/{campaign_id}")
    assert (after["daily_limit_per_inbox"], after["reply_to"], after["start_date"]) == (None, None, None)
    assert (after["name"], after["timezone"]) == (before["name"], before["timezone"])
