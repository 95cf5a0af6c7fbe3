"""What does a command get, and what does it give back?

A command is a function of a `Call`, which knows the database and who asks, and of its own arguments. It gives back an
`Answer`, which holds the same thing twice: as data for `--json` and as something to read. It prints nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from campaign_adapters.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console

    from campaign_core import Kernel, Outcome
    from campaign_core.kernel.pipeline import Command

DEFAULT_WORKSPACE: Final = "default"
#: What people read: text, or a function that draws on a console.
Text = str | Callable[["Console"], None]


class Answer(NamedTuple):
    """What a command answers."""

    #: Plain data: dicts, lists, text, numbers. Printed by `--json`.
    data: Any
    #: The same for people; None where `Call.put` printed it already.
    text: Text | None
    code: ExitCode = ExitCode.OK


class Call(NamedTuple):
    """One call of the program."""

    #: Where the log is: a path, or a location that a store serves.
    db: str
    #: Shows progress to people at once; silent under `--json`.
    say: Callable[[Text], None]
    #: Prints UTF-8 text at once, exactly as it is; silent under `--json`.
    put: Callable[[str], None] = lambda _: None
    #: The tenant to work in; every database has the default one.
    workspace: str = DEFAULT_WORKSPACE
    #: Whether the answer is printed as data.
    json: bool = False

    @contextmanager
    def kernel(self, clock: Callable[[], datetime] | None = None) -> Iterator[Kernel]:
        """The kernel over the database, in the workspace, closed again afterwards; by the machine's clock if None."""
        from campaign_core import open_kernel

        opened = partial(open_kernel, self.db, workspace=self.workspace)
        with opened() if clock is None else opened(clock=clock) as kernel:
            yield kernel


def tell(kernel: Kernel, command: Command, command_id: str | None) -> Outcome:
    """Has the kernel carry out a command, in the name of whoever is logged in."""
    return kernel.handle(command, command_id=command_id, actor=user_name())


def user_name() -> str:
    """The name of the operating system's user, or its number where it has no name."""
    import getpass
    import os

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid-{os.getuid()}"


def answered(outcome: Outcome, noun: str) -> Answer:
    """The answer of a command that has an outcome, about a `campaign`, an `inbox` or a `lead`."""
    from campaign_adapters.cli import data, wording

    return Answer(data.outcome_data(outcome, noun), wording.outcome_text(outcome, noun))
