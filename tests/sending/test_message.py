"""The bytes of a mail: they say what the mail says to whoever parses them, and any server may carry them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import parseaddr
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from campaign_core import InvalidMessage, RegisterInbox
from campaign_core.checks import check
from campaign_core.content.mail import Mail
from campaign_core.errors import MisuseError
from campaign_core.intake.addresses import normalised
from campaign_core.sending.message import (
    ascii_address,
    ascii_domain,
    mail_to_unsubscribe,
    message_bytes,
    message_id_of,
)
from campaign_core.testing.strategies import addresses, instants

AT = datetime(2030, 1, 1, 9, 30, tzinfo=UTC)
ID = "<abc@example.com>"
#: What `Mail.compose` lets into a header.
LINE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]) | st.just("\t"), max_size=120)
#: Where folding and encoded words have gone wrong before: long words, runs of blanks, what looks encoded already.
AWKWARD = st.lists(
    st.sampled_from(
        ["ä", "a", " ", "  ", "\t", '"', "\\", "=?utf-8?q?x?=", "=", "?", ",", "<", "@", "x" * 90, "日本", "👍🏽"]
    ),
    max_size=40,
).map("".join)
HEADER = LINE | AWKWARD
BODY = (
    st.text(st.characters(codec="utf-8"), max_size=300)
    | st.lists(st.sampled_from(["\n", "\r\n", "\r", " ", "\t", ".", "-- ", "ä", "=_", "=", "x" * 1200, "日" * 40]), max_size=30)
    .map("".join)
)  # fmt: skip
LABELS = st.sampled_from(["bücher", "straße", "例え", "xn--bcher-kva", "acme", "пример"])
WORLDLY = st.builds("{}@{}.com".format, st.sampled_from(["anna", "o'neil+x", "jürgen", "山田"]), LABELS)
ADDRESS = addresses() | WORLDLY
MAILS = st.builds(
    Mail,
    sender=ADDRESS,
    to=ADDRESS,
    reply_to=st.none() | ADDRESS,
    subject=HEADER,
    text=BODY,
    html=st.none() | BODY,
)
PAGE, MAILBOX = "https://x.example/u?t=", "mailto:u@x.example?subject="
URLS = st.lists(
    st.builds("{}{}".format, st.sampled_from([PAGE, MAILBOX]), st.text("ab,;=%&", max_size=250)), max_size=2
).map(tuple)
LEFT, RIGHT = st.text("abc123.", min_size=1, max_size=60), st.text("abc.", min_size=1, max_size=60)
IDS = st.lists(st.builds("<{}@{}>".format, LEFT, RIGHT), max_size=12)
GIVEN = st.fixed_dictionaries(
    {"message_id": st.just(ID), "date": instants(), "sender_name": HEADER, "references": IDS.map(tuple), "unsubscribe": URLS}
)  # fmt: skip

PLAIN = Mail("ann@acme.com", "bob@example.com", None, "Hello", "Hi Bob\n", None)


def written(mail: Mail = PLAIN, **changes: Any) -> bytes:
    """The bytes of a mail, with everything besides it as simple as can be, but for the changes."""
    given_: dict[str, Any] = {"message_id": ID, "date": AT, "sender_name": "Ann"}
    return message_bytes(mail, **(given_ | changes))


def parsed(wire: bytes) -> EmailMessage:
    """The message as the standard library reads it."""
    found = message_from_bytes(wire, policy=SMTPUTF8)
    assert isinstance(found, EmailMessage)
    assert found.defects == []
    return found


def header_lines(wire: bytes, name: str) -> list[bytes]:
    """The lines of one field of the header, folded ones included, as they stand."""
    head = wire.partition(b"\r\n\r\n")[0]
    return re.findall(rb"(?m)^%s:[^\r]*(?:\r\n[ ][^\r]*)*" % name.encode(), head)


def mailbox(wire: bytes, name: str) -> tuple[str, str]:
    """Display name and address in a field of the header, blanks kept as they are."""
    (lines,) = header_lines(wire, name)
    phrase, address = parseaddr(lines.decode().partition(": ")[2].replace("\r\n", ""))
    return str(make_header(decode_header(phrase))), address


def sent_as(body: str) -> str:
    """A body with its line ends as they go over the wire."""
    text = re.sub("\r\n|\r|\n", "\r\n", body)
    return text if text.endswith("\r\n") else text + "\r\n"


def content(part: EmailMessage | None, kind: str) -> str:
    """The text of a part of that type."""
    assert part is not None
    assert (part.get_content_type(), part.get_content_charset()) == (kind, "utf-8")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


@given(MAILS, GIVEN)
def test_a_mail_reads_as_it_was_written(mail: Mail, given_: dict[str, Any]) -> None:
    """Subject, name, addresses, text and HTML come out of the bytes as they went in."""
    wire = message_bytes(mail, **given_)
    found = parsed(wire)
    assert found["Subject"] == mail.subject
    name = given_["sender_name"]
    assert mailbox(wire, "From") == (name if name.strip() else "", ascii_address(mail.sender))
    assert mailbox(wire, "To") == ("", ascii_address(mail.to))
    if mail.reply_to is not None:
        assert mailbox(wire, "Reply-To") == ("", ascii_address(mail.reply_to))
    if mail.html is None:
        assert content(found, "text/plain") == sent_as(mail.text)
    else:
        assert found.get_content_type() == "multipart/alternative"
        text, html = found.iter_parts()
        assert content(text, "text/plain") == sent_as(mail.text)  # type: ignore[arg-type]
        assert content(html, "text/html") == sent_as(mail.html)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("=?utf-8?q?x?=", id="what looks encoded"),
        pytest.param(" a  b ", id="blanks around and in between"),
        pytest.param("a\tb", id="a tab"),
        pytest.param('Ann "the \\ pen" Lee', id="quotes and a backslash"),
        pytest.param("Lee, Ann (Acme) <x@y.z>", id="what looks like addresses"),
        pytest.param("x" * 200, id="a long word"),
        pytest.param(f"a {'x' * 1000}", id="a word that fits no line"),
        pytest.param("👍🏽" * 60, id="characters of four octets"),
        pytest.param("é" * 30 + " a" * 60, id="few letters outside ASCII"),
    ],
)
def test_a_subject_and_a_name_of_any_kind_read_as_they_were_written(value: str) -> None:
    """Each as a header that no reader has to guess at."""
    wire = written(attrs.evolve(PLAIN, subject=value), sender_name=value)
    assert parsed(wire)["Subject"] == value
    assert mailbox(wire, "From") == (value, "ann@acme.com")
    assert max(map(len, wire.partition(b"\r\n\r\n")[0].split(b"\r\n"))) <= 998


@given(MAILS, GIVEN)
def test_every_server_can_carry_the_lines(mail: Mail, given_: dict[str, Any]) -> None:
    """No line is over 998 octets, no CR or LF stands alone, and the last line has its end."""
    wire = message_bytes(mail, **given_)
    assert wire.endswith(b"\r\n")
    lines = wire.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    body = wire.partition(b"\r\n\r\n")[2]
    assert body.isascii()
    assert max(map(len, body.split(b"\r\n"))) <= 76


@given(MAILS, GIVEN)
def test_the_same_mail_is_the_same_bytes(mail: Mail, given_: dict[str, Any]) -> None:
    """Nothing but the arguments gets into a message."""
    assert message_bytes(mail, **given_) == message_bytes(attrs.evolve(mail), **given_)


@given(MAILS, GIVEN)
def test_a_header_is_utf_8_only_where_a_local_part_is(mail: Mail, given_: dict[str, Any]) -> None:
    """Everything else has a form in ASCII, so that most servers need no extension."""
    local_parts = [each.rpartition("@")[0] for each in (mail.sender, mail.to, mail.reply_to or "")]
    assert message_bytes(mail, **given_).isascii() == "".join(local_parts).isascii()


@given(MAILS, GIVEN)
def test_no_value_adds_a_header_of_its_own(mail: Mail, given_: dict[str, Any]) -> None:
    """Whatever the values are, the header has the fields it should, each once."""
    named = parsed(message_bytes(mail, **given_)).keys()
    wanted = {"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"}
    wanted |= {"Content-Transfer-Encoding"} if mail.html is None else set()
    wanted |= {"Reply-To"} if mail.reply_to else set()
    wanted |= {"In-Reply-To", "References"} if given_["references"] else set()
    wanted |= {"List-Unsubscribe"} if given_["unsubscribe"] else set()
    assert sorted(named) == sorted(wanted)


@pytest.mark.parametrize("field", ["sender", "to", "reply_to", "subject", "sender_name"])
@pytest.mark.parametrize("bad", ["\n", "\r", "\x0b", "\x85", "\u2028", "\0", "\x7f"], ids=ascii)
def test_a_value_with_a_line_break_or_a_control_character_is_refused(field: str, bad: str) -> None:
    value = f"ann@acme.com{bad}Bcc: all@acme.com"
    mail, changes = (PLAIN, {field: value}) if field == "sender_name" else (attrs.evolve(PLAIN, **{field: value}), {})
    with pytest.raises(MisuseError, match=f"^The {field} of a mail must "):
        written(mail, **changes)


@pytest.mark.parametrize("field", ["sender", "to", "reply_to"])
@pytest.mark.parametrize(
    "several", ["a@x.com, b@x.com", "a@x.com,b@x.com", "Ann <a@x.com>", "a b@x.com", "a@b@x.com", "ann"]
)
def test_what_is_not_one_bare_address_is_refused(field: str, several: str) -> None:
    """A second receiver cannot hide in the first one's address."""
    with pytest.raises(MisuseError, match="one address"):
        written(attrs.evolve(PLAIN, **{field: several}))


@given(st.lists(URLS, min_size=1, max_size=1), st.booleans())
def test_list_unsubscribe_stands_on_one_line_as_it_is(urls: list[tuple[str, ...]], one_click: bool) -> None:
    """What reads the line may not undo a fold or an encoded word."""
    (given_,) = urls
    assume(given_)
    one_click = one_click and any(url.startswith("https") for url in given_)
    wire = written(unsubscribe=given_, one_click=one_click)
    line = "List-Unsubscribe: " + ", ".join(f"<{url}>" for url in given_)
    assert header_lines(wire, "List-Unsubscribe") == [line.encode()]
    post = [b"List-Unsubscribe-Post: List-Unsubscribe=One-Click"] if one_click else []
    assert header_lines(wire, "List-Unsubscribe-Post") == post


@pytest.mark.parametrize(
    "url",
    ["ftp://x.example/", "x.example", "https://x.example/ü", "https://x.example/a b", "https://x.example/>,<", "https://x.example/\r\nBcc:"],
    ids=ascii,
)  # fmt: skip
def test_what_is_no_url_does_not_get_into_list_unsubscribe(url: str) -> None:
    with pytest.raises(MisuseError, match="URL in ASCII"):
        written(unsubscribe=(url,))


def test_one_click_needs_an_https_url() -> None:
    """RFC 8058, section 3.1."""
    with pytest.raises(MisuseError, match="https"):
        written(unsubscribe=("mailto:u@x.example", "http://x.example/u"), one_click=True)


def test_a_header_line_that_cannot_be_short_enough_is_refused() -> None:
    """A line that may not be folded and has over 998 octets is refused rather than sent."""
    fits = "https://x.example/" + "u" * (998 - len("List-Unsubscribe: <https://x.example/>"))
    assert len(header_lines(written(unsubscribe=(fits,)), "List-Unsubscribe")[0]) == 998
    with pytest.raises(MisuseError, match="998"):
        written(unsubscribe=(fits + "u",))


def test_the_whole_message_of_a_follow_up() -> None:
    """Every header there is, in its order and form."""
    mail = Mail(
        "ann@bücher.com", "bob@example.com", "hi@acme.com", "Re: Grüße", "Schön, Bob\n\n-- \nAcme", "<p>Schön</p>"
    )
    wire = written(
        mail,
        sender_name="Ann Lee",
        references=("<1@acme.com>", "<2@acme.com>"),
        unsubscribe=("https://acme.com/u/1", "mailto:u@acme.com"),
        one_click=True,
    )
    assert wire.decode().split("\r\n") == [
        "From: Ann Lee <ann@xn--bcher-kva.com>",
        "To: bob@example.com",
        "Reply-To: hi@acme.com",
        "Subject: =?utf-8?b?UmU6IEdyw7zDn2U=?=",
        "Date: Tue, 01 Jan 2030 09:30:00 +0000",
        "Message-ID: <abc@example.com>",
        "In-Reply-To: <2@acme.com>",
        "References: <1@acme.com> <2@acme.com>",
        "List-Unsubscribe: <https://acme.com/u/1>, <mailto:u@acme.com>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "MIME-Version: 1.0",
        "Content-Type: multipart/alternative;",
        ' boundary="=_a1c01306268e0d2c69f4426068f5e4d0"',
        "",
        "--=_a1c01306268e0d2c69f4426068f5e4d0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
        "",
        "Sch=C3=B6n, Bob",
        "",
        "--=20",
        "Acme",
        "",
        "--=_a1c01306268e0d2c69f4426068f5e4d0",
        "Content-Type: text/html; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
        "",
        "<p>Sch=C3=B6n</p>",
        "",
        "--=_a1c01306268e0d2c69f4426068f5e4d0--",
        "",
    ]


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        pytest.param("Hi Bob,\nall is well.\n", "7bit", id="short lines of ASCII"),
        pytest.param("x" * 77, "quoted-printable", id="a long line"),
        pytest.param("Hi \nBob", "quoted-printable", id="a blank at the end of a line"),
        pytest.param("Schöne Grüße", "quoted-printable", id="few letters outside ASCII"),
        pytest.param("すべて順調です", "base64", id="many letters outside ASCII"),
        pytest.param("a\0b", "quoted-printable", id="a control character"),
        pytest.param("--=_a1c01306268e0d2c69f4426068f5e4d0--", "quoted-printable", id="what looks like a boundary"),
    ],
)
def test_a_body_is_encoded_only_as_much_as_it_must_be(body: str, encoding: str) -> None:
    assert parsed(written(attrs.evolve(PLAIN, text=body)))["Content-Transfer-Encoding"] == encoding


@pytest.mark.parametrize("name", ["", "  ", "ann@acme.com"], ids=["empty", "blank", "the address itself"])
def test_a_name_that_says_nothing_is_left_out(name: str) -> None:
    assert header_lines(written(sender_name=name), "From") == [b"From: ann@acme.com"]


def test_a_long_subject_of_ascii_stays_legible() -> None:
    """It is folded between words, and encoded only where a word alone is too long."""
    words = "seven words of some length " * 8
    (line,) = header_lines(written(attrs.evolve(PLAIN, subject=words.strip())), "Subject")
    assert line.replace(b"\r\n", b"") == f"Subject: {words.strip()}".encode()
    assert max(map(len, line.split(b"\r\n"))) <= 76


def test_a_date_without_a_zone_and_an_id_without_brackets_are_refused() -> None:
    with pytest.raises(MisuseError, match="time zone"):
        written(date=AT.replace(tzinfo=None))
    for bad in ("abc@example.com", "<abc>", "<a b@c>", "<a@b>\r\nBcc: x@y.z"):
        with pytest.raises(MisuseError, match="Message-ID"):
            written(message_id=bad)
        with pytest.raises(MisuseError, match="Message-ID"):
            written(references=(bad,))


@given(st.uuids(), st.uuids(), st.sampled_from(["1"]) | st.uuids().map(str), st.sampled_from(["acme.com", "bücher.de"]))
def test_a_message_id_is_one_word_that_a_message_may_carry(campaign: UUID, lead: UUID, step: str, domain: str) -> None:
    """It is taken by `message_bytes`, reveals no id, and is the same every time."""
    made = message_id_of(campaign, lead, step, domain)
    assert parsed(written(message_id=made))["Message-ID"] == made
    assert made == message_id_of(campaign, lead, step, domain)
    assert made.endswith(f"@{ascii_domain(domain)}>")
    assert campaign.hex not in made.replace("-", "")


@given(st.sets(st.tuples(st.uuids(), st.uuids(), st.sampled_from("12")), min_size=2, max_size=6))
def test_each_step_to_each_lead_has_an_id_of_its_own(mails: set[tuple[UUID, UUID, str]]) -> None:
    assert len({message_id_of(*each, "acme.com") for each in mails}) == len(mails)


def test_a_message_id_never_changes() -> None:
    """Later mails of a thread name the ids of earlier ones, which an earlier release may have made."""
    assert message_id_of(UUID(int=1), UUID(int=2), "1", "bücher.de") == (
        "<8122c5accf2a6e0005624f07369243ad2b7d9112@xn--bcher-kva.de>"
    )


@pytest.mark.parametrize(
    ("domain", "ascii_form"),
    [
        ("bücher.de", "xn--bcher-kva.de"),
        ("straße.de", "xn--strae-oqa.de"),
        ("BÜCHER.de", "xn--bcher-kva.de"),
        ("Acme.com", "Acme.com"),
    ],
)
def test_domains_are_written_as_idna_2008_writes_them(domain: str, ascii_form: str) -> None:
    """Letters such as ß keep their own form, which the older rules lost."""
    assert ascii_domain(domain) == ascii_form


def test_a_domain_that_has_no_form_in_ascii_is_refused() -> None:
    with pytest.raises(MisuseError, match="cannot be written in ASCII"):
        ascii_domain("☃\u200d.com")


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("mara@acme.example", "mailto:mara@acme.example?subject=unsubscribe"),
        ("müller@acme.example", "mailto:m%C3%BCller@acme.example?subject=unsubscribe"),
        ("a%b&c?d=e/f{g}@acme.example", "mailto:a%25b%26c%3Fd%3De%2Ff%7Bg%7D@acme.example?subject=unsubscribe"),
        ("o'hara+x@müller.example", "mailto:o'hara+x@xn--mller-kva.example?subject=unsubscribe"),
    ],
)
def test_a_mailto_url_means_its_address_and_nothing_else(address: str, url: str) -> None:
    assert mail_to_unsubscribe(address) == url


#: Addresses as an inbox may have them, those with a local part that is not ASCII among them.
SENDERS = st.builds(
    "{}@acme.example".format, st.text("abcxyzüñß日本кт0189!#$%&'*+-/=?^_`{|}~", min_size=1, max_size=40)
)
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), min_size=1, max_size=255)


@given(sender=SENDERS, name=NAMES | st.text(st.characters(codec="utf-8"), min_size=1, max_size=20))
def test_whatever_an_inbox_may_be_called_its_mails_can_be_written(sender: str, name: str) -> None:
    """What its registration takes never keeps a worker from sending."""
    try:
        check(RegisterInbox(sender, display_name=name))
    except InvalidMessage:
        assume(False)
    sender = normalised(sender)
    mail = Mail(sender, "bo@x.example", None, "Hello", "A word.", None)
    wire = message_bytes(
        mail,
        message_id="<a@b.example>",
        date=datetime(2030, 1, 1, tzinfo=UTC),
        sender_name=name,
        unsubscribe=(mail_to_unsubscribe(sender),),
    )
    assert wire.count(b"\r\nList-Unsubscribe: <mailto:") == 1
