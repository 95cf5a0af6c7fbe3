"""What preflight finds is what anybody finds who renders each mail for each lead, at every hour of the week."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from hypothesis import event, given
from hypothesis import strategies as st

from campaign_core import (
    ActivateCampaign,
    AddLeads,
    ContentType,
    CreateCampaign,
    FollowUp,
    FollowUpVariant,
    Kernel,
    TriggerType,
    UpdateCampaign,
    Variant,
    open_kernel,
)
from campaign_core.campaign.events import Launched, LeadsUploaded, Source
from campaign_core.content.choices import mail_key
from campaign_core.content.compiled import compile_template
from campaign_core.content.mail import blank, header_problem
from campaign_core.content.parse import parse
from campaign_core.recorded import Rows
from tests.conftest import AT
from tests.content.templates import SOURCES
from tests.kernel.given import new_inbox

CAMPAIGN: Final = UUID(int=1)
#: Any hour of a week, by the clock on the wall.
WEEK: Final = [datetime(2030, 1, 7) + timedelta(hours=hour) for hour in range(7 * 24)]
FIELDS: Final = ("email", "first_name", "company", "title", "city", "plan_2")
#: Texts of which some are blank for some leads, at some hours, or for who draws the wrong option.
GAPS: Final = st.sampled_from(
    [
        "{{city}}",
        " {{ First Name }} ",
        "{{|Hello}}",
        "{{city|}}",
        "{{dn_day_name}}",
        "{% if dn_day_name == 'Sunday' %}{% else %}Hello{% endif %}",
        "{% if dn_time_of_day == 'Good evening' and company %}{% else %}Hello{% endif %}",
        "<p>{{city}}</p>",
        "<{{city}}p>Hello",
        "{{company}}<p>Hello</p>",
        "&{{city}}",
    ]
)
#: Half of them begin with something to read; none is too long for a subject.
TEXTS: Final = st.builds(
    lambda before, text: f"{before}{text}", st.sampled_from(["", "Hello "]), st.one_of(GAPS, SOURCES)
).filter(lambda text: len(text) <= 500)
VALUES: Final = st.dictionaries(
    st.sampled_from(FIELDS[1:]),
    st.sampled_from(["Ada", "Ulm", "two\nlines", "<br>", "!--", "<!--", "nbsp;", "5", "a\tb"]),
)
KINDS: Final = st.sampled_from(ContentType)


def variant(kind: type, name: str, share: int, subject: str | None, body: str, content: ContentType) -> Any:
    return kind(
        variant_name=name,
        distribution_percent=share,
        subject_template=None if subject is None else subject or " ",
        email_content=body.ljust(10),
        content_type=content,
    )


@st.composite
def mails(draw: st.DrawFn) -> tuple[tuple[Variant, ...], tuple[FollowUp, ...]]:
    """A first mail of one or two variants, and at times a follow-up."""
    shares = draw(st.sampled_from([(100,), (50, 50)]))
    first = tuple(
        variant(Variant, name, share, draw(TEXTS), draw(TEXTS), draw(KINDS))
        for name, share in zip("AB", shares, strict=False)
    )
    if draw(st.booleans()):
        return first, ()
    later = variant(FollowUpVariant, "A", 100, draw(st.none() | TEXTS), draw(TEXTS), draw(KINDS))
    chain = FollowUp(step_number=2, trigger_type=TriggerType.NOT_REPLIED, wait_days=1, variants=(later,))
    return first, (chain,)


def leads() -> st.SearchStrategy[list[dict[str, str]]]:
    """Up to five leads, each with an address of its own."""
    return st.lists(VALUES, min_size=1, max_size=5).map(
        lambda rows: [{"email": f"lead{place}@leads.org", **values} for place, values in enumerate(rows)]
    )


def naive(
    given: tuple[tuple[Variant, ...], tuple[FollowUp, ...]],
    values: Mapping[str, str],
    known: frozenset[str],
) -> Iterable[set[str]]:
    """The faults of each mail to one lead: rendered at every hour of a week, and looked at."""
    first, chain = given
    steps: list[tuple[int, Any]] = [(1, each) for each in first]
    steps += [(follow_up.step_number, each) for follow_up in chain for each in follow_up.variants]
    for step, mail in steps:
        key = mail_key(CAMPAIGN, values["email"], step)
        body = compile_template(parse(mail.email_content), known, escapes=mail.content_type is ContentType.HTML)
        subject = None
        if mail.subject_template is not None:
            subject = compile_template(parse(mail.subject_template), known, escapes=False)
        asks = "{%" in mail.email_content + (mail.subject_template or "")
        found = set()
        for moment in WEEK if asks else WEEK[:1]:
            line = None if subject is None else subject(values, moment, key).strip()
            if line is not None and blank(line, ContentType.PLAINTEXT):
                found.add("blank_subject")
            elif line is not None and header_problem(line) is not None:
                found.add("subject_line_break")
            if blank(body(values, moment, key), mail.content_type):
                found.add("blank_content")
        yield found


def add(kernel: Kernel, rows: list[dict[str, str]]) -> LeadsUploaded:
    kernel.handle(
        AddLeads(
            CAMPAIGN,
            batch_id=UUID(int=2),
            source=Source.FILE,
            addresses=tuple(each["email"] for each in rows),
            content=Rows(tuple(rows)),
            fields=tuple(sorted({name for each in rows for name in each})),
        )
    )
    uploaded = kernel.history(CAMPAIGN)[-1].event
    assert isinstance(uploaded, LeadsUploaded)
    return uploaded


def drafted(given: tuple[tuple[Variant, ...], tuple[FollowUp, ...]], rows: list[dict[str, str]]) -> Kernel:
    """A kernel with one draft that has these mails and leads."""
    kernel = open_kernel("memory:", clock=lambda: AT)
    kernel.handle(CreateCampaign("Spring launch", campaign_id=CAMPAIGN))
    add(kernel, rows)
    kernel.handle(
        UpdateCampaign(CAMPAIGN, inbox_ids=(new_inbox(kernel),), variants=given[0], sequences=given[1]),
    )
    return kernel


@given(mails(), leads())
def test_a_launch_fails_exactly_where_somebody_finds_a_mail_that_cannot_go(
    given: tuple[tuple[Variant, ...], tuple[FollowUp, ...]], rows: list[dict[str, str]]
) -> None:
    """For the same reasons and as often; where nobody finds one the campaign is ACTIVE, bound to the declared names."""
    known = frozenset(name for each in rows for name in each)
    counts = Counter(code for values in rows for found in naive(given, values, known) for code in found)
    with drafted(given, rows) as kernel:
        answer = kernel.handle(ActivateCampaign(CAMPAIGN))
        event(answer.status)
        assert {each.code: each.count for each in answer.faults} == counts
        assert answer.status == ("FAILED" if counts else "ACTIVE")
        last = kernel.history(CAMPAIGN)[-1].event
        assert not isinstance(last, Launched) or last.fields == tuple(sorted(known))


@given(mails(), leads())
def test_a_running_campaign_takes_exactly_the_leads_that_each_mail_can_go_to(
    given: tuple[tuple[Variant, ...], tuple[FollowUp, ...]], rows: list[dict[str, str]]
) -> None:
    """Launched with a lead that has every value; the others are skipped for the first reason found."""
    whole = {"email": "whole@leads.org", **dict.fromkeys(FIELDS[1:], "Ulm")}
    with drafted(given, [whole]) as kernel:
        if kernel.handle(ActivateCampaign(CAMPAIGN)).status != "ACTIVE":
            return
        reasons = [
            next((min(each) for each in naive(given, values, frozenset(FIELDS)) if each), None) for values in rows
        ]
        event("some are skipped" if any(reasons) else "all are taken")
        uploaded = add(kernel, rows)
        assert uploaded.skipped == Counter(filter(None, reasons))
        assert uploaded.imported == reasons.count(None)
