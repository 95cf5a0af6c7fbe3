"""Every refusal has a status and a body in the product's shape, and says nothing of what went on inside."""

from __future__ import annotations

from typing import Any

import pytest

from campaign_adapters.http_api.statuses import STATUSES, body_of, headers_of, status_of
from campaign_core import CampaignError, InvalidMessage, LogBusy, NotLaunchReady, PreflightFailed, Problem, errors
from tests.architecture.test_errors import FAMILIES, KINDS, SAMPLES
from tests.http.given import VARIANT, Client


@pytest.mark.parametrize("kind", [each for each in KINDS if each not in FAMILIES], ids=lambda each: each.__name__)
def test_every_error_that_the_core_raises_has_a_status_that_the_table_gives(kind: type[CampaignError]) -> None:
    """By its own row, or by one below the root: none falls through to what is unexpected."""
    rows = [each for each in kind.__mro__ if each in STATUSES]
    assert rows, f"{kind.__name__} needs a row in STATUSES"
    assert CampaignError not in STATUSES
    assert 400 <= STATUSES[rows[0]] <= 503


def test_no_row_of_the_table_is_of_another_tree() -> None:
    assert all(issubclass(kind, CampaignError) and getattr(errors, kind.__name__) is kind for kind in STATUSES)


@pytest.mark.parametrize("example", SAMPLES.values(), ids=lambda each: type(each).__name__)
def test_every_body_has_a_detail(example: CampaignError) -> None:
    """A sentence or a list; where it is not the client's fault, nothing of the error."""
    body = body_of(example)
    assert body["detail"]
    if status_of(example) >= 500 and not example.retryable:
        assert body["detail"] in ("Internal server error", "The database is out of reach. Try again later.")


def test_what_is_busy_may_be_asked_again() -> None:
    assert (status_of(LogBusy("x")), headers_of(LogBusy("x"))) == (503, {"Retry-After": "5"})


def test_what_a_start_lacks_stands_beside_the_sentence() -> None:
    assert body_of(NotLaunchReady(("leads",)))["missing_requirements"] == ["leads"]
    assert body_of(PreflightFailed(("No.",)))["faults"] == ["No."]


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("$", ["body"]),
        ("$.name", ["body", "name"]),
        ("$.sequences[0].variants[12].variant_name", ["body", "sequences", 0, "variants", 12, "variant_name"]),
    ],
)
def test_a_problem_tells_its_place(path: str, location: list[Any]) -> None:
    (problem,) = body_of(InvalidMessage([Problem(path, "is wrong")]))["detail"]
    assert problem == {"loc": location, "msg": "is wrong", "type": "value_error"}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/campaigns", "no object"),
        ("POST", "/campaigns", {"name": 12345678}),
        ("POST", "/campaigns", {"name": "Spring launch", "enable_tracking": "yes"}),
        ("POST", "/campaigns", {"name": "Spring launch", "sending_window_start": "9"}),
        ("POST", "/campaigns", {"name": "Spring launch", "sending_window_start": 9.5}),
        ("POST", "/campaigns", {"name": "Spring launch", "start_date": 1893456000}),
        ("POST", "/campaigns", {"name": "Spring launch", "start_date": "1893456000"}),
        ("POST", "/campaigns", {"name": "Spring launch", "start_date": "tomorrow"}),
        ("POST", "/campaigns", {"name": "Spring launch", "timezone": "Mars/Olympus"}),
        ("POST", "/campaigns", {"name": "Spring launch", "reply_to": "nobody"}),
        ("POST", "/campaigns", {"name": "Spring \ud800launch"}),
        ("GET", "/campaigns?page=0", None),
        ("GET", "/campaigns?limit=101", None),
        ("GET", "/campaigns?status=RUNNING", None),
        ("GET", "/campaigns?sort_by=colour", None),
        ("GET", "/campaigns?days=0", None),
        ("GET", "/campaigns/17", None),
        ("GET", "/analytics/campaigns?from_date=yesterday", None),
        ("GET", "/analytics/campaigns?from_date=2030-02-01&to_date=2030-01-01", None),
        ("GET", "/analytics/campaigns/timeline?from_date=2030-02-01&to_date=2030-01-01", None),
        ("GET", "/analytics/campaigns/timeline?from_date=1900-02-01", None),
    ],
)
def test_a_value_of_the_wrong_shape_is_422_with_its_place(client: Client, method: str, path: str, body: Any) -> None:
    """Each problem has exactly loc, msg and type, and nothing is stored."""
    for problem in client.body(422, method, path, body)["detail"]:
        assert set(problem) == {"loc", "msg", "type"}
        assert problem["loc"][0] in ("body", "query", "path")
    assert client.get("/campaigns")["pagination"]["total"] == 0


def test_a_body_that_is_no_json_is_422(client: Client) -> None:
    answer = client.call("POST", "/campaigns", data=b"{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["detail"][0]["type"]) == (422, "value_error.jsondecode")


def test_an_address_that_is_none_is_told_in_the_words_of_the_product(client: Client) -> None:
    body = {"email": "nobody"}
    (problem,) = client.body(422, "POST", f"/campaigns/{client.create()}/leads/manual", body)["detail"]
    assert (problem["loc"], problem["type"]) == (["body", "email"], "value_error.email")
    assert problem["msg"].startswith("value is not a valid email")


def test_a_broken_template_is_told_with_line_and_column(client: Client) -> None:
    variant = {"subject_template": "Hello {{first_name", "email_content": "A word of some length."}
    (problem,) = client.update(client.create(), 422, variants=[variant])["detail"]
    assert problem["loc"] == ["body", "variants", 0, "subject_template"]
    assert "ine 1, column 7" in problem["msg"]


@pytest.mark.parametrize("deed", ["pause", "activate", "archive"])
def test_an_id_of_nobody_is_404(client: Client, deed: str) -> None:
    nobody = "00000000-0000-0000-0000-000000000001"
    assert "no campaign" in client.move(nobody, deed, 404)["detail"]
    assert client.call("GET", f"/campaigns/{nobody}/leads/{nobody}").status_code == 404


def test_a_path_or_a_method_that_is_none_is_told_in_the_same_shape(client: Client) -> None:
    for method, path, status in (("GET", "/nothing", 404), ("PATCH", "/campaigns", 405)):
        answer = client.call(method, path)
        assert (answer.status_code, set(answer.json())) == (status, {"detail"})
        assert "X-RateLimit-Remaining" in answer.headers


def test_activate_without_its_parts_is_400_with_the_list(client: Client) -> None:
    answer = client.move(client.create(), "activate", 400)
    assert answer["missing_requirements"] == ["leads", "inboxes", "email_content"]


def test_what_a_status_allows_is_told_in_requests(client: Client, active: str) -> None:
    """Not in the words of the core: a client knows paths and keys."""
    assert client.update(active, 400, name="Another name")["detail"] == (
        "A campaign that is ACTIVE cannot be updated. What it allows now: pause, activate, adding leads, changing a lead,"
        " deleting leads."
    )
    client.move(active, "pause")
    assert "PUT sequence_edits" in client.update(active, 400, sequences=[])["detail"]


def test_what_does_not_fit_together_is_told_without_paths_of_the_core(client: Client) -> None:
    body = {"name": "Spring launch", "sending_window_start": 9, "sending_window_end": 9}
    assert client.body(400, "POST", "/campaigns", body)["detail"].startswith("sending_window_end: the sending window")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/campaigns/{id}", {"inbox_ids": [0] * 100_000}),
        ("/campaigns/{id}", {"lead_mapping": {f"f{number}": 0 for number in range(50_000)}}),
        ("/campaigns/{id}/leads/x", {"custom_fields": {f"f{number}": [] for number in range(50_000)}}),
    ],
)
def test_a_body_that_is_wrong_all_over_gets_a_short_answer(client: Client, path: str, body: dict[str, Any]) -> None:
    """At most 20 problems are told, however many there are."""
    answer = client.call("PUT", path.format(id=client.create()), json=body)
    assert answer.status_code == 422
    assert len(answer.json()["detail"]) <= 20
    assert len(answer.content) < 5_000


def test_only_lead_files_and_texts_may_be_large(client: Client) -> None:
    """A list of ids, or a setting, is refused before it is read."""
    campaign_id = client.create()
    large = [" " * (2 << 20)]
    assert client.call("DELETE", f"/campaigns/{campaign_id}/leads", json=large).status_code == 413
    assert client.call("POST", "/campaigns", json={"name": "Spring launch", "colour": large}).status_code == 413
    assert client.call("PUT", f"/campaigns/{campaign_id}", json={"colour": large}).status_code == 200


def test_a_body_of_another_type_is_told_which_is_wanted(client: Client) -> None:
    answer = client.call(
        "POST", "/campaigns", data=b'{"name": "Spring launch"}', headers={"Content-Type": "text/plain"}
    )
    assert (answer.status_code, "Content-Type: application/json" in answer.text) == (422, True)


def test_null_is_passed_over_where_it_means_nothing(client: Client) -> None:
    variant = {
        **VARIANT,
        "variant_name": None,
        "variant_label": None,
        "distribution_percent": None,
        "content_type": None,
    }
    campaign_id = client.create()
    client.update(campaign_id, variants=[variant])
    (found,) = client.get(f"/campaigns/{campaign_id}")["variants"]
    assert (found["variant_name"], found["distribution_percent"], found["content_type"]) == ("A", 100, "plaintext")
