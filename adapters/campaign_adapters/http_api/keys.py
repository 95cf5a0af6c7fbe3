"""Who may call: API keys, each of one workspace and with its scopes.

A key is told once, when it is made. What is kept is SHA-256 of it behind a pepper, and the pepper is made of the secret
key of the environment: neither the database nor the environment alone tells whether a guess is right. The keys of all
workspaces are kept in one place, because a key that is presented does not say whose it is.
"""

from __future__ import annotations

import hmac
import re
import secrets
import string
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from attrs import evolve, field, frozen

from campaign_adapters.http_api.scopes import SCOPES
from campaign_adapters.secret_key import KEY_VARIABLE
from campaign_core import CommandRejected, Kernel, MisuseError
from campaign_core.checks import check, ruled, sentence_for, text
from campaign_core.kernel.registers import DEFAULT_WORKSPACE
from campaign_core.log.records import Register

PREFIX: Final = "cs_live_"
_RANDOM_CHARACTERS: Final = 40
_ALPHABET: Final = string.ascii_letters + string.digits
_TOKEN: Final = re.compile(rf"{PREFIX}[A-Za-z0-9]{{{_RANDOM_CHARACTERS}}}")
#: Half of the digits of a key's id; 48 random bits, so that no two keys are called alike.
_ID_BYTES: Final = 6
#: Into how many groups the addresses of callers without a key fall.
_STRANGERS: Final = 65_536


@frozen
class ApiKey:
    """A key as it is kept: everything but the key itself."""

    #: What it is called in commands, in logs and, as `api-key:<key_id>`, in the history.
    key_id: str
    name: str
    #: The tenant it opens.
    workspace: str
    scopes: tuple[str, ...]
    created_at: datetime
    #: Since when it opens nothing any more.
    revoked_at: datetime | None


#: By the peppered hash of the key, all of them in the default workspace.
API_KEYS: Final = Register("api_keys", ApiKey)


@frozen
class _Fingerprint:
    """By what the secret is known under which keys were made."""

    of_pepper: str


_FINGERPRINT: Final = Register("api_key_secret", _Fingerprint)
_THE_ONLY: Final = "fingerprint"


class UnknownKey(CommandRejected):
    """The workspace has no key of that id."""

    code = "unknown_api_key"

    def __init__(self, key_id: str) -> None:
        super().__init__(key_id)
        self.key_id = key_id

    def __str__(self) -> str:
        return f"There is no API key {self.key_id}; `campaign keys list` shows those there are."


def _name(value: Any) -> str | None:
    wrong = sentence_for(text(1, 100), value)
    if wrong is None and not (value.isprintable() and value.strip()):
        return "must not be blank and must have no line breaks or other control characters"
    return wrong


def _scopes(value: Any) -> str | None:
    unknown = [each for each in value if each not in SCOPES]
    if value and not unknown:
        return None
    given = f"{', '.join(map(repr, unknown))} is none" if unknown else "none is given"
    return f"must be some of {', '.join(SCOPES)}; {given}"


@frozen
class _Wanted:
    """A key on its way in."""

    name: str = field(metadata=ruled(_name))
    scopes: tuple[str, ...] = field(metadata=ruled(_scopes))


def _now() -> datetime:
    return datetime.now(UTC)


class KeyRing:
    """The keys as an operator sees them: no secret is needed to list or to revoke them. Threads may share it."""

    def __init__(self, kernel: Kernel, *, clock: Callable[[], datetime] = _now) -> None:
        self._kernel, self._clock = kernel, clock
        self._shelf = kernel.workspace(DEFAULT_WORKSPACE).shelf(API_KEYS)

    def list(self, workspace: str) -> list[ApiKey]:
        """The keys of a workspace, revoked ones too, oldest first."""
        found = [key for _, key in self._shelf.scan() if key.workspace == workspace]
        return sorted(found, key=lambda key: (key.created_at, key.key_id))

    def revoke(self, workspace: str, key_id: str) -> ApiKey:
        """Sees to it that a key opens nothing any more, at once and for good; one that was revoked stays as it is.

        Raises:
            UnknownKey: the workspace has no such key.
        """
        for place, key in self._shelf.scan():
            if (key.workspace, key.key_id) == (workspace, key_id):
                revoked = self._shelf.change(place, self._revoked)
                assert revoked is not None, "keys are revoked, never removed"
                return revoked
        raise UnknownKey(key_id)

    def _revoked(self, key: ApiKey | None) -> ApiKey | None:
        return key if key is None or key.revoked_at is not None else evolve(key, revoked_at=self._clock())


class ApiKeys(KeyRing):
    """The keys as a server needs them. Threads may share it."""

    def __init__(self, kernel: Kernel, secret: bytes, *, clock: Callable[[], datetime] = _now) -> None:
        """Takes the key of `secret_key`, 32 bytes."""
        super().__init__(kernel, clock=clock)
        self._pepper = hmac.digest(secret, b"campaign: pepper of API keys", "sha256").hex()

    def check_secret(self) -> None:
        """Makes sure that the keys there are were made under this secret, and remembers it where there is none yet.

        Raises:
            MisuseError: they were made under another, so that none of them would open anything.
        """
        mine = _Fingerprint(hmac.digest(self._pepper.encode(), b"fingerprint", "sha256").hex()[:16])
        shelf = self._kernel.workspace(DEFAULT_WORKSPACE).shelf(_FINGERPRINT)
        if shelf.get(_THE_ONLY) is None:
            shelf.change(_THE_ONLY, lambda known: known or mine)
        if shelf.get(_THE_ONLY) != mine:
            raise MisuseError(
                f"The API keys of this database were made under another secret key; set {KEY_VARIABLE} to that one."
            )

    def create(self, name: str, scopes: Sequence[str], workspace: str) -> tuple[ApiKey, str]:
        """Makes a key; answers what is kept of it, and the key itself, which nobody can be told again.

        Raises:
            InvalidMessage: the name or a scope is none.
            UnknownWorkspace: there is no such workspace.
            MisuseError: there are keys that were made under another secret.
        """
        wanted = _Wanted(name, tuple(dict.fromkeys(scopes)))
        check(wanted)
        self._kernel.workspace(workspace)
        self.check_secret()
        token = PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_CHARACTERS))
        key = ApiKey(
            key_id=secrets.token_hex(_ID_BYTES),
            name=name,
            workspace=workspace,
            scopes=wanted.scopes,
            created_at=self._clock(),
            revoked_at=None,
        )
        self._shelf.put(self._place(token), key)
        return key, token

    def find(self, presented: str) -> ApiKey | None:
        """The key that somebody presents; None if it is unknown, revoked or no key at all."""
        if _TOKEN.fullmatch(presented) is None:
            return None
        found = self._shelf.get(self._place(presented))
        return found if found is not None and found.revoked_at is None else None

    def stranger(self, address: str) -> str:
        """The name under which calls from an address without a valid key are counted.

        Addresses fall into 65,536 groups by a keyed hash: the name does not tell the address, and however many addresses
        call, no more names than that are ever kept.
        """
        digest = hmac.digest(self._pepper.encode(), b"address:" + address.encode(), "sha256")
        return f"stranger:{int.from_bytes(digest[:8]) % _STRANGERS:04x}"

    def _place(self, token: str) -> str:
        return sha256(f"{self._pepper}:{token}".encode()).hexdigest()
