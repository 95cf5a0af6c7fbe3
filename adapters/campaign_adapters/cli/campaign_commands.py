"""The commands about campaigns. Each translates what was typed into one command of the kernel.

The kernel and the tables are imported inside the functions: what is not asked for is not loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Unpack

import typer

from campaign_adapters.cli import typed_values
from campaign_adapters.cli.calls import Answer, Call, answered, tell
from campaign_adapters.cli.exit_codes import ExitCode
from campaign_adapters.cli.settings_options import SettingsGiven, settings_from
from campaign_adapters.cli.shared_options import CommandId, command

if TYPE_CHECKING:
    from campaign_core import Kernel

CampaignId = Annotated[
    str, typer.Argument(metavar="ID", help="The campaign: its id or the beginning of it.", show_default=False)
]

InboxId = Annotated[
    str, typer.Argument(metavar="ID", help="The inbox: its id or the beginning of it.", show_default=False)
]
LeadName = Annotated[str, typer.Argument(metavar="LEAD", help="The lead's address, or its id.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    commands: dict[str, tuple[Callable[..., Answer], tuple[str, ...]]] = {
        "create": (create, ('create "Spring launch"', 'create "Spring launch" --timezone Europe/Berlin --ramp-up')),
        "update": (
            update,
            (
                "update 6f1c2a34 --window 09:00-17:30 --sending-days mon-fri --daily-limit-per-inbox 40",
                "update 6f1c2a34 --start-date none --reply-to sales@acme.example --launch",
            ),
        ),
        "assign": (assign, ("assign 6f1c2a34 0c1d2e3f 5e6f7a8b",)),
        "variants": (variants, ("variants 6f1c2a34 variants.yaml",)),
        "sequences": (sequences, ("sequences 6f1c2a34 follow-ups.yaml", "sequences 6f1c2a34")),
        "launch": (launch, ("launch 6f1c2a34",)),
        "pause": (pause, ("pause 6f1c2a34",)),
        "activate": (activate, ("activate 6f1c2a34",)),
        "archive": (archive, ("archive 6f1c2a34",)),
        "delete": (delete, ("delete 6f1c2a34",)),
    }
    for name, (perform, examples) in commands.items():
        command(app, name, *examples)(perform)


def create(
    call: Call,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="What people call it: 8 to 255 characters.", show_default=False)
    ],
    command_id: CommandId = None,
    **options: Unpack[SettingsGiven],
) -> Answer:
    """Start a campaign, as a draft. Settings that are not given take their defaults."""
    from campaign_core import CreateCampaign

    settings = settings_from(options)
    with call.kernel() as kernel:
        return answered(tell(kernel, CreateCampaign(name, **settings), command_id), "campaign")


def update(
    call: Call,
    campaign: CampaignId,
    name: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What people call it: 8 to 255 characters.", show_default=False)
    ] = None,
    lead_mapping: Annotated[
        str | None,
        typer.Option(
            metavar="JSON",
            help="An object of field names and headers, for uploads that bring no mapping.",
            show_default=False,
        ),
    ] = None,
    launch: Annotated[bool, typer.Option("--launch", help="Then start sending, or go on.")] = False,
    command_id: CommandId = None,
    **options: Unpack[SettingsGiven],
) -> Answer:
    """Change settings; what is not given stays as it is. All of it is saved in one go, then started if asked to."""
    changes = settings_from(options)
    if name is not None:
        changes["name"] = name
    if lead_mapping is not None:
        changes["lead_mapping"] = typed_values.json_value(lead_mapping, "--lead-mapping")
    with call.kernel() as kernel:
        answer = _update(kernel, campaign, command_id, launch=launch, **changes)
    return _started(answer) if launch else answer


def assign(
    call: Call,
    campaign: CampaignId,
    inboxes: Annotated[list[str], typer.Argument(metavar="INBOX...", help="Ids of inboxes.", show_default=False)],
    command_id: CommandId = None,
) -> Answer:
    """Have a campaign send from these inboxes and no others."""
    from campaign_adapters.cli.ids import inbox_named

    with call.kernel() as kernel:
        return _update(kernel, campaign, command_id, inbox_ids=tuple(inbox_named(kernel, each) for each in inboxes))


def variants(
    call: Call,
    campaign: CampaignId,
    file: Annotated[str, typer.Argument(metavar="FILE", help="YAML, or JSON if named so.", show_default=False)],
    command_id: CommandId = None,
) -> Answer:
    """Set the variants of a campaign's first mail from a file.

    The file holds a list of variants, or an object whose field `variants` is that list. Each has a subject_template and
    an email_content, and may have a variant_name, a variant_label, a distribution_percent and a content_type. All are
    replaced in a draft; in a paused campaign they are put in by name.
    """
    from campaign_adapters.cli.content_files import read_variants

    with call.kernel() as kernel:
        return _update(kernel, campaign, command_id, variants=read_variants(file))


def sequences(
    call: Call,
    campaign: CampaignId,
    file: Annotated[
        str | None,
        typer.Argument(metavar="[FILE]", help="YAML, or JSON if named so; shown if left out.", show_default=False),
    ] = None,
    command_id: CommandId = None,
) -> Answer:
    """Set the follow-ups of a campaign from a file, or show them with their ids.

    For a draft the file holds all follow-ups, as a list or as the field `sequences` of an object. Each has a step_number
    from 2, a trigger_type (NOT_OPENED, NOT_REPLIED, OPENED_BUT_NOT_REPLIED), wait_days and variants, whose
    subject_template may be left out, and may have enable_unsubscribe.

    For a paused campaign it holds `sequence_edits`, a list. Each has an action: add, with all of the above; edit, with a
    sequence_id and what is to change; delete, with a sequence_id.
    """
    if file is None:
        return _follow_ups(call, campaign)
    from campaign_adapters.cli.content_files import read_sequences

    with call.kernel() as kernel:
        held = read_sequences(file)
        return _update(kernel, campaign, command_id, sequences=held.sequences, sequence_edits=held.sequence_edits)


def _follow_ups(call: Call, campaign: str) -> Answer:
    from campaign_adapters.cli import data, screens
    from campaign_adapters.cli.ids import campaign_named
    from campaign_core import CAMPAIGNS, UnknownCampaign

    with call.kernel() as kernel:
        campaign_id = campaign_named(kernel, campaign)
        row = kernel.view(CAMPAIGNS).get(campaign_id)
    if row is None:
        raise UnknownCampaign(campaign_id)
    steps = data.campaign_data(row)["steps"]
    return Answer({"campaign_id": str(campaign_id), "sequences": steps}, screens.follow_ups(row.steps))


def launch(call: Call, campaign: CampaignId, command_id: CommandId = None) -> Answer:
    """Start sending, or list what is missing or at fault."""
    with call.kernel() as kernel:
        return _started(_update(kernel, campaign, command_id, launch=True))


def activate(call: Call, campaign: CampaignId, command_id: CommandId = None) -> Answer:
    """Go on with a paused campaign, or start a draft."""
    from campaign_core import ActivateCampaign

    return _started(_about(call, campaign, ActivateCampaign, command_id))


def pause(call: Call, campaign: CampaignId, command_id: CommandId = None) -> Answer:
    """Stop sending for now."""
    from campaign_core import PauseCampaign

    return _about(call, campaign, PauseCampaign, command_id)


def archive(call: Call, campaign: CampaignId, command_id: CommandId = None) -> Answer:
    """Make a paused or completed campaign view-only, one way."""
    from campaign_core import ArchiveCampaign

    return _about(call, campaign, ArchiveCampaign, command_id)


def delete(call: Call, campaign: CampaignId, command_id: CommandId = None) -> Answer:
    """Erase a draft, paused or archived campaign for good."""
    from campaign_core import DeleteCampaign

    return _about(call, campaign, DeleteCampaign, command_id)


def _about(call: Call, campaign: str, kind: Any, command_id: str | None) -> Answer:
    """Carries out a command that has nothing to say but which campaign it is about."""
    from campaign_adapters.cli.ids import campaign_named

    with call.kernel() as kernel:
        return answered(tell(kernel, kind(campaign_named(kernel, campaign)), command_id), "campaign")


def _update(kernel: Kernel, campaign: str, command_id: str | None, **changes: Any) -> Answer:
    from campaign_adapters.cli.ids import campaign_named
    from campaign_core import UpdateCampaign

    command = UpdateCampaign(campaign_named(kernel, campaign), **changes)
    return answered(tell(kernel, command, command_id), "campaign")


def _started(answer: Answer) -> Answer:
    """The answer of a command that was to start a campaign: what kept it from starting has an exit code of its own."""
    if answer.data["faults"]:
        return answer._replace(code=ExitCode.CANNOT_RUN)
    if answer.data["missing_requirements"]:
        return answer._replace(code=ExitCode.PARTS_MISSING)
    return answer
