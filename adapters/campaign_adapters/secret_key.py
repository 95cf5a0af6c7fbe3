"""The key under which adapters keep what must stay secret. It is never stored: it comes from the environment."""

from __future__ import annotations

import binascii
import os
import re
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from campaign_core.errors import MisuseError

KEY_VARIABLE: Final = "CAMPAIGN_SECRET_KEY"
KEY_FILE_VARIABLE: Final = "CAMPAIGN_SECRET_KEY_FILE"
_KEY_BYTES: Final = 32
_HEX: Final = re.compile(r"[0-9A-Fa-f]{64}")


def secret_key(
    environment: Mapping[str, str] = os.environ, *, reason: str = "SMTP settings are kept encrypted"
) -> bytes:
    """The 32 bytes of the key: from `CAMPAIGN_SECRET_KEY`, else from the file that `CAMPAIGN_SECRET_KEY_FILE` names.

    Args:
        environment: where to look.
        reason: what it is needed for; the beginning of the sentence where there is none.

    Raises:
        MisuseError: there is none, or it is no key.
    """
    given, path = environment.get(KEY_VARIABLE), environment.get(KEY_FILE_VARIABLE)
    if given:
        return _key_from(given.encode(), KEY_VARIABLE)
    if path:
        try:
            return _key_from(Path(path).read_bytes(), path)
        except OSError as wrong:
            raise MisuseError(f"The secret key cannot be read from {path}: {wrong.strerror}.") from wrong
    raise MisuseError(
        f"{reason}; set {KEY_VARIABLE} to 32 random bytes in base64 or hex, "
        f"or {KEY_FILE_VARIABLE} to a file that holds them."
    )


def _key_from(given: bytes, where: str) -> bytes:
    if len(given) == _KEY_BYTES and not given.isascii():  # the bytes themselves, in a file; text would be a short key
        return given
    text = given.decode("ascii", "replace").strip()
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    try:
        key = b64decode(
            text + "=" * (-len(text) % 4), altchars=b"-_" if {"-", "_"} & set(text) else None, validate=True
        )
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise MisuseError(f"The secret key in {where} must be 32 bytes in base64 or hex.")
    return key
