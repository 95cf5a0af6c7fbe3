"""Time zones, from the pinned `tzdata` package and never from the machine, so that every machine agrees."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

_NAME = re.compile(r"[A-Za-z0-9_+\-]+(?:/[A-Za-z0-9_+\-]+)*")


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo | None:
    """The IANA time zone of that name; None if there is none."""
    if not _NAME.fullmatch(name):
        return None
    source = files("tzdata.zoneinfo").joinpath(*name.split("/"))
    if not source.is_file():
        return None
    with source.open("rb") as stream:
        if stream.read(4) != b"TZif":
            return None
        stream.seek(0)
        return ZoneInfo.from_file(stream, key=name)


def instant_in(local: datetime, timezone: str) -> datetime:
    """The instant, in UTC, that a date and time means in a zone; one with an offset of its own keeps it.

    A wall time that a clock change skips means the instant the clock would have shown it, had it not changed; one that
    occurs twice means the first.
    """
    if local.tzinfo is not None:
        return local.astimezone(UTC)
    return local.replace(tzinfo=zone(timezone), fold=0).astimezone(UTC)
