"""How does every command come to have `--db`, `--workspace` and `--json`, before and after its name?

The program, each group and each command has these options; the one given last counts. `command` adds them to a function
that knows nothing of them, and registers it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import Annotated, Any, Final, get_args, get_type_hints

import typer

from campaign_adapters.cli.calls import DEFAULT_WORKSPACE, Answer, Call, Text

DEFAULT_DB: Final = "campaigns.db"

Db = Annotated[str | None, typer.Option("--db", metavar="FILE", help="The database.", show_default=False)]
Workspace = Annotated[
    str | None, typer.Option("--workspace", metavar="NAME", help="The workspace to work in.", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
PageNumber = Annotated[int, typer.Option("--page", min=1, help="Which page, from 1.")]
PageLimit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="Rows on a page.")]
CommandId = Annotated[
    str | None,
    typer.Option(
        metavar="TEXT",
        help="Makes repeating harmless: the same id again answers the first outcome and records nothing.",
        show_default=False,
    ),
]


class Shared:
    """The shared options of one call, as far as they have been read."""

    def __init__(self, say: Callable[[Text], None], put: Callable[[str], None]) -> None:
        self.db = DEFAULT_DB
        self.workspace = DEFAULT_WORKSPACE
        self.json = False
        self._say, self._put = say, put

    def read(self, db: str | None, workspace: str | None, as_json: bool) -> None:
        """Takes what was given at one place of the command line.

        Raises:
            typer.BadParameter: the name of the database or of the workspace is empty.
        """
        if db is not None and not db.strip():
            raise typer.BadParameter("it is empty; name a file such as campaigns.db.", param_hint="--db")
        if workspace is not None and not workspace.strip():
            raise typer.BadParameter("it is empty; name a workspace such as default.", param_hint="--workspace")
        self.db = db or self.db
        self.workspace = workspace or self.workspace
        self.json = self.json or as_json

    def call(self) -> Call:
        """The call that these options describe; under `--json` nothing but the document is printed."""
        say, put = (_unsaid, _unsaid) if self.json else (self._say, self._put)
        return Call(self.db, say, put, self.workspace, self.json)


def _unsaid(text: Any) -> None:
    """Prints nothing."""


def command(group: typer.Typer, name: str, *examples: str) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Registers a function of a `Call` and its own arguments as a command that has the shared options too.

    Its keyword arguments, if it takes any, are the options of the typed dict they are declared to be. Its help ends with
    the examples, command lines without the program's name.
    """

    def register(perform: Callable[..., Answer]) -> Callable[..., Answer]:
        @wraps(perform)
        def run(context: typer.Context, db: str | None, workspace: str | None, as_json: bool, **given: Any) -> Answer:
            context.obj.read(db, workspace, as_json)
            return perform(context.obj.call(), **given)

        parameters = [_parameter("context", typer.Context), *_own_parameters(perform), *_SHARED]
        run.__dict__["__signature__"] = inspect.Signature(parameters)
        run.__annotations__ = {}
        group.command(name, epilog=_shown(examples))(run)
        return perform

    return register


def _own_parameters(perform: Callable[..., Answer]) -> Iterator[inspect.Parameter]:
    """What a command takes beside its call."""
    for each in list(inspect.signature(perform, eval_str=True).parameters.values())[1:]:
        if each.kind is inspect.Parameter.VAR_KEYWORD:
            (options,) = get_args(each.annotation)
            for name, annotation in get_type_hints(options, include_extras=True).items():
                yield _parameter(name, annotation, None)
        else:
            yield each


def _shown(examples: Sequence[str]) -> str:
    heading = "Example:" if len(examples) == 1 else "Examples:"
    return "\n".join(["\b", heading, *(f"  campaign {each}" for each in examples)])


def _parameter(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=annotation, default=default)


_SHARED: Final = (
    _parameter("db", Db, None),
    _parameter("workspace", Workspace, None),
    _parameter("as_json", Json, False),
)


def group(parent: typer.Typer, name: str, about: str) -> typer.Typer:
    """A group of commands that has the shared options too."""
    made = typer.Typer(name=name, help=about, rich_markup_mode=None, add_completion=False)

    def read(context: typer.Context, db: Db = None, workspace: Workspace = None, as_json: Json = False) -> None:
        context.obj.read(db, workspace, as_json)

    made.callback(help=about)(read)
    parent.add_typer(made)
    return made
