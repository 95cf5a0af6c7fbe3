"""Rows folded one event at a time, rows folded anew, and rows folded across breakdowns and crashes are the same rows."""

from __future__ import annotations

import base64
import pickle
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from campaign_core import (
    ActivateCampaign,
    ArchiveCampaign,
    CampaignError,
    CreateCampaign,
    DeleteCampaign,
    DisableInbox,
    DuplicateAction,
    EditAction,
    Kernel,
    Outcome,
    PauseCampaign,
    RegisterInbox,
    RemoveInbox,
    RemoveLeads,
    ReviseLead,
    SequenceEdit,
    UpdateCampaign,
    UploadLeads,
    VerifyInbox,
    open_kernel,
)
from campaign_core.lead.identity import lead_id_of
from campaign_core.log.memory import MemoryStore
from campaign_core.log.ports import Store
from campaign_core.log.sqlite import SqliteStore
from tests.conftest import AT
from tests.properties.asked import FIELDS, RECENT, command, orders
from tests.properties.breaking import Breaking, Fault, Interrupt
from tests.properties.files import usual_uploads
from tests.properties.mails import resolved_edits
from tests.properties.weights import any_of
from tests.storage import jobs
from tests.storage.logs import contents_of, rows
from tests.storage.own_view import OWN
from tests.storage.processes import Forge

FIRST, SECOND, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)
INBOXES = (UUID(int=11), UUID(int=12))
LEADS_CSV = b"email,first_name\nann@leads.org,Ann\nbob@firm.net,\n"

MORE_CSV = LEADS_CSV.replace(b"Ann", b"Anna") + b"cid@leads.org,Cid\n"
ANN = lead_id_of(FIRST, 1)
EDIT = SequenceEdit(action=EditAction.EDIT, sequence_id=jobs.FOLLOW_UP.sequence_id, variants=(jobs.SHORT_MAIL,))

#: What a history begins with: two inboxes, a running campaign, a draft that has everything.
PRELUDE: list[Any] = [
    RegisterInbox("me@firm.org", inbox_id=INBOXES[0]),
    VerifyInbox(INBOXES[0]),
    RegisterInbox("you@firm.org", inbox_id=INBOXES[1]),
    CreateCampaign("First campaign", campaign_id=FIRST),
    UploadLeads(FIRST, LEADS_CSV),
    UpdateCampaign(FIRST, inbox_ids=INBOXES[:1], variants=(jobs.VARIANT,), sequences=(jobs.FOLLOW_UP,), launch=True),
    CreateCampaign("Second campaign", campaign_id=SECOND),
    UploadLeads(SECOND, LEADS_CSV),
    UpdateCampaign(SECOND, inbox_ids=INBOXES[:1], variants=(jobs.VARIANT,)),
]

#: A kind of command, which campaign or inbox it is about, and its other fields.
ORDERS = any_of(
    *[orders(kind) for kind in FIELDS if kind not in ("CreateCampaign", "RegisterInbox")],
    *[orders("UpdateCampaign")] * 6,
    *[st.tuples(st.just("UploadLeads"), RECENT, usual_uploads())] * 3,
    st.tuples(st.just("CreateCampaign"), st.integers(20, 22), st.just({"name": "Another campaign"})),
)


class Subject:
    """A kernel with a view of its own, whose clock and ids say only which command it is at."""

    def __init__(self, store: Store) -> None:
        self._number = 0
        self.kernel = open_kernel(store, clock=lambda: AT, ids=lambda: UUID(int=self._number), views=[OWN])

    def ask(self, number: int, asked: Any) -> Outcome | CampaignError:
        """What the command answers, or the refusal."""
        self._number = number
        try:
            return attrs.evolve(self.kernel.handle(asked, command_id=f"command-{number}"), scrubbed=None)
        except CampaignError as refusal:
            return refusal

    def shown(self) -> list[list[Any]]:
        """Every row of every view."""
        return rows(self.kernel, OWN)

    def begin(self) -> None:
        """Carries out the prelude."""
        for number, asked in enumerate(PRELUDE, 100):
            assert isinstance(self.ask(number, asked), Outcome)


def made_of(order: tuple[str, int, dict[str, Any]]) -> Any:
    """The command of an order."""
    kind, which, fields = order
    if kind.endswith("Inbox"):
        return command(kind, {"inbox_id": INBOXES[which % 2]})
    campaign_id = {0: SECOND, 1: FIRST, 20: UUID(int=20)}.get(which, UUID(int=which))
    fields = {"campaign_id": campaign_id, **fields}
    if "inboxes" in fields:
        fields["inbox_ids"] = tuple(INBOXES[each % 2] for each in fields.pop("inboxes"))
    if fields.get("sequence_edits") is not None:
        fields["sequence_edits"] = resolved_edits(fields["sequence_edits"], [jobs.FOLLOW_UP.sequence_id])
    if "lead" in fields:
        fields["lead_id"] = lead_id_of(campaign_id, 1 + fields.pop("lead"))
    if "leads" in fields:
        fields["lead_ids"] = tuple(lead_id_of(campaign_id, 1 + each) for each in fields.pop("leads"))
    return command(kind, fields)


@pytest.mark.parametrize("store", ["memory", "sqlite"])
@hypothesis_settings(max_examples=max(10, hypothesis_settings.default.max_examples // 5))
@given(orders=st.lists(ORDERS, min_size=3, max_size=6), error=st.sampled_from([Fault, Interrupt]))
def test_a_breakdown_anywhere_leaves_nothing_and_the_next_try_everything(
    store: str, orders: list[tuple[str, int, dict[str, Any]]], error: type[BaseException]
) -> None:
    """Each command breaks down at its first call of a port, then at its second, and so on until it gets through."""
    with TemporaryDirectory() as folder:
        kept: Store = MemoryStore()
        if store == "sqlite":
            kept = SqliteStore(Path(folder) / "campaigns.db", may_lose_last_commits=True)
        breaking = Breaking(kept)
        subject, twin = Subject(breaking), Subject(MemoryStore())
        with subject.kernel, twin.kernel:
            subject.begin()
            twin.begin()
            for number, asked in enumerate(map(made_of, orders), 200):
                answer = _ask_until_it_gets_through(subject, breaking, number, asked, error)
                assert str(answer) == str(twin.ask(number, asked))
                assert subject.shown() == twin.shown()
                subject.kernel.rebuild()
                assert subject.shown() == twin.shown()


def _ask_until_it_gets_through(
    subject: Subject, breaking: Breaking, number: int, asked: Any, error: type[BaseException]
) -> Outcome | CampaignError:
    before = (subject.shown(), subject.kernel.verify())
    call = 0
    while True:
        call += 1
        breaking.break_at(call, error)
        try:
            answer = subject.ask(number, asked)
        except error:
            answer = None
        broke = breaking.broke
        breaking.break_at(0, error)
        if not broke:
            assert answer is not None
            return answer
        assert not isinstance(answer, Outcome)
        assert (subject.shown(), subject.kernel.verify()) == before
        assert before[1].holds


#: What a process is doing when it is killed, after which commands.
DOINGS: dict[str, tuple[list[Any], Any]] = {
    "create": ([], CreateCampaign("Third campaign", campaign_id=THIRD)),
    "upload": ([], UploadLeads(FIRST, MORE_CSV)),
    "update-and-launch": ([], UpdateCampaign(SECOND, name="Changed first", variants=(jobs.VARIANT,), launch=True)),
    "pause": ([], PauseCampaign(FIRST)),
    "pause-twice": ([PauseCampaign(FIRST)], PauseCampaign(FIRST)),
    "update-in-pause": ([PauseCampaign(FIRST)], UpdateCampaign(FIRST, variants=(jobs.VARIANT,), name="In between")),
    "fail": ([DisableInbox(INBOXES[0])], ActivateCampaign(SECOND)),
    "revise": (
        [DisableInbox(INBOXES[0]), ActivateCampaign(SECOND)],
        UpdateCampaign(SECOND, name="Revised now", daily_limit_per_inbox=7),
    ),
    "edit-follow-ups": (
        [PauseCampaign(FIRST)],
        UpdateCampaign(FIRST, sequence_edits=(EDIT,), name="Edited now", launch=True),
    ),
    "archive": ([PauseCampaign(FIRST)], ArchiveCampaign(FIRST)),
    "delete": ([ReviseLead(FIRST, ANN, company="Firm"), PauseCampaign(FIRST)], DeleteCampaign(FIRST)),
    "update-leads": ([], UploadLeads(FIRST, MORE_CSV, duplicate_action=DuplicateAction.UPDATE)),
    "delete-existing": ([], UploadLeads(FIRST, MORE_CSV, delete_existing=True)),
    "revise-lead": ([], ReviseLead(FIRST, ANN, first_name=None, custom_fields={"city": "Ulm"})),
    "remove-leads": ([], RemoveLeads(FIRST, (ANN,))),
    "remove-inbox": ([], RemoveInbox(INBOXES[1])),
    "refused": ([], DeleteCampaign(FIRST)),
    "register": ([], RegisterInbox("they@firm.org")),
    "disable": ([], DisableInbox(INBOXES[0])),
}


@pytest.mark.parametrize("doing", DOINGS)
def test_a_process_killed_at_any_statement_leaves_all_of_a_command_or_nothing(
    forge: Forge, tmp_path: Path, doing: str
) -> None:
    """A worker is killed as the first SQLite statement of the command begins, another one at the second, and so on."""
    path = tmp_path / "campaigns.db"
    earlier, asked = DOINGS[doing]
    twin = Subject(MemoryStore())
    for subject in (twin, Subject(_store(path))):
        subject.begin()
        for number, each in enumerate(earlier, 200):
            assert isinstance(subject.ask(number, each), Outcome)
        if subject is not twin:
            subject.kernel.close()
    before = twin.shown()
    twin.ask(300, asked)
    after = twin.shown()

    def check(committed: bool) -> None:
        with Subject(_store(path)).kernel as kernel:
            found = kernel.verify()
            assert found.holds, found.problems
            assert rows(kernel, OWN) == (after if committed else before)
            kernel.rebuild()
            assert rows(kernel, OWN) == (after if committed else before)
        assert (contents_of(path, FIRST) == 0) == (committed and doing == "delete")

    assert _kill_at_every_statement(forge, lambda: path, "handle", asked, check) > 3


def test_a_process_killed_while_views_are_rebuilt_leaves_them_as_they_were(forge: Forge, tmp_path: Path) -> None:
    path = tmp_path / "campaigns.db"
    with closing(Subject(_store(path)).kernel) as kernel:
        _prepare(kernel)
        before = rows(kernel, OWN)

    def check(committed: bool) -> None:
        with Subject(_store(path)).kernel as kernel:
            assert rows(kernel, OWN) == before

    assert _kill_at_every_statement(forge, lambda: path, "rebuild", None, check) > 10


def test_a_process_killed_while_a_new_view_is_folded_leaves_it_to_the_next(forge: Forge, tmp_path: Path) -> None:
    path = tmp_path / "campaigns.db"
    with closing(Subject(MemoryStore()).kernel) as kernel:
        _prepare(kernel)
        expected = rows(kernel, OWN)
    with open_kernel(_store(path), clock=lambda: AT, ids=lambda: UUID(int=0)) as kernel:
        _prepare(kernel)
    copies = iter(range(1000))

    def fresh() -> Path:
        copy = tmp_path / f"copy-{next(copies)}.db"
        copy.write_bytes(path.read_bytes())
        return copy

    def check(committed: bool) -> None:
        with Subject(
            _store(sorted(tmp_path.glob("copy-*.db"), key=lambda each: each.stat().st_ctime_ns)[-1])
        ).kernel as k:
            assert rows(k, OWN) == expected

    assert _kill_at_every_statement(forge, fresh, "open", None, check) > 10


def _prepare(kernel: Kernel) -> None:
    for number, asked in enumerate(PRELUDE):
        kernel.handle(asked, command_id=f"command-{number}")


def _store(path: Path) -> SqliteStore:
    return SqliteStore(path, may_lose_last_commits=True)


def _kill_at_every_statement(
    forge: Forge, path: Callable[[], Path], what: str, asked: Any, check: Callable[[bool], None]
) -> int:
    """Kills workers at the first statement, the second, ... until one lives; answers how many died."""
    statement = 0
    while True:
        statement += 1
        worker = forge.start(
            "die_at",
            location=str(path()),
            statement=statement,
            what=what,
            command=base64.b64encode(pickle.dumps(asked)).decode(),
            command_id="command-300",
            number=300,
        )
        (said,) = worker.rest()
        lived = worker.wait() == 0
        check(lived or said["committed"])
        if lived:
            return statement - 1
