"""Every exception of the kernel, under one root.

    CampaignError
    ├── CommandRejected              a rule says no; nothing was recorded
    │   ├── IllegalTransition        the lifecycle has no such move from this status
    │   ├── NotLaunchReady           parts are missing: leads, inboxes, e-mail content
    │   ├── PreflightFailed          every part is there, but the campaign cannot run
    │   ├── UnusableInboxes          inboxes that do not exist or are not ACTIVE
    │   ├── UnbalancedSplit          the variants' shares do not add up to 100
    │   ├── TooManyVariants          a merge would leave more than four variants
    │   ├── UnfitSequences           edits would leave too many follow-ups or too long a wait
    │   ├── UnknownFollowUp          an edit names a follow-up the campaign does not have
    │   ├── UnfitLead                a lead that must not, or could not, be written to
    │   ├── StartTooFarAhead         the start date lies more than two years ahead
    │   ├── LeadFileRefused          a lead file that cannot be taken as a whole
    │   ├── LeadsStillOpen           not every lead has reached an end
    │   ├── UnknownCampaign
    │   ├── UnknownInbox
    │   ├── UnknownLead
    │   ├── UnknownWorkspace
    │   ├── NothingSent              something came back about a lead that was sent no mail
    │   ├── StaleClaim               a report about a claim that is not open any more
    │   ├── InboxInUse               a campaign that is neither archived nor deleted holds the inbox
    │   ├── AlreadyExists            an id, an address or a name is taken
    │   └── CommandIdReused          the same command id with another body
    ├── InvalidMessage               a value of the wrong shape or out of range
    ├── LogError
    │   ├── WrongExpectedVersion     somebody else wrote to the stream first
    │   ├── LogUnavailable           out of reach: no such folder, no space, no right to write
    │   │   └── LogBusy              another writer held it for too long; ask again
    │   ├── UnsupportedLog           not our file, or written by a newer version
    │   └── CorruptLog               what is stored does not check
    ├── ViewFailed                   a view could not fold an event
    └── MisuseError                  the caller broke the rules of this library

Every error can be pickled, says in one sentence what is wrong and what would be right, and has a stable `code`.
No error knows HTTP, SMTP or exit codes: each adapter has a table for that.

    try:
        kernel.handle(PauseCampaign(campaign_id))
    except CommandRejected as refusal:
        print(refusal)          # one sentence for people
        print(refusal.code)     # one word for programs
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar
from uuid import UUID

from attrs import field, frozen


class CampaignError(Exception):
    """The root of every error this library raises on purpose."""

    #: A stable word for programs.
    code: ClassVar[str] = "campaign_error"
    #: True where the same call may succeed if simply made again.
    retryable: ClassVar[bool] = False

    @property
    def sentence(self) -> str:
        """What is wrong and what would be right, for people."""
        return str(self)


class CommandRejected(CampaignError):
    """A rule says no. Nothing was recorded."""

    code = "command_rejected"


class IllegalTransition(CommandRejected):
    """The lifecycle has no row for this trigger in this status.

    Attributes:
        subject: what was asked to move: `campaign` or `inbox`.
        trigger: the trigger that has no row.
        status: the status it was asked in.
        legal: every trigger that has a row in this status, in the order of the table.
    """

    code = "illegal_transition"

    def __init__(self, subject: str, trigger: str, status: str, legal: Sequence[str], deed: str) -> None:
        super().__init__(subject, trigger, status, tuple(legal), deed)
        self.subject, self.trigger, self.status, self.legal, self.deed = subject, trigger, status, tuple(legal), deed

    def __str__(self) -> str:
        legal = ", ".join(self.legal) if self.legal else "nothing"
        article = _article(self.subject).capitalize()
        return f"{article} {self.subject} that is {self.status} cannot {self.deed}. What it allows now: {legal}."


def _article(noun: str) -> str:
    return "an" if noun[:1] in "aeiou" else "a"


_PARTS = {"leads": "leads", "inboxes": "an assigned inbox", "email_content": "e-mail content (variants)"}


class NotLaunchReady(CommandRejected):
    """Parts are missing.

    Attributes:
        missing: tokens out of `leads`, `inboxes`, `email_content`, in that order, at least one.
    """

    code = "not_launch_ready"

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(tuple(missing))
        self.missing = tuple(missing)

    def __str__(self) -> str:
        parts = ", ".join(_PARTS.get(token, token) for token in self.missing)
        return f"The campaign cannot start yet; it still needs: {parts}."


class PreflightFailed(CommandRejected):
    """Every part is there, but the campaign cannot run.

    Attributes:
        reasons: one sentence for each fault, at least one.
    """

    code = "preflight_failed"

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(tuple(reasons))
        self.reasons = tuple(reasons)

    def __str__(self) -> str:
        return f"The campaign cannot run: {' '.join(self.reasons)}"


class NothingSent(CommandRejected):
    """Nothing can have come back about a lead that was sent no mail."""

    code = "nothing_sent"

    def __init__(self, lead_id: UUID) -> None:
        super().__init__(lead_id)
        self.lead_id = lead_id

    def __str__(self) -> str:
        return f"Nothing was sent to the lead {self.lead_id} so far, so nothing can have come back from it."


class StaleClaim(CommandRejected):
    """A report names a claim that is not open any more, and says something else than is recorded.

    Attributes:
        claim: the version of the claim in the lead's stream.
    """

    code = "stale_claim"

    def __init__(self, claim: int) -> None:
        super().__init__(claim)
        self.claim = claim

    def __str__(self) -> str:
        return f"The claim recorded as version {self.claim} is not open any more; look at the lead's history."


class UnfitLead(CommandRejected):
    """A lead added by hand that must not be written to, or to which some mail of the running campaign could not go.

    Attributes:
        reason: why not.
    """

    code = "unfit_lead"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"The lead cannot be added: {self.reason}."


class UnusableInboxes(CommandRejected):
    """Some inboxes cannot be assigned. Nothing was changed.

    Attributes:
        inbox_ids: the ids in question, in the order they were given.
    """

    code = "unusable_inboxes"

    def __init__(self, inbox_ids: Sequence[UUID]) -> None:
        super().__init__(tuple(inbox_ids))
        self.inbox_ids = tuple(inbox_ids)

    def __str__(self) -> str:
        ids = ", ".join(str(each) for each in self.inbox_ids)
        return f"Only inboxes that exist and are ACTIVE can be assigned; these cannot: {ids}."


class UnbalancedSplit(CommandRejected):
    """The variants' shares do not add up to 100 after a merge by name."""

    code = "unbalanced_split"

    def __init__(self, total: int) -> None:
        super().__init__(total)
        self.total = total

    def __str__(self) -> str:
        return f"The shares of all variants must add up to exactly 100 percent; together they would be {self.total}."


class TooManyVariants(CommandRejected):
    """A merge by name would leave more variants than a campaign may have."""

    code = "too_many_variants"

    def __init__(self, count: int, limit: int) -> None:
        super().__init__(count, limit)
        self.count, self.limit = count, limit

    def __str__(self) -> str:
        return f"A campaign has at most {self.limit} variants; it would have {self.count}."


class UnfitSequences(CommandRejected):
    """Edits would leave a chain of follow-ups that breaks a limit.

    Attributes:
        reason: which one, and by how much.
    """

    code = "unfit_sequences"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"The follow-ups would not fit: {self.reason}."


class StartTooFarAhead(CommandRejected):
    """The start date lies too far ahead."""

    code = "start_too_far_ahead"

    def __init__(self, start_date: str) -> None:
        super().__init__(start_date)
        self.start_date = start_date

    def __str__(self) -> str:
        return f"A campaign starts at most two years ahead; {self.start_date} is later."


class LeadFileRefused(CommandRejected):
    """A lead file cannot be taken as a whole; nothing was stored.

    Attributes:
        reason: the sentence that says why, without personal data other than header names.
    """

    code = "lead_file_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class LeadsStillOpen(CommandRejected):
    """A campaign is complete when every lead has reached an end; one has not."""

    code = "leads_still_open"

    def __str__(self) -> str:
        return "The campaign is not complete: some leads have not reached an end."


class _Unknown(CommandRejected):
    noun: ClassVar[str]
    place: ClassVar[str] = "this workspace"

    def __init__(self, given: object) -> None:
        super().__init__(given)
        self.given = given

    def __str__(self) -> str:
        return f"There is no {self.noun} {self.given} in {self.place}."


class UnknownCampaign(_Unknown):
    """No such campaign in this workspace, or it was deleted."""

    code = "unknown_campaign"
    noun = "campaign"


class UnknownInbox(_Unknown):
    """No such inbox in this workspace."""

    code = "unknown_inbox"
    noun = "inbox"


class UnknownLead(_Unknown):
    """No such lead in this campaign."""

    code = "unknown_lead"
    noun = "lead"
    place = "this campaign"


class UnknownFollowUp(_Unknown):
    """No such follow-up in this campaign."""

    code = "unknown_follow_up"
    noun = "follow-up"
    place = "this campaign"


class UnknownWorkspace(_Unknown):
    """No such workspace in this log."""

    code = "unknown_workspace"
    noun = "workspace"

    def __str__(self) -> str:
        return f"There is no workspace {self.given}; create it first."


class InboxInUse(CommandRejected):
    """A campaign that is neither archived nor deleted holds the inbox.

    Attributes:
        inbox_id: the inbox.
        campaign_ids: the campaigns that hold it, at least one.
    """

    code = "inbox_in_use"

    def __init__(self, inbox_id: UUID, campaign_ids: Sequence[UUID]) -> None:
        super().__init__(inbox_id, tuple(campaign_ids))
        self.inbox_id, self.campaign_ids = inbox_id, tuple(campaign_ids)

    def __str__(self) -> str:
        held = ", ".join(str(each) for each in self.campaign_ids)
        return f"The inbox {self.inbox_id} is assigned to campaigns ({held}); archive them or assign them others first."


class AlreadyExists(CommandRejected):
    """The id, address or name is taken.

    Attributes:
        noun: what exists: `campaign`, `inbox`, `lead` or `workspace`.
        given: the id, address or name.
    """

    code = "already_exists"

    def __init__(self, noun: str, given: object) -> None:
        super().__init__(noun, given)
        self.noun, self.given = noun, given

    def __str__(self) -> str:
        article = _article(self.noun)
        return f"There already is {article} {self.noun} {self.given}; choose another or use that one."


class CommandIdReused(CommandRejected):
    """The command id was used before for a command with another body."""

    code = "command_id_reused"

    def __init__(self, command_id: str) -> None:
        super().__init__(command_id)
        self.command_id = command_id

    def __str__(self) -> str:
        return f"The command id {self.command_id!r} was used for a different command; give each command its own."


@frozen
class Problem:
    """One thing wrong with a message: where, and the sentence that says what would be right."""

    #: A path such as `$.sequences[0].wait_days`; `$` is the message itself.
    path: str
    #: What would be right, and what was given where that helps.
    sentence: str
    #: Each field is right by itself; they do not fit together.
    disagreement: bool = field(default=False, eq=False, repr=False)


class InvalidMessage(CampaignError):
    """A command, file or stored value has the wrong shape or is out of range.

    Attributes:
        problems: every problem found, in the order of the fields, at least one.
    """

    code = "invalid_message"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(tuple(problems))
        self.problems = tuple(problems)

    @property
    def disagrees(self) -> bool:
        """Whether every value is right by itself, and only some do not fit together."""
        return all(each.disagreement for each in self.problems)

    def __str__(self) -> str:
        return "; ".join(f"{each.path}: {each.sentence}" for each in self.problems) + "."


class LogError(CampaignError):
    """The event log could not do what it was asked."""

    code = "log_error"


class WrongExpectedVersion(LogError):
    """Somebody else wrote to the stream first.

    Attributes:
        stream: the stream's name.
        expected: the version the caller expected its head to have; 0 for a stream that does not exist.
        actual: the version it has.
    """

    code = "wrong_expected_version"

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        super().__init__(stream, expected, actual)
        self.stream, self.expected, self.actual = stream, expected, actual

    def __str__(self) -> str:
        return (
            f"Stream {self.stream} is at version {self.actual}, not {self.expected}: "
            "it changed meanwhile; read it again and decide anew."
        )


class LogUnavailable(LogError):
    """The log is out of reach; what was asked did not happen."""

    code = "log_unavailable"


class LogBusy(LogUnavailable):
    """Another writer held the log for longer than the store waits; what was asked did not happen and may be asked again."""

    code = "log_busy"
    retryable = True


class UnsupportedLog(LogError):
    """The log is not one of ours, or was written by a newer version of this library."""

    code = "unsupported_log"


class CorruptLog(LogError):
    """What is stored does not check: it was changed outside this library, or damaged."""

    code = "corrupt_log"


class ViewFailed(CampaignError):
    """A view could not fold an event. The transaction that carried the event was rolled back.

    Attributes:
        view: the view's name.
        position: the event's place in the log.
    """

    code = "view_failed"

    def __init__(self, view: str, position: int) -> None:
        super().__init__(view, position)
        self.view, self.position = view, position

    def __str__(self) -> str:
        return f"The view {self.view!r} could not fold the event at position {self.position}; nothing was written."


class MisuseError(CampaignError):
    """The caller broke a rule of this library; the sentence says which."""

    code = "misuse"
