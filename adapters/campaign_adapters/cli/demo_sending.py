"""How does the demo send, and how does it show that every mail in the Maildir is a mail of the log?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from campaign_adapters.cli.calls import Answer, Call
from campaign_adapters.cli.demo_checks import compared
from campaign_adapters.cli.demo_readers import Readers
from campaign_adapters.cli.demo_story import Story, StoryBroken
from campaign_adapters.cli.ids import campaign_named
from campaign_adapters.cli.progress import bar, line
from campaign_adapters.cli.run_screens import result_of, run_data, run_text
from campaign_adapters.cli.sending import Tally, Watched
from campaign_adapters.maildir import MaildirTransport
from campaign_core import CAMPAIGNS, open_kernel
from campaign_core.kernel.worker import Step, VirtualClock, Worker
from campaign_core.log.ports import Store
from campaign_core.log.sqlite import SqliteStore

_WORKER = "demo"


def send(call: Call, maildir: Path) -> Answer:
    """What `campaign run` does on the virtual clock until everything is sent, with readers on the same clock."""
    clock = VirtualClock(datetime.now(UTC))
    with open_kernel(_store(call.db), clock=clock.now, workspace=call.workspace) as kernel:
        readers = Readers(kernel, clock)
        with line(call, "Sending") as show:
            tally = Tally(kernel, clock.now(), show)

            def told(step: Step) -> None:
                tally.add(step)
                readers.receive(step)

            watched = Watched(readers, tally.sleeps)
            worker = Worker(kernel, MaildirTransport(maildir), name=_WORKER, clock=watched, told=told)
            ending = worker.run(until_complete=True)
            ended = clock.now()
            readers.finish()
        result = result_of(kernel, _WORKER, ending, tally, ended)
    deeds = dict(sorted(readers.done.items()))
    text = f"{run_text(result)}\nReaders: {_listed(deeds)}."
    return Answer({**run_data(result), "readers": deeds}, text)


def _store(db: str) -> Store | str:
    """The database, open so that a power failure may cost the last mails of the demo, and the disk less time."""
    return SqliteStore(db, may_lose_last_commits=True) if Path(db).is_file() else db


def agreement(story: Story, campaign: str, maildir: Path) -> dict[str, Any]:
    """Holds the Maildir beside the log, and tells the totals; answers them.

    Raises:
        StoryBroken: a mail is missing, there twice, altered, outside a window or over a limit.
    """
    call = story.call
    with call.kernel() as kernel, bar(call, "Comparing mails"):
        row = kernel.view(CAMPAIGNS).get(campaign_named(kernel, campaign))
        assert row is not None, "it was shown a moment ago"
        found = compared(kernel, row, maildir)
    if found.problems:
        some = "\n".join(found.problems[:10])
        raise StoryBroken(f"The Maildir and the log differ in {len(found.problems):,} ways:\n{some}")
    totals = found.totals
    call.say(
        f"\n   {totals['mails']:,} mails in the Maildir, {totals['mails']:,} in the log, the same byte for byte:"
        " none twice, none outside the window,\n   none over a limit, none to anybody who had answered or left."
        f"\n   By step: {_listed(totals['by_step'])}. On {totals['days']} days."
        f"\n   By inbox: {_listed(totals['by_inbox'])}."
        f"\n   Leads: {_listed(totals['leads_by_status'])}; {totals['stopped']:,} stopped before their last step."
    )
    return totals


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())
