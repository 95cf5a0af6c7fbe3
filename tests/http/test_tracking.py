"""What readers of real mails reach on a real server: opens, links, and how to unsubscribe."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI

from campaign_adapters.http_api.tracking import PIXEL, tracking_routes
from campaign_core import (
    ArchiveCampaign,
    DeleteCampaign,
    Kernel,
    LeadStatus,
    LogBusy,
    Purpose,
    RegisterInbox,
    ReleaseClaim,
    ReleaseReason,
    VerifyInbox,
)
from tests.http.readers import ALWAYS, BROWSER, MAIL, PUBLIC_URL, TARGET, Mailed, Reader
from tests.http.serving import serve
from tests.sending.world import NO_GAP, World

GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
ANSWERS = ("lead.opened", "lead.clicked", "lead.unsubscribed")


@pytest.fixture
def reader(location: str, tmp_path: Path) -> Iterator[Reader]:
    world = World(location, pacing=NO_GAP)
    app = FastAPI()
    app.include_router(tracking_routes(world.kernel))
    with world.kernel, serve(app) as server:
        yield Reader(world, server, tmp_path / "mails")


def started(reader: Reader, leads: int = 1) -> UUID:
    return reader.world.campaign(leads, [reader.world.inbox()], variants=[MAIL], **ALWAYS)


@pytest.fixture
def campaign_id(reader: Reader) -> UUID:
    return started(reader)


@pytest.fixture
def mail(reader: Reader, campaign_id: UUID) -> Mailed:
    return reader.receive(campaign_id)


def heard(reader: Reader) -> list[Any]:
    """Every open, click and unsubscribe that was recorded, in order."""
    return [each.event for each in reader.world.events(*ANSWERS)]


def test_a_mail_is_opened_its_link_followed_and_its_reader_leaves(
    reader: Reader, campaign_id: UUID, mail: Mailed
) -> None:
    """From the Maildir over HTTP to the results, by what stands in the mail alone."""
    picture = reader.ask(mail.url(Purpose.OPEN))
    assert (picture.status_code, picture.content, len(picture.content)) == (200, PIXEL, 43)
    assert (picture.headers["Content-Type"], picture.headers["Cache-Control"]) == ("image/gif", "no-store")
    assert reader.world.lead(campaign_id, 1).status == LeadStatus.OPENED
    link = reader.ask(mail.url(Purpose.CLICK))
    assert (link.status_code, link.headers["Location"], link.content) == (302, TARGET, b"")
    first, second = mail.message["List-Unsubscribe"].split(", ")
    assert first == f"<{mail.url(Purpose.UNSUBSCRIBE)}>"
    assert second.startswith("<mailto:")
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    done = reader.ask(first.strip("<>"), "POST", agent=None, data=ONE_CLICK)
    assert (done.status_code, "You are unsubscribed" in done.text) == (200, True)
    assert reader.world.lead(campaign_id, 1).status == LeadStatus.UNSUBSCRIBED
    assert reader.world.kernel.suppression_of("lead1@leads.org") is not None
    counts = reader.counts(campaign_id)
    assert (counts.opened, counts.clicked, counts.unsubscribed, counts.opened_by_machine) == (1, 1, 1, 0)


def test_a_tracked_mail_comes_out_of_the_log_byte_for_byte(reader: Reader, campaign_id: UUID, mail: Mailed) -> None:
    (sent,) = reader.world.kernel.sent_mails(campaign_id, mail.lead_id)
    assert sent.outgoing is not None
    assert sent.outgoing.wire == mail.file


def test_the_link_of_the_text_part_unsubscribes_too(reader: Reader, mail: Mailed) -> None:
    (line,) = [each for each in mail.body("plain").splitlines() if each.startswith("Unsubscribe: ")]
    assert line == f"Unsubscribe: {mail.url(Purpose.UNSUBSCRIBE)}"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_to_look_at_the_page_unsubscribes_nobody(reader: Reader, campaign_id: UUID, mail: Mailed, method: str) -> None:
    answer = reader.ask(mail.url(Purpose.UNSUBSCRIBE), method)
    assert answer.status_code == 200
    assert heard(reader) == []
    assert reader.world.lead(campaign_id, 1).status == LeadStatus.SENT


def test_only_get_and_post_are_told_of_and_head_records_nothing(reader: Reader, mail: Mailed) -> None:
    picture, link = (reader.ask(mail.url(each), "HEAD") for each in (Purpose.OPEN, Purpose.CLICK))
    assert (picture.status_code, picture.content, picture.headers["Content-Length"]) == (200, b"", "43")
    assert (link.status_code, link.headers["Location"]) == (302, TARGET)
    assert [reader.ask(mail.url(each), "POST").status_code for each in (Purpose.OPEN, Purpose.CLICK)] == [405, 405]
    assert [reader.ask(mail.url(each), "DELETE").status_code for each in Purpose] == [405, 405, 405]
    assert heard(reader) == []


def test_to_unsubscribe_again_changes_nothing_and_says_the_same(reader: Reader, mail: Mailed) -> None:
    """With the body of a mail program in either encoding, with that of the form, and with none."""
    url = mail.url(Purpose.UNSUBSCRIBE)
    multipart = {name: (None, value) for name, value in ONE_CLICK.items()}
    answers = [reader.ask(url, "POST", **each) for each in ({"data": ONE_CLICK}, {"files": multipart}, {})]
    assert {(each.status_code, each.text) for each in answers} == {(200, answers[0].text)}
    assert len(heard(reader)) == 1


def bad(url: str) -> dict[str, str]:
    """What may become of a URL: cut off, changed, of another purpose's token, nothing at all."""
    *rest, letter, token = url.split("/")
    token, dot, ending = token.partition(".")
    changed = {
        "cut": token[:-1],
        "changed": token[:-1] + ("A" if token[-1] != "A" else "E"),
        "longer": token + "A",
        "empty": "x",
        "odd": "%00%ff",
    }
    return {name: "/".join([*rest, letter, each + dot + ending]) for name, each in changed.items()}


@pytest.mark.parametrize("what", ["cut", "changed", "longer", "empty", "odd", "of another purpose"])
def test_a_bad_token_is_recorded_nowhere(reader: Reader, mail: Mailed, what: str) -> None:
    """The picture is answered like any other, so that nothing can be found out by asking for it."""
    urls = {each: bad(mail.url(each)) for each in Purpose}
    opened, clicked, left = (mail.url(each) for each in Purpose)
    urls[Purpose.OPEN]["of another purpose"] = clicked.replace("/t/c/", "/t/o/") + ".gif"
    urls[Purpose.CLICK]["of another purpose"] = left.replace("/t/u/", "/t/c/")
    urls[Purpose.UNSUBSCRIBE]["of another purpose"] = opened.replace("/t/o/", "/t/u/").removesuffix(".gif")
    picture = reader.ask(urls[Purpose.OPEN][what])
    good = reader.ask(opened, "HEAD")
    assert (picture.status_code, picture.content) == (200, PIXEL)
    assert {**picture.headers, "date": ""} == {**good.headers, "date": ""}
    link = reader.ask(urls[Purpose.CLICK][what])
    assert (link.status_code, link.text) == (404, "This link is not one of ours, or a part of it is missing.\n")
    for method in ("GET", "POST"):
        page = reader.ask(urls[Purpose.UNSUBSCRIBE][what], method)
        assert (page.status_code, "This link does not work" in page.text) == (404, True)
    assert heard(reader) == []


@pytest.mark.parametrize(
    "headers",
    [{"User-Agent": "Mozilla/5.0"}, {"User-Agent": ""}, {"User-Agent": BROWSER, "Sec-Purpose": "prefetch"}],
    ids=str,
)
def test_programs_that_fetch_ahead_are_counted_apart(
    reader: Reader, campaign_id: UUID, mail: Mailed, headers: dict[str, str]
) -> None:
    """They get what everybody gets."""
    assert reader.ask(mail.url(Purpose.OPEN), headers=headers).content == PIXEL
    assert reader.ask(mail.url(Purpose.CLICK), headers=headers).headers["Location"] == TARGET
    assert [each.by_machine for each in heard(reader)] == [True, True]
    counts = reader.counts(campaign_id)
    assert (counts.opened, counts.clicked, counts.opened_by_machine) == (0, 0, 1)
    assert reader.world.lead(campaign_id, 1).status == LeadStatus.SENT
    reader.ask(mail.url(Purpose.OPEN), agent=GMAIL)
    assert reader.counts(campaign_id).opened == 1


@pytest.mark.parametrize(("seconds", "by_machine"), [(0, True), (1, True), (2, False)])
def test_what_comes_as_the_mail_arrives_is_no_person(
    reader: Reader, campaign_id: UUID, seconds: int, by_machine: bool
) -> None:
    """A scanner at the door, dressed as a browser."""
    mail = reader.receive(campaign_id, after=timedelta(seconds=seconds))
    reader.ask(mail.url(Purpose.CLICK))
    assert [each.by_machine for each in heard(reader)] == [by_machine]


@pytest.mark.parametrize("ends", [(ArchiveCampaign,), (ArchiveCampaign, DeleteCampaign)], ids=["archived", "deleted"])
def test_a_mail_can_be_answered_after_its_campaign(
    reader: Reader, campaign_id: UUID, mail: Mailed, ends: tuple[Callable[[UUID], Any], ...]
) -> None:
    """Archived, or deleted with everything that was known of its leads: who unsubscribes is still written to no more."""
    for end in ends:
        reader.world.kernel.handle(end(campaign_id))
    assert reader.ask(mail.url(Purpose.OPEN)).content == PIXEL
    assert reader.ask(mail.url(Purpose.CLICK)).headers["Location"] == TARGET
    assert reader.ask(mail.url(Purpose.UNSUBSCRIBE)).status_code == 200
    assert reader.ask(mail.url(Purpose.UNSUBSCRIBE), "POST").status_code == 200
    assert reader.world.kernel.suppression_of("lead1@leads.org") is not None
    assert [type(each).__name__ for each in heard(reader)] == ["Opened", "Clicked", "Unsubscribed"]


def test_a_mail_that_did_not_go_after_all_is_answered_and_not_recorded(reader: Reader) -> None:
    """Its claim was given back; who has it all the same can still unsubscribe."""
    campaign_id = started(reader)
    (task,) = reader.world.kernel.dispatch("two", public_url=PUBLIC_URL).tasks
    mail = Mailed.of(task.outgoing.wire, task.lead_id)
    reader.world.kernel.handle(ReleaseClaim(campaign_id, task.lead_id, task.claim, reason=ReleaseReason.STOPPING))
    assert reader.ask(mail.url(Purpose.OPEN)).content == PIXEL
    assert reader.ask(mail.url(Purpose.CLICK)).headers["Location"] == TARGET
    assert heard(reader) == []
    assert reader.ask(mail.url(Purpose.UNSUBSCRIBE), "POST").status_code == 200
    assert reader.world.lead(campaign_id, 1).status == LeadStatus.UNSUBSCRIBED


def test_while_the_log_is_busy_readers_get_what_they_asked_for_and_leave_later(
    reader: Reader, mail: Mailed, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as busy:
        busy.setattr(Kernel, "handle", _busy)
        assert reader.ask(mail.url(Purpose.OPEN)).content == PIXEL
        assert reader.ask(mail.url(Purpose.CLICK)).headers["Location"] == TARGET
        page = reader.ask(mail.url(Purpose.UNSUBSCRIBE), "POST", data=ONE_CLICK)
        assert (page.status_code, page.headers["Retry-After"]) == (503, "60")
        assert "not unsubscribed yet" in page.text
        assert heard(reader) == []
    assert reader.ask(mail.url(Purpose.UNSUBSCRIBE), "POST", data=ONE_CLICK).status_code == 200
    assert len(heard(reader)) == 1


def test_while_the_log_cannot_be_read_only_the_picture_is_there(
    reader: Reader, mail: Mailed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Kernel, "tracked", _busy)
    assert reader.ask(mail.url(Purpose.OPEN)).content == PIXEL
    answers = [reader.ask(mail.url(each)) for each in (Purpose.CLICK, Purpose.UNSUBSCRIBE)]
    assert [(each.status_code, each.headers["Retry-After"]) for each in answers] == [(503, "60")] * 2


def _busy(*_: Any, **__: Any) -> Any:
    raise LogBusy("campaigns.db was being written by another process for more than 5 seconds; try again.")


class Elements(HTMLParser):
    """The elements of a page, each with its attributes, and the text of its style."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.style, self.text, self._inside = "", "", ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.style += data
        else:
            self.text += data


def test_the_page_asks_with_a_button_and_loads_nothing(reader: Reader, mail: Mailed) -> None:
    answer = reader.ask(mail.url(Purpose.UNSUBSCRIBE))
    page = Elements(answer.text)
    found = dict(page.found)
    assert found["html"] == {"lang": "en"}
    assert found["form"] == {"method": "post"}
    assert found["button"]["type"] == "submit"
    assert {"title", "h1", "main"} <= set(found)
    assert not any(name in ("src", "href", "action") for _, each in page.found for name in each)
    assert not {"script", "img", "link", "iframe", "input"} & set(found)
    assert "leads.org" not in answer.text
    headers = answer.headers
    assert (headers["Cache-Control"], headers["Referrer-Policy"], headers["X-Robots-Tag"]) == (
        "no-store", "no-referrer", "noindex"
    )  # fmt: skip
    allowed = b64encode(sha256(page.style.encode()).digest()).decode()
    assert f"style-src 'sha256-{allowed}'" in headers["Content-Security-Policy"]
    assert headers["Content-Security-Policy"].startswith("default-src 'none';")


def test_the_button_of_the_page_unsubscribes(reader: Reader, mail: Mailed) -> None:
    button = dict(Elements(reader.ask(mail.url(Purpose.UNSUBSCRIBE)).text).found)["button"]
    done = reader.ask(mail.url(Purpose.UNSUBSCRIBE), "POST", data={str(button["name"]): str(button["value"])})
    assert (done.status_code, len(heard(reader))) == (200, 1)


def test_a_mail_of_another_workspace_is_heard_of_there_and_nowhere_else(reader: Reader) -> None:
    there = reader.world.kernel.create_workspace("second")
    here, reader.world.kernel = reader.world.kernel, there
    inbox_id = there.handle(RegisterInbox("there@firm.org")).id
    there.handle(VerifyInbox(inbox_id))
    campaign_id = reader.world.campaign(1, [inbox_id], variants=[MAIL], **ALWAYS)
    mail = reader.receive(campaign_id)
    for purpose in (Purpose.OPEN, Purpose.CLICK):
        reader.ask(mail.url(purpose))
    reader.ask(mail.url(Purpose.UNSUBSCRIBE), "POST")
    assert len(heard(reader)) == 3
    assert there.suppression_of("lead1@leads.org") is not None
    reader.world.kernel = here
    assert heard(reader) == []
    assert here.suppression_of("lead1@leads.org") is None


def test_what_is_logged_names_neither_a_reader_nor_a_token(
    reader: Reader, mail: Mailed, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "campaign_adapters")
    monkeypatch.setattr(Kernel, "handle", _busy)
    for purpose in (Purpose.OPEN, Purpose.CLICK):
        reader.ask(mail.url(purpose))
    reader.ask(mail.url(Purpose.UNSUBSCRIBE), "POST")
    told = [each.getMessage() for each in caplog.records if each.name.startswith("campaign_adapters")]
    assert told == [f"Record{each} could not be recorded: log_busy." for each in ("Open", "Click", "Unsubscribe")]


def test_the_routes_are_no_part_of_the_api(reader: Reader) -> None:
    app = FastAPI()
    app.include_router(tracking_routes(reader.world.kernel))
    assert app.openapi()["paths"] == {}
