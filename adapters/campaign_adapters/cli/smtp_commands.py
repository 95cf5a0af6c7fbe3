"""The command that gives an inbox the server it sends through. It stands in the group `inboxes`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from campaign_adapters.cli import typed_values
from campaign_adapters.cli.calls import Answer, Call
from campaign_adapters.cli.campaign_commands import InboxId
from campaign_adapters.cli.shared_options import command

if TYPE_CHECKING:
    from uuid import UUID

    from campaign_adapters.smtp import SmtpSettings
    from campaign_core import Kernel

PASSWORD_VARIABLE: Final = "CAMPAIGN_SMTP_PASSWORD"
#: The usual port of each kind of protection. Source: RFC 8314, section 3.3; RFC 6409, section 3.1; RFC 5321, section 4.5.4.2.
_PORTS: Final = {"tls": 465, "starttls": 587, "none": 25}


def register(inboxes: typer.Typer) -> None:
    """Adds the command to the group `inboxes`."""
    command(
        inboxes,
        "smtp",
        "inboxes smtp 0c1d2e3f --host smtp.acme.example --user mara@acme.example",
        "inboxes smtp 0c1d2e3f --host 10.0.0.7 --security none",
        "inboxes smtp 0c1d2e3f",
    )(smtp)


def smtp(
    call: Call,
    inbox: InboxId,
    host: Annotated[
        str | None, typer.Option(metavar="NAME", help="The server: a name or an IP address.", show_default=False)
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(metavar="N", help="465 for tls, 587 for starttls, 25 for none, if left out.", show_default=False),
    ] = None,
    security: Annotated[
        str, typer.Option(metavar="tls|starttls|none", help="How the connection is protected.")
    ] = "tls",
    user: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who logs in; nobody if left out.", show_default=False)
    ] = None,
    password_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="A file that holds the password alone.", show_default=False)
    ] = None,
    dkim_selector: Annotated[
        str | None, typer.Option(metavar="NAME", help="Where receivers find the public key.", show_default=False)
    ] = None,
    dkim_domain: Annotated[
        str | None, typer.Option(metavar="DOMAIN", help="The domain that signs.", show_default=False)
    ] = None,
    dkim_key_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="The private RSA key, in PEM.", show_default=False)
    ] = None,
    forget: Annotated[bool, typer.Option("--forget", help="Take the settings away.")] = False,
) -> Answer:
    """Set the server that an inbox sends through, in place of earlier settings; with no options, show it.

    The password is asked for, unless it comes from --password-file or from CAMPAIGN_SMTP_PASSWORD. Settings are kept
    encrypted in the database, under the key in CAMPAIGN_SECRET_KEY or in the file that CAMPAIGN_SECRET_KEY_FILE names:
    32 random bytes in base64 or hex, as `openssl rand -base64 32` makes them.
    """
    from campaign_adapters.cli.smtp_secrets import secrets_of

    others = {
        "--port": port,
        "--user": user,
        "--password-file": password_file,
        "--dkim-selector": dkim_selector,
        "--dkim-domain": dkim_domain,
        "--dkim-key-file": dkim_key_file,
    }
    needless = [
        name for name, value in {"--host": host, **others}.items() if value is not None and (forget or not host)
    ]
    if needless:
        sentence = "--forget stands alone." if forget else "it needs --host."
        raise typer.BadParameter(sentence, param_hint=needless[0])
    with call.kernel() as kernel:
        inbox_id = _existing(kernel, inbox)
        secrets = secrets_of(kernel)
        if forget:
            secrets.forget(inbox_id)
            return Answer({"inbox_id": str(inbox_id), "smtp": None}, "Its settings are gone; it cannot send over SMTP.")
        if host is None:
            return _shown(inbox_id, secrets.settings_of(inbox_id), "")
        settings = _settings(host, port, security, user, password_file, (dkim_selector, dkim_domain, dkim_key_file))
        secrets.keep(inbox_id, settings)
        return _shown(inbox_id, settings, "Kept. ")


def _settings(
    host: str,
    port: int | None,
    security: str,
    user: str | None,
    password_file: str | None,
    dkim: tuple[str | None, str | None, str | None],
) -> SmtpSettings:
    """The settings as they were given, not checked yet.

    Raises:
        typer.BadParameter: the protection is none, or there is no password to be had.
        InvalidMessage: a file cannot be read.
    """
    from campaign_adapters.smtp import Security, SmtpSettings

    protection = typed_values.member(Security, security, "--security")
    selector, domain, key_file = dkim
    if user is None and password_file is not None:
        raise typer.BadParameter("it needs --user.", param_hint="--password-file")
    return SmtpSettings(
        host=host,
        port=_PORTS[protection.value] if port is None else port,
        security=protection,
        username=user,
        password=None if user is None else _password(user, password_file),
        dkim_selector=selector,
        dkim_domain=domain,
        dkim_private_key=None if key_file is None else _content(key_file, "--dkim-key-file"),
    )


def _password(user: str, file: str | None) -> str:
    """From the file, else from the environment, else from whoever sits at the terminal: never from the command line."""
    if file is not None:
        return _content(file, "--password-file").removesuffix("\n").removesuffix("\r")
    if os.environ.get(PASSWORD_VARIABLE):
        return os.environ[PASSWORD_VARIABLE]
    if sys.stdin is None or not sys.stdin.isatty():
        sentence = f"its password must come from --password-file, from {PASSWORD_VARIABLE} or from a terminal."
        raise typer.BadParameter(sentence, param_hint="--user")
    from getpass import getpass

    return getpass(f"Password of {user}: ")


def _content(file: str, option: str) -> str:
    from campaign_core import InvalidMessage, Problem

    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        why = wrong.strerror if isinstance(wrong, OSError) else "it is not UTF-8"
        raise InvalidMessage((Problem(option, f"{file} cannot be read: {why}"),)) from wrong


def _existing(kernel: Kernel, inbox: str) -> UUID:
    from campaign_adapters.cli.ids import inbox_named
    from campaign_core import INBOXES, UnknownInbox

    inbox_id = inbox_named(kernel, inbox)
    if kernel.view(INBOXES).get(inbox_id) is None:
        raise UnknownInbox(inbox_id)
    return inbox_id


def _shown(inbox_id: UUID, settings: SmtpSettings, heading: str) -> Answer:
    """The settings without what is secret."""
    signed = settings.dkim_domain is not None
    plain: dict[str, Any] = {
        "host": settings.host,
        "port": settings.port,
        "security": settings.security.value,
        "user": settings.username,
        "dkim_selector": settings.dkim_selector,
        "dkim_domain": settings.dkim_domain,
    }
    who = f"as {settings.username}" if settings.username is not None else "without a login"
    signature = f", signed for {settings.dkim_domain}" if signed else ""
    told = f"{heading}It sends through {settings.host}:{settings.port} ({settings.security.value}) {who}{signature}."
    return Answer({"inbox_id": str(inbox_id), "smtp": plain}, told)
