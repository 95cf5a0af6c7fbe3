"""API keys and their scopes: kept as hashes, found by whoever holds them, each of one workspace."""

from __future__ import annotations

import re
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign_adapters.http_api.keys import API_KEYS, ApiKeys, UnknownKey
from campaign_adapters.http_api.scopes import SCOPES, grants
from campaign_core import InvalidMessage, MisuseError, UnknownWorkspace, open_kernel
from tests.http.serving import AT, SECRET, Keyed

#: What a route may ask for.
ASKED = [
    f"{resource}:{action}"
    for resource in ("campaigns", "leads", "sender_accounts")
    for action in ("create", "read", "update", "delete", "pause", "activate")
]


def test_a_key_is_found_by_whoever_holds_it(keyed: Keyed) -> None:
    """With everything it was made with, and by nothing that only looks like it."""
    assert keyed.keys.find(keyed.token) == keyed.key
    assert (keyed.key.name, keyed.key.workspace, keyed.key.scopes) == ("For a test", "default", ("*",))
    assert (keyed.key.created_at, keyed.key.revoked_at) == (AT, None)
    assert re.fullmatch(r"cs_live_[A-Za-z0-9]{40}", keyed.token)
    for wrong in ("", "cs_live_", keyed.token[:-1], f"{keyed.token}x", keyed.token.swapcase(), f" {keyed.token}"):
        assert keyed.keys.find(wrong) is None


@given(st.text())
def test_any_text_may_be_presented(presented: str) -> None:
    """It is no key, and nothing else comes of it."""
    with open_kernel("memory:") as kernel:
        assert ApiKeys(kernel, SECRET).find(presented) is None


def test_no_two_keys_are_alike(keyed: Keyed) -> None:
    made = [keyed.keys.create("Alike", ["*"], "default") for _ in range(50)]
    assert len({token for _, token in made}) == len({key.key_id for key, _ in made}) == 50


def test_the_database_holds_neither_the_key_nor_its_bare_hash(keyed: Keyed, tmp_path: Path) -> None:
    """Without the secret key of the environment a guess cannot be checked against it."""
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert keyed.key.key_id.encode() in held
    for form in (keyed.token, keyed.token.removeprefix("cs_live_"), sha256(keyed.token.encode()).hexdigest()):
        assert form.encode() not in held


def test_a_key_opens_nothing_under_another_secret(keyed: Keyed) -> None:
    assert ApiKeys(keyed.kernel, bytes(32)).find(keyed.token) is None
    assert ApiKeys(keyed.kernel, SECRET).find(keyed.token) == keyed.key


def test_a_key_is_found_from_every_workspace_and_listed_in_its_own(keyed: Keyed) -> None:
    """Whoever presents it need not say whose it is."""
    europe = keyed.kernel.create_workspace("europe")
    keyed.clock.at += timedelta(days=1)
    key, token = ApiKeys(europe, SECRET, clock=keyed.clock).create("European", ["leads:all"], "europe")
    assert keyed.keys.find(token) == key
    assert (keyed.keys.list("europe"), keyed.keys.list("default")) == ([key], [keyed.key])
    assert keyed.kernel.shelf(API_KEYS).scan() != []
    assert europe.shelf(API_KEYS).scan() == []


def test_a_revoked_key_opens_nothing_from_that_moment_on(keyed: Keyed) -> None:
    """It stays in the list; to revoke it again does not move the moment."""
    keyed.clock.at += timedelta(hours=1)
    revoked = keyed.keys.revoke("default", keyed.key.key_id)
    assert revoked.revoked_at == AT + timedelta(hours=1)
    assert keyed.keys.find(keyed.token) is None
    keyed.clock.at += timedelta(hours=1)
    assert keyed.keys.revoke("default", keyed.key.key_id) == revoked
    assert keyed.keys.list("default") == [revoked]


def test_a_key_of_another_workspace_cannot_be_revoked(keyed: Keyed) -> None:
    keyed.kernel.create_workspace("europe")
    for workspace, key_id in (("europe", keyed.key.key_id), ("default", "5f0c2a91d3e4")):
        with pytest.raises(UnknownKey, match=f"^There is no API key {key_id}; "):
            keyed.keys.revoke(workspace, key_id)
    assert keyed.keys.find(keyed.token) is not None


def test_a_key_is_made_for_a_workspace_that_there_is(keyed: Keyed) -> None:
    with pytest.raises(UnknownWorkspace):
        keyed.keys.create("Martian", ["*"], "mars")


def test_scopes_that_there_are_not_are_refused_beside_those_there_are(keyed: Keyed) -> None:
    """One sentence; a scope that is given twice counts once."""
    with pytest.raises(InvalidMessage) as refused:
        keyed.keys.create("Flies", ["leads:create", "leads:fly"], "default")
    assert str(refused.value) == f"$.scopes: must be some of {', '.join(SCOPES)}; 'leads:fly' is none."
    with pytest.raises(InvalidMessage, match="none is given"):
        keyed.keys.create("Nothing", [], "default")
    key, _ = keyed.keys.create("Twice", ["leads:read", "leads:create", "leads:read"], "default")
    assert key.scopes == ("leads:read", "leads:create")


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\nb", "\udcff"])
def test_a_name_is_one_line_of_up_to_100_characters(keyed: Keyed, name: str) -> None:
    with pytest.raises(InvalidMessage, match=r"\$\.name"):
        keyed.keys.create(name, ["*"], "default")
    assert keyed.keys.create("x" * 100, ["*"], "default")[0].name == "x" * 100


@pytest.mark.parametrize("asked", ASKED)
def test_a_scope_grants_itself_and_what_it_stands_for(asked: str) -> None:
    """Itself, everything on its resource by the newer and by the older word, and everything at all; nothing else."""
    resource = asked.partition(":")[0]
    granting = {scope for scope in SCOPES if grants((scope,), asked)}
    assert granting == {asked, "*", f"{resource}:all", f"{resource}:write"} & set(SCOPES)
    assert not grants((), asked)
    assert not grants([scope for scope in SCOPES if scope not in granting], asked)


def test_strangers_fall_into_groups_that_do_not_tell_their_address(keyed: Keyed) -> None:
    """The same address is always the same group, in every process that has the secret, and in no other."""
    names = {keyed.keys.stranger(f"10.0.{number // 250}.{number % 250}") for number in range(200)}
    assert len(names) > 190
    assert all(re.fullmatch(r"stranger:[0-9a-f]{4}", name) for name in names)
    assert ApiKeys(keyed.kernel, SECRET).stranger("10.0.0.1") == keyed.keys.stranger("10.0.0.1")
    assert ApiKeys(keyed.kernel, bytes(32)).stranger("10.0.0.1") != keyed.keys.stranger("10.0.0.1")


def test_keys_of_another_secret_are_noticed(keyed: Keyed) -> None:
    """When a server starts, and before a key is made that would open nothing beside the others."""
    other = ApiKeys(keyed.kernel, bytes(32))
    for act in (other.check_secret, lambda: other.create("Another", ("*",), "default")):
        with pytest.raises(MisuseError, match="under another secret key; set CAMPAIGN_SECRET_KEY"):
            act()
    keyed.keys.check_secret()
    assert len(keyed.keys.list("default")) == 1
