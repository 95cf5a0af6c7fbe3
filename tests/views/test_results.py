"""What came back about each mail and on each day, against a naive reading of the same events, erasures among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import UUID

import attrs
import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign_core import CAMPAIGNS, Metadata, Settings
from campaign_core.campaign import events as campaign
from campaign_core.kernel.kernel import VIEWS
from campaign_core.lead import events
from campaign_core.lead.events import Claimed, lead_of, stream_of, streams_of
from campaign_core.log.log import EventLog
from campaign_core.log.memory import MemoryStore
from campaign_core.log.ports import Store
from campaign_core.log.sqlite import SqliteStore
from campaign_core.recorded import Proposed, Recorded, Rows
from campaign_core.testing.scenario import AT
from campaign_core.views.results import RESULTS, Answer, MailResult, ResultRow
from campaign_core.views.timeline import TIMELINE, DayCounts
from campaign_core.views.view import Query
from tests.conftest import STORES
from tests.lead.given import ACCEPTED, CAMPAIGN_ID, DAY, INBOX_ID, RELEASED, SECOND, claimed
from tests.lead.histories import Step, scripts

OTHER_ID: Final = UUID(int=2)
#: Leads 1 and 2 of the one campaign; what scripts say of leads 3 and 4 happens to leads 1 and 2 of the other.
LEADS_OF_EACH: Final = 2
HOUR: Final = timedelta(hours=1)
_ANSWERS: Final = (
    events.Opened, events.Clicked, events.Replied, events.Bounced, events.Complained, events.Unsubscribed
)  # fmt: skip
_LATE: Final = st.sampled_from([timedelta(), timedelta(minutes=30), 15 * HOUR, DAY, 4 * DAY])


@frozen
class History:
    """What happened to two campaigns, and what was erased before which step: a campaign, or the values of a lead."""

    script: list[Step]
    erased: dict[int, UUID | int]


@st.composite
def told_late(draw: st.DrawFn, longest: int = 30) -> History:
    """Histories in which answers, and that a mail went, are told later than they happened."""
    script, claims = [], dict[int, datetime]()
    for step in draw(scripts(leads=2 * LEADS_OF_EACH, longest=longest)):
        proposed = []
        for each in step.proposed:
            at = step.at
            if isinstance(each.event, Claimed):
                claims[step.number] = at
            elif isinstance(each.event, events.Accepted):
                at = max(claims[step.number], at - draw(_LATE))
            elif isinstance(each.event, _ANSWERS):
                at -= draw(_LATE)
            proposed.append(attrs.evolve(each, occurred_at=at))
        script.append(attrs.evolve(step, proposed=tuple(proposed)))
    erasures = st.sampled_from([CAMPAIGN_ID, OTHER_ID, 1, 2])
    return History(script, draw(st.dictionaries(st.integers(0, longest), erasures, max_size=2)))


def metadata(at: datetime = AT) -> Metadata:
    return Metadata(workspace="default", actor="test", recorded_at=at)


def opened(store: Store) -> EventLog:
    """A log with two campaigns of two leads."""
    log = EventLog(store, VIEWS)
    for campaign_id in (CAMPAIGN_ID, OTHER_ID):
        uploaded = campaign.LeadsUploaded(
            batch_id=campaign_id,
            source=campaign.Source.FILE,
            first_number=1,
            imported=LEADS_OF_EACH,
            duplicates=0,
            fields=("email",),
        )
        leads = Rows(tuple({"email": f"lead{number}@example.com"} for number in range(1, LEADS_OF_EACH + 1)))
        begun = [Proposed(campaign.Created(settings=Settings("Spring launch"), seed=1)), Proposed(uploaded, leads)]
        log.append(campaign.stream_of(campaign_id), begun, metadata())
    return log


def play(log: EventLog, history: History) -> set[UUID]:
    """Lets it happen; answers the campaigns that were deleted. Of a deleted campaign nothing is claimed any more."""
    deleted: set[UUID] = set()
    given_up: set[str] = set()
    for place, step in enumerate(history.script):
        erased = history.erased.get(place)
        if isinstance(erased, UUID) and erased not in deleted:
            delete(log, erased)
            deleted.add(erased)
        elif isinstance(erased, int):
            with log.write() as writing:
                writing.erase_row(2, erased - 1)
        stream = stream_of(*_lead(step.number))
        claims = any(isinstance(each.event, Claimed) for each in step.proposed)
        if stream in given_up or (claims and _lead(step.number)[0] in deleted):
            given_up.add(stream)
            continue
        with log.write() as writing:
            writing.append(stream, step.proposed, metadata(step.at))
    return deleted


def delete(log: EventLog, campaign_id: UUID) -> None:
    """Deletes a campaign with all it holds."""
    with log.write() as writing:
        writing.append(campaign.stream_of(campaign_id), [Proposed(campaign.Deleted())], metadata())
        writing.erase_stream("default", campaign.stream_of(campaign_id))
        writing.erase_contents("default", streams_of(campaign_id))


def _lead(number: int) -> tuple[UUID, int]:
    return (CAMPAIGN_ID, number) if number <= LEADS_OF_EACH else (OTHER_ID, number - LEADS_OF_EACH)


def rows(log: EventLog, view: Any) -> list[Any]:
    with log.read() as snapshot:
        return snapshot.find(view, Query(where={"workspace": "default"}))


def histories(log: EventLog) -> Iterator[tuple[UUID, int, list[Recorded]]]:
    """Campaign, number and history of every lead."""
    with log.read() as snapshot:
        for number in range(1, 2 * LEADS_OF_EACH + 1):
            yield *_lead(number), snapshot.read_stream("default", stream_of(*_lead(number)))


@pytest.mark.parametrize("store", STORES)
@given(history=told_late())
@settings(max_examples=settings.default.max_examples // 2)
def test_every_answer_belongs_to_the_last_mail_that_went_before_it(store: str, history: History) -> None:
    """Whatever was told late, erased or deleted; days add up to the counts of the campaign; rebuilt, all is the same."""
    with TemporaryDirectory() as folder:
        kept: Store = MemoryStore()
        if store == "sqlite":
            kept = SqliteStore(Path(folder) / "campaigns.db", may_lose_last_commits=True)
        log = opened(kept)
        deleted = play(log, history)
        there = [each for each in histories(log) if each[0] not in deleted]
        assert found_mails(log) == {each[:2]: naive_mails(each[2]) for each in there if naive_mails(each[2])}
        assert {row.campaign_id for row in rows(log, TIMELINE)} == {CAMPAIGN_ID, OTHER_ID} - deleted
        for row in rows(log, TIMELINE):
            assert row.days == naive_days(each[2] for each in there if each[0] == row.campaign_id)
            assert list(row.days) == sorted(row.days)
            with log.read() as snapshot:
                counted = snapshot.get(CAMPAIGNS, ("default", row.campaign_id))
            assert sum(row.days.values(), DayCounts()) == DayCounts(
                counted.sent_count,
                counted.open_count,
                counted.reply_count,
                counted.bounce_count,
                counted.unsubscribe_count,
            )
        before = [rows(log, view) for view in (RESULTS, TIMELINE)]
        log.rebuild()
        assert [rows(log, view) for view in (RESULTS, TIMELINE)] == before
        log.close()


def found_mails(log: EventLog) -> dict[tuple[UUID, int], list[tuple[MailResult, set[Answer]]]]:
    return {
        (row.campaign_id, row.number): [(attrs.evolve(each, answers=()), set(each.answers)) for each in row.mails]
        for row in rows(log, RESULTS)
        if row.mails
    }


def naive_mails(history: Sequence[Recorded]) -> list[tuple[MailResult, set[Answer]]]:
    """Mails from claims and outcomes; each answer at the last mail claimed before it was told that went before it came."""
    mails: list[tuple[int, MailResult, set[Answer]]] = []
    claim: Recorded | None = None
    for each in history:
        event: Any = each.event
        if isinstance(event, Claimed):
            claim = each
        elif isinstance(event, events.Accepted) or getattr(event, "about_address", False):
            assert claim is not None
            answers = set() if isinstance(event, events.Accepted) else {Answer.BOUNCED}
            mails.append((claim.version, _mail(claim, each.occurred_at), answers))
        elif isinstance(event, events.Resolved) and event.sent:
            assert claim is not None
            mails.append((claim.version, _mail(claim, claim.occurred_at), set()))
    open_since = _open_claim(history)
    for each in history:
        answer = _answer(each.event)
        earlier = [(mail, answers) for version, mail, answers in mails if version < each.version]
        waits = open_since is not None and open_since.version < each.version and (
            each.occurred_at >= open_since.occurred_at
        )  # fmt: skip
        if answer is not None and earlier and not waits:
            before = [answers for mail, answers in earlier if mail.at <= each.occurred_at]
            (before[-1] if before else earlier[0][1]).add(answer)
    return [(mail, answers) for _, mail, answers in mails]


def _open_claim(history: Sequence[Recorded]) -> Recorded | None:
    """The claim of which nobody knows yet what became of its mail."""
    claim = None
    for each in history:
        if isinstance(each.event, Claimed):
            claim = each
        elif each.name.removeprefix("lead.") in ("accepted", "released", "deferred", "rejected", "resolved"):
            claim = None
    return claim


def _mail(claim: Recorded, at: datetime) -> MailResult:
    event = claim.event
    return MailResult(
        step_number=event.step_number,
        sequence_id=event.sequence_id,
        variant_name=event.variant_name,
        inbox_id=event.inbox_id,
        at=at,
    )


def _answer(event: Any) -> Answer | None:
    name = event.stored_name.removeprefix("lead.")
    if name == "opened":
        return Answer.OPENED_BY_MACHINE if event.by_machine else Answer.OPENED
    counts = name in tuple(Answer) and not getattr(event, "by_machine", False) and getattr(event, "hard", True)
    return Answer(name) if counts else None


def naive_days(found: Iterator[Sequence[Recorded]]) -> dict[str, DayCounts]:
    counts: Counter[tuple[str, str]] = Counter()
    for each in (each for history in found for each in history):
        event: Any = each.event
        day = each.occurred_at.astimezone(UTC).strftime("%Y-%m-%d")
        name = each.name.removeprefix("lead.")
        counts[day, "sent"] += name == "accepted" or (name == "resolved" and event.sent)
        counts[day, "opened"] += name == "opened" and event.first
        counts[day, "replied"] += name == "replied" and event.first
        counts[day, "bounced"] += getattr(event, "hard", False) or getattr(event, "about_address", False)
        counts[day, "unsubscribed"] += name == "unsubscribed"
    days = sorted({day for (day, _), count in counts.items() if count})
    names = [each.name for each in attrs.fields(DayCounts)]
    return {day: DayCounts(*(counts[day, name] for name in names)) for day in days}


def recorded_in(log: EventLog, *happened: tuple[datetime, Any]) -> ResultRow | None:
    """The row of lead 1 after these events, each with when it happened; they are told in this order."""
    for at, event in happened:
        log.append(stream_of(CAMPAIGN_ID, 1), [Proposed(event, occurred_at=at)], metadata(AT + 9 * DAY))
    with log.read() as snapshot:
        return snapshot.get(RESULTS, ("default", CAMPAIGN_ID, 1))


def answers_of(row: ResultRow | None) -> list[tuple[Answer, ...]]:
    assert row is not None
    return [mail.answers for mail in row.mails]


OPENED: Final = events.Opened(by_machine=False, first=True)
REPLIED: Final = events.Replied(by_machine=False, first=True)
FIRST_MAIL: Final = ((AT, claimed()), (AT + HOUR, ACCEPTED))
SECOND_CLAIM: Final = (AT + DAY, claimed(SECOND, 2))
OPEN, REPLY, BOUNCE = Answer.OPENED, Answer.REPLIED, Answer.BOUNCED


@pytest.fixture
def log() -> Iterator[EventLog]:
    opened_log = opened(MemoryStore())
    yield opened_log
    opened_log.close()


@pytest.mark.parametrize(
    ("happened", "answers"),
    [
        pytest.param(((AT + 2 * HOUR, OPENED),), [(OPEN,)], id="about the only mail"),
        pytest.param(((AT, OPENED),), [(OPEN,)], id="before the first mail went: about the first"),
        pytest.param(((AT + 2 * HOUR, OPENED), (AT + 3 * HOUR, OPENED)), [(OPEN,)], id="twice is once"),
        pytest.param(
            (SECOND_CLAIM, (AT + DAY + HOUR, ACCEPTED), (AT + 2 * HOUR, OPENED), (AT + 2 * DAY, REPLIED)),
            [(OPEN,), (REPLY,)],
            id="told late, about the mail before",
        ),
        pytest.param(
            (SECOND_CLAIM, (AT + DAY + HOUR, ACCEPTED), (AT, OPENED)),
            [(OPEN,), ()],
            id="before any mail went: about the first of two",
        ),
        pytest.param(
            (SECOND_CLAIM, (AT + DAY + HOUR, ACCEPTED), (AT + DAY + HOUR, OPENED)),
            [(), (OPEN,)],
            id="at the very instant at which a mail went",
        ),
        pytest.param((SECOND_CLAIM, (AT + 2 * HOUR, OPENED)), [(OPEN,)], id="told while the next is under way"),
        pytest.param((SECOND_CLAIM, (AT + DAY, OPENED)), [()], id="about the next, perhaps, while that is under way"),
        pytest.param(
            (SECOND_CLAIM, (AT + DAY + HOUR, OPENED), (AT + DAY + 2 * HOUR, ACCEPTED)),
            [(OPEN,), ()],
            id="while the next was under way and had not gone",
        ),
        pytest.param(
            (SECOND_CLAIM, (AT + DAY + HOUR, OPENED), (AT + DAY, ACCEPTED)),
            [(), (OPEN,)],
            id="while the next was under way and had gone",
        ),
        pytest.param(
            (SECOND_CLAIM, *((AT + DAY + each * HOUR, OPENED) for each in (1, 3)), (AT + DAY + 2 * HOUR, ACCEPTED)),
            [(OPEN,), (OPEN,)],
            id="before and after the next went",
        ),
        pytest.param(
            (SECOND_CLAIM, *((AT + DAY + each * HOUR, OPENED) for each in (3, 1)), (AT + DAY + 2 * HOUR, ACCEPTED)),
            [(OPEN,), (OPEN,)],
            id="after and before the next went, told in that order",
        ),
        pytest.param((SECOND_CLAIM, (AT + DAY + HOUR, OPENED), (AT + 2 * DAY, RELEASED)), [(OPEN,)], id="given back"),
        pytest.param(
            (SECOND_CLAIM, (AT + DAY, events.Rejected(code=550, about_address=True))),
            [(), (BOUNCE,)],
            id="an address that is refused is a mail that bounced",
        ),
        pytest.param(
            (SECOND_CLAIM, (AT + DAY, events.Rejected(code=554, about_address=False))),
            [()],
            id="a mail that is refused",
        ),
        pytest.param(
            (SECOND_CLAIM, (AT + 2 * DAY, OPENED), (AT + 3 * DAY, events.Resolved(sent=True, freed=None))),
            [(), (OPEN,)],
            id="an unknown mail that went, went when it was claimed",
        ),
        pytest.param(
            ((AT + DAY, events.Bounced(hard=False)), (AT + DAY, events.Replied(by_machine=True, first=False))),
            [()],
            id="soft bounces and absence notes are no answers",
        ),
    ],
)
def test_an_answer_finds_its_mail(log: EventLog, happened: Any, answers: list[tuple[Answer, ...]]) -> None:
    """The first mail was claimed at midnight and went an hour later; what follows is told in this order."""
    assert answers_of(recorded_in(log, *FIRST_MAIL, *happened)) == answers


def test_a_mail_is_known_by_its_step_its_variant_its_inbox_and_when_it_went(log: EventLog) -> None:
    row = recorded_in(log, *FIRST_MAIL)
    assert row is not None
    mail = MailResult(step_number=1, sequence_id=None, variant_name="A", inbox_id=INBOX_ID, at=AT + HOUR)
    assert (row.mails, row.under_way, row.heard) == ((mail,), None, ())


def test_what_is_heard_of_the_first_mail_before_it_is_known_to_have_gone_is_about_it(log: EventLog) -> None:
    """Even what is said to have happened before it was claimed."""
    row = recorded_in(log, (AT, claimed()), (AT - HOUR, OPENED), (AT + HOUR, REPLIED), (AT + 2 * HOUR, ACCEPTED))
    assert answers_of(row) == [(OPEN, REPLY)]
    assert row is not None
    assert row.heard == ()


def test_a_lead_that_was_sent_nothing_after_all_has_no_row(log: EventLog) -> None:
    """And what was heard of the mail that did not go is about nothing."""
    assert recorded_in(log, (AT, claimed()), (AT, OPENED), (AT, RELEASED)) is None
    assert answers_of(recorded_in(log, *FIRST_MAIL)) == [()]


def test_what_is_told_of_a_deleted_campaign_begins_no_row_anew(log: EventLog) -> None:
    """An answer is still recorded then."""
    recorded_in(log, *FIRST_MAIL)
    delete(log, CAMPAIGN_ID)
    assert recorded_in(log, (AT + DAY, OPENED), (AT + DAY, events.Unsubscribed())) is None
    assert [row.campaign_id for row in rows(log, TIMELINE)] == [OTHER_ID]


def test_a_day_is_a_day_in_utc(log: EventLog) -> None:
    """Of when it happened, whenever it was told, and in whatever order."""
    recorded_in(log, *FIRST_MAIL, (AT + 3 * DAY, OPENED), (AT + DAY - timedelta(seconds=1), REPLIED))
    assert days_of(log) == {"2030-01-01": DayCounts(sent=1, replied=1), "2030-01-04": DayCounts(opened=1)}


def days_of(log: EventLog) -> dict[str, DayCounts]:
    return next(row.days for row in rows(log, TIMELINE) if row.campaign_id == CAMPAIGN_ID)


@pytest.mark.parametrize(("sent", "count"), [(True, 1), (False, 0)], ids=["went", "did not go"])
def test_an_unknown_mail_counts_on_the_day_on_which_it_is_known(log: EventLog, sent: bool, count: int) -> None:
    """If it went."""
    known = events.Resolved(sent=sent, freed=None)
    recorded_in(log, (AT, claimed()), (AT + HOUR, events.OutcomeUnknown()), (AT + DAY, known))
    assert sum(days_of(log).values(), DayCounts()) == DayCounts(sent=count)
    assert list(days_of(log)) == ["2030-01-02"] * count


def test_rows_of_results_know_their_lead(log: EventLog) -> None:
    row = recorded_in(log, *FIRST_MAIL)
    assert row is not None
    assert (row.workspace, row.campaign_id, row.number) == ("default", *lead_of(stream_of(CAMPAIGN_ID, 1)))
