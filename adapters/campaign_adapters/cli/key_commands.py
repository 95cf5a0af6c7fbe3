"""The commands about API keys: who may call the HTTP interface, and what for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from campaign_adapters.cli.calls import Answer, Call
from campaign_adapters.cli.shared_options import command, group

if TYPE_CHECKING:
    from datetime import datetime

    from campaign_adapters.cli.tables import Drawing
    from campaign_adapters.http_api.keys import ApiKey


def register(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    keys = group(app, "keys", "API keys of the workspace, for the HTTP interface.")
    command(
        keys,
        "create",
        "keys create --name 'Our shop' --scope leads:create --scope campaigns:read",
        "--workspace acme keys create --name Everything --scope '*'",
    )(create)
    command(keys, "list", "keys list")(list_keys)
    command(keys, "revoke", "keys revoke 5f0c2a91d3e4")(revoke)


def create(
    call: Call,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="What it is for, 1 to 100 characters.")],
    scopes: Annotated[
        list[str],
        typer.Option(
            "--scope",
            metavar="SCOPE",
            help="What it may do, such as leads:create; * for everything. Give it again for more.",
        ),
    ],
) -> Answer:
    """Make an API key for the workspace and print it. It is shown this once and cannot be shown again.

    Scopes: campaigns:create, read, update, delete, pause, activate, all; leads:create, read, update, delete, all;
    sender_accounts:create, read, delete, all; and *. Only a hash of the key is kept, under the key in
    CAMPAIGN_SECRET_KEY or in the file that CAMPAIGN_SECRET_KEY_FILE names: the server needs the same one.
    """
    from campaign_adapters.http_api.keys import ApiKeys
    from campaign_adapters.secret_key import secret_key

    secret = secret_key(reason="API keys are kept as hashes under a secret key")
    with call.kernel() as kernel:
        key, token = ApiKeys(kernel, secret).create(name, scopes, call.workspace)
    told = (
        f"{token}\nThis is the API key. Keep it now: it cannot be shown again.\n"
        f"Its id is {key.key_id}; it opens the workspace {key.workspace} for {', '.join(key.scopes)}."
    )
    return Answer({"key": _data(key, None), "token": token}, told)


def list_keys(call: Call) -> Answer:
    """List the API keys of the workspace, revoked ones too, oldest first. None shows the key itself."""
    from campaign_adapters.http_api.keys import KeyRing
    from campaign_adapters.http_api.rate_limits import last_call

    with call.kernel() as kernel:
        found = [(key, last_call(kernel, key.key_id)) for key in KeyRing(kernel).list(call.workspace)]
    return Answer({"keys": [_data(key, last) for key, last in found]}, _table(found) if found else "No keys yet.")


def revoke(
    call: Call,
    key_id: Annotated[str, typer.Argument(metavar="KEY_ID", help="As keys list shows it.", show_default=False)],
) -> Answer:
    """Take an API key's rights away, at once and for good."""
    from campaign_adapters.cli.wording import when
    from campaign_adapters.http_api.keys import KeyRing
    from campaign_adapters.http_api.rate_limits import last_call

    with call.kernel() as kernel:
        ring = KeyRing(kernel)
        earlier = {key.key_id for key in ring.list(call.workspace) if key.revoked_at is not None}
        key = ring.revoke(call.workspace, key_id)
        last = last_call(kernel, key_id)
    since = f"It was revoked already, on {when(key.revoked_at)} UTC."
    told = since if key_id in earlier else f"The key {key_id} opens nothing any more."
    return Answer({"key": _data(key, last)}, told)


def _data(key: ApiKey, last_used_at: datetime | None) -> dict[str, Any]:
    from campaign_core.conversion import unstructure

    data: dict[str, Any] = unstructure(key)
    status = "active" if key.revoked_at is None else "revoked"
    return {**data, "status": status, "last_used_at": unstructure(last_used_at)}


def _table(found: list[tuple[ApiKey, datetime | None]]) -> Drawing:
    from campaign_adapters.cli.plain_text import plain
    from campaign_adapters.cli.tables import new_table
    from campaign_adapters.cli.wording import when

    table = new_table("Id", "Name", "Scopes", "Created (UTC)", "Last used (UTC)", "Status")
    for key, last in found:
        status = "active" if key.revoked_at is None else "revoked"
        table.add_row(key.key_id, plain(key.name), ", ".join(key.scopes), when(key.created_at), when(last), status)
    return lambda console: console.print(table)
