"""Which campaign or inbox does a typed id name?

A whole UUID, or its first characters where they fit one campaign or inbox only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from campaign_core import (
    CAMPAIGNS,
    INBOXES,
    LEADS,
    CommandRejected,
    InvalidMessage,
    Kernel,
    Problem,
    UnknownCampaign,
    UnknownInbox,
    UnknownLead,
)
from campaign_core.intake.addresses import key_of, normalised

#: The fewest characters that are taken as the beginning of an id, and the fewest that are shown.
SHORTEST_GIVEN: Final = 6
SHORTEST_SHOWN: Final = 8
_BEGINNING: Final = re.compile(rf"[0-9a-f][0-9a-f-]{{{SHORTEST_GIVEN - 1},34}}")
_EXAMPLE: Final = "6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b"


def campaign_named(kernel: Kernel, given: str) -> UUID:
    """The campaign an id names. A whole UUID is taken as it is, whether or not there is such a campaign.

    Raises:
        InvalidMessage: it is no id, or the beginning of several.
        UnknownCampaign: no campaign's id begins like that.
    """
    return _whole(given) or _only(given, _campaigns(kernel), UnknownCampaign(given))


def inbox_named(kernel: Kernel, given: str) -> UUID:
    """The inbox an id names. A whole UUID is taken as it is, whether or not there is such an inbox.

    Raises:
        InvalidMessage: it is no id, or the beginning of several.
        UnknownInbox: no inbox's id begins like that.
    """
    return _whole(given) or _only(given, _inboxes(kernel), UnknownInbox(given))


def lead_named(kernel: Kernel, campaign_id: UUID, given: str) -> UUID:
    """The lead of a campaign that an id or an address names. A whole UUID is taken as it is.

    Raises:
        InvalidMessage: it is neither.
        UnknownLead: no lead of the campaign has the address.
    """
    if "@" not in given:
        return whole_id(given, "LEAD", " or the lead's address")
    try:
        address = key_of(normalised(given))
    except ValueError as wrong:
        raise InvalidMessage((Problem("LEAD", f"{given!r} is no e-mail address: {str(wrong).rstrip('.')}"),)) from wrong
    found = kernel.view(LEADS).find({"campaign_id": campaign_id, "address": address}, limit=1)
    if not found:
        raise UnknownLead(given)
    return found[0].lead_id


def whole_id(given: str, name: str, otherwise: str = "") -> UUID:
    """The UUID that was given whole.

    Raises:
        InvalidMessage: it is none.
    """
    try:
        return UUID(given)
    except ValueError as wrong:
        sentence = f"must be a UUID such as {_EXAMPLE}{otherwise}, is {given!r}"
        raise InvalidMessage((Problem(name, sentence),)) from wrong


def anything_named(kernel: Kernel, given: str) -> UUID:
    """The campaign or inbox an id names. A whole UUID is taken as it is.

    Raises:
        InvalidMessage: it is no id, or the beginning of several.
        UnknownCampaign: neither a campaign's id nor an inbox's begins like that.
    """
    return _whole(given) or _only(given, [*_campaigns(kernel), *_inboxes(kernel)], UnknownCampaign(given))


def short(identity: UUID, among: Iterable[UUID] = ()) -> str:
    """The beginning of an id, long enough to tell it from all the others."""
    text = str(identity)
    others = [str(each) for each in among if each != identity]
    length = SHORTEST_SHOWN
    while any(other.startswith(text[:length]) for other in others):
        length += 1
    return text[:length]


def _campaigns(kernel: Kernel) -> list[UUID]:
    return [row.campaign_id for row in kernel.view(CAMPAIGNS).find()]


def _inboxes(kernel: Kernel) -> list[UUID]:
    return [row.inbox_id for row in kernel.view(INBOXES).find()]


def _whole(given: str) -> UUID | None:
    """The UUID, if that is what was given; None for the beginning of one."""
    try:
        return UUID(given)
    except ValueError:
        if _BEGINNING.fullmatch(given.lower()):
            return None
    raise InvalidMessage(
        (Problem("ID", f"must be a UUID such as {_EXAMPLE}, or its first {SHORTEST_GIVEN} or more, is {given!r}"),)
    )


def _only(given: str, known: Sequence[UUID], unknown: CommandRejected) -> UUID:
    fitting = [each for each in known if str(each).startswith(given.lower())]
    if not fitting:
        raise unknown
    if len(fitting) > 1:
        raise InvalidMessage(
            (Problem("ID", f"{given!r} is the beginning of {len(fitting)} ids; give more of the one you mean"),)
        )
    return fitting[0]
