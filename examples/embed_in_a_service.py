"""Campaign Core inside a small web service: the HTTP server of the standard library and one kernel for all its threads.

    python examples/embed_in_a_service.py campaigns.db --port 8080
    curl -d '{"name": "Spring launch"}' -H 'Idempotency-Key: order-17' http://127.0.0.1:8080/campaigns
    curl --data-binary @leads.csv http://127.0.0.1:8080/campaigns/ID/leads

The service translates and decides nothing: a request becomes a command, an outcome becomes JSON, an error becomes a
status by one table. It has no authentication; put it behind something that has.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from uuid import UUID

import campaign_core as core
from campaign_core.conversion import structure, unstructure

#: From error to HTTP status; the nearest base class counts.
STATUSES: Final[dict[type, int]] = {
    core.UnknownCampaign: 404,
    core.UnknownInbox: 404,
    core.UnknownFollowUp: 404,
    core.AlreadyExists: 409,
    core.CommandIdReused: 409,
    core.WrongExpectedVersion: 409,
    core.CommandRejected: 400,
    core.InvalidMessage: 422,
    core.LogUnavailable: 503,
    core.CampaignError: 500,
}
#: The longest body that is read: the largest lead file.
MOST_BYTES: Final = 50 * 1024 * 1024
#: A client that says nothing for this long is let go, so that it cannot keep the service from stopping.
SILENCE_SECONDS: Final = 5


class Service(ThreadingHTTPServer):
    """An HTTP server around a kernel: a thread for each request, all of which are waited for at the end."""

    daemon_threads = False

    def __init__(self, kernel: core.Kernel, port: int) -> None:
        super().__init__(("127.0.0.1", port), Request)
        self.kernel = kernel


class Request(BaseHTTPRequestHandler):
    """One request: found in ROUTES, carried out, answered as JSON."""

    server: Service
    timeout = SILENCE_SECONDS
    body = b""

    def respond(self) -> None:
        """Answers the request, whatever becomes of it."""
        try:
            status, answer = self.carry_out()
        except core.CampaignError as wrong:
            status = next(STATUSES[kind] for kind in type(wrong).__mro__ if kind in STATUSES)
            answer = {"error": wrong.code, "detail": wrong.sentence}
        body = json.dumps(answer, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = respond

    def carry_out(self) -> tuple[int, Any]:
        """The status and the answer of the route that the request names."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            return 413, {"error": "too_large", "detail": f"A body says its length, at most {MOST_BYTES} bytes."}
        self.body = self.rfile.read(int(length))
        for method, path, status, route in ROUTES:
            if method == self.command and (found := re.fullmatch(path, self.path)):
                return status, route(self, *map(UUID, found.groups()))
        return 404, {"error": "no_such_route", "detail": f"There is no {self.command} {self.path}."}

    def handled(self, command: Any) -> Any:
        """The outcome of a command; an Idempotency-Key makes repeating the request harmless."""
        key = self.headers.get("Idempotency-Key")
        return unstructure(self.server.kernel.handle(command, command_id=key, actor="http"))

    def told(self, kind: type[Any], **more: str) -> Any:
        """The command that the JSON object in the body stands for, with what the path says."""
        try:
            fields = json.loads(self.body)
        except (ValueError, RecursionError):
            fields = None
        if not isinstance(fields, dict):
            raise core.InvalidMessage([core.Problem("$", "must be a JSON object")])
        return structure(fields | more, kind)

    def show(self, campaign_id: UUID) -> Any:
        """The campaign as its view has it, and which parts it still needs."""
        row = self.server.kernel.view(core.CAMPAIGNS).get(campaign_id)
        if row is None:
            raise core.UnknownCampaign(campaign_id)
        return unstructure(row) | unstructure(self.server.kernel.readiness(campaign_id))

    def history(self, identity: UUID) -> Any:
        """Everything that happened to a campaign or an inbox, oldest first."""
        return [
            {
                "version": each.version,
                "name": each.name,
                "at": each.metadata.recorded_at.isoformat(),
                "actor": each.metadata.actor,
                "event": None if each.event is None else unstructure(each.event),
            }
            for each in self.server.kernel.history(identity)
        ]

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing; a real service would log here."""


ID: Final = "([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
#: Method, path, the status of success, and what answers.
ROUTES: Final[Sequence[tuple[str, str, int, Callable[..., Any]]]] = [
    ("POST", "/inboxes", 201, lambda it: it.handled(it.told(core.RegisterInbox))),
    ("POST", f"/inboxes/{ID}/verify", 200, lambda it, inbox: it.handled(core.VerifyInbox(inbox))),
    ("POST", "/campaigns", 201, lambda it: it.handled(it.told(core.CreateCampaign))),
    ("GET", f"/campaigns/{ID}", 200, Request.show),
    ("PATCH", f"/campaigns/{ID}", 200, lambda it, id: it.handled(it.told(core.UpdateCampaign, campaign_id=str(id)))),
    ("POST", f"/campaigns/{ID}/leads", 200, lambda it, id: it.handled(core.UploadLeads(id, it.body))),
    ("POST", f"/campaigns/{ID}/pause", 200, lambda it, id: it.handled(core.PauseCampaign(id))),
    ("GET", f"/campaigns/{ID}/history", 200, Request.history),
]


def main() -> None:
    """Serves until it is told to stop, by SIGINT or SIGTERM, and then ends what it has begun."""
    options = argparse.ArgumentParser(description="Campaigns over HTTP, on this machine only.")
    options.add_argument("database", help="the file that holds the log; made if it is not there")
    options.add_argument("--port", type=int, default=0, help="0 takes a free one")
    given = options.parse_args()
    with core.open_kernel(given.database) as kernel, Service(kernel, given.port) as service:

        def stop(*_: object) -> None:
            # `shutdown` waits for the loop that this handler interrupts, so it needs a thread of its own.
            threading.Thread(target=service.shutdown).start()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        print(f"http://127.0.0.1:{service.server_port}", flush=True)
        service.serve_forever()


if __name__ == "__main__":
    main()
