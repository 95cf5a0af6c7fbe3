"""DKIM: what a receiver finds when it checks a signed mail against the key in the DNS."""

from __future__ import annotations

import re
from collections.abc import Callable

import attrs
import dkim
import pytest

from campaign_adapters.smtp import SmtpSettings
from campaign_adapters.smtp.signing import signed
from campaign_core.errors import MisuseError
from campaign_core.sending.transport import Outgoing, Taken
from tests.transports.given import INBOX, outgoing, settings, transport
from tests.transports.servers import Post, dkim_key, serving

SETTINGS = {"dkim_selector": "mail", "dkim_domain": "acme.com", "dkim_private_key": dkim_key()[0]}
TEXT = "Schöne Grüße,\n.\n\n-- \nAcme\n"


def holds(wire: bytes, key: bytes = dkim_key()[1]) -> bool:
    """Whether a receiver who finds that key in the DNS believes the signature."""
    return dkim.verify(wire, dnsfunc=lambda name, timeout=5: {b"mail._domainkey.acme.com.": key}.get(name))


def one_signed(mail: Outgoing | None = None) -> Outgoing:
    """A mail, signed."""
    return signed(mail or outgoing(TEXT), SmtpSettings(host="h", port=25, **SETTINGS))


def test_a_signed_mail_arrives_with_a_signature_that_holds() -> None:
    """Over a real connection; what the server got is what was digested before it was sent."""
    with serving(Post()) as post:
        sending = transport(post, **SETTINGS)
        mail = sending.signed(INBOX, outgoing(TEXT))
        assert sending.send(INBOX, mail) == Taken("250 2.0.0 taken")
        sending.close()
    assert post.mails[0].wire == mail.wire
    assert attrs.evolve(mail, wire=post.mails[0].wire).digest == mail.digest
    assert holds(post.mails[0].wire)


def test_the_signature_is_a_header_above_an_unchanged_mail() -> None:
    mail = outgoing(TEXT)
    made = one_signed(mail)
    assert made.wire.startswith(b"DKIM-Signature: ")
    assert made.wire.endswith(b"\r\n" + mail.wire)
    assert attrs.evolve(made, wire=b"") == attrs.evolve(mail, wire=b"")
    lines = made.wire.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert not any(b"\n" in line or b"\r" in line for line in lines)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda wire: wire.replace(b"=C3=BC", b"=C3=A4"), id="another text"),
        pytest.param(lambda wire: wire.replace(b"Subject: Hello", b"Subject: Hallo"), id="another subject"),
        pytest.param(lambda wire: wire.replace(b"To: bob", b"To: bob.b"), id="another receiver"),
        pytest.param(lambda wire: wire.replace(b"<1@acme.com>", b"<2@acme.com>"), id="another Message-ID"),
        pytest.param(lambda wire: wire.replace(b"u/1>", b"u/2>"), id="another place to unsubscribe"),
        pytest.param(lambda wire: wire.replace(b"=One-Click", b"=Two-Click"), id="another way to unsubscribe"),
        pytest.param(
            lambda wire: wire.replace(b"\r\nTo:", b"\r\nReply-To: eve@evil.com\r\nTo:"), id="a Reply-To added"
        ),
        pytest.param(lambda wire: b"From: eve@evil.com\r\n" + wire, id="a second From"),
    ],
)
def test_a_changed_mail_is_not_believed(change: Callable[[bytes], bytes]) -> None:
    """The text and every header that a reader sees or acts on is signed."""
    plain = outgoing(TEXT)
    extra = b"List-Unsubscribe: <https://acme.com/u/1>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    wire = one_signed(attrs.evolve(plain, wire=extra + plain.wire)).wire
    assert holds(wire)
    assert change(wire) != wire
    assert not holds(change(wire))


def test_a_second_from_is_ruled_out_for_receivers_who_do_not_count() -> None:
    """The signature names `from` once more than there are, and so covers that there is no other."""
    line = one_signed().wire.partition(b"\r\nFrom:")[0].replace(b"\r\n", b"")
    found = re.search(rb"; h=([^;]*);", line)
    assert found is not None
    assert [name.strip() for name in found[1].split(b":")].count(b"from") == 2


def test_what_servers_do_on_the_way_does_no_harm() -> None:
    """Lines of the header wrapped anew, headers added above."""
    wire = one_signed().wire
    rewrapped = re.sub(rb"(?m)^(To|Message-ID): ", rb"\1:\r\n ", wire)
    assert rewrapped != wire
    assert holds(b"Received: from a by b\r\n" + rewrapped)


def test_another_key_in_the_dns_is_not_believed() -> None:
    wire, key = one_signed().wire, dkim_key()[1]
    assert not holds(wire, key.replace(key[60:64], b"AAAA"))


def test_a_header_in_utf_8_can_be_signed() -> None:
    assert holds(one_signed(outgoing(TEXT, to="jürgen@bücher.de")).wire)


def test_a_key_with_the_line_ends_of_windows_signs_as_well() -> None:
    pem = dkim_key()[0].replace("\n", "\r\n")
    assert holds(signed(outgoing(), SmtpSettings(host="h", port=25, **(SETTINGS | {"dkim_private_key": pem}))).wire)


def test_a_key_that_cannot_sign_is_told_in_a_sentence() -> None:
    with pytest.raises(MisuseError, match=r"^The DKIM key for acme\.com cannot sign: .*[.]$"):
        signed(outgoing(), SmtpSettings(host="h", port=25, **(SETTINGS | {"dkim_private_key": "no key"})))


def test_without_a_key_a_mail_stays_as_it_is() -> None:
    mail = outgoing()
    assert signed(mail, settings(Post())) == mail
