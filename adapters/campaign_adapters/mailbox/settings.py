"""What must be known to read the mail of an inbox?"""

from __future__ import annotations

from attrs import field, frozen

from campaign_adapters.mail_servers import PASSWORD_CHARACTERS, PORTS, USERNAME_CHARACTERS, host_name
from campaign_core.checks import flag, ruled, text, whole


@frozen(kw_only=True)
class ImapSettings:
    """The server that keeps the mail of an inbox, and how to log in there."""

    #: A name or an IP address, without brackets.
    host: str = field(metadata=ruled(host_name))
    #: 1 to 65535; 993 for TLS, 143 without.
    port: int = field(metadata=whole(*PORTS))
    #: TLS from the first byte.
    tls: bool = field(default=True, metadata=flag())
    username: str = field(metadata=text(*USERNAME_CHARACTERS))
    password: str = field(repr=False, metadata=text(*PASSWORD_CHARACTERS))
