"""The status of a lead as readers see it. Source: reference section 7.1."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class LeadStatus(StrEnum):
    """Where a lead is on its way through the campaign."""

    #: Not contacted, eligible.
    PENDING = "PENDING"


#: The statuses of leads that have not reached an end.
OPEN: Final = frozenset({LeadStatus.PENDING})
