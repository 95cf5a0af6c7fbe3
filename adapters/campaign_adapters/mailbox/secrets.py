"""Where are the IMAP settings of an inbox kept? In a register of their own, sealed."""

from __future__ import annotations

from typing import Final

from campaign_adapters.mailbox.settings import ImapSettings
from campaign_adapters.sealing import Sealed, Secrets, Shelf
from campaign_core.log.records import Register

#: By the inbox's id, in each workspace.
IMAP_SETTINGS: Final = Register("imap_settings", Sealed)


class ImapSecrets(Secrets[ImapSettings]):
    """The IMAP settings of the inboxes of one workspace. Threads may share it."""

    def __init__(self, shelf: Shelf, key: bytes) -> None:
        """Takes the shelf of `IMAP_SETTINGS` and the key of `secret_key`, 32 bytes."""
        super().__init__(shelf, key, ImapSettings, "IMAP", purpose="imap")
