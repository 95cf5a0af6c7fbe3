"""The fields of a lead: what they are called. Source: reference sections 7.3, 11.1 and 20.5."""

from __future__ import annotations

from typing import Final

EMAIL: Final = "email"
#: The fields every lead may have; any other is a custom field.
STANDARD_FIELDS: Final = (EMAIL, "first_name", "last_name", "company")
MAX_NAME_CHARACTERS: Final = 255
_CUSTOM: Final = "custom_"


def field_name(header: str) -> str:
    """The field a column fills: trimmed, case-folded, white space to `_`, without any leading `custom_`.

    The name of a field is its own name: what is exported under it comes back to it.
    """
    name = "_".join(header.split()).casefold()
    while name.startswith(_CUSTOM):
        name = name.removeprefix(_CUSTOM)
    return name
