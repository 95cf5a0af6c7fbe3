"""The description of the API is what the API does: requests generated from it, in and out of its shapes, on a live server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from campaign_adapters.http_api.app import create_app
from campaign_core import RegisterInbox, VerifyInbox, open_kernel
from campaign_core.kernel.worker import VirtualClock
from tests.http.accounts import accounts_with
from tests.http.conftest import MANY, MORNING, Served
from tests.http.given import BASE, VARIANT
from tests.http.serving import SECRET, serve

#: What every answer is held to: no 5xx, no status, type, header or shape that is not described.
CHECKS: Any = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
#: Requests generated for each operation.
REQUESTS = max(settings.default.max_examples // 6, 1)  # type: ignore[union-attr]


class World:
    """A server with something behind every kind of id, made anew where a request took it away."""

    def __init__(self, served: Served) -> None:
        self.url, self.client = served.url, served.client()
        inbox_id = served.kernel.handle(RegisterInbox("sales@acme.example")).id
        served.kernel.handle(VerifyInbox(inbox_id))
        self.ids = {"inbox_id": str(inbox_id)}

    @property
    def key(self) -> str:
        """The key that may do everything."""
        return str(self.client.session.headers["X-API-Key"])

    def ask(self, case: Any) -> None:
        """Sends a request and looks at what comes back."""
        case.call_and_validate(base_url=self.url, headers={"X-API-Key": self.key}, checks=CHECKS)

    def standing(self) -> dict[str, str]:
        """Ids that exist, by the name of the path's parameter."""
        known = self.ids.get("campaign_id")
        if known is None or self.client.call("GET", f"/campaigns/{known}").status_code != 200:
            known = self.client.create()
            self.client.update(known, variants=[VARIANT], inbox_ids=[self.ids["inbox_id"]])
            self.ids |= {"campaign_id": known, "job_id": self.client.upload(known)["job_id"]}
        leads = self.client.get(f"/campaigns/{known}/leads")["leads"]
        return self.ids | {"lead_id": leads[0]["lead_id"] if leads else known}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    clock = VirtualClock(MORNING)
    path = tmp_path_factory.mktemp("schema") / "campaigns.db"
    with (
        open_kernel(path, clock=clock.now) as kernel,
        serve(create_app(kernel, secret=SECRET, accounts=accounts_with(None), per_minute=MANY, per_hour=MANY)) as url,
    ):
        yield World(Served(url, kernel, clock))


def _described() -> Any:
    """The description that the application gives of itself."""
    with open_kernel("memory:") as kernel:
        return schemathesis.openapi.from_dict(create_app(kernel, secret=SECRET, accounts=accounts_with(None)).openapi())


OPERATIONS = [each.ok() for each in _described().get_all_operations()]


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda each: each.value)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.label)
def test_every_answer_is_one_that_is_described(operation: Any, mode: GenerationMode, world: World) -> None:
    """Each request as it was generated, in and out of its shapes, and once more about things that exist."""

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=REQUESTS)
    def asked(case: Any) -> None:
        world.ask(case)
        if case.path_parameters:
            known = world.standing()
            case.path_parameters = {name: known.get(name, value) for name, value in case.path_parameters.items()}
            world.ask(case)

    try:
        asked()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, "there is always a request in the right shape"


def test_every_route_is_described() -> None:
    """With an operation of its own, examples where it takes a body, and the key."""
    document = _described().raw_schema
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation.get("summary"), (method, path)
            if path.startswith(BASE):
                assert operation["security"], (method, path)
                assert {"401", "403", "422", "429"} <= set(operation["responses"]), (method, path)
            if "requestBody" in operation and method != "delete":
                assert _has_example(document, operation["requestBody"]), (method, path)


def _has_example(document: Any, body: Any) -> bool:
    (content,) = body["content"].values()
    schema = content["schema"]
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return "examples" in content or "examples" in schema
