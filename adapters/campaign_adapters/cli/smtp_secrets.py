"""Where do SMTP settings of inboxes lie, and is everything there that reading them needs?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from campaign_adapters.secret_key import secret_key
from campaign_core import Kernel, MisuseError

if TYPE_CHECKING:
    from campaign_adapters.smtp.secrets import SmtpSecrets


def secrets_of(kernel: Kernel) -> SmtpSecrets:
    """The SMTP settings of the inboxes of the workspace, opened with the key of the environment.

    Raises:
        MisuseError: there is no key, it is none, or a package is missing.
    """
    try:
        from campaign_adapters.smtp.secrets import SMTP_SETTINGS, SmtpSecrets
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("campaign_"):
            raise
        sentence = f"Sending over SMTP needs {missing.name}; install it with: pip install 'campaign-core[smtp]'."
        raise MisuseError(sentence) from missing
    return SmtpSecrets(kernel.shelf(SMTP_SETTINGS), secret_key())
