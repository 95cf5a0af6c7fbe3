"""What every request passes before a route sees it, and every response after.

Below the base path: who calls, how often, how large a body; and on every response, whatever came of it, the request's id
and the three headers of the rate limit. Other paths get an id and a line in the log. Put it around the application with
`app.add_middleware(Gate, ...)` or `Gate(app, ...)`.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from time import perf_counter
from typing import Any, Final, NamedTuple

from anyio import to_thread
from starlette.types import ASGIApp, Receive, Scope, Send

from campaign_adapters.http_api import logs
from campaign_adapters.http_api.caller import Caller, MissingScopes, is_idempotency_key
from campaign_adapters.http_api.exchange import Exchange
from campaign_adapters.http_api.keys import ApiKey, ApiKeys
from campaign_adapters.http_api.rate_limits import RateLimits, Standing
from campaign_adapters.http_api.statuses import INTERNAL, body_of, headers_of, status_of
from campaign_core import Kernel, LogUnavailable

BASE: Final = "/api/public/v1"
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")
#: Bodies of refusals. Source: reference/coldsend-api.md, section 1.3.
_NO_KEY: Final = {"detail": "API key required. Include your API key in X-API-Key header."}
_WRONG_KEY: Final = {"detail": "Invalid or revoked API key"}
_BAD_IDEMPOTENCY_KEY: Final = {
    "detail": "The Idempotency-Key header must have 1 to 255 characters, none of them a control character."
}
_BROKEN: Final = {"detail": INTERNAL}


class _Admitted(NamedTuple):
    """What is known of a call before its body is read."""

    standing: Standing
    key: ApiKey | None
    #: In the workspace of the key.
    kernel: Kernel | None


class Gate:
    """ASGI middleware around the whole application."""

    def __init__(
        self, app: ASGIApp, *, kernel: Kernel, keys: ApiKeys, rates: RateLimits, limits: Callable[[str, str], int]
    ) -> None:
        """Takes what it asks, and `limits`: how many bytes a body may have, by method and path."""
        self._app, self._kernel, self._keys, self._rates, self._limits = app, kernel, keys, rates, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = perf_counter()
        exchange = Exchange(scope, receive, send)
        request_id = _request_id(exchange.header(b"x-request-id"))
        scope.setdefault("state", {})["request_id"] = request_id
        exchange.headers["X-Request-ID"] = request_id
        try:
            await self._answered(exchange, request_id)
        finally:
            key = exchange.key
            logs.request_ended(
                request_id=request_id,
                method=scope["method"],
                route=_template(scope),
                status=exchange.status,
                milliseconds=(perf_counter() - begun) * 1000,
                key_id=None if key is None else key.key_id,
                workspace=None if key is None else key.workspace,
            )

    async def _answered(self, exchange: Exchange, request_id: str) -> None:
        """Has a request answered, whatever happens."""
        try:
            if not _is_below_base(exchange.path) or await self._admits(exchange, request_id):
                await self._app(exchange.scope, exchange.receive, exchange.send)
                await exchange.release()
        except MissingScopes as missing:
            await exchange.reply(403, missing.body)
        except Exception as wrong:
            if not exchange.is_too_large:
                logs.request_broke(request_id, wrong)
                await exchange.reply(500, _BROKEN)
        if exchange.is_too_large:
            await exchange.reply(413, _too_large(exchange))

    async def _admits(self, exchange: Exchange, request_id: str) -> bool:
        """Whether a request may go to its route; where not, it was answered."""
        exchange.headers |= self._rates.uncounted().headers  # should what follows break
        presented, idempotency_key = exchange.header(b"x-api-key"), exchange.header(b"idempotency-key")
        try:
            admitted = await to_thread.run_sync(self._looked_up, presented or "", exchange.address)
        except LogUnavailable as wrong:
            exchange.headers |= headers_of(wrong)
            await exchange.reply(status_of(wrong), body_of(wrong))
            return False
        exchange.key = admitted.key
        exchange.headers |= admitted.standing.headers
        refusal = _refusal(admitted, presented, idempotency_key)
        if refusal is not None:
            await exchange.reply(*refusal)
            return False
        assert admitted.key is not None, "a call without a valid key is refused"
        assert admitted.kernel is not None, "a valid key has a workspace"
        exchange.scope["state"]["caller"] = Caller(
            kernel=admitted.kernel, key=admitted.key, request_id=request_id, idempotency_key=idempotency_key
        )
        return exchange.bound_body(self._limits(exchange.scope["method"], exchange.path))

    def _looked_up(self, presented: str, address: str) -> _Admitted:
        """Counts a call before anything is said about its key, so that guessing is limited as well."""
        key = self._keys.find(presented)
        standing = self._rates.count(self._keys.stranger(address) if key is None else key.key_id)
        return _Admitted(standing, key, None if key is None else self._kernel.workspace(key.workspace))


def _refusal(
    admitted: _Admitted, presented: str | None, idempotency_key: str | None
) -> tuple[int, dict[str, Any]] | None:
    """The status and the body of a call that goes no further."""
    wait = admitted.standing.retry_after
    if wait is not None:
        return 429, {"detail": f"Rate limit exceeded. Retry after {wait} seconds."}
    if admitted.key is None:
        return 401, _WRONG_KEY if presented else _NO_KEY
    if idempotency_key is not None and not is_idempotency_key(idempotency_key):
        return 400, _BAD_IDEMPOTENCY_KEY
    return None


def _too_large(exchange: Exchange) -> dict[str, Any]:
    return {"detail": f"The request body is too large; at most {exchange.most_bytes} bytes are accepted."}


def _template(scope: Scope) -> str | None:
    """The whole path of the route that was found, its parameters by name; None where there is none."""
    route = scope.get("route")
    # A route of an included router knows its path within that router only; beside it stands where it was included.
    included = scope.get("fastapi", {}).get("effective_route_context")
    return getattr(included if getattr(included, "original_route", None) is route else route, "path", None)


def _is_below_base(path: str) -> bool:
    return path == BASE or path.startswith(f"{BASE}/")


def _request_id(given: str | None) -> str:
    """The client's id of the request, if it is one; else a new one."""
    return given if given is not None and _REQUEST_ID.fullmatch(given) else str(uuid.uuid4())
