"""What may an API key be allowed to do?

A scope is `resource:action`. Source: reference/coldsend-api.md, section 1.2.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

#: Everything, now and in future.
EVERYTHING: Final = "*"
#: Actions that stand for every action on their resource; `write` is the older word.
_WHOLE: Final = ("all", "write")

#: Every scope a key can have.
SCOPES: Final = (
    "campaigns:create",
    "campaigns:read",
    "campaigns:update",
    "campaigns:delete",
    "campaigns:pause",
    "campaigns:activate",
    "campaigns:all",
    "campaigns:write",
    "leads:create",
    "leads:read",
    "leads:update",
    "leads:delete",
    "leads:all",
    "sender_accounts:create",
    "sender_accounts:read",
    "sender_accounts:delete",
    "sender_accounts:all",
    "sender_accounts:write",
    EVERYTHING,
)


def grants(granted: Collection[str], required: str) -> bool:
    """Whether whoever has these scopes may do what asks for that one."""
    resource = required.partition(":")[0]
    return any(each in granted for each in (required, EVERYTHING, *(f"{resource}:{whole}" for whole in _WHOLE)))
