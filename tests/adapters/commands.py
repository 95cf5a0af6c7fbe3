"""Which commands the program has, read from the program itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from campaign_adapters.cli.program import entry


def every_command() -> list[tuple[str, ...]]:
    """The words of every command, groups resolved: `("inboxes", "add")`."""
    return sorted(_walk(entry(), ()))


def _walk(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield words
        return
    for name, each in inner.items():
        yield from _walk(each, (*words, name))


def command_of(arguments: Sequence[str]) -> tuple[str, ...]:
    """The words of the command that a line of arguments calls."""
    known = every_command()
    words = tuple(each for each in arguments if not each.startswith("-"))
    return words[:2] if words[:2] in known else words[:1]
