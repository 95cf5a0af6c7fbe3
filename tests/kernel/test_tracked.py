"""Which mail a token stands for, in which workspace, and that it stays so whatever becomes of the campaign."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest

from campaign_core import (
    ContentType,
    DeleteCampaign,
    FollowUp,
    FollowUpVariant,
    InvalidMessage,
    Kernel,
    PauseCampaign,
    Purpose,
    RecordUnsubscribe,
    ReportAccepted,
    ResolveUnknown,
    Tracked,
    TriggerType,
    UpdateCampaign,
    Variant,
    open_kernel,
)
from campaign_core.kernel.dispatch import Task
from campaign_core.kernel.worker import VirtualClock, Worker
from campaign_core.testing.transport import SimulatedTransport
from tests.conftest import AT
from tests.kernel.given import Made, active, draft

BASE = "https://mail.example.com"
ALWAYS: dict[str, Any] = {"sending_window_start": 0, "sending_window_end": 24, "sending_days": (1, 2, 3, 4, 5, 6, 7)}
HTML = Variant(
    subject_template="Hello {{first_name}}",
    email_content='<p>See <a href="https://example.com/a?b=1&amp;c=2">us</a> or <a href="mailto:a@example.com">ask</a>.</p>',
    content_type=ContentType.HTML,
)
FETCHED = {Purpose.OPEN: r"/t/o/([\w-]+)\.gif", Purpose.CLICK: r"/t/c/([\w-]+)", Purpose.UNSUBSCRIBE: r"/t/u/([\w-]+)"}


class Time:
    """A clock that tests set forward."""

    def __init__(self) -> None:
        self.now: datetime = AT

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def kernel(location: str, time: Time) -> Iterator[Kernel]:
    with open_kernel(location, clock=time) as opened:
        yield opened


def running(kernel: Kernel, *, tracks: bool = True, mail: Variant = HTML, **others: Any) -> Made:
    """An ACTIVE campaign with an HTML mail that may go now."""
    settings = {"enable_tracking": tracks, "enable_click_tracking": tracks, **ALWAYS, **others}
    made = draft(kernel, **settings)
    assert kernel.handle(UpdateCampaign(made.campaign_id, variants=(mail,), launch=True)).status == "ACTIVE"
    return made


def claim(kernel: Kernel, public_url: str | None = BASE) -> Task:
    (task,) = kernel.dispatch("worker-1", public_url=public_url).tasks
    return task


def taken(kernel: Kernel, task: Task) -> None:
    kernel.handle(ReportAccepted(task.campaign_id, task.lead_id, task.claim, "0" * 64))


def parts(task: Task) -> tuple[str, str, Any]:
    """The text and the HTML of a mail as its reader has them, and its header."""
    message: Any = message_from_bytes(task.outgoing.wire, policy=policy.default)
    bodies = [message.get_body((kind,)) for kind in ("plain", "html")]
    text, html = ("" if each is None else str(each.get_content()) for each in bodies)
    return text, html, message


def tokens(task: Task) -> dict[Purpose, str]:
    """The one token of each kind in a mail."""
    found = {purpose: set(re.findall(pattern, "".join(parts(task)[:2]))) for purpose, pattern in FETCHED.items()}
    return {purpose: each.pop() for purpose, each in found.items() if len(each) == 1}


def test_a_token_of_each_kind_stands_for_its_mail(kernel: Kernel) -> None:
    made = running(kernel)
    task = claim(kernel)
    assert set(tokens(task)) == set(Purpose)
    for purpose, token in tokens(task).items():
        is_click = purpose is Purpose.CLICK
        assert kernel.tracked(token) == Tracked(
            purpose=purpose,
            workspace="default",
            campaign_id=made.campaign_id,
            lead_id=task.lead_id,
            claim=task.claim,
            link=1 if is_click else None,
            target="https://example.com/a?b=1&c=2" if is_click else None,
            age=timedelta(0),
        )


def test_what_is_no_token_stands_for_nothing(kernel: Kernel) -> None:
    """Not even one that another log signed."""
    running(kernel)
    with open_kernel("memory:", clock=lambda: AT) as other:
        running(other)
        foreign = tokens(claim(other)).values()
        assert all(other.tracked(each) is not None for each in foreign)
        assert [kernel.tracked(each) for each in foreign] == [None, None, None]
    assert [kernel.tracked(each) for each in ("", "x", "A" * 71, "é" * 71)] == [None] * 4


def test_a_token_finds_its_workspace_from_every_other(kernel: Kernel) -> None:
    there = kernel.create_workspace("second")
    running(kernel)
    running(there)
    for each, name in ((kernel, "default"), (there, "second")):
        token = tokens(claim(each))[Purpose.UNSUBSCRIBE]
        found = [asked.tracked(token) for asked in (kernel, there, kernel.workspace("second"))]
        assert [one is not None and one.workspace for one in found] == [name] * 3


def test_a_mail_shows_neither_its_workspace_nor_its_reader_in_a_token(kernel: Kernel) -> None:
    there = kernel.create_workspace("second")
    running(there)
    shown = " ".join(tokens(claim(there)).values())
    assert "second" not in shown
    assert "anna" not in shown.lower()


def test_a_token_outlives_its_campaign_and_still_suppresses(kernel: Kernel) -> None:
    """Deleted with all its values: the link leads on, and to unsubscribe keeps every campaign from writing."""
    running(kernel)
    task = claim(kernel)
    taken(kernel, task)
    signed = tokens(task)
    kernel.handle(PauseCampaign(task.campaign_id))
    kernel.handle(DeleteCampaign(task.campaign_id))
    click = kernel.tracked(signed[Purpose.CLICK])
    assert click is not None
    assert click.target == "https://example.com/a?b=1&c=2"
    found = kernel.tracked(signed[Purpose.UNSUBSCRIBE])
    assert found is not None
    kernel.handle(RecordUnsubscribe(found.campaign_id, found.lead_id))
    assert kernel.suppression_of("anna@example.com") is not None
    assert kernel.suppression_of("bert@example.com") is None


def test_a_mail_is_as_old_as_it_was_taken_ago(kernel: Kernel, time: Time) -> None:
    running(kernel)
    task = claim(kernel)
    token = tokens(task)[Purpose.OPEN]
    time.now += timedelta(seconds=5)
    assert _age(kernel, token) == timedelta(0), "a worker is still at it"
    taken(kernel, task)
    time.now += timedelta(seconds=7)
    assert _age(kernel, token) == timedelta(seconds=7)


def test_nobody_knows_how_old_a_mail_is_that_may_not_have_gone(kernel: Kernel, time: Time) -> None:
    made = running(kernel)
    task = claim(kernel)
    token = tokens(task)[Purpose.OPEN]
    time.now = task.deadline
    kernel.dispatch("worker-1")
    assert _age(kernel, token) is None
    kernel.handle(ResolveUnknown(made.campaign_id, task.lead_id, sent=False))
    assert _age(kernel, token) is None


def _age(kernel: Kernel, token: str) -> timedelta | None:
    found = kernel.tracked(token)
    assert found is not None
    return found.age


def test_a_mail_offers_the_page_first_and_one_click(kernel: Kernel) -> None:
    running(kernel)
    task = claim(kernel)
    text, html, header = parts(task)
    page = f"{BASE}/t/u/{tokens(task)[Purpose.UNSUBSCRIBE]}"
    assert header["List-Unsubscribe"] == f"<{page}>, <mailto:sales@example.com?subject=unsubscribe>"
    assert header["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"Unsubscribe: {page}" in text
    assert f'<a href="{page}">Unsubscribe</a>' in html


def test_without_tls_there_is_no_one_click(kernel: Kernel) -> None:
    running(kernel)
    _, _, header = parts(claim(kernel, "http://127.0.0.1:8000"))
    assert header["List-Unsubscribe"].startswith("<http://127.0.0.1:8000/t/u/")
    assert header["List-Unsubscribe-Post"] is None


def test_a_mail_that_offers_no_way_to_unsubscribe_has_no_link_to_it(kernel: Kernel) -> None:
    running(kernel, enable_unsubscribe=False)
    task = claim(kernel)
    assert set(tokens(task)) == {Purpose.OPEN, Purpose.CLICK}
    assert parts(task)[2]["List-Unsubscribe"] is None


def test_without_a_public_url_mails_are_what_they_were(kernel: Kernel) -> None:
    running(kernel)
    task = claim(kernel, None)
    text, html, header = parts(task)
    assert tokens(task) == {}
    assert 'href="https://example.com/a?b=1&amp;c=2"' in html
    assert 'answer with "unsubscribe"' in text
    assert header["List-Unsubscribe"] == "<mailto:sales@example.com?subject=unsubscribe>"


@pytest.mark.parametrize(
    ("settings", "kinds"),
    [
        ({"enable_tracking": True}, {Purpose.OPEN, Purpose.UNSUBSCRIBE}),
        ({"enable_click_tracking": True}, {Purpose.CLICK, Purpose.UNSUBSCRIBE}),
        ({}, {Purpose.UNSUBSCRIBE}),
    ],
    ids=["opens", "clicks", "neither"],
)
def test_settings_say_what_is_tracked(kernel: Kernel, settings: dict[str, Any], kinds: set[Purpose]) -> None:
    running(kernel, tracks=False, **settings)
    assert set(tokens(claim(kernel))) == kinds


def test_a_plain_text_mail_has_no_picture_and_its_links_stay(kernel: Kernel) -> None:
    running(kernel, mail=Variant(subject_template="Hello", email_content="See https://example.com/a?b=1"))
    task = claim(kernel)
    assert set(tokens(task)) == {Purpose.UNSUBSCRIBE}
    assert "See https://example.com/a?b=1" in parts(task)[0]


def test_the_text_of_an_html_mail_has_links_as_they_were_written(kernel: Kernel) -> None:
    running(kernel)
    assert "us (https://example.com/a?b=1&c=2)" in parts(claim(kernel))[0]


def test_a_follow_up_has_tokens_of_its_own(kernel: Kernel, time: Time) -> None:
    """Each names its own claim, so that one mail's are never another's."""
    again = FollowUpVariant(email_content='<a href="https://example.com">Again</a>', content_type=ContentType.HTML)
    step = FollowUp(step_number=2, trigger_type=TriggerType.NOT_REPLIED, wait_days=1, variants=(again,))
    made = draft(kernel, enable_tracking=True, enable_click_tracking=True, **ALWAYS)
    kernel.handle(UpdateCampaign(made.campaign_id, variants=(HTML,), sequences=(step,), launch=True))
    first = claim(kernel)
    taken(kernel, first)
    time.now += timedelta(days=1, hours=1)
    second = claim(kernel)
    assert second.lead_id == first.lead_id
    claims = [kernel.tracked(tokens(each)[Purpose.CLICK]) for each in (first, second)]
    assert [each and each.claim for each in claims] == [first.claim, second.claim]


def test_the_past_makes_the_same_tokens(kernel: Kernel, time: Time) -> None:
    running(kernel)
    task = claim(kernel)
    taken(kernel, task)
    (mail,) = kernel.past(time.now).sent_mails(task.campaign_id, task.lead_id)
    assert mail.outgoing == task.outgoing


@pytest.mark.parametrize("url", ["mail.example.com", "ftp://mail.example.com", "https://mail.example.com?x"])
def test_what_is_no_public_url_is_refused_before_anything_is_claimed(kernel: Kernel, url: str) -> None:
    made = active(kernel, **ALWAYS)
    clock = VirtualClock(AT)
    with pytest.raises(InvalidMessage, match=r"\$\.public_url: must be an https:// or http:// URL"):
        kernel.dispatch("worker-1", public_url=url)
    with pytest.raises(InvalidMessage, match=r"\$\.public_url: must be an https:// or http:// URL"):
        Worker(kernel, SimulatedTransport(1, clock), name="one", clock=clock, public_url=url)
    assert kernel.history(made.campaign_id)[-1].name == "campaign.launched"
    assert claim(kernel, f"{BASE}/").outgoing.wire.count(f"{BASE}/t/u/".encode()) >= 1
