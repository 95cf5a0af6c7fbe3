"""The lifecycle of a lead on its walk through the steps of its campaign.

WAITING  for the next step to become due: for the first mail, or for a follow-up.
CLAIMED  a worker has taken the next mail and may be sending it now.
UNKNOWN  the claim ran out and nobody knows whether the mail went. It is never sent again without an operator's word.
ENDED    nothing more will be sent.

What comes back about a mail is recorded in every status. What readers see, PENDING to UNSUBSCRIBED, is derived in
`status`. Source: DESIGN section 8.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from campaign_core.lifecycle import Lifecycle, moves


class Walk(StrEnum):
    """Where a lead is on its walk."""

    WAITING = "WAITING"
    CLAIMED = "CLAIMED"
    UNKNOWN = "UNKNOWN"
    ENDED = "ENDED"


_WAITING, _CLAIMED, _UNKNOWN, _ENDED = Walk.WAITING, Walk.CLAIMED, Walk.UNKNOWN, Walk.ENDED

#: Where each event leaves the lead, by its stored name; others leave it where it is.
LANDING: Final = {
    "lead.claimed": _CLAIMED,
    "lead.released": _WAITING,
    "lead.accepted": _WAITING,
    "lead.deferred": _WAITING,
    "lead.rejected": _ENDED,
    "lead.outcome_unknown": _UNKNOWN,
    "lead.resolved": _WAITING,
    "lead.stopped": _ENDED,
    "lead.finished": _ENDED,
}

TABLE: Final = (
    *moves("claim", _WAITING, to=_CLAIMED),
    *moves("release", _CLAIMED, _UNKNOWN, to=_WAITING),
    *moves("accept", _CLAIMED, _UNKNOWN, to=_WAITING),
    *moves("defer", _CLAIMED, _UNKNOWN, to=_WAITING),
    *moves("reject", _CLAIMED, _UNKNOWN, to=_ENDED),
    *moves("lose", _CLAIMED, to=_UNKNOWN),
    *moves("resolve", _UNKNOWN, to=_WAITING),
    *moves("stop", _WAITING, to=_ENDED),
    *moves("finish", _WAITING, to=_ENDED),
    # Rights that move nothing.
    *moves("skip", _WAITING),
    *moves("answer", _WAITING, _CLAIMED, _UNKNOWN, _ENDED),
)

LEAD: Final = Lifecycle.of(
    "lead",
    list(Walk),
    TABLE,
    {
        "claim": "be claimed",
        "release": "be released",
        "accept": "have its mail reported as sent",
        "defer": "have its mail put off",
        "reject": "have its mail reported as rejected",
        "lose": "have the outcome of its mail declared unknown",
        "resolve": "have an unknown outcome resolved",
        "stop": "be stopped",
        "finish": "be finished",
        "skip": "have a step skipped",
        "answer": "have an answer recorded",
    },
)
