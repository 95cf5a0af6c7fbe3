"""Which status, and which body, does each error get? One table, from class to number. Source: reference section 2.

A rule that says no is 400, whatever the rule; what is not there, or is another workspace's, 404; what is there already 409; a
value of the wrong shape or out of range 422. Errors that are not the client's fault say nothing of what went on inside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from campaign_core import errors

#: Seconds after which a client may try again where another process holds the log.
RETRY_AFTER: Final = 5
#: From error to status; of a class that is not named, the nearest one above it counts.
STATUSES: Final[Mapping[type[Exception], int]] = {
    errors.CommandRejected: 400,
    errors.UnknownCampaign: 404,
    errors.UnknownInbox: 404,
    errors.UnknownLead: 404,
    errors.UnknownWorkspace: 404,
    errors.AlreadyExists: 409,
    errors.CommandIdReused: 409,
    errors.StaleClaim: 409,
    errors.InvalidMessage: 422,
    errors.WrongExpectedVersion: 409,
    errors.LogUnavailable: 503,
    errors.LogError: 500,
    errors.ViewFailed: 500,
    errors.MisuseError: 500,
}
#: What a client asks for each trigger of the lifecycles; what no client can ask for is not there.
_REQUESTS: Final[Mapping[str, str]] = {
    "launch": "activate",
    "resume": "activate",
    "pause": "pause",
    "archive": "archive",
    "delete": "DELETE",
    "update": "PUT",
    "replace_sequences": "PUT sequences",
    "edit_sequences": "PUT sequence_edits",
    "add_leads": "adding leads",
    "revise_lead": "changing a lead",
    "remove_leads": "deleting leads",
}
#: What a client is told of an error that is not its own.
INTERNAL: Final = "Internal server error"
_BUSY: Final = "The database is busy. Try again in a moment."
_OUT_OF_REACH: Final = "The database is out of reach. Try again later."
_EMAIL_FIELDS: Final = {"email", "email_address", "reply_to", "recipient_email"}


class Rejection(Exception):
    """A request the adapter itself turns down: it cannot be translated."""

    def __init__(self, status: int, detail: str | Sequence[Mapping[str, Any]], **more: Any) -> None:
        """Takes the status, what `detail` says, and what stands beside it in the body."""
        super().__init__(status, detail)
        self.status, self.body = status, {"detail": detail, **more}


def status_of(error: Exception) -> int:
    """The status of an error: that of its class, or of the nearest class above it that the table names."""
    if isinstance(error, errors.InvalidMessage) and error.disagrees:
        return STATUSES[errors.CommandRejected]
    return next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 500)


def body_of(error: errors.CampaignError) -> dict[str, Any]:
    """What a client is told: `detail` always, and what a program may want beside it."""
    status = status_of(error)
    if status >= 500:
        return {"detail": _BUSY if error.retryable else _OUT_OF_REACH if status == 503 else INTERNAL}
    match error:
        case errors.InvalidMessage(problems=problems) if not error.disagrees:
            return {"detail": [_problem(each) for each in problems]}
        case errors.InvalidMessage(problems=problems):
            return {"detail": _sentence(problems)}
        case errors.CommandIdReused(command_id=command_id):
            said = f"The Idempotency-Key {command_id!r} was used for a different request; give each request its own."
            return {"detail": said}
        case errors.IllegalTransition():
            return {"detail": _illegal(error)}
        case errors.NotLaunchReady(missing=missing):
            return {"detail": error.sentence, "missing_requirements": list(missing)}
        case errors.PreflightFailed(reasons=reasons):
            return {"detail": error.sentence, "faults": list(reasons)}
        case _:
            return {"detail": error.sentence}


def headers_of(error: Exception) -> dict[str, str]:
    """What stands in the headers of its answer."""
    return {"Retry-After": str(RETRY_AFTER)} if status_of(error) == 503 else {}


def _sentence(problems: Sequence[errors.Problem]) -> str:
    """What does not fit together, each with the field it is told of."""
    return "; ".join(f"{each.path.removeprefix('$.')}: {each.sentence}" for each in problems) + "."


def _illegal(error: errors.IllegalTransition) -> str:
    """What the status does not allow, and the requests that it does."""
    subject = f"{'An' if error.subject[:1] in 'aeiou' else 'A'} {error.subject}"
    requests = [_REQUESTS[each] for each in error.legal if each in _REQUESTS]
    allowed = ", ".join(dict.fromkeys(requests)) or "reading"
    return f"{subject} that is {error.status} cannot {error.deed}. What it allows now: {allowed}."


def _problem(problem: errors.Problem) -> dict[str, Any]:
    location = ["body", *_steps(problem.path)]
    if location[-1] in _EMAIL_FIELDS:
        said = f"value is not a valid email address: {problem.sentence}"
        return {"loc": location, "msg": said, "type": "value_error.email"}
    return {"loc": location, "msg": problem.sentence, "type": "value_error"}


def _steps(path: str) -> Iterator[str | int]:
    """The parts of a path such as `$.sequences[0].wait_days`."""
    for part in path.removeprefix("$").strip(".").split("."):
        name, *places = part.replace("]", "").split("[")
        if name:
            yield name
        yield from (int(place) if place.isdecimal() else place for place in places)
