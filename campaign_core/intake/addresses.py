"""What is an e-mail address, in email-validator's judgement, without asking the DNS. Source: RFC 5321, 5322, 6531.

Nearly every address in a lead file is plain: ASCII, letters and digits with a few marks, a domain of ordinary labels.
For those one regular expression gives the same verdict at a fiftieth of the cost; everything else is left to
email-validator.
"""

from __future__ import annotations

import re
from typing import Final

_BLANK: Final = r"[\s\u200b-\u200d\u2060\ufeff]+"
_AROUND: Final = re.compile(f"^{_BLANK}|{_BLANK}$")
#: A subset of what email-validator accepts. Labels with two hyphens in a row may be IDNA and are not plain.
_PLAIN: Final = re.compile(
    r"([A-Za-z0-9_+\-]+(?:\.[A-Za-z0-9_+\-]+)*)"
    r"@((?:[A-Za-z0-9](?:-?[A-Za-z0-9]){0,62}\.)+([A-Za-z]{2,63}))\Z"
)
#: RFC 5321 4.5.3.1 bounds the local part and each label, email-validator the whole.
_LOCAL: Final = 64
_LABEL: Final = 63
_WHOLE: Final = 254
#: Last labels that email-validator refuses or may refuse. Source: RFC 6761, the IANA registry of special-use domains.
_SPECIAL: Final = frozenset({"alt", "arpa", "example", "internal", "invalid", "local", "localhost", "onion", "test"})


def trimmed(address: str) -> str:
    """The address without white space, U+200B to U+200D, U+2060 and U+FEFF around it."""
    return _AROUND.sub("", address)


def plain(address: str) -> str | None:
    """The normalised address where it is plain and therefore valid; None where email-validator has to say."""
    match = _PLAIN.match(address)
    if match is None:
        return None
    local, domain, last = match.groups()
    if len(address) > _WHOLE or len(local) > _LOCAL:
        return None
    if last.lower() in _SPECIAL or (len(domain) > _LABEL and max(map(len, domain.split("."))) > _LABEL):
        return None
    return f"{local}@{domain.lower()}"


def refusal(address: object) -> str | None:
    """Why this is no address, in one sentence; None if it is one."""
    if not isinstance(address, str):
        return "must be an e-mail address, as text"
    try:
        normalised(address)
    except ValueError as wrong:
        return f"must be an e-mail address: {str(wrong).rstrip('.')}"
    return None


def normalised(address: str) -> str:
    """The address as it is stored: trimmed, the domain in lower case, Unicode in its composed form.

    Raises:
        ValueError: it is no address; the text says why.
    """
    known = plain(address)
    if known is not None:
        return known
    from email_validator import validate_email

    return validate_email(trimmed(address), check_deliverability=False).normalized


def key_of(address: str) -> str:
    """What two spellings of one address have in common: the normalised address in lower case."""
    return address.lower()
