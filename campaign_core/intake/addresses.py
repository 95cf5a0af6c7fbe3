"""What is an e-mail address, in email-validator's judgement, without asking the DNS. Source: RFC 5321, 5322, 6531."""

from __future__ import annotations

import re
from typing import Final

#: White space and the zero-width characters that spreadsheets and web pages leave around an address.
_BLANK: Final = r"[\s\u200b-\u200d\u2060\ufeff]+"
_AROUND: Final = re.compile(f"^{_BLANK}|{_BLANK}$")


def trimmed(address: str) -> str:
    """The address without white space, U+200B to U+200D, U+2060 and U+FEFF around it."""
    return _AROUND.sub("", address)


def refusal(address: str) -> str | None:
    """Why this is no address, in one sentence; None if it is one."""
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(trimmed(address), check_deliverability=False)
    except EmailNotValidError as wrong:
        return f"must be an e-mail address: {str(wrong).rstrip('.')}"
    return None


def normalised(address: str) -> str:
    """The address as it is stored.

    Raises:
        ValueError: it is no address.
    """
    from email_validator import validate_email

    return validate_email(trimmed(address), check_deliverability=False).normalized


def key_of(address: str) -> str:
    """What two spellings of one address have in common: the normalised address in lower case."""
    return address.lower()
