"""What may be said of a mail server and of a login there, whoever keeps it."""

from __future__ import annotations

import re
from typing import Any, Final

HOST_CHARACTERS: Final = (1, 255)
PORTS: Final = (1, 65_535)
USERNAME_CHARACTERS: Final = (1, 255)
PASSWORD_CHARACTERS: Final = (1, 1000)
_HOST: Final = re.compile(r"[A-Za-z0-9._:\-]+")


def host_name(value: Any) -> str | None:
    """What is wrong with the name of a host; None: nothing."""
    if isinstance(value, str) and len(value) <= HOST_CHARACTERS[1] and _HOST.fullmatch(value):
        return None
    return "must be a host name or an IP address, in ASCII"
