"""What a lead can be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from attrs import field, frozen

from campaign_core.checks import UNSET, Unset, identity, ruled
from campaign_core.fields import EMAIL, MAX_NAME_CHARACTERS, STANDARD_FIELDS, field_name
from campaign_core.intake.columns import cell_rule

#: The rule of a value given by hand.
VALUE: Final = ruled(cell_rule, optional=True)


def custom_rule(value: Any) -> str | None:
    """What is wrong with custom fields; None where they are right."""
    if not isinstance(value, Mapping):
        return "must map names of custom fields to text"
    for name, cell in value.items():
        if not isinstance(name, str) or cell_rule(name) is not None or not _fits(name):
            return f"must name each field by 1 to {MAX_NAME_CHARACTERS} characters; {name!r} does not"
        if field_name(name) in STANDARD_FIELDS:
            return f"{field_name(name)!r} is no custom field; give it as the field of that name"
        wrong = None if cell is None else cell_rule(cell)
        if wrong is not None:
            return f"must be right for each field; {name!r} {wrong}"
    if len({field_name(name) for name in value}) != len(value):
        return "must name each field once"
    return None


def _fits(name: str) -> bool:
    return 1 <= len(field_name(name)) <= MAX_NAME_CHARACTERS >= len(name)


@frozen
class ReviseLead:
    """Changes values of one lead: what is given is set, None and blank text take a value away, the rest stays.

    The address of a lead never changes.

    Raises when handled: UnknownCampaign, UnknownLead, IllegalTransition.
    """

    campaign_id: UUID = field(metadata=identity())
    #: The lead's public id.
    lead_id: UUID = field(metadata=identity())
    first_name: str | Unset | None = field(default=UNSET, kw_only=True, metadata=VALUE)
    last_name: str | Unset | None = field(default=UNSET, kw_only=True, metadata=VALUE)
    company: str | Unset | None = field(default=UNSET, kw_only=True, metadata=VALUE)
    #: Name of a custom field to its value; names of fields are read as headers of a file are.
    custom_fields: Mapping[str, str | None] = field(factory=dict, kw_only=True, metadata=ruled(custom_rule))

    def changes(self) -> Iterator[tuple[str, str | None]]:
        """Field name and new value of everything given; None takes a value away."""
        for name in STANDARD_FIELDS:
            if name != EMAIL and not isinstance(getattr(self, name), Unset):
                yield name, getattr(self, name)
        for name, value in self.custom_fields.items():
            yield field_name(name), value


LeadCommand = ReviseLead
