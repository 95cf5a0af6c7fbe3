"""One talk with one server: connected, protected and logged in; then mail after mail.

The last line of a mail's data, the single dot, is sent apart from everything before it. While that line is not wholly in
the hands of the operating system the server cannot have taken the mail, so whatever breaks is harmless; from then on only
the server's answer tells.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Callable
from ipaddress import ip_address
from typing import Final

from campaign_adapters.smtp.replies import Reply, Stage, refusal
from campaign_adapters.smtp.settings import Security, SmtpSettings
from campaign_core.sending.transport import Answer, InboxRefused, Outgoing, Silence, Taken, TryLater, Turned

_DOTS: Final = re.compile(rb"(?m)^\.")
_GO_AHEAD: Final = 354
_NEXT: Final = 334
#: The server is about to hang up. Source: RFC 5321, section 3.8.
_CLOSING: Final = 421
#: What a server may say in place of a greeting.
_NO_GREETINGS: Final = frozenset({_CLOSING, 554})
_GOODBYE_SECONDS: Final = 5.0
#: What a server says that takes no address outside ASCII. Source: RFC 6531, section 3.5.
_NOT_ASCII: Final = 553


class _Refused(Exception):
    """The talk ended before it began; carries the answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer)
        self.answer = answer


class Session:
    """An open connection, logged in. Made by `connect`."""

    def __init__(self, server: smtplib.SMTP, settings: SmtpSettings) -> None:
        self._server, self.settings = server, settings
        #: Mails tried over it.
        self.mails = 0
        #: When it was used last, by the clock that only goes forward.
        self.used = time.monotonic()
        #: Whether another mail may be tried; asks nobody.
        self.open = True

    def ready(self) -> bool:
        """Whether the server is still there and has forgotten the mail before; asks it."""
        try:
            self.open = self.open and _reply(*self._server.rset()).positive
        except OSError:
            self.open = False
        return self.open

    def send(self, outgoing: Outgoing) -> Answer:
        """Hands over one mail and answers what is known of it."""
        self.mails += 1
        try:
            answer = self._hand_over(outgoing)
        except OSError as wrong:
            self.open = False
            answer = TryLater(None, f"broken off: {_cause(wrong)}")
        self.used = time.monotonic()
        if isinstance(answer, Silence) or (isinstance(answer, TryLater) and answer.code in (None, _CLOSING)):
            self.open = False
        return answer

    def close(self) -> None:
        """Says goodbye, if anybody is there to hear it, and hangs up."""
        try:
            if self.open:
                self._wait_at_most(_GOODBYE_SECONDS)
                self._server.docmd("QUIT")
        except OSError:
            pass
        finally:
            self.open = False
            self._server.close()

    def _hand_over(self, outgoing: Outgoing) -> Answer:
        """The mail, up to what follows the dot; a break before the dot raises OSError."""
        refused = self._unwritable(outgoing)
        if refused is not None:
            return refused
        for stage, command in ((Stage.MAIL, self._mail(outgoing)), (Stage.RCPT, f"RCPT TO:<{outgoing.to}>")):
            reply = self._ask(command)
            if not reply.positive:
                return refusal(reply, stage)
        reply = self._ask("DATA")
        if reply.code != _GO_AHEAD:
            return refusal(reply, Stage.DATA)
        self._server.send(_DOTS.sub(b"..", outgoing.wire))
        return self._end()

    def _end(self) -> Answer:
        """Sends the dot and waits for the answer that decides; OSError where the dot could not be sent."""
        self._server.send(b".\r\n")
        self._wait_at_most(self.settings.final_timeout_seconds)
        try:
            reply = _reply(*self._server.getreply())
        except OSError as wrong:
            return Silence(f"no answer to the end of the mail: {_cause(wrong)}")
        self._wait_at_most(self.settings.timeout_seconds)
        return Taken(f"{reply.code} {reply.text}") if reply.positive else refusal(reply, Stage.END)

    def _unwritable(self, outgoing: Outgoing) -> Answer | None:
        """What comes of an address outside ASCII where the server takes none. Source: RFC 6531, section 3.4."""
        if outgoing.wire.isascii() and outgoing.to.isascii() and outgoing.sender.isascii():
            return None
        if self._server.has_extn("smtputf8"):
            return None
        if outgoing.to.isascii():
            return InboxRefused(
                None, "the server takes no address outside ASCII, and the sender's or where answers go is one"
            )
        return Turned(
            _NOT_ASCII, "the server takes no address outside ASCII, and the receiver's is one", about_address=True
        )

    def _mail(self, outgoing: Outgoing) -> str:
        words = [f"MAIL FROM:<{outgoing.sender}>"]
        if self._server.has_extn("size"):
            words.append(f"SIZE={len(outgoing.wire)}")
        if not (outgoing.wire.isascii() and outgoing.to.isascii() and outgoing.sender.isascii()):
            words.append("BODY=8BITMIME SMTPUTF8")
        return " ".join(words)

    def _ask(self, command: str) -> Reply:
        self._server.command_encoding = "utf-8"  # the default refuses what SMTPUTF8 allows
        return _reply(*self._server.docmd(command))

    def _wait_at_most(self, seconds: float) -> None:
        if self._server.sock is not None:
            self._server.sock.settimeout(seconds)


def connect(settings: SmtpSettings, tls: Callable[[], ssl.SSLContext]) -> Session | Answer:
    """Connects and logs in; the answer where that cannot be done. `tls` says whose certificates to trust."""
    server: smtplib.SMTP | None = None
    try:
        server = _connected(settings, tls)
        if settings.security is Security.STARTTLS:
            _protect(server, tls())
        _log_in(server, settings)
    except (_Refused, OSError) as wrong:
        if server is not None:
            server.close()
        return wrong.answer if isinstance(wrong, _Refused) else _unreached(wrong)
    return Session(server, settings)


def _connected(settings: SmtpSettings, tls: Callable[[], ssl.SSLContext]) -> smtplib.SMTP:
    # The name is not known before the connection is; without one, smtplib asks the DNS, which may take long.
    place, name, wait = (settings.host, settings.port), "localhost", settings.timeout_seconds
    if settings.security is Security.TLS:
        server: smtplib.SMTP = smtplib.SMTP_SSL(*place, name, timeout=wait, context=tls())
    else:
        server = smtplib.SMTP(*place, name, timeout=wait)
    try:
        if server.sock is not None:
            # The dot is a small packet behind a large one, which would wait for the large one's receipt.
            server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            server.local_hostname = _literal(server.sock.getsockname()[0])
        _wanted(server.ehlo())
    except BaseException:
        server.close()
        raise
    return server


def _literal(address: str) -> str:
    """An IP address as a client without a name gives it. Source: RFC 5321, section 4.1.3."""
    found = ip_address(address.partition("%")[0])
    return f"[IPv6:{found}]" if found.version == 6 else f"[{found}]"


def _protect(server: smtplib.SMTP, tls: ssl.SSLContext) -> None:
    """TLS or nothing: a password that could be read on the way is not sent."""
    if not server.has_extn("starttls"):
        raise _Refused(InboxRefused(None, "the server does not offer STARTTLS"))
    try:
        _wanted(server.starttls(context=tls))
    except smtplib.SMTPResponseException as wrong:
        raise _Refused(refusal(Reply(wrong.smtp_code, _said(wrong)), Stage.HELLO)) from wrong
    _wanted(server.ehlo())


def _log_in(server: smtplib.SMTP, settings: SmtpSettings) -> None:
    """One try in one way: several would count as several wrong passwords. Source: RFC 4616; UTF-8, unlike smtplib's own."""
    if settings.username is None or settings.password is None:
        return
    offered = str(server.esmtp_features.get("auth", "")).upper().split()
    name, password = settings.username, settings.password
    if "PLAIN" in offered:
        _wanted(server.docmd("AUTH", "PLAIN " + _base64(f"\0{name}\0{password}")))
    elif "LOGIN" in offered:
        _wanted(server.docmd("AUTH", "LOGIN"), _NEXT)
        _wanted(server.docmd(_base64(name)), _NEXT)
        _wanted(server.docmd(_base64(password)))
    else:
        ways = " ".join(offered) or "none"
        raise _Refused(InboxRefused(None, f"the server does not let a password log in; the ways it offers: {ways}"))


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def _wanted(given: tuple[int, bytes], code: int | None = None) -> None:
    reply = _reply(*given)
    if not (reply.positive if code is None else reply.code == code):
        raise _Refused(refusal(reply, Stage.HELLO))


def _reply(code: int, text: bytes) -> Reply:
    return Reply.of(code, text)


def _unreached(wrong: OSError) -> Answer:
    """What comes of a connection that could not be made."""
    if isinstance(wrong, smtplib.SMTPConnectError):
        # Only what an SMTP server says instead of a greeting is repeated; at that port may be anything, and whoever asked
        # for the connection may not be meant to read it. Source: RFC 5321, section 3.1 and 4.2.3.
        said = _said(wrong) if wrong.smtp_code in _NO_GREETINGS else "no SMTP server answers there"
        return refusal(Reply(wrong.smtp_code, said), Stage.HELLO)
    if isinstance(wrong, ssl.SSLError) and not isinstance(wrong, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        # A wrong certificate or no TLS at that port does not pass by waiting.
        return InboxRefused(None, f"no trusted TLS with the server: {_cause(wrong)}")
    return TryLater(None, f"no connection: {_cause(wrong)}")


def _said(wrong: smtplib.SMTPResponseException) -> str:
    text = wrong.smtp_error
    return Reply.of(wrong.smtp_code, text if isinstance(text, bytes) else text.encode()).text


def _cause(wrong: OSError) -> str:
    """A few words; smtplib's own error often hides the one that tells."""
    deeper = wrong.__context__ if isinstance(wrong, smtplib.SMTPServerDisconnected) else None
    return str(deeper or wrong) or type(wrong).__name__
