"""What the kernel keeps that is not history: workspaces and the outcomes of commands."""

from __future__ import annotations

import hmac
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from attrs import field, frozen

from campaign_core.checks import ruled
from campaign_core.conversion import unstructure
from campaign_core.errors import CommandIdReused, CorruptLog
from campaign_core.kernel.outcome import Outcome
from campaign_core.log.ports import Tables
from campaign_core.log.records import Register
from campaign_core.sending.tracking import tracking_key

#: The workspace used where none is named.
DEFAULT_WORKSPACE: Final = "default"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def _name(value: Any) -> str | None:
    if isinstance(value, str) and _NAME.fullmatch(value):
        return None
    return f"must be 1 to 63 lower-case letters, digits and hyphens, a letter or digit first, is {value!r}"


#: Workspaces themselves are kept under no workspace.
_NOWHERE: Final = ""


@frozen
class WorkspaceName:
    """A workspace's name on its way in."""

    #: 1 to 63 lower-case letters, digits and hyphens, a letter or digit first.
    name: str = field(metadata=ruled(_name))


@frozen(kw_only=True)
class Workspace:
    """A tenant."""

    #: 32 random bytes, in hex: the key of every HMAC of the workspace.
    key: str = field(repr=False)
    created_at: datetime


@frozen(kw_only=True)
class Remembered:
    """The first outcome of a command that had an id."""

    #: HMAC of what the caller gave, in hex.
    body: str
    outcome: Outcome


WORKSPACES: Final = Register("workspaces", Workspace)
COMMANDS: Final = Register("commands", Remembered)


def make_workspace(tables: Tables, name: str, at: datetime) -> bool:
    """Makes the workspace, with a key of its own; False if it is there already."""
    if WORKSPACES.get(tables, _NOWHERE, name) is not None:
        return False
    WORKSPACES.put(tables, _NOWHERE, name, Workspace(key=os.urandom(32).hex(), created_at=at))
    return True


def has_workspace(tables: Tables, name: str) -> bool:
    """Whether there is a workspace of that name."""
    return WORKSPACES.get(tables, _NOWHERE, name) is not None


def workspace_names(tables: Tables) -> list[str]:
    """The names of all workspaces, sorted."""
    return [name for name, _ in WORKSPACES.scan(tables, _NOWHERE)]


def body_of(tables: Tables, workspace: str, command: object, extra: Mapping[str, Any]) -> str:
    """HMAC, in hex, of what the caller gave: the command's name and fields, and `extra` where fields do not tell all."""
    given = [type(command).__name__, dict(extra) if extra else unstructure(command)]
    text = json.dumps(given, sort_keys=True, ensure_ascii=True)
    return hmac.new(_key(tables, workspace), text.encode(), sha256).hexdigest()


def address_hash(tables: Tables, workspace: str, address: str) -> str:
    """HMAC, in hex, of an address in lower case under the key of the workspace: what is left to know it by."""
    return next(address_hashes(tables, workspace, (address,)))


def address_hashes(tables: Tables, workspace: str, addresses: Iterable[str]) -> Iterator[str]:
    """The hashes of many addresses, in order."""
    key = _key(tables, workspace)
    return (hmac.digest(key, b"address:" + each.lower().encode(), "sha256").hex() for each in addresses)


def tracking_key_of(tables: Tables, workspace: str) -> bytes:
    """The key of the tokens in the workspace's mails."""
    return tracking_key(_key(tables, workspace))


def tracking_keys(tables: Tables) -> Iterator[tuple[str, bytes]]:
    """The name of each workspace, with the key of the tokens in its mails."""
    for name, workspace in WORKSPACES.scan(tables, _NOWHERE):
        yield name, tracking_key(bytes.fromhex(workspace.key))


def _key(tables: Tables, workspace: str) -> bytes:
    found = WORKSPACES.get(tables, _NOWHERE, workspace)
    if found is None:
        raise CorruptLog(f"The workspace {workspace!r} has lost its key.")
    return bytes.fromhex(found.key)


def recall(tables: Tables, workspace: str, command_id: str, body: str) -> Outcome | None:
    """The outcome of an earlier command of that id; None if there was none.

    Raises:
        CommandIdReused: the earlier command was a different one.
    """
    earlier = COMMANDS.get(tables, workspace, command_id)
    if earlier is None:
        return None
    if not hmac.compare_digest(earlier.body, body):
        raise CommandIdReused(command_id)
    return earlier.outcome


def remember(tables: Tables, workspace: str, command_id: str, body: str, outcome: Outcome) -> None:
    """Keeps the outcome of a command for when it is repeated."""
    COMMANDS.put(tables, workspace, command_id, Remembered(body=body, outcome=outcome.without_personal_data()))
