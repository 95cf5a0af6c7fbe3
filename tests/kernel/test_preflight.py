"""A launch and a resume look at every mail for every lead: what they find, and what a campaign says of it before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from campaign_core import (
    CAMPAIGNS,
    ActivateCampaign,
    ContentType,
    Finding,
    InvalidMessage,
    Kernel,
    MailChoice,
    Metadata,
    Outcome,
    PauseCampaign,
    PreflightFailed,
    RemoveLeads,
    ReviseLead,
    UpdateCampaign,
    UploadLeads,
    Variant,
    open_kernel,
)
from campaign_core.campaign.events import Launched, Resumed, VariantsSet, stream_of
from campaign_core.kernel.kernel import VIEWS
from campaign_core.log.log import EventLog
from campaign_core.log.memory import MemoryStore
from campaign_core.log.sqlite import SqliteStore
from campaign_core.recorded import Proposed, Rows
from tests.campaign.given import follow_up, follow_up_variant
from tests.conftest import AT
from tests.kernel.mails import HELLO, drafted, lead_file, lead_id, mail


def found(answer: Outcome) -> list[tuple[str, int, tuple[str, ...]]]:
    return [(each.code, each.count, each.examples) for each in answer.faults]


def started(kernel: Kernel, campaign_id: UUID) -> list[tuple[str, ...]]:
    """The names that each launch and resume recorded."""
    events = [each.event for each in kernel.history(campaign_id)]
    return [each.fields for each in events if isinstance(each, Launched | Resumed)]


@pytest.mark.parametrize(
    ("variant", "fault"),
    [
        pytest.param(mail("{{city}}"), "blank_subject", id="subject"),
        pytest.param(mail(body="{{city}}     "), "blank_content", id="plain body"),
        pytest.param(mail(body="<p>{{city}}</p>", kind=ContentType.HTML), "blank_content", id="html"),
        pytest.param(mail(body="<p>{{city}}</p>", kind=ContentType.RAW_HTML), "blank_content", id="raw html"),
    ],
)
def test_a_launch_fails_for_a_mail_that_is_blank_for_some_leads(kernel: Kernel, variant: Variant, fault: str) -> None:
    """With the first of them, its step and variant, and how many there are; a fallback mends it."""
    campaign_id = drafted(kernel, variant)
    answer = kernel.handle(ActivateCampaign(campaign_id))
    example = f"step 1 variant A for lead {lead_id(kernel, campaign_id, 4)}"
    assert (answer.status, found(answer)) == ("FAILED", [(fault, 2, (example,))])
    mended = {
        "subject_template": variant.subject_template.replace("{{city}}", "{{city|your town}}"),
        "email_content": variant.email_content.replace("{{city}}", "{{city|your town}}"),
    }
    again = kernel.handle(
        UpdateCampaign(campaign_id, variants=(Variant(content_type=variant.content_type, **mended),), launch=True)
    )
    assert again.events == ("campaign.revised", "campaign.variants_set", "campaign.launched")


def test_a_launch_fails_for_a_value_that_breaks_a_subject(kernel: Kernel) -> None:
    """Only where the subject uses it; the lead is named, its value is not."""
    leads = lead_file([("ann@leads.org", "Ulm"), ("bob@leads.org", "New\nUlm")], "city")
    sound = drafted(kernel, mail(body="Hello from {{city}}"), leads=leads)
    assert kernel.handle(ActivateCampaign(sound)).status == "ACTIVE"
    campaign_id = drafted(kernel, mail("Hello {{city}}"), leads=leads)
    answer = kernel.handle(ActivateCampaign(campaign_id))
    example = f"step 1 variant A for lead {lead_id(kernel, campaign_id, 2)}"
    assert found(answer) == [("subject_line_break", 1, (example,))]
    assert "Ulm" not in str(kernel.history(campaign_id)[-1].event)


def test_each_step_and_variant_is_looked_at_for_each_lead(kernel: Kernel) -> None:
    """One finding a kind of fault, with a lead of each of the first three mails; the views show it as it was told."""
    gap = (follow_up_variant("A", 50, email_content="{{city}}      "), follow_up_variant("B", 50))
    campaign_id = drafted(kernel, mail("{{city}}"), sequences=(follow_up(2, variants=gap), follow_up(3, variants=gap)))
    kernel.handle(RemoveLeads(campaign_id, (lead_id(kernel, campaign_id, 4),)))
    answer = kernel.handle(ActivateCampaign(campaign_id))
    eighth = lead_id(kernel, campaign_id, 8)
    steps = tuple(f"step {number} variant A for lead {eighth}" for number in (2, 3))
    assert found(answer) == [
        ("blank_content", 2, steps),
        ("blank_subject", 1, (f"step 1 variant A for lead {eighth}",)),
    ]
    assert [each.event.faults for each in kernel.history(campaign_id)[-1:]] == [answer.faults]  # type: ignore[union-attr]


def test_a_body_blank_on_sundays_only_fails_a_launch_on_a_tuesday(kernel: Kernel) -> None:
    campaign_id = drafted(kernel, mail(body="{% unless dn_day_name == 'Sunday' %}Hello{% endunless %}"))
    assert [each[:2] for each in found(kernel.handle(ActivateCampaign(campaign_id)))] == [("blank_content", 10)]


def test_values_that_leads_have_by_now_are_the_ones_looked_at(kernel: Kernel) -> None:
    """A revision can mend a campaign and can spoil it."""
    campaign_id = drafted(kernel, mail("{{city}}"), leads=lead_file([("ann@leads.org",)]))
    assert kernel.handle(ActivateCampaign(campaign_id)).status == "FAILED"
    ann = lead_id(kernel, campaign_id, 1)
    kernel.handle(ReviseLead(campaign_id, ann, custom_fields={"City": "Ulm"}))
    assert kernel.handle(ActivateCampaign(campaign_id)).status == "ACTIVE"
    assert started(kernel, campaign_id) == [("city", "email")]


def test_a_resume_on_faults_leaves_the_campaign_paused(kernel: Kernel) -> None:
    """An update keeps its fields and answers the faults; an activation is refused with them; mended, it resumes."""
    campaign_id = drafted(kernel)
    kernel.handle(ActivateCampaign(campaign_id))
    kernel.handle(PauseCampaign(campaign_id))
    answer = kernel.handle(UpdateCampaign(campaign_id, name="Summer launch", variants=(mail("{{city}}"),), launch=True))
    assert answer.events == ("campaign.settings_revised", "campaign.variants_set")
    assert (answer.status, [each[:2] for each in found(answer)]) == ("PAUSED", [("blank_subject", 2)])
    row = kernel.view(CAMPAIGNS).get(campaign_id)
    assert row is not None
    assert row.name == "Summer launch"
    with pytest.raises(PreflightFailed) as refused:
        kernel.handle(ActivateCampaign(campaign_id))
    assert refused.value.reasons == tuple(each.sentence for each in answer.faults)
    assert kernel.handle(UpdateCampaign(campaign_id, variants=(mail("{{city|you}}"),), launch=True)).status == "ACTIVE"


def test_a_start_records_the_names_its_leads_declare_and_binds_the_texts_to_them(kernel: Kernel) -> None:
    """`{{hello|}}` is a choice of two texts until a resume finds a field of that name; then it is a fallback."""
    campaign_id = drafted(kernel, mail("{{Hello|Hi}} {{nickname|Ann}}"), leads=b"email,City\nann@leads.org,\n")
    kernel.handle(ActivateCampaign(campaign_id))
    assert started(kernel, campaign_id) == [("city", "email")]
    kernel.handle(UploadLeads(campaign_id, b"email,hello\nbob@leads.org,Bom dia\n"))
    (seen,) = kernel.preview(campaign_id, MailChoice(lead="bob@leads.org"))
    assert seen.mail is not None
    assert seen.mail.subject.split()[0] in ("Hello", "Hi")
    kernel.handle(PauseCampaign(campaign_id))
    kernel.handle(ActivateCampaign(campaign_id))
    assert started(kernel, campaign_id) == [("city", "email"), ("city", "email", "hello")]
    (seen,) = kernel.preview(campaign_id, MailChoice(lead="bob@leads.org"))
    assert seen.mail is not None
    assert seen.mail.subject.startswith("Bom dia ")


def test_a_name_that_only_the_mapping_declares_counts(kernel: Kernel) -> None:
    """Before the first file comes that has it."""
    campaign_id = drafted(kernel, lead_mapping={"email": "email", "Home Town": "city"})
    assert kernel.handle(ActivateCampaign(campaign_id)).status == "ACTIVE"
    assert started(kernel, campaign_id) == [("city", "email", "home_town")]


def told(warnings: Sequence[Finding]) -> dict[str, tuple[str, ...]]:
    return {each.code: each.examples for each in warnings}


def test_an_update_that_brings_texts_tells_what_leads_lack_and_how_each_text_is_read(kernel: Kernel) -> None:
    """Readiness tells the same but for the readings, and renders nothing; nothing of it holds a save back."""
    campaign_id = drafted(kernel)
    text = mail("{{company}} {{city|x}} {{Hi|Hello}}", "{{city}} {first_name} and so on")
    answer = kernel.handle(UpdateCampaign(campaign_id, variants=(text,)))
    lacking = {"variable_lacking": ("company (10 of 10 leads)", "city (2 of 10 leads)")}
    assert told(answer.warnings) | lacking == told(answer.warnings)
    assert told(answer.warnings).keys() == {"variable_lacking", "single_braces", "fallback", "spintax", "combinations"}
    asked = told(kernel.readiness(campaign_id).warnings)
    assert asked == {code: told(answer.warnings)[code] for code in ("variable_lacking", "single_braces")}
    renamed = kernel.handle(UpdateCampaign(campaign_id, name="Summer launch"))
    assert (renamed.warnings, answer.faults, answer.status) == ((), (), "DRAFT")
    launched = kernel.handle(UpdateCampaign(campaign_id, launch=True))
    assert (launched.status, told(launched.warnings)) == ("ACTIVE", asked)


def test_a_broken_template_is_refused_with_its_place_and_nothing_is_stored(kernel: Kernel) -> None:
    """The path of the field, line and column; the rest of the update is not saved either."""
    campaign_id = drafted(kernel)
    before = kernel.history(campaign_id)
    broken = UpdateCampaign(
        campaign_id,
        name="Summer launch",
        variants=(mail(body="Good morning,\n {{first_name"),),
        sequences=(follow_up(2, variants=(follow_up_variant(subject_template="{% endif %}"),)),),
    )
    with pytest.raises(InvalidMessage) as refused:
        kernel.handle(broken)
    assert [(each.path, each.sentence.split(". ")[1][:16]) for each in refused.value.problems] == [
        ("$.variants[0].email_content", "Line 2, column 2"),
        ("$.sequences[0].variants[0].subject_template", "Line 1, column 1"),
    ]
    assert kernel.history(campaign_id) == before


def test_a_log_that_holds_a_text_that_is_no_template_says_so_at_the_launch(location: str) -> None:
    """No kernel saves one; an older log may hold some. It is a fault like any other, and a save mends it."""
    store: Any = MemoryStore() if location == "memory:" else SqliteStore(location)
    with open_kernel(store, clock=lambda: AT) as kernel:
        campaign_id = drafted(kernel)
        event = VariantsSet(variants=(mail().split,), replaces=True)
        content = Rows(({"subject_template": "Hello {{", "email_content": HELLO},))
        metadata = Metadata(workspace="default", actor="test", recorded_at=AT)
        EventLog(store, VIEWS).append(stream_of(campaign_id), [Proposed(event, content)], metadata)
        answer = kernel.handle(ActivateCampaign(campaign_id))
        assert (answer.status, found(answer)) == ("FAILED", [("unreadable_template", 1, ("step 1 variant A",))])
        assert kernel.readiness(campaign_id).is_launch_ready
        assert kernel.handle(UpdateCampaign(campaign_id, variants=(mail(),), launch=True)).status == "ACTIVE"
