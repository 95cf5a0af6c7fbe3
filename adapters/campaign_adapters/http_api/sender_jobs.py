"""Several sender accounts at once, and what became of each, kept for whoever asks later: a job.

A bulk request is carried out before it is answered, so a job is done as soon as it is there. It holds no secret. Under an
idempotency key a request that broke off goes on where it was, and one that was answered is answered the same again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid4

from attrs import frozen

from campaign_adapters.http_api.caller import Caller
from campaign_adapters.http_api.ports import Accounts
from campaign_adapters.http_api.sender_commands import NewAccount, remove
from campaign_adapters.http_api.sender_models import (
    AccountMade,
    AccountsDelete,
    ItemStatus,
    ItemTold,
    JobTold,
    SmtpAccountsCreate,
)
from campaign_adapters.http_api.statuses import Rejection
from campaign_core import (
    INBOXES,
    AlreadyExists,
    CommandIdReused,
    CommandRejected,
    InboxInUse,
    InvalidMessage,
    UnknownInbox,
)
from campaign_core.conversion import unstructure
from campaign_core.intake.addresses import key_of, normalised
from campaign_core.log.records import Register

#: How many accounts of one request are tried at once.
_AT_ONCE: Final = 8
_GOOD: Final = (ItemStatus.CREATED, ItemStatus.DELETED)


@frozen(kw_only=True)
class Item:
    """What became of one inbox."""

    status: ItemStatus
    inbox_id: UUID | None = None
    email_address: str | None = None
    #: Why it failed or was passed over.
    error: str | None = None


@frozen(kw_only=True)
class SenderJob:
    """A bulk request that was carried out."""

    job_id: UUID
    #: `create` or `delete`.
    kind: str
    #: SHA-256, in hex, of what was asked for, secrets left out.
    asked: str
    items: tuple[Item, ...]
    started_at: datetime
    completed_at: datetime

    def count(self, *statuses: ItemStatus) -> int:
        """How many inboxes came to one of these."""
        return sum(each.status in statuses for each in self.items)

    @property
    def results(self) -> list[ItemTold]:
        """What became of each, in the order of the request."""
        return [
            ItemTold(inbox_id=each.inbox_id, email_address=each.email_address, status=each.status, error=each.error)
            for each in self.items
        ]

    @property
    def told(self) -> JobTold:
        """The job as clients see it."""
        return JobTold(
            job_id=self.job_id,
            total_rows=len(self.items),
            processed_count=len(self.items),
            success_count=self.count(*_GOOD),
            failed_count=self.count(ItemStatus.FAILED),
            skipped_count=self.count(ItemStatus.SKIPPED),
            started_at=self.started_at,
            completed_at=self.completed_at,
            results=self.results,
        )


#: By kind and id, in each workspace.
SENDER_JOBS: Final = Register("sender_jobs", SenderJob)


def create_accounts(caller: Caller, accounts: Accounts, body: SmtpAccountsCreate) -> SenderJob:
    """Makes each account that works; what one lacks does not keep the others from being made.

    Raises:
        CommandIdReused: an earlier request under the same idempotency key named other accounts.
    """
    wanted = [NewAccount(caller, accounts, each, f"{place}:") for place, each in enumerate(body.inboxes)]
    asked = [unstructure(each.command) for each in wanted]
    return _job(caller, "create", asked, lambda: _created(wanted))


def _created(wanted: Sequence[NewAccount]) -> list[Item]:
    """First who is there already, then all connections, several at once, then one inbox after the other."""
    done: dict[int, Item] = {}
    addresses: set[str] = set()
    for place, each in enumerate(wanted):
        found = _attempt(each, each.made_before)
        if found is None:
            key = key_of(normalised(each.given.email_address))
            if key in addresses:
                found = _failed(each, AlreadyExists("inbox", each.given.email_address).sentence)
            addresses.add(key)
        if found is not None:
            done[place] = found
    open_places = [place for place in range(len(wanted)) if place not in done]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        faults = list(pool.map(lambda place: wanted[place].fault(), open_places))
    for place, fault in zip(open_places, faults, strict=True):
        each = wanted[place]
        made = _failed(each, fault) if fault is not None else _attempt(each, each.make)
        assert made is not None
        done[place] = made
    return [done[place] for place in range(len(wanted))]


def _attempt(account: NewAccount, step: Callable[[], AccountMade | None]) -> Item | None:
    """What a step comes to; None where it left the account still to be made."""
    try:
        made = step()
    except (CommandRejected, InvalidMessage) as wrong:
        if isinstance(wrong, CommandIdReused):
            raise
        return _failed(account, wrong.sentence)
    if made is None:
        return None
    return Item(status=ItemStatus.CREATED, inbox_id=made.inbox_id, email_address=made.email_address)


def _failed(account: NewAccount, sentence: str) -> Item:
    return Item(status=ItemStatus.FAILED, email_address=account.given.email_address, error=sentence)


def delete_accounts(caller: Caller, accounts: Accounts, body: AccountsDelete) -> SenderJob:
    """Takes out each inbox that no campaign holds; the others are passed over.

    Raises:
        Rejection: the deletion was not confirmed.
        CommandIdReused: an earlier request under the same idempotency key named other inboxes.
    """
    if not body.confirm_deletion:
        raise Rejection(400, "Deleting sender accounts has to be confirmed: confirm_deletion must be true.")

    def work() -> list[Item]:
        return [_deleted(caller, accounts, each, str(place)) for place, each in enumerate(body.inbox_ids)]

    return _job(caller, "delete", [str(each) for each in body.inbox_ids], work)


def _deleted(caller: Caller, accounts: Accounts, inbox_id: UUID, part: str) -> Item:
    row = caller.kernel.view(INBOXES).get(inbox_id)
    address = None if row is None else row.email_address
    status, error = ItemStatus.DELETED, None
    try:
        remove(caller, accounts, inbox_id, part)
    except (UnknownInbox, InboxInUse) as wrong:
        status, error = ItemStatus.SKIPPED, wrong.sentence
    return Item(status=status, inbox_id=inbox_id, email_address=address, error=error)


def _job(caller: Caller, kind: str, asked: Sequence[object], work: Callable[[], list[Item]]) -> SenderJob:
    """The job of an earlier request of the same idempotency key, else a new one."""
    job_id = caller.new_id(f"{kind} job") or uuid4()
    digest = sha256(json.dumps(asked).encode()).hexdigest()
    earlier = caller.kernel.shelf(SENDER_JOBS).get(_place(kind, job_id))
    if earlier is not None:
        if earlier.asked != digest:
            raise CommandIdReused(caller.idempotency_key or "")
        return earlier
    started_at = caller.kernel.now()
    job = SenderJob(
        job_id=job_id,
        kind=kind,
        asked=digest,
        items=tuple(work()),
        started_at=started_at,
        completed_at=caller.kernel.now(),
    )
    caller.kernel.shelf(SENDER_JOBS).put(_place(kind, job_id), job)
    return job


def job_of(caller: Caller, kind: str, job_id: UUID) -> SenderJob:
    """The job of that kind and id.

    Raises:
        Rejection: the workspace has none.
    """
    found = caller.kernel.shelf(SENDER_JOBS).get(_place(kind, job_id))
    if found is None:
        raise Rejection(404, f"There is no job {job_id}.")
    return found


def _place(kind: str, job_id: UUID) -> str:
    return f"{kind}/{job_id}"
