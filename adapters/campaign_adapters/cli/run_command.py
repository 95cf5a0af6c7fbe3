"""The command that sends: a worker in the chosen workspace, watched while it is at work."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from campaign_adapters.cli.calls import Answer, Call
from campaign_adapters.cli.shared_options import command

_LONGEST_LEASE: Final = 86_400

Lease = Annotated[
    int,
    typer.Option(
        min=1,
        max=_LONGEST_LEASE,
        metavar="SECONDS",
        help="How long the worker may take for a mail; past it, its outcome counts as unknown.",
    ),
]
PublicUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="CAMPAIGN_PUBLIC_URL",
        help="Where readers reach the server that hears of opens, clicks and unsubscribes; mails then lead there.",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Adds the command to the program."""
    command(
        app,
        "run",
        "run",
        "run --transport maildir:mails --clock virtual --until-complete",
        "run --worker north-1 --lease 900",
        "run --public-url https://mail.acme.example",
    )(run)


def run(
    call: Call,
    transport: Annotated[
        str, typer.Option(metavar="maildir:PATH|smtp", help="Where mail goes: into a folder, or to servers.")
    ] = "smtp",
    clock: Annotated[
        str, typer.Option(metavar="real|virtual", help="The machine's clock, or one that jumps from mail to mail.")
    ] = "real",
    start: Annotated[
        str | None,
        typer.Option(
            metavar="INSTANT",
            help="Where the virtual clock begins; UTC if it has no offset; now if left out.",
            show_default=False,
        ),
    ] = None,
    until_complete: Annotated[
        bool, typer.Option("--until-complete", help="End when no campaign is ACTIVE, or nothing can happen any more.")
    ] = False,
    worker: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Kept with each mail it takes; this machine and process if left out.",
            show_default=False,
        ),
    ] = None,
    lease: Lease = 900,
    public_url: PublicUrl = None,
) -> Answer:
    """Send what is due, mail after mail, until told to stop.

    Any number of these may run at once on one database. SIGTERM or Ctrl-C ends it in good order: the mail in hand is
    reported, what else was claimed is given back, and the exit code is 0. A second one ends it at once.

    The virtual clock needs --until-complete and a Maildir; it is there to watch weeks of sending in seconds.
    """
    from datetime import timedelta

    from campaign_adapters.cli import run_screens, sending
    from campaign_adapters.cli.progress import line
    from campaign_core.kernel.worker import VirtualClock, Worker

    chosen = sending.clock_named(clock, start)
    sending.check_transport(transport, chosen)
    sending.check_public_url(public_url)
    if isinstance(chosen, VirtualClock) and not until_complete:
        raise typer.BadParameter("it never comes to rest by itself; give --until-complete too.", param_hint="--clock")
    name = sending.worker_name(worker)
    with call.kernel(chosen.now) as kernel, sending.transport_named(transport, kernel) as carrier:
        if isinstance(chosen, VirtualClock) and start is None:
            sending.catch_up(kernel, chosen)
        with line(call, f"{name} is at work") as show:
            tally = sending.Tally(kernel, chosen.now(), show)
            clock_seen = sending.Watched(chosen, tally.sleeps)
            term = timedelta(seconds=lease)
            made = Worker(
                kernel, carrier, name=name, clock=clock_seen, lease=term, public_url=public_url, told=tally.add
            )
            with sending.stopped_by_signals(made.stop):
                ending = made.run(until_complete=until_complete)
        result = run_screens.result_of(kernel, name, ending, tally, chosen.now())
    return run_screens.run_answer(result)
