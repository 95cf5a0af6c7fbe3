"""An exported cell is no live formula, and an import gives its value back."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from campaign_core.intake.formulas import guarded, unguarded

LIVE = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
CELLS = st.one_of(st.text(), st.text("'=+-@\t\ra\uff1d"))


@given(CELLS)
@example("'=1+1")
@example("''=1")
@example("'quoted'")
def test_an_import_gives_back_what_was_exported(value: str) -> None:
    assert unguarded(guarded(value)) == value


@given(CELLS)
def test_no_exported_cell_begins_like_a_formula(value: str) -> None:
    assert not guarded(value).startswith(LIVE)
