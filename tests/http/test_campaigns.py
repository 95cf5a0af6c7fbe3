"""Campaigns over HTTP: listed in every documented way, told in full, archived; scopes and workspaces."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest

from campaign_core import RecordOpen, RecordReply
from tests.http.conftest import MORNING, Served
from tests.http.given import BASE, Client

NAMES = ["Autumn launch", "Spring launch", "Über alles Neue", "spring cleaning"]


def _named(client: Client, **query: str | int) -> list[str]:
    return [each["name"] for each in client.get("/campaigns", **query)["campaigns"]]


@pytest.fixture
def several(served: Served, client: Client) -> None:
    """Four campaigns, made a day apart; the second has leads and runs."""
    for name in NAMES:
        client.create(name)
        served.clock.sleep_until(served.clock.now() + timedelta(days=1), _NEVER)


class _Never:
    def is_set(self) -> bool:
        return False


_NEVER: object = _Never()


@pytest.mark.usefixtures("several")
def test_campaigns_are_listed_newest_first_by_page(client: Client) -> None:
    assert _named(client) == NAMES[::-1]
    page = client.get("/campaigns", page=2, limit=3)
    assert [each["name"] for each in page["campaigns"]] == NAMES[:1]
    assert page["pagination"] == {
        "page": 2,
        "limit": 3,
        "total": 4,
        "pages": 2,
        "has_next": False,
        "has_prev": True,
    }
    assert client.get("/campaigns", page=9)["campaigns"] == []


@pytest.mark.usefixtures("several")
def test_campaigns_are_searched_filtered_and_sorted(client: Client) -> None:
    assert _named(client, search="SPRING", sort_by="name", sort_order="asc") == [NAMES[3], NAMES[1]]
    assert _named(client, search="über") == [NAMES[2]]
    assert _named(client, status="DRAFT", sort_order="asc") == NAMES
    assert _named(client, status_filter="PAUSED") == []
    assert _named(client, days=2, sort_order="asc") == NAMES[2:]


@pytest.mark.parametrize("key", ["name", "status", "created_at", "launched_at", "sent_count", "reply_count"])
@pytest.mark.usefixtures("several")
def test_every_documented_key_sorts_either_way(client: Client, key: str) -> None:
    up, down = (_named(client, sort_by=key, sort_order=order) for order in ("asc", "desc"))
    assert up == down[::-1]
    assert sorted(up) == sorted(NAMES)


def test_a_campaign_counts_what_was_sent_and_what_came_back(served: Served, client: Client, active: str) -> None:
    """As a row of the list, in full with percentages, and in the analytics with fractions."""
    served.work()
    leads = client.get(f"/campaigns/{active}/leads")["leads"]
    ada, grace = (UUID(each["lead_id"]) for each in leads)
    for lead in (ada, grace):
        served.kernel.handle(RecordOpen(UUID(active), lead))
    served.kernel.handle(RecordOpen(UUID(active), ada, by_machine=True))
    served.kernel.handle(RecordReply(UUID(active), ada))
    (row,) = client.get("/campaigns")["campaigns"]
    assert (row["total_leads"], row["sent_count"], row["open_count"], row["reply_count"]) == (2, 4, 2, 1)
    found = client.get(f"/campaigns/{active}")
    assert {name: found[name] for name in row} == row
    assert (found["completion_rate"], found["success_rate"], found["open_to_reply_rate"]) == (100.0, 100.0, 50.0)
    assert (found["team_id"], found["created_by"].partition(":")[0]) == ("default", "api-key")
    analytics = client.get("/analytics/campaigns")
    (result,) = analytics["campaigns"]
    assert (result["total_sent"], result["total_opened"], result["open_rate"], result["reply_rate"]) == (
        4,
        2,
        0.5,
        0.25,
    )
    assert analytics["workspace_kpis"] == {
        "total_campaigns": 1,
        "total_sends": 4,
        "avg_open_rate": 0.5,
        "avg_reply_rate": 0.25,
        "avg_bounce_rate": 0.0,
    }


def test_analytics_go_by_status_and_by_the_day_of_the_launch(client: Client, active: str) -> None:
    client.create("Never launched")
    day, next_day = MORNING.date().isoformat(), (MORNING + timedelta(days=1)).date().isoformat()
    assert len(client.get("/analytics/campaigns")["campaigns"]) == 2
    assert len(client.get("/analytics/campaigns", status="DRAFT")["campaigns"]) == 1
    (found,) = client.get("/analytics/campaigns", from_date=day, to_date=day)["campaigns"]
    assert found["campaign_id"] == active
    assert client.get("/analytics/campaigns", from_date=next_day)["campaigns"] == []


def test_a_timeline_has_an_entry_for_every_day(served: Served, client: Client, active: str) -> None:
    """90 of them where nothing else is said, the days without anything among them."""
    served.work()
    usual = client.get("/analytics/campaigns/timeline")
    assert (len(usual["timeline"]), usual["to_date"]) == (90, served.clock.now().date().isoformat())
    assert usual["message"] == "Timeline retrieved successfully"
    assert sum(each["sent"] for each in usual["timeline"]) == 4
    week = client.get("/analytics/campaigns/timeline", from_date="2030-01-06", to_date="2030-01-12")["timeline"]
    assert [each["date"] for each in week] == [f"2030-01-{day:02}" for day in range(6, 13)]
    assert [each["sent"] for each in week][:2] == [0, 2]


def test_an_archived_campaign_is_view_only(client: Client, active: str) -> None:
    client.move(active, "archive", 400)
    client.move(active, "pause")
    for _ in range(2):
        assert client.move(active, "archive")["status"] == "ARCHIVED"
    client.update(active, 400, name="Another name")
    client.move(active, "activate", 400)
    assert client.get(f"/campaigns/{active}/leads")["pagination"]["total"] == 2
    client.body(200, "DELETE", f"/campaigns/{active}")


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", "/campaigns", "campaigns:create"),
        ("GET", "/campaigns", "campaigns:read"),
        ("GET", "/campaigns/{id}", "campaigns:read"),
        ("PUT", "/campaigns/{id}", "campaigns:update"),
        ("POST", "/campaigns/{id}/pause", "campaigns:pause"),
        ("POST", "/campaigns/{id}/activate", "campaigns:activate"),
        ("POST", "/campaigns/{id}/archive", "campaigns:update"),
        ("DELETE", "/campaigns/{id}", "campaigns:delete"),
        ("POST", "/campaigns/{id}/leads/manual", "leads:create"),
        ("GET", "/campaigns/{id}/leads", "leads:read"),
        ("GET", "/campaigns/{id}/leads/export", "leads:read"),
        ("DELETE", "/campaigns/{id}/leads", "leads:delete"),
        ("GET", "/analytics/campaigns", "campaigns:read"),
    ],
)
def test_each_route_needs_its_scope(served: Served, client: Client, method: str, path: str, scope: str) -> None:
    """Without it 403 with what is lacking and what there is, before anything of the body is looked at."""
    path = path.format(id=client.create())
    refused = served.client("sender_accounts:read").body(403, method, path)
    assert refused == {
        "detail": f"Missing required scopes: {scope}",
        "error": "insufficient_scopes",
        "required": [scope],
        "granted": ["sender_accounts:read"],
    }
    assert served.client(scope).call(method, path).status_code != 403


def test_whoever_may_upload_may_watch_the_upload(served: Served) -> None:
    """Or who may read leads; nobody else."""
    uploading = served.client("leads:create")
    campaign_id = served.client("campaigns:create").create()
    path = f"/campaigns/{campaign_id}/leads/upload/{uploading.upload(campaign_id)['job_id']}"
    assert uploading.get(path) == served.client("leads:read").get(path)
    served.client("leads:delete").body(403, "GET", path)


def test_nothing_of_another_workspace_is_found(served: Served, client: Client, active: str) -> None:
    """Its ids are 404, its names are not listed, its idempotency keys mean nothing."""
    served.kernel.create_workspace("acme")
    other = served.client(workspace="acme")
    for method, path in (
        ("GET", f"/campaigns/{active}"),
        ("PUT", f"/campaigns/{active}"),
        ("POST", f"/campaigns/{active}/pause"),
        ("DELETE", f"/campaigns/{active}"),
        ("GET", f"/campaigns/{active}/leads"),
        ("GET", f"/campaigns/{active}/leads/export"),
    ):
        assert other.call(method, path, json={} if method == "PUT" else None).status_code == 404
    assert other.get("/campaigns")["campaigns"] == other.get("/analytics/campaigns")["campaigns"] == []
    headers = {"Idempotency-Key": "order-17"}
    ids = {
        each.body(201, "POST", "/campaigns", {"name": NAMES[0]}, headers=headers)["campaign_id"]
        for each in (client, other)
    }
    assert len(ids) == 2


def test_the_server_tells_that_it_is_up_and_what_it_offers(served: Served) -> None:
    """Without a key; the page of the documentation loads nothing but its own description."""
    nobody = Client(served.url, None)
    assert nobody.session.get(f"{served.url}/healthz", timeout=30).json() == {"status": "ok"}
    page = nobody.session.get(f"{served.url}/docs", timeout=30).text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(loaded) >= 2
    for each in loaded:
        assert each.startswith("/")
        assert nobody.session.get(served.url + each, timeout=30).status_code == 200
    document = nobody.session.get(f"{served.url}/openapi.json", timeout=30).json()
    assert f"{BASE}/campaigns/{{campaign_id}}/activate" in document["paths"]
    assert nobody.call("GET", "/campaigns").status_code == 401
