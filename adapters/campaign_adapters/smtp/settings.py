"""What must be known to send from an inbox?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Final

from attrs import field, frozen

from campaign_adapters.mail_servers import PASSWORD_CHARACTERS, PORTS, USERNAME_CHARACTERS, host_name
from campaign_core.checks import choice, ruled, text, whole

#: Receivers need not accept signatures of shorter keys. Source: RFC 8301, section 3.2.
_KEY_BITS: Final = 1024
_NAME: Final = re.compile(r"[A-Za-z0-9_\-]+(\.[A-Za-z0-9_\-]+)*")


class Security(StrEnum):
    """How the connection is protected."""

    #: TLS from the first byte; port 465 (RFC 8314).
    TLS = "tls"
    #: A plain connection that turns to TLS before anything secret is said; port 587 (RFC 3207). Never goes on without.
    STARTTLS = "starttls"
    #: Not at all: for a server on this machine or one's own network.
    NONE = "none"


def _seconds(value: Any) -> str | None:
    if type(value) in (int, float) and 0 < value <= 3600:
        return None
    return f"must be more than 0 and at most 3600 seconds, is {value!r}"


def _spelt(pattern: re.Pattern[str], words: str) -> Any:
    def rule(value: Any) -> str | None:
        return None if isinstance(value, str) and len(value) <= 255 and pattern.fullmatch(value) else f"must be {words}"

    return rule


def _private_key(value: Any) -> str | None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(value.encode(), password=None)
    except (AttributeError, TypeError, ValueError, UnsupportedAlgorithm):
        key = None
    if isinstance(key, RSAPrivateKey) and key.key_size >= _KEY_BITS:
        return None
    return f"must be an RSA private key in PEM, without a password, of at least {_KEY_BITS} bits"


_dns_name: Final = _spelt(_NAME, "a name of the DNS, in ASCII")


@frozen(kw_only=True)
class SmtpSettings:
    """The server of an inbox and how to log in there; `campaign_core.checks.check` says what is wrong with one."""

    #: A name or an IP address, without brackets.
    host: str = field(metadata=ruled(host_name))
    #: 1 to 65535.
    port: int = field(metadata=whole(*PORTS))
    security: Security = field(default=Security.TLS, metadata=choice(Security))
    #: None: the server asks for no login.
    username: str | None = field(default=None, metadata=text(*USERNAME_CHARACTERS, optional=True))
    password: str | None = field(default=None, repr=False, metadata=text(*PASSWORD_CHARACTERS, optional=True))
    #: The longest wait for a connection and for each answer but the last, in seconds.
    timeout_seconds: float = field(default=60.0, metadata=ruled(_seconds))
    #: The longest wait for the answer that decides, in seconds: ten minutes, because many servers look through a mail
    #: before they take it, and to give up early is not to know. Source: RFC 5321, section 4.5.3.2.6.
    final_timeout_seconds: float = field(default=600.0, metadata=ruled(_seconds))
    #: Where receivers find the public key: at `<selector>._domainkey.<domain>`. All three or none.
    dkim_selector: str | None = field(default=None, metadata=ruled(_dns_name, optional=True))
    dkim_domain: str | None = field(default=None, metadata=ruled(_dns_name, optional=True))
    #: RSA, in PEM.
    dkim_private_key: str | None = field(default=None, repr=False, metadata=ruled(_private_key, optional=True))

    def disagreements(self) -> Iterator[tuple[str, str]]:
        """What the fields disagree on: field name and sentence."""
        if (self.username is None) is not (self.password is None):
            yield "password", "must be given together with the username, or neither"
        if len({each is None for each in (self.dkim_selector, self.dkim_domain, self.dkim_private_key)}) > 1:
            yield "dkim_private_key", "must be given together with the selector and the domain, or none of them"
