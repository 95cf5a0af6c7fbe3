"""What goes out to one reader? A mail with its parts and its footer, before any header is encoded.

The footer carries the sender's postal address and the way to unsubscribe, in every kind of content alike: that law does not
ask with what editor a mail was written. In text it stands below "-- ", the separator of RFC 3676, section 4.3.
"""

from __future__ import annotations

import re
from html import escape
from typing import Final

from attrs import frozen

from campaign_core.content.content_type import ContentType
from campaign_core.content.plain_text import Tag, pieces, plain_text, shows
from campaign_core.errors import MisuseError

_SEPARATOR: Final = "-- "
_ANSWER: Final = 'To receive no more mails from us, answer with "unsubscribe".'
#: What ends a line for `str.splitlines`, which is more than mail programs agree on.
_LINE_BREAK: Final = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


@frozen
class Mail:
    """One mail as its reader gets it."""

    #: The address it comes from.
    sender: str
    #: The address it goes to.
    to: str
    #: Where answers go; None: to the sender.
    reply_to: str | None
    subject: str
    #: The text part: the whole mail, for who reads text only.
    text: str
    #: The HTML part; None where the mail is text only.
    html: str | None


def compose(
    *,
    sender: str,
    to: str,
    reply_to: str | None,
    subject: str,
    body: str,
    content_type: ContentType,
    postal_address: str | None,
    offers_unsubscribe: bool,
    unsubscribe_url: str | None,
) -> Mail:
    """Builds the mail from a subject and a body whose templates are rendered already.

    Args:
        sender: the address it comes from.
        to: the address it goes to.
        reply_to: where answers go; None: to the sender.
        subject: one line.
        body: text or HTML, as `content_type` says.
        content_type: HTML and RAW_HTML differ while values are put into the template, here no more.
        postal_address: plain text of one line or several; None or blank: none.
        offers_unsubscribe: whether the footer says how to unsubscribe.
        unsubscribe_url: the page that does it; None: by an answer. Not looked at without an offer.

    Raises:
        MisuseError: a field of the header, or the URL, holds a line break or another control character;
            `header_problem` tells beforehand.
    """
    url = unsubscribe_url if offers_unsubscribe else None
    headers = {"sender": sender, "to": to, "reply_to": reply_to, "subject": subject, "unsubscribe_url": url}
    for name, value in headers.items():
        problem = None if value is None else header_problem(value)
        if problem is not None:
            raise MisuseError(f"The {name} of a mail {problem}.")
    lines = [line.strip() for line in (postal_address or "").splitlines() if shows(line)]
    text_lines, html_lines = list(lines), [escape(line) for line in lines]
    if offers_unsubscribe:
        text_lines.append(_ANSWER if url is None else f"Unsubscribe: {url}")
        html_lines.append(escape(_ANSWER) if url is None else f'<a href="{escape(url)}">Unsubscribe</a>')
    if content_type is ContentType.PLAINTEXT:
        return Mail(sender, to, reply_to, subject, _text_with_footer(body, text_lines), None)
    text = _text_with_footer(plain_text(body), text_lines)
    return Mail(sender, to, reply_to, subject, text, _html_with_footer(body, html_lines))


def _text_with_footer(text: str, lines: list[str]) -> str:
    if not lines:
        return text
    footer = "\n".join([_SEPARATOR, *lines])
    return f"{text.rstrip()}\n\n{footer}" if shows(text) else footer


def _html_with_footer(page: str, lines: list[str]) -> str:
    """The page with the footer at the end of its body."""
    return with_last(page, f"<div>{'<br>'.join([_SEPARATOR, *lines])}</div>") if lines else page


def with_last(page: str, markup: str) -> str:
    """The page with more markup at the end of its body: before the last end tag of `body`, else at the end."""
    ends = [piece.start for piece in pieces(page) if isinstance(piece, Tag) and piece.closes and piece.name == "body"]
    place = ends[-1] if ends else len(page)
    return f"{page[:place]}{markup}{page[place:]}"


def header_problem(value: str) -> str | None:
    """What keeps a value out of a header: a line break or a control character but the tab. None where it may go in.

    A line break would let the value add headers of its own. The sentence has no subject and does not repeat the value.
    """
    broken = _LINE_BREAK.search(value)
    if broken is not None:
        return f"must be one line, has a line break after {broken.start()} characters"
    control = _CONTROL.search(value)
    if control is not None:
        return f"must hold no control characters, has one after {control.start()} characters"
    return None


def reply_subject(first: str) -> str:
    """The subject of a follow-up that has none of its own and stays in the thread of the first mail."""
    return first if first.lstrip()[:3].casefold() == "re:" else f"Re: {first}"


def blank(text: str, content_type: ContentType) -> bool:
    """Whether a reader would see nothing: only white space and characters without width, and in HTML no image either."""
    if content_type is ContentType.PLAINTEXT:
        return not shows(text)
    if any(isinstance(piece, Tag) and piece.name == "img" and not piece.closes for piece in pieces(text)):
        return False
    return not shows(plain_text(text))
