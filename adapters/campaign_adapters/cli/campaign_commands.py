"""The commands about campaigns. Each translates what was typed into one command of the kernel, or one question to a view.

The kernel and the tables are imported inside the functions: what is not asked for is not loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from campaign_adapters.cli.calls import Answer, Call, answered, tell
from campaign_adapters.cli.exit_codes import ExitCode
from campaign_adapters.cli.shared_options import CommandId, command

if TYPE_CHECKING:
    from campaign_core import Kernel

CampaignId = Annotated[
    str, typer.Argument(metavar="ID", help="The campaign: its id or the beginning of it.", show_default=False)
]


def register(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    commands: dict[str, Callable[..., Answer]] = {
        "create": create,
        "list": list_,
        "show": show,
        "history": history,
        "assign": assign,
        "variants": variants,
        "launch": launch,
        "pause": pause,
        "activate": activate,
        "archive": archive,
        "delete": delete,
    }
    for name, perform in commands.items():
        command(app, name)(perform)


def create(
    call: Call,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="What people call it: 8 to 255 characters.", show_default=False)
    ],
    command_id: CommandId = None,
) -> Answer:
    """Start a campaign, as a draft."""
    from campaign_core import CreateCampaign

    with call.kernel() as kernel:
        return answered(tell(kernel, CreateCampaign(name), command_id), "campaign")


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
    from campaign_adapters.cli.variants_file import read_variants

    with call.kernel() as kernel:
        return _update(kernel, campaign, command_id, variants=read_variants(file))


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


def list_(call: Call) -> Answer:
    """List campaigns, oldest first."""
    from campaign_adapters.cli import data, screens
    from campaign_core import CAMPAIGNS

    with call.kernel() as kernel:
        rows = kernel.view(CAMPAIGNS).find(order_by="created_at")
    return Answer({"campaigns": [data.campaign_data(row) for row in rows]}, screens.campaigns(rows))


def show(call: Call, campaign: CampaignId) -> Answer:
    """Show one campaign, and what it still needs."""
    from campaign_adapters.cli import data, screens
    from campaign_adapters.cli.ids import campaign_named
    from campaign_adapters.cli.reading import sight_of

    with call.kernel() as kernel:
        sight = sight_of(kernel, campaign_named(kernel, campaign))
    plain = {
        **data.campaign_data(sight.row),
        **data.readiness_data(sight.readiness, sight.faults),
        "inboxes": [data.inbox_data(each) for each in sight.inboxes],
        "leads_by_status": dict(sight.leads),
    }
    return Answer(plain, screens.campaign(sight))


def history(
    call: Call,
    identity: Annotated[
        str, typer.Argument(metavar="ID", help="A campaign or an inbox; the whole id once deleted.", show_default=False)
    ],
) -> Answer:
    """Show what happened to a campaign or an inbox."""
    from campaign_adapters.cli import data, screens
    from campaign_adapters.cli.ids import anything_named
    from campaign_core import INBOXES

    with call.kernel() as kernel:
        whole = anything_named(kernel, identity)
        events = kernel.history(whole)
        addresses = {row.inbox_id: row.email_address for row in kernel.view(INBOXES).find()}
    plain = {"id": str(whole), "events": [data.event_data(each) for each in events]}
    return Answer(plain, screens.history(events, addresses))


def _about(call: Call, campaign: str, kind: Any, command_id: str | None) -> Answer:
    """Carries out a command that has nothing to say but which campaign it is about."""
    from campaign_adapters.cli.ids import campaign_named

    with call.kernel() as kernel:
        return answered(tell(kernel, kind(campaign_named(kernel, campaign)), command_id), "campaign")


def _update(kernel: Kernel, campaign: str, command_id: str | None, **changes: Any) -> Answer:
    from campaign_adapters.cli.ids import campaign_named
    from campaign_core import UpdateCampaign

    update = UpdateCampaign(campaign_named(kernel, campaign), **changes)
    return answered(tell(kernel, update, command_id), "campaign")


def _started(answer: Answer) -> Answer:
    """The answer of a command that was to start a campaign: what kept it from starting has an exit code of its own."""
    if answer.data["faults"]:
        return answer._replace(code=ExitCode.CANNOT_RUN)
    if answer.data["missing_requirements"]:
        return answer._replace(code=ExitCode.PARTS_MISSING)
    return answer
