"""Events of older shapes, read in the newest: an invented event that had three."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

import pytest
from attrs import frozen

from campaign_core.audit.verify import verify
from campaign_core.errors import CorruptLog, UnsupportedLog
from campaign_core.log.codec import Codec
from campaign_core.log.log import EventLog
from campaign_core.log.memory import MemoryStore
from campaign_core.log.ports import Store
from campaign_core.log.sqlite import SqliteStore
from campaign_core.recorded import Proposed, Recorded
from campaign_core.testing.samples import METADATA
from campaign_core.views.view import Drop, Key, Query, View


@frozen
class Greeted1:
    """How it was first recorded."""

    stored_name: ClassVar[str] = "sample.greeted"
    schema: ClassVar[int] = 1

    who: str


@frozen
class Greeted2:
    """The name in two parts."""

    stored_name: ClassVar[str] = "sample.greeted"
    schema: ClassVar[int] = 2

    first: str
    last: str


@frozen
class Name:
    """A name."""

    first: str
    last: str


@frozen
class Greeted3:
    """The name as a value of its own, and a language."""

    stored_name: ClassVar[str] = "sample.greeted"
    schema: ClassVar[int] = 3

    name: Name
    language: str | None


def split_name(payload: dict[str, Any]) -> dict[str, Any]:
    """From schema 1 to 2."""
    first, _, last = payload["who"].partition(" ")
    return {"first": first, "last": last}


def wrap_name(payload: dict[str, Any]) -> dict[str, Any]:
    """From schema 2 to 3."""
    return {"name": payload, "language": None}


UPCASTERS = {("sample.greeted", 1): split_name, ("sample.greeted", 2): wrap_name}
CODEC_1, CODEC_2, CODEC_3 = (
    Codec((Greeted1,), {}),
    Codec((Greeted2,), {("sample.greeted", 1): split_name}),
    Codec((Greeted3,), UPCASTERS),
)
ADA, LIN, ZOE = (
    Greeted3(Name("Ada", "Lovelace"), None),
    Greeted3(Name("Lin", "Ma"), None),
    Greeted3(Name("Zoë", "X"), "fr"),
)


@frozen(kw_only=True)
class GreetingRow:
    """Whom a stream greeted last."""

    workspace: str
    stream: str
    last: str


def _expand(recorded: Recorded, content: object) -> Iterator[tuple[Key, Any] | Drop]:
    row = GreetingRow(workspace=recorded.workspace, stream=recorded.stream, last=recorded.event.name.last)
    yield (recorded.workspace, recorded.stream), row


GREETINGS: View[GreetingRow] = View(
    name="greetings", version=1, row=GreetingRow, key=("workspace", "stream"), expand=_expand, fold=None
)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A log to which three versions of a program wrote, one after the other."""
    with closing(MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "log.db")) as opened:
        EventLog(opened, (), CODEC_1).append("sample-1", [Proposed(Greeted1("Ada Lovelace"))], METADATA)
        EventLog(opened, (), CODEC_2).append("sample-1", [Proposed(Greeted2("Lin", "Ma"))], METADATA)
        EventLog(opened, (), CODEC_3).append("sample-1", [Proposed(ZOE)], METADATA)
        yield opened


def test_events_of_every_schema_are_read_in_the_newest_shape(store: Store) -> None:
    """The envelope says which schema the log holds; nothing stored changes, so digests and links still check."""
    log = EventLog(store, (), CODEC_3)
    history = log.read_stream("default", "sample-1")
    assert [each.event for each in history] == [ADA, LIN, ZOE]
    assert [each.schema for each in history] == [1, 2, 3]
    assert {each.name for each in history} == {"sample.greeted"}
    with log.read() as snapshot:
        assert verify(snapshot).holds
        payloads = [entry.payload for entry in snapshot.tables.events.all(0, 10)]
    assert payloads == [
        CODEC_1.encode(Greeted1("Ada Lovelace")),
        CODEC_2.encode(Greeted2("Lin", "Ma")),
        CODEC_3.encode(ZOE),
    ]


def test_views_are_folded_from_the_newest_shape(store: Store) -> None:
    """From the log when they are new, and again when they are rebuilt."""
    log = EventLog(store, (GREETINGS,), CODEC_3)
    for _ in range(2):
        with log.read() as snapshot:
            assert [row.last for row in snapshot.find(GREETINGS, Query())] == ["X"]
        assert log.rebuild() == 3


def test_an_older_program_refuses_what_it_does_not_know(store: Store) -> None:
    """It reads up to where it knows the schema, and says what to do about the rest."""
    log = EventLog(store, (), CODEC_2)
    assert [each.event for each in log.read_all(limit=2)] == [Greeted2("Ada", "Lovelace"), Greeted2("Lin", "Ma")]
    with pytest.raises(UnsupportedLog, match="schema 3"):
        log.read_all()
    assert log.head("default", "sample-1") == 3


def test_a_program_without_the_event_refuses_it(store: Store) -> None:
    with pytest.raises(UnsupportedLog, match=r"sample\.greeted"):
        EventLog(store, (), Codec()).read_all()


def test_a_gap_in_the_chain_is_unsupported() -> None:
    """Whichever upcaster is missing."""
    for missing in UPCASTERS:
        codec = Codec((Greeted3,), {key: each for key, each in UPCASTERS.items() if key != missing})
        with pytest.raises(UnsupportedLog, match=f"from schema {missing[1]} to {missing[1] + 1}"):
            codec.decode("sample.greeted", 1, b'{"who":"Ada Lovelace"}')


@pytest.mark.parametrize("bad", [b'{"whom":"Ada"}', b'{"who":7}', b"[]", b'{"who":"Ada","extra":1}'], ids=repr)
def test_a_payload_that_an_upcaster_cannot_read_is_corrupt(bad: bytes) -> None:
    """An upcaster that meets another shape than it was written for, or makes another than the next expects."""
    strict = {("sample.greeted", 1): lambda payload: {"first": payload["who"].upper(), "last": payload["extra"]}}
    with pytest.raises(CorruptLog):
        Codec((Greeted2,), strict).decode("sample.greeted", 1, bad)
