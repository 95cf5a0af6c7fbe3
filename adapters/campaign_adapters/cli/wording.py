"""How is each thing said in a line of text?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, assert_never
from uuid import UUID

from campaign_adapters.cli.ids import short
from campaign_adapters.cli.plain_text import plain
from campaign_core import CampaignRow, Finding, ImportReport, NotLaunchReady, Outcome, Readiness, Recorded, Settings
from campaign_core.campaign import events as campaign
from campaign_core.campaign.events import CampaignEvent
from campaign_core.campaign.findings import SENTENCES
from campaign_core.campaign.sequences import Step
from campaign_core.campaign.settings import SettingsChange
from campaign_core.campaign.variants import Split
from campaign_core.inbox import events as inbox
from campaign_core.inbox.events import InboxEvent

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
#: How many skipped rows of a file are told one by one.
PROBLEMS_TOLD: Final = 10
#: How many runs of numbers of removed leads are told.
RANGES_TOLD: Final = 5
#: What says how a text is read, and warns of nothing.
_READINGS: Final = {"fallback", "spintax", "combinations"}
#: A finding with more characters than this has its examples below it.
_LONG_FINDING: Final = 120


def when(at: datetime | None) -> str:
    """An instant in UTC, to the second."""
    return "-" if at is None else at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def event_name(stored: str) -> str:
    """A stored name without its aggregate: `campaign.leads_uploaded` is `leads_uploaded`."""
    return stored.partition(".")[2]


def outcome_text(outcome: Outcome, noun: str) -> str:
    """An outcome: the status, what was recorded, what is missing or at fault, and the account of a file."""
    recorded = ", ".join(event_name(each) for each in outcome.events) or "nothing"
    lines = [
        f"{noun.capitalize()} {outcome.id} is {outcome.status} (version {outcome.version}).",
        f"Recorded: {recorded}.",
    ]
    if outcome.lead_id is not None:
        lines.append(f"The lead is {outcome.lead_id}.")
    if outcome.removed is not None:
        kept = f"; kept because they were contacted: {outcome.kept:,}" if outcome.kept else ""
        unknown = f"; not of this campaign: {outcome.unknown:,}" if outcome.unknown else ""
        lines.append(f"Leads removed: {outcome.removed:,}{kept}{unknown}.")
    if outcome.report is not None:
        lines += report_lines(outcome.report)
        lines.append(f"The batch is {outcome.batch_id}.")
    if outcome.missing_requirements:
        lines.append(missing_text(outcome.missing_requirements))
    lines += findings_lines(outcome.faults, outcome.warnings)
    lines += _where_to_look(outcome.faults, outcome.id)
    if outcome.scrubbed is False:
        lines.append("Another reader still holds old pages of the database; the erased bytes go when it is done.")
    return "\n".join(lines)


def findings_lines(faults: Sequence[Finding], warnings: Sequence[Finding]) -> list[str]:
    """Faults, then warnings; one that is long has its examples below it, one to a line."""
    lines = [line for each in faults for line in finding_lines(each, "Fault: ")]
    for each in warnings:
        lines += finding_lines(each, "Reading: " if each.code in _READINGS else "Warning: ")
    return lines


def finding_lines(finding: Finding, heading: str = "") -> list[str]:
    """A finding in one line, or with its examples below it where that is too long to read."""
    line, bracketed = f"{heading}{plain(finding.sentence)}", " ({examples})"
    if len(line) <= _LONG_FINDING or bracketed not in SENTENCES[finding.code]:
        return [line]
    told = SENTENCES[finding.code].replace(bracketed, "").format(count=finding.count)
    more = finding.count - len(finding.examples)
    examples = [plain(each) for each in finding.examples] + ([f"and {more:,} more"] if more > 0 else [])
    return [f"{heading}{told}", *(f"  {each}" for each in examples)]


def preflight_text(row: CampaignRow, readiness: Readiness, faults: Sequence[Finding]) -> str:
    """What a campaign lacks, why it could not run, and what to be warned of."""
    lines = [missing_text(readiness.missing_requirements)] if readiness.missing_requirements else []
    if faults:
        lines.append("The campaign could not run:")
    elif not lines:
        lines.append("The campaign could start now: every mail can go to every lead.")
    lines += findings_lines(faults, readiness.warnings)
    return "\n".join([*lines, *_where_to_look(faults, row.campaign_id)])


def _where_to_look(faults: Sequence[Finding], campaign_id: UUID) -> list[str]:
    """The command that shows the mails of the first lead at fault."""
    leads = (example.partition(" for lead ")[2] for each in faults for example in each.examples)
    lead = next(filter(None, leads), None)
    return [] if lead is None else ["To see them:", f"  $ campaign preview {campaign_id} --lead {lead}"]


def missing_text(tokens: Sequence[str]) -> str:
    """What a campaign still needs, in words."""
    return str(NotLaunchReady(tokens))


def report_lines(report: ImportReport) -> list[str]:
    """What became of the rows of a file, the single problems last."""
    counts = (
        f"{report.imported:,} imported + {report.updated:,} updated + {report.duplicates:,} duplicates"
        f" + {sum(report.skipped.values()):,} skipped"
    )
    lines = [f"{report.rows:,} rows = {counts}.", f"Read as {report.encoding} with the delimiter {report.delimiter!r}."]
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in report.skipped.items())
    told = report.problems[:PROBLEMS_TOLD]
    lines += [f"Skipped: {reasons}."] if reasons else []
    lines += [f"  line {each.line}: {plain(each.reason)} {_given(each.email)}".rstrip() for each in told]
    if len(report.problems) > len(told):
        lines.append(f"  and {len(report.problems) - len(told):,} more; --json lists them all.")
    return lines + [f"Warning: {plain(warning)}" for warning in report.warnings]


def _given(email: str) -> str:
    return f"({plain(email)})" if email else ""


def hours(settings: Settings) -> str:
    """When mails may go: days, hours and zone."""
    days = [_DAYS[day - 1] for day in settings.sending_days]
    run = settings.sending_days == tuple(range(settings.sending_days[0], settings.sending_days[-1] + 1))
    told = f"{days[0]}-{days[-1]}" if run and len(days) > 2 else " ".join(days)
    start = f"{settings.sending_window_start:02}:{settings.sending_window_start_minute:02}"
    end = f"{settings.sending_window_end:02}:{settings.sending_window_end_minute:02}"
    return f"{told} {start}-{end} {settings.timezone}"


def shares(variants: Sequence[Split]) -> str:
    """Variants with their shares."""
    return ", ".join(f"{each.variant_name} {each.distribution_percent} %" for each in variants)


def step_text(step: Step) -> str:
    """When a follow-up goes out, and its variants."""
    return f"step {step.step_number} after {step.wait_days} d if {trigger_text(step)} ({shares(step.variants)})"


def trigger_text(step: Step) -> str:
    """The condition of a follow-up."""
    return step.trigger_type.value.lower().replace("_", " ")


def what_happened(recorded: Recorded, addresses: Mapping[UUID, str]) -> str:
    """One short summary of an event. `addresses` are those of the inboxes, by id."""
    event: CampaignEvent | InboxEvent | None = recorded.event
    match event:
        case None:
            return "(erased)"
        case campaign.Created():
            return f"{plain(event.settings.name)}; {hours(event.settings)}"
        case campaign.SettingsRevised():
            return "; ".join(_change(event.change))
        case campaign.LeadsUploaded():
            return _upload(event)
        case campaign.InboxesAssigned():
            return ", ".join(addresses.get(each, short(each)) for each in event.inbox_ids)
        case campaign.LeadsRemoved():
            return _removal(event)
        case campaign.LeadMappingSet():
            return plain(", ".join(f"{field} from {header!r}" for field, header in event.mapping.items()))
        case campaign.VariantsSet():
            return f"{shares(event.variants)}{'' if event.replaces else ', the others kept'}"
        case campaign.SequencesSet():
            return "; ".join(step_text(step) for step in event.steps) or "no follow-ups"
        case campaign.Failed():
            return " ".join(fault.sentence for fault in event.faults)
        case campaign.Paused():
            return event.reason.value
        case inbox.Registered():
            return f"{plain(event.email_address)}, {event.inbox_type.value}, {event.daily_limit:,} a day"
        case _:
            return _plain_event(event)


def _plain_event(
    event: campaign.Launched
    | campaign.Revised
    | campaign.Resumed
    | campaign.Completed
    | campaign.Archived
    | campaign.Deleted
    | inbox.Verified
    | inbox.Paused
    | inbox.Resumed
    | inbox.Disabled
    | inbox.Removed,
) -> str:
    """The events that say everything by having happened."""
    match event:
        case campaign.Launched():
            return "sending begins"
        case campaign.Revised():
            return "a draft again"
        case campaign.Resumed():
            return "sending goes on"
        case campaign.Completed():
            return "every lead has reached an end"
        case campaign.Archived():
            return "view-only, its inboxes are free"
        case campaign.Deleted():
            return "leads, content and earlier payloads erased"
        case inbox.Verified():
            return "can send"
        case inbox.Paused():
            return "held back for now"
        case inbox.Resumed():
            return "can send again"
        case inbox.Disabled():
            return "may not send"
        case inbox.Removed():
            return "gone; no campaign held it"
        case _:
            assert_never(event)


def _upload(event: campaign.LeadsUploaded) -> str:
    skipped = sum(event.skipped.values())
    numbers = f", no. {event.first_number:,}-{event.first_number + event.imported - 1:,}" if event.imported else ""
    updated = f", {len(event.updated):,} updated" if event.updated else ""
    return f"{event.imported:,} leads{numbers}{updated}; {event.duplicates:,} duplicates, {skipped:,} skipped"


def _removal(event: campaign.LeadsRemoved) -> str:
    spans = [str(each.first) if each.first == each.last else f"{each.first}-{each.last}" for each in event.ranges]
    told = ", ".join(spans[:RANGES_TOLD]) + (", ..." if len(spans) > RANGES_TOLD else "")
    return f"{sum(1 for _ in event.numbers):,} leads, no. {told}"


def _change(change: SettingsChange) -> list[str]:
    given = change.given().items()
    return [f"{name}: {'none' if value is None else plain(str(value))}" for name, value in given]
