"""The rules of fields: every valid command passes, every wrong value is named by its path."""

from __future__ import annotations

from typing import Any, get_args
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign_core.campaign import commands
from campaign_core.campaign.events import Source
from campaign_core.campaign.variants import Variant
from campaign_core.checks import check, problems_in
from campaign_core.errors import InvalidMessage, Problem
from campaign_core.inbox.commands import (
    DisableInbox,
    PauseInbox,
    RegisterInbox,
    RemoveInbox,
    ResumeInbox,
    VerifyInbox,
)
from campaign_core.kernel.pipeline import Command
from campaign_core.kernel.suppressing import LiftSuppression, SuppressAddress
from campaign_core.kernel.uploads import AddLead, UploadLeads
from campaign_core.lead import commands as lead
from campaign_core.lead.events import ReleaseReason
from campaign_core.recorded import Rows
from campaign_core.testing.strategies import (
    add_lead_commands,
    campaign_commands,
    inbox_commands,
    invalid_commands,
    lead_commands,
    suppression_commands,
    upload_commands,
)
from campaign_core.testing.wrong_values import (
    WRONG_ACCEPTANCE,
    WRONG_ANSWER,
    WRONG_BOUNCE,
    WRONG_CAMPAIGN,
    WRONG_CLICK,
    WRONG_CREATION,
    WRONG_DEFERRAL,
    WRONG_INBOX,
    WRONG_LEAD,
    WRONG_LEADS,
    WRONG_LIFT,
    WRONG_OPEN,
    WRONG_PAUSE,
    WRONG_REGISTRATION,
    WRONG_REJECTION,
    WRONG_RELEASE,
    WRONG_REMOVAL,
    WRONG_RESOLUTION,
    WRONG_REVISION,
    WRONG_SUPPRESSION,
    WRONG_UPDATE,
    WRONG_UPLOAD,
)

ID = UUID(int=1)
#: Each kind of command, right in every field, with the values that are wrong for its fields.
KINDS: list[tuple[Any, Any]] = [
    (commands.CreateCampaign("Spring offer"), WRONG_CREATION),
    (commands.UpdateCampaign(ID), WRONG_UPDATE),
    (commands.AddLeads(ID, batch_id=ID, source=Source.MANUAL, addresses=(), content=Rows()), WRONG_LEADS),
    (commands.RemoveLeads(ID, (ID,)), WRONG_REMOVAL),
    (UploadLeads(ID, b"email\n"), WRONG_UPLOAD),
    (AddLead(ID, "ada@example.com"), WRONG_LEAD),
    (lead.ReviseLead(ID, ID), WRONG_REVISION),
    (lead.ReportAccepted(ID, ID, 1, "a" * 64), WRONG_ACCEPTANCE),
    (lead.ReportDeferred(ID, ID, 1), WRONG_DEFERRAL),
    (lead.ReportRejected(ID, ID, 1, reply_code=550, about_address=True), WRONG_REJECTION),
    (lead.ReleaseClaim(ID, ID, 1, reason=ReleaseReason.PAUSED), WRONG_RELEASE),
    (lead.ResolveUnknown(ID, ID, True), WRONG_RESOLUTION),
    (lead.RecordOpen(ID, ID), WRONG_OPEN),
    (lead.RecordClick(ID, ID), WRONG_CLICK),
    (lead.RecordReply(ID, ID), WRONG_OPEN),
    (lead.RecordBounce(ID, ID), WRONG_BOUNCE),
    (lead.RecordComplaint(ID, ID), WRONG_ANSWER),
    (lead.RecordUnsubscribe(ID, ID), WRONG_ANSWER),
    (SuppressAddress("ada@example.com"), WRONG_SUPPRESSION),
    (LiftSuppression("ada@example.com"), WRONG_LIFT),
    (commands.ActivateCampaign(ID), WRONG_CAMPAIGN),
    (commands.PauseCampaign(ID), WRONG_PAUSE),
    (commands.CompleteCampaign(ID), WRONG_CAMPAIGN),
    (commands.ArchiveCampaign(ID), WRONG_CAMPAIGN),
    (commands.DeleteCampaign(ID), WRONG_CAMPAIGN),
    (RegisterInbox("ada@example.com"), WRONG_REGISTRATION),
    (VerifyInbox(ID), WRONG_INBOX),
    (PauseInbox(ID), WRONG_INBOX),
    (ResumeInbox(ID), WRONG_INBOX),
    (DisableInbox(ID), WRONG_INBOX),
    (RemoveInbox(ID), WRONG_INBOX),
]
WRONG = [
    pytest.param(command, name, value, id=f"{type(command).__name__} {name} {place}")
    for command, wrong in KINDS
    for name in wrong
    for place, value in enumerate(wrong[name])
]


COMMANDS = st.one_of(
    campaign_commands(),
    inbox_commands(),
    upload_commands(),
    add_lead_commands(),
    lead_commands(),
    suppression_commands(),
)


@given(command=COMMANDS)
def test_a_valid_command_has_no_problems(command: Any) -> None:
    check(command)


@given(spoiled=invalid_commands())
def test_one_wrong_field_is_one_problem_or_more_at_its_path(spoiled: tuple[Any, str]) -> None:
    """Whatever the other fields hold."""
    command, path = spoiled
    with pytest.raises(InvalidMessage) as invalid:
        check(command)
    assert any(each.path.startswith(path) for each in invalid.value.problems)


@pytest.mark.parametrize(("command", "name", "value"), WRONG)
def test_a_wrong_value_is_named_by_its_field(command: Any, name: str, value: object) -> None:
    """That field alone, in one sentence that ends without a full stop, as the error adds one."""
    (problem,) = problems_in(attrs.evolve(command, **{name: value}))
    assert problem.path == f"$.{name}"
    assert problem.sentence
    assert not problem.sentence.endswith(".")
    assert "\n" not in problem.sentence


def test_every_field_has_wrong_values_to_be_tried() -> None:
    """Of every command, so that a new field gets a rule, and the rule a test."""
    assert {type(command) for command, _ in KINDS} == set(get_args(Command))
    for command, wrong in KINDS:
        assert {each.name for each in attrs.fields(type(command))} == set(wrong)


def test_problems_of_values_inside_are_named_by_place() -> None:
    """All of them at once, in the order of the fields."""
    right = Variant(subject_template="Hello", email_content="Good morning.", distribution_percent=50)
    wrong = attrs.evolve(right, variant_name="B2", distribution_percent=101, email_content="short")
    command = commands.UpdateCampaign(ID, name="short", variants=(right, wrong))
    assert [each.path for each in problems_in(command)] == [
        "$.name",
        "$.variants[1].variant_name",
        "$.variants[1].distribution_percent",
        "$.variants[1].email_content",
    ]


def test_fields_that_are_each_right_may_disagree() -> None:
    """Asked only once every field is right by itself."""
    command = commands.CreateCampaign("Spring offer", sending_window_start=17, sending_window_end=17)
    assert [each.path for each in problems_in(command)] == ["$.sending_window_end"]
    assert [each.path for each in problems_in(attrs.evolve(command, name="short"))] == ["$.name"]


@pytest.mark.parametrize("share", [0, 100], ids=str)
def test_ends_of_a_range_belong_to_it(share: int) -> None:
    assert list(problems_in(Variant(subject_template="H", email_content="x" * 10, distribution_percent=share))) == []


def test_the_error_lists_every_problem_and_can_be_pickled() -> None:
    import pickle

    error = InvalidMessage((Problem("$.name", "is required"), Problem("$.variants[0]", "must be text")))
    assert str(error) == "$.name: is required; $.variants[0]: must be text."
    again = pickle.loads(pickle.dumps(error))
    assert again.problems == error.problems
