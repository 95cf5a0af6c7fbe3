"""What happens when a mail is opened, a link in it followed, or its reader wants no more of them?

Three addresses, each with a token that `campaign_core.sending.tracking` signed. Whoever fetches gets the same answer whether or
not anything could be recorded: a picture must not be broken, and a link must lead on, because the log is busy. Only who
unsubscribes hears of it, so that a mail program tries again.

A GET never unsubscribes: programs that look at links follow every one. A POST does, whatever it holds, since the token says
all (RFC 8058, section 3.2, has mail programs send `List-Unsubscribe=One-Click`).

What is logged names neither an address nor a token.
"""

from __future__ import annotations

import logging
from base64 import b64decode
from contextlib import suppress
from typing import Final

from fastapi import APIRouter, Request, Response

from campaign_adapters.http_api import unsubscribe_pages
from campaign_adapters.http_api.prefetchers import is_by_machine
from campaign_core import (
    CommandRejected,
    Kernel,
    LogUnavailable,
    Purpose,
    RecordClick,
    RecordOpen,
    RecordUnsubscribe,
    Tracked,
)

_log: Final = logging.getLogger(__name__)
#: A transparent picture of one pixel, 43 bytes.
PIXEL: Final = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
_NOT_OURS: Final = "This link is not one of ours, or a part of it is missing.\n"
_LATER: Final = "This link cannot be followed right now; please try again in a minute.\n"
#: Who the log says told it.
_ACTOR: Final = "reader"
_RETRY_SECONDS: Final = 60
_HEADERS: Final = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


def tracking_routes(kernel: Kernel) -> APIRouter:
    """The routes below `/t` for the mails of every workspace of the kernel's log.

    They are no part of the API that programs are written against, so its description leaves them out.
    """
    routes, router = _Routes(kernel), APIRouter(include_in_schema=False)
    fetched = ["GET", "HEAD"]
    router.add_api_route(f"/t/{Purpose.OPEN}/{{token}}.gif", routes.open, methods=fetched)
    router.add_api_route(f"/t/{Purpose.CLICK}/{{token}}", routes.click, methods=fetched)
    router.add_api_route(f"/t/{Purpose.UNSUBSCRIBE}/{{token}}", routes.ask, methods=fetched)
    router.add_api_route(f"/t/{Purpose.UNSUBSCRIBE}/{{token}}", routes.unsubscribe, methods=["POST"])
    return router


class _Routes:
    """The endpoints, over one kernel."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def open(self, token: str, request: Request) -> Response:
        """A picture was loaded. Always answers it, so that nobody learns which tokens are good."""
        with suppress(LogUnavailable):
            found = self._found(token, Purpose.OPEN)
            if found is not None and request.method == "GET":
                by_machine = is_by_machine(request.headers, found.age)
                self._record(found, RecordOpen(found.campaign_id, found.lead_id, by_machine=by_machine))
        return Response(PIXEL, media_type="image/gif", headers=_HEADERS)

    def click(self, token: str, request: Request) -> Response:
        """A link was followed: on to where it leads."""
        try:
            found = self._found(token, Purpose.CLICK)
        except LogUnavailable:
            return _sentence(_LATER, 503)
        if found is None or found.target is None or found.link is None:
            return _sentence(_NOT_OURS, 404)
        if request.method == "GET":
            by_machine = is_by_machine(request.headers, found.age)
            click = RecordClick(found.campaign_id, found.lead_id, link=found.link, by_machine=by_machine)
            with suppress(LogUnavailable):
                self._record(found, click)
        return Response(status_code=302, headers={**_HEADERS, "Location": found.target})

    def ask(self, token: str) -> Response:
        """The page with the button."""
        try:
            found = self._found(token, Purpose.UNSUBSCRIBE)
        except LogUnavailable:
            return _page(unsubscribe_pages.LATER, 503)
        return _page(unsubscribe_pages.NOT_OURS, 404) if found is None else _page(unsubscribe_pages.ASKING)

    def unsubscribe(self, token: str) -> Response:
        """The reader wants no more mails: the button was pressed, or a mail program did it for them. Repeating is harmless."""
        try:
            found = self._found(token, Purpose.UNSUBSCRIBE)
            if found is None or not self._record(found, RecordUnsubscribe(found.campaign_id, found.lead_id)):
                return _page(unsubscribe_pages.NOT_OURS, 404)
        except LogUnavailable:
            return _page(unsubscribe_pages.LATER, 503)
        return _page(unsubscribe_pages.DONE)

    def _found(self, token: str, purpose: Purpose) -> Tracked | None:
        """The mail that a token for this purpose stands for.

        Raises:
            LogUnavailable: the log cannot be read right now.
        """
        try:
            found = self._kernel.tracked(token)
        except LogUnavailable as wrong:
            _log.warning("A token could not be looked up: %s.", wrong.code)
            raise
        return None if found is None or found.purpose is not purpose else found

    def _record(self, found: Tracked, command: RecordOpen | RecordClick | RecordUnsubscribe) -> bool:
        """Tells the log; whether it took it. It does not where no mail went after all, or its lead is unknown to it.

        Raises:
            LogUnavailable: the log cannot be written right now.
        """
        try:
            self._kernel.workspace(found.workspace).handle(command, actor=_ACTOR)
        except CommandRejected as refusal:
            _log.info("%s was not recorded: %s.", type(command).__name__, refusal.code)
            return False
        except LogUnavailable as wrong:
            _log.warning("%s could not be recorded: %s.", type(command).__name__, wrong.code)
            raise
        return True


def _sentence(sentence: str, status: int) -> Response:
    return Response(sentence, status, _with_retry(status), media_type="text/plain; charset=utf-8")


def _page(page: str, status: int = 200) -> Response:
    headers = {**_with_retry(status), "Content-Security-Policy": unsubscribe_pages.POLICY}
    return Response(page, status, headers, media_type="text/html; charset=utf-8")


def _with_retry(status: int) -> dict[str, str]:
    return {**_HEADERS, "Retry-After": str(_RETRY_SECONDS)} if status == 503 else dict(_HEADERS)
