"""The application: routes, one table of statuses, the gate before them, and a description of it all."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline

from campaign_adapters.http_api import analytics, campaigns, leads, uploads
from campaign_adapters.http_api.bodies import Told
from campaign_adapters.http_api.gate import BASE, Gate
from campaign_adapters.http_api.keys import ApiKeys
from campaign_adapters.http_api.ports import Accounts
from campaign_adapters.http_api.rate_limits import PER_HOUR, PER_MINUTE, RateLimits
from campaign_adapters.http_api.sender_accounts import sender_routes
from campaign_adapters.http_api.statuses import Rejection, body_of, headers_of, status_of
from campaign_adapters.http_api.tracking import tracking_routes
from campaign_adapters.http_api.validation import validation_body
from campaign_core import CampaignError, Kernel
from campaign_core.intake.lead_file import MAX_BYTES

_MEBIBYTE: Final = 1 << 20
#: A lead file and the form around it.
_MOST_OF_AN_UPLOAD: Final = MAX_BYTES + _MEBIBYTE
#: Every variant of every step at its longest, each character escaped.
_MOST_OF_AN_UPDATE: Final = 16 * _MEBIBYTE
_CAMPAIGN: Final = re.compile(rf"{BASE}/campaigns/[^/]+")
_LEADS: Final = re.compile(rf"{BASE}/campaigns/[^/]+/leads")
_ABOUT: Final = """
Campaigns with leads, inboxes, A/B variants and follow-ups. Every request carries a key in `X-API-Key`.

A request with an `Idempotency-Key` may be repeated: it gets the first answer again and changes nothing. Every answer has an
`X-Request-ID`, which is found in the history of whatever the request changed.
"""


class Health(Told):
    """The server is up and its database answers."""

    status: str = "ok"


def _now() -> datetime:
    return datetime.now(UTC)


def create_app(
    kernel: Kernel,
    *,
    secret: bytes,
    accounts: Accounts | None = None,
    per_minute: int = PER_MINUTE,
    per_hour: int = PER_HOUR,
    clock: Callable[[], datetime] = _now,
) -> FastAPI:
    """The application over a kernel, which stays the caller's to close.

    Args:
        kernel: any workspace of the log; each request works in the workspace of its key.
        secret: 32 bytes under which keys are hashed.
        accounts: what stands behind sender accounts; None: the application has no routes about them.
        per_minute: requests of one key a minute.
        per_hour: requests of one key an hour.
        clock: answers the time by which requests are counted, aware.
    """
    app = FastAPIOffline(
        redoc_url=None,
        title="Campaign Core",
        version=version("campaign-core"),
        description=_ABOUT,
        redirect_slashes=False,
    )
    api = APIRouter(prefix=BASE)
    for module in (campaigns, uploads, leads, analytics):
        api.include_router(module.router)
    if accounts is not None:
        api.include_router(sender_routes(accounts))
    app.include_router(api)
    app.include_router(tracking_routes(kernel))

    @app.get("/healthz", tags=["operation"], summary="Is the server up?")
    def healthz() -> Health:
        """Answers once the database can be read."""
        kernel.workspaces()
        return Health()

    app.add_api_route("/healthz", healthz, methods=["HEAD"], include_in_schema=False)
    app.add_exception_handler(CampaignError, _refused)
    app.add_exception_handler(Rejection, _rejected)
    app.add_exception_handler(RequestValidationError, _misshapen)
    rates = RateLimits(kernel, per_minute=per_minute, per_hour=per_hour, clock=clock)
    app.add_middleware(Gate, kernel=kernel, keys=ApiKeys(kernel, secret), rates=rates, limits=_most_bytes)
    return app


def _most_bytes(method: str, path: str) -> int:
    """The longest body a request has: a lead file, the texts of a campaign, or little."""
    if method == "POST" and _LEADS.fullmatch(path):
        return _MOST_OF_AN_UPLOAD
    return _MOST_OF_AN_UPDATE if method == "PUT" and _CAMPAIGN.fullmatch(path) else _MEBIBYTE


def _refused(request: Request, wrong: Any) -> JSONResponse:
    return JSONResponse(body_of(wrong), status_of(wrong), headers_of(wrong))


def _rejected(request: Request, wrong: Any) -> JSONResponse:
    return JSONResponse(wrong.body, wrong.status)


def _misshapen(request: Request, wrong: Any) -> JSONResponse:
    return JSONResponse(validation_body(wrong.errors()), 422)
