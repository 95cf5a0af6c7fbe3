"""Private content as it is stored: rows salted, digested one by one, and packed in compressed blocks.

A block holds up to 128 rows as lines `<salt in hex><row as JSON>`, compressed; an erased row is an empty line. Blocks keep a
lead at some sixty bytes and a single row within reach of one small decompression.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

import orjson
from attrs import field, frozen

from campaign_core.errors import CorruptLog
from campaign_core.log.links import DIGEST_BYTES, SALT_BYTES, merkle_root, row_digest
from campaign_core.log.ports import Block
from campaign_core.recorded import Row

BLOCK_ROWS: Final = 128
_SALT_HEX: Final = 2 * SALT_BYTES
_LEVEL: Final = 1


@frozen
class SealedRows:
    """Private content ready to be stored."""

    blocks: tuple[Block, ...] = field(repr=False)

    def __len__(self) -> int:
        return sum(len(block.digests) for block in self.blocks) // DIGEST_BYTES

    def __iter__(self) -> Iterator[Row]:
        for row in rows_of(self.blocks):
            assert row is not None
            yield row

    @property
    def root(self) -> bytes | None:
        """The Merkle root over all rows; None without rows."""
        return merkle_root(b"".join(block.digests for block in self.blocks))

    def pick(self, places: Sequence[int]) -> SealedRows:
        """The rows at these places (0-based, rising), with their salts and digests as they are."""
        if len(places) == len(self):
            return self
        lines = [line for block in self.blocks for line in _lines(block)]
        digests = b"".join(block.digests for block in self.blocks)
        kept = [digests[place * DIGEST_BYTES : (place + 1) * DIGEST_BYTES] for place in places]
        return SealedRows(tuple(_packed([lines[place] for place in places], kept)))

    def plus(self, rows: Sequence[Row]) -> SealedRows:
        """The same rows with more behind them, salted and digested now."""
        first = len(self)
        return SealedRows((*self.blocks, *(block._replace(first=first + block.first) for block in seal(rows).blocks)))


def seal(rows: Iterable[Row]) -> SealedRows:
    """Salts, digests and packs rows, holding no more than one block of them unpacked; sealed rows are given back."""
    if isinstance(rows, SealedRows):
        return rows
    blocks: list[Block] = []
    source = iter(rows)
    first = 0
    while chunk := list(islice(source, BLOCK_ROWS)):
        salts = os.urandom(SALT_BYTES * len(chunk))
        in_hex = salts.hex().encode()
        lines, digests = [], []
        for place, row in enumerate(chunk):
            encoded = orjson.dumps(row)
            digests.append(row_digest(salts[place * SALT_BYTES : (place + 1) * SALT_BYTES], encoded))
            lines.append(in_hex[place * _SALT_HEX : (place + 1) * _SALT_HEX] + encoded)
        blocks.append(_pack(first, lines, digests))
        first += len(chunk)
    return SealedRows(tuple(blocks))


def rows_of(blocks: Iterable[Block]) -> list[Row | None]:
    """The rows of blocks, in order; None where a row is erased."""
    return [orjson.loads(line[_SALT_HEX:]) if line else None for block in blocks for line in _lines(block)]


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


def _packed(lines: Sequence[bytes], digests: Sequence[bytes]) -> Iterator[Block]:
    for first in range(0, len(lines), BLOCK_ROWS):
        yield _pack(first, lines[first : first + BLOCK_ROWS], digests[first : first + BLOCK_ROWS])


def _pack(first: int, lines: Sequence[bytes], digests: Sequence[bytes]) -> Block:
    return Block(first, b"".join(digests), zlib.compress(b"\n".join(lines), _LEVEL))
