"""Events as entries of the log, and entries as recorded events: salts, digests and links are given here."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from campaign_core.conversion import instant_from, instant_text
from campaign_core.errors import WrongExpectedVersion
from campaign_core.log.codec import Codec
from campaign_core.log.content import SealedRows
from campaign_core.log.links import SALT_BYTES, link_of, payload_digest
from campaign_core.log.ports import Entry, Head
from campaign_core.recorded import Metadata, Proposed, Recorded

#: The head of a stream that does not exist.
_NONE: Final = Head()


@frozen
class Append:
    """Events for the end of one stream."""

    stream: str
    proposed: Sequence[Proposed]
    #: The version its head must have, 0 for a stream that does not exist yet; None: whichever it has.
    expected_version: int | None = None


def entries_of(
    codec: Codec,
    appends: Sequence[Append],
    heads: Mapping[str, Head],
    contents: Sequence[SealedRows | None],
    metadata: Metadata,
    positions: Sequence[int],
) -> list[Entry]:
    """The entries that follow the heads of their streams, each linked to the one before.

    `contents` and `positions` have one item for each event of all appends, in order.

    Raises:
        WrongExpectedVersion: a head is at another version than an append expects.
    """
    recorded_at = instant_text(metadata.recorded_at)
    workspace = metadata.workspace
    cause = (metadata.actor, metadata.command, metadata.causation, metadata.correlation)
    salts = os.urandom(SALT_BYTES * len(positions))
    now = dict(heads)
    entries: list[Entry] = []
    for append in appends:
        stream = append.stream
        version, previous, link = now.get(stream) or _NONE
        if append.expected_version is not None and append.expected_version != version:
            raise WrongExpectedVersion(stream, append.expected_version, version)
        for each in append.proposed:
            place = len(entries)
            event, content, position = each.event, contents[place], positions[place]
            version += 1
            payload = codec.encode(event)
            salt = salts[place * SALT_BYTES : (place + 1) * SALT_BYTES]
            digest = payload_digest(salt, payload)
            root = None if content is None else content.root
            occurred_at = recorded_at if each.occurred_at is None else instant_text(each.occurred_at)
            name, schema = event.stored_name, event.schema
            envelope = (position, workspace, stream, version, previous, name, schema, occurred_at, recorded_at, *cause)
            link = link_of(envelope, digest, root, link)
            entries.append(Entry._make((*envelope, root, salt, payload, digest, link)))
            previous = position
        now[stream] = Head(version, previous, link)
    return entries


def recorded_from(codec: Codec, entries: Sequence[Entry]) -> list[Recorded]:
    """The recorded events of stored entries; those of one transaction share their metadata."""
    decode = codec.decode
    recorded = []
    cause: tuple[Any, ...] = ()
    metadata: Metadata | None = None
    for entry in entries:
        mine = (entry.recorded_at, entry.workspace, entry.actor, entry.command, entry.causation, entry.correlation)
        if metadata is None or mine != cause:
            cause, metadata = mine, metadata_of(entry)
        payload = entry.payload
        event = None if payload is None else decode(entry.name, entry.schema, payload)
        recorded.append(recorded_of(entry, event, metadata))
    return recorded


def metadata_of(entry: Entry) -> Metadata:
    """Who and what caused an entry."""
    return Metadata(
        workspace=entry.workspace,
        actor=entry.actor,
        command=entry.command,
        causation=entry.causation,
        correlation=entry.correlation,
        recorded_at=instant_from(entry.recorded_at),
    )


def recorded_of(entry: Entry, event: Any, metadata: Metadata) -> Recorded:
    """The recorded event of an entry."""
    (position, _, stream, version, _, name, schema, occurred_at, recorded_at, _, _, _, _, root, _, _, digest, link) = (
        entry
    )
    at = metadata.recorded_at if occurred_at == recorded_at else instant_from(occurred_at)
    return Recorded(position, stream, version, name, schema, event, at, metadata, digest, link, root)
