"""Digests, links and roots against values computed by hand, and links that cannot be read in two ways."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from campaign_core.checks import check
from campaign_core.errors import CorruptLog
from campaign_core.log.content import BLOCK_ROWS, SealedRows, StoredRows, seal, wrong_rows
from campaign_core.log.links import link_of, merkle_root, payload_digest, row_digest
from campaign_core.recorded import Metadata
from campaign_core.testing.samples import AT
from campaign_core.testing.strategies import rows as contents

A, B, C, D, E = (bytes([byte]) * 32 for byte in b"abcde")


def node(left: bytes, right: bytes) -> bytes:
    """A node of the tree, written out."""
    return sha256(b"\x01" + left + right).digest()


ROOTS = {
    "none": ([], None),
    "one": ([A], A),
    "two": ([A, B], node(A, B)),
    "three": ([A, B, C], node(node(A, B), C)),
    "four": ([A, B, C, D], node(node(A, B), node(C, D))),
    "five": ([A, B, C, D, E], node(node(node(A, B), node(C, D)), E)),
    "six": ([A, B, C, D, E, A], node(node(node(A, B), node(C, D)), node(E, A))),
    "seven": ([A, B, C, D, E, A, B], node(node(node(A, B), node(C, D)), node(node(E, A), B))),
}


@pytest.mark.parametrize("count", list(ROOTS), ids=str)
def test_a_root_is_paired_level_by_level_and_an_odd_node_moves_up(count: str) -> None:
    digests, root = ROOTS[count]
    assert merkle_root(b"".join(digests)) == root


def test_a_root_is_what_it_always_was() -> None:
    """In hex, computed once with another program: a change of the tree would break every log there is."""
    assert merkle_root(A + B + C).hex() == "0807af2aeef89b418fde7f0855b2b0b0226e29d47dca00124965ad55652d3fe3"  # type: ignore[union-attr]


def test_digests_are_salted_and_rows_differ_from_nodes() -> None:
    assert payload_digest(b"salt", b"payload") == sha256(b"saltpayload").digest()
    assert row_digest(b"salt", b"row") == sha256(b"\x00saltrow").digest()
    assert row_digest(A, B) != node(A, B)


def test_a_link_is_what_it_always_was() -> None:
    """One line each for the envelope, then digest, root and the link before, in hex."""
    envelope = (2, "default", "s-1", 2, 1, "sample.noted", 1, "2030Z", "2031Z", "ada", None, "c-1", None)
    lines = f"2\ndefault\ns-1\n2\n1\nsample.noted\n1\n2030Z\n2031Z\nada\n\nc-1\n\n{A.hex()}\n\n{B.hex()}"
    assert link_of(envelope, A, None, B) == sha256(lines.encode()).digest()
    assert (
        link_of(envelope, A, C, B)
        == sha256(lines.replace("\n\n" + B.hex(), f"\n{C.hex()}\n{B.hex()}").encode()).digest()
    )


_words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" "), min_size=1, max_size=6)
_links = st.tuples(
    st.tuples(
        st.integers(1, 12),
        _words,
        st.sampled_from(["s", "s-1", "s-11"]),
        st.integers(1, 12),
        st.integers(0, 12),
        st.sampled_from(["sample.noted", "sample.wiped"]),
        st.integers(1, 12),
        st.just("2030Z"),
        st.sampled_from(["2030Z", "2031Z"]),
        _words,
        st.none() | _words,
        st.none() | _words,
        st.none() | _words,
    ),
    st.sampled_from([A, B]),
    st.sampled_from([None, A, B]),
    st.sampled_from([b"", A, B]),
)


def _allowed(link: tuple) -> bool:  # type: ignore[type-arg]
    """Whether the log takes metadata such as these."""
    envelope = link[0]
    metadata = Metadata(
        workspace=envelope[1],
        actor=envelope[9],
        command=envelope[10],
        causation=envelope[11],
        correlation=envelope[12],
        recorded_at=AT,
    )
    try:
        check(metadata)
    except Exception:
        return False
    return True


@given(one=_links, other=_links)
@example(
    one=((1, "w", "s", 1, 0, "n", 1, "z", "z", "a", "b", None, None), A, None, b""),
    other=((1, "w", "s", 1, 0, "n", 1, "z", "z", "a", None, "b", None), A, None, b""),
)
@example(
    one=((1, "w", "s", 1, 0, "n", 1, "z", "z", "a", None, None, None), A, A, b""),
    other=((1, "w", "s", 1, 0, "n", 1, "z", "z", "a", None, None, None), A, None, A),
)
@example(
    one=((11, "w", "s", 1, 0, "n", 1, "z", "z", "a", None, None, None), A, None, b""),
    other=((1, "1w", "s", 1, 0, "n", 1, "z", "z", "a", None, None, None), A, None, b""),
)
def test_two_envelopes_that_differ_have_links_that_differ(one: tuple, other: tuple) -> None:  # type: ignore[type-arg]
    """As far as the log takes them: no run of fields reads as another."""
    assume(_allowed(one) and _allowed(other))
    assert (link_of(*one) == link_of(*other)) == (one == other)


@given(one=_links)
def test_a_field_moved_into_its_neighbour_changes_the_link(one: tuple) -> None:  # type: ignore[type-arg]
    """Joined by any character that the log takes."""
    assume(_allowed(one))
    envelope, *rest = one
    if envelope[10] is None:
        return
    for between in ("", " ", "\n"):
        joined = (*envelope[:9], f"{envelope[9]}{between}{envelope[10]}", None, *envelope[11:])
        if between != "\n":
            assert link_of(joined, *rest) != link_of(envelope, *rest)
        else:
            assert not _allowed((joined, *rest))


@given(content=contents())
def test_sealed_rows_come_back_and_match_their_root(content: object) -> None:
    rows = list(content)  # type: ignore[call-overload]
    sealed = seal(rows)
    assert list(sealed) == rows
    assert len(sealed) == len(rows)
    assert list(wrong_rows(sealed.blocks)) == []
    assert sealed.root == merkle_root(b"".join(block.digests for block in sealed.blocks))
    assert (sealed.root is None) == (not rows)


def test_two_seals_of_the_same_rows_share_nothing_that_could_be_compared() -> None:
    """Each row has a salt of its own, equal rows too."""
    rows = [{"email": "ada@example.com"}] * 3
    one, other = seal(rows), seal(rows)
    digests = [sealed.blocks[0].digests[at : at + 32] for sealed in (one, other) for at in (0, 32, 64)]
    assert len(set(digests)) == 6
    assert one.root != other.root


_ROWS = [{"line": f"row {place}", "ü": "☂"} for place in range(300)]
_PICKS = {
    "none": [],
    "the first": [0],
    "the last": [299],
    "across blocks": [0, 127, 128, 129, 255, 256, 299],
    "every other": list(range(0, 300, 2)),
    "all but one": [place for place in range(300) if place != 128],
    "all": list(range(300)),
}


@pytest.mark.parametrize("pick", list(_PICKS), ids=str)
def test_picked_rows_keep_their_salts_and_digests(pick: str) -> None:
    """In order, packed from the beginning, and matching."""
    places = _PICKS[pick]
    sealed = seal(_ROWS)
    picked = sealed.pick(places)
    digests = b"".join(block.digests for block in sealed.blocks)
    kept = b"".join(digests[place * 32 : place * 32 + 32] for place in places)
    assert isinstance(picked, SealedRows)
    assert list(picked) == [_ROWS[place] for place in places]
    assert len(picked) == len(places)
    assert b"".join(block.digests for block in picked.blocks) == kept
    assert picked.root == merkle_root(kept)
    assert list(wrong_rows(picked.blocks)) == []
    assert [block.first for block in picked.blocks] == list(range(0, len(places), BLOCK_ROWS))
    assert list(StoredRows(sealed.blocks)) == _ROWS


@pytest.mark.parametrize("rows", [2, 4], ids=["too few", "too many"])
def test_a_block_of_another_number_of_rows_is_corrupt(rows: int) -> None:
    """Rather than that rows move to other places."""
    (block,) = seal(_ROWS[:3]).blocks
    (other,) = seal(_ROWS[:rows]).blocks
    with pytest.raises(CorruptLog, match=f"holds {rows} rows where 3 were written"):
        list(StoredRows([block._replace(body=other.body)]))


def test_a_block_that_cannot_be_unpacked_is_corrupt() -> None:
    (block,) = seal(_ROWS[:3]).blocks
    with pytest.raises(CorruptLog, match="cannot be unpacked"):
        list(StoredRows([block._replace(body=b"no block")]))
