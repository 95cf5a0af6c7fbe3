"""The facts about the product, over a live server. Source: reference section 19, facts 1 to 16."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from campaign_adapters.http_api.app import create_app
from campaign_adapters.http_api.keys import ApiKeys
from campaign_core import open_kernel
from campaign_core.intake.lead_file import MAX_BYTES
from tests.http.conftest import Served
from tests.http.given import FOLLOW_UP, VARIANT, Client
from tests.http.serving import SECRET, serve

Inbox = Callable[[str], str]


@pytest.mark.parametrize(("length", "status"), [(7, 422), (8, 201), (255, 201), (256, 422)])
def test_fact_1_a_name_has_8_to_255_characters(client: Client, length: int, status: int) -> None:
    client.body(status, "POST", "/campaigns", {"name": "n" * length})
    assert client.get("/campaigns")["pagination"]["total"] == (status == 201)


def test_fact_1_the_words_of_the_product(client: Client) -> None:
    """Place, sentence and token as its pages print them."""
    assert client.body(422, "POST", "/campaigns", {"name": "short"})["detail"] == [
        {
            "loc": ["body", "name"],
            "msg": "ensure this value has at least 8 characters",
            "type": "value_error.any_str.min_length",
        }
    ]
    assert client.body(422, "POST", "/campaigns", {})["detail"] == [
        {"loc": ["body", "name"], "msg": "field required", "type": "value_error.missing"}
    ]


def test_fact_2_a_new_campaign_is_a_draft_with_its_id_at_the_top(client: Client) -> None:
    created = client.body(201, "POST", "/campaigns", {"name": "Spring launch"})
    assert created["status"] == "DRAFT"
    assert client.get(f"/campaigns/{created['campaign_id']}")["status"] == "DRAFT"


def test_fact_3_variants_alone_leave_leads_and_inboxes_missing(client: Client) -> None:
    answer = client.update(client.create(), variants=[VARIANT])
    assert (answer["is_launch_ready"], answer["missing_requirements"]) == (False, ["leads", "inboxes"])


def test_fact_4_a_launch_that_lacks_parts_stays_a_draft(client: Client) -> None:
    answer = client.update(client.create(), launch=True)
    assert (answer["status"], bool(answer["missing_requirements"])) == ("DRAFT", True)


def test_fact_5_a_launch_that_has_every_part_is_active(client: Client, active: str) -> None:
    assert client.get(f"/campaigns/{active}")["status"] == "ACTIVE"


def test_fact_6_pause_and_activate(client: Client, active: str) -> None:
    """As often as one likes; repeating is fine."""
    for deed, status in 2 * [("pause", "PAUSED"), ("pause", "PAUSED"), ("activate", "ACTIVE"), ("activate", "ACTIVE")]:
        assert client.move(active, deed)["status"] == status


def test_fact_7_a_campaign_that_does_not_run_can_be_deleted(client: Client, active: str) -> None:
    client.move(active, "pause")
    client.body(200, "DELETE", f"/campaigns/{active}")
    client.body(200, "DELETE", f"/campaigns/{client.create()}")
    client.body(404, "GET", f"/campaigns/{active}/leads")
    assert client.get("/analytics/campaigns")["campaigns"] == []


def test_fact_7_a_campaign_that_runs_is_over_or_failed_cannot(
    served: Served, client: Client, active: str, inbox: Inbox
) -> None:
    """ACTIVE, then COMPLETED; and one that is FAILED."""
    assert "ACTIVE cannot be deleted" in client.body(400, "DELETE", f"/campaigns/{active}")["detail"]
    served.work()
    assert client.get(f"/campaigns/{active}")["status"] == "COMPLETED"
    assert "COMPLETED cannot be deleted" in client.body(400, "DELETE", f"/campaigns/{active}")["detail"]
    failed = client.create()
    client.upload(failed)
    blank = {**VARIANT, "subject_template": "{{nickname}}"}
    client.update(failed, inbox_ids=[inbox("more@acme.example")], variants=[blank], launch=True)
    assert "FAILED cannot be deleted" in client.body(400, "DELETE", f"/campaigns/{failed}")["detail"]


def test_fact_8_an_active_campaign_takes_no_update(client: Client, active: str) -> None:
    for body in ({"name": "Another name"}, {}, {"launch": True}):
        assert "ACTIVE" in client.update(active, 400, **body)["detail"]


def _variants(*percents: int) -> list[dict[str, Any]]:
    return [{**VARIANT, "variant_name": "ABCDE"[i], "distribution_percent": each} for i, each in enumerate(percents)]


def _chain(*waits: int) -> list[dict[str, Any]]:
    return [{**FOLLOW_UP, "step_number": number, "wait_days": wait} for number, wait in enumerate(waits, 2)]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"variants": _variants(25, 25, 25, 25)}, 200),
        ({"variants": _variants(20, 20, 20, 20, 20)}, 422),
        ({"variants": _variants(50, 49)}, 400),
        ({"variants": _variants(50, 51)}, 400),
        ({"variants": []}, 422),
        ({"sequences": _chain(15, 15, 15)}, 200),
        ({"sequences": _chain(1, 1, 1, 1)}, 422),
        ({"sequences": _chain(30)}, 200),
        ({"sequences": _chain(31)}, 422),
        ({"sequences": _chain(15, 15, 16)}, 400),
    ],
)
def test_fact_9_limits_of_variants_and_follow_ups(client: Client, body: dict[str, Any], status: int) -> None:
    """Shape and range are 422; what does not fit together is 400."""
    campaign_id = client.create()
    client.update(campaign_id, status, **body)
    found = client.get(f"/campaigns/{campaign_id}")
    assert bool(found["variants"] or found["sequences"]) == (status == 200)


@pytest.mark.parametrize(
    ("settings", "status"),
    [
        ({"daily_limit_per_inbox": 0}, 422),
        ({"daily_limit_per_inbox": 1}, 201),
        ({"daily_limit_per_inbox": 100}, 201),
        ({"daily_limit_per_inbox": 101}, 422),
        ({"sending_window_start": 24}, 422),
        ({"sending_window_end": 0}, 422),
        ({"sending_window_end": 25}, 422),
        ({"sending_days": []}, 422),
        ({"sending_days": [1, 2, 3, 4, 5, 6, 7, 7]}, 422),
        ({"sending_days": [0]}, 422),
        ({"sending_days": [8]}, 422),
        ({"sending_window_start": 9, "sending_window_end": 9}, 400),
    ],
)
def test_fact_10_limits_of_settings(client: Client, settings: dict[str, Any], status: int) -> None:
    client.body(status, "POST", "/campaigns", {"name": "Spring launch", **settings})


def test_fact_10_the_words_of_the_product(client: Client) -> None:
    given = {"name": "Spring launch", "daily_limit_per_inbox": 101}
    (problem,) = client.body(422, "POST", "/campaigns", given)["detail"]
    assert problem == {
        "loc": ["body", "daily_limit_per_inbox"],
        "msg": "ensure this value is less than or equal to 100",
        "type": "value_error.number.not_le",
    }


def test_fact_11_the_end_hour_24_has_no_minutes(client: Client) -> None:
    given = {"name": "Spring launch", "sending_window_end": 24}
    client.body(400, "POST", "/campaigns", given | {"sending_window_end_minute": 1})
    client.body(201, "POST", "/campaigns", given | {"sending_window_end_minute": 0})


def test_fact_12_names_of_variants(client: Client) -> None:
    campaign_id = client.create()
    client.update(campaign_id, variants=[{**VARIANT, "variant_name": "a"}])
    assert client.get(f"/campaigns/{campaign_id}")["variants"][0]["variant_name"] == "A"
    (problem,) = client.update(campaign_id, 422, variants=[{**VARIANT, "variant_name": "A1"}])["detail"]
    assert problem["loc"] == ["body", "variants", 0, "variant_name"]
    twice = [{**VARIANT, "variant_name": name, "distribution_percent": 50} for name in "Aa"]
    assert "a name of its own" in client.update(campaign_id, 400, variants=twice)["detail"]


def test_fact_13_too_many_rows_are_refused_and_nothing_is_stored(client: Client) -> None:
    campaign_id = client.create()
    rows = b"email\n" + b"".join(b"lead%d@example.com\n" % number for number in range(10_001))
    assert "10,000" in client.upload(campaign_id, rows, 400)["detail"]
    assert client.get(f"/campaigns/{campaign_id}/leads")["pagination"]["total"] == 0
    accepted = client.upload(campaign_id, rows[: rows.rindex(b"lead10000")])
    assert accepted["success_count"] == 10_000


def test_fact_13_too_large_a_file_is_refused(client: Client) -> None:
    """A byte too much is told by the core; far too much is not even read."""
    campaign_id = client.create()
    assert "50 MB" in client.upload(campaign_id, b"email\n" + b" " * (MAX_BYTES - 5), 400)["detail"]
    assert client.upload(campaign_id, b" " * (MAX_BYTES + (2 << 20)), 413)["detail"]
    assert client.get(f"/campaigns/{campaign_id}")["lead_batches"] == []


def test_fact_14_the_101st_request_of_a_minute_is_turned_down(tmp_path: Path) -> None:
    """With the three headers; the other 100 have them too."""
    noon = datetime(2030, 1, 1, 12, tzinfo=UTC)
    with open_kernel(tmp_path / "campaigns.db", clock=lambda: noon) as kernel:
        _, token = ApiKeys(kernel, SECRET).create("A key of the test", ("*",), "default")
        with serve(create_app(kernel, secret=SECRET, clock=lambda: noon)) as url:
            client = Client(url, token)
            answers = [client.call("GET", "/campaigns") for _ in range(101)]
    assert [each.status_code for each in answers] == [200] * 100 + [429]
    assert [int(each.headers["X-RateLimit-Remaining"]) for each in answers] == [*range(99, -1, -1), 0]
    assert {each.headers["X-RateLimit-Limit"] for each in answers} == {"100"}
    assert {int(each.headers["X-RateLimit-Reset"]) for each in answers} == {int(noon.timestamp()) + 60}
    assert answers[-1].json() == {"detail": "Rate limit exceeded. Retry after 60 seconds."}
    assert answers[-1].headers["Retry-After"] == "60"


def test_fact_15_null_removes_a_custom_value_of_a_lead(client: Client) -> None:
    campaign_id = client.create()
    client.upload(campaign_id)
    lead = client.get(f"/campaigns/{campaign_id}/leads")["leads"][0]
    assert lead["custom_fields"] == {"city": "Oslo"}
    path = f"/campaigns/{campaign_id}/leads/{lead['lead_id']}"
    told = client.body(200, "PUT", path, {"custom_fields": {"city": None, "team": "north"}, "company": None})
    assert (told["custom_fields"], told["company"], told["first_name"]) == ({"team": "north"}, None, "Ada")


def test_fact_16_a_lead_that_was_contacted_is_not_deleted(served: Served, client: Client, active: str) -> None:
    """It stays and is counted; the one that was not is gone."""
    served.tick()
    leads = client.get(f"/campaigns/{active}/leads")["leads"]
    assert [each["status"] for each in leads] == ["SENT", "PENDING"]
    answer = client.body(200, "DELETE", f"/campaigns/{active}/leads", [each["lead_id"] for each in leads])
    assert (answer["deleted_count"], answer["skipped_count"], answer["not_found_count"]) == (1, 1, 0)
    assert [each["status"] for each in client.get(f"/campaigns/{active}/leads")["leads"]] == ["SENT"]
