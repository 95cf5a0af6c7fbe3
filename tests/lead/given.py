"""What scenarios of leads start from: the follow-ups of a campaign, claims, a history for each place on the walk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import attrs

from campaign_core.lead.decisions import LEAD_DECIDER, LeadFacts
from campaign_core.lead.events import (
    Accepted,
    Claimed,
    Deferred,
    OutcomeUnknown,
    Released,
    ReleaseReason,
    Reservation,
    Stopped,
    StopReason,
)
from campaign_core.lead.lifecycle import Walk
from campaign_core.lead.walk import ChainStep
from campaign_core.recorded import Recorded
from campaign_core.testing.scenario import AT, Decided, recorded, scenario

CAMPAIGN_ID, LEAD_ID, INBOX_ID = UUID(int=1), UUID(int=7), UUID(int=21)
#: The ids of the follow-ups: steps 2, 3 and 4.
SECOND, THIRD, FOURTH = UUID(int=102), UUID(int=103), UUID(int=104)
WIRE: Final = "0123456789abcdef" * 4
DAY: Final = timedelta(days=1)


def chain_step(sequence_id: UUID, number: int, wait_days: int = 3, trigger: str = "NOT_REPLIED") -> ChainStep:
    """A follow-up."""
    return ChainStep(sequence_id=sequence_id, step_number=number, wait_days=wait_days, trigger_type=trigger)


#: Two follow-ups: three days after the first mail, and three days later.
CHAIN: Final = (chain_step(SECOND, 2), chain_step(THIRD, 3))


def facts(chain: Sequence[ChainStep] = CHAIN, *, at: datetime = AT, **others: Any) -> LeadFacts:
    """What else is known: by default two follow-ups, and that opens are tracked."""
    return LeadFacts(at=at, chain=tuple(chain), **{"tracks_opens": True, **others})


def reservation(inbox_id: UUID = INBOX_ID) -> Reservation:
    """One mail of an inbox, on the day of the scenario."""
    return Reservation(inbox_id=inbox_id, utc_day="2030-01-01", local_day="2029-12-31")


def claimed(sequence_id: UUID | None = None, step_number: int = 1, **others: Any) -> Claimed:
    """A claim of the first mail, unless said otherwise."""
    event = Claimed(
        step_number=step_number,
        sequence_id=sequence_id,
        variant_name="A",
        reserved=reservation(),
        worker="worker-1",
        deadline=AT + timedelta(minutes=10),
        address_hash="a" * 64,
        campaign_version=9,
        values_position=3,
        values_place=1,
        public_url=None,
    )
    return attrs.evolve(event, **others)


ACCEPTED: Final = Accepted(wire_digest=WIRE)
RELEASED: Final = Released(reason=ReleaseReason.STOPPING, freed=reservation())


def deferred(retry_at: datetime = AT + timedelta(minutes=15), code: int | None = 451) -> Deferred:
    """The open claim put off."""
    return Deferred(code=code, retry_at=retry_at, freed=reservation())


#: A history for each place on the walk; in all but WAITING something was claimed last.
HISTORIES: Final[dict[Walk, tuple[Any, ...]]] = {
    Walk.WAITING: (claimed(), ACCEPTED),
    Walk.CLAIMED: (claimed(), ACCEPTED, claimed(SECOND, 2)),
    Walk.UNKNOWN: (claimed(), ACCEPTED, claimed(SECOND, 2), OutcomeUnknown()),
    Walk.ENDED: (claimed(), ACCEPTED, Stopped(reason=StopReason.SUPPRESSED)),
}


def history(*events: Any, at: datetime = AT) -> list[Recorded]:
    """Events as they are recorded one after the other, all at one instant."""
    return [
        each if isinstance(each, Recorded) else recorded(each, place, at=at) for place, each in enumerate(events, 1)
    ]


def when(command: Any, *events: Any, known: LeadFacts | None = None) -> Decided:
    """The decision on a command after a history."""
    return scenario(LEAD_DECIDER).given(*events).when(command, known or facts())
