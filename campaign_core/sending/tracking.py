"""What does a mail hold that tells of its reader? A picture, links that lead by us, and the link to unsubscribe.

Each is a URL with a token: the mail it stands for, signed under a key of the workspace. So nobody can tell us of a mail they
did not get, and a link leads where its mail meant it to, and nowhere else, even when everything about the campaign is erased.
A token shows neither the receiver's address nor the workspace's name, and is good for one purpose only.

Tracked mails come out of the log again byte for byte, so nothing here depends on chance, time, or a library's mood: HTML is
read by the scanner of `content.plain_text`, and all of a page that is no link to follow stays as it was.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from enum import StrEnum
from html import escape
from struct import Struct
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

import attrs
from attrs import field, frozen

from campaign_core.checks import check, ruled
from campaign_core.content.mail import Mail, with_last
from campaign_core.content.plain_text import Tag, pieces
from campaign_core.errors import MisuseError
from campaign_core.sending.message import ascii_domain

#: The most characters of a public URL, and of a link that is tracked: some programs take no URL of more than 2,083 (Internet
#: Explorer's limit, which mail programs of its time inherited), and base64 adds a third.
MOST_OF_PUBLIC_URL: Final = 200
MOST_OF_TARGET: Final = 1_300
#: The most links of a mail that are tracked: `RecordClick` knows no place beyond.
_MOST_LINKS: Final = 10_000
_PUBLIC_URL: Final = re.compile(
    r"https?://(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]*)?"
)
#: A link to follow: scheme, host, port, the rest. One with a user's name, or with a numeric host in brackets, is left alone.
_LINK: Final = re.compile(
    r"(https?://)([^\x00-\x20/?#\\@\[\]<>\"'^`{|}%:]+)(:[0-9]{1,5})?((?:[/?#].*)?)", re.IGNORECASE | re.DOTALL
)
#: What a browser takes out of a URL, and what it strips. Source: https://url.spec.whatwg.org/#concept-basic-url-parser
_TAKEN_OUT: Final = dict.fromkeys(map(ord, "\t\n\r"))
_STRIPPED: Final = "".join(map(chr, range(0x21)))
_PRINTABLE: Final = "".join(map(chr, range(0x21, 0x7F)))
#: Purpose, hint at the workspace, campaign, lead, claim.
_HEAD: Final = Struct(">c4s16sQQ")
_LINK_NUMBER: Final = Struct(">H")
_HINT_BYTES: Final = 4
_MAC_BYTES: Final = 16
#: No token of ours is longer.
_MOST_OF_TOKEN: Final = 2_000
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]+")


def _base_rule(value: Any) -> str | None:
    right = isinstance(value, str) and len(value) <= MOST_OF_PUBLIC_URL and _PUBLIC_URL.fullmatch(value)
    if right:
        return None
    return (
        "must be an https:// or http:// URL with a host, such as https://mail.example.com, in ASCII, without user, query and "
        f"fragment, of at most {MOST_OF_PUBLIC_URL} characters"
    )


#: The rule for where readers reach the web server.
PUBLIC_URL: Final = ruled(_base_rule, optional=True)


@frozen
class _Given:
    public_url: str | None = field(metadata=PUBLIC_URL)


def public_url_of(given: str | None) -> str | None:
    """The public URL as it is kept: without a slash at its end. None stays None.

    Raises:
        InvalidMessage: it is no URL that links can begin with.
    """
    check(_Given(given))
    return None if given is None else given.rstrip("/")


class Purpose(StrEnum):
    """What a token is good for. The word stands in its URL."""

    OPEN = "o"
    CLICK = "c"
    UNSUBSCRIBE = "u"


@frozen(kw_only=True)
class Signed:
    """What a token says."""

    purpose: Purpose
    campaign_id: UUID
    #: The lead's, from 1.
    number: int
    #: The version of the claim of the mail.
    claim: int
    #: Place of the link in the mail, from 1; None unless the purpose is a click.
    link: int | None = None
    #: Where that link leads: http or https, in ASCII.
    target: str | None = field(default=None, repr=False)


def tracking_key(workspace_key: bytes) -> bytes:
    """The key of a workspace's tokens, and of nothing else."""
    return hmac.digest(workspace_key, b"tracking", "sha256")


def hint_of(key: bytes) -> bytes:
    """The 4 bytes by which a token is known to be a workspace's, most likely.

    Made of the key and not of the workspace's name: names can be guessed.
    """
    return hmac.digest(key, b"hint", "sha256")[:_HINT_BYTES]


def hint_in(token: str) -> bytes | None:
    """The hint that a token holds; None where it is none. Nothing is checked yet."""
    held = _bytes_of(token)
    return None if held is None else _HEAD.unpack_from(held)[1]


def read_token(token: str, key: bytes) -> Signed | None:
    """What a token says that was signed under the key; None for everything else."""
    held = _bytes_of(token)
    if held is None:
        return None
    body, mac = held[:-_MAC_BYTES], held[-_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(key, body)):
        return None
    letter, _, campaign, number, claim = _HEAD.unpack_from(body)
    purpose, rest = Purpose(letter.decode()), body[_HEAD.size :]
    signed = Signed(purpose=purpose, campaign_id=UUID(bytes=campaign), number=number, claim=claim)
    if purpose is not Purpose.CLICK:
        return signed
    (link,) = _LINK_NUMBER.unpack_from(rest)
    return attrs.evolve(signed, link=link, target=rest[_LINK_NUMBER.size :].decode())


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, body, "sha256")[:_MAC_BYTES]


def _bytes_of(token: str) -> bytes | None:
    """The bytes that a token stands for, if it is long enough, and written in the one way that is ours."""
    if len(token) > _MOST_OF_TOKEN or not _TOKEN.fullmatch(token):
        return None
    try:
        held = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except NotBase64:
        return None
    # The last character has bits to spare: without this, several tokens would read as one.
    return held if len(held) >= _HEAD.size + _MAC_BYTES and _text_of(held) == token else None


def _text_of(held: bytes) -> str:
    return urlsafe_b64encode(held).decode().rstrip("=")


@frozen(kw_only=True)
class Tracker:
    """Makes the URLs of one mail."""

    #: As `public_url_of` answers it.
    public_url: str
    #: As `tracking_key` answers it.
    key: bytes = field(repr=False)
    campaign_id: UUID
    number: int
    claim: int

    def open_url(self) -> str:
        """Of the picture that is loaded when the mail is opened."""
        return f"{self._url(Purpose.OPEN)}.gif"

    def click_url(self, link: int, target: str) -> str:
        """Of a link: its place in the mail, from 1, and where it leads."""
        return self._url(Purpose.CLICK, _LINK_NUMBER.pack(link) + target.encode("ascii"))

    def unsubscribe_url(self) -> str:
        """Of the page to unsubscribe; a POST to it unsubscribes without a question (RFC 8058)."""
        return self._url(Purpose.UNSUBSCRIBE)

    def is_ours(self, target: str) -> bool:
        """Whether a link leads to us already."""
        return target.startswith(f"{self.public_url}/t/")

    def _url(self, purpose: Purpose, rest: bytes = b"") -> str:
        who = self.campaign_id.bytes
        body = _HEAD.pack(purpose.value.encode(), hint_of(self.key), who, self.number, self.claim) + rest
        return f"{self.public_url}/t/{purpose.value}/{_text_of(body + _mac(self.key, body))}"


def tracked_mail(mail: Mail, tracker: Tracker, *, opens: bool, clicks: bool) -> Mail:
    """The mail with a picture at its end and links that lead by us, each as asked; only its HTML can hold them."""
    if mail.html is None:
        return mail
    page = _with_links(mail.html, tracker) if clicks else mail.html
    if opens:
        page = with_last(page, f'<img src="{escape(tracker.open_url())}" width="1" height="1" alt="">')
    return attrs.evolve(mail, html=page)


def _with_links(page: str, tracker: Tracker) -> str:
    """The page, each link of which leads by us; all else is as it was, byte for byte."""
    parts, done, link = list[str](), 0, 0
    for tag in pieces(page):
        if not isinstance(tag, Tag) or tag.name != "a" or tag.closes:
            continue
        place, target = tag.place_of("href"), _target(tag.attribute("href") or "")
        if place is None or target is None or tracker.is_ours(target) or link == _MOST_LINKS:
            continue
        link += 1
        begins = tag.start + len("<a")
        parts += [page[done : begins + place[0]], f'"{escape(tracker.click_url(link, target))}"']
        done = begins + place[1]
    return "".join([*parts, page[done:]])


def _target(href: str) -> str | None:
    """Where a link leads, in ASCII as a browser would ask for it; None where it is none to track."""
    found = _LINK.fullmatch(href.translate(_TAKEN_OUT).strip(_STRIPPED))
    if found is None:
        return None
    scheme, host, port, rest = found.groups()
    try:
        target = f"{scheme}{ascii_domain(host)}{port or ''}{quote(rest, safe=_PRINTABLE)}"
    except MisuseError:  # a host that no browser would find either
        return None
    return target if len(target) <= MOST_OF_TARGET else None
