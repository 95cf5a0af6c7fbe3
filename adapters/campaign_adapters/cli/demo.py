"""What can it do? The life of one campaign, told by the program's own commands, every step checked.

Each step is a command line that is carried out exactly as if it had been typed, followed by what it must come to. The
first step that comes to something else ends the story and the program with an exit code of its own.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from attrs import field, frozen

from campaign_adapters.cli.calls import DEFAULT_WORKSPACE, Answer, Call, Text
from campaign_adapters.cli.exit_codes import ExitCode
from campaign_adapters.cli.ids import short
from campaign_adapters.cli.program import Finished, attempt
from campaign_adapters.cli.shared_options import DEFAULT_DB, Shared
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

POSTAL_ADDRESS: Final = "Parcels Ltd, 1 Harbour Road, Dublin"
#: A lead of the shipped file without a first name.
NAMELESS: Final = "jorgen@cedarlight.example.com"

#: What a step must come to: fields of its data with their values, or a judgement of the data.
Expected = dict[str, Any] | Callable[[dict[str, Any]], bool]


class StoryBroken(Exception):
    """A step came to something else than told."""


@frozen
class Story:
    """A story being told."""

    call: Call
    #: One record for each step, for `--json`.
    steps: list[dict[str, Any]] = field(factory=list)

    def step(
        self, title: str, arguments: list[str], expected: Expected, code: int = ExitCode.OK, typed: str | None = None
    ) -> Any:
        """Carries a command out, shows what came of it, and answers its data.

        Args:
            title: what happens, in a sentence.
            arguments: the command line, without `--db`.
            expected: what the data must be like; of a refusal, `code` and `message`.
            code: the exit code it must have.
            typed: the command line to show where it is not the arguments.

        Raises:
            StoryBroken: it came to something else.
        """
        line = _typed(self.call, typed or shlex.join(arguments))
        self.call.say(f"\n{len(self.steps) + 1}. {title}\n   $ {line}")
        finished = attempt([*_place(self.call), *arguments], Shared(_quiet, _quiet))
        data, text = _came_to(finished)
        holds = finished.code == code and _fits(data, expected)
        self.call.say(text)
        self.steps.append(
            {"title": title, "command": line, "exit_code": int(finished.code), "answer": data, "as_told": holds}
        )
        if not holds:
            raise StoryBroken(f"Step {len(self.steps)} came to something else than told (exit code {finished.code}).")
        if code:
            self.call.say(f"   Exit code {int(code)}, as it should be.")
        return data


def tell_story(call: Call) -> Answer:
    """The whole story.

    Raises:
        InvalidMessage: the database holds campaigns or inboxes already.
    """
    _must_be_new(call)
    story = Story(call)
    try:
        with _lead_file() as leads, _variants_file() as variants:
            campaign = set_up(story, leads, variants)
        run(story, campaign)
        rows = prove(story, campaign)
    except StoryBroken as broken:
        return Answer({"as_told": False, "steps": story.steps}, f"\n{broken}", ExitCode.STORY_BROKEN)
    told = f"\nAll {len(story.steps)} steps came to what they should. The database is {call.db}."
    return Answer({"as_told": True, "identical_rows": rows, "steps": story.steps}, told)


def set_up(story: Story, leads: Path, variants: Path) -> str:
    """From an empty database to a campaign that has every part; answers the beginning of its id."""
    created = story.step(
        "A campaign starts as a draft.",
        ["create", "Spring launch, Europe", "--postal-address", POSTAL_ADDRESS],
        {"status": "DRAFT", "version": 1, "missing_requirements": ["leads", "inboxes", "email_content"]},
    )
    campaign = short(created["campaign_id"])
    story.step(
        "Launching it now is too early: it stays a draft and lists what is missing.",
        ["launch", campaign],
        {"status": "DRAFT", "events": [], "missing_requirements": ["leads", "inboxes", "email_content"]},
        ExitCode.PARTS_MISSING,
    )
    story.step(
        "A file of 1,000 leads goes in, and every row of it is accounted for.",
        ["leads", "upload", campaign, str(leads)],
        lambda data: _balanced(data["report"]),
        typed=shlex.join(["leads", "upload", campaign, shown(leads)]),
    )
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
    story.step(
        "An inbox that cannot send is not assigned, nor is the one beside it.",
        ["assign", campaign, short(sender["inbox_id"]), short(spare["inbox_id"])],
        {"code": "unusable_inboxes"},
        ExitCode.RULE,
    )
    story.step(
        "The verified inbox alone is.",
        ["assign", campaign, short(sender["inbox_id"])],
        {"status": "DRAFT", "events": ["campaign.inboxes_assigned"], "missing_requirements": ["email_content"]},
    )
    story.call.say(f"\n   variants.yaml:\n\n{_indented(VARIANTS)}")
    story.step(
        "Two variants of the first mail, for 60 and 40 of 100 leads.",
        ["variants", campaign, str(variants)],
        {"status": "DRAFT", "events": ["campaign.variants_set"], "is_launch_ready": True, "missing_requirements": []},
        typed=shlex.join(["variants", campaign, variants.name]),
    )
    return campaign


def run(story: Story, campaign: str) -> None:
    """The mails are looked at; the campaign runs, pauses, goes on, and cannot be deleted meanwhile."""
    story.step(
        "A mail as it would go, to a lead without a first name: what stands behind the bar stands in for it.",
        ["preview", campaign, "--lead", NAMELESS, "--variant", "A"],
        _is_well_written,
    )
    story.step(
        "Every mail is looked at for every lead, as the launch is going to. None would be blank.",
        ["preflight", campaign],
        {"is_launch_ready": True, "faults": [], "warnings": []},
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
    story.step(
        "This is how it stands.", ["show", campaign], {"status": "ACTIVE", "is_launch_ready": True, "version": 7}
    )


def prove(story: Story, campaign: str) -> dict[str, int]:
    """The audit trail, its verification, and the views made anew; answers how many rows were compared, by view."""
    names = ["created", "leads_uploaded", "inboxes_assigned", "variants_set", "launched", "paused", "resumed"]
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


def _must_be_new(call: Call) -> None:
    with call.kernel() as kernel:
        counts = {"campaigns": kernel.view(CAMPAIGNS).count(), "inboxes": kernel.view(INBOXES).count()}
    held = [name for name, count in counts.items() if count]
    if held:
        sentence = f"{call.db} already holds {' and '.join(held)}; the demo needs a new file, as in --db demo.db"
        raise InvalidMessage((Problem("--db", sentence),))


@contextmanager
def _lead_file() -> Iterator[Path]:
    with as_file(files("campaign_adapters.cli") / "demo_leads.csv") as path:
        yield path.resolve()


@contextmanager
def _variants_file() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "variants.yaml"
        path.write_text(VARIANTS, encoding="utf-8")
        yield path


def _came_to(finished: Finished) -> tuple[Any, Text]:
    """The data of what a command came to, and how people see it."""
    if finished.refusal is not None:
        word, sentence = finished.refusal
        return {"code": word, "message": sentence}, f"Error: {sentence}"
    if finished.answer is not None:
        return finished.answer.data, finished.answer.text or ""
    return {}, ""


def _fits(data: Any, expected: Expected) -> bool:
    if isinstance(expected, dict):
        return all(name in data and data[name] == value for name, value in expected.items())
    return expected(data)


def _balanced(report: dict[str, Any]) -> bool:
    told = report["imported"] + report["updated"] + report["duplicates"] + sum(report["skipped"].values())
    return bool(report["rows"] == told == ROWS and report["imported"] > 0)


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


def _place(call: Call) -> list[str]:
    """The options that name the database and the workspace."""
    chosen = [] if call.workspace == DEFAULT_WORKSPACE else ["--workspace", call.workspace]
    return ["--db", call.db, *chosen]


def _typed(call: Call, arguments: str) -> str:
    usual = call.db == DEFAULT_DB and call.workspace == DEFAULT_WORKSPACE
    return f"campaign {arguments}" if usual else f"campaign {shlex.join(_place(call))} {arguments}"


def shown(path: Path) -> str:
    """A path as somebody would type it here."""
    nearer = os.path.relpath(path)
    return str(path) if nearer.startswith("..") else nearer


def _indented(text: str) -> str:
    return "".join(f"      {line}\n" for line in text.splitlines()).rstrip()


def _quiet(text: Text) -> None:
    """A step shows nothing while it is at work; the story shows what came of it."""
