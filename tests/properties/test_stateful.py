"""Any commands in any order, on the memory store and on SQLite at once: the kernel does what a small model of it does."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import attrs
from hypothesis import Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from campaign_core import CAMPAIGNS, INBOXES, LEADS, CampaignError, ContentType, Kernel, Outcome, open_kernel
from campaign_core.log.ports import Store
from campaign_core.log.sqlite import SqliteStore
from tests.conftest import AT
from tests.properties.asked import (
    INBOX_ADDRESSES,
    NOBODY,
    WHICH,
    command,
    lead_files,
    settings,
    updates,
    variants,
)
from tests.properties.model import Answer, Campaign, Model, Refused

#: Whether the command has an id, and how far the expected version is off; None: no version is given.
HOW = st.tuples(st.sampled_from([False, False, True]), st.sampled_from([None] * 6 + [0, 0, -1, 1]))
PLAIN = (False, None)
#: How many campaigns are enough at a time for something to happen to each of them.
FEW = 7
#: Splits that add up.
WHOLE_SPLITS = [
    tuple(
        {"variant_name": name, "distribution_percent": share, "content_type": ContentType.HTML} for name, share in split
    )
    for split in ([("A", 100)], [("A", 60), ("B", 40)], [("A", 25), ("B", 25), ("C", 25), ("D", 25)])
]
LEADS_CSV = b"email,first_name\nann@leads.org,Ann\nbob@leads.org,\n"


class Commands(RuleBasedStateMachine):
    """Two kernels and a model, given the same commands at the same instants."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.model = Model()
        self.at = AT
        self.steps = 0
        #: Ids of everything ever made: campaigns newest first, inboxes oldest first.
        self.campaigns: list[UUID] = []
        self.inboxes: list[UUID] = []
        #: Commands that were sent with an id.
        self.sent: list[tuple[str, dict[str, Any], str]] = []
        self.memory, self.sqlite = self.open("memory:"), self.open_file()

    def open_file(self) -> Kernel:
        """A kernel on the machine's one file, faster by not withstanding a loss of power."""
        return self.open(SqliteStore(Path(self.folder.name) / "campaigns.db", may_lose_last_commits=True))

    def open(self, location: str | Store) -> Kernel:
        """A kernel whose clock and ids are the machine's."""
        return open_kernel(location, clock=lambda: self.at, ids=lambda: UUID(int=self.steps))

    def teardown(self) -> None:
        self.memory.close()
        self.sqlite.close()
        self.folder.cleanup()

    @initialize(inboxes=st.sampled_from([(0,), (0, 1)]), mended=st.sampled_from([True, True, False]))
    def begin_with_a_campaign_in_each_status(self, inboxes: tuple[int, ...], mended: bool) -> None:
        for address in ("me@firm.org", "you@firm.org"):
            self.ask("RegisterInbox", {"email_address": address})
            self.ask("VerifyInbox", {"inbox_id": self.inboxes[-1]})
        for moves in (["Activate", "Pause", "Archive"], ["Activate", "Pause"], ["Activate"], []):
            self.create_a_whole_campaign(launch=False, inboxes=inboxes, split=WHOLE_SPLITS[0])
            for move in moves:
                self.ask(f"{move}Campaign", {"campaign_id": self.campaigns[0]})
        self.create_a_whole_campaign(launch=False, inboxes=inboxes, split=WHOLE_SPLITS[1])
        self.forbid_the_inboxes_of_a_campaign(but_one=False)
        self.activate(which=0, how=PLAIN)
        if mended:
            self.ask("VerifyInbox", {"inbox_id": self.inboxes[0]})

    @precondition(lambda self: len(self.model.campaigns) < FEW)
    @rule(given=settings(), same_id_as=st.sampled_from([None, None, None, None, 0, 3]), how=HOW)
    def create(self, given: dict[str, Any], same_id_as: int | None, how: tuple[bool, int | None]) -> None:
        taken = {} if same_id_as is None else {"campaign_id": _nth(self.campaigns, same_id_as)}
        self.ask("CreateCampaign", {"name": "Spring launch", **given, **taken}, how)

    @precondition(lambda self: len(self.model.campaigns) < FEW)
    @rule(
        launch=st.booleans(), inboxes=st.sampled_from([(0,), (1,), (0, 1), (1, 2)]), split=st.sampled_from(WHOLE_SPLITS)
    )
    def create_a_whole_campaign(
        self, launch: bool, inboxes: tuple[int, ...], split: tuple[dict[str, Any], ...]
    ) -> None:
        self.ask("CreateCampaign", {"name": "Whole campaign"})
        about = {"campaign_id": self.campaigns[0]}
        self.ask("UploadLeads", {**about, "file": LEADS_CSV})
        inbox_ids = tuple(_nth(self.inboxes, each) for each in inboxes)
        self.ask("UpdateCampaign", {**about, "inbox_ids": inbox_ids, "variants": split, "launch": launch})

    @precondition(lambda self: any(each.inbox_ids for each in self.model.campaigns.values()))
    @rule(but_one=st.booleans())
    def forbid_the_inboxes_of_a_campaign(self, but_one: bool) -> None:
        campaign = next(each for each in reversed(self.model.campaigns.values()) if each.inbox_ids)
        for inbox_id in campaign.inbox_ids[but_one:]:
            self.ask("DisableInbox", {"inbox_id": inbox_id})

    @rule(which=WHICH, given=updates(), how=HOW)
    def update(self, which: int, given: dict[str, Any], how: tuple[bool, int | None]) -> None:
        asked = {"campaign_id": _nth(self.campaigns, which), **given}
        if "inboxes" in asked:
            asked["inbox_ids"] = tuple(_nth(self.inboxes, each) for each in asked.pop("inboxes"))
        self.ask("UpdateCampaign", asked, how)

    @rule(which=WHICH, given=variants())
    def split(self, which: int, given: tuple[dict[str, Any], ...]) -> None:
        self.ask("UpdateCampaign", {"campaign_id": _nth(self.campaigns, which), "variants": given})

    @rule(which=WHICH, file=lead_files(), how=HOW)
    def upload(self, which: int, file: bytes, how: tuple[bool, int | None]) -> None:
        self.ask("UploadLeads", {"campaign_id": _nth(self.campaigns, which), "file": file}, how)

    @rule(which=WHICH, how=HOW)
    def pause(self, which: int, how: tuple[bool, int | None]) -> None:
        self.ask("PauseCampaign", {"campaign_id": _nth(self.campaigns, which)}, how)

    @rule(which=WHICH, how=HOW)
    def activate(self, which: int, how: tuple[bool, int | None]) -> None:
        self.ask("ActivateCampaign", {"campaign_id": _nth(self.campaigns, which)}, how)

    @rule(which=WHICH, how=HOW)
    def archive(self, which: int, how: tuple[bool, int | None]) -> None:
        self.ask("ArchiveCampaign", {"campaign_id": _nth(self.campaigns, which)}, how)

    @rule(which=WHICH, changed=settings() | st.just({}))
    def launch(self, which: int, changed: dict[str, Any]) -> None:
        self.ask("UpdateCampaign", {"campaign_id": _nth(self.campaigns, which), **changed, "launch": True})

    @rule(which=WHICH, kind=st.sampled_from(["Complete", "Delete", "Delete"]), how=HOW)
    def end(self, which: int, kind: str, how: tuple[bool, int | None]) -> None:
        self.ask(f"{kind}Campaign", {"campaign_id": _nth(self.campaigns, which)}, how)

    @rule(address=INBOX_ADDRESSES, same_id_as=st.sampled_from([None, None, None, 0]), how=HOW)
    def register(self, address: str, same_id_as: int | None, how: tuple[bool, int | None]) -> None:
        taken = {} if same_id_as is None else {"inbox_id": _nth(self.inboxes, same_id_as)}
        self.ask("RegisterInbox", {"email_address": address, **taken}, how)

    @rule(which=WHICH, kind=st.sampled_from(["VerifyInbox", "DisableInbox"]), how=HOW)
    def vouch_or_forbid(self, which: int, kind: str, how: tuple[bool, int | None]) -> None:
        self.ask(kind, {"inbox_id": _nth(self.inboxes, which)}, how)

    @precondition(lambda self: self.sent)
    @rule(which=st.integers(0, 9), off_by=st.sampled_from([None, None, 1]))
    def send_the_same_again(self, which: int, off_by: int | None) -> None:
        kind, asked, command_id = self.sent[-1 - which % len(self.sent)]
        self.ask(kind, asked, (True, off_by), command_id)

    @precondition(lambda self: self.sent)
    @rule(which=st.integers(0, 9), campaign=WHICH)
    def send_something_else_under_the_same_id(self, which: int, campaign: int) -> None:
        command_id = self.sent[-1 - which % len(self.sent)][2]
        asked = {"campaign_id": _nth(self.campaigns, campaign), "name": f"Another body {self.steps}"}
        self.ask("UpdateCampaign", asked, PLAIN, command_id)

    @rule(
        hours=st.sampled_from([0, 7]),
        check=st.sampled_from(["rebuild", "verify", "close_and_open_the_file"]),
    )
    def let_time_pass_and(self, hours: int, check: str) -> None:
        self.at += timedelta(hours=hours)
        getattr(self, check)()

    def rebuild(self) -> None:
        for kernel in (self.memory, self.sqlite):
            before = shown(kernel)
            assert kernel.rebuild() == self.events()
            assert shown(kernel) == before

    def verify(self) -> None:
        for kernel in (self.memory, self.sqlite):
            found = kernel.verify()
            assert found.holds, found.problems
            assert found.events == self.events()

    def close_and_open_the_file(self) -> None:
        before = shown(self.sqlite)
        self.sqlite.close()
        self.sqlite = self.open_file()
        assert shown(self.sqlite) == before

    @invariant()
    def both_stores_show_the_same(self) -> None:
        assert shown(self.sqlite) == shown(self.memory)

    @invariant()
    def campaigns_are_as_the_model_has_them(self) -> None:
        rows = {row.campaign_id: row for row in self.sqlite.view(CAMPAIGNS).find()}
        assert rows.keys() == self.model.campaigns.keys()
        for identity, expected in self.model.campaigns.items():
            row = rows[identity]
            assert {name: getattr(row.settings, name) for name in expected.settings} == expected.settings
            assert (row.status, row.version, row.inbox_ids) == (expected.status, expected.version, expected.inbox_ids)
            assert (row.created_at, row.updated_at) == (expected.created_at, expected.updated_at)
            assert (row.launched_at, row.name) == (expected.launched_at, expected.settings["name"])
            assert [(each.variant_name, each.distribution_percent, each.content_type) for each in row.variants] == [
                (name, each["distribution_percent"], each["content_type"]) for name, each in expected.variants.items()
            ]
            assert row.total_leads == len(expected.leads)
            assert self.sqlite.readiness(identity).missing_requirements == self.model.missing(expected)
            self.leads_are_as_the_model_has_them(identity, expected)

    def leads_are_as_the_model_has_them(self, identity: UUID, expected: Campaign) -> None:
        rows = self.sqlite.view(LEADS).find({"campaign_id": identity}, order_by="number")
        assert [row.number for row in rows] == list(range(1, len(expected.leads) + 1))
        assert [(row.address, row.email) for row in rows] == [
            (key, each["email"]) for key, each in expected.leads.items()
        ]
        assert self.sqlite.lead_values(rows) == list(expected.leads.values())

    @invariant()
    def inboxes_are_as_the_model_has_them(self) -> None:
        rows = {row.inbox_id: (row.address, row.status) for row in self.sqlite.view(INBOXES).find()}
        assert rows == {identity: (each.address, each.status) for identity, each in self.model.inboxes.items()}

    @invariant()
    def nothing_of_a_deleted_campaign_is_left(self) -> None:
        for identity, version in self.model.deleted.items():
            *erased, last = self.sqlite.history(identity)
            assert (last.version, last.name) == (version, "campaign.deleted")
            assert not any(each.event for each in erased)
            assert not self.sqlite.view(LEADS).find({"campaign_id": identity})

    def ask(
        self, kind: str, asked: dict[str, Any], how: tuple[bool, int | None] = PLAIN, command_id: str | None = None
    ) -> None:
        """Sends a command to both kernels and to the model, and compares what they answer."""
        self.steps += 1
        self.at += timedelta(seconds=1)
        identity = asked.get("campaign_id") or asked.get("inbox_id") or UUID(int=self.steps)
        if how[0] and command_id is None:
            command_id = f"command-{self.steps}"
            self.sent.append((kind, asked, command_id))
        expected_version = None if how[1] is None else max(0, self.model.version_of(kind, identity) + how[1])
        how_asked = {"command_id": command_id, "expected_version": expected_version}
        answers = [_answer(kernel, command(kind, asked), how_asked) for kernel in (self.memory, self.sqlite)]
        assert str(answers[0]) == str(answers[1])
        try:
            expected = self.model.handle(kind, asked, UUID(int=self.steps), self.at, command_id, expected_version)
        except Refused as refused:
            _assert_refused(answers[1], refused)
        else:
            assert isinstance(answers[1], Outcome), answers[1]
            _assert_answered(answers[1], expected)
            if kind == "CreateCampaign" and answers[1].id not in self.campaigns:
                self.campaigns.insert(0, answers[1].id)
            if kind == "RegisterInbox" and answers[1].id not in self.inboxes:
                self.inboxes.append(answers[1].id)

    def events(self) -> int:
        """How many events the log should hold."""
        campaigns = sum(each.version for each in self.model.campaigns.values())
        return campaigns + sum(self.model.deleted.values()) + sum(each.version for each in self.model.inboxes.values())


def shown(kernel: Kernel) -> list[list[Any]]:
    """Every row of every view."""
    return [kernel.view(view).find() for view in (CAMPAIGNS, LEADS, INBOXES)]


def _nth(made: list[UUID], which: int) -> UUID:
    return made[which % len(made)] if made and which != NOBODY else UUID(int=2**64)


def _answer(kernel: Kernel, asked: Any, how: dict[str, Any]) -> Outcome | CampaignError:
    try:
        return attrs.evolve(kernel.handle(asked, **how), scrubbed=None)
    except CampaignError as refusal:
        return refusal


def _assert_refused(answer: Outcome | CampaignError, expected: Refused) -> None:
    assert type(answer).__name__ == expected.error, (answer, expected)
    assert {name: getattr(answer, name) for name in expected.attributes} == expected.attributes


def _assert_answered(answer: Outcome, expected: Answer) -> None:
    assert (answer.status, answer.events, answer.version) == (expected.status, expected.events, expected.version)
    assert bool(answer.faults) == expected.faults
    if expected.missing is not None:
        assert answer.missing_requirements == expected.missing
        assert answer.is_launch_ready == (not expected.missing)
    if expected.counts is not None:
        report = answer.report
        assert report is not None
        assert report.balances
        assert (report.rows, report.imported, report.duplicates, sum(report.skipped.values())) == expected.counts


TestCommands = Commands.TestCase
# Without the phase that explains: it takes minutes for a history of forty commands.
TestCommands.settings = hypothesis_settings(stateful_step_count=30, phases=[Phase.reuse, Phase.generate, Phase.shrink])
