"""What are the bytes of a mail? The message of RFC 5322 and MIME that goes over the wire, a pure function of its parts.

The header lines are written here and not by the standard library's generator. That one folds `List-Unsubscribe` and may put
it into encoded words, which mail programs then do not find (RFC 8058 has them read it); it turns a local part that is not
ASCII into an encoded word, which no address may hold (RFC 2047, section 5); and what it writes differs from one release of
Python to the next, where the same mail has to come out byte for byte as it went.

Domains are written as A-labels, which every server understands. A local part has no such form: one that is not ASCII stays
as it is, in UTF-8, and asks for a server that offers SMTPUTF8 (RFC 6531, RFC 6532).
"""

from __future__ import annotations

import re
from base64 import encodebytes
from collections.abc import Sequence
from datetime import datetime
from email.header import Header
from email.quoprimime import body_encode
from email.utils import format_datetime, quote
from hashlib import sha256
from typing import Final
from urllib.parse import quote as quote_in_url
from uuid import UUID

from campaign_core.content.mail import Mail, header_problem
from campaign_core.errors import MisuseError

#: The most octets of a line without its CRLF. Source: RFC 5322, section 2.1.1.
MOST_OF_A_LINE: Final = 998
#: Where lines are folded, if they can be: 78 is what the same section asks for, 76 what a line with encoded words may have
#: (RFC 2047, section 2) and one in quoted-printable or base64 (RFC 2045, section 6).
_USUAL_LINE: Final = 76
_PRINTABLE: Final = re.compile(r"[ -~]*")
#: A display name that needs no quotes: atoms with one blank between them. Source: RFC 5322, section 3.2.3.
_ATOMS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+(?: [A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*")
_LINE_END: Final = re.compile("\r\n|\r|\n")
#: An address as `intake.addresses` lets it in: no quotes, no comments, no list of several.
_ADDRESS: Final = re.compile(r'[^\s\x00-\x1f\x7f"(),:;<>@\[\\\]]+@[^\s\x00-\x1f\x7f"(),:;<>@\[\\\]]+')
#: Where a line may be folded: before a run of blanks.
_FOLDS: Final = re.compile(r"(?<=[^ ])(?= )")
#: A URL as it may stand between angle brackets. Source: RFC 2369, section 2.
_URL: Final = re.compile(r"(https?|mailto):[!-;=?-~]+", re.IGNORECASE)
_MESSAGE_ID: Final = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")
#: What a local part holds beside letters and digits and a mailto URL takes as it is. Source: RFC 6068, section 2.
_PLAIN_IN_MAILTO: Final = "!$'*+-._~"
#: Every boundary begins with it. Neither quoted-printable nor base64 can write it, and text that holds it is not sent as it is.
_EDGE: Final = "=_"
#: A line of text that goes as it is: short, ASCII, and no blank at its end, which a server on the way may strip.
_AS_IT_IS: Final = re.compile(rf"(?:[\t -~]{{0,{_USUAL_LINE - 1}}}[!-~])?")


def message_id_of(campaign_id: UUID, lead_id: UUID, step_key: str, domain: str) -> str:
    """The Message-ID, with angle brackets, of the one mail of this step to this lead.

    It holds no time and no count, so that a mail has the same id however often it is made, and a receiver who is handed it
    twice can tell. A hash keeps the ids of campaign and lead to ourselves.

    Args:
        campaign_id: the campaign.
        lead_id: the lead.
        step_key: the follow-up's id as text, or "1" for the first mail.
        domain: of the sender's address, in either form.
    """
    known = sha256(campaign_id.bytes + lead_id.bytes + step_key.encode()).hexdigest()
    return f"<{known[:40]}@{ascii_domain(domain)}>"


def message_bytes(
    mail: Mail,
    *,
    message_id: str,
    date: datetime,
    sender_name: str,
    references: tuple[str, ...] = (),
    unsubscribe: tuple[str, ...] = (),
    one_click: bool = False,
) -> bytes:
    """The whole message, CRLF at the end of every line and no line over 998 octets.

    A line end in a body is CRLF, CR or LF, and the last line gets one if it has none; everything else of the bodies, the
    subject and the names comes out of the message as it went in.

    Args:
        mail: the parts.
        message_id: with angle brackets, as `message_id_of` makes it.
        date: when it is sent; with a time zone.
        sender_name: what readers see as the sender; blank, or the address itself: the address stands alone.
        references: the Message-IDs of the earlier mails of the thread, oldest first; empty for a mail that begins one.
        unsubscribe: where to unsubscribe, in order of preference: https and mailto URLs without angle brackets.
        one_click: whether a POST to the https URL unsubscribes without a question (RFC 8058).

    Raises:
        MisuseError: a value cannot stand in its header line, such as one with a line break; or `date` has no time zone.
    """
    for name, value in (
        ("sender", mail.sender),
        ("to", mail.to),
        ("reply_to", mail.reply_to),
        ("subject", mail.subject),
    ):
        _must_be_one_line(name, value or "")
    _must_be_one_line("sender_name", sender_name)
    for each in (message_id, *references):
        if not _MESSAGE_ID.fullmatch(each):
            raise MisuseError(f"A Message-ID is <left@right> without blanks; this is {each!r}.")
    if date.tzinfo is None:
        raise MisuseError("The date of a mail needs a time zone.")
    lines = [_from(sender_name, mail.sender), f"To: {ascii_address(mail.to)}"]
    if mail.reply_to is not None:
        lines.append(f"Reply-To: {ascii_address(mail.reply_to)}")
    lines += [_subject(mail.subject), f"Date: {format_datetime(date)}", f"Message-ID: {message_id}"]
    if references:
        lines += [f"In-Reply-To: {references[-1]}", _folded("References", references)]
    lines += [*_list_unsubscribe(unsubscribe, one_click), "MIME-Version: 1.0", *_content(mail, message_id)]
    wire = "\r\n".join(lines).encode()
    if max(map(len, wire.split(b"\r\n"))) > MOST_OF_A_LINE:
        raise MisuseError(f"A header line has at most {MOST_OF_A_LINE} characters; shorten the address, name or URL.")
    return wire


def ascii_domain(domain: str) -> str:
    """The domain in A-labels; one in ASCII is what it is. Source: RFC 5891, prepared as UTS 46 has it.

    Raises:
        MisuseError: it is no domain.
    """
    if domain.isascii():
        return domain
    import idna  # here, because most campaigns never need it

    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError as wrong:
        raise MisuseError(f"The domain {domain!r} cannot be written in ASCII: {str(wrong).rstrip('.')}.") from wrong


def ascii_address(address: str) -> str:
    """The address with its domain in A-labels, for header and envelope alike; the local part stays.

    Raises:
        MisuseError: it is not one address, or what follows the @ is no domain.
    """
    if not _ADDRESS.fullmatch(address):
        raise MisuseError(f"A mail has one address here, without blanks, quotes and brackets; this is {address!r}.")
    local, _, domain = address.rpartition("@")
    return f"{local}@{ascii_domain(domain)}"


def mail_to_unsubscribe(address: str) -> str:
    """The mailto URL that asks an address to unsubscribe whoever writes the mail.

    What a URL gives a meaning of its own, and what is not ASCII, is written as percent-encoded UTF-8. Source: RFC 6068,
    section 2.

    Raises:
        MisuseError: it is not one address.
    """
    local, _, domain = ascii_address(address).rpartition("@")
    return f"mailto:{quote_in_url(local, safe=_PLAIN_IN_MAILTO)}@{domain}?subject=unsubscribe"


def _must_be_one_line(name: str, value: str) -> None:
    problem = header_problem(value)
    if problem is not None:
        raise MisuseError(f"The {name} of a mail {problem}.")


def _from(name: str, address: str) -> str:
    written = ascii_address(address)
    if not name.strip() or name == address:
        return f"From: {written}"
    if not _PRINTABLE.fullmatch(name) or "=?" in name or len(name) > _USUAL_LINE:
        phrase = _encoded_words("From", name)
    else:
        phrase = name if _ATOMS.fullmatch(name) else f'"{quote(name)}"'
    return _folded("From", (phrase, f"<{written}>"))


def _subject(subject: str) -> str:
    plain = _PRINTABLE.fullmatch(subject) and "=?" not in subject and subject == subject.strip()
    pieces = _FOLDS.split(subject)
    if not plain or max(map(len, pieces)) > _USUAL_LINE:
        return f"Subject: {_encoded_words('Subject', subject)}"
    return _folded("Subject", [piece[bool(number) :] for number, piece in enumerate(pieces)])


def _folded(name: str, pieces: Sequence[str]) -> str:
    """A header line of pieces with a blank between them, folded where the next piece would not fit."""
    lines, line = [], f"{name}: {pieces[0]}"
    for piece in pieces[1:]:
        if len(line) + 1 + len(piece) > _USUAL_LINE:
            lines.append(line)
            line = f" {piece}"
        else:
            line = f"{line} {piece}"
    return "\r\n".join([*lines, line])


def _encoded_words(name: str, value: str) -> str:
    return Header(value, "utf-8", maxlinelen=_USUAL_LINE, header_name=name).encode(linesep="\r\n")


def _list_unsubscribe(urls: tuple[str, ...], one_click: bool) -> list[str]:
    """The lines of RFC 2369 and RFC 8058, each on one line: what reads them may not undo a fold."""
    for url in urls:
        if not _URL.fullmatch(url):
            raise MisuseError(
                f"To unsubscribe takes an http, https or mailto URL in ASCII without blanks; this is {url!r}."
            )
    if one_click and not any(url.lower().startswith("https:") for url in urls):
        raise MisuseError("To unsubscribe with one click takes an https URL.")
    if not urls:
        return []
    lines = [f"List-Unsubscribe: {', '.join(f'<{url}>' for url in urls)}"]
    return [*lines, "List-Unsubscribe-Post: List-Unsubscribe=One-Click"] if one_click else lines


def _content(mail: Mail, message_id: str) -> list[str]:
    """The lines that say what the content is, and the content; a blank line between them."""
    if mail.html is None:
        return _part("plain", mail.text)
    boundary = f"{_EDGE}{sha256(message_id.encode()).hexdigest()[:32]}"
    # The CRLF before a boundary belongs to it, and the one that ends each part's last line has to be there as well.
    return [
        "Content-Type: multipart/alternative;",
        f' boundary="{boundary}"',
        "",
        f"--{boundary}",
        *_part("plain", mail.text),
        f"--{boundary}",
        *_part("html", mail.html),
        f"--{boundary}--",
        "",
    ]


def _part(kind: str, body: str) -> list[str]:
    encoding, lines = _encoded(body)
    return [f"Content-Type: text/{kind}; charset=utf-8", f"Content-Transfer-Encoding: {encoding}", "", *lines, ""]


def _encoded(body: str) -> tuple[str, list[str]]:
    """The transfer encoding and the lines: as they are if nothing on the way can harm them.

    Else in quoted-printable, which stays legible; where it would take more than twice the octets, most characters lie
    outside ASCII, nothing is legible anyway, and base64 is shorter.
    """
    lines = _LINE_END.split(body)
    if lines[-1] == "" and len(lines) > 1:
        lines.pop()
    if all(_AS_IT_IS.fullmatch(line) for line in lines) and _EDGE not in body:
        return "7bit", lines
    text = "".join(f"{line}\r\n" for line in lines).encode()
    printable = body_encode(text.decode("latin-1"), maxlinelen=_USUAL_LINE, eol="\n").removesuffix("\n").split("\n")
    if sum(map(len, printable)) <= 2 * len(text):
        return "quoted-printable", printable
    return "base64", encodebytes(text).decode().removesuffix("\n").split("\n")
