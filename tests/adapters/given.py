"""What the tests of the command line share: a terminal to type in, and what the furnished database holds."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from campaign_adapters.cli.program import run
from campaign_adapters.http_api.keys import API_KEYS, ApiKey
from campaign_core import Variant, open_kernel

#: A database with campaigns in several statuses; the ids of the two drafts begin alike.
DRAFT = UUID("aaaaaaaa-0000-4000-8000-000000000001")
EMPTY = UUID("aaaaaaaa-0000-4000-8000-000000000002")
ACTIVE = UUID("cccccccc-0000-4000-8000-000000000003")
INBOX = UUID("bbbbbbbb-0000-4000-8000-000000000001")
PENDING = UUID("dddddddd-0000-4000-8000-000000000002")
#: A campaign under way whose first lead was sent its mail; whether the second was, nobody knows.
SENT = UUID("eeeeeeee-0000-4000-8000-000000000004")
#: The id of the API key that `keep_key` puts into a database.
KEY = "5f0c2a91d3e4"
#: The commands about what came back.
ANSWERS = ("opened", "clicked", "replied", "bounced", "complained", "unsubscribed")
LEADS = b"email,first_name,company\nada@acme.example.com,Ada,Acme\nbo@acme.example.com,Bo,Acme\n"
VARIANTS = (Variant(subject_template="Hello", email_content="A mail of some length."),)


def keep_key(database: Path) -> None:
    """Puts an API key that nobody holds into the default workspace."""
    key = ApiKey(KEY, "First", "default", ("*",), datetime(2030, 1, 1, tzinfo=UTC), None)
    with open_kernel(database) as kernel:
        kernel.shelf(API_KEYS).put("0" * 64, key)


class Said(NamedTuple):
    """What one call of the program came to."""

    code: int
    out: str
    err: str


class Terminal:
    """Types commands in, the way a person would."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def type(self, *arguments: str | UUID | Path) -> Said:
        """Runs one line of arguments."""
        self._capsys.readouterr()
        code = run([str(each) for each in arguments])
        out, err = self._capsys.readouterr()
        return Said(int(code), out, err)

    def asked(self, *arguments: str | UUID | Path, code: int = 0) -> Any:
        """Runs one line of arguments with `--json` and answers the document; nothing else may have been printed."""
        said = self.type(*arguments, "--json")
        assert (said.code, said.err) == (code, ""), said
        return json.loads(said.out)
