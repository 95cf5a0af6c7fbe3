"""The command that serves the HTTP API."""

from __future__ import annotations

from types import ModuleType
from typing import Annotated, Final

import typer

from campaign_adapters.cli.calls import Answer, Call
from campaign_adapters.cli.shared_options import command

_LARGEST_PORT: Final = 65_535


def register(app: typer.Typer) -> None:
    """Adds the command to the program."""
    command(
        app,
        "serve",
        "serve",
        "serve --host 0.0.0.0 --port 80 --rate-per-minute 300",
        "serve --inbox-check off --transport maildir:mails",
    )(serve)


def serve(
    call: Call,
    host: Annotated[str, typer.Option(metavar="NAME", help="The name or IP address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=_LARGEST_PORT, metavar="N", help="The port to listen on; 0 for a free one.")
    ] = 8000,
    inbox_check: Annotated[
        str,
        typer.Option(
            metavar="smtp|off", help="Whether a new inbox has to log in at its server, or is taken on your word."
        ),
    ] = "smtp",
    transport: Annotated[
        str, typer.Option(metavar="maildir:PATH|smtp", help="Where test mails go: into a folder, or to servers.")
    ] = "smtp",
    rate_per_minute: Annotated[
        int, typer.Option(min=1, metavar="N", help="Requests that each API key may make in a minute.")
    ] = 100,
    rate_per_hour: Annotated[
        int, typer.Option(min=1, metavar="N", help="Requests that each API key may make in an hour.")
    ] = 1000,
) -> Answer:
    """Serve the HTTP API, until told to stop.

    The address is printed as soon as it is listened on. Every request needs an API key, whose workspace it works in; the
    keys and the passwords of inboxes are kept under the key in CAMPAIGN_SECRET_KEY. One line of JSON for each request
    goes to stderr. Campaigns are sent by `campaign run`, beside it.

    SIGTERM or Ctrl-C ends it in good order: requests that are under way are answered, and the exit code is 0. A second
    one ends it at once.
    """
    from campaign_adapters.cli import sending
    from campaign_core.kernel.worker import RealClock

    sending.check_transport(transport, RealClock())
    serving = _serving()
    served = serving.prepared(inbox_check, transport, (rate_per_minute, rate_per_hour))
    with serving.listening(host, port) as listener, call.kernel() as kernel:
        server = served.server(kernel)
        url = serving.url_of(listener)
        if call.json:
            serving.announce({"url": url})
        call.say(f"Listening on {url}; Ctrl-C stops.")
        serving.run(server, listener)
    if call.json:
        raise typer.Exit  # the document is printed
    return Answer(None, "Stopped; every request was answered.")


def _serving() -> ModuleType:
    """What serves.

    Raises:
        MisuseError: a package that it needs is missing.
    """
    try:
        from campaign_adapters.cli import serving
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("campaign_"):
            raise
        from campaign_core import MisuseError

        sentence = f"Serving the API needs {missing.name}; install it with: pip install 'campaign-core[http,smtp]'."
        raise MisuseError(sentence) from missing
    return serving
