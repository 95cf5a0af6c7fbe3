"""What is stored names no Python path: classes can be moved and renamed and every log stays readable."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
import pytest

from campaign_core import (
    ActivateCampaign,
    AddLead,
    ArchiveCampaign,
    CreateCampaign,
    DeleteCampaign,
    DisableInbox,
    FollowUp,
    FollowUpVariant,
    Kernel,
    LiftSuppression,
    PauseCampaign,
    PauseInbox,
    RecordBounce,
    RecordClick,
    RecordComplaint,
    RecordOpen,
    RecordReply,
    RecordUnsubscribe,
    RegisterInbox,
    ReleaseClaim,
    ReleaseReason,
    RemoveInbox,
    RemoveLeads,
    ReportDeferred,
    ReportRejected,
    ResolveUnknown,
    ResumeInbox,
    ReviseLead,
    SuppressAddress,
    TriggerType,
    UpdateCampaign,
    UploadLeads,
    Variant,
    VerifyInbox,
)
from campaign_core.kernel.stores import open_store
from campaign_core.lead.events import Finished, Skipped
from campaign_core.log.codec import EVENTS, Codec
from tests.codec.examples import EXAMPLES
from tests.codec.test_golden import NAMES, parts, payload
from tests.conftest import AT
from tests.kernel.claims import Worker


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.stored_name)
def test_an_event_says_its_stored_name_and_schema_itself(kind: Any) -> None:
    """Lower-case words behind the name of its aggregate; a schema from 1."""
    assert {"stored_name", "schema"} <= vars(kind).keys()
    assert re.fullmatch(r"(campaign|inbox|lead|suppression)\.[a-z]+(_[a-z]+)*", kind.stored_name)
    assert type(kind.schema) is int
    assert kind.schema >= 1


@pytest.mark.parametrize("name", NAMES, ids=str)
def test_a_class_that_was_renamed_and_moved_reads_and_writes_the_same_payload(name: str) -> None:
    example = EXAMPLES[name]
    old = attrs.resolve_types(type(example))
    new: Any = attrs.make_class(
        "SomethingElse",
        {each.name: attrs.field(type=each.type, default=each.default) for each in attrs.fields(old)},
        frozen=True,
        kw_only=True,
        class_body={"stored_name": old.stored_name, "schema": old.schema, "__module__": "another.place"},
    )
    codec = Codec((new,))
    found = codec.decode(*parts(name), payload(name))
    assert type(found) is new
    assert codec.encode(found) == payload(name)


def test_no_column_of_a_log_holds_a_python_path(open_sqlite: Callable[[], Kernel], tmp_path: Path) -> None:
    """After a life of a campaign and an inbox, with remembered commands: neither modules nor names of event classes."""
    with open_sqlite() as kernel:
        inbox_id = kernel.handle(RegisterInbox("ada@example.com"), command_id="1").id
        campaign_id = UUID(int=7)
        kernel.handle(CreateCampaign("Spring offer", campaign_id=campaign_id), command_id="2")
        kernel.handle(
            UploadLeads(campaign_id, b"email\nzoe@example.com\nbo@example.com\nal@example.com\n"), command_id="3"
        )
        lead_id = kernel.handle(AddLead(campaign_id, "lin@example.com"), command_id="lead").lead_id
        assert lead_id is not None
        kernel.handle(ReviseLead(campaign_id, lead_id, company="Tea"), command_id="revision")
        kernel.handle(RemoveLeads(campaign_id, (lead_id,)), command_id="removal")
        variant = Variant(subject_template="Hello", email_content="Good morning.")
        follow_up = FollowUp(
            step_number=2,
            trigger_type=TriggerType.NOT_REPLIED,
            wait_days=3,
            variants=(FollowUpVariant(email_content="Good evening."),),
        )
        kernel.handle(VerifyInbox(inbox_id))
        kernel.handle(PauseInbox(inbox_id))
        kernel.handle(ResumeInbox(inbox_id))
        everything = UpdateCampaign(
            campaign_id,
            inbox_ids=(inbox_id,),
            variants=(variant,),
            sequences=(follow_up,),
            lead_mapping={"email": "E-Mail"},
        )
        kernel.handle(everything, command_id="4")
        kernel.handle(DisableInbox(inbox_id), command_id="5")
        assert kernel.handle(ActivateCampaign(campaign_id), command_id="6").status == "FAILED"
        kernel.handle(VerifyInbox(inbox_id))
        kernel.handle(UpdateCampaign(campaign_id, name="Another offer", launch=True), command_id="7")
        kernel.handle(PauseCampaign(campaign_id), command_id="8")
        kernel.handle(ActivateCampaign(campaign_id))
        mails_of_all_kinds(kernel, tmp_path / "campaigns.db", campaign_id, inbox_id)
        kernel.handle(PauseCampaign(campaign_id))
        kernel.handle(ArchiveCampaign(campaign_id))
        kernel.handle(RemoveInbox(inbox_id))
        before = values(tmp_path / "campaigns.db")
        kernel.handle(DeleteCampaign(campaign_id))
    after = values(tmp_path / "campaigns.db")
    names = {name for name in before["events"] if isinstance(name, str)}
    unseen = {"campaign.completed", "campaign.deleted"}
    assert {kind.stored_name for kind in EVENTS} - unseen <= names  # type: ignore[attr-defined]
    paths = re.compile(
        r"campaign_core[./]|__main__|<class|\b(" + "|".join(kind.__qualname__ for kind in EVENTS) + r")\b"
    )
    for found in (before, after):
        for table in found.keys() - {"_sqlite_migrations"}:
            texts = [each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each) for each in found[table]]
            assert not [text for text in texts if paths.search(text)], table


def mails_of_all_kinds(kernel: Kernel, path: Path, campaign_id: UUID, inbox_id: UUID) -> None:
    """Everything that can happen to a mail of three leads, and to an address."""
    with closing(open_store(path)) as store:
        worker = Worker(store, kernel, campaign_id, inbox_id)
        worker.claim(1, 2, 3)
        worker.report(ReleaseClaim, 1, reason=ReleaseReason.STOPPING)
        worker.report(ReportDeferred, 2)
        worker.claim(1, 2)
        worker.lose(1)
        worker.say(ResolveUnknown, 1, sent=True)
        worker.report(ReportRejected, 2, reply_code=550, about_address=False)
        worker.accept(3)
        for kind in (RecordOpen, RecordClick, RecordReply, RecordBounce, RecordComplaint, RecordUnsubscribe):
            worker.say(kind, 3)
        worker.record(1, Skipped(step_number=2, sequence_id=UUID(int=2), due_at=AT), Finished())
    kernel.handle(SuppressAddress("mia@example.com"), command_id="suppress")
    kernel.handle(LiftSuppression("mia@example.com"), command_id="lift")


def values(path: Path) -> dict[str, list[Any]]:
    """Every value of every table."""
    with closing(sqlite3.connect(path)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: [value for row in connection.execute(f'SELECT * FROM "{table}"') for value in row]
            for table in tables
        }
