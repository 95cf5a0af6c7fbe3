"""Mail that leaves over SMTP: submission to the server of each inbox, DKIM, and the settings kept encrypted."""

from campaign_adapters.smtp.checking import check_login
from campaign_adapters.smtp.settings import Security, SmtpSettings
from campaign_adapters.smtp.transport import SmtpTransport

__all__ = ["Security", "SmtpSettings", "SmtpTransport", "check_login"]
