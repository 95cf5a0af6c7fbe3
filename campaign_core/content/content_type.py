"""How the text of a mail is to be read. Source: reference section 8."""

from __future__ import annotations

from enum import Enum


class ContentType(Enum):
    """How the text of a mail is to be read."""

    PLAINTEXT = "plaintext"
    HTML = "html"
    RAW_HTML = "raw_html"
