"""Private content as it is stored: rows salted, digested one by one, and packed in compressed blocks.

A block holds up to 128 rows as lines `<salt in hex><row as JSON>`, compressed; an erased row is an empty line. Blocks keep a
lead at some sixty bytes and a single row within reach of one small decompression.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Iterator, Sequence
from io import SEEK_END
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import Final, overload
from weakref import finalize

import orjson
from attrs import field, frozen

from campaign_core.errors import CorruptLog
from campaign_core.log.links import DIGEST_BYTES, SALT_BYTES, merkle_root, row_digest
from campaign_core.log.ports import Block
from campaign_core.recorded import Row

BLOCK_ROWS: Final = 128
_SALT_HEX: Final = 2 * SALT_BYTES
_LEVEL: Final = 1
_SPOOLED_BYTES: Final = 1 << 22


@frozen
class StoredRows:
    """Private content as it lies in its blocks; unpacked block by block, each time it is iterated."""

    blocks: Sequence[Block] = field(repr=False)

    def __len__(self) -> int:
        return sum(len(block.digests) for block in self.blocks) // DIGEST_BYTES

    def __iter__(self) -> Iterator[Row | None]:
        for block in self.blocks:
            for line in _lines(block):
                yield orjson.loads(line[_SALT_HEX:]) if line else None


@frozen
class SealedRows:
    """Private content ready to be stored."""

    blocks: Sequence[Block] = field(repr=False)

    def __len__(self) -> int:
        return len(self._stored)

    def __iter__(self) -> Iterator[Row]:
        return (row for row in self._stored if row is not None)

    @property
    def root(self) -> bytes | None:
        """The Merkle root over all rows; None without rows."""
        return merkle_root(b"".join(block.digests for block in self.blocks))

    def pick(self, places: Sequence[int]) -> SealedRows:
        """The rows at these places (0-based, rising), with their salts and digests as they are."""
        if len(places) == len(self):
            return self
        wanted = set(places)
        kept = Packing()
        place = 0
        for block in self.blocks:
            for line, digest in zip(_lines(block), _digests(block), strict=True):
                if place in wanted:
                    kept.add(line, digest)
                place += 1
        return kept.sealed()

    def plus(self, rows: Iterable[Row]) -> SealedRows:
        """The same rows with more behind them, salted and digested now."""
        first = len(self)
        return SealedRows((*self.blocks, *(block._replace(first=first + block.first) for block in seal(rows).blocks)))

    @property
    def _stored(self) -> StoredRows:
        return StoredRows(self.blocks)


class Packing:
    """Lines and their digests, packed into blocks as they come; what is packed may go to a temporary file."""

    def __init__(self) -> None:
        self._blocks = SpooledBlocks()
        self._first = 0
        self._lines: list[bytes] = []
        self._digests: list[bytes] = []

    def add(self, line: bytes, digest: bytes) -> None:
        """One more row."""
        self._lines.append(line)
        self._digests.append(digest)
        if len(self._lines) == BLOCK_ROWS:
            self._pack()

    def sealed(self) -> SealedRows:
        """Everything added, ready to be stored."""
        if self._lines:
            self._pack()
        return SealedRows(self._blocks)

    def _pack(self) -> None:
        self._blocks.add(Block(self._first, b"".join(self._digests), zlib.compress(b"\n".join(self._lines), _LEVEL)))
        self._first += len(self._lines)
        self._lines, self._digests = [], []


class SpooledBlocks(Sequence[Block]):
    """Blocks whose bodies are kept in memory while they are small together, and in a temporary file beyond that."""

    def __init__(self) -> None:
        self._bodies = SpooledTemporaryFile(max_size=_SPOOLED_BYTES)  # noqa: SIM115 - lives as long as the blocks
        finalize(self, self._bodies.close)
        self._places: list[tuple[int, bytes, int, int]] = []

    def add(self, block: Block) -> None:
        """One more block."""
        body = block.body or b""
        start = self._bodies.seek(0, SEEK_END)
        self._bodies.write(body)
        self._places.append((block.first, block.digests, start, len(body)))

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> Block: ...

    @overload
    def __getitem__(self, index: slice) -> list[Block]: ...

    def __getitem__(self, index: int | slice) -> Block | list[Block]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        first, digests, start, length = self._places[index]
        self._bodies.seek(start)
        return Block(first, digests, self._bodies.read(length))


def seal(rows: Iterable[Row]) -> SealedRows:
    """Salts, digests and packs rows, holding no more than one block of them unpacked; sealed rows are given back."""
    if isinstance(rows, SealedRows):
        return rows
    packing = Packing()
    source = iter(rows)
    while chunk := list(islice(source, BLOCK_ROWS)):
        salts = os.urandom(SALT_BYTES * len(chunk))
        in_hex = salts.hex().encode()
        for place, row in enumerate(chunk):
            encoded = orjson.dumps(row)
            digest = row_digest(salts[place * SALT_BYTES : (place + 1) * SALT_BYTES], encoded)
            packing.add(in_hex[place * _SALT_HEX : (place + 1) * _SALT_HEX] + encoded, digest)
    return packing.sealed()


def row_at(block: Block, place: int) -> Row | None:
    """The row at a place of the whole content that the block holds; None if it is erased."""
    line = _lines(block)[place - block.first]
    return orjson.loads(line[_SALT_HEX:]) if line else None


def without(block: Block, places: Iterable[int]) -> bytes | None:
    """The body of a block once the rows at these places of the whole content are erased."""
    lines = _lines(block)
    for place in places:
        lines[place - block.first] = b""
    return zlib.compress(b"\n".join(lines), _LEVEL) if any(lines) else None


def wrong_rows(blocks: Iterable[Block]) -> Iterator[int]:
    """Places of rows that are there and do not match their digest."""
    for block in blocks:
        for place, line in enumerate(_lines(block)):
            stored = block.digests[place * DIGEST_BYTES : (place + 1) * DIGEST_BYTES]
            try:
                matches = not line or row_digest(bytes.fromhex(line[:_SALT_HEX].decode()), line[_SALT_HEX:]) == stored
            except ValueError:
                matches = False
            if not matches:
                yield block.first + place


def _lines(block: Block) -> list[bytes]:
    count = len(block.digests) // DIGEST_BYTES
    if block.body is None:
        return [b""] * count
    try:
        lines = zlib.decompress(block.body).split(b"\n")
    except zlib.error as wrong:
        raise CorruptLog(f"A block of private content cannot be unpacked ({wrong}).") from None
    if len(lines) != count:
        raise CorruptLog(f"A block of private content holds {len(lines)} rows where {count} were written.")
    return lines


def _digests(block: Block) -> list[bytes]:
    return [block.digests[start : start + DIGEST_BYTES] for start in range(0, len(block.digests), DIGEST_BYTES)]
