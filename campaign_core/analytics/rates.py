"""What share of the mails was opened, answered, returned? Counts that can be added, and the rates that follow from them.

Rates are fractions from 0 to 1 and keep every digit; `shown` rounds them to the four decimals that people and programs are
given. A rate over nothing is None, not 0: nothing was sent, so nothing is known. The average over several campaigns is
pooled, so that each mail counts alike: the rates of the sum, not the mean of the rates. Source: reference section 15.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import Attribute, field, fields, frozen

from campaign_core.errors import MisuseError

#: So many decimals of a rate are shown.
DECIMALS = 4


def _not_negative(counts: Counts, attribute: Attribute[int], value: Any) -> None:
    if value < 0:
        raise MisuseError(f"A count is 0 or more; {attribute.name} is {value}.")


def _count() -> int:
    count: int = field(default=0, validator=_not_negative)
    return count


@frozen(kw_only=True)
class Counts:
    """How many mails were sent and what came of them; each mail counts once in each field, however often it was opened.

    `Counts()` is nothing at all; added to any counts it changes nothing. Fields other than `sent` and `bounced` are about
    mails that count as sent. Each is 0 or more.

    Raises:
        MisuseError: a count below 0.
    """

    #: Mails that were accepted and did not bounce.
    sent: int = _count()
    #: Opened by a person, as far as can be told.
    opened: int = _count()
    #: A link in it was clicked by a person, as far as can be told.
    clicked: int = _count()
    #: Answered by a person; an answer by a machine is none.
    replied: int = _count()
    #: Came back. These are not part of `sent`.
    bounced: int = _count()
    #: The reader asked for no more.
    unsubscribed: int = _count()
    #: The reader called it spam.
    complained: int = _count()
    #: Opened by a machine: a scanner or a proxy that loads every picture. May have been opened by a person as well.
    opened_by_machine: int = _count()

    def __add__(self, other: Counts) -> Counts:
        """Both together, field by field."""
        return Counts(**{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(Counts)})


@frozen(kw_only=True)
class Rates:
    """Fractions, each None where there is nothing to divide by."""

    #: Over `sent`, as are all that say nothing else.
    open_rate: float | None
    click_rate: float | None
    reply_rate: float | None
    #: Over `sent` and `bounced` together, because `sent` leaves the bounced ones out.
    bounce_rate: float | None
    unsubscribe_rate: float | None
    complaint_rate: float | None
    machine_open_rate: float | None
    #: Replies over opens.
    open_to_reply_rate: float | None


def rates(counts: Counts) -> Rates:
    """The rates that follow from these counts."""
    sent = counts.sent
    return Rates(
        open_rate=_share(counts.opened, sent),
        click_rate=_share(counts.clicked, sent),
        reply_rate=_share(counts.replied, sent),
        bounce_rate=_share(counts.bounced, sent + counts.bounced),
        unsubscribe_rate=_share(counts.unsubscribed, sent),
        complaint_rate=_share(counts.complained, sent),
        machine_open_rate=_share(counts.opened_by_machine, sent),
        open_to_reply_rate=_share(counts.replied, counts.opened),
    )


def pooled(each: Iterable[Counts]) -> Rates:
    """The average rates of several campaigns, days or steps: every mail counts alike."""
    return rates(sum(each, Counts()))


def shown(rate: float | None) -> float | None:
    """A rate as it is shown: four decimals; None stays None, and who has to show a number shows 0."""
    return None if rate is None else round(rate, DECIMALS)


def percent(part: int, whole: int) -> float:
    """A share as a percentage with two decimals; 0 where there is nothing to divide by."""
    return round((_share(part, whole) or 0.0) * 100, 2)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
