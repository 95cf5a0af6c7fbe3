"""The tests that docs/guarantees.md names are there; and those that show what no single layer can show."""

from __future__ import annotations

import ast
import re
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import campaign_core as core
from campaign_core import CAMPAIGNS, INBOXES, LEADS, DuplicateAction, Kernel, open_kernel
from tests.docs.pages import ROOT, text_of

PROMISES, _, NO_PROMISES = text_of("docs/guarantees.md").partition("## What is not promised")
NAMED = re.findall(r"^- `([\w/]+\.py)::(\w+)`$", PROMISES, re.MULTILINE)
LEAD_FILE = b"email,first_name,company\nada@engines.example,Ada,Engines\ngrace@harbour.example,Grace,Harbour\n"
HELLO = core.Variant(subject_template="Hello {{first_name}}", email_content="A word about {{company}}.")
REMINDER = core.FollowUp(
    step_number=2,
    trigger_type=core.TriggerType.NOT_REPLIED,
    wait_days=3,
    variants=(core.FollowUpVariant(email_content="A second word about it."),),
)


@cache
def _tests_of(file: str) -> set[str]:
    """What pytest would collect of a file: functions, in classes or not, and classes."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return {name for name in found if name.startswith(("test_", "Test"))}


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[name for _, name in NAMED])
def test_a_test_that_is_named_exists(file: str, name: str) -> None:
    """In the file the page says, under the name it says."""
    assert name in _tests_of(file)


def test_every_promise_names_a_test() -> None:
    """Each section under the promises ends with a list of tests, and nothing else on the page looks like one."""
    sections = re.split(r"^### ", PROMISES, flags=re.MULTILINE)[1:]
    assert len(sections) > 10
    assert [section.splitlines()[0] for section in sections if not re.search(r"^- `[\w/]+\.py::", section, re.M)] == []
    assert len(NAMED) == PROMISES.count("::")
    assert "::" not in NO_PROMISES


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    """A kernel over a log in memory, whose clock moves by a minute each time it is asked."""
    minutes = iter(range(1_000_000))
    with open_kernel(
        "memory:", clock=lambda: datetime(2030, 1, 1, tzinfo=UTC) + timedelta(minutes=next(minutes))
    ) as it:
        yield it


def _furnished(kernel: Kernel) -> tuple[UUID, UUID, UUID]:
    """A draft with leads, an inbox and follow-ups: the ids of campaign, inbox and a lead."""
    campaign = kernel.handle(core.CreateCampaign("Spring launch"), command_id="creation").id
    lead = kernel.handle(core.AddLead(campaign, "alan@hut8.example", first_name="Alan")).lead_id
    kernel.handle(core.UploadLeads(campaign, LEAD_FILE))
    inbox = kernel.handle(core.RegisterInbox("sales@acme.example")).id
    kernel.handle(core.VerifyInbox(inbox))
    kernel.handle(core.UpdateCampaign(campaign, inbox_ids=(inbox,), variants=(HELLO,), sequences=(REMINDER,)))
    assert lead is not None
    return campaign, inbox, lead


#: Whatever can be asked of a kernel about a campaign, an inbox and a lead that it does not have.
ASKED: dict[str, Callable[[Kernel, UUID, UUID, UUID], Any]] = {
    "update": lambda it, campaign, inbox, lead: it.handle(core.UpdateCampaign(campaign, name="Another name")),
    "activate": lambda it, campaign, inbox, lead: it.handle(core.ActivateCampaign(campaign)),
    "pause": lambda it, campaign, inbox, lead: it.handle(core.PauseCampaign(campaign)),
    "complete": lambda it, campaign, inbox, lead: it.handle(core.CompleteCampaign(campaign)),
    "archive": lambda it, campaign, inbox, lead: it.handle(core.ArchiveCampaign(campaign)),
    "delete": lambda it, campaign, inbox, lead: it.handle(core.DeleteCampaign(campaign)),
    "upload": lambda it, campaign, inbox, lead: it.handle(core.UploadLeads(campaign, LEAD_FILE)),
    "add a lead": lambda it, campaign, inbox, lead: it.handle(core.AddLead(campaign, "eva@code.example")),
    "revise a lead": lambda it, campaign, inbox, lead: it.handle(core.ReviseLead(campaign, lead, company="Hut")),
    "remove a lead": lambda it, campaign, inbox, lead: it.handle(core.RemoveLeads(campaign, (lead,))),
    "verify an inbox": lambda it, campaign, inbox, lead: it.handle(core.VerifyInbox(inbox)),
    "pause an inbox": lambda it, campaign, inbox, lead: it.handle(core.PauseInbox(inbox)),
    "resume an inbox": lambda it, campaign, inbox, lead: it.handle(core.ResumeInbox(inbox)),
    "disable an inbox": lambda it, campaign, inbox, lead: it.handle(core.DisableInbox(inbox)),
    "remove an inbox": lambda it, campaign, inbox, lead: it.handle(core.RemoveInbox(inbox)),
    "history": lambda it, campaign, inbox, lead: it.history(campaign),
    "history of an inbox": lambda it, campaign, inbox, lead: it.history(inbox),
    "as of": lambda it, campaign, inbox, lead: it.as_of(campaign, version=1),
    "readiness": lambda it, campaign, inbox, lead: it.readiness(campaign),
    "export": lambda it, campaign, inbox, lead: list(it.export_leads(campaign)),
}


def test_nothing_of_one_workspace_is_seen_or_used_from_another(kernel: Kernel) -> None:
    """Every call of a neighbour is answered as if nothing were there, and leaves everything as it was."""
    campaign, inbox, lead = _furnished(kernel)
    before = [kernel.view(view).find() for view in (CAMPAIGNS, LEADS, INBOXES)]
    events = list(kernel.subscribe())
    other = kernel.create_workspace("other")
    for name, asked in ASKED.items():
        with pytest.raises((core.UnknownCampaign, core.UnknownInbox)):
            pytest.fail(f"{name} answered {asked(other, campaign, inbox, lead)}")
    own = other.handle(core.CreateCampaign("Summer launch"), command_id="creation")
    with pytest.raises(core.UnusableInboxes):
        other.handle(core.UpdateCampaign(own.id, inbox_ids=(inbox,)))
    assert other.handle(core.RemoveLeads(own.id, (lead,))).unknown == 1
    with pytest.raises(core.UnknownLead):
        other.handle(core.ReviseLead(own.id, lead, company="Hut"))
    assert other.handle(core.RegisterInbox("sales@acme.example")).id != inbox
    assert [other.view(view).count() for view in (CAMPAIGNS, LEADS, INBOXES)] == [1, 0, 1]
    assert {recorded.workspace for recorded in other.subscribe()} == {"other"}
    assert [kernel.view(view).find() for view in (CAMPAIGNS, LEADS, INBOXES)] == before
    assert list(kernel.subscribe()) == events


@pytest.mark.parametrize("deleting", [True, False], ids=["replacing all", "beside those there"])
@pytest.mark.parametrize("action", DuplicateAction, ids=str)
def test_every_row_is_accounted_for_whatever_becomes_of_duplicates(
    kernel: Kernel, action: DuplicateAction, deleting: bool
) -> None:
    """The report balances, and says of each row what the leads then show."""
    campaign = kernel.handle(core.CreateCampaign("Spring launch")).id
    kernel.handle(core.UploadLeads(campaign, LEAD_FILE))
    file = LEAD_FILE + b"GRACE@harbour.example,G,H\n,Nobody,None\nno address,N,N\neva@code.example,Eva,\n"
    outcome = kernel.handle(core.UploadLeads(campaign, file, duplicate_action=action, delete_existing=deleting))
    report = outcome.report
    assert report is not None
    assert report.balances
    assert (report.rows, dict(report.skipped)) == (6, {"missing_email": 1, "invalid_email": 1})
    assert len(report.problems) == 2
    updates = 0 if deleting or action is DuplicateAction.SKIP else 2
    assert (report.imported, report.updated, outcome.removed) == (
        3 if deleting else 1,
        updates,
        2 if deleting else None,
    )
    assert kernel.view(LEADS).count({"campaign_id": campaign}) == 3


def test_a_campaign_as_of_each_version_is_what_its_view_showed_then(kernel: Kernel) -> None:
    """By version and by the instant of its newest event; before its first event there was none."""
    campaign, _, lead = _furnished(kernel)
    shown = [kernel.view(CAMPAIGNS).get(campaign)]
    for command in (
        core.UpdateCampaign(campaign, name="Spring launch 2030", launch=True),
        core.PauseCampaign(campaign),
        core.UpdateCampaign(campaign, variants=(HELLO,), launch=True),
        core.RemoveLeads(campaign, (lead,)),
        core.PauseCampaign(campaign),
        core.ArchiveCampaign(campaign),
    ):
        kernel.handle(command)
        shown.append(kernel.view(CAMPAIGNS).get(campaign))
    for row in shown:
        assert row is not None
        assert kernel.as_of(campaign, version=row.version) == row
        assert kernel.as_of(campaign, at=row.updated_at) == row
    assert len({row.version for row in shown if row is not None}) == len(shown)
    with pytest.raises(core.UnknownCampaign):
        kernel.as_of(campaign, at=datetime(2029, 12, 31, tzinfo=UTC))


def test_subscribers_meet_every_event_in_order_while_others_write(tmp_path: Path) -> None:
    """Two kernels on one file write from four threads each; a consumer that asks again and again misses none."""
    location = tmp_path / "campaigns.db"

    def write(kernel: Kernel) -> None:
        for each in range(10):
            campaign = kernel.handle(core.CreateCampaign(f"Campaign {each}")).id
            kernel.handle(core.UploadLeads(campaign, LEAD_FILE))

    met: list[int] = []
    with open_kernel(location) as one, open_kernel(location) as two, ThreadPoolExecutor(4) as threads:
        writers = [threads.submit(write, kernel) for kernel in (one, two, one, two)]
        writing = True
        while writing:
            writing = not all(each.done() for each in writers)
            met += [recorded.position for recorded in one.subscribe(met[-1] if met else 0)]
        for each in writers:
            each.result()
        everything = [recorded.position for recorded in two.subscribe()]
    assert met == everything == sorted(set(everything))
    assert len(met) == 80


def test_deleting_a_campaign_erases_every_value_its_leads_ever_had(tmp_path: Path) -> None:
    """Those of leads that were updated, revised or removed as well, and the texts of first mail and follow-ups."""
    location = tmp_path / "campaigns.db"
    with open_kernel(location) as kernel:
        campaign, _, lead = _furnished(kernel)
        kernel.handle(core.ReviseLead(campaign, lead, company="Hut 8"))
        kernel.handle(core.UploadLeads(campaign, LEAD_FILE, duplicate_action=DuplicateAction.REPLACE))
        kernel.handle(core.RemoveLeads(campaign, (lead,)))
        stored = "SELECT count(*) FROM contents WHERE body IS NOT NULL"
        with closing(sqlite3.connect(location)) as reader:
            assert reader.execute(stored).fetchone() == (6,)
        assert kernel.handle(core.DeleteCampaign(campaign)).scrubbed
        with closing(sqlite3.connect(location)) as reader:
            assert reader.execute(stored).fetchone() == (0,)
        assert kernel.view(LEADS).count() == 0
        assert kernel.verify().holds
