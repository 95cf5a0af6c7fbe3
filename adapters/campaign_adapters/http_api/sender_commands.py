"""What is done for one sender account: it is made, tried by a mail, or taken away."""

from __future__ import annotations

from hashlib import sha256
from typing import assert_never
from uuid import UUID

from attrs import frozen

from campaign_adapters.http_api.caller import Caller
from campaign_adapters.http_api.ports import Accounts
from campaign_adapters.http_api.sender_models import AccountMade, SmtpAccountCreate, TrialSent
from campaign_adapters.http_api.statuses import Rejection
from campaign_core import (
    INBOXES,
    AlreadyExists,
    InboxRow,
    InboxStatus,
    InvalidMessage,
    Problem,
    RegisterInbox,
    RemoveInbox,
    UnknownInbox,
    VerifyInbox,
)
from campaign_core.checks import check
from campaign_core.content.mail import Mail
from campaign_core.inbox.events import Registered
from campaign_core.intake.addresses import key_of, normalised, refusal
from campaign_core.sending.message import ascii_address, ascii_domain, message_bytes
from campaign_core.sending.transport import InboxRefused, Outgoing, Silence, Taken, TryLater, Turned, hand_over

_SUBJECT = "A test mail"
_TEXT = "This mail was sent to find out whether {address} can send. Nothing has to be done about it.\n"


@frozen
class NewAccount:
    """An account that is to be made, in steps that a repeated request goes through again.

    An inbox whose last step is missing is PENDING; the same request under its idempotency key completes it.
    """

    caller: Caller
    accounts: Accounts
    given: SmtpAccountCreate
    #: Which of the accounts of its request it is; empty for the only one.
    part: str = ""

    @property
    def command(self) -> RegisterInbox:
        """What registers it."""
        return self.given.command(self.caller.new_id(self.part))

    def made_before(self) -> AccountMade | None:
        """The answer of an earlier request; None: there was none, and the address is free.

        Raises:
            InvalidMessage: the account is out of shape.
            AlreadyExists: another inbox has the address.
            CommandIdReused: the earlier request said something else.
        """
        command = self.command
        check(command)
        registered = self.caller.earlier(command, self.part)
        if registered is not None:
            verified = self.caller.earlier(VerifyInbox(registered.id), f"{self.part}verified")
            return None if verified is None else self._made(registered.id, verified.status)
        address = normalised(self.given.email_address)
        if self.caller.kernel.view(INBOXES).find({"address": key_of(address)}, limit=1):
            raise AlreadyExists("inbox", address)
        return None

    def fault(self) -> str | None:
        """Why the account does not work, in a sentence; None where it does, or where the operator's word counts."""
        server = self.given.smtp
        said = None if self.accounts.check is None else self.accounts.check.check(server)
        return None if said is None else f"No mail can be sent through {server.host}:{server.port}: {said.rstrip('.')}."

    def make(self) -> AccountMade:
        """Registers the inbox, keeps how it is reached, and vouches for it.

        Raises:
            CommandRejected: the address was taken meanwhile, or somebody removed or verified the inbox.
        """
        inbox_id = self.caller.handle(self.command, self.part).id
        self.accounts.secrets_of(self.caller.kernel).keep(inbox_id, self.given.smtp, self.given.imap)
        verified = self.caller.handle(VerifyInbox(inbox_id), f"{self.part}verified")
        return self._made(inbox_id, verified.status)

    def _made(self, inbox_id: UUID, status: str) -> AccountMade:
        """The account as it was made, whatever happened to it since."""
        recorded = self.caller.kernel.history(inbox_id)[0]
        registered = recorded.event
        assert isinstance(registered, Registered), "the first event of every inbox"
        return AccountMade(
            message="SMTP account created successfully",
            inbox_id=inbox_id,
            email_address=registered.email_address,
            display_name=registered.display_name,
            inbox_type=registered.inbox_type,
            daily_limit=registered.daily_limit,
            overall_status=InboxStatus(status),
            created_at=recorded.metadata.recorded_at,
        )


def remove(caller: Caller, accounts: Accounts, inbox_id: UUID, part: str = "") -> None:
    """Takes an inbox out, and forgets how it is reached.

    Raises:
        UnknownInbox: there is none.
        InboxInUse: a campaign that is neither archived nor deleted holds it.
    """
    try:
        caller.handle(RemoveInbox(inbox_id), part)
    except UnknownInbox:
        accounts.secrets_of(caller.kernel).forget(inbox_id)  # should an earlier request have come only so far
        raise
    accounts.secrets_of(caller.kernel).forget(inbox_id)


def row_of(caller: Caller, inbox_id: UUID) -> InboxRow:
    """The inbox's row.

    Raises:
        UnknownInbox: there is none, it was removed, or it is another workspace's.
    """
    row = caller.kernel.view(INBOXES).get(inbox_id)
    if row is None:
        raise UnknownInbox(inbox_id)
    return row


def send_trial(caller: Caller, accounts: Accounts, inbox_id: UUID, recipient: str) -> TrialSent:
    """Sends a mail from an inbox, whatever its status. No campaign sent it, so it counts against no limit.

    Raises:
        UnknownInbox: there is none.
        InvalidMessage: the recipient is no address.
        Rejection: nobody may write to the recipient, or the mail did not go.
    """
    row = row_of(caller, inbox_id)
    fault = refusal(recipient)
    if fault is not None:
        raise InvalidMessage((Problem("$.recipient_email", fault),))
    to = normalised(recipient)
    if caller.kernel.suppression_of(to) is not None:
        raise Rejection(400, f"{to} is suppressed: nobody of this workspace writes to it.")
    if accounts.transport_of is None:
        raise Rejection(400, "No mail leaves from this server: it was started without a transport.")
    outgoing, at = _trial(caller, row, to), caller.kernel.now()
    transport = accounts.transport_of(caller.kernel)
    try:
        _, answer = hand_over(transport, inbox_id, outgoing)
    finally:
        transport.close()
    match answer:
        case Taken():
            pass
        case TryLater(response=said):
            raise Rejection(400, f"The mail did not go; the cause may pass: {said.rstrip('.')}.")
        case Turned(response=said):
            raise Rejection(400, f"The mail was refused: {said.rstrip('.')}.")
        case InboxRefused(response=said):
            raise Rejection(400, f"The inbox was refused: {said.rstrip('.')}.")
        case Silence(response=said):
            raise Rejection(400, f"Whether the mail went, nobody knows: {said.rstrip('.')}.")
        case _:
            assert_never(answer)
    return TrialSent(
        message="Test email sent successfully",
        inbox_id=inbox_id,
        inbox_email=row.email_address,
        recipient_email=to,
        sent_at=at,
        message_id=outgoing.message_id,
    )


def _trial(caller: Caller, row: InboxRow, to: str) -> Outgoing:
    """The mail; its id is made of the request's."""
    name = sha256(f"{caller.request_id}\n{row.inbox_id}".encode()).hexdigest()[:32]
    message_id = f"<test.{name}@{ascii_domain(row.email_address.rpartition('@')[2])}>"
    mail = Mail(row.email_address, to, None, _SUBJECT, _TEXT.format(address=row.email_address), None)
    wire = message_bytes(mail, message_id=message_id, date=caller.kernel.now(), sender_name=row.display_name)
    return Outgoing(message_id=message_id, sender=ascii_address(row.email_address), to=ascii_address(to), wire=wire)
