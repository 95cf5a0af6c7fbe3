"""Where are the SMTP settings of an inbox kept? In a register of their own, sealed."""

from __future__ import annotations

from typing import Final

from campaign_adapters.sealing import Sealed, Secrets, Shelf
from campaign_adapters.smtp.settings import SmtpSettings
from campaign_core.log.records import Register

#: By the inbox's id, in each workspace.
SMTP_SETTINGS: Final = Register("smtp_settings", Sealed)


class SmtpSecrets(Secrets[SmtpSettings]):
    """The SMTP settings of the inboxes of one workspace. Threads may share it."""

    def __init__(self, shelf: Shelf, key: bytes) -> None:
        """Takes the shelf of `SMTP_SETTINGS` and the key of `secret_key`, 32 bytes."""
        super().__init__(shelf, key, SmtpSettings, "SMTP")
