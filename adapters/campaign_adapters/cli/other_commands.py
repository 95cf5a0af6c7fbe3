"""The commands about workspaces and the log as a whole."""

from __future__ import annotations

import json
from itertools import islice
from typing import Annotated, Any, Final

import typer

from campaign_adapters.cli.calls import DEFAULT_WORKSPACE, Answer, Call
from campaign_adapters.cli.exit_codes import ExitCode
from campaign_adapters.cli.shared_options import command, group

#: How many events are read from one snapshot: a reader that is slow to take them must not hold one open.
_EVENTS_AT_ONCE: Final = 1000


def register(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    workspaces = group(app, "workspaces", "Tenants in one database; nothing crosses between them.")
    command(workspaces, "create", "workspaces create acme", "--workspace acme list")(workspaces_create)
    command(workspaces, "list", "workspaces list")(workspaces_list)
    command(app, "log", "log --after 1200")(log)
    command(app, "rebuild", "rebuild")(rebuild)
    command(app, "verify", "verify")(verify)
    command(app, "demo", "--db demo.db demo", "--db demo.db demo --maildir mails")(demo)


def workspaces_create(
    call: Call,
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="1 to 63 lower-case letters, digits and hyphens.", show_default=False),
    ],
) -> Answer:
    """Make a workspace; whichever is chosen does not matter here."""
    with call._replace(workspace=DEFAULT_WORKSPACE).kernel() as kernel:
        kernel.create_workspace(name)
    return Answer({"workspace": name}, f"Workspace {name} is there; work in it with --workspace {name}.")


def workspaces_list(call: Call) -> Answer:
    """List the workspaces of the database."""
    with call._replace(workspace=DEFAULT_WORKSPACE).kernel() as kernel:
        names = kernel.workspaces()
    return Answer({"workspaces": names}, "\n".join(names))


def log(
    call: Call,
    after: Annotated[
        int, typer.Option(min=0, metavar="POSITION", help="Only events behind this place in the log.")
    ] = 0,
) -> Answer:
    """Print the committed events of the workspace, one JSON object a line, in the order of the log.

    Positions rise and may have gaps. To go on later, give the position of the last event you dealt with.
    """
    from campaign_adapters.cli import data

    events: list[dict[str, Any]] = []
    position = after
    with call.kernel() as kernel:
        while batch := list(islice(kernel.subscribe(position), _EVENTS_AT_ONCE)):
            for recorded in batch:
                plain = {"stream": recorded.stream, **data.event_data(recorded)}
                call.put(json.dumps(plain, ensure_ascii=False) + "\n")
                events += [plain] if call.json else []
            position = batch[-1].position
    return Answer({"events": events, "position": position}, None)


def rebuild(call: Call) -> Answer:
    """Make the rows of every view anew from the log."""
    from campaign_adapters.cli.progress import bar
    from campaign_core.kernel.kernel import VIEWS

    with call.kernel() as kernel:
        with bar(call, "Folding the log anew") as progress:
            events = kernel.rebuild(progress=progress)
        rows = {view.name: kernel.view(view).count() for view in VIEWS}
    told = ", ".join(f"{name} {count:,}" for name, count in rows.items())
    return Answer({"events": events, "rows": rows}, f"Folded {events:,} events anew; rows now: {told}.")


def verify(call: Call) -> Answer:
    """Check that nothing in the log was altered.

    Every event is checked against its digest, its link and its private content.
    """
    from campaign_adapters.cli import data

    with call.kernel() as kernel:
        found = kernel.verify()
    told = f"{found.events:,} events in {found.streams:,} streams ({found.erased:,} with their payload erased)"
    if found.holds:
        return Answer(data.verification_data(found), f"Every link holds: {told}.")
    lines = [f"{len(found.problems):,} problems in {told}:", *found.problems]
    return Answer(data.verification_data(found), "\n".join(lines), ExitCode.LOG_CORRUPT)


def demo(
    call: Call,
    maildir: Annotated[
        str | None,
        typer.Option(
            metavar="PATH", help="Keep the mails in this Maildir; thrown away if left out.", show_default=False
        ),
    ] = None,
    leads: Annotated[
        int, typer.Option(min=20, max=1000, metavar="N", help="With how many rows of its file of leads.")
    ] = 1000,
) -> Answer:
    """Tell the life of a campaign that sends its leads all their mails, every step checked."""
    from campaign_adapters.cli.demo import tell_story

    return tell_story(call, maildir, leads)
