"""A mail as it goes out: its parts, its footer, and what never gets into a header."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign_core.content.content_type import ContentType
from campaign_core.content.mail import Mail, blank, compose, header_problem, reply_subject
from campaign_core.content.plain_text import plain_text
from campaign_core.errors import MisuseError

BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
CONTROLS = "".join(map(chr, [*range(9), *range(0x0E, 0x20), 0x7F]))
INKLESS = "\u200b\u200c\u200d\u2060\ufeff\u00a0 \t\n\u2003"
HEADERS = ["sender", "to", "reply_to", "subject", "unsubscribe_url"]
PAGES = [ContentType.HTML, ContentType.RAW_HTML]
#: Words that are no markup and hold no blank of any kind.
WORD = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=8)
LINES = st.lists(st.lists(WORD, min_size=1, max_size=3).map(" ".join), min_size=1, max_size=4)
types = pytest.mark.parametrize("content_type", list(ContentType), ids=lambda each: each.value)
pages = pytest.mark.parametrize("content_type", PAGES, ids=lambda each: each.value)


def composed(**changes: Any) -> Mail:
    """A mail of plain text without a footer, but for the changes."""
    given: dict[str, Any] = {
        "sender": "ann@example.com",
        "to": "bob@example.com",
        "reply_to": None,
        "subject": "Hello",
        "body": "Hi",
        "content_type": ContentType.PLAINTEXT,
        "postal_address": None,
        "offers_unsubscribe": False,
        "unsubscribe_url": None,
    }
    return compose(**(given | changes))


@pytest.mark.parametrize("field", HEADERS)
@given(before=WORD, bad=st.sampled_from(BREAKS + CONTROLS), after=st.text(max_size=5))
def test_no_line_break_and_no_control_character_gets_into_a_header(
    field: str, before: str, bad: str, after: str
) -> None:
    value = before + bad + after
    assert header_problem(value) is not None
    with pytest.raises(MisuseError, match=f"^The {field} of a mail must .*[.]$"):
        composed(**{field: value, "offers_unsubscribe": True})


@given(st.text() | st.text(st.sampled_from("ab \t\xa0" + BREAKS + CONTROLS)))
def test_what_passes_is_one_line_of_printable_characters_and_tabs_and_all_of_these_pass(value: str) -> None:
    right = value.splitlines() in ([], [value]) and all(
        each == "\t" or (ord(each) >= 32 and each != "\x7f") for each in value
    )
    problem = header_problem(value)
    assert (problem is None) == right
    assert problem is None or problem.startswith("must ")


@given(st.text())
def test_plain_text_is_the_body_as_it_is(body: str) -> None:
    mail = composed(body=body)
    assert (mail.text, mail.html) == (body, None)


@pages
@given(body=st.text() | st.text("<>/!-body&; "))
def test_a_page_is_the_html_part_as_it_is_and_the_text_part_is_read_from_it(
    content_type: ContentType, body: str
) -> None:
    mail = composed(body=body, content_type=content_type)
    assert (mail.text, mail.html) == (plain_text(body), body)


@types
@given(address=LINES)
def test_the_address_and_one_line_to_unsubscribe_stand_below_the_separator(
    content_type: ContentType, address: list[str]
) -> None:
    url = "https://example.com/u?a=1&copy;=2"
    mail = composed(
        content_type=content_type, postal_address="\n".join(address), offers_unsubscribe=True, unsubscribe_url=url
    )
    assert mail.text.split("\n") == ["Hi", "", "-- ", *address, f"Unsubscribe: {url}"]
    if mail.html is not None:
        assert plain_text(mail.html).split("\n") == ["Hi", "--", *address, f"Unsubscribe ({url})"]


@types
def test_without_a_page_to_unsubscribe_the_footer_asks_for_an_answer(content_type: ContentType) -> None:
    mail = composed(content_type=content_type, offers_unsubscribe=True)
    wanted = 'To receive no more mails from us, answer with "unsubscribe".'
    assert mail.text.endswith(f"\n-- \n{wanted}")
    assert mail.html is None or plain_text(mail.html).endswith(f"\n{wanted}")


@types
@pytest.mark.parametrize("address", [None, "", " \n\t", "\u200b"], ids=["none", "empty", "spaces", "inkless"])
def test_without_an_address_and_an_offer_there_is_no_footer(content_type: ContentType, address: str | None) -> None:
    """A page to unsubscribe is not an offer by itself."""
    mail = composed(content_type=content_type, postal_address=address, unsubscribe_url="https://example.com/\n")
    assert mail.text == "Hi"
    assert mail.html in (None, "Hi")


def test_one_empty_line_parts_the_text_from_its_footer() -> None:
    assert composed(body="Hi \n\n\n", postal_address="Main Street 1").text == "Hi\n\n-- \nMain Street 1"


@types
def test_an_empty_body_leaves_the_footer_alone(content_type: ContentType) -> None:
    assert composed(body=" \n", content_type=content_type, postal_address="Main Street 1").text == "-- \nMain Street 1"


FOOTER = "<div>-- <br>A &amp; B<br>&lt;Berlin&gt;</div>"


@pages
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<p>Hi</p>", ""),
        ("<body><p>Hi</p>", ""),
        ("<html><body><p>Hi</p>", "</body></html>"),
        ("<BODY>Hi", "</BoDy \n>"),
        ("<body>one</body><body>two", "</body>"),
        ("<body>Hi", "</body><!-- </body> --><script>'</body>'</script>"),
    ],
    ids=["no_body", "no_end", "body", "upper_case", "the_last", "a_tag_only"],
)
def test_the_footer_stands_before_the_last_end_tag_of_the_body_else_at_the_end(
    content_type: ContentType, before: str, after: str
) -> None:
    mail = composed(body=before + after, content_type=content_type, postal_address="A & B\r\n\r\n <Berlin> ")
    assert mail.html == before + FOOTER + after


@given(st.text())
def test_a_follow_up_is_a_reply_and_the_reply_to_a_reply_has_the_same_subject(subject: str) -> None:
    once = reply_subject(subject)
    assert once.lstrip().lower().startswith("re:")
    assert once.endswith(subject)
    assert reply_subject(once) == once


@pytest.mark.parametrize(
    ("first", "reply"),
    [
        ("Hello", "Re: Hello"),
        ("RE: Hello", "RE: Hello"),
        ("re:Hello", "re:Hello"),
        ("Report", "Re: Report"),
        ("Re", "Re: Re"),
    ],
    ids=["plain", "upper_case", "no_space", "a_word", "no_colon"],
)
def test_a_subject_is_marked_as_a_reply_once(first: str, reply: str) -> None:
    assert reply_subject(first) == reply


@types
@given(text=st.text(INKLESS))
def test_white_space_and_characters_without_width_are_blank(content_type: ContentType, text: str) -> None:
    assert blank(text, content_type)


@types
@given(before=st.text(INKLESS), word=WORD.filter(lambda word: not set("<&") & set(word)), after=st.text(INKLESS))
def test_a_text_with_a_word_is_not_blank(content_type: ContentType, before: str, word: str, after: str) -> None:
    assert not blank(before + word + after, content_type)


@pages
@pytest.mark.parametrize(
    "page",
    ["<p>&nbsp;&#8203;</p><br>", "<style>p {}</style>", "<!-- <img> -->", "<a href='u'> </a>", "<title>Hi</title>"],
    ids=["spaces", "style", "comment", "empty_link", "title"],
)
def test_a_page_that_shows_nothing_is_blank(content_type: ContentType, page: str) -> None:
    assert blank(page + "</img>", content_type)
    assert not blank(page + "<IMG src='u'>", content_type)
