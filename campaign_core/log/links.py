"""What makes a change to the log show: digests, links and Merkle roots.

- The digest of an event is SHA-256(salt || payload). With the salt gone, nobody can guess the payload from it.
- The link of an event is SHA-256 over its position, its envelope, its digests, and the link of the preceding event of its
  stream. Changing, dropping or reordering an event breaks every link behind it.
- The digest of a row of private content is SHA-256(0x00 || salt || row). The event keeps the Merkle root of these: nodes
  are SHA-256(0x01 || left || right), an odd node moves up as it is, the root of one row is its digest.

An erasure removes salts with what they salted, and no digest: links and roots check before and after.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

DIGEST_BYTES: Final = 32
SALT_BYTES: Final = 16


def payload_digest(salt: bytes, payload: bytes) -> bytes:
    """The digest of an event."""
    return sha256(salt + payload).digest()


def row_digest(salt: bytes, row: bytes) -> bytes:
    """The digest of a row of private content."""
    return sha256(b"\x00" + salt + row).digest()


def link_of(
    envelope: Sequence[str | int | None], digest: bytes, content_root: bytes | None, previous_link: bytes
) -> bytes:
    """The link of an event.

    `envelope` is position, workspace, stream, version, previous position, name, schema, occurred-at, recorded-at, actor,
    command, causation, correlation: none of them holds a line break, and None stands for an empty one, so that the
    lines can be read in one way only.
    """
    (position, workspace, stream, version, previous, name, schema, occurred, recorded, actor, *ids) = envelope
    command, causation, correlation = ids
    root = "" if content_root is None else content_root.hex()
    text = (
        f"{position}\n{workspace}\n{stream}\n{version}\n{previous}\n{name}\n{schema}\n{occurred}\n{recorded}\n{actor}\n"
        f"{command or ''}\n{causation or ''}\n{correlation or ''}\n{digest.hex()}\n{root}\n{previous_link.hex()}"
    )
    return sha256(text.encode()).digest()


def merkle_root(digests: bytes) -> bytes | None:
    """The root over digests of 32 bytes each, in order; None if there are none."""
    level = [digests[start : start + DIGEST_BYTES] for start in range(0, len(digests), DIGEST_BYTES)]
    while len(level) > 1:
        paired = [sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0] if level else None
