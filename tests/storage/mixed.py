"""Commands of every kind on one file, from several processes at once, and a process that follows the log meanwhile.

Runs in those processes, beside `jobs`; knows the library and nothing of pytest. A worker says for each command what
`handle` answered; the follower says what it was handed, event by event.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random
from typing import Any
from uuid import UUID

from campaign_core import (
    CAMPAIGNS,
    INBOXES,
    LEADS,
    ActivateCampaign,
    AddLead,
    AddLeads,
    ArchiveCampaign,
    CampaignError,
    CompleteCampaign,
    CreateCampaign,
    DeleteCampaign,
    DisableInbox,
    DuplicateAction,
    EditAction,
    FollowUp,
    FollowUpVariant,
    Kernel,
    PauseCampaign,
    PauseInbox,
    RegisterInbox,
    RemoveInbox,
    RemoveLeads,
    ResumeInbox,
    ReviseLead,
    SequenceEdit,
    TriggerType,
    UpdateCampaign,
    UploadLeads,
    Variant,
    VerifyInbox,
    open_kernel,
)
from campaign_core.campaign.events import Source
from campaign_core.recorded import Rows

WORKSPACES = ("default", "other")
#: More campaigns and inboxes than these are not made in a workspace.
CAMPAIGNS_AT_ONCE, INBOXES_AT_ONCE = 6, 5
_SHORT_MAIL = FollowUpVariant(email_content="Once more, of some length")
_MAIL = Variant(subject_template="Hello {{first_name}}", email_content="A mail of some length")
_NOBODY = UUID(int=2**64)


class Mix:
    """Draws commands on what a workspace holds at the moment, which the other processes change."""

    def __init__(self, kernel: Kernel, dice: Random) -> None:
        self._kernel, self._dice = kernel, dice

    def command(self) -> Any:
        """The next command: any kind there is, likely to be accepted or not."""
        makes = self._dice.choice(_MIX)
        return makes(self)

    def campaign(self, *statuses: str) -> UUID:
        """A campaign that is there, or was a moment ago; mostly one in these statuses, if there is one."""
        rows = self._kernel.view(CAMPAIGNS).find()
        fitting = [row for row in rows if row.status in statuses] if self._dice.random() < 0.8 else []
        return self._dice.choice(fitting or rows).campaign_id if rows else _NOBODY

    def inbox(self, *statuses: str) -> UUID:
        """An inbox, in the same way."""
        rows = self._kernel.view(INBOXES).find()
        fitting = [row for row in rows if row.status in statuses] if self._dice.random() < 0.8 else []
        return self._dice.choice(fitting or rows).inbox_id if rows else _NOBODY

    def leads(self, campaign_id: UUID) -> list[UUID]:
        """Some leads of a campaign."""
        rows = self._kernel.view(LEADS).find({"campaign_id": campaign_id}, limit=200)
        return [row.lead_id for row in self._dice.sample(rows, min(3, len(rows)))] or [_NOBODY]

    def create(self) -> Any:
        if self._kernel.view(CAMPAIGNS).count() >= CAMPAIGNS_AT_ONCE:
            return self.end()
        return CreateCampaign("One of many", enable_tracking=self._dice.random() < 0.5)

    def configure(self) -> Any:
        inbox_ids = tuple({self.inbox("ACTIVE") for _ in range(self._dice.choice([1, 1, 2]))})
        follow_up = FollowUp(
            sequence_id=UUID(int=self._dice.randrange(500, 503)),
            step_number=2,
            trigger_type=self._dice.choice(list(TriggerType)),
            wait_days=3,
            variants=(_SHORT_MAIL,),
        )
        parts: dict[str, Any] = {
            "name": f"Renamed {self._dice.randrange(10_000)}",
            "inbox_ids": inbox_ids,
            "variants": (_MAIL,),
            "sequences": (follow_up,),
            "lead_mapping": {"email": "email"},
            "postal_address": self._dice.choice([None, "1 High Street, Ulm"]),
            "daily_limit_per_inbox": self._dice.choice([None, 7]),
        }
        given = {name: parts[name] for name in self._dice.sample(sorted(parts), self._dice.randrange(1, 5))}
        return UpdateCampaign(self.campaign("DRAFT", "PAUSED", "FAILED"), **given)

    def launch(self) -> Any:
        fitting = self.campaign("DRAFT", "PAUSED", "FAILED")
        return UpdateCampaign(fitting, inbox_ids=(self.inbox("ACTIVE"),), variants=(_MAIL,), launch=True)

    def edit_follow_ups(self) -> Any:
        added = SequenceEdit(
            action=EditAction.ADD,
            step_number=2,
            trigger_type=TriggerType.NOT_OPENED,
            wait_days=1,
            variants=(_SHORT_MAIL,),
        )
        others = [
            SequenceEdit(action=EditAction.EDIT, sequence_id=UUID(int=501), wait_days=self._dice.randrange(1, 31)),
            SequenceEdit(action=EditAction.DELETE, sequence_id=UUID(int=502)),
        ]
        return UpdateCampaign(self.campaign("PAUSED"), sequence_edits=(self._dice.choice([added, *others]),))

    def move(self) -> Any:
        if self._dice.random() < 0.5:
            return PauseCampaign(self.campaign("ACTIVE"))
        return ActivateCampaign(self.campaign("DRAFT", "PAUSED", "FAILED"))

    def end(self) -> Any:
        if self._dice.random() < 0.2:
            return CompleteCampaign(self.campaign("ACTIVE"))
        kind: Any = self._dice.choice([ArchiveCampaign, DeleteCampaign])
        return kind(self.campaign("PAUSED", "COMPLETED", "ARCHIVED"))

    def upload(self) -> Any:
        first, count = self._dice.randrange(300), self._dice.choice([0, 1, 5, 300])
        rows = "".join(f"lead{number}@leads.org,Name {self._dice.random()}\n" for number in range(first, first + count))
        file = f"email,first_name\nno address,x\n{rows}".encode()
        return UploadLeads(
            self.campaign("DRAFT", "ACTIVE", "PAUSED"),
            self._dice.choice([file, file, file, b"first_name\nAnn\n"]),
            duplicate_action=self._dice.choice(list(DuplicateAction)),
            delete_existing=self._dice.random() < 0.3,
        )

    def add_lead(self) -> Any:
        address = f"lead{self._dice.randrange(400)}@leads.org"
        if self._dice.random() < 0.7:
            return AddLead(self.campaign(), address, company="Firm", custom_fields={"city": "Ulm"})
        content = Rows(({"email": address},))
        return AddLeads(
            self.campaign(), batch_id=UUID(int=1), source=Source.MANUAL, addresses=(address,), content=content
        )

    def change_leads(self) -> Any:
        campaign_id = self.campaign()
        lead_ids = self.leads(campaign_id)
        if self._dice.random() < 0.5:
            return RemoveLeads(campaign_id, tuple(lead_ids))
        return ReviseLead(campaign_id, lead_ids[0], company=f"Firm {self._dice.randrange(100)}")

    def inbox_move(self) -> Any:
        if self._kernel.view(INBOXES).count() < INBOXES_AT_ONCE and self._dice.random() < 0.5:
            return RegisterInbox(f"me{self._dice.randrange(20)}@firm.org")
        moves: list[tuple[Any, str]] = [
            (VerifyInbox, "PENDING"),
            (VerifyInbox, "DISABLED"),
            (PauseInbox, "ACTIVE"),
            (ResumeInbox, "PAUSED"),
            (ResumeInbox, "PAUSED"),
            (DisableInbox, "ACTIVE"),
            (RemoveInbox, "DISABLED"),
        ]
        kind, status = self._dice.choice(moves)
        return kind(self.inbox(status))

    def wrong(self) -> Any:
        return self._dice.choice([UpdateCampaign(self.campaign(), name="short"), CreateCampaign("x" * 256)])


_MIX: list[Callable[[Mix], Any]] = [
    Mix.create,
    Mix.configure,
    Mix.configure,
    Mix.launch,
    Mix.launch,
    Mix.edit_follow_ups,
    Mix.move,
    Mix.move,
    Mix.end,
    Mix.upload,
    Mix.upload,
    Mix.add_lead,
    Mix.change_leads,
    Mix.inbox_move,
    Mix.inbox_move,
    Mix.wrong,
]


def mix(line: Any, location: str, name: str, seed: int, most: int, seconds: float | None) -> None:
    """Sends commands of every kind to both workspaces, until it has sent so many or so much time has gone by.

    Some bring the version they were decided on, some are sent twice under one id, and some under an id that all processes
    use for the same command.
    """
    dice = Random(seed)
    with open_kernel(location) as kernel:
        kernels = {where: kernel.workspace(where) for where in WORKSPACES}
        mixes = {where: Mix(each, dice) for where, each in kernels.items()}
        line.say("ready")
        line.hear()
        until = None if seconds is None else time.monotonic() + seconds
        for number in range(most):
            if until is not None and time.monotonic() > until:
                return
            where = dice.choice([*WORKSPACES, "default"])
            command, command_id = mixes[where].command(), f"{name}-{number}"
            if number % 20 == 19:
                command, command_id = CreateCampaign("Made by all", campaign_id=UUID(int=number)), f"all-{number}"
                where = "default"
            expected = _version(kernels[where], command) if dice.random() < 0.1 else None
            said = _sent(kernels[where], command, command_id, expected)
            line.say({"id": command_id, "where": where, "kind": type(command).__name__, **said})
            if dice.random() < 0.05:
                again = _sent(kernels[where], command, command_id, None)
                assert "refused" in said or again == said, (again, said)
                line.say({"id": command_id, "where": where, "kind": type(command).__name__, **again})


def _sent(kernel: Kernel, command: Any, command_id: str, expected: int | None) -> dict[str, Any]:
    try:
        outcome = kernel.handle(command, command_id=command_id, expected_version=expected)
    except CampaignError as refusal:
        return {"refused": type(refusal).__name__}
    return {"position": outcome.position, "events": list(outcome.events), "version": outcome.version}


def _version(kernel: Kernel, command: Any) -> int | None:
    """The version of the campaign a command is about, as it is shown now; None for other commands."""
    row = None if isinstance(command, ReviseLead) else kernel.view(CAMPAIGNS).get(getattr(command, "campaign_id", None))
    return None if row is None else row.version


def follow_log(line: Any, location: str, where: str, seed: int) -> None:
    """Takes what is committed from its own checkpoint on, over and over, until it is told that nobody writes any more.

    It does not always get to the end of what it is handed, and goes on from its checkpoint later.
    """
    dice = Random(seed)
    checkpoint, last_round = 0, False
    with open_kernel(location, workspace=where) as kernel:
        line.say("ready")
        line.hear()
        while True:
            enough = dice.choice([1, 50, 10_000])
            taken = []
            for recorded in kernel.subscribe(after=checkpoint):
                taken.append([recorded.position, recorded.stream, recorded.version, recorded.name])
                checkpoint = recorded.position
                if not last_round and len(taken) == enough:
                    break
            line.say(taken)
            if last_round:
                return
            last_round = line.waits(0.01) and line.hear() == "nobody writes"


JOBS: dict[str, Callable[..., None]] = {each.__name__: each for each in (mix, follow_log)}
