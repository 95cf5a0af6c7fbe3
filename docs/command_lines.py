"""Which commands the program `campaign` has: a page written from the program itself.

What a command, an argument or an option means is taken from its help.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from enum import Enum
from typing import Any, Final

_KINDS: Final[dict[Any, str]] = {int: "INTEGER", float: "NUMBER"}


def commands_catalogue() -> str:
    """The options of every command, each command with its arguments and options, and the exit codes."""
    # The other pages are written without the packages that the program needs.
    from campaign_adapters.cli.exit_codes import MEANINGS
    from campaign_adapters.cli.program import entry

    program = entry()
    shared = {each.name for each in program.params}
    parts = [_told(program.help), "## Options of the program", *_table("option", program.params)]
    for words, command in sorted(_commands(program, ("campaign",))):
        own = [each for each in command.params if each.name not in shared]
        parts += [f"## {' '.join(words)}", _told(command.help), f"```text\n{_usage(words, own)}\n```"]
        parts += _table("argument", [each for each in own if each.param_type_name == "argument"])
        parts += _table("option", [each for each in own if each.param_type_name == "option"])
        parts += [_told(command.epilog)] if command.epilog else []
    codes = "\n".join(f"| {code.value} | {_cell(meaning)} |" for code, meaning in MEANINGS.items())
    return "\n\n".join([*parts, "## Exit codes", f"| code | meaning |\n|---|---|\n{codes}"])


def _commands(group: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something itself, by the words that name it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, (*words, name))
        elif not command.hidden:
            yield (*words, name), command


def _usage(words: tuple[str, ...], parameters: list[Any]) -> str:
    """A command as it is typed, the options left aside where there are none of its own."""
    arguments = [_metavar(each) for each in parameters if each.param_type_name == "argument"]
    has_options = len(arguments) < len(parameters)
    return " ".join([*words, *(["[OPTIONS]"] if has_options else []), *arguments])


def _table(kind: str, parameters: list[Any]) -> list[str]:
    """What each of them is called and means; nothing where there are none."""
    rows = [f"| `{_cell(_typed(each))}` | {_cell(_meaning(each))} |" for each in parameters if not each.hidden]
    return ["\n".join([f"| {kind} | meaning |", "|---|---|", *rows])] if rows else []


def _typed(parameter: Any) -> str:
    """How a parameter is typed: `FILE`, `--db FILE`, `--yes / --no`."""
    if parameter.param_type_name == "argument":
        return _metavar(parameter)
    names = ", ".join(parameter.opts)
    if parameter.is_flag:
        return f"{names} / {', '.join(parameter.secondary_opts)}" if parameter.secondary_opts else names
    return f"{names} {_metavar(parameter)}"


def _metavar(parameter: Any) -> str:
    """What stands for the value: what the program says, else the values there are, else their kind."""
    if parameter.metavar:
        return str(parameter.metavar)
    kind = getattr(getattr(parameter, "type_descriptor", None), "annotation", str)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "|".join(str(each.value) for each in kind)
    return _KINDS.get(kind, "TEXT")


def _meaning(parameter: Any) -> str:
    """The help of a parameter, and what stands for it where it is not given."""
    meaning = parameter.help or ""
    if parameter.param_type_name == "option":
        if parameter.multiple:
            meaning += " May be given several times."
        if parameter.envvar:
            meaning += f" Also from the environment: `{parameter.envvar}`."
        if parameter.default not in (None, False, "", [], ()) and not parameter.is_flag:
            meaning += f" Default: {getattr(parameter.default, 'value', parameter.default)}."
    return meaning.strip()


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _told(text: str | None) -> str:
    """A help text as Markdown: a paragraph marked to keep its lines becomes a block of them."""
    told = []
    for paragraph in inspect.cleandoc(text or "").split("\n\n"):
        if paragraph.startswith("\b"):
            lines = paragraph.removeprefix("\b").strip("\n")
            told.append(f"```text\n{lines}\n```")
        else:
            told.append(paragraph.strip())
    return "\n\n".join(filter(None, told))
