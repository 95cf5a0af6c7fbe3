"""Which step comes next for a lead, when it is due, and whether its condition holds. Source: reference sections 9.2 and 20.4.

The chain of follow-ups may be edited while leads are under way, so a lead does not keep the number of its next step: it is
the one behind the last step it was sent or skipped, in the chain as it is now.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from attrs import frozen

from campaign_core.lead.state import LeadState

NOT_OPENED, NOT_REPLIED, OPENED_BUT_NOT_REPLIED = "NOT_OPENED", "NOT_REPLIED", "OPENED_BUT_NOT_REPLIED"
#: How often a server may put a mail off, and how long it then waits. Source: reference section 20.6.
TRIES: Final = 3
BACK_OFF: Final = (timedelta(minutes=15), timedelta(hours=1))


@frozen(kw_only=True)
class ChainStep:
    """A follow-up, as far as the walk needs it."""

    sequence_id: UUID
    step_number: int
    wait_days: int
    #: NOT_OPENED, NOT_REPLIED or OPENED_BUT_NOT_REPLIED.
    trigger_type: str


def next_step(done: Sequence[UUID | None], chain: Sequence[ChainStep]) -> ChainStep | None:
    """The follow-up behind the last one that is done; None behind the last of the chain.

    Where every follow-up that was done is gone from the chain, it is the first that is there.
    """
    places = {step.sequence_id: place for place, step in enumerate(chain)}
    last = max((places[each] for each in done if each in places), default=-1)
    return chain[last + 1] if last + 1 < len(chain) else None


def due_at(since: datetime, step: ChainStep) -> datetime:
    """When a follow-up is due: so many days of 24 hours after the mail, or the skipped step, before it."""
    return since + timedelta(days=step.wait_days)


def holds(step: ChainStep, state: LeadState, *, tracks_opens: bool) -> bool:
    """Whether the condition of a follow-up holds, over all earlier mails. Without tracking nothing counts as opened."""
    opened = state.opened and tracks_opens
    if step.trigger_type == NOT_OPENED:
        return not opened
    if step.trigger_type == OPENED_BUT_NOT_REPLIED:
        return opened and not state.replied
    return not state.replied
