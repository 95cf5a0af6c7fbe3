"""Finding the store for a location."""

from __future__ import annotations

import re
from os import PathLike, fspath
from typing import Final

from campaign_core.errors import MisuseError
from campaign_core.log.ports import Store

_GROUP: Final = "campaign_core.stores"
#: At least two characters, so that a drive letter is no scheme.
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+]+):")


def open_store(location: str | PathLike[str]) -> Store:
    """Opens the store a location names: a path (`campaigns.db`), `memory:`, or a URL whose scheme a plugin serves.

    A plugin is an entry point of the group `campaign_core.stores`, named after its scheme, that answers a `Store` for a
    location.

    Raises:
        MisuseError: no store serves the scheme.
    """
    path = fspath(location)
    if path in (":memory:", "memory:"):
        from campaign_core.log.memory import open_store as open_memory

        return open_memory(path)
    scheme = _SCHEME.match(path)
    if scheme is None or scheme[1] == "sqlite":
        from campaign_core.log.sqlite import open_store as open_sqlite

        return open_sqlite(path)
    return _open_plugin(scheme[1], path)


def _open_plugin(scheme: str, location: str) -> Store:
    from importlib.metadata import entry_points

    found = {entry.name: entry for entry in entry_points(group=_GROUP)}
    if scheme not in found:
        raise MisuseError(f"No store serves {scheme!r} locations; installed are: {', '.join(sorted(found))}.")
    store: Store = found[scheme].load()(location)
    return store
