"""SMTP servers on the loopback that do what a test tells them, and stop with it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from attrs import Factory, define, field
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

HOST = "127.0.0.1"


@define
class Delivered:
    """A mail that a server took."""

    sender: str
    to: list[str]
    wire: bytes
    options: list[str]
    authenticated: bool


@define
class Post:
    """What a server does at which stage of the talk, and what it saw.

    Stages: GREETING, EHLO, AUTH, MAIL, RCPT, DATA (the command), BODY (after the go-ahead), END (after the dot), RSET.
    """

    #: Answers in place of its own.
    replies: dict[str, str] = Factory(dict)
    #: Where it hangs up instead of answering.
    drops: set[str] = Factory(set)
    #: Where it takes so many seconds before it goes on.
    delays: dict[str, float] = Factory(dict)
    #: Where it says nothing any more.
    stalls: set[str] = Factory(set)
    #: Name and password it knows.
    accounts: dict[str, str] = Factory(dict)
    port: int = 0
    connections: int = 0
    #: Commands in the order they came, without their arguments.
    commands: list[str] = Factory(list)
    mails: list[Delivered] = Factory(list)
    talks: list[Talk] = field(factory=list, repr=False)

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        """Knows the accounts and no others."""
        assert isinstance(given, LoginPassword)
        right = self.accounts.get(given.login.decode()) == given.password.decode()
        return AuthResult(success=right, handled=False)

    async def handle_DATA(self, server: Talk, session: Any, envelope: Any) -> str:
        """Takes the mail; called behind the dot."""
        if await server.staged("END"):
            return ""
        options = [each.upper() for each in envelope.mail_options]
        mail = Delivered(
            envelope.mail_from, envelope.rcpt_tos, envelope.original_content, options, bool(session.authenticated)
        )
        self.mails.append(mail)
        return "250 2.0.0 taken"


class Talk(SMTP):
    """One connection of a server."""

    def __init__(self, post: Post, **more: Any) -> None:
        super().__init__(post, hostname="post.example", auth_require_tls=False, **more)
        self._post, self._greeted = post, False
        post.connections += 1
        post.talks.append(self)

    async def staged(self, stage: str) -> bool:
        """Does what is to happen at this stage; False where nothing special is."""
        self._post.commands.append(stage)
        assert self.transport is not None
        await asyncio.sleep(self._post.delays.get(stage, 0.0))
        if stage in self._post.drops:
            self.transport.close()
        if stage in self._post.drops | self._post.stalls:
            await asyncio.Event().wait()  # until the connection is lost
        reply = self._post.replies.get(stage)
        if reply is not None:
            await super().push(reply)
            if reply.startswith("421"):
                self.transport.close()
                await asyncio.Event().wait()
        return reply is not None

    async def push(self, status: Any) -> None:
        if not self._greeted:
            self._greeted = True
            if await self.staged("GREETING"):
                return
        if status:
            await super().push(status)

    async def smtp_EHLO(self, hostname: str) -> None:
        if not await self.staged("EHLO"):
            await super().smtp_EHLO(hostname)

    async def smtp_AUTH(self, arg: str) -> None:
        if not await self.staged("AUTH"):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:
        if not await self.staged("MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        if not await self.staged("RCPT"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        if await self.staged("DATA"):
            return
        if "BODY" in self._post.drops | self._post.stalls:
            await super().push("354 go ahead")
            await self.staged("BODY")
        await super().smtp_DATA(arg)

    async def smtp_RSET(self, arg: str) -> None:
        if not await self.staged("RSET"):
            await super().smtp_RSET(arg)


@contextmanager
def serving(post: Post, *, implicit: ssl.SSLContext | None = None, **more: Any) -> Iterator[Post]:
    """Runs a server on a free port in a thread of its own, until the end of the block.

    `implicit` is for TLS from the first byte; `tls_context` among `more` is for STARTTLS.
    """
    started, ended = Event(), []

    async def run() -> None:
        loop, end = asyncio.get_running_loop(), asyncio.Event()
        loop.set_exception_handler(lambda *_: None)  # a client that hangs up is no news here
        extra = {"authenticator": post.authenticate} if post.accounts else {}
        server = await loop.create_server(lambda: Talk(post, loop=loop, **extra, **more), HOST, 0, ssl=implicit)
        post.port = server.sockets[0].getsockname()[1]
        ended.append(lambda: loop.call_soon_threadsafe(end.set))
        started.set()
        await end.wait()
        server.close()
        for talk in post.talks:
            if talk.transport is not None:
                talk.transport.abort()
        await asyncio.sleep(0)

    thread = Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        assert started.wait(10)
        yield post
    finally:
        ended[0]()
        thread.join(10)
        assert not thread.is_alive()


@define
class Certificate:
    """A certificate that vouches for itself, for 127.0.0.1."""

    server: ssl.SSLContext
    #: Trusts it and nothing else.
    client: ssl.SSLContext


def certificate(folder: Path) -> Certificate:
    """Makes one; its key is written into the folder, because the ssl module reads keys from files only."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "post.example")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    chain, secret = folder / "post.pem", folder / "post.key"
    chain.write_bytes(made.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain, secret)
    return Certificate(server, ssl.create_default_context(cafile=str(chain)))


@lru_cache(maxsize=1)
def dkim_key() -> tuple[str, bytes]:
    """A private key in PEM, and the public one as it stands in the DNS."""
    from base64 import b64encode

    key = rsa.generate_private_key(65537, 1024)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return private, b"v=DKIM1; k=rsa; p=" + b64encode(public)
