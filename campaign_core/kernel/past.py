"""The log as it stood at an instant, to be asked anything that can be asked today."""

from __future__ import annotations

from datetime import datetime
from itertools import takewhile
from typing import Final

from campaign_core.conversion import instant_text
from campaign_core.kernel.registers import WORKSPACES, workspace_names
from campaign_core.log.log import EventLog
from campaign_core.log.memory import MemoryStore

_BATCH: Final = 1000
_NOWHERE: Final = ""


def log_at(log: EventLog, at: datetime) -> EventLog:
    """A log in memory with every event up to the first that was recorded later, and views folded from them.

    What was erased since is erased there too. Costs as much as reading the log up to then. Workspaces are there with their
    keys, whenever they were made; other registers are not history and stay behind.
    """
    store, latest = MemoryStore(), instant_text(at)
    with log.read() as snapshot, store.writing() as tables:
        source = snapshot.tables
        for name in workspace_names(source):
            found = WORKSPACES.get(source, _NOWHERE, name)
            assert found is not None, "a workspace that is listed is there"
            WORKSPACES.put(tables, _NOWHERE, name, found)
        after = 0
        while entries := source.events.all(after, _BATCH):
            # Clocks may have gone back: what comes behind an event of later was not there yet, whatever it says.
            kept = list(takewhile(lambda entry: entry.recorded_at <= latest, entries))
            tables.events.insert(kept)
            for entry in kept:
                if entry.content_root is not None:
                    tables.contents.insert(entry.position, source.contents.blocks(entry.position))
            after = entries[-1].position
            if len(kept) < len(entries):
                break
    return EventLog(store, log.views)
