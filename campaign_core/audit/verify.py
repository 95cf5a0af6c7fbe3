"""Whether the log is what was written: digests, links, Merkle roots and heads, all computed anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate

from attrs import frozen

from campaign_core.errors import CorruptLog
from campaign_core.log.content import wrong_rows
from campaign_core.log.links import DIGEST_BYTES, link_of, merkle_root, payload_digest
from campaign_core.log.ports import Block, Entry, Head
from campaign_core.log.transaction import Reading

_BATCH = 1000


@frozen(kw_only=True)
class Verification:
    """What a verification read and found."""

    events: int
    streams: int
    #: Events whose payload was erased: their envelope, digest and link were checked all the same.
    erased: int
    #: One sentence for each thing that does not check; empty means the log is whole.
    problems: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether everything checks."""
        return not self.problems


def verify(snapshot: Reading, workspaces: Iterable[str] = ()) -> Verification:
    """Checks every event of the log against its digest, its link and its stream, and all private content.

    `workspaces` are those that exist beside the ones that events are found in: a stream may have lost all its events.

    Takes time in proportion to the log, and memory in proportion to its streams.
    """
    events = snapshot.tables.events
    heads: dict[tuple[str, str], Head] = {}
    problems: list[str] = []
    count = erased = after = 0
    while batch := events.all(after, _BATCH):
        for entry in batch:
            key = (entry.workspace, entry.stream)
            try:
                found = _wrong(snapshot, entry, heads.get(key, Head()))
            except (CorruptLog, AttributeError, TypeError, ValueError) as wrong:
                found = [f"what is stored of it cannot be read ({str(wrong).rstrip('.')})"]
            problems += [f"Event {entry.position}: {each}." for each in found]
            heads[key] = Head(entry.version, entry.position, entry.link)
            erased += entry.payload is None
        count += len(batch)
        after = batch[-1].position
    for (workspace, stream), head in heads.items():
        if events.head(workspace, stream) != head:
            problems.append(f"Stream {stream}: its newest event in the log is not the one it names as its head.")
    for workspace in {*workspaces, *(key[0] for key in heads)}:
        for stream in events.streams(workspace, ""):
            if (workspace, stream) not in heads:
                problems.append(f"Stream {stream}: none of its events is in the log.")
    return Verification(events=count, streams=len(heads), erased=erased, problems=tuple(problems))


def _wrong(snapshot: Reading, entry: Entry, before: Head) -> list[str]:
    found = []
    if (entry.version, entry.previous) != (before.version + 1, before.position):
        found.append(f"it does not follow version {before.version} of its stream {entry.stream}")
    if entry.payload is not None and payload_digest(entry.salt or b"", entry.payload) != entry.digest:
        found.append("its payload does not match its digest")
    envelope = entry[:13]
    if link_of(envelope, entry.digest, entry.content_root, before.link) != entry.link:
        found.append("its link does not match its envelope, its digests and the link before it")
    blocks = snapshot.tables.contents.blocks(entry.position)
    if merkle_root(b"".join(block.digests for block in blocks)) != entry.content_root:
        found.append("the digests of its private content do not match its root")
    if [block.first for block in blocks] != _places(blocks):
        found.append("the blocks of its private content are not at their places")
    found += [f"row {place} of its private content does not match its digest" for place in wrong_rows(blocks)]
    return found


def _places(blocks: Sequence[Block]) -> list[int]:
    """Where each block has to begin: behind the rows of those before it."""
    counts = [len(block.digests) // DIGEST_BYTES for block in blocks]
    return list(accumulate(counts[:-1], initial=0)) if blocks else []
