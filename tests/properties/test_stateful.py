"""Any commands in any order, on the memory store and on SQLite at once: the kernel does what a small model of it does."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args
from uuid import UUID

import attrs
import pytest
from hypothesis import Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import campaign_core
from campaign_core import CAMPAIGNS, LEADS, CampaignError, Kernel, Outcome, Recorded, UnknownCampaign, open_kernel
from campaign_core.kernel.pipeline import Command
from campaign_core.lead.commands import LeadAnswer, LeadReport
from campaign_core.log.memory import MemoryStore
from campaign_core.log.ports import Store
from campaign_core.log.sqlite import SqliteStore
from tests.conftest import AT
from tests.properties.asked import FIELDS, NOBODY, PAUSES, RECENT, command, orders, settings
from tests.properties.compared import (
    assert_answered,
    assert_campaigns,
    assert_deleted,
    assert_inboxes,
    assert_refused,
    shown,
)
from tests.properties.files import LeadBytes, hostile_uploads, usual_uploads, written
from tests.properties.mails import completed, edits, resolved_edits, sequences, variant_sets
from tests.properties.model.leads import guarded, predictable
from tests.properties.model.model import INBOX_MOVES, KINDS, Model
from tests.properties.model.values import Answer, Refused, Witness

#: Whether the command has an id, how far the expected version is off (None: no version is given), and whether it is sent
#: to the workspace that does not have what it is about.
HOW = st.tuples(
    st.sampled_from([False, False, True]),
    st.sampled_from([None] * 6 + [0, 0, -1, 1]),
    st.sampled_from([False] * 15 + [True]),
)
How = tuple[bool, int | None, bool]
PLAIN = (False, None, False)
WORKSPACES = ("default", "other")
#: How many campaigns are enough at a time for something to happen to each of them.
FEW = 3
WHOLE_SPLITS = [
    completed({"variant_name": name, "distribution_percent": share} for name, share in split)
    for split in ([("A", 100)], [("A", 60), ("B", 40)], [("A", 25), ("B", 25), ("C", 25), ("D", 25)])
]
LEADS_CSV = written(["email", "first_name"], [["ann@leads.org", "Ann"], ["bob@leads.org", ""]])
#: Leads that have whatever a mail of these tests puts out.
COMPLETE_CSV = written(
    ["email", "first_name", "city"], [["ann@leads.org", "Ann", "Ulm"], ["bob@leads.org", "Bob", "Bonn"]]
)
#: Mails that are blank, or break a line, for a lead that has no city or no first name of one line.
GAPS = [
    {"subject_template": "{{city}}"},
    {"subject_template": "{{first_name}}"},
    {"email_content": "{{city}}          "},
    {"subject_template": "{{first_name|Hello}} {{city}}", "email_content": "  {{first_name}}  "},
]
CHECKS = ["rebuild", "verify", "subscribe", "close_and_open_the_file", "import_an_export_into_a_fresh_campaign"]
Order = tuple[str, int, dict[str, Any]]


class Commands(RuleBasedStateMachine):
    """Two kernels and a model of each workspace, given the same commands at the same instants."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.models = {name: Model() for name in WORKSPACES}
        self.at = AT
        self.steps = self.ids_made = 0
        #: Everything ever made and where: campaigns newest first, inboxes oldest first.
        self.campaigns: list[tuple[str, UUID]] = []
        self.inboxes: list[tuple[str, UUID]] = []
        #: Commands that were sent with an id: workspace, kind, fields, id.
        self.sent: list[tuple[str, str, dict[str, Any], str]] = []
        #: What the commands that were sent with an id answered first.
        self.first: dict[tuple[str, str], Outcome] = {}
        #: Workspace and campaign to its row as it was at each version, and at the end of each instant.
        self.noted: dict[tuple[str, UUID], dict[Any, Any]] = {}
        self.memory, self.sqlite = self.open(MemoryStore()), self.open_file()
        for kernel in (self.memory, self.sqlite):
            kernel.create_workspace("other")

    def open_file(self) -> Kernel:
        """A kernel on the machine's one file, faster by not withstanding a loss of power."""
        return self.open(SqliteStore(Path(self.folder.name) / "campaigns.db", may_lose_last_commits=True))

    def open(self, store: Store) -> Kernel:
        """A kernel whose clock and ids are the machine's."""
        return open_kernel(store, clock=lambda: self.at, ids=self.new_id)

    def new_id(self) -> UUID:
        """An id that both kernels get at the same place."""
        self.ids_made += 1
        return UUID(int=(self.steps << 16) + self.ids_made)

    def teardown(self) -> None:
        self.memory.close()
        self.sqlite.close()
        self.folder.cleanup()

    @initialize(
        inboxes=st.sampled_from([1, 2]),
        status=st.sampled_from(["DRAFT", "ACTIVE", "PAUSED", "FAILED"]),
        where=st.sampled_from(WORKSPACES),
    )
    def begin_with_a_campaign_somewhere_in_its_life(self, inboxes: int, status: str, where: str) -> None:
        for address in ("me@firm.org", "you@firm.org")[:inboxes]:
            self.ask(where, "RegisterInbox", {"email_address": address})
            self.ask(where, "VerifyInbox", {"inbox_id": self.inboxes[-1][1]})
        self.create_a_whole_campaign(where=where, launch=False, inbox=0, split=WHOLE_SPLITS[0])
        if status == "FAILED":
            self.forbid_every_inbox_of_a_campaign()
        if status != "DRAFT":
            self.carry_out(("ActivateCampaign", 0, {}), PLAIN)
        if status == "PAUSED":
            self.carry_out(("PauseCampaign", 0, {}), PLAIN)

    @precondition(lambda self: self.few_campaigns())
    @rule(order=orders("CreateCampaign"), same_id_as=st.sampled_from([None, None, None, None, 0, 3]), how=HOW)
    def create(self, order: Order, same_id_as: int | None, how: How) -> None:
        where, identity = self.nth(self.campaigns, same_id_as or 0, how)
        self.ask(where, "CreateCampaign", {**order[2], **({"campaign_id": identity} if same_id_as else {})}, how)

    @precondition(lambda self: self.few_campaigns())
    @rule(
        where=st.sampled_from(WORKSPACES),
        launch=st.booleans(),
        inbox=st.sampled_from([0, 0, 1]),
        split=st.sampled_from(WHOLE_SPLITS),
    )
    def create_a_whole_campaign(self, where: str, launch: bool, inbox: int, split: tuple[dict[str, Any], ...]) -> None:
        self.ask(where, "CreateCampaign", {"name": "Whole campaign"})
        about = {"campaign_id": self.campaigns[0][1]}
        self.ask(where, "UploadLeads", {**about, "file": LEADS_CSV})
        inbox_ids = (self.nth([each for each in self.inboxes if each[0] == where], inbox)[1],)
        self.ask(where, "UpdateCampaign", {**about, "inbox_ids": inbox_ids, "variants": split, "launch": launch})

    @precondition(lambda self: self.held())
    @rule(then_start=st.booleans())
    def forbid_every_inbox_of_a_campaign(self, then_start: bool = False) -> None:
        where, identity = self.held()[-1]
        for inbox_id in self.models[where].campaigns[identity].inbox_ids:
            self.ask(where, "DisableInbox", {"inbox_id": inbox_id})
        if then_start:
            self.ask(where, "ActivateCampaign", {"campaign_id": identity})

    @rule(order=orders("UpdateCampaign"), how=HOW)
    def update(self, order: Order, how: How) -> None:
        self.carry_out(order, how)

    @rule(which=RECENT, given=sequences(), how=HOW)
    def replace_follow_ups(self, which: int, given: tuple[dict[str, Any], ...], how: How) -> None:
        self.carry_out(("UpdateCampaign", which, {"sequences": given}), how)

    @precondition(lambda self: self.having("ACTIVE", "PAUSED"))
    @rule(given=edits(), mails=st.none() | variant_sets(), launch=st.booleans(), how=HOW)
    def edit_while_paused(self, given: tuple[dict[str, Any], ...], mails: Any, launch: bool, how: How) -> None:
        where, identity = self.having("PAUSED", "ACTIVE")[0]
        self.ask(where, "PauseCampaign", {"campaign_id": identity})
        asked = {"sequence_edits": given, "variants": mails, "launch": launch}
        which = next(place for place, made in enumerate(self.campaigns) if made == (where, identity))
        self.carry_out(("UpdateCampaign", which, asked), how)

    @rule(order=orders("UpdateCampaign", "ActivateCampaign"), changed=settings() | st.just({}))
    def launch(self, order: Order, changed: dict[str, Any]) -> None:
        self.carry_out(("UpdateCampaign", order[1], {**changed, "launch": True}), PLAIN)

    @precondition(lambda self: self.editable())
    @rule(mails=variant_sets(wrong=False), chain=st.none() | sequences(), then_upload=usual_uploads())
    def start_with_other_mails(self, mails: Any, chain: Any, then_upload: dict[str, Any]) -> None:
        """For the leads there are; those that come next are held to them while it runs."""
        where, identity = self.editable()[0]
        about = {"campaign_id": identity}
        paused = self.models[where].campaigns[identity].status == "PAUSED"
        more = {} if paused or chain is None else {"sequences": chain}
        self.ask(where, "UpdateCampaign", {**about, "variants": mails, **more, "launch": True})
        self.ask(where, "UploadLeads", {**about, **then_upload})

    @precondition(lambda self: self.editable())
    @rule(gaps=st.sampled_from(GAPS), then_upload=usual_uploads(), by_hand=FIELDS["AddLead"])
    def run_with_leads_that_lack_nothing(
        self, gaps: dict[str, str], then_upload: dict[str, Any], by_hand: dict[str, Any]
    ) -> None:
        """Then come some that may lack something."""
        where, identity = self.editable()[0]
        about = {"campaign_id": identity}
        self.ask(where, "UploadLeads", {**about, "file": COMPLETE_CSV, "delete_existing": True})
        self.ask(where, "UpdateCampaign", {**about, "variants": completed([gaps]), "launch": True})
        self.ask(where, "UploadLeads", {**about, **then_upload})
        self.ask(where, "AddLead", {**about, **by_hand})

    @rule(order=orders("ActivateCampaign", "PauseCampaign", "PauseCampaign"), how=HOW)
    def start_or_pause(self, order: Order, how: How) -> None:
        self.carry_out(order, how)

    @rule(order=orders("ArchiveCampaign", "ArchiveCampaign", "CompleteCampaign", "DeleteCampaign"), how=HOW)
    def end(self, order: Order, how: How) -> None:
        self.carry_out(order, how)

    @precondition(lambda self: self.having("ACTIVE"))
    @rule(without_leads=st.booleans())
    def complete(self, without_leads: bool) -> None:
        """A campaign that has no leads left is complete; as long as nothing is sent, no other is."""
        where, identity = self.having("ACTIVE")[0]
        lead_ids = tuple(self.models[where].campaigns[identity].lead_ids)
        if lead_ids and without_leads:
            self.ask(where, "RemoveLeads", {"campaign_id": identity, "lead_ids": lead_ids})
        self.ask(where, "CompleteCampaign", {"campaign_id": identity})

    @rule(which=RECENT, given=usual_uploads(), how=HOW)
    def upload(self, which: int, given: dict[str, Any], how: How) -> None:
        self.carry_out(("UploadLeads", which, given), how)

    @rule(which=RECENT, given=usual_uploads(), more=usual_uploads())
    def upload_twice(self, which: int, given: dict[str, Any], more: dict[str, Any]) -> None:
        self.carry_out(("UploadLeads", which, given), PLAIN)
        self.carry_out(("UploadLeads", which, more), PLAIN)

    @rule(which=RECENT, given=hostile_uploads(), how=HOW)
    def upload_a_hostile_file(self, which: int, given: dict[str, Any], how: How) -> None:
        self.carry_out(("UploadLeads", which, given), how)

    @rule(order=orders("AddLead", "AddLead", "AddLeads"), how=HOW)
    def add_leads_that_need_no_file(self, order: Order, how: How) -> None:
        self.carry_out(order, how)

    @rule(order=orders("ReviseLead", "ReviseLead", "RemoveLeads"), how=HOW)
    def change_leads(self, order: Order, how: How) -> None:
        self.carry_out(order, how)

    @rule(order=orders("RegisterInbox"), same_id_as=st.sampled_from([None, None, None, 0]), how=HOW)
    def register(self, order: Order, same_id_as: int | None, how: How) -> None:
        where, identity = self.nth(self.inboxes, 0, how)
        self.ask(where, "RegisterInbox", {**order[2], **({"inbox_id": identity} if same_id_as == 0 else {})}, how)

    @rule(order=orders("VerifyInbox", "VerifyInbox", *INBOX_MOVES), how=HOW)
    def move_an_inbox(self, order: Order, how: How) -> None:
        self.carry_out(order, how)

    @precondition(lambda self: self.sent)
    @rule(
        which=st.integers(0, 9),
        off_by=st.sampled_from([None, None, 1]),
        elsewhere=st.sampled_from([False] * 9 + [True]),
    )
    def send_the_same_again(self, which: int, off_by: int | None, elsewhere: bool) -> None:
        where, kind, asked, command_id = self.sent[-1 - which % len(self.sent)]
        self.ask(_other(where) if elsewhere else where, kind, asked, (True, off_by, False), command_id)

    @precondition(lambda self: self.sent)
    @rule(which=st.integers(0, 9), campaign=RECENT)
    def send_something_else_under_the_same_id(self, which: int, campaign: int) -> None:
        where, _, _, command_id = self.sent[-1 - which % len(self.sent)]
        asked = {"campaign_id": self.nth(self.campaigns, campaign)[1], "name": f"Another body {self.steps}"}
        self.ask(where, "UpdateCampaign", asked, PLAIN, command_id)

    @precondition(lambda self: self.noted)
    @rule(which=st.integers(0, 9), when=st.integers(0, 99))
    def look_back(self, which: int, when: int) -> None:
        """A campaign as of a version or an instant is the row that was noted then, unless it was deleted since."""
        (where, identity), moments = list(self.noted.items())[which % len(self.noted)]
        moment = list(moments)[when % len(moments)]
        asked: Any = {"version": moment} if isinstance(moment, int) else {"at": moment}
        for kernel in (self.at_work(self.memory, where), self.at_work(self.sqlite, where)):
            if identity in self.models[where].deleted:
                with pytest.raises(UnknownCampaign):
                    kernel.as_of(identity, **asked)
            else:
                assert kernel.as_of(identity, **asked) == moments[moment]

    @rule(pause=PAUSES, check=st.sampled_from(CHECKS))
    def let_time_pass_and(self, pause: timedelta, check: str) -> None:
        self.at += pause
        getattr(self, check)()

    def import_an_export_into_a_fresh_campaign(self) -> None:
        """The report and the values are compared as those of any upload; then both campaigns export the same."""
        there = [(where, identity) for where, model in self.models.items() for identity in model.campaigns]
        if not there:
            return
        where, identity = there[self.steps % len(there)]
        lines = "".join(self.at_work(self.sqlite, where).export_leads(identity))
        assert lines == "".join(self.at_work(self.memory, where).export_leads(identity))
        expected = list(self.models[where].campaigns[identity].leads.values())
        names = list(dict.fromkeys(name for values in expected for name in values)) or ["email"]
        cells = [[guarded(values.get(name, "")) for name in names] for values in expected]
        sheet = written([guarded(name) for name in names], cells).sheet
        self.ask(where, "CreateCampaign", {"name": "A fresh campaign"})
        about = {"campaign_id": self.campaigns.pop(0)[1]}
        self.ask(where, "UploadLeads", {**about, "file": LeadBytes.of(lines.encode(), sheet)})
        assert list(self.models[where].campaigns[about["campaign_id"]].leads.values()) == expected
        assert "".join(self.at_work(self.sqlite, where).export_leads(about["campaign_id"])) == lines
        self.ask(where, "DeleteCampaign", about)

    def rebuild(self) -> None:
        for kernel in (self.memory, self.sqlite):
            before = [shown(self.at_work(kernel, where)) for where in WORKSPACES]
            assert kernel.rebuild() == sum(model.events() for model in self.models.values())
            assert [shown(self.at_work(kernel, where)) for where in WORKSPACES] == before

    def verify(self) -> None:
        for kernel in (self.memory, self.sqlite):
            found = kernel.verify()
            assert found.holds, found.problems
            assert found.events == sum(model.events() for model in self.models.values())

    def subscribe(self) -> None:
        for where, model in self.models.items():
            events = list(self.at_work(self.sqlite, where).subscribe())
            assert list(map(_known, events)) == list(map(_known, self.at_work(self.memory, where).subscribe()))
            assert len(events) == model.events()
            middle = len(events) // 2
            behind = list(self.at_work(self.sqlite, where).subscribe(events[middle].position if events else 0))
            assert behind == events[middle + 1 :]

    def close_and_open_the_file(self) -> None:
        before = shown(self.sqlite)
        self.sqlite.close()
        self.sqlite = self.open_file()
        assert shown(self.sqlite) == before

    @invariant()
    def everything_is_as_the_models_have_it(self) -> None:
        for where, model in self.models.items():
            kernel = self.at_work(self.sqlite, where)
            assert shown(kernel) == shown(self.at_work(self.memory, where))
            assert_campaigns(kernel, model)
            assert_inboxes(kernel, model)
            assert_deleted(kernel, model)
            for row in kernel.view(CAMPAIGNS).find():
                moments = self.noted.setdefault((where, row.campaign_id), {})
                moments[row.version] = row
                moments.pop(self.at, None)
                moments[self.at] = row

    def few_campaigns(self) -> bool:
        return sum(len(model.campaigns) for model in self.models.values()) < FEW

    def having(self, *statuses: str) -> list[tuple[str, UUID]]:
        """Campaigns in these statuses, the first of them first."""
        return [
            (where, identity)
            for status in statuses
            for where, model in self.models.items()
            for identity, each in model.campaigns.items()
            if each.status == status
        ]

    def editable(self) -> list[tuple[str, UUID]]:
        """Campaigns that could send from an inbox and are not running, those paused first."""
        return [each for each in self.having("PAUSED", "DRAFT", "FAILED") if each in self.held()]

    def held(self) -> list[tuple[str, UUID]]:
        """Campaigns that could send from an inbox."""
        return [
            (where, identity)
            for where, model in self.models.items()
            for identity, each in model.campaigns.items()
            if any(model.inboxes[inbox].status == "ACTIVE" for inbox in each.inbox_ids)
        ]

    def at_work(self, kernel: Kernel, where: str) -> Kernel:
        """The kernel of a workspace."""
        return kernel if where == "default" else kernel.workspace(where)

    def nth(self, made: list[tuple[str, UUID]], which: int, how: How = PLAIN) -> tuple[str, UUID]:
        """One of the things made, and the workspace to ask for it."""
        where, identity = made[which % len(made)] if made and which != NOBODY else ("default", UUID(int=2**64))
        return (_other(where) if how[2] else where), identity

    def carry_out(self, order: Order, how: How) -> None:
        """Sends the command of an order."""
        kind, which, given = order
        asked = dict(given)
        where, identity = self.nth(self.inboxes if kind in INBOX_MOVES else self.campaigns, which, how)
        asked["inbox_id" if kind in INBOX_MOVES else "campaign_id"] = identity
        campaign = self.models[where].campaigns.get(identity)
        lead_ids = [*(campaign.lead_ids if campaign else ()), UUID(int=2**64)]
        if "inboxes" in asked:
            near = [each for each in self.inboxes if each[0] == where] or self.inboxes
            asked["inbox_ids"] = tuple(self.nth(near, each)[1] for each in asked.pop("inboxes"))
        if asked.get("sequence_edits") is not None:
            there = [each.sequence_id for each in campaign.follow_ups if each.sequence_id] if campaign else []
            asked["sequence_edits"] = resolved_edits(asked["sequence_edits"], there)
        if "lead" in asked:
            asked["lead_id"] = lead_ids[-1 - asked.pop("lead") % len(lead_ids)]
        if "leads" in asked:
            asked["lead_ids"] = tuple(lead_ids[-1 - each % len(lead_ids)] for each in asked.pop("leads"))
        self.ask(where, kind, asked, how)

    def ask(
        self, where: str, kind: str, asked: dict[str, Any], how: How = PLAIN, command_id: str | None = None
    ) -> None:
        """Sends a command to both kernels and to the model, and compares what they answer."""
        self.steps += 1
        model = self.models[where]
        if how[0] and command_id is None:
            command_id = f"command-{self.steps}"
            self.sent.append((where, kind, asked, command_id))
        expected = None if how[1] is None else max(0, model.version_of(kind, asked) + how[1])
        answers = []
        for kernel in (self.memory, self.sqlite):
            self.ids_made = 0
            how_asked = {"command_id": command_id, "expected_version": expected}
            answers.append(_answer(self.at_work(kernel, where), command(kind, asked), how_asked))
        assert str(answers[0]) == str(answers[1])
        answer = answers[1]
        witness = None
        if kind == "UploadLeads" and not predictable(asked):
            if type(answer).__name__ == "LeadFileRefused" and not model.remembers(kind, asked, command_id):
                return
            witness = self.witness(where, asked, answer)
        new_id = answer.id if isinstance(answer, Outcome) else UUID(int=2**65)
        try:
            foreseen = model.handle(kind, asked, new_id, self.at, command_id, expected, witness)
        except Refused as refused:
            assert_refused(answer, refused)
        else:
            assert isinstance(answer, Outcome), answer
            self.accepted(where, kind, answer, foreseen, command_id)

    def accepted(self, where: str, kind: str, answer: Outcome, foreseen: Answer, command_id: str | None) -> None:
        """Compares an accepted command, and learns the ids that were made."""
        assert_answered(answer, foreseen)
        if command_id is not None:
            first = self.first.setdefault((where, command_id), answer)
            assert answer in (first, first.without_personal_data())
        made = {"CreateCampaign": self.campaigns, "RegisterInbox": self.inboxes}.get(kind)
        if made is not None and (where, answer.id) not in made:
            made.insert(0 if kind == "CreateCampaign" else len(made), (where, answer.id))
        campaign = self.models[where].campaigns.get(answer.id)
        if campaign is not None:
            kernel = self.at_work(self.sqlite, where)
            for row in kernel.view(LEADS).find({"campaign_id": answer.id}):
                campaign.lead_ids[row.lead_id] = row.number
            row = kernel.view(CAMPAIGNS).get(answer.id)
            for follow_up, step in zip(campaign.follow_ups, row.steps if row else (), strict=False):
                follow_up.sequence_id = follow_up.sequence_id or step.sequence_id

    def witness(self, where: str, asked: dict[str, Any], answer: Outcome | CampaignError) -> Witness | None:
        """What the kernel made of a file that the model cannot read."""
        if not isinstance(answer, Outcome):
            return None
        report, kernel = answer.report, self.at_work(self.sqlite, where)
        assert report is not None
        leads = kernel.view(LEADS).find({"campaign_id": asked["campaign_id"]})
        values = dict(zip([row.number for row in leads], kernel.lead_values(leads), strict=True))
        counts = (report.rows, report.imported, report.updated, report.duplicates, dict(report.skipped))
        return Witness(*counts, leads={number: dict(each or {}) for number, each in values.items()})


def _other(where: str) -> str:
    return WORKSPACES[1 - WORKSPACES.index(where)]


def _known(recorded: Recorded) -> tuple[Any, ...]:
    """What two logs of the same history have in common: everything but what is made of salts."""
    return (recorded.position, recorded.stream, recorded.version, recorded.metadata, recorded.event)


def _answer(kernel: Kernel, asked: Any, how: dict[str, Any]) -> Outcome | CampaignError:
    try:
        return attrs.evolve(kernel.handle(asked, **how), scrubbed=None)
    except CampaignError as refusal:
        return refusal


def test_every_public_command_is_asked_of_kernel_and_model() -> None:
    """All but those about mails under way, which need claims: tests/lead and tests/sending/test_simulation.py judge them."""
    commands = {each.__name__ for each in get_args(Command)}
    public = {name for name in campaign_core.__all__ if name in commands}
    assert commands == public
    walk = {each.__name__ for each in get_args(LeadReport | LeadAnswer)} | {"ResolveUnknown"}
    assert commands - walk - {"SuppressAddress", "LiftSuppression"} == FIELDS.keys() == KINDS


def test_the_model_knows_nothing_of_the_kernel() -> None:
    modules = sorted((Path(__file__).parent / "model").glob("*.py"))
    names = [
        name
        for module in modules
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [getattr(node, "module", None) or "", *(each.name for each in node.names)]
    ]
    assert len(names) > 20
    assert [name for name in names if "campaign_core" in name] == []


TestCommands = Commands.TestCase
# Without the phase that explains: it takes minutes for a history of forty commands.
TestCommands.settings = hypothesis_settings(
    max_examples=max(20, hypothesis_settings.default.max_examples // 3),  # each is fifty commands on two stores
    stateful_step_count=50,
    phases=[Phase.reuse, Phase.generate, Phase.shrink],
)
