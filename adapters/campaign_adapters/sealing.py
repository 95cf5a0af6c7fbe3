"""How do adapters keep the settings of an inbox, so that neither the log nor its file betrays a password?

In the registers, which are no history, and encrypted whole with AES-256-GCM. The workspace and the inbox are part of what is
authenticated: settings that somebody moves to another inbox do not open there. The key is never stored; it comes from the
environment, so that a copy of the database alone is worth nothing.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from typing import Final, Generic, Protocol, TypeVar
from uuid import UUID

from attrs import field, frozen
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from campaign_adapters.secret_key import KEY_VARIABLE
from campaign_core.checks import check
from campaign_core.conversion import structure, unstructure
from campaign_core.errors import MisuseError

T = TypeVar("T")
#: 96 random bits for each encryption. Source: NIST SP 800-38D, section 8.2.2.
_NONCE_BYTES: Final = 12
_SCHEME: Final = "aes-256-gcm"


@frozen(kw_only=True)
class Sealed:
    """Settings that only the key opens."""

    #: How they were encrypted.
    scheme: str
    #: Base64, both.
    nonce: str
    box: str = field(repr=False)


class Shelf(Protocol):
    """The values of one register of sealed settings in one workspace; each call is a transaction."""

    @property
    def workspace(self) -> str:
        """The workspace's name."""
        ...

    def get(self, key: str) -> Sealed | None:
        """The value, or None."""
        ...

    def put(self, key: str, value: Sealed) -> None:
        """Inserts or replaces a value."""
        ...

    def remove(self, key: str) -> None:
        """Removes a value, if it is there."""
        ...

    def scan(self) -> list[tuple[str, Sealed]]:
        """Every key and value, by key."""
        ...


class Secrets(Generic[T]):
    """The settings of one kind of the inboxes of one workspace. Threads may share it."""

    def __init__(self, shelf: Shelf, key: bytes, kind: type[T], name: str, purpose: str = "") -> None:
        """Takes the register of the kind, and what is special about it.

        Args:
            shelf: where they are kept.
            key: that of `secret_key`, 32 bytes.
            kind: an attrs class whose fields have rules.
            name: what the kind is called in sentences, such as SMTP.
            purpose: authenticated with each, so that settings of one kind do not open as another.
        """
        self._shelf, self._cipher, self._kind, self._name, self._purpose = shelf, AESGCM(key), kind, name, purpose

    def keep(self, inbox_id: UUID, settings: T) -> None:
        """Keeps the settings of an inbox, in place of earlier ones.

        Raises:
            InvalidMessage: they have the wrong shape or are out of range; every problem is listed.
        """
        check(settings)
        nonce = os.urandom(_NONCE_BYTES)
        box = self._cipher.encrypt(nonce, json.dumps(unstructure(settings)).encode(), self._bound_to(str(inbox_id)))
        sealed = Sealed(scheme=_SCHEME, nonce=b64encode(nonce).decode(), box=b64encode(box).decode())
        self._shelf.put(str(inbox_id), sealed)

    def settings_of(self, inbox_id: UUID) -> T:
        """The settings of an inbox.

        Raises:
            MisuseError: none are kept, or they were kept with another key.
        """
        sealed = self._shelf.get(str(inbox_id))
        if sealed is None:
            raise MisuseError(f"No {self._name} settings are kept for the inbox {inbox_id}; give it some.")
        return self._opened(str(inbox_id), sealed)

    def forget(self, inbox_id: UUID) -> None:
        """Removes the settings of an inbox, if there are any."""
        self._shelf.remove(str(inbox_id))

    def check_key(self) -> None:
        """Opens everything that is kept, so that a wrong key is known before the first mail.

        Raises:
            MisuseError: something was kept with another key.
        """
        for inbox, sealed in self._shelf.scan():
            self._opened(inbox, sealed)

    def _opened(self, inbox: str, sealed: Sealed) -> T:
        try:
            nonce, box = b64decode(sealed.nonce), b64decode(sealed.box)
            plain = self._cipher.decrypt(nonce, box, self._bound_to(inbox))
        except (InvalidTag, ValueError) as wrong:
            raise MisuseError(
                f"The {self._name} settings of the inbox {inbox} do not open with this secret key; "
                f"set {KEY_VARIABLE} to the key they were kept with, or give the inbox its settings anew."
            ) from wrong
        return structure(json.loads(plain), self._kind)

    def _bound_to(self, inbox: str) -> bytes:
        parts = (_SCHEME, self._shelf.workspace, inbox, self._purpose)
        return "\n".join(part for part in parts if part).encode()
