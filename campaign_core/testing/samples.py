"""What the contracts of the log are tested with: entries, rows of every field type, two events and views over them.

Nothing here is about campaigns, so that a failing contract points at a store and not at the domain.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from enum import Enum, StrEnum
from typing import Any, ClassVar, Final, TypeVar
from uuid import UUID

import attrs
from attrs import frozen

from campaign_core.audit.verify import Verification, verify
from campaign_core.log.codec import Codec
from campaign_core.log.log import EventLog
from campaign_core.log.ports import Entry, Store
from campaign_core.recorded import Metadata, Proposed, Recorded, Row, Rows
from campaign_core.views.view import Drop, Key, View

T = TypeVar("T")
#: The instant at which samples were recorded.
AT: Final = datetime(2030, 1, 1, 12, 30, 15, 250_001, tzinfo=UTC)
#: How long a thread may take before it counts as stuck, in seconds.
STUCK_SECONDS: Final = 60
METADATA: Final = Metadata(workspace="default", actor="somebody", recorded_at=AT)
#: Metadata with every field filled.
METADATA_IN_FULL: Final = Metadata(
    workspace="default",
    actor="Zoë ☂ <zoe@example.com>",
    command="command-1",
    causation="causation-2",
    correlation="correlation-3",
    recorded_at=AT,
)


def elsewhere(work: Callable[[], T]) -> T:
    """Does the work in a thread of its own and answers what it answers, or raises what it raises."""
    answers: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(work())
        except BaseException as wrong:
            errors.append(wrong)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(STUCK_SECONDS)
    assert not thread.is_alive(), "a call that must not wait is waiting"
    if errors:
        raise errors[0]
    return answers[0]


def together(works: Sequence[Callable[[], object]]) -> None:
    """Does all of it at once, each in a thread of its own; raises what one of them raised."""
    errors: list[BaseException] = []
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        try:
            gate.wait(STUCK_SECONDS)
            work()
        except BaseException as wrong:
            errors.append(wrong)

    threads = [threading.Thread(target=run, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(STUCK_SECONDS)
    if errors:
        raise errors[0]
    assert not any(thread.is_alive() for thread in threads), "threads wait for each other for ever"


def entry(
    position: int, version: int = 1, previous: int = 0, *, stream: str = "sample-1", workspace: str = "default"
) -> Entry:
    """An entry with every field filled, each with a value of its own."""
    return Entry(
        position=position,
        workspace=workspace,
        stream=stream,
        version=version,
        previous=previous,
        name="sample.noted",
        schema=3,
        occurred_at="2030-01-01T00:00:00.000001Z",
        recorded_at="2030-01-02T00:00:00.000002Z",
        actor="Zoë ☂",
        command=f"command {position}",
        causation=f"causation {position}",
        correlation=f"correlation {position}",
        content_root=bytes(range(32)),
        salt=bytes(range(16)),
        payload=f'{{"text":"{position} ☂"}}'.encode(),
        digest=bytes(range(100, 132)),
        link=position.to_bytes(32, "big"),
    )


def follow(first: Entry, position: int) -> Entry:
    """The entry that follows another in its stream, with nothing in the fields that may be empty."""
    behind = entry(position, first.version + 1, first.position, stream=first.stream, workspace=first.workspace)
    return behind._replace(command=None, causation=None, correlation=None, content_root=None, salt=None, payload=None)


class Shade(Enum):
    """An enum of strings that are no strings themselves; neither in order of declaration nor of name."""

    LIGHT = "b light"
    DARK = "a dark"


class Mood(StrEnum):
    """An enum of strings."""

    CALM = "calm"
    WILD = "wild"


@frozen
class Tag:
    """A value that is kept as JSON."""

    label: str
    weight: int | None


@frozen(kw_only=True)
class SampleRow:
    """A row with a field of every type a view may have."""

    workspace: str
    group: UUID
    number: int
    text: str | None = None
    done: bool | None = None
    count: int | None = None
    at: datetime | None = None
    other: UUID | None = None
    shade: Shade | None = None
    mood: Mood | None = None
    tags: tuple[Tag, ...] = ()
    more: Tag | None = None


def _never(recorded: Recorded, content: Iterable[Row | None]) -> Iterator[tuple[Key, Any] | Drop]:
    yield from ()


#: A view whose rows are put directly.
SAMPLES: Final[View[SampleRow]] = View(
    name="sample_rows",
    version=1,
    row=SampleRow,
    key=("workspace", "group", "number"),
    expand=_never,
    fold=None,
    indexes=(("workspace", "text"), ("at",)),
)


@frozen(kw_only=True)
class Noted:
    """Something was noted; its private content are the lines of the note."""

    stored_name: ClassVar[str] = "sample.noted"
    schema: ClassVar[int] = 1

    text: str


@frozen
class Wiped:
    """Everything noted in the stream is to be forgotten by views."""

    stored_name: ClassVar[str] = "sample.wiped"
    schema: ClassVar[int] = 1


CODEC: Final = Codec((Noted, Wiped))
#: A note that makes the view of totals drop its row.
NOTHING_MORE: Final = "nothing more"
#: A note that no view of `failing` can fold.
INDIGESTIBLE: Final = "indigestible"


@frozen(kw_only=True)
class LineRow:
    """A line of a note, as the view of lines shows it."""

    workspace: str
    stream: str
    position: int
    place: int
    #: None once erased.
    line: str | None


def _expand_lines(recorded: Recorded, content: Iterable[Row | None]) -> Iterator[tuple[Key, Any] | Drop]:
    if recorded.name == Wiped.stored_name:
        yield Drop((recorded.workspace, recorded.stream))
    for place, row in enumerate(content):
        line = None if row is None else row["line"]
        key = (recorded.workspace, recorded.stream, recorded.position, place)
        yield (
            key,
            LineRow(
                workspace=recorded.workspace,
                stream=recorded.stream,
                position=recorded.position,
                place=place,
                line=line,
            ),
        )


#: A row for each line of private content; a wipe drops those of its stream.
LINES: Final[View[LineRow]] = View(
    name="sample_lines",
    version=1,
    row=LineRow,
    key=("workspace", "stream", "position", "place"),
    expand=_expand_lines,
    fold=None,
)


@frozen(kw_only=True)
class TotalRow:
    """What was noted in a stream, added up."""

    workspace: str
    stream: str
    notes: int
    #: The text of the newest note; None once erased.
    newest: str | None


def _expand_totals(recorded: Recorded, content: Iterable[Row | None]) -> Iterator[tuple[Key, Any] | Drop]:
    if recorded.name == Noted.stored_name:
        yield (recorded.workspace, recorded.stream), recorded
    else:
        yield Drop((recorded.workspace, recorded.stream))


def _fold_totals(row: TotalRow | None, recorded: Recorded) -> TotalRow | None:
    newest = None if recorded.event is None else recorded.event.text
    if newest == NOTHING_MORE:
        return None
    if row is None:
        return TotalRow(workspace=recorded.workspace, stream=recorded.stream, notes=1, newest=newest)
    return attrs.evolve(row, notes=row.notes + 1, newest=newest)


#: A row for each stream, folded from its notes.
TOTALS: Final[View[TotalRow]] = View(
    name="sample_totals",
    version=1,
    row=TotalRow,
    key=("workspace", "stream"),
    expand=_expand_totals,
    fold=_fold_totals,
)


def note(text: str, *lines: str, occurred_at: datetime | None = None) -> Proposed:
    """A proposed note with these lines as its private content."""
    return Proposed(Noted(text=text), Rows(tuple({"line": line} for line in lines)), occurred_at)


def open_log(store: Store) -> EventLog:
    """A log of sample events over the store, without views."""
    return EventLog(store, (), CODEC)


def verified(log: EventLog) -> Verification:
    """What a verification of the log finds."""
    with log.read() as snapshot:
        return verify(snapshot)


def texts(history: Sequence[Recorded]) -> list[str | None]:
    """The texts of notes; None where the payload is erased."""
    return [None if each.event is None else each.event.text for each in history]
