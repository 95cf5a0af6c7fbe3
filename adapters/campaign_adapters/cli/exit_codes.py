"""With which number does the program end?

One number for each thing a script may want to react to in its own way. A refusal's number comes from its class: the
table names a class, and its subclasses share the number unless the table names them too.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class ExitCode(IntEnum):
    """What the program ended with."""

    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    INVALID_INPUT = 3
    UNKNOWN_ID = 4
    ILLEGAL_MOVE = 5
    RULE = 6
    PARTS_MISSING = 7
    CANNOT_RUN = 8
    CHANGED_MEANWHILE = 9
    BUSY = 10
    LOG_UNAVAILABLE = 11
    LOG_UNSUPPORTED = 12
    LOG_CORRUPT = 13
    VIEW_FAILED = 14
    MISUSE = 15
    STORY_BROKEN = 16
    STUCK = 17
    NO = 18
    OUTPUT_FAILED = 74
    INTERRUPTED = 130
    OUTPUT_CLOSED = 141


#: What each number means, in the order of the numbers.
MEANINGS: Final = {
    ExitCode.OK: "done; also where there was nothing to do",
    ExitCode.UNEXPECTED: "an error of the program itself",
    ExitCode.USAGE: "no such command or option, or one is missing",
    ExitCode.INVALID_INPUT: "a value or a file is not what it should be",
    ExitCode.UNKNOWN_ID: "there is no such campaign, inbox, lead, follow-up, workspace or API key",
    ExitCode.ILLEGAL_MOVE: "the status does not allow it",
    ExitCode.RULE: "another rule forbids it",
    ExitCode.PARTS_MISSING: "not started: leads, inboxes or e-mail content missing",
    ExitCode.CANNOT_RUN: "not started: every part is there, preflight found faults",
    ExitCode.CHANGED_MEANWHILE: "somebody else changed it first; look again",
    ExitCode.BUSY: "another process is writing; try again",
    ExitCode.LOG_UNAVAILABLE: "the database cannot be opened, read or written",
    ExitCode.LOG_UNSUPPORTED: "not a campaign database, or of a newer version",
    ExitCode.LOG_CORRUPT: "the database is damaged; also what `verify` answers",
    ExitCode.VIEW_FAILED: "a view could not be folded",
    ExitCode.MISUSE: "the library was used against its rules",
    ExitCode.STORY_BROKEN: "a step of the demo went otherwise than told",
    ExitCode.STUCK: "`run` ended: nothing will happen without somebody's action",
    ExitCode.NO: "the answer to a yes-or-no question is no",
    ExitCode.OUTPUT_FAILED: "the answer could not be written",
    ExitCode.INTERRUPTED: "interrupted with Ctrl-C",
    ExitCode.OUTPUT_CLOSED: "the reader of the output went away",
}


def codes_by_class() -> dict[type[Exception], ExitCode]:
    """The table: error class to exit code."""
    from campaign_adapters.http_api.keys import UnknownKey
    from campaign_core import errors

    return {
        errors.InvalidMessage: ExitCode.INVALID_INPUT,
        errors.LeadFileRefused: ExitCode.INVALID_INPUT,
        errors.UnknownCampaign: ExitCode.UNKNOWN_ID,
        errors.UnknownInbox: ExitCode.UNKNOWN_ID,
        errors.UnknownLead: ExitCode.UNKNOWN_ID,
        errors.UnknownFollowUp: ExitCode.UNKNOWN_ID,
        errors.UnknownWorkspace: ExitCode.UNKNOWN_ID,
        UnknownKey: ExitCode.UNKNOWN_ID,
        errors.IllegalTransition: ExitCode.ILLEGAL_MOVE,
        errors.CommandRejected: ExitCode.RULE,
        errors.NotLaunchReady: ExitCode.PARTS_MISSING,
        errors.PreflightFailed: ExitCode.CANNOT_RUN,
        errors.WrongExpectedVersion: ExitCode.CHANGED_MEANWHILE,
        errors.LogBusy: ExitCode.BUSY,
        errors.LogError: ExitCode.LOG_UNAVAILABLE,
        errors.UnsupportedLog: ExitCode.LOG_UNSUPPORTED,
        errors.CorruptLog: ExitCode.LOG_CORRUPT,
        errors.ViewFailed: ExitCode.VIEW_FAILED,
        errors.MisuseError: ExitCode.MISUSE,
    }


def code_of(error: Exception) -> ExitCode:
    """The exit code of an error: that of its class, or of the nearest class above it that the table names."""
    table = codes_by_class()
    return next((table[kind] for kind in type(error).__mro__ if kind in table), ExitCode.UNEXPECTED)


def epilog() -> str:
    """The numbers and their meanings, one to a line, for the help."""
    lines = [f"{code.value:>5}  {meaning}" for code, meaning in MEANINGS.items()]
    return "\n".join(["\b", "Exit codes:", *lines])
