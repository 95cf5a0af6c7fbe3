"""What did a worker do, and how did it end?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from campaign_adapters.cli.calls import Answer
from campaign_adapters.cli.exit_codes import ExitCode
from campaign_adapters.cli.ids import short
from campaign_adapters.cli.plain_text import plain
from campaign_adapters.cli.sending import SENT, Tally
from campaign_adapters.cli.wording import when
from campaign_core import CAMPAIGNS, DUE, CampaignRow, DueState, Kernel, Status
from campaign_core.conversion import unstructure
from campaign_core.kernel.worker import Ending

_CODES: Final = {Ending.COMPLETE: ExitCode.OK, Ending.STOPPED: ExitCode.OK, Ending.STUCK: ExitCode.STUCK}
_OTHER_OUTCOMES: Final = {
    "put_off": "put off by a server, to be tried again",
    "rejected": "refused for good",
    "inbox_refused": "given back because their inbox was refused, which is paused now",
    "unknown": "handed over without an answer",
    "given_back": "given back unsent",
}


class Result(NamedTuple):
    """A run that is over."""

    worker: str
    ending: Ending
    began: datetime
    ended: datetime
    #: Word to number of mails.
    outcomes: Mapping[str, int]
    #: Each campaign of which a mail was dealt with, or that is ACTIVE, with the number of its mails sent.
    campaigns: Sequence[tuple[CampaignRow, int]]
    #: How many mails of the workspace have an unknown outcome.
    unknowns: int


def result_of(kernel: Kernel, worker: str, ending: Ending, tally: Tally, ended: datetime) -> Result:
    """What there is to say of a run that is over."""
    active = {row.campaign_id for row in kernel.view(CAMPAIGNS).find({"status": Status.ACTIVE})}
    rows = [row for row in kernel.view(CAMPAIGNS).find() if row.campaign_id in {*tally.sent, *active}]
    return Result(
        worker=worker,
        ending=ending,
        began=tally.began,
        ended=ended,
        outcomes=tally.outcomes,
        campaigns=[(row, tally.sent[row.campaign_id]) for row in rows],
        unknowns=kernel.view(DUE).count({"state": DueState.UNKNOWN}),
    )


def run_answer(result: Result) -> Answer:
    """A run that is over, for programs and for people."""
    return Answer(run_data(result), run_text(result), _CODES[result.ending])


def run_data(result: Result) -> dict[str, Any]:
    """A run as data."""
    return {
        "worker": result.worker,
        "ending": result.ending.value,
        "began_at": unstructure(result.began),
        "ended_at": unstructure(result.ended),
        "mails": dict(result.outcomes),
        "unknown_outcomes": result.unknowns,
        "campaigns": [
            {"campaign_id": str(row.campaign_id), "name": row.name, "status": row.status.value, "sent": sent}
            for row, sent in result.campaigns
        ],
    }


def run_text(result: Result) -> str:
    """A run in words: what was sent, what else became of mails, and why it ended."""
    return "\n".join(_lines(result))


def _lines(result: Result) -> Iterator[str]:
    sent = result.outcomes[SENT]
    yield f"{plain(result.worker)} sent {_mails(sent)} between {when(result.began)} and {when(result.ended)} UTC."
    ids = [row.campaign_id for row, _ in result.campaigns]
    for row, count in result.campaigns:
        yield f"  {short(row.campaign_id, ids)} {plain(row.name)}: {_mails(count)}; the campaign is {row.status.value}."
    for word, told in _OTHER_OUTCOMES.items():
        if result.outcomes[word]:
            yield f"{_mails(result.outcomes[word])} {told}."
    if result.unknowns:
        yield f"Nobody knows whether {_mails(result.unknowns)} went; `campaign unknowns` lists them."
    yield _ended(result)


def _ended(result: Result) -> str:
    match result.ending:
        case Ending.COMPLETE:
            return "No campaign is ACTIVE any more."
        case Ending.STOPPED:
            return "It was told to stop; another run goes on where it ended."
        case Ending.STUCK:
            return "Campaigns are ACTIVE, and nothing will happen to them without somebody's action."


def _mails(count: int) -> str:
    return f"{count:,} mail" if count == 1 else f"{count:,} mails"
