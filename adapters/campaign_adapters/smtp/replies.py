"""What does a server's refusal mean? From a reply code and its enhanced status to an answer.

The first digit says whether to try again. The rest decides whom a permanent refusal is about: the receiver's address, this
inbox, or the mail. Only the first speaks against an address, so what is doubtful is not counted as that.

Source: RFC 5321, section 4.2 (codes); RFC 3463 (status); RFC 4954, section 6 (login).
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from attrs import frozen

from campaign_core.sending.transport import Answer, InboxRefused, Silence, TryLater, Turned

_STATUS: Final = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})\b")
_BLANKS: Final = re.compile(r"[\s\x00-\x1f\x7f]+")
_MOST_CHARACTERS: Final = 500
#: Codes that say: this account may not. Source: RFC 4954, section 6.
_LOGIN_CODES: Final = frozenset({530, 534, 535, 538})
#: Subject and detail of statuses that are about the sender, wherever in the talk they come: the sender's address is wrong
#: (X.1.7, X.1.8), login needed or failed (X.7.8, X.7.9, X.7.11). And what Google (X.4.5) and Microsoft (X.1.90) answer to an
#: account that is over its daily limit.
_SENDER_STATUSES: Final = frozenset({(1, 7), (1, 8), (1, 90), (4, 5), (7, 8), (7, 9), (7, 11)})
#: Codes to RCPT that say there is no such mailbox here. Source: RFC 5321, section 3.3 and 4.2.2.
_NO_MAILBOX: Final = frozenset({550, 551, 553})
_TOO_LARGE: Final = 552
_ADDRESS, _POLICY = 1, 7


class Stage(Enum):
    """How far the talk had come."""

    #: Greeting, EHLO, STARTTLS and login.
    HELLO = "hello"
    MAIL = "mail"
    RCPT = "rcpt"
    #: The command; not one octet of the mail went.
    DATA = "data"
    #: The line with the single dot went.
    END = "end"


@frozen
class Reply:
    """What a server said."""

    code: int
    text: str

    @classmethod
    def of(cls, code: int, text: bytes) -> Reply:
        """A reply as smtplib has it, on one line and not longer than anybody reads."""
        return cls(code, _BLANKS.sub(" ", text.decode("utf-8", "replace")).strip()[:_MOST_CHARACTERS])

    @property
    def status(self) -> tuple[int, int] | None:
        """Subject and detail of the enhanced status (RFC 2034), if there is one."""
        found = _STATUS.match(self.text)
        return None if found is None else (int(found[2]), int(found[3]))

    @property
    def positive(self) -> bool:
        """Whether the server did what it was asked."""
        return 200 <= self.code <= 299


def refusal(reply: Reply, stage: Stage) -> Answer:
    """The answer that a reply means that is not the one hoped for."""
    said = f"{reply.code} {reply.text}".strip()
    if 400 <= reply.code <= 499:
        return TryLater(reply.code, said)
    if not 500 <= reply.code <= 599:
        # Nothing that belongs here. Behind the dot it leaves open whether the mail was taken.
        return Silence(f"not understood: {said}") if stage is Stage.END else TryLater(None, f"not understood: {said}")
    if _about_sender(reply, stage):
        return InboxRefused(reply.code, said)
    return Turned(reply.code, said, _about_address(reply, stage))


def _about_sender(reply: Reply, stage: Stage) -> bool:
    if stage is Stage.HELLO or reply.code in _LOGIN_CODES or reply.status in _SENDER_STATUSES:
        return True
    # MAIL names the sender; only the size of the mail can be at fault besides.
    return stage is Stage.MAIL and reply.code != _TOO_LARGE


def _about_address(reply: Reply, stage: Stage) -> bool:
    subject = None if reply.status is None else reply.status[0]
    if subject == _ADDRESS:
        return True
    # A refusal by policy, such as of a blocked sender, is often given the code of a missing mailbox.
    return stage is Stage.RCPT and reply.code in _NO_MAILBOX and subject != _POLICY
