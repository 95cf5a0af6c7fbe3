"""One request and its response on their way through the gate."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from starlette.types import Message, Receive, Scope, Send

from campaign_adapters.http_api.keys import ApiKey

_BROKEN: Final = 500


class BodyTooLarge(Exception):
    """More of a body came than is taken; whoever reads it stops."""


class Exchange:
    """What the application receives and sends: a bounded body, and a response with headers of our own.

    A response that says 500 is held back until the application ended: one that broke has its answer replaced, whichever
    part of the framework worded it.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self._receive, self._send = receive, send
        #: Whose request it is, once that is known.
        self.key: ApiKey | None = None
        #: Put on the response.
        self.headers: dict[str, str] = {}
        #: Of the response; None before it was begun.
        self.status: int | None = None
        #: How many bytes a body may have; None for any number.
        self.most_bytes: int | None = None
        #: Whether more came than that.
        self.is_too_large = False
        self._received = 0
        self._held: list[Message] = []

    @property
    def path(self) -> str:
        """The path that was asked for."""
        path: str = self.scope["path"]
        return path

    @property
    def address(self) -> str:
        """Where the call came from."""
        client = self.scope.get("client")
        return client[0] if client else "unknown"

    def header(self, name: bytes) -> str | None:
        """A header of the request, by its name in lower case; the first of several."""
        return next((value.decode("latin-1") for key, value in self.scope["headers"] if key == name), None)

    def bound_body(self, most_bytes: int) -> bool:
        """Takes no longer body than that; False where the request announces one."""
        self.most_bytes = most_bytes
        announced = self.header(b"content-length") or ""
        self.is_too_large = announced.isascii() and announced.isdigit() and int(announced) > most_bytes
        return not self.is_too_large

    async def receive(self) -> Message:
        """The next piece of the request, for the application.

        Raises:
            BodyTooLarge: the body is longer than is taken.
        """
        message = await self._receive()
        self._received += len(message.get("body", b""))
        if self.most_bytes is not None and self._received > self.most_bytes:
            self.is_too_large = True
            raise BodyTooLarge
        return message

    async def send(self, message: Message) -> None:
        """The next piece of the response, from the application."""
        begins = message["type"] == "http.response.start"
        if self._held or (begins and (self.is_too_large or message["status"] == _BROKEN)):
            self._held.append(message)
        else:
            await self._pass(message)

    async def release(self) -> None:
        """Sends what was held back, unless something else is to be said."""
        held, self._held = self._held, []
        for message in held if not self.is_too_large else ():
            await self._pass(message)

    async def reply(self, status: int, body: Mapping[str, Any]) -> None:
        """Answers with JSON in place of what the application said, unless it began to answer already."""
        self._held = []
        if self.status is not None:
            return
        content = json.dumps(body, separators=(",", ":")).encode()  # as the framework writes it
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
        await self._pass({"type": "http.response.start", "status": status, "headers": headers})
        await self._pass({"type": "http.response.body", "body": content})

    async def _pass(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            ours = [(name.lower().encode(), value.encode()) for name, value in self.headers.items()]
            names = {name for name, _ in ours}
            theirs = [(name, value) for name, value in message.get("headers", ()) if name.lower() not in names]
            message = {**message, "headers": [*theirs, *ours]}
        await self._send(message)
