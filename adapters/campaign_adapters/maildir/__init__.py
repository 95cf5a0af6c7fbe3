"""Mail that leaves into a folder: for trying a campaign out, for tests, and for a mail server that collects from there."""

from campaign_adapters.maildir.transport import MaildirTransport

__all__ = ["MaildirTransport"]
