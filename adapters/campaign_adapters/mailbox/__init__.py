"""The accounts that replies come to: how they are reached, kept encrypted. Nothing reads them yet."""

from campaign_adapters.mailbox.settings import ImapSettings

__all__ = ["ImapSettings"]
