"""How does every command come to have `--db` and `--json`, before and after its name?

The program, each group and each command has both options; the one given last counts. `command` adds them to a function
that knows nothing of them, and registers it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, Final

import typer

from campaign_adapters.cli.calls import Answer, Call, Text

DEFAULT_DB: Final = "campaigns.db"

Db = Annotated[str | None, typer.Option("--db", metavar="FILE", help="The database.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
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

    def __init__(self, say: Callable[[Text], None]) -> None:
        self.db = DEFAULT_DB
        self.json = False
        self._say = say

    def read(self, db: str | None, as_json: bool) -> None:
        """Takes what was given at one place of the command line.

        Raises:
            typer.BadParameter: the database's name is empty.
        """
        if db is not None and not db.strip():
            raise typer.BadParameter("it is empty; name a file such as campaigns.db.", param_hint="--db")
        self.db = db or self.db
        self.json = self.json or as_json

    def call(self) -> Call:
        """The call that these options describe."""
        return Call(self.db, _unsaid if self.json else self._say)


def _unsaid(text: Text) -> None:
    """Under `--json` nothing but the document is printed."""


def command(group: typer.Typer, name: str) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Registers a function of a `Call` and its own arguments as a command that has the shared options too."""

    def register(perform: Callable[..., Answer]) -> Callable[..., Answer]:
        @wraps(perform)
        def run(context: typer.Context, db: str | None, as_json: bool, **given: Any) -> Answer:
            context.obj.read(db, as_json)
            return perform(context.obj.call(), **given)

        own = list(inspect.signature(perform, eval_str=True).parameters.values())[1:]
        run.__dict__["__signature__"] = inspect.Signature([_parameter("context", typer.Context), *own, *_SHARED])
        run.__annotations__ = {}
        group.command(name)(run)
        return perform

    return register


def _parameter(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=annotation, default=default)


_SHARED: Final = (_parameter("db", Db, None), _parameter("as_json", Json, False))


def group(parent: typer.Typer, name: str, about: str) -> typer.Typer:
    """A group of commands that has the shared options too."""
    made = typer.Typer(name=name, help=about, rich_markup_mode=None, add_completion=False)

    def read(context: typer.Context, db: Db = None, as_json: Json = False) -> None:
        context.obj.read(db, as_json)

    made.callback(help=about)(read)
    parent.add_typer(made)
    return made
