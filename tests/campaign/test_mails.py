"""The mails of a campaign, rendered for its leads: what keeps one from going, which leads it concerns, what is remarked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import attrs
import pytest

from campaign_core import ContentType, Finding, PreflightFailed, UnfitLead, UpdateCampaign
from campaign_core.campaign.decisions import CAMPAIGN_DECIDER
from campaign_core.campaign.events import Failed, Launched, LeadsUploaded, Paused, Resumed, Source
from campaign_core.campaign.findings import MailFindings
from campaign_core.campaign.mails import (
    CampaignMails,
    declared,
    every_hour,
    examined,
    local_time,
    mails_of,
    remarks_on,
)
from campaign_core.testing.scenario import scenario
from tests.campaign.given import (
    ACTIVATE,
    BATCH_ID,
    CAMPAIGN_ID,
    HISTORIES,
    READY,
    add_leads,
    facts,
    follow_up,
    launch,
    sequence_id,
    sequences_set,
    variant,
    variants_set,
    when,
)

#: A Tuesday morning.
MOMENT: Final = datetime(2030, 1, 1, 9, tzinfo=UTC)
#: A first mail with two variants, a follow-up at step 2 and one at step 3.
STEPS: Final = (variants_set(variant("A", 50), variant("B", 50)), sequences_set(follow_up(2), follow_up(3)))
PLACES: Final = {
    "A": "step 1 variant A",
    "B": "step 1 variant B",
    "second": "step 2 variant A",
    "third": "step 3 variant A",
}
KEYS: Final = {"A": (None, "A"), "B": (None, "B"), "second": (sequence_id(2), "A"), "third": (sequence_id(3), "A")}
ANN: Final = {"email": "ann@leads.org", "first_name": "Ann"}
BOB: Final = {"email": "bob@leads.org", "city": "Ulm"}
CID: Final = {"email": "cid@leads.org"}
IDS: Final = [UUID(int=1000 + number) for number in range(9)]


def mails(*, kind: ContentType = ContentType.PLAINTEXT, known: str = "", **changes: Any) -> CampaignMails:
    """The mails of `STEPS`, bound to the names in `known`; `A`, `B`, `second` and `third` change texts of theirs."""
    chosen = (variants_set(variant("A", 50, content_type=kind), variant("B", 50)), STEPS[1])
    state = scenario(CAMPAIGN_DECIDER).given(*READY, *chosen).state
    right = {"subject_template": "Hello", "email_content": "Good morning."}
    threaded = {"email_content": "Good evening."}
    stored = {
        KEYS[name]: (right if name in "AB" else threaded) | changes.get(name, {}) for name in KEYS if name != "gone"
    }
    return mails_of(CAMPAIGN_ID, state, stored, frozenset(known.split()))


def found(*leads: Mapping[str, str], at: datetime = MOMENT, **given: Any) -> MailFindings:
    """What looking at these leads shows; their ids are `IDS`."""
    made = mails(**given)
    return examined(made, made.fields, lambda: zip(IDS, leads, strict=False), at)


def faults(*leads: Mapping[str, str], **given: Any) -> list[tuple[str, int, tuple[str, ...]]]:
    return [(each.code, each.count, each.examples) for each in found(*leads, **given).faults]


def subject(text: str) -> dict[str, str]:
    return {"subject_template": text}


def body(text: str) -> dict[str, str]:
    return {"email_content": text}


def test_right_texts_have_no_fault() -> None:
    """A follow-up without a subject stays in its thread."""
    assert faults(ANN, BOB, CID) == []
    assert faults(ANN, second=subject("Once more")) == []


@pytest.mark.parametrize(
    "blank", ["", " ", "\t\n", "\u00a0", "\u3000 ", "\u200b", "{{nobody}}", " {{city}} "], ids=ascii
)
@pytest.mark.parametrize("mail", PLACES)
def test_a_blank_subject_or_body_is_a_fault_of_its_mail(mail: str, blank: str) -> None:
    """In the first mail and in follow-ups that have a subject of their own; the first lead it concerns is told."""
    example = (f"{PLACES[mail]} for lead {IDS[0]}",)
    assert faults(ANN, **{mail: subject(blank)}) == [("blank_subject", 1, example)]
    assert faults(ANN, **{mail: body(blank)}) == [("blank_content", 1, example)]


@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n", "\u2028", "\u0085", "\v", "\x00", "\x1b"], ids=ascii)
@pytest.mark.parametrize("mail", ["B", "third"])
def test_a_subject_is_one_line_whether_its_text_or_a_value_breaks_it(mail: str, line_break: str) -> None:
    """Around it a break is only white space, and in a body it is wanted."""
    wrong = [("subject_line_break", 1, (f"{PLACES[mail]} for lead {IDS[1]}",))]
    spoiled = {**ANN, "first_name": f"An{line_break}n"}
    assert faults(ANN, spoiled, **{mail: subject("Hello {{first_name}}")}) == wrong
    assert faults(ANN, **{mail: subject(f"Hello{line_break}there")})[0][:2] == ("subject_line_break", 1)
    assert faults(ANN, spoiled, **{mail: body("Hello {{first_name}}")}) == []
    if not line_break.strip():
        assert faults(ANN, **{mail: subject(f"{line_break}Hello {line_break}")}) == []


@pytest.mark.parametrize(
    ("kind", "text", "values", "blank"),
    [
        pytest.param(ContentType.HTML, "<p><br></p>", {}, True, id="only tags"),
        pytest.param(ContentType.HTML, "<p>{{first_name}}</p>", {"first_name": "<b></b>"}, False, id="escaped tags"),
        pytest.param(ContentType.RAW_HTML, "<p>{{first_name}}</p>", {"first_name": "<b></b>"}, True, id="raw tags"),
        pytest.param(ContentType.RAW_HTML, "{{first_name}}<p>Hello", {"first_name": "<!--"}, True, id="raw comment"),
        pytest.param(ContentType.HTML, "{{first_name}}<p>Hello", {"first_name": "<!--"}, False, id="escaped comment"),
        pytest.param(ContentType.HTML, "<p><img src=x></p>", {}, False, id="an image"),
        pytest.param(ContentType.HTML, "<!-- {{first_name}} -->", {"first_name": "Ann"}, True, id="within a comment"),
        pytest.param(ContentType.PLAINTEXT, "<p></p>", {}, False, id="tags in text"),
        pytest.param(ContentType.HTML, "<{{first_name}}p>Hello", {"first_name": "!--"}, True, id="a tag of a value"),
        pytest.param(ContentType.HTML, "&{{first_name}}", {"first_name": "nbsp;"}, True, id="a space of a value"),
        pytest.param(ContentType.RAW_HTML, "{{first_name}}sp;", {"first_name": "&nb"}, True, id="a space of both"),
    ],
)
def test_a_body_is_blank_where_its_reader_sees_nothing(
    kind: ContentType, text: str, values: dict[str, str], blank: bool
) -> None:
    """HTML is read as a reader would; what a value holds counts as markup in raw HTML only."""
    assert bool(faults({**CID, **values}, kind=kind, A=body(text))) is blank


def test_faults_are_counted_lead_by_lead_with_the_first_lead_of_each_mail() -> None:
    """Three mails at most are told, one lead each; codes come in the order of the alphabet."""
    gap = {"subject_template": "{{city}}", "email_content": "{{first_name}}"}
    assert faults(ANN, BOB, CID, A=gap, B=gap, second=gap, third=gap) == [
        ("blank_content", 8, tuple(f"{PLACES[name]} for lead {IDS[1]}" for name in ("A", "B", "second"))),
        ("blank_subject", 8, tuple(f"{PLACES[name]} for lead {IDS[0]}" for name in ("A", "B", "second"))),
    ]


@pytest.mark.parametrize(
    "text", ["{{city|there}}", '{{city | default: "there"}}', "{% if city %}{{city}}{% else %}you{% endif %}"]
)
def test_a_fallback_leaves_no_gap(text: str) -> None:
    assert faults(ANN, BOB, CID, known="city", A=subject(text), second=body(text)) == []


def test_an_option_that_is_blank_is_a_fault_of_the_leads_that_draw_it() -> None:
    """Of many leads about half; they are the very ones whose mail is blank."""
    made = mails(A=subject("{{|Hello}}"))
    leads = [{"email": f"lead{number}@leads.org"} for number in range(100)]
    drawn = [made.written(made.mails[0], values, MOMENT).subject for values in leads]
    (fault,) = examined(made, made.fields, lambda: zip(map(UUID, map(str, IDS)), leads, strict=False), MOMENT).faults
    assert fault.count == drawn[: len(IDS)].count("")
    assert 20 < drawn.count("") < 80


@pytest.mark.parametrize("asks", ["dn_day_name == 'Sunday'", "dn_time_of_day == 'Good evening'"])
@pytest.mark.parametrize("part", [subject, body], ids=["subject", "body"])
def test_a_text_that_asks_for_the_time_is_looked_at_on_every_day_and_hour(asks: str, part: Any) -> None:
    """Blank on Sundays, or in the evening, it is a fault on a Tuesday morning; the same for every other day."""
    gap = part(f"{{% unless {asks} %}}Hello{{% endunless %}}")
    assert [count for _, count, _ in faults(ANN, BOB, A=gap)] == [2]
    whole = part(f"{{% if {asks} %}}Bye{{% else %}}Hello{{% endif %}}")
    assert faults(ANN, BOB, A=whole) == []


def test_every_day_and_time_of_day_has_a_moment() -> None:
    moments = every_hour(datetime(2030, 1, 5, 23, 59, tzinfo=UTC))
    assert {(each.weekday(), each.hour) for each in moments} == {
        (day, hour) for day in range(7) for hour in (9, 13, 18)
    }


def test_texts_are_written_at_the_time_of_the_campaigns_zone() -> None:
    """Midnight in London is nine in the morning in Tokyo, of the same day."""
    assert local_time(datetime(2030, 1, 1, tzinfo=UTC), "Asia/Tokyo").hour == 9


def test_a_text_that_is_no_template_is_named_and_not_rendered() -> None:
    """Its other mails are looked at all the same."""
    assert faults(ANN, A=body("Hello {{"), third=subject("{% if %}"), B=subject(" ")) == [
        ("blank_subject", 1, (f"{PLACES['B']} for lead {IDS[0]}",)),
        ("unreadable_template", 2, (PLACES["A"], PLACES["third"])),
    ]


def test_what_leads_lack_is_told_with_its_share() -> None:
    """Only names put out without a fallback; blank is lacking; each name once, however often it stands."""
    text = "{{city}} {{city}} {{first_name|you}} {{nobody}} {% if plan %}{{plan}}{% endif %}"
    seen = found(ANN, BOB, {**CID, "city": "  "}, known="city", A=body(text), B=subject("Hello {{city}}"))
    (warning,) = seen.warnings
    assert (warning.code, warning.examples) == (
        "variable_lacking",
        ("city (2 of 3 leads)", "nobody (3 of 3 leads)"),
    )
    assert seen.faults == ()


def test_a_field_under_its_other_name_is_not_lacking() -> None:
    """`job_title` finds `title`."""
    assert found({**ANN, "title": "Countess"}, known="title", A=body("{{job_title}} Hello")).warnings == ()


def test_looking_without_rendering_finds_no_fault_of_a_mail() -> None:
    """But what leads lack, what is remarked, and what is no template."""
    made = mails(A=subject("{{city}}"), B=body("Hello {{"))
    seen = examined(made, made.fields, lambda: zip(IDS, [ANN, BOB], strict=False), MOMENT, renders=False)
    assert [each.code for each in seen.faults] == ["unreadable_template"]
    assert [each.examples for each in seen.warnings] == [("city (1 of 2 leads)",)]


def test_the_readings_of_braces_follow_the_declared_names() -> None:
    """`{{a|b}}` is a fallback where leads declare `a`, else a choice; remarks tell mail, text and place."""
    text = subject("{{city|Ulm}} {first_name} }}")
    codes = {known: [each.code for each in found(ANN, known=known, A=text).readings] for known in ("", "city")}
    assert codes == {"": ["spintax", "combinations"], "city": ["fallback", "combinations"]}
    warned = {each.code: each.examples for each in found(ANN, A=text).warnings}
    assert warned.keys() == {"single_braces", "stray_closing"}
    assert warned["stray_closing"][0].startswith("step 1 variant A subject_template line 1, column 27: This }}")


def test_remarks_say_nothing_of_unknown_names() -> None:
    """What leads lack is counted instead; and each code is one finding with all its places."""
    made = mails(A=subject("{{nobody}} {{Hi|Hello}}"), third=body("{{Hi|Hello}} {{So|Well}}"))
    assert [(each.code, each.count) for each in remarks_on(made, frozenset())] == [("combinations", 2), ("spintax", 3)]


def test_the_declared_names_are_those_of_columns_and_of_values() -> None:
    assert declared(("email", "town"), lambda: zip(IDS, [ANN, BOB], strict=False)) == {
        "email", "town", "first_name", "city",
    }  # fmt: skip


def test_the_first_fault_of_a_lead_is_its_reason() -> None:
    """None where every mail could go; the first mail's before a follow-up's."""
    made = mails(A=subject("{{first_name}}"), third=body("{{city}}"))
    assert [made.first_fault(each, MOMENT) for each in ({**ANN, **BOB}, ANN, BOB, CID)] == [
        None, "blank_content", "blank_subject", "blank_subject",
    ]  # fmt: skip


def test_of_two_faults_of_one_mail_the_reason_is_the_first_by_name() -> None:
    assert mails(A={"subject_template": "{{city}}", "email_content": "{{city}}"}).first_fault(ANN, MOMENT) == (
        "blank_content"
    )


BLANK = Finding(code="blank_content", count=4, examples=(f"step 3 variant A for lead {IDS[0]}",))
WITH_BLANK = facts(mails=MailFindings(fields=("email",), faults=(BLANK,)))
SOUND = facts(mails=MailFindings(fields=("city", "email")))
PAUSED = (*READY, *STEPS, Launched(), Paused())


def test_a_launch_with_a_faulty_mail_fails_and_one_without_records_the_names() -> None:
    """By an update and by an activation alike."""
    for command in (launch(), ACTIVATE):
        when((*READY, *STEPS), command, WITH_BLANK).then(Failed(faults=(BLANK,)))
        when((*READY, *STEPS), command, SOUND).then(Launched(fields=("city", "email")))


def test_a_resume_with_a_faulty_mail_is_held_back_and_one_without_records_the_names() -> None:
    """An update keeps its fields, an activation is rejected with the sentence."""
    when(PAUSED, launch(), WITH_BLANK).then_nothing()
    when(PAUSED, ACTIVATE, WITH_BLANK).then_rejected(PreflightFailed, reasons=(BLANK.sentence,))
    for command in (launch(), ACTIVATE):
        when(PAUSED, command, SOUND).then(Resumed(fields=("city", "email")))


def test_faults_of_inboxes_come_before_those_of_mails() -> None:
    both = facts(usable=False, mails=MailFindings(faults=(BLANK,)))
    (failed,) = when(READY, ACTIVATE, both).proposed
    assert [each.code for each in failed.event.faults] == ["no_usable_inbox", "blank_content"]


def test_a_mail_that_no_lead_could_get_is_saved_all_the_same() -> None:
    """It is no question of shape: ten blanks are ten characters, and the launch asks later."""
    blank = variant(subject_template=" ", email_content=" " * 10)
    when(READY, UpdateCampaign(CAMPAIGN_ID, variants=(blank,)), WITH_BLANK).then(variants_set(blank))


def test_the_names_of_the_last_start_are_the_ones_in_force() -> None:
    def bound(*history: Any) -> frozenset[str] | None:
        return scenario(CAMPAIGN_DECIDER).given(*history).state.bound_fields

    assert bound(*READY) is None
    assert bound(*READY, Launched(fields=("email", "city"))) == {"email", "city"}
    assert bound(*READY, Launched(fields=("email",)), Paused(), Resumed(fields=("plan",)), Paused()) == {"plan"}


def test_leads_no_mail_could_go_to_are_skipped_with_their_reason() -> None:
    """The others are taken; numbers go on without a gap."""
    unfit = facts(unfit={"bert@example.com": "blank_subject", "dora@example.com": "blank_subject"})
    command = add_leads(
        "anna@example.com", "bert@example.com", "carl@example.com", "dora@example.com", skipped={"x": 1}
    )
    decided = when(HISTORIES["ACTIVE"], command, unfit)  # type: ignore[index]
    decided.then(
        LeadsUploaded(
            batch_id=BATCH_ID,
            source=Source.FILE,
            first_number=3,
            imported=2,
            duplicates=0,
            skipped={"x": 1, "blank_subject": 2},
            fields=("email", "name"),
        )
    )
    assert [row["email"] for row in decided.proposed[0].content] == ["anna@example.com", "carl@example.com"]


def test_a_lead_added_by_hand_that_no_mail_could_go_to_is_refused() -> None:
    """With what would be wrong in words of the lead, and without its values."""
    command = attrs.evolve(add_leads("anna@example.com"), source=Source.MANUAL)
    refusal = when(HISTORIES["ACTIVE"], command, facts(unfit={"anna@example.com": "blank_subject"})).then_rejected(  # type: ignore[index]
        UnfitLead, reason="the campaign is running, and with these values a subject would be blank"
    )
    assert str(refusal).endswith(
        "cannot be added: the campaign is running, and with these values a subject would be blank."
    )
