"""Who vouches for a mail? A DKIM signature (RFC 6376) by the sender's domain, as a header line above all others.

The signature is part of the message. Whoever sends therefore signs first and then takes the digest, so that the log has the
digest of what goes over the wire:

    outgoing = transport.signed(inbox_id, outgoing)
    ... record outgoing.digest ...
    answer = transport.send(inbox_id, outgoing)

A signature holds the time of signing: a mail that is signed twice is two different messages.
"""

from __future__ import annotations

from typing import Final

import attrs

from campaign_adapters.smtp.settings import SmtpSettings
from campaign_core.errors import MisuseError
from campaign_core.sending.transport import Outgoing

#: What is signed wherever it is there. `from` twice, so that nobody can add a second one (RFC 6376, section 8.15); the
#: last two because RFC 8058, section 4, has receivers ignore them unless they are signed.
_SIGNED: Final = (
    b"from", b"from", b"to", b"reply-to", b"subject", b"date", b"message-id", b"in-reply-to", b"references",
    b"mime-version", b"content-type", b"content-transfer-encoding", b"list-unsubscribe", b"list-unsubscribe-post",
)  # fmt: skip


def signed(outgoing: Outgoing, settings: SmtpSettings) -> Outgoing:
    """The mail with a DKIM signature, or as it is where the settings have no key.

    Raises:
        MisuseError: the key cannot sign; settings that `campaign_core.checks.check` passes have none of that kind.
    """
    if settings.dkim_private_key is None or settings.dkim_selector is None or settings.dkim_domain is None:
        return outgoing
    import dkim  # here, because most inboxes have a server that signs

    try:
        line = dkim.sign(
            outgoing.wire,
            settings.dkim_selector.encode(),
            settings.dkim_domain.encode(),
            settings.dkim_private_key.replace("\r\n", "\n").encode(),  # all that dkimpy reads
            # A server on the way may rewrap the header and strip blanks at the end of lines.
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=_SIGNED,
        )
    except dkim.DKIMException as wrong:
        raise MisuseError(f"The DKIM key for {settings.dkim_domain} cannot sign: {wrong}.") from wrong
    return attrs.evolve(outgoing, wire=line + outgoing.wire)
