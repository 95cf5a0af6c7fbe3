"""Mail over SMTP, to real servers on the loopback: what arrives, and what is answered where it does not."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign_adapters.smtp import Security, SmtpTransport
from campaign_core.errors import LogBusy, MisuseError
from campaign_core.sending.transport import Answer, InboxRefused, Outgoing, Silence, Taken, TryLater, Turned
from tests.transports.given import INBOX, OTHER, outgoing, settings, transport
from tests.transports.servers import Certificate, Post, certificate, serving


def answered(post: Post, mail: Outgoing | None = None, **changes: Any) -> Answer:
    """What comes of one mail over a transport that is closed again."""
    sending = transport(post, **changes)
    try:
        return sending.send(INBOX, mail or outgoing())
    finally:
        sending.close()


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate for 127.0.0.1."""
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def line() -> Iterator[tuple[Post, SmtpTransport]]:
    """A server and a transport that both stay open."""
    with serving(Post()) as post:
        sending = transport(post, mails_per_connection=1_000_000)
        yield post, sending
        sending.close()


@given(
    text=st.lists(st.sampled_from([".", "..", ".x", "\n", "\r\n", "ä", "a b", "=", "日本" * 30, "y" * 1100])).map(
        "".join
    )
)
def test_the_bytes_arrive_as_they_are(line: tuple[Post, SmtpTransport], text: str) -> None:
    """Lines that begin with a dot too, and the envelope besides."""
    post, sending = line
    mail = outgoing(text)
    assert sending.send(INBOX, mail) == Taken("250 2.0.0 taken")
    last = post.mails[-1]
    assert (last.wire, last.sender, last.to) == (mail.wire, "ann@acme.com", ["bob@example.com"])
    assert post.connections == 1


#: What a server says at which stage, and what that is answered as.
REFUSALS = [
    ("GREETING", "421 4.3.2 come back", TryLater(421, "421 4.3.2 come back")),
    ("GREETING", "554 no mail from you", InboxRefused(554, "554 no mail from you")),
    ("EHLO", "451 not now", TryLater(451, "451 not now")),
    ("EHLO", "550 not you", InboxRefused(550, "550 not you")),
    ("MAIL", "451 4.3.0 later", TryLater(451, "451 4.3.0 later")),
    ("MAIL", "530 5.7.0 log in first", InboxRefused(530, "530 5.7.0 log in first")),
    ("MAIL", "550 5.1.8 no such sender", InboxRefused(550, "550 5.1.8 no such sender")),
    ("MAIL", "552 5.3.4 too large", Turned(552, "552 5.3.4 too large", about_address=False)),
    ("RCPT", "421 bye", TryLater(421, "421 bye")),
    ("RCPT", "450 4.2.1 greylisted", TryLater(450, "450 4.2.1 greylisted")),
    ("RCPT", "550 no such user", Turned(550, "550 no such user", about_address=True)),
    ("RCPT", "551 moved", Turned(551, "551 moved", about_address=True)),
    ("RCPT", "553 no such name", Turned(553, "553 no such name", about_address=True)),
    ("RCPT", "550 5.2.1 mailbox disabled", Turned(550, "550 5.2.1 mailbox disabled", about_address=True)),
    ("RCPT", "554 5.1.1 unknown", Turned(554, "554 5.1.1 unknown", about_address=True)),
    ("RCPT", "550 5.7.1 you are blocked", Turned(550, "550 5.7.1 you are blocked", about_address=False)),
    ("RCPT", "554 refused", Turned(554, "554 refused", about_address=False)),
    ("RCPT", "530 5.7.0 log in first", InboxRefused(530, "530 5.7.0 log in first")),
    ("RCPT", "553 5.1.7 bad sender", InboxRefused(553, "553 5.1.7 bad sender")),
    ("DATA", "451 later", TryLater(451, "451 later")),
    ("DATA", "554 no valid recipients", Turned(554, "554 no valid recipients", about_address=False)),
    ("END", "451 4.7.1 later", TryLater(451, "451 4.7.1 later")),
    ("END", "550 5.1.1 unknown after all", Turned(550, "550 5.1.1 unknown after all", about_address=True)),
    ("END", "550 5.4.5 over your daily limit", InboxRefused(550, "550 5.4.5 over your daily limit")),
    ("END", "554 5.7.1 spam", Turned(554, "554 5.7.1 spam", about_address=False)),
    ("END", "550 spam", Turned(550, "550 spam", about_address=False)),
    ("MAIL", "354 what", TryLater(None, "not understood: 354 what")),
    ("DATA", "250 what", TryLater(None, "not understood: 250 what")),
    ("END", "354 what", Silence("not understood: 354 what")),
    ("END", "700 nonsense", Silence("not understood: 700 nonsense")),
]


@pytest.mark.parametrize(
    ("stage", "reply", "answer"), REFUSALS, ids=[f"{stage} {reply}" for stage, reply, _ in REFUSALS]
)
def test_a_refusal_is_answered_as_what_it_is(stage: str, reply: str, answer: Answer) -> None:
    """By its code, its enhanced status and its place; and no mail was taken."""
    with serving(Post(replies={stage: reply})) as post:
        assert answered(post) == answer
        assert post.mails == []


@pytest.mark.parametrize("stage", ["GREETING", "EHLO", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("how", ["drops", "stalls"])
def test_a_break_before_the_mail_is_handed_over_may_be_tried_again(stage: str, how: str) -> None:
    """The server hangs up or says nothing: it has not seen the mail."""
    with serving(Post(**{how: {stage}})) as post:
        wait = 0.1 if how == "stalls" else 5.0
        answer = answered(post, timeout_seconds=wait)
        assert isinstance(answer, TryLater)
        assert answer.code is None
        assert answer.response.split(":")[0] in ("no connection", "broken off")


@pytest.mark.parametrize("how", ["drops", "stalls"])
def test_a_break_amid_the_mail_may_be_tried_again(how: str) -> None:
    """The mail is larger than what the operating system takes in advance, so its last line was never sent."""
    small = outgoing()
    large = attrs.evolve(small, wire=small.wire + (b"x" * 70 + b"\r\n") * 200_000)
    with serving(Post(**{how: {"BODY"}})) as post:
        answer = answered(post, large, timeout_seconds=0.3)
        assert isinstance(answer, TryLater)
        assert answer.code is None


@pytest.mark.parametrize("how", ["drops", "stalls"])
def test_a_break_behind_the_dot_is_silence(how: str) -> None:
    """The server has the whole mail and may have taken it."""
    with serving(Post(**{how: {"END"}})) as post:
        assert isinstance(answered(post, final_timeout_seconds=0.1), Silence)
        assert post.commands[-1] == "END"


def test_the_last_answer_may_take_longer_than_the_others() -> None:
    """Servers look through a mail before they take it; until then they may be silent."""
    with serving(Post(delays={"END": 1.3})) as post:
        assert answered(post, timeout_seconds=1.0, final_timeout_seconds=10.0) == Taken("250 2.0.0 taken")


def test_where_nobody_listens_the_mail_may_be_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    answer = answered(Post(port=port))
    assert isinstance(answer, TryLater)
    assert answer.code is None


def test_mails_of_an_inbox_share_a_connection() -> None:
    """One connection for all of them, each begun afresh."""
    with serving(Post()) as post:
        sending = transport(post)
        answers = [sending.send(INBOX, outgoing(number=number)) for number in range(5)]
        sending.close()
    assert answers == [Taken("250 2.0.0 taken")] * 5
    assert (post.connections, len(post.mails), post.commands.count("RSET")) == (1, 5, 4)


def test_inboxes_do_not_share_a_connection() -> None:
    with serving(Post()) as post:
        sending = transport(post)
        for inbox in (INBOX, OTHER, INBOX, OTHER):
            sending.send(inbox, outgoing())
        sending.close()
    assert (post.connections, len(post.mails)) == (2, 4)


def test_a_connection_is_closed_after_so_many_mails() -> None:
    with serving(Post()) as post:
        sending = transport(post, mails_per_connection=2)
        for _ in range(5):
            sending.send(INBOX, outgoing())
        sending.close()
    assert (post.connections, len(post.mails)) == (3, 5)


def test_an_idle_connection_is_closed() -> None:
    """When the next mail is sent, by another inbox as well."""
    with serving(Post()) as post:
        sending = transport(post, idle_seconds=0.0)
        for inbox in (INBOX, OTHER, INBOX):
            sending.send(inbox, outgoing())
            assert len([talk for talk in post.talks if talk.transport is not None]) <= 2
        sending.close()
    assert (post.connections, len(post.mails)) == (3, 3)


def test_a_connection_that_died_meanwhile_is_made_anew() -> None:
    """The mail after it goes out all the same, once."""
    with serving(Post()) as post:
        sending = transport(post)
        sending.send(INBOX, outgoing(number=1))
        post.drops = {"RSET"}
        assert sending.send(INBOX, outgoing(number=2)) == Taken("250 2.0.0 taken")
        post.drops, post.replies = set(), {"RSET": "421 4.4.2 idle too long"}
        assert sending.send(INBOX, outgoing(number=3)) == Taken("250 2.0.0 taken")
        sending.close()
    assert (post.connections, len(post.mails)) == (3, 3)


def test_a_refused_mail_does_not_hold_up_the_next() -> None:
    """Over the same connection."""
    with serving(Post(replies={"RCPT": "550 5.1.1 unknown"})) as post:
        sending = transport(post)
        assert isinstance(sending.send(INBOX, outgoing(number=1)), Turned)
        post.replies = {}
        assert sending.send(INBOX, outgoing(number=2)) == Taken("250 2.0.0 taken")
        sending.close()
    assert (post.connections, len(post.mails)) == (1, 1)


def test_where_a_server_is_not_understood_the_connection_is_not_used_again() -> None:
    """Who knows what its next answer would be an answer to."""
    with serving(Post(replies={"DATA": "250 what"})) as post:
        sending = transport(post)
        assert isinstance(sending.send(INBOX, outgoing(number=1)), TryLater)
        post.replies = {}
        assert sending.send(INBOX, outgoing(number=2)) == Taken("250 2.0.0 taken")
        sending.close()
    assert (post.connections, len(post.mails)) == (2, 1)


def test_new_settings_make_a_new_connection() -> None:
    with serving(Post()) as first, serving(Post()) as second:
        using = [first]
        sending = SmtpTransport(lambda _: settings(using[-1]))
        sending.send(INBOX, outgoing())
        using.append(second)
        sending.send(INBOX, outgoing())
        sending.close()
    assert (len(first.mails), len(second.mails)) == (1, 1)


def test_tls_from_the_first_byte(tls: Certificate) -> None:
    with serving(Post(accounts={"ann": "s3cret"}), implicit=tls.server) as post:
        answer = answered(post, tls=tls.client, security=Security.TLS, username="ann", password="s3cret")
        assert answer == Taken("250 2.0.0 taken")
        assert post.mails[0].authenticated


def test_starttls(tls: Certificate) -> None:
    """The login is offered and used behind it only."""
    with serving(Post(accounts={"ann": "s3cret"}), tls_context=tls.server, require_starttls=True) as post:
        answer = answered(post, tls=tls.client, security=Security.STARTTLS, username="ann", password="s3cret")
        assert answer == Taken("250 2.0.0 taken")
        assert post.mails[0].authenticated
        assert post.commands.count("EHLO") == 2


def test_without_starttls_no_password_is_sent(tls: Certificate) -> None:
    with serving(Post(accounts={"ann": "s3cret"})) as post:
        answer = answered(post, tls=tls.client, security=Security.STARTTLS, username="ann", password="s3cret")
        assert answer == InboxRefused(None, "the server does not offer STARTTLS")
        assert "AUTH" not in post.commands


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS], ids=lambda each: each.value)
def test_a_certificate_that_nobody_vouches_for_is_not_trusted(tls: Certificate, security: Security) -> None:
    """Neither mail nor password goes to a server that may be another."""
    how: dict[str, Any] = {"implicit": tls.server} if security is Security.TLS else {"tls_context": tls.server}
    with serving(Post(accounts={"ann": "s3cret"}), **how) as post:
        answer = answered(post, security=security, username="ann", password="s3cret")
        assert isinstance(answer, InboxRefused)
        assert "certificate" in answer.response
        assert post.mails == []
        assert "AUTH" not in post.commands


def test_tls_where_none_is_spoken_is_the_inboxes_fault(tls: Certificate) -> None:
    with serving(Post()) as post:
        assert isinstance(answered(post, tls=tls.client, security=Security.TLS), InboxRefused)


@pytest.mark.parametrize("without", [[], ["PLAIN"]], ids=["plain", "login"])
@pytest.mark.parametrize("password", ["s3cret", "pässwörd"], ids=["ascii", "beyond ascii"])
def test_a_right_password_logs_in(without: list[str], password: str) -> None:
    """In each way there is, and in UTF-8."""
    with serving(Post(accounts={"änn": password}), auth_exclude_mechanism=without) as post:
        assert answered(post, username="änn", password=password) == Taken("250 2.0.0 taken")
        assert post.mails[0].authenticated


@pytest.mark.parametrize("without", [[], ["PLAIN"]], ids=["plain", "login"])
def test_a_wrong_password_is_the_inboxes_fault(without: list[str]) -> None:
    """It is tried once, and told to nobody."""
    with serving(Post(accounts={"ann": "s3cret"}), auth_exclude_mechanism=without) as post:
        answer = answered(post, username="ann", password="wr0ng")
        assert isinstance(answer, InboxRefused)
        assert answer.code == 535
        assert "wr0ng" not in answer.response
        assert (post.mails, post.commands.count("AUTH")) == ([], 1)


def test_a_login_that_fails_for_now_may_be_tried_again() -> None:
    with serving(Post(accounts={"ann": "s3cret"}, replies={"AUTH": "454 4.7.0 temporary"})) as post:
        assert answered(post, username="ann", password="s3cret") == TryLater(454, "454 4.7.0 temporary")


def test_a_server_that_takes_no_password_is_the_inboxes_fault() -> None:
    with serving(Post(accounts={"ann": "s3cret"}), auth_exclude_mechanism=["PLAIN", "LOGIN"]) as post:
        answer = answered(post, username="ann", password="s3cret")
        assert isinstance(answer, InboxRefused)
        assert answer.response.startswith("the server does not let a password log in")


def test_an_address_outside_ascii_goes_where_it_is_taken() -> None:
    """The local part as it is, the domain in A-labels."""
    with serving(Post(), enable_SMTPUTF8=True) as post:
        mail = outgoing(to="jürgen@bücher.de")
        assert answered(post, mail) == Taken("250 2.0.0 taken")
        assert (post.mails[0].to, post.mails[0].wire) == (["jürgen@xn--bcher-kva.de"], mail.wire)
        assert "SMTPUTF8" in post.mails[0].options


def test_an_address_outside_ascii_is_turned_where_it_is_not() -> None:
    with serving(Post(), enable_SMTPUTF8=False) as post:
        answer = answered(post, outgoing(to="jürgen@acme.com"))
        assert isinstance(answer, Turned)
        assert answer.about_address
        assert post.mails == []


def test_a_sender_outside_ascii_is_the_inboxes_fault() -> None:
    with serving(Post(), enable_SMTPUTF8=False) as post:
        assert isinstance(answered(post, outgoing(sender="jürgen@acme.com")), InboxRefused)


def test_an_address_in_ascii_asks_for_no_extension() -> None:
    """A domain in A-labels and a body in UTF-8 need none."""
    with serving(Post(), enable_SMTPUTF8=True) as post:
        answered(post, outgoing("Schöne Grüße", to="bob@bücher.de"))
        assert [each for each in post.mails[0].options if not each.startswith("SIZE")] == []


def test_settings_that_cannot_be_had_are_the_inboxes_fault() -> None:
    """Unless they can be had a moment later."""

    def raising(error: Exception) -> SmtpTransport:
        def settings_of(_: object) -> Any:
            raise error

        return SmtpTransport(settings_of)

    assert raising(MisuseError("None are kept.")).send(INBOX, outgoing()) == InboxRefused(None, "None are kept.")
    assert raising(LogBusy("The log is busy.")).send(INBOX, outgoing()) == TryLater(None, "The log is busy.")


def test_settings_of_the_wrong_shape_are_the_inboxes_fault() -> None:
    """And the answer says which field."""
    answer = answered(Post(port=70_000))
    assert isinstance(answer, InboxRefused)
    assert "$.port" in answer.response
