"""A client of the API, and what it sends."""

from __future__ import annotations

from typing import Any, Final

import requests

BASE: Final = "/api/public/v1"
VARIANT: Final = {"subject_template": "Hello {{first_name}}", "email_content": "A word about {{company}}."}
FOLLOW_UP: Final = {
    "step_number": 2,
    "trigger_type": "NOT_REPLIED",
    "wait_days": 3,
    "variants": [{"email_content": "One more word, in case it got lost."}],
}
LEADS: Final = (
    b"email,first_name,company,City\nada@engines.example,Ada,Engines,Oslo\ngrace@harbour.example,Grace,Harbour,\n"
)


class Client:
    """A client with a key, on one connection."""

    def __init__(self, server: str, key: str | None) -> None:
        self.server = server
        self.session = requests.Session()
        if key is not None:
            self.session.headers["X-API-Key"] = key

    def call(self, method: str, path: str, **given: Any) -> requests.Response:
        """One request below the base path."""
        return self.session.request(method, f"{self.server}{BASE}{path}", timeout=30, **given)

    def get(self, path: str, **params: Any) -> Any:
        """The body of an answer that is 200."""
        return self.body(200, "GET", path, params=params)

    def body(self, status: int, method: str, path: str, body: Any = None, **given: Any) -> Any:
        """The body of an answer that has that status."""
        if body is not None:
            given["json"] = body
        answer = self.call(method, path, **given)
        assert answer.status_code == status, (answer.status_code, answer.text)
        return answer.json()

    def create(self, name: str = "Spring launch", **settings: Any) -> str:
        """The id of a new campaign."""
        return str(self.body(201, "POST", "/campaigns", {"name": name, **settings})["campaign_id"])

    def upload(self, campaign_id: str, file: bytes = LEADS, status: int = 200, **form: str) -> Any:
        """The answer to a lead file."""
        files = {"file": ("leads.csv", file, "text/csv")}
        return self.body(status, "POST", f"/campaigns/{campaign_id}/leads", files=files, data=form)

    def update(self, campaign_id: str, status: int = 200, **body: Any) -> Any:
        """The answer to an update."""
        return self.body(status, "PUT", f"/campaigns/{campaign_id}", body)

    def move(self, campaign_id: str, deed: str, status: int = 200) -> Any:
        """The answer to `pause`, `activate` or `archive`."""
        return self.body(status, "POST", f"/campaigns/{campaign_id}/{deed}")
