"""What is written down of each request: one JSON object a line, through the logger `campaign.http`.

No line holds an address, a secret, a path as it was asked, a query or a body. Of an exception it tells the class and where
it came from, not the message, because a message may quote what a caller sent.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TextIO

LOGGER: Final = logging.getLogger("campaign.http")
_TOLD: Final = "told"
#: Whose words are known to hold nobody's data.
OURS: Final = ("campaign", "campaign_adapters", "campaign_core")


class JsonLines(logging.Formatter):
    """A record as one JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told = getattr(record, _TOLD, None) or {"logger": record.name, "message": _said(record)}
        return json.dumps({"time": at, "level": record.levelname.lower(), **told})


def _said(record: logging.LogRecord) -> str:
    """What a record says: of other packages the sentence without what was put into it, which may be anybody's data."""
    return record.getMessage() if record.name.split(".")[0] in OURS else str(record.msg)


def configure(level: int | str, stream: TextIO) -> None:
    """Has the lines written to a stream, ours from that level on, in place of where they went before.

    What other packages warn of is a line of the same form, so that the stream holds nothing else.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(level)


def request_ended(
    *,
    request_id: str,
    method: str,
    route: str | None,
    status: int | None,
    milliseconds: float,
    key_id: str | None,
    workspace: str | None,
) -> None:
    """One request and its answer.

    Args:
        request_id: the id that the response and the history carry too.
        method: GET, POST and so on.
        route: the template of the path, such as `/campaigns/{campaign_id}`; None where there is no such route.
        status: None where no answer was begun.
        milliseconds: from the first byte of the request to the end of the answer.
        key_id: None where the call had no valid key; its workspace likewise.
        workspace: the tenant of the key.
    """
    told = {
        "request_id": request_id,
        "method": method,
        "route": route,
        "status": status,
        "milliseconds": round(milliseconds, 1),
        "key_id": key_id,
        "workspace": workspace,
    }
    level = logging.ERROR if status is None or status >= 500 else logging.INFO
    LOGGER.log(level, "%s %s %s", method, route, status, extra={_TOLD: told})


def request_broke(request_id: str, wrong: BaseException) -> None:
    """An exception that nobody expected, with its traceback."""
    told = {"request_id": request_id, "error": type(wrong).__name__, "traceback": _traced(wrong)}
    LOGGER.error("%s in request %s", type(wrong).__name__, request_id, extra={_TOLD: told})


def _traced(wrong: BaseException) -> list[str]:
    """Where it came from, innermost last, and what it came from before it."""
    lines: list[str] = []
    seen: set[int] = set()
    each: BaseException | None = wrong
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        frames = [_place(frame) for frame in traceback.extract_tb(each.__traceback__)]
        lines[:0] = [*frames, type(each).__name__]
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return lines


def _place(frame: Any) -> str:
    return f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}"
