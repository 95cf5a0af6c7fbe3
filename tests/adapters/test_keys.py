"""API keys at the command line: made and told once, listed, revoked, each in its workspace."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from campaign_adapters.http_api.keys import ApiKeys
from campaign_adapters.http_api.rate_limits import RateLimits
from campaign_adapters.http_api.scopes import SCOPES
from campaign_core import open_kernel
from tests.adapters.given import Terminal

SECRET = "7" * 64
CREATE = ("keys", "create", "--name", "Our shop", "--scope", "leads:create", "--scope", "campaigns:read")


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPAIGN_SECRET_KEY", SECRET)


def test_a_key_is_printed_once_and_opens_its_workspace(terminal: Terminal, furnished: Path) -> None:
    """On the first line, alone; the database does not hold it."""
    said = terminal.type(*CREATE)
    token, *told = said.out.splitlines()
    assert (said.code, said.err) == (0, "")
    assert re.fullmatch(r"cs_live_[A-Za-z0-9]{40}", token)
    assert told[0] == "This is the API key. Keep it now: it cannot be shown again."
    assert "it opens the workspace default for leads:create, campaigns:read." in told[1]
    with open_kernel(furnished) as kernel:
        found = ApiKeys(kernel, bytes.fromhex(SECRET)).find(token)
    assert found is not None
    assert (found.name, found.workspace, found.scopes) == ("Our shop", "default", ("leads:create", "campaigns:read"))
    held = b"".join(path.read_bytes() for path in furnished.parent.iterdir())
    assert found.key_id.encode() in held
    assert token.encode() not in held
    assert found.key_id in told[1]


def test_a_key_as_data_is_apart_from_what_is_kept_of_it(terminal: Terminal, furnished: Path) -> None:
    made = terminal.asked(*CREATE)
    assert set(made) == {"key", "token"}
    assert made["token"].startswith("cs_live_")
    assert made["key"]["scopes"] == ["leads:create", "campaigns:read"]
    assert (made["key"]["status"], made["key"]["revoked_at"], made["key"]["last_used_at"]) == ("active", None, None)


def test_the_list_shows_when_a_key_was_used_and_never_the_key(terminal: Terminal, furnished: Path) -> None:
    made = terminal.asked(*CREATE)
    assert terminal.asked("keys", "list") == {"keys": [made["key"]]}
    with open_kernel(furnished) as kernel:
        RateLimits(kernel).count(made["key"]["key_id"])
    (listed,) = terminal.asked("keys", "list")["keys"]
    assert listed["last_used_at"] >= listed["created_at"]
    said = terminal.type("keys", "list").out
    for word in (listed["key_id"], "Our shop", "leads:create, campaigns:read", "active", listed["last_used_at"][:10]):
        assert word in said
    assert made["token"] not in said


def test_no_keys_are_told_as_none(terminal: Terminal, furnished: Path) -> None:
    assert terminal.type("keys", "list").out == "No keys yet.\n"
    assert terminal.asked("keys", "list") == {"keys": []}


def test_a_revoked_key_opens_nothing_and_stays_in_the_list(terminal: Terminal, furnished: Path) -> None:
    """Revoking it again changes nothing and says so. Neither needs the secret key."""
    made = terminal.asked(*CREATE)
    key_id = made["key"]["key_id"]
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("CAMPAIGN_SECRET_KEY")
        assert terminal.type("keys", "revoke", key_id).out == f"The key {key_id} opens nothing any more.\n"
        (listed,) = terminal.asked("keys", "list")["keys"]
        again = terminal.type("keys", "revoke", key_id)
        assert (again.code, again.err) == (0, "")
        assert again.out.startswith("It was revoked already, on ")
        assert terminal.asked("keys", "revoke", key_id) == {"key": listed}
    assert (listed["status"], listed["revoked_at"] is None) == ("revoked", False)
    with open_kernel(furnished) as kernel:
        assert ApiKeys(kernel, bytes.fromhex(SECRET)).find(made["token"]) is None


def test_keys_are_of_their_workspace(terminal: Terminal, furnished: Path) -> None:
    """Made there, listed there, revoked there; elsewhere there is no such key."""
    terminal.asked("workspaces", "create", "europe")
    made = terminal.asked(*CREATE, "--workspace", "europe")["key"]
    assert made["workspace"] == "europe"
    assert terminal.asked("keys", "list")["keys"] == []
    assert terminal.asked("keys", "list", "--workspace", "europe")["keys"] == [made]
    assert terminal.type("keys", "revoke", made["key_id"]).code == 4
    assert terminal.type("keys", "revoke", made["key_id"], "--workspace", "europe").code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--name", "Shop", "--scope", "leads:fly"], "campaigns:create, campaigns:read, "),
        (["--name", "Shop", "--scope", "leads:fly"], "'leads:fly' is none.\n"),
        (["--name", "Shop", "--scope", ""], "'' is none.\n"),
        (["--name", "", "--scope", "*"], "$.name: must have 1 to 100 characters, has 0"),
        (["--name", "x" * 101, "--scope", "*"], "has 101"),
        (["--name", "a\nb", "--scope", "*"], "line breaks"),
        (["--name", " ", "--scope", "*"], "must not be blank"),
    ],
)
def test_a_key_that_cannot_be_made_is_refused_in_a_sentence(
    terminal: Terminal, furnished: Path, contents: Callable[[Path], str], arguments: list[str], words: str
) -> None:
    before = contents(furnished)
    said = terminal.type("keys", "create", *arguments)
    assert (said.code, said.out, said.err.count("\n")) == (3, "", 1)
    assert words in said.err
    assert contents(furnished) == before


def test_a_secret_key_that_is_none_is_refused(
    terminal: Terminal, furnished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMPAIGN_SECRET_KEY", "abcd")
    said = terminal.type(*CREATE)
    assert (said.code, said.out) == (15, "")
    assert said.err == "Error: The secret key in CAMPAIGN_SECRET_KEY must be 32 bytes in base64 or hex.\n"


def test_making_a_key_loads_no_web_framework(furnished: Path) -> None:
    """Nor the cipher of SMTP settings."""
    program = """
import sys
from campaign_adapters.cli.program import run
run(sys.argv[1:])
print(*sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", program, *CREATE], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.splitlines()[-1].split())
    assert "campaign_adapters.http_api.keys" in loaded
    assert loaded & {"fastapi", "starlette", "pydantic", "uvicorn", "anyio", "cryptography"} == set()


def test_the_help_names_every_scope_of_today(terminal: Terminal) -> None:
    """Those of an older set, `write`, are taken and not advertised."""
    shown = " ".join(terminal.type("keys", "create", "--help").out.split())
    for resource in ("campaigns", "leads", "sender_accounts"):
        actions = [each.partition(":")[2] for each in SCOPES if each.startswith(f"{resource}:")]
        assert f"{resource}:{', '.join(action for action in actions if action != 'write')}" in shown
