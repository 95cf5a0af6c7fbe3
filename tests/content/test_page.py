"""The page about the language says what the language does."""

from __future__ import annotations

from pathlib import Path

from campaign_core.content.braces import MAX_DAYS, MAX_OPTIONS
from campaign_core.content.conditions import MAX_ASKS
from campaign_core.content.problems import MAX_PROBLEMS
from campaign_core.content.tags import MAX_NESTED_CONDITIONS
from campaign_core.content.tree import MAX_NESTED_BARS
from campaign_core.fields import MAX_NAME_CHARACTERS
from tests.docs.pages import program, promised_output, run, text_of

PAGE = "docs/content.md"


def test_the_python_of_the_page_prints_what_the_page_says(tmp_path: Path) -> None:
    assert promised_output(PAGE)
    assert run(program(PAGE), tmp_path) == promised_output(PAGE)


def test_the_page_tells_every_limit() -> None:
    text = " ".join(text_of(PAGE).split())
    for told in (
        f"up to {MAX_NESTED_BARS} deep; a choice has at most {MAX_OPTIONS:,} options",
        f"N from 0 to {MAX_DAYS}",
        f"up to {MAX_NESTED_CONDITIONS} deep, and joins at most {MAX_ASKS} comparisons",
        f"at most {MAX_PROBLEMS} are told",
        f"at most {MAX_NAME_CHARACTERS} characters",
    ):
        assert told in text
