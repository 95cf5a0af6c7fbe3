"""How does a mail leave, and what may come of it? The port between the campaign and whatever carries mail.

A transport is given a finished message and answers what is known of it, in one of five ways. What divides them is the end
of DATA (RFC 5321, section 4.1.1.4): with the line that holds a single dot the server takes over the duty to deliver. A
failure before it leaves the mail with us, and it may be tried again; a silence after it leaves nobody sure.

A transport never raises for what a server says or does, and never sends a message twice by itself.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Protocol, runtime_checkable
from uuid import UUID

from attrs import field, frozen

from campaign_core.errors import CampaignError


@frozen(kw_only=True)
class Outgoing:
    """One mail, ready to go."""

    #: With angle brackets, as in the header.
    message_id: str
    #: The address of the envelope's sender; its domain in A-labels (RFC 5890).
    sender: str
    #: The address of the envelope's one receiver; its domain in A-labels.
    to: str
    #: A complete message (RFC 5322) with CRLF line ends, the last line's too. A transport sends these bytes and no others.
    wire: bytes = field(repr=False)

    @property
    def digest(self) -> bytes:
        """SHA-256 of the wire bytes, 32 bytes."""
        return sha256(self.wire).digest()


@frozen
class Taken:
    """The server took the duty to deliver."""

    #: What it said; empty where nothing speaks.
    response: str = ""


@frozen
class TryLater:
    """The mail did not go, and the cause may pass: a 4xx, no connection, a time-out, a break before the end of DATA."""

    #: The reply code (RFC 5321, section 4.2), 400 to 499; None where no reply came.
    code: int | None
    response: str


@frozen
class Turned:
    """The mail did not go and never will."""

    #: The reply code, 500 to 599; also where the transport itself knows beforehand what a server would say.
    code: int
    response: str
    #: Whether the receiver's address is the reason: a status X.1.x (RFC 3463), or 550, 551 or 553 to RCPT unless a status
    #: X.7.x says that it is a policy, which may be about us.
    about_address: bool


@frozen
class InboxRefused:
    """The inbox itself was refused: it could not log in, or may not send as this sender. No lead is to blame."""

    #: The reply code; None where the refusal is our own, such as settings that are missing.
    code: int | None
    response: str


@frozen
class Silence:
    """The mail was handed over and the answer never came: it may have gone or not. It must not be sent again unasked."""

    #: What broke.
    response: str


#: Everything that can come of handing a mail to a transport.
Answer = Taken | TryLater | Turned | InboxRefused | Silence


class Transport(Protocol):
    """Something that carries mail. One thread at a time may use one."""

    def send(self, inbox_id: UUID, outgoing: Outgoing) -> Answer:
        """Hands over one mail from this inbox, at most once, and answers what is known of it."""
        ...

    def close(self) -> None:
        """Lets go of everything held open. Nothing may be sent afterwards."""
        ...


@runtime_checkable
class Signing(Protocol):
    """What a transport also is that changes a mail before it goes. A mail is signed once, and then sent as it is."""

    def signed(self, inbox_id: UUID, outgoing: Outgoing) -> Outgoing:
        """The mail as it is going to be sent from this inbox: its digest is what the log keeps.

        Raises:
            CampaignError: it cannot be told how the inbox signs.
        """
        ...


def hand_over(transport: Transport, inbox_id: UUID, outgoing: Outgoing) -> tuple[Outgoing, Answer]:
    """Sends a mail, signed if the transport signs: what went, and what is known of it."""
    if isinstance(transport, Signing):
        try:
            outgoing = transport.signed(inbox_id, outgoing)
        except CampaignError as wrong:
            refused = TryLater(None, wrong.sentence) if wrong.retryable else InboxRefused(None, wrong.sentence)
            return outgoing, refused
    return outgoing, transport.send(inbox_id, outgoing)
