"""Events to bytes and back.

An event is stored under its own explicit name and schema number, never under a Python path, as JSON. Reading is strict:
a payload that does not have exactly the shape of its schema is a CorruptLog.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum, StrEnum
from typing import Any, Final, get_args, get_origin
from uuid import UUID

import orjson
from cattrs.fns import identity

from campaign_core.campaign.events import CampaignEvent
from campaign_core.conversion import converter
from campaign_core.errors import CorruptLog, MisuseError, UnsupportedLog
from campaign_core.inbox.events import InboxEvent
from campaign_core.lead.events import LeadEvent
from campaign_core.log.upcasters import UPCASTERS, Upcasters, upcast
from campaign_core.suppression.events import SuppressionEvent

#: Every event of every aggregate.
EVENTS: tuple[type, ...] = (
    *get_args(CampaignEvent),
    *get_args(InboxEvent),
    *get_args(LeadEvent),
    *get_args(SuppressionEvent),
)

#: What orjson writes by itself as our conversion would, alone and in tuples and mappings.
_WRITTEN: Final = {str, int, bool, UUID, Ellipsis}


def _written_as_it_is(kind: Any) -> bool:
    return get_origin(kind) in (tuple, Mapping) and set(get_args(kind)) <= _WRITTEN


class Codec:
    """Knows a set of event classes by their stored names."""

    def __init__(self, events: Iterable[type] = EVENTS, upcasters: Upcasters = UPCASTERS) -> None:
        self._upcasters = upcasters
        self._converter = converter(detailed=False, naive_times=False, complete=True)
        for plain in (UUID, Enum, StrEnum):
            self._converter.register_unstructure_hook(plain, identity)
        self._converter.register_unstructure_hook_func(_written_as_it_is, identity)
        self._by_name: dict[str, Any] = {}
        self._unstructure: dict[type, Callable[[Any], Any]] = {}
        self._structure: dict[type, Callable[[Any, Any], Any]] = {}
        for event in events:
            self._register(event)

    def _register(self, event: Any) -> None:
        taken = self._by_name.setdefault(event.stored_name, event)
        if taken is not event:
            raise MisuseError(f"Two events are stored as {event.stored_name}: {taken.__name__} and {event.__name__}.")

    @property
    def events(self) -> tuple[type, ...]:
        """Every event class known, by stored name."""
        return tuple(self._by_name[name] for name in sorted(self._by_name))

    def encode(self, event: Any) -> bytes:
        """The payload of an event: JSON, UTF-8.

        Raises:
            MisuseError: the event's class is not registered.
        """
        kind = type(event)
        unstructure = self._unstructure.get(kind)
        if unstructure is None:
            if self._by_name.get(getattr(kind, "stored_name", "")) is not kind:
                raise MisuseError(f"{kind.__name__} is not an event this log knows.")
            unstructure = self._unstructure[kind] = self._converter.get_unstructure_hook(kind)
        # A copy of just its size: orjson hands out the whole buffer it wrote into, and many of those at once cost more to
        # get from the system than all the rest of the work.
        return b"%b" % orjson.dumps(unstructure(event))

    def decode(self, name: str, schema: int, payload: bytes) -> Any:
        """The event of a payload, in the newest shape.

        Raises:
            UnsupportedLog: no event of that name or schema is known.
            CorruptLog: the payload has another shape.
        """
        kind = self._by_name.get(name)
        if kind is None:
            raise UnsupportedLog(f"The log holds the event {name}, which this version of the library does not know.")
        structure = self._structure.get(kind)
        if structure is None:
            structure = self._structure[kind] = self._converter.get_structure_hook(kind)
        try:
            data = orjson.loads(payload)
            if schema != kind.schema:
                data = upcast(self._upcasters, name, schema, kind.schema, data)
            return structure(data, kind)
        except UnsupportedLog:
            raise
        except Exception as wrong:
            raise CorruptLog(
                f"A payload stored as {name}, schema {schema}, does not have its shape: {wrong}."
            ) from wrong
