"""What comes back about a mail: recorded wherever the lead is; what it ends, it ends once no mail is under way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest

from campaign_core import (
    NothingSent,
    RecordBounce,
    RecordClick,
    RecordComplaint,
    RecordOpen,
    RecordReply,
    RecordUnsubscribe,
    ReleaseClaim,
    ReleaseReason,
    UnknownLead,
)
from campaign_core.lead.events import (
    Bounced,
    Clicked,
    Complained,
    DetailsRevised,
    Finished,
    Opened,
    OutcomeUnknown,
    Rejected,
    Replied,
    Resolved,
    Stopped,
    StopReason,
    Unsubscribed,
)
from campaign_core.recorded import Proposed
from campaign_core.testing.scenario import AT
from tests.lead.given import (
    ACCEPTED,
    CAMPAIGN_ID,
    LEAD_ID,
    RELEASED,
    SECOND,
    claimed,
    deferred,
    facts,
    reservation,
    when,
)

ABOUT = (CAMPAIGN_ID, LEAD_ID)
SENT = (claimed(), ACCEPTED)
RELEASE = ReleaseClaim(*ABOUT, 1, reason=ReleaseReason.STOPPING)
#: What ends a walk, the event of it, and the reason of the stop.
ENDINGS: dict[str, tuple[Any, Any, StopReason]] = {
    "reply": (RecordReply(*ABOUT), Replied(by_machine=False, first=True), StopReason.REPLIED),
    "hard bounce": (RecordBounce(*ABOUT), Bounced(hard=True), StopReason.BOUNCED),
    "complaint": (RecordComplaint(*ABOUT), Complained(), StopReason.COMPLAINED),
    "unsubscribe": (RecordUnsubscribe(*ABOUT), Unsubscribed(), StopReason.UNSUBSCRIBED),
}
#: What ends nothing, and the event of it.
OTHERS: dict[str, tuple[Any, Any]] = {
    "open": (RecordOpen(*ABOUT), Opened(by_machine=False, first=True)),
    "open by a machine": (RecordOpen(*ABOUT, by_machine=True), Opened(by_machine=True, first=False)),
    "click": (RecordClick(*ABOUT, link=3), Clicked(link=3, by_machine=False, first=True)),
    "click by a machine": (RecordClick(*ABOUT, by_machine=True), Clicked(link=1, by_machine=True, first=False)),
    "automatic reply": (RecordReply(*ABOUT, by_machine=True), Replied(by_machine=True, first=False)),
    "soft bounce": (RecordBounce(*ABOUT, hard=False), Bounced(hard=False)),
}
EVERY = {**{name: (command, event) for name, (command, event, _) in ENDINGS.items()}, **OTHERS}
UNDER_WAY = {
    "claimed": (claimed(),),
    "follow-up claimed": (*SENT, claimed(SECOND, 2)),
    "unknown": (claimed(), OutcomeUnknown()),
}
ENDED = {
    "finished": (*SENT, Finished()),
    "stopped": (*SENT, Stopped(reason=StopReason.SUPPRESSED)),
    "rejected": (*SENT, claimed(SECOND, 2), Rejected(code=550, about_address=False)),
}


@pytest.mark.parametrize("name", ENDINGS)
def test_what_ends_a_walk_ends_it_where_nothing_is_under_way(name: str) -> None:
    command, event, reason = ENDINGS[name]
    when(command, *SENT).then(event, Stopped(reason=reason))


@pytest.mark.parametrize("name", OTHERS)
def test_what_ends_nothing_is_recorded_alone(name: str) -> None:
    """Automatic replies, soft bounces, opens and clicks; a program's is never the first of its kind."""
    command, event = OTHERS[name]
    when(command, *SENT).then(event)


@pytest.mark.parametrize("given", [*UNDER_WAY.values(), *ENDED.values()], ids=[*UNDER_WAY, *ENDED])
@pytest.mark.parametrize("name", EVERY)
def test_every_answer_is_recorded_alone_while_a_mail_is_under_way_and_after_the_end(
    name: str, given: tuple[Any, ...]
) -> None:
    command, event = EVERY[name]
    when(command, *given).then(event)


@pytest.mark.parametrize("name", EVERY)
def test_an_answer_keeps_its_time(name: str) -> None:
    """That of the reader where it is known; the end of the walk is an event of now."""
    command, event = EVERY[name]
    at = AT - timedelta(hours=3)
    decided = when(attrs.evolve(command, at=at), *SENT)
    assert decided.proposed[0] == Proposed(event, occurred_at=at)
    assert [each.occurred_at for each in decided.proposed[1:]] in ([], [None])


@pytest.mark.parametrize("name", sorted(set(EVERY) - {"unsubscribe"}))
@pytest.mark.parametrize(
    "given",
    [
        pytest.param((), id="never contacted"),
        pytest.param((DetailsRevised(fields=("company",)),), id="only revised"),
        pytest.param((claimed(), RELEASED), id="given back"),
        pytest.param((claimed(), deferred()), id="put off"),
        pytest.param((claimed(), Rejected(code=550, about_address=True)), id="rejected"),
    ],
)
def test_nothing_can_come_back_where_nothing_was_sent(name: str, given: tuple[Any, ...]) -> None:
    when(EVERY[name][0], *given).then_rejected(NothingSent, lead_id=LEAD_ID)


def test_whoever_was_never_written_to_can_unsubscribe() -> None:
    """Somebody asked by telephone, say: the walk ends before it began."""
    when(RecordUnsubscribe(*ABOUT)).then(Unsubscribed(), Stopped(reason=StopReason.UNSUBSCRIBED))
    when(RecordUnsubscribe(*ABOUT), claimed(), deferred()).then(Unsubscribed(), Stopped(reason=StopReason.UNSUBSCRIBED))


def test_a_mail_said_not_to_have_gone_may_still_be_answered() -> None:
    """The operator's word was wrong, and the reader's ends the walk."""
    resolved = Resolved(sent=False, freed=reservation())
    answer = when(RecordReply(*ABOUT), claimed(), OutcomeUnknown(), resolved)
    answer.then(Replied(by_machine=False, first=True), Stopped(reason=StopReason.REPLIED))


FIRSTS: dict[str, tuple[Callable[..., Any], Callable[..., Any], dict[str, Any]]] = {
    "open": (RecordOpen, Opened, {}),
    "click": (RecordClick, Clicked, {"link": 1}),
    "reply": (RecordReply, Replied, {}),
}


@pytest.mark.parametrize("name", FIRSTS)
def test_the_first_of_its_kind_is_the_first_by_a_person(name: str) -> None:
    """A program before it takes nothing away; a second is recorded, as a second."""
    record, happened, more = FIRSTS[name]
    by_machine = happened(by_machine=True, first=False, **more)
    first = happened(by_machine=False, first=True, **more)
    again = happened(by_machine=False, first=False, **more)
    command = record(*ABOUT)
    assert when(command, *SENT, by_machine).proposed[0].event == first
    assert when(command, *SENT, first, by_machine).proposed[0].event == again
    when(record(*ABOUT, by_machine=True), *SENT, Finished(), first).then(by_machine)


@pytest.mark.parametrize("name", ["hard bounce", "complaint", "unsubscribe"])
def test_what_is_true_already_is_not_recorded_again(name: str) -> None:
    command, event, reason = ENDINGS[name]
    when(command, *SENT, event, Stopped(reason=reason)).then_nothing()


def test_an_address_refused_by_a_server_bounced_already() -> None:
    given = (*SENT, claimed(SECOND, 2), Rejected(code=550, about_address=True))
    when(RecordBounce(*ABOUT), *given).then_nothing()
    when(RecordBounce(*ABOUT, hard=False), *given).then(Bounced(hard=False))


def test_soft_bounces_are_recorded_each_time() -> None:
    soft = Bounced(hard=False)
    when(RecordBounce(*ABOUT, hard=False), *SENT, soft).then(soft)


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        pytest.param((ENDINGS["reply"][1], Bounced(hard=True)), StopReason.BOUNCED, id="bounce over reply"),
        pytest.param((Bounced(hard=True), Complained()), StopReason.COMPLAINED, id="complaint over bounce"),
        pytest.param((Complained(), Unsubscribed()), StopReason.UNSUBSCRIBED, id="unsubscribe over complaint"),
    ],
)
def test_of_several_answers_the_gravest_is_the_reason(events: tuple[Any, ...], reason: StopReason) -> None:
    """Whichever came first, as a stop that waited for a report names one."""
    for given in (events, events[::-1]):
        when(RELEASE, claimed(), *given).then(RELEASED, Stopped(reason=reason))


def test_an_answer_finishes_the_walk_where_no_follow_up_is_left() -> None:
    """The follow-ups were deleted while the lead waited; a mail that is put off is still to go."""
    when(RecordOpen(*ABOUT), *SENT, known=facts(())).then(OTHERS["open"][1], Finished())
    given = (*SENT, claimed(SECOND, 2), deferred())
    when(RecordOpen(*ABOUT), *given, known=facts(())).then(OTHERS["open"][1])


@pytest.mark.parametrize("name", EVERY)
def test_an_answer_from_a_lead_that_is_not_there_is_refused(name: str) -> None:
    when(EVERY[name][0], known=facts(exists=False)).then_rejected(UnknownLead, given=LEAD_ID)
