"""How often is what may be asked again asked again?"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

from campaign_core.errors import CampaignError

_ATTEMPTS: Final = 3
_PAUSE_SECONDS: Final = 0.05
T = TypeVar("T")


def retried(work: Callable[[], T]) -> T:
    """What the work answers. An error that calls itself retryable is tried again, at most three times in all."""
    for attempt in range(1, _ATTEMPTS):
        try:
            return work()
        except CampaignError as wrong:
            if not wrong.retryable:
                raise
        time.sleep(_PAUSE_SECONDS * attempt)
    return work()
