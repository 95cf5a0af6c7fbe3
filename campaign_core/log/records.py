"""Typed values in the registers."""

from __future__ import annotations

import json
from typing import Any, Final, Generic, TypeVar

from attrs import frozen

from campaign_core.conversion import converter
from campaign_core.errors import CorruptLog
from campaign_core.log.ports import Tables

T = TypeVar("T")
_converter: Final = converter(detailed=False, naive_times=False)


@frozen
class Register(Generic[T]):
    """One kind of value that is not history: an attrs class kept as JSON by workspace and key."""

    #: Names the kind in every store; never changed.
    name: str
    kind: type[T]

    def get(self, tables: Tables, workspace: str, key: str) -> T | None:
        """The value, or None.

        Raises:
            CorruptLog: what is stored does not have the shape of the class.
        """
        value = tables.registers.get(self.name, workspace, key)
        return None if value is None else self._decode(value)

    def put(self, tables: Tables, workspace: str, key: str, value: T) -> None:
        """Inserts or replaces a value."""
        encoded = json.dumps(_converter.unstructure(value), ensure_ascii=False, separators=(",", ":"))
        tables.registers.put(self.name, workspace, key, encoded.encode())

    def remove(self, tables: Tables, workspace: str, key: str) -> None:
        """Removes a value, if it is there."""
        tables.registers.remove(self.name, workspace, key)

    def scan(self, tables: Tables, workspace: str) -> list[tuple[str, T]]:
        """Every key and value in the workspace, by key."""
        return [(key, self._decode(value)) for key, value in tables.registers.scan(self.name, workspace)]

    def _decode(self, value: bytes) -> T:
        kind: Any = self.kind
        try:
            decoded: T = _converter.structure(json.loads(value), kind)
        except Exception as wrong:
            raise CorruptLog(f"A value of the register {self.name!r} does not have its shape: {wrong}.") from wrong
        return decoded
