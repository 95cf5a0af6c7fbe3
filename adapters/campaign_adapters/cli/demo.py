"""What can it do? The life of one campaign, told by the program's own commands, every step checked.

Each step is a command line that is carried out exactly as if it had been typed, followed by what it must come to. The
first step that comes to something else ends the story and the program with an exit code of its own.
"""

from __future__ import annotations

import csv
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from campaign_adapters.cli.calls import Answer, Call
from campaign_adapters.cli.demo_sending import agreement, send
from campaign_adapters.cli.demo_story import Story, StoryBroken
from campaign_adapters.cli.exit_codes import ExitCode
from campaign_adapters.cli.ids import short
from campaign_core import CAMPAIGNS, INBOXES, InvalidMessage, Problem
from campaign_core.kernel.kernel import VIEWS

#: How many rows the shipped file of leads has.
ROWS: Final = 1000
VARIANTS: Final = """\
- variant_name: A
  variant_label: A question
  distribution_percent: 60
  subject_template: "{{first_name|Hello}}, about {{company|your parcels}}"
  email_content: |
    {{Hi|Hello|Good day}} {{first_name|there}},
    how do parcels leave {{company|your company}} in {{city|your town}}?
- variant_name: B
  variant_label: An offer
  distribution_percent: 40
  subject_template: "Two days faster, {{company|door to door}}"
  email_content: |
    Hi {{first_name|there}},
    we ship for companies like {{company|yours}}. Shall we talk?
"""

FOLLOW_UPS: Final = """\
- step_number: 2
  trigger_type: NOT_REPLIED
  wait_days: 2
  variants:
    - email_content: |
        Hi {{first_name|there}}, did my mail about {{company|your parcels}} reach you?
- step_number: 3
  trigger_type: OPENED_BUT_NOT_REPLIED
  wait_days: 3
  variants:
    - subject_template: "Shall I close the file, {{first_name|dear reader}}?"
      email_content: |
        I am not going to write again. {{All the best|Best wishes}} from the harbour.
"""

POSTAL_ADDRESS: Final = "Parcels Ltd, 1 Harbour Road, Dublin"
#: A lead of the shipped file without a first name.
NAMELESS: Final = "jorgen@cedarlight.example.com"
#: Mails of one inbox on one day of the campaign.
DAILY_LIMIT: Final = 80
#: The inboxes beside the two the story is about, with their own limits; one is lower than the campaign's.
MORE_INBOXES: Final = {"lena@outreach.example.com": 100, "otto@outreach.example.com": 60}


def tell_story(call: Call, maildir: str | None = None, rows: int = ROWS) -> Answer:
    """The whole story.

    Args:
        call: names the database, which must be new.
        rows: with how many rows of the file of leads it is told, 20 to `ROWS`.
        maildir: where the mails go; None: into a folder that is gone afterwards.

    Raises:
        InvalidMessage: the database holds campaigns or inboxes already, or the Maildir mails.
    """
    _must_be_new(call, maildir)
    story = Story(call)
    try:
        with _lead_file(rows) as leads, _folder() as folder:
            campaign = set_up(story, leads, folder, rows)
            look_and_launch(story, campaign)
            totals = run(story, campaign, Path(maildir or folder / "mails"))
        identical = prove(story, campaign)
    except StoryBroken as broken:
        return Answer({"as_told": False, "steps": story.steps}, f"\n{broken}", ExitCode.STORY_BROKEN)
    told = f"\nAll {len(story.steps)} steps came to what they should. The database is {call.db}."
    kept = f"\nThe mails are in {maildir}." if maildir else ""
    plain = {"as_told": True, "totals": totals, "identical_rows": identical, "steps": story.steps}
    return Answer(plain, told + kept)


def set_up(story: Story, leads: Path, folder: Path, rows: int) -> str:
    """From an empty database to a campaign that has every part; answers the beginning of its id."""
    created = story.step(
        "A campaign starts as a draft.",
        ["create", "Spring launch, Europe", "--postal-address", POSTAL_ADDRESS, "--timezone", "Europe/Dublin",
         "--daily-limit-per-inbox", f"{DAILY_LIMIT}", "--tracking"],
        {"status": "DRAFT", "version": 1, "missing_requirements": ["leads", "inboxes", "email_content"]},
    )  # fmt: skip
    campaign = short(created["campaign_id"])
    story.step(
        "Launching it now is too early: it stays a draft and lists what is missing.",
        ["launch", campaign],
        {"status": "DRAFT", "events": [], "missing_requirements": ["leads", "inboxes", "email_content"]},
        ExitCode.PARTS_MISSING,
    )
    story.step(
        f"A file of {rows:,} leads goes in, and every row of it is accounted for.",
        ["leads", "upload", campaign, str(leads)],
        lambda data: _balanced(data["report"], rows),
        typed=shlex.join(["leads", "upload", campaign, shown(leads)]),
    )
    _assign_inboxes(story, campaign)
    _write(story, ["variants", campaign], folder / "variants.yaml", VARIANTS, "Two variants of the first mail.")
    _write(story, ["sequences", campaign], folder / "follow-ups.yaml", FOLLOW_UPS, "And two follow-ups.")
    return campaign


def _assign_inboxes(story: Story, campaign: str) -> None:
    """Four inboxes that can send; one of them could not at first."""
    sender = story.step(
        "An inbox to send from, vouched for at once.",
        ["inboxes", "add", "mara@outreach.example.com"],
        {"status": "ACTIVE", "events": ["inbox.registered", "inbox.verified"]},
    )
    spare = story.step(
        "A second one, not verified yet.",
        ["inboxes", "add", "noah@outreach.example.com", "--unverified"],
        {"status": "PENDING", "events": ["inbox.registered"]},
    )
    both = [short(sender["inbox_id"]), short(spare["inbox_id"])]
    story.step(
        "An inbox that cannot send is not assigned, nor is the one beside it.",
        ["assign", campaign, *both],
        {"code": "unusable_inboxes"},
        ExitCode.RULE,
    )
    story.step("It is verified.", ["inboxes", "verify", both[1]], {"status": "ACTIVE", "events": ["inbox.verified"]})
    more = [
        story.step(
            f"Another one, which may send {limit} mails a day.",
            ["inboxes", "add", address, "--daily-limit", f"{limit}"],
            {"status": "ACTIVE"},
        )
        for address, limit in MORE_INBOXES.items()
    ]
    story.step(
        "Now all four are assigned.",
        ["assign", campaign, *both, *(short(each["inbox_id"]) for each in more)],
        {"status": "DRAFT", "events": ["campaign.inboxes_assigned"], "missing_requirements": ["email_content"]},
    )


def _write(story: Story, words: list[str], file: Path, text: str, title: str) -> None:
    """Has the campaign take the content of a file, and shows it."""
    file.write_text(text, encoding="utf-8")
    story.call.say(f"\n   {file.name}:\n\n{_indented(text)}")
    event = f"campaign.{words[0]}_set"
    expected = {"status": "DRAFT", "events": [event], "is_launch_ready": True, "missing_requirements": []}
    story.step(title, [*words, str(file)], expected, typed=shlex.join([*words, file.name]))


def look_and_launch(story: Story, campaign: str) -> None:
    """The mails are looked at; the campaign starts, pauses, goes on, and cannot be deleted meanwhile."""
    story.step(
        "A mail as it would go, to a lead without a first name: what stands behind the bar stands in for it.",
        ["preview", campaign, "--lead", NAMELESS, "--variant", "A", "--step", "1"],
        _is_well_written,
    )
    story.step(
        "Every mail is looked at for every lead, as the launch is going to. None would be blank.",
        ["preflight", campaign],
        {"is_launch_ready": True, "faults": []},
    )
    story.step("Now it launches.", ["launch", campaign], {"status": "ACTIVE", "events": ["campaign.launched"]})
    story.step("It pauses.", ["pause", campaign], {"status": "PAUSED", "events": ["campaign.paused"]})
    story.step("It goes on.", ["activate", campaign], {"status": "ACTIVE", "events": ["campaign.resumed"]})
    story.step(
        "While it runs it cannot be deleted.",
        ["delete", campaign],
        {"code": "illegal_transition"},
        ExitCode.ILLEGAL_MOVE,
    )


def run(story: Story, campaign: str, maildir: Path) -> dict[str, Any]:
    """Everything is sent, and the Maildir is held beside the log; answers the totals."""
    story.own_step(
        "A worker sends: weeks on a virtual clock, into a Maildir. Meanwhile readers open, answer, bounce and leave, as"
        " `campaign leads opened` and its like would record it.",
        shlex.join(["run", "--transport", f"maildir:{shown(maildir)}", "--clock", "virtual", "--until-complete"]),
        lambda: send(story.call, maildir),
        {"ending": "complete", "unknown_outcomes": 0},
    )
    totals: dict[str, Any] = agreement(story, campaign, maildir)
    story.step(
        "This is how it stands.",
        ["show", campaign],
        {"status": "COMPLETED", "leads_by_status": totals["leads_by_status"]},
    )
    return totals


def prove(story: Story, campaign: str) -> dict[str, int]:
    """The audit trail, its verification, and the views made anew; answers how many rows were compared, by view."""
    names = ["created", "leads_uploaded", "inboxes_assigned", "variants_set", "sequences_set", "launched", "paused"]
    names += ["resumed", "completed"]
    story.step(
        "Everything that happened, oldest first. What was refused left no trace.",
        ["history", campaign],
        lambda data: [each["name"] for each in data["events"]] == [f"campaign.{name}" for name in names],
    )
    checked = story.step(
        "None of it can be altered unseen: each event is linked to the one before.",
        ["verify"],
        lambda data: data["holds"] and data["events"] >= len(names) and not data["problems"],
    )
    before = _rows(story.call)
    counts = {name: len(rows) for name, rows in before.items()}
    story.step(
        "The views are dropped and made anew from the log alone.",
        ["rebuild"],
        {"events": checked["events"], "rows": counts},
    )
    told = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    if _rows(story.call) != before:
        raise StoryBroken("The rows of the views are not what they were before they were made anew.")
    story.call.say(f"   All {sum(counts.values()):,} rows are identical to those before: {told}.")
    return counts


def _must_be_new(call: Call, maildir: str | None) -> None:
    with call.kernel() as kernel:
        counts = {"campaigns": kernel.view(CAMPAIGNS).count(), "inboxes": kernel.view(INBOXES).count()}
    held = [name for name, count in counts.items() if count]
    if held:
        sentence = f"{call.db} already holds {' and '.join(held)}; the demo needs a new file, as in --db demo.db"
        raise InvalidMessage((Problem("--db", sentence),))
    if maildir is not None and Path(maildir).exists() and any(Path(maildir).rglob("*")):
        raise InvalidMessage((Problem("--maildir", f"{maildir} is not empty; the demo counts what it finds there"),))


@contextmanager
def _lead_file(rows: int) -> Iterator[Path]:
    """The shipped file; or its first rows, with the one that the story is about among them."""
    with as_file(files("campaign_adapters.cli") / "demo_leads.csv") as path, _folder() as folder:
        if rows == ROWS:
            yield path.resolve()
            return
        with path.open(encoding="utf-8", newline="") as whole:
            head, *all_rows = csv.reader(whole)
        some = folder / "leads.csv"
        with some.open("w", encoding="utf-8", newline="") as part:
            nameless = next(row for row in all_rows if row[0] == NAMELESS)
            csv.writer(part).writerows([head, nameless, *[row for row in all_rows if row is not nameless][: rows - 1]])
        yield some


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    with TemporaryDirectory() as folder:
        yield Path(folder)


def _balanced(report: dict[str, Any], rows: int) -> bool:
    told = report["imported"] + report["updated"] + report["duplicates"] + sum(report["skipped"].values())
    return bool(report["rows"] == told == rows and report["imported"] > 0)


def _is_well_written(data: dict[str, Any]) -> bool:
    """One mail of three wordings, with its fallbacks and nothing of the template left in it."""
    (mail,) = data["mails"]
    said = f"{mail['mail']['subject']}\n{mail['mail']['text']}"
    told = ("Hello, about Cedarlight Studios", "there,", POSTAL_ADDRESS)
    return mail["wordings"] == 3 and all(each in said for each in told) and "{" not in said


def _rows(call: Call) -> dict[str, list[Any]]:
    """Every row of every view."""
    with call.kernel() as kernel:
        return {view.name: list(kernel.view(view).find()) for view in VIEWS}


def shown(path: Path) -> str:
    """A path as somebody would type it here."""
    nearer = os.path.relpath(path)
    return str(path) if nearer.startswith("..") else nearer


def _indented(text: str) -> str:
    return "".join(f"      {line}\n" for line in text.splitlines()).rstrip()
