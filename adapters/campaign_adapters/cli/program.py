"""What becomes of a line of arguments: one answer or one refusal, and an exit code.

An answer goes to stdout. A refusal is one sentence on stderr; under `--json` stdout then holds
`{"error": {"code": ..., "message": ...}}`, so that it is one JSON document whatever happened.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import Annotated, Any, Final, NamedTuple

import typer

from campaign_adapters.cli import (
    campaign_commands,
    campaign_questions,
    forecast_commands,
    inbox_commands,
    key_commands,
    lead_commands,
    mail_commands,
    other_commands,
    result_commands,
    run_command,
    sending_commands,
    serve_command,
    suppression_commands,
    why_command,
)
from campaign_adapters.cli.calls import Answer, Text
from campaign_adapters.cli.exit_codes import ExitCode, code_of, epilog
from campaign_adapters.cli.light_parameters import lighten
from campaign_adapters.cli.plain_text import plain, wrapped
from campaign_adapters.cli.shared_options import DEFAULT_DB, Json, Shared

#: How wide tables are where nobody looks at a terminal and COLUMNS is not set.
_UNSEEN_WIDTH = 120
#: What registers commands, in the order in which the help lists them.
_MODULES: Final = (
    campaign_commands,
    campaign_questions,
    why_command,
    forecast_commands,
    mail_commands,
    lead_commands,
    run_command,
    serve_command,
    sending_commands,
    result_commands,
    suppression_commands,
    inbox_commands,
    key_commands,
    other_commands,
)


class Refusal(NamedTuple):
    """Why a call came to nothing."""

    #: A stable word for programs.
    word: str
    #: One sentence for people.
    sentence: str


class Finished(NamedTuple):
    """What one call came to: an answer, a refusal, or neither where help was printed."""

    code: int
    answer: Answer | None = None
    refusal: Refusal | None = None


def run(arguments: Sequence[str]) -> int:
    """Carries out one line of arguments and prints what came of it; answers the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    shared = Shared(_say, _pass_on)
    try:
        finished = attempt(arguments, shared)
        _print(finished, as_json=shared.json or "--json" in arguments)
    except OSError as wrong:
        return _unwritable(wrong)
    return finished.code


def attempt(arguments: Sequence[str], shared: Shared) -> Finished:
    """Carries out one line of arguments and prints neither answer nor refusal."""
    try:
        came_back = entry().main(list(arguments), prog_name="campaign", standalone_mode=False, obj=shared)
    except typer.TyperException as wrong:
        return Finished(ExitCode.USAGE, refusal=Refusal("usage", _usage_sentence(wrong)))
    except SystemExit as ended:
        return Finished(_ended_by_typer(ended))
    except Exception as wrong:
        return _refused(wrong)
    if isinstance(came_back, Answer):
        return Finished(came_back.code, came_back)
    return Finished(came_back if isinstance(came_back, int) else ExitCode.OK)


def rendered(text: Text) -> str:
    """A text as it is printed, with a line break at its end."""
    seen = sys.stdout is not None and sys.stdout.isatty()
    if isinstance(text, str):
        return f"{wrapped(text, shutil.get_terminal_size().columns) if seen else text}\n"
    from rich.console import Console

    width = None if seen or "COLUMNS" in os.environ else _UNSEEN_WIDTH
    console = Console(markup=False, highlight=False, emoji=False, width=width)
    with console.capture() as captured:
        text(console)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


@cache
def entry() -> Any:
    """The program as Typer runs it, built once."""
    app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, epilog=epilog())
    app.callback(invoke_without_command=True)(_root)
    for module in _MODULES:
        module.register(app)
    return lighten(typer.main.get_command(app))


def _root(
    context: typer.Context,
    db: Annotated[str, typer.Option(metavar="FILE", envvar="CAMPAIGN_DB", help="The database.")] = DEFAULT_DB,
    workspace: Annotated[
        str | None,
        typer.Option(metavar="NAME", envvar="CAMPAIGN_WORKSPACE", help="The workspace to work in.", show_default=False),
    ] = None,
    as_json: Json = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> Answer | None:
    """Cold-outreach e-mail campaigns, kept as an event log in one database file.

    An ID may be shortened to its first six characters or more. --db, --workspace and --json are accepted before and
    after a command. Completion for your shell: campaign --install-completion.
    """
    context.obj.read(db, workspace, as_json)
    if context.invoked_subcommand is not None:
        return None
    if version:
        from importlib.metadata import version as installed

        return Answer({"version": installed("campaign-core")}, f"campaign {installed('campaign-core')}")
    if as_json:
        context.fail("Missing command.")
    return Answer(None, context.get_help())


def _usage_sentence(wrong: typer.TyperException) -> str:
    context = getattr(wrong, "ctx", None)
    path = "campaign" if context is None else context.command_path
    message = plain(wrong.format_message())
    return f"{message}{'' if message.endswith(('.', '?')) else '.'} Try: {path} --help."


def _ended_by_typer(ended: SystemExit) -> ExitCode:
    """Typer ends the program itself where a pipe was closed while it printed help, and where it prints completion."""
    if isinstance(ended.__context__, OSError):
        return ExitCode.OUTPUT_CLOSED
    return ExitCode.USAGE if ended.code else ExitCode.OK


def _refused(wrong: Exception) -> Finished:
    """A refusal of the kernel; anything else is an error of the program and goes on its way."""
    from campaign_core import CampaignError

    if not isinstance(wrong, CampaignError):
        raise wrong
    return Finished(code_of(wrong), refusal=Refusal(wrong.code, plain(wrong.sentence)))


def _print(finished: Finished, *, as_json: bool) -> None:
    if finished.code == ExitCode.INTERRUPTED:
        _complain("Interrupted.")
    if finished.refusal is not None:
        _complain(f"Error: {finished.refusal.sentence}")
        if as_json:
            error = {"code": finished.refusal.word, "message": finished.refusal.sentence}
            _put(_document({"error": error}))
    if finished.answer is not None:
        text = finished.answer.text
        _put(_document(finished.answer.data) if as_json else "" if text is None else rendered(text))


def _document(data: Any) -> str:
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower().replace("-", "")
    return json.dumps(data, indent=2, ensure_ascii=encoding != "utf8") + "\n"


def _say(text: Text) -> None:
    """Prints something while a command is still at work."""
    _put(rendered(text))


def _pass_on(text: str) -> None:
    """Prints text as UTF-8, whatever the encoding of stdout, while a command is still at work."""
    try:
        if sys.stdout is not None:
            sys.stdout.buffer.write(text.encode())
    except OSError as wrong:
        raise typer.Exit(_unwritable(wrong)) from wrong


def _put(output: str) -> None:
    if sys.stdout is not None:
        sys.stdout.write(output)
        sys.stdout.flush()


def _complain(sentence: str) -> None:
    if sys.stderr is not None:
        with suppress(OSError):
            print(sentence, file=sys.stderr, flush=True)


def _unwritable(wrong: OSError) -> ExitCode:
    """Gives stdout up, so that ending the process does not try it once more."""
    if sys.stdout is not None:
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(wrong, BrokenPipeError):
        return ExitCode.OUTPUT_CLOSED
    _complain(f"Error: Reading or writing failed: {wrong.strerror or wrong}.")
    return ExitCode.OUTPUT_FAILED
