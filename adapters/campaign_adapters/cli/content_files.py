"""Which variants or follow-ups does a file hold?"""

from __future__ import annotations

from typing import Any

from attrs import frozen

from campaign_adapters.cli.data_file import read_data, refused
from campaign_core import FollowUp, SequenceEdit, Variant
from campaign_core.conversion import structure


@frozen
class VariantFile:
    """What a file of variants holds."""

    variants: tuple[Variant, ...]


@frozen(kw_only=True)
class SequenceFile:
    """What a file of follow-ups holds; None: nothing of the kind."""

    sequences: tuple[FollowUp, ...] | None = None
    sequence_edits: tuple[SequenceEdit, ...] | None = None


def read_variants(path: str) -> tuple[Variant, ...]:
    """The variants of a file: a list of them, or an object whose field `variants` is that list.

    Whether they are allowed, alone and together, is for the kernel to say.

    Raises:
        InvalidMessage: the file cannot be read, is not what its name says, or holds something else than variants.
    """
    return structure(_named(read_data(path), "variants"), VariantFile).variants


def read_sequences(path: str) -> SequenceFile:
    """The follow-ups of a file, or edits of them.

    A list of follow-ups, or an object whose field `sequences` is that list or whose field `sequence_edits` is a list of
    edits. Whether they are allowed is for the kernel to say.

    Raises:
        InvalidMessage: the file cannot be read, is not what its name says, or holds something else.
    """
    held = structure(_named(read_data(path), "sequences"), SequenceFile)
    if held.sequences is None and held.sequence_edits is None:
        raise refused(path, "must hold a list of follow-ups, or an object with `sequences` or `sequence_edits`")
    return held


def _named(data: Any, name: str) -> Any:
    """A list that stands on its own, under its name."""
    return data if isinstance(data, dict) else {name: data}
