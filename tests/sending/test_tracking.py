"""Tokens that only their key makes, and pages in which nothing changes but what is tracked."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign_core import InvalidMessage
from campaign_core.content.mail import Mail
from campaign_core.sending.tracking import (
    MOST_OF_PUBLIC_URL,
    MOST_OF_TARGET,
    Purpose,
    Signed,
    Tracker,
    hint_in,
    hint_of,
    public_url_of,
    read_token,
    tracked_mail,
    tracking_key,
)

BASE = "https://mail.firm.org"
KEY, OTHER = tracking_key(b"k" * 32), tracking_key(b"o" * 32)
TRACKER = Tracker(public_url=BASE, key=KEY, campaign_id=UUID(int=7), number=3, claim=1)
TARGETS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=60).map("https://firm.org/".__add__)
TRACKERS = st.builds(
    Tracker,
    public_url=st.just(BASE),
    key=st.binary(min_size=32, max_size=32),
    campaign_id=st.uuids(),
    number=st.integers(1, 2**48 - 1),
    claim=st.integers(1, 2**63 - 1),
)
LINKS = st.integers(1, 10_000)


def urls(tracker: Tracker, link: int, target: str) -> dict[Purpose, str]:
    return {
        Purpose.OPEN: tracker.open_url(),
        Purpose.CLICK: tracker.click_url(link, target),
        Purpose.UNSUBSCRIBE: tracker.unsubscribe_url(),
    }


def token_in(url: str) -> str:
    return url.rpartition("/")[2].removesuffix(".gif")


@given(TRACKERS, LINKS, TARGETS)
def test_a_token_says_what_was_signed(tracker: Tracker, link: int, target: str) -> None:
    for purpose, url in urls(tracker, link, target).items():
        clicks = {"link": link, "target": target} if purpose is Purpose.CLICK else {}
        said = Signed(
            purpose=purpose, campaign_id=tracker.campaign_id, number=tracker.number, claim=tracker.claim, **clicks
        )
        assert url.startswith(f"{BASE}/t/{purpose}/")
        assert read_token(token_in(url), tracker.key) == said
        assert hint_in(token_in(url)) == hint_of(tracker.key)


@given(TRACKERS, LINKS, TARGETS, st.data())
def test_a_token_changed_anywhere_is_refused(tracker: Tracker, link: int, target: str, data: st.DataObject) -> None:
    """One character for another, one too few, one too many: the unused bits of the last one count too."""
    token = token_in(data.draw(st.sampled_from(sorted(urls(tracker, link, target).values()))))
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("ABCXYZabcxyz0189-_=+/ é\n").filter(lambda each: each != token[place]))
    for changed in (token[:place] + letter + token[place + 1 :], token[:place] + token[place + 1 :], token + letter):
        assert read_token(changed, tracker.key) is None


@given(TRACKERS, LINKS, TARGETS, st.binary(min_size=32, max_size=32))
def test_a_token_is_refused_under_any_other_key(tracker: Tracker, link: int, target: str, key: bytes) -> None:
    if key != tracker.key:
        assert {read_token(token_in(each), key) for each in urls(tracker, link, target).values()} == {None}


@given(st.text() | st.text("abcdefAZ09-_", max_size=120))
def test_whatever_is_no_token_reads_as_none(text: str) -> None:
    assert read_token(text, KEY) is None


def test_the_key_of_tokens_is_not_that_of_the_workspace() -> None:
    assert tracking_key(b"k" * 32) != b"k" * 32
    assert len(tracking_key(b"k" * 32)) == 32


def test_the_longest_url_is_one_that_every_program_takes() -> None:
    longest = attrs.evolve(TRACKER, public_url="https://" + "h" * (MOST_OF_PUBLIC_URL - 8), claim=2**63 - 1)
    url = longest.click_url(10_000, "https://" + "t" * (MOST_OF_TARGET - 8))
    assert len(url) < 2_083
    assert read_token(token_in(url), KEY) is not None


@pytest.mark.parametrize(
    "url",
    [
        "https://mail.firm.org",
        "https://mail.firm.org:8443/campaigns",
        "http://127.0.0.1:8000",
        "http://[::1]:8000",
        "https://" + "h" * (MOST_OF_PUBLIC_URL - 8),
    ],
)
def test_a_public_url_is_kept_as_it_is(url: str) -> None:
    assert public_url_of(url) == url


def test_a_slash_at_the_end_of_a_public_url_is_left_out() -> None:
    assert public_url_of("https://mail.firm.org/") == "https://mail.firm.org"
    assert public_url_of(None) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.firm.org",
        "ftp://mail.firm.org",
        "https://",
        "https:///path",
        "https://user@mail.firm.org",
        "https://mail.firm.org?x=1",
        "https://mail.firm.org/#x",
        "https://mail.firm.org/a b",
        "https://mail.firm.org\n",
        'https://mail.firm.org/"',
        "https://mäil.firm.org",
        "https://" + "h" * (MOST_OF_PUBLIC_URL - 7),
        b"https://mail.firm.org",
    ],
)
def test_what_links_cannot_begin_with_is_no_public_url(url: Any) -> None:
    with pytest.raises(InvalidMessage) as refused:
        public_url_of(url)
    (problem,) = refused.value.problems
    assert problem.path == "$.public_url"
    assert "https://mail.example.com" in problem.sentence


def html_of(page: str, *, opens: bool = False, clicks: bool = False, tracker: Tracker = TRACKER) -> str:
    mail = tracked_mail(Mail("a@firm.org", "b@x.org", None, "Hi", "text", page), tracker, opens=opens, clicks=clicks)
    assert mail.text == "text"
    assert mail.html is not None
    return mail.html


def test_a_mail_without_html_stays_as_it_is() -> None:
    mail = Mail("a@firm.org", "b@x.org", None, "Hi", "https://firm.org", None)
    assert tracked_mail(mail, TRACKER, opens=True, clicks=True) == mail


@pytest.mark.parametrize(
    ("page", "before", "after"),
    [
        ("<p>Hi</p>", "<p>Hi</p>", ""),
        ("<html><body>Hi</BODY ></html>", "<html><body>Hi", "</BODY ></html>"),
        ("<body>a</body>b</body>c", "<body>a</body>b", "</body>c"),
        ("a<!-- </body> -->", "a<!-- </body> -->", ""),
        ("", "", ""),
    ],
)
def test_the_picture_stands_at_the_end_of_the_body(page: str, before: str, after: str) -> None:
    picture = f'<img src="{TRACKER.open_url()}" width="1" height="1" alt="">'
    assert html_of(page, opens=True) == before + picture + after
    assert html_of(page) == page


def hrefs(page: str) -> list[str | None]:
    """The links of a page as another parser reads them."""
    found: list[str | None] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            found.extend(value for name, value in attributes if (tag, name) == ("a", "href"))

    parser = Parser()
    parser.feed(page)
    parser.close()
    return found


@pytest.mark.parametrize(
    ("href", "target"),
    [
        ('"https://firm.org/a?b=1&amp;c=2#d"', "https://firm.org/a?b=1&c=2#d"),
        ("'https://firm.org/a?b=1&copy=2'", "https://firm.org/a?b=1&copy=2"),
        ("https://firm.org", "https://firm.org"),
        ('" HTTP://Firm.org:8080/ \n"', "HTTP://Firm.org:8080/"),
        ('"https://firm.org/a b/ü?q=%20&#233;"', "https://firm.org/a%20b/%C3%BC?q=%20%C3%A9"),
        ('"https://münchen.example/"', "https://xn--mnchen-3ya.example/"),
        ('"https://fi\nrm.org/"', "https://firm.org/"),
        ('"https://firm.org?x=\'<>"', "https://firm.org?x='<>"),
    ],
)
def test_a_link_leads_by_us_to_where_a_browser_would_have_gone(href: str, target: str) -> None:
    before, after = '<p title="a > b">See <A class=x HREF =', ' id="y">us</a>, or "https://firm.org".'
    page = html_of(f"{before}{href}{after}", clicks=True)
    assert page == f'{before}"{TRACKER.click_url(1, target)}"{after}'
    (found,) = hrefs(page)
    said = read_token(token_in(found or ""), KEY)
    assert said is not None
    assert (said.link, said.target) == (1, target)


@pytest.mark.parametrize(
    "page",
    [
        '<a href="mailto:sales@firm.org">',
        '<a href="tel:+4930123">',
        '<a href="#top">',
        '<a href="/relative">',
        '<a href="//firm.org">',
        '<a href="javascript:alert(1)">',
        '<a href="">',
        "<a href>",
        "<a>",
        '<a name="https://firm.org">',
        '<a href="https://">',
        '<a href="https://user:word@firm.org/">',
        '<a href="https://[::1]/">',
        '<a href="https://firm.org\\evil">',
        '<a href="https://xn--a.ü/">',
        f'<a href="https://firm.org/{"x" * MOST_OF_TARGET}">',
        f'<a href="{TRACKER.unsubscribe_url()}">Unsubscribe</a>',
        '<link href="https://firm.org/style.css">',
        '<img src="https://firm.org/logo.png">',
        '<area href="https://firm.org">',
        '</a href="https://firm.org">',
        '<!-- <a href="https://firm.org"> -->',
        '<style><a href="https://firm.org"></style>',
        '<a href="https://firm.org>never closed',
        "https://firm.org",
    ],
)
def test_all_else_is_left_alone(page: str) -> None:
    assert html_of(page, clicks=True) == page


def test_links_are_numbered_by_their_place_among_those_that_are_tracked() -> None:
    page = '<a href="https://a.org">a</a><a href="#x">x</a><a href="https://b.org">b</a><a href="https://a.org">a</a>'
    said = [read_token(token_in(each or ""), KEY) for each in hrefs(html_of(page, clicks=True))]
    assert [(each.link, each.target) for each in said if each is not None] == [
        (1, "https://a.org"), (2, "https://b.org"), (3, "https://a.org")
    ]  # fmt: skip


_PIECES = st.sampled_from(
    [
        *("<a ", "<A\thref=", "href=", "'", '"', ">", "</a>", "https://firm.org/x", "http://ü.org", "mailto:x", "<!--"),
        *("-->", "<body>", "</body>", "&amp;", "\n", " ", "é", "<style>", "</style>", "text", "=", "/"),
        '<a href="https://b.org">',
    ]
)


@given(st.lists(_PIECES, max_size=30).map("".join))
def test_in_any_page_only_links_change(page: str) -> None:
    """What stands between the tracked links is the page, in its order, and a second look finds nothing more to track."""
    tracked = html_of(page, clicks=True)
    between = re.split(rf'"{re.escape(BASE)}/t/c/[A-Za-z0-9_-]+"', tracked)
    assert re.fullmatch(".+?".join(map(re.escape, between)), page, re.DOTALL)
    assert html_of(tracked, clicks=True) == tracked


@given(st.text())
def test_any_text_can_be_tracked(page: str) -> None:
    assert html_of(page, opens=True, clicks=True).count("<img src=") == page.count("<img src=") + 1
