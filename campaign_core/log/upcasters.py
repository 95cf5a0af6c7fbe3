"""How events of older shapes are read.

An upcaster takes the payload of an event as one schema version wrote it and answers it as the next version would have.
They run one after the other until the payload has the newest shape, so every reader knows only that one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from campaign_core.errors import UnsupportedLog

#: From a payload of one schema version to the same event in the next.
Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
#: By event name and the schema version an upcaster reads.
Upcasters = Mapping[tuple[str, int], Upcaster]

#: No event has changed its shape yet.
UPCASTERS: Upcasters = {}


def upcast(upcasters: Upcasters, name: str, schema: int, newest: int, payload: dict[str, Any]) -> dict[str, Any]:
    """The payload in its newest shape.

    Raises:
        UnsupportedLog: the payload is newer than this library, or an upcaster is missing.
    """
    if schema > newest:
        raise UnsupportedLog(
            f"The log holds {name} of schema {schema}; this version of the library knows it up to {newest}. Update it."
        )
    for step in range(schema, newest):
        upcaster = upcasters.get((name, step))
        if upcaster is None:
            raise UnsupportedLog(f"There is no upcaster for {name} from schema {step} to {step + 1}.")
        payload = upcaster(payload)
    return payload
