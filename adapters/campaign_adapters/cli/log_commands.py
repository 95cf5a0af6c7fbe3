"""The commands about the log as a whole, and the demo."""

from __future__ import annotations

import typer

from campaign_adapters.cli.calls import Answer, Call
from campaign_adapters.cli.exit_codes import ExitCode
from campaign_adapters.cli.shared_options import command


def register(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    command(app, "rebuild")(rebuild)
    command(app, "verify")(verify)
    command(app, "demo")(demo)


def rebuild(call: Call) -> Answer:
    """Make the rows of every view anew from the log."""
    from campaign_core.kernel.kernel import VIEWS

    with call.kernel() as kernel:
        events = kernel.rebuild()
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


def demo(call: Call) -> Answer:
    """Tell the life of a campaign, every step checked."""
    from campaign_adapters.cli.demo import tell_story

    return tell_story(call)
