"""Who calls, and what may they do? What a route gets instead of a kernel."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Annotated, Any, Final
from uuid import UUID, uuid5

from attrs import frozen
from fastapi import Request, Security
from fastapi.security import APIKeyHeader

from campaign_adapters.http_api.keys import ApiKey
from campaign_adapters.http_api.scopes import grants
from campaign_core import Kernel, Outcome
from campaign_core.kernel.pipeline import Command
from campaign_core.recorded import ID_CHARACTERS

_LONGEST_KEY: Final = 255
#: The namespace of ids that are made of an idempotency key.
_IDS: Final = UUID("f0d7cf8e-1fb5-4c1c-9e7d-0a7a3ab0b2f5")
_HEADER: Final = APIKeyHeader(
    name="X-API-Key",
    scheme_name="ApiKey",
    description="An API key: `campaign keys create` makes one.",
    auto_error=False,
)


class MissingScopes(Exception):
    """The key of the call lacks a scope. The gate answers it; nothing has to be registered."""

    def __init__(self, required: str, granted: tuple[str, ...]) -> None:
        super().__init__(required, granted)
        self.required, self.granted = required, granted

    @property
    def body(self) -> dict[str, Any]:
        """What the caller is told, with status 403. Source: reference/coldsend-api.md, section 1.3."""
        return {
            "detail": f"Missing required scopes: {self.required}",
            "error": "insufficient_scopes",
            "required": [self.required],
            "granted": list(self.granted),
        }


@frozen(kw_only=True)
class Caller:
    """Whoever holds the API key of a request."""

    #: In the workspace of the key.
    kernel: Kernel
    key: ApiKey
    request_id: str
    #: What the client calls the request, so that it can be repeated.
    idempotency_key: str | None

    def handle(self, command: Command, part: str = "") -> Outcome:
        """Has the kernel carry out a command in the name of the key, findable in the history by the request's id.

        Args:
            command: what to do.
            part: tells the commands of one request apart.

        Raises:
            CampaignError: as `Kernel.handle` does.
        """
        return self.kernel.handle(
            command,
            command_id=self._command_id(part),
            actor=f"api-key:{self.key.key_id}",
            correlation=self.request_id,
        )

    def earlier(self, command: Command, part: str = "") -> Outcome | None:
        """What the command came to in an earlier request of the same idempotency key; None: it has not been carried out.

        Raises:
            CommandIdReused: that request said something else.
        """
        command_id = self._command_id(part)
        return None if command_id is None else self.kernel.earlier_outcome(command, command_id)

    def new_id(self, part: str = "") -> UUID | None:
        """An id for something new that a repeated request gives it again; None where nobody can repeat the request."""
        command_id = self._command_id(part)
        return None if command_id is None else uuid5(_IDS, f"{self.key.workspace}\n{command_id}")

    def _command_id(self, part: str) -> str | None:
        return None if self.idempotency_key is None else _command_id(self.idempotency_key, part)


def _command_id(idempotency_key: str, part: str) -> str:
    """The id of a command; a key that is too long for one stands there as its hash."""
    whole = f"{idempotency_key}:{part}" if part else idempotency_key
    return whole if len(whole) <= ID_CHARACTERS[1] else f"sha256:{sha256(whole.encode()).hexdigest()}"


def is_idempotency_key(given: str) -> bool:
    """Whether a header's value can be the name of a request."""
    return 0 < len(given) <= _LONGEST_KEY and given.isprintable()


def needs(scope: str, *others: str) -> Callable[..., Awaitable[Caller]]:
    """What a route depends on to get its caller; one who has neither the scope nor one of the others gets 403.

    Use it as `Annotated[Caller, Depends(needs("campaigns:read"))]`.
    """

    async def caller(request: Request, presented: Annotated[str | None, Security(_HEADER)]) -> Caller:
        found: Caller = request.state.caller
        if not any(grants(found.key.scopes, each) for each in (scope, *others)):
            raise MissingScopes(scope, found.key.scopes)
        return found

    return caller
