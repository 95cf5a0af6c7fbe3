"""What only holds for the store in memory."""

from __future__ import annotations

import pytest

from campaign_core.errors import MisuseError
from campaign_core.log.log import EventLog
from campaign_core.log.memory import open_store
from campaign_core.testing.samples import CODEC, METADATA, note


def test_each_opening_is_a_log_of_its_own() -> None:
    one, other = EventLog(open_store("memory:"), (), CODEC), EventLog(open_store("memory:"), (), CODEC)
    one.append("sample-1", [note("1")], METADATA)
    assert other.read_all() == []


def test_a_closed_store_says_that_it_is_closed() -> None:
    store = open_store("memory:")
    log = EventLog(store, (), CODEC)
    log.append("sample-1", [note("1")], METADATA)
    store.close()
    with pytest.raises(MisuseError, match="closed"):
        log.read_all()
    with pytest.raises(MisuseError, match="closed"):
        log.append("sample-1", [note("2")], METADATA)
