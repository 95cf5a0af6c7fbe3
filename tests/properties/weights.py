"""Strategies drawn from more often than others."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st


def mostly(usual: st.SearchStrategy[Any], rare: st.SearchStrategy[Any], times: int) -> st.SearchStrategy[Any]:
    """The usual, and the rare once in so many times."""
    return st.integers(0, times).flatmap(lambda drawn: rare if drawn == times else usual)


def any_of(*strategies: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One of the strategies, each as often as it is given; its repr stays short, whatever theirs are."""
    return st.sampled_from(range(len(strategies))).flatmap(lambda drawn: strategies[drawn])
